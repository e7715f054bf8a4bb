"""Matching by hand: invoice lines held against the charges of another line, with a reason; and taken back."""

from collections.abc import Callable
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import suggest
from auditor.gui.tables.rows import collated


class MatchBar(QWidget):
    """Under the invoice lines: with what to match the selected ones (all, if none is), and why."""

    def __init__(self, context: Context, lines: Callable[[], Sequence[int]]) -> None:
        """`lines` gives the places (in the result) of the invoice lines to match."""
        super().__init__()
        self._context, self._lines = context, lines
        self.target = Choice(editable=True)
        self.target.setInsertPolicy(Choice.InsertPolicy.NoInsert)
        suggest(self.target)
        self.reason = QLineEdit()
        self.match = button(context, "match.match", "accept")
        self.unmatch = button(context, "match.unmatch", "undo")
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("role", "caption")
        speech = context.speech
        for field, key in ((self.target, "match.target"), (self.reason, "match.reason")):
            speech.bind(field.setAccessibleName, key)
        speech.bind(self.reason.setPlaceholderText, "match.reason")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.said, 0, 0, 1, 2)
        grid.addWidget(self.target, 1, 0, 1, 2)
        grid.addWidget(self.reason, 2, 0, 1, 2)
        grid.addWidget(self.match, 3, 0)
        grid.addWidget(self.unmatch, 3, 1)
        self.match.clicked.connect(self._match)
        self.unmatch.clicked.connect(self._unmatch)
        self.reason.returnPressed.connect(self._match)

    def show_lines(self, keys: AbstractSet[str]) -> None:
        """Offer every line of the reconciliation but the ones of `keys`, which are the ones shown."""
        opened, words = self._context.workspace.opened, self._context.words()
        result = opened.result if opened else None
        self.target.clear()
        if result is not None and words is not None:
            named = [(words.line(line.key), line.key) for line in result.differences if line.key not in keys]
            for name, key in sorted(named, key=lambda pair: (collated(pair[0]), pair[1])):
                self.target.addItem(name, key)
        self.target.setCurrentIndex(-1)
        line = self.target.lineEdit()
        if line is not None:
            line.setPlaceholderText(self._context.speech.text("match.target"))
        chosen = set(self._lines())
        by_hand = chosen & (opened.matches if opened else frozenset())
        self.said.setText(self._context.speech.text("match.by_hand" if by_hand else "match.text"))
        self.unmatch.setEnabled(bool(by_hand))
        for widget in (self.target, self.reason, self.match):
            widget.setEnabled(bool(chosen))

    def _match(self) -> None:
        place = self.target.findText(self.target.currentText())
        if place < 0 or not self.target.currentText():
            self.target.setFocus()
            return
        if not self._reasoned():
            return
        self._context.workspace.match(self._lines(), str(self.target.itemData(place)), self.reason.text())
        self.reason.clear()

    def _unmatch(self) -> None:
        if self._reasoned():
            opened = self._context.workspace.opened
            by_hand = opened.matches if opened else frozenset()
            self._context.workspace.unmatch([line for line in self._lines() if line in by_hand], self.reason.text())
            self.reason.clear()

    def _reasoned(self) -> bool:
        """Tell whether there is a reason; without one the cursor goes where it is to be written."""
        given = bool(self.reason.text().strip())
        if not given:
            self.said.setText(self._context.speech.language.text("problems.reason_missing"))
            self.reason.setFocus()
        return given
