"""The paper that charts are drawn on: theme, words, titles and the marks that tell series apart without colour."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from matplotlib.ticker import MaxNLocator

from auditor.core.money import minor_digits
from auditor.core.report.chart_words import ChartWords

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours and the font scale of a chart; files are drawn in the light one."""

    paper: str = "#FFFFFF"
    ink: str = "#22313A"
    faint: str = "#5A6B75"
    rule: str = "#D5DDE2"
    solid: str = "#24404F"
    over: str = "#B45309"
    under: str = "#1D5C94"
    series: tuple[str, ...] = ("#24404F", "#1D5C94", "#B45309", "#5B7F3B", "#7A4E8A", "#8A8A8A", "#444444")
    map: str = "Blues"
    scale: float = 1.0

    @classmethod
    def light(cls, scale: float = 1.0) -> "Theme":
        """Give dark ink on white paper."""
        return cls(scale=scale)

    @classmethod
    def dark(cls, scale: float = 1.0) -> "Theme":
        """Give light ink on dark paper."""
        series = ("#9CC3D5", "#6FA8DC", "#E69F4C", "#A9C77F", "#C9A0DC", "#BBBBBB", "#888888")
        return cls(
            "#1E2529", "#E6ECEF", "#A9B7BF", "#3B474E", "#9CC3D5", "#E69F4C", "#6FA8DC", series, "Blues_r", scale
        )

    def size(self, points: float) -> float:
        """Give a font size at this theme's scale."""
        return points * self.scale


# Letters of a title that stand on one line of a figure, and what a further line takes of its height, in inches.
_TITLE, _LINE = 97, 0.24
HATCHES = ("", "///", "\\\\\\", "xx", "..", "--", "++")


@dataclass(frozen=True, slots=True)
class Frame(ChartWords):
    """A chart about to be drawn: what of, in which words and colours."""

    theme: Theme

    def scale_of_counts(self, figure: Figure, axes: Axes, drawn: ScalarMappable) -> Colorbar:
        """Put the scale of a map of counts beside it: of messages there are no halves."""
        bar = figure.colorbar(drawn, ax=axes, pad=0.01, ticks=MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
        bar.ax.tick_params(colors=self.theme.ink, labelsize=self.theme.size(8), length=0)
        bar.outline.set_visible(False)
        return bar

    def figure(self, title: str, subtitle: str, height: float = 4.8) -> Figure:
        """Begin a figure: the finding as its title, unit, period and source beneath.

        A finding that names a long name takes further lines, and the figure grows by them.
        """
        lines = _broken(title, int(_TITLE / self.theme.scale))
        more = _LINE * (len(lines) - 1)
        height += more
        figure = Figure(figsize=(10, height), facecolor=self.theme.paper, layout="constrained")
        figure.get_layout_engine().set(rect=(0.01, 0.01, 0.98, 1 - (0.82 + more) / height), w_pad=0.06)  # type: ignore[union-attr, call-arg]
        figure.text(
            0.015,
            1 - (0.22 + more / 2) / height,
            "\n".join(lines),
            ha="left",
            va="center",
            weight="bold",
            size=self.theme.size(12.5),
            color=self.theme.ink,
        )
        figure.text(
            0.015,
            1 - (0.52 + more) / height,
            subtitle,
            ha="left",
            va="center",
            size=self.theme.size(9),
            color=self.theme.faint,
        )
        return figure

    def subtitle(self, side: str = "") -> str:
        """Give unit, period and source: that of one side, or of all there are."""
        source = self.text(f"source_{side or self.one_sided or 'both'}")
        return self.text("subtitle", currency=self.currency, period=self.period, source=source)

    def dress(self, axes: Axes, *, grid: str = "y") -> Axes:
        """Take off what is not information and set the theme's colours."""
        axes.set_facecolor(self.theme.paper)
        for side, spine in axes.spines.items():
            spine.set_visible(side == ("bottom" if grid == "y" else "left"))
            spine.set_color(self.theme.faint)
        axes.tick_params(colors=self.theme.ink, labelsize=self.theme.size(9), length=0)
        axes.grid(visible=True, axis=grid, color=self.theme.rule, linewidth=0.7)  # type: ignore[arg-type]
        axes.set_axisbelow(True)
        return axes

    def amounts(self, axes: Axes, which: str) -> None:
        """Write an axis in whole amounts where they are large, else with the minor unit."""
        low, high = axes.get_ylim() if which == "y" else axes.get_xlim()
        digits = 0 if high - low >= 20 else minor_digits(self.currency)
        axis = axes.yaxis if which == "y" else axes.xaxis
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.{digits}f}"))

    def nothing(self, title: str) -> Figure:
        """Give a figure that says that there is nothing to draw."""
        figure = self.figure(title, self.subtitle())
        figure.text(0.5, 0.45, self.text("nothing"), ha="center", size=self.theme.size(11), color=self.theme.faint)
        return figure


def shorten(labels: Sequence[str], longest: int = 26) -> list[str]:
    """Break long labels over lines at a word."""
    return ["\n".join(_broken(label, longest)) for label in labels]


def _broken(label: str, longest: int) -> list[str]:
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > longest:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def beside(axes: Axes, theme: Theme, place: int, value: float, said: str) -> None:
    """Write a figure at the outer end of its bar."""
    outward = (6, 0) if value >= 0 else (-6, 0)
    axes.annotate(
        said, (value, place), outward, textcoords="offset points", va="center", ha="left" if value >= 0 else "right",
        size=theme.size(8), color=theme.ink, bbox={"facecolor": theme.paper, "edgecolor": "none", "pad": 0.6}, zorder=4,
    )  # fmt: skip
