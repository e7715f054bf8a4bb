"""What is in view, on paper or as PDF: the table or timeline that has the keyboard, the place's own table, or chart."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtGui import QPagedPaintDevice
from PySide6.QtGui import QPdfWriter

from auditor.gui.differences.timeline import ThreadTimeline
from auditor.gui.tables.printing import Sheet
from auditor.gui.tables.printing import landscape
from auditor.gui.tables.printing import print_image
from auditor.gui.tables.printing import print_sheet
from auditor.writers.whole_file import whole_file

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from auditor.gui.tables.table import Table
    from auditor.gui.window import MainWindow

Drawing: TypeAlias = Callable[[QPagedPaintDevice], object]


class Paper(QObject):
    """Prints for a window. Paper is asked for first; PDF is written off the window's thread.

    Paper is handed on: customers are masked on it, unless the menu says otherwise.
    """

    def __init__(self, window: "MainWindow") -> None:
        """Print what `window` shows."""
        super().__init__(window)
        self._window = window
        # What was in view when paper was asked for, None for a chart: a dialog takes the keyboard from it.
        self._shown: Table | ThreadTimeline | None = None

    def print(self) -> None:
        """Ask for a printer and print."""
        # Here rather than above: finding the printers takes time, and few print.
        from PySide6.QtPrintSupport import QPrintDialog  # noqa: PLC0415
        from PySide6.QtPrintSupport import QPrinter  # noqa: PLC0415

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        landscape(printer)
        dialog = QPrintDialog(printer, self._window)

        # Printing may only begin once the printer is chosen: the one dialog that the program waits for.
        if self.is_anything() and dialog.exec():
            self._bring(lambda draw: self._put_on_paper(draw, printer))

    def _put_on_paper(self, draw: Drawing, printer: "QPrinter") -> None:
        """Print, and say so: the printer may stand in another room."""
        draw(printer)
        speech, file = self._window.context.speech, printer.outputFileName()
        name = Path(file).name if file else printer.printerName()
        self._window.tell(speech.text("message.printed", name=name))

    def ask_pdf(self) -> None:
        """Ask for a file."""
        if self.is_anything():
            self._window.files.ask_pdf(self._title())

    def save(self, path: Path) -> None:
        """Write what was in view when a file was asked for as PDF; the bar tells where it is."""
        workspace = self._window.context.workspace

        def write(draw: Drawing) -> None:
            def work() -> Path:
                with whole_file(path) as working:
                    writer = QPdfWriter(str(working))
                    landscape(writer)
                    draw(writer)
                    # Only without its writer is the file complete.
                    del writer
                return path

            workspace.compute(work, workspace.saved.emit)

        self._bring(write)

    def is_anything(self) -> bool:
        """Tell whether there is anything to print in view; say so where there is nothing."""
        charts = self._window.place == "charts"
        self._shown = (
            None if charts else self._window.commands.timeline_in_view() or self._window.commands.table_in_view()
        )
        if charts:
            found = not self._window.charts.picture.image.isNull()
        elif isinstance(self._shown, ThreadTimeline):
            found = self._shown.sheet("") is not None
        else:
            found = self._shown is not None and self._shown.model().rowCount() > 0
        if not found:
            self._window.tell(self._window.context.speech.text("message.no_table"))
        return found

    def _bring(self, done: Callable[[Drawing], object]) -> None:
        """Hand what draws what is in view to `done`, as soon as all of it is there."""
        foot, shown, customers = self._foot(), self._shown, self._window.actions_.by_key["customers"].isChecked()
        if shown is None:
            self._window.charts.bring_image(lambda image: done(lambda device: print_image(image, foot, device)))
        elif isinstance(shown, ThreadTimeline):
            sheet = shown.sheet(foot, customers=customers)
            if sheet is not None:
                done(sheet.print)
        else:
            self._bring_table(shown, foot, done, customers=customers)

    def _bring_table(self, table: "Table", foot: str, done: Callable[[Drawing], object], *, customers: bool) -> None:
        """Hand on what prints a table."""

        def taken(sheet: Sheet) -> None:
            done(lambda device: print_sheet(sheet, device))

        detail = self._window.reconciliation.detail
        title = [self._title(), detail.subject(table) if detail.isAncestorOf(table) else ""]
        table.bring_sheet(" · ".join(filter(None, title)), foot, taken, customers=customers)

    def _title(self) -> str:
        """Name the place, and what in it is printed."""
        place = self._window.context.speech.text(f"places.{self._window.place}")
        return " · ".join(dict.fromkeys([place, self._shown.accessibleName() if self._shown else place]))

    def _foot(self) -> str:
        opened = self._window.context.workspace.opened
        return opened.account.name if opened else ""
