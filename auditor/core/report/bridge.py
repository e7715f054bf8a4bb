"""The bridge (E): from expected to invoiced by cause, and the figures of the charts beside it; workpaper.md §1."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.money import rounded
from auditor.core.report.cells import BODY
from auditor.core.report.cells import EXACT_DIGITS
from auditor.core.report.cells import Chart
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import Series
from auditor.core.report.cells import add_up
from auditor.core.report.cells import at
from auditor.core.report.cells import head
from auditor.core.report.cells import summed_where
from auditor.core.report.cells import text
from auditor.core.report.charts import largest
from auditor.core.report.charts import words_of
from auditor.core.report.facts import Facts
from auditor.core.report.findings import bridge_title
from auditor.core.report.findings import day_marks
from auditor.core.report.findings import days_title
from auditor.core.report.findings import sides_title
from auditor.core.report.lead import total_cause_name
from auditor.core.results import Difference
from auditor.core.totals import bridge_floor

_AT = 7
"""The column where the charts stand: beside the widest table, unless there are more categories than it has columns."""

_NAMED = 5
"""Names of so many steps have room under a chart as low as the others; more stand aslant, under a higher one."""

FEEDS = 22
"""The first of the columns that only feed the waterfall, clear of its chart."""


def bridge_page(facts: Facts) -> Page:
    """Build E: from expected to invoiced cause by cause, then both by category, market and day, each with a chart."""
    page = facts.page("E")
    page.aside = FEEDS
    row = _bridge(facts, page, BODY)
    for dimension in ("category", "market"):
        row = _sides(facts, page, max(row + 2, _below(page)), dimension)
    row = largest(facts, page, max(row + 2, _below(page)), _AT)
    _days(facts, page, max(row + 2, _below(page)))
    return page


def _below(page: Page) -> int:
    """Give the first row under the charts put so far."""
    return max((chart.below + 1 for chart in page.charts), default=BODY)


def _bridge(facts: Facts, page: Page, top: int) -> int:
    say, money = facts.say, facts.currency
    heads = ("cause", "amount", "share", "from", "to")
    page.line(top, [head(say(f"e.{key}"), Kind.TEXT if key == "cause" else Kind.MONEY) for key in heads])
    page.line(top, [head(say(f"e.{key}"), Kind.MONEY) for key in ("base", "above", "below", "label")], FEEDS)
    steps = [step for step in facts.result.bridge if step.amount or step.cause == "unexplained"]
    end = top + len(steps) + 2
    _level(
        facts, page, top + 1, say("e.expected"), facts.result.expected, f"={say('name.total_expected')}", "", Decimal(0)
    )
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
    value = add_up(step.amount for step in steps)
    causes = Entry(Kind.EXACT, value, f"=SUM({steps_area})", currency=money, look=Look.TOTAL)
    page.line(end + 1, [text(say("e.steps"), Look.TOTAL)])
    page.put(end + 1, 1, causes, say("name.bridge_total"), rounded(facts.result.difference, EXACT_DIGITS))
    digits = say("name.exact_digits")
    rest = Entry(
        Kind.EXACT,
        rounded(level - facts.result.billed, EXACT_DIGITS),
        f"=ROUND({at(end - 1, 4)}-{at(end, 1)},{digits})",
        currency=money,
    )
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
    base, above, below = (
        max(zero, low) + min(zero, high),
        max(zero, high) - max(zero, low),
        min(zero, low) - min(zero, high),
    )
    look = Look.PLAIN if before else Look.LABEL
    page.line(
        row,
        [
            text(label, look),
            Entry(Kind.EXACT, amount, formula, cross=True, currency=money),
            None,
            Entry(Kind.EXACT, level, f"={before}" if before else "", currency=money),
            Entry(Kind.EXACT, level + amount, f"={start}+{at(row, 1)}", currency=money),
        ],
    )
    page.line(
        row,
        [
            Entry(Kind.EXACT, base, f"=MAX(0,MIN({start},{end}))+MIN(0,MAX({start},{end}))", currency=money),
            Entry(Kind.EXACT, above, f"=MAX(0,{start},{end})-MAX(0,MIN({start},{end}))", currency=money),
            Entry(Kind.EXACT, below, f"=MIN(0,{start},{end})-MIN(0,MAX({start},{end}))", currency=money),
            Entry(Kind.EXACT, high, f"=MAX({start},{end})", currency=money),
        ],
        FEEDS,
    )


def _waterfall(facts: Facts, top: int, end: int, steps: Sequence[Decimal]) -> Chart:
    parts = ("expected", *("over" if step > 0 else "under" for step in steps[:-1]), "unexplained", "invoiced")
    result = facts.result
    return Chart(
        "bridge",
        bridge_title(words_of(facts)),
        top + 1,
        end,
        0,
        (
            Series((top, FEEDS), FEEDS, "blank"),
            Series((top, FEEDS + 1), FEEDS + 1, "step", parts),
            Series((top, FEEDS + 2), FEEDS + 2, "step", parts),
            Series((top, FEEDS + 3), FEEDS + 3, "label"),
        ),
        (top, _AT),
        facts.currency,
        facts.say("e.axis", currency=facts.currency, period=facts.period, source="C"),
        bridge_floor(result.expected, result.billed, steps),
        tuple(facts.money(amount) for amount in (result.expected, *steps, result.billed)),
        size=(820, 340 if len(steps) <= _NAMED else 500),
    )


def _sides(facts: Facts, page: Page, top: int, dimension: str) -> int:
    """Put invoiced and expected by category or market, summed over F by formula, with a chart beside."""
    say, money = facts.say, facts.currency
    groups: dict[str, list[Difference]] = {}
    for line in facts.result.differences:
        word = facts.word("category", line.category) if dimension == "category" else facts.market(line.market)
        groups.setdefault(facts.broken_down(word), []).append(line)
    page.section(top, say(f"e.by_{dimension}"))
    heads = ("invoiced", "expected", "difference", "relative")
    page.line(top + 1, [head(say(f"f.{dimension}")), *(head(say(f"e.{key}"), Kind.MONEY) for key in heads)])
    ordered = sorted(groups.items(), key=lambda group: -add_up(line.billed for line in group[1]))
    for row, (word, lines) in enumerate(ordered, top + 2):
        page.line(row, _side(facts, row, word, lines, dimension))
    if not ordered:
        page.put(top + 2, 0, text(say("none")))
    last = top + 1 + max(len(ordered), 1)
    page.put(last + 1, 0, text(say("c.lines_sum"), Look.LABEL))
    for place in (1, 2, 3):
        value = add_up(page.cells[row, place].value for row in range(top + 2, last + 1) if (row, place) in page.cells)
        formula = f"=SUM({at(top + 2, place)}:{at(last, place)})"
        page.put(last + 1, place, Entry(Kind.MONEY, value, formula, currency=money))
    result = facts.result
    totals = {"invoiced": result.billed, "expected": result.expected, "difference": result.difference}
    _to_totals(facts, page, last + 1, {place: (key, totals[key]) for place, key in enumerate(totals, 1)})
    series = (Series((top + 1, 1), 1, "invoiced"), Series((top + 1, 2), 2, "expected"))
    title = sides_title(words_of(facts), dimension) if ordered else say("none")
    axis = say("e.axis", currency=money, period=facts.period, source="F")
    page.charts.append(Chart("columns", title, top + 2, last, 0, series, (top, _AT), money, axis))
    return last + 4


def _to_totals(facts: Facts, page: Page, row: int, totals: Mapping[int, tuple[str, Decimal]]) -> None:
    """Lead the sums in a row to the lead schedule's totals below it: totals are rounded once (pricing.md §9.2).

    `totals` gives, by column, the total's name and its value. What stands above may be off by some cents, and says so.
    """
    say, money = facts.say, facts.currency
    page.line(row + 1, [text(say("c.rounding"), Look.LABEL)])
    page.line(row + 2, [text(say("e.total_of_lead"), Look.TOTAL)])
    for place in range(1, max(totals) + 1):
        if place not in totals:
            page.put(row + 2, place, text("", Look.TOTAL))
            continue
        key, total = totals[place]
        moved = Entry(
            Kind.EXACT,
            rounded(total - add_up([page.cells[row, place].value]), EXACT_DIGITS),
            f"=ROUND({at(row + 2, place)}-{at(row, place)},{say('name.exact_digits')})",
            currency=money,
        )
        page.put(row + 1, place, moved)
        formula = f"={say(f'name.total_{key}')}"
        page.put(
            row + 2, place, Entry(Kind.MONEY, total, formula, cross=True, currency=money, look=Look.TOTAL), "", total
        )


def _side(facts: Facts, row: int, word: str, lines: Sequence[Difference], dimension: str) -> list[Entry]:
    money, label = facts.currency, at(row, 0)
    invoiced, expected = add_up(line.billed for line in lines), add_up(line.expected for line in lines)
    by = facts.say(f"name.f_{dimension}")

    def summed(key: str, value: Decimal) -> Entry:
        return Entry(Kind.MONEY, value, summed_where(facts.say(f"name.f_{key}"), by, label), cross=True, currency=money)

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
    categories = sorted(
        {category for category, _ in charged}, key=lambda c: -add_up(v for k, v in charged.items() if k[0] == c)
    )
    page.section(top, say("e.per_day"))
    page.line(top + 1, [head(say("e.day")), *(head(facts.word("category", c), Kind.MONEY) for c in categories)])
    days = sorted({day for _, day in charged})
    for row, day in enumerate(days, top + 2):
        values = [
            Entry(Kind.MONEY, charged.get((category, day), Decimal(0)), currency=money) for category in categories
        ]
        page.line(row, [Entry(Kind.DATE, day, look=Look.NOTE), *values])
    if not days:
        page.put(top + 2, 0, text(say("none")))
        return
    last = top + 1 + len(days)
    series = [Series((top + 1, n), n, str(n - 1)) for n in range(1, len(categories) + 1)]
    marks = dict(day_marks(words_of(facts)))
    labels = tuple(marks.get(day, "") for day in days)
    whole = len(categories) + 1
    page.put(top + 1, whole, head(say("e.day_total"), Kind.MONEY))
    for row in range(top + 2, last + 1):
        value = add_up(page.cells[row, n].value for n in range(1, whole))
        page.put(row, whole, Entry(Kind.MONEY, value, f"=SUM({at(row, 1)}:{at(row, whole - 1)})", currency=money))
    if any(labels):  # regime switches and new cards stand over their day's column
        series.append(Series((top + 1, whole), whole, "label"))
    page.put(last + 1, 0, text(say("e.days_sum"), Look.LABEL))
    for column in range(1, whole + 1):
        value = add_up(page.cells[row, column].value for row in range(top + 2, last + 1))
        formula = f"=SUM({at(top + 2, column)}:{at(last, column)})"
        page.put(last + 1, column, Entry(Kind.EXACT, value, formula, currency=money))
    _to_totals(facts, page, last + 1, {whole: ("expected", facts.result.expected)})
    page.put(last + 4, 0, text(say("e.days_said"), Look.PROSE))
    axis = say("e.axis", currency=money, period=facts.period, source="G")
    place = (top, max(_AT, whole + 2))
    title = days_title(words_of(facts))
    page.charts.append(Chart("stacked", title, top + 2, last, 0, tuple(series), place, money, axis, texts=labels))
