"""The figures of the workbook's charts that stand on no other sheet: largest differences, running use, day by hour.

Each says the finding of the same chart in window and file (workpaper.md §3); `findings.py` has them.
"""

from collections.abc import Sequence
from datetime import date
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from auditor.core.report.cells import BODY
from auditor.core.report.cells import Chart
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import Series
from auditor.core.report.cells import at
from auditor.core.report.cells import count
from auditor.core.report.cells import head
from auditor.core.report.cells import text
from auditor.core.report.chart_words import ChartWords
from auditor.core.report.facts import Facts
from auditor.core.report.findings import Counter
from auditor.core.report.findings import Counts
from auditor.core.report.findings import counter_title
from auditor.core.report.findings import counters_of
from auditor.core.report.findings import hour_map
from auditor.core.report.findings import no_difference
from auditor.core.report.findings import pareto_name
from auditor.core.report.findings import pareto_of
from auditor.core.report.findings import running_use
from auditor.core.report.findings import use_title
from auditor.core.results import Difference

_LARGEST = 15  # differences shown
_COUNTERS = 6  # counters shown, the fullest ones
_HOURS = 24
_USE_AT = 6  # the column where the charts of running use stand
_PICTURE_ROWS = 24  # that a picture of ten inches by five covers


def words_of(facts: Facts) -> ChartWords:
    """Give the words that charts are said in."""
    return ChartWords(facts.result, facts.context.say)


# Largest differences (E) ----------------------------------------------------------------------------------


def largest(facts: Facts, page: Page, top: int, beside: int) -> int:
    """Put the largest differences, a chart from column `beside` on, and give the row below."""
    say, words = facts.say, words_of(facts)
    found = pareto_of(words)
    page.section(top, say("e.largest"))
    keys = ("largest_line", "difference", "without_sign", "cumulative", "materiality", "line")
    page.line(top + 1, [head(say(f"e.{key}"), Kind.MONEY if n else Kind.TEXT) for n, key in enumerate(keys)])
    if found is None:
        page.put(top + 2, 0, text(no_difference(words)))
        return top + 3
    shown = found.lines[:_LARGEST]
    last = top + 1 + len(shown)
    whole = sum((abs(line.difference) for _, line, _ in found.lines), Decimal(0))
    for row, (number, line, share) in enumerate(shown, top + 2):
        page.line(row, _large(facts, row, (number, line, share), (top + 2, last + 1)))
    total = Entry(
        Kind.MONEY, whole, f"=SUMPRODUCT(ABS({say('name.f_difference')}))", cross=True, currency=facts.currency,
        look=Look.TOTAL,
    )  # fmt: skip
    page.put(last + 1, 0, text(say("e.all_without_sign"), Look.TOTAL))
    page.put(last + 1, 2, total)
    points = tuple("over" if line.difference > 0 else "under" for _, line, _ in shown)
    labels = tuple(words.money(line.difference, signed=True, bare=True) for _, line, _ in shown)
    series = (
        Series((top + 1, 2), 2, "step", points), Series((top + 1, 2), 2, "label"), Series((top + 1, 4), 4, "limit"),
    )  # fmt: skip
    axis = say("e.axis", currency=facts.currency, period=facts.period, source="F")
    chart = Chart("pareto", found.title, top + 2, last, 5, series, (top, beside), facts.currency, axis, texts=labels)
    page.charts.append(chart)
    return last + 2


def _large(facts: Facts, row: int, one: tuple[int, Difference, Decimal], area: tuple[int, int]) -> list[Entry]:
    """Give a row: the difference taken from F by its line's number; `area` is the first row and that of the total."""
    number, line, share = one
    say, money = facts.say, facts.currency
    taken = f"=INDEX({say('name.f_difference')},MATCH({at(row, 5)},{say('name.f_line')},0))"
    first, total = area
    summed = f"=SUM(C${first + 1}:C{row + 1})/C${total + 1}"
    return [
        text(pareto_name(words_of(facts), number, line)),
        Entry(Kind.MONEY, line.difference, taken, cross=True, currency=money),
        Entry(Kind.MONEY, abs(line.difference), f"=ABS({at(row, 1)})", currency=money),
        Entry(Kind.PERCENT, share, summed),
        Entry(Kind.MONEY, facts.materiality, f"={say('name.materiality')}", cross=True, currency=money),
        Entry(Kind.COUNT, number, link=f"F:{number}"),
    ]


# Running use (I) ------------------------------------------------------------------------------------------


def use_through_month(facts: Facts, page: Page, top: int) -> None:
    """Put the running use of each counter day by day, its limits beside it, each with a chart."""
    words = words_of(facts)
    counters = counters_of(words)
    if not counters:
        return
    page.section(top, f"{facts.say('i.running')}: {use_title(words, counters)}")
    row = top + 2
    for place, counter in enumerate(counters[:_COUNTERS]):
        if place:  # the first stands under the section's own head
            page.sections.append(row)
        row = _running(facts, page, row, counter) + 1


