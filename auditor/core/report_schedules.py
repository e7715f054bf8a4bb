"""The sheets that lead: cover (A), index and legend (B), lead schedule (C) and bridge (E); workpaper.md §1."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from auditor.core.money import rounded
from auditor.core.report_cells import BODY
from auditor.core.report_cells import Chart
from auditor.core.report_cells import Entry
from auditor.core.report_cells import Kind
from auditor.core.report_cells import Look
from auditor.core.report_cells import Page
from auditor.core.report_cells import Series
from auditor.core.report_cells import at
from auditor.core.report_cells import head
from auditor.core.report_cells import letters
from auditor.core.report_cells import text
from auditor.core.report_facts import TO_REVIEW
from auditor.core.report_facts import Facts
from auditor.core.report_facts import Lead
from auditor.core.report_lines import EXACT_DIGITS
from auditor.core.report_lines import cause_name
from auditor.core.report_lines import month
from auditor.core.report_lines import sign
from auditor.core.tables import Difference
from auditor.core.tables import Status
from auditor.core.totals import bridge_floor

CODES = "ABCDEFGHIJKLMN"
_TICKS = (("✓", "traced"), ("Σ", "footed"), ("×", "recomputed"), ("⇄", "agreed"), ("↗", "log"))


# A: cover ------------------------------------------------------------------------------------------------------------


class _Cover:
    """Puts the cover row by row: a label, then values."""

    def __init__(self, facts: Facts, *, ties: bool) -> None:
        self.facts, self.ties = facts, ties
        self.page = facts.page("A")
        self.row = BODY
        self.name = facts.say

    def section(self, key: str) -> None:
        self.row += self.row > BODY
        self.page.line(self.row, [text(self.name(f"a.{key}"), Look.SECTION), *[text("", Look.SECTION)] * 4])
        self.row += 1

    def fact(self, key: str, *entries: Entry | None, name: str = "", control: Decimal | bool | None = None) -> None:
        self.page.put(self.row, 0, text(self.name(f"a.{key}"), Look.LABEL))
        rest: list[Entry | None] = [text("")] * (4 - len(entries))
        self.page.line(self.row, [*entries, *rest], 1)
        first = entries[0]
        if first and (name or control is not None):
            self.page.put(self.row, 1, first, self.name(f"name.{name}") if name else "", control)
        self.row += 1

    def figure(self, key: str, value: Decimal, formula: str, look: Look = Look.PLAIN) -> None:
        """Put a headline figure: a formula over the lead schedule's totals, held to the engine's own figure."""
        entry = Entry(Kind.MONEY, value, formula, cross=True, currency=self.facts.currency, look=look)
        self.fact(key, entry, control=rounded(value, EXACT_DIGITS))


def cover_page(facts: Facts, *, ties: bool) -> Page:
    """Build A: scope, thresholds, the headline in figures taken from the lead schedule, the check lights, the sign-off."""
    cover = _Cover(facts, ties=ties)
    _scope(cover)
    _thresholds(cover)
    _headline(cover)
    _lights(cover)
    _sign_off(cover)
    return cover.page


def _scope(cover: _Cover) -> None:
    facts, account = cover.facts, cover.facts.account
    cover.section("scope")
    cover.fact("audit", text(account.name))
    cover.fact("entity", text(" · ".join(part for part in (account.entity, account.tax_id) if part)))
    cover.fact("period", Entry(Kind.DATE, account.first, look=Look.NOTE), Entry(Kind.DATE, account.last, look=Look.NOTE))
    cover.fact("currency", text(facts.currency))
    for waba in account.wabas:
        said = facts.say("a.waba", name=waba.name or waba.id, id=waba.id, zone=waba.time_zone, numbers=len(waba.numbers))
        cover.fact("account", text(said))
    cover.fact("regime", text("; ".join(facts.word("regime", regime) for regime in facts.result.regimes)))
    cover.fact("cards", text(", ".join(account.cards)))


def _thresholds(cover: _Cover) -> None:
    facts = cover.facts
    stated, tolerance, money = facts.account.materiality, facts.account.tolerance, facts.currency
    names = facts.say("name.materiality_amount"), facts.say("name.materiality_percent"), facts.say("name.total_expected")
    cover.section("thresholds")
    cover.fact("materiality_amount", Entry(Kind.MONEY, stated.amount, currency=money), name="materiality_amount")
    cover.fact("materiality_percent", Entry(Kind.PERCENT, stated.percent / 100), name="materiality_percent")
    formula = f"=MAX({names[0]},{names[1]}*ABS({names[2]}))"
    cover.fact(
        "materiality",
        Entry(Kind.MONEY, facts.materiality, formula, cross=True, currency=money),
        name="materiality",
        control=facts.materiality,
    )
    cover.fact("tolerance_amount", Entry(Kind.MONEY, tolerance.amount, currency=money), name="tolerance_amount")
    cover.fact("tolerance_percent", Entry(Kind.PERCENT, tolerance.percent / 100), name="tolerance_percent")
    if facts.account.tolerances:
        cover.fact("tolerances", text(facts.say("a.tolerances_said", count=len(facts.account.tolerances))))
    when = facts.context.tolerance_set_at
    said = Entry(Kind.INSTANT, when.replace(tzinfo=None), look=Look.NOTE) if when else text(facts.say("a.with_account"))
    cover.fact("set_at", said)


def _headline(cover: _Cover) -> None:
    facts, result, say = cover.facts, cover.facts.result, cover.facts.say
    names = {key: say(f"name.total_{key}") for key in ("invoiced", "expected", "difference", "explained", "unexplained")}
    cover.section("result")
    cover.figure("invoiced", result.billed, f"={names['invoiced']}", Look.HEADLINE)
    cover.figure("expected", result.expected, f"={names['expected']}", Look.HEADLINE)
    for key, value in (("low", result.low), ("high", result.high)):
        cover.fact(key, Entry(Kind.MONEY, value, currency=facts.currency))
    cover.figure("difference", result.difference, f"={names['difference']}", Look.HEADLINE)
    relative = result.difference / result.expected if result.expected else ""
    formula = f'=IF({names["expected"]}=0,"",{names["difference"]}/{names["expected"]})'
    cover.fact("relative", Entry(Kind.PERCENT, relative, formula, cross=True))
    cover.figure("explained", result.difference - result.unexplained, f"={names['explained']}")
    cover.figure("unexplained", result.unexplained, f"={names['unexplained']}", Look.HEADLINE)
    review = Entry(Kind.COUNT, len(facts.to_review), f"={say('name.total_review')}", cross=True)
    cover.fact("review", review, text(say("a.of_lines", count=len(result.differences))))


def _lights(cover: _Cover) -> None:
    say, facts = cover.facts.say, cover.facts
    cover.section("checks")
    word = say("light.ties" if cover.ties else "light.fails")
    formula = f"=IF({say('name.tie_out_ok')},{say('name.word_ties')},{say('name.word_fails')})"
    cover.fact("tie_out", Entry(Kind.TEXT, word, formula, cross=True, look=Look.HEADLINE, fill=f"check:{cover.ties}"))
    within = abs(facts.result.unexplained) <= facts.materiality
    word = say("light.within" if within else "light.above")
    formula = f"=IF(ABS({say('name.total_unexplained')})<={say('name.materiality')},{say('name.word_within')},{say('name.word_above')})"
    cover.fact("against_materiality", Entry(Kind.TEXT, word, formula, cross=True, look=Look.HEADLINE, fill=f"check:{within}"))


def _sign_off(cover: _Cover) -> None:
    facts, say, account = cover.facts, cover.facts.say, cover.facts.account
    cover.section("sign_off")
    heads = [head(say(f"a.{key}")) for key in ("role", "name", "date", "extent", "signature")]
    cover.page.line(cover.row, heads)
    for key, name in (("preparer", account.preparer), ("reviewer", account.reviewer)):
        cover.row += 1
        typed = [text(name, Look.TYPED), *[text("", Look.TYPED)] * 3]
        cover.page.line(cover.row, [text(say(f"a.{key}"), Look.LABEL), *typed])
    cover.row += 2
    made = facts.context.made_at
    cover.fact("version", text(facts.context.version))
    cover.fact("made_at", Entry(Kind.INSTANT, made.replace(tzinfo=None), look=Look.NOTE), text(f"{made:UTC%z}"))


# B: index and legend ---------------------------------------------------------------------------------------------------


def index_page(facts: Facts, conclusions: Mapping[str, str]) -> Page:
    """Build B: the sheets with links, and what marks, colours and words mean. Formulas take their words from here."""
    say = facts.say
    page = facts.page("B")
    row = _section(page, BODY, say("b.sheets"))
    for code in CODES:
        page.line(row, [text(code, link=code), text(say(f"sheet.{code}"), link=code), text(conclusions[code], wrap=True)])
        row += 1
    row = _section(page, row + 1, say("b.ticks"))
    for mark, key in _TICKS:
        page.line(row, [text(mark, Look.TICK), text(say(f"tick.{key}")), text(say(f"tick_meaning.{key}"), wrap=True)])
        row += 1
    row = _section(page, row + 1, say("b.colours"))
    sample = Decimal("1234.50")
    for key, entry in (
        ("input", Entry(Kind.MONEY, sample)),
        ("formula", Entry(Kind.MONEY, sample, f"={at(row, 0)}")),
        ("cross", Entry(Kind.MONEY, rounded(facts.result.billed, facts.digits), f"={say('name.total_invoiced')}", cross=True)),
        ("typed", text("", Look.TYPED)),
    ):
        page.line(row, [entry, text(say(f"colour.{key}")), text(say(f"colour_meaning.{key}"), wrap=True)])
        row += 1
    row = _statuses(facts, page, row)
    row = _words(facts, page, row)
    for cause in (*facts.causes, "unexplained"):
        page.line(row, [None, text(facts.word("cause", cause)), text(facts.word("cause_meaning", cause), wrap=True)])
        row += 1
    return page


def _section(page: Page, row: int, title: str) -> int:
    page.line(row, [text(title, Look.SECTION), text("", Look.SECTION), text("", Look.SECTION)])
    return row + 1


def _statuses(facts: Facts, page: Page, row: int) -> int:
    """Put the status words with the flag whether each is to be reviewed, and the signs, as formulas look them up."""
    say = facts.say
    row = first = _section(page, row + 1, say("b.statuses"))
    for status in Status:
        flag = Entry(Kind.COUNT, int(status in TO_REVIEW))
        meaning = text(facts.word("status_meaning", status), wrap=True)
        page.line(row, [flag, text(facts.word("status", status), fill=status.value), meaning])
        row += 1
    page.define(say("name.status_review"), (first, 0, row - 1, 0))
    page.define(say("name.status_words"), (first, 1, row - 1, 1))
    row = first = _section(page, row + 1, say("b.signs"))
    for code in ("under", "even", "over"):
        page.line(row, [None, text(say(f"sign.{code}")), text(say(f"sign_meaning.{code}"), wrap=True)])
        row += 1
    page.define(say("name.signs"), (first, 1, row - 1, 1))
    return row


def _words(facts: Facts, page: Page, row: int) -> int:
    """Put the words that formulas choose between, the constants they use, and the heading of the causes."""
    say = facts.say
    row = _section(page, row + 1, say("b.words"))
    for key in ("ties", "fails", "within", "above", "settled", "open"):
        page.put(row, 1, text(say(f"light.{key}")), say(f"name.word_{key}"))
        page.put(row, 2, text(say(f"light_meaning.{key}"), wrap=True))
        row += 1
    for key, value in (("minor_digits", facts.digits), ("exact_digits", EXACT_DIGITS)):
        page.put(row, 0, Entry(Kind.COUNT, value), say(f"name.{key}"))
        page.line(row, [text(say(f"b.{key}")), text(say(f"b.{key}_meaning"), wrap=True)], 1)
        row += 1
    half = Decimal(5).scaleb(-facts.digits - 1)
    page.put(row, 0, Entry(Kind.RATE, half), say("name.half_unit"))
    page.line(row, [text(say("b.half_unit")), text(say("b.half_unit_meaning"), wrap=True)], 1)
    return _section(page, row + 2, say("b.causes"))


# C: lead schedule ------------------------------------------------------------------------------------------------------


def lead_page(facts: Facts) -> Page:
    """Build C: a row for each account, month and category; every figure adds up the differences below it by formula."""
    page = facts.page("C")
    keys = [
        "number", "account", "period", "category", "lines", "invoiced", "expected", "difference", "sign",
        *(f"cause.{cause}" for cause in facts.causes), "explained", "unexplained", "review", "status", "note",
    ]  # fmt: skip
    heads = [
        facts.say("f.cause", cause=facts.word("cause", key[6:])) if key.startswith("cause.") else facts.say(f"c.{key}")
        for key in keys
    ]
    kinds = [Kind.TEXT if key in _TEXTS and key != "number" else Kind.MONEY for key in keys]
    page.line(BODY, [head(said, kind) for said, kind in zip(heads, kinds, strict=True)])
    rows = [_lead(facts, lead, keys, BODY + lead.number) for lead in facts.leads]
    for number, row in enumerate(rows, 1):
        page.line(BODY + number, [row[key] for key in keys])
    if not rows:
        page.put(BODY + 1, 1, text(facts.say("none")))
    _foot(facts, page, keys, rows, BODY + max(len(rows), 1) + 1)
    return page


def _lead(facts: Facts, lead: Lead, keys: Sequence[str], row: int) -> dict[str, Entry]:
    say, money = facts.say, facts.currency
    lines = [facts.result.differences[place] for place in lead.differences]
    cell = {key: at(row, n) for n, key in enumerate(keys)}

    def summed(name: str, value: Decimal, kind: Kind = Kind.MONEY) -> Entry:
        formula = f"=SUMIFS({name},{say('name.f_lead')},{cell['number']})"
        return Entry(kind, value, formula, cross=True, currency=money if kind is not Kind.COUNT else "")

    found = {cause: _found(lines, cause) for cause in facts.causes}
    causes = [f"cause.{cause}" for cause in facts.causes]
    invoiced, expected = _sum(line.billed for line in lines), _sum(line.expected for line in lines)
    difference, explained = invoiced - expected, _sum(found.values())
    review = sum(line.status in TO_REVIEW for line in lines)
    entries = {
        "number": Entry(Kind.COUNT, lead.number, look=Look.LABEL, link=f"F:{lead.differences[0] + 1}"),
        "account": text(facts.broken_down(facts.waba(lead.waba_id)), wrap=True),
        "period": Entry(Kind.PERIOD, month(lead.period)) if lead.period else text(facts.broken_down("")),
        "category": text(facts.broken_down(facts.word("category", lead.category))),
        "lines": Entry(
            Kind.COUNT, len(lines), f"=COUNTIFS({say('name.f_lead')},{cell['number']})", cross=True
        ),
        "invoiced": summed(say("name.f_invoiced"), invoiced),
        "expected": summed(say("name.f_expected"), expected),
        "difference": Entry(
            Kind.MONEY, difference, f"=ROUND({cell['invoiced']}-{cell['expected']},{say('name.minor_digits')})", currency=money
        ),
        "sign": Entry(
            Kind.TEXT, say(f"sign.{sign(difference)}"), f"=INDEX({say('name.signs')},2+SIGN({cell['difference']}))", cross=True
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
        "note": Entry(Kind.TEXT, _statuses_said(facts, lines), look=Look.TYPED, wrap=True),
    }
    return entries | {
        f"cause.{cause}": summed(cause_name(facts, cause), amount, Kind.EXACT) for cause, amount in found.items()
    }


def _found(lines: Sequence[Difference], cause: str) -> Decimal:
    return _sum(part.amount for line in lines for part in line.causes if part.proof == "found" and part.cause == cause)


def _sum(amounts: object) -> Decimal:
    return sum(amounts, Decimal(0))  # type: ignore[call-overload, no-any-return]


def _statuses_said(facts: Facts, lines: Sequence[Difference]) -> str:
    counted = [(status, sum(line.status is status for line in lines)) for status in Status]
    return ", ".join(f"{n} {facts.word('status', status).lower()}" for status, n in counted if n)


def _foot(facts: Facts, page: Page, keys: Sequence[str], rows: Sequence[Mapping[str, Entry]], row: int) -> None:
    """Put under the lead schedule the sum of the lines, what rounding line by line moved, and the totals.

    Totals are rounded once, from the exact sum (pricing.md §9.2), so that they may be a cent off the rounded lines. Cover,
    tie-out and bridge refer to them by name.
    """
    say, result = facts.say, facts.result
    place = {key: n for n, key in enumerate(keys)}
    digits = say("name.minor_digits")
    exact = {
        "invoiced": f"=ROUND(SUMIFS({say('name.l_amount')},{say('name.l_line')},\">0\"),{digits})-{at(row, place['invoiced'])}",
        "expected": f"=ROUND(SUM({say('name.f_exact')}),{digits})-{at(row, place['expected'])}",
    }
    moved = {
        "invoiced": result.billed - _column(rows, "invoiced"),
        "expected": result.expected - _column(rows, "expected"),
    }
    moved |= dict.fromkeys(("difference", "cause.rounding", "explained"), moved["invoiced"] - moved["expected"])
    difference = f"={at(row + 1, place['invoiced'])}-{at(row + 1, place['expected'])}"
    explained = f"=SUM({at(row + 1, place['sign'] + 1)}:{at(row + 1, place['explained'] - 1)})"
    formulas = exact | {
        "difference": difference,
        "cause.rounding": f"={at(row + 1, place['difference'])}",
        "explained": explained,
        "unexplained": f"=ROUND({at(row + 1, place['difference'])}-{at(row + 1, place['explained'])},{say('name.exact_digits')})",
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


_TEXTS = ("number", "account", "period", "category", "sign", "status", "note")


def _column(rows: Sequence[Mapping[str, Entry]], key: str) -> Decimal:
    return Decimal(0) if key in _TEXTS else _sum(entry[key].value for entry in rows)


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
    return f"{facts.say('name.total_cause')}_{cause}"


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


# E: bridge and the figures behind the charts -----------------------------------------------------------------------------


def bridge_page(facts: Facts) -> Page:
    """Build E: from expected to invoiced cause by cause, then both by category, by market and by day, each with a chart."""
    page = facts.page("E")
    row = _bridge(facts, page, BODY)
    for dimension in ("category", "market"):
        row = _sides(facts, page, max(row + 2, _below(page)), dimension)
    _days(facts, page, max(row + 2, _below(page)))
    return page


def _below(page: Page) -> int:
    """Give the first row under the charts put so far (a chart of 340 pixels covers 17 rows)."""
    return max((chart.at[0] + chart.size[1] // 20 + 2 for chart in page.charts), default=BODY)


def _bridge(facts: Facts, page: Page, top: int) -> int:
    say, money = facts.say, facts.currency
    heads = ("cause", "amount", "share", "from", "to", "base", "above", "below", "label")
    page.line(top, [head(say(f"e.{key}"), Kind.TEXT if key == "cause" else Kind.MONEY) for key in heads])
    steps = [step for step in facts.result.bridge if step.amount or step.cause == "unexplained"]
    end = top + len(steps) + 2
    _level(facts, page, top + 1, say("e.expected"), facts.result.expected, f"={say('name.total_expected')}", "", Decimal(0))
    level = facts.result.expected
    for row, step in enumerate(steps, top + 2):
        unexplained = step.cause == "unexplained"
        formula = f"={say('name.total_unexplained') if unexplained else total_cause_name(facts, step.cause)}"
        _level(facts, page, row, facts.word("cause", step.cause), step.amount, formula, at(row - 1, 4), level)
        share = step.amount / facts.result.difference if facts.result.difference else ""
        total = say("name.total_difference")
        page.put(row, 2, Entry(Kind.PERCENT, share, f'=IF({total}=0,"",{at(row, 1)}/{total})', cross=True))
        level += step.amount
    _level(facts, page, end, say("e.invoiced"), facts.result.billed, f"={say('name.total_invoiced')}", "", Decimal(0))
    steps_area = f"{at(top + 2, 1)}:{at(end - 1, 1)}"
    value = _sum(step.amount for step in steps)
    causes = Entry(Kind.EXACT, value, f"=SUM({steps_area})", currency=money, look=Look.TOTAL)
    page.line(end + 1, [text(say("e.steps"), Look.TOTAL)])
    page.put(end + 1, 1, causes, say("name.bridge_total"), rounded(facts.result.difference, EXACT_DIGITS))
    digits = say("name.exact_digits")
    rest = Entry(Kind.EXACT, rounded(level - facts.result.billed, EXACT_DIGITS), f"=ROUND({at(end - 1, 4)}-{at(end, 1)},{digits})", currency=money)
    page.line(end + 2, [text(say("e.residual"), Look.LABEL)])
    page.put(end + 2, 1, rest, say("name.bridge_residual"), Decimal(0))
    agrees = Entry(Kind.CHECK, rest.value == 0, f"={at(end + 2, 1)}=0")
    page.put(end + 2, 2, agrees, control=True)
    page.charts.append(_waterfall(facts, top, end, [step.amount for step in steps]))
    return end + 3


def _level(
    facts: Facts, page: Page, row: int, label: str, amount: Decimal, formula: str, before: str, level: Decimal
) -> None:
    """Put a bar of the waterfall: its amount, where it begins and ends, and the parts that stacked columns draw."""
    money = facts.currency
    start, end = at(row, 3), at(row, 4)
    low, high = min(level, level + amount), max(level, level + amount)
    zero = Decimal(0)
    base, above, below = max(zero, low) + min(zero, high), max(zero, high) - max(zero, low), min(zero, low) - min(zero, high)
    look = Look.PLAIN if before else Look.LABEL
    page.line(
        row,
        [
            text(label, look),
            Entry(Kind.EXACT, amount, formula, cross=True, currency=money),
            None,
            Entry(Kind.EXACT, level, f"={before}" if before else "", currency=money),
            Entry(Kind.EXACT, level + amount, f"={start}+{at(row, 1)}", currency=money),
            Entry(Kind.EXACT, base, f"=MAX(0,MIN({start},{end}))+MIN(0,MAX({start},{end}))", currency=money),
            Entry(Kind.EXACT, above, f"=MAX(0,{start},{end})-MAX(0,MIN({start},{end}))", currency=money),
            Entry(Kind.EXACT, below, f"=MIN(0,{start},{end})-MIN(0,MAX({start},{end}))", currency=money),
            Entry(Kind.EXACT, high, f"=MAX({start},{end})", currency=money),
        ],
    )


def _waterfall(facts: Facts, top: int, end: int, steps: Sequence[Decimal]) -> Chart:
    parts = ("expected", *("over" if step > 0 else "under" for step in steps[:-1]), "unexplained", "invoiced")
    result = facts.result
    title = facts.say("e.bridge_title", difference=facts.money(result.difference), unexplained=facts.money(result.unexplained))
    return Chart(
        "bridge",
        title,
        top + 1,
        end,
        0,
        (
            Series((top, 5), 5, "blank"),
            Series((top, 6), 6, "step", parts),
            Series((top, 7), 7, "step", parts),
            Series((top, 8), 8, "label"),
        ),
        (top, 10),
        facts.currency,
        facts.say("e.axis", currency=facts.currency, period=facts.period),
        bridge_floor(result.expected, result.billed, steps),
        tuple(facts.money(amount) for amount in (result.expected, *steps, result.billed)),
    )


def _sides(facts: Facts, page: Page, top: int, dimension: str) -> int:
    """Put invoiced and expected by category or market, summed over F by formula, with a chart beside."""
    say, money = facts.say, facts.currency
    groups: dict[str, list[Difference]] = {}
    for line in facts.result.differences:
        word = facts.word("category", line.category) if dimension == "category" else facts.market(line.market)
        groups.setdefault(facts.broken_down(word), []).append(line)
    page.put(top, 0, text(say(f"e.by_{dimension}"), Look.SECTION))
    heads = (f"by_{dimension}", "invoiced", "expected", "difference", "relative")
    page.line(top + 1, [head(say(f"e.{key}"), Kind.MONEY if n else Kind.TEXT) for n, key in enumerate(heads)])
    ordered = sorted(groups.items(), key=lambda group: -_sum(line.billed for line in group[1]))
    for row, (word, lines) in enumerate(ordered, top + 2):
        page.line(row, _side(facts, row, word, lines, dimension))
    if not ordered:
        page.put(top + 2, 0, text(say("none")))
    last = top + 1 + max(len(ordered), 1)
    page.put(last + 1, 0, text(say("total"), Look.TOTAL))
    for place in (1, 2, 3):
        value = _sum(page.cells[row, place].value for row in range(top + 2, last + 1) if (row, place) in page.cells)
        formula = f"=SUM({at(top + 2, place)}:{at(last, place)})"
        page.put(last + 1, place, Entry(Kind.MONEY, value, formula, currency=money, look=Look.TOTAL))
    series = (Series((top + 1, 1), 1, "invoiced"), Series((top + 1, 2), 2, "expected"))
    title = say(f"e.{dimension}_title", invoiced=facts.money(facts.result.billed), expected=facts.money(facts.result.expected))
    axis = say("e.axis", currency=money, period=facts.period)
    page.charts.append(Chart("columns", title, top + 2, last, 0, series, (top, 10), money, axis))
    return last + 2


def _side(facts: Facts, row: int, word: str, lines: Sequence[Difference], dimension: str) -> list[Entry]:
    money, label = facts.currency, at(row, 0)
    invoiced, expected = _sum(line.billed for line in lines), _sum(line.expected for line in lines)
    by = facts.say(f"name.f_{dimension}")
    plain = not set(word) & set("*?~") and word[:1] not in "<>="  # a criterion that stands for itself only

    def summed(key: str, value: Decimal) -> Entry:
        formula = f"=SUMIFS({facts.say(f'name.f_{key}')},{by},{label})"
        return Entry(Kind.MONEY, value, formula if plain else "", cross=True, currency=money)

    return [
        text(word),
        summed("invoiced", invoiced),
        summed("expected", expected),
        Entry(
            Kind.MONEY,
            invoiced - expected,
            f"=ROUND({at(row, 1)}-{at(row, 2)},{facts.say('name.minor_digits')})",
            currency=money,
        ),
        Entry(
            Kind.PERCENT,
            (invoiced - expected) / expected if expected else "",
            f'=IF({at(row, 2)}=0,"",{at(row, 3)}/{at(row, 2)})',
        ),
    ]


def _days(facts: Facts, page: Page, top: int) -> None:
    """Put the expected charges of each day by category, in the invoice's currency, with a chart beside."""
    say, money = facts.say, facts.currency
    charged = facts.totals.per_day
    categories = sorted({category for category, _ in charged}, key=lambda c: -_sum(v for k, v in charged.items() if k[0] == c))
    page.put(top, 0, text(say("e.per_day"), Look.SECTION))
    page.line(top + 1, [head(say("e.day")), *(head(facts.word("category", c), Kind.MONEY) for c in categories)])
    days = sorted({day for _, day in charged})
    for row, day in enumerate(days, top + 2):
        values = [Entry(Kind.EXACT, charged.get((category, day), Decimal(0)), currency=money) for category in categories]
        page.line(row, [Entry(Kind.DATE, day, look=Look.NOTE), *values])
    if not days:
        page.put(top + 2, 0, text(say("none")))
        return
    last = top + 1 + len(days)
    series = tuple(Series((top + 1, n), n, str(n - 1)) for n in range(1, len(categories) + 1))
    title = say("e.day_title", expected=facts.money(facts.result.expected))
    axis = say("e.axis", currency=money, period=facts.period)
    page.charts.append(Chart("stacked", title, top + 2, last, 0, series, (top, max(10, len(categories) + 2)), money, axis))
