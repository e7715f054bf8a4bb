"""The differences (F): every reconciled line with both sides, its effects and causes; workpaper.md §1."""

from collections.abc import Mapping
from decimal import Decimal

from auditor.core.causes.words import support_sentence
from auditor.core.money import rounded
from auditor.core.report.cells import BODY
from auditor.core.report.cells import EXACT_DIGITS
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import count
from auditor.core.report.cells import filled
from auditor.core.report.cells import letters
from auditor.core.report.cells import text
from auditor.core.report.facts import TO_REVIEW
from auditor.core.report.facts import Facts
from auditor.core.report.facts import catalogue_key
from auditor.core.report.facts import month
from auditor.core.report.facts import sign
from auditor.core.report.sums import RowSums
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.core.tolerances import tolerance_for
from auditor.core.tolerances import tolerance_of

FIRST_LINE = BODY + 3
"""The first row of F's lines: above them are tick marks, totals and heads."""


def difference_columns(facts: Facts) -> Mapping[str, Column]:
    """Give the columns of the differences in their order. Dimensions that no line has are left out."""
    say, money = facts.say, facts.currency
    lines = facts.result.differences
    first = {
        "line": Column(say("f.line"), Kind.COUNT, say("name.f_line")),
        "lead": Column(say("f.lead"), Kind.COUNT, say("name.f_lead")),
        "account": Column(say("f.account"), wrap=True),
        "period": Column(say("f.period"), Kind.PERIOD),
        "market": Column(say("f.market"), name=say("name.f_market")),
        "country": Column(say("f.country")),
        "category": Column(say("f.category"), name=say("name.f_category")),
        "pricing": Column(say("f.pricing")),
        "source": Column(say("f.source"), tick="✓", wrap=True),
        "billed_quantity": Column(say("f.billed_quantity"), Kind.COUNT, tick="Σ ✓", summed=True),
        "expected_quantity": Column(say("f.expected_quantity"), Kind.COUNT, tick="Σ ⇄", summed=True),
        "quantity_difference": Column(say("f.quantity_difference"), Kind.COUNT, summed=True),
        "billed_rate": Column(say("f.billed_rate"), Kind.RATE, tick="✓"),
        "expected_rate": Column(say("f.expected_rate"), Kind.RATE, tick="×"),
        "invoiced": Column(say("f.invoiced"), Kind.MONEY, say("name.f_invoiced"), "Σ ✓", summed=True, currency=money),
        "exact": Column(say("f.exact"), Kind.EXACT, say("name.f_exact"), "Σ ⇄", summed=True, currency=money),
        "expected": Column(say("f.expected"), Kind.MONEY, say("name.f_expected"), "Σ ×", summed=True, currency=money),
        "low": Column(say("f.low"), Kind.MONEY, summed=True, currency=money),
        "high": Column(say("f.high"), Kind.MONEY, summed=True, currency=money),
        "difference": Column(
            say("f.difference"), Kind.MONEY, say("name.f_difference"), "Σ ×", summed=True, currency=money
        ),
        "sign": Column(say("f.sign")),
        "relative": Column(say("f.relative"), Kind.PERCENT),
        "tolerance": Column(say("f.tolerance"), Kind.MONEY, tick="×", currency=money),
        "status": Column(say("f.status")),
        "review": Column(say("f.review"), Kind.COUNT, say("name.f_review"), summed=True),
        "quantity_effect": Column(say("f.quantity_effect"), Kind.MONEY, tick="×", summed=True, currency=money),
        "rate_effect": Column(say("f.rate_effect"), Kind.MONEY, tick="×", summed=True, currency=money),
    }
    causes = {
        f"cause.{cause}": Column(
            say("f.cause", cause=facts.word("cause", cause)),
            Kind.EXACT,
            cause_name(facts, cause),
            summed=True,
            currency=money,
        )
        for cause in facts.causes
    }
    last = {
        "explained": Column(say("f.explained"), Kind.EXACT, say("name.f_explained"), summed=True, currency=money),
        "unexplained": Column(
            say("f.unexplained"), Kind.EXACT, say("name.f_unexplained"), "Σ", summed=True, currency=money
        ),
        "possible": Column(say("f.possible"), wrap=True),
        "evidence": Column(say("f.evidence"), Kind.COUNT, tick="⇄"),
        "decision": Column(say("f.decision")),
        "cause": Column(say("f.own_cause"), wrap=True),
        "note": Column(say("f.note"), wrap=True),
        "key": Column(say("f.key"), hidden=True),
        "decision_was": Column(say("f.decision_was"), name=say("name.f_decided"), hidden=True),
        "cause_was": Column(say("f.cause_was"), hidden=True),
        "note_was": Column(say("f.note_was"), hidden=True),
    }
    columns = first | causes | last
    empty = [
        key
        for key, held in (("country", "country"), ("pricing", "pricing_type"))
        if not any(getattr(d, held) for d in lines)
    ]
    return {key: column for key, column in columns.items() if key not in empty}


