"""Lines said not to be billed are no charges where the totals are without them (formats.md §4)."""

from pathlib import Path

import pytest

from tests.readers.fixtures.written import invoice_of
from tests.readers.fixtures.written import remarks

_HEAD = "País,Categoría,{0},Mensajes,Costo USD\n"
_ROWS = "Perú,Marketing,{0},1000,70.30\nPerú,Utilidad,{1},900,18.00\nPerú,Servicio,{1},100,0.00\n"


@pytest.mark.parametrize(
    ("head", "yes", "no"), [("Facturable", "Sí", "No"), ("Billable", "Yes", "no"), ("Cobrado", "S", "N")]
)
@pytest.mark.parametrize(
    ("total", "amounts", "code"),
    [
        ("70.30", ["70.30", "0.00"], ""),
        ("88.30", ["70.30", "18.00", "0.00"], ""),
        ("", ["70.30", "18.00", "0.00"], "not_billable_counted"),
    ],
)
def test_that_the_totals_tell_whether_what_is_not_billable_is_charged(
    tmp_path: Path, head: str, yes: str, no: str, total: str, amounts: list[str], code: str
) -> None:
    foot = f"Total,,,,{total}\n" if total else ""
    invoice = invoice_of(tmp_path, _HEAD.format(head) + _ROWS.format(yes, no) + foot)
    assert [str(line.amount) for line in invoice.lines] == amounts
    assert [one for one in remarks(invoice) if one in {"not_billable_counted", "total_differs"}] == (
        [code] if code else []
    )
    report = invoice.report
    assert (report.read, report.kept) == (report.kept + report.left_out, len(amounts))
