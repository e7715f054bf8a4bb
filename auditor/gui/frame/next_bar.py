"""The next step, said over the place it is looked at from; Sources and places without a result say it themselves."""

from collections.abc import Callable
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal

from auditor.gui.context import Context
from auditor.gui.pieces.message_bar import MessageBar

# What takes from the worth of what is shown; where the invoice is to come, an accrual is looked at.
_DOUBTS = frozenset({"unread", "side", "obstacle", "unrated", "uncategorised"})
_ENDS = frozenset({"claim", "close"})
_SHOWN = {
    "rates": _DOUBTS,
    "reconciliation": _DOUBTS | _ENDS | {"invoice"},
    "charts": _DOUBTS | {"invoice"},
    "sign_off": _DOUBTS,
}


class NextBar(MessageBar):
    """Says the next step with the way to it, until it is closed or another."""

    files_wanted = Signal()
    sources_wanted = Signal()
    led = Signal(str)

    def __init__(self, context: Context) -> None:
        """Begin hidden."""
        super().__init__(context)
        self._place, self._closed = "", ""
        self.closed.connect(self._forgo)
        for changed in (context.workspace.changed, context.workspace.waits.changed, context.speech.switched):
            changed.connect(self._follow)

    def look_from(self, place: str) -> None:
        """Say what is next as it is seen from a place."""
        self._place = place
        self._follow()

    def _forgo(self) -> None:
        self._closed = self.label.text()

    def _follow(self) -> None:
        from auditor.gui.reading import next_step as steps  # noqa: PLC0415 - with the core comes numpy

        opened = self._context.workspace.opened
        if self._place not in _SHOWN or opened is None or (opened.result is None and self._place != "sign_off"):
            self.hide()
            return
        step = steps.next_step(self._context)
        if step is None or step.code not in _SHOWN[self._place] or step.text == self._closed:
            self.hide()
            return
        kind = "info" if step.code == "invoice" else "done" if step.code in _ENDS else "problem"
        action, act = self._way(step.code, steps.LED)
        self.tell(step.text, kind=kind, action=self._context.speech.text(action), act=act)

    def _way(self, code: str, led: Mapping[str, str]) -> tuple[str, Callable[[], object]]:
        """Give the button of a step, and what it does."""
        if code == "invoice":
            return "sources.add", self.files_wanted.emit
        if code in led:
            return led[code], partial(self.led.emit, code)
        return "sources.next.go", self.sources_wanted.emit
