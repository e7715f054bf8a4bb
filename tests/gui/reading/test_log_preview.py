"""A message log of a stranger: known by the words of its heads or, where these say nothing, by what the user states."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from auditor.core.problems import unwatched
from auditor.gui.application import make_window
from auditor.gui.opened import Opened
from auditor.gui.pieces.controls import Choice
from auditor.gui.reading.import_preview import ImportPreview
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.conftest import window_of
from tests.gui.conftest import window_on

if TYPE_CHECKING:
    from auditor.verbs.intake import Facts

_ACCOUNT = """
[audit]
name = "Comercial Sur"
currency = "USD"
period = "2026-10"
[[waba]]
id = "102290129340398"
time_zone = "America/Lima"
currency = "USD"
"""
_HEADS = "Id del mensaje;Fecha de envío;Fecha de entrega;Número de la empresa;Teléfono del cliente;Sentido;Categoría"
_ODD = "Referencia;Enviado a las;Llegó a las;Nuestra línea;Con quién;Hacia;Clase"
_MEANINGS = (
    "message_id", "sent_at", "delivered_at", "phone_number_id", "user", "direction", "template_category",
)  # fmt: skip
# Two utility templates outside any window to Peru: 2 * 0.03, by the card of October 2026.
_ROWS = """
m1;05/10/2026 10:00:00;05/10/2026 10:00:02;51987654321;51911111111;Saliente;Utilidad
m2;06/10/2026 10:00:00;06/10/2026 10:00:01;51987654321;51911111111;Saliente;Utilidad
"""


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> Iterator[MainWindow]:
    """Give a window with an audit of one account, and no file in it."""
    yield from window_of(qtbot, preferences, tmp_path, _ACCOUNT)


def _log(tmp_path: Path, heads: str, rows: str = _ROWS) -> Path:
    path = tmp_path / "reporte.csv"
    path.write_text(f"{heads}{rows}", encoding="cp1252")
    return path


def _invoice(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in (["País", "Categoría", "Cantidad", "Importe USD"], ["Perú", "Utilidad", 2, 0.06]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "factura.xlsx")
    return tmp_path / "factura.xlsx"


def _odd_invoice(tmp_path: Path) -> Path:
    path = tmp_path / "factura.csv"
    path.write_text("País;Categoría;Cantidad;Columna D\nPerú;Utilidad;2;0,06\n", encoding="utf-8")
    return path


def _kinds(window: MainWindow) -> list[str]:
    opened = window.context.workspace.opened
    return [source.kind for source in opened.sources] if opened else []


def _choose(qtbot: QtBot, window: MainWindow, box: Choice, value: str) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())
    preview = window.sources.preview
    qtbot.waitUntil(lambda: not preview._later.isActive(), timeout=10_000)
    settle(qtbot, window)


def _meaning(preview: ImportPreview, row: int) -> Choice:
    box = preview.columns.cellWidget(row, 1)
    assert isinstance(box, Choice)
    return box


def _previewed(qtbot: QtBot, window: MainWindow, file: Path) -> ImportPreview:
    """Add a file and look at how it is read."""
    window.add([file])
    settle(qtbot, window)
    preview = window.sources.preview
    window.sources.tabs.setCurrentWidget(preview)
    settle(qtbot, window)
    return preview


def test_that_a_log_in_spanish_and_its_invoice_are_compared_as_they_are_dropped(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.add([_invoice(tmp_path), _log(tmp_path, _HEADS, _ROWS.replace("06/10/2026", "16/10/2026"))])
    settle(qtbot, window)
    assert _kinds(window) == ["invoice", "log"]
    result = window.context.workspace.opened
    assert result is not None
    assert result.result is not None
    assert {line.status for line in result.result.differences} == {"matched"}


def test_that_a_log_of_unknown_heads_is_read_once_its_columns_are_stated(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.add([_invoice(tmp_path), _log(tmp_path, _ODD)])
    settle(qtbot, window)
    # The other file is in, and the preview shows the one that is not.
    assert _kinds(window) == ["invoice"]
    preview = window.sources.preview
    settle(qtbot, window)
    assert "message log" in preview.bar.label.text()
    _choose(qtbot, window, preview.fields.kind, "log")
    assert "customer" in preview.bar.label.text()
    for row, field in enumerate(_MEANINGS):
        _choose(qtbot, window, _meaning(preview, row), field)
    # All times can be day or month first: it is asked, and nothing guessed.
    assert not preview.take.isEnabled()
    _choose(qtbot, window, preview.fields.dates, "dmy")
    assert preview.rows.rows[0].texts[2] == "05 Oct 2026 10:00:00"
    preview.take.click()
    settle(qtbot, window)
    assert _kinds(window) == ["invoice", "log"]
    # The file that is in the audit now is the one in view, and is shown as it was read: nothing is left to be mended.
    settle(qtbot, window)
    shown = window.sources.table.current_row()
    assert shown is not None
    assert shown.record.kind == "log"
    assert [_meaning(preview, row).currentData() for row in range(len(_MEANINGS))] == list(_MEANINGS)
    assert preview.fields.dates.currentData() == "dmy"
    assert not preview.take.isEnabled()
    assert "save it as a profile" in preview.bar.label.text()  # it can be kept for the next month


def test_that_a_column_that_only_helps_to_tell_another_is_not_called_unused(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    heads = "Id del mensaje;Fecha;Hora;Número de la empresa;Teléfono del cliente;Sentido;Categoría;Estado;Nota\n"
    row = "m1;16/10/2026;10:00:00;51987654321;51911111111;Saliente;Utilidad;Entregado;x\n"
    preview = _previewed(qtbot, window, _log(tmp_path, heads, row))
    said = [_meaning(preview, place).currentText() for place in (2, 7, 8)]
    assert said == ["helps to tell “sent”", "helps to tell “delivered”", "not used"]


def test_that_of_two_files_that_cannot_be_read_the_second_comes_after_the_first(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    invoice = _odd_invoice(tmp_path)
    window.add([invoice, _log(tmp_path, _ODD)])
    settle(qtbot, window)
    preview = window.sources.preview
    assert preview.path == invoice
    _choose(qtbot, window, _meaning(preview, 3), "amount")
    preview.take.click()
    settle(qtbot, window)
    assert _kinds(window) == ["invoice"]
    assert preview.path == tmp_path / "reporte.csv"
    assert preview.bar.isVisibleTo(preview)


def test_that_each_of_several_refused_files_is_told_and_waits_until_it_is_read_or_given_up(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    good, picture = _invoice(tmp_path), tmp_path / "foto.png"
    picture.write_bytes(bytes.fromhex("89504e470d0a1a0a") + bytes(64))
    odd, log = _odd_invoice(tmp_path), _log(tmp_path, _ODD)
    window.add([good])
    settle(qtbot, window)
    window.add([good, picture, odd, log])
    settle(qtbot, window)
    sources = window.sources
    said = sources.bar.label.text()
    assert said.startswith("4 files were not added:")
    assert [name for name in (good.name, picture.name, odd.name, log.name) if name not in said] == []
    # A picture cannot be looked at, and the invoice that is there is there: neither is waited for.
    assert sources.preview.path == odd
    assert sources.next.label.text().endswith("how they are read: reporte.csv.")
    # The user looks at something else, and comes back.
    sources.tabs.setCurrentIndex(0)
    assert sources.next.label.text().endswith("how they are read: factura.csv, reporte.csv.")
    sources.next.action.click()
    settle(qtbot, window)
    assert sources.preview.path == odd
    sources.tabs.setCurrentIndex(0)
    sources.next.closed.emit()
    sources.refresh()
    assert "how they are read" not in sources.next.label.text()
    # Another audit is not asked for the files of this one.
    window.add([odd])
    settle(qtbot, window)
    window.context.workspace.open_account(tmp_path / "account.toml", tmp_path / "otra.audit")
    settle(qtbot, window)
    sources.tabs.setCurrentIndex(0)
    assert sources.next.isHidden()


def test_that_a_file_of_which_nothing_can_be_shown_is_told_though_another_waits_to_be_read(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    picture = tmp_path / "foto.png"
    picture.write_bytes(bytes.fromhex("89504e470d0a1a0a") + bytes(64))
    odd, sources = _odd_invoice(tmp_path), window.sources
    window.add([odd])
    settle(qtbot, window)
    assert sources.bar.isHidden()  # the preview says it beside the columns
    window.add([picture])
    settle(qtbot, window)
    assert sources.preview.path == odd
    assert sources.bar.isVisible()
    assert sources.bar.label.text().startswith("foto.png: This is a picture")


def _put_right(qtbot: QtBot, window: MainWindow) -> Opened:
    """Take the next step that the place of the files offers, and give the audit as it is then."""
    window.sources.next.action.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    return opened


def test_that_an_audit_in_another_currency_than_its_invoice_is_put_right_by_a_button(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    invoice = tmp_path / "factura.csv"
    invoice.write_text("País;Categoría;Cantidad;Precio;Importe\nPerú;Utilidad;2;0,12;S/ 0,24\n", encoding="utf-8")
    # Read either way, the log's dates are of no audited day: that is told beside what is the matter with the invoice.
    window.add([invoice, _log(tmp_path, _HEADS, _ROWS.replace("/10/2026", "/09/2026"))])
    settle(qtbot, window)
    assert "can be day first or month first" in window.sources.bar.label.text()
    window.add([_log(tmp_path, _HEADS, _ROWS.replace("05/10", "15/10").replace("06/10", "16/10"))])
    settle(qtbot, window)
    assert "is in PEN" in window.sources.next.label.text()
    opened = _put_right(qtbot, window)
    assert opened.account.currency == "PEN"
    assert [source.problems for source in opened.sources if source.kind == "invoice"] == [()]
    # The account is in dollars: what is in the way now is a rate of exchange, and where the lines would be it says so.
    window.go("reconciliation")
    assert "No exchange rate from USD to PEN" in window.reconciliation.empty.text.text()
    window.reconciliation.empty.leave.click()
    assert window.place == "sources"
    rates = tmp_path / "cambio.csv"
    rates.write_text("Fecha,Compra,Venta\n15/10/2026,3.70,3.75\n16/10/2026,3.70,3.75\n", encoding="utf-8")
    window.add([rates])
    settle(qtbot, window)
    assert "two rates a day" in window.sources.next.label.text()
    opened = _put_right(qtbot, window)
    assert opened.result is not None
    # Two of 0.03 US dollars are 0.06 * 3.75 = 0.225 soles, half up 0.23, against 0.24.
    assert opened.result.billed == Decimal("0.24")
    assert opened.result.expected == Decimal("0.23")


def test_that_a_file_is_shown_as_it_was_said_to_be_read_when_the_audit_is_opened_again(
    qtbot: QtBot, window: MainWindow, preferences: Preferences, tmp_path: Path
) -> None:
    invoice = _odd_invoice(tmp_path)
    window.add([invoice])
    settle(qtbot, window)
    preview = window.sources.preview
    _choose(qtbot, window, _meaning(preview, 3), "amount")
    preview.take.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.path is not None
    window.close()
    again = make_window(preferences)
    qtbot.addWidget(again)
    again.show()
    again.open(opened.path)
    settle(qtbot, again)
    again.go("sources")
    preview = again.sources.preview
    again.sources.tabs.setCurrentWidget(preview)
    settle(qtbot, again)
    assert not preview.bar.isVisibleTo(preview)
    assert _meaning(preview, 3).currentData() == "amount"
    # As the program finds it by itself it cannot be read: that is told, and taken back by stating it anew.
    preview.reset.click()
    settle(qtbot, again)
    assert preview.bar.isVisibleTo(preview)
    _choose(qtbot, again, _meaning(preview, 3), "amount")
    assert not preview.bar.isVisibleTo(preview)
    assert not preview.take.isEnabled()
    again.close()


def test_that_a_log_can_be_read_another_way_from_where_it_lies(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    log = _log(tmp_path, _HEADS, _ROWS.replace("06/10/2026", "16/10/2026"))
    sources, preview = window.sources, _previewed(qtbot, window, log)
    _choose(qtbot, window, _meaning(preview, 6), "ignore")
    sources.preview.take.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert "log_lacks_template_category" in [problem.code for problem in opened.sources[0].problems]
    log.write_text("changed", encoding="utf-8")
    window.context.workspace.read_again(opened.sources[0].sha256, sources.preview._options(), log)
    settle(qtbot, window)
    assert "SHA-256" in sources.bar.label.text()


def test_that_letters_of_another_system_can_be_stated_and_are_read_so_into_the_audit(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    invoice = tmp_path / "factura.csv"
    # In code page 850 the í of a head is a byte that Windows reads as another letter, and ß is the á of Windows.
    text = "País;Categoría;Cantidad;Importe USD;Nota\nPerú;Utilidad;2;0,06;Wilhelmstraße\n"
    invoice.write_text(text, encoding="cp850")
    preview = _previewed(qtbot, window, invoice)
    assert preview.fields.encoding.isVisible()
    assert "Categor¡a" in preview.rows.rows[0].texts[1]
    _choose(qtbot, window, preview.fields.encoding, "cp850")
    assert "CP850" in preview.facts.text()
    assert "Categoría" in preview.rows.rows[0].texts[1]
    preview.take.click()
    settle(qtbot, window)
    # What was stated still stands, and is what is seen.
    assert (preview.fields.encoding.currentData(), "CP850" in preview.facts.text()) == ("cp850", True)
    read: list[tuple[Facts, Facts]] = []
    workspace = window.context.workspace
    workspace.ask(lambda audit: audit.reread(audit.kept_whole()[0][0], tmp_path, unwatched), read.append)
    settle(qtbot, window)
    kept, anew = read[0]
    columns = kept["lines"]["columns"]
    assert [columns[name]["values"] for name in ("country", "category")] == [["PE"], ["utility"]]
    # A proof reads the file the same way again.
    assert anew == kept


def test_that_letters_are_asked_about_only_where_a_text_is_not_unicode(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    preview = _previewed(qtbot, window, _invoice(tmp_path))
    assert preview.fields.header.isVisible()
    assert not preview.fields.encoding.isVisible()


@pytest.mark.usefixtures("own_profiles")
def test_that_the_zone_of_a_logs_times_can_be_stated_and_is_read_so_into_the_audit(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    log = _log(tmp_path, _HEADS, _ROWS.replace("06/10/2026", "16/10/2026"))
    preview = _previewed(qtbot, window, log)
    assert preview.fields.zone.isVisible()
    assert "America/Lima" in preview.facts.text()
    _choose(qtbot, window, preview.fields.zone, "America/New_York")
    # New York is four hours behind Greenwich in October, Lima five: ten o'clock there is nine in Lima.
    assert preview.rows.rows[0].texts[2] == "05 Oct 2026 09:00:00"
    assert "America/New_York" in preview.facts.text()
    preview.take.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert [one.values["zone"] for one in opened.sources[0].decisions if "zone" in one.values] == ["America/New_York"]
    preview.profile.setText("CRM")
    preview.save.click()
    settle(qtbot, window)
    preview.reset.click()
    settle(qtbot, window)
    # The profile knows the heads, and keeps the zone with them.
    assert not preview.fields.zone.currentData()
    assert preview.rows.rows[0].texts[2] == "05 Oct 2026 09:00:00"


def test_that_either_side_of_a_table_of_exchange_rates_is_a_button_that_is_pressed_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    soles = tmp_path / "soles.toml"
    soles.write_text(_ACCOUNT.replace('"USD"', '"PEN"', 1), encoding="utf-8")
    window.context.workspace.open_account(soles, tmp_path / "soles.audit")
    settle(qtbot, window)
    rates = tmp_path / "cambio.csv"
    rates.write_text("Fecha,Compra,Venta\n15/10/2026,3.70,3.75\n16/10/2026,3.70,3.75\n", encoding="utf-8")
    window.add([_log(tmp_path, _HEADS, _ROWS.replace("05/10", "15/10").replace("06/10", "16/10")), rates])
    settle(qtbot, window)
    bar = window.sources.next
    assert (bar.action.text(), bar.otherwise.text()) == ("Use the selling rate", "Use the buying rate")
    bar.otherwise.click()
    assert bar.isHidden()
    bar.otherwise.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.account.fx.side == "buy"
    assert [source.kind for source in opened.sources] == ["log", "fx"]
    assert opened.result is not None
    # Two of 0.03 US dollars are 0.06 * 3.70 = 0.222 soles.
    assert opened.result.expected == Decimal("0.22")
    assert bar.otherwise.isHidden()


def test_that_a_log_of_the_only_number_is_read_once_the_facts_state_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    heads, rows = (text.replace("Número de la empresa;", "").replace("51987654321;", "") for text in (_HEADS, _ROWS))
    window.add([_log(tmp_path, heads, rows.replace("05/", "15/").replace("06/", "16/"))])
    settle(qtbot, window)
    preview, sources = window.sources.preview, window.sources
    assert preview.bar.label.text().endswith("state that number in the account facts.")
    preview.bar.action.click()
    sources.facts.wabas[0].numbers.setText("51987654321")
    sources.facts.submit.click()
    settle(qtbot, window)
    assert preview.isVisible()
    qtbot.waitUntil(preview.take.isEnabled, timeout=60_000)
    assert preview.bar.isHidden()
    preview.take.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert [(source.kind, source.kept, source.refused) for source in opened.sources] == [("log", 2, 0)]


def test_that_what_was_stated_is_kept_as_a_profile_and_the_next_file_is_read_by_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    heads = _ODD.replace("Referencia", "Folio del local")
    preview = _previewed(qtbot, window, _log(tmp_path, heads, _ROWS.replace("06/10", "16/10")))
    _choose(qtbot, window, preview.fields.kind, "log")
    for row, field in enumerate(_MEANINGS):
        _choose(qtbot, window, _meaning(preview, row), field)
    preview.profile.setText("Local")
    preview.save.click()
    settle(qtbot, window)
    assert "Local" in preview.bar.label.text()
    preview.take.click()
    settle(qtbot, window)
    settle(qtbot, window)
    assert _kinds(window) == ["log"]
    assert not preview.bar.isVisibleTo(preview)  # it is kept, and nothing is to be said of it
    later = tmp_path / "noviembre.csv"
    later.write_text(f"{heads}{_ROWS.replace('06/10', '17/10').replace('m', 'n')}", encoding="cp1252")
    window.add([later])
    settle(qtbot, window)
    assert _kinds(window) == ["log", "log"]


def test_that_of_a_log_that_is_not_there_no_heads_are_asked_for(qtbot: QtBot, sample: MainWindow) -> None:
    sample.go("sources")
    preview = sample.sources.preview
    sample.sources.tabs.setCurrentIndex(1)
    for kind, shown in (("log", False), ("invoice", True)):
        rows = [row.record.kind for row in sample.sources.model.rows]
        sample.sources.table.selectRow(rows.index(kind))
        settle(qtbot, sample)
        assert preview.columns.isVisible() is shown
    sample.sources.table.selectRow(rows.index("log"))
    settle(qtbot, sample)
    assert preview.facts.text().startswith("Of a message log only the rows are kept.")
    assert preview.facts.y() < 60  # over what is left free, not in the middle of it


def test_that_of_a_log_without_a_usable_row_the_reason_is_said_and_the_facts_that_mend_it_are_a_button(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    """Two accounts, and a log that names none: which it is of is told by the number, once an account has it."""
    account = tmp_path / "two.toml"
    other = '[[waba]]\nid = "20"\ntime_zone = "America/Lima"\ncurrency = "USD"\n'
    account.write_text(f"{_ACCOUNT}{other}", encoding="utf-8")
    window = window_on(qtbot, preferences, account, tmp_path / "two.audit")
    window.add([_log(tmp_path, _HEADS, _ROWS.replace("05/", "15/").replace("06/", "16/"))])
    settle(qtbot, window)
    sources = window.sources
    said = sources.preview.bar.label.text().split("\n")
    assert len(said) == 2
    assert said[1].endswith("Add the number to its account under Account facts.")
    sources.preview.bar.action.click()
    sources.facts.wabas[1].numbers.setText("51987654321")
    sources.facts.submit.click()
    settle(qtbot, window)
    qtbot.waitUntil(lambda: sources.preview.take.isEnabled() or _kinds(window) == ["log"], timeout=60_000)
    window.close()
