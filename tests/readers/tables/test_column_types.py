"""What a person states of the type of one column goes before what shows, or is stated, of all (window.md §1.2)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import unwatched
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.logs.messages import stage_log
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs.inspection import preview
from tests.readers.fixtures.accounts import andina

_BILL = """Documento,Fecha de emisión,Desde,Hasta,Mercado,Categoría,Cantidad,Importe USD
1-20,02/03/2026,01/02/2026,28/02/2026,Perú,Marketing,"1,200","1.234"
"""
_LOG = """Id del mensaje;Fecha de envío;Fecha de entrega;Número de la empresa;Teléfono del cliente;Sentido;Costo
m1;02/01/2026 10:00:00;02/01/2026 10:00:02;51987654321;51911111111;Saliente;1.500,25
"""


def bill(folder: Path) -> Path:
    path = folder / "bill.csv"
    path.write_text(_BILL, encoding="utf-8")
    return path


def test_that_each_column_is_read_by_its_own_type(tmp_path: Path) -> None:
    # The count has a comma of thousands and the amount a point of them: none goes for both.
    types = {"B": "mdy", "C": "dmy", "D": "dmy", "G": "number_point", "H": "number_comma"}
    (line,) = read_invoice(bill(tmp_path), options=ReadOptions(types=types)).lines
    assert (line.document_date, line.period_start) == (date(2026, 2, 3), date(2026, 2, 1))
    assert (line.quantity, line.amount) == (Decimal(1200), Decimal(1234))
    (other,) = read_invoice(
        bill(tmp_path), options=ReadOptions(dates="dmy", types={"Importe USD": "number_point"})
    ).lines
    assert (other.document_date, other.amount) == (date(2026, 3, 2), Decimal("1.234"))


@pytest.mark.parametrize(
    ("letters", "stated", "code"),
    [("H", "text", "column_no_number"), ("C", "number", "column_no_date"), ("E", "date", "column_no_text")],
)
def test_that_a_type_that_a_meaning_cannot_be_of_is_refused_and_shown(
    tmp_path: Path, letters: str, stated: str, code: str
) -> None:
    options = ReadOptions(dates="dmy", types={letters: stated})
    with pytest.raises(AuditorError, match=code):
        read_invoice(bill(tmp_path), options=options)
    seen = preview(bill(tmp_path), options)
    assert seen.stopped is not None
    assert (seen.stopped.code, seen.stopped.place.column) == (code, letters)
    assert {column.letters: column.stated for column in seen.columns if column.stated} == {letters: stated}


def test_that_types_are_saved_with_the_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.readers.tables.profile_files.user_data", lambda: tmp_path / "own")
    types = {"B": "mdy", "C": "dmy", "D": "dmy", "G": "number_point", "H": "number_comma"}
    assert preview(bill(tmp_path), ReadOptions(types=types), save_as="Andina").saved
    (line,) = read_invoice(bill(tmp_path)).lines
    assert (line.document_date, line.period_start, line.amount) == (date(2026, 2, 3), date(2026, 2, 1), Decimal(1234))


def test_that_times_and_amounts_of_a_log_are_read_by_their_types(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(_LOG, encoding="utf-8")
    types = {"Fecha de envío": "mdy", "Fecha de entrega": "mdy", "Costo": "number_comma"}
    with duckdb.connect() as connection:
        account, mapping = andina(), {"Costo": "logged_amount"}
        stage_log(connection, path, account, "log", unwatched, mapping=mapping, types=types)
        sent, amount = connection.execute("SELECT make_timestamp(sent_at)::DATE, logged_amount FROM log").fetchall()[0]
        assert (sent, amount) == (date(2026, 2, 1), "1500.25")
        with pytest.raises(AuditorError, match="column_no_number"):
            stage_log(connection, path, account, "other", unwatched, mapping=mapping, types={"Costo": "dmy"})
