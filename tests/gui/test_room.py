"""A small window, files that fall from outside, a keyboard that moves: nothing is lost of view, files or focus."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from shutil import copyfile

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtCore import QPoint
from PySide6.QtCore import QPointF
from PySide6.QtCore import QRect
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtGui import QDropEvent
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.core.results import CauseAmount
from auditor.gui.application import make_application
from auditor.gui.application import make_window
from auditor.gui.context import Context
from auditor.gui.differences.evidence import COLUMNS as EVIDENCE
from auditor.gui.forms.account_form import AccountForm
from auditor.gui.tables.lines import COLUMNS
from auditor.gui.tables.lines import line_rows
from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result


def test_that_a_file_that_is_dropped_is_copied_though_the_file_manager_would_move_it(
    window: MainWindow, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "log.csv"))])
    offered = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    event = QDropEvent(QPointF(9, 9), offered, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.setDropAction(Qt.DropAction.MoveAction)
    window.dropEvent(event)
    assert event.isAccepted()
    assert event.dropAction() == Qt.DropAction.CopyAction


def test_that_files_held_over_the_window_are_told_what_becomes_of_them(window: MainWindow, tmp_path: Path) -> None:
    data, copy = QMimeData(), Qt.DropAction.CopyAction
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data.setText("no file")
    QApplication.sendEvent(window, QDragEnterEvent(QPointF(9, 9), copy, data, button, key))
    assert window.veil.isHidden()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "log.csv"))])
    QApplication.sendEvent(window, QDragEnterEvent(QPointF(9, 9), copy, data, button, key))
    assert window.veil.isVisible()
    assert window.veil.text == "Drop here to begin"
    beneath = window.centralWidget()
    assert beneath is not None
    assert window.veil.size() == beneath.size()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert window.veil.isHidden()
    QApplication.sendEvent(window, QDragEnterEvent(QPointF(9, 9), copy, data, button, key))
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), copy, data, button, key))
    assert window.veil.isHidden()


def test_that_an_invoice_lines_amount_is_in_view_on_a_small_laptop(qtbot: QtBot, opened: MainWindow) -> None:
    lines = opened.reconciliation
    lines.table.selectRow(0)
    lines.detail.tabs.setCurrentIndex(1)
    settle(qtbot, opened)
    table = lines.detail.invoice_table
    place = [column.key for column in lines.detail.invoice.columns].index("amount")
    left = table.columnViewportPosition(place)
    assert 0 <= left <= table.viewport().width() - table.columnWidth(place)


def test_that_a_place_that_is_headed_for_is_built_filled_and_shown_in_slices(qtbot: QtBot, window: MainWindow) -> None:
    assert window.place == "start"
    window.head_for("charts")
    assert (window.place, window.bound) == ("start", "charts")  # nothing is built at once
    qtbot.waitUntil(lambda: window.place == "charts", timeout=10_000)
    assert window.bound == ""
    window.head_for("sign_off")
    window.go("rates")  # who goes elsewhere meanwhile is not taken away from there
    qtbot.waitUntil(lambda: not window._unbuilt, timeout=10_000)
    assert window.place == "rates"
    window.head_for("charts")
    assert window.place == "charts"  # what is built is shown at once


def test_that_a_large_place_is_built_a_part_at_a_time(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, made = [0], list[tuple[str, int]]()
    tick = QTimer(window, interval=0)
    tick.timeout.connect(lambda: turns.append(turns[-1] + 1))
    tick.start()
    make = window._make

    def watched(name: str, *parts: QWidget) -> QWidget:
        made.append((name.split(":")[1], turns[-1]))
        return make(name, *parts)

    monkeypatch.setattr(window, "_make", watched)
    window.head_for("reconciliation")
    qtbot.waitUntil(lambda: window.place == "reconciliation", timeout=10_000)
    names, when = zip(*made[:5], strict=True)
    assert names == ("FilterBar", "EvidencePane", "ReasonsPane", "DetailPane", "ReconciliationView")
    assert all(before < after for before, after in pairwise(when))  # in between the window answered


def test_that_the_help_leaves_the_lines_their_amounts_on_a_small_laptop(qtbot: QtBot, opened: MainWindow) -> None:
    lines = opened.reconciliation
    opened.resize(1092, 600)  # 1366 x 768 at 125 %
    QApplication.processEvents()
    assert lines.detail.isVisible()
    opened.help.show_page("differences")
    QApplication.processEvents()
    assert lines.detail.isHidden()
    place = [column.key for column in COLUMNS].index("difference")
    left = lines.table.columnViewportPosition(place)
    assert 0 <= left <= lines.table.viewport().width() - lines.table.columnWidth(place)
    # What is asked for in the detail brings it back.
    opened.actions_.by_key["note"].trigger()
    QApplication.processEvents()
    assert lines.detail.isVisible()
    assert opened.help.isHidden()


def test_that_the_buttons_over_the_lines_stay_on_one_line_beside_the_help(qtbot: QtBot, opened: MainWindow) -> None:
    over = opened.reconciliation.filter
    opened.help.show_page("differences")
    settle(qtbot, opened)
    assert over.columns_button.geometry().center().y() == over.text.geometry().center().y()


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_the_slider_stands_beside_the_chips_at_1280_and_stays_where_it_is_drawn(
    qtbot: QtBot, opened: MainWindow, code: str
) -> None:
    bar, first = opened.reconciliation.filter, opened.reconciliation.filter.chips.chips["different"]
    opened.context.speech.switch(code)
    opened.resize(1280, 720)
    settle(qtbot, opened)
    for by in ("percent", "money"):
        bar.measure.choose(by)
        at, before = bar.slider.mapTo(bar, QPoint(0, 0)), None
        while at != before:  # what is laid out anew lays out what is around it
            qtbot.wait(200)
            at, before = bar.slider.mapTo(bar, QPoint(0, 0)), at
        assert at.y() < first.y() + first.height()
        for value in range(bar.slider.maximum() + 1):
            bar.slider.setValue(value)
            QApplication.processEvents()
            assert bar.slider.mapTo(bar, QPoint(0, 0)) == at
            assert bar.slider_text.width() >= bar.slider_text.sizeHint().width()


def test_that_three_charges_are_in_view_on_a_small_laptop(qtbot: QtBot, opened: MainWindow) -> None:
    lines = opened.reconciliation
    lines.table.selectRow(0)
    lines.detail.tabs.setCurrentIndex(2)
    settle(qtbot, opened)
    table = lines.detail.evidence.table
    assert table.viewport().height() >= 3 * table.verticalHeader().defaultSectionSize()


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_north_america_is_named_whole_and_a_cause_is_still_read(
    qtbot: QtBot, opened: MainWindow, code: str
) -> None:
    opened.context.speech.switch(code)
    lines = opened.reconciliation
    # As with more lines than there is room for: their bar takes some of the width.
    lines.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    settle(qtbot, opened)
    place, causes = ([column.key for column in COLUMNS].index(key) for key in ("market", "causes"))
    words, sides = lines.table.fontMetrics().horizontalAdvance, 18  # what a cell keeps free beside its words
    assert lines.table.columnWidth(place) >= words("North America") + sides
    assert lines.table.columnWidth(causes) >= words("Undelivered but billed")


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_the_causes_of_lines_are_read_whole_at_1280_by_720(qtbot: QtBot, opened: MainWindow, code: str) -> None:
    opened.context.speech.switch(code)
    lines = opened.reconciliation
    lines.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    opened.resize(1280, 720)
    settle(qtbot, opened)
    causes = [column.key for column in COLUMNS].index("causes")
    words, said = lines.table.fontMetrics().horizontalAdvance, opened.context.speech.language.text
    for cause in ("free_allowance", "month_cut", "duplicate_line", "missing_line", "unexpected_line", "rate_card"):
        assert words(said(f"domain.cause.{cause}")) + 18 <= lines.table.columnWidth(causes), cause
    assert lines.table.columnViewportPosition(causes) + lines.table.columnWidth(causes) <= (
        lines.table.viewport().width()
    )


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_two_causes_and_long_ones_are_read_whole_on_as_many_lines(
    qtbot: QtBot, opened: MainWindow, code: str
) -> None:
    opened.context.speech.switch(code)
    opened.resize(1280, 720)
    settle(qtbot, opened)
    lines, words = opened.reconciliation, opened.context.words()
    result = sample_result()
    causes = {"line-1": ("window_utility", "authentication_international"), "line-4": ("fx", "rate_card")}
    differences = tuple(
        replace(entry, causes=tuple(CauseAmount(cause, Decimal(n + 1)) for n, cause in enumerate(causes[entry.key])))
        if entry.key in causes
        else entry
        for entry in result.differences
    )
    assert words is not None
    rows = line_rows(replace(result, differences=differences), {}, words)
    lines.model.show_lines(rows, "", words)
    place = [column.key for column in COLUMNS].index("causes")
    heights = lines.table.verticalHeader()
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        lines.table.sortByColumn(place, order)
        QApplication.processEvents()
        for at, row in enumerate(lines.model.rows):
            room = QRect(0, 0, lines.table.columnWidth(place) - 18, 0)
            whole = lines.table.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), row.texts[place])
            assert whole.height() <= heights.sectionSize(at) - 8
            assert heights.sectionSize(at) > heights.defaultSectionSize() or row.record.difference.key not in causes
        assert heights.sectionSize(0) + heights.sectionSize(len(rows) - 1) > 2 * heights.defaultSectionSize()


def test_that_causes_that_are_out_of_view_take_no_height_from_the_lines(qtbot: QtBot, opened: MainWindow) -> None:
    lines = opened.reconciliation
    opened.resize(1092, 582)  # a screen of 1366 x 768 at 125 %
    settle(qtbot, opened)
    causes, heights = lines.model.place_of("causes"), lines.table.verticalHeader()
    qtbot.waitUntil(lambda: lines.table.columnViewportPosition(causes) > lines.table.viewport().width())
    short = [at for at, row in enumerate(lines.model.rows) if row.record.difference.market in {"Peru", "Mexico"}]
    assert len(short) == 6
    usual = {heights.defaultSectionSize()}
    qtbot.waitUntil(lambda: {heights.sectionSize(at) for at in short} == usual)
    lines.table.horizontalScrollBar().setValue(lines.table.horizontalScrollBar().maximum())
    qtbot.waitUntil(lambda: {heights.sectionSize(at) for at in short} > usual)  # one of them is of a long name


def test_that_a_customers_number_of_thirteen_digits_is_whole_and_its_amount_beside_it(
    qtbot: QtBot, opened: MainWindow
) -> None:
    lines = opened.reconciliation
    lines.table.selectRow(0)
    lines.detail.tabs.setCurrentIndex(2)
    settle(qtbot, opened)
    table = lines.detail.evidence.table
    amount, user = ([column.key for column in EVIDENCE].index(key) for key in ("amount", "user"))
    assert table.fontMetrics().horizontalAdvance("5216766303852") + 18 <= table.columnWidth(user)
    assert table.columnViewportPosition(amount) + table.columnWidth(amount) <= table.viewport().width()


def test_that_the_keyboard_comes_to_open_points_before_the_signatures(qtbot: QtBot, opened: MainWindow) -> None:
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    opened.go("sign_off")
    settle(qtbot, opened)
    leads = list(opened.sign_off.leads.values())
    opened.sign_off.tabs.tabBar().setFocus()
    assert leads
    for before, lead in pairwise([opened.sign_off.tabs.tabBar(), *leads]):
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is lead


def test_that_no_text_of_the_start_is_cut_on_a_screen_of_1920_by_1080_at_twice_the_size(window: MainWindow) -> None:
    window.resize(960, 520)
    QApplication.processEvents()
    assert window.height() == 520
    texts = [label for label in window.start.findChildren(QLabel) if label.isVisible() and label.wordWrap()]
    assert len(texts) >= 5
    assert all(label.height() >= label.heightForWidth(label.width()) for label in texts)


def test_that_the_charges_have_room_at_1280_and_the_thread_is_shown_where_it_is_asked_for(
    qtbot: QtBot, opened: MainWindow
) -> None:
    detail = opened.reconciliation.detail
    pane = detail.evidence
    opened.resize(1280, 720)
    opened.reconciliation.table.selectRow(0)
    detail.tabs.setCurrentIndex(2)
    settle(qtbot, opened)
    assert pane.timeline.isHidden(), pane.height()
    rows = pane.table.viewport().height() // pane.table.rowHeight(0)
    assert rows >= 5
    pane.to_thread.click()
    assert pane.timeline.isVisible()
    opened.resize(1366, 900)
    QApplication.processEvents()
    pane.to_thread.click()
    opened.resize(1366, 910)  # where there is room for both, what was said holds
    QApplication.processEvents()
    assert pane.timeline.isHidden()


def test_that_a_decision_is_brief_in_a_low_window_and_whole_for_its_keys(opened: MainWindow) -> None:
    card = opened.reconciliation.detail.decision
    assert card.note.isVisible()
    opened.resize(960, 520)
    QApplication.processEvents()
    assert card.dispute.isVisible()
    assert not card.note.isVisible()
    opened.actions_.by_key["note"].trigger()
    assert card.note.isVisible()


@pytest.mark.parametrize("code", ["en", "es"])
def test_that_a_cause_is_read_and_what_was_billed_is_whole_in_the_smallest_window(
    qtbot: QtBot, opened: MainWindow, code: str
) -> None:
    opened.context.speech.switch(code)
    lines = opened.reconciliation
    lines.table.selectRow(0)
    opened.resize(960, 500)
    settle(qtbot, opened)
    # Its name and amount, the sentence under it in two lines, and the heading over both.
    shown = lines.detail.tabs.currentWidget()
    assert shown is not None
    qtbot.waitUntil(lambda: shown.height() >= 4 * lines.detail.why.fontMetrics().lineSpacing(), timeout=60_000)
    billed = [column.key for column in COLUMNS].index("billed")
    assert lines.table.columnViewportPosition(billed) + lines.table.columnWidth(billed) <= (
        lines.table.viewport().width()
    )
    for icon in (lines.filter.clear_button, lines.filter.columns_button):
        assert not icon.text()
        assert icon.toolTip() == icon.accessibleName() != ""
    opened.resize(1366, 768)
    settle(qtbot, opened)
    assert lines.filter.clear_button.text()


def test_that_the_keyboard_goes_along_to_the_place_that_is_gone_to(qtbot: QtBot, opened: MainWindow) -> None:
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    opened.reconciliation.filter.text.setFocus()
    opened.go("charts")
    settle(qtbot, opened)
    assert QApplication.focusWidget() is opened.charts
    QTest.keyClick(opened.charts, Qt.Key.Key_Tab)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert opened.charts.isAncestorOf(focus)


def test_that_the_programs_name_follows_the_language(window: MainWindow) -> None:
    window.context.speech.switch("es")
    assert QApplication.applicationDisplayName() == "Auditor de facturas de WhatsApp"
    assert window.windowTitle().endswith(QApplication.applicationDisplayName())
    window.context.speech.switch("en")
    assert QApplication.applicationDisplayName() == "WhatsApp bill auditor"


def test_that_who_signs_is_whole_beside_no_button_in_the_smallest_window(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(960, 500)
    opened.go("sign_off")
    settle(qtbot, opened)
    card = opened.sign_off.signatures["preparer"]
    needed = card.who.fontMetrics().horizontalAdvance("Rosa Quispe Mamani")
    assert card.who.width() > needed
    assert card.sign.y() > card.who.geometry().bottom()
    opened.resize(1366, 768)
    settle(qtbot, opened)
    assert card.sign.y() < card.who.geometry().bottom()


def test_that_an_audits_name_is_not_cut_to_letters_that_say_nothing(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(960, 500)
    opened.top.show_name("Andina Retail, octubre 2026", "")
    settle(qtbot, opened)
    assert opened.top.name.text() == ""
    opened.resize(1366, 768)
    settle(qtbot, opened)
    assert opened.top.name.text() == "Andina Retail, octubre 2026"


def test_that_with_larger_letters_columns_and_buttons_have_room_for_their_words(
    qtbot: QtBot, preferences: Preferences, sample_audit: Path, tmp_path: Path
) -> None:
    app = make_application()
    plain = app.font()
    larger = QFont(plain)
    larger.setPointSizeF(plain.pointSizeF() * 1.5)
    app.setFont(larger)
    try:
        window = make_window(preferences)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.show()
        window.open(Path(copyfile(sample_audit, tmp_path / "sample.audit")))
        qtbot.waitUntil(lambda: window.reconciliation.model.rowCount() > 0, timeout=60_000)
        settle(qtbot, window)
        window.go("reconciliation")
        card = window.reconciliation.detail.decision
        for button in (card.accept, card.dispute, card.clear):
            assert button.width() >= button.sizeHint().width(), button.text()
        window.go("sources")
        table = window.sources.table
        metrics = table.fontMetrics()
        for place in (1, 6):  # the kind and the days of a file
            longest = max(metrics.horizontalAdvance(row.texts[place]) for row in window.sources.model.rows)
            assert longest < table.columnWidth(place)
        window.go("charts")
        picture = window.charts.picture
        qtbot.waitUntil(lambda: not picture.image.isNull(), timeout=60_000)
        # Drawn for less room than it has: at 1.5 for two thirds of it, though never for less than is legible.
        assert picture._kept_at == ((picture.size() / 1.5).expandedTo(QSize(860, 480)), 1.5)
        assert picture.image.width() > picture.width()
        window.close()
    finally:
        app.setFont(plain)


def test_that_a_long_name_is_shown_from_its_beginning(qtbot: QtBot, context: Context) -> None:
    form = AccountForm(context, "facts")
    qtbot.addWidget(form)
    name = "Corporación de Servicios de Salud Integral del Sur Andino S.A.C."
    form.show_account(replace(ACCOUNT, entity=name, name=name))
    assert [(field.text(), field.cursorPosition()) for field in (form.entity, form.name)] == [(name, 0)] * 2
