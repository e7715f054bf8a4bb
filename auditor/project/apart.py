"""A stored log made ready to be charged, and proof that no two ids or users were taken for one.

The engine knows ids, and users that are no phone numbers, by 64 bits of a hash. A hash is not an identity: whatever it
put together is held against a second, independent one, and where the two disagree the audit is refused.
"""

from collections.abc import Iterable
from collections.abc import Sequence

import numpy as np

from auditor.core.charging import Log
from auditor.core.charging import prepare
from auditor.core.divided import DividedLog
from auditor.core.divided import Part
from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.problems import AuditorError
from auditor.core.problems import Progress
from auditor.core.records import Account
from auditor.core.regimes import Regime
from auditor.core.tables import Bools
from auditor.core.tables import Int64
from auditor.core.tables import UInt32
from auditor.core.tables import UInt64
from auditor.core.threads import Names
from auditor.project.log import StoredLog
from auditor.project.spill import Spill


def made_ready(stored: StoredLog, account: Account, rules: Sequence[Regime], numbers: int = 0) -> Log:
    """Merge duplicates and arrange a stored log in threads, nothing of it mistaken for another.

    `numbers` says how many numbers the whole log has where this is a part of it.
    """
    log = prepare(stored, stored.names, account, rules, numbers)
    check_apart(stored, log)
    return log


def made_ready_in_parts(
    stored: StoredLog, account: Account, rules: Sequence[Regime], parts: int, spill: Spill, progress: Progress
) -> DividedLog:  # fmt: skip
    """Divide a stored log into parts, made ready one after another, nothing of it mistaken for another."""
    return DividedLog(
        stored, stored.names_of, stored.ranked, account, rules, parts, spill.shelf, _InParts(stored), progress
    )


def check_apart(stored: StoredLog, log: Log) -> None:
    """Refuse a log of which two ids or two users have one hash, where that brought them together."""
    check = _Apart(stored, stored.names)
    check.add(log, stored.second_hashes())
    check.finish()


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

    def add(self, log: Log, second: Iterable[UInt32]) -> None:
        """Look at a part; `second` are the second hashes of its rows."""
        seconds = np.zeros(len(log.merged_into), np.uint32)
        pair = _merged(log, second, seconds)
        if len(pair):
            self._pair = log.origins(pair)
        self._others = self._others or bool((log.folded.user[log.folded.live] < 0).any())
        folded = log.folded
        places = np.flatnonzero((folded.kind & (GROUP | OUTBOUND)) == (GROUP | OUTBOUND))
        self._keys.append(folded.number[places].astype(np.uint64) << np.uint64(32) | seconds[places])
        self._rows.append(log.origins(folded.row[places].astype(np.int64)))
        self._lonely.append(folded.group[places] < 0)

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
        self.add(log, [part.column("second")])


def _merged(log: Log, second: Iterable[UInt32], seconds: UInt32) -> Int64:
    """Give two rows merged into one message though their ids differ, if any; `seconds` receives each place's hash."""
    first, at = log.folded.row, 0
    for batch in second:
        rows = np.arange(at, at + len(batch))
        place = log.merged_into[at : at + len(batch)]
        opens = first[place] == rows  # a message's first row comes before those merged into it
        seconds[place[opens]] = batch[opens]
        odd = np.flatnonzero(seconds[place] != batch)
        if len(odd):
            return np.array([first[place[odd[0]]], rows[odd[0]]], np.int64)
        at += len(batch)
    return np.zeros(0, np.int64)