def cause_name(facts: Facts, cause: str) -> str:
    """Give the defined name of a cause's column in F."""
    return f"{facts.say('name.f_cause')}_{catalogue_key(facts.word('cause', cause))}"


def status_name(facts: Facts, status: Status) -> str:
    """Give the defined name of a status's word."""
    return f"{facts.say('name.status_word')}_{catalogue_key(facts.word('status', status))}"


def tolerance_names(facts: Facts, number: int) -> tuple[str, str]:
    """Give the defined names of a tolerance's amount and percentage: the general one is number 0."""
    end = f"_{number}" if number else ""
    return facts.say("name.tolerance_amount") + end, facts.say("name.tolerance_percent") + end


def differences_page(facts: Facts, charges: RowSums, invoiced: RowSums) -> Page:
    """Build F: every reconciled line with both sides, its difference and what explains it.

    A line's number is its place among all; very many lines stand in the order of the lead schedule's rows.
    """
    page = facts.page("F")
    columns = difference_columns(facts)
    places = {key: letters(n) for n, key in enumerate(columns)}
    rows = []
    for row, place in enumerate(facts.lead_order, FIRST_LINE + 1):
        number, line = place + 1, facts.result.differences[place]
        cell = {key: f"{letter}{row}" for key, letter in places.items()}
        cells = _difference(facts, line, number, cell) | _sides(facts, line, number, cell, charges, invoiced)
        entries = tuple(cells[key] for key in columns)
        marked = line.status in (*TO_REVIEW, Status.WITHIN_TOLERANCE)
        rows.append(filled(entries, line.status.value) if marked else entries)
    page.table("T_F", BODY, tuple(columns.values()), rows, facts.say("none"), facts.say("total"))
    _control(page, facts, list(columns))
    if rows:
        _lights(page, facts, list(columns), len(rows))
    return page


def _control(page: Page, facts: Facts, keys: list[str]) -> None:
    """Hold the totals above the heads to the engine's."""
    lines = facts.result.differences
    row = BODY + 1
    for key, value in (
        ("invoiced", sum((line.billed for line in lines), Decimal(0))),
        ("expected", sum((line.expected for line in lines), Decimal(0))),
        ("difference", sum((line.difference for line in lines), Decimal(0))),
        ("unexplained", rounded(sum((line.unexplained for line in lines), Decimal(0)), EXACT_DIGITS)),
    ):
        entry = page.cells[row, keys.index(key)]
        page.put(row, keys.index(key), entry, control=value)


def _lights(page: Page, facts: Facts, keys: list[str], rows: int) -> None:
    """Let the fill of a line follow its status, but for what the reviewer types in."""
    held = f"=${letters(keys.index('status'))}{FIRST_LINE + 1}="
    moved = (Status.MATCHED, Status.WITHIN_TOLERANCE, Status.DIFFERENT)
    fills = {status.value: held + status_name(facts, status) for status in moved}
    page.light((FIRST_LINE, 0, FIRST_LINE + rows - 1, keys.index("decision") - 1), fills)


