"""The table models: the rules of Qt's model tester, sorting, pages, and a text for every cell."""

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from auditor.gui.context import Context
from auditor.gui.differences.detail import INVOICE_COLUMNS
from auditor.gui.differences.evidence import COLUMNS as EVIDENCE_COLUMNS
from auditor.gui.reading.source_columns import source_columns
from auditor.gui.tables.lines import line_rows
from auditor.gui.tables.lines_model import LinesModel
from auditor.gui.tables.record_model import PagedModel
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table
from auditor.gui.views.rates import ALLOWANCE_COLUMNS
from auditor.gui.views.rates import FX_COLUMNS
from auditor.gui.views.rates import RATE_COLUMNS
from auditor.gui.words import Words
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import evidence_row
from tests.gui.fake_audit import report
from tests.gui.fake_audit import sample_result

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def lines(context: Context) -> LinesModel:
    """Give the sample's lines as a model, under Qt's tester."""
    model = LinesModel(context.speech, context.appearance, context.workspace)
    QAbstractItemModelTester(model, FATAL, model)
    model.show(line_rows(sample_result(), {}, words(context)), "USD")
    return model


def words(context: Context) -> Words:
    return Words(context.speech.language, ACCOUNT)


def test_that_the_lines_keep_qts_rules_while_sorted_and_shown_anew(context: Context, lines: LinesModel) -> None:
    for column in range(lines.columnCount()):
        lines.sort(column, Qt.SortOrder.DescendingOrder)
        lines.sort(column, Qt.SortOrder.AscendingOrder)
    lines.show(lines.rows[:3])
    lines.show(())
    assert lines.rowCount() == 0


def test_that_a_sorted_column_is_in_order_and_the_order_outlasts_new_rows(lines: LinesModel) -> None:
    place = [column.key for column in lines.columns].index("difference")
    lines.sort(place, Qt.SortOrder.DescendingOrder)
    sizes = [row.record.difference.difference for row in lines.rows]
    assert sizes == sorted(sizes, reverse=True)
    lines.show(lines.rows[::-1])
    assert [row.record.difference.difference for row in lines.rows] == sizes


def test_that_rows_equal_to_those_shown_take_their_place_without_a_reset(context: Context, lines: LinesModel) -> None:
    resets: list[int] = []
    lines.modelReset.connect(lambda: resets.append(len(lines.rows)))
    followed = QPersistentModelIndex(lines.index(2, 0))
    again = line_rows(sample_result(), {}, words(context))
    lines.show(again, "USD")
    assert not resets
    assert followed.isValid()
    assert [id(row) for row in lines.rows] == [id(row) for row in again]  # what stands behind them is the new rows
    lines.show(again, "PEN")
    lines.show(again[1:], "PEN")
    assert resets == [len(again), len(again) - 1]


def test_that_a_selection_follows_its_row_when_the_table_is_sorted(lines: LinesModel) -> None:
    kept = lines.rows[2]
    index = lines.index(2, 0)
    followed = QPersistentModelIndex(index)
    lines.sort(3, Qt.SortOrder.DescendingOrder)
    assert lines.rows[followed.row()] is kept


def test_that_every_cell_has_a_text_for_a_screen_reader(lines: LinesModel) -> None:
    for row in range(lines.rowCount()):
        for column in range(lines.columnCount()):
            text = lines.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)
            assert len(text.partition(": ")[2]) > 0


def test_that_a_difference_is_marked_by_fill_sign_and_icon(lines: LinesModel) -> None:
    place = [column.key for column in lines.columns].index("difference")
    over = next(n for n, row in enumerate(lines.rows) if row.record.difference.difference > 0)
    cell = lines.index(over, place)
    assert cell.data().startswith("+")
    assert cell.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_that_a_matched_line_is_not_filled(lines: LinesModel) -> None:
    place = [column.key for column in lines.columns].index("difference")
    matched = next(n for n, row in enumerate(lines.rows) if row.record.difference.status == "matched")
    assert lines.index(matched, place).data(Qt.ItemDataRole.BackgroundRole) is None


def test_that_heads_name_the_currency_and_change_with_the_language(context: Context, lines: LinesModel) -> None:
    assert lines.head(lines.place_of("billed")) == "Billed, USD"
    context.speech.switch("es")
    assert lines.head(lines.place_of("billed")) == "Facturado, USD"


