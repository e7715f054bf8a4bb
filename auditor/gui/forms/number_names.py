"""What an account's business numbers are called and which cost centre bears them: a table to type or paste into."""

from collections.abc import Mapping
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QTableWidget
from PySide6.QtWidgets import QTableWidgetItem

from auditor.gui.context import Context
from auditor.gui.tables.rows import BLANK

_NUMBER, _NAME, _CENTRE = range(3)
_HEADS = ("number", "number_name", "cost_centre")
# So many rows are in view at most; of more one scrolls.
_MOST, _ROW = 5, 28


class NumberNames(QTableWidget):
    """A row for each number of an account: its id or phone, and to be typed its name and its cost centre."""

    def __init__(self, context: Context) -> None:
        """Begin without numbers."""
        super().__init__(0, len(_HEADS))
        self._context = context
        # By the number's id; of one that is taken away and typed again it is still known.
        self._said: dict[str, tuple[str, str]] = {}
        self._ids: list[str] = []
        context.speech.bind(self.setAccessibleName, "form.number_names")
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTabKeyNavigation(False)
        for place, width in enumerate((170, 150)):
            self.setColumnWidth(place, width)
        self.itemChanged.connect(self._changed)
        context.speech.switched.connect(self._name_heads)
        self._name_heads()

    def show_numbers(self, numbers: Sequence[tuple[str, str]]) -> None:
        """Show a row for each number, an id and a phone or nothing, with what was said of it."""
        self._ids = [number for number, _ in numbers]
        self.blockSignals(True)
        self.setRowCount(len(numbers))
        for row, (number, phone) in enumerate(numbers):
            for place, text in enumerate((phone or number, *self._said.get(number, ("", "")))):
                self.setItem(row, place, _cell(text, typed=place != _NUMBER))
        self.blockSignals(False)
        rows = min(max(len(numbers), 1), _MOST)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * _ROW + 2 * self.frameWidth())

    def fill_in(self, said: Mapping[str, tuple[str, str]]) -> None:
        """Take the names and cost centres of an account that is there, by the numbers' ids."""
        self._said = dict(said)

    def names(self) -> Mapping[str, tuple[str, str]]:
        """Give name and cost centre of the numbers in the rows, by their ids."""
        return {number: self._said[number] for number in self._ids if number in self._said}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste the cells of a spreadsheet from the current cell on, and clear cells with Delete."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste(QApplication.clipboard().text())
        elif event.key() == Qt.Key.Key_Delete:
            for item in self.selectedItems():
                _write(item, "")
        else:
            super().keyPressEvent(event)

    def _paste(self, text: str) -> None:
        top, left = max(0, self.currentRow()), max(_NAME, self.currentColumn())
        for row, line in enumerate(text.rstrip("\r\n").splitlines(), top):
            for place, cell in enumerate(line.split("\t"), left):
                item = self.item(row, place)
                if item is not None:
                    _write(item, cell.strip())

    def _changed(self, item: QTableWidgetItem) -> None:
        row = item.row()
        name, centre = (self.item(row, place) for place in (_NAME, _CENTRE))
        if name is not None and centre is not None:
            self._said[self._ids[row]] = (name.text().strip(), centre.text().strip())
        self.blockSignals(True)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text() or BLANK)
        self.blockSignals(False)

    def _name_heads(self) -> None:
        self.setHorizontalHeaderLabels([self._context.speech.text(f"form.{key}") for key in _HEADS])


def _cell(text: str, *, typed: bool) -> QTableWidgetItem:
    """Make a cell that is typed in or only read."""
    item = QTableWidgetItem(text)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, text or BLANK)
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if typed else flags)
    return item


def _write(item: QTableWidgetItem, text: str) -> None:
    """Write into a cell that is typed in."""
    if item.flags() & Qt.ItemFlag.ItemIsEditable:
        item.setText(text)
