"""The audit on one page: log -> threads -> units -> charges -> cells -> differences -> causes.

    prepare     duplicates merged, messages in threads, in order             (threads.py)
    charge      windows and conversations, then allowances, tiers and rates  (windows.py, charges.py)
    cells       charges that are alike, counted                              (cells.py)
    reconcile   billed - expected, at the grain both sides have              (reconcile.py)
    explain     the same log charged under other readings, to find causes    (explain.py)

A replay is one more `charge` on the same `Log`: nothing is read or sorted again.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from functools import partial
from os import cpu_count
from zoneinfo import ZoneInfo

import numpy as np

from auditor.core.activity import Activity
from auditor.core.activity import Counter
from auditor.core.cells import cells
from auditor.core.cells import rates_used
from auditor.core.charges import Priced
from auditor.core.charges import abroad_from
from auditor.core.charges import price
from auditor.core.counters import Counted
from auditor.core.counters import Pieces
from auditor.core.counters import may_count
from auditor.core.cross_check import cross_check
from auditor.core.exchange import Exchange
from auditor.core.explain import Explained
from auditor.core.explain import Explainer
from auditor.core.explain import bridge
from auditor.core.explain_gap import with_gaps
from auditor.core.explain_grain import FineGrain
from auditor.core.explain_reading import Facts
from auditor.core.explain_replay import LogLike
from auditor.core.explain_replay import Replays
from auditor.core.explain_tally import tally
from auditor.core.gaps import lost
from auditor.core.health import health
from auditor.core.hours import by_hour
from auditor.core.lots import Lots
from auditor.core.lots import LotTable
from auditor.core.lots import lots_of
from auditor.core.money import ZERO
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.problems import AuditorError
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.reconcile import Expectation
from auditor.core.reconcile import Grain
from auditor.core.reconcile import by_layer
from auditor.core.reconcile import differences
from auditor.core.reconcile import in_period
from auditor.core.reconcile import net_of_tax
from auditor.core.reconcile import reconciled
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import Regime
from auditor.core.regimes import RegimeColumns
from auditor.core.regimes import columns
from auditor.core.rows import InMemory
from auditor.core.rows import Rows
from auditor.core.tables import SETTLED
from auditor.core.tables import Account
from auditor.core.tables import Allowance
from auditor.core.tables import Cell
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import ControlTotal
from auditor.core.tables import CrossCheck
from auditor.core.tables import Difference
from auditor.core.tables import FxRate
from auditor.core.tables import HourUse
from auditor.core.tables import ImportReport
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import InvoiceLine
from auditor.core.tables import Messages
from auditor.core.tables import Reconciliation
from auditor.core.tables import Status
from auditor.core.tables import UInt64
from auditor.core.tables import UsageLine
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.threads import Folded
from auditor.core.threads import Names
from auditor.core.threads import Partition
from auditor.core.threads import fold
from auditor.core.timeline import Zones
from auditor.core.timeline import instant
from auditor.core.timeline import zones
from auditor.core.widening import Replay
from auditor.core.windows import Geography
from auditor.core.windows import Units
from auditor.core.windows import no_units
from auditor.core.windows import walk

# Walks of other readings are remembered up to so many counted units; so many partitions are walked ahead.
_UNITS_REMEMBERED = 10_000_000
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Log:
    """A message log made ready to be charged, as often as wanted. `merged_into` gives each row's message.

    `active` tells when its numbers were active in the audit's period.
    `walks` remembers how it was walked under which zones and rules: a reading that only prices otherwise walks no more.
    """

    rows: Rows
    folded: Folded
    merged_into: Int32
    names: Names
    active: Activity
    walks: dict[object, "Walked"] = field(default_factory=dict)

    @property
    def messages(self) -> Messages:
        """Give the log's rows as columns that stand in memory as a whole."""
        return self.rows.whole()


