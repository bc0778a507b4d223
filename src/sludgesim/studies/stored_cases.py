"""Cases that lie in Parquet files, read by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

WORDS = ("scenario", "route", "status", "reason")  # few different texts in many rows


@dataclass(frozen=True, eq=False)
class StoredCases:
    """The table of all cases of a study, in files: a DataFrame of which columns are read.

    `table["ghg"]` and `table[["route", "ghg"]]` read these columns of all cases, texts as
    categories; one column of numbers takes 8 bytes a row.
    """

    files: Sequence[Path]
    columns: Sequence[str]
    length: int

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    @overload
    def __getitem__(self, names: str) -> pd.Series: ...

    @overload
    def __getitem__(self, names: list[str]) -> pd.DataFrame: ...

    def __getitem__(self, names: str | list[str]) -> pd.Series | pd.DataFrame:
        if isinstance(names, str):
            return self._read([names])[names]
        return self._read(names)

    def _read(self, names: list[str]) -> pd.DataFrame:
        import pyarrow as pa

        table = pa.concat_tables([_read(f, names) for f in self.files]).unify_dictionaries()
        return table.to_pandas()

    def parts(self, names: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns, file by file."""
        for file in self.files:
            yield _read(file, list(names)).to_pandas()

    def drop(self, columns: Sequence[str]) -> StoredCases:
        """The table without some columns."""
        return replace(self, columns=[c for c in self.columns if c not in columns])


Cases = pd.DataFrame | StoredCases


def frames(table: Cases, names: Sequence[str]) -> Iterable[pd.DataFrame]:
    """Some columns of a table of cases, in parts that memory can hold."""
    return table.parts(names) if isinstance(table, StoredCases) else [table[list(names)]]


def _read(file: Path, names: list[str]) -> pa.Table:
    import pyarrow.parquet as pq

    words = [n for n in names if n in WORDS]
    with pq.ParquetFile(file, read_dictionary=words) as opened:
        return opened.read(columns=names).select(names)
