"""A stored log made ready to be charged, and proof that no two ids or users were taken for one.

The engine knows ids, and users that are no phone numbers, by 64 bits of a hash. A hash is not an identity: whatever it
put together is held against a second, independent one, and where the two disagree the audit is refused.
"""

from collections.abc import Sequence

import numpy as np

from auditor.core.charging import Log
from auditor.core.charging import prepare
from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.problems import AuditorError
from auditor.core.records import Account
from auditor.core.regimes import Regime
from auditor.core.tables import Int64
from auditor.core.tables import UInt32
from auditor.project.log import StoredLog


def made_ready(stored: StoredLog, account: Account, rules: Sequence[Regime], numbers: int = 0) -> Log:
    """Merge duplicates and arrange a stored log in threads, nothing of it mistaken for another.

    `numbers` says how many numbers the whole log has where this is a part of it.
    """
    log = prepare(stored, stored.names, account, rules, numbers)
    check_apart(stored, log)
    return log


def check_apart(stored: StoredLog, log: Log) -> None:
    """Refuse a log of which two ids or two users have one hash, where that brought them together."""
    seconds = np.zeros(len(stored), np.uint32)
    pair = _merged(stored, log, seconds)
    if not len(pair):
        pair = _grouped(log, seconds)
    names = [message_id for message_id, _ in stored.names(pair)]
    if not names and (log.folded.user[log.folded.live] < 0).any():
        names = stored.users_of_one_key()
    if names:
        raise AuditorError("hashes_meet", names=", ".join(names))


def _merged(stored: StoredLog, log: Log, seconds: UInt32) -> Int64:
    """Give two rows merged into one message though their ids differ, if any; `seconds` receives each place's hash."""
    first, at = log.folded.row, 0
    for batch in stored.second_hashes():
        rows = np.arange(at, at + len(batch))
        place = log.merged_into[at : at + len(batch)]
        opens = first[place] == rows  # a message's first row comes before those merged into it
        seconds[place[opens]] = batch[opens]
        odd = np.flatnonzero(seconds[place] != batch)
        if len(odd):
            return np.array([first[place[odd[0]]], rows[odd[0]]], np.int64)
        at += len(batch)
    return np.zeros(0, np.int64)


def _grouped(log: Log, seconds: UInt32) -> Int64:
    """Give messages taken for others of their group though their ids differ, one or two, if any.

    A message without a group's id is one to a group where another of its number has its id: it cannot be alone.
    """
    folded = log.folded
    places = np.flatnonzero((folded.kind & (GROUP | OUTBOUND)) == (GROUP | OUTBOUND))
    keys = folded.number[places].astype(np.uint64) << np.uint64(32) | seconds[places]
    _, which, count = np.unique(keys, return_inverse=True, return_counts=True)
    alone = places[(count[which] == 1) & (folded.group[places] < 0)]
    return np.asarray(folded.row[alone[:2]], np.int64)
