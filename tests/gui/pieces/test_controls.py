"""Small pieces: what Qt names by itself is in the window's language, too."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import tabbed


def test_that_the_arrows_of_tabs_follow_the_language(qtbot: QtBot, context: Context) -> None:
    tabs = tabbed(context, "preview.parts")
    qtbot.addWidget(tabs)
    arrow = tabs.tabBar().findChild(QToolButton, "ScrollLeftButton")
    assert arrow is not None
    context.speech.switch("es")
    assert arrow.accessibleName() == "Desplazar hacia la izquierda"
    context.speech.switch("en")  # what other windows of this process spoke may be there still
    assert arrow.accessibleName() == QCoreApplication.translate("QTabBar", "Scroll Left")


def test_that_a_list_opens_wide_enough_for_what_it_offers_and_closed_says_that_it_is_cut(qtbot: QtBot) -> None:
    box = Choice()
    qtbot.addWidget(box)
    box.addItems(["Rate", "Utility inside the customer service window, billed all the same"])
    box.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.resize(90, 30)
    box.show()
    box.showPopup()
    assert box.view().width() >= box.view().sizeHintForColumn(0) > 90
    box.hidePopup()
    assert box.shown_text() == "Rate"
    box.setCurrentIndex(1)
    assert box.shown_text().endswith("…")
    box.resize(600, 30)
    assert box.shown_text() == box.currentText()
    box.grab()
