"""The native charts of a workbook, beside the figures they draw: bridge, invoiced against expected, charges per day."""

from collections.abc import Callable
from typing import Any
from typing import TypeAlias

from auditor.core.report_cells import Chart
from auditor.core.report_cells import Series
from auditor.core.report_cells import Sheet
from auditor.writers.workbook_style import BAND
from auditor.writers.workbook_style import RULE
from auditor.writers.workbook_style import clean
from auditor.writers.workbook_style import symbol

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


def insert_chart(book: _Any, worksheet: _Any, sheet: Sheet, chart: Chart, say: Callable[..., str]) -> None:
    """Draw a chart beside its figures; its title says the finding, its axis unit and period."""
    stacked = chart.kind in ("bridge", "stacked")
    drawn = book.add_chart({"type": "column", "subtype": "stacked"} if stacked else {"type": "column"})
    for series in chart.series:
        if series.part != "label":
            drawn.add_series(_series(sheet, chart, series))
    labels = [series for series in chart.series if series.part == "label"]
    if labels:
        drawn.combine(_labels(book, sheet, chart, labels[0]))
    axis = clean(chart.axis, "{text}")
    floor = {"min": 0.0} if chart.kind == "stacked" else {}
    if chart.floor is not None:
        floor = {"min": float(chart.floor)}
        axis = say("workbook.e.axis_cut", axis=axis, floor=f"{symbol(chart.currency)} {chart.floor:,.2f}")
    dates = {"num_format": "dd/mm", "num_format_linked": False} if chart.kind == "stacked" else {}
    drawn.set_title(
        {"name": clean(chart.title, "{text}"), "overlay": False, "name_font": {"size": 11, "bold": True, "color": BAND}}
    )
    drawn.set_x_axis(
        {"num_font": {"size": 9}, "line": {"color": "#5A6B75"}, "label_position": "low", "text_axis": True, **dates}
    )
    drawn.set_y_axis(
        {
            "name": axis,
            "name_font": {"size": 9, "bold": False},
            "num_format": "#,##0.00",
            "num_font": {"size": 9},
            "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
            "line": {"none": True},
            **floor,
        }
    )
    drawn.set_legend({"none": True} if chart.kind == "bridge" else {"position": "bottom", "font": {"size": 9}})
    drawn.set_size({"width": chart.size[0], "height": chart.size[1]})
    worksheet.insert_chart(*chart.at, drawn, {"object_position": 2, "description": clean(chart.title, "{text}")})


def _series(sheet: Sheet, chart: Chart, series: Series) -> dict[str, _Any]:
    row, column = series.name
    made: dict[str, _Any] = {
        "name": [sheet.name, row, column],
        "categories": [sheet.name, chart.first, chart.labels, chart.last, chart.labels],
        "values": [sheet.name, chart.first, series.column, chart.last, series.column],
        "gap": 45,
    }
    if chart.kind != "bridge":
        made["gap"] = 70
    if chart.kind == "stacked":
        return made | _hatched(int(series.part))
    if not series.points:
        return made | _PARTS[series.part]
    return made | {"points": [_PARTS[part] for part in series.points]}


def _labels(book: _Any, sheet: Sheet, chart: Chart, series: Series) -> _Any:
    """Set the amount of each step above its bar: the labels of a line that is not drawn."""
    line = book.add_chart({"type": "line"})
    line.add_series(
        {
            "name": [sheet.name, *series.name],
            "categories": [sheet.name, chart.first, chart.labels, chart.last, chart.labels],
            "values": [sheet.name, chart.first, series.column, chart.last, series.column],
            "line": {"none": True},
            "data_labels": {
                "value": True, "position": "above", "font": {"size": 9, "bold": True},
                "custom": [{"value": said} for said in chart.texts],
            },
        }
    )  # fmt: skip
    return line


def _hatched(place: int) -> dict[str, _Any]:
    colour, pattern = _HATCHES[place % len(_HATCHES)]
    if pattern is None:
        return {"fill": {"color": colour}, "border": {"color": colour}}
    return {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}, "border": {"color": colour}}
