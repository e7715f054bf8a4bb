"""SUMMARY as formats.md §8 has it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.results import CauseAmount
from auditor.core.results import Support
from auditor.writers.tables import summary
from auditor.writers.tables import write_summary
from tests.writers.sample_result import sample_result


def test_that_the_summary_has_the_keys_and_figures_of_the_format(tmp_path: Path) -> None:
    made = json.loads(write_summary(sample_result(), tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert made["audit"] == "Andina Retail, octubre 2026"
    assert made["period"] == "2026-10"
    assert made["currency"] == "USD"
    assert made["expected"] == {"amount": "1704.95", "low": "1704.95", "high": "1708.05"}
    assert made["invoiced"]["amount"] == "1723.77"
    assert made["invoiced"]["by_layer"] == {"meta": "1723.77", "subscription": "250.00", "tax": "352.11"}
    assert made["difference"] == "18.82"
    assert made["unexplained"] == "29.32"
    assert made["imports"][0]["file"] == "mensajes_2026-10.jsonl.gz"
    assert {"file", "sha256", "kept", "left_out", "refused"} <= set(made["imports"][0])
    assert made["health"]["messages"] == sample_result().health.messages


def test_that_lines_carry_nulls_for_what_is_not_broken_down_and_causes_that_add_up() -> None:
    result = sample_result()
    bare = replace(result.differences[0], market="", period="", waba_id="")
    lines = summary(replace(result, differences=(bare, *result.differences[1:])))["lines"]
    assert isinstance(lines, list)
    assert (lines[0]["market"], lines[0]["period"], lines[0]["waba_id"]) == (None, None, None)
    assert lines[0]["expected_quantity"] == 12_400
    assert lines[0]["invoiced_quantity"] == 12_650
    assert (lines[0]["expected_amount"], lines[0]["invoiced_amount"], lines[0]["difference"]) == (
        "871.72",
        "889.30",
        "17.58",
    )
    assert lines[0]["causes"] == [{"cause": "month_cut", "amount": "17.58"}]
    assert lines[7]["status"] == "missing"
    assert lines[7]["invoiced_amount"] is None
    for line in lines:
        assert sum((Decimal(cause["amount"]) for cause in line["causes"]), Decimal(0)) == Decimal(line["difference"])


def test_that_a_possible_cause_is_not_counted() -> None:
    lines = summary(sample_result())["lines"]
    assert isinstance(lines, list)
    assert lines[8]["causes"] == [{"cause": "unexplained", "amount": "28.12"}]
    assert lines[8]["possible_causes"] == [{"cause": "log_gap", "amount": "28.12"}]


def test_that_what_speaks_for_a_cause_that_competes_stands_beside_it() -> None:
    result = sample_result()
    support = Support(1, 3, Decimal("0.25"), 2, ("fx",))
    rival = CauseAmount("month_cut", Decimal("9.00"), "possible", support=support)
    line = replace(result.differences[0], causes=(rival,))
    lines = summary(replace(result, differences=(line, *result.differences[1:])))["lines"]
    assert isinstance(lines, list)
    told = {"lines_right": 1, "lines_different": 3, "share": "0.25", "lines_against": 2, "beside": ["fx"]}
    assert lines[0]["possible_causes"] == [{"cause": "month_cut", "amount": "9.00", "support": told}]


def test_that_the_bridge_adds_up_to_the_difference() -> None:
    made = summary(sample_result("PEN"))
    assert isinstance(made["bridge"], list)
    assert made["bridge"][-1]["cause"] == "unexplained"
    assert sum((Decimal(step["amount"]) for step in made["bridge"]), Decimal(0)) == Decimal(str(made["difference"]))


def test_that_a_period_of_several_months_is_its_first_and_last_day() -> None:
    result = sample_result()
    longer = replace(result, account=replace(result.account, last=date(2026, 11, 15)))
    assert summary(longer)["period"] == "2026-10-01/2026-11-15"


def test_that_a_summary_replaces_the_old_one_or_leaves_it(tmp_path: Path) -> None:
    target = tmp_path / "summary.json"
    target.write_text("old", encoding="utf-8")
    write_summary(sample_result(), target)
    assert json.loads(target.read_text(encoding="utf-8"))["difference"] == "18.82"
    with pytest.raises(AuditorError) as refused:
        write_summary(sample_result(), tmp_path / "nowhere" / "summary.json")
    assert refused.value.code == "file_not_writable"
    assert list(tmp_path.iterdir()) == [target]
