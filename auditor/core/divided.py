"""A log larger than memory: divided into parts of whole threads, which stand in memory one after another.

The first pass over the rows puts each on the shelf of its part. The second merges every part into messages, puts those
on the shelf in place of the rows, and gathers what threads have in common: ids of several users, windows of groups, and
the order of messages that tie, for which the texts of their ids are asked once for all parts. From then on a part is
taken from its shelf and made ready by the functions that make a whole log ready, as often as it is wanted. How many
parts there are changes no charge.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Protocol

import numpy as np

from auditor.core.charging import Log
from auditor.core.charging import Walked
from auditor.core.charging import sent_orders_until
from auditor.core.edges import Gathering
from auditor.core.edges import Shelf
from auditor.core.edges import Shelved
from auditor.core.groups import group_windows
from auditor.core.groups import in_shares
from auditor.core.groups import shared_ids
from auditor.core.health.activity import Activity
from auditor.core.health.activity import Counter
from auditor.core.health.seen import Seen
from auditor.core.parts import ORIGIN
from auditor.core.parts import Columns
from auditor.core.parts import Divisible
from auditor.core.parts import Part
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.regimes import Regime
from auditor.core.scattering import spread
from auditor.core.scattering import take_places
from auditor.core.scattering import thread_hashes
from auditor.core.tables import Int64
from auditor.core.threads import Common
from auditor.core.threads import Names
from auditor.core.threads import Ranked
from auditor.core.threads import arranged
from auditor.core.threads import complete
from auditor.core.threads import merged
from auditor.core.threads import ranked_by
from auditor.core.threads import remembered
from auditor.core.threads import tied_rows

Shelves = Callable[[], Shelf]
# So many rows of all parts wait to be put on shelves together: every batch there costs something.
_ROWS_AT_ONCE = 500_000


class Check(Protocol):
    """Looks at every part of a log, once, when it is made ready first, and raises where it may not be used."""

    def look(self, log: Log, part: Part) -> None:
        """Look at a part."""

    def finish(self) -> None:
        """Compare what lies in different parts."""


class _Unchecked:
    def look(self, log: Log, part: Part) -> None:
        pass

    def finish(self) -> None:
        pass


UNCHECKED = _Unchecked()


class DividedLog:
    """A log in parts (`charging.Parted`)."""

    def __init__(
        self, rows: Divisible, names: Names, ranked: Ranked, account: Account, regimes: Sequence[Regime], parts: int,
        shelves: Shelves, check: Check = UNCHECKED, progress: Progress = unwatched,
    ) -> None:  # fmt: skip
        """Divide a log into so many parts; `names` and `ranked`, for many at once, know its rows by their origins."""
        self.rows = rows
        self.ranked = ranked_by(remembered(names, {}))
        self._ranked = ranked
        self.walks: dict[object, Walked] = {}
        self._account, self._shelves, self._check = account, shelves, check
        self._until = sent_orders_until(account, regimes)
        counter = Counter(len(rows.numbers), account, len(rows.numbers))
        self._parts = _divided(rows, parts, shelves, counter.add)
        self.active: Activity = counter.activity()
        self._common, self._tied = self._gathered(progress)
        self._seen: Seen | None = None

    def _gathered(self, progress: Progress) -> tuple[Common, Int64]:
        """Merge every part, to gather what threads have in common and which rows tie, those in order.

        A part is laid aside while the next one is merged.
        """
        ids = [self._shelves() for _ in self._parts]
        events, tied, told, done = [], [np.zeros(0, np.int64)], False, 0
        groups = len(self.rows.groups)
        with ThreadPoolExecutor(cpu_count()) as pool, ThreadPoolExecutor(1) as keeper:
            kept: Future[None] | None = None
            for part in self._parts:
                m = merged(part, pool)
                for shelf, share in zip(ids, in_shares(m.mixed_ids(), len(ids)), strict=True):
                    shelf.put({"id": share})
                events.append(m.group_events(groups))
                told |= m.tells_templates
                partitions = arranged(m, self._until, pool)
                tied.append(part.column(ORIGIN)[tied_rows(m, partitions, self._until)])
                if kept is not None:
                    kept.result()
                kept = keeper.submit(part.replace_rows, m, partitions)
                done += len(part)
                progress("load", done, len(self.rows))
            if kept is not None:
                kept.result()
        shared = shared_ids(np.concatenate([batch["id"] for batch in shelf.batches()]) for shelf in ids)
        return Common(shared, group_windows(events), told), np.sort(np.concatenate(tied))

    def parts(self) -> Iterator[Log]:
        """Make one part after another ready."""
        ranks = self._ranked(self._tied) if len(self._tied) else self._tied
        seen: Seen | None = None
        for part in self._parts:
            log = self._ready(part, ranks)
            if self._seen is None:
                self._check.look(log, part)
                seen = log.seen() if seen is None else seen + log.seen()
            yield log
        if self._seen is None:
            self._check.finish()
            self._seen = seen

    def _ready(self, part: Part, ranks: Int64) -> Log:
        origin = part.column(ORIGIN)

        def ranked(rows: Int64) -> Int64:
            return ranks[np.searchsorted(self._tied, origin[rows])]

        m, partitions = part.messages()
        m.mark_groups(self._common.shared)
        folded = complete(m, partitions, self._common, len(self.rows.groups), self._until, ranked)
        return Log(part, folded, m.merged_into, _no_names, self.active, self._account, origin=origin)

    def gathering(self) -> Gathering:
        """Give a shelf for units that are counted in order."""
        return Shelved(self._shelves())

    def seen(self) -> Seen:
        """Count what there is of its messages: known once all parts were made ready."""
        if self._seen is None:
            for _ in self.parts():
                pass
        assert self._seen is not None
        return self._seen


def _no_names(_: Int64) -> Sequence[tuple[str, str]]:
    raise AssertionError("a part of a log is ranked by the whole")


def _divided(rows: Divisible, count: int, shelves: Shelves, watch: Callable[[Columns], None]) -> list[Part]:
    """Read the rows once and put each on the shelf of its part, in their order; threads stay whole.

    A batch is put there while the next one is read.
    """
    parts = [Part(rows, shelves(), _ROWS_AT_ONCE // count) for _ in range(count)]
    with ThreadPoolExecutor(cpu_count()) as pool, ThreadPoolExecutor(1) as keeper:
        kept: Future[None] | None = None
        for batch in rows.with_origins():
            watched = pool.submit(watch, batch)
            own = (thread_hashes(batch["number"], batch["user"]) % np.uint64(count)).astype(np.uint16)
            ends = np.cumsum(np.bincount(own, minlength=count))
            place = take_places(own, np.concatenate([np.zeros(1, np.int64), ends[:-1]]))
            varying = batch.keys() - rows.constants.keys()  # what is alike in every row is so in any order
            ordered = {**batch, **{name: np.empty_like(batch[name]) for name in varying}}
            for done in [pool.submit(spread, batch[name], place, ordered[name]) for name in varying]:
                done.result()
            watched.result()
            if kept is not None:
                kept.result()  # no more than one batch waits, and a full disk is told before the next
            kept = keeper.submit(_put, parts, ordered, ends)
        if kept is not None:
            kept.result()
    return parts


def _put(parts: Sequence[Part], ordered: Columns, ends: Int64) -> None:
    """Put rows that lie in the order of their parts on the shelves of these."""
    for part, start, end in zip(parts, (0, *ends[:-1].tolist()), ends.tolist(), strict=True):
        if end > start:
            part.put({name: column[start:end] for name, column in ordered.items()})
