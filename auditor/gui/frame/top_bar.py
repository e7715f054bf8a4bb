"""The bar at the head of the window: the places in the order the work goes, undo and redo, help, and the way out."""

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtGui import QKeySequence
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QSizePolicy

from auditor.gui.actions import PLACES
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Tool
from auditor.gui.pieces.controls import button

_TOOLS = ("undo", "redo", "help")
# What stays free beside the audit's name.
_GAP = 12
# Of less than so many letters nobody knows an audit again; it is named in the window's title and the tip.
_TELLING = 10
# As the menus write it.
_NATIVE = QKeySequence.SequenceFormat.NativeText


class _Name(QLabel):
    """The open audit's name, at the right of the room left for it; cut in its middle where that is too little."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("auditName")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""

    def say(self, name: str) -> None:
        """Show a name."""
        self._whole = name
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut it anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - _GAP
        fits = room >= self.fontMetrics().averageCharWidth() * _TELLING
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room) if fits else "")


class TopBar(QFrame):
    """Tabs for the places, and tools for the actions that are wanted everywhere."""

    went = Signal(str)

    def __init__(self, context: Context, actions: Mapping[str, QAction]) -> None:
        """Build it; the tools do what the actions of the same names do."""
        super().__init__()
        self._context, self._actions = context, actions
        self.setObjectName("topBar")
        self.tabs = {place: self._tab(place) for place in PLACES}
        self.tools = {key: self._tool(key) for key in _TOOLS}
        self.name = _Name()
        self.export = button(context, "menu.export_short", "export", primary=True, colour="on_call")
        self.export.clicked.connect(actions["export_workbook"].trigger)
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(2)
        for tab in self.tabs.values():
            group.addButton(tab)
            row.addWidget(tab)
        row.addWidget(self.name, 1)
        row.addSpacing(8)
        for tool in self.tools.values():
            row.addWidget(tool)
        row.addSpacing(6)
        row.addWidget(self.export)
        self.tabs["start"].setChecked(True)

    def show_name(self, name: str, where: str) -> None:
        """Name the open audit; a long name is cut, and whole in the tip."""
        self.name.say(name)
        self.name.setToolTip(f"{name}\n{where}" if where else name)
        self.name.setAccessibleName(name)

    def follow(self, key: str) -> None:
        """Bring a tool in line with its action."""
        action, tool = self._actions[key], self.tools[key]
        text = action.text().replace("&", "")
        tool.setEnabled(action.isEnabled())
        tool.setToolTip(f"{text} ({action.shortcut().toString(_NATIVE)})")
        tool.setAccessibleName(text)

    def _tab(self, place: str) -> Tool:
        tab = Tool()
        tab.setCheckable(True)
        tab.setAutoExclusive(True)
        tab.setProperty("place", True)
        tab.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        tab.setIconSize(QSize(20, 20))
        self._context.appearance.bind_icon(tab.setIcon, place, "on_bar")
        self._context.speech.bind(tab.setText, f"places.{place}")
        self._context.speech.bind(tab.setAccessibleName, f"places.{place}")
        tab.clicked.connect(lambda: self.went.emit(place))
        return tab

    def _tool(self, key: str) -> Tool:
        tool = Tool(autoRaise=True)
        tool.setProperty("bar", True)
        tool.setIconSize(QSize(20, 20))
        self._context.appearance.bind_icon(tool.setIcon, key, "on_bar")
        tool.clicked.connect(self._actions[key].trigger)
        return tool
