"""What a screen reader and a keyboard meet in every view: the right role, an order as one reads, sound models."""

from collections.abc import Iterator

from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton
from PySide6.QtWidgets import QAbstractSpinBox
from PySide6.QtWidgets import QCheckBox
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QDateEdit
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QSlider
from PySide6.QtWidgets import QTabBar
from PySide6.QtWidgets import QTableView
from PySide6.QtWidgets import QToolButton
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.tables.record_model import ColumnsModel
from auditor.gui.window import MainWindow
from tests.gui.conftest import settle
from tests.gui.tour import tour

Role = QAccessible.Role
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
# What each kind of control is to a screen reader; of several that fit, the first counts.
ROLES: tuple[tuple[type[QWidget], set[QAccessible.Role]], ...] = (
    (QCheckBox, {Role.CheckBox}),
    (QToolButton, {Role.Button, Role.ButtonMenu, Role.CheckBox, Role.RadioButton}),
    (QPushButton, {Role.Button, Role.ButtonMenu, Role.CheckBox, Role.RadioButton, Role.PageTab}),
    (QLineEdit, {Role.EditableText}),
    (QComboBox, {Role.ComboBox}),
    (QDateEdit, {Role.SpinBox}),
    (QSlider, {Role.Slider}),
    (QTabBar, {Role.PageTabList}),
    (QTableView, {Role.Table}),
)
# What Qt builds into a control of its own, which speaks for it.
INSIDE = (QComboBox, QAbstractSpinBox)
# The models that the tour must have met at least.
MODELS = {
    "lines", "sources", "rates", "fx", "allowances", "by_hand", "evidence", "reasons", "invoice", "claims", "review",
    "checklist", "three_way", "findings", "seen", "refused", "left_out",
}  # fmt: skip


def controls(window: MainWindow) -> Iterator[QWidget]:
    """Give the controls in view that Tab stops at, in its order."""
    widget = window.nextInFocusChain()
    while widget is not None and widget is not window:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & widget.focusPolicy().TabFocus:
            yield widget
        widget = widget.nextInFocusChain()


def test_that_every_control_has_the_role_of_what_it_is(qtbot: QtBot, opened: MainWindow) -> None:
    met = set()
    for name in tour(qtbot, opened):
        for widget in controls(opened):
            if isinstance(widget.parent(), INSIDE):
                continue
            wanted = next((roles for kind, roles in ROLES if isinstance(widget, kind)), None)
            told = QAccessible.queryAccessibleInterface(widget)
            assert told is not None
            if wanted is not None:
                assert told.role() in wanted, (name, widget, told.role())
                met |= {told.role()}
            if isinstance(widget, QTabBar):
                assert told.text(QAccessible.Text.Name), name
    assert met >= {Role.Button, Role.EditableText, Role.ComboBox, Role.Slider, Role.PageTabList, Role.Table}


def neighbours(window: MainWindow) -> Iterator[tuple[QWidget, QWidget]]:
    """Give the controls of one place that Tab comes to one after the other."""
    before: dict[QWidget | None, QWidget] = {}
    for widget in controls(window):
        parent = widget.parentWidget()
        if parent in before:
            yield before[parent], widget
        before[parent] = widget


def is_backwards(first: QWidget, second: QWidget) -> bool:
    """Tell whether one reads the second before the first: it is left of it, or above it and no column further."""
    one, other = first.geometry(), second.geometry()
    same_row = one.top() < other.bottom() and other.top() < one.bottom()
    above = other.bottom() <= one.top() and other.left() <= one.left()
    return other.left() < one.left() if same_row else above


def said(widget: QWidget) -> str:
    """Name a control in a message."""
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.accessibleName() or text}"


def test_that_tab_goes_from_control_to_control_as_one_reads(qtbot: QtBot, opened: MainWindow) -> None:
    pairs = [(name, *pair, is_backwards(*pair)) for name in tour(qtbot, opened) for pair in neighbours(opened)]
    assert len(pairs) > 200
    found = {f"{name}: {said(one)} -> {said(other)}" for name, one, other, wrong in pairs if wrong}
    assert not found, "\n".join(sorted(found))


def test_that_every_model_keeps_its_word_whatever_is_done(qtbot: QtBot, opened: MainWindow) -> None:
    for _ in tour(qtbot, opened):
        pass
    models = opened.findChildren(ColumnsModel)
    assert {model.name for model in models} >= MODELS
    testers = [QAbstractItemModelTester(model, FATAL, model) for model in models]
    for _ in tour(qtbot, opened):
        pass
    opened.go("reconciliation")
    lines = opened.reconciliation
    lines.filter.text.setText("peru")
    lines.table.sortByColumn(5, lines.table.horizontalHeader().sortIndicatorOrder())
    lines.table.selectAll()
    lines.detail.decision.dispute.click()
    settle(qtbot, opened)
    opened.context.workspace.undo()
    opened.context.speech.switch("es")
    settle(qtbot, opened)
    lines.filter.clear()
    assert len(testers) >= len(MODELS)
    assert lines.model.rowCount() == len(lines.model.rows) > 0
