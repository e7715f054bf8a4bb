"""A provider that bills prices of its own in soles, with IGV on top: its price list, its invoice and its log."""

from pathlib import Path

from PySide6.QtCore import QDate
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.stories.hands import click
from tests.stories.hands import drop
from tests.stories.hands import settled

_PRICES = """Tarifario 2026: precios en soles sin IGV
Vigente desde el 1 de enero de 2026
Categoría;Precio por mensaje (S/)
Marketing;0,28
Autenticación;0,12
"""
# Five were billed of which one was not delivered; IGV is 18 % of 151.64, which is 27.2952.
_INVOICE = """Ítem;Descripción;Cantidad;Valor unitario (S/);Valor de venta (S/)
1;Plan mensual;1;150,00;150,00
2;Mensajes de marketing WhatsApp - Perú;5;0,28;1,40
3;Mensajes de autenticación WhatsApp - Perú;2;0,12;0,24
;;;Op. gravada;151,64
;;;IGV 18 %;27,30
;;;Importe total;178,94
"""
_LOG = """ID mensaje;Fecha de envío;Fecha de entrega;Número de empresa;Teléfono cliente;Sentido;Categoría;Estado
m1;13/07/2026 10:00:00;13/07/2026 10:00:02;51944555666;51911111111;Saliente;Marketing;Entregado
m2;14/07/2026 10:00:00;14/07/2026 10:00:02;51944555666;51911111112;Saliente;Marketing;Entregado
m3;15/07/2026 10:00:00;15/07/2026 10:00:02;51944555666;51911111113;Saliente;Marketing;Leído
m4;16/07/2026 10:00:00;16/07/2026 10:00:02;51944555666;51911111114;Saliente;Marketing;Entregado
m5;17/07/2026 10:00:00;;51944555666;51911111115;Saliente;Marketing;Fallido
m6;18/07/2026 10:00:00;18/07/2026 10:00:02;51944555666;51911111116;Saliente;Autenticación;Entregado
m7;19/07/2026 10:00:00;19/07/2026 10:00:02;51944555666;51911111117;Saliente;Autenticación;Entregado
"""


def test_that_an_invoice_in_soles_at_prices_of_the_provider_is_compared_by_its_price_list(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    files = {"tarifario.csv": _PRICES, "F001-1234.csv": _INVOICE, "reporte.csv": _LOG}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    drop(window, *(tmp_path / name for name in files))
    form = window.start.form
    QTest.keyClicks(form.entity, "El Tornillo E.I.R.L.")
    form.period.setDate(QDate(2026, 7, 1))
    form.currency.setCurrentText("PEN")  # at once: letters would open its list over a display of none
    QTest.keyClicks(form.wabas[0].id, "El Tornillo")
    click(form.submit)
    settled(qtbot, window)
    # Nobody who has a price list in soles has a table of exchange rates.
    told = window.sources.next
    assert told.label.text().startswith("No hay tipo de cambio de USD a PEN para 18/07/2026")
    assert (told.action.text(), told.otherwise.text()) == ("Los precios son en PEN", "Agregar tipos de cambio…")
    click(told.action)
    settled(qtbot, window)
    assert told.label.text() == "Comparado: difiere una línea de 2; en total, +S/\N{NO-BREAK SPACE}0.28."
    click(told.action)
    settled(qtbot, window)
    lines = window.reconciliation
    # Four that were delivered, at 0.28, are 1.12; two at 0.12 are 0.24.
    assert [row.texts[:1] + row.texts[2:7] for row in lines.model.rows] == [
        ("Con diferencia", "Perú", "Marketing", "1.40", "1.12", "+0.28"),
        ("Conforme", "Perú", "Autenticación", "0.24", "0.24", "0.00"),
    ]
    assert "Facturado sin entrega" in lines.detail.why.text()
