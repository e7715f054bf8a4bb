"""The compiled engine gives what was worked out by hand, and what its readable twin gives, on every log."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

import numpy as np
import pytest

from auditor.core import charging
from auditor.core import threads
from auditor.core.cells import cells
from auditor.core.charging import Charged
from auditor.core.charging import charge
from auditor.core.charging import every_unit
from auditor.core.kinds import APP
from auditor.core.kinds import ORIGIN_MASK
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.tables import NEVER
from tests.core.as_columns import Case
from tests.core.as_columns import charge_rows
from tests.core.nasty import CASES
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import Row
from tests.core.nasty import nasty_case
from tests.core.scenarios import Scenario
from tests.core.scenarios import load_scenarios
from tests.core.twin import replay
from tests.core.twin_tariff import markets

SCENARIOS = load_scenarios()
# More seeds for a long night: AUDITOR_NASTY_LOGS=20000.
LOGS = int(os.environ.get("AUDITOR_NASTY_LOGS", "250"))
BLOCK = 25
SOME = range(0, CASES, 9)


def in_order(charges: Sequence[Row]) -> list[Row]:
    """Sort charges; business numbers may use one message id at one instant."""
    return sorted(charges, key=lambda charge: (charge["billed_at"], charge["unit_id"], charge["phone_number_id"]))


def charged(seed: int, rows: Sequence[Row] | None = None) -> list[Row]:
    """Charge a nasty log, or other rows under its account and cards."""
    own, account, cards = nasty_case(seed)
    return in_order(charge_rows(own if rows is None else rows, account, cards, SMALL_ALLOWANCE))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.file}: {scenario.name}")
def test_that_the_engine_charges_what_was_worked_out_by_hand(scenario: Scenario) -> None:
    assert scenario.complaints(charge_rows(scenario.rows, scenario.account, scenario.cards)) == []


@pytest.mark.parametrize("first", range(0, LOGS, BLOCK))
def test_that_the_engine_charges_nasty_logs_as_its_twin_does(first: int) -> None:
    for seed in range(first, min(first + BLOCK, LOGS)):
        rows, account, cards = nasty_case(seed)
        wanted = in_order(replay(rows, account, cards, markets(), allowance=SMALL_ALLOWANCE))
        assert charged(seed) == wanted, f"seed {seed}"


def without_conflicts(rows: Sequence[Row]) -> list[Row]:
    """Keep the first row of each message: among duplicates that disagree the first one counts (formats.md §1)."""
    kept: dict[tuple[str, ...], Row] = {}
    for row in rows:
        kept.setdefault((row["direction"], row["phone_number_id"], row["message_id"], row["user"]), row)
    return list(kept.values())


@pytest.mark.parametrize("seed", SOME)
def test_that_the_order_of_rows_changes_nothing(seed: int) -> None:
    rows = without_conflicts(nasty_case(seed)[0])
    shuffled = Random(seed).sample(rows, len(rows))
    assert charged(seed, shuffled) == charged(seed, rows)


@pytest.mark.parametrize("seed", SOME)
def test_that_splitting_the_log_into_partitions_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = charged(seed)
    monkeypatch.setattr(threads, "_ROWS_IN_A_PARTITION", 2)
    assert charged(seed) == whole


@pytest.mark.parametrize("seed", SOME[::6])
def test_that_what_a_log_was_charged_before_changes_nothing(seed: int) -> None:
    again, zones = Case(*nasty_case(seed)), ("", "Asia/Kathmandu", "Pacific/Kiritimati", "")
    for zone, allowance in zip(zones, (0, 3, SMALL_ALLOWANCE, None), strict=True):
        fresh = Case(*nasty_case(seed))
        terms = replace(again.terms, allowance_size=allowance)
        one, other = (charge(case.log, terms, zone).charges for case in (again, fresh))
        for name in ("row", "billed_at", "ends_at", "messages", "kind", "belongs"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), f"{name} in {zone}, {allowance}"
        assert one.values == other.values


@pytest.mark.parametrize("seed", SOME)
def test_that_statuses_that_come_again_change_nothing(seed: int) -> None:
    rows = nasty_case(seed)[0]
    again = [row for row in rows if Random(f"{seed} {row['message_id']}").random() < 0.5]
    assert charged(seed, [*rows, *again, *again]) == charged(seed)


def test_that_the_statuses_of_a_message_may_come_row_by_row() -> None:
    times = ("sent_at", "delivered_at", "read_at", "failed_at")
    for seed in SOME:
        rows = without_conflicts(nasty_case(seed)[0])
        split = [
            row | {name: row.get(name, "") if name == kept else "" for name in times}
            for row in rows
            for kept in (times if row["direction"] == "outbound" else ("sent_at",))
        ]
        assert charged(seed, split) == charged(seed, rows), f"seed {seed}"


def whole(seed: int) -> tuple[Case, Charged]:
    """Charge a nasty log and give all there is about it."""
    case = Case(*nasty_case(seed))
    return case, case.charged(SMALL_ALLOWANCE)


def test_that_each_delivered_message_falls_under_exactly_one_charge() -> None:
    for seed in SOME:
        case, found = whole(seed)
        folded, charges = case.log.folded, found.charges
        outbound = folded.live & ((folded.kind & OUTBOUND) != 0) & (folded.billed != NEVER)
        by_hand = (folded.kind & ORIGIN_MASK) >> ORIGIN_SHIFT == APP
        places = np.flatnonzero(outbound & ~by_hand)
        belongs = charges.belongs[folded.row[places]]
        assert np.all(belongs >= 0), f"seed {seed}"
        counted = np.bincount(belongs, minlength=len(charges))
        crossing = charges.conversation & (counted != charges.messages)
        assert not np.any(crossing), f"seed {seed}"
        assert np.all(counted >= 1), f"seed {seed}"
        others = np.setdiff1d(np.arange(len(case.log.messages)), np.flatnonzero(np.isin(case.log.merged_into, places)))
        assert np.all(charges.belongs[others] == -1), f"seed {seed}"


def test_that_units_not_priced_yet_are_those_that_are_charged() -> None:
    for seed in SOME:
        case, found = whole(seed)
        every, charges = every_unit(case.log, case.terms), found.charges
        # Charges come by their instants, units as they were met: the same messages stand together in both.
        assert len(every.units) == len(charges), f"seed {seed}"
        of_rows = every.belongs[case.log.merged_into]
        assert np.array_equal(of_rows == -1, charges.belongs == -1), f"seed {seed}"
        both = set(zip(of_rows.tolist(), charges.belongs.tolist(), strict=True)) - {(-1, -1)}
        assert len(both) == len({unit for unit, _ in both}) == len({charge for _, charge in both}), f"seed {seed}"
        assert np.bincount(every.lot, minlength=len(every.lots.count)).tolist() == every.lots.count.tolist()
        assert Counter(every.units.messages.tolist()) == Counter(charges.messages.tolist()), f"seed {seed}"


def test_that_of_other_cuts_of_the_day_only_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charging, "_UNITS_REMEMBERED", 1)
    case = Case(*nasty_case(0))
    own = charge(case.log, case.terms)
    (agreed,) = case.log.walks
    for zone in ("Asia/Kathmandu", "Pacific/Kiritimati"):
        charge(case.log, case.terms, zone)
        assert len(case.log.walks) == 2, "the accounts' own, and the last"
        assert next(iter(case.log.walks)) == agreed
    assert np.array_equal(charge(case.log, case.terms).charges.billed_at, own.charges.billed_at)


def test_that_cells_add_up_to_the_charges() -> None:
    for seed in SOME:
        case, found = whole(seed)
        charges = found.charges
        made, cell_of = cells(charges.kinds, case.terms, case.log.messages.numbers)
        assert Counter(cell_of[charges.kind].tolist()) == Counter({n: cell.quantity for n, cell in enumerate(made)})
        for places, name in ((charges.amount, "amount"), (charges.low, "low"), (charges.high, "high")):
            stated = sum((charges.values[place] for place in places.tolist() if place >= 0), Decimal(0))
            assert stated == sum((getattr(cell, name) or Decimal(0) for cell in made), Decimal(0)), f"seed {seed}"


def test_that_the_order_of_rows_does_not_change_the_cells() -> None:
    for seed in SOME:
        rows, account, cards = nasty_case(seed)
        rows = without_conflicts(rows)
        found = []
        for order in (rows, Random(seed).sample(rows, len(rows))):
            case = Case(order, account, cards)
            made, _ = cells(case.charged(SMALL_ALLOWANCE).kinds, case.terms, case.log.messages.numbers)
            found.append(made)
        assert found[0] == found[1], f"seed {seed}"


def test_that_charges_alike_are_one_cell() -> None:
    for seed in SOME:
        case, found = whole(seed)
        made, _ = cells(found.kinds, case.terms, case.log.messages.numbers)
        alike = Counter((cell.waba_id, cell.phone_number_id, cell.day, cell.regime, cell.market, cell.country,
                         cell.category, cell.pricing_type, cell.tier_from, cell.rate, cell.reasons,
                         cell.amount and cell.amount / cell.quantity, cell.low and cell.low / cell.quantity,
                         cell.high and cell.high / cell.quantity) for cell in made)  # fmt: skip
        assert max(alike.values(), default=1) == 1, f"seed {seed}"


def test_that_an_empty_log_charges_nothing() -> None:
    _, account, cards = nasty_case(0)
    assert charge_rows([], account, cards) == []
