"""What gaps widen is taken from a SUMMARY as it stands, or not at all (formats.md §8)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.charge_summary import read_widening


def _written(folder: Path, below: object) -> Path:
    row = {"phone_number_id": "1", "day": "2026-10-01", "below": below, "above": "1.00"}
    path = folder / "summary.json"
    path.write_text(json.dumps({"health": {"currency": "USD", "widened": [row]}}), encoding="utf-8")
    return path


def test_that_the_widening_is_read(tmp_path: Path) -> None:
    (row,) = read_widening(_written(tmp_path, "0.25")).rows
    assert (row.below, row.above) == (Decimal("0.25"), Decimal("1.00"))


@pytest.mark.parametrize("below", ["-0.25", "NaN", "Infinity", "much", None])
def test_that_what_widens_nothing_is_refused(tmp_path: Path, below: object) -> None:
    with pytest.raises(AuditorError) as refused:
        read_widening(_written(tmp_path, below))
    assert refused.value.code == "gaps_odd"


def test_that_a_key_with_two_values_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_text('{"currency": "USD", "currency": "PEN", "health": {"widened": []}}', encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        read_widening(path)
    assert refused.value.code == "json_key_twice"
