"""Messages beside the thing they are about: a bar that says what happened, why, and what to do."""

from collections.abc import Callable
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QWidget

from auditor import __version__
from auditor.core.problems import AuditorError
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Tool

_SHOWN_PROBLEMS = 5
_SIGNS = {"problem": ("warning", "over"), "done": ("accept", "good"), "info": ("info", "accent")}


class MessageBar(QFrame):
    """One message at a time, with a button for what can be done, and a second where there is a choice. Hidden else."""

    closed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None, *, flush: bool = False) -> None:
        """Begin hidden; `flush` where what is around it has margins of its own."""
        super().__init__(parent)
        self.setProperty("flush", flush)
        self._context = context
        self._act: Callable[[], object] | None = None
        self._act_otherwise: Callable[[], object] | None = None
        # Says the same again, in another language: an error can be, a text that was handed in cannot.
        self._again: Callable[[], object] | None = None
        self._kind = "info"
        self.setObjectName("messageBar")
        self._sign = QLabel(self)
        self.label = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action, self.otherwise = QPushButton(self, autoDefault=True), QPushButton(self, autoDefault=True)
        self.action.clicked.connect(self._do)
        self.otherwise.clicked.connect(self._do_otherwise)
        self._close = Tool(self, autoRaise=True)
        self._close.clicked.connect(self.hide)
        self._close.clicked.connect(self.closed)
        context.appearance.bind_icon(self._close.setIcon, "close", "muted")
        context.speech.bind(self._close.setToolTip, "message.close")
        context.speech.bind(self._close.setAccessibleName, "message.close")
        context.appearance.changed.connect(self._paint_sign)
        context.speech.switched.connect(self._say_again)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 8, 7)
        layout.setSpacing(10)
        layout.addWidget(self._sign)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.action)
        layout.addWidget(self.otherwise)
        layout.addWidget(self._close)
        self.hide()

    def tell(self, text: str, *, kind: str = "info", action: str = "", act: Callable[[], object] | None = None) -> None:
        """Say something: kind is info, done or problem; `action` is the text of the button for `act`, if any."""
        self._kind, self._act, self._again = kind, act, None
        self.label.setText(text)
        self.label.setAccessibleName(text)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.otherwise.hide()
        self.setProperty("kind", kind)
        self.style().polish(self)
        self._paint_sign()
        self.show()

    def offer_otherwise(self, action: str, act: Callable[[], object]) -> None:
        """Offer a second thing to be done about what was just said, by a button beside the first."""
        self._act_otherwise = act
        self.otherwise.setText(action)
        self.otherwise.show()

    def tell_error(self, error: BaseException) -> None:
        """Say why something failed: the sentence of a refusal, or an apology with a report to copy for a fault."""
        if isinstance(error, AuditorError):
            self.tell_refusals([error])
            return
        said, written = self._context.speech.text, report(error)
        self.tell(said("message.fault"), kind="problem", action=said("message.copy"), act=lambda: self._copy(written))
        self._again = partial(self.tell_error, error)

    def tell_refusals(
        self, errors: Sequence[AuditorError], *, action: str = "", act: Callable[[], object] | None = None
    ) -> None:
        """Say why files or steps were refused: each reason once; of one alone with all that was found in it.

        `action` is the key of the text of the button for `act`, if any.
        """
        sentences = list(dict.fromkeys(map(self._context.speech.error, errors)))
        told = self._context.speech.text("message.refused", count=len(errors))
        text = "\n".join([told, *self._listed(sentences)]) if len(sentences) > 1 else self._sentence(errors[0])
        self.tell(text, kind="problem", action=self._context.speech.text(action) if action else "", act=act)
        self._again = partial(self.tell_refusals, errors, action=action, act=act)

    def _say_again(self) -> None:
        """Say in the language of now what was said, or hide what can be said by nobody but who said it."""
        if self._again is not None and not self.isHidden():
            self._again()
        else:
            self.hide()

    def _sentence(self, error: AuditorError) -> str:
        speech = self._context.speech
        return "\n".join([speech.error(error), *self._listed([speech.problem(one) for one in error.problems])])

    def _listed(self, sentences: Sequence[str]) -> list[str]:
        """Give the first sentences as points, and how many there are beside them."""
        points = [f"•  {sentence}" for sentence in sentences[:_SHOWN_PROBLEMS]]
        more = len(sentences) - len(points)
        return points + ([self._context.speech.text("message.more", count=more)] if more else [])

    def _paint_sign(self) -> None:
        name, colour = _SIGNS[self._kind]
        self._sign.setPixmap(self._context.appearance.icon(name, colour).pixmap(20, 20))

    def _do(self) -> None:
        if self._act is not None:
            self._act()

    def _do_otherwise(self) -> None:
        if self._act_otherwise is not None:
            self._act_otherwise()

    def _copy(self, written: str) -> None:
        QApplication.clipboard().setText(written)
        self.action.setText(self._context.speech.text("message.copied"))


def report(error: BaseException) -> str:
    """Write down a fault for those who mend it: version, system, where it happened. None of the audit's data."""
    import platform  # noqa: PLC0415 - the start does without
    import traceback  # noqa: PLC0415 - as above

    frames = traceback.format_exception(type(error), error, error.__traceback__)
    return f"auditor {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n{''.join(frames)}"
