"""The note of a line: what is typed is kept, however the line is left."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.core.results import Status
from auditor.gui.application import make_window
from auditor.gui.context import Context
from auditor.gui.differences.decision_card import DecisionCard
from auditor.gui.tables.lines import line_rows
from auditor.gui.window import MainWindow
from auditor.gui.words import Words
from auditor.language import Language
from auditor.settings import Preferences
from auditor.verbs import Decision
from tests.gui.conftest import FAKE
from tests.gui.conftest import settle
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result
from tests.gui.test_window import select


def note_of(window: MainWindow, key: str) -> str:
    opened = window.context.workspace.opened
    assert opened is not None
    return opened.decisions[key].note if key in opened.decisions else ""


def typed(window: MainWindow, key: str, text: str) -> DecisionCard:
    """Type a note over a line and press nothing after it."""
    select(window, key)
    card = window.reconciliation.detail.decision
    card.note.clear()
    QTest.keyClicks(card.note, text)
    return card


def test_that_a_note_that_was_not_entered_is_kept_as_another_line_is_gone_to(qtbot: QtBot, opened: MainWindow) -> None:
    card = typed(opened, "line-1", "ask for the card")
    select(opened, "line-2")
    settle(qtbot, opened)
    assert note_of(opened, "line-1") == "ask for the card"
    assert note_of(opened, "line-2") == card.note.text() == ""


def test_that_a_note_that_was_not_entered_is_kept_as_the_window_closes(qtbot: QtBot, opened: MainWindow) -> None:
    card, kept = typed(opened, "line-1", "ask for the card"), list[str]()

    def annotate(keys: Sequence[str], note: str, done: object = None) -> None:
        assert done
        kept.extend((*keys, note))

    opened.context.workspace.annotate = annotate  # type: ignore[method-assign]
    opened.close()
    assert kept == ["line-1", "ask for the card"]
    assert card.note.text() == "ask for the card"


def test_that_a_note_being_typed_outlasts_what_is_done_meanwhile(qtbot: QtBot, opened: MainWindow) -> None:
    card = typed(opened, "line-1", "ask for")
    opened.context.workspace.accept(["line-1"])
    settle(qtbot, opened)
    assert card.note.text() == "ask for"
    QTest.keyClicks(card.note, " the card")
    card.note.returnPressed.emit()
    settle(qtbot, opened)
    assert note_of(opened, "line-1") == "ask for the card"


def test_that_a_note_being_typed_is_there_again_where_the_program_was_ended(
    qtbot: QtBot, opened: MainWindow, preferences: Preferences, tmp_path: Path
) -> None:
    card, path = typed(opened, "line-1", "ask for the"), tmp_path / "andina.audit"
    qtbot.waitUntil(lambda: preferences.draft(path) is not None)
    assert note_of(opened, "line-1") == ""  # half a sentence is no step of the audit
    again = make_window(Preferences(tmp_path / "settings.json"), FAKE)  # the first one knows of no end
    qtbot.addWidget(again)
    again.show()
    again.open(path)
    qtbot.waitUntil(lambda: note_of(again, "line-1") == "ask for the", timeout=60_000)
    settle(qtbot, again)
    assert "“ask for the”" in again.bar().label.text()
    assert again.actions_.by_key["undo"].text() == "&Undo: Write a note"
    assert again.context.preferences.draft(path) is None
    card.note.fill_in("")  # else it is kept as this window closes


def test_that_of_a_note_that_was_entered_or_taken_back_nothing_is_kept_apart(
    qtbot: QtBot, opened: MainWindow, preferences: Preferences, tmp_path: Path
) -> None:
    path, card = tmp_path / "andina.audit", typed(opened, "line-1", "ask")
    card.note.typed.emit()
    assert preferences.draft(path) == (("line-1",), "ask")
    card.note.returnPressed.emit()
    settle(qtbot, opened)
    assert (note_of(opened, "line-1"), preferences.draft(path)) == ("ask", None)
    card.note.setPlainText("asked")
    card.note.typed.emit()
    assert preferences.draft(path) == (("line-1",), "asked")
    card.note.fill_in("ask")
    card.note.typed.emit()
    assert preferences.draft(path) is None


def test_that_a_note_is_shown_from_its_beginning_and_is_written_once(qtbot: QtBot, opened: MainWindow) -> None:
    card = typed(opened, "line-1", "a reason that is longer than its field is wide, by far")
    card.note.returnPressed.emit()
    card.note.editingFinished.emit()
    settle(qtbot, opened)
    assert card.note.textCursor().position() == 0
    assert opened.actions_.by_key["undo"].text() == "&Undo: Write a note"
    opened.context.workspace.undo()
    settle(qtbot, opened)
    assert (note_of(opened, "line-1"), card.note.text()) == ("", "")


def test_that_a_note_is_seen_on_two_lines_and_is_one_though_pasted_from_several(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.resize(1280, 720)
    card = typed(opened, "line-1", "a reason that is longer than one line of its field is wide")
    assert card.note.height() >= 2 * card.note.fontMetrics().lineSpacing()
    assert card.note.width() > card.width() * 0.85
    QTest.keyClick(card.note, Qt.Key.Key_Tab)
    assert not card.note.hasFocus()
    card.note.setPlainText("ask for\nthe card")
    QTest.keyClick(card.note, Qt.Key.Key_Return)
    settle(qtbot, opened)
    assert note_of(opened, "line-1") == "ask for the card"


def test_that_of_several_lines_those_that_agree_are_not_disputed(qtbot: QtBot, context: Context) -> None:
    card, result = DecisionCard(context), sample_result()
    qtbot.addWidget(card)
    first, second = (line for line in result.differences[:3] if line.difference)
    agreeing = replace(second, billed=second.expected, difference=Decimal(0), causes=())
    rows = line_rows(replace(result, differences=(first, agreeing)), {}, Words(Language("en"), ACCOUNT))
    asked: list[str] = []
    context.workspace.dispute = asked.extend  # type: ignore[method-assign, assignment]
    card.show_rows(rows)
    card.dispute.click()
    assert asked == [first.key]
    card.show_rows(rows[1:])  # alone it is meant
    card.dispute.click()
    assert asked == [first.key, second.key]


def test_that_what_is_expected_without_an_invoice_is_neither_accepted_nor_disputed(
    qtbot: QtBot, context: Context
) -> None:
    card, result = DecisionCard(context), sample_result()
    qtbot.addWidget(card)
    accrued = tuple(
        replace(line, status=Status.NOT_COMPARABLE, lines=(), billed=Decimal(0), difference=Decimal(0), causes=())
        for line in result.differences
    )
    words = Words(Language("en"), ACCOUNT)
    card.show_rows(line_rows(replace(result, differences=accrued, invoice_lines=()), {}, words))
    assert card.title.text() == "Nothing to decide yet"
    assert [each.isEnabled() for each in (card.accept, card.dispute, card.cause, card.clear, card.note)] == [
        False, False, False, False, True,
    ]  # fmt: skip
    noted = {accrued[0].key: Decision(note="ask in November")}
    card.show_rows(line_rows(replace(result, differences=accrued, invoice_lines=()), noted, words)[:1])
    assert card.clear.isEnabled()  # there is something to take back
    # Beside lines that are held against an invoice, the decision is on those alone.
    differing = tuple(line for line in result.differences if line.difference)[:2]
    mixed = replace(result, differences=(*differing, *accrued[2:]))
    both, decided = line_rows(mixed, {}, words), list[str]()
    context.workspace.dispute = decided.extend  # type: ignore[method-assign, assignment]
    card.show_rows(both)
    card.dispute.click()
    assert card.title.text() == "Your decision on 2 lines"
    assert sorted(decided) == sorted(line.key for line in differing)