def test_that_the_other_tables_keep_qts_rules_too(context: Context) -> None:
    result, say = sample_result(), words(context)
    for name, columns, records in (
        ("sources", source_columns({}), (report("invoice.xlsx"), report("log.csv"))),
        ("rates", RATE_COLUMNS, result.rates),
        ("fx", FX_COLUMNS, result.fx),
        ("allowances", ALLOWANCE_COLUMNS, result.allowances),
        ("invoice", INVOICE_COLUMNS, result.invoice_lines),
    ):
        model: RecordModel[object] = RecordModel(name, columns, context.speech, context.workspace)  # type: ignore[arg-type]
        QAbstractItemModelTester(model, FATAL, model)
        model.show(prepare(columns, records, say))  # type: ignore[arg-type]
        model.sort(0)
        assert model.rowCount() == len(records)
        for column in range(model.columnCount()):
            assert model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def _ungathered(*_wanted: object) -> None:
    """Gather nothing: no more is wanted than what comes into view."""


def test_that_a_page_is_asked_for_once_and_shown_when_it_comes(context: Context) -> None:
    asked: list[tuple[int, int]] = []
    model: PagedModel[Any] = PagedModel("evidence", EVIDENCE_COLUMNS, context.speech, context.workspace)
    model.open(1_000_000, lambda offset, limit: asked.append((offset, limit)), _ungathered)
    cell = model.index(730_250, 0)
    assert cell.data() == "…"
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "…"
    assert asked == [(730_000, 500)]
    model.take(730_000, prepare(EVIDENCE_COLUMNS, [evidence_row(place) for place in range(500)], words(context)))
    # Row 250 of the page is 250 x 7 hours after 5 October, 09:00 in Lima: 72 days and 22 hours.
    assert cell.data() == "17 Dec 2026 07:00:00"
    assert asked == [(730_000, 500)]


def test_that_pages_keep_qts_rules_as_they_come(context: Context) -> None:
    model: PagedModel[Any] = PagedModel("evidence", EVIDENCE_COLUMNS, context.speech, context.workspace)
    QAbstractItemModelTester(model, FATAL, model)
    model.open(600, lambda _offset, _limit: None, _ungathered)
    page = prepare(EVIDENCE_COLUMNS, [evidence_row(place) for place in range(500)], words(context))
    for place, rows in ((0, page), (500, page[:100])):
        assert model.row(place) is None
        model.take(place, rows)
    assert model.index(599, 2).data() == "51987654321"
    model.open(0, lambda _offset, _limit: None, _ungathered)
    assert model.rowCount() == 0


def test_that_a_repaint_asks_a_cell_for_all_it_is_painted_by_at_once(context: Context, qtbot: QtBot) -> None:
    """Each time it asks, it waits its turn beside work that runs in Python: nine times a cell held it up for 0.2 s."""
    model: PagedModel[Any] = PagedModel("evidence", EVIDENCE_COLUMNS, context.speech, context.workspace)
    table = Table(model, context.speech, context.preferences)
    qtbot.addWidget(table)
    table.resize(900, 500)
    model.open(500, lambda _offset, _limit: None, _ungathered)
    assert model.row(0) is None
    model.take(0, prepare(EVIDENCE_COLUMNS, [evidence_row(place) for place in range(500)], words(context)))
    table.grab()
    asked: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_back is not None and frame.f_back.f_code.co_name == "paintEvent":
            asked[frame.f_code.co_name] += 1

    sys.setprofile(note)
    table.grab()
    sys.setprofile(None)
    assert asked["multiData"] > 50
    assert {"data", "initStyleOption"}.isdisjoint(asked)


def test_that_pages_long_out_of_view_are_dropped(context: Context) -> None:
    model: PagedModel[Any] = PagedModel("evidence", EVIDENCE_COLUMNS, context.speech, context.workspace)
    page = prepare(EVIDENCE_COLUMNS, [evidence_row(place) for place in range(500)], words(context))
    model.open(1_000_000, lambda _offset, _limit: None, _ungathered)
    for number in range(60):
        assert model.row(number * 500) is None
        model.take(number * 500, page)
    assert model.row(0) is None
    assert model.row(59 * 500) is page[0]


def test_that_rows_wanted_beyond_what_is_in_view_are_gathered(context: Context) -> None:
    wanted: list[list[tuple[int, int]]] = []
    model: PagedModel[Any] = PagedModel("evidence", EVIDENCE_COLUMNS, context.speech, context.workspace)
    model.open(1_200, lambda _offset, _limit: None, lambda runs, _word, _done: wanted.append(list(runs)))
    assert model.row(0) is None
    model.take(0, prepare(EVIDENCE_COLUMNS, [evidence_row(place) for place in range(500)], words(context)))
    said: list[str] = []
    model.say([(3, 2)], lambda row: row.record.user, said.extend)
    assert said == ["51987654321", "51987654321"]
    model.say([(499, 2), (702, 2)], lambda row: row.record.user, said.extend)
    assert wanted == [[(499, 2), (702, 2)]]
