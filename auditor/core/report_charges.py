"""Expected charges (G), and the evidence behind what differs (H): workpaper.md §1."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice

from auditor.core.report_cells import BODY
from auditor.core.report_cells import Column
from auditor.core.report_cells import Entry
from auditor.core.report_cells import Kind
from auditor.core.report_cells import Page
from auditor.core.report_cells import at
from auditor.core.report_cells import count
from auditor.core.report_cells import text
from auditor.core.report_facts import TO_REVIEW
from auditor.core.report_facts import EvidenceLike
from auditor.core.report_facts import Facts
from auditor.core.report_facts import mask_unit
from auditor.core.report_facts import mask_user
from auditor.core.report_facts import month
from auditor.core.tables import Cell
from auditor.core.tables import Difference
from auditor.core.tables import RateUsed

# G: expected charges ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Charged:
    """Cells of one row of G: alike but for number and day."""

    line: int
    cell: Cell
    fx: Decimal | None
    used: RateUsed | None


def charges_page(facts: Facts) -> Page:
    """Build G: what was expected, by all that decides a price, each amount being quantity x rate x exchange rate."""
    say = facts.say
    columns = (
        Column(say("g.line"), Kind.COUNT, say("name.g_line"), "⇄"),
        Column(say("g.account"), wrap=True),
        Column(say("g.period"), Kind.PERIOD),
        Column(say("g.market")),
        Column(say("g.category")),
        Column(say("g.pricing")),
        Column(say("g.tier"), Kind.COUNT),
        Column(say("g.regime")),
        Column(say("g.quantity"), Kind.COUNT, say("name.g_quantity"), "Σ ↗", summed=True),
        Column(say("g.rate"), Kind.RATE, tick="✓"),
        Column(say("g.currency")),
        Column(say("g.fx"), Kind.RATE),
        Column(say("g.amount"), Kind.EXACT, tick="×"),
        Column(say("g.converted"), Kind.EXACT, say("name.g_amount"), "Σ ×", summed=True, currency=facts.currency),
        Column(say("g.certainty")),
        Column(say("g.reasons"), wrap=True),
        Column(say("g.card"), wrap=True),
        Column(say("g.source"), wrap=True),
    )
    page = facts.page("G")
    top = BODY + 2
    rows = [_charge(facts, one, *sums, top + n) for n, (one, sums) in enumerate(_grouped(facts).items(), 1)]
    page.table("T_G", BODY, columns, rows, say("none"), say("total"))
    return page


def _grouped(facts: Facts) -> dict[_Charged, tuple[int, Decimal]]:
    """Sum the units that are alike but for number and day, in the order of the lines they went into."""
    groups: dict[_Charged, tuple[int, Decimal]] = {}
    for place, cell in enumerate(facts.result.cells):
        amount = None if cell.amount is None else Decimal(0)
        alike = replace(
            cell, phone_number_id="", day=date.min, country="", quantity=0, amount=amount, low=None, high=None
        )
        key = _Charged(facts.line_of_cell.get(place, 0), alike, facts.totals.fx(cell), facts.rate_used(cell))
        units, charged = groups.get(key, (0, Decimal(0)))
        groups[key] = (units + cell.quantity, charged + (cell.amount or 0))
    last = len(facts.result.differences) + 1
    order = sorted(groups, key=lambda one: (one.line or last, one.cell.period, one.cell.market, one.cell.category))
    return {one: groups[one] for one in order}


def _charge(facts: Facts, one: _Charged, quantity: int, charged: Decimal, row: int) -> tuple[Entry, ...]:
    """Give a row of G; an amount that the log itself states (pricing.md §8) is put in, all others are computed."""
    cell = one.cell
    rated = cell.rate is not None and quantity * cell.rate == charged
    amount = charged if cell.amount is not None else None
    exchanged = amount * one.fx if amount is not None and one.fx is not None else None
    used = one.used
    card = f"{used.card} ({facts.word('basis', used.basis)})" if used else ""
    return (
        Entry(Kind.COUNT, one.line or None, link=f"F:{one.line}" if one.line else ""),
        text(facts.waba(cell.waba_id), wrap=True),
        Entry(Kind.PERIOD, month(cell.period)),
        text(facts.market(cell.market)),
        text(facts.word("category", cell.category)),
        text(facts.word("pricing_type", cell.pricing_type)),
        count(cell.tier_from or None),
        text(facts.word("regime", cell.regime)),
        count(quantity),
        Entry(Kind.RATE, cell.rate),
        text(cell.currency),
        Entry(Kind.RATE, one.fx),
        Entry(Kind.EXACT, amount, f"={at(row, 8)}*{at(row, 9)}" if rated else "", currency=cell.currency),
        Entry(
            Kind.EXACT,
            exchanged,
            f"={at(row, 12)}*{at(row, 11)}" if exchanged is not None else "",
            currency=facts.currency,
        ),
        text(facts.word("certainty", "certain" if cell.certain else "uncertain")),
        text(facts.words("reason", cell.reasons), wrap=True),
        text(card, wrap=True),
        text(used.source if used else "", wrap=True),
    )


# H: evidence ----------------------------------------------------------------------------------------------


def evidence_page(facts: Facts) -> tuple[Page, dict[str, int], int, int]:
    """Build H, and give the first row of each difference's evidence, how many rows are shown and how many there are."""
    say = facts.say
    heads = (
        ("line", Kind.COUNT), ("unit", Kind.TEXT), ("user", Kind.TEXT), ("number", Kind.TEXT), ("account", Kind.TEXT),
        ("regime", Kind.TEXT), ("category", Kind.TEXT), ("pricing", Kind.TEXT), ("market", Kind.TEXT),
        ("billed_at", Kind.INSTANT), ("ends_at", Kind.INSTANT), ("messages", Kind.COUNT), ("rate", Kind.RATE),
        ("amount", Kind.EXACT), ("certainty", Kind.TEXT), ("reason", Kind.TEXT), ("file", Kind.TEXT),
        ("row", Kind.COUNT),
    )  # fmt: skip
    columns = tuple(
        Column(say(f"h.{key}"), kind, wrap=key == "reason", tick="↗" if key in ("unit", "row") else "")
        for key, kind in heads
    )
    page = facts.page("H")
    first: dict[str, int] = {}
    rows: list[tuple[Entry, ...]] = []
    for number, line, one in _taken(facts):
        first.setdefault(line.key, BODY + 2 + len(rows))
        rows.append(_evidence(facts, number, one))
    known = sum(facts.context.evidence_counts.get(line.key, 0) for line in facts.to_review)
    page.table("T_H", BODY, columns, rows, say("none"), say("total"))
    return page, first, len(rows), max(known, len(rows))


