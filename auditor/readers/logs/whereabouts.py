"""Where the rows of a folder stand: rows are numbered over all files, but looked for in one of them (formats.md §4)."""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

import duckdb

from auditor.core.problems import Place
from auditor.readers.logs.json_objects import JsonFile
from auditor.readers.logs.json_objects import objects_sql


class Whereabouts:
    """Which row of which file each row of a folder is: noted while they are put together, asked for a few."""

    def __init__(self, folder: Path) -> None:
        """Begin with none."""
        self._folder = folder
        self._files: list[Path] = []
        self._firsts: list[int] = []
        self._ahead: list[int] = []

    def note(self, number: int, path: Path, row: int) -> None:
        """Note a row; kept is where the rows of a file begin, and where some of them are passed over."""
        ahead = number - row
        if not self._firsts or (self._files[-1], self._ahead[-1]) != (path, ahead):
            self._files.append(path)
            self._firsts.append(number)
            self._ahead.append(ahead)

    def __call__(self, number: int) -> Place:
        """Give the place of a row that was noted."""
        at = bisect_right(self._firsts, number) - 1
        return within(self._folder, self._files[at], number - self._ahead[at])


def find_object(connection: duckdb.DuckDBPyConnection, folder: Path, files: Sequence[JsonFile], number: int) -> Place:
    """Give the place of an object in files that the database reads by itself: it counts again up to that one."""
    names = f"{objects_sql(files, 'filename')} LIMIT {number}"
    asked = f"SELECT filename, count(*) FROM ({names}) GROUP BY filename"
    counts = {Path(name): count for name, count in connection.execute(asked).fetchall()}
    last = [file.path for file in files if file.path in counts][-1]
    return within(folder, last, counts[last])


def within(folder: Path, path: Path, row: int) -> Place:
    """Give the place of a row in a file of a folder, by the folder's name and the way from there."""
    return Place(f"{folder.name}/{path.relative_to(folder).as_posix()}", row=row)
