"""The readable twin gives what the scenarios worked out by hand; and the scenarios and nasty logs are whole."""

import tomllib
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.core.nasty import CASES
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import nasty_case
from tests.core.scenarios import FOLDER
from tests.core.scenarios import RULES
from tests.core.scenarios import Scenario
from tests.core.scenarios import coverage
from tests.core.scenarios import load_scenarios
from tests.core.twin import CHARGE_COLUMNS
from tests.core.twin import UNCERTAIN
from tests.core.twin import replay
from tests.core.twin_log import REGIMES
from tests.core.twin_tariff import markets

SCENARIOS = load_scenarios()
RESEARCH_CASES = set(range(1, 40)) - {38}  # 38 is an error of the account file, no log can express it
REASONS = {*UNCERTAIN, "failed_after_delivery", "outside_window", "above_max_price", "carried_over"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.file}: {scenario.name}")
def test_that_the_twin_charges_what_was_worked_out_by_hand(scenario: Scenario) -> None:
    charges = replay(scenario.rows, scenario.account, scenario.cards, markets())
    assert scenario.complaints(charges) == []


def test_that_every_rule_and_every_case_of_the_research_has_a_scenario() -> None:
    known = tomllib.loads(RULES.read_text(encoding="utf-8"))
    assert {rule for scenario in SCENARIOS for rule in scenario.rules} == set(known["rules"])
    numbered = {f"3.{rule}" for rule in range(1, 7)} | {f"4.{rule}" for rule in range(1, 8)}
    numbered |= {f"5.{rule}" for rule in range(1, 6)} | {f"9.{rule}" for rule in range(1, 6)}
    assert numbered | {"2", "5", "6", "7", "8", "10", "11"} <= set(known["rules"])
    assert {case for scenario in SCENARIOS for case in scenario.cases} == RESEARCH_CASES
    assert {int(case) for case in known["cases"]} == RESEARCH_CASES


def test_that_the_table_of_what_shows_what_is_up_to_date() -> None:
    assert (FOLDER / "COVERAGE.md").read_text(encoding="utf-8") == coverage()


def test_that_scenarios_have_names_of_their_own_and_show_their_arithmetic() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    assert all(scenario.worked for scenario in SCENARIOS)


@pytest.mark.parametrize(
    ("column", "text"), [("amount", "0.0704"), ("category", "utility"), ("reason", "no_rate"), ("unit_id", "m9")]
)
def test_that_a_scenario_notices_a_charge_that_is_off(column: str, text: str) -> None:
    scenario = next(one for one in SCENARIOS if one.name.startswith("Two templates in one hour"))
    charges = replay(scenario.rows, scenario.account, scenario.cards, markets())
    charges[0] = charges[0] | {column: text}
    assert scenario.complaints(charges)


def test_that_a_summary_notices_a_charge_too_many_and_one_that_is_off() -> None:
    scenario = next(one for one in SCENARIOS if one.name.startswith("The article"))
    charges = replay(scenario.rows, scenario.account, scenario.cards, markets())
    off = [charges[0] | {"amount": "0.07"}, *charges[1:]]
    assert scenario.complaints([*charges, charges[0] | {"category": "service"}])
    assert len(scenario.complaints(off)) == 2  # its group and the total
    assert replace(scenario, total=Decimal(0)).complaints(charges)


def test_that_rows_in_any_order_and_twice_over_give_the_same_charges() -> None:
    for scenario in SCENARIOS:
        rows = [*scenario.rows, *scenario.rows][::-1]
        if len(scenario.rows) < 50:
            assert scenario.complaints(replay(rows, scenario.account, scenario.cards, markets())) == []


def test_that_charges_of_nasty_logs_are_whole_rows_in_order() -> None:
    for seed in range(0, CASES, 7):
        rows, account, cards = nasty_case(seed)
        charges = replay(rows, account, cards, markets(), allowance=SMALL_ALLOWANCE)
        order = [(charge["billed_at"].rstrip("Z"), charge["unit_id"]) for charge in charges]
        assert order == sorted(order)
        for charge in charges:
            assert tuple(charge) == CHARGE_COLUMNS
            assert (charge["amount"] == "") == (charge["pricing_type"] in ("unrated", "outside_audit"))
            if charge["amount"]:
                low, amount, high = (Decimal(charge[name]) for name in ("amount_low", "amount", "amount_high"))
                assert low <= amount <= high
                assert charge["certainty"] == "uncertain" or low == high


def test_that_nasty_logs_meet_every_regime_and_every_reason() -> None:
    met: Counter[str] = Counter()
    for seed in range(CASES):
        rows, account, cards = nasty_case(seed)
        for charge in replay(rows, account, cards, markets(), allowance=SMALL_ALLOWANCE):
            met.update([charge["regime"], charge["pricing_type"], *charge["reason"].split(";")])
    wanted = {regime for _, regime in REGIMES} | {"regular", "free_tier", "free_service", "free_entry_point"}
    assert wanted | REASONS <= set(met)


def test_that_a_nasty_case_is_the_same_each_time() -> None:
    assert nasty_case(17) == nasty_case(17)
