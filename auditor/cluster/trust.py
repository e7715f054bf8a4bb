"""How far a log on a cluster can be trusted: what partitions counted, put together as the desktop counts it whole."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.cluster.priced import Second
from auditor.cluster.run import Run
from auditor.cluster.stages import Walked
from auditor.cluster.stages import connected
from auditor.cluster.stages import in_order
from auditor.cluster.stages import stored_log
from auditor.core.audit import replay_of
from auditor.core.charges import Priced
from auditor.core.checks.cross_check import Disagreements
from auditor.core.checks.cross_check import cross_checked
from auditor.core.exchange import Exchange
from auditor.core.health.activity import Activity
from auditor.core.health.activity import Counter
from auditor.core.health.activity import Statuses
from auditor.core.health.gaps import lost
from auditor.core.health.trust import health
from auditor.core.health.widening import sample_weight
from auditor.core.records import Account
from auditor.core.results import Cell
from auditor.core.results import Health
from auditor.core.results_checks import CrossCheck
from auditor.core.tables import NEVER
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Int32
from auditor.core.tables import Messages
from auditor.core.terms import Terms
from auditor.project.log import StoredLog


def health_of(
    run: Run, walked: Sequence[Walked], priced: Priced, kinds: ChargeKinds, cells: Sequence[Cell], terms: Terms
) -> Health:
    """Tell what is known of the log; rows are brought only where a trace of a gap asks what it costs."""
    account = terms.account
    counts = reduce(add, (one.counts for one in walked))
    active, seen = _activity(run, walked, account), _statuses(run.numbers, walked)
    replay = replay_of(terms, Exchange(account.fx, ()))
    missing = lost(_Sample(run, account), active, seen, account, account.charged_in, cells, priced.allowances, replay)
    return health(counts, run.numbers, kinds, account, missing)


def cross_check_of(run: Run, second: Second, terms: Terms) -> CrossCheck:
    """Put together where Meta's logged pricing disagrees; messages are known by their places, in order of the log."""
    parts = run.checked(second)
    places = sorted({place for one in parts for _, place in one.alike.values()})
    rows = {place: row for row, place in enumerate(places)}
    alike: dict[tuple[int, ...], tuple[int, int]] = {}
    for one in parts:
        for kind, (count, place) in one.alike.items():
            before, first = alike.get(kind, (0, rows[place]))
            alike[kind] = before + count, min(first, rows[place])
    compared = sum(one.compared for one in parts)
    return cross_checked(Disagreements(compared, alike), second.kinds.values, terms)


def _activity(run: Run, walked: Sequence[Walked], account: Account) -> Activity:
    """Put the activity of all numbers into one table."""
    place = {number: n for n, number in enumerate(run.numbers)}
    wabas = {waba: n for n, waba in enumerate(dict.fromkeys(waba.id for waba in account.wabas))}
    owner = np.array([wabas.get(run.seen.numbers[number][1], -1) for number in run.numbers], np.int16)
    counter = Counter(len(place), account, len(place))
    silent = np.full(len(place), NEVER)
    counter.add({"number": np.arange(len(place)), "waba": owner, "sent": silent, "delivered": silent, "read": silent})
    active = counter.activity()
    for number, table in run.activity():
        bins = table.column("bin").to_numpy()
        active.counts[place[number], bins] = table.column("events").to_numpy()
        active.begun[place[number], bins] = table.column("begun").to_numpy()
    for one in walked:
        active.goes_on[[place[number] for number in one.numbers]] |= one.goes_on
    return active


def _statuses(numbers: Sequence[str], walked: Sequence[Walked]) -> Statuses:
    """Put the statuses of all partitions together, each number by its place in the whole log."""
    place = {number: n for n, number in enumerate(numbers)}
    parts = []
    for one in walked:
        own = np.array([place[number] for number in one.numbers], np.int32)
        delivered = np.zeros((len(numbers), one.seen.delivered.shape[1]), np.int64)
        delivered[own] = one.seen.delivered
        parts.append(replace(one.seen, number=own[one.seen.number], delivered=delivered))
    return reduce(add, parts)


class _Sample:
    """`Rows` that are brought from the cluster when they are wanted: of as many users as are looked at."""

    def __init__(self, run: Run, account: Account) -> None:
        self._run = run
        self._account = account
        self.numbers = run.numbers
        self.constants: Mapping[str, int] = {}

    def __len__(self) -> int:
        return self._run.seen.kept

    @cached_property
    def _stored(self) -> StoredLog:
        rows = in_order([self._run.sample(sample_weight(len(self)))])
        return stored_log(connected(), rows, self._account)

    @cached_property
    def _places(self) -> Int32:
        place = {number: n for n, number in enumerate(self.numbers)}
        return np.array([place[number] for number in self._stored.numbers], np.int32)

    @property
    def countries(self) -> tuple[str, ...]:
        return self._stored.countries

    @property
    def groups(self) -> tuple[str, ...]:
        return self._stored.groups

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        return self._stored.amounts

    def batches(self) -> Iterator[Mapping[str, npt.NDArray[Any]]]:
        for batch in self._stored.batches():
            yield {**batch, "number": self._places[batch["number"]]}

    def templates(self) -> tuple[tuple[str, ...], Int32]:
        return self._stored.templates()

    def whole(self) -> Messages:
        columns = self._stored.whole()
        return replace(columns, number=self._places[columns.number], numbers=self.numbers)
