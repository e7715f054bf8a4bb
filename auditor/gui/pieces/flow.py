"""A row that goes on in the next line where it finds no room, as words do."""

from PySide6.QtCore import QPoint
from PySide6.QtCore import QRect
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout
from PySide6.QtWidgets import QLayoutItem
from PySide6.QtWidgets import QWidget


class Flow(QLayout):
    """Lays its widgets out from left to right, line by line.

    The widget `wide` takes the room that its line has left; the widget `right` stands at the end of its line.
    """

    def __init__(self, spacing: int = 8, wide: QWidget | None = None, right: QWidget | None = None) -> None:
        """Begin empty."""
        super().__init__()
        self._items: list[QLayoutItem] = []
        # What is shown with its size, and the heights by width, until Qt says that they may be others: it asks for them
        # again and again.
        self._known: list[tuple[QLayoutItem, QSize]] | None = None
        self._heights: dict[int, int] = {}
        self._wide, self._right = wide, right
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def invalidate(self) -> None:
        """Forget the sizes: something was shown, hidden or changed."""
        self._known = None
        self._heights.clear()
        super().invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item in at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Give the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Give an item, or None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out, or give None beyond the last."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Grow to neither side by itself."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Give the height of all lines at a width."""
        if width not in self._heights:
            self._heights[width] = self._lay_out(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        """Put every widget in its place."""
        super().setGeometry(rect)
        self._lay_out(rect, move=True)

    def sizeHint(self) -> QSize:
        """Ask for one line of everything."""
        shown = [item.sizeHint() for item, _ in self._shown()]
        width = sum(hint.width() for hint in shown) + self.spacing() * max(0, len(shown) - 1)
        return QSize(width, max((hint.height() for hint in shown), default=0))

    def minimumSize(self) -> QSize:
        """Ask for at least the widest of them."""
        shown = [item.minimumSize() for item, _ in self._shown()]
        return QSize(
            max((size.width() for size in shown), default=0), max((size.height() for size in shown), default=0)
        )

    def _lay_out(self, rect: QRect, *, move: bool) -> int:
        top = rect.top()
        for line in self._lines(rect.width()):
            height = max(size.height() for _, size in line)
            if move:
                self._place(line, QRect(rect.left(), top, rect.width(), height))
            top += height + self.spacing()
        return max(0, top - rect.top() - self.spacing())

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item, size in self._shown():
            if not lines or used + self.spacing() + size.width() > width:
                lines.append([])
                used = size.width()
            else:
                used += self.spacing() + size.width()
            lines[-1].append((item, size))
        return lines

    def _place(self, line: list[tuple[QLayoutItem, QSize]], room: QRect) -> None:
        left = room.left()
        free = room.width() - sum(size.width() for _, size in line) - self.spacing() * (len(line) - 1)
        for item, least in line:
            size = QSize(least)
            if item.widget() is self._wide and self._wide is not None:
                size.setWidth(size.width() + free)
            elif item.widget() is self._right and self._right is not None:
                left += free
            down = (room.height() - size.height()) // 2
            item.setGeometry(QRect(QPoint(left, room.top() + down), size))
            left += size.width() + self.spacing()

    def _shown(self) -> list[tuple[QLayoutItem, QSize]]:
        """Give what is shown with the size that it is to have: the wide one begins with its least."""
        if self._known is None:
            self._known = [(item, self._size(item)) for item in self._items if not item.isEmpty()]
        return self._known

    def _size(self, item: QLayoutItem) -> QSize:
        hint = item.sizeHint()
        if item.widget() is self._wide and self._wide is not None:
            hint.setWidth(item.minimumSize().width())
        return hint
