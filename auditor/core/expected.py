"""An invoice against charges that were made before, by a cluster or another run: the log itself is not at hand.

Lines and totals are those of `audit.py`. Causes that take a replay of the log cannot be tried, so that what they might
account for stays unexplained: only what the lines bear witness to by themselves is said, and only what no replay could
account for otherwise (a line that stands twice, rounding) counts as found (formats.md §8).
"""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal

from auditor.core.audit import Invoice
from auditor.core.causes.explain import bridge
from auditor.core.causes.free_cells import free_as_charged
from auditor.core.causes.gap import with_gaps
from auditor.core.causes.lines import RatesAbout
from auditor.core.causes.lines import Witness
from auditor.core.causes.room import Rooms
from auditor.core.causes.stated import Rounding
from auditor.core.causes.stated import once
from auditor.core.causes.verdict import Part
from auditor.core.cells import rates_used
from auditor.core.checks.lines import line_findings
from auditor.core.exchange import Exchange
from auditor.core.health.unlogged import unlogged
from auditor.core.money import ZERO
from auditor.core.money import lowered
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import Expectation
from auditor.core.reconcile import Grain
from auditor.core.reconcile import Key
from auditor.core.reconcile import by_layer
from auditor.core.reconcile import differences
from auditor.core.reconcile import in_period
from auditor.core.reconcile import reconciled
from auditor.core.reconcile import rounding_reach
from auditor.core.reconcile import tell_quantities
from auditor.core.records import Account
from auditor.core.records import FxRate
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.results import SETTLED
from auditor.core.results import CauseAmount
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import Health
from auditor.core.results import HealthFinding
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.results import Unlogged
from auditor.core.results import Widened
from auditor.core.roundings import settled
from auditor.core.tables import PricingType
from auditor.core.taken_off import as_compared
from auditor.core.terms import Terms

_CERTAIN = frozenset({"duplicate_line", "rounding"})
_UNRATED = PricingType.UNRATED.word


@dataclass(frozen=True, slots=True)
class Totals:
    """What is kept of one account among thousands: its totals, its lines, those to review, and units without a rate.

    `beyond` tells whether a line differs by more than its tolerance, `unlogged` of which days and numbers there are no
    charges.
    """

    account: Account
    billed: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    difference: Decimal
    unexplained: Decimal
    lines: int
    review: int
    unrated: int
    beyond: bool
    unlogged: tuple[Unlogged, ...] = ()


def totals_of(result: Reconciliation) -> Totals:
    """Give the totals of a reconciliation."""
    return Totals(
        result.account,
        result.billed,
        result.expected,
        result.low,
        result.high,
        result.difference,
        result.unexplained,
        len(result.differences),
        sum(line.status not in SETTLED for line in result.differences),
        sum(cell.quantity for cell in result.cells if cell.pricing_type == _UNRATED),
        any(abs(line.difference) > line.tolerance for line in result.differences),
        result.health.unlogged,
    )


def reconcile_expected(
    cells: Sequence[Cell],
    terms: Terms,
    invoice: Invoice,
    fx: Sequence[FxRate],
    imports: Sequence[ImportReport],
    widened: Sequence[Widened] | None = None,
) -> Reconciliation:
    """Reconcile an invoice with the cells of its account; they know markets and no countries (CHARGES names none).

    `widened` is what gaps of the account's log add to the range, by number and day, in its currency (None: not known).
    """
    account = terms.account
    lines = [_by_market(line, terms) for line in as_compared(invoice.lines, account)]
    cells = in_period(cells, account.first, account.last)
    unseen = HealthFinding("log_not_read", "", None, sum(cell.quantity for cell in cells))
    beyond = _without_charges(cells, account)
    findings = [*([unseen] if widened is None else []), *_named(beyond, account)]
    widened = tuple(widened or ())
    exchange = Exchange(account.fx, fx)
    places = reconciled(lines, account)
    grain = Grain(account, terms.markets, [lines[n] for n in places], cells)
    expectation = Expectation(grain, cells, exchange, account.currency, invoice.date)
    found = differences(account, grain, expectation, lines, places)
    free = Counter[str]()
    for cell in free_as_charged(cells):
        free[grain.key_of(cell).text()] += cell.quantity
    found = with_gaps(_with_causes(found, lines, expectation, terms, widened, free), lines, widened, account)
    found = settled(found, account)
    billed = to_minor(total(lines[n].amount for n in places), account.currency)
    expected = to_minor(expectation.amount, account.currency)
    steps = bridge(found, billed - expected)
    return Reconciliation(
        account=account,
        differences=tuple(found),
        bridge=steps,
        expected=expected,
        low=to_minor(lowered(expectation.low, total(one.below for one in widened)), account.currency),
        high=to_minor(expectation.high + total(one.above for one in widened), account.currency),
        billed=billed,
        difference=billed - expected,
        unexplained=next((step.amount for step in steps if step.cause == "unexplained"), ZERO),
        by_layer=by_layer(lines, account.currency),
        invoice_lines=tuple(lines),
        control_totals=invoice.controls,
        cells=cells,
        rates=rates_used(cells, terms),
        fx=tuple(exchange.used[key] for key in sorted(exchange.used)),
        allowances=(),
        health=Health(0, tuple(findings), {}, widened=widened, unlogged=beyond),
        imports=tuple(imports),
        problems=(),
        regimes=tuple(dict.fromkeys(cell.regime for cell in cells)),
        tiers_not_on_file={},
        line_findings=line_findings(invoice.lines, invoice.controls, account, terms.tariff, terms.markets),
    )


