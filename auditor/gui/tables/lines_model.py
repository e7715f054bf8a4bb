"""The table of the reconciliation: what `RecordModel` does, with differences marked by fill, sign and icon."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex
from PySide6.QtCore import QObject
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtCore import QRectF
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyle
from PySide6.QtWidgets import QStyledItemDelegate
from PySide6.QtWidgets import QStyleOptionViewItem

from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.gui.speech import Speech
from auditor.gui.tables.grouping import Group
from auditor.gui.tables.grouping import grouped
from auditor.gui.tables.grouping import sum_texts
from auditor.gui.tables.lines import COLUMNS
from auditor.gui.tables.lines import Line
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import totals
from auditor.gui.tables.record_model import ROW_ROLE
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import Row
from auditor.gui.theme import Appearance
from auditor.gui.theme import widened
from auditor.gui.words import Words

_PAD = 8
_ICON = 14
# What some letters of a status need beside its icon.
_FEW_LETTERS = 60
_MARKED = ("difference", "unexplained")


def tone(entry: Difference) -> str:
    """Name the colour a line is marked in: over, under, ask, good or muted."""
    if entry.status == Status.MATCHED:
        return "good"
    if entry.status == Status.WITHIN_TOLERANCE:
        return "muted"
    if entry.status == Status.NOT_COMPARABLE or not entry.difference:
        return "ask"
    return "over" if entry.difference > 0 else "under"


class LinesModel(RecordModel[Line]):
    """Reconciled lines as a table."""

    def __init__(self, speech: Speech, appearance: Appearance, parent: QObject) -> None:
        """Begin without lines."""
        super().__init__("lines", COLUMNS, speech, parent)
        self.lines: list[LineRow] = []
        self._by = ""
        self._closed: set[str] = set()
        self._words: Words | None = None
        self._appearance = appearance
        appearance.changed.connect(self._colours_changed)

    def show_lines(self, lines: Sequence[LineRow], by: str, words: Words | None) -> None:
        """Show other lines, under heads if `by` names what they are grouped by."""
        if by != self._by:
            self._closed.clear()
        self._by, self._words = by, words
        self.show(lines, words.currency if words else "")

    def toggle(self, place: int) -> bool:
        """Close or open the group whose head is at a place; tell whether there is one."""
        record = self.rows[place].record
        if not isinstance(record, Group):
            return False
        self._closed ^= {record.code}
        self.show(self.lines, self.unit)
        return True

    def sums(self) -> Sequence[str]:
        """Give what the lines shown come to, those of groups that are closed among them."""
        return sum_texts(totals(self.lines), "", self._words) if self.lines and self._words else ()

    def identity(self, row: LineRow) -> object:
        """Give the line's key: heads of groups are made anew at every sorting."""
        return row.record.difference.key

    def _sorted(self, rows: list[LineRow]) -> list[LineRow]:
        """Put the lines in order and, where they are grouped, each under its head."""
        if any(isinstance(row.record, Group) for row in rows):
            rows = self.lines
        self.lines = super()._sorted(rows)
        if not self._by or self._words is None:
            return self.lines
        return grouped(self.lines, self._by, self._closed, self._words)

    def decoration(self, row: Row[Line], key: str, role: int) -> object:
        """Mark a difference: a fill and an icon on it, and quiet text where there is nothing to do."""
        entry = row.record.difference
        if isinstance(row.record, Group):
            return self._head(key, entry, role)
        mark = tone(entry)
        marked = mark in {"over", "under", "ask"}
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row.record, key, mark)
        if role == Qt.ItemDataRole.BackgroundRole and marked and key in _MARKED and getattr(entry, key):
            return QColor(getattr(self._appearance.theme, f"{mark}_fill"))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._appearance.icon(mark, mark) if key == "difference" and mark in {"over", "under"} else None
        if role == Qt.ItemDataRole.FontRole and marked and key == "difference":
            bold = QFont()
            bold.setBold(True)
            return bold
        return None

    def _head(self, key: str, entry: Difference, role: int) -> object:
        """Set a group's head off: bold, on a ground of its own, its difference in the colour of its direction."""
        theme = self._appearance.theme
        if role == Qt.ItemDataRole.BackgroundRole:
            return QColor(theme.accent_soft)
        if role == Qt.ItemDataRole.FontRole:
            bold = QFont()
            bold.setBold(True)
            return bold
        if role == Qt.ItemDataRole.ForegroundRole and key in _MARKED and getattr(entry, key):
            return QColor(theme.over if getattr(entry, key) > 0 else theme.under)
        return None

    def _ink(self, line: Line, key: str, mark: str) -> QColor | None:
        theme, entry = self._appearance.theme, line.difference
        if key == "decision" and line.decision.decision:
            return QColor(theme.good if line.decision.decision == "accepted" else theme.over)
        if mark in {"good", "muted"}:
            return QColor(theme.muted if key != "status" else getattr(theme, mark))
        if key in _MARKED and getattr(entry, key):
            return QColor(getattr(theme, mark))
        return None

    def _colours_changed(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))


class CellDelegate(QStyledItemDelegate):
    """Gives cells room at both sides. To paint them is left to Qt alone, which need not wait for Python to do so."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Give the room a cell's text needs."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + _PAD, hint.height())


class LineDelegate(CellDelegate):
    """Paints the cells of a line: a selected difference keeps its colour."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Let what is selected be written as it is otherwise."""
        super().initStyleOption(option, index)
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        if isinstance(ink, QColor):
            option.palette.setColor(QPalette.ColorRole.HighlightedText, ink)


class AccountDelegate(LineDelegate):
    """Cuts an account's id in its middle where it has no room: ids of one business begin alike."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Keep both ends."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class StatusDelegate(LineDelegate):
    """Paints a line's status as a small label: its own icon, word and fill, so that colour is never the only sign."""

    def __init__(self, appearance: Appearance, parent: QObject) -> None:
        """Take the colours from `appearance` at every painting."""
        super().__init__(parent)
        self._appearance = appearance

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell's ground as usual and the label on it."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row) or isinstance(row.record, Group):
            super().paint(painter, option, index)
            return
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        text = str(own.text)
        own.text = ""
        widget = own.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, own, painter, widget)
        self._label(painter, own, text, row.record.difference)

    def _label(self, painter: QPainter, option: QStyleOptionViewItem, text: str, entry: Difference) -> None:
        theme, mark = self._appearance.theme, tone(entry)
        fill = getattr(theme, f"{mark}_fill", theme.window)
        ink = QColor(getattr(theme, mark))
        cell = QRectF(option.rect)
        metrics = option.fontMetrics
        width = min(cell.width() - _PAD, metrics.horizontalAdvance(text) + _ICON + 22)
        signed = width < _ICON + widened(_FEW_LETTERS)  # in so narrow a column the icon says it alone
        label = QRectF(cell.left() + 4, cell.center().y() - 10, 2 * _ICON if signed else width, 20)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(label, 10, 10)
        sign = label.adjusted(7, 3, 0, -3).toRect()
        self._appearance.icon(entry.status, mark).paint(painter, sign.left(), sign.top(), _ICON, _ICON)
        if signed:
            painter.restore()
            return
        painter.setPen(ink)
        words = label.adjusted(_ICON + 12, 0, -8, 0)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(words.width()) + 1)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()
