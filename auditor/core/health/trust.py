"""How far the log can be trusted, before any judgement of the invoice (formats.md §6)."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import timedelta

import numpy as np
from numba import njit

from auditor.core.alike import value_at
from auditor.core.health.coverage import coverage
from auditor.core.health.gaps import Lost
from auditor.core.health.unlogged import unlogged
from auditor.core.health.widening import NOT_KEPT
from auditor.core.kinds import FAILED
from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import READ_ONLY
from auditor.core.kinds import UNSENT
from auditor.core.records import Account
from auditor.core.results import CoverageDay
from auditor.core.results import Health
from auditor.core.results import HealthFinding
from auditor.core.results import Unlogged
from auditor.core.rows import Rows
from auditor.core.tables import NEVER
from auditor.core.tables import Bools
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Reason
from auditor.core.tables import UInt16
from auditor.core.threads import Folded
from auditor.core.timeline import DAY
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import local_day
from auditor.core.timeline import zones


@dataclass(frozen=True, slots=True)
class LogCounts:
    """What is counted of a log's messages, whatever they cost; parts of a log, each of whole threads, add up.

    `messages` are those merged from `rows`, `statuses` those outbound, delivered and of no group, of which `unsent`
    lack their sending; `without_end` were neither delivered nor failed, `before_sent` delivered before they were sent.
    `first` and `last` are the instants between which messages lie (`NEVER`: none has one).
    """

    rows: int
    messages: int
    read_only: int
    statuses: int
    unsent: int
    without_end: int
    before_sent: int
    per_day: Mapping[tuple[str, date], int]
    first: int
    last: int

    def __add__(self, other: "LogCounts") -> "LogCounts":
        """Add what another part of the same log holds."""
        known = [one for one in (self, other) if one.first != NEVER]
        sums = {name: getattr(self, name) + getattr(other, name) for name in _SUMS}
        return LogCounts(
            **sums,
            per_day=Counter(self.per_day) + Counter(other.per_day),
            first=min((one.first for one in known), default=int(NEVER)),
            last=max((one.last for one in known), default=int(NEVER)),
        )


_SUMS = ("rows", "messages", "read_only", "statuses", "unsent", "without_end", "before_sent")


def counts_of(rows: Rows, folded: Folded, account: Account) -> LogCounts:
    """Count a log's messages, or those of a part of it."""
    first, last = _span(folded.live, folded.sent, folded.billed)
    messages, read_only, delivered, unsent, without_end, before_sent = _counts(
        folded.live, folded.kind, folded.sent, folded.billed
    )
    return LogCounts(
        rows=len(rows),
        messages=messages,
        read_only=read_only,
        statuses=delivered,
        unsent=unsent,
        without_end=without_end,
        before_sent=before_sent,
        per_day=_per_day(folded, account, rows.numbers, (first, last)),
        first=first,
        last=last,
    )


def health(seen: LogCounts, numbers: Sequence[str], kinds: ChargeKinds, account: Account, missing: Lost) -> Health:
    """Tell messages per number and local day, and collect the signs that something is missing or odd."""
    per_day = {place: seen.per_day[place] for place in sorted(seen.per_day)}
    beside = coverage(missing.active, per_day, numbers, account) if missing.active else ()
    beyond = unlogged(per_day, _owners(missing, numbers, account), account)
    # Messages of groups may have no `sent` each. A log in which many lack it was made without: that is said instead.
    common = seen.unsent > NOT_KEPT * seen.statuses
    findings = [
        *_beyond_log(beyond, account),
        *_counted("duplicates", seen.rows - seen.messages),
        *_counted("read_without_delivered", seen.read_only),
        *_counted("times_of_sending_not_kept" if common else "statuses_without_message", seen.unsent),
        *_counted("sent_without_end", seen.without_end),
        *_counted("delivered_before_sent", seen.before_sent),
        *_counted("failed_after_delivery", _with(kinds, Reason.FAILED_AFTER_DELIVERY)),
        *_counted("unmapped_users", _with(kinds, Reason.NO_MARKET)),
        *_counted("answers_outside_window", _with(kinds, Reason.OUTSIDE_WINDOW)),
        *_silent_days(per_day, account),
        *_silent_hours(beside),
    ]
    return Health(
        messages=sum(per_day.values()),
        findings=tuple(findings),
        per_day=per_day,
        first=seen.first,
        last=seen.last,
        near_ends=_near_ends(per_day, account),
        coverage=beside,
        gaps=missing.gaps,
        widened=missing.widened,
        unlogged=beyond,
    )


def _owners(missing: Lost, numbers: Sequence[str], account: Account) -> Mapping[str, str]:
    """Tell whose number each is: the log says so, or the account."""
    stated = {number.id: waba.id for waba in account.wabas for number in waba.numbers}
    if missing.active is None:
        return stated
    return stated | {name: account.wabas[int(missing.active.waba[n])].id for n, name in enumerate(numbers)}


