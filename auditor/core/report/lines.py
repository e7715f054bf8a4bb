"""The invoice lines as they were read (in L), each with its place and its own arithmetic; workpaper.md §1."""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.checks.lines import gives_back
from auditor.core.money import rounded
from auditor.core.records import InvoiceLine
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import at
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.facts import Facts
from auditor.core.report.sums import SUMS_OF_A_LINE
from auditor.core.report.sums import many


def invoice_lines(facts: Facts, page: Page, top: int) -> None:
    """Set the invoice lines under their section's head, each with its place.

    Of more lines than may be shown those that are alike are put together: a line of the sheet then names the first and
    last row of the file that went into it.
    """
    say, money = facts.say, facts.currency
    columns = (
        Column(say("l.file"), name=say("name.l_file")),
        Column(say("l.document")),
        Column(say("l.place")),
        Column(say("l.in_line"), Kind.COUNT, say("name.l_line"), "⇄"),
        Column(say("l.layer"), name=say("name.l_layer")),
        Column(say("l.quantity"), Kind.COUNT, say("name.l_quantity")),
        Column(say("l.unit_rate"), Kind.RATE),
        Column(say("l.amount"), Kind.MONEY, say("name.l_amount"), "Σ ✓", summed=True, currency=money),
        Column(say("l.recomputed"), Kind.MONEY, tick="×"),
        Column(say("l.off"), Kind.MONEY, tick="×", summed=True, currency=money),
        Column(say("l.wrong"), Kind.COUNT, say("name.l_wrong"), summed=True),
        Column(say("l.currency")),
        Column(say("l.description"), wrap=True),
    )
    lines = facts.result.invoice_lines
    if len(lines) <= facts.context.lines_limit:
        said = say("l.invoice_lines")
        rows = [_invoice_line(facts, place, top + 4 + n) for n, place in enumerate(_in_order(facts, range(len(lines))))]
    else:
        groups = {group[0]: group for group in _alike(facts)}
        rows = [_together(facts, groups[first], top + 4 + n) for n, first in enumerate(_in_order(facts, [*groups]))]
        said = say("l.lines_together", lines=f"{len(lines):,}", rows=f"{len(rows):,}")
    page.put(top, 0, text(said, Look.SECTION))
    page.table("T_L2", top + 1, columns, rows, say("none"), say("total"))


def _in_order(facts: Facts, places: Sequence[int]) -> Sequence[int]:
    """Give the places of the lines as they are listed: as read, very many by the difference that they went into."""
    last = len(facts.result.differences) + 1
    if not many(SUMS_OF_A_LINE * last, len(places)):
        return places
    return sorted(places, key=lambda place: facts.line_of_invoice.get(place, last))


def _alike(facts: Facts) -> Iterable[list[int]]:
    """Put lines together that are alike in file, difference, layer and currency, and in rate if few enough are left."""
    for rated in (True, False):
        groups: dict[tuple[object, ...], list[int]] = {}
        for place, line in enumerate(facts.result.invoice_lines):
            rate = line.unit_rate if rated else None
            number = facts.line_of_invoice.get(place)
            alike = (line.source.file, line.source.sheet, number, line.layer, rate, line.currency)
            groups.setdefault(alike, []).append(place)
        if len(groups) <= facts.context.lines_limit:
            break
    return groups.values()


def _together(facts: Facts, places: list[int], row: int) -> tuple[Entry, ...]:
    """Give the row of lines that are alike: sums, of which only the last is a formula."""
    lines = [facts.result.invoice_lines[place] for place in places]
    first, number = lines[0], facts.line_of_invoice.get(places[0])
    again = [recomputed(facts, line) for line in lines]
    pairs = list(zip(lines, again, strict=True))
    known = sum((line.amount if one is None else one for line, one in pairs), Decimal(0))
    amount = sum((line.amount for line in lines), Decimal(0))
    wrong = sum(one is not None and one != rounded(line.amount, facts.digits) for line, one in pairs)
    rows = [line.source.row for line in lines]
    place = facts.say("l.rows_of", sheet=first.source.sheet, first=min(rows), last=max(rows), count=f"{len(lines):,}")
    counted = [line.quantity for line in lines if line.quantity is not None]
    formula = f"=ROUND({at(row, 7)}-{at(row, 8)},{facts.say('name.minor_digits')})"
    return (
        text(first.source.file),
        text(first.document if len({line.document for line in lines}) == 1 else ""),
        text(place),
        Entry(Kind.COUNT, number, link=f"F:{number}" if number else ""),
        text(facts.word("layer", first.layer)),
        Entry(Kind.COUNT, sum(counted, Decimal(0)) if counted else None),
        Entry(Kind.RATE, first.unit_rate if len({line.unit_rate for line in lines}) == 1 else None),
        Entry(Kind.MONEY, amount, currency=first.currency),
        Entry(Kind.MONEY, known, currency=first.currency),
        Entry(Kind.MONEY, rounded(amount - known, facts.digits), formula, currency=first.currency),
        count(wrong),
        text(first.currency),
        text(_described(facts, first), wrap=True),
    )


def recomputed(facts: Facts, line: InvoiceLine) -> Decimal | None:
    """Give quantity x rate of a line that states both, rounded to the minor unit, below zero where it is given back."""
    if line.quantity is None or line.unit_rate is None:
        return None
    product = rounded(line.quantity * line.unit_rate, facts.digits)
    return -product if gives_back(line) else product


def _described(facts: Facts, line: InvoiceLine) -> str:
    category = facts.word("category", line.category)
    parts = (facts.market(line.market), line.country, category, line.tier, line.description)
    return " · ".join(part for part in parts if part)


def _invoice_line(facts: Facts, place: int, row: int) -> tuple[Entry, ...]:
    line, number = facts.result.invoice_lines[place], facts.line_of_invoice.get(place)
    quantity, rate, amount, again, off = (at(row, column) for column in range(5, 10))
    digits = facts.say("name.minor_digits")
    product = recomputed(facts, line)
    difference = wrong = None
    formulas = ("", "", "")
    if product is not None:
        difference = rounded(line.amount - product, facts.digits)
        wrong = int(difference != 0)
        back = "-" if gives_back(line) else ""
        formulas = (
            f"={back}ROUND({quantity}*{rate},{digits})",
            f"=ROUND({amount}-{again},{digits})",
            f"=IF({off}=0,0,1)",
        )
    return (
        text(line.source.file),
        text(line.document),
        text(", ".join(p for p in (line.source.sheet, str(line.source.row or ""), line.source.column) if p)),
        Entry(Kind.COUNT, number, link=f"F:{number}" if number else ""),
        text(facts.word("layer", line.layer)),
        Entry(Kind.COUNT, line.quantity),
        Entry(Kind.RATE, line.unit_rate),
        Entry(Kind.MONEY, line.amount, currency=line.currency),
        Entry(Kind.MONEY, product, formulas[0], currency=line.currency),
        Entry(Kind.MONEY, difference, formulas[1], currency=line.currency),
        count(wrong, formulas[2]),
        text(line.currency),
        text(_described(facts, line), wrap=True),
    )
