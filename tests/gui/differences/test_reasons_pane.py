"""The proof of a line's causes in the window: the sentence to paste and the messages, on the real engine."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.core.results import CauseAmount
from auditor.gui.differences.reasons_pane import ReasonsPane
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.audit_files import write_files
from tests.core.invoicing import sent
from tests.gui.conftest import settle
from tests.gui.conftest import window_on
from tests.verbs.test_reasoning import FAILED
from tests.verbs.test_reasoning import LINES
from tests.verbs.test_reasoning import MARKETING
from tests.verbs.test_reasoning import UTILITY

_PROOF = 3


@pytest.fixture
def own(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> Iterator[MainWindow]:
    """Give a window on 13 marketing messages billed at 0.10, of which 3 failed, and 4 of utility billed right."""
    files = write_files(tmp_path / "in", [*MARKETING[:10], *FAILED, *UTILITY], LINES)
    made = window_on(qtbot, preferences, files.account, tmp_path / "own.audit")
    made.add([files.log, files.invoice])
    settle(qtbot, made)
    made.go("reconciliation")
    settle(qtbot, made)
    yield made
    made.close()


def proof(qtbot: QtBot, window: MainWindow, category: str) -> ReasonsPane:
    """Look at the proof of the line of a category, and wait for it."""
    rows = [row.record.difference.category for row in window.reconciliation.model.rows]
    window.reconciliation.table.selectRow(rows.index(category))
    window.reconciliation.detail.tabs.setCurrentIndex(_PROOF)
    pane = window.reconciliation.detail.reasons
    qtbot.waitUntil(lambda: pane.hint.isVisible() or pane.model.row(0) is not None, timeout=60_000)
    return pane


def test_that_a_cause_is_proved_by_its_messages_and_a_sentence_to_paste(
    qtbot: QtBot, own: MainWindow, tmp_path: Path
) -> None:
    pane = proof(qtbot, own, "marketing")
    qtbot.waitUntil(lambda: pane.model.row(0) is not None, timeout=60_000)
    assert [pane.which.itemText(place).rpartition(": ")[2] for place in range(pane.which.count())] == ["+0.30"]
    assert pane.model.rowCount() == 3
    told = pane.model.row(0)
    assert told is not None
    # Sent at 10:00 UTC - 5 in Lima; nothing is due for a message that failed.
    assert (told.record.message_id, told.record.due_amount, told.record.billed_amount) == ("m10", "0", "0.1")
    assert told.texts[2:4] == ("0.1000", "not billed")

    pane.copy.click()
    assert "US$ 0.30 too much was billed, on 3 messages" in QApplication.clipboard().text()
    pane.tongue.setCurrentIndex(pane.tongue.findData("es"))
    pane.tongue.activated.emit(pane.tongue.currentIndex())
    pane.copy.click()
    assert "se cobraron US$ 0.30 de más, en 3 mensajes" in QApplication.clipboard().text()

    # Chosen, it stays when the window speaks another language, and comes with the next line.
    own.context.speech.switch("es")
    own.context.speech.switch("en")
    assert pane.tongue.currentData() == "es"

    target = tmp_path / "messages.csv"
    pane.export(target)
    settle(qtbot, own)
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert [row["message_id"] for row in csv.DictReader(file)] == ["m10", "m11", "m12"]


def test_that_a_cause_that_is_only_possible_has_its_messages_to_check(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    # Ten delivered and two that are billed too, 1.20: two that were not, or two of the last evening of September, which
    # is October in UTC. Nothing tells which.
    late = [row | {"message_id": f"l{n}"} for n, row in enumerate(sent("marketing", 2, at="2026-09-30 20:00"))]
    lines = (("Peru", "Marketing", "12", "0.10", "1.20"),)
    files = write_files(tmp_path / "in", [*MARKETING[:10], *FAILED[:2], *late], lines)
    window = window_on(qtbot, preferences, files.account, tmp_path / "open.audit")
    window.add([files.log, files.invoice])
    settle(qtbot, window)
    window.go("reconciliation")
    settle(qtbot, window)
    pane = proof(qtbot, window, "marketing")
    qtbot.waitUntil(lambda: pane.model.row(1) is not None, timeout=60_000)
    offered = [pane.which.itemText(place) for place in range(pane.which.count())]
    assert [name.partition(":")[0] for name in offered] == [
        "Month cut-off (possible)",
        "Undelivered but billed (possible)",
    ]
    assert "Check some of these messages" in pane.hint.text()
    assert pane.sentence.text().startswith("Only possible, nothing proves it.")
    window.context.speech.switch("es")
    assert pane.sentence.text().startswith("Solo posible: nada lo prueba.")
    window.context.speech.switch("en")
    # All of it is in view from side to side, at the size at which the window opens.
    assert pane.minimumSizeHint().width() <= pane.visibleRegion().boundingRect().width()
    shown = []
    for place in (0, 1):
        pane.which.setCurrentIndex(place)
        pane.which.activated.emit(place)
        qtbot.waitUntil(lambda: pane.model.row(1) is not None, timeout=60_000)
        rows = [pane.model.row(number) for number in range(pane.model.rowCount())]
        shown.append([row.record.message_id for row in rows if row is not None])
    assert shown == [["l0", "l1"], ["m10", "m11"]]
    window.close()


def test_that_a_line_without_a_cause_says_so_and_charges_nothing_again(qtbot: QtBot, own: MainWindow) -> None:
    pane = proof(qtbot, own, "utility")
    settle(qtbot, own)
    assert "No cause of this line rests on messages" in pane.hint.text()
    assert not pane.again.isVisible()
    assert pane.model.rowCount() == 0
    # A cause that is only possible and rests on none is another thing: it is for a person to decide.
    line = next(row.record.difference for row in own.reconciliation.table.selected_rows())
    pane.show_line(replace(line, causes=(CauseAmount("quantity", Decimal("0.30"), "possible"),)))
    qtbot.waitUntil(lambda: "only possible" in pane.hint.text(), timeout=60_000)
    assert not pane.table.isVisible()
    # What may be missing from the log is no cause that one has to decide on.
    pane.show_line(replace(line, causes=(CauseAmount("log_gap", Decimal("0.30"), "possible"),)))
    assert "No cause of this line rests on messages" in pane.hint.text()


def test_that_what_was_cancelled_can_be_asked_for_again(qtbot: QtBot, own: MainWindow) -> None:
    worker = own.context.workspace.worker
    worker.began.connect(worker.cancel, Qt.ConnectionType.SingleShotConnection)
    pane = proof(qtbot, own, "marketing")
    qtbot.waitUntil(pane.again.isVisible, timeout=60_000)
    assert pane.model.rowCount() == 0
    pane.again.click()
    qtbot.waitUntil(lambda: pane.model.row(0) is not None, timeout=60_000)
    assert not pane.again.isVisible()
