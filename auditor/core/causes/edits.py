"""Columns of the log, changed: what a replay reads otherwise than the rules do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.causes.replay import Bools
from auditor.core.causes.replay import Engine
from auditor.core.causes.replay import LogLike
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import FAILED
from auditor.core.kinds import IN_NO_WINDOW
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.tables import UInt16
from auditor.core.timeline import DAY


def without_referrals(log: LogLike, engine: Engine) -> LogLike:
    """Give the log as if no user had come from an ad or Page button."""
    messages = replace(log.messages, kind=log.messages.kind & ~np.uint16(REFERRAL))
    none = np.zeros(0, np.int64)
    partitions = tuple(
        replace(part, referral=none, referral_first=np.zeros_like(part.referral_first))
        for part in log.folded.partitions
    )
    return engine.in_place(log, messages, replace(log.folded, partitions=partitions))


def without_restarts(log: LogLike, engine: Engine) -> LogLike:
    """Give the log as if a service window ended a day after the message that opened it, whatever is written in it."""
    partitions = []
    for part in log.folded.partitions:
        opens = _openers(part.inbound, part.inbound_first)
        before = np.concatenate([[0], np.cumsum(opens)])
        own = replace(part, inbound=part.inbound[opens], inbound_first=before[part.inbound_first])
        partitions.append(own)
    return engine.in_place(log, log.messages, replace(log.folded, partitions=tuple(partitions)))


def in_no_window(log: LogLike, engine: Engine, rows: Bools) -> LogLike:
    """Give the log as if no service window made the messages in some rows free."""
    messages, folded = log.messages, log.folded
    kinds = (messages.kind | rows * np.uint16(IN_NO_WINDOW), folded.kind | rows[folded.row] * np.uint16(IN_NO_WINDOW))
    return engine.in_place(log, replace(messages, kind=kinds[0]), replace(folded, kind=kinds[1]))


def by_stated_country(log: LogLike, engine: Engine) -> LogLike:
    """Give the log as if customers whose country it states had no number: the number would decide."""
    folded = log.folded
    users = np.where(folded.country >= 0, np.int64(0), folded.user)
    return engine.in_place(log, log.messages, replace(folded, user=users))


@njit(cache=True, nogil=True)
def _openers(times: Int64, first: Int64) -> Bools:
    """Tell which of the times of each thread are in no window that an earlier one has opened."""
    opens = np.zeros(len(times), np.bool_)
    for thread in range(len(first) - 1):
        last = NEVER
        for n in range(first[thread], first[thread + 1]):
            if last == NEVER or times[n] - last >= DAY:
                opens[n] = True
                last = times[n]
    return opens


def undelivered(log: LogLike, engine: Engine, *, failed: bool, merely_sent: bool) -> LogLike:
    """Give the log with what failed, or was merely sent, taken as delivered when it was sent."""
    return engine.prepared(log, replace(log.messages, delivered=_delivered_too(log, failed, merely_sent)))


def _delivered_too(log: LogLike, failed: bool, merely_sent: bool) -> Int64:
    messages, folded = log.messages, log.folded
    has_failed = (folded.kind & FAILED) != 0
    chosen = (folded.billed == NEVER) & ((has_failed & failed) | (~has_failed & merely_sent))
    rows = np.flatnonzero(chosen[log.merged_into] & ((messages.kind & OUTBOUND) != 0))
    sent = folded.sent[log.merged_into[rows]]
    sent = np.where(sent != NEVER, sent, messages.failed[rows])
    delivered = messages.delivered.copy()
    delivered[rows] = np.where(sent != NEVER, sent, delivered[rows])
    return delivered


def deliveries(log: LogLike) -> Int64:
    """Give, for each message (place in `Folded`), how many rows of the log say that it was delivered."""
    return np.bincount(log.merged_into[_reports(log)], minlength=len(log.folded.row)).astype(np.int64)


def _reports(log: LogLike) -> Int64:
    """Give the rows that say that a message was delivered; where none says so, those that say that it was read."""
    messages, place = log.messages, log.merged_into
    outbound = (messages.kind & OUTBOUND) != 0
    delivered = outbound & (messages.delivered != NEVER)
    reported = np.zeros(len(log.folded.row), np.bool_)
    reported[place[delivered]] = True
    return np.flatnonzero(delivered | (outbound & (messages.read != NEVER) & ~reported[place]))


def apart(log: LogLike, engine: Engine) -> LogLike:
    """Give the log with every repeated delivery as a message of its own."""
    return engine.prepared(log, _apart(log))


def _apart(log: LogLike) -> Messages:
    messages, folded, place = log.messages, log.folded, log.merged_into
    rows = _reports(log)
    order = rows[np.argsort(place[rows], kind="stable")]
    again = order[1:][place[order[1:]] == place[order[:-1]]]
    bare = again[messages.delivered[again] == NEVER]
    copies = np.arange(1, len(again) + 1, dtype=np.uint64)
    # A microsecond later: what ties is put in order by ids, which takes long to look up.
    return replace(
        messages,
        kind=_with(messages.kind, again, folded.kind[place[again]] & np.uint16(255)),
        sent=_with(messages.sent, again, folded.sent[place[again]]),
        id_hash=_with(messages.id_hash, again, messages.id_hash[again] * np.uint64(0x9E3779B97F4A7C15) + copies),
        delivered=_with(messages.delivered, again, messages.delivered[again] + (messages.delivered[again] != NEVER)),
        read=_with(messages.read, bare, messages.read[bare] + 1),
    )


def _with(column: npt.NDArray[Any], rows: Int64, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give a column with other values in some rows: itself where they are the same, for a copy takes room."""
    if np.array_equal(column[rows], values):
        return column
    made = column.copy()
    made[rows] = values
    return made


def recategorised(
    log: LogLike, engine: Engine, pairs: Mapping[Category, Category], rows: Bools | None = None
) -> LogLike:
    """Give the log with templates of one category sent as another: all of them, or those in some rows."""
    messages, folded = log.messages, log.folded
    every = np.ones(len(messages), np.bool_) if rows is None else rows
    made = replace(messages, kind=_recategorised(messages.kind, pairs, every))
    return engine.in_place(log, made, replace(folded, kind=_recategorised(folded.kind, pairs, every[folded.row])))


def _recategorised(kind: UInt16, pairs: Mapping[Category, Category], among: Bools) -> UInt16:
    own = (kind & CATEGORY_MASK) >> CATEGORY_SHIFT
    made = kind.copy()
    for source, target in pairs.items():
        chosen = among & (own == source) & ((kind & OUTBOUND) != 0)
        made[chosen] = (kind[chosen] & ~np.uint16(CATEGORY_MASK)) | np.uint16(int(target) << CATEGORY_SHIFT)
    return made
