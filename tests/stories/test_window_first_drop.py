"""Who drops files on the empty window finds what they say filled in, and has but to say whose they are."""

from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.stories.hands import click
from tests.stories.hands import drop
from tests.stories.hands import name_file
from tests.stories.hands import settled

_INVOICE = """waba_id,period_start,period_end,market,category,quantity,rate,amount,currency
A1,2026-09-01,2026-09-30,Spain,marketing,1,0.0585,0.06,EUR
B2,2026-09-01,2026-09-30,Spain,utility,2,0.0166,0.03,EUR
"""
_LOG = "message_id,waba_id,phone_number_id,user,direction,template_category,sent_at,delivered_at\n" + "".join(
    f"m{n},{waba},{phone},3460000000{n},outbound,{kind},2026-09-15T10:00:0{n}Z,2026-09-15T10:00:0{n}Z\n"
    for n, waba, phone, kind in (
        (1, "A1", "11", "marketing"),
        (2, "B2", "22", "utility"),
        (3, "B2", "22", "utility"),
    )
)


def _files(folder: Path) -> list[Path]:
    files = {"factura.csv": _INVOICE, "registro.csv": _LOG}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def test_that_files_dropped_on_the_empty_window_fill_in_their_own_facts(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, *_files(tmp_path))
    settled(qtbot, window)
    form = window.start.form
    assert window.start.bar.label.text().startswith("Se llenó lo que sus archivos dicen")
    assert form.period.date() == QDate(2026, 9, 1)
    assert [waba.id.text() for waba in form.wabas] == ["A1", "B2"]
    assert form.entity.hasFocus()  # what no file says is asked for
    QTest.keyClicks(form.entity, "Moda Gran Via")
    click(form.submit)
    settled(qtbot, window)
    # 1 x 0.0585 is 0.0585, half up 0.06; 2 x 0.0166 is 0.0332, half up 0.03.
    assert window.sources.next.label.text() == "Comparado: ninguna de las 2 líneas difiere."


def test_that_names_of_accounts_on_the_invoice_are_asked_for_where_the_log_has_their_ids(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    invoice, log = _files(tmp_path)
    named = _INVOICE.replace("waba_id", "Cuenta").replace("A1,", "Moda Norte,").replace("B2,", "Moda Sur,")
    invoice.write_text(named, encoding="utf-8")
    drop(window, invoice, log)
    settled(qtbot, window)
    form = window.start.form
    assert "Moda Norte, Moda Sur" in window.start.bar.label.text()
    assert [(waba.id.text(), waba.name.text()) for waba in form.wabas] == [("A1", ""), ("B2", "")]
    QTest.keyClicks(form.entity, "Moda Gran Via")
    for waba, name in zip(form.wabas, ("Moda Norte", "Moda Sur"), strict=True):
        QTest.keyClicks(waba.name, name)
    click(form.submit)
    settled(qtbot, window)
    assert window.sources.next.label.text() == "Comparado: ninguna de las 2 líneas difiere."
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.result is not None
    assert {line.waba_id for line in opened.result.differences} == {"A1", "B2"}


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_files_chosen_in_the_form_fill_it_in_as_dropped_ones_do(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    invoice, _ = _files(tmp_path)
    click(window.start.ways["new"])
    click(window.start.form.from_files)
    name_file(qtbot, window, invoice)
    form = window.start.form
    assert form.isVisible()
    assert form.period.date() == QDate(2026, 9, 1)
    assert [waba.id.text() for waba in form.wabas] == ["A1", "B2"]
    assert form.entity.hasFocus()
