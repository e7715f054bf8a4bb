"""The facts of an audit that is there, changed in their form: one step, and what is wrong is told beside its field."""

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.sample import write_sample
from auditor.settings import Preferences
from tests.audit_files import ACCOUNT
from tests.audit_files import ROWS
from tests.audit_files import write_files
from tests.gui.conftest import settle
from tests.gui.conftest import window_on


def test_that_facts_are_shown_changed_in_one_step_and_undone(qtbot: QtBot, sample: MainWindow) -> None:
    opened = sample.context.workspace.opened
    assert opened is not None
    before = opened.account
    sample.actions_.by_key["facts"].trigger()
    form = sample.sources.facts
    assert form.isVisible()
    assert [fields.id.text() for fields in form.wabas] == [waba.id for waba in before.wabas]
    assert (form.entity.text(), form.facts().period) == (before.entity, f"{before.first:%Y-%m}")
    form.tax_id.setText("20999999999")
    numbers = [f"{one.id} ({one.phone})" if one.phone else one.id for one in before.wabas[0].numbers]
    assert form.wabas[0].numbers.text() == ", ".join(numbers)
    form.submit.click()
    settle(qtbot, sample)
    now = sample.context.workspace.opened
    assert now is not None
    assert now.account.tax_id == "20999999999"
    # All that the form does not ask for is as it was, and so is the answer.
    assert (now.account.opening_volumes, now.account.cards) == (before.opening_volumes, before.cards)
    assert now.result is not None
    assert opened.result is not None
    assert now.result.billed == opened.result.billed
    assert not form.isVisible()
    assert "undone" in sample.sources.bar.label.text()
    sample.actions_.by_key["undo"].trigger()
    settle(qtbot, sample)
    undone = sample.context.workspace.opened
    assert undone is not None
    assert undone.account == before


def test_that_a_fact_that_cannot_be_is_told_in_the_form_which_stays(qtbot: QtBot, sample: MainWindow) -> None:
    sample.actions_.by_key["facts"].trigger()
    form = sample.sources.facts
    zone = form.wabas[0].zone
    zone.setCurrentText("America/Limma")
    form.submit.click()
    settle(qtbot, sample)
    assert form.isVisible()
    assert "America/Limma" in form.bar.label.text()
    assert sample.focusWidget() in {zone, zone.lineEdit()}
    # A zone that is one: but where the log lies is not known, and its rows hang on the zone.
    zone.setCurrentText("Asia/Tokyo")
    form.submit.click()
    settle(qtbot, sample)
    assert form.isVisible()
    assert "remove the log" in form.bar.label.text()


def test_that_a_log_of_another_account_leads_to_the_facts_and_comes_in_with_them(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    files = write_files(tmp_path, [{**row, "waba_id": "waba"} for row in ROWS])
    other = tmp_path / "other.toml"
    other.write_text(ACCOUNT.replace('id = "waba"', 'id = "another"').replace('["number"]', "[]"), encoding="utf-8")
    window = window_on(qtbot, preferences, other, tmp_path / "other.audit")
    window.add([files.log])
    settle(qtbot, window)
    assert window.sources.bar.action.text() == "Account facts…"
    # The button leads there, and so does the menu.
    window.actions_.by_key["facts"].trigger()
    form = window.sources.facts
    form.wabas[0].id.setText("waba")
    form.submit.click()
    settle(qtbot, window)
    opened = window.context.workspace.opened
    assert opened is not None
    assert [source.kind for source in opened.sources].count("log") == 1
    window.close()


def test_that_a_log_of_other_days_is_told_as_one_and_not_asked_for_again(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    files = write_sample(tmp_path)  # of October 2026
    of_march = files.account.read_text(encoding="utf-8").replace('"2026-10"', '"2026-03"')
    assert of_march.count("2026-03") == 1
    files.account.write_text(of_march, encoding="utf-8")
    window = window_on(qtbot, preferences, files.account, tmp_path / "march.audit")
    window.add([files.messages])
    settle(qtbot, window)
    window.go("reconciliation")
    told = [label.text() for label in window.reconciliation.findChildren(QLabel) if label.isVisible()]
    assert window.context.speech.text("lines.other_days.title") in told
    assert window.context.speech.text("lines.empty.title") not in told
    window.close()
