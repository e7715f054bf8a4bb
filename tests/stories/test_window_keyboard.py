"""The whole cycle by keyboard alone: new audit, files, differences, decisions, signatures, workbook."""

from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.sample import write_sample
from tests.stories.hands import LONG

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def language() -> str:
    """Start in English."""
    return "en"


class Hands:
    """Two hands on a keyboard: keys go to whatever has the focus."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        """Begin at the window."""
        self._qtbot, self._window = qtbot, window

    def press(self, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key and wait for what comes of it."""
        QTest.keyClick(self._focus(), key, keys)
        self.wait()

    def type(self, text: str) -> None:
        """Type a text."""
        QTest.keyClicks(self._focus(), text)
        # A desktop leaves the keyboard to the window beneath a list of suggestions; a display without one does not.
        self._window.activateWindow()
        self._qtbot.waitUntil(self._window.isActiveWindow, timeout=LONG)

    def tab_to(self, wanted: QWidget) -> None:
        """Press Tab until a control has the focus."""
        met = []
        for _ in range(80):
            if QApplication.focusWidget() is wanted:
                return
            met.append(self._focus().accessibleName() or type(self._focus()).__name__)
            QTest.keyClick(self._focus(), Key.Key_Tab)
        raise AssertionError(f"Tab does not reach {wanted.accessibleName()}, but {', '.join(met)}")

    def name_file(self, name: str) -> None:
        """Give a name to the file dialog that is open."""
        self._qtbot.waitUntil(lambda: self._window.findChild(QFileDialog) is not None, timeout=LONG)
        dialog = self._window.findChild(QFileDialog)
        assert dialog is not None
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(field, QLineEdit)
        # Typed letter by letter, the dialog would open its list of suggestions, which takes the keyboard.
        field.setText(name)
        QTest.keyClick(field, Key.Key_Return)
        self._qtbot.waitUntil(lambda: self._window.findChild(QFileDialog) is None, timeout=LONG)
        # A desktop gives the keyboard back to the window beneath; a display without one does not.
        self._window.activateWindow()
        self._qtbot.waitUntil(self._window.isActiveWindow, timeout=LONG)
        self.wait()

    def wait(self) -> None:
        """Wait until nothing is being worked on."""
        worker = self._window.context.workspace.worker
        self._qtbot.waitUntil(lambda: worker.waiting == 0, timeout=LONG)
        QApplication.processEvents()

    def arrive(self, place: str) -> None:
        """Wait for a place, which may be built only now that it is headed for."""
        self._qtbot.waitUntil(lambda: self._window.place == place, timeout=LONG)

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self._window


