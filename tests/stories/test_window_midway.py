"""In the middle of the work: another language and other colours, a page for the file, a copy for the colleague."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.stories.hands import LONG
from tests.stories.hands import click
from tests.stories.hands import click_row
from tests.stories.hands import first_evidence
from tests.stories.hands import name_file
from tests.stories.hands import settled

if TYPE_CHECKING:
    from auditor.gui.tables.printing import Sheet

_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_that_language_and_colours_change_in_the_middle_of_the_work_and_nothing_of_it_is_lost(
    qtbot: QtBot, sample: MainWindow
) -> None:
    lines = sample.reconciliation
    QTest.keyClicks(lines.filter.text, "chile")
    click_row(lines.table, 1)
    key = lines.selected_lines()[0].record.difference.key
    QTest.keyClicks(lines.detail.decision.note, "ver el contrato")
    before = lines.model.rowCount()
    for name in ("language_en", "theme_dark"):
        sample.actions_.by_key[name].trigger()
        settled(qtbot, sample)
    assert lines.filter.text.text() == "chile"
    assert lines.model.rowCount() == before
    assert [row.record.difference.key for row in lines.selected_lines()] == [key]
    assert lines.detail.decision.note.text() == "ver el contrato"
    assert "Why it differs" in lines.detail.why.text()
    assert sample.context.appearance.theme.muted in lines.detail.why.text()
    assert {row.texts[lines.model.place_of("market")] for row in lines.model.rows} == {"Chile"}
    # What was typed is still entered, on the line it was typed for.
    QTest.keyClick(lines.detail.decision.note, Qt.Key.Key_Return)
    settled(qtbot, sample)
    opened = sample.context.workspace.opened
    assert opened is not None
    assert opened.decisions[key].note == "ver el contrato"
    assert opened.undo_name == "annotate"
    assert sample.actions_.by_key["undo"].text() == "&Undo: Write a note"


def test_that_a_table_goes_on_paper_as_it_is_narrowed_and_a_chart_beside_it(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    lines, put_down = sample.reconciliation, tmp_path / "lineas.pdf"
    QTest.keyClicks(lines.filter.text, "chile")
    click_row(lines.table, 0)
    printed: list[Sheet] = []
    lines.table.bring_sheet("Líneas", "", printed.append)
    QTest.keyClick(sample, Qt.Key.Key_P, _CONTROL | _SHIFT)
    name_file(qtbot, sample, put_down)
    qtbot.waitUntil(lambda: "lineas.pdf" in lines.bar.label.text(), timeout=LONG)
    assert put_down.read_bytes().startswith(b"%PDF-")
    # Four lines of Chile, each with its difference beside its head: 14.31 is the marketing that was billed twice.
    (sheet,) = printed
    assert [row[1] for row in sheet.rows] == ["Chile"] * 4
    place = list(sheet.heads).index("Diferencia, USD")
    assert sheet.rows[0][place] == "+14.31"
    # 14.31 + 2.94 + 0.56 + 0.46
    assert (sheet.total[0], sheet.total[place]) == ("Total", "+18.27")

    sample.actions_.by_key["theme_dark"].trigger()
    click(sample.top.tabs["charts"])
    qtbot.waitUntil(lambda: not sample.charts.picture.image.isNull(), timeout=LONG)
    settled(qtbot, sample)
    QTest.keyClick(sample, Qt.Key.Key_P, _CONTROL | _SHIFT)
    name_file(qtbot, sample, tmp_path / "puente.pdf")
    qtbot.waitUntil(lambda: "puente.pdf" in sample.charts.bar.label.text(), timeout=LONG)
    # A picture of a whole page is there, and not a head alone.
    assert (tmp_path / "puente.pdf").stat().st_size > 100_000


def test_that_a_copy_without_the_customers_is_handed_on_and_holds_where_it_is_opened(
    qtbot: QtBot, sample: MainWindow, tmp_path: Path
) -> None:
    lines = sample.reconciliation
    click_row(lines.table, 0)
    click(lines.detail.decision.dispute)
    settled(qtbot, sample)
    billed = lines.footer.figures["invoiced"].text()
    QTest.keyClick(sample, Qt.Key.Key_S, _CONTROL | _SHIFT)
    send = sample.sign_off.hand_over.send
    assert send.without_people.isChecked()
    click(send.save)
    name_file(qtbot, sample, tmp_path / "para revisar.audit")
    qtbot.waitUntil((tmp_path / "para revisar.audit").exists, timeout=LONG)
    settled(qtbot, sample)

    sample.open(tmp_path / "para revisar.audit")
    settled(qtbot, sample)
    qtbot.waitUntil(lambda: sample.place == "reconciliation", timeout=LONG)
    assert lines.footer.figures["invoiced"].text() == billed
    assert lines.model.rows[0].record.decision.decision == "disputed"
    QTest.keyClick(sample, Qt.Key.Key_F5, _CONTROL)
    settled(qtbot, sample)
    assert "La auditoría se sostiene" in sample.sign_off.hand_over.proof.said.text()
    # No customer can be recognised: what stands in their place is no number to call.
    click(sample.top.tabs["reconciliation"])
    row = first_evidence(qtbot, sample)
    log = tmp_path / "user" / "sample" / "messages.csv"
    assert str(row.record.user) not in log.read_text(encoding="utf-8")
