"""Which message of the customer had opened the service window in which a message was sent (pricing.md §1)."""

import numpy as np
from numba import njit

from auditor.core.alike import value_at
from auditor.core.tables import NEVER
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.threads import Folded
from auditor.core.timeline import DAY
from auditor.core.windows import last_not_after


def window_openers(folded: Folded, rows: int) -> Int64:
    """Give, for each of so many rows of the log, when the message was sent that opened the window it was sent in.

    That is the customer's last message of the 24 hours before; `NEVER` where there was none, for inbound messages, and
    for groups, which have no window of one customer.
    """
    found = np.full(rows, NEVER, np.int64)
    for part in folded.partitions:
        _find(
            part.outbound, part.outbound_first, part.inbound, part.inbound_first,
            folded.sent, folded.group, folded.row, found,
        )  # fmt: skip
    return found


@njit(cache=True, nogil=True)
def _find(
    outbound: Int64, outbound_first: Int64, inbound: Int64, inbound_first: Int64,
    sent: Int64, group: Int32, row: Int32, found: Int64,
) -> None:  # fmt: skip
    for t in range(len(outbound_first) - 1):
        for k in range(outbound_first[t], outbound_first[t + 1]):
            m = outbound[k]
            opened = last_not_after(inbound, inbound_first[t], inbound_first[t + 1], sent[m])
            if value_at(group, m) < 0 and opened != NEVER and sent[m] - opened < DAY:
                found[row[m]] = opened