def test_that_the_whole_cycle_is_done_by_keyboard(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    hands = Hands(qtbot, window)
    sample = write_sample(tmp_path / "files")
    _make_the_audit(hands, window)
    hands.press(Key.Key_O, _CTRL | _SHIFT)
    hands.name_file(f'"{sample.messages}" "{sample.invoice}"')
    assert [row.record.kind for row in window.sources.model.rows] == ["log", "invoice"]

    hands.press(Key.Key_4, _CTRL)
    lines = window.reconciliation
    qtbot.waitUntil(lambda: lines.model.rowCount() > 10, timeout=LONG)
    assert QApplication.focusWidget() is lines.table
    _decide(hands, window)

    hands.press(Key.Key_6, _CTRL)
    _sign_and_lock(hands, window)
    _unlock_and_change(hands, window)

    hands.press(Key.Key_E, _CTRL)
    hands.name_file(str(tmp_path / "book.xlsx"))
    qtbot.waitUntil((tmp_path / "book.xlsx").exists, timeout=LONG)
    hands.wait()


def _make_the_audit(hands: Hands, window: MainWindow) -> None:
    hands.press(Key.Key_Return)  # the first way to begin has the keyboard
    form = window.start.form
    hands.tab_to(form.entity)
    hands.type("Andina Retail S.A.C.")
    hands.tab_to(form.period)
    # Which month a spinning field shows first depends on the day of the test.
    form.period.setDate(QDate(2026, 9, 1))
    hands.press(Key.Key_Up)
    assert form.period.date().month() == 10
    hands.tab_to(form.wabas[0].id)
    hands.type("102290129340398")
    hands.tab_to(form.wabas[0].numbers)
    hands.type("106540352242922, 106540352242923")
    hands.tab_to(form.submit)
    hands.press(Key.Key_Return)
    hands.arrive("sources")


def _decide(hands: Hands, window: MainWindow) -> None:
    """Go from open line to open line: dispute one with a note, accept the next, and look at the evidence."""
    lines = window.reconciliation
    hands.press(Key.Key_F, _CTRL)
    hands.type("chile marketing")
    hands.tab_to(lines.table)
    hands.press(Key.Key_D, _CTRL | _SHIFT)
    hands.press(Key.Key_M, _CTRL)
    hands.type("Billed twice")
    hands.press(Key.Key_Return)
    (row,) = lines.model.lines
    assert (row.record.decision.decision, row.record.decision.note) == ("disputed", "Billed twice")

    hands.press(Key.Key_F, _CTRL | _SHIFT)
    assert lines.model.rowCount() > 10
    hands.press(Key.Key_F3)
    hands.press(Key.Key_A, _CTRL | _SHIFT)
    assert [one.record.decision.decision for one in lines.model.lines].count("accepted") == 1
    hands.press(Key.Key_Z, _CTRL)
    assert [one.record.decision.decision for one in lines.model.lines].count("accepted") == 0
    hands.press(Key.Key_Z, _CTRL | _SHIFT)
    hands.tab_to(lines.table)
    hands.press(Key.Key_Return)
    assert lines.detail.tabs.currentIndex() == 2


def _signed(window: MainWindow) -> list[tuple[str, str, str, bool]]:
    opened = window.context.workspace.opened
    return [(one.role, one.who, one.note, one.stands) for one in opened.sign_offs] if opened else []


def _sign_and_lock(hands: Hands, window: MainWindow) -> None:
    """Sign for both, the reviewer with a note, and lock: nothing can be decided any more."""
    cards = window.sign_off.signatures
    hands.tab_to(cards["preparer"].who)
    hands.type("Rosa Quispe")
    hands.press(Key.Key_Return)
    hands.tab_to(cards["reviewer"].who)
    hands.type("Luis Paredes")
    hands.tab_to(cards["reviewer"].note)
    hands.type("all lines over 1.00")
    hands.press(Key.Key_Return)
    both = [("preparer", "Rosa Quispe", "", True), ("reviewer", "Luis Paredes", "all lines over 1.00", True)]
    assert _signed(window) == both
    hands.tab_to(window.sign_off.lock)
    hands.press(Key.Key_Return)
    assert window.sign_off.lock_text.text().startswith("Locked by Luis Paredes")
    hands.press(Key.Key_4, _CTRL)
    hands.press(Key.Key_A, _CTRL | _SHIFT)
    assert "The audit was locked by Luis Paredes" in window.reconciliation.bar.label.text()
    assert _signed(window) == both


def _unlock_and_change(hands: Hands, window: MainWindow) -> None:
    """Unlock for a reason; a decision lets both signatures fall, and the preparer's is given anew and taken back."""
    hands.press(Key.Key_6, _CTRL)
    hands.tab_to(window.sign_off.reason)
    hands.type("A credit note came")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_4, _CTRL)
    hands.press(Key.Key_F3)
    hands.press(Key.Key_A, _CTRL | _SHIFT)
    assert [stands for *_, stands in _signed(window)] == [False, False]
    hands.press(Key.Key_6, _CTRL)
    card = window.sign_off.signatures["preparer"]
    assert "but lapsed" in card.state.text()
    hands.tab_to(card.note)
    hands.type("after the credit note")
    hands.press(Key.Key_Return)
    assert _signed(window)[0] == ("preparer", "Rosa Quispe", "after the credit note", True)
    hands.tab_to(card.reason)
    assert not card.reason.text()
    hands.type("signed too early")
    hands.press(Key.Key_Return)
    assert [role for role, *_ in _signed(window)] == ["reviewer"]
    entries: list[tuple[str, str]] = []
    window.context.workspace.ask(
        lambda audit: audit.journal[-1], lambda entry: entries.append((entry.who, entry.facts["reason"]))
    )
    hands.wait()
    assert entries == [("Rosa Quispe", "signed too early")]
