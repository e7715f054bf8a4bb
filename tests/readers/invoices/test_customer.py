"""Whom an invoice is made out to is told where it says so surely; a supplier's name or number is never taken for it."""

from pathlib import Path

import pytest

from auditor.readers.books.ubl import document_table
from auditor.readers.books.xml_elements import NOBODY
from auditor.readers.books.xml_elements import Party
from auditor.readers.invoices.customer import customer_of
from auditor.readers.invoices.invoices import read_invoice

_TABLE = "País;Categoría;Cantidad;Tarifa;Importe\nPerú;Marketing;10;0.0703;0.70\nPerú;Utilidad;10;0.0300;0.30\n"
_OURS = Party("Boticas Sol S.A.C.", "20609876543")


def _told(folder: Path, titles: str) -> Party:
    path = folder / "factura.csv"
    path.write_text(f"{titles}\n\n{_TABLE}", encoding="utf-8")
    invoice = read_invoice(path)
    return customer_of(invoice.sheets, invoice.layout)


@pytest.mark.parametrize(
    "titles",
    [
        "Andina S.A.C.\nRUC 20512345678\nFactura F001-45\nSeñor(es): Boticas Sol S.A.C.\nRUC: 20609876543\nMoneda: PEN",
        "Proveedor;Andina S.A.C.;RUC;20512345678\nCliente;Boticas Sol S.A.C.;RUC;20609876543",
        "Emisor: Andina S.A.C.\nRUC: 20512345678\nCliente: Boticas Sol S.A.C. - RUC 20609876543",
        "RUC del cliente: 20609876543\nRazón social del cliente: Boticas Sol S.A.C.\nRUC: 20512345678",
        "Bill to;From\nBoticas Sol S.A.C.;Kite Ltd\nTax ID: 20609876543;VAT number: GB123456789",
    ],
)
def test_that_the_customer_is_told_with_the_number_that_stands_behind_the_name(tmp_path: Path, titles: str) -> None:
    assert _told(tmp_path, titles) == _OURS


def test_that_nobody_is_told_where_the_titles_name_none_or_a_code_or_two(tmp_path: Path) -> None:
    assert _told(tmp_path, "Andina S.A.C.\nRUC: 20512345678\nFactura F001-45") == NOBODY
    assert _told(tmp_path, "Cliente: C-100234\nRUC: 20512345678") == NOBODY
    assert _told(tmp_path, "Cliente: Boticas Sol S.A.C.\nFacturar a: Boticas Luna S.A.C.") == NOBODY
    # Five rows below the name it is anybody's.
    far = "Cliente: Boticas Sol S.A.C.\nAv. Sol 1\nLima\nPerú\nSede central\nRUC: 20512345678"
    assert _told(tmp_path, far) == Party("Boticas Sol S.A.C.", "")


def test_that_documents_in_xml_name_their_customer(tmp_path: Path) -> None:
    path = tmp_path / "one.xml"
    path.write_text(
        "<Invoice><AccountingSupplierParty><Party><PartyIdentification><ID>20512345678</ID></PartyIdentification>"
        "</Party></AccountingSupplierParty><AccountingCustomerParty><Party><PartyIdentification><ID>20609876543</ID>"
        "</PartyIdentification><PartyLegalEntity><RegistrationName>Boticas Sol S.A.C.</RegistrationName>"
        "</PartyLegalEntity></Party></AccountingCustomerParty><InvoiceLine/></Invoice>",
        encoding="utf-8",
    )
    assert document_table(str(path)).customer == _OURS
    path.write_text(
        '<Comprobante TipoDeComprobante="I"><Emisor Rfc="MDM190101AB1" Nombre="Mensajes"/>'
        '<Receptor Rfc="BSO200101AA1" Nombre="Boticas Sol"/><Conceptos><Concepto Importe="1"/></Conceptos>'
        "</Comprobante>",
        encoding="utf-8",
    )
    assert document_table(str(path)).customer == Party("Boticas Sol", "BSO200101AA1")