@dataclass(frozen=True, slots=True)
class Walked:
    """What a log comes to under some zones and rules: its lots, and those units that are counted in order.

    Prices and allowances need no other walk.
    """

    lots: Lots
    counted: Counted


@dataclass(frozen=True)
class Charged:
    """The outcome of one reading: kinds of charges, what they count against, what was priced for want of tiers."""

    kinds: ChargeKinds
    allowances: tuple[Allowance, ...]
    untiered: Mapping[str, int]
    singly: Callable[[], Charges]

    @cached_property
    def charges(self) -> Charges:
        """Give every single charge; a log has millions, so they are made when they are wanted."""
        return self.singly()


def prepare(messages: Messages | Rows, names: Names, account: Account, regimes: Sequence[Regime]) -> Log:
    """Merge duplicates and arrange the log in threads, in order."""
    rows = InMemory(messages) if isinstance(messages, Messages) else messages
    by_initiator = [n for n, regime in enumerate(regimes) if regime.unit == INITIATOR]
    end = regimes[by_initiator[-1] + 1].first
    until = [instant(datetime(end.year, end.month, end.day, tzinfo=ZoneInfo(w.time_zone))) for w in account.wabas]
    counter = Counter(len(rows.numbers), account)
    folded, merged_into = fold(rows, names, np.array(until, np.int64), counter.add)
    return Log(rows, folded, merged_into, names, counter.activity())


