"""Series of a central bank as its service answers with them, as the table that it also publishes (formats.md §3).

Peru's BCRP lists the names of its series, and under each day a value of every one; Mexico's Banxico lists the days of
each series under its id.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

_DAY = "Fecha"


def series_table(stated: Any) -> list[list[Any]] | None:
    """Give the head and the rows of a table with a day and the value of each series; None for any other JSON."""
    if not isinstance(stated, dict):
        return None
    return _by_day(stated) or _by_series(stated)


def _by_day(stated: Mapping[str, Any]) -> list[list[Any]] | None:
    """Read `{"config": {"series": [{"name"}]}, "periods": [{"name", "values": []}]}`."""
    config = stated.get("config")
    names = [one.get("name") for one in _objects(config.get("series"))] if isinstance(config, dict) else []
    rows = [
        [day["name"], *day["values"]]
        for day in _objects(stated.get("periods"))
        if isinstance(day.get("name"), str) and isinstance(day.get("values"), list)
    ]
    even = all(len(row) == len(names) + 1 for row in rows)
    return [[_DAY, *names], *rows] if names and rows and even else None


def _by_series(stated: Mapping[str, Any]) -> list[list[Any]] | None:
    """Read `{"bmx": {"series": [{"idSerie", "titulo", "datos": [{"fecha", "dato"}]}]}}`."""
    answer = stated.get("bmx")
    series = _objects(answer.get("series")) if isinstance(answer, dict) else []
    days: dict[Any, dict[Any, Any]] = {}
    for one in series:
        for said in _objects(one.get("datos")):
            days.setdefault(said.get("fecha"), {})[one.get("idSerie")] = said.get("dato")
    names = [one.get("idSerie") for one in series]
    rows = [[day, *(values.get(name) for name in names)] for day, values in days.items()]
    return [[_DAY, *names], *rows] if rows else None


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
