"""Mexico's invoices in XML (CFDI 3.2 to 4.0) come in line by line, with their taxes, discounts and total."""

from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina

_STAMP = (
    '<cfdi:Complemento><tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" UUID="AB-1"/>'
    "{}</cfdi:Complemento>"
)


def _read(folder: Path, head: str, inner: str, version: str = "4") -> Invoice:
    path = folder / "factura.xml"
    path.write_text(
        f'<?xml version="1.0"?><cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/{version}" {head}>'
        f'<cfdi:Emisor Rfc="MDM190101AB1" Nombre="Mensajes de México"/>{inner}</cfdi:Comprobante>',
        encoding="utf-8",
    )
    return read_invoice(path, andina())


def _concepto(text: str, quantity: str, price: str, amount: str, inner: str = "", more: str = "") -> str:
    stated = f'Cantidad="{quantity}" Descripcion="{text}" ValorUnitario="{price}" Importe="{amount}" {more}'
    return f'<cfdi:Concepto ClaveUnidad="E48" {stated}><cfdi:Impuestos>{inner}</cfdi:Impuestos></cfdi:Concepto>'


def _added(amount: str) -> str:
    return f'<cfdi:Traslados><cfdi:Traslado Impuesto="002" Importe="{amount}"/></cfdi:Traslados>'


def _kept(tax: str, amount: str) -> str:
    return f'<cfdi:Retenciones><cfdi:Retencion Impuesto="{tax}" Importe="{amount}"/></cfdi:Retenciones>'


def _lines(invoice: Invoice) -> list[tuple[str, str, str, Decimal]]:
    return [(line.layer.value, line.category, line.market or line.country, line.amount) for line in invoice.lines]


def test_that_a_cfdi_comes_to_its_total_with_discounts_and_taxes_kept_back(tmp_path: Path) -> None:
    # 1200 + 192 - 12 (1.25 % of 1200 less the discount) - 240, and 690 + 110.40, are 1940.40; a local tax of 5.00 more.
    local = '<i:ImpuestosLocales xmlns:i="http://www.sat.gob.mx/implocal"><i:TrasladosLocales ImpLocTrasladado="ISH" '
    local += 'Importe="5.00"/></i:ImpuestosLocales>'
    invoice = _read(
        tmp_path,
        'Version="4.0" Serie="A" Folio="77" Fecha="2026-11-01T09:12:00" Moneda="USD" TipoCambio="18.5000" '
        'SubTotal="1890.00" Descuento="240.00" Total="1945.40" TipoDeComprobante="I"',
        "<cfdi:Conceptos>"
        + _concepto(
            "WhatsApp marketing México", "2000", "0.6", "1200.00", _added("192.00") + _kept("001", "12.00"),
            'Descuento="240.00"',
        )
        + _concepto("WhatsApp utilidad México", "4600", "0.15", "690.00", _added("110.40"))
        + "</cfdi:Conceptos>"
        + '<cfdi:Impuestos TotalImpuestosTrasladados="302.40" TotalImpuestosRetenidos="12.00"/>'
        + _STAMP.format(local),
    )  # fmt: skip
    assert sorted(_lines(invoice)) == sorted(
        [
            ("meta", "marketing", "Mexico", Decimal(1200)),
            ("tax", "", "Mexico", Decimal(192)),
            ("credit", "marketing", "Mexico", Decimal(-240)),
            ("tax", "", "", Decimal(-12)),
            ("meta", "utility", "Mexico", Decimal(690)),
            ("tax", "", "Mexico", Decimal("110.40")),
            ("tax", "", "", Decimal(5)),
        ]
    )
    first = invoice.lines[0]
    assert (first.document, first.currency, first.supplier_tax_id) == ("A-77", "USD", "MDM190101AB1")
    assert [first.quantity, first.unit_rate, str(first.document_date)] == [2000, Decimal("0.6"), "2026-11-01"]
    assert invoice.lines[-1].description == "ISH"
    assert [one.amount for one in invoice.agreed] == [Decimal("1945.40")]
    assert [(one.code, one.values["rate"]) for one in invoice.report.problems] == [
        ("document_exchange_rate", "18.5000")
    ]


def test_that_an_old_cfdi_states_its_tax_and_discount_once_and_in_small_letters(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        'version="3.2" fecha="2017-10-31T10:00:00" subTotal="100.00" descuento="10.00" total="104.40" '
        'tipoDeComprobante="ingreso"',
        '<cfdi:Conceptos><cfdi:Concepto cantidad="1000" unidad="mensaje" descripcion="WhatsApp marketing México" '
        'valorUnitario="0.10" importe="100.00"/></cfdi:Conceptos>'
        '<cfdi:Impuestos totalImpuestosTrasladados="14.40"/>' + _STAMP.format(""),
        "3",
    )
    assert [(line.layer.value, line.amount) for line in invoice.lines] == [
        ("meta", Decimal(100)),
        ("tax", Decimal("14.40")),
        ("credit", Decimal(-10)),
    ]
    assert {(line.document, line.currency) for line in invoice.lines} == {("AB-1", "MXN")}
    assert [one.code for one in invoice.report.problems] == ["currency_not_account"]
    assert [one.amount for one in invoice.agreed] == [Decimal("104.40")]


def test_that_a_cfdi_of_type_e_is_money_given_back(tmp_path: Path) -> None:
    invoice = _read(
        tmp_path,
        'Version="4.0" Folio="9" Fecha="2026-11-05T10:00:00" Moneda="MXN" Total="116.00" TipoDeComprobante="E"',
        "<cfdi:Conceptos>" + _concepto("WhatsApp marketing México", "1000", "0.10", "100.00", _added("16.00"))
        + "</cfdi:Conceptos>",
    )  # fmt: skip
    assert [line.amount for line in invoice.lines] == [Decimal(-100), Decimal(-16)]
    assert {line.document_type for line in invoice.lines} == {"credit_memo"}


@pytest.mark.parametrize("kind", ["P", "T", "N"])
def test_that_a_cfdi_that_charges_nothing_is_refused(tmp_path: Path, kind: str) -> None:
    conceptos = f"<cfdi:Conceptos>{_concepto('Pago', '1', '0', '0')}</cfdi:Conceptos>"
    with pytest.raises(AuditorError) as refused:
        _read(tmp_path, f'TipoDeComprobante="{kind}" Total="0"', conceptos)
    assert (refused.value.code, refused.value.values) == ("cfdi_charges_nothing", {"kind": kind})


def test_that_a_cfdi_is_called_by_its_own_name(tmp_path: Path) -> None:
    head = 'Version="4.0" Folio="1" Fecha="2026-11-01T09:12:00" Moneda="MXN" Total="43.60" TipoDeComprobante="I"'
    lines = _concepto("WhatsApp marketing México", "100", "0.436", "43.60")
    invoice = _read(tmp_path, head, f"<cfdi:Conceptos>{lines}</cfdi:Conceptos>")
    assert (invoice.layout.profile, _lines(invoice)) == ("CFDI", [("meta", "marketing", "Mexico", Decimal("43.60"))])
