"""A stored log made ready to be charged, and proof that no two ids or users were taken for one.

The engine knows ids, and users that are no phone numbers, by 64 bits of a hash. A hash is not an identity: whatever it
put together is held against a second, independent one, and where the two disagree the audit is refused.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.alike import taken
from auditor.core.charging import Log
from auditor.core.charging import prepare
from auditor.core.divided import DividedLog
from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.parts import Part
from auditor.core.problems import AuditorError
from auditor.core.problems import Progress
from auditor.core.records import Account
from auditor.core.regimes import Regime
from auditor.core.tables import Bools
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt32
from auditor.core.tables import UInt64
from auditor.core.threads import Names
from auditor.project.log import StoredLog
from auditor.project.spill import Spill

_SLICES = 8


def made_ready(stored: StoredLog, account: Account, rules: Sequence[Regime], numbers: int = 0) -> Log:
    """Merge duplicates and arrange a stored log in threads, nothing of it mistaken for another.

    `numbers` says how many numbers the whole log has where this is a part of it.
    """
    seconds = _Seconds(len(stored))
    log = prepare(stored, stored.names, account, rules, numbers, [seconds.add], stored.ranked_rows)
    check_apart(stored, log, seconds.hashes)
    return log


def made_ready_in_parts(
    stored: StoredLog, account: Account, rules: Sequence[Regime], parts: int, spill: Spill, progress: Progress
) -> DividedLog:
    """Divide a stored log into parts, made ready one after another, nothing of it mistaken for another."""
    return DividedLog(
        stored, stored.names_of, stored.ranked, account, rules, parts, spill.shelf, _InParts(stored), progress
    )


def check_apart(stored: StoredLog, log: Log, seconds: UInt32) -> None:
    """Refuse a log of which two ids or two users have one hash, where that brought them together.

    `seconds` are the second hashes of its rows.
    """
    check = _Apart(stored, stored.names)
    check.add(log, seconds)
    check.finish()


class _Seconds:
    """Keeps the second hashes of a log's rows as they go by."""

    def __init__(self, rows: int) -> None:
        """Make room for so many."""
        self.hashes = np.empty(rows, np.uint32)
        self._size = 0

    def add(self, batch: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep those of a batch of rows."""
        more = batch["second"]
        self.hashes[self._size : self._size + len(more)] = more
        self._size += len(more)


class _Apart:
    """Looks at a log, or at one part of it after another, for what a hash brought together."""

    def __init__(self, stored: StoredLog, names: Names) -> None:
        """Take the stored log that the parts are of, and what gives the names of its rows."""
        self._stored = stored
        self._names = names
        self._pair = np.zeros(0, np.int64)
        self._others = False
        self._keys: list[UInt64] = []
        self._rows: list[Int64] = []
        self._lonely: list[Bools] = []

    def add(self, log: Log, seconds: UInt32) -> None:
        """Look at a part; `seconds` are the second hashes of its rows."""
        folded = log.folded
        pair = _mistaken(folded.row, log.merged_into, seconds)
        if len(pair):
            self._pair = log.origins(pair)
        self._others = self._others or bool((folded.live & (folded.user < 0)).any())
        places = np.flatnonzero((folded.kind & (GROUP | OUTBOUND)) == (GROUP | OUTBOUND))
        rows = folded.row[places].astype(np.int64)
        self._keys.append(folded.number[places].astype(np.uint64) << np.uint64(32) | seconds[rows])
        self._rows.append(log.origins(rows))
        self._lonely.append(taken(folded.group, places) < 0)

    def finish(self) -> None:
        """Compare what lies in different parts. Raises `AuditorError` for whatever was found."""
        pair = self._pair if len(self._pair) else self._alone()
        names = [message_id for message_id, _ in self._names(pair)] if len(pair) else []
        if not names and self._others:
            names = self._stored.users_of_one_key()
        if names:
            raise AuditorError("hashes_meet", names=", ".join(names))

    def _alone(self) -> Int64:
        """Give messages taken for others of their group though their ids differ, one or two, if any.

        A message without a group's id is one to a group where another of its number has its id: it cannot be alone.
        """
        _, which, count = np.unique(np.concatenate(self._keys), return_inverse=True, return_counts=True)
        alone = (count[which] == 1) & np.concatenate(self._lonely)
        return np.asarray(np.concatenate(self._rows)[alone][:2])


class _InParts(_Apart):
    """Looks at a log in parts."""

    def __init__(self, stored: StoredLog) -> None:
        """Take the stored log that the parts are of."""
        super().__init__(stored, stored.names_of)

    def look(self, log: Log, part: Part) -> None:
        """Look at a part."""
        self.add(log, part.column("second").astype(np.uint32, copy=False))


def _mistaken(first: Int32, merged_into: Int32, seconds: UInt32) -> Int64:
    """Give two rows merged into one message though their ids differ, if any; a message has the `first` of its rows."""
    bounds = np.linspace(0, len(merged_into), _SLICES + 1).astype(np.int64)
    with ThreadPoolExecutor(cpu_count()) as pool:
        odd = max(pool.map(partial(_odd, first, merged_into, seconds), bounds[:-1], bounds[1:]))
    return np.array([first[merged_into[odd]], odd] if odd >= 0 else [], np.int64)


@njit(cache=True, nogil=True)
def _odd(first: Int32, merged_into: Int32, seconds: UInt32, begin: int, end: int) -> int:
    """Give a row from `begin` to `end` whose second hash is not that of its message's first row (-1: none)."""
    for row in range(begin, end):
        if seconds[row] != seconds[first[merged_into[row]]]:
            return row
    return -1
