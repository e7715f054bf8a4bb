"""Where the rows of a folder stand: rows are numbered over all files, but looked for in one of them (formats.md §4)."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import duckdb

from auditor.core.problems import Progress
from auditor.core.records import Stretch
from auditor.readers.logs.json_objects import JsonFile
from auditor.readers.logs.json_objects import objects_sql
from auditor.readers.logs.watched import watch


class Whereabouts:
    """Which row of which file each row of a folder is, noted in their order."""

    def __init__(self, folder: Path) -> None:
        """Begin with none."""
        self._folder = folder
        self._last: tuple[Path, int] | None = None
        self.stretches: list[Stretch] = []

    def note(self, number: int, path: Path, row: int) -> None:
        """Note a row; kept is where the rows of a file begin, and where some of them are passed over."""
        if self._last != (path, number - row):
            self._last = path, number - row
            name = f"{self._folder.name}/{path.relative_to(self._folder).as_posix()}"
            self.stretches.append(Stretch(name, number, row))


def find_objects(
    connection: duckdb.DuckDBPyConnection, folder: Path, files: Sequence[JsonFile], progress: Progress
) -> Whereabouts:
    """Find where the objects of files stand that the database reads by itself: it counts those of each."""
    names = objects_sql(files, "filename")
    found = watch(connection, f"SELECT filename, count(*) FROM ({names}) GROUP BY filename", progress)
    counts = {Path(str(name)): cast("int", count) for name, count in found}
    located, number = Whereabouts(folder), 1
    for file in files:
        if file.path in counts:
            located.note(number, file.path, 1)
            number += counts[file.path]
    return located
