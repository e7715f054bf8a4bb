"""What is in view, on paper or as PDF: the table that has the keyboard or is the place's own, or the chart."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPdfWriter

from auditor.gui.printing import Sheet
from auditor.gui.printing import landscape
from auditor.gui.printing import print_image
from auditor.gui.printing import print_sheet

if TYPE_CHECKING:
    from auditor.gui.window import MainWindow


class Paper(QObject):
    """Prints for a window. Paper is asked for first; PDF is written off the window's thread."""

    def __init__(self, window: "MainWindow") -> None:
        """Print what `window` shows."""
        super().__init__(window)
        self._window = window

    def print(self) -> None:
        """Ask for a printer and print."""
        # Here rather than above: finding the printers takes time, and few print.
        from PySide6.QtPrintSupport import QPrintDialog  # noqa: PLC0415
        from PySide6.QtPrintSupport import QPrinter  # noqa: PLC0415

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        landscape(printer)
        dialog = QPrintDialog(printer, self._window)

        # Printing may only begin once the printer is chosen: the one dialog that the program waits for.
        if dialog.exec():
            table = self._table()
            if table is None:
                print_image(self._window.charts.picture.image, self._foot(), printer)
            else:
                print_sheet(table, printer)

    def ask_pdf(self) -> None:
        """Ask for a file."""
        self._window.files.ask_pdf(self._title())

    def save(self, path: Path) -> None:
        """Write what is in view as PDF; the bar tells where it is."""
        table, image, foot = self._table(), self._window.charts.picture.image, self._foot()
        workspace = self._window.context.workspace

        def work() -> Path:
            writer = QPdfWriter(str(path))
            landscape(writer)
            if table is None:
                print_image(image, foot, writer)
            else:
                print_sheet(table, writer)
            return path

        workspace.compute(work, workspace.saved.emit)

    def _table(self) -> Sheet | None:
        table = None if self._window.place == "charts" else self._window.commands.table_in_view()
        return table.sheet(self._title(), self._foot()) if table is not None else None

    def _title(self) -> str:
        return self._window.context.speech.text(f"places.{self._window.place}")

    def _foot(self) -> str:
        opened = self._window.context.workspace.opened
        return opened.account.name if opened else ""
