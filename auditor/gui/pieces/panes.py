"""Panes side by side with edges that can be drawn; where they were left is remembered."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSplitter
from PySide6.QtWidgets import QWidget

from auditor.settings import Preferences

# Drawing an edge reports every step; only where it ends is worth writing down.
_PAUSE = 400


class Panes(QSplitter):
    """Panes in a row or a column. No pane can be drawn out of sight: nobody would know how to bring it back."""

    def __init__(
        self,
        name: str,
        way: Qt.Orientation,
        panes: Mapping[QWidget, int],
        growing: QWidget,
        preferences: Preferences,
    ) -> None:
        """Give each of `panes` its share of the room; `growing` gets what a larger window has more of.

        `name` is what their edges are remembered under.
        """
        super().__init__(way)
        self._name, self._preferences = name, preferences
        self._shares, self._growing = dict(panes), growing
        self._later = QTimer(self, singleShot=True, interval=_PAUSE)
        self.setChildrenCollapsible(False)
        for pane in panes:
            self.addWidget(pane)
            self.setStretchFactor(self.indexOf(pane), int(pane is growing))
        self.setSizes(list(panes.values()))
        left = preferences.settings.panes.get(name, "")
        if left:
            self.restoreState(QByteArray.fromBase64(left.encode("ascii")))
            self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._later.start)
        self._later.timeout.connect(self._remember)

    def fit(self, pane: QWidget, needs: int) -> None:
        """Give a pane no more than it needs, the rest to the growing one, unless the edges were drawn by hand."""
        if self._preferences.settings.panes.get(self._name):
            return
        sizes = self.sizes() if any(self.sizes()) else list(self._shares.values())
        place, growing = self.indexOf(pane), self.indexOf(self._growing)
        share = min(needs, self._shares[pane])
        sizes[growing] += sizes[place] - share
        sizes[place] = share
        self.setSizes(sizes)

    def _remember(self) -> None:
        state = bytes(self.saveState().toBase64().data()).decode("ascii")
        self._preferences.remember_panes(self._name, state)
