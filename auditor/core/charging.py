"""From threads to charges: a log made ready once, then walked and priced under as many readings as are wanted.

`prepare` merges and orders (threads.py); `charge` walks (windows.py), counts lots (lots.py) and prices (charges.py).
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from functools import partial
from os import cpu_count
from typing import Protocol
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from auditor.core.charges import Priced
from auditor.core.charges import abroad_from
from auditor.core.charges import plan
from auditor.core.charges import price
from auditor.core.counters import Counted
from auditor.core.counters import Pieces
from auditor.core.counters import may_count
from auditor.core.counters import those_counted
from auditor.core.edges import Gathered
from auditor.core.edges import Gathering
from auditor.core.health.activity import Activity
from auditor.core.health.activity import Counter
from auditor.core.health.seen import Seen
from auditor.core.health.seen import look
from auditor.core.lots import Lots
from auditor.core.lots import LotTable
from auditor.core.lots import lots_of
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import Regime
from auditor.core.regimes import RegimeColumns
from auditor.core.regimes import columns
from auditor.core.results import Allowance
from auditor.core.rows import InMemory
from auditor.core.rows import Rows
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.tables import UInt64
from auditor.core.taken_as import taken_as
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.threads import Folded
from auditor.core.threads import Names
from auditor.core.threads import Partition
from auditor.core.threads import Ranked
from auditor.core.threads import Watch
from auditor.core.threads import fold
from auditor.core.threads import ranked_by
from auditor.core.threads import remembered
from auditor.core.timeline import Zones
from auditor.core.timeline import instant
from auditor.core.timeline import zones
from auditor.core.windows import Geography
from auditor.core.windows import Units
from auditor.core.windows import no_units
from auditor.core.windows import walk

_Made = TypeVar("_Made")
# Walks of other readings are remembered up to so many counted units, and every unit of them up to so many, which take
# more room; so many partitions are walked ahead.
_UNITS_REMEMBERED = 4_000_000
_SINGLES_REMEMBERED = 1_500_000
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Log:
    """A message log made ready to be charged, as often as wanted. `merged_into` gives each row's message.

    `active` tells when its numbers were active in the audit's period, `account` whose log it is.
    `walks` remembers how it was walked under which zones and rules: a reading that only prices otherwise walks no more.
    `singles` remembers every unit it came to so: what is charged for each is another matter. `origin` is what the whole
    log knows this part's rows by, if it is one (`divided.py`). `known` remembers the names of rows at the edges of
    counters: every reading asks for them.
    """

    rows: Rows
    folded: Folded
    merged_into: Int32
    names: Names
    active: Activity
    account: Account
    walks: dict[object, "Walked"] = field(default_factory=dict)
    singles: dict[object, "Singles"] = field(default_factory=dict)
    origin: Int64 | None = None
    known: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def messages(self) -> Messages:
        """Give the log's rows as columns that stand in memory as a whole."""
        return self.rows.whole()

    def templates(self) -> tuple[tuple[str, ...], Int32]:
        """Give the names of templates, and each row's place among them (-1: it has none of these)."""
        return self.rows.templates()

    @property
    def ranked(self) -> Ranked:
        """Give what ranks rows by message id, then user."""
        return ranked_by(remembered(self.names, self.known))

    def parts(self) -> Iterator["Log"]:
        """Give the parts of the log, each of whole threads: it is one itself."""
        yield self

    def gathering(self) -> Gathered:
        """Give room for units that are counted in order."""
        return Gathered()

    def origins(self, rows: Int64) -> Int64:
        """Give what the whole log knows some rows by."""
        return rows if self.origin is None else self.origin[rows]

    def seen(self) -> Seen:
        """Count what there is of its messages."""
        return look(self.rows, self.folded, self.active, self.account)


class Parted(Protocol):
    """A log, in memory as a whole (`Log`) or in parts that stand there one after another (`divided.py`)."""

    @property
    def rows(self) -> Rows:
        """Give where its rows come from."""

    @property
    def active(self) -> Activity:
        """Give when its numbers were active."""

    @property
    def walks(self) -> dict[object, "Walked"]:
        """Give how it was walked before."""

    @property
    def ranked(self) -> Ranked:
        """Give what ranks rows, as `Log.origins` knows them, by message id, then user."""

    def parts(self) -> Iterator[Log]:
        """Give the parts of the log, each of whole threads, always in the same order."""

    def gathering(self) -> Gathering:
        """Give room for units that are counted in order."""

    def seen(self) -> Seen:
        """Count what there is of its messages."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What a log comes to under some zones and rules: its lots, and those units that are counted in order.

    Prices and allowances need no other walk.
    """

    lots: Lots
    counted: Gathering


