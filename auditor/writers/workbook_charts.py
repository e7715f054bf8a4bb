"""The native charts of a workbook, beside the figures they draw (workpaper.md §3)."""

from collections.abc import Callable
from typing import Any
from typing import TypeAlias

from auditor.core.report.cells import Chart
from auditor.core.report.cells import Series
from auditor.core.report.cells import Sheet
from auditor.core.report.chart_words import symbol
from auditor.writers.workbook_style import BAND
from auditor.writers.workbook_style import RULE
from auditor.writers.workbook_style import clean

_Any: TypeAlias = Any

# Told apart in print and by the colour-blind: by outline and hatching first, by hue last.
_PARTS: dict[str, dict[str, _Any]] = {
    "expected": {"fill": {"color": "#FFFFFF"}, "border": {"color": BAND, "width": 1.5}},
    "invoiced": {"fill": {"color": BAND}, "border": {"color": BAND}},
    "over": {
        "pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#B45309", "bg_color": "#FBE8CC"},
        "border": {"color": "#B45309"},
    },
    "under": {
        "pattern": {"pattern": "wide_downward_diagonal", "fg_color": "#1D5C94", "bg_color": "#DFEAF7"},
        "border": {"color": "#1D5C94"},
    },
    "unexplained": {
        "pattern": {"pattern": "percent_25", "fg_color": "#444444", "bg_color": "#FFFFFF"},
        "border": {"color": "#444444"},
    },
    "blank": {"fill": {"none": True}, "border": {"none": True}},
}
_HATCHES = (
    ("#24404F", None), ("#1D5C94", "wide_upward_diagonal"), ("#B45309", "wide_downward_diagonal"),
    ("#5B7F3B", "small_grid"),
    ("#7A4E8A", "dotted_diamond"), ("#8A8A8A", "horizontal_brick"), ("#444444", "percent_25"),
)  # fmt: skip

_DAYS_NAMED = 16  # dates that fit beneath a chart
_TYPES = {
    "bridge": {"type": "column", "subtype": "stacked"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "columns": {"type": "column"},
    "pareto": {"type": "column"},
    "running": {"type": "line"},
}


def insert_chart(book: _Any, worksheet: _Any, sheet: Sheet, chart: Chart, say: Callable[..., str]) -> None:
    """Draw a chart beside its figures; its title says the finding, its foot unit, period and source."""
    drawn = book.add_chart(_TYPES[chart.kind])
    beside = [series for series in chart.series if series.part in ("label", "limit")]
    for series in chart.series:
        if chart.kind == "running":
            drawn.add_series(_line(sheet, chart, series))
        elif series not in beside:
            drawn.add_series(_series(sheet, chart, series))
    if beside and chart.kind != "running":
        line = book.add_chart({"type": "line"})
        for series in beside:
            line.add_series(_labelled(sheet, chart, series) if series.part == "label" else _line(sheet, chart, series))
        drawn.combine(line)
    axis = clean(chart.axis, "{text}")
    floor = {} if chart.kind in ("bridge", "columns") else {"min": 0.0}
    if chart.floor is not None:
        floor = {"min": float(chart.floor)}
        axis = say(
            "workbook.e.axis_cut",
            axis=axis,
            floor=f"{symbol(chart.currency)} {chart.floor:,.2f}" if chart.currency else f"{chart.floor:,f}",
        )
    by_day = {"num_format": say("workbook.e.day_format"), "num_format_linked": False}
    by_day |= {"interval_unit": -(-(chart.last - chart.first + 1) // _DAYS_NAMED)}
    beneath: dict[str, _Any] = by_day if chart.kind in ("stacked", "running") else {}
    drawn.set_title(
        {"name": clean(chart.title, "{text}"), "overlay": False, "name_font": {"size": 11, "bold": True, "color": BAND}}
    )
    if chart.kind == "pareto":
        axis = f"{say('workbook.e.line')} · {axis}"
    beneath |= {"name": axis, "name_font": {"size": 9, "bold": False}}  # across: it is too long to stand upright
    drawn.set_x_axis(
        {"num_font": {"size": 9}, "line": {"color": "#5A6B75"}, "label_position": "low", "text_axis": True, **beneath}
    )
    drawn.set_y_axis(
        {
            "num_format": "#,##0.00" if chart.currency else "#,##0",
            "num_font": {"size": 9},
            "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
            "line": {"none": True},
            **floor,
        }
    )
    hidden = [n for n, series in enumerate(chart.series) if series.part == "label"]
    legend = {"position": "bottom", "font": {"size": 9}, "delete_series": hidden}
    drawn.set_legend({"none": True} if chart.kind in ("bridge", "pareto") else legend)
    drawn.set_size({"width": chart.size[0], "height": chart.size[1]})
    shown = {"object_position": 2, "y_offset": 2, "description": clean(chart.title, "{text}")}  # off the page's edge
    worksheet.insert_chart(*chart.at, drawn, shown)


def _series(sheet: Sheet, chart: Chart, series: Series) -> dict[str, _Any]:
    made = _placed(sheet, chart, series) | {"gap": 45 if chart.kind == "bridge" else 70}
    if chart.kind == "stacked":
        return made | _hatched(int(series.part))
    if not series.points:
        return made | _PARTS[series.part]
    return made | {"points": [_PARTS[part] for part in series.points]}


def _labelled(sheet: Sheet, chart: Chart, series: Series) -> dict[str, _Any]:
    """Set a text above each point that has one: the labels of a line that is not drawn."""
    return _placed(sheet, chart, series) | {
        "line": {"none": True},
        "data_labels": {
            "value": True, "position": "above", "font": {"size": 9, "bold": True},
            "custom": [{"value": said} if said else {"delete": True} for said in chart.texts],
        },
    }  # fmt: skip


def _line(sheet: Sheet, chart: Chart, series: Series) -> dict[str, _Any]:
    """Draw a line: what runs up whole, a limit dashed."""
    limit = {"color": "#B45309", "width": 1.25, "dash_type": "dash"}
    return _placed(sheet, chart, series) | {"line": limit if series.part == "limit" else {"color": BAND, "width": 2.0}}


def _placed(sheet: Sheet, chart: Chart, series: Series) -> dict[str, _Any]:
    return {
        "name": [sheet.name, *series.name],
        "categories": [sheet.name, chart.first, chart.labels, chart.last, chart.labels],
        "values": [sheet.name, chart.first, series.column, chart.last, series.column],
    }


def _hatched(place: int) -> dict[str, _Any]:
    colour, pattern = _HATCHES[place % len(_HATCHES)]
    if pattern is None:
        return {"fill": {"color": colour}, "border": {"color": colour}}
    return {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}, "border": {"color": colour}}
