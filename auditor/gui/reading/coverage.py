"""Which days the log covers: a heat map of messages per business number and day, holes plain to see."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import timedelta

from PySide6.QtCore import QEvent
from PySide6.QtCore import QPoint
from PySide6.QtCore import QRect
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QHelpEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QMouseEvent
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QToolTip
from PySide6.QtWidgets import QWidget

from auditor.core.results import Reconciliation
from auditor.gui.context import Context
from auditor.gui.words import Words

_HEAD, _ROW, _NAME = 22, 30, 150
_LEAST_CELL, _MOST_CELL = 26, 46
_THOUSAND = 1000
_STEPS: Mapping[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True, slots=True)
class Cover:
    """What is drawn: numbers by id, the days, and the messages of each number on each day."""

    numbers: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    counts: Mapping[tuple[str, date], int] | None = None

    def at(self, row: int, column: int) -> int:
        """Count the messages of a number on a day."""
        return (self.counts or {}).get((self.numbers[row], self.days[column]), 0)


def cover_of(result: Reconciliation) -> Cover:
    """Take the days of the audit's period, and every number that has a message on any day."""
    length = (result.account.last - result.account.first).days + 1
    days = tuple(result.account.first + timedelta(days=n) for n in range(length))
    return Cover(tuple(sorted({number for number, _ in result.health.per_day})), days, result.health.per_day)


class CoverageMap(QWidget):
    """The heat map. By mouse a tip tells a cell, by keyboard the arrows go from cell to cell."""

    def __init__(self, context: Context) -> None:
        """Begin empty."""
        super().__init__()
        self._context = context
        self._cover = Cover()
        self._words: Words | None = None
        self.current = (0, 0)
        self.setMouseTracking(True)
        context.speech.bind(self.setAccessibleName, "coverage.name")
        context.appearance.changed.connect(self.update)

    def show_result(self, result: Reconciliation | None, words: Words | None) -> None:
        """Show the coverage of a reconciliation; None shows nothing."""
        self._cover, self._words = cover_of(result) if result else Cover(), words
        self.current = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self._cover.numbers else Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(_HEAD + _ROW * len(self._cover.numbers) + 4 if self._cover.numbers else 0)
        self._describe()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Give the room of all numbers and days."""
        return QSize(_NAME + _LEAST_CELL * len(self._cover.days), self.minimumHeight())

    def told(self, row: int, column: int) -> str:
        """Say a cell in words."""
        if self._words is None or row >= len(self._cover.numbers) or column >= len(self._cover.days):
            return ""
        return self._context.speech.text(
            "coverage.cell",
            number=self._words.phone(self._cover.numbers[row]),
            day=self._words.language.day(self._cover.days[column]),
            count=self._words.count(self._cover.at(row, column)),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heads, names and cells."""
        del event
        painter = QPainter(self)
        theme = self._context.appearance.theme
        painter.setPen(QColor(theme.muted))
        for column, day in enumerate(self._cover.days):
            where = self._cell(0, column)
            painter.drawText(
                QRect(where.left(), 0, where.width(), _HEAD), int(Qt.AlignmentFlag.AlignCenter), str(day.day)
            )
        for row in range(len(self._cover.numbers)):
            self._draw_row(painter, row)
        if self.hasFocus() and self._cover.numbers:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self._cell(*self.current).adjusted(0, 0, -1, -1))
            painter.drawRect(self._cell(*self.current).adjusted(1, 1, -2, -2))

    def event(self, event: QEvent) -> bool:
        """Tell the cell under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place(event.pos())
            QToolTip.showText(event.globalPos(), self.told(*place) if place else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from cell to cell."""
        step = _STEPS.get(event.key())
        if step is None or not self._cover.numbers:
            super().keyPressEvent(event)
            return
        row = min(max(0, self.current[0] + step[0]), len(self._cover.numbers) - 1)
        column = min(max(0, self.current[1] + step[1]), len(self._cover.days) - 1)
        self.current = (row, column)
        self._describe()
        QToolTip.showText(self.mapToGlobal(self._cell(row, column).bottomLeft()), self.told(row, column), self)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the cell that was clicked."""
        place = self._place(event.position().toPoint())
        if place:
            self.current = place
            self._describe()
            self.update()

    def _draw_row(self, painter: QPainter, row: int) -> None:
        theme = self._context.appearance.theme
        name = self._words.phone(self._cover.numbers[row]) if self._words else ""
        painter.setPen(QColor(theme.text))
        label = QRect(0, _HEAD + row * _ROW, _NAME - 8, _ROW)
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, label.width())
        painter.drawText(label, int(Qt.AlignmentFlag.AlignVCenter), shown)
        most = max((self._cover.at(row, column) for column in range(len(self._cover.days))), default=1) or 1
        for column in range(len(self._cover.days)):
            count, where = self._cover.at(row, column), self._cell(row, column).adjusted(1, 1, -1, -1)
            if count:
                ground = _mixed(theme.base, theme.selection, count / most)
                painter.fillRect(where, ground)
                painter.setPen(QColor(theme.text))
            else:
                painter.fillRect(where, QColor(theme.over_fill))
                # A hole is hatched as well: colour is never the only sign.
                painter.setPen(QColor(theme.over))
                painter.fillRect(where, Qt.BrushStyle.BDiagPattern)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), _short(count))

    def _cell(self, row: int, column: int) -> QRect:
        width = self._width()
        return QRect(_NAME + column * width, _HEAD + row * _ROW, width, _ROW)

    def _width(self) -> int:
        room = (self.width() - _NAME) // max(1, len(self._cover.days))
        return min(max(_LEAST_CELL, room), _MOST_CELL)

    def _place(self, at: QPoint) -> tuple[int, int] | None:
        row, column = (at.y() - _HEAD) // _ROW, (at.x() - _NAME) // self._width()
        inside = 0 <= row < len(self._cover.numbers) and 0 <= column < len(self._cover.days)
        return (row, column) if inside else None

    def _describe(self) -> None:
        holes = sum(
            not self._cover.at(row, column)
            for row in range(len(self._cover.numbers))
            for column in range(len(self._cover.days))
        )
        summed = self._context.speech.text("coverage.summary", holes=holes) if self._cover.numbers else ""
        self.setAccessibleDescription(f"{self.told(*self.current)} {summed}".strip())


def _short(count: int) -> str:
    return str(count) if count < _THOUSAND else f"{count / _THOUSAND:.{0 if count >= 10 * _THOUSAND else 1}f}k"


def _mixed(low: str, high: str, share: float) -> QColor:
    first, second = QColor(low), QColor(high)
    parts: Sequence[tuple[int, int]] = (
        (first.red(), second.red()),
        (first.green(), second.green()),
        (first.blue(), second.blue()),
    )
    return QColor(*(round(one + (other - one) * share) for one, other in parts))
