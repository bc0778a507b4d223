"""What people read: the terminal's tables, the files of `--out`, the workbook and the page."""

from sludgesim.reports.output import left_over, write, write_study

__all__ = ["left_over", "write", "write_study"]
