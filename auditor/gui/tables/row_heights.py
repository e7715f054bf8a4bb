"""Rows as high as the words of some columns need: what is cut is not read, and a tip is not enough."""

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtCore import QRect
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer

from auditor.gui.tables.record_model import ColumnsModel
from auditor.gui.tables.table import Table

# What a cell keeps free at its sides, and above and below its words.
_SIDES, _ABOVE = 19, 10
_WRAPPED = int(Qt.TextFlag.TextWordWrap)


class RowHeights(QObject):
    """Breaks words for which a column has no room, and gives those rows the height of their lines."""

    def __init__(self, table: Table, model: ColumnsModel[Any], *keys: str, most: int = 0) -> None:
        """Watch the columns of some keys; of rows of at most some lines, the last line is cut where more is said."""
        super().__init__(table)
        self._table, self._places, self._most = table, tuple(map(model.place_of, keys)), most
        table.setWordWrap(True)
        # Columns are made wider and narrower in several steps at once: measured once they stand.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.fit)
        for changed in (model.modelReset, model.layoutChanged):
            changed.connect(self._later.start)
        table.horizontalHeader().sectionResized.connect(self._resized)
        table.horizontalScrollBar().valueChanged.connect(self._later.start)

    def fit(self) -> None:
        """Give every row its height."""
        rows, model = self._table.verticalHeader(), self._table.model()
        shown = [place for place in self._places if self._is_in_view(place)]
        known: dict[tuple[int, str], int] = {}
        for row in range(model.rowCount()):
            height = rows.defaultSectionSize()
            for place in shown:
                text = str(model.index(row, place).data())
                if (place, text) not in known:
                    known[place, text] = self._height(place, text)
                height = max(height, known[place, text])
            if rows.sectionSize(row) != height:
                rows.resizeSection(row, height)

    def _is_in_view(self, place: int) -> bool:
        """Tell whether a column is in view: what is beyond the edge takes no height from the lines."""
        return not self._table.isColumnHidden(place) and (
            self._table.columnViewportPosition(place) < self._table.viewport().width()
        )

    def _height(self, place: int, text: str) -> int:
        """Give the height of a text that has no room on one line, 0 for one that has."""
        metrics, room = self._table.fontMetrics(), self._table.columnWidth(place) - _SIDES
        if metrics.horizontalAdvance(text) <= room:
            return 0
        height = metrics.boundingRect(QRect(0, 0, room, 0), _WRAPPED, text).height()
        return (min(height, self._most * metrics.lineSpacing()) if self._most else height) + _ABOVE

    def _resized(self, section: int) -> None:
        if section in self._places:
            self._later.start()
