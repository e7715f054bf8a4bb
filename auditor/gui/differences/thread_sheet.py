"""A thread on paper or as PDF: in lines and letters that stay sharp, on white."""

from dataclasses import dataclass
from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QPagedPaintDevice
from PySide6.QtGui import QPainter

from auditor.gui.differences.thread_drawing import LEFT
from auditor.gui.differences.thread_drawing import RIGHT
from auditor.gui.differences.thread_drawing import Look
from auditor.gui.differences.thread_drawing import ThreadDrawing
from auditor.gui.theme import LIGHT
from auditor.gui.words import Words

# A page is so many pixels wide, whatever the printer; the sizes of letters, and where the picture begins, are in these.
_WIDTH = 960
_TITLE, _TEXT, _LETTERS, _SMALL = 16, 11, 11, 10
_ABOVE, _LINE = 52, 22
_WRAPPED = int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True, slots=True)
class ThreadSheet:
    """A thread to print: as it is drawn, its name, whose it is, what is said to those who cannot see it, the foot."""

    drawing: ThreadDrawing
    words: Words
    name: str
    whose: str
    told: str
    foot: str

    def print(self, device: QPagedPaintDevice) -> None:
        """Print it on one page."""
        painter = QPainter(device)
        try:
            page = QRectF(painter.viewport())
            scale = page.width() / _WIDTH
            painter.scale(scale, scale)
            self._draw(painter, page.height() / scale)
        finally:
            painter.end()

    def _draw(self, painter: QPainter, height: float) -> None:
        family = painter.font().family()
        view = self.drawing.view
        self._write(painter, _letters(family, _TITLE, bold=True), LIGHT.text, QRectF(0, 0, _WIDTH, _LINE), self.name)
        self._write(painter, _letters(family, _TEXT), LIGHT.muted, QRectF(0, _LINE, _WIDTH, _LINE), self._about())
        look = Look(LIGHT, _letters(family, _LETTERS), _letters(family, _SMALL))
        stretch = replace(view, width=float(_WIDTH - LEFT - RIGHT))
        painter.translate(0, _ABOVE)
        replace(self.drawing, look=look, view=stretch, height=look.height).draw(painter)
        painter.translate(0, -_ABOVE)
        below = _ABOVE + look.height + _LINE
        told = QRectF(0, below, _WIDTH, height - below)
        self._write(painter, _letters(family, _TEXT), LIGHT.text, told, self.told)
        foot = QRectF(0, height - _LINE, _WIDTH, _LINE)
        self._write(painter, _letters(family, _TEXT), LIGHT.muted, foot, self.foot, int(Qt.AlignmentFlag.AlignBottom))

    def _about(self) -> str:
        """Say whose thread it is, and the days in view in whose hours."""
        thread, view, waba = self.drawing.thread, self.drawing.view, self.drawing.waba
        first, last = (self.words.local(at, waba) for at in (view.first, view.last))
        days = [self.words.days(first.date(), last.date()), str(first.tzinfo)] if first and last else []
        return " · ".join([self.whose, self.words.phone(thread.phone_number_id), *days])

    def _write(self, painter: QPainter, font: QFont, colour: str, place: QRectF, text: str, how: int = 0) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(place, how | _WRAPPED, text)


def _letters(family: str, size: int, *, bold: bool = False) -> QFont:
    made = QFont(family)
    made.setPixelSize(size)
    made.setBold(bold)
    return made
