"""The charts along the days of the period: charges by category (workpaper.md §3.5), and messages by number."""

from datetime import timedelta

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from auditor.core.numbers_called import numbers_called
from auditor.core.report.findings import day_marks
from auditor.core.report.findings import days_title
from auditor.core.results import Reconciliation
from auditor.core.totals import Totals
from auditor.writers.chart_frame import HATCHES
from auditor.writers.chart_frame import Frame
from auditor.writers.chart_frame import shorten

_NUMBERS = 25  # business numbers shown in the heat map


def days(frame: Frame) -> Figure:
    """Draw the expected charges of each day by category; regime switches and new cards are marked (§3.5)."""
    theme = frame.theme
    charged = Totals(frame.result).per_day
    if not charged:
        return frame.nothing(frame.text("name.days"))
    account = frame.result.account
    span = [account.first + timedelta(n) for n in range((account.last - account.first).days + 1)]
    figure = frame.figure(days_title(frame), frame.subtitle("expected"))
    axes = frame.dress(figure.add_subplot())
    weight = {category: sum(float(v) for (c, _), v in charged.items() if c == category) for category, _ in charged}
    bottom = np.zeros(len(span))
    for n, category in enumerate(sorted(weight, key=lambda c: (-weight[c], c))):
        heights = np.array([float(charged.get((category, day), 0)) for day in span])
        colour, hatch = theme.series[n % len(theme.series)], HATCHES[n % len(HATCHES)]
        bars = axes.bar(
            range(len(span)), heights, 0.78, bottom=bottom, facecolor=theme.paper if hatch else colour,
            edgecolor=colour,
            hatch=hatch, linewidth=0.8, label=frame.category(category),
        )  # fmt: skip
        for bar in bars:
            bar.set_gid(f"category:{category}")
        bottom += heights
    axes.set_ylim(0, float(bottom.max()) * 1.2)
    every = -(-len(span) // 12)
    axes.set_xticks(range(0, len(span), every), list(map(frame.short_day, span[::every])))
    for day, said in day_marks(frame):
        axes.axvline((day - account.first).days - 0.5, color=theme.ink, linewidth=1.1, linestyle=(0, (4, 3)))
        axes.annotate(
            said, ((day - account.first).days - 0.5, 1), (4, -10), xycoords=("data", "axes fraction"),
            textcoords="offset points",
            size=theme.size(8.5), color=theme.ink,
        )  # fmt: skip
    frame.amounts(axes, "y")
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.07),
        ncols=5,
        frameon=False,
        fontsize=theme.size(9),
        labelcolor=theme.ink,
    )
    return figure


def coverage(frame: Frame) -> Figure:
    """Draw the messages of each number on each day: a hole is a gap in the log (formats.md §6)."""
    theme, result = frame.theme, frame.result
    per_day, account = result.health.per_day, result.account
    numbers = sorted({number for number, _ in per_day}, key=lambda n: (-_messages(result, n), n))[:_NUMBERS]
    if not numbers:
        return frame.nothing(frame.text("name.coverage"))
    span = [account.first + timedelta(n) for n in range((account.last - account.first).days + 1)]
    counts = np.array([[per_day.get((number, day), 0) for day in span] for number in numbers])
    called = numbers_called(account)
    holes = [(called.get(numbers[row], numbers[row]), span[column]) for row, column in np.argwhere(counts == 0)]
    title = frame.text("coverage.full")
    if holes:
        first = frame.text("coverage.hole", number=holes[0][0], day=frame.day(holes[0][1]))
        title = frame.text("coverage.holes", count=len(holes), first=first)
    figure = frame.figure(title, frame.text("coverage.source", period=frame.period), 2.0 + 0.42 * len(numbers))
    axes = figure.add_subplot()
    norm = PowerNorm(0.6, vmin=0, vmax=max(int(counts.max()), 1))
    drawn = axes.imshow(counts, aspect="auto", cmap=theme.map, norm=norm)
    for row, column in np.argwhere(counts == 0):
        axes.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5), 1, 1, facecolor=theme.paper, edgecolor=theme.over, hatch="xxx", linewidth=1.2
            )
        )
    every = -(-len(span) // 12)
    axes.set_xticks(range(0, len(span), every), list(map(frame.short_day, span[::every])))
    axes.set_yticks(range(len(numbers)), shorten([called.get(number, number) for number in numbers]))
    axes.tick_params(colors=theme.ink, labelsize=theme.size(9), length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = frame.scale_of_counts(figure, axes, drawn)
    bar.set_label(frame.text("coverage.messages"), color=theme.ink, size=theme.size(9))
    return figure


def _messages(result: Reconciliation, number: str) -> int:
    return sum(count for (own, _), count in result.health.per_day.items() if own == number)
