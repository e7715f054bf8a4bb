"""The lines of an invoice may come as a JSON list; whatever else is JSON is no invoice (formats.md §3)."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.recognise import recognise
from tests.readers.fixtures.accounts import andina

_LINES: list[dict[str, Any]] = [
    {"layer": "meta", "market": "Peru", "category": "marketing", "quantity": 40, "amount": 2.812, "currency": "USD"},
    {"layer": "meta", "market": "Chile", "category": "utility", "quantity": 1200, "amount": "24.00", "currency": "USD"},
    {"layer": "tax", "category": None, "amount": 1.234, "currency": "USD"},
]


def _read(path: Path, stated: Any) -> Invoice:
    path.write_text(json.dumps(stated), encoding="utf-8")
    return read_invoice(path, andina())


@pytest.mark.parametrize("stated", [_LINES, {"invoice": "F001-123", "lines": _LINES}])
def test_that_a_list_of_flat_objects_is_read_as_lines(tmp_path: Path, stated: Any) -> None:
    invoice = _read(tmp_path / "a.json", stated)
    assert [(one.layer, one.market, one.quantity, one.amount) for one in invoice.lines] == [
        ("meta", "Peru", Decimal(40), Decimal("2.812")),
        ("meta", "Chile", Decimal(1200), Decimal("24.00")),
        ("tax", "", None, Decimal("1.234")),
    ]
    assert recognise(tmp_path / "a.json") == "invoice"


def test_that_an_object_on_each_line_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, _LINES)) + "\n", encoding="utf-8")
    assert [str(one.amount) for one in read_invoice(path, andina()).lines] == ["2.812", "24.00", "1.234"]
    assert recognise(path) == "invoice"


_COSTS = {"marketing": {"count": 100, "cost": 7.03}, "utility": {"count": 50, "cost": 1.0}}


@pytest.mark.parametrize(
    "stated",
    [
        {"currency": "USD", "usage": {"PE": _COSTS, "CL": {"marketing": {"count": 10, "cost": 0.89}}}},
        {"currency": "USD", "days": [{"country": "PE", "categories": _COSTS}, {"country": "CL", "categories": {
            "marketing": {"count": 10, "cost": 0.89}}}]},
    ],
)  # fmt: skip
def test_that_objects_called_by_what_they_are_of_are_lines(tmp_path: Path, stated: Any) -> None:
    invoice = _read(tmp_path / "a.json", stated)
    assert [(one.country, one.category, str(one.quantity), str(one.amount)) for one in invoice.lines] == [
        ("PE", "marketing", "100", "7.03"),
        ("PE", "utility", "50", "1"),
        ("CL", "marketing", "10", "0.89"),
    ]
    assert {one.currency for one in invoice.lines} == {"USD"}
    assert recognise(tmp_path / "a.json") == "invoice"


def test_that_an_id_of_many_digits_keeps_them(tmp_path: Path) -> None:
    lines = [{"phone_number_id": 10654035224292233, **line} for line in _LINES]
    invoice = _read(tmp_path / "a.json", lines)
    assert {one.phone_number_id for one in invoice.lines} == {"10654035224292233"}


@pytest.mark.parametrize(
    "stated",
    [
        {"lines": _LINES, "taxes": _LINES},
        [{**_LINES[0], "tiers": [1, 2]}],
        [{**_LINES[0], f"k{number}": 1} for number in range(4_000)],  # each with a column of its own: 16 million cells
        [*_LINES, "a note"],
        {"category": "marketing", "amount": 3},
        [],
    ],
)
def test_that_other_json_is_refused(tmp_path: Path, stated: Any) -> None:
    with pytest.raises(AuditorError) as refused:
        _read(tmp_path / "a.json", stated)
    assert refused.value.code == "kind_not_read"


def test_that_a_list_of_messages_stays_a_log(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"message_id": "a", "direction": "inbound", "category": "x"}]), encoding="utf-8")
    assert recognise(path) == "log"


def test_that_a_figure_of_endless_digits_is_refused_as_a_figure(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(_LINES).replace("2.812", "9" * 5_000), encoding="utf-8")
    assert recognise(path) == "invoice"
    invoice = read_invoice(path, andina())
    assert [(one.code, one.place.row) for one in invoice.refusals] == [("number_unreadable", 2)]
    assert len(invoice.lines) == 2


def test_that_a_line_that_states_a_field_with_two_values_is_refused_for_that(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"category": "marketing", "amount": 1, "amount": 2, "currency": "USD"}]', encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        read_invoice(path, andina())
    assert (refused.value.code, refused.value.values) == ("json_key_twice", {"name": "amount"})


def test_that_what_stands_around_the_list_is_read_with_it(tmp_path: Path) -> None:
    lines = [
        {"description": "WhatsApp marketing Peru", "quantity": 1000, "unit_price": "0.0703", "amount": "70.30"},
        {"description": "WhatsApp utility Peru", "quantity": 2000, "unit_price": "0.0200", "amount": "40.00"},
    ]
    around = {"number": "INV-77", "currency": "EUR", "customer": {"name": "Acme"}, "notes": [], "lines": lines}
    # 70.30 + 40.00 = 110.30, and 18 % of it is 19.854.
    invoice = _read(tmp_path / "a.json", {"invoice": {"tax": "19.85", **around, "subtotal": 110.3, "total": "130.15"}})
    assert recognise(tmp_path / "a.json") == "invoice"
    assert [(one.layer, one.amount, one.currency) for one in invoice.lines] == [
        ("meta", Decimal("70.30"), "EUR"),
        ("meta", Decimal("40.00"), "EUR"),
        ("tax", Decimal("19.85"), "EUR"),
    ]
    assert {one.code for one in invoice.report.problems} == {"currency_not_account"}  # whose euros are none of its own


def test_that_an_amount_may_be_an_object_with_its_currency(tmp_path: Path) -> None:
    lines = [
        {
            "line": number,
            "description": f"WhatsApp {category} - Peru",
            "quantity": count,
            "unitPrice": {"amount": price, "currency": "GBP"},
            "total": {"amount": total, "currency": "GBP"},
            "period": {"start": "2026-10-01", "end": "2026-10-31"},
        }
        for number, (category, count, price, total) in enumerate(
            (("marketing", 3000, "0.0703", "210.90"), ("utility", 50, 0.02, "1.000")), 1
        )
    ]
    stated = {"id": "F-1", "issueDate": "2026-11-02", "lines": lines, "total": {"value": 211.9, "currencyCode": "GBP"}}
    invoice = _read(tmp_path / "a.json", stated)
    assert [(one.category, one.quantity, one.amount, one.currency) for one in invoice.lines] == [
        ("marketing", Decimal(3000), Decimal("210.90"), "GBP"),
        ("utility", Decimal(50), Decimal(1), "GBP"),
    ]
    assert {(str(one.period_start), str(one.period_end)) for one in invoice.lines} == {("2026-10-01", "2026-10-31")}
    assert [str(one.amount) for one in invoice.agreed] == ["211.9"]  # 210.90 + 1.00
    assert recognise(tmp_path / "a.json") == "invoice"


def test_that_an_object_called_as_the_document_says_its_facts_and_totals(tmp_path: Path) -> None:
    lines = [{"category": "marketing", "country": "PE", "quantity": 1000, "price": 0.0703, "subtotal": 70.3}]
    invoice = {"id": "A-1", "currency": "EUR", "period": {"from": "2026-10-01", "to": "2026-10-31"}}
    customer = {"currency": "PEN", "period": "2025-01"}
    read = _read(
        tmp_path / "a.json", {"customer": customer, "invoice": invoice, "lines": lines, "totals": {"tax": 19.85}}
    )
    assert [(one.layer, str(one.amount), one.currency, str(one.period_end)) for one in read.lines] == [
        ("meta", "70.3", "EUR", "2026-10-31"),
        ("tax", "19.85", "EUR", "2026-10-31"),
    ]


def test_that_the_head_of_a_document_may_be_called_so(tmp_path: Path) -> None:
    lines = [{"category": "marketing", "country": "PE", "quantity": 1000, "amount": 70.3}]
    for name in ("header", "document", "cabecera"):
        read = _read(
            tmp_path / f"{name}.json", {"customer": {"currency": "PEN"}, name: {"currency": "EUR"}, "lines": lines}
        )
        assert [one.currency for one in read.lines] == ["EUR"]


def test_that_a_fact_beside_a_list_is_no_part_of_its_heads(tmp_path: Path) -> None:
    usage = {
        "date": "2026-10-01",
        "appName": "Tienda",
        "gsFees": 0.16,
        "waFees": 8.03,
        "totalFees": 8.19,
        "totalMsg": 160,
    }
    read = _read(tmp_path / "a.json", {"usage": [usage], "status": "success"})
    assert [(one.layer, str(one.amount)) for one in read.lines] == [("meta", "8.03"), ("provider_fee", "0.16")]


def test_that_lines_within_accounts_are_lines_and_taxes_within_lines_are_none(tmp_path: Path) -> None:
    charges = [{"category": "marketing", "country": "PE", "messages": 1000, "amount": 70.3}]
    accounts = [{"waba_id": "1", "charges": charges}, {"waba_id": "2", "charges": charges}]
    read = _read(tmp_path / "a.json", {"currency": "USD", "accounts": accounts})
    assert [(one.waba_id, str(one.amount)) for one in read.lines] == [("1", "70.3"), ("2", "70.3")]
    taxed = [{**charges[0], "taxes": [{"name": "IGV", "amount": 12.65}]}]
    with pytest.raises(AuditorError):
        _read(tmp_path / "b.json", {"currency": "USD", "lines": taxed})
