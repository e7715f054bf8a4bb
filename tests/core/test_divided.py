"""A log in parts comes to the same charges as one in memory, however many parts there are (architecture.md §3)."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from auditor.core import divided as dividing
from auditor.core.audit import audit
from auditor.core.charging import Parted
from auditor.core.charging import charge
from auditor.core.checks.cross_check import cross_check
from auditor.core.divided import DividedLog
from auditor.core.kinds import FAILED
from auditor.core.parts import Part
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.results import Allowance
from auditor.core.results_checks import CrossCheck
from auditor.core.rows import ROW_KINDS
from auditor.core.rows import InMemory
from auditor.core.tables import NEVER
from auditor.core.terms import Terms
from auditor.core.threads import ranked_by
from tests.core.as_columns import Case
from tests.core.as_columns import charge_row
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import Row
from tests.core.nasty import nasty_case

Columns = Mapping[str, npt.NDArray[Any]]
SEEDS = range(0, 228, 8)
PARTS = (1, 2, 7)
BATCH = 5


class Given(InMemory):
    """Rows that come a few at a time, known by their numbers from 1000 on."""

    def with_origins(self) -> Iterator[Columns]:
        """Give the rows with what they are known by."""
        (whole,) = self.batches()
        for first in range(0, len(self), BATCH):
            own = slice(first, first + BATCH)
            batch = {name: column[own] for name, column in whole.items()}
            yield {**batch, "origin": np.arange(first, first + len(batch["user"])) + 1000}


class Kept:
    """A shelf in memory."""

    def __init__(self) -> None:
        """Begin with none."""
        self._batches: list[Columns] = []

    def put(self, columns: Columns) -> None:
        """Keep a batch."""
        self._batches.append({name: column.copy() for name, column in columns.items()})

    def batches(self) -> list[Columns]:
        """Give the batches."""
        return [{name: column.copy() for name, column in batch.items()} for batch in self._batches]

    def clear(self) -> None:
        """Take the batches away."""
        self._batches = []


def divided(case: Case, rows: list[Row], parts: int) -> DividedLog:
    def names(origins: npt.NDArray[np.int64]) -> list[tuple[str, str]]:
        return case.names((origins - 1000).tolist())

    given = Given(messages_of(rows, case.account))
    return DividedLog(given, names, ranked_by(names), case.account, case.terms.regimes, parts, Kept)


def terms_of(case: Case) -> Terms:
    return Terms(case.account, case.terms.regimes, case.terms.markets, case.terms.tariff, (), SMALL_ALLOWANCE)


def rows_of(log: Parted, case: Case, known_from: int) -> list[dict[str, str]]:
    """Give the rows of CHARGES in their order."""
    made = []
    for part, charges in charge(log, terms_of(case)).by_part():
        rows = part.origins(charges.row) - known_from
        made += [
            charge_row(charges, n, case.terms, log.rows.numbers, case.names([row])[0])
            for n, row in enumerate(rows.tolist())
        ]
    return sorted(made, key=lambda row: (row["billed_at"], row["unit_id"], row["phone_number_id"]))


@pytest.mark.parametrize("seed", SEEDS)
def test_that_parts_change_nothing(seed: int) -> None:
    rows, account, cards = nasty_case(seed)
    case = Case(rows, account, cards)
    terms = terms_of(case)
    wanted = charge(case.log, terms, with_allowances=True)
    wanted_rows, checked = rows_of(case.log, case, 0), cross_check(wanted.by_part(), terms)
    for parts in PARTS:
        log = divided(case, rows, parts)
        found = charge(log, terms, with_allowances=True)
        assert rows_of(log, case, 1000) == wanted_rows, f"{parts} parts"
        assert [crossed(one, 1000) for one in found.allowances] == [crossed(one, 0) for one in wanted.allowances]
        assert found.untiered == wanted.untiered
        assert patterns(cross_check(found.by_part(), terms), 1000) == patterns(checked, 0)


def patterns(checked: CrossCheck, known_from: int) -> CrossCheck:
    """Give what Meta's words were found to be, each first row as its number."""
    return replace(checked, patterns=tuple(replace(one, row=one.row - known_from) for one in checked.patterns))


def crossed(allowance: Allowance, known_from: int) -> Allowance:
    """Give an allowance, the row beyond it as its number."""
    row = allowance.crossing_row
    return replace(allowance, crossing_row=row - known_from if row >= 0 else row)


@pytest.mark.parametrize("seed", [0, 120])
def test_that_rows_may_be_put_on_shelves_a_few_at_a_time(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, account, cards = nasty_case(seed)
    case = Case(rows, account, cards)
    wanted = rows_of(case.log, case, 0)
    monkeypatch.setattr(dividing, "_ROWS_AT_ONCE", 6)
    assert rows_of(divided(case, rows, 3), case, 1000) == wanted


def test_that_a_part_gives_its_rows_as_the_log_would() -> None:
    rows, account, cards = nasty_case(0)
    case = Case(rows, account, cards)
    given = Given(messages_of(rows, case.account))
    shelf = Kept()
    part = Part(given, shelf, at_once=2 * BATCH)
    for batch in given.with_origins():
        part.put(batch)
    assert [len(batch["user"]) for batch in shelf.batches()] == [2 * BATCH] * (len(rows) // (2 * BATCH))
    assert len(part) == len(rows)
    assert part.column("origin").tolist() == list(range(1000, 1000 + len(rows)))
    whole = part.whole()
    for name in ROW_KINDS.keys() - {"kind"}:
        assert np.array_equal(getattr(whole, name), getattr(given.whole(), name)), name
    assert np.array_equal(whole.kind & FAILED != 0, given.whole().failed != NEVER)
    # Templates are asked of a whole log alone.
    names, places = part.templates()
    assert (names, set(places.tolist()), len(places)) == ((), {-1}, len(rows))


def test_that_messages_take_the_place_of_the_rows_and_are_given_as_often_as_wanted() -> None:
    rows, account, cards = nasty_case(0)
    case = Case(rows, account, cards)
    log = divided(case, rows, 7)
    assert sum(map(len, log._parts)) == len(rows)
    assert all(len(list(part._shelf.batches())) == 1 for part in log._parts), "the rows are gone"
    assert rows_of(log, case, 1000) == rows_of(log, case, 1000)


def test_that_health_and_totals_are_those_of_the_whole() -> None:
    rows, account, cards = nasty_case(120)
    case = Case(rows, account, cards)
    in_memory, in_parts = (audit(log, case.terms, None, ()) for log in (case.log, divided(case, rows, 7)))
    assert (in_memory.in_parts, in_parts.in_parts) == (False, True)
    wanted, found = in_memory.result, in_parts.result
    assert found.cells == wanted.cells
    assert found.health == wanted.health
    assert found.hours == wanted.hours


def test_that_every_part_is_looked_at_once_and_what_is_refused_stops_the_charging() -> None:
    rows, account, cards = nasty_case(0)
    case = Case(rows, account, cards)
    looked: list[int] = []

    class Refusing:
        def look(self, log: Any, part: Part) -> None:
            looked.append(len(part))
            assert len(log.origin) == len(part)

        def finish(self) -> None:
            raise AuditorError("hashes_meet", Place(""), names="a, b")

    given = Given(messages_of(rows, case.account))
    log = DividedLog(
        given, lambda _: [], ranked_by(lambda _: []), ACCOUNT, case.terms.regimes, 3, Kept, Refusing()
    )  # fmt: skip
    with pytest.raises(AuditorError):
        log.seen()
    assert len(looked) == 3
    assert sum(looked) == len(rows)
