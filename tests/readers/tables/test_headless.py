"""Summaries of two columns that no row of heads stands above (formats.md §4)."""

from datetime import date
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.invoices import Invoice
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.tables.finding import save_profile
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
    assert [problem.code for problem in invoice.report.problems] == [
        "heads_supposed",
        *(["currency_supposed"] if "USD" not in above else []),
    ]
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


_KNOWN = ("Perú;Marketing;2000;140,60", "Chile;Utilidad;100;2,00", "Perú;Utilidad;250;5,00")


@pytest.mark.parametrize(
    ("rows", "fits"),
    [
        (_KNOWN, True),
        (("Perú;Marketing;2000;140,60;5,00", "Chile;Utilidad;100;2,00;1,00"), False),  # a figure beyond
        (("Perú;Marketing;dos mil;140,60", "Chile;Utilidad;100;2,00"), False),
        (("Perú;Lima;2000;140,60", "Chile;Arica;100;2,00"), False),  # of no category
    ],
)
def test_that_a_profile_of_a_table_without_heads_is_applied_to_the_next_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: tuple[str, ...], fits: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = tmp_path / "a.csv"
    path.write_text("Perú;Marketing;1000;70,30\nChile;Utilidad;500;10,00\n", encoding="utf-8")
    stated = {"A": "country", "B": "category", "C": "quantity", "D": "amount"}
    save_profile("sin encabezados", read_invoice(path, andina(), ReadOptions(mapping=stated)).layout)
    if not fits:
        with pytest.raises(AuditorError):
            _read(tmp_path, "\n".join(rows))
        return
    invoice = _read(tmp_path, "\n".join(rows))
    assert invoice.report.profile == "sin encabezados"
    assert [str(line.amount) for line in invoice.lines] == ["140.60", "2.00", "5.00"]
