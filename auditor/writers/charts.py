"""Charts as matplotlib figures, the same for window, workbook and file (workpaper.md §3); no pyplot, no Qt.

Every chart is a function from totals to a `Figure`. Shapes a click may mean carry a `gid` such as `category:utility` or
`line:7`. What is drawn is told apart by position, outline, hatching and label, by colour last.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.report.chart_words import SIDES
from auditor.core.report.findings import bridge_title
from auditor.core.report.findings import no_difference
from auditor.core.report.findings import pareto_name
from auditor.core.report.findings import pareto_of
from auditor.core.report.findings import share_said
from auditor.core.results import Reconciliation
from auditor.core.totals import bridge_floor
from auditor.writers.chart_frame import Frame
from auditor.writers.chart_frame import Say
from auditor.writers.chart_frame import Theme
from auditor.writers.chart_frame import beside
from auditor.writers.chart_frame import shorten
from auditor.writers.charts_of_days import coverage
from auditor.writers.charts_of_days import days
from auditor.writers.charts_of_hours import heat
from auditor.writers.charts_of_sides import sides
from auditor.writers.charts_of_thread import ThreadLike
from auditor.writers.charts_of_thread import thread_chart
from auditor.writers.charts_of_use import use
from auditor.writers.whole_file import made_folder
from auditor.writers.whole_file import whole_file

__all__ = ["Theme", "charts", "picture", "thread", "write_charts"]

_LINES = 15  # differences shown in the Pareto
_FORMATS: Mapping[str, Mapping[str, object]] = {
    "png": {"metadata": {"Software": None}, "dpi": 160},
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}


def charts(result: Reconciliation, say: Say, theme: Theme | None = None) -> dict[str, Callable[[], Figure]]:
    """Give every chart by its name; a figure is drawn when its function is called. `say` gives texts by key."""
    frame = Frame(result, say, theme or Theme.light())
    drawn: dict[str, Callable[[Frame], Figure]] = {
        "bridge": bridge,
        "categories": partial(sides, dimension="category"),
        "markets": partial(sides, dimension="market"),
        "heat": heat,
        "pareto": pareto,
        "days": days,
        "use": use,
        "coverage": coverage,
    }
    return {name: partial(_drawn, draw, frame) for name, draw in drawn.items()}


def _drawn(draw: Callable[[Frame], Figure], frame: Frame) -> Figure:
    """Draw with texts taken as they are: two dollar signs are two prices, not a formula."""
    with mpl.rc_context({"text.parse_math": False, "hatch.linewidth": 0.9}):
        return draw(frame)


def thread(result: Reconciliation, one: ThreadLike, say: Say, theme: Theme | None = None) -> Figure:
    """Draw one thread: its messages, customer service windows, conversations and charges (workpaper.md §3.7)."""
    return _drawn(partial(thread_chart, one=one), Frame(result, say, theme or Theme.light()))


def write_charts(result: Reconciliation, say: Say, folder: Path, one: ThreadLike | None = None) -> tuple[Path, ...]:
    """Write every chart, and that of a thread, as PNG, SVG and PDF into `folder` (made if need be).

    The same result gives the same bytes. Raises `AuditorError` (`file_not_writable`) if the folder cannot be written.
    """
    written: list[Path] = []
    drawn = charts(result, say)
    if one is not None:
        drawn["thread"] = partial(thread, result, one, say)
    try:
        made_folder(folder)
        for name, draw in drawn.items():
            figure = _laid_out(draw())
            for suffix in _FORMATS:
                path = folder / f"{name}.{suffix}"
                with whole_file(path) as part:
                    _save(figure, part, suffix)
                written.append(path)
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(folder)), reason=error.strerror or str(error)) from error
    return tuple(written)


def picture(figure: Figure) -> bytes:
    """Give a figure as a PNG, the same bytes for the same figure."""
    held = BytesIO()
    _save(_laid_out(figure), held, "png")
    return held.getvalue()


def _save(figure: Figure, target: Path | BytesIO, suffix: str) -> None:
    with mpl.rc_context(
        {"svg.hashsalt": "auditor", "pdf.fonttype": 42, "hatch.linewidth": 0.9, "text.parse_math": False}
    ):
        figure.savefig(target, format=suffix, **_FORMATS[suffix])  # type: ignore[arg-type]


def _laid_out(figure: Figure) -> Figure:
    """Lay a figure out once, on round places: the solver's last digits are not the same every time."""
    figure.draw_without_rendering()
    figure.set_layout_engine(None)  # any, be it one that does nothing, is run over a figure before each save
    for axes in figure.axes:
        x, y, width, height = axes.get_position().bounds
        axes.set_position((round(x, 4), round(y, 4), round(width, 4), round(height, 4)))
    return figure


# Bridge ---------------------------------------------------------------------------------------------------


