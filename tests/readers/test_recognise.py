"""What a dropped file is, by its content and never by its name (window.md §1.2)."""

import gzip
import json
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
import xlsxwriter

from auditor.core.problems import AuditorError
from auditor.readers.recognise import recognise
from tests.audit_files import ACCOUNT
from tests.audit_files import ROWS
from tests.audit_files import write_card
from tests.audit_files import write_invoice
from tests.audit_files import write_log

FX = "date,from,to,rate,source\n2026-10-05,USD,PEN,3.75,SBS\n"
WEBHOOK = '{"object": "whatsapp_business_account", "entry": []}\n'


def book(path: Path, heads: tuple[str, ...], above: int = 0) -> Path:
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet()
    for column, head in enumerate(heads):
        sheet.write_string(above, column, head)
    made.close()
    return path


def test_that_tables_are_known_by_their_heads(tmp_path: Path) -> None:
    fx = tmp_path / "fx.csv"
    fx.write_text(FX, encoding="utf-8")
    assert recognise(write_log(tmp_path / "a.csv", ROWS)) == "log"
    assert recognise(write_card(tmp_path / "b.csv")) == "card"
    assert recognise(write_invoice(tmp_path / "c.csv")) == "invoice"
    assert recognise(fx) == "fx"


def test_that_the_name_does_not_matter(tmp_path: Path) -> None:
    assert recognise(write_log(tmp_path / "invoice.xlsx", ROWS)) == "log"
    assert recognise(write_invoice(tmp_path / "messages.json")) == "invoice"
    workbook = book(tmp_path / "made.xlsx", ("Market", "Amount"))
    named = tmp_path / "download.csv"  # as Meta's downloads are
    named.write_bytes(workbook.read_bytes())
    assert recognise(named) == "invoice"


def test_that_packed_and_oddly_encoded_tables_are_known(tmp_path: Path) -> None:
    text = write_log(tmp_path / "log.csv", ROWS).read_text(encoding="utf-8")
    packed, wide, semicolons = (tmp_path / name for name in ("log.gz", "wide.csv", "semicolons.csv"))
    packed.write_bytes(gzip.compress(text.encode()))
    wide.write_text(text, encoding="utf-16")
    semicolons.write_text(text.replace(",", ";"), encoding="utf-8-sig")
    assert [recognise(path) for path in (packed, wide, semicolons)] == ["log"] * 3


def test_that_webhooks_parquet_and_folders_are_logs(tmp_path: Path) -> None:
    hook, columns = tmp_path / "hook.txt", tmp_path / "rows.bin"
    hook.write_text(WEBHOOK, encoding="utf-8")
    duckdb.sql(f"copy (select 1 as a) to '{columns.as_posix()}' (format parquet)")
    assert [recognise(path) for path in (hook, columns, tmp_path)] == ["log"] * 3


@pytest.mark.parametrize(
    ("heads", "above", "kind"),
    [
        (("message_id", "phone_number_id", "user", "direction"), 0, "log"),
        (("Message ID", "Phone number ID", "User", "Direction"), 0, "log"),
        (("effective_from", "market", "category", "rate"), 0, "card"),
        (("Mercado", "Cantidad", "Importe"), 5, "invoice"),
        ((), 0, "invoice"),
    ],
)
def test_that_workbooks_are_known_by_their_heads(tmp_path: Path, heads: tuple[str, ...], above: int, kind: str) -> None:
    assert recognise(book(tmp_path / "book.xlsx", heads, above)) == kind


def without(path: Path, part: str, instead: bytes | None = None) -> Path:
    """Give a copy of a book without one of its parts, or with another in its place."""
    target = path.with_name("harmed.xlsx")
    with ZipFile(path) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            content = instead if name == part else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return target


def seen(path: Path) -> str:
    """Give the kind of a file, or the code of the sentence that refuses it."""
    try:
        return recognise(path)
    except AuditorError as error:
        return error.code


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
@pytest.mark.parametrize("instead", [None, b"<row><c>"])
def test_that_a_damaged_book_is_left_to_the_reader_that_says_what_is_wrong(
    tmp_path: Path, part: str, instead: bytes | None
) -> None:
    harmed = without(book(tmp_path / "book.xlsx", ("Market", "Amount")), part, instead)
    assert seen(harmed) in {"invoice", "file_damaged", "file_is_zip"}


