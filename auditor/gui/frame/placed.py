"""A window of places, each built when it is first wanted or, once the window stands, while nothing else is asked."""

from functools import cached_property
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QWidget

from auditor.gui.actions import PLACES
from auditor.gui.context import Context
from auditor.gui.pieces.controls import refuse_drops
from auditor.gui.views.start import StartView
from auditor.language import Language
from auditor.language import catalogue

if TYPE_CHECKING:
    from auditor.gui.views.charts import ChartsView
    from auditor.gui.views.rates import RatesView
    from auditor.gui.views.reconciliation import ReconciliationView
    from auditor.gui.views.sign_off import SignOffView
    from auditor.gui.views.sources import SourcesView

# Each place is imported where it is made: with all of them the window would stand in twice the time.

_VIEWS = {
    "sources": "SourcesView", "rates": "RatesView", "reconciliation": "ReconciliationView", "charts": "ChartsView",
    "sign_off": "SignOffView",
}  # fmt: skip
# What takes as long to make as the rest of its place: it is handed to the place, made before.
_PARTS = {
    "sources": (("reading.import_preview", "ImportPreview"),),
    "reconciliation": (("differences.filter_bar", "FilterBar"), ("differences.detail", "DetailPane")),
}
# Milliseconds from the end of one slice of what is built unasked to the next: what the user does comes in between.
_PAUSE = 20


def load_places(language: Language) -> None:
    """Load what the places are made of, down to their texts and how figures are written: on any thread."""
    from auditor.gui.native_code import load_native_code  # noqa: PLC0415 - the start does without

    load_native_code()
    for place in PLACES:
        import_module(f"auditor.gui.views.{place}")
    len(catalogue(language.code))  # to count the texts, all are read
    language.number(0)


class PlacedWindow(QMainWindow):
    """Holds the six places. Start is there from the beginning, the others follow; each shows the audit as it then is.

    `built` names a place that was just built, to be joined to the rest of the window; `ready` one that was headed for.
    """

    built = Signal(str)
    ready = Signal(str)

    def __init__(self, context: Context) -> None:
        """Begin with start."""
        super().__init__()
        self.context = context
        self.place = PLACES[0]
        self._stack = QStackedWidget()
        self._unbuilt = list(PLACES)
        # What a place is made of, and places that are made and not joined to the window yet.
        self._parts: dict[str, list[QWidget]] = {}
        self._apart: dict[str, QWidget] = {}
        self._completing = self._hastened = False
        # The place that is shown as soon as it is built; empty: none.
        self.bound = ""
        self._slices = QTimer(self, singleShot=True, interval=_PAUSE)
        self._slices.timeout.connect(self._build_next)

    @cached_property
    def start(self) -> StartView:
        """The first place. It refuses drops by itself: to look for fields has a class made for all that is there."""
        made = StartView(self.context)
        self._stack.addWidget(made)
        return made

    @cached_property
    def sources(self) -> "SourcesView":
        """What was taken in."""
        return cast("SourcesView", self._seated("sources"))

    @cached_property
    def rates(self) -> "RatesView":
        """The rate cards."""
        return cast("RatesView", self._seated("rates"))

    @cached_property
    def reconciliation(self) -> "ReconciliationView":
        """The differences."""
        return cast("ReconciliationView", self._seated("reconciliation"))

    @cached_property
    def charts(self) -> "ChartsView":
        """The charts."""
        return cast("ChartsView", self._seated("charts"))

    @cached_property
    def sign_off(self) -> "SignOffView":
        """The end of the work."""
        return cast("SignOffView", self._seated("sign_off"))

    def view(self, place: str) -> QWidget:
        """Give a place by its name, built and joined to the window."""
        view: QWidget = getattr(self, place)
        if place in self._unbuilt:
            self._unbuilt.remove(place)
            self.built.emit(place)
        return view

    def complete_idly(self) -> None:
        """Build what is not there yet, a place at a time, between what the user asks; the worker imports it first."""
        if self._completing:
            return
        self._completing = True
        load = partial(load_places, self.context.speech.language)
        self.context.workspace.compute(load, lambda _loaded: self._slices.start())

    def hasten(self) -> None:
        """Build what is not there yet also beside a worker that is busy: what it does will be looked at."""
        self._hastened = True
        self.complete_idly()

    def head_for(self, place: str) -> None:
        """Show a place: at once or, if it is not built yet, before all others and as soon as it is.

        To build it, to fill it and to draw it are a slice each: all three at once hold up the window.
        """
        self.bound = place
        if place not in self._unbuilt:
            self.ready.emit(place)
            return
        self._unbuilt.sort(key=lambda one: one != place)
        self._hastened = True
        self._slices.start()

    def _build_next(self) -> None:
        """Make a part of the next place, the place, or join it to the window: all at once hold up the window."""
        if self.bound and self.bound not in self._unbuilt:
            self.ready.emit(self.bound)
        elif not self._unbuilt:
            return
        elif self._hastened or not self.context.workspace.worker.waiting:
            # Beside a worker that loads the engine, building takes the window twice as long.
            place = self._unbuilt[0]
            if place in self._apart:
                self.view(place)
            elif not self._make_part(place):
                self._apart[place] = self._made(place)
        self._slices.start()

    def _make_part(self, place: str) -> bool:
        """Make the next part of a place; tell whether one was still to be made."""
        made, parts = self._parts.setdefault(place, []), _PARTS.get(place, ())
        if len(made) == len(parts):
            return False
        made.append(self._make(*parts[len(made)]))
        return True

    def _made(self, place: str) -> QWidget:
        while self._make_part(place):
            pass
        return self._make(f"views.{place}", _VIEWS[place], *self._parts.pop(place))

    def _make(self, module: str, name: str, *parts: QWidget) -> QWidget:
        made: QWidget = getattr(import_module(f"auditor.gui.{module}"), name)(self.context, *parts)
        return made

    def _seated(self, place: str) -> QWidget:
        view = self._apart.pop(place, None) or self._made(place)
        refuse_drops(view)
        self._stack.addWidget(view)
        return view
