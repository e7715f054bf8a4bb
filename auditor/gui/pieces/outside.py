"""What other programs are to open: a workbook that was saved, a file that is attached."""

from pathlib import Path


def open_outside(path: Path) -> None:
    """Open a file or folder as the desktop does."""
    from PySide6.QtCore import QUrl  # noqa: PLC0415 - the start does without
    from PySide6.QtGui import QDesktopServices  # noqa: PLC0415 - the start does without

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