def _beyond_log(beyond: Sequence[Unlogged], account: Account) -> list[HealthFinding]:
    """Name the days of which the log has nothing of an account, and the numbers that it never names."""
    names = {waba.id: waba.name or waba.id for waba in account.wabas}
    return [
        HealthFinding(
            "number_not_in_log" if one.phone_number_id else "days_not_in_log",
            one.phone_number_id, one.first, (one.last - one.first).days + 1, {"account": names[one.waba_id]},
        )
        for one in beyond
    ]  # fmt: skip


@njit(cache=True, nogil=True)
def _counts(live: Bools, kind: UInt16, sent: Int64, billed: Int64) -> tuple[int, int, int, int, int, int]:
    """Count all messages, then of the outbound ones those that `LogCounts` names, in its order.

    What was sent by hand from the app is out of the log: it counts as a message alone, for its row repeats none.
    """
    messages, read_only, delivered, unsent, without_end, before_sent = 0, 0, 0, 0, 0, 0
    for i in range(len(live)):
        if not live[i]:
            messages += kind[i] & OUTBOUND != 0
            continue
        messages += 1
        what = kind[i]
        if not what & OUTBOUND:
            continue
        read_only += what & READ_ONLY != 0
        if billed[i] == NEVER:
            without_end += what & FAILED == 0
            continue
        if not what & GROUP:
            delivered += 1
            unsent += what & UNSENT != 0
        before_sent += sent[i] != NEVER and billed[i] < sent[i]
    return messages, read_only, delivered, unsent, without_end, before_sent


@njit(cache=True, nogil=True)
def _span(live: Bools, sent: Int64, billed: Int64) -> tuple[int, int]:
    """Give the first and the last instant of all messages (`NEVER`: none has one)."""
    earliest, latest = NEVER, NEVER
    for i in range(len(live)):
        at = sent[i] if sent[i] != NEVER else billed[i]
        if live[i] and at != NEVER:
            earliest = at if earliest == NEVER or at < earliest else earliest
            latest = at if latest == NEVER or at > latest else latest
    return earliest, latest


@njit(cache=True, nogil=True)
def _count_days(
    live: Bools, number: Int32, sent: Int64, billed: Int64, waba: Int16, first: Int64, starts: Int64, offsets: Int64,
    start: int, counts: Int64,
) -> None:  # fmt: skip
    """Add every message of a known instant to `counts[number, day]`, by its local day from `start` on."""
    for i in range(len(live)):
        at = sent[i] if sent[i] != NEVER else billed[i]
        if live[i] and at != NEVER:
            counts[number[i], local_day(at, value_at(waba, i), first, starts, offsets) - start] += 1


def _per_day(
    folded: Folded, account: Account, numbers: Sequence[str], span: tuple[int, int]
) -> Mapping[tuple[str, date], int]:
    """Count messages by number and local day; `span` are their first and last instant."""
    if span[0] == NEVER:
        return {}
    # No zone is a day or more from UTC: what has a date in one is at most a day beside that.
    start, end = span[0] // DAY - 1, span[1] // DAY + 1
    tables = zones(tuple(one.time_zone for one in account.wabas))
    counts = np.zeros((len(numbers), end - start + 1), np.int64)
    _count_days(
        folded.live, folded.number, folded.sent, folded.billed, folded.waba, tables.first, tables.starts,
        tables.offsets, start, counts,
    )  # fmt: skip
    number_of, day = counts.nonzero()
    pairs = zip(number_of.tolist(), day.tolist(), counts[number_of, day].tolist(), strict=True)
    return {(numbers[n], day_of(start + later)): count for n, later, count in pairs}


def _counted(code: str, count: int) -> list[HealthFinding]:
    return [HealthFinding(code, "", None, count)] if count else []


def _with(kinds: ChargeKinds, reason: Reason) -> int:
    """Count the charges that have a reason."""
    return int(kinds.count[(kinds.reasons & reason) != 0].sum())


def _near_ends(per_day: Mapping[tuple[str, date], int], account: Account) -> int:
    """Count the messages of the period's first and last day and of the days beside them: another cut moves them."""
    beside = {account.first - timedelta(days=1), account.first, account.last, account.last + timedelta(days=1)}
    return sum(count for (_, day), count in per_day.items() if day in beside)


def _silent_hours(beside: Sequence[CoverageDay]) -> list[HealthFinding]:
    """Name the days on which a number is silent for hours in which it is usually active."""
    return [
        HealthFinding("hours_without_messages", row.phone_number_id, row.day, row.silent_hours)
        for row in beside
        if row.messages and row.silent_hours
    ]


def _silent_days(per_day: Mapping[tuple[str, date], int], account: Account) -> list[HealthFinding]:
    """Name the days of the period on which a number that is otherwise busy has no message at all."""
    numbers = sorted({number for number, _ in per_day})
    length = day_number(account.last) - day_number(account.first) + 1
    days = [account.first + timedelta(days=n) for n in range(length)]
    return [
        HealthFinding("day_without_messages", number, day, 0)
        for number in numbers
        for day in days
        if (number, day) not in per_day
    ]
