"""The heat map of days by hours: messages above, units behind what differs below (workpaper.md §3.3).

A stripe at midnight is a time zone or a log that holds dates only; a hole is a gap in the log.
"""

from collections.abc import Sequence
from datetime import date
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from auditor.core.tables import HourUse
from auditor.writers.chart_frame import Frame

_Counts = npt.NDArray[np.int64]
_BUSY = 4.0  # an hour that usually has more messages than this is missed when it has none
_STRIPE = 4.0  # midnight stands out when it has so many times the share of an hour
_NONE = HourUse(0, 0)


def heat(frame: Frame) -> Figure:
    """Draw the messages of each hour of each day, and the units behind lines that differ."""
    account, hours = frame.result.account, frame.result.hours
    if not hours:
        return frame.nothing(frame.text("name.heat"))
    span = [account.first + timedelta(n) for n in range((account.last - account.first).days + 1)]
    counts = np.array([[hours.get((day, hour), _NONE).messages for day in span] for hour in range(24)])
    differing = np.array([[hours.get((day, hour), _NONE).differing for day in span] for hour in range(24)])
    holes = _holes(counts)
    figure = frame.figure(_title(frame, counts, holes, span), frame.text("heat.source", period=frame.period), 8.4)
    above, below = figure.subplots(2, 1, sharex=True)
    _panel(frame, figure, above, counts, frame.text("heat.messages"))
    _panel(frame, figure, below, differing, frame.text("heat.differing"))
    for row, column in holes:
        above.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5), 1, 1, facecolor=frame.theme.paper, edgecolor=frame.theme.over, hatch="xxx",
                linewidth=0.9,
            )
        )  # fmt: skip
    every = -(-len(span) // 12)
    below.set_xticks(range(0, len(span), every), [f"{day:%d/%m}" for day in span[::every]])
    return figure


def _holes(counts: _Counts) -> list[tuple[int, int]]:
    """Give the hours (row, day) without a message that have messages on most other days."""
    usual = np.median(counts, axis=1)
    return [(int(row), int(column)) for row, column in np.argwhere(counts == 0) if usual[row] > _BUSY]


def _title(frame: Frame, counts: _Counts, holes: Sequence[tuple[int, int]], span: Sequence[date]) -> str:
    whole, by_hour = int(counts.sum()), counts.sum(axis=1)
    if not whole:
        return frame.text("heat.none")
    if by_hour[0] > _STRIPE * whole / 24:
        return frame.text("heat.midnight", share=f"{by_hour[0] / whole:.0%}")
    if holes:
        row, column = min(holes, key=lambda hole: (hole[1], hole[0]))
        return frame.text("heat.holes", count=len(holes), day=frame.day(span[column]), hour=f"{row:02}:00")
    busiest = int(np.argmax(by_hour))
    return frame.text("heat.full", hour=f"{busiest:02}:00", share=f"{by_hour[busiest] / whole:.0%}")


def _panel(frame: Frame, figure: Figure, axes: Axes, counts: _Counts, name: str) -> None:
    theme = frame.theme
    norm = PowerNorm(0.6, vmin=0, vmax=max(int(counts.max()), 1))
    drawn = axes.imshow(counts, aspect="auto", cmap=theme.map, norm=norm, origin="lower")
    axes.set_yticks(range(0, 24, 3), [f"{hour:02}:00" for hour in range(0, 24, 3)])
    axes.set_title(name, loc="left", size=theme.size(9.5), color=theme.faint)
    axes.tick_params(colors=theme.ink, labelsize=theme.size(9), length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(drawn, ax=axes, pad=0.01)
    bar.ax.tick_params(colors=theme.ink, labelsize=theme.size(8), length=0)
    bar.outline.set_visible(False)
