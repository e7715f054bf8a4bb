"""The chart of what is used up through the month: free allowances and volume tiers (workpaper.md §3.6)."""

from datetime import timedelta

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditor.core.report.findings import Counter
from auditor.core.report.findings import counter_title
from auditor.core.report.findings import counters_of
from auditor.core.report.findings import running_use
from auditor.core.report.findings import use_title
from auditor.core.report.findings import zone_of
from auditor.core.results import Allowance
from auditor.core.tables import NEVER
from auditor.core.timeline import date_in
from auditor.writers.chart_frame import Frame
from auditor.writers.chart_frame import shorten

_COUNTERS = 6  # counters drawn, each on its own axes; the fullest ones
_TITLES = 100  # letters of their titles beside each other


def use(frame: Frame) -> Figure:
    """Draw the running use of each allowance and tier counter, its limits, and the day on which each is passed."""
    counters = counters_of(frame)
    if not counters:
        return frame.nothing(frame.text("name.use"))
    shown = counters[:_COUNTERS]
    rows = -(-len(shown) // 2)
    figure = frame.figure(use_title(frame, counters), frame.text("use.source", period=frame.period), 1.4 + 2.5 * rows)
    columns = min(2, len(shown))
    for place, counter in enumerate(shown, 1):
        axes = figure.add_subplot(rows, columns, place)
        _draw(frame, axes, counter)
        [title] = shorten([counter_title(frame, counter)], int(_TITLES / columns / frame.theme.scale))
        axes.set_title(title, loc="left", size=frame.theme.size(9.5), color=frame.theme.ink)
    return figure


def _draw(frame: Frame, axes: Axes, counter: Counter) -> None:
    theme, one = frame.theme, counter[0]
    frame.dress(axes)
    days = running_use(one)
    first, length = days[0][0], len(days)
    running = [used for _, used in days]
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
            _mark(frame, axes, limit, (date_in(zone_of(frame, limit), limit.crossed_at) - first).days)
    axes.annotate(
        f"{one.used:,}", (length - 1, float(running[-1])), (4, 0), textcoords="offset points", va="center",
        size=theme.size(9), weight="bold", color=theme.ink,
    )  # fmt: skip
    bottom = one.opening if one.opening > one.used / 2 else 0
    axes.set_ylim(bottom, bottom + (top - bottom) * 1.22)
    axes.set_xlim(-0.5, length + 1.5)
    axes.set_xticks(range(0, length, 5), [frame.short_day(first + timedelta(n)) for n in range(0, length, 5)])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _mark(frame: Frame, axes: Axes, limit: Allowance, day: int) -> None:
    """Mark the day on which a limit was passed."""
    theme = frame.theme
    passed = frame.short_day(date_in(zone_of(frame, limit), limit.crossed_at))
    axes.plot([day], [limit.size], marker="D", markersize=6, color=theme.paper, markeredgecolor=theme.over, zorder=5)
    axes.annotate(
        frame.text("use.passed", day=passed), (day, limit.size), (9, -11), textcoords="offset points", ha="left",
        size=theme.size(8), color=theme.ink, bbox={"facecolor": theme.paper, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip
