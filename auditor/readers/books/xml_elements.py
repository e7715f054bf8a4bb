"""What documents in XML are laid out as, whatever their standard (formats.md §3).

The table's heads are UBL's own names; the profiles `ubl_invoice` and `cfdi_invoice` say what they mean, so that the
lines are read and previewed as any other table's.
"""

from collections.abc import Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

HEADS = (
    "ID", "DocumentType", "IssueDate", "DueDate", "RegistrationName", "CompanyID", "StartDate", "EndDate",
    "Description", "Layer", "Quantity", "unitCode", "PriceAmount", "LineExtensionAmount", "TaxAmount", "TaxScheme",
    "currencyID",
)  # fmt: skip


class Party(NamedTuple):
    """Whom a document names as its customer: name and tax number, empty where it states none."""

    name: str = ""
    tax_id: str = ""


NOBODY = Party()


class XmlTable(NamedTuple):
    """A document as rows, what is to be said of it (the code and the values of problems), and its customer."""

    rows: list[list[str]]
    remarks: list[tuple[str, dict[str, str]]]
    customer: Party = NOBODY


def row_of(facts: Mapping[str, str]) -> list[str]:
    """Give the cells of a line, or of the total, by `HEADS`."""
    return [facts.get(head, "") for head in HEADS]


def element_name(element: Element) -> str:
    """Give an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
