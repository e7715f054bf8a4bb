"""Invoices by more days, numbers and places than can be compared are refused before a line is made."""

from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices import fineness
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import read_invoice

_HEADS = "Número,Mes,País,Categoría,Mensajes,Importe USD"


def _written(folder: Path, numbers: int) -> Path:
    rows = [f"5199900{row % numbers:04},2026-10,Perú,Marketing,{row + 1},{(row + 1) * 0.07:.2f}" for row in range(40)]
    path = folder / "factura.csv"
    path.write_text("\n".join([_HEADS, *rows]), encoding="utf-8")
    return path


def test_that_lines_that_can_be_told_apart_are_refused_beyond_what_can_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fineness, "MOST_APART", 30)
    with pytest.raises(AuditorError) as refused:
        read_invoice(_written(tmp_path, 31))
    assert (refused.value.code, refused.value.values) == ("lines_too_many", {"rows": "40", "lines": "30"})


def test_that_lines_that_are_alike_count_once_and_those_of_usage_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fineness, "MOST_APART", 30)
    assert len(read_invoice(_written(tmp_path, 30)).lines) == 40
    assert len(read_invoice(_written(tmp_path, 31), options=ReadOptions(usage=True)).lines) == 40


def test_that_a_row_with_a_column_for_each_month_has_as_many_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fineness, "MOST_APART", 30)
    months = [f"2026-{month:02}" for month in range(1, 13)]
    path = tmp_path / "factura.csv"
    rows = [f"{name},{','.join(['1.25'] * 12)}" for name in ("Marketing", "Utility", "Authentication")]
    path.write_text("\n".join([f"Category,{','.join(months)}", *rows]), encoding="utf-8")
    with pytest.raises(AuditorError) as refused:
        read_invoice(path)
    assert refused.value.values["rows"] == "36"