def _difference(facts: Facts, line: Difference, number: int, cell: Mapping[str, str]) -> dict[str, Entry]:
    say, name = facts.say, facts.say
    money = facts.currency
    digits, exact = name("name.minor_digits"), name("name.exact_digits")
    found = {cause: Decimal(0) for cause in facts.causes}
    for part in line.causes:
        if part.proof == "found" and part.cause in found:
            found[part.cause] += part.amount
    explained = sum(found.values(), Decimal(0))
    causes = [f"cause.{cause}" for cause in facts.causes]
    relative = line.difference / line.expected if line.expected else ""
    return (
        _dimensions(facts, line, number)
        | _effects(facts, line, cell)
        | {
            "expected": Entry(Kind.MONEY, line.expected, f"=ROUND({cell['exact']},{digits})", currency=money),
            "low": Entry(Kind.MONEY, line.low, currency=money),
            "high": Entry(Kind.MONEY, line.high, currency=money),
            "difference": Entry(
                Kind.MONEY, line.difference, f"=ROUND({cell['invoiced']}-{cell['expected']},{digits})", currency=money
            ),
            "sign": Entry(
                Kind.TEXT,
                say(f"sign.{sign(line.difference)}"),
                f"=INDEX({name('name.signs')},2+SIGN({cell['difference']}))",
            ),
            "relative": Entry(
                Kind.PERCENT, relative, f'=IF({cell["expected"]}=0,"",{cell["difference"]}/{cell["expected"]})'
            ),
            "tolerance": _tolerance(facts, line, cell),
            "status": _status(facts, line, cell),
            "review": count(
                int(line.status in TO_REVIEW),
                f"=INDEX({name('name.status_review')},MATCH({cell['status']},{name('name.status_words')},0))",
            ),
            "explained": Entry(Kind.EXACT, explained, f"=SUM({cell[causes[0]]}:{cell[causes[-1]]})", currency=money),
            "unexplained": Entry(
                Kind.EXACT,
                rounded(line.difference - explained, EXACT_DIGITS),
                f"=ROUND({cell['difference']}-{cell['explained']},{exact})",
                currency=money,
            ),
        }
        | {f"cause.{cause}": Entry(Kind.EXACT, amount or None, currency=money) for cause, amount in found.items()}
        | _review(facts, line)
    )


def _dimensions(facts: Facts, line: Difference, number: int) -> dict[str, Entry]:
    return {
        "line": count(number),
        "lead": Entry(Kind.COUNT, facts.lead_of[number - 1], link=f"C:{facts.lead_of[number - 1]}"),
        "account": text(facts.broken_down(facts.waba(line.waba_id)), wrap=True),
        "period": Entry(Kind.PERIOD, month(line.period)) if line.period else text(facts.broken_down("")),
        "market": text(facts.broken_down(facts.market(line.market))),
        "country": text(line.country),
        "category": text(facts.broken_down(facts.word("category", line.category))),
        "pricing": text(facts.broken_down(facts.word("pricing_type", line.pricing_type))),
        "source": text(_source(facts, line), wrap=True),
        "key": text(line.key),
    }


def _source(facts: Facts, line: Difference) -> str:
    """Say where the invoice lines behind a difference stand; of many, the first three and how many more."""
    places = [str(facts.result.invoice_lines[place].source.file) for place in line.lines]
    rows = [facts.result.invoice_lines[place].source.row for place in line.lines]
    said = [facts.say("f.row", file=file, row=row) if row else file for file, row in zip(places, rows, strict=True)]
    more = [facts.say("f.more", count=len(said) - 3)] if len(said) > 3 else []
    return "; ".join(said[:3] + more)


