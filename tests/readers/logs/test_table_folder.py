"""A folder of tables as one log, with a list of templates beside them (formats.md §2.3)."""

import gzip
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import ImportReport
from auditor.readers.logs.messages import stage_log
from tests.readers.fixtures.accounts import andina

_HEADS = "id;cliente;sentido;plantilla;enviado;entregado\n"
_LIST = "Template name,Category,Language\npromo,MARKETING,es\nfactura,UTILITY,es\n"


def _row(name: str, user: str, template: str) -> str:
    return f"{name};{user};salida;{template};2026-10-05T15:00:00Z;2026-10-05T15:00:03Z\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    first = _HEADS + _row("m1", "51911111111", "promo") + _row("m2", "51922222222", "")
    (logs / "a_octubre.csv").write_text(first, encoding="utf-8")
    # The second file has its columns in another order.
    other = "entregado;id;cliente;sentido;plantilla;enviado\n2026-10-05T15:00:03Z;m3;51933333333;salida;factura;\n"
    (logs / "b_octubre.csv.gz").write_bytes(gzip.compress(other.encode()))
    (logs / "plantillas.csv").write_text(_LIST, encoding="utf-8")
    (logs / "leeme.txt").write_text("Hola.\n", encoding="utf-8")
    return logs


def _staged(folder: Path) -> tuple[list[tuple[str, ...]], ImportReport]:
    with duckdb.connect() as connection:
        report = stage_log(connection, folder, andina(), "log", lambda *_: None)
        rows = connection.execute(
            'SELECT source_row::VARCHAR, message_id, "user", template_category FROM log ORDER BY source_row'
        ).fetchall()
    return [tuple(str(one or "") for one in row) for row in rows], report


def test_that_tables_of_a_folder_are_one_log_and_a_list_tells_what_its_templates_are(folder: Path) -> None:
    rows, report = _staged(folder)
    assert rows == [
        ("1", "m1", "51911111111", "marketing"),
        ("2", "m2", "51922222222", ""),
        ("3", "m3", "51933333333", "utility"),
    ]
    assert [one.problem.place.file for one in report.warnings if one.problem] == ["leeme.txt"]
    assert "log_lacks_template_category" not in [one.code for one in report.problems]


def test_that_categories_which_a_log_states_go_before_those_of_a_list(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    text = (
        "id,cliente,sentido,plantilla,categoría,entregado\nm1,51911111111,salida,promo,Utilidad,2026-10-05T15:00:03Z\n"
    )
    (folder / "log.csv").write_text(text, encoding="utf-8")
    (folder / "plantillas.csv").write_text(_LIST, encoding="utf-8")
    assert [row[3] for row in _staged(folder)[0]] == ["utility"]


def test_that_files_of_other_heads_are_no_part_of_one_log(folder: Path) -> None:
    (folder / "c_octubre.csv").write_text("id,to,status,sent_at\nm4,51944444444,delivered,2026-10-05T15:00:00Z\n")
    with pytest.raises(AuditorError, match="log_heads_differ") as refused:
        _staged(folder)
    assert refused.value.place == Place("c_octubre.csv", row=1)


def test_that_a_folder_without_any_log_says_what_it_holds(folder: Path) -> None:
    for path in folder.glob("*octubre*"):
        path.unlink()
    with pytest.raises(AuditorError, match="webhook_file_unknown"):
        _staged(folder)
