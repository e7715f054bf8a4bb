"""Units without a rate: that the card is missing is said as what comes next, and adding it puts it right."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from auditor.core.problems import APART
from auditor.core.problems import Said
from auditor.gui.pieces.controls import Empty
from auditor.language import Language
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.conftest import window_on

_ACCOUNT = """
[audit]
name = "Clínica San Camilo"
currency = "PEN"
period = "2026-10"
[[waba]]
id = "415000000000088"
time_zone = "America/Lima"
currency = "PEN"
"""
_LOG = """Id del mensaje;Fecha de envío;Fecha de entrega;Número de la empresa;Teléfono del cliente;Sentido;Categoría
m1;15/10/2026 10:00:00;15/10/2026 10:00:02;51987654321;51911111111;Saliente;Utilidad
m2;16/10/2026 10:00:00;16/10/2026 10:00:01;51987654321;51911111111;Saliente;Utilidad
"""
# As the help shows it, with the heads that the sentence names.
_CARD = "Effective from,Currency,Market,Category,Rate\n2026-10-01,PEN,Peru,Utility,0.12\n"
_INVOICE = "País;Categoría;Cantidad;Precio;Importe\nPerú;Utilidad;2;0,12;S/ 0,24\n"
_OFFER = "m3;15/10/2026 11:00:00;15/10/2026 11:00:02;51987654321;51911111112;Saliente;Marketing\n"
_BOTH = "País;Categoría;Cantidad;Precio;Importe\nPerú;Utilidad;2;0,15;S/ 0,30\nPerú;Marketing;1;0,30;S/ 0,30\n"


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_a_missing_rate_is_said_and_a_card_puts_it_right(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    files = {"account.toml": _ACCOUNT, "log.csv": _LOG, "bill.csv": _INVOICE, "card.csv": _CARD}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    window = window_on(qtbot, preferences, tmp_path / "account.toml", tmp_path / "clinic.audit")
    window.add([tmp_path / "log.csv", tmp_path / "bill.csv"])
    settle(qtbot, window)
    bar = window.sources.next
    assert "no rate in PEN" in bar.label.text()
    assert "units: 2" in bar.label.text()
    assert bar.property("kind") == "problem"
    window.go("reconciliation")
    assert window.reconciliation.footer.beneath["expected"].text() == "without a rate: 2"
    window.go("sources")
    bar.action.click()
    assert window.findChildren(QFileDialog)  # asks for the card
    window.add([tmp_path / "card.csv"])
    settle(qtbot, window)
    assert bar.label.text() == "Compared: the one line agrees."
    assert window.reconciliation.footer.figures["expected"].text() == "S/\N{NO-BREAK SPACE}0.24"  # 2 * 0.12
    window.close()


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_missing_rates_are_asked_one_after_the_other_and_what_was_disputed_is_claimed(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    for name, text in {"account.toml": _ACCOUNT, "log.csv": _LOG + _OFFER, "bill.csv": _BOTH}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    window = window_on(qtbot, preferences, tmp_path / "account.toml", tmp_path / "clinic.audit")
    window.add([tmp_path / "log.csv", tmp_path / "bill.csv"])
    window.sources.refresh()  # as when the audit has only now been made
    (reading,) = (one for one in window.sources.findChildren(Empty) if one.isVisible())
    assert reading.title.text() == "Your files are being read"
    settle(qtbot, window)
    window.sources.next.otherwise.click()
    form = window.rates.form
    assert "Peru · Marketing · PEN" in form.title.text()
    window.go("reconciliation")
    window.next.action.click()  # the same way from there
    form.rate.setText("0.30")
    form.reason.setText("Annex 1")
    form.set.click()
    settle(qtbot, window)
    assert "Peru · Utility · PEN" in form.title.text()
    assert form.reason.text() == "Annex 1"
    form.rate.setText("0.12")
    QTest.keyClick(form.rate, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert form.isHidden()
    window.go("reconciliation")
    assert window.next.isHidden()
    window.reconciliation.table.selectRow(0)
    window.reconciliation.detail.decision.accept.click()
    settle(qtbot, window)
    assert window.next.action.text() == "Go to Sign-off"
    window.reconciliation.detail.decision.dispute.click()
    settle(qtbot, window)
    # 2 x 0.15 were billed and 2 x 0.12 are due
    assert "one is disputed, +S/\N{NO-BREAK SPACE}0.06" in window.next.label.text()
    window.next.action.click()
    assert window.findChildren(QFileDialog)
    window.go("sources")
    assert window.sources.next.action.text() == "Write the claim pack…"
    window.go("reconciliation")
    pack = tmp_path / "pack"
    pack.mkdir()
    window.context.workspace.export_claim_pack(pack)
    settle(qtbot, window)
    written = len([*pack.iterdir()])
    told = f"{written} files were saved in the folder {pack}: "
    assert window.reconciliation.bar.label.text().startswith(told)
    assert window.next.action.text() == "Go to Sign-off"  # what is claimed is not asked for again
    window.reconciliation.detail.decision.clear.click()
    settle(qtbot, window)
    window.reconciliation.detail.decision.dispute.click()
    settle(qtbot, window)
    assert window.next.action.text() == "Go to Sign-off"
    window.close()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Columns read: Sent at = sent, delivered; Customer = customer."),
        ("es", "Columnas leídas: Sent at = enviado, entregado; Customer = cliente."),
    ],
)
def test_that_a_column_of_a_log_that_is_taken_for_several_fields_is_named_once(language: str, told: str) -> None:
    pairs = ("Sent at", "sent_at", "Sent at", "delivered_at", "Customer", "user", "Sent at", "delivered_at")
    said = Said("reading_logs.decisions.columns", {"columns": APART.join(pairs)})
    assert Language(language).said(said) == told
