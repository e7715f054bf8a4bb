"""A field for a sentence or two, which are seen whole: it wraps what is typed, and Enter enters it."""

from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit

_LINES = 2
# What the style adds above and below the lines, its frame among it.
_EDGES = 16
# Milliseconds from a change of the text until it is told: no more than that is lost with the program.
_SOON = 800


class NoteField(QPlainTextEdit):
    """One paragraph on as many lines as it takes, of which two are in view. Tab leaves it.

    `typed` comes soon after the text became another, also while one goes on typing.
    """

    returnPressed = Signal()  # noqa: N815 - as Qt's own field of one line has it
    editingFinished = Signal()  # noqa: N815
    typed = Signal()

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # as `refuse_drops` has it
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self._soon.timeout.connect(self.typed)
        self.textChanged.connect(self._tell_soon)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + _EDGES)

    def text(self) -> str:
        """Give what is typed, what was pasted from several lines as one."""
        return " ".join(self.toPlainText().split("\n"))

    def fill_in(self, text: str) -> None:
        """Show a text from its beginning."""
        self.setPlainText(text)

    def _tell_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter for the end of the note."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.returnPressed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the keyboard is elsewhere."""
        super().focusOutEvent(event)
        self.editingFinished.emit()