def test_that_a_book_without_a_sheet_of_cells_is_no_table(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(tmp_path / "chart.xlsx")
    made.add_worksheet().hide()
    chart = made.add_chart({"type": "bar"})
    chart.add_series({"values": "=Sheet1!$A$1:$A$2"})
    sheet = made.add_chartsheet()
    sheet.set_chart(chart)
    sheet.activate()
    made.close()
    assert recognise(tmp_path / "chart.xlsx") == "invoice"


def test_that_an_account_file_is_known(tmp_path: Path) -> None:
    account, other = tmp_path / "account.toml", tmp_path / "other.toml"
    account.write_text(ACCOUNT, encoding="utf-8")
    other.write_text('a = "b"', encoding="utf-8")
    assert recognise(account) == "account"
    assert recognise(other) != "account"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Template,Phone Number,Status,Sent At,Delivered At\npromo,51987654321,READ,05/10/2026 15:00,\n", "log"),
        ("Message ID,Date & Time,Sender Type\n88001,2026-10-05 10:00:00,contact\n", "log"),
        ("Message Id;To;Sent At;Done At;Status;Price\nb1;519;05/10/2026 15:00;;SEEN;0,07\n", "log"),
        ("Phone Number,Sent,Delivered,Read\n51987654321,900,870,500\n", "invoice"),  # counts by number
        ("Message ID,Phone,Sent At,Delivered At,Amount\nb1,519,2026-10-05 15:00,,0.07\n", "invoice"),
    ],
)
def test_that_a_report_of_single_messages_is_a_log_whatever_it_lacks(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / "report.csv"
    path.write_text(text, encoding="utf-8")
    assert recognise(path) == kind


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        ("0.0703,0.02,n/a", "card"),
        ("0.0118,0.0014,0.0014", "card"),
        ("70.30,10.00,5.27", "invoice"),
    ],
)
def test_that_a_list_card_needs_no_note_where_its_figures_are_rates(tmp_path: Path, figures: str, kind: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"Market,Currency,Marketing,Utility,Authentication\nPeru,USD,{figures}\n", encoding="utf-8")
    assert recognise(path) == kind


def test_that_a_column_stated_to_be_the_customer_does_not_make_a_log_of_amounts(tmp_path: Path) -> None:
    bill, log = tmp_path / "bill.csv", tmp_path / "log.csv"
    bill.write_text("Fecha,Celular X,Categoría,Importe USD\n2026-10-01,51999888777,Marketing,7\n", "utf-8")
    log.write_text("ID mensaje,Dirección,Fulano,Enviado,Entregado\nm1,saliente,51999888777,10:00,10:01\n", "utf-8")
    assert recognise(bill, mapping={"Celular X": "user"}) == "invoice"
    assert recognise(bill, mapping={"Celular X": "direction"}) == "log"
    assert recognise(log, mapping={"Fulano": "user"}) == "log"
    log.write_text("Cosa,Fulano\nm1,51999888777\n", "utf-8")
    assert recognise(log, mapping={"Fulano": "user"}) == "log"  # whose reader says what else it lacks


def test_that_a_log_may_stand_behind_a_sheet_of_another_kind_but_not_behind_amounts(tmp_path: Path) -> None:
    heads = ["ID mensaje", "Dirección", "Teléfono del cliente", "Fecha de envío", "Fecha de entrega"]
    for amounts, kind in (("", "log"), ("Importe USD", "invoice")):
        made = xlsxwriter.Workbook(tmp_path / "report.xlsx")
        made.add_worksheet("Resumen").write_row(0, 0, ["Total de mensajes", amounts or "20"])
        made.add_worksheet("Mensajes").write_row(3, 0, heads)
        made.close()
        assert recognise(tmp_path / "report.xlsx") == kind


def test_that_the_lines_of_an_invoice_in_json_are_known_without_a_category(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"items": [{"description": "WhatsApp marketing Peru", "quantity": 10, "amount": 0.7}]}')
    assert recognise(path) == "invoice"


def test_that_charges_in_json_may_be_called_prices(tmp_path: Path) -> None:
    path = tmp_path / "usage.json"
    line = {"country": "PE", "category": "MARKETING", "messages": 100, "price": {"amount": "7.03", "currency": "USD"}}
    path.write_text(json.dumps({"data": [line, line]}), encoding="utf-8")
    assert recognise(path) == "invoice"


@pytest.mark.parametrize(
    ("second", "kind"), [("51911222333,51987654321", "log"), ("51987654321,51911222444", "invoice")]
)
def test_that_messages_that_go_both_ways_are_a_log_though_each_states_its_cost(
    second: str, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "chats.csv"
    heads = "Fecha,Origen,Destino,Tipo de mensaje,Estado,Costo\n2026-10-05 07:00,51987654321,51911222333"
    path.write_text(f"{heads},Marketing,Entregado,0.0703\n2026-10-05 07:10,{second},Marketing,Leído,0\n", "utf-8")
    assert recognise(path) == kind
