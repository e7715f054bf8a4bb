"""A table's head with a field under every title, to type what the column must show."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHeaderView
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QWidget

_HEIGHT = 30


class ColumnField(QLineEdit):
    """A field over a column. `reached` says that the keyboard came to it."""

    reached = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say so."""
        super().focusInEvent(event)
        self.reached.emit()


class FilterHeader(QHeaderView):
    """The head; its fields are hidden until they are asked for. `typed` gives the column and what stands in it.

    `reached` gives the column to whose field the keyboard came: it is to be in view.
    """

    typed = Signal(int, str)
    reached = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        """Begin without fields: `name_fields` makes them."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.fields: list[QLineEdit] = []
        self.open = False
        self.setSectionsClickable(True)
        self.sectionResized.connect(self._place)
        self.sectionMoved.connect(self._place)

    def name_fields(self, count: int, dress: Callable[[QLineEdit, int], object]) -> None:
        """Make a field for each column, once, and `dress` them with their names and hints."""
        for section in range(len(self.fields), count):
            made = ColumnField(self, clearButtonEnabled=True)
            made.setProperty("column_filter", True)
            made.textChanged.connect(lambda text, place=section: self.typed.emit(place, text))
            made.reached.connect(lambda place=section: self.reached.emit(place))
            made.setVisible(self.open)
            self.fields.append(made)
        for section, field in enumerate(self.fields):
            dress(field, section)

    def show_fields(self, shown: bool) -> None:
        """Show the fields and put the cursor into the first one, or clear and hide them."""
        self.open = shown
        if not shown:
            for field in self.fields:
                field.clear()
        self.updateGeometries()
        self.geometriesChanged.emit()
        first = self.logicalIndex(0)
        if shown and 0 <= first < len(self.fields):
            self.fields[first].setFocus()

    def clear_fields(self) -> None:
        """Empty the fields; whoever asks knows that all is let through."""
        for field in self.fields:
            field.blockSignals(True)
            field.clear()
            field.blockSignals(False)

    def follow_scrolling(self) -> None:
        """Keep the fields under their titles when the table is scrolled sideways."""
        self._place()

    def sizeHint(self) -> QSize:
        """Ask for room for titles and fields."""
        hint = super().sizeHint()
        return QSize(hint.width(), hint.height() + (_HEIGHT if self.open else 0))

    def updateGeometries(self) -> None:
        """Leave the room below the titles to the fields."""
        self.setViewportMargins(0, 0, 0, _HEIGHT if self.open else 0)
        super().updateGeometries()
        self._place()

    def _place(self) -> None:
        top = self.height() - _HEIGHT
        for section, field in enumerate(self.fields):
            field.setVisible(self.open and not self.isSectionHidden(section))
            left = self.sectionViewportPosition(section)
            field.setGeometry(left + 2, top + 2, max(0, self.sectionSize(section) - 4), _HEIGHT - 4)
