"""The two themes: readable by everyone (WCAG AA), with every colour of the style sheet."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from auditor.gui.theme import DARK
from auditor.gui.theme import LIGHT
from auditor.gui.theme import Theme
from auditor.gui.theme import larger
from auditor.gui.theme import style_sheet
from auditor.gui.window import MainWindow

GROUNDS = ("window", "base", "stripe", "raised", "selection")
PAIRS = (
    *((ink, ground) for ink in ("text",) for ground in (*GROUNDS, "accent_soft")),
    *(("muted", ground) for ground in ("window", "base", "stripe", "raised", "selection")),
    *((mark, f"{mark}_fill") for mark in ("over", "under", "ask", "good")),
    *((mark, ground) for mark in ("over", "under", "good") for ground in ("base", "raised", "selection")),
    ("accent", "raised"),
    ("accent", "base"),
    ("on_accent", "accent"),
    ("on_bar", "bar"),
    ("on_bar", "bar_hover"),
    ("on_bar_muted", "bar"),
)


def luminance(colour: str) -> float:
    """Give the relative luminance of WCAG 2."""
    parts = QColor(colour)
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (parts.redF(), parts.greenF(), parts.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_that_text_stands_out_from_its_ground(theme: Theme, ink: str, ground: str) -> None:
    lights = sorted((luminance(getattr(theme, ink)), luminance(getattr(theme, ground))))
    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_that_the_style_sheet_leaves_no_name_unfilled(theme: Theme) -> None:
    assert "$" not in style_sheet(theme, 9)


@pytest.mark.parametrize(
    ("points", "dots", "times"),
    [
        (9, 96, 1.0),  # 12 pixels
        (13.5, 96, 1.5),  # 18
        (13, 72, 13 / 12),  # a Mac's own letters
        (11, 72, 1.0),  # 11, which take no less room
    ],
)
def test_that_room_is_made_for_letters_by_their_pixels(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, points: float, dots: int, times: float
) -> None:
    before, letters = qapp.font(), QFont(qapp.font())
    letters.setPointSizeF(points)
    monkeypatch.setattr(QScreen, "logicalDotsPerInchY", lambda _screen: float(dots))
    try:
        qapp.setFont(letters)
        assert larger() == pytest.approx(times, rel=0.03)  # letters have whole pixels here
    finally:
        qapp.setFont(before)


def test_that_headings_grow_with_the_letters_of_the_system(qtbot: QtBot, opened: MainWindow) -> None:
    plain = opened.font()
    larger = QFont(plain)
    larger.setPointSizeF(plain.pointSizeF() * 1.5)
    headings = [label for label in opened.findChildren(QLabel) if label.property("role") == "heading"]
    try:
        QApplication.setFont(larger)
        opened.context.appearance.apply()
        assert {label.font().pointSizeF() > larger.pointSizeF() for label in headings} == {True}
    finally:
        QApplication.setFont(plain)


def test_that_a_story_begins_where_what_stands_above_it_does(qtbot: QtBot, opened: MainWindow) -> None:
    opened.show_sign_off("closing")
    signature = opened.sign_off.signatures["preparer"]
    told = signature.state
    above = next(label for label in signature.findChildren(QLabel) if label.property("role") == "strong")
    assert told.geometry().left() == above.geometry().left()
    assert abs(first_ink(told) - first_ink(above)) <= 2


def first_ink(label: QLabel) -> int:
    """Give the column of a label's leftmost drawn pixel."""
    image = label.grab().toImage()
    ground = image.pixelColor(image.width() - 2, image.height() // 2)
    columns = (
        x for x in range(image.width()) if any(image.pixelColor(x, y) != ground for y in range(2, image.height() - 2))
    )
    return next(columns)
