"""An audit of another machine: what its file records is shown at once, as such, until the answer is computed."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pytestqt.qtbot import QtBot

from auditor.core.problems import Progress
from auditor.core.results import Reconciliation
from auditor.gui.application import make_application
from auditor.gui.application import make_window
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from auditor.verbs import Audit
from tests.gui.conftest import settle


class Waiting:
    """Computing that only begins when it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of the engine's."""
        self.go_on, compute = threading.Event(), Audit.recompute

        def waiting(audit: Audit, progress: Progress, *, charges_only: bool = False) -> Reconciliation:
            assert self.go_on.wait(60)
            return compute(audit, progress, charges_only=charges_only)

        monkeypatch.setattr(Audit, "recompute", waiting)


@pytest.fixture
def brought(qtbot: QtBot, preferences: Preferences, audit: Audit, tmp_path: Path) -> Iterator[tuple[MainWindow, Path]]:
    """Give a window that never computed a small audit, and the file of it."""
    audit.close()
    make_application()
    made = make_window(preferences)
    qtbot.addWidget(made)
    made.show()
    yield made, tmp_path / "case.audit"
    made.close()


def recorded_in(file: Path) -> dict[str, str]:
    """Give the outcome that stands in a file."""
    with duckdb.connect(str(file), read_only=True) as connection:
        ((facts,),) = connection.execute("select facts from result").fetchall()
    return dict(json.loads(facts))


def test_that_the_figures_in_the_file_are_shown_as_such_until_they_are_computed(
    qtbot: QtBot, brought: tuple[MainWindow, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, file = brought
    known, held = recorded_in(file), Waiting(monkeypatch)
    window.open(file)
    qtbot.waitUntil(lambda: window.place == "reconciliation", timeout=60_000)
    view = window.reconciliation
    assert window.context.workspace.opened is not None
    assert window.context.workspace.opened.result is None
    words = window.context.words()
    assert words is not None
    shown = {name: label.text() for name, label in view.footer.figures.items()}
    assert f"{float(known['billed']):,.2f}" in shown["invoiced"]
    assert f"{float(known['expected']):,.2f}" in shown["expected"]
    assert view.footer.isVisible()
    assert view.footer.beneath["invoiced"].text() == "from the file, not checked"
    assert not view.table.isVisible()
    held.go_on.set()
    qtbot.waitUntil(view.table.isVisible, timeout=60_000)
    settle(qtbot, window)
    assert {name: label.text() for name, label in view.footer.figures.items()} == shown
    assert view.footer.beneath["invoiced"].text() != "from the file, not checked"
    assert not view.bar.isVisible()


def test_that_it_is_said_where_other_figures_come_out_than_the_file_records(
    qtbot: QtBot, brought: tuple[MainWindow, Path]
) -> None:
    window, file = brought
    facts = recorded_in(file) | {"billed": "1.00"}
    with duckdb.connect(str(file)) as connection:
        connection.execute("update result set facts = ?", [json.dumps(facts)])
    window.open(file)
    qtbot.waitUntil(lambda: window.reconciliation.model.rowCount() > 0, timeout=60_000)
    settle(qtbot, window)
    assert window.reconciliation.bar.isVisible()
    assert window.reconciliation.bar.label.text().startswith("The figures that the file had on record are not those")


def test_that_a_record_without_figures_is_passed_over(qtbot: QtBot, brought: tuple[MainWindow, Path]) -> None:
    window, file = brought
    facts = recorded_in(file) | {"billed": "much"}
    with duckdb.connect(str(file)) as connection:
        connection.execute("update result set facts = ?", [json.dumps(facts)])
    window.open(file)
    qtbot.waitUntil(lambda: window.reconciliation.model.rowCount() > 0, timeout=60_000)
    settle(qtbot, window)
    assert not window.reconciliation.bar.isVisible()
