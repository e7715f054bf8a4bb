"""Replays: the log charged again, its columns or its terms changed by what is being tried (architecture.md §3).

An alternative is always the same engine under other terms, another zone or another column of messages; there is no
second one. A replay is made once for each set of changes and counted; pricing it otherwise costs next to nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from auditor.core.causes.forgetting import forget
from auditor.core.causes.tally import SENT
from auditor.core.causes.tally import Quarters
from auditor.core.causes.tally import by_quarter
from auditor.core.causes.tally import tally
from auditor.core.causes.tally import tally_quarters
from auditor.core.problems import Progress
from auditor.core.results import Cell
from auditor.core.tables import NEVER
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.terms import Terms
from auditor.core.threads import Folded

Bools = npt.NDArray[np.bool_]
_ROWS_REMEMBERED = 10_000_000
_QUARTERS_REMEMBERED = 4_000_000


class LogLike(Protocol):
    """A message log ready to be charged (`audit.Log`)."""

    @property
    def messages(self) -> Messages: ...  # noqa: D102 - as in `audit.Log`
    @property
    def folded(self) -> Folded: ...  # noqa: D102
    @property
    def merged_into(self) -> Int32: ...  # noqa: D102
    def templates(self) -> tuple[tuple[str, ...], Int32]: ...  # noqa: D102


Edit = Callable[[LogLike, "Engine"], LogLike]
Units = Callable[[LogLike, Charges, Terms], Int64]


class Engine(Protocol):
    """What replays are made with (`audit`)."""

    def kinds(self, log: LogLike, terms: Terms, zone: str, progress: Progress) -> ChargeKinds:
        """Charge a log and give the kinds of charges, counted."""

    def charges(self, log: LogLike, terms: Terms, zone: str, progress: Progress) -> Charges:
        """Charge a log and give every charge."""

    def prepared(self, log: LogLike, messages: Messages) -> LogLike:
        """Prepare a log anew, with other messages in its rows."""

    def in_place(self, log: LogLike, messages: Messages, folded: Folded) -> LogLike:
        """Give a log with other messages in the same order: the rows, and the same messages folded."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a replay starts from: the terms, and what is done otherwise than the rules say.

    `edits` change the log before it is charged; `zone` replaces the accounts' own; `cut` is what alone the period
    is cut by (`days_cut`); `units` are what each charge is billed as.
    """

    terms: Terms
    edits: tuple[Edit, ...] = ()
    zone: str = ""
    cut: str = ""
    units: tuple[Units, ...] = ()


class Replays:
    """Makes replays of one log, each once."""

    def __init__(
        self, log: LogLike, terms: Terms, singly: Callable[[], Charges], engine: Engine, progress: Progress, *,
        by_day: bool, dated: bool,
    ) -> None:  # fmt: skip
        """Take the log, the terms as agreed, the charges they come to, and the engine.

        `by_day` keeps days apart when charges are counted; `dated` tells that lines state days.
        """
        self._log = log
        self._terms = terms
        self._singly = singly
        self._engine = engine
        self._progress = progress
        self._by_day, self._dated = by_day, dated
        self._known: dict[tuple[str, ...], tuple[Cell, ...]] = {}
        self._logs: dict[tuple[Edit, ...], LogLike] = {}
        self._quarters: dict[tuple[str, ...], Quarters] = {}
        self.made = 0

    def replay(self, names: tuple[str, ...], setting: Setting, *, by_day: bool = False) -> tuple[Cell, ...]:
        """Give the charges of the period, counted, under a setting that `names` identify but for its cut.

        `by_day` keeps days apart also where nothing else asks for it.
        """
        by_day = by_day or self._by_day
        known = (*names, setting.cut, "by day" * by_day)
        if known not in self._known:
            self.made += 1
            self.goes_on()
            self._known[known] = self._counted(names, setting, by_day=by_day)
        return self._known[known]

    def as_agreed(self) -> Quarters:
        """Give the charges as they are due, by quarters of an hour."""
        return self._by_quarter((), Setting(self._terms))

    def of_template(
        self, template: int, names: tuple[str, ...] = (), setting: Setting | None = None, *, by_day: bool = False
    ) -> tuple[Cell, ...]:
        """Give those of one template (its place among those that the log names), as `replay` does; else as agreed."""
        made, by_day = setting or Setting(self._terms), by_day or self._by_day
        known = (*names, made.cut, f"template {template}", "by day" * by_day)
        if known not in self._known:
            self._known[known] = self._counted(names, made, by_day=by_day, template=template)
        return self._known[known]

    def _counted(
        self, names: tuple[str, ...], setting: Setting, *, by_day: bool, template: int | None = None
    ) -> tuple[Cell, ...]:
        terms, account = setting.terms, self._terms.account
        if template is None and not setting.cut and not setting.units:
            kinds = self._engine.kinds(self._edited(setting.edits), terms, setting.zone, self._quiet)
            return tally(kinds, terms, account, by_day=by_day)
        by_template = template is not None
        quarters = self._by_quarter(names, setting, by_day=by_day and bool(setting.cut), by_template=by_template)
        quarters = quarters if template is None else quarters.of_template(template)
        return tally_quarters(quarters, terms, account, by_day=by_day, cut=setting.cut, dated=self._dated)

    def _by_quarter(
        self, names: tuple[str, ...], setting: Setting, *, by_day: bool = False, by_template: bool = False
    ) -> Quarters:
        """Give the charges under a setting by quarters of an hour, wherever it cuts the period.

        `by_day` keeps all quarters apart, which another calendar may put on other days, `by_template` templates.
        """
        by_day = by_day or self._by_day
        by_sent = setting.cut == SENT
        names = (*names, "by day" * by_day, SENT * by_sent, "by template" * by_template)
        made = self._quarters.pop(names, None)
        if made is None:
            log, terms = self._edited(setting.edits), setting.terms
            as_agreed = log is self._log and terms is self._terms and not setting.zone
            charges = self._singly() if as_agreed else self._engine.charges(log, terms, setting.zone, self._quiet)
            units = None
            for count in setting.units:
                units = count(log, charges, terms) * (1 if units is None else units)
            if by_sent:
                charges = replace(charges, billed_at=sent_times(log, charges))
            templates = self._log.templates()[1] if by_template else None
            made = by_quarter(charges, units, self._terms.account, by_day=by_day, templates=templates)
        self._quarters[names] = made  # the last one used goes last
        room = _QUARTERS_REMEMBERED // max(1, len(made.counts))
        for old in list(self._quarters)[: max(0, len(self._quarters) - max(1, room))]:
            del self._quarters[old]
        return made

    def forget(self) -> None:
        """Let go of what was replayed, a piece at a time (see `forgetting.py`)."""
        forget(self._known, self._logs, self._quarters)

    def goes_on(self) -> None:
        """Say that causes are still looked for, which may be cancelled."""
        self._progress("replay", self.made, 0)

    def _quiet(self, _step: str, _done: int, _total: int) -> None:
        """Pass a cancellation on; the steps of one replay are not told apart."""
        self.goes_on()

    def _edited(self, edits: tuple[Edit, ...]) -> LogLike:
        """Give the log with edits made, one after another; of edited logs as many are kept as need little room."""
        if not edits:
            return self._log
        if edits in self._logs:
            self._logs[edits] = self._logs.pop(edits)  # the last one used goes last
        else:
            before = self._edited(edits[:-1])
            room = max(1, _ROWS_REMEMBERED // max(1, len(before.messages)))
            for old in list(self._logs)[: max(0, len(self._logs) - room + 1)]:
                del self._logs[old]  # before the next one is made: it takes room of its own
            self._logs[edits] = edits[-1](before, self._engine)
        return self._logs[edits]


def sent_times(log: LogLike, charges: Charges) -> Int64:
    """Give when the message behind each charge was sent; where nothing says so, when it was delivered."""
    sent = log.folded.sent[log.merged_into[charges.row]]
    return np.where(sent == NEVER, charges.billed_at, sent)
