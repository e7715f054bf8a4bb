"""Replays: the log charged again, its columns or its terms changed by what is being tried (architecture.md §3).

An alternative is always the same engine under other terms, another zone or another column of messages; there is no
second one. A replay is made once for each set of changes and counted; pricing it otherwise costs next to nothing.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import Protocol

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.causes.tally import SENT
from auditor.core.causes.tally import Quarters
from auditor.core.causes.tally import by_quarter
from auditor.core.causes.tally import tally
from auditor.core.causes.tally import tally_quarters
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import FAILED
from auditor.core.kinds import IN_NO_WINDOW
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.problems import Progress
from auditor.core.results import Cell
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int8
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.tables import PricingType
from auditor.core.tables import UInt16
from auditor.core.terms import Terms
from auditor.core.threads import Folded
from auditor.core.timeline import DAY
from auditor.core.timeline import months_of_days

Bools = npt.NDArray[np.bool_]
TWICE = 2
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
            self._progress("replay", self.made, 0)
            self._known[known] = self._counted(names, setting, by_day=by_day)
        return self._known[known]

    def as_agreed(self) -> Quarters:
        """Give the charges as they are due, by quarters of an hour."""
        return self._by_quarter((), Setting(self._terms))

    def of_template(
        self, template: int, names: tuple[str, ...] = (), setting: Setting | None = None
    ) -> tuple[Cell, ...]:
        """Give those of one template (its place among those that the log names), as `replay` does; else as agreed."""
        made = setting or Setting(self._terms)
        known = (*names, made.cut, f"template {template}")
        if known not in self._known:
            self._known[known] = self._counted(names, made, by_day=self._by_day, template=template)
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

    def _quiet(self, _step: str, _done: int, _total: int) -> None:
        """Pass a cancellation on; the steps of one replay are not told apart."""
        self._progress("replay", self.made, 0)

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


# Columns of the log, changed -----------------------------------------------------------------------------------------


def without_referrals(log: LogLike, engine: Engine) -> LogLike:
    """Give the log as if no user had come from an ad or Page button."""
    messages = replace(log.messages, kind=log.messages.kind & ~np.uint16(REFERRAL))
    none = np.zeros(0, np.int64)
    partitions = tuple(
        replace(part, referral=none, referral_first=np.zeros_like(part.referral_first))
        for part in log.folded.partitions
    )
    return engine.in_place(log, messages, replace(log.folded, partitions=partitions))


def without_restarts(log: LogLike, engine: Engine) -> LogLike:
    """Give the log as if a service window ended a day after the message that opened it, whatever is written in it."""
    partitions = []
    for part in log.folded.partitions:
        opens = _openers(part.inbound, part.inbound_first)
        before = np.concatenate([[0], np.cumsum(opens)])
        own = replace(part, inbound=part.inbound[opens], inbound_first=before[part.inbound_first])
        partitions.append(own)
    return engine.in_place(log, log.messages, replace(log.folded, partitions=tuple(partitions)))


def in_no_window(log: LogLike, engine: Engine, rows: Bools) -> LogLike:
    """Give the log as if no service window made the messages in some rows free."""
    messages, folded = log.messages, log.folded
    kinds = (messages.kind | rows * np.uint16(IN_NO_WINDOW), folded.kind | rows[folded.row] * np.uint16(IN_NO_WINDOW))
    return engine.in_place(log, replace(messages, kind=kinds[0]), replace(folded, kind=kinds[1]))


def by_stated_country(log: LogLike, engine: Engine) -> LogLike:
    """Give the log as if customers whose country it states had no number: the number would decide."""
    folded = log.folded
    users = np.where(folded.country >= 0, np.int64(0), folded.user)
    return engine.in_place(log, log.messages, replace(folded, user=users))


@njit(cache=True, nogil=True)
def _openers(times: Int64, first: Int64) -> Bools:
    """Tell which of the times of each thread are in no window that an earlier one has opened."""
    opens = np.zeros(len(times), np.bool_)
    for thread in range(len(first) - 1):
        last = NEVER
        for n in range(first[thread], first[thread + 1]):
            if last == NEVER or times[n] - last >= DAY:
                opens[n] = True
                last = times[n]
    return opens


def undelivered(log: LogLike, engine: Engine, *, failed: bool, merely_sent: bool) -> LogLike:
    """Give the log with what failed, or was merely sent, taken as delivered when it was sent."""
    return engine.prepared(log, replace(log.messages, delivered=_delivered_too(log, failed, merely_sent)))


def _delivered_too(log: LogLike, failed: bool, merely_sent: bool) -> Int64:
    messages, folded = log.messages, log.folded
    has_failed = (folded.kind & FAILED) != 0
    chosen = (folded.billed == NEVER) & ((has_failed & failed) | (~has_failed & merely_sent))
    rows = np.flatnonzero(chosen[log.merged_into] & ((messages.kind & OUTBOUND) != 0))
    sent = folded.sent[log.merged_into[rows]]
    sent = np.where(sent != NEVER, sent, messages.failed[rows])
    delivered = messages.delivered.copy()
    delivered[rows] = np.where(sent != NEVER, sent, delivered[rows])
    return delivered


def deliveries(log: LogLike) -> Int64:
    """Give, for each message (place in `Folded`), how many rows of the log say that it was delivered."""
    return np.bincount(log.merged_into[_reports(log)], minlength=len(log.folded.row)).astype(np.int64)


def _reports(log: LogLike) -> Int64:
    """Give the rows that say that a message was delivered; where none says so, those that say that it was read."""
    messages, place = log.messages, log.merged_into
    outbound = (messages.kind & OUTBOUND) != 0
    delivered = outbound & (messages.delivered != NEVER)
    reported = np.zeros(len(log.folded.row), np.bool_)
    reported[place[delivered]] = True
    return np.flatnonzero(delivered | (outbound & (messages.read != NEVER) & ~reported[place]))


def apart(log: LogLike, engine: Engine) -> LogLike:
    """Give the log with every repeated delivery as a message of its own."""
    return engine.prepared(log, _apart(log))


def _apart(log: LogLike) -> Messages:
    messages, folded, place = log.messages, log.folded, log.merged_into
    rows = _reports(log)
    order = rows[np.argsort(place[rows], kind="stable")]
    again = order[1:][place[order[1:]] == place[order[:-1]]]
    bare = again[messages.delivered[again] == NEVER]
    copies = np.arange(1, len(again) + 1, dtype=np.uint64)
    # A microsecond later: what ties is put in order by ids, which takes long to look up.
    return replace(
        messages,
        kind=_with(messages.kind, again, folded.kind[place[again]] & np.uint16(255)),
        sent=_with(messages.sent, again, folded.sent[place[again]]),
        id_hash=_with(messages.id_hash, again, messages.id_hash[again] * np.uint64(0x9E3779B97F4A7C15) + copies),
        delivered=_with(messages.delivered, again, messages.delivered[again] + (messages.delivered[again] != NEVER)),
        read=_with(messages.read, bare, messages.read[bare] + 1),
    )


def _with(column: npt.NDArray[Any], rows: Int64, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give a column with other values in some rows: itself where they are the same, for a copy takes room."""
    if np.array_equal(column[rows], values):
        return column
    made = column.copy()
    made[rows] = values
    return made


