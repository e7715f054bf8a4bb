"""When things happened: messages and the units behind differences, by local day and hour (workpaper.md §3.3)."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt

from auditor.core.tables import NEVER
from auditor.core.tables import Account
from auditor.core.tables import HourUse
from auditor.core.tables import Int16
from auditor.core.tables import Int64
from auditor.core.threads import Folded
from auditor.core.timeline import HOUR
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import zones

_AT_ONCE = 1 << 20


def by_hour(
    folded: Folded, differing: Int64, differing_waba: Int16, account: Account
) -> Mapping[tuple[date, int], HourUse]:
    """Count, for each hour of the period's local days that has any, the messages and the units that differ.

    A message counts when it was sent, or delivered where that is not known. `differing` and `differing_waba` tell of
    each charge behind a difference when it was billed and for whom.
    """
    size = 24 * (day_number(account.last) - day_number(account.first) + 1)
    messages = np.zeros(size, np.int64)
    for start in range(0, len(folded.live), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        at = np.where(folded.sent[part] != NEVER, folded.sent[part], folded.billed[part])
        known = folded.live[part] & (at != NEVER)
        messages += _counted(at[known], folded.waba[part][known], account, size)
    behind = _counted(differing, differing_waba, account, size)
    first = day_number(account.first)
    return {
        (day_of(first + hour // 24), hour % 24): HourUse(int(messages[hour]), int(behind[hour]))
        for hour in np.flatnonzero(messages + behind).tolist()
    }


def _counted(at: Int64, waba: Int16, account: Account, size: int) -> npt.NDArray[np.int64]:
    """Count instants by hour of the period, each by its own account's clock."""
    tables = zones(tuple(one.time_zone for one in account.wabas))
    hours = np.zeros(len(at), np.int64)
    for n in range(len(account.wabas)):
        own = waba == n
        starts = tables.starts[tables.first[n] : tables.first[n + 1]]
        offsets = tables.offsets[tables.first[n] : tables.first[n + 1]]
        moments = at[own]
        hours[own] = (moments + offsets[np.searchsorted(starts, moments, side="right") - 1]) // HOUR
    hours -= day_number(account.first) * 24
    return np.bincount(hours[(hours >= 0) & (hours < size)], minlength=size).astype(np.int64)
