"""Facets: the values a column has among the lines, each with its count, to choose from."""

from collections.abc import Mapping
from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QListWidget
from PySide6.QtWidgets import QListWidgetItem
from PySide6.QtWidgets import QMenu
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QToolButton
from PySide6.QtWidgets import QWidgetAction

from auditor.core.results import Status
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Tool
from auditor.gui.tables.grouping import GROUPS
from auditor.gui.tables.lines import STATUS_ORDER

_CODE = Qt.ItemDataRole.UserRole
_MOST_SHOWN = 12
_TONES = {
    Status.MATCHED: "good",
    Status.WITHIN_TOLERANCE: "muted",
    Status.DIFFERENT: "over",
    Status.UNEXPECTED: "over",
    Status.MISSING: "under",
    Status.NOT_COMPARABLE: "ask",
}


class FacetButton(Tool):
    """Opens a list of values with counts; stays open while several are ticked."""

    changed = Signal()

    def __init__(self, context: Context, facet: str) -> None:
        """Offer the values of `facet`."""
        super().__init__()
        self._context, self.facet = context, facet
        self.chosen: frozenset[str] = frozenset()
        self._counts: Mapping[str, int] = {}
        self._names: Mapping[str, str] = {}
        self.values = QListWidget()
        self.values.setFrameShape(QListWidget.Shape.NoFrame)
        self.values.itemChanged.connect(self._ticked)
        self.values.itemActivated.connect(self._toggle)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setProperty("facet", True)
        menu = QMenu(self)
        listed = QWidgetAction(menu)
        listed.setDefaultWidget(self.values)
        menu.addAction(listed)
        menu.addSeparator()
        self._all = menu.addAction("")
        self._all.triggered.connect(self.clear)
        menu.aboutToShow.connect(self._fill)
        menu.aboutToShow.connect(self.values.setFocus)
        self.setMenu(menu)
        context.speech.switched.connect(self._say)
        self._say()

    def offer(self, names: Mapping[str, str], counts: Mapping[str, int]) -> None:
        """Take the values (code to name, in the order to show) and how many lines each has now."""
        self._names, self._counts = names, counts
        self._say()
        if self.menu().isVisible():
            self._fill()

    def clear(self) -> None:
        """Let every value through again."""
        if self.chosen:
            self.chosen = frozenset()
            self._say()
            self.changed.emit()

    def choose(self, codes: frozenset[str]) -> None:
        """Tick some values."""
        self.chosen = codes
        self._say()
        self.changed.emit()

    def _fill(self) -> None:
        self.values.blockSignals(True)
        at = self.values.currentRow()
        self.values.clear()
        for code, name in self._names.items():
            count = self._context.speech.language.number(self._counts.get(code, 0))
            item = QListWidgetItem(f"{name}   ({count})")
            item.setData(_CODE, code)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if code in self.chosen else Qt.CheckState.Unchecked)
            self.values.addItem(item)
        self.values.setCurrentRow(max(0, at))
        width = self.values.sizeHintForColumn(0) + 32
        height = min(len(self._names), _MOST_SHOWN) * max(22, self.values.sizeHintForRow(0)) + 8
        self.values.setFixedSize(QSize(max(190, width), max(30, height)))
        self.values.blockSignals(False)

    def _toggle(self, item: QListWidgetItem) -> None:
        ticked = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)

    def _ticked(self, item: QListWidgetItem) -> None:
        code = str(item.data(_CODE))
        ticked = item.checkState() == Qt.CheckState.Checked
        self.choose(self.chosen | {code} if ticked else self.chosen - {code})

    def _say(self) -> None:
        text = self._context.speech.text(f"facet.{self.facet}")
        self.setText(f"{text}: {self._picked()} " if self.chosen else f"{text} ")
        self.setAccessibleName(self.text())
        self._all.setText(self._context.speech.text("facet.all"))
        self.setProperty("chosen", bool(self.chosen))
        self.style().polish(self)

    def _picked(self) -> str:
        """Name the one value that is ticked, or say how many are."""
        if len(self.chosen) == 1:
            return self._names.get(next(iter(self.chosen)), "1")
        return str(len(self.chosen))


