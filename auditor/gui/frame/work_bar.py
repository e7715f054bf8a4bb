"""The progress of background work: step, rows, time left, and a button to cancel it."""

from time import monotonic

from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QProgressBar
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.language import catalogue

_WIDTH = 180
# Before this much time has gone by an estimate of what is left would only jump about.
_SETTLED = 2.0
_MINUTE = 60
_PERCENT = 100


class WorkBar(QWidget):
    """Shown while the worker does something the user waits for."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        """Begin hidden and follow the worker."""
        super().__init__(parent)
        self._context = context
        self._step, self._since = "", monotonic()
        self.label = QLabel(self)
        self.bar = QProgressBar(self, textVisible=False)
        self.bar.setFixedWidth(_WIDTH)
        self.cancel = QPushButton(self, flat=True, autoDefault=True)
        context.speech.bind(self.cancel.setText, "work.cancel")
        context.speech.bind(self.bar.setAccessibleName, "work.progress")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        for widget in (self.label, self.bar, self.cancel):
            layout.addWidget(widget)
        worker = context.workspace.worker
        worker.began.connect(self._begin)
        worker.progressed.connect(self._progress)
        worker.ended.connect(self.hide)
        self.cancel.clicked.connect(self._cancel)
        self.hide()

    def _begin(self) -> None:
        self._step, self._since = "", monotonic()
        self.label.setText(self._context.speech.text("work.begin"))
        self.bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        self.show()

    def _progress(self, step: str, done: int, total: int) -> None:
        if step != self._step:
            self._step, self._since = step, monotonic()
        # Qt counts in 32 bits; a log may have more rows than that.
        self.bar.setRange(0, 1000 if total else 0)
        if total:
            self.bar.setValue(done * 1000 // total)
        self.label.setText("  ·  ".join(self._said(step, done, total)))

    def _said(self, step: str, done: int, total: int) -> list[str]:
        speech = self._context.speech
        texts = catalogue(speech.language.code)
        parts = [texts.get(f"cli.step.{step}") or speech.text("work.begin")]
        if total:
            number = speech.language.number
            # What counts to a hundred counts per cent.
            how = "percent" if total == _PERCENT else "rows"
            parts.append(speech.text(f"work.{how}", done=number(done), total=number(total)))
            parts += self._time_left(done, total)
        return parts

    def _time_left(self, done: int, total: int) -> list[str]:
        spent = monotonic() - self._since
        if spent < _SETTLED or not 0 < done < total:
            return []
        left = round(spent * (total - done) / done)
        if left < _MINUTE:
            return [self._context.speech.text("work.seconds", count=max(1, left))]
        return [self._context.speech.text("work.minutes", count=round(left / _MINUTE))]

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.label.setText(self._context.speech.text("work.cancelling"))
        self._context.workspace.worker.cancel()