def _without_charges(cells: Sequence[Cell], account: Account) -> tuple[Unlogged, ...]:
    """Give the days and numbers of which the charges have nothing, against the account's habit (`health/unlogged.py`).

    What is billed for them needs not be left open besides: nothing is found here that they could belie.
    """
    days = {(cell.phone_number_id, cell.day): 1 for cell in cells}
    owners = {number.id: waba.id for waba in account.wabas for number in waba.numbers}
    return unlogged(days, owners | {cell.phone_number_id: cell.waba_id for cell in cells}, account)


def _named(beyond: Sequence[Unlogged], account: Account) -> list[HealthFinding]:
    names = {waba.id: waba.name or waba.id for waba in account.wabas}
    codes = {True: "number_not_in_charges", False: "days_not_in_charges"}
    return [
        HealthFinding(
            codes[bool(one.phone_number_id)], one.phone_number_id, one.first, (one.last - one.first).days + 1,
            {"account": names[one.waba_id]},
        )
        for one in beyond
    ]  # fmt: skip


def _by_market(line: InvoiceLine, terms: Terms) -> InvoiceLine:
    """Compare a line that names a country under the country's market."""
    if not line.country:
        return line
    country = terms.markets.main_country(line.country)
    day = line.period_start or terms.account.first
    return replace(line, market=line.market or terms.markets.market_of_country(country, day), country="")


def _with_causes(
    found: Sequence[Difference], lines: Sequence[InvoiceLine], expectation: Expectation, terms: Terms,
    widened: Sequence[Widened], free: Mapping[str, int],
) -> list[Difference]:  # fmt: skip
    rounding = Rounding.of(lines, terms.account)
    quantities, rates = tell_quantities(found, terms.account.currency), RatesAbout(terms)
    rooms = Rooms(widened, terms.account)
    made = []
    for line in found:
        if line.difference == 0 or line.status == Status.NOT_COMPARABLE:
            made.append(line)
            continue
        side = expectation.side(Key(*line.key.split("|")))
        own = [lines[place] for place in line.lines]
        room = rooms.of(line.waba_id or "", line.period or "", own)
        witness = Witness(
            line.key, own, terms.account.currency, rounding, rates.of(line.key), side, quantities=quantities, room=room,
            free=free.get(line.key, 0),
        )  # fmt: skip
        verdict = witness.verdict(side)
        parts = verdict.parts or _repeated(line, own, terms.account.currency)
        causes = [(part.cause, part.amount, part.values) for part in parts]
        rest = line.difference - total(amount for _, amount, _ in causes)
        if verdict.whole and rest:
            causes.append(("rounding", rest, {}))
        proof = "found" if all(cause in _CERTAIN for cause, _, _ in causes) else "possible"
        made.append(
            replace(line, causes=tuple(CauseAmount(cause, amount, proof, values) for cause, amount, values in causes))
        )
    return made


def _repeated(line: Difference, own: Sequence[InvoiceLine], currency: str) -> tuple[Part, ...]:
    """Name what lines that stand twice add, where one of each is right but for a cent that was cut off, not rounded.

    The cent is within the tolerance, or nothing is named; it stays unexplained.
    """
    kept = once(own)
    extra = to_minor(total(one.amount for one in own) - total(one.amount for one in kept), currency)
    cut = 2 * rounding_reach(len(kept), currency)  # cutting a figure takes up to twice what rounding does
    if not extra or abs(line.difference - extra) > min(cut, line.tolerance):
        return ()
    rows = ", ".join(str(one.source.row) for one in own)
    return (Part("duplicate_line", extra, {"count": str(len(own) - len(kept)), "rows": rows}),)
