"""SMS and e-mail that a platform bills beside WhatsApp, by the same words: none of them is Meta's (formats.md §3)."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina

_FIGURES = "Cantidad,Precio,Importe USD\n"
_HEADS = f"Detalle,{_FIGURES}"


def _layers(path: Path) -> list[tuple[str, str, Decimal]]:
    return [(line.layer.value, line.category, line.amount) for line in read_invoice(path, andina()).lines]


@pytest.mark.parametrize(
    "text",
    [
        # 1,000 x 0.0703 = 70.30; 500 x 0.045 = 22.50: of the second, whatever its words are, Meta charges nothing.
        f"{_HEADS}WhatsApp Marketing Perú,1000,0.0703,70.30\nSMS Marketing Perú,500,0.0450,22.50\n",
        f"Producto,Categoría,{_FIGURES}WhatsApp,Marketing,1000,0.0703,70.30\nSMS,Transaccional,500,0.0450,22.50\n",
        f"Tipo de cargo,{_HEADS}Meta fee,WhatsApp Marketing,1000,0.0703,70.30\n,SMS Marketing,500,0.0450,22.50\n",
        f"{_HEADS}WHATSAPP,,,\nMarketing Perú,1000,0.0703,70.30\nServicio SMS,,,\nMarketing Perú,500,0.0450,22.50\n",
    ],
)
def test_that_what_another_channel_sent_is_not_metas(tmp_path: Path, text: str) -> None:
    path = tmp_path / "invoice.csv"
    path.write_text(text, encoding="utf-8")
    assert _layers(path) == [("meta", "marketing", Decimal("70.30")), ("other", "", Decimal("22.50"))]


def test_that_a_heading_holds_until_whatsapp_is_named_again(tmp_path: Path) -> None:
    path = tmp_path / "invoice.csv"
    rows = "SMS,,,\nMarketing Perú,500,0.0450,22.50\nWhatsApp,,,\nMarketing Perú,1000,0.0703,70.30\n"
    path.write_text(_HEADS + rows, encoding="utf-8")
    assert [layer for layer, _, _ in _layers(path)] == ["other", "meta"]


def test_that_a_sheet_called_by_another_channel_is_of_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, price in (("WhatsApp", 0.0703), ("SMS", 0.045)):
        sheet = book.create_sheet(name)
        sheet.append(["Categoría", "Cantidad", "Precio USD", "Importe USD"])
        sheet.append(["Marketing", 1000, price, price * 1000])
    book.save(tmp_path / "invoice.xlsx")
    assert [layer for layer, _, _ in _layers(tmp_path / "invoice.xlsx")] == ["meta", "other"]


def test_that_a_fee_a_discount_and_what_whatsapp_is_named_beside_are_what_they_were(tmp_path: Path) -> None:
    path = tmp_path / "invoice.csv"
    rows = "WhatsApp Marketing (fallback SMS),1000,0.0703,70.30\nDescuento SMS,1,-2,-2\nComisión plataforma SMS,1,5,5\n"
    path.write_text(_HEADS + rows, encoding="utf-8")
    assert [layer for layer, _, _ in _layers(path)] == ["meta", "credit", "provider_fee"]


def test_that_the_fee_of_a_template_is_metas_and_that_of_a_platform_is_not(tmp_path: Path) -> None:
    path = tmp_path / "invoice.csv"
    rows = "Template message fee - Marketing - PE,1000,0.0703,70.30\nWhatsApp message processing,1000,0.005,5.00\n"
    path.write_text(_HEADS + rows, encoding="utf-8")
    assert [layer for layer, _, _ in _layers(path)] == ["meta", "provider_fee"]


def test_that_a_price_that_is_normal_is_charged(tmp_path: Path) -> None:
    path = tmp_path / "invoice.csv"
    path.write_text(f"Tipo de precio,{_HEADS}Normal,WhatsApp Marketing Perú,1000,0.0703,70.30\n", encoding="utf-8")
    assert _layers(path) == [("meta", "marketing", Decimal("70.30"))]
