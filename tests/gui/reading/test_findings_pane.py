"""The tabs on the invoice by itself and on the three-way tie-out, over real files in the window."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.gui.conftest import settle
from tests.gui.conftest import window_on

# 12 x 0.10 is 1.20 and not 1.50; utility is billed at 0.02, as the contract has it, and right.
LINES = (("Peru", "Marketing", "12", "0.10", "1.50"), ("Peru", "Utility", "5", "0.02", "0.10"))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "in", lines=LINES)


@pytest.fixture
def own(qtbot: QtBot, preferences: Preferences, files: Files, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_on(qtbot, preferences, files.account, tmp_path / "own.audit")
    yield made
    made.close()


def test_that_an_invoice_is_checked_by_itself_before_there_is_a_log(
    qtbot: QtBot, own: MainWindow, files: Files
) -> None:
    sources = own.sources
    assert sources.findings.model.rowCount() == 0
    own.add([files.invoice])
    settle(qtbot, own)
    (row,) = sources.findings.model.rows
    assert row.texts[1] == "US$ 0.30"
    assert "12 x 0.1 = US$ 1.20, but the line bills US$ 1.50" in row.texts[0]
    assert "invoice.csv" in row.texts[2]
    assert row.texts[0] in sources.findings.text.text().replace("&quot;", '"')
    names = [sources.tabs.tabText(place) for place in range(sources.tabs.count())]
    assert "Invoice's own errors (1)" in names
    # Narrow, its row takes the lines that the sentence needs.
    table = sources.findings.table
    sources.tabs.setCurrentWidget(sources.findings)
    table.setColumnWidth(0, 160)
    qtbot.waitUntil(lambda: table.rowHeight(0) > 3 * table.fontMetrics().height())
    # Nothing is expected without a log, and nothing is said to differ.
    opened = own.context.workspace.opened
    assert opened is not None
    assert opened.result is None

    own.context.workspace.undo()
    settle(qtbot, own)
    assert sources.findings.model.rowCount() == 0


def test_that_the_three_sources_stand_side_by_side(qtbot: QtBot, own: MainWindow, files: Files, tmp_path: Path) -> None:
    usage = tmp_path / "usage.json"
    point = {"start": 1_790_830_800, "end": 1_793_509_200, "country": "PE", "pricing_type": "REGULAR"}
    points = [point | {"pricing_category": name, "volume": volume, "cost": cost} for name, volume, cost in (
        ("MARKETING", 10, 1.0), ("UTILITY", 5, 0.1)
    )]  # fmt: skip
    usage.write_text(json.dumps({"pricing_analytics": {"data": [{"data_points": points}]}}), encoding="utf-8")
    own.add([files.log, files.invoice])
    settle(qtbot, own)
    pane = own.sources.three_way
    assert pane.model.rowCount() == 0
    own.add([usage])
    settle(qtbot, own)
    own.context.speech.switch("es")
    settle(qtbot, own)
    said = {row.texts[0]: row.texts[1:8] for row in pane.model.rows}
    assert said == {
        # Export and log have 10 and 1.00, the invoice 12 and 1.50.
        "waba · Perú · Marketing": (
            "cobro: reporte y registro coinciden, la factura queda sola", "12", "10", "10", "10", "1.50", "1.00",
        ),
        "waba · Perú · Utilidad": ("los tres coinciden", "5", "5", "5", "5", "0.10", "0.10"),
    }  # fmt: skip
    assert "Triple cotejo (1)" in [own.sources.tabs.tabText(place) for place in range(own.sources.tabs.count())]
