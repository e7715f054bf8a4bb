"""The heat map of days by hours: messages above, units behind what differs below (workpaper.md §3.3).

A stripe at midnight is a time zone or a log that holds dates only; a hole is a gap in the log.
"""

from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from auditor.core.report.findings import Counts
from auditor.core.report.findings import hour_map
from auditor.writers.chart_frame import Frame


def heat(frame: Frame) -> Figure:
    """Draw the messages of each hour of each day, and the units behind lines that differ."""
    found = hour_map(frame)
    if found is None:
        return frame.nothing(frame.text("name.heat"))
    panels = {"messages": found.messages}
    if not frame.one_sided:  # else there is nothing that could differ
        panels["differing"] = found.differing
    source = frame.text("heat.source_alone" if frame.one_sided else "heat.source", period=frame.period)
    figure = frame.figure(found.title, source, 8.4 if len(panels) > 1 else 4.8)
    drawn = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, counts) in zip(drawn, panels.items(), strict=True):
        _panel(frame, figure, axes, counts, frame.text(f"heat.{name}"))
    for row, column in found.holes:
        drawn[0].add_patch(
            Rectangle(
                (column - 0.5, row - 0.5), 1, 1, facecolor=frame.theme.paper, edgecolor=frame.theme.over, hatch="xxx",
                linewidth=0.9,
            )
        )  # fmt: skip
    span = found.days
    every = -(-len(span) // 12)
    drawn[-1].set_xticks(range(0, len(span), every), list(map(frame.short_day, span[::every])))
    return figure


def _panel(frame: Frame, figure: Figure, axes: Axes, counts: Counts, name: str) -> None:
    theme = frame.theme
    norm = PowerNorm(0.6, vmin=0, vmax=max(int(counts.max()), 1))
    drawn = axes.imshow(counts, aspect="auto", cmap=theme.map, norm=norm, origin="lower")
    axes.set_yticks(range(0, 24, 3), [f"{hour:02}:00" for hour in range(0, 24, 3)])
    axes.set_title(name, loc="left", size=theme.size(9.5), color=theme.faint)
    axes.tick_params(colors=theme.ink, labelsize=theme.size(9), length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    frame.scale_of_counts(figure, axes, drawn)