def _tolerance(facts: Facts, line: Difference, cell: Mapping[str, str]) -> Entry:
    """Give what a line may be off by the thresholds on the cover, or put it in where they do not give it."""
    account = facts.account
    stated = tolerance_for(account, line.category, line.market)
    number = next((n for n, one in enumerate(account.tolerances, 1) if one is stated), 0)
    amount, percent = tolerance_names(facts, number)
    held = tolerance_of(account, line.category, line.market, line.expected) == line.tolerance
    formula = f"=MAX({amount},{percent}*ABS({cell['expected']}))" if held else ""
    return Entry(Kind.MONEY, line.tolerance, formula, cross=True, currency=facts.currency)


def _status(facts: Facts, line: Difference, cell: Mapping[str, str]) -> Entry:
    """Give a line's status by its difference and its tolerance; one that the log or the invoice decides is put in."""
    by_amount = (
        Status.MATCHED if not line.difference
        else Status.WITHIN_TOLERANCE if abs(line.difference) <= line.tolerance
        else Status.DIFFERENT
    )  # fmt: skip
    even, within, off = (
        status_name(facts, status) for status in (Status.MATCHED, Status.WITHIN_TOLERANCE, Status.DIFFERENT)
    )
    off_by = f"IF(ABS({cell['difference']})<={cell['tolerance']},{within},{off})"
    formula = f"=IF({cell['difference']}=0,{even},{off_by})" if line.status is by_amount else ""
    return Entry(Kind.TEXT, facts.word("status", line.status), formula, cross=True)


def _quantities(
    facts: Facts, line: Difference, number: int, cell: Mapping[str, str], billed: str, due: str
) -> dict[str, Entry]:
    """Give quantities and rates of both sides; the difference of quantities where both are known.

    `billed` and `due` are the formulas over the invoice's lines and the charges: what these do not give is put in. What
    is missing from the invoice is billed nought times; a quantity that a line does not state is not known.
    """
    counted, expected = line.billed_quantity, line.expected_quantity
    known = counted if line.lines else Decimal(0)
    difference = count(None)
    if known is not None and expected is not None:
        difference = count(known - expected, f"={cell['billed_quantity']}-{cell['expected_quantity']}")
    lines = [facts.result.invoice_lines[place] for place in line.lines if facts.line_of_invoice[place] == number]
    stated = sum((one.quantity or Decimal(0) for one in lines), Decimal(0))
    units = sum(facts.result.cells[place].quantity for place in line.cells if facts.line_of_cell[place] == number)
    rate = f"=ROUND({cell['exact']}/{cell['expected_quantity']},{facts.say('name.exact_digits')})"
    averaged = bool(expected) and rounded(line.expected_exact / Decimal(expected or 1), EXACT_DIGITS)
    return {
        "billed_quantity": count(counted, billed if lines and stated == counted else "", cross=True),
        "expected_quantity": count(expected, due if line.cells and units == expected else "", cross=True),
        "quantity_difference": difference,
        "billed_rate": Entry(Kind.RATE, line.billed_rate),
        "expected_rate": Entry(
            Kind.RATE, line.expected_rate, rate if expected and averaged == line.expected_rate else ""
        ),
    }


def _effects(facts: Facts, line: Difference, cell: Mapping[str, str]) -> dict[str, Entry]:
    """Give quantity and rate effect (workpaper.md §1.6) by the formula that gives the engine's figure.

    The rates shown of a line with several are averages of six decimals, so that the plain product may miss the engine's
    figure by rounding; the rate effect is then what the quantity effect leaves of the difference.
    """
    billed, expected, paid, due = line.billed_quantity, line.expected_quantity, line.billed_rate, line.expected_rate
    digits = facts.say("name.minor_digits")
    by_quantity = by_rate = ""
    if line.quantity_effect is not None and billed is not None and expected is not None and due is not None:
        if rounded((billed - expected) * due, facts.digits) == line.quantity_effect:
            by_quantity = f"=ROUND({cell['quantity_difference']}*{cell['expected_rate']},{digits})"
        if paid is not None and rounded((paid - due) * billed, facts.digits) == line.rate_effect:
            by_rate = f"=ROUND(({cell['billed_rate']}-{cell['expected_rate']})*{cell['billed_quantity']},{digits})"
        elif line.difference - line.quantity_effect == line.rate_effect:
            by_rate = f"=ROUND({cell['difference']}-{cell['quantity_effect']},{digits})"
    return {
        "quantity_effect": Entry(Kind.MONEY, line.quantity_effect, by_quantity, currency=facts.currency),
        "rate_effect": Entry(Kind.MONEY, line.rate_effect, by_rate, currency=facts.currency),
    }