def _taken(facts: Facts) -> Iterator[tuple[int, Difference, EvidenceLike]]:
    """Share the rows that may be shown among the differing lines; what one leaves over goes to the next."""
    left = facts.context.evidence_limit
    waiting = [(n, line) for n, line in enumerate(facts.result.differences, 1) if line.status in TO_REVIEW]
    for place, (number, line) in enumerate(waiting):
        taken = 0
        for one in islice(facts.context.evidence.get(line.key, ()), left // (len(waiting) - place)):
            taken += 1
            yield number, line, one
        left -= taken


def _evidence(facts: Facts, number: int, one: EvidenceLike) -> tuple[Entry, ...]:
    return (
        Entry(Kind.COUNT, number, link=f"F:{number}"),
        text(mask_unit(one.unit_id, one.user)),
        text(mask_user(one.user)),
        text(facts.number(one.phone_number_id)),
        text(facts.waba(one.waba_id)),
        text(facts.word("regime", one.regime)),
        text(facts.word("category", one.category)),
        text(facts.word("pricing_type", one.pricing_type)),
        text(facts.market(one.market)),
        Entry(Kind.INSTANT, facts.local(one.billed_at, one.waba_id)),
        Entry(Kind.INSTANT, facts.local(one.ends_at, one.waba_id)),
        count(one.messages),
        Entry(Kind.RATE, Decimal(one.rate) if one.rate else None),
        Entry(Kind.EXACT, Decimal(one.amount) if one.amount else None),
        text(facts.word("certainty", one.certainty)),
        text(facts.words("reason", one.reason), wrap=True),
        text(one.file),
        count(one.source_row or None),
    )
