"""The form of a new audit: what is typed becomes an account file that the one reader takes."""

import tomllib
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtCore import QDate
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimeZone
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QDateEdit
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.gui.context import Context
from auditor.gui.forms.account_form import AccountForm
from auditor.gui.forms.account_text import AuditFacts
from auditor.gui.forms.account_text import WabaFacts
from auditor.gui.forms.account_text import account_text
from auditor.gui.window import MainWindow
from auditor.readers.account import read_account
from auditor.verbs.glimpse import Glimpse
from tests.gui.conftest import settle

FACTS = AuditFacts(
    name='Andina "octubre"',
    entity="Andina Ñandú S.A.C.",
    tax_id="20123456789",
    period="2026-10",
    currency="USD",
    language="es",
    preparer="",
    materiality="50.00",
    wabas=(
        WabaFacts(
            "102290129340398", "Andina", "America/Lima", "USD", "106540352242922 (+51 987 654 321), 106540352242923"
        ),
    ),
)


def test_that_the_facts_come_back_as_they_were_typed(tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text(account_text(FACTS), encoding="utf-8")
    account = read_account(file)
    assert (account.name, account.entity) == ('Andina "octubre"', "Andina Ñandú S.A.C.")
    assert (account.first.isoformat(), account.last.isoformat()) == ("2026-10-01", "2026-10-31")
    assert [number.id for number in account.wabas[0].numbers] == ["106540352242922", "106540352242923"]
    assert [number.phone for number in account.wabas[0].numbers] == ["+51 987 654 321", ""]
    assert str(account.materiality.amount) == "50.00"


def test_that_what_is_left_empty_is_left_out() -> None:
    audit = tomllib.loads(account_text(FACTS))["audit"]
    assert "preparer" not in audit


def test_that_a_wrong_zone_is_told_in_the_form_with_the_cursor_on_it(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.by_key["new"].trigger()
    form = window.start.form
    form.entity.setText("Andina")
    form.wabas[0].id.setText("102290129340398")
    form.wabas[0].zone.setCurrentText("America/Limma")
    form.submit.click()
    settle(qtbot, window)
    assert "America/Limma" in form.bar.label.text()
    # Without a window manager the window may not be the active one; where its keys would go is known all the same.
    zone = form.wabas[0].zone
    field = zone.lineEdit()
    assert window.focusWidget() in {zone, field}
    assert field is not None
    assert field.selectedText() == "America/Limma"


@pytest.mark.qt_log_ignore("does not support", extend=True)  # suggestions, where there is no display
def test_that_what_is_typed_after_a_click_stands_for_what_was_there(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.by_key["new"].trigger()
    field = window.start.form.currency.lineEdit()
    assert field is not None
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: field.selectedText() == "USD")
    QTest.keyClicks(field, "PEN")
    assert window.start.form.facts().currency == "PEN"


def test_that_accounts_are_added_and_taken_away_but_one_stays(window: MainWindow) -> None:
    form = window.start.form
    form.add_waba()
    assert len(form.wabas) == 2
    form.wabas[0].remove.click()
    assert len(form.wabas) == 1
    assert not form.wabas[0].remove.isVisibleTo(form)


def test_that_a_field_that_is_missing_is_called_by_its_label(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.by_key["new"].trigger()
    form = window.start.form
    form.entity.setText("Andina")
    form.submit.click()
    settle(qtbot, window)
    assert "Account ID" in form.bar.label.text()
    assert window.focusWidget() is form.wabas[0].id


def test_that_the_field_that_is_wrong_is_in_view_in_a_low_window(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.by_key["new"].trigger()
    form = window.start.form
    form.entity.setText("Andina")
    form.wabas[0].id.setText("102290129340398")
    form.materiality.setText("fifty")
    window.resize(1100, 600)
    form.submit.click()
    settle(qtbot, window)
    assert "fifty" in form.bar.label.text()
    whole = form.materiality.rect()
    qtbot.waitUntil(lambda: form.materiality.visibleRegion().boundingRect() == whole)


def test_that_the_form_says_what_is_enough_and_that_it_is(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.actions_.by_key["new"].trigger()
    form = window.start.form
    told = [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    assert "Drop your files here, or state the month and the account ID: that is enough." in told
    form.wabas[0].id.setText("tienda")
    file = tmp_path / "account.toml"
    file.write_text(account_text(form.facts()), encoding="utf-8")
    assert read_account(file).wabas[0].id == "tienda"


def test_that_the_arrows_of_the_month_go_from_month_to_month_wherever_the_cursor_is(
    qtbot: QtBot, context: Context
) -> None:
    form = AccountForm(context)
    qtbot.addWidget(form)
    form.period.setDate(QDate(2026, 1, 1))
    form.period.setCurrentSection(QDateEdit.Section.YearSection)
    QTest.keyClick(form.period, Qt.Key.Key_Down)
    assert form.facts().period == "2025-12"


def test_that_an_account_begins_in_the_zone_of_the_system_where_that_is_one(
    qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for named, zone in ((b"Europe/Madrid", "Europe/Madrid"), (b"UTC", "America/Lima"), (b"Etc/UTC", "America/Lima")):
        monkeypatch.setattr(QTimeZone, "systemTimeZoneId", lambda named=named: QByteArray(named))
        form = AccountForm(context)
        qtbot.addWidget(form)
        assert form.facts().wabas[0].time_zone == zone


def test_that_what_files_say_fills_the_form_and_what_was_typed_stays(qtbot: QtBot, context: Context) -> None:
    found = Glimpse("2026-09", "EUR", "EUR", ("215880001111222", "215880003333444"))
    form = AccountForm(context)
    qtbot.addWidget(form)
    assert form.fill_from(found)
    facts = form.facts()
    assert (facts.period, facts.currency) == ("2026-09", "EUR")
    assert [(waba.id, waba.currency) for waba in facts.wabas] == [(waba, "EUR") for waba in found.wabas]
    # Exchange rates came along: that the invoice is in soles says of no account what its own rates are in.
    priceless = AccountForm(context)
    qtbot.addWidget(priceless)
    priceless.fill_from(Glimpse("2026-09", "PEN", "", ("Tiendas", "Atención")))
    facts = priceless.facts()
    assert (facts.currency, [waba.currency for waba in facts.wabas]) == ("PEN", ["USD", "USD"])
    typed = AccountForm(context)
    qtbot.addWidget(typed)
    typed.period.setDate(QDate(2026, 5, 1))
    typed.currency.setCurrentText("PEN")
    typed.wabas[0].id.setText("Boticas")
    typed.fill_from(found)
    facts = typed.facts()
    assert (facts.period, facts.currency, [waba.id for waba in facts.wabas]) == ("2026-05", "PEN", ["Boticas"])
    assert not typed.fill_from(Glimpse())


def test_that_the_company_of_the_invoice_is_filled_in_and_what_was_wrong_before_is_told_no_more(
    qtbot: QtBot, context: Context
) -> None:
    found = Glimpse("2026-09", entity="Boticas Sol S.A.C.", tax_id="20609876543")
    form = AccountForm(context)
    qtbot.addWidget(form)
    form.refuse(AuditorError("settings_missing_key", Place("account.toml", column="waba[0].id"), key="id"))
    assert not form.bar.isHidden()
    form.fill_from(found)
    assert (form.facts().entity, form.facts().tax_id, form.bar.isHidden()) == (
        "Boticas Sol S.A.C.",
        "20609876543",
        True,
    )
    # Who typed another company keeps it, without the number of this one.
    other = AccountForm(context)
    qtbot.addWidget(other)
    other.entity.setText("Boticas Luna")
    other.fill_from(found)
    assert (other.facts().entity, other.facts().tax_id) == ("Boticas Luna", "")


def test_that_rates_of_a_new_audit_go_with_the_currency_that_is_chosen_for_the_invoice(
    qtbot: QtBot, context: Context
) -> None:
    form = AccountForm(context)
    qtbot.addWidget(form)
    form.add_waba()
    form.wabas[1].currency.setCurrentText("EUR")
    field = form.currency.lineEdit()
    assert field is not None
    field.setText("PEN")
    field.editingFinished.emit()
    assert [waba.currency for waba in form.facts().wabas] == ["PEN", "EUR"]


def test_that_names_in_files_are_filled_in_and_the_entity_names_the_account_where_no_file_does(
    qtbot: QtBot, context: Context
) -> None:
    form = AccountForm(context)
    qtbot.addWidget(form)
    form.fill_from(Glimpse(wabas=("215880001111222", "B2"), names={"B2": "Moda Sur"}))
    assert [(waba.id, waba.name) for waba in form.facts().wabas] == [("215880001111222", ""), ("B2", "Moda Sur")]
    bare = AccountForm(context)
    qtbot.addWidget(bare)
    QTest.keyClicks(bare.entity, "Andina")
    assert bare.facts().wabas[0].id == ""  # a log that comes later may name it otherwise
    bare.fill_from(Glimpse("2026-09", unnamed=True))
    assert bare.wabas[0].id.placeholderText() == "The company, if left empty"
    assert bare.facts().wabas[0].id == "Andina"
    bare.add_waba()
    assert [waba.id for waba in bare.facts().wabas] == ["", ""]


def test_that_tab_goes_through_every_account_before_the_buttons_below(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.actions_.by_key["new"].trigger()
    settle(qtbot, window)
    form = window.start.form
    form.add_waba()
    form.wabas[0].numbers.setText("106")
    settle(qtbot, window)
    form.name.setFocus()
    stops: list[QWidget | None] = []
    for _ in range(17):
        at = QApplication.focusWidget()
        assert at is not None, stops
        QTest.keyClick(at, Qt.Key.Key_Tab)
        stops.append(QApplication.focusWidget())
    first, second = form.wabas
    own = [first.id, first.name, first.remove, first.zone, first.currency, first.numbers, first.naming]
    own += [second.id, second.name, second.remove, second.zone, second.currency, second.numbers]
    assert stops[:13] == own
    assert stops[-2:] == [form.from_files, form.submit]
