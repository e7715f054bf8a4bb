"""The audit on one page: log -> threads -> units -> charges -> cells -> differences -> causes.

    prepare     duplicates merged, messages in threads, in order             (charging.py, threads.py)
    charge      windows and conversations, then allowances, tiers and rates  (charging.py, windows.py, charges.py)
    cells       charges that are alike, counted                              (cells.py)
    reconcile   billed - expected, at the grain both sides have              (reconcile.py)
    explain     the same log charged under other readings, to find causes    (explain.py)

A replay is one more `charge` on the same `Log`: nothing is read or sorted again.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from auditor.core.causes.beyond import with_units_beyond
from auditor.core.causes.explain import Explained
from auditor.core.causes.explain import Explainer
from auditor.core.causes.explain import bridge
from auditor.core.causes.gap import with_gaps
from auditor.core.causes.grain import FineGrain
from auditor.core.causes.messages import CauseMessages
from auditor.core.causes.reading import Facts
from auditor.core.causes.replay import LogLike
from auditor.core.causes.replay import Replays
from auditor.core.causes.stated import once
from auditor.core.causes.tally import tally
from auditor.core.cells import amounts_by_day
from auditor.core.cells import cells
from auditor.core.cells import rates_used
from auditor.core.charging import Charged
from auditor.core.charging import Log
from auditor.core.charging import Parted
from auditor.core.charging import charge
from auditor.core.charging import prepare
from auditor.core.checks.cross_check import cross_check
from auditor.core.checks.lines import line_findings
from auditor.core.checks.three_way import three_way
from auditor.core.exchange import Exchange
from auditor.core.health.gaps import lost
from auditor.core.health.seen import Seen
from auditor.core.health.trust import health
from auditor.core.health.unlogged import unproved
from auditor.core.health.widening import Replay
from auditor.core.hours import by_hour
from auditor.core.money import ZERO
from auditor.core.money import lowered
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
from auditor.core.reconcile import reconciled
from auditor.core.records import MOST_APART
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import FxRate
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import UsageLine
from auditor.core.results import SETTLED
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import HourUse
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.results import Widened
from auditor.core.results_checks import CrossCheck
from auditor.core.results_checks import ThreeWay
from auditor.core.roundings import settled
from auditor.core.rows import InMemory
from auditor.core.tables import Category
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.taken_off import as_compared
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.threads import Folded

# Two steps stand in `charging.py`: whoever uses the engine as a library finds all of them here, with their types.
__all__ = ["Audited", "Invoice", "audit", "charge", "charged_again", "prepare", "replay_of", "total_as_line"]


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


def total_as_line(control: ControlTotal) -> InvoiceLine:
    """Take the total of a receipt, which lists nothing, for the one line that it bills: all that can be held against.

    Only where there are receipts and no invoice: else the total is that of the invoice's lines.
    """
    return InvoiceLine(control.amount, control.currency, control.source, description=control.label)


@dataclass(frozen=True)
class Audited:
    """The whole answer, with what it was made from: evidence is looked up in it, replays start from it.

    `cell_of_kind` gives the place in the result's cells of each kind of charge (-1: outside the period). `causes` finds
    the messages behind a cause, where causes were sought.
    """

    log: Parted
    terms: Terms
    charged: Charged
    cell_of_kind: Int64
    result: Reconciliation
    causes: CauseMessages | None = None

    @property
    def in_parts(self) -> bool:
        """Tell whether the log never stands in memory as a whole: it is charged and no more."""
        return not isinstance(self.log, Log)

    @property
    def whole(self) -> Log:
        """Give the log that stands in memory."""
        assert isinstance(self.log, Log)
        return self.log

    @cached_property
    def cell_of(self) -> Int64:
        """Give the place in the result's cells of each single charge (-1: outside the period)."""
        return self.cell_of_kind[self.charged.charges.kind]


