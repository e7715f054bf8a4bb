"""When things happened: messages and the units behind differences, by local day and hour (workpaper.md §3.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from auditor.core.tables import NEVER
from auditor.core.tables import Account
from auditor.core.tables import Charges
from auditor.core.tables import Difference
from auditor.core.tables import HourUse
from auditor.core.tables import Int16
from auditor.core.tables import Int64
from auditor.core.tables import Status
from auditor.core.threads import Folded
from auditor.core.timeline import HOUR
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import zones

_SETTLED = (Status.MATCHED, Status.WITHIN_TOLERANCE)


def by_hour(
    folded: Folded, charges: Charges, cell_of: Int64, differences: Sequence[Difference], account: Account
) -> Mapping[tuple[date, int], HourUse]:
    """Count, for each hour of the period's local days that has any, the messages and the units that differ.

    A message counts when it was sent, or delivered where that is not known. `cell_of` gives each charge's cell.
    """
    places = np.flatnonzero(folded.live)
    at = np.where(folded.sent[places] != NEVER, folded.sent[places], folded.billed[places])
    known = at != NEVER
    cells = [cell for line in differences if line.status not in _SETTLED for cell in line.cells]
    behind = np.flatnonzero(np.isin(cell_of, np.array(cells, np.int64)))
    size = 24 * (day_number(account.last) - day_number(account.first) + 1)
    messages = _counted(at[known], folded.waba[places[known]], account, size)
    differing = _counted(charges.billed_at[behind], charges.waba[behind], account, size)
    start = day_number(account.first)
    return {
        (day_of(start + hour // 24), hour % 24): HourUse(int(messages[hour]), int(differing[hour]))
        for hour in np.flatnonzero(messages + differing).tolist()
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
