"""While one types into the filter, what the lines say is offered: from all columns, whatever its case and accents."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.gui.conftest import settle


def offered(window: MainWindow) -> list[str]:
    """Give what stands in the list below the filter; nothing where there is none."""
    popup = window.reconciliation.filter.ahead.completer.popup()
    assert popup is not None
    model = popup.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())] if popup.isVisible() else []


def test_that_what_is_typed_is_completed_from_every_column_and_a_choice_filters(
    qtbot: QtBot, sample: MainWindow
) -> None:
    settle(qtbot, sample)
    sample.context.speech.switch("es")
    sample.go("reconciliation")
    settle(qtbot, sample)
    text, rows = sample.reconciliation.filter.text, sample.reconciliation.model
    text.setFocus()
    QTest.keyClicks(text, "mex")
    assert offered(sample) == ["México"]
    QTest.keyClicks(text, "ico line")  # the last word alone is found
    assert offered(sample) == ["Línea faltante", "Línea inesperada", "Línea repetida"]
    popup = sample.reconciliation.filter.ahead.completer.popup()
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert text.text() == "mexico Línea faltante"
    assert not offered(sample)
    text.clear()
    QTest.keyClicks(text, "zzz")
    assert not offered(sample)
    text.clear()
    QTest.keyClicks(text, "chile")
    assert offered(sample) == []  # there is nothing to add to it
    assert rows.rowCount() == 4  # of the sample's lines: marketing, utility, authentication, service
