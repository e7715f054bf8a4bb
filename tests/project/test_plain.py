"""Records go into the audit file as plain JSON and come back as they were."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import Card
from auditor.core.records import ControlTotal
from auditor.core.records import Fee
from auditor.core.records import FxMethod
from auditor.core.records import FxRate
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import Number
from auditor.core.records import OpeningVolume
from auditor.core.records import RateRow
from auditor.core.records import Tax
from auditor.core.records import Tolerance
from auditor.core.records import Waba
from auditor.core.results import Status
from auditor.project.plain import from_plain
from auditor.project.plain import to_plain
from tests.saying import sentences

PLACE = Place("factura ñ.xlsx", "Hoja 1", 7, "E")
ROW = RateRow(
    date(2026, 10, 1), None, "USD", "*", "utility", 1, None, None, Decimal("1.25"), Decimal("0.0050"), "contract",
    "mail", PLACE,
)  # fmt: skip
ACCOUNT = Account(
    "Andina", date(2026, 10, 1), date(2026, 10, 31), "PEN",
    (
        Waba("1", "America/Lima", "USD", "Andina", "p", "PE", (Number("2", "519", "Ventas", "c"),), {"IN": 17}),
        Waba("3", "Asia/Tokyo", "JPY"),
    ),
    tolerances=(Tolerance(Decimal("0.05"), Decimal(0), category="utility"),),
    tax=Tax("IGV", Decimal(18), included=True), fees=(Fee("subscription", Decimal(250), "PEN", "month"),),
    opening_volumes=(OpeningVolume("p", "Mexico", "utility", "2026-10", 900_000),), cards=("meta", "contract.csv"),
    fx=FxMethod("invoice_rate", rate=Decimal("3.7520"), source_currency="USD", target_currency="PEN"),
)  # fmt: skip
RECORDS = [
    ACCOUNT,
    Account("least", date(2026, 10, 1), date(2026, 10, 31), "PEN", ()),
    Card("contract", (ROW,)),
    Card("nothing", ()),
    FxRate(date(2026, 10, 1), "USD", "PEN", Decimal("3.7520"), "SBS"),
    InvoiceLine(Decimal("-1.10"), "USD", PLACE, Layer.TAX, document_date=date(2026, 11, 3), raw={"amount": "1,10-"}),
    InvoiceLine(Decimal("1E+3"), "USD", PLACE, quantity=Decimal("10.0"), unit_rate=Decimal("0.0703")),
    ControlTotal("total", Decimal("1.10"), "USD", PLACE, "Total"),
    ImportReport("a.csv", "log", "sha", 10, 9, 8, 1, 0, total=Decimal("1.10"),
                 decisions=(Said("left_out", {"events": 3}), Said("x", problem=Problem("y", PLACE))),
                 problems=(ProblemCount("number_unreadable", 3, PLACE, {"value": "x"}),)),
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_that_a_record_comes_back_as_it_was(record: object) -> None:
    text = json.dumps(to_plain(record))
    back = from_plain(type(record), json.loads(text))
    assert back == record
    assert repr(to_plain(back)) == repr(to_plain(record))  # decimals keep their digits, 0.0703 and 3.7520


@dataclass(frozen=True)
class Mixed:
    """A record with every kind of field."""

    status: Status
    days: tuple[date, ...]
    rates: dict[str, Decimal]
    note: str | None = None
    whole: bool = True


def test_that_enumerations_dates_and_mappings_come_back() -> None:
    record = Mixed(Status.MISSING, (date(2026, 10, 1),), {"a": Decimal("0.10")})
    assert from_plain(Mixed, json.loads(json.dumps(to_plain(record)))) == record


def test_that_plain_values_are_as_they_are() -> None:
    assert to_plain([1, "a", None, True, (Decimal("1.10"), date(2026, 10, 1))]) == [
        1, "a", None, True, ["1.10", "2026-10-01"],
    ]  # fmt: skip


def test_that_a_sentence_of_an_earlier_version_is_said_as_it_stands() -> None:
    kept = {"file": "a.csv", "kind": "log", "sha256": "sha", "size": 1, "read": 1, "kept": 1, "left_out": 0,
            "refused": 0, "decisions": ["Las fechas se leyeron día primero."]}  # fmt: skip
    report = from_plain(ImportReport, kept)
    assert sentences(report.decisions) == ["Las fechas se leyeron día primero."]
    assert from_plain(ImportReport, to_plain(report)) == report
