"""Who is charged anew with a number that lost events: those with whom it shares a counter whose edge was met.

An account's free allowance (pricing.md §3.5) and a portfolio's tier (§7) make the price of a number's unit depend on
what other numbers sent, but only where the edge lies among the units of the log, or of those that it lacks.
"""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from auditor.core.health.activity import Activity
from auditor.core.health.silence import Silence
from auditor.core.records import Account
from auditor.core.records import Waba
from auditor.core.results import Allowance
from auditor.core.tables import Messages

Ints = npt.NDArray[np.intp]

_SURELY = 2  # what is missing is an estimate: an edge that twice as much would meet may have been met


class Sharing:
    """Which numbers hang together, by the counters of the log as it is and by the events that its gaps lack."""

    def __init__(
        self, counters: Sequence[Allowance], gaps: Sequence[Silence], active: Activity, numbers: Sequence[str],
        account: Account,
    ) -> None:  # fmt: skip
        """Take the counters of every month; `numbers` are those that gaps point into."""
        self._wabas = {waba.id: waba for waba in account.wabas}
        self._owners = [_owners(numbers[n], account.wabas[w]) for n, w in enumerate(active.waba.tolist())]
        self._lacking = self._lost_by_owner(gaps)
        self._met = {one.owner for one in counters if one.opening < one.size < one.used + self._lack(one)}
        self._near = {one.owner for one in counters if one.kind == "allowance" and self._is_near(one)}

    def _lost_by_owner(self, gaps: Sequence[Silence]) -> Mapping[str, float]:
        lacking: dict[str, float] = {}
        for gap in gaps:
            for owner in self._owners[gap.number]:
                lacking[owner] = lacking.get(owner, 0.0) + _SURELY * float(np.mean(gap.events))
        return lacking

    def _lack(self, one: Allowance) -> float:
        return self._lacking.get(one.owner, 0.0)

    def _is_near(self, one: Allowance) -> bool:
        return abs(one.used - one.size) < self._lack(one)

    def sets(self, messages: Messages) -> Ints:
        """Give each row of a log the number of its set: rows of different sets have no influence on each other."""
        shared = [self._shared(self._wabas.get(name)) for name in messages.wabas]
        places = {one: n for n, one in enumerate(dict.fromkeys(name for name in shared if name))}
        of_waba = np.array([*(places.get(name, -1) for name in shared), -1], np.intp)[messages.waba]
        return np.where(of_waba >= 0, of_waba, len(places) + messages.number.astype(np.intp))

    def _shared(self, waba: Waba | None) -> str:
        """Name the widest counter of an account whose edge is met."""
        return next((one for one in (waba.portfolio or waba.id, waba.id) if one in self._met), "") if waba else ""

    def near(self, number: int) -> float:
        """Give the events that the owners of a number's allowances lack, where these may end among them; else 0."""
        return max((self._lacking[owner] for owner in self._owners[number] if owner in self._near), default=0.0)


def _owners(number: str, waba: Waba) -> set[str]:
    """Name those whose counters a number's units are counted in."""
    return {number, waba.id, waba.portfolio or waba.id}
