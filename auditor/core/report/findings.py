"""What charts find, each said once for figure, window and workbook: the titles of workpaper.md §3.1 to 3.6."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

import numpy as np
import numpy.typing as npt

from auditor.core.numbers_called import numbers_called
from auditor.core.report.chart_words import SIDES
from auditor.core.report.chart_words import ChartWords
from auditor.core.results import Allowance
from auditor.core.results import Difference
from auditor.core.results import HourUse
from auditor.core.tables import NEVER
from auditor.core.timeline import date_in
from auditor.core.totals import Totals

# Both sides -----------------------------------------------------------------------------------------------


def bridge_title(words: ChartWords) -> str:
    """Say by how much the invoice is off, and how much of that is unexplained."""
    result = words.result
    if words.one_sided:
        return _one_side(words)
    way = "over" if result.difference > 0 else "under" if result.difference < 0 else "even"
    return words.text(
        f"bridge.{way}", billed=words.money(result.billed), difference=words.money(abs(result.difference)),
        unexplained=words.money(result.unexplained),
    )  # fmt: skip


def _one_side(words: ChartWords) -> str:
    """Say what the side that is there comes to: of an accrual what is expected, without a log what is invoiced."""
    side = words.one_sided
    return words.text(f"{side}_alone.bridge", amount=words.money(getattr(words.result, SIDES[side])))


def no_difference(words: ChartWords) -> str:
    """Say that no line differs or, where one side alone is there, that there is nothing yet that could."""
    return words.text(f"{words.one_sided}_alone.pareto" if words.one_sided else "pareto.even")


def sides_title(words: ChartWords, dimension: str) -> str:
    """Say which category or market differs most."""
    if words.one_sided:
        return _one_side(words)
    codes = Totals(words.result).by(lambda line: line.category if dimension == "category" else line.market)
    code, pair = max(codes.items(), key=lambda item: abs(item[1].difference))
    if not pair.difference:
        return words.text("sides.even")
    return words.text(
        f"sides.{dimension}", name=(words.category if dimension == "category" else words.market)(code),
        difference=words.money(pair.difference, signed=True), total=words.money(words.result.difference, signed=True),
    )  # fmt: skip


# Days -----------------------------------------------------------------------------------------------------


def days_title(words: ChartWords) -> str:
    """Say what the expected charges run to, and the highest day."""
    sums: dict[date, Decimal] = {}
    for (_, day), amount in Totals(words.result).per_day.items():
        sums[day] = sums.get(day, Decimal(0)) + amount
    highest = max(sorted(sums), key=lambda day: sums[day])
    return words.text(
        "days.title", total=words.money(sum(sums.values(), Decimal(0))), day=words.day(highest),
        amount=words.money(sums[highest]),
    )  # fmt: skip


def day_marks(words: ChartWords) -> list[tuple[date, str]]:
    """Give the days within the period on which the pricing model or the rates changed."""
    account = words.result.account
    first_seen: dict[str, date] = {}
    for cell in words.result.cells:
        first_seen[cell.regime] = min(cell.day, first_seen.get(cell.regime, cell.day))
    opening = min(first_seen.values(), default=account.first)
    marks = {
        day: words.text("days.regime", name=words.say(f"domain.regime.{regime}"))
        for regime, day in first_seen.items()
        if day > opening
    }
    for used in words.result.rates:
        if account.first < used.first <= account.last:
            marks.setdefault(used.first, words.text("days.card"))
    return sorted(marks.items())


# Pareto ---------------------------------------------------------------------------------------------------

_NEARLY_ALL = Decimal("0.99")
_MEANINGFUL = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class Pareto:
    """The differences by size: each with its number and the share it makes up with those before it."""

    lines: tuple[tuple[int, Difference, Decimal], ...]
    materiality: Decimal
    title: str


def pareto_of(words: ChartWords) -> Pareto | None:
    """Order the lines that differ, the largest first; None where none does."""
    lines = words.result.differences
    ordered = sorted(enumerate(lines, 1), key=lambda item: (-abs(item[1].difference), item[0]))
    whole = sum((abs(line.difference) for line in lines), Decimal(0))
    if not whole:
        return None
    stated = words.result.account.materiality
    materiality = max(stated.amount, abs(words.result.expected) * stated.percent / 100)
    found, running = [], Decimal(0)
    for number, line in ordered:
        running += abs(line.difference)
        found.append((number, line, running / whole))
    enough = next(n for n, (_, _, share) in enumerate(found, 1) if share >= _MEANINGFUL)
    title = words.text(
        "pareto.title", count=enough, lines=len(lines), share=share_said(found[enough - 1][2]),
        above=sum(abs(line.difference) > materiality for line in lines), materiality=words.money(materiality),
    )  # fmt: skip
    return Pareto(tuple(one for one in found if one[1].difference), materiality, title)


def share_said(share: Decimal) -> str:
    """Say a share in whole per cent; what is short of all is not said to be all."""
    return f"{min(share, _NEARLY_ALL) if share < 1 else share:.0%}"


def pareto_name(words: ChartWords, number: int, line: Difference) -> str:
    """Name a line of the Pareto."""
    name = f"{words.market(line.market)} · {words.category(line.category)}"
    return words.text("pareto.line", number=number, name=name)


# Day by hour ----------------------------------------------------------------------------------------------

Counts = npt.NDArray[np.int64]

_BUSY = 4.0  # an hour that usually has more messages than this is missed when it has none
_STRIPE = 4.0  # midnight stands out when it has so many times the share of an hour
_NONE = HourUse(0, 0)


@dataclass(frozen=True, slots=True)
class HourMap:
    """Messages, and units behind lines that differ, by hour (row) and day (column); `holes` are (row, column)."""

    days: tuple[date, ...]
    messages: Counts
    differing: Counts
    holes: tuple[tuple[int, int], ...]
    title: str


def hour_map(words: ChartWords) -> HourMap | None:
    """Spread messages over days and hours, and find stripe and holes; None where nothing is known by the hour."""
    account, hours = words.result.account, words.result.hours
    if not hours:
        return None
    days = tuple(account.first + timedelta(n) for n in range((account.last - account.first).days + 1))
    messages = np.array([[hours.get((day, hour), _NONE).messages for day in days] for hour in range(24)])
    differing = np.array([[hours.get((day, hour), _NONE).differing for day in days] for hour in range(24)])
    usual = np.median(messages, axis=1)
    holes = tuple((int(row), int(day)) for row, day in np.argwhere(messages == 0) if usual[row] > _BUSY)
    return HourMap(days, messages, differing, holes, _hours_title(words, messages, holes, days))


def _hours_title(words: ChartWords, messages: Counts, holes: Sequence[tuple[int, int]], days: Sequence[date]) -> str:
    whole, by_hour = int(messages.sum()), messages.sum(axis=1)
    if not whole:
        return words.text("heat.none")
    if by_hour[0] > _STRIPE * whole / 24:
        return words.text("heat.midnight", share=f"{by_hour[0] / whole:.0%}")
    if holes:
        row, column = min(holes, key=lambda hole: (hole[1], hole[0]))
        return words.text("heat.holes", count=len(holes), day=words.day(days[column]), hour=f"{row:02}:00")
    busiest = int(np.argmax(by_hour))
    return words.text("heat.full", hour=f"{busiest:02}:00", share=f"{by_hour[busiest] / whole:.0%}")


# Use of allowances and tiers ------------------------------------------------------------------------------

Counter = Sequence[Allowance]


def counters_of(words: ChartWords) -> list[Counter]:
    """Give the counters, one per owner, month, market and category, the one nearest to its limit (or beyond) first."""

    def key(one: Allowance) -> tuple[str, ...]:
        return (one.kind, one.owner, one.period, one.market, one.category)

    ordered = sorted(words.result.allowances, key=lambda one: (*key(one), one.size))
    found = [tuple(group) for _, group in groupby(ordered, key)]
    return sorted(found, key=lambda counter: -counter[0].used / max(counter[0].size, 1))


def zone_of(words: ChartWords, one: Allowance) -> str:
    """Give the zone of a counter's owner: an account, a number or a portfolio."""
    wabas = words.result.account.wabas
    own = (w for w in wabas if one.owner in (w.id, w.portfolio) or one.owner in [number.id for number in w.numbers])
    return next(own, wabas[0]).time_zone


