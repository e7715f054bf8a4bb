"""Where a log's rows come from: in batches, so that a log need never stand in memory twice."""

from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from typing import Protocol

import numpy as np
import numpy.typing as npt

from auditor.core.kinds import FAILED
from auditor.core.tables import NEVER
from auditor.core.tables import Int32
from auditor.core.tables import Messages

ROW_KINDS: Mapping[str, type[np.generic]] = {
    "number": np.int32, "waba": np.int16, "user": np.int64, "country": np.int16, "group": np.int32,
    "id_hash": np.uint64, "kind": np.uint16, "sent": np.int64, "delivered": np.int64, "read": np.int64,
    "expires": np.int64, "paid": np.int32, "limit": np.int32, "logged": np.uint16,
}  # fmt: skip
"""The columns that a batch of rows has, as in `Messages`; `kind` also says what failed."""


def width(constants: Mapping[str, int]) -> int:
    """Give the bytes of a row's columns while it is merged: those with one value in every row take none.

    Of a delivery and a reading one time is kept (`merging.spread_statuses`).
    """
    kept = ROW_KINDS.keys() - constants.keys() - {"read"}
    return sum(np.dtype(ROW_KINDS[name]).itemsize for name in kept)


class Rows(Protocol):
    """A log in the order of import, duplicates not yet merged; its columns and lists are those of `Messages`."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Give the business numbers that `number` points into."""

    @property
    def countries(self) -> tuple[str, ...]:
        """Give the stated countries that `country` points into."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Give the groups that `group` points into."""

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """Give the logged amounts that `paid` and `limit` point into."""

    @property
    def constants(self) -> Mapping[str, int]:
        """Give the columns known to have one value in every row, and that value; batches have them all the same."""

    def __len__(self) -> int:
        """Give the number of rows."""

    def batches(self) -> Iterable[Mapping[str, npt.NDArray[Any]]]:
        """Give the columns of `ROW_KINDS` of all rows, batch by batch; they belong to the batch."""

    def whole(self) -> Messages:
        """Give all columns of all rows at once."""

    def templates(self) -> tuple[tuple[str, ...], Int32]:
        """Give the names of templates, and each row's place among them (-1: it has none of these)."""


_ALIKE = ("waba", "country", "group", "expires", "paid", "limit", "logged")
"""The columns that may be alike in every row: `threads.Folded` knows them as such."""


def _constants(messages: Messages) -> Mapping[str, int]:
    """Give the columns of which there is but one value in memory, spread over all rows, and that value."""
    columns = {name: getattr(messages, name) for name in _ALIKE if len(messages)}
    return {name: int(column[0]) for name, column in columns.items() if column.strides == (0,)}


def in_memory(rows: Rows, batches: Iterable[Mapping[str, npt.NDArray[Any]]]) -> Messages:
    """Put batches of some rows of a log together. When they failed is not known, only that they did."""
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [np.zeros(0, kind)] for name, kind in ROW_KINDS.items()}
    for batch in batches:
        for name, part in parts.items():
            part.append(batch[name])
    columns: dict[str, Any] = {name: np.concatenate(part) for name, part in parts.items()}
    return Messages(
        **columns, failed=np.full(len(columns["user"]), NEVER), numbers=rows.numbers, wabas=(),
        countries=rows.countries, groups=rows.groups, amounts=rows.amounts,
    )  # fmt: skip


class InMemory:
    """`Rows` that stand in memory as a whole."""

    def __init__(self, messages: Messages, templates: tuple[tuple[str, ...], Int32] | None = None) -> None:
        """Take the columns; without names of templates none is stated."""
        self._messages = messages
        self._templates = templates or ((), np.full(len(messages), -1, np.int32))
        self.numbers, self.countries = messages.numbers, messages.countries
        self.groups, self.amounts = messages.groups, messages.amounts
        self.constants = _constants(messages)

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self._messages)

    def batches(self) -> Iterable[Mapping[str, npt.NDArray[Any]]]:
        """Give all rows at once."""
        failed = np.where(self._messages.failed != NEVER, np.uint16(FAILED), np.uint16(0))
        return [{name: getattr(self._messages, name) for name in ROW_KINDS} | {"kind": self._messages.kind | failed}]

    def whole(self) -> Messages:
        """Give all rows."""
        return self._messages

    def templates(self) -> tuple[tuple[str, ...], Int32]:
        """Give the names of templates as they were handed in."""
        return self._templates
