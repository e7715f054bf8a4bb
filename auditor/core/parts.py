"""A part of a log that is larger than memory: whole threads on a shelf, as rows at first and then as messages."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol

import numpy as np
import numpy.typing as npt

from auditor.core.edges import Shelf
from auditor.core.rows import ROW_KINDS
from auditor.core.rows import Rows
from auditor.core.rows import in_memory
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.threads import Merged
from auditor.core.threads import Partition

Columns = Mapping[str, npt.NDArray[Any]]
ORIGIN = "origin"
_MESSAGES = ("merged_into", "live")


class Divisible(Rows, Protocol):
    """Rows that can be given with what they are known by."""

    def with_origins(self) -> Iterable[Columns]:
        """Give the rows as `batches` does, with what the log knows each by (`origin`) and what else is to be kept."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a shelf does not tell of messages (`Merged`): names of columns, partitions, and where their items end."""

    table: Sequence[str]
    chunks: Sequence[Int64]
    counts: Sequence[tuple[int, int]]
    tells_templates: bool
    ends: Mapping[str, Int64]


class Part:
    """Some whole threads on a shelf. It gives their `Rows` until messages take the place of these."""

    def __init__(self, log: Rows, shelf: Shelf, at_once: int = 1) -> None:
        """Take an empty shelf for rows of a log, put there as soon as there are so many."""
        self.numbers, self.countries = log.numbers, log.countries
        self.groups, self.amounts = log.groups, log.amounts
        self.constants = log.constants
        self._shelf, self._at_once = shelf, at_once
        self._size = 0
        self._pending: list[Columns] = []
        self._kept: _Kept | None = None

    def put(self, columns: Columns) -> None:
        """Keep some more rows; columns that are alike in every row of the log are not looked at."""
        own = {name: column for name, column in columns.items() if name not in self.constants}
        self._pending.append(own)
        self._size += len(own[ORIGIN])
        if sum(len(some[ORIGIN]) for some in self._pending) >= self._at_once:
            self._shelve()

    def _shelve(self) -> None:
        """Put the rows that came on the shelf."""
        if self._pending:
            names = self._pending[0].keys()
            self._shelf.put({name: np.concatenate([some[name] for some in self._pending]) for name in names})
            self._pending = []

    def __len__(self) -> int:
        """Give the number of rows."""
        return self._size

    def batches(self) -> Iterator[Columns]:
        """Give the columns of all rows, batch by batch."""
        assert self._kept is None, "the rows were merged"
        self._shelve()
        same = {name: np.array(value, ROW_KINDS[name]) for name, value in self.constants.items()}
        for batch in self._shelf.batches():
            own = {name: batch[name] for name in ROW_KINDS if name not in same}
            yield own | {name: np.broadcast_to(value, len(own["user"])) for name, value in same.items()}

    def templates(self) -> tuple[tuple[str, ...], Int32]:
        """Give no names of templates: they are asked of a whole log, in search of causes."""
        return (), np.full(self._size, -1, np.int32)

    def column(self, name: str) -> npt.NDArray[Any]:
        """Give a column that was kept beside, of all rows."""
        self._shelve()
        some = [batch[name] for batch in self._shelf.batches()] if self._size else [np.zeros(0, np.int64)]
        return some[0] if len(some) == 1 else np.concatenate(some)

    def whole(self) -> Messages:
        """Give all columns of all rows at once."""
        return in_memory(self, self.batches())

    def replace_rows(self, m: Merged, partitions: Sequence[Partition]) -> None:
        """Keep messages, arranged in threads, in place of the rows that they were merged from."""
        told = next(iter(self._shelf.batches()), {ORIGIN: np.zeros(0, np.int64)})
        beside = {name: self.column(name) for name in told if name not in ROW_KINDS}
        items = {name: [getattr(one, name) for one in partitions] for name in Partition.__slots__}
        self._shelf.clear()
        self._shelf.put({
            **m.table,
            **{name: getattr(m, name) for name in _MESSAGES},
            **{name: np.concatenate(some) for name, some in items.items()},
            **beside,
        })  # fmt: skip
        ends = {name: np.cumsum([len(one) for one in some]) for name, some in items.items()}
        self._kept = _Kept(tuple(m.table), m.chunks, m.counts, m.tells_templates, ends)

    def messages(self) -> tuple[Merged, tuple[Partition, ...]]:
        """Give the messages that were kept, and their arrangement, anew each time."""
        kept = self._kept
        assert kept is not None, "the rows were not merged yet"
        (batch,) = self._shelf.batches()
        table = {name: batch[name] for name in kept.table}
        merged_into, live = (batch[name] for name in _MESSAGES)
        nothing = np.zeros(0, np.int32)  # threads are arranged: nobody asks which one a message is of
        m = Merged(table, kept.chunks, kept.counts, nothing, merged_into, live, kept.tells_templates)
        items = [np.split(batch[name], ends[:-1]) for name, ends in kept.ends.items()]
        return m, tuple(Partition(*some) for some in zip(*items, strict=True))
