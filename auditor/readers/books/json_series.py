"""Series of a central bank as its service answers with them, as the table that it also publishes (formats.md §3).

Peru's BCRP lists the names of its series, and under each day a value of every one; Mexico's Banxico lists the days of
each series under its id.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from auditor.readers.books.sheetscan import COLUMNS
from auditor.readers.books.workbook import MOST_CELLS

_DAY = "Fecha"


def series_table(stated: Any) -> list[list[Any]] | None:
    """Give the head and the rows of a table with a day and the value of each series; None for any other JSON."""
    if not isinstance(stated, dict):
        return None
    return _by_day(stated) or _by_series(stated)


def _by_day(stated: Mapping[str, Any]) -> list[list[Any]] | None:
    """Read `{"config": {"series": [{"name"}]}, "periods": [{"name", "values": []}]}`."""
    config = stated.get("config")
    names = [str(one.get("name")) for one in _objects(config.get("series"))] if isinstance(config, dict) else []
    rows = [
        [day["name"], *day["values"]]
        for day in _objects(stated.get("periods"))
        if isinstance(day.get("name"), str) and isinstance(day.get("values"), list)
    ]
    return _table(names, rows)


def _by_series(stated: Mapping[str, Any]) -> list[list[Any]] | None:
    """Read `{"bmx": {"series": [{"idSerie", "titulo", "datos": [{"fecha", "dato"}]}]}}`."""
    answer = stated.get("bmx")
    series = _objects(answer.get("series")) if isinstance(answer, dict) else []
    days: dict[str, dict[str, Any]] = {}
    for one in series:
        for said in _objects(one.get("datos")):
            days.setdefault(str(said.get("fecha")), {})[str(one.get("idSerie"))] = said.get("dato")
    names = [str(one.get("idSerie")) for one in series]
    return _table(names, [[day, *(values.get(name) for name in names)] for day, values in days.items()])


def _table(names: Sequence[str], rows: Sequence[list[Any]]) -> list[list[Any]] | None:
    """Give a table of single values, no larger than a workbook; None for any other."""
    even = all(len(row) == len(names) + 1 and not any(isinstance(one, (dict, list)) for one in row) for row in rows)
    within = len(names) < COLUMNS and len(rows) * (len(names) + 1) <= MOST_CELLS
    return [[_DAY, *names], *rows] if names and rows and even and within else None


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