def audit(
    log: Parted, terms: Terms, invoice: Invoice | None, fx: Sequence[FxRate], imports: Sequence[ImportReport] = (),
    progress: Progress = unwatched, usage: Sequence[UsageLine] = (), *, has_log: bool = True,
) -> Audited:  # fmt: skip
    """Audit an invoice against a log: charge it, reconcile, and find the causes of what differs.

    Without lines it is the month-end accrual. With None the log is charged and nothing compared, so that no amount
    need leave its own currency: `cells` have everything, `expected` is zero.
    `usage` is what the platform's own exports count: a third witness that changes no figure of the answer.
    Where there `has_log` no log at all, the invoice is held against itself and the contract only.
    """
    account, compares = terms.account, invoice is not None
    invoice = invoice or Invoice()
    against_itself = line_findings(invoice.lines, invoice.controls, account, terms.tariff, terms.markets)
    invoice = replace(invoice, lines=as_compared(invoice.lines, account))
    behind = _behind(log, terms, progress)
    charged, expected_cells, terms = behind.charged, behind.cells, behind.terms
    exchange = Exchange(account.fx, fx)
    places = reconciled(invoice.lines, account)
    compared = expected_cells if compares else ()
    grain = Grain(account, terms.markets, [invoice.lines[n] for n in places], compared)
    expectation = Expectation(grain, compared, exchange, account.currency, invoice.date)
    replay = replay_of(terms, exchange, invoice if compares else None, progress)
    seen = log.seen()
    currency = account.currency if compares else account.charged_in
    missing = lost(log.rows, log.active, seen.statuses, account, currency, expected_cells, charged.allowances, replay)
    whole = health(seen.counts, log.rows.numbers, charged.kinds, account, missing)
    found = differences(account, grain, expectation, invoice.lines, places)
    causes = None
    if invoice.lines and has_log:
        assert isinstance(log, Log), "a log in parts is charged and no more"
        fine = FineGrain(grain, [invoice.lines[n] for n in places], account)
        refused = any(one.kind == "invoice" and one.refused for one in imports)
        explained = _explained(
            log,
            terms,
            charged,
            invoice,
            fine,
            found,
            exchange,
            missing.widened,
            progress,
            whole.per_day,
            refused=refused,
        )
        open_ = unproved(explained.differences, invoice.lines, whole.unlogged, account)
        open_ = with_gaps(open_, invoice.lines, missing.widened, account)
        found = settled(with_units_beyond(open_, whole.unlogged, account), account)
        aside = exchange.aside()
        accounts = (explained.account, *explained.others)
        causes = CauseMessages(log, terms, _Engine(terms), fine, aside, invoice.date, accounts)
    else:
        found = [_one_sided(line) for line in found]
    billed = to_minor(total(invoice.lines[n].amount for n in places), account.currency)
    expected = to_minor(expectation.amount, account.currency)
    difference = billed - expected if invoice.lines and has_log else ZERO
    steps = bridge(found, difference) if invoice.lines and has_log else ()
    result = Reconciliation(
        account=account,
        differences=tuple(found),
        bridge=steps,
        expected=expected,
        low=to_minor(lowered(expectation.low, missing.below), account.currency),
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
        health=whole,
        imports=tuple(imports),
        problems=(),
        regimes=tuple(dict.fromkeys(cell.regime for cell in expected_cells)),
        tiers_not_on_file=charged.untiered,
        usage_lines=tuple(usage),
        cross_check=cross_check(charged.by_part(), terms) if seen.priced else CrossCheck(),
        line_findings=against_itself,
        has_log=has_log,
    )
    audited = behind.answer(log, result)
    held = _three_way(result, terms, exchange, invoice)
    return replace(audited, result=replace(result, hours=_hours(audited, seen), three_way=held), causes=causes)


def charged_again(log: Log, terms: Terms, result: Reconciliation, progress: Progress = unwatched) -> Audited | None:
    """Charge a log whose answer is known, for what stands behind it; None if it now comes to anything else."""
    behind = _behind(log, terms, progress)
    return behind.answer(log, result) if behind.cells == result.cells else None


@dataclass(frozen=True, slots=True)
class _Behind:
    """What a log is charged: `every` cell and, of these, the `cells` of the period; `cell_of` each kind's cell."""

    terms: Terms
    charged: Charged
    every: tuple[Cell, ...]
    cell_of: Int64
    cells: tuple[Cell, ...]

    def answer(self, log: Parted, result: Reconciliation) -> Audited:
        """Put a result whose cells these are beside what it was made from."""
        shown = {cell: n for n, cell in enumerate(self.cells)}
        places = np.array([shown.get(cell, EMPTY) for cell in self.every] or [EMPTY], np.int64)
        return Audited(log, self.terms, self.charged, places[self.cell_of], result)


def _behind(log: Parted, terms: Terms, progress: Progress) -> _Behind:
    terms = replace(terms, numbers=log.rows.numbers)
    charged = charge(log, terms, "", progress, with_allowances=True)
    every, cell_of = cells(charged.kinds, terms, terms.numbers)
    return _Behind(terms, charged, every, cell_of, in_period(every, terms.account.first, terms.account.last))


