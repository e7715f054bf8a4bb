"""What goes wrong around an audit: a file that cannot be read, a log with a hole, two sides of a rate, a crash."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.sample import write_sample
from tests.stories.hands import click
from tests.stories.hands import drop
from tests.stories.hands import make_the_audit
from tests.stories.hands import settled

_HEADS = "message_id,waba_id,phone_number_id,user,direction,template_category,sent_at,delivered_at"
# Opens the sample in a window of its own, disputes the first line and, as soon as that is done, is no more.
_VICTIM = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from auditor.gui.application import make_application, make_window
from auditor.settings import Preferences

app = make_application()
folder = Path(sys.argv[1])
preferences = Preferences(folder / "settings.json")
preferences.change(language="es", theme="light")
window = make_window(preferences)
window.show()
window.context.workspace.open_sample(folder)


def step():
    rows = window.reconciliation.model.rows
    if window.context.workspace.worker.waiting or not rows:
        return
    if rows[0].record.decision.decision == "disputed":
        os.kill(os.getpid(), signal.SIGKILL)
    window.reconciliation.table.selectRow(0)
    window.reconciliation.detail.decision.dispute.click()


timer = QTimer()
timer.timeout.connect(step)
timer.start(50)
app.exec()
"""


def test_that_a_file_that_cannot_be_read_says_why_and_leaves_the_rest_as_it_was(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "files")
    scan = tmp_path / "factura escaneada.pdf"
    scan.write_bytes(b"%PDF-1.4\n%%EOF\n")
    make_the_audit(qtbot, window)
    drop(window, sample.messages, scan)
    settled(qtbot, window)
    said = window.sources.bar.label.text()
    assert said.startswith("factura escaneada.pdf: ")
    assert "Pida al proveedor la factura en XLSX o CSV" in said
    assert [row.record.kind for row in window.sources.model.rows] == ["log"]
    # The one that was asked for comes, and what was said is put right by it.
    drop(window, sample.invoice)
    settled(qtbot, window)
    assert window.sources.bar.isHidden()
    assert (
        window.sources.next.label.text()
        == "Comparado: difieren 13 de 21 líneas; en total, +US$\N{NO-BREAK SPACE}50.87."
    )


def test_that_a_day_without_messages_is_a_point_before_signing_that_leads_to_its_gap(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    log = tmp_path / "registro.csv"
    start = datetime.fromisoformat("2026-10-01T09:00-05:00")
    times = [start + timedelta(days=day, minutes=9 * n) for day in range(31) if day != 13 for n in range(40)]
    rows = [
        f"m{n},102290129340398,106540352242922,519{n:08},outbound,utility,{at.isoformat()},{at.isoformat()}"
        for n, at in enumerate(times)
    ]
    log.write_text("\n".join([_HEADS, *rows, ""]), encoding="utf-8")
    make_the_audit(qtbot, window)
    drop(window, log)
    settled(qtbot, window)
    click(window.top.tabs["sign_off"])
    settled(qtbot, window)
    shown = [label.text() for label in window.sign_off.findChildren(QLabel) if label.isVisible()]
    assert any("en el registro: lo esperado puede ser muy bajo." in text for text in shown)
    click(window.sign_off.leads["log_health"])
    assert window.place == "sources"
    assert "14/10/2026" in window.sources.health.text.text()


def test_that_which_side_of_an_exchange_rate_holds_is_asked_and_can_be_changed_by_undoing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    log, rates = tmp_path / "registro.csv", tmp_path / "cambio.csv"
    row = "m{n},102290129340398,106540352242922,5191111111{n},outbound,utility,{at},{at}"
    rows = [row.format(n=n, at=f"2026-10-1{n}T10:00:00-05:00") for n in (5, 6)]
    log.write_text("\n".join([_HEADS, *rows, ""]), encoding="utf-8")
    rates.write_text("Fecha,Compra,Venta\n15/10/2026,3.70,3.75\n16/10/2026,3.70,3.75\n", encoding="utf-8")
    account = tmp_path / "cuenta.toml"
    account.write_text(
        '[audit]\nname = "Sur"\ncurrency = "PEN"\nperiod = "2026-10"\nlanguage = "es"\n'
        '[[waba]]\nid = "102290129340398"\ntime_zone = "America/Lima"\ncurrency = "USD"\n',
        encoding="utf-8",
    )
    drop(window, account, log, rates)
    settled(qtbot, window)
    told = window.sources.next
    assert told.otherwise.isVisible()
    click(told.action)
    settled(qtbot, window)
    # Two of 0.03 US dollars are 0.06: by the selling rate 0.06 * 3.75 = 0.225, by the buying rate 0.06 * 3.70 = 0.222.
    footer = window.reconciliation.footer.figures["expected"]
    assert footer.text() == "S/\N{NO-BREAK SPACE}0.23"
    # The side is a fact of the audit like any other: the table and it are taken back, each by its own step.
    for _ in range(2):
        click(window.top.tools["undo"])
        settled(qtbot, window)
    drop(window, rates)
    settled(qtbot, window)
    click(told.otherwise)
    settled(qtbot, window)
    assert footer.text() == "S/\N{NO-BREAK SPACE}0.22"


def test_that_what_was_decided_is_there_again_after_a_crash(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "crashed"
    folder.mkdir()
    root = Path(__file__).resolve().parents[2]
    variables = {**os.environ, "PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        [sys.executable, "-c", _VICTIM, str(folder)], env=variables, check=False, timeout=300, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL
    window.open(folder / "sample.audit")
    settled(qtbot, window)
    qtbot.waitUntil(lambda: window.reconciliation.model.rowCount() > 0, timeout=60_000)
    first = window.reconciliation.model.rows[0]
    assert first.record.decision.decision == "disputed"
    assert first.record.difference.difference == max(
        row.record.difference.difference for row in window.reconciliation.model.rows
    )
    click(window.top.tools["undo"])
    settled(qtbot, window)
    assert window.reconciliation.model.rows[0].record.decision.decision == ""
