"""Units without a rate: that the card is missing is said as what comes next, and adding it puts it right."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from auditor.core.problems import APART
from auditor.core.problems import Said
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
    bar.otherwise.click()
    assert window.sources.facts.isVisible()  # or the account is charged in another currency
    window.sources.facts.dismissed.emit()
    window.add([tmp_path / "card.csv"])
    settle(qtbot, window)
    assert bar.label.text() == "Compared: the one line agrees."
    assert window.reconciliation.footer.figures["expected"].text() == "S/\N{NO-BREAK SPACE}0.24"  # 2 * 0.12
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
