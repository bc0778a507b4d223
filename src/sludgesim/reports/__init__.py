"""What people read: the terminal's tables, the files of `--out`, the workbook and the page."""

from sludgesim.reports.output import write, write_study

__all__ = ["write", "write_study"]