@dataclass(frozen=True)
class Charged:
    """The outcome of one reading: kinds of charges, what they count against, what was priced for want of tiers.

    `allowances` has something only where it was asked for: replays want what is charged, not what was used up.
    `singly` makes the single charges of each part of the `log`, whose rows are those of the part.
    """

    log: Parted
    kinds: ChargeKinds
    allowances: tuple[Allowance, ...]
    untiered: Mapping[str, int]
    singly: Callable[[], Iterator[tuple[Log, Charges]]]

    @cached_property
    def charges(self) -> Charges:
        """Give every single charge of a log in memory; a log has millions, so they are made when they are wanted."""
        ((_, charges),) = self.singly()
        return charges

    def by_part(self) -> Iterator[tuple[Log, Charges]]:
        """Give the parts of the log with their single charges; those of a log in parts are made anew every time."""
        return iter([(self.log, self.charges)]) if isinstance(self.log, Log) else self.singly()


def prepare(
    messages: Messages | Rows, names: Names, account: Account, regimes: Sequence[Regime], numbers: int = 0,
    watchers: Sequence[Watch] = (), ranked: Ranked | None = None,
) -> Log:  # fmt: skip
    """Merge duplicates and arrange the log in threads, in order.

    `numbers` says how many numbers the whole log has where `messages` are a part of it; `watchers` are shown every
    batch of rows; `ranked` ranks rows of one thread, where there is a faster way than by their `names`.
    """
    rows = InMemory(messages) if isinstance(messages, Messages) else messages
    counter = Counter(len(rows.numbers), account, numbers or len(rows.numbers))
    folded, merged_into = fold(
        rows, ranked or ranked_by(names), sent_orders_until(account, regimes), (counter.add, *watchers)
    )
    return Log(rows, folded, merged_into, names, counter.activity(), account)


def sent_orders_until(account: Account, regimes: Sequence[Regime]) -> Int64:
    """Give, for each WABA, until when the time of sending orders what is delivered at once (pricing.md §3)."""
    by_initiator = [n for n, regime in enumerate(regimes) if regime.unit == INITIATOR]
    end = regimes[by_initiator[-1] + 1].first
    until = [instant(datetime(end.year, end.month, end.day, tzinfo=ZoneInfo(w.time_zone))) for w in account.wabas]
    return np.array(until, np.int64)


