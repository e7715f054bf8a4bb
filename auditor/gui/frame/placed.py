"""A window of places, each built when it is first wanted or, once the window stands, while nothing else is asked."""

from collections.abc import Generator
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
    "sources": "views.sources:SourcesView", "rates": "views.rates:RatesView",
    "reconciliation": "views.reconciliation:ReconciliationView", "charts": "views.charts:ChartsView",
    "sign_off": "views.sign_off:SignOffView",
}  # fmt: skip
# What takes about as long to make as what it is a part of: it is made before, and handed to that.
_PARTS = {
    "views.sources:SourcesView": ("reading.import_preview:ImportPreview",),
    "views.reconciliation:ReconciliationView": ("differences.filter_bar:FilterBar", "differences.detail:DetailPane"),
    "differences.detail:DetailPane": ("differences.evidence:EvidencePane", "differences.reasons_pane:ReasonsPane"),
    "views.sign_off:SignOffView": (
        "signing.claims_pane:ClaimsPane", "signing.review_pane:ReviewPane", "signing.journal_pane:JournalPane",
    ),
}  # fmt: skip
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
        # Places that are being made, and those that are made and have no seat in the window yet.
        self._begun: dict[str, Generator[None, None, QWidget]] = {}
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
        """Make a part of the next place, the place, seat it, or join it: all at once would hold up the window."""
        if self.bound and self.bound not in self._unbuilt:
            self.ready.emit(self.bound)
        elif not self._unbuilt:
            return
        elif self._hastened or not self.context.workspace.worker.waiting:
            # Beside a worker that loads the engine, building takes the window twice as long.
            place = self._unbuilt[0]
            if place in vars(self):
                self.view(place)
            elif place in self._apart:
                getattr(self, place)
            else:
                self._go_on(place)
        self._slices.start()

    def _go_on(self, place: str) -> None:
        """Make the next part of a place or, of its parts, the place."""
        making = self._begun.setdefault(place, self._made(_VIEWS[place]))
        try:
            next(making)
        except StopIteration as end:
            self._apart[place] = end.value

    def _made(self, name: str) -> Generator[None, None, QWidget]:
        """Make something of its parts, which are made before; stops after each."""
        parts = []
        for part in _PARTS.get(name, ()):
            parts.append((yield from self._made(part)))
            yield
        return self._make(name, *parts)

    def _make(self, name: str, *parts: QWidget) -> QWidget:
        module, kind = name.split(":")
        made: QWidget = getattr(import_module(f"auditor.gui.{module}"), kind)(self.context, *parts)
        return made

    def _seated(self, place: str) -> QWidget:
        while place not in self._apart:
            self._go_on(place)
        view = self._apart.pop(place)
        refuse_drops(view)
        self._stack.addWidget(view)
        return view