def _running(facts: Facts, page: Page, top: int, counter: Counter) -> int:
    """Put one counter: a row per day; the first day starts from what was used elsewhere before."""
    say, words, one = facts.say, words_of(facts), counter[0]
    days = running_use(one)
    limits = [limit for limit in counter if limit.size <= 2 * max(one.used, counter[0].size)]
    title = counter_title(words, counter)
    page.put(top, 0, text(title, Look.HEADLINE))
    heads = [say("i.day"), say("i.units"), say("i.so_far")]
    heads += [words.text(f"use.{limit.kind}", size=f"{limit.size:,}") for limit in limits]
    page.line(top + 1, [head(said, Kind.COUNT if n else Kind.TEXT) for n, said in enumerate(heads)])
    page.line(top + 2, [text(say("i.before")), None, count(one.opening), *(count(limit.size) for limit in limits)])
    before = one.opening
    for row, (day, used) in enumerate(days, top + 3):
        running = count(used, f"={at(row - 1, 2)}+{at(row, 1)}")
        page.line(
            row,
            [Entry(Kind.DATE, day, look=Look.NOTE), count(used - before), running, *(count(x.size) for x in limits)],
        )
        before = used
    last = top + 2 + len(days)
    series = (
        Series((top + 1, 2), 2, "line"),
        *(Series((top + 1, 3 + n), 3 + n, "limit") for n in range(len(limits))),
    )
    floor = Decimal(one.opening) if 2 * one.opening > one.used else None  # as in the figure: small steps stay visible
    axis = words.text("use.source", period=facts.period)
    page.charts.append(Chart("running", title, top + 3, last, 0, series, (top, _USE_AT), "", axis, floor))
    return last + 1


# Day by hour (O) ------------------------------------------------------------------------------------------


def hours_page(facts: Facts) -> tuple[Page, str]:
    """Build O: messages and differing units by day and hour, then one thread as a picture; gives its conclusion."""
    say, words = facts.say, words_of(facts)
    page = facts.page("O")
    found = hour_map(words)
    row = BODY
    if found is None:
        page.put(row, 0, text(say("none")))
        row += 2
    else:
        holes = set(found.holes)
        for key, counts in (("messages", found.messages), ("differing", found.differing)):
            for days in _months(facts):
                title = f"{words.text(f'heat.{key}')} · {facts.month(days[0])}"
                row = _grid(facts, page, row, title, days, counts, holes if key == "messages" else set()) + 1
    if "thread" in facts.context.pictures:
        page.section(row, words.text("name.thread"))
        page.pictures.append(("thread", row + 1))
        page.put(row + _PICTURE_ROWS, 0, text(say("o.thread"), Look.PROSE))
    return page, found.title if found else words.text("nothing")


def _months(facts: Facts) -> list[list[date]]:
    """Give the days of the period month by month: a month fits a printed page."""
    first = facts.account.first
    days = [first + timedelta(n) for n in range((facts.account.last - first).days + 1)]
    return [list(own) for _, own in groupby(days, lambda day: (day.year, day.month))]


def _grid(
    facts: Facts, page: Page, top: int, title: str, days: Sequence[date], counts: Counts, holes: set[tuple[int, int]]
) -> int:
    """Put a row per day and a column per hour, shaded by a scale; a hole is marked. Gives the row below."""
    page.section(top, title)
    hours = [head(f"{hour:02}:00", Kind.COUNT) for hour in range(_HOURS)]
    page.line(top + 1, [head(facts.say("o.day"), Kind.DATE), *hours, head(facts.say("total"), Kind.COUNT)])
    start = (days[0] - facts.account.first).days
    own = counts[:, start : start + len(days)]
    for row, (n, day) in enumerate(enumerate(days, start), top + 2):
        values = counts[:, n].tolist()
        cells = [
            text("✕", Look.TICK) if (hour, n) in holes else count(value or None) for hour, value in enumerate(values)
        ]
        total = count(sum(values), f"=SUM({at(row, 1)}:{at(row, _HOURS)})")
        page.line(row, [Entry(Kind.DATE, day), *cells, total])
    last = top + 1 + len(days)
    page.scales.append((top + 2, 1, last, _HOURS))
    page.line(last + 1, [text(facts.say("total"), Look.TOTAL)])
    for column in range(1, _HOURS + 2):
        value = int(own[column - 1].sum()) if column <= _HOURS else int(own.sum())
        formula = f"=SUM({at(top + 2, column)}:{at(last, column)})"
        page.put(last + 1, column, Entry(Kind.COUNT, value, formula, look=Look.TOTAL))
    return last + 2