class StatusChips(QObject):
    """The facet that is always open: a chip for each status with its count; none pressed lets all through."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        """Make the chips."""
        super().__init__()
        self._context = context
        self._counts: Mapping[str, int] = {}
        self.chips: dict[str, QPushButton] = {}
        for status in STATUS_ORDER:
            chip = QPushButton(autoDefault=True)
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.setCursor(Qt.CursorShape.PointingHandCursor)
            chip.setIconSize(QSize(14, 14))
            context.appearance.bind_icon(chip.setIcon, status.value, _TONES[status])
            chip.toggled.connect(lambda _on: self.changed.emit())
            self.chips[status.value] = chip
        context.speech.switched.connect(self._say)

    @property
    def chosen(self) -> frozenset[str]:
        """Give the statuses that are pressed."""
        return frozenset(status for status, chip in self.chips.items() if chip.isChecked())

    def choose(self, statuses: frozenset[str]) -> None:
        """Press those of some statuses, and no other."""
        for status, chip in self.chips.items():
            chip.blockSignals(True)
            chip.setChecked(status in statuses)
            chip.blockSignals(False)
        self.changed.emit()

    def offer(self, counts: Mapping[str, int], present: Sequence[str]) -> None:
        """Take how many lines each status has now; a status that no line has is not offered."""
        self._counts = counts
        for status, chip in self.chips.items():
            chip.setVisible(status in present)
        self._say()

    def clear(self) -> None:
        """Press none."""
        self.choose(frozenset())

    def _say(self) -> None:
        language = self._context.speech.language
        for status, chip in self.chips.items():
            name, count = language.text(f"domain.status.{status}"), language.number(self._counts.get(status, 0))
            chip.setText(f"{name}  {count}")
            chip.setToolTip(language.text(f"domain.status_meaning.{status}"))
            chip.setAccessibleName(f"{name}: {count}")


class RememberedChoice(Tool):
    """A button that opens a few choices of which one holds; it is remembered with the table."""

    changed = Signal()

    def __init__(self, context: Context, name: str, choices: Mapping[str, str]) -> None:
        """Begin as it was left; `choices` are codes with the keys of their texts, the first of them the usual one.

        The choice is remembered under `lines.<name>`; `<name>.help` says what it does.
        """
        super().__init__()
        self._context, self._name, self._texts = context, name, choices
        kept = context.preferences.settings.tables.get(f"lines.{name}", "")
        self.chosen = kept if kept in choices else next(iter(choices))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("facet", True)
        menu = QMenu(self)
        group = QActionGroup(menu)
        self.choices: dict[str, QAction] = {}
        for code in choices:
            action = QAction(menu, checkable=True, checked=code == self.chosen)
            action.triggered.connect(lambda _on=False, code=code: self.choose(code))
            group.addAction(action)
            menu.addAction(action)
            self.choices[code] = action
        self.setMenu(menu)
        context.speech.switched.connect(self._say)
        self._say()

    def choose(self, code: str) -> None:
        """Let a choice hold."""
        self.chosen = code
        self.choices[code].setChecked(True)
        self._context.preferences.remember_table(f"lines.{self._name}", code)
        self._say()
        self.changed.emit()

    def words(self) -> tuple[str, str]:
        """Give what stands on the button, and what it is to a screen reader: the choice that holds."""
        text = self._context.speech.text(self._texts[self.chosen])
        return text, text

    def _say(self) -> None:
        speech = self._context.speech
        for code, action in self.choices.items():
            action.setText(speech.text(self._texts[code]))
        shown, spoken = self.words()
        self.setText(f"{shown} ")
        self.setAccessibleName(spoken)
        self.setToolTip(speech.text(f"{self._name}.help"))


class GroupButton(RememberedChoice):
    """Chooses what the lines are grouped by."""

    def __init__(self, context: Context) -> None:
        """Begin as it was left."""
        super().__init__(context, "group", {"": "group.none", **{by: f"facet.{by}" for by in GROUPS}})

    def words(self) -> tuple[str, str]:
        """Say by what they are grouped, if by anything."""
        speech = self._context.speech
        title = speech.text("group.title")
        text = f"{title}: {speech.text(self._texts[self.chosen])}" if self.chosen else title
        self.setProperty("chosen", bool(self.chosen))
        self.style().polish(self)
        return text, text


class MeasureButton(RememberedChoice):
    """Chooses what the slider moves: an amount of money, or a share of what was expected."""

    def __init__(self, context: Context) -> None:
        """Begin as it was left."""
        super().__init__(context, "measure", {by: f"measure.{by}" for by in ("money", "percent")})

    def words(self) -> tuple[str, str]:
        """Say it in short on the button, in full to a screen reader."""
        speech = self._context.speech
        name = speech.text("measure.name", by=speech.text(self._texts[self.chosen]))
        return speech.text(f"measure.short_{self.chosen}"), name
