"""Tables of exchange rates (formats.md §7)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.tables import FxRate
from auditor.language import Language
from auditor.readers.fx import read_fx


def table(folder: Path, *rows: str, head: str = "date,from,to,rate,source") -> Path:
    path = folder / "fx.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def test_that_stated_rates_are_read_in_order(tmp_path: Path) -> None:
    found = read_fx(table(tmp_path, "2026-10-02,USD,PEN,3.7520,SBS", "2026-10-01,usd,PEN,3.75,"))
    assert found == (
        FxRate(date(2026, 10, 2), "USD", "PEN", Decimal("3.7520"), "SBS"),
        FxRate(date(2026, 10, 1), "USD", "PEN", Decimal("3.75"), ""),
    )


def test_that_the_same_rate_twice_is_one(tmp_path: Path) -> None:
    assert len(read_fx(table(tmp_path, "2026-10-02,USD,PEN,3.7520,SBS", "2026-10-02,USD,PEN,3.752,SUNAT"))) == 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("02/10/2026,USD,PEN,3.75,", "fx_not_a_date", "date"),
        ("2026-10-02,US,PEN,3.75,", "fx_unknown_currency", "from"),
        ("2026-10-02,USD,S/,3.75,", "fx_unknown_currency", "to"),
        ("2026-10-02,USD,PEN,0,", "fx_not_a_rate", "rate"),
        ("2026-10-02,USD,PEN,-3.75,", "fx_not_a_rate", "rate"),
        ("2026-10-02,USD,PEN,tres,", "fx_not_a_rate", "rate"),
        ("2026-10-02,USD,USD,1,", "fx_same_currency", ""),
        ("2026-10-01,USD,PEN,3.76,", "fx_stated_twice", ""),
    ],
)
def test_that_a_bad_row_is_refused_with_its_place(tmp_path: Path, row: str, code: str, column: str) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(table(tmp_path, "2026-10-01,USD,PEN,3.75,", row))
    (problem,) = caught.value.problems
    assert (caught.value.code, problem.code) == ("fx_refused", code)
    assert (problem.place.row, problem.place.column) == (3, column)
    for language in (Language("en"), Language("es")):
        assert language.error(caught.value)
        assert language.problem(problem)


def test_that_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(table(tmp_path, "2026-10-01,3.75", head="date,rate"))
    assert (caught.value.code, caught.value.values["columns"]) == ("fx_columns_missing", "from, to")


def test_that_a_table_without_rows_is_empty(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_fx(table(tmp_path))
    assert caught.value.code == "file_empty"
