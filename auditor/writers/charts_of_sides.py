"""Invoiced against expected by category or market, or the one of them that is there (workpaper.md §3.2)."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditor.core.report.findings import sides_title
from auditor.core.totals import Pair
from auditor.core.totals import Totals
from auditor.writers.chart_frame import Frame
from auditor.writers.chart_frame import beside
from auditor.writers.chart_frame import shorten

_ROWS = 12  # markets shown one by one; the rest are one row
_Row = tuple[str, str, Pair]


def sides(frame: Frame, dimension: str) -> Figure:
    """Draw invoiced against expected by category or market, the difference in money and in percent beside (§3.2).

    Where one side alone is there, it is drawn alone: the other is not nothing but unknown.
    """
    codes = Totals(frame.result).by(lambda line: line.category if dimension == "category" else line.market)
    if not codes:
        return frame.nothing(frame.text("name.categories" if dimension == "category" else "name.markets"))
    named = frame.category if dimension == "category" else frame.market
    rows = _at_most(frame, [(code, named(code), pair) for code, pair in codes.items()])
    figure = frame.figure(sides_title(frame, dimension), frame.subtitle(), 1.9 + 0.46 * len(rows))
    if frame.one_sided:
        _amounts(frame, figure.add_subplot(), dimension, rows, (frame.one_sided,))
        return figure
    both, absolute, relative = figure.subplots(1, 3, sharey=True, width_ratios=(5, 2.4, 2.4))
    _amounts(frame, both, dimension, rows, ("invoiced", "expected"))
    _differences(frame, absolute, dimension, rows)
    _relatives(frame, relative, rows)
    for axes, head in ((absolute, frame.text("difference")), (relative, frame.text("relative"))):
        frame.dress(axes, grid="x")
        axes.set_title(head, loc="left", size=frame.theme.size(9), color=frame.theme.faint)
        axes.axvline(0, color=frame.theme.faint, linewidth=1)
        axes.set_xticks([])
        axes.spines["left"].set_visible(False)
    return figure


def _amounts(frame: Frame, axes: Axes, dimension: str, rows: Sequence[_Row], keys: Sequence[str]) -> None:
    """Draw a bar for each row and side, its amount at its end."""
    theme, places = frame.theme, np.arange(len(rows))
    frame.dress(axes, grid="x")
    for place, key in enumerate(keys):
        values = [float(getattr(pair, key)) for _, _, pair in rows]
        bars = axes.barh(
            places + 0.38 * place - 0.19 * (len(keys) - 1), values, 0.36, label=frame.text(key), linewidth=1.3,
            color=theme.solid if key == "invoiced" else theme.paper, edgecolor=theme.solid,
        )  # fmt: skip
        for bar, (code, _, pair) in zip(bars, rows, strict=True):
            bar.set_gid(f"{dimension}:{code}")
            said = frame.money(getattr(pair, key))
            axes.annotate(
                said, (max(bar.get_width(), 0), bar.get_y() + 0.18), (4, 0), textcoords="offset points", va="center",
                size=theme.size(8), color=theme.ink,
            )  # fmt: skip
    axes.set_yticks(places, shorten([name for _, name, _ in rows]))
    axes.invert_yaxis()
    axes.margins(x=0.22)
    frame.amounts(axes, "x")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=theme.size(9), labelcolor=theme.ink,
        borderaxespad=0.1,
    )  # fmt: skip


def _at_most(frame: Frame, rows: list[_Row]) -> list[_Row]:
    """Keep the largest rows and put the others into one."""
    if len(rows) <= _ROWS:
        return rows
    rest = rows[_ROWS - 1 :]
    pair = Pair(sum((r[2].invoiced for r in rest), Decimal(0)), sum((r[2].expected for r in rest), Decimal(0)))
    return [*rows[: _ROWS - 1], ("", frame.text("rest", count=len(rest)), pair)]


def _differences(frame: Frame, axes: Axes, dimension: str, rows: Sequence[_Row]) -> None:
    theme = frame.theme
    for place, (code, _, pair) in enumerate(rows):
        amount = pair.difference
        colour, hatch = (theme.over, "///") if amount > 0 else (theme.under, "\\\\\\")
        axes.barh(place, float(amount), 0.5, facecolor=theme.paper, edgecolor=colour, hatch=hatch, linewidth=1.2)
        axes.patches[-1].set_gid(f"{dimension}:{code}")
        beside(axes, theme, place, float(amount), frame.money(amount, signed=True))
    axes.margins(x=0.75)


def _relatives(frame: Frame, axes: Axes, rows: Sequence[_Row]) -> None:
    theme = frame.theme
    for place, (_, _, pair) in enumerate(rows):
        if pair.relative is None:
            axes.annotate(
                frame.text("new"),
                (0, place),
                (4, 0),
                textcoords="offset points",
                va="center",
                size=theme.size(8),
                color=theme.ink,
            )
            continue
        share = float(pair.relative)
        axes.plot([0, share], [place, place], color=theme.ink, linewidth=2)
        axes.plot([share], [place], marker="s", markersize=6, color=theme.ink)
        beside(axes, theme, place, share, f"{share:+.1%}")
    axes.margins(x=0.75)