def _three_way(result: Reconciliation, terms: Terms, exchange: Exchange, invoice: Invoice) -> tuple[ThreeWay, ...]:
    """Hold invoice, usage export and log against each other."""
    aside, currency = exchange.aside(), terms.account.currency

    def converted(cell: Cell) -> Decimal | None:
        if cell.amount is None or cell.currency == currency:
            return cell.amount
        return aside.convert(cell.amount, cell.currency, currency, cell.day, invoice.date)

    lines = [invoice.lines[n] for n in reconciled(invoice.lines, terms.account)] if result.has_log else []
    return three_way(lines, result.usage_lines, result.cells, terms.account, terms.markets, converted)


def _hours(audited: Audited, seen: Seen) -> Mapping[tuple[date, int], HourUse]:
    """Count messages, and the charges behind differences, by hour."""
    cells_ = [cell for line in audited.result.differences if line.status not in SETTLED for cell in line.cells]
    if not cells_:
        return by_hour(seen.hours, np.zeros(0, np.int64), np.zeros(0, np.int16), audited.terms.account)
    charges = audited.charged.charges
    behind = np.flatnonzero(np.isin(audited.cell_of, np.array(cells_, np.int64)))
    return by_hour(seen.hours, charges.billed_at[behind], charges.waba[behind], audited.terms.account)


def replay_of(
    terms: Terms, exchange: Exchange, invoice: Invoice | None = None, progress: Progress = unwatched
) -> Replay:
    """Give what charges a log with fewer events, for the range of the total; ties are broken by the ids' hashes.

    Without an invoice nothing is compared: amounts keep their currencies, and those of `charged_in` are added up.
    """
    account, aside = terms.account, exchange.aside()

    def as_replay(_: str, done: int, all_: int) -> None:
        progress("gaps", done, all_)

    def total_of(messages: Messages, drawn: int, weight: int) -> Decimal:
        def names(rows: Int64) -> list[tuple[str, str]]:
            return [(f"{value:020d}", "") for value in messages.id_hash[rows].tolist()]

        some = prepare(messages, names, account, terms.regimes)
        lessened = replace(terms, allowance_drawn=drawn, allowance_weight=weight)
        by_day = amounts_by_day(charge(some, lessened, "", as_replay).kinds, terms)
        if invoice is None:
            return total(amount for _, currency, amount in by_day if currency == account.charged_in)
        return total(converted(*one, invoice.date) for one in by_day)

    def converted(day: date, currency: str, amount: Decimal, document: date | None) -> Decimal:
        try:
            return aside.convert(amount, currency, account.currency, day, document)
        except AuditorError:
            return ZERO  # without some events a charge may move to a day that has no exchange rate: it is lost, too

    return total_of


def _one_sided(line: Difference) -> Difference:
    """Give a line that only one side has: the accrual for want of an invoice (formats.md §8), or for want of a log."""
    return replace(line, status=Status.NOT_COMPARABLE, difference=ZERO, quantity_effect=None, rate_effect=None)


def _overlaps(period: str, account: Account) -> bool:
    return f"{account.first:%Y-%m}" <= period <= f"{account.last:%Y-%m}"


def _explained(
    log: Log, terms: Terms, charged: Charged, invoice: Invoice, grain: FineGrain, found: Sequence[Difference],
    exchange: Exchange, widened: Sequence[Widened], progress: Progress, per_day: Mapping[tuple[str, date], int], *,
    refused: bool,
) -> Explained:  # fmt: skip
    """Search for the causes of differences. Raises `AuditorError("lines_too_many")`."""
    if len({key for key, _ in grain.lines}) > MOST_APART:
        raise AuditorError("lines_too_many", rows=f"{len(grain.lines):,}", lines=f"{MOST_APART:,}")
    foreign = any(waba.currency != terms.account.currency for waba in terms.account.wabas)
    by_day = foreign or grain.by_day
    priced_by_day = by_day or exchange.leads_to(terms.account.currency)  # another currency's card may be exchanged
    cells_ = tally(charged.kinds, terms, terms.account, by_day=priced_by_day)

    def singly() -> Charges:
        return charged.charges

    replays = Replays(log, terms, singly, _Engine(terms), progress, by_day=priced_by_day, dated=grain.by_day)
    places = grain.places, grain.places_of(Category.AUTHENTICATION_INTERNATIONAL.word)
    taxed = any(line.layer == Layer.TAX and line.amount for line in invoice.lines)
    repeated = len(once(own := [line for _, line in grain.lines])) < len(own)
    facts = Facts(
        log, singly, replays.as_agreed, replays.of_template, terms, cells_, *places, invoice.date, by_day,
        taxed_apart=taxed, repeated=repeated, refused=refused, per_day=per_day,
    )  # fmt: skip
    explainer = Explainer(facts, found, grain, replays, exchange.aside(), widened)
    try:
        return explainer.explain()
    finally:
        explainer.forget()


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
        return replace(log, rows=InMemory(messages), folded=folded, walks={}, singles={})