def charge(
    log: Parted, terms: Terms, zone: str = "", progress: Progress = unwatched, *, with_allowances: bool = False
) -> Charged:
    """Charge the whole log. A `zone` replaces the accounts' own, to see what a cut elsewhere would have billed."""
    terms = replace(terms, numbers=log.rows.numbers)
    way = _Way.of(log.rows, terms, zone)
    walked = log.walks.get(way.key)  # looked up once: the key holds every market
    if walked is None:
        walked = _walked(log, terms, way, progress)
        _remember(log.walks, way.key, walked, max(1, _UNITS_REMEMBERED // max(1, len(walked.counted))))
    made = plan(walked.lots, terms)
    counted = walked.counted.near(walked.lots, made)
    priced = price(walked.lots, made, counted, log.rows.amounts, terms, log.ranked, with_allowances=with_allowances)
    kinds = kinds_of(priced)
    singly = partial(_charges, log, terms, way, priced.pieces, kinds)
    return Charged(log, kinds, tuple(priced.allowances), dict(priced.untiered), singly)


def _remember(known: dict[object, _Made], key: object, made: _Made, room: int) -> None:
    """Keep what was made; of what others but the first came to, the accounts' own, so many that came last."""
    others = list(known)[1:]
    for old in others[: max(0, len(others) - room + 1)]:
        del known[old]
    if room or not known:
        known[key] = made


@dataclass(frozen=True, slots=True)
class _Way:
    """What decides a walk: zones, regimes and places, not prices. Two ways of one `key` lead to the same."""

    zones: Zones
    regimes: RegimeColumns
    where: Geography
    key: object

    @classmethod
    def of(cls, rows: Rows, terms: Terms, zone: str) -> "_Way":
        names = tuple(zone or waba.time_zone for waba in terms.account.wabas)
        known = [terms.markets.place_of_stated(stated) for stated in rows.countries]
        where = Geography(np.array(known or [EMPTY], np.int16), terms.markets.prefixes, abroad_from(terms))
        key = (names, terms.regimes, terms.markets.places, terms.taken_as, where.abroad_from.tobytes())
        return cls(zones(names), columns(terms.regimes), where, key)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The units of one partition, each one's lot, and the lots: the words that tell them apart, and their counts."""

    units: Units
    lot: Int32
    words: UInt64
    count: Int64


def _stretches(log: Log, terms: Terms, way: _Way, belongs: Int32, progress: Progress) -> Iterator[_Stretch]:
    """Walk every partition, on every core; `belongs`, if it has room, receives each message's unit in its partition."""
    folded, done = log.folded, 0

    def one(part: Partition) -> _Stretch:
        units = walk(folded, part, way.zones, way.regimes, way.where, belongs)
        units = taken_as(units, terms.taken_as, folded, way.where) if terms.taken_as else units
        return _Stretch(units, *lots_of(units, folded, terms.regimes))

    parts = folded.partitions
    with ThreadPoolExecutor(cpu_count()) as pool:
        for first in range(0, len(parts), _AT_ONCE):  # not all at once: what is not yet wanted takes room
            some = parts[first : first + _AT_ONCE]
            walked = pool.map(one, some) if len(some) > 1 else map(one, some)  # a small log is one partition
            for part, stretch in zip(some, walked, strict=True):
                yield stretch
                done += len(part.outbound)
                progress("charge", done, len(log.rows))


def _walked(log: Parted, terms: Terms, way: _Way, progress: Progress) -> Walked:
    """Add up the lots of all partitions; of the units keep only those that some counter may count."""
    table, counted, counts, done = LotTable(), log.gathering(), np.zeros(0, bool), 0

    def watch(step: str, part: int, _: int) -> None:
        progress(step, done + part, len(log.rows))

    for part in log.parts():
        folded = part.folded
        for stretch in _stretches(part, terms, way, np.zeros(0, np.int32), watch):
            places = table.add(stretch.words, stretch.count)
            if len(table) > len(counts):
                counts = np.concatenate([counts, may_count(table.after(len(counts)), terms)])
            lot, at, row = those_counted(
                stretch.lot, places, counts[places], stretch.units.opener, folded.billed, folded.row
            )
            counted.put(Counted(lot, at, part.origins(row)))
        done += len(part.rows)
    return Walked(table.after(0), counted)


def kinds_of(priced: Priced) -> ChargeKinds:
    """Give the kinds of charges that pricing made, one for each piece."""
    lots, lot = priced.lots, priced.pieces.lot
    return ChargeKinds(
        conversation=lots.conversation[lot],
        regime=lots.regime[lot],
        waba=lots.waba[lot],
        number=lots.number[lot],
        market=priced.market,
        country=lots.place[lot],
        category=lots.category[lot],
        pricing_type=priced.pricing_type,
        day=lots.day[lot],
        month=priced.month,
        tier_from=priced.tier_from,
        rate=priced.rate,
        amount=priced.amount,
        low=priced.low,
        high=priced.high,
        reasons=priced.reasons,
        grouped=lots.grouped[lot],
        count=priced.pieces.count,
        values=tuple(priced.values.table),
    )


@dataclass(frozen=True, slots=True)
class EveryUnit:
    """Every unit of a log, each one's lot, and the lots; `belongs` gives each message's unit (-1: none)."""

    units: Units
    lot: Int32
    lots: Lots
    belongs: Int32


def every_unit(log: Log, terms: Terms) -> EveryUnit:
    """Walk a log and keep every unit, not priced yet: what a partition of whole threads can tell by itself."""
    return _every_unit(log, terms, _Way.of(log.rows, terms, ""), LotTable())


def _every_unit(log: Log, terms: Terms, way: _Way, table: LotTable) -> EveryUnit:
    """Walk a log, or a part of one whose lots go into a `table` with those of the parts before."""
    folded = log.folded
    belongs = np.full(len(folded.row), EMPTY, np.int32)
    most = sum(len(part.outbound) for part in folded.partitions)
    units, lot, base = no_units(most), np.empty(most, np.int32), 0
    stretches = _stretches(log, terms, way, belongs, unwatched)
    for part, stretch in zip(folded.partitions, stretches, strict=True):
        belongs[part.outbound] += np.where(belongs[part.outbound] >= 0, np.int32(base), np.int32(0))
        units.put(stretch.units, base)
        lot[base : base + len(stretch.units)] = table.add(stretch.words, stretch.count)[stretch.lot]
        base += len(stretch.units)
    return EveryUnit(units.first(base), lot[:base], table.after(0), belongs)


@dataclass(frozen=True, slots=True)
class Singles:
    """Every unit of a log as its charge has it, and each one's lot."""

    row: Int64
    billed_at: Int64
    ends_at: Int64
    messages: Int32
    lot: Int32
    belongs: Int32


def _singles(log: Log, terms: Terms, way: _Way, table: LotTable) -> Singles:
    """Walk a log, or a part of one, once more and keep every unit; lots are met in the same order as before."""
    every = _every_unit(log, terms, way, table)
    units, folded = every.units, log.folded
    row, billed = folded.row[units.opener].astype(np.int64), folded.billed[units.opener]
    return Singles(row, billed, units.ends_at, units.messages, every.lot, every.belongs[log.merged_into])


def _charges(
    log: Parted, terms: Terms, way: _Way, pieces: Pieces, kinds: ChargeKinds
) -> Iterator[tuple[Log, Charges]]:  # fmt: skip
    """Give each part of the log with its single charges; of one in memory as a whole its units are remembered."""
    table = LotTable()
    for part in log.parts():
        each = part.singles.get(way.key) if part is log else None
        if each is None:
            each = _singles(part, terms, way, table)
            if part is log:
                _remember(part.singles, way.key, each, _SINGLES_REMEMBERED // max(1, len(each.row)))
        kind = pieces.of(each.lot, each.billed_at, part.origins(each.row))
        yield part, Charges(each.row, each.billed_at, each.ends_at, each.messages, kind, kinds, each.belongs)
