"""Summaries of two columns that no row of heads stands above (formats.md §4)."""

from datetime import date
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import read_invoice
from tests.readers.fixtures.accounts import andina


def _read(folder: Path, text: str) -> Invoice:
    path = folder / "resumen.csv"
    path.write_text(text, encoding="utf-8")
    return read_invoice(path, andina())


@pytest.mark.parametrize("above", ["", "Consumo octubre 2026\n", "Resumen;\nMoneda;USD\nPeriodo;2026-10\n"])
def test_that_words_of_charges_beside_figures_with_cents_are_lines_and_amounts(tmp_path: Path, above: str) -> None:
    invoice = _read(tmp_path, f"{above}Marketing Perú;843,60\nUtilidad Perú;600,00\nTotal;1.443,60\n")
    first = above.count("\n") + 1
    assert [(line.category, line.market, str(line.amount), line.source.row) for line in invoice.lines] == [
        ("marketing", "Peru", "843.60", first),
        ("utility", "Peru", "600.00", first + 1),
    ]
    assert [str(control.amount) for control in invoice.agreed] == ["1443.60"]
    assert [problem.code for problem in invoice.report.problems] == ["heads_supposed"]
    if above:
        assert invoice.lines[0].period_start == date(2026, 10, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Marketing;1500\nUtilidad;3200\nTotal;4700\n",  # which may be counts
        "Lima;843,60\nCusco;600,00\n",  # of what, nothing says
        "Marketing;843,60\n",
        "Marketing;843,60\nUtilidad;600,00;12,00\nTotal;1.443,60\n",
        "Marketing;843,60\nNota\nUtilidad;600,00\n",
    ],
)
def test_that_other_figures_without_heads_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AuditorError) as refused:
        _read(tmp_path, text)
    assert refused.value.code == "no_header"
