"""The month's end: what is due is known and sealed before the invoice is, which is then held against it."""

from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.sample import write_sample
from tests.stories.hands import click
from tests.stories.hands import drop
from tests.stories.hands import make_the_audit
from tests.stories.hands import settled

_BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_that_an_expectation_is_sealed_at_the_months_end_and_meets_its_invoice(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "files")
    make_the_audit(qtbot, window)
    drop(window, sample.messages)
    settled(qtbot, window)
    assert "se debía cobrar US$\N{NO-BREAK SPACE}224.82" in window.sources.next.label.text()
    _nothing_to_decide(qtbot, window)

    click(window.top.tabs["sign_off"])
    settled(qtbot, window)
    fixed = window.sign_off.fixed
    QTest.keyClicks(window.sign_off.signatures["preparer"].who, "Rosa Quispe")
    click(fixed.seal)
    settled(qtbot, window)
    assert "US$\N{NO-BREAK SPACE}224.82" in fixed.sealed.text()

    drop(window, sample.invoice)
    settled(qtbot, window)
    assert not fixed.seal.isEnabled()
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.fixed.sealed is not None
    assert opened.fixed.sealed.holds
    assert opened.fixed.sealed.expected == Decimal("224.82")
    click(window.top.tabs["reconciliation"])
    settled(qtbot, window)
    assert window.reconciliation.footer.figures["difference"].text() == "+US$\N{NO-BREAK SPACE}50.87"
    assert window.reconciliation.detail.decision.dispute.isEnabled()


def _nothing_to_decide(qtbot: QtBot, window: MainWindow) -> None:
    """Look at what is expected: it is no claim, and no key makes one of it."""
    click(window.top.tabs["reconciliation"])
    settled(qtbot, window)
    lines = window.reconciliation
    assert lines.footer.figures["expected"].text() == "US$\N{NO-BREAK SPACE}224.82"
    assert lines.footer.figures["invoiced"].text() == "—"
    assert lines.detail.decision.title.text() == "Todavía no hay nada que decidir"
    QTest.keyClick(lines.table, Qt.Key.Key_D, _BOTH)
    settled(qtbot, window)
    assert {row.record.decision.decision for row in lines.model.rows} == {""}
    assert lines.bar.label.text().startswith("No hay nada facturado con qué comparar")
    click(window.top.tabs["charts"])
    qtbot.waitUntil(lambda: not window.charts.picture.image.isNull(), timeout=60_000)
    settled(qtbot, window)
    assert window.charts.picture.accessibleDescription().startswith("Se esperan US$ 224.82")
