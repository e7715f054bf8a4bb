"""The previewed rows: their columns are as wide as what stands in them, as in every other table."""

from PySide6.QtWidgets import QApplication

from auditor.gui.context import Context
from auditor.gui.reading.seen_rows import RowsModel
from auditor.gui.tables.table import Table
from auditor.language import Language
from auditor.verbs.seen import SeenRow


def test_that_a_width_set_by_hand_stays_and_the_columns_of_another_file_begin_anew(context: Context) -> None:
    model = RowsModel("seen", context.speech, context.workspace)
    table = Table(model, context.speech, context.preferences)
    rows = [SeenRow(2, "line", fields={"user": "51999888777", "sent_at": "2026-10-05T10:00:00+00:00"})]
    names, language = {"user": "Customer", "sent_at": "Sent", "market": "Market"}, Language("en")

    def show(*fields: str) -> list[int]:
        model.show_rows(rows, fields, names, language)
        QApplication.processEvents()
        return [table.columnWidth(place) for place in range(model.columnCount())]

    _, user, sent, _ = show("user", "sent_at", "market")  # the last one takes what is left
    assert sent > user  # a time of day is longer than a number
    table.setColumnWidth(1, 222)
    assert show("user", "sent_at", "market")[1] == 222
    assert show("sent_at", "user", "market")[1:3] == [sent, user]


def test_that_rows_without_a_number_have_no_column_of_dashes(context: Context) -> None:
    model, language = RowsModel("seen", context.speech, context.workspace), Language("en")
    model.show_rows([SeenRow(0, "line", fields={"rate": "3.75"})], ("rate",), {}, language)
    assert [model.head(place) for place in range(model.columnCount())] == ["rate"]
    assert model.rows[0].texts == ("3.75",)
    rows = [SeenRow(0, "line", fields={"rate": "3.75"}), SeenRow(4, "total", ("Sum", "3.75"))]
    model.show_rows(rows, ("rate",), {}, language)
    assert [row.texts for row in model.rows] == [("—", "Line", "3.75"), ("4", "Total: Sum | 3.75", "—")]
