"""Lines go into the audit file by columns and come back as they were; those of earlier versions one by one."""

import json
from datetime import date
from decimal import Decimal

from auditor.core.problems import Place
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import UsageLine
from auditor.project.lines import from_columns
from auditor.project.lines import to_columns

LINES = [
    InvoiceLine(Decimal("1.0"), "USD", Place("a.csv", row=2), quantity=Decimal("1E+1"), raw={"amount": "1,0"}),
    InvoiceLine(Decimal("1.00"), "USD", Place("a.csv", row=3), period_start=date(2026, 10, 1), raw={"amount": "1,00"}),
    InvoiceLine(Decimal("1.0"), "USD", Place("a.csv", "Hoja", 2, "E"), Layer.TAX, message=7, raw={"amount": "1,0"}),
]


def test_that_lines_come_back_as_they_were_with_every_digit() -> None:
    kept = json.loads(json.dumps(to_columns(LINES)))
    assert repr(from_columns(InvoiceLine, kept)) == repr(LINES)  # 1.0 and 1.00 are equal, but not written alike


def test_that_a_column_holds_each_value_once_and_no_places_where_all_lines_are_alike() -> None:
    columns = to_columns(LINES)["columns"]
    assert columns["amount"] == {"values": ["1.0", "1.00"], "places": [0, 1, 0]}
    assert columns["currency"] == {"values": ["USD"], "places": []}
    assert columns["raw"] == {"values": [{"amount": "1,0"}, {"amount": "1,00"}], "places": [0, 1, 0]}
    assert columns["source"]["columns"]["sheet"] == {"values": ["", "Hoja"], "places": [0, 0, 1]}


def test_that_no_lines_and_a_single_one_come_back_too() -> None:
    usage = [UsageLine(None, Place("u.csv", row=5), "pricing_analytics", zone="America/Lima")]
    assert from_columns(InvoiceLine, to_columns([])) == []
    assert from_columns(UsageLine, to_columns(usage)) == usage