def recategorised(
    log: LogLike, engine: Engine, pairs: Mapping[Category, Category], rows: Bools | None = None
) -> LogLike:
    """Give the log with templates of one category sent as another: all of them, or those in some rows."""
    messages, folded = log.messages, log.folded
    every = np.ones(len(messages), np.bool_) if rows is None else rows
    made = replace(messages, kind=_recategorised(messages.kind, pairs, every))
    return engine.in_place(log, made, replace(folded, kind=_recategorised(folded.kind, pairs, every[folded.row])))


def _recategorised(kind: UInt16, pairs: Mapping[Category, Category], among: Bools) -> UInt16:
    own = (kind & CATEGORY_MASK) >> CATEGORY_SHIFT
    made = kind.copy()
    for source, target in pairs.items():
        chosen = among & (own == source) & ((kind & OUTBOUND) != 0)
        made[chosen] = (kind[chosen] & ~np.uint16(CATEGORY_MASK)) | np.uint16(int(target) << CATEGORY_SHIFT)
    return made


# Units per charge, other than one ------------------------------------------------------------------------------------


def by_delivery(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a charge once for every row that reports its delivery."""
    return np.maximum(deliveries(log)[log.merged_into[charges.row]], 1)


def sent_times(log: LogLike, charges: Charges) -> Int64:
    """Give when the message behind each charge was sent; where nothing says so, when it was delivered."""
    sent = log.folded.sent[log.merged_into[charges.row]]
    return np.where(sent == NEVER, charges.billed_at, sent)


def by_status(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a charge once for its message being delivered, and once more for its being read."""
    messages = log.messages
    reported = np.ones(len(log.folded.row), np.bool_)
    for at in (messages.delivered, messages.read):
        told = np.zeros(len(reported), np.bool_)
        told[log.merged_into[at != NEVER]] = True
        reported &= told
    return 1 + reported[log.merged_into[charges.row]].astype(np.int64)


def by_repetition(log: LogLike, charges: Charges, terms: Terms) -> Int64:
    """Count a charge twice where its delivery is reported more than once, however often."""
    return np.minimum(by_delivery(log, charges, terms), TWICE)


def twice(_log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count every charge twice."""
    return np.full(len(charges), TWICE, np.int64)


def twice_in(rows: Bools, _log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count every charge of some rows twice."""
    return 1 + rows[charges.row].astype(np.int64)


def by_message(_log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a conversation once for every message in it."""
    return charges.messages.astype(np.int64)


def by_session(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count charged messages of one thread and category once in 24 hours, as conversations would be."""
    charged = charges.pricing_type == PricingType.REGULAR
    users = log.messages.user[charges.row]
    return _sessions(charges.number, users, charges.category, charges.billed_at, charged, len(Category))


def beyond_allowance(
    _log: LogLike, charges: Charges, terms: Terms, *, month: str = "", entry_points: bool = False,
    together: bool = False, only: Category | None = None, last: bool = False,
) -> Int64:  # fmt: skip
    """Count charges as the free allowance would leave them by another calendar: months of UTC, or all of them as one.

    Where `entry_points` is set, conversations of these use it up as well; `together` gives all owners one allowance,
    `only` gives it to one category, `last` to the last units and not the first. Nothing must have been let pass under
    the account's own calendar.
    """
    counts = np.ones(len(charges), np.int64)
    for place, regime in enumerate(terms.regimes):
        if regime.allowance is None:
            continue
        own = (charges.regime == place) & (charges.pricing_type == PricingType.REGULAR)
        if regime.allowance.of == "service":
            own &= charges.category == Category.SERVICE
        if only is not None:
            own &= charges.category == only
        drawn = own | ((charges.category == Category.REFERRAL_CONVERSION) & (charges.regime == place) & entry_points)
        rows = np.flatnonzero(drawn)
        rows = rows[np.lexsort((charges.row[rows], charges.billed_at[rows]))][:: -1 if last else 1]
        owner = (charges.waba if regime.allowance.per == "waba" else charges.number)[rows].astype(np.int64)
        owner *= not together
        if month != "all":
            days = charges.billed_at[rows] // DAY if month == "UTC" else charges.day[rows]
            owner = owner * 100_000 + months_of_days(days.astype(np.int32))
        free = rows[_turns(owner) < regime.allowance.size]
        counts[free[own[free]]] = 0
    return counts


def _turns(owners: Int64) -> Int64:
    """Give each row's turn among the rows of its owner, from 0."""
    order = np.argsort(owners, kind="stable")
    ordered = owners[order]
    turns = np.empty(len(owners), np.int64)
    turns[order] = np.arange(len(owners)) - np.searchsorted(ordered, ordered)
    return turns


@njit(cache=True, nogil=True)
def _sessions(number: Int32, user: Int64, category: Int8, at: Int64, charged: Bools, categories: int) -> Int64:
    """Count the charges that open a session: those of a thread follow one another, in order of time."""
    counts = np.ones(len(at), np.int64)
    opened = np.full(categories, NEVER, np.int64)
    for n in range(len(at)):
        if n and (number[n] != number[n - 1] or user[n] != user[n - 1]):
            opened[:] = NEVER
        if not charged[n]:
            continue
        last = opened[category[n]]
        if last != NEVER and at[n] - last < DAY:
            counts[n] = 0
        else:
            opened[category[n]] = at[n]
    return counts
