"""What is counted of a log's messages whatever they cost; it adds up over parts of a log, each of whole threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

from auditor.core.health.activity import Activity
from auditor.core.health.activity import Statuses
from auditor.core.health.activity import statuses
from auditor.core.health.trust import LogCounts
from auditor.core.health.trust import counts_of
from auditor.core.hours import messages_by_hour
from auditor.core.records import Account
from auditor.core.rows import Rows
from auditor.core.tables import Int64
from auditor.core.threads import Folded


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts for the health of a log, its messages by hour of the period, and whether Meta said anything of a price."""

    counts: LogCounts
    statuses: Statuses
    hours: Int64
    priced: bool

    def __add__(self, other: "Seen") -> "Seen":
        """Add what another part of the same log holds."""
        return Seen(
            self.counts + other.counts,
            self.statuses + other.statuses,
            self.hours + other.hours,
            self.priced or other.priced,
        )


def look(rows: Rows, folded: Folded, active: Activity, account: Account) -> Seen:
    """Count what there is of a log, or of a part of it."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        counts = pool.submit(counts_of, rows, folded, account)
        hours = pool.submit(messages_by_hour, folded, account)
        return Seen(counts.result(), statuses(folded, active), hours.result(), bool(folded.logged.any()))
