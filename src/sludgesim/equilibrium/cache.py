"""Whether the compiled kernels lie ready on disk, and that stale ones are not used."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_OPTIONS = Path(__file__).with_name("compilation.py")  # which every kernel is compiled with
SOURCES = [
    Path(__file__).parent / name
    for name in ("workspace.py", "linear_programme.py", "components.py", "interior_point.py",
                 "flat.py", "polish.py", "kernel.py")
]  # fmt: skip


def is_cached(dispatcher: Any, sources: Sequence[Path] = SOURCES) -> bool:
    """Tell whether a kernel lies compiled on disk, made from these sources; best effort."""
    try:
        return bool(_cache(dispatcher)._cache_file._load_index()) and _stamp_fits(
            dispatcher, sources
        )
    except (AttributeError, OSError):
        return False


def forget_stale_kernels(dispatcher: Any, sources: Sequence[Path] = SOURCES) -> None:
    """Empty numba's cache of `dispatcher` if any of its sources has changed since it was made.

    numba looks at the file of the outermost function only; the kernels are spread over several.
    """
    try:
        if not _stamp_fits(dispatcher, sources):
            _cache(dispatcher).flush()
            path = _stamp_path(dispatcher)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_fingerprint(sources))
    except (AttributeError, OSError):
        return  # no cache that could be stale, or none that could be written


def _cache(dispatcher: Any) -> Any:
    return dispatcher._cache


def _stamp_path(dispatcher: Any) -> Path:
    name = dispatcher.py_func.__name__
    return Path(_cache(dispatcher).cache_path) / f"sludgesim-{name}.sha256"


def _stamp_fits(dispatcher: Any, sources: Sequence[Path]) -> bool:
    path = _stamp_path(dispatcher)
    return path.exists() and path.read_text() == _fingerprint(sources)


def _fingerprint(sources: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in (_OPTIONS, *sources))).hexdigest()
