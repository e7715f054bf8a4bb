"""The bar at the head of the window: the places in the order the work goes, undo and redo, help, and the way out."""

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QToolButton

from auditor.gui.actions import PLACES
from auditor.gui.context import Context
from auditor.gui.pieces import button

_TOOLS = ("undo", "redo", "help")
_NAME_WIDTH = 230
# As the menus write it.
_NATIVE = QKeySequence.SequenceFormat.NativeText


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
        self.name = QLabel()
        self.name.setObjectName("auditName")
        self.export = button(context, "menu.export_short", "export", primary=True)
        self.export.clicked.connect(actions["export_workbook"].trigger)
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(2)
        for tab in self.tabs.values():
            group.addButton(tab)
            row.addWidget(tab)
        row.addStretch(1)
        row.addWidget(self.name)
        row.addSpacing(8)
        for tool in self.tools.values():
            row.addWidget(tool)
        row.addSpacing(6)
        row.addWidget(self.export)
        self.tabs["start"].setChecked(True)

    def show_name(self, name: str, where: str) -> None:
        """Name the open audit; a long name is cut, and whole in the tip."""
        metrics = self.name.fontMetrics()
        self.name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH))
        self.name.setToolTip(f"{name}\n{where}" if where else name)
        self.name.setAccessibleName(name)

    def follow(self, key: str) -> None:
        """Bring a tool in line with its action."""
        action, tool = self._actions[key], self.tools[key]
        text = action.text().replace("&", "")
        tool.setEnabled(action.isEnabled())
        tool.setToolTip(f"{text} ({action.shortcut().toString(_NATIVE)})")
        tool.setAccessibleName(text)

    def _tab(self, place: str) -> QToolButton:
        tab = QToolButton()
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

    def _tool(self, key: str) -> QToolButton:
        tool = QToolButton(autoRaise=True)
        tool.setProperty("bar", True)
        tool.setIconSize(QSize(20, 20))
        self._context.appearance.bind_icon(tool.setIcon, key, "on_bar")
        tool.clicked.connect(self._actions[key].trigger)
        return tool