def bridge(frame: Frame) -> Figure:
    """Draw the steps from expected to invoiced, the unexplained rest last (workpaper.md §3.1).

    Of an accrual, or of an invoice without a log, the one side that is there: the other is not nothing but unknown.
    """
    if frame.one_sided:
        return _one_total(frame)
    result, theme = frame.result, frame.theme
    steps = [step for step in result.bridge if step.amount or step.cause == "unexplained"]
    figure = frame.figure(bridge_title(frame), frame.subtitle())
    axes = frame.dress(figure.add_subplot())
    floor = bridge_floor(result.expected, result.billed, [step.amount for step in steps])
    bottom = float(floor or 0)
    names = [
        frame.text("expected"),
        *(frame.say(f"domain.cause.{step.cause}") for step in steps),
        frame.text("invoiced"),
    ]
    _total(axes, theme, 0, result.expected, bottom, filled=False)
    level = result.expected
    for place, step in enumerate(steps, 1):
        _step(axes, theme, place, level, step.amount, "unexplained" if step.cause == "unexplained" else "")
        axes.patches[-1].set_gid(f"cause:{step.cause}")
        level += step.amount
    _total(axes, theme, len(names) - 1, result.billed, bottom, filled=True)
    _labels(axes, frame, [result.expected, *(step.amount for step in steps), result.billed])
    small = theme.size(9) * min(1, 10 / len(names))
    axes.set_xticks(range(len(names)), shorten(names, max(8, int(115 / len(names)))), size=small)
    axes.margins(y=0.14)
    if floor is not None:
        axes.set_ylim(bottom=bottom)
        axes.set_xlabel(
            frame.text("axis_cut", floor=frame.money(floor)), color=theme.faint, size=theme.size(9), loc="left"
        )
    else:
        axes.axhline(0, color=theme.faint, linewidth=0.8)
    frame.amounts(axes, "y")
    return figure


def _one_total(frame: Frame) -> Figure:
    """Draw the one side that is there."""
    side, axes = frame.one_sided, (figure := frame.figure(bridge_title(frame), frame.subtitle())).add_subplot()
    amount = getattr(frame.result, SIDES[side])
    frame.dress(axes)
    _total(axes, frame.theme, 0, amount, 0, filled=side == "invoiced")
    _labels(axes, frame, [amount])
    axes.set_xticks([0], [frame.text(side)])
    axes.set_xlim(-1.5, 1.5)
    axes.margins(y=0.14)
    frame.amounts(axes, "y")
    return figure


def _total(axes: Axes, theme: Theme, place: int, amount: Decimal, bottom: float, *, filled: bool) -> None:
    face = theme.solid if filled else theme.paper
    axes.bar(place, float(amount) - bottom, 0.62, bottom=bottom, color=face, edgecolor=theme.solid, linewidth=1.6)


def _step(axes: Axes, theme: Theme, place: int, level: Decimal, amount: Decimal, kind: str) -> None:
    colour = theme.faint if kind else theme.over if amount > 0 else theme.under
    hatch = ".." if kind else "///" if amount > 0 else "\\\\\\"
    axes.bar(
        place,
        float(amount),
        0.62,
        bottom=float(level),
        facecolor=theme.paper,
        edgecolor=colour,
        hatch=hatch,
        linewidth=1.2,
    )
    axes.plot([place - 0.69, place - 0.31], [float(level)] * 2, color=theme.faint, linewidth=0.8)
    axes.plot([place + 0.31, place + 0.69], [float(level + amount)] * 2, color=theme.faint, linewidth=0.8)


def _labels(axes: Axes, frame: Frame, amounts: Sequence[Decimal]) -> None:
    """Write each amount above its bar, steps with their sign."""
    for place, (bar, amount) in enumerate(zip(axes.patches, amounts, strict=True)):
        top = max(bar.get_y(), bar.get_y() + bar.get_height())  # type: ignore[attr-defined]
        signed = 0 < place < len(amounts) - 1
        axes.annotate(
            frame.money(amount, signed=signed, bare=signed),
            (place, top),
            (0, 5),
            textcoords="offset points",
            ha="center",
            size=frame.theme.size(8.5),
            color=frame.theme.ink,
            weight="normal" if signed else "bold",
            bbox={"facecolor": frame.theme.paper, "edgecolor": "none", "pad": 1},  # no line runs through a figure
        )


# Pareto ---------------------------------------------------------------------------------------------------


def pareto(frame: Frame) -> Figure:
    """Draw the largest differences, their cumulative share and the line of materiality (§3.4)."""
    theme, found = frame.theme, pareto_of(frame)
    if found is None:
        return frame.nothing(no_difference(frame))
    shown, materiality = found.lines[:_LINES], found.materiality
    figure = frame.figure(found.title, frame.subtitle(), 1.9 + 0.36 * len(shown))
    axes = frame.dress(figure.add_subplot(), grid="x")
    for place, (number, line, share) in enumerate(shown):
        colour, hatch = (theme.over, "///") if line.difference > 0 else (theme.under, "\\\\\\")
        axes.barh(
            place,
            float(abs(line.difference)),
            0.62,
            facecolor=theme.paper,
            edgecolor=colour,
            hatch=hatch,
            linewidth=1.2,
        )
        axes.patches[-1].set_gid(f"line:{number}")
        said = f"{frame.money(line.difference, signed=True)}  ·  {share_said(share)}"
        beside(axes, theme, place, float(abs(line.difference)), said)
    names = [pareto_name(frame, number, line) for number, line, _ in shown]
    axes.set_yticks(range(len(shown)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, float(abs(shown[0][1].difference)) * 1.3)
    if materiality and float(materiality) < axes.get_xlim()[1]:
        axes.axvline(float(materiality), color=theme.ink, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate(
            frame.text("pareto.materiality", amount=frame.money(materiality)), (float(materiality), 0), (5, 5),
            xycoords=("data", "axes fraction"), textcoords="offset points", size=theme.size(8.5), color=theme.ink,
            va="bottom",
        )  # fmt: skip
    axes.set_xlabel(
        frame.text("pareto.amount") + "  ·  " + frame.text("pareto.cumulative"),
        color=theme.faint,
        size=theme.size(9),
        loc="left",
    )
    frame.amounts(axes, "x")
    return figure
