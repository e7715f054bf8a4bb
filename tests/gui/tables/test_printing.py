"""Paper: figures whole whatever the number of columns, every row once, the table that is meant, charts on white."""

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer
from PySide6.QtCore import QIODevice
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtGui import QImage
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPdfWriter
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from auditor.core.report.facts import mask_user
from auditor.gui.context import Context
from auditor.gui.differences.thread_sheet import ThreadSheet
from auditor.gui.reading.seen_rows import RowsModel
from auditor.gui.tables.printing import Sheet
from auditor.gui.tables.printing import _SheetPrinter
from auditor.gui.tables.printing import landscape
from auditor.gui.tables.record_model import ROW_ROLE
from auditor.gui.tables.table import Table
from auditor.gui.window import MainWindow
from auditor.verbs.seen import SeenRow
from tests.gui.conftest import settle

SOURCE = "Meta's rates in USD, in force from 1 October 2026, as downloaded on 9 October 2026; a second copy agrees"


def pages_of(sheet: Sheet) -> tuple[_SheetPrinter, list[range]]:
    """Lay a sheet out and print it; give what did so and the rows of each page."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    landscape(device)
    painter = QPainter(device)
    printer = _SheetPrinter(sheet, device, painter)
    pages = printer.print_all()
    painter.end()
    return printer, pages


def page_of(sheet: ThreadSheet | None) -> QImage:
    """Draw a printed thread as an image."""
    assert sheet is not None
    image = QImage(960, 640, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    sheet._draw(painter, 640)
    painter.end()
    return image


def test_that_no_figure_is_cut_on_paper_however_many_columns_there_are(qtbot: QtBot) -> None:
    figures = ["1,234,567.89", "0.0703", "-12.3456"] * 5
    texts = ["Authentication-International", SOURCE]
    heads = ["Invoiced, USD", "Rate expected", "Not explained, USD"] * 5 + ["Category", "Source"]
    sheet = Sheet("Rates", "Andina", heads, [[*figures, *texts]] * 3, [True] * 15 + [False] * 2)
    printer, pages = pages_of(sheet)
    assert pages == [range(3)]
    for figure, width in zip(figures, printer._widths, strict=False):
        assert printer._metrics.horizontalAdvance(figure) < width
    assert sum(printer._widths) <= printer._page.width() + 1
    # The text that has no room on one line takes several, and its row their height.
    assert printer._heights[0] > 2 * printer._metrics.height()


def test_that_a_text_is_not_broken_where_the_page_has_room_for_it(qtbot: QtBot) -> None:
    printer, _ = pages_of(Sheet("Rates", "Andina", ["Market", "Source"], [["Peru", SOURCE]], [False, False]))
    assert printer._metrics.horizontalAdvance(SOURCE) > printer._page.width() * 0.34
    assert printer._heights[0] < 2 * printer._metrics.height()
    assert sum(printer._widths) <= printer._page.width() + 1


def test_that_a_long_title_is_set_in_smaller_letters_and_stays_on_the_page(qtbot: QtBot) -> None:
    printer, _ = pages_of(Sheet("Rates", "Andina", ["Row"], [["1"]], [True]))
    assert printer._title_font().pointSizeF() == 12
    title = (
        "Reconciliation · Charges behind the line · Andina · Oct 2026 · Chile · Marketing · 161 messages · in USD"
        + " · Andina" * 8
    )
    printer, _ = pages_of(Sheet(title, "Andina", ["Row"], [["1"]], [True]))
    font = printer._title_font()
    assert 7 <= font.pointSizeF() < 12
    assert QFontMetricsF(font, printer._device).horizontalAdvance(title) <= printer._page.width()


def test_that_every_row_is_on_one_page_however_high_it_is(qtbot: QtBot) -> None:
    rows = [[str(n), SOURCE * (1 + n % 7)] for n in range(300)]
    printer, pages = pages_of(Sheet("Rates", "Andina", ["Row", "Source"], rows, [True, False]))
    assert [place for page in pages for place in page] == list(range(300))
    assert len(pages) > 10
    assert len(set(printer._heights)) > 1


def test_that_what_the_rows_come_to_stands_under_the_last_of_them(qtbot: QtBot) -> None:
    rows = [[str(n), "1.00"] for n in range(100)]
    printer, pages = pages_of(Sheet("Lines", "Andina", ["Row", "Billed"], rows, [False, True], ["Total", "100.00"]))
    assert len(pages) > 1
    assert [place for page in pages for place in page] == list(range(101))  # the total is the last, and once
    assert printer._bold_metrics.horizontalAdvance("100.00") < printer._widths[1]


def test_that_a_column_in_which_nothing_stands_is_not_printed() -> None:
    sheet = Sheet("Lines", "Andina", ["Status", "Note", "Rate"], [["a", "", "—"], ["b", "—", "0.07"]], [False] * 3)
    assert sheet.without_empty() == Sheet(
        "Lines", "Andina", ["Status", "Rate"], [["a", "—"], ["b", "0.07"]], [False] * 2
    )
    bare = Sheet("Lines", "Andina", ["Status", "Note"], [["", "—"]], [False, False])
    assert bare.without_empty() == bare
    assert Sheet("Lines", "Andina", ["Status"], [], [False]).without_empty().heads == ["Status"]


def test_that_a_table_without_rows_is_one_page(qtbot: QtBot) -> None:
    assert pages_of(Sheet("Rates", "Andina", ["Row"], [], [True]))[1] == [range(0)]


def test_that_the_table_that_is_looked_at_is_printed_though_a_dialog_takes_the_keyboard(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    sample.go("sources")
    sample.sources.tabs.setCurrentIndex(3)
    sample.sources.tabs.tabBar().setFocus()
    qtbot.waitUntil(sample.commands.paper.is_anything, timeout=60_000)
    sample.commands.paper.ask_pdf()
    dialog = sample.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles()[0].endswith("Sources · Findings on the invoice's own lines.pdf")
    sample.sources.table.setFocus()
    dialog.fileSelected.emit(str(tmp_path / "findings.pdf"))
    settle(qtbot, sample)
    assert (tmp_path / "findings.pdf").stat().st_size > 0
    assert sample.commands.table_in_view() is sample.sources.table
    # A chart goes on white, however dark the window is.
    sample.context.appearance.choose("dark")
    sample.go("charts")
    picture = sample.charts.picture
    qtbot.waitUntil(
        lambda: not picture.image.isNull() and picture.image.pixelColor(2, 2).lightness() < 100, timeout=60_000
    )
    sample.charts.copy()
    settle(qtbot, sample)
    assert QApplication.clipboard().image().pixelColor(2, 2).lightness() == 255


def test_that_the_timeline_that_has_the_keyboard_is_printed_sharp_and_names_no_customer(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    sample.context.appearance.choose("dark")
    sample.activateWindow()
    qtbot.waitUntil(sample.isActiveWindow)
    lines = sample.reconciliation
    sample.go("reconciliation")
    lines.table.selectRow(0)
    lines.detail.tabs.setCurrentIndex(2)
    timeline = lines.detail.evidence.timeline
    qtbot.waitUntil(lambda: timeline.sheet("") is not None, timeout=60_000)
    assert {action.text() for action in timeline.actions()} == {
        sample.actions_.by_key[key].text() for key in ("print", "save_pdf")
    }
    timeline.setFocus()
    sample.commands.paper.ask_pdf()
    dialog = sample.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles()[0].endswith("Reconciliation · Timeline of the thread.pdf")
    timeline.clearFocus()
    dialog.fileSelected.emit(str(tmp_path / "thread.pdf"))
    settle(qtbot, sample)
    printed = (tmp_path / "thread.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert b"/Subtype /Image" not in printed  # lines and letters alone
    charge, sheet = lines.detail.evidence.table.current_row(), timeline.sheet("Andina")
    assert charge is not None
    assert sheet is not None
    assert sheet._about().startswith(f"{mask_user(charge.record.user)} · ")
    assert charge.record.user not in f"{sheet._about()} {sheet.told}"
    # As light from a dark window as from a light one.
    dark = page_of(sheet)
    sample.context.appearance.choose("light")
    assert sheet.drawing.look.theme.name == "dark"
    assert page_of(timeline.sheet("Andina")) == dark
    assert dark.pixelColor(2, 60).lightness() == 255


@pytest.mark.parametrize("tab", [2, 3])
def test_that_customers_are_masked_on_paper_unless_they_are_wanted_whole(
    qtbot: QtBot, sample: MainWindow, monkeypatch: pytest.MonkeyPatch, tab: int
) -> None:
    brought: list[Sheet] = []
    monkeypatch.setattr("auditor.gui.frame.paper.print_sheet", lambda sheet, _device: brought.append(sheet))
    sample.activateWindow()
    qtbot.waitUntil(sample.isActiveWindow)
    detail, paper = sample.reconciliation.detail, sample.commands.paper
    sample.go("reconciliation")
    sample.reconciliation.table.selectRow(0)
    detail.tabs.setCurrentIndex(tab)
    table = {2: detail.evidence.table, 3: detail.reasons.table}[tab]
    qtbot.waitUntil(lambda: table.model().data(table.model().index(0, 0), ROW_ROLE) is not None, timeout=60_000)
    table.selectRow(0)
    table.setFocus()
    charge = table.current_row()
    assert charge is not None
    for _ in range(2):
        assert paper.is_anything()
        paper._bring(lambda draw: draw(QPdfWriter(QBuffer())))
        settle(qtbot, sample)
        sample.actions_.by_key["customers"].trigger()
    masked, whole = brought
    # Who has the print alone knows which line it is about, and in which currency the charges are.
    assert "Peru · Service" in masked.title
    assert ("amounts in USD" in masked.title) is (tab == 2)
    user, place = charge.record.user, list(masked.heads).index("Customer")
    assert (masked.rows[0][place], whole.rows[0][place]) == (mask_user(user), user)
    assert not any(user in text for row in masked.rows for text in row)  # nor does an id hold it


def test_that_a_log_on_paper_tells_neither_customers_nor_what_was_not_read_of_it(context: Context) -> None:
    row = SeenRow(4, "line", ("x", "51987654321"), {"user": "51987654321", "message_id": "wamid.51987654321"})
    model = RowsModel("seen", context.speech, context.workspace)
    table = Table(model, context.speech, context.preferences)
    printed: list[Sheet] = []
    for of_log in (True, False):
        model.show_rows([row], ("user", "message_id"), {}, context.speech.language, of_log=of_log)
        table.bring_sheet("", "", printed.append)
    # Four first and two last of eleven; of an id that short, nothing.
    assert [sheet.rows for sheet in printed] == [
        [["4", "5198•••••21", "wamid.•••"]],
        [["4", "51987654321", "wamid.51987654321"]],
    ]
    refused = RowsModel("refused", context.speech, context.workspace)
    second = Table(refused, context.speech, context.preferences)
    refused.show_rows([row], (), {}, context.speech.language, of_log=True)
    second.bring_sheet("", "", printed.append)
    assert "51987654321" not in str(printed[-1])
