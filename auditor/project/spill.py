"""Columns laid aside in files without a name, which are gone with the program however it ends.

A batch is written column after column; a column of one value takes no room, and one of times or places that lie near
each other no more bytes than tell how far each lies from the first of them.
"""

import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.tables import NEVER
from auditor.core.tables import Int64
from auditor.core.tables import UInt32
from auditor.working import is_full

Column = npt.NDArray[Any]
# The codes of a narrowed column: a value that is not known, and the first that is.
_UNKNOWN, _FIRST = 0, 1
_MOST = 1 << 32
_STEPS = (1_000_000, 1)


@dataclass(frozen=True, slots=True)
class _Written:
    """How a column of a batch was written: its length and kind, and the kind of what stands in the file.

    It stands from byte `at` on. What was narrowed stands there as steps from `base` (of 64 bits: their codes, as one of
    them may be unknown); without a `step` as it is. Where
    nothing stands there (`stored` is None), all is `base`.
    """

    at: int
    size: int
    kind: np.dtype[Any]
    stored: np.dtype[Any] | None
    base: Any = 0
    step: int = 0


class Spill:
    """Makes shelves in one folder, and takes them all away again."""

    def __init__(self, folder: Path | None = None) -> None:
        """Lay aside in a folder, the system's temporary one unless stated."""
        self._folder = folder
        self._files: list[IO[bytes]] = []

    def shelf(self) -> "FileShelf":
        """Make an empty shelf. Raises `AuditorError` where no file can be made."""
        try:
            file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed with the rest
        except OSError as error:
            raise self._told(error) from error
        self._files.append(file)
        return FileShelf(file, self._told)

    def _told(self, error: OSError) -> Exception:
        """Say what is at fault: the disk, or the folder."""
        code = "spill_disk_full" if is_full(error) else "cannot_write"
        return AuditorError(code, Place(str(self._folder or tempfile.gettempdir())))

    def close(self) -> None:
        """Give the room back."""
        for file in self._files:
            file.close()
        self._files.clear()


class FileShelf:
    """Batches of columns in a file (`edges.Shelf`)."""

    def __init__(self, file: IO[bytes], told: Callable[[OSError], Exception]) -> None:
        """Take an empty file, and what makes an error of one of the system's."""
        self._file = file
        self._told = told
        self._batches: list[Mapping[str, _Written]] = []
        self._end = 0

    def put(self, columns: Mapping[str, Column]) -> None:
        """Keep a batch. Raises `AuditorError` where the disk is full."""
        at = self._file.seek(self._end)
        written = {}
        try:
            for name, column in columns.items():
                written[name], made = _narrowed(column, at)
                if made is not None:
                    _write(self._file, made)
                    at += made.nbytes
        except OSError as error:
            raise self._told(error) from error
        self._batches.append(written)
        self._end = at

    def batches(self) -> Iterator[Mapping[str, Column]]:
        """Give the batches; a column is read when it is taken, and each time."""
        return (_Batch(self._file, written) for written in self._batches)

    def clear(self) -> None:
        """Take all batches away; what is put next is written over them, for no room is as fast as what is there."""
        self._batches.clear()
        self._end = 0


class _Batch(Mapping[str, Column]):
    """A batch in a file, of which only those columns are read that are taken."""

    def __init__(self, file: IO[bytes], written: Mapping[str, _Written]) -> None:
        self._file, self._written = file, written

    def __getitem__(self, name: str) -> Column:
        one = self._written[name]
        if one.stored is None:
            return np.full(one.size, one.base, one.kind)
        made = np.empty(one.size, one.stored)
        self._file.seek(one.at)
        _read_into(self._file, made)
        if not one.step:
            return made
        if one.kind == np.int32:
            return made.astype(np.int32) + np.int32(one.base)
        return _out_of_steps(made.astype(np.uint32, copy=False), one.base, one.step)

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


def _write(file: IO[bytes], column: Column) -> None:
    rest = np.ascontiguousarray(column).data.cast("B")
    while rest:
        rest = rest[file.write(rest) :]


def _read_into(file: Any, column: Column) -> None:
    rest = column.data.cast("B")
    while rest:
        count = file.readinto(rest)
        if not count:
            raise EOFError
        rest = rest[count:]


def _narrowed(column: Column, at: int) -> tuple[_Written, Column | None]:
    """Give how a column is best written, from byte `at` on, and what of it is."""
    size = len(column)
    if not size or not any(column.strides) or (column[-1] == column[0] and (column == column[0]).all()):
        return _Written(at, size, column.dtype, None, column[0] if size else 0), None
    if column.dtype == np.int64:
        base, last = _extent(column)
        made = np.empty(size, np.uint32)
        for step in _STEPS if last - base < (_MOST - _FIRST) * _STEPS[0] else ():
            if in_steps(column, base, step, made):
                short = made.astype(np.min_scalar_type((last - base) // step + _FIRST), copy=False)
                return _Written(at, size, column.dtype, short.dtype, base, step), short
    elif column.dtype == np.int32:
        base = int(column.min())
        kind = np.min_scalar_type(int(column.max()) - base)
        if kind.itemsize < column.itemsize:
            short = (column - np.int32(base)).astype(kind)
            return _Written(at, size, column.dtype, kind, base, 1), short
    return _Written(at, size, column.dtype, column.dtype), column


@njit(cache=True, nogil=True)
def _extent(column: Int64) -> tuple[int, int]:
    """Give the least and the greatest known value; some are known."""
    least, most = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    for value in column:
        if value != NEVER:
            least, most = min(least, value), max(most, value)
    return least, most


@njit(cache=True, nogil=True)
def in_steps(column: Int64, base: int, step: int, made: UInt32) -> bool:
    """Fill `made` with the code of each value as steps from `base`; tell whether all are whole and have one.

    The values lie so near to `base` that a division of floats, many times as fast, tells the steps.
    """
    for i in range(len(column)):
        if column[i] == NEVER:
            made[i] = _UNKNOWN
            continue
        steps = np.int64((column[i] - base) / np.float64(step) + 0.5)
        if steps * step != column[i] - base or steps >= _MOST - _FIRST:
            return False
        made[i] = steps + _FIRST
    return True


@njit(cache=True, nogil=True)
def _out_of_steps(made: UInt32, base: int, step: int) -> Int64:
    """Give the values that codes stand for."""
    column = np.empty(len(made), np.int64)
    for i in range(len(made)):
        column[i] = NEVER if made[i] == _UNKNOWN else (np.int64(made[i]) - _FIRST) * step + base
    return column
