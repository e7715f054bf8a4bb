"""The chart of what is used up through the month: free allowances and volume tiers (workpaper.md §3.6)."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditor.core.tables import NEVER
from auditor.core.tables import Allowance
from auditor.core.timeline import date_in
from auditor.writers.chart_frame import Frame

_COUNTERS = 6  # counters drawn, each on its own axes; the fullest ones

_Counter = Sequence[Allowance]


def use(frame: Frame) -> Figure:
    """Draw the running use of each allowance and tier counter, its limits, and the day on which each is passed."""
    counters = _counters(frame)
    if not counters:
        return frame.nothing(frame.text("name.use"))
    crossed = [one for counter in counters for one in counter if one.crossed_at != NEVER]
    limits = sum(len(counter) for counter in counters)
    if crossed:
        first = min(crossed, key=lambda one: one.crossed_at)
        title = frame.text(
            "use.crossed", count=len(crossed), all=limits, name=_owner(frame, first), size=f"{first.size:,}",
            day=frame.day(date_in(_zone(frame, first), first.crossed_at)),
        )  # fmt: skip
    else:
        fullest = counters[0][0]
        title = frame.text(
            "use.within", all=limits, name=_owner(frame, fullest), share=f"{fullest.used / max(fullest.size, 1):.0%}"
        )
    shown = counters[:_COUNTERS]
    rows = -(-len(shown) // 2)
    figure = frame.figure(title, frame.text("use.source", period=frame.period), 1.4 + 2.5 * rows)
    for place, counter in enumerate(shown, 1):
        _draw(frame, figure.add_subplot(rows, min(2, len(shown)), place), counter)
    return figure


def _counters(frame: Frame) -> list[_Counter]:
    """Give the counters, one per owner, month, market and category, the one nearest to its limit (or beyond) first."""

    def key(one: Allowance) -> tuple[str, ...]:
        return (one.kind, one.owner, one.period, one.market, one.category)

    ordered = sorted(frame.result.allowances, key=lambda one: (*key(one), one.size))
    found = [tuple(group) for _, group in groupby(ordered, key)]
    return sorted(found, key=lambda counter: -counter[0].used / max(counter[0].size, 1))


def _zone(frame: Frame, one: Allowance) -> str:
    """Give the zone of a counter's owner: an account, a number or a portfolio."""
    wabas = frame.result.account.wabas
    own = (w for w in wabas if one.owner in (w.id, w.portfolio) or one.owner in [number.id for number in w.numbers])
    return next(own, wabas[0]).time_zone


def _owner(frame: Frame, one: Allowance) -> str:
    """Name a counter: whose it is, and of what."""
    wabas = frame.result.account.wabas
    names = {waba.id: waba.name or waba.id for waba in wabas}
    names |= {number.id: number.phone or number.id for waba in wabas for number in waba.numbers}
    parts = [names.get(one.owner, one.owner)]
    parts += [frame.market(one.market)] if one.market else []
    parts += [frame.category(one.category)] if one.category else []
    return " · ".join(parts)


def _draw(frame: Frame, axes: Axes, counter: _Counter) -> None:
    theme, one = frame.theme, counter[0]
    frame.dress(axes)
    year, month = int(one.period[:4]), int(one.period[5:7])
    first = frame.result.account.first.replace(year=year, month=month, day=1)
    length = ((first + timedelta(31)).replace(day=1) - first).days
    per_day = dict(one.daily)
    running = one.opening + np.cumsum([per_day.get(first + timedelta(n), 0) for n in range(length)])
    axes.fill_between(range(length), running, step="mid", facecolor=theme.rule, alpha=0.6)
    axes.step(range(length), running, where="mid", color=theme.solid, linewidth=1.8)
    top = max(float(running[-1]), *(float(limit.size) for limit in counter if limit.size <= 2 * one.used), 1.0)
    for limit in counter:
        if limit.size > 2 * top:
            continue
        top = max(top, limit.size)
        axes.axhline(limit.size, color=theme.over, linewidth=1.3, linestyle=(0, (5, 3)))
        said = frame.text(f"use.{limit.kind}", size=f"{limit.size:,}")
        axes.annotate(
            said, (0, limit.size), (2, 3), textcoords="offset points", size=theme.size(8), color=theme.over,
            bbox={"facecolor": theme.paper, "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
        if limit.crossed_at != NEVER:
            _mark(frame, axes, limit, (date_in(_zone(frame, limit), limit.crossed_at) - first).days)
    axes.annotate(
        f"{one.used:,}", (length - 1, float(running[-1])), (4, 0), textcoords="offset points", va="center",
        size=theme.size(9), weight="bold", color=theme.ink,
    )  # fmt: skip
    bottom = one.opening if one.opening > one.used / 2 else 0
    axes.set_ylim(bottom, bottom + (top - bottom) * 1.22)
    axes.set_xlim(-0.5, length + 1.5)
    axes.set_xticks(range(0, length, 5), [f"{first + timedelta(n):%d/%m}" for n in range(0, length, 5)])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    named = frame.text("use.of", name=_owner(frame, one), used=f"{one.used:,}", size=f"{counter[-1].size:,}")
    axes.set_title(named, loc="left", size=theme.size(9.5), color=theme.ink)


def _mark(frame: Frame, axes: Axes, limit: Allowance, day: int) -> None:
    """Mark the day on which a limit was passed."""
    theme = frame.theme
    axes.plot([day], [limit.size], marker="D", markersize=6, color=theme.paper, markeredgecolor=theme.over, zorder=5)
    axes.annotate(
        frame.text("use.passed", day=f"{date_in(_zone(frame, limit), limit.crossed_at):%d/%m}"), (day, limit.size),
        (9, -11), textcoords="offset points", ha="left", size=theme.size(8), color=theme.ink,
        bbox={"facecolor": theme.paper, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip
