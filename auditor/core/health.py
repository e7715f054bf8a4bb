"""How far the log can be trusted, before any judgement of the invoice (formats.md §6)."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from auditor.core.coverage import coverage
from auditor.core.gaps import Lost
from auditor.core.kinds import FAILED
from auditor.core.kinds import GROUP
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import READ_ONLY
from auditor.core.kinds import UNSENT
from auditor.core.rows import Rows
from auditor.core.tables import NEVER
from auditor.core.tables import Account
from auditor.core.tables import ChargeKinds
from auditor.core.tables import CoverageDay
from auditor.core.tables import Health
from auditor.core.tables import HealthFinding
from auditor.core.tables import Int64
from auditor.core.tables import Reason
from auditor.core.threads import Folded
from auditor.core.timeline import DAY
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import zones
from auditor.core.widening import NOT_KEPT


def health(rows: Rows, folded: Folded, kinds: ChargeKinds, account: Account, missing: Lost) -> Health:
    """Count messages per number and local day, and collect the signs that something is missing or odd."""
    places = _live(folded)
    at = np.where(folded.sent[places] != NEVER, folded.sent[places], folded.billed[places])
    known = at != NEVER
    places, at = places[known], at[known]
    days = _local_days(at, folded.waba[places], account)
    per_day = _per_day(folded.number[places], days, rows.numbers)
    beside = coverage(missing.active, per_day, rows.numbers, account) if missing.active else ()
    findings = [
        *_counted("duplicates", len(rows) - len(_live(folded))),
        *_counted("read_without_delivered", _read_only(folded)),
        *_unsent(folded),
        *_counted("sent_without_end", _without_end(folded)),
        *_counted("delivered_before_sent", _before_sent(folded)),
        *_counted("failed_after_delivery", _with(kinds, Reason.FAILED_AFTER_DELIVERY)),
        *_counted("unmapped_users", _with(kinds, Reason.NO_MARKET)),
        *_counted("answers_outside_window", _with(kinds, Reason.OUTSIDE_WINDOW)),
        *_silent_days(per_day, account),
        *_silent_hours(beside),
    ]
    return Health(
        messages=len(places),
        findings=tuple(findings),
        per_day=per_day,
        first=int(at.min()) if len(at) else int(NEVER),
        last=int(at.max()) if len(at) else int(NEVER),
        near_ends=_near_ends(days, account),
        coverage=beside,
        gaps=missing.gaps,
        widened=missing.widened,
    )


def _live(folded: Folded) -> Int64:
    """Give the places of messages (duplicates leave places behind that hold none)."""
    return np.flatnonzero(folded.live)


def _local_days(at: Int64, waba: npt.NDArray[np.int16], account: Account) -> Int64:
    tables = zones(tuple(one.time_zone for one in account.wabas))
    days = np.empty(len(at), np.int64)
    for n in range(len(account.wabas)):
        own = waba == n
        starts = tables.starts[tables.first[n] : tables.first[n + 1]]
        offsets = tables.offsets[tables.first[n] : tables.first[n + 1]]
        moments = at[own]
        days[own] = (moments + offsets[np.searchsorted(starts, moments, side="right") - 1]) // DAY
    return days


def _per_day(number: npt.NDArray[np.int32], days: Int64, numbers: Sequence[str]) -> Mapping[tuple[str, date], int]:
    keys, counts = np.unique(number.astype(np.int64) * 1_000_000 + days, return_counts=True)
    pairs = zip(keys.tolist(), counts.tolist(), strict=True)
    return {(numbers[key // 1_000_000], day_of(key % 1_000_000)): count for key, count in pairs}


def _counted(code: str, count: int) -> list[HealthFinding]:
    return [HealthFinding(code, "", None, count)] if count else []


def _with(kinds: ChargeKinds, reason: Reason) -> int:
    """Count the charges that have a reason."""
    return int(kinds.count[(kinds.reasons & reason) != 0].sum())


def _read_only(folded: Folded) -> int:
    return int(np.sum(folded.live & ((folded.kind & OUTBOUND) != 0) & ((folded.kind & READ_ONLY) != 0)))


def _unsent(folded: Folded) -> list[HealthFinding]:
    """Count statuses of messages that the log does not know: nothing tells when they were sent.

    Messages of groups may have none each. A log in which many lack it was made without: that is said instead.
    """
    own = folded.live & ((folded.kind & OUTBOUND) != 0) & ((folded.kind & GROUP) == 0) & (folded.billed != NEVER)
    unsent = int(np.sum(own & ((folded.kind & UNSENT) != 0)))
    common = unsent > NOT_KEPT * int(np.sum(own))
    return _counted("times_of_sending_not_kept" if common else "statuses_without_message", unsent)


def _near_ends(days: Int64, account: Account) -> int:
    """Count the messages of the period's first and last day and of the days beside them: another cut moves them."""
    first, last = day_number(account.first), day_number(account.last)
    return int(np.sum((np.abs(days - first + 0.5) < 1) | (np.abs(days - last - 0.5) < 1)))


def _silent_hours(beside: Sequence[CoverageDay]) -> list[HealthFinding]:
    """Name the days on which a number is silent for hours in which it is usually active."""
    return [
        HealthFinding("hours_without_messages", row.phone_number_id, row.day, row.silent_hours)
        for row in beside
        if row.messages and row.silent_hours
    ]


def _without_end(folded: Folded) -> int:
    """Count outbound messages that were sent and neither delivered nor failed."""
    outbound = (folded.kind & OUTBOUND) != 0
    return int(np.sum(folded.live & outbound & (folded.billed == NEVER) & ((folded.kind & FAILED) == 0)))


def _before_sent(folded: Folded) -> int:
    """Count outbound messages whose delivery is reported earlier than their sending."""
    both = (folded.sent != NEVER) & (folded.billed != NEVER) & ((folded.kind & OUTBOUND) != 0)
    return int(np.sum(folded.live & both & (folded.billed < folded.sent)))


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