def _sides(
    facts: Facts, line: Difference, number: int, cell: Mapping[str, str], charges: RowSums, invoiced: RowSums
) -> dict[str, Entry]:
    """Take what was invoiced from the invoice lines, and what is expected from the charges."""
    say, own = facts.say, cell["line"]
    billed = invoiced.summed(say("name.l_amount"), number, own)
    due = charges.summed(say("name.g_amount"), number, own)
    quantities = (
        f"={invoiced.summed(say('name.l_quantity'), number, own)}",
        f"={charges.summed(say('name.g_quantity'), number, own)}",
    )
    return _quantities(facts, line, number, cell, *quantities) | {
        "invoiced": _invoiced(facts, line, number, f"=ROUND({billed},{say('name.minor_digits')})"),
        "exact": _expected(facts, line, number, f"={due}"),
    }


def _invoiced(facts: Facts, line: Difference, number: int, formula: str) -> Entry:
    """Take the invoiced amount from the invoice lines by formula, or put it in where they do not add up to it."""
    own = [place for place in line.lines if facts.line_of_invoice[place] == number]
    lines = sum((facts.result.invoice_lines[place].amount for place in own), Decimal(0))
    adds_up = rounded(lines, facts.digits) == line.billed
    return Entry(Kind.MONEY, line.billed, formula if adds_up else "", cross=True, currency=facts.currency)


def _expected(facts: Facts, line: Difference, number: int, formula: str) -> Entry:
    """Take the expected amount from the charges by formula, or put it in where they do not add up to it."""
    own = [place for place in line.cells if facts.line_of_cell[place] == number]
    parts = [facts.totals.converted(facts.result.cells[place]) for place in own]
    adds_up = sum((part for part in parts if part is not None), Decimal(0)) == line.expected_exact
    return Entry(Kind.EXACT, line.expected_exact, formula if adds_up else "", cross=True, currency=facts.currency)


def _possible(facts: Facts, part: CauseAmount) -> str:
    """Name a cause that is only possible, with what speaks for it."""
    named = facts.say("f.possible_cause", cause=facts.word("cause", part.cause), amount=facts.money(part.amount))
    if part.support is None:
        return named
    support = support_sentence(part.support, facts.context.say)
    return facts.say("f.possible_support", cause=named, support=support)


def _review(facts: Facts, line: Difference) -> dict[str, Entry]:
    """Give what is possible, the way to the evidence, and the cells that the reviewer types in."""
    decision = facts.context.decisions.get(line.key)
    words = tuple(facts.word("decision", code) for code in ("accepted", "disputed", "open"))
    possible = [_possible(facts, part) for part in line.causes if part.proof == "possible"]
    cause, note = (facts.word("cause", decision.cause), decision.note) if decision else ("", "")
    known = facts.context.evidence_counts.get(line.key)
    word = facts.word(
        "decision", (decision.decision if decision else "") or ("open" if line.status in TO_REVIEW else "")
    )
    return {
        "possible": text("; ".join(possible), wrap=True),
        "evidence": Entry(Kind.COUNT, known, link=f"H:{line.key}" if known else ""),
        "decision": Entry(Kind.TEXT, word, look=Look.TYPED, choices=words),
        "cause": Entry(Kind.TEXT, cause, look=Look.TYPED, wrap=True, choices=facts.say("name.cause_words")),
        "note": Entry(Kind.TEXT, note, look=Look.TYPED, wrap=True),
        "decision_was": text(word),
        "cause_was": text(cause),
        "note_was": text(note),
    }