def charge(log: Log, terms: Terms, zone: str = "", progress: Progress = unwatched) -> Charged:
    """Charge the whole log. A `zone` replaces the accounts' own, to see what a cut elsewhere would have billed."""
    terms = replace(terms, numbers=log.rows.numbers)
    way = _Way.of(log, terms, zone)
    if way.key not in log.walks:
        made = _walked(log, terms, way, progress)
        # The first walk, the accounts' own, is wanted again and again; of the others as many as need little room.
        others = list(log.walks)[1:]
        room = max(1, _UNITS_REMEMBERED // max(1, len(made.counted)))
        for old in others[: max(0, len(others) - room + 1)]:
            del log.walks[old]
        log.walks[way.key] = made
    walked = log.walks[way.key]
    priced = price(walked.lots, walked.counted, log.rows.amounts, terms, _Ranked(log))
    kinds = kinds_of(priced)
    singly = partial(_charges, log, terms, way, priced.pieces, kinds)
    return Charged(kinds, tuple(priced.allowances), dict(priced.untiered), singly)


@dataclass(frozen=True, slots=True)
class _Way:
    """What decides a walk: zones, regimes and places, not prices. Two ways of one `key` lead to the same."""

    zones: Zones
    regimes: RegimeColumns
    where: Geography
    key: object

    @classmethod
    def of(cls, log: Log, terms: Terms, zone: str) -> "_Way":
        names = tuple(zone or waba.time_zone for waba in terms.account.wabas)
        known = [terms.markets.place_of_stated(stated) for stated in log.rows.countries]
        where = Geography(np.array(known or [EMPTY], np.int16), terms.markets.prefixes, abroad_from(terms))
        key = (names, terms.regimes, terms.markets, where.abroad_from.tobytes())
        return cls(zones(names), columns(terms.regimes), where, key)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The units of one partition, each one's lot, and the lots: the words that tell them apart, and their counts."""

    units: Units
    lot: Int32
    words: UInt64
    count: Int64


def _stretches(log: Log, terms: Terms, way: _Way, belongs: Int64, progress: Progress) -> Iterator[_Stretch]:
    """Walk every partition, on every core; `belongs` receives each message's unit within its partition."""
    folded, done = log.folded, 0

    def one(part: Partition) -> _Stretch:
        units = walk(folded, part, way.zones, way.regimes, way.where, belongs)
        return _Stretch(units, *lots_of(units, folded, terms.regimes))

    parts = folded.partitions
    with ThreadPoolExecutor(cpu_count()) as pool:
        for first in range(0, len(parts), _AT_ONCE):  # not all at once: what is not yet wanted takes room
            some = parts[first : first + _AT_ONCE]
            for part, stretch in zip(some, pool.map(one, some), strict=True):
                yield stretch
                done += len(part.outbound)
                progress("charge", done, len(folded.row))


def _walked(log: Log, terms: Terms, way: _Way, progress: Progress) -> Walked:
    """Add up the lots of all partitions; of the units remember only those that some counter may count."""
    folded, table = log.folded, LotTable()
    most = sum(len(part.outbound) for part in folded.partitions)
    counted = Counted(np.empty(most, np.int32), np.empty(most, np.int64), np.empty(most, np.int64))
    counts, at = np.zeros(0, bool), 0
    for stretch in _stretches(log, terms, way, np.full(len(folded.row), EMPTY, np.int64), progress):
        lot = table.add(stretch.words, stretch.count)[stretch.lot]
        counts = np.concatenate([counts, may_count(table.after(len(counts)), terms)])
        chosen = np.flatnonzero(counts[lot])
        openers, own = stretch.units.opener[chosen], slice(at, at + len(chosen))
        counted.lot[own], counted.at[own], counted.row[own] = lot[chosen], folded.billed[openers], folded.row[openers]
        at += len(chosen)
    return Walked(table.after(0), counted.first(at))


class _Ranked:
    """Ranks rows of the log by message id, then user, asking for the texts only of those that tie."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __call__(self, rows: Int64) -> Int64:
        keys = self._log.names(rows)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        ranks = np.empty(len(keys), np.int64)
        ranks[order] = np.arange(len(keys))
        return ranks


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
    belongs: Int64


def every_unit(log: Log, terms: Terms) -> EveryUnit:
    """Walk a log and keep every unit, not priced yet: what a partition of whole threads can tell by itself."""
    return _every_unit(log, terms, _Way.of(log, terms, ""))


def _every_unit(log: Log, terms: Terms, way: _Way) -> EveryUnit:
    folded, table = log.folded, LotTable()
    belongs = np.full(len(folded.row), EMPTY, np.int64)
    most = sum(len(part.outbound) for part in folded.partitions)
    units, lot, base = no_units(most), np.empty(most, np.int32), 0
    stretches = _stretches(log, terms, way, belongs, unwatched)
    for part, stretch in zip(folded.partitions, stretches, strict=True):
        belongs[part.outbound] += np.where(belongs[part.outbound] >= 0, base, 0)
        units.put(stretch.units, base)
        lot[base : base + len(stretch.units)] = table.add(stretch.words, stretch.count)[stretch.lot]
        base += len(stretch.units)
    return EveryUnit(units.first(base), lot[:base], table.after(0), belongs)


def _charges(log: Log, terms: Terms, way: _Way, pieces: Pieces, kinds: ChargeKinds) -> Charges:
    """Walk the log once more, this time to keep every unit."""
    every = _every_unit(log, terms, way)
    units = every.units
    row, billed = log.folded.row[units.opener].astype(np.int64), log.folded.billed[units.opener]
    return Charges(
        row=row,
        billed_at=billed,
        ends_at=units.ends_at,
        messages=units.messages,
        kind=pieces.of(every.lot, billed, row).astype(np.int32),
        kinds=kinds,
        belongs=every.belongs[log.merged_into],
    )


@dataclass(frozen=True, slots=True)
class Invoice:
    """What the supplier bills: the lines of all documents, and the totals that the documents state themselves."""

    lines: tuple[InvoiceLine, ...] = ()
    controls: tuple[ControlTotal, ...] = ()

    @property
    def date(self) -> date | None:
        """Give the first document date, for exchange rates by document."""
        dates = [line.document_date for line in self.lines if line.document_date]
        return min(dates, default=None)


@dataclass(frozen=True)
class Audited:
    """The whole answer, with what it was made from: evidence is looked up in it, replays start from it.

    `cell_of_kind` gives the place in the result's cells of each kind of charge (-1: outside the period).
    """

    log: Log
    terms: Terms
    charged: Charged
    cell_of_kind: Int64
    result: Reconciliation

    @cached_property
    def cell_of(self) -> Int64:
        """Give the place in the result's cells of each single charge (-1: outside the period)."""
        return self.cell_of_kind[self.charged.charges.kind]


def audit(
    log: Log, terms: Terms, invoice: Invoice | None, fx: Sequence[FxRate], imports: Sequence[ImportReport] = (),
    progress: Progress = unwatched, usage: Sequence[UsageLine] = (),
) -> Audited:  # fmt: skip
    """Audit an invoice against a log: charge it, reconcile, and find the causes of what differs.

    Without lines it is the month-end accrual. With None the log is charged and nothing compared, so that no amount
    need leave its own currency: `cells` have everything, `expected` is zero.
    `usage` is what the platform's own exports count: kept beside the answer, it changes no figure of it.
    """
    account, compares = terms.account, invoice is not None
    invoice = invoice or Invoice()
    invoice = replace(invoice, lines=net_of_tax(invoice.lines, account))
    terms = replace(terms, numbers=log.rows.numbers)
    charged = charge(log, terms, "", progress)
    every, cell_of = cells(charged.kinds, terms, terms.numbers)
    expected_cells = in_period(every, account.first, account.last)
    shown = {cell: n for n, cell in enumerate(expected_cells)}
    exchange = Exchange(account.fx, fx)
    places = reconciled(invoice.lines, account)
    compared = expected_cells if compares else ()
    grain = Grain(account, terms.markets, [invoice.lines[n] for n in places], compared)
    expectation = Expectation(grain, compared, exchange, account.currency, invoice.date)
    total_of = _total_of(terms, compares, exchange, invoice, progress)
    missing = lost(log.rows, log.folded, log.active, account, expected_cells, total_of)
    found = differences(account, grain, expectation, invoice.lines, places)
    if invoice.lines:
        fine = FineGrain(grain, [invoice.lines[n] for n in places], account)
        explained = _explained(log, terms, charged, invoice.date, fine, found, exchange, progress)
        found = with_gaps(explained.differences, invoice.lines, missing.widened, account)
    else:
        found = [_accrued(line) for line in found]
    billed = to_minor(total(invoice.lines[n].amount for n in places), account.currency)
    expected = to_minor(expectation.amount, account.currency)
    difference = billed - expected if invoice.lines else ZERO
    steps = bridge(found, difference) if invoice.lines else ()
    result = Reconciliation(
        account=account,
        differences=tuple(found),
        bridge=steps,
        expected=expected,
        low=to_minor(expectation.low - missing.below, account.currency),
        high=to_minor(expectation.high + missing.above, account.currency),
        billed=billed,
        difference=difference,
        unexplained=next((step.amount for step in steps if step.cause == "unexplained"), ZERO),
        by_layer=by_layer(invoice.lines, account.currency),
        invoice_lines=invoice.lines,
        control_totals=invoice.controls,
        cells=expected_cells,
        rates=rates_used(expected_cells, terms),
        fx=tuple(exchange.used[key] for key in sorted(exchange.used)),
        allowances=tuple(a for a in charged.allowances if _overlaps(a.period, account)),
        health=health(log.rows, log.folded, charged.kinds, account, missing),
        imports=tuple(imports),
        problems=(),
        regimes=tuple(dict.fromkeys(cell.regime for cell in expected_cells)),
        tiers_not_on_file=charged.untiered,
        usage_lines=tuple(usage),
        cross_check=cross_check(log.folded, charged.charges, terms) if log.folded.logged.any() else CrossCheck(),
    )
    places_of_cells = np.array([shown.get(cell, EMPTY) for cell in every] or [EMPTY], np.int64)
    audited = Audited(log, terms, charged, places_of_cells[cell_of], result)
    return replace(audited, result=replace(result, hours=_hours(audited)))


def _hours(audited: Audited) -> Mapping[tuple[date, int], HourUse]:
    """Count messages, and the charges behind differences, by hour."""
    cells_ = [cell for line in audited.result.differences if line.status not in SETTLED for cell in line.cells]
    if not cells_:
        return by_hour(audited.log.folded, np.zeros(0, np.int64), np.zeros(0, np.int16), audited.terms.account)
    charges = audited.charged.charges
    behind = np.flatnonzero(np.isin(audited.cell_of, np.array(cells_, np.int64)))
    return by_hour(audited.log.folded, charges.billed_at[behind], charges.waba[behind], audited.terms.account)


def _total_of(terms: Terms, compares: bool, exchange: Exchange, invoice: Invoice, progress: Progress) -> Replay:
    """Give what charges a log with fewer events, for the range of the total; ties are broken by the ids' hashes.

    Where nothing is compared, amounts keep their currencies and only those in the account's own are added up.
    """
    account, aside = terms.account, exchange.aside()

    def as_replay(_: str, done: int, all_: int) -> None:
        progress("gaps", done, all_)

    def total_of(messages: Messages) -> Decimal:
        def names(rows: Int64) -> list[tuple[str, str]]:
            return [(f"{value:020d}", "") for value in messages.id_hash[rows].tolist()]

        some = prepare(messages, names, account, terms.regimes)
        again, _ = cells(charge(some, terms, "", as_replay).kinds, terms, messages.numbers)
        kept = in_period(again, account.first, account.last)
        return total(converted(cell) for cell in kept if compares or cell.currency == account.currency)

    def converted(cell: Cell) -> Decimal:
        try:
            return aside.convert(cell.amount or ZERO, cell.currency, account.currency, cell.day, invoice.date)
        except AuditorError:
            return ZERO  # without some events a charge may move to a day that has no exchange rate: it is lost, too

    return total_of


def _accrued(line: Difference) -> Difference:
    """Give a line of the month-end accrual: the expected side only, for want of an invoice (formats.md §8)."""
    return replace(line, status=Status.NOT_COMPARABLE, difference=ZERO, quantity_effect=None, rate_effect=None)


def _overlaps(period: str, account: Account) -> bool:
    return f"{account.first:%Y-%m}" <= period <= f"{account.last:%Y-%m}"


def _explained(
    log: Log, terms: Terms, charged: Charged, document: date | None, grain: FineGrain, found: Sequence[Difference],
    exchange: Exchange, progress: Progress,
) -> Explained:  # fmt: skip
    """Search for the causes of differences."""
    foreign = any(waba.currency != terms.account.currency for waba in terms.account.wabas)
    by_day = foreign or grain.by_day
    cells_ = tally(charged.kinds, terms, terms.account, by_day=by_day)

    def singly() -> Charges:
        return charged.charges

    facts = Facts(log, singly, terms, cells_, grain.places, document, by_day)
    replays = Replays(log, terms, singly, _Engine(terms), progress, by_day=by_day)
    return Explainer(facts, found, grain, replays, exchange.aside()).explain()


class _Engine:
    """Makes replays for the search for causes; a reading that changes the log starts a log of its own."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def kinds(self, log: LogLike, terms: Terms, zone: str, progress: Progress) -> ChargeKinds:
        assert isinstance(log, Log)
        return charge(log, terms, zone, progress).kinds

    def charges(self, log: LogLike, terms: Terms, zone: str, progress: Progress) -> Charges:
        assert isinstance(log, Log)
        return charge(log, terms, zone, progress).charges

    def prepared(self, log: LogLike, messages: Messages) -> Log:
        assert isinstance(log, Log)
        return prepare(messages, log.names, self._terms.account, self._terms.regimes)

    def in_place(self, log: LogLike, messages: Messages, folded: Folded) -> Log:
        assert isinstance(log, Log)
        return replace(log, rows=InMemory(messages), folded=folded, walks={})