def owner_of(words: ChartWords, one: Allowance) -> str:
    """Name a counter: whose it is, and of what."""
    wabas = words.result.account.wabas
    names = {waba.id: waba.name or waba.id for waba in wabas}
    names |= numbers_called(words.result.account)
    parts = [names.get(one.owner, one.owner)]
    parts += [words.market(one.market)] if one.market else []
    parts += [words.category(one.category)] if one.category else []
    return " · ".join(parts)


def use_title(words: ChartWords, counters: Sequence[Counter]) -> str:
    """Say which limit was passed first, or which counter is nearest to its own."""
    crossed = [one for counter in counters for one in counter if one.crossed_at != NEVER]
    limits = sum(len(counter) for counter in counters)
    if crossed:
        first = min(crossed, key=lambda one: one.crossed_at)
        return words.text(
            "use.crossed", count=len(crossed), all=limits, name=owner_of(words, first), size=f"{first.size:,}",
            day=words.day(date_in(zone_of(words, first), first.crossed_at)),
        )  # fmt: skip
    fullest = counters[0][0]
    return words.text(
        "use.within", all=limits, name=owner_of(words, fullest), share=f"{fullest.used / max(fullest.size, 1):.0%}"
    )


def counter_title(words: ChartWords, counter: Counter) -> str:
    """Say how much of a counter's last limit was used."""
    one = counter[0]
    return words.text("use.of", name=owner_of(words, one), used=f"{one.used:,}", size=f"{counter[-1].size:,}")


def running_use(one: Allowance) -> list[tuple[date, int]]:
    """Give what was used up to the end of each day of a counter's month."""
    first = date(int(one.period[:4]), int(one.period[5:7]), 1)
    length = ((first + timedelta(31)).replace(day=1) - first).days
    per_day, running, found = dict(one.daily), one.opening, []
    for day in (first + timedelta(n) for n in range(length)):
        running += per_day.get(day, 0)
        found.append((day, running))
    return found
