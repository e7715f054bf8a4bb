"""The row that goes on in the next line: where things stand, and that it follows what is shown."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from auditor.gui.pieces.flow import Flow


class Block(QWidget):
    """Wants a size, and counts how often it is asked for it."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with a size."""
        super().__init__()
        self.wanted, self.asked = QSize(width, height), 0

    def sizeHint(self) -> QSize:
        """Tell it."""
        self.asked += 1
        return self.wanted


@pytest.fixture
def row(qtbot: QtBot) -> tuple[QWidget, Flow, list[Block]]:
    """Give three blocks in a row: 100, 60 and 40 wide, 20, 30 and 10 high."""
    whole, flow = QWidget(), Flow(spacing=8)
    qtbot.addWidget(whole)
    blocks = [Block(100, 20), Block(60, 30), Block(40, 10)]
    for block in blocks:
        flow.addWidget(block)
    whole.setLayout(flow)
    whole.show()
    return whole, flow, blocks


def test_that_a_row_goes_on_in_the_next_line(row: tuple[QWidget, Flow, list[Block]]) -> None:
    _, flow, blocks = row
    # 100 + 8 + 60 + 8 + 40 are 216; in 215 the third stands below the first two, 30 + 8 further down.
    assert [flow.heightForWidth(width) for width in (216, 215, 168, 167)] == [30, 48, 48, 20 + 8 + 30]
    flow.setGeometry(QRect(0, 0, 168, 48))
    assert [block.geometry() for block in blocks] == [
        QRect(0, 5, 100, 20), QRect(108, 0, 60, 30), QRect(0, 38, 40, 10)
    ]  # fmt: skip


def test_that_sizes_are_asked_for_once_until_something_changes(row: tuple[QWidget, Flow, list[Block]]) -> None:
    _, flow, blocks = row
    flow.heightForWidth(300)
    asked = [block.asked for block in blocks]
    for width in (300, 200, 100, 300):
        flow.heightForWidth(width)
    assert [block.asked for block in blocks] == asked
    blocks[1].hide()
    assert flow.heightForWidth(148) == 20  # 100 + 8 + 40
    blocks[0].wanted = QSize(120, 50)
    blocks[0].updateGeometry()
    assert flow.heightForWidth(148) == 50 + 8 + 10
    blocks[1].show()
    assert flow.heightForWidth(300) == 50
