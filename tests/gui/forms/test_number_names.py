"""Names and cost centres of the business numbers: typed or pasted in the form, and in the account file."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.core.records import Number
from auditor.gui.context import Context
from auditor.gui.forms.account_form import AccountForm
from auditor.gui.forms.account_text import account_text
from auditor.readers.account import read_account
from auditor.sample import write_sample
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.conftest import window_on

_NAME, _CENTRE = 1, 2


def _form(qtbot: QtBot, context: Context, numbers: str) -> AccountForm:
    form = AccountForm(context)
    qtbot.addWidget(form)
    form.entity.setText("Andina")
    form.wabas[0].id.setText("102290129340398")
    form.wabas[0].numbers.setText(numbers)
    return form


def _numbers(form: AccountForm, path: Path) -> tuple[Number, ...]:
    path.write_text(account_text(form.facts()), encoding="utf-8")
    return read_account(path).wabas[0].numbers


def test_that_cells_of_a_spreadsheet_are_pasted_beside_the_numbers(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    form = _form(qtbot, context, "106 (51987654321), 107")
    fields = form.wabas[0]
    assert fields.named.isHidden()
    fields.naming.click()
    assert not fields.named.isHidden()
    shown = [item.text() for row in (0, 1) if (item := fields.named.item(row, 0))]
    assert shown == ["51987654321", "107"]
    fields.named.setCurrentCell(0, _NAME)
    QApplication.clipboard().setText('Ventas (Lima), "norte"\tComercial\nSoporte\tPosventa\nde más\tnada\n')
    QTest.keySequence(fields.named, QKeySequence(QKeySequence.StandardKey.Paste))
    assert _numbers(form, tmp_path / "account.toml") == (
        Number("106", "51987654321", 'Ventas (Lima), "norte"', "Comercial"),
        Number("107", "", "Soporte", "Posventa"),
    )
    fields.named.setCurrentCell(1, _CENTRE)
    QTest.keyClick(fields.named, Qt.Key.Key_Delete)
    assert _numbers(form, tmp_path / "account.toml")[1] == Number("107", "", "Soporte", "")


def test_that_a_number_that_is_typed_again_still_has_its_name(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    form = _form(qtbot, context, "106")
    fields = form.wabas[0]
    cell = fields.named.item(0, _NAME)
    assert cell is not None
    cell.setText("Ventas")
    fields.numbers.setText("10")
    assert _numbers(form, tmp_path / "account.toml") == (Number("10"),)
    fields.numbers.setText("105, 106")
    assert _numbers(form, tmp_path / "account.toml") == (Number("105"), Number("106", "", "Ventas"))


def test_that_names_are_offered_where_there_is_a_number_alone(qtbot: QtBot, context: Context) -> None:
    form = _form(qtbot, context, "")
    fields = form.wabas[0]
    assert fields.naming.isHidden()
    fields.numbers.setText("106")
    assert not fields.naming.isHidden()
    assert fields.named.rowCount() == 1


def test_that_names_that_are_there_are_shown_and_changed_with_the_facts(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    account = write_sample(tmp_path).account
    window = window_on(qtbot, preferences, account, tmp_path / "names.audit")
    opened = window.context.workspace.opened
    assert opened is not None
    assert [one.cost_centre for one in opened.account.wabas[0].numbers] == ["Comercial", "Posventa"]
    window.actions_.by_key["facts"].trigger()
    fields = window.sources.facts.wabas[0]
    assert fields.named.isVisible()
    cells = [[item.text() for n in (_NAME, _CENTRE) if (item := fields.named.item(row, n))] for row in (0, 1)]
    assert cells == [["Ventas", "Comercial"], ["Atención al cliente", "Posventa"]]
    centre = fields.named.item(1, _CENTRE)
    assert centre is not None
    centre.setText("Canales")
    window.sources.facts.submit.click()
    settle(qtbot, window)
    changed = window.context.workspace.opened
    assert changed is not None
    assert [(one.name, one.cost_centre) for one in changed.account.wabas[0].numbers] == [
        ("Ventas", "Comercial"),
        ("Atención al cliente", "Canales"),
    ]
    window.close()
