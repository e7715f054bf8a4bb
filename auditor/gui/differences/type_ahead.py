"""Suggestions while one types into the filter of the lines: whatever any column says of them, hidden ones too."""

from collections.abc import Iterator
from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QCompleter
from PySide6.QtWidgets import QLineEdit

from auditor.gui.pieces.controls import dress_suggestions
from auditor.gui.tables.lines import COLUMNS
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import collated
from auditor.gui.tables.rows import folded

_SEARCHED = Qt.ItemDataRole.UserRole
_SHOWN = 8


class TypeAhead(QObject):
    """Offers, below a field, the texts of lines that hold what is typed: all of it, or else its last word."""

    def __init__(self, field: QLineEdit) -> None:
        """Begin without lines."""
        super().__init__(field)
        self._field, self._head = field, ""
        self._rows: Sequence[LineRow] = ()
        self._shown: Sequence[str] = ()
        self._model = QStandardItemModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setWidget(field)
        self.completer.setCompletionRole(_SEARCHED)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(_SHOWN)
        dress_suggestions(self.completer)
        field.textEdited.connect(self._suggest)
        self.completer.activated.connect(self._take)

    def offer(self, rows: Sequence[LineRow]) -> None:
        """Take other lines; what they say is gathered as soon as something is typed."""
        self._rows = rows
        self._model.clear()

    def _suggest(self, typed: str) -> None:
        """Offer what holds all that is typed or, where nothing does, its last word."""
        if not self._model.rowCount():
            self._fill()
        head, _, last = typed.rpartition(" ")
        for self._head, part in (("", typed.strip()), (head, last)):
            self.completer.setCompletionPrefix(folded(part))
            if part and self.completer.completionCount() and self.completer.currentCompletion() != folded(part):
                self.completer.complete()
                return
        popup = self.completer.popup()
        if popup is not None:
            popup.hide()

    def _take(self, searched: str) -> None:
        """Put in what was chosen, which is known by what is searched in."""
        text = next((one for one in self._shown if folded(one) == searched), searched)
        self._field.setText(f"{self._head} {text}".strip())

    def _fill(self) -> None:
        self._shown = sorted({*self._texts()}, key=collated)
        for text in self._shown:
            item = QStandardItem(text)
            item.setData(folded(text), _SEARCHED)
            self._model.appendRow(item)

    def _texts(self) -> Iterator[str]:
        """Give what the columns of words say; causes stand side by side, and are offered one by one."""
        places = [(place, column.key) for place, column in enumerate(COLUMNS) if not column.numeric]
        for row in self._rows:
            for place, key in places:
                text = row.texts[place]
                yield from (one for one in (text.split(", ") if key == "causes" else [text]) if one != BLANK)
