"""What other programs are to open: a workbook that was saved, a file that is attached."""

from pathlib import Path

# What a desktop shows. Of anything else, which it may run, the folder is opened: whoever made the audit attached it.
_SHOWN = frozenset(
    (
        *(".pdf", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic"),
        *(".txt", ".csv", ".tsv", ".json", ".xml", ".toml", ".eml", ".msg"),
        *(".xlsx", ".xls", ".xlsb", ".ods", ".docx", ".doc", ".odt", ".pptx"),
    )
)


def open_attached(path: Path) -> None:
    """Open a file that came with an audit, or its folder where to open it could be to run it."""
    open_outside(path if path.suffix.lower() in _SHOWN else path.parent)


def open_outside(path: Path) -> None:
    """Open a file or folder as the desktop does."""
    from PySide6.QtCore import QUrl  # noqa: PLC0415 - the start does without
    from PySide6.QtGui import QDesktopServices  # noqa: PLC0415 - the start does without

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
