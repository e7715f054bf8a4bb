"""The window as a whole: language, theme, menus, messages, drops and decisions, on an audit in memory."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtCore import QPoint
from PySide6.QtCore import QPointF
from PySide6.QtCore import Qt
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction
from PySide6.QtGui import QColor
from PySide6.QtGui import QDropEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.gui import theme
from auditor.gui.application import make_application
from auditor.gui.application import make_window
from auditor.gui.differences.facets import MeasureButton
from auditor.gui.tables.lines import COLUMNS
from auditor.gui.tables.table import Table
from auditor.gui.window import MainWindow
from auditor.language import catalogue
from auditor.sample import write_sample
from auditor.settings import Preferences
from tests.gui.conftest import FAKE
from tests.gui.conftest import settle


def drop(window: MainWindow, *files: Path) -> None:
    """Let files fall on the window as the desktop does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    event = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def select(window: MainWindow, key: str) -> None:
    """Select a line by its key."""
    rows = window.reconciliation.model.rows
    place = next(n for n, row in enumerate(rows) if row.record.difference.key == key)
    window.reconciliation.table.selectRow(place)


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_the_difference_is_in_view_where_the_window_is_narrow(opened: MainWindow, code: str) -> None:
    opened.context.speech.switch(code)
    table = opened.reconciliation.table
    place = [column.key for column in COLUMNS].index("difference")
    for width in (1366, 1024):
        opened.resize(width, 640)
        QApplication.processEvents()
        assert table.columnViewportPosition(place) + table.columnWidth(place) <= table.viewport().width()
    opened.resize(1366, 768)
    QApplication.processEvents()
    # As much as this holds what was decided and the name of a cause, too; the status is then its icon alone.
    decided, causes = ([column.key for column in COLUMNS].index(key) for key in ("decision", "causes"))
    assert table.columnViewportPosition(decided) + table.columnWidth(decided) <= table.viewport().width()
    assert table.columnViewportPosition(causes) + table.columnWidth(causes) == table.viewport().width()
    assert table.columnWidth(causes) >= 160
    assert table.columnWidth(0) < COLUMNS[0].width
    # A laptop at 125 % still shows what is left unexplained.
    left = [column.key for column in COLUMNS].index("unexplained")
    opened.resize(1093, 600)
    QApplication.processEvents()
    assert table.columnViewportPosition(left) + table.columnWidth(left) <= table.viewport().width()
    opened.resize(1600, 768)
    QApplication.processEvents()
    assert table.columnWidth(0) == COLUMNS[0].width
    opened.resize(1366, 768)
    QApplication.processEvents()
    # With the help open, no width of the first column is enough: the figures that it comes from go behind it.
    opened.help.show_page("pricing")
    QApplication.processEvents()
    assert table.columnViewportPosition(place) + table.columnWidth(place) <= table.viewport().width()
    opened.help.hide()
    QApplication.processEvents()
    assert table.horizontalHeader().visualIndex(place) == place
    assert "lines" not in opened.context.preferences.settings.tables  # nobody has set anything


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_the_sample_is_in_the_language_of_the_window(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(window.context.workspace, "open_sample", lambda _folder, language: asked.append(language))
    window.actions_.by_key[f"language_{code}"].trigger()
    window.actions_.by_key["sample"].trigger()
    assert asked == [code]


def test_that_every_action_is_in_a_menu_and_every_menu_entry_acts(opened: MainWindow) -> None:
    listed = {action for menu in opened.actions_.menus.values() for action in menu.actions()}
    themes_and_languages = {"theme_", "language_"}
    for key, action in opened.actions_.by_key.items():
        assert action in listed or any(key.startswith(kind) for kind in themes_and_languages)
        assert action.text()


def test_that_no_two_actions_share_a_shortcut(opened: MainWindow) -> None:
    used = [key.toString() for action in opened.actions_.by_key.values() for key in action.shortcuts()]
    assert len(used) == len(set(used))
    assert {"Ctrl+Y", "Ctrl+Shift+Z"} <= set(used)  # a spreadsheet's, and the one that most systems have


def test_that_no_shortcut_is_a_letter_of_a_keyboard(opened: MainWindow) -> None:
    used = [key.toString() for action in opened.actions_.by_key.values() for key in action.shortcuts()]
    assert not [one for one in used if {"Ctrl", "Alt"} <= {*one.split("+")}]  # Windows takes AltGr for both


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_macos_finds_the_actions_of_its_own_menu_in_any_language_and_no_others(
    opened: MainWindow, code: str
) -> None:
    opened.actions_.by_key[f"language_{code}"].trigger()
    moved = {
        key: action.menuRole()
        for key, action in opened.actions_.by_key.items()
        if not key.startswith(("theme_", "language_"))
    }
    role = QAction.MenuRole
    assert {key: one for key, one in moved.items() if one != role.NoRole} == {
        "quit": role.QuitRole,
        "about": role.AboutRole,
    }


def test_that_files_dropped_without_an_audit_wait_for_the_one_that_is_made(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.gui.views.start.free_audit_file", lambda _name: tmp_path / "new.audit")
    drop(window, tmp_path / "log.csv")
    assert "audit" in window.start.bar.label.text()
    form = window.start.form
    assert form.isVisible()
    form.entity.setText("Andina")
    form.wabas[0].id.setText("102290129340398")
    QTest.keyClick(form.wabas[0].id, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.sources.model.rowCount() == 1, timeout=60_000)
    assert window.sources.model.rows[0].record.file == "log.csv"
    assert window.place == "sources"


def test_that_files_that_are_dropped_with_their_account_or_audit_come_into_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    account = write_sample(tmp_path).account
    drop(window, tmp_path / "log.csv", account, tmp_path / "invoice.xlsx")
    qtbot.waitUntil(lambda: window.sources.model.rowCount() == 2, timeout=60_000)
    assert {row.record.file for row in window.sources.model.rows} == {"log.csv", "invoice.xlsx"}
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.path == tmp_path / "account.audit"
    # Once it is there, the account file leads to it, unless its facts are meant for the audit that is open.
    drop(window, account)
    qtbot.waitUntil(window.sources.bar.isVisible, timeout=60_000)
    assert "(Andina" in window.sources.bar.label.text()
    window.sources.bar.otherwise.click()
    qtbot.waitUntil(lambda: "already" in window.sources.bar.label.text(), timeout=60_000)
    assert "already" in window.sources.bar.label.text()
    window.sources.bar.action.click()
    settle(qtbot, window)
    # Beside an audit that is open such a file is one of several to be added, of which none is lost.
    drop(window, account, tmp_path / "third.csv")
    qtbot.waitUntil(lambda: window.sources.model.rowCount() > 2, timeout=60_000)
    settle(qtbot, window)
    assert "third.csv" in {row.record.file for row in window.sources.model.rows}


def test_that_the_facts_of_an_account_file_are_put_in_force_in_the_audit_that_is_open(
    qtbot: QtBot, sample: MainWindow, sample_audit: Path, tmp_path: Path
) -> None:
    file = tmp_path / "account.toml"
    text = (sample_audit.parent / "account.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("Luis Paredes", "Luz Paz"), encoding="utf-8")
    drop(sample, file)
    qtbot.waitUntil(sample.bar().isVisible, timeout=60_000)
    sample.bar().action.click()
    settle(qtbot, sample)
    opened = sample.context.workspace.opened
    assert opened is not None
    assert (opened.path, opened.account.reviewer) == (tmp_path / "sample.audit", "Luz Paz")
    assert "facts" in sample.bar().label.text()


def test_that_a_file_that_is_dropped_with_its_audit_joins_those_that_are_there(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "october.audit").write_text("", encoding="utf-8")
    drop(window, tmp_path / "october.audit", tmp_path / "third.csv")
    # The audit in memory has two files.
    qtbot.waitUntil(lambda: window.sources.model.rowCount() == 3, timeout=60_000)
    assert "third.csv" in {row.record.file for row in window.sources.model.rows}
    settle(qtbot, window)


def test_that_an_audit_that_the_desktop_hands_over_opens(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "Auditoría de Perú.audit"
    file.write_text("", encoding="utf-8")
    # What macOS sends when it is double-clicked.
    QApplication.sendEvent(make_application(), QFileOpenEvent(QUrl.fromLocalFile(str(file))))
    qtbot.waitUntil(lambda: window.context.workspace.opened is not None, timeout=60_000)
    opened = window.context.workspace.opened
    assert opened is not None
    assert opened.path == file
    settle(qtbot, window)


def test_that_dropped_files_join_the_open_audit_and_are_reconciled(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    before = opened.sources.model.rowCount()
    drop(opened, tmp_path / "second_invoice.xlsx")
    qtbot.waitUntil(lambda: opened.sources.model.rowCount() == before + 1, timeout=60_000)
    assert opened.place == "sources"


def test_that_a_refused_file_is_told_in_the_bar_and_changes_nothing(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    drop(opened, tmp_path / "broken.csv")
    qtbot.waitUntil(opened.sources.bar.isVisible, timeout=60_000)
    # The preview looks at the file, too, and finds none: that is no second reason in the place of the first.
    settle(qtbot, opened)
    assert opened.sources.bar.label.text().startswith("broken.csv, row 7: ")
    # Of what cannot even be looked at there is no preview to stay in.
    assert opened.sources.tabs.currentIndex() == 0
    assert opened.sources.model.rowCount() == 2


def test_that_a_fault_offers_a_report_and_shows_no_traceback(opened: MainWindow) -> None:
    opened.tell_fault(ZeroDivisionError("a bug"))
    bar = opened.reconciliation.bar
    assert "Traceback" not in bar.label.text()
    bar.action.click()
    assert "ZeroDivisionError" in QApplication.clipboard().text()


def test_that_many_findings_behind_a_refusal_are_counted_not_poured_out(opened: MainWindow) -> None:
    from auditor.core.problems import Problem

    findings = [Problem("file_not_csv", Place("card.csv", row=row)) for row in range(1, 9)]
    opened.reconciliation.bar.tell_error(AuditorError("file_not_csv", Place("card.csv"), findings))
    assert opened.reconciliation.bar.label.text().endswith("… and 3 more.")


def test_that_a_decision_shows_and_undo_takes_it_back(qtbot: QtBot, opened: MainWindow) -> None:
    select(opened, "line-1")
    opened.reconciliation.detail.decision.dispute.click()
    qtbot.waitUntil(opened.actions_.by_key["undo"].isEnabled, timeout=60_000)
    settle(qtbot, opened)
    row = opened.reconciliation.table.current_row()
    assert row is not None
    assert row.record.decision.decision == "disputed"
    opened.actions_.by_key["undo"].trigger()
    qtbot.waitUntil(opened.actions_.by_key["redo"].isEnabled, timeout=60_000)
    settle(qtbot, opened)
    row = opened.reconciliation.table.current_row()
    assert row is not None
    assert row.record.decision.decision == ""


def test_that_a_decision_reaches_every_selected_line_that_differs(qtbot: QtBot, opened: MainWindow) -> None:
    opened.reconciliation.filter.text.setText("peru")
    opened.reconciliation.table.selectAll()
    opened.reconciliation.detail.decision.accept.click()
    settle(qtbot, opened)
    decided = {
        row.record.decision.decision for row in opened.reconciliation.model.rows if row.record.difference.difference
    }
    assert decided == {"accepted"}
    assert len(opened.reconciliation.model.rows) == 4


def test_that_a_step_that_leaves_the_lines_as_they_are_lays_none_of_them_out_anew(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    lines, workspace, resets = opened.reconciliation, opened.context.workspace, list[str]()
    lines.table.selectRow(0)
    lines.model.modelReset.connect(lambda: resets.append(workspace.opened.undo_name if workspace.opened else ""))
    workspace.export_workbook(tmp_path / "book.xlsx")
    settle(qtbot, opened)
    assert resets == []
    workspace.accept([lines.model.rows[0].record.difference.key])
    settle(qtbot, opened)
    assert resets == ["accept"]
    assert [row.record.decision.decision for row in lines.selected_lines()] == ["accepted"]


def test_that_the_filter_narrows_the_table_and_its_totals(opened: MainWindow) -> None:
    lines = opened.reconciliation
    lines.filter.text.setText("mexico")
    assert lines.model.rowCount() == 2
    # 2,510 x 0.0305 + 1,180 x 0.0085 = 76.56 + 10.03.
    assert "86.59" in lines.shown_text.text()
    lines.filter.clear()
    assert lines.model.rowCount() == 13


def test_that_figures_and_words_over_a_column_narrow_the_lines(opened: MainWindow) -> None:
    lines = opened.reconciliation
    opened.actions_.by_key["column_filters"].trigger()
    fields = {column.key: lines.table.head.fields[n] for n, column in enumerate(lines.model.columns)}
    assert fields["market"].isVisible()
    QTest.keyClicks(fields["market"], "peru")
    assert lines.model.rowCount() == 4
    fields["difference"].setText("> 0")
    assert {row.record.difference.market for row in lines.model.rows} == {"Peru"}
    assert all(row.record.difference.difference > 0 for row in lines.model.rows)
    lines.filter.clear()
    assert fields["market"].text() == ""
    assert lines.model.rowCount() == 13
    fields["market"].setText("!peru")
    assert lines.model.rowCount() == 9
    opened.actions_.by_key["column_filters"].trigger()
    assert not fields["market"].isVisible()
    assert lines.model.rowCount() == 13


def test_that_lines_stand_under_heads_with_their_sums(qtbot: QtBot, opened: MainWindow) -> None:
    lines = opened.reconciliation
    lines.filter.group_button.choose("market")
    heads = [n for n, row in enumerate(lines.model.rows) if row.record.difference.key.startswith("group:")]
    markets = {row.record.difference.market for row in lines.model.lines}
    assert len(heads) == len(markets)
    assert lines.model.rowCount() == 13 + len(heads)
    mexico = next(n for n in heads if lines.model.rows[n].record.difference.market == "Mexico")
    # 2,510 x 0.0305 + 1,180 x 0.0085 = 76.56 + 10.03, as billed.
    assert lines.model.index(mexico, lines.model.place_of("billed")).data() == "86.59"
    assert lines.model.index(mexico, 0).data() == "▾ Mexico (2)"
    # The name has the room of status, account, market and category, wherever else those stand.
    assert lines.table.columnSpan(mexico, 0) == 4
    assert lines.table.columnSpan(mexico + 1, 0) == 1
    lines.table.head.moveSection(2, 7)
    assert lines.table.columnSpan(mexico, 0) == 2
    lines.table.head.moveSection(7, 2)
    assert lines.table.columnSpan(mexico, 0) == 4
    told = lines.detail.tabs.widget(0)
    assert isinstance(told, QScrollArea)
    told.verticalScrollBar().setRange(0, 50)
    told.verticalScrollBar().setValue(20)
    lines.table.selectRow(mexico)
    assert lines.detail.title.text() == "2 lines selected"
    assert told.verticalScrollBar().value() == 0  # what is selected now is read from its head
    QTest.keyClick(lines.table, Qt.Key.Key_Return)
    assert lines.model.index(mexico, 0).data() == "▸ Mexico (2)"
    assert lines.model.rowCount() == 11 + len(heads)
    lines.detail.decision.accept.click()
    settle(qtbot, opened)
    accepted = [row.record.difference for row in lines.model.lines if row.record.decision.decision]
    differing = [row.record.difference for row in lines.model.lines if row.record.difference.difference]
    assert accepted == [line for line in differing if line.market == "Mexico"]
    assert accepted
    lines.table.sortByColumn(lines.model.place_of("billed"), Qt.SortOrder.DescendingOrder)
    assert lines.model.rows[0].record.difference.market == lines.model.lines[0].record.difference.market
    lines.filter.group_button.choose("")
    assert lines.model.rowCount() == 13


def test_that_the_materiality_slider_says_what_is_left(opened: MainWindow) -> None:
    bar = opened.reconciliation.filter
    bar.slider.setValue(bar.slider.maximum())
    # The largest difference, 56.90, of 150.78 over and under together... is the only line left.
    assert opened.reconciliation.model.rowCount() == 1
    assert bar.slider.accessibleDescription() == "from US$\N{NO-BREAK SPACE}56.90 · 1 of 13 lines · 37.7 % of the money"
    # Beside six chips only what is short has room.
    assert bar.slider_text.text() == "US$\N{NO-BREAK SPACE}56.90 · 1 of 13 lines · 37.7 %"
    opened.resize(1800, 800)
    assert bar.slider_text.text() == bar.slider.accessibleDescription()


def test_that_the_slider_moves_a_tolerance_as_well_and_goes_on_doing_so(qtbot: QtBot, opened: MainWindow) -> None:
    bar = opened.reconciliation.filter
    bar.slider.setValue(bar.slider.maximum())
    bar.measure.choices["percent"].trigger()
    # So much money is no per cent: it begins at nothing.
    assert opened.reconciliation.model.rowCount() == 13
    while bar.wanted.least.size < 15:
        QTest.keyClick(bar.slider, Qt.Key.Key_Right)
    # 20.00 of 102.00, 32.88 of 109.44, 8.06 of 8.06 and 56.90 of nothing: 117.84 of the 150.78 over and under.
    assert opened.reconciliation.model.rowCount() == 4
    assert bar.slider.accessibleDescription() == "from 15 % · 4 of 13 lines · 78.2 % of the money"
    assert (bar.measure.text(), bar.measure.accessibleName()) == (
        "% ",
        "What the slider moves: Per cent of what was expected",
    )
    # A decision gives other lines with the same differences: the tolerance stands.
    opened.reconciliation.table.selectRow(0)
    opened.reconciliation.detail.decision.accept.click()
    settle(qtbot, opened)
    assert bar.slider.accessibleDescription() == "from 15 % · 4 of 13 lines · 78.2 % of the money"
    assert MeasureButton(opened.context).chosen == "percent"


def test_that_a_chip_and_a_facet_filter_together(opened: MainWindow) -> None:
    bar = opened.reconciliation.filter
    bar.chips.chips["different"].click()
    bar.menus["category"].choose(frozenset({"marketing"}))
    assert opened.reconciliation.model.rowCount() == 3
    assert bar.chips.chips["matched"].text() == "Matched  2"


def test_that_a_selection_pastes_into_a_spreadsheet_with_heads_on_demand(opened: MainWindow) -> None:
    select(opened, "line-0")
    opened.actions_.by_key["copy_heads"].trigger()
    head, line = QApplication.clipboard().text().split("\n")
    assert head.split("\t")[:4] == ["Status", "Market", "Category", "Billed, USD"]
    assert line.split("\t")[:4] == ["Matched", "Peru", "Marketing", "1294.93"]


def test_that_a_field_of_the_first_place_leaves_dropped_files_to_the_window(window: MainWindow) -> None:
    fields = window.start.findChildren(QLineEdit)
    assert fields
    assert not any(field.acceptDrops() for field in fields)


def test_that_the_menu_tells_the_keys_for_copying_and_leaves_them_to_whatever_has_the_keyboard(
    opened: MainWindow,
) -> None:
    copy = QKeySequence(QKeySequence.StandardKey.Copy)
    assert opened.actions_.by_key["copy"].shortcut() == copy
    select(opened, "line-0")
    table, text = opened.reconciliation.table, opened.reconciliation.filter.findChild(QLineEdit)
    assert isinstance(text, QLineEdit)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().split("\t")[:3] == ["Matched", "Peru", "Marketing"]
    text.setText("lima")
    text.selectAll()
    QTest.keyClick(text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    QTest.keyRelease(text, Qt.Key.Key_Control)  # else Ctrl stays down, and whatever is selected next is added
    assert QApplication.clipboard().text() == "lima"
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


def test_that_hidden_columns_stay_hidden_in_the_next_window(qtbot: QtBot, opened: MainWindow) -> None:
    from auditor.gui.application import make_window
    from tests.gui.conftest import FAKE

    market = opened.reconciliation.model.place_of("market")
    opened.reconciliation.table.columns_menu().actions()[market].trigger()
    again = make_window(opened.context.preferences, FAKE)
    qtbot.addWidget(again)
    assert again.reconciliation.table.isColumnHidden(market)


def test_that_evidence_is_brought_with_its_thread(qtbot: QtBot, opened: MainWindow) -> None:
    select(opened, "line-1")
    opened.reconciliation.detail.tabs.setCurrentIndex(2)
    pane = opened.reconciliation.detail.evidence
    qtbot.waitUntil(lambda: "Messages of the customer: 2;" in pane.timeline.accessibleDescription(), timeout=60_000)
    assert pane.model.rowCount() == 1234
    assert pane.model.index(0, 3).data() == "2"


def test_that_evidence_is_said_again_in_the_other_language(qtbot: QtBot, opened: MainWindow) -> None:
    select(opened, "line-1")
    opened.reconciliation.detail.tabs.setCurrentIndex(2)
    settle(qtbot, opened)
    opened.context.speech.switch("es")
    pane = opened.reconciliation.detail.evidence
    qtbot.waitUntil(
        lambda: pane.model.index(0, 5).data() == "Marketing" and pane.model.index(1, 5).data() == "Utilidad"
    )
    assert pane.count.text().startswith("1,234 conversaciones")


def test_that_a_click_on_a_bar_shows_its_lines(qtbot: QtBot, opened: MainWindow) -> None:
    opened.go("charts")
    settle(qtbot, opened)
    opened.charts.names.setCurrentRow(2)
    settle(qtbot, opened)
    picture = opened.charts.picture
    name, spot = next((name, spot) for name, spot in picture.spots() if name == "market:Mexico")
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=spot.center().toPoint())
    assert name == "market:Mexico"
    assert opened.place == "reconciliation"
    assert {row.record.difference.market for row in opened.reconciliation.model.rows} == {"Mexico"}
    # One of its lines is told of, though another market's was selected before.
    assert {row.record.difference.market for row in opened.reconciliation.selected_lines()} == {"Mexico"}


def test_that_what_is_selected_in_the_table_is_framed_in_the_chart(qtbot: QtBot, opened: MainWindow) -> None:
    lines = opened.reconciliation
    place = next(n for n, row in enumerate(lines.model.rows) if row.record.difference.market == "Mexico")
    lines.table.selectRow(place)
    opened.go("charts")
    settle(qtbot, opened)
    opened.charts.names.setCurrentRow(2)
    settle(qtbot, opened)
    picture = opened.charts.picture
    mexico = [spot for name, spot in picture.spots() if name == "market:Mexico"]
    assert mexico
    assert picture.marked() == mexico
    lines.table.selectAll()
    opened.go("charts")
    assert picture.marked() == []


def test_that_the_timeline_is_moved_by_keyboard(qtbot: QtBot, opened: MainWindow) -> None:
    select(opened, "line-1")
    opened.reconciliation.detail.tabs.setCurrentIndex(2)
    timeline = opened.reconciliation.detail.evidence.timeline
    qtbot.waitUntil(lambda: "Messages of the customer" in timeline.accessibleDescription(), timeout=60_000)
    before = timeline.grab().toImage()
    QTest.keyClick(timeline, Qt.Key.Key_Plus)
    QTest.keyClick(timeline, Qt.Key.Key_Right)
    assert timeline.grab().toImage() != before


def test_that_f3_goes_from_open_line_to_open_line(qtbot: QtBot, opened: MainWindow) -> None:
    table = opened.reconciliation.table
    table.selectRow(0)
    for _ in range(3):
        opened.actions_.by_key["next_open"].trigger()
    assert table.currentIndex().row() == 3
    # By its keys, of which Shift would extend the selection in a table by itself.
    QTest.keyClick(opened, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert table.currentIndex().row() == 2
    assert [index.row() for index in table.selectionModel().selectedRows()] == [2]
    # Ctrl is still down when what it did is done, and would let go the row that is selected.
    before = opened.context.workspace.opened
    table.setFocus()
    QTest.keyClick(opened, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: opened.context.workspace.opened is not before, timeout=60_000)
    settle(qtbot, opened)
    files = opened.sources.table
    assert [index.row() for index in files.selectionModel().selectedRows()] == [0]


def test_that_the_theme_changes_and_is_remembered(opened: MainWindow) -> None:
    before = opened.grab().toImage().pixelColor(QPoint(5, 400))
    opened.actions_.by_key["theme_dark"].trigger()
    assert opened.grab().toImage().pixelColor(QPoint(5, 400)) != before
    assert opened.context.preferences.settings.theme == "dark"
    opened.actions_.by_key["theme_light"].trigger()


def test_that_an_audit_opened_once_is_listed_as_recent(opened: MainWindow) -> None:
    opened.go("start")
    item = opened.start.recent.item(0)
    assert item is not None
    assert item.text().startswith("andina")


def test_that_recent_audits_are_whole_in_a_window_that_begins_with_some(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path
) -> None:
    files = [tmp_path / f"{month}.audit" for month in ("august", "september", "october")]
    for file in files:
        file.touch()
        preferences.remember_audit(file)
    make_application()
    begun = make_window(preferences, FAKE)
    qtbot.addWidget(begun)
    begun.show()
    qtbot.waitExposed(begun)
    recent = begun.start.recent
    assert recent.count() == len(files)
    last = recent.visualItemRect(recent.item(2))
    assert last.bottom() < recent.viewport().height()


def test_that_the_desktops_dark_mode_is_followed_while_the_window_is_open(
    opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    appearance, hints = opened.context.appearance, QGuiApplication.styleHints()
    opened.actions_.by_key["theme_system"].trigger()
    for scheme, name in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light")):
        monkeypatch.setattr(theme, "desktop_is_dark", lambda name=name: name == "dark")
        hints.colorSchemeChanged.emit(scheme)
        assert appearance.theme.name == name
        assert opened.palette().window().color() == QColor(appearance.theme.window)
    opened.actions_.by_key["theme_light"].trigger()


def test_that_a_refusal_is_no_longer_told_once_it_is_put_right(qtbot: QtBot, opened: MainWindow) -> None:
    bar, elsewhere = opened.reconciliation.bar, opened.sign_off.bar
    for one in (bar, elsewhere):
        one.tell_error(AuditorError("unlock_needs_reason"))
    select(opened, "line-1")
    opened.reconciliation.detail.decision.dispute.click()
    settle(qtbot, opened)
    assert bar.isHidden()
    assert elsewhere.isHidden()


def test_that_nothing_goes_on_being_said_in_the_language_that_was_left(opened: MainWindow) -> None:
    opened.tell("Something in English.")
    opened.context.speech.switch("es")
    assert opened.reconciliation.bar.isHidden()
    # What stands in the way stays in the way, and is said in the other language, with what can be done.
    bar = opened.reconciliation.bar
    bar.tell_refusals([AuditorError("reason_missing")], action="sources.facts", act=opened.sources.show_facts)
    for code in ("en", "es"):
        opened.context.speech.switch(code)
        assert bar.isVisible()
        assert bar.label.text() == catalogue(code)["problems.reason_missing"]
        assert bar.action.text() == catalogue(code)["window.sources.facts"]
    bar.hide()
    opened.context.speech.switch("en")
    assert bar.isHidden()


def test_that_every_table_has_a_menu_of_what_can_be_done_with_its_rows(opened: MainWindow) -> None:
    lines = opened.reconciliation.table.rows_menu()
    assert [action.text() for action in lines.actions()][:2] == ["&Accept", "&Dispute"]
    opened.sources.table.selectRow(0)
    copy, with_heads = opened.sources.table.rows_menu().actions()
    assert copy.text() == "&Copy"
    with_heads.trigger()
    assert QApplication.clipboard().text().startswith("File\t")


def test_that_one_line_is_called_one_line(opened: MainWindow) -> None:
    opened.reconciliation.filter.text.setText("peru utility")
    assert len(opened.reconciliation.model.rows) == 1
    assert opened.reconciliation.shown_text.text().startswith("Shown: 1 line  ")
    bar = opened.reconciliation.filter
    bar.offer(opened.reconciliation.model.rows)
    assert bar.slider.accessibleDescription() == "from US$\N{NO-BREAK SPACE}0.00 · 1 of 1 line · 100.0 % of the money"


def test_that_a_place_without_a_table_says_so_and_prints_no_empty_page(opened: MainWindow) -> None:
    opened.go("start")
    opened.commands.paper.ask_pdf()
    assert opened.findChild(QFileDialog) is None
    assert opened.start.bar.label.text().startswith("There is no table or chart here")
    opened.go("sources")
    opened.sources.three_way.table.setFocus()  # without a usage export it has no lines
    opened.sources.tabs.setCurrentWidget(opened.sources.three_way)
    opened.commands.paper.ask_pdf()
    assert opened.findChild(QFileDialog) is None


def test_that_a_pdf_that_cannot_be_written_is_not_told_as_saved(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    opened.commands.paper.ask_pdf()
    dialog = opened.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "lines.pdf"))
    settle(qtbot, opened)
    assert (tmp_path / "lines.pdf").read_bytes().startswith(b"%PDF")
    opened.commands.save_pdf(tmp_path / "no such folder" / "lines.pdf")
    settle(qtbot, opened)
    assert "could not be written" in opened.reconciliation.bar.label.text()


def test_that_the_causes_end_where_the_view_does_until_a_width_is_set_by_hand(qtbot: QtBot, opened: MainWindow) -> None:
    table, header = opened.reconciliation.table, opened.reconciliation.table.horizontalHeader()
    causes = [column.key for column in opened.reconciliation.model.columns].index("causes")

    def edge() -> int:
        return header.sectionPosition(causes) + header.sectionSize(causes)

    assert edge() == table.viewport().width()
    opened.resize(1500, 768)
    qtbot.waitUntil(lambda: opened.width() == 1500)
    assert edge() == table.viewport().width()
    header.resizeSection(causes, 200)
    opened.resize(1400, 768)
    qtbot.waitUntil(lambda: opened.width() == 1400)
    assert header.sectionSize(causes) == 200
    qtbot.waitUntil(lambda: "lines" in opened.context.preferences.settings.tables)
    table._reset()
    assert edge() == table.viewport().width()
    assert "lines" not in opened.context.preferences.settings.tables


def test_that_columns_that_are_not_the_ones_left_behind_are_laid_out_anew(qtbot: QtBot, opened: MainWindow) -> None:
    lines, kept = opened.reconciliation, opened.context.preferences
    header = lines.table.horizontalHeader()
    width = header.sectionSize(2)
    header.resizeSection(2, width + 40)
    qtbot.waitUntil(lambda: "lines" in kept.settings.tables)
    again = Table(lines.model, opened.context.speech, kept)
    qtbot.addWidget(again)
    assert again.columnWidth(2) == width + 40
    # The same widths, left by a program that had one column less before this one.
    keys, _, state = kept.settings.tables["lines"].rpartition(" ")
    kept.remember_table("lines", f"{keys.replace('account,', '')} {state}")
    other = Table(lines.model, opened.context.speech, kept)
    qtbot.addWidget(other)
    assert other.columnWidth(2) != width + 40


def test_that_a_window_that_grows_sets_no_widths_by_itself(qtbot: QtBot, opened: MainWindow) -> None:
    table = opened.reconciliation.table
    opened.resize(3400, 900)  # so wide that the last column is drawn out to the edge
    qtbot.waitUntil(lambda: table.viewport().width() > 2_500)
    last = table.horizontalHeader().count() - 1
    assert table.columnWidth(last) > opened.reconciliation.model.columns[last].width
    opened.go("sources")
    opened.resize(1366, 768)
    qtbot.wait(600)  # longer than it takes to write widths down
    assert not {"lines", "sources"} & set(opened.context.preferences.settings.tables)


def test_that_no_figure_is_cut_however_large(opened: MainWindow) -> None:
    table, model = opened.reconciliation.table, opened.reconciliation.model
    place = [column.key for column in model.columns].index("difference")
    large = [replace(row, texts=tuple("+12,345,678.90" for _ in row.texts)) for row in model.lines]
    model.show(large, "USD")
    assert table.sizeHintForIndex(model.index(0, place)).width() <= table.columnWidth(place)
