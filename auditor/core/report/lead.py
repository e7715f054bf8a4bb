"""The lead schedule (C): the differences summed by account, month and category, all by formula; workpaper.md §1."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from auditor.core.money import rounded
from auditor.core.report.cells import BODY
from auditor.core.report.cells import EXACT_DIGITS
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import add_up
from auditor.core.report.cells import at
from auditor.core.report.cells import head
from auditor.core.report.cells import letters
from auditor.core.report.cells import text
from auditor.core.report.differences import cause_name
from auditor.core.report.facts import TO_REVIEW
from auditor.core.report.facts import Facts
from auditor.core.report.facts import Lead
from auditor.core.report.facts import catalogue_key
from auditor.core.report.facts import month
from auditor.core.report.facts import sign
from auditor.core.report.sums import RowSums
from auditor.core.results import Difference
from auditor.core.results import Status


def lead_page(facts: Facts, sums: RowSums) -> Page:
    """Build C: a row for each account, month and category; every figure adds up the differences below it by formula."""
    page = facts.page("C")
    keys = [
        "number", "account", "period", "category", "lines", "invoiced", "expected", "difference", "sign",
        *(f"cause.{cause}" for cause in facts.causes), "explained", "unexplained", "review", "status", "lines_status",
        "note", "key", "note_was",
    ]  # fmt: skip
    heads = [
        facts.say("f.cause", cause=facts.word("cause", key[6:])) if key.startswith("cause.") else facts.say(f"c.{key}")
        for key in keys
    ]
    kinds = [Kind.TEXT if key in _TEXTS and key != "number" else Kind.MONEY for key in keys]
    page.line(BODY, [head(said, kind) for said, kind in zip(heads, kinds, strict=True)])
    rows = [_lead(facts, lead, keys, BODY + lead.number, sums) for lead in facts.leads]
    for number, row in enumerate(rows, 1):
        page.line(BODY + number, [row[key] for key in keys])
    page.hidden.update((len(keys) - 2, len(keys) - 1))
    if rows:
        review, status = keys.index("review"), keys.index("status")
        held = at(BODY + 1, review)
        page.light((BODY + 1, status, BODY + len(rows), status), {"different": f"={held}>0", "": f"={held}=0"})
    if not rows:
        page.put(BODY + 1, 1, text(facts.say("none")))
    _foot(facts, page, keys, rows, BODY + max(len(rows), 1) + 1)
    return page


def _lead(facts: Facts, lead: Lead, keys: Sequence[str], row: int, sums: RowSums) -> dict[str, Entry]:
    say, money = facts.say, facts.currency
    lines = [facts.result.differences[place] for place in lead.differences]
    cell = {key: at(row, n) for n, key in enumerate(keys)}

    def summed(name: str, value: Decimal, kind: Kind = Kind.MONEY) -> Entry:
        formula = f"={sums.summed(name, lead.number, cell['number'])}"
        return Entry(kind, value, formula, cross=True, currency=money if kind is not Kind.COUNT else "")

    found = {cause: _found(lines, cause) for cause in facts.causes}
    causes = [f"cause.{cause}" for cause in facts.causes]
    invoiced, expected = add_up(line.billed for line in lines), add_up(line.expected for line in lines)
    difference, explained = invoiced - expected, add_up(found.values())
    review = sum(line.status in TO_REVIEW for line in lines)
    note = facts.context.lead_notes.get(lead.key, "")
    entries = {
        "number": Entry(Kind.COUNT, lead.number, look=Look.LABEL, link=f"F:{lead.differences[0] + 1}"),
        "account": text(facts.broken_down(facts.waba(lead.waba_id)), wrap=True),
        "period": Entry(Kind.PERIOD, month(lead.period)) if lead.period else text(facts.broken_down("")),
        "category": text(facts.broken_down(facts.word("category", lead.category))),
        "lines": Entry(Kind.COUNT, len(lines), f"={sums.counted(lead.number, cell['number'])}", cross=True),
        "invoiced": summed(say("name.f_invoiced"), invoiced),
        "expected": summed(say("name.f_expected"), expected),
        "difference": Entry(
            Kind.MONEY,
            difference,
            f"=ROUND({cell['invoiced']}-{cell['expected']},{say('name.minor_digits')})",
            currency=money,
        ),
        "sign": Entry(
            Kind.TEXT,
            say(f"sign.{sign(difference)}"),
            f"=INDEX({say('name.signs')},2+SIGN({cell['difference']}))",
            cross=True,
        ),
        "explained": Entry(Kind.EXACT, explained, f"=SUM({cell[causes[0]]}:{cell[causes[-1]]})", currency=money),
        "unexplained": Entry(
            Kind.EXACT,
            rounded(difference - explained, EXACT_DIGITS),
            f"=ROUND({cell['difference']}-{cell['explained']},{say('name.exact_digits')})",
            currency=money,
        ),
        "review": summed(say("name.f_review"), Decimal(review), Kind.COUNT),
        "status": Entry(
            Kind.TEXT,
            say("light.open" if review else "light.settled"),
            f"=IF({cell['review']}=0,{say('name.word_settled')},{say('name.word_open')})",
            cross=True,
            fill="different" if review else "",
        ),
        "lines_status": text(_statuses_said(facts, lines), wrap=True),
        "note": Entry(Kind.TEXT, note, look=Look.TYPED, wrap=True),
        "key": text(lead.key),
        "note_was": text(note),
    }
    return entries | {
        f"cause.{cause}": summed(cause_name(facts, cause), amount, Kind.EXACT) for cause, amount in found.items()
    }


def _found(lines: Sequence[Difference], cause: str) -> Decimal:
    return add_up(
        part.amount for line in lines for part in line.causes if part.proof == "found" and part.cause == cause
    )


def _statuses_said(facts: Facts, lines: Sequence[Difference]) -> str:
    counted = [(status, sum(line.status is status for line in lines)) for status in Status]
    return ", ".join(f"{n} {facts.word('status', status).lower()}" for status, n in counted if n)


def _foot(facts: Facts, page: Page, keys: Sequence[str], rows: Sequence[Mapping[str, Entry]], row: int) -> None:
    """Put under the lead schedule the sum of the lines, what rounding line by line moved, and the totals.

    Totals are rounded once, from the exact sum (pricing.md §9.2), so that they may be a cent off the rounded lines.
    Cover, tie-out and bridge refer to them by name.
    """
    say, result = facts.say, facts.result
    place = {key: n for n, key in enumerate(keys)}
    digits = say("name.minor_digits")
    matched = f'SUMIFS({say("name.l_amount")},{say("name.l_line")},">0")'
    exact = {
        "invoiced": f"=ROUND({matched},{digits})-{at(row, place['invoiced'])}",
        "expected": f"=ROUND(SUM({say('name.f_exact')}),{digits})-{at(row, place['expected'])}",
    }
    moved = {
        "invoiced": result.billed - _column(rows, "invoiced"),
        "expected": result.expected - _column(rows, "expected"),
    }
    moved |= dict.fromkeys(("difference", "cause.rounding", "explained"), moved["invoiced"] - moved["expected"])
    difference = f"={at(row + 1, place['invoiced'])}-{at(row + 1, place['expected'])}"
    explained = f"=SUM({at(row + 1, place['sign'] + 1)}:{at(row + 1, place['explained'] - 1)})"
    both_ends = f"{at(row + 1, place['difference'])}-{at(row + 1, place['explained'])}"
    formulas = exact | {
        "difference": difference,
        "cause.rounding": f"={at(row + 1, place['difference'])}",
        "explained": explained,
        "unexplained": f"=ROUND({both_ends},{say('name.exact_digits')})",
    }
    for key, column in place.items():
        summed = Entry(_foot_kind(key), _column(rows, key), currency=facts.currency)
        area = f"{letters(column)}{BODY + 2}:{letters(column)}{row}"
        both = f"{at(row, column)}:{at(row + 1, column)}"
        if key in _TEXTS:
            page.put(row, column, text(say("c.lines_sum") if key == "account" else "", Look.LABEL))
            page.put(row + 1, column, text(say("c.rounding") if key == "account" else "", Look.LABEL))
            page.put(row + 2, column, text(say("total") if key == "account" else "", Look.TOTAL))
            continue
        named = key in ("invoiced", "expected", "difference", "unexplained")
        page.put(row, column, replace(summed, formula=f"=SUM({area})"), say(f"name.lines_{key}") if named else "")
        step = moved.get(key, Decimal(0))
        if key in formulas:
            page.put(row + 1, column, replace(summed, value=step, formula=formulas[key], cross=key in exact))
        total = replace(summed, value=summed.value + step, formula=f"=SUM({both})", look=Look.TOTAL)  # type: ignore[operator]
        page.put(row + 2, column, total, _total_name(facts, key), _engine_total(facts, key))


_TEXTS = ("number", "account", "period", "category", "sign", "status", "lines_status", "note", "key", "note_was")


def _column(rows: Sequence[Mapping[str, Entry]], key: str) -> Decimal:
    return Decimal(0) if key in _TEXTS else add_up(entry[key].value for entry in rows)


def _foot_kind(key: str) -> Kind:
    if key in ("lines", "review"):
        return Kind.COUNT
    return Kind.EXACT if key.startswith("cause.") or key in ("explained", "unexplained") else Kind.MONEY


def _total_name(facts: Facts, key: str) -> str:
    """Give the defined name of a total of the lead schedule."""
    if key.startswith("cause."):
        return total_cause_name(facts, key.removeprefix("cause."))
    return "" if key == "lines" else facts.say(f"name.total_{key}")


def total_cause_name(facts: Facts, cause: str) -> str:
    """Give the defined name of a cause's total in the lead schedule."""
    return f"{facts.say('name.total_cause')}_{catalogue_key(facts.word('cause', cause))}"


def _engine_total(facts: Facts, key: str) -> Decimal | None:
    """Give the engine's own figure of a total, None where it has none."""
    result = facts.result
    steps = {f"cause.{step.cause}": step.amount for step in result.bridge}
    return {
        "invoiced": result.billed,
        "expected": result.expected,
        "difference": result.difference,
        "explained": rounded(result.difference - result.unexplained, EXACT_DIGITS),
        "unexplained": rounded(result.unexplained, EXACT_DIGITS),
    }.get(key, steps.get(key))
