"""Tables and charts on paper or as PDF: landscape, heads on every page, the audit's name and the page at the foot."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMarginsF
from PySide6.QtCore import QRectF
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QFontMetricsF
from PySide6.QtGui import QImage
from PySide6.QtGui import QPagedPaintDevice
from PySide6.QtGui import QPageLayout
from PySide6.QtGui import QPageSize
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPen

_POINTS = 8.0
_PAD, _MOST_SHARE = 6.0, 0.34
_INK, _QUIET, _LINE, _STRIPE = "#18222d", "#55616f", "#b8c0c9", "#f3f5f7"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to print: its title, the line at the foot, heads, rows of texts, and which columns hold figures."""

    title: str
    foot: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[bool]


def landscape(device: QPagedPaintDevice) -> None:
    """Set a device to A4 landscape with modest margins."""
    device.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    device.setPageOrientation(QPageLayout.Orientation.Landscape)
    device.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)


def print_sheet(sheet: Sheet, device: QPagedPaintDevice) -> int:
    """Print a table on as many pages as it takes, and give their number."""
    painter = QPainter(device)
    try:
        return _SheetPrinter(sheet, device, painter).print_all()
    finally:
        painter.end()


def print_image(image: QImage, foot: str, device: QPagedPaintDevice) -> None:
    """Print a picture on one page, as large as it fits."""
    painter = QPainter(device)
    page = QRectF(painter.viewport())
    unit = device.logicalDpiY() / 72
    room = page.adjusted(0, 0, 0, -24 * unit)
    size = image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF((room.width() - size.width()) / 2, 0, size.width(), size.height()), image)
    painter.setFont(QFont(painter.font().family(), 8))
    painter.setPen(QColor(_QUIET))
    painter.drawText(page, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), foot)
    painter.end()


class _SheetPrinter:
    """The printing of one table."""

    def __init__(self, sheet: Sheet, device: QPagedPaintDevice, painter: QPainter) -> None:
        self._sheet, self._device, self._painter = sheet, device, painter
        self._unit = device.logicalDpiY() / 72
        self._page = QRectF(painter.viewport())
        self._font = QFont(painter.font().family())
        self._font.setPointSizeF(_POINTS)
        self._bold = QFont(self._font)
        self._bold.setBold(True)
        metrics = QFontMetricsF(self._font, device)
        self._height = metrics.height() + 4 * self._unit
        self._heads = [head.replace(", ", "\n").split("\n") for head in sheet.heads]
        self._head_height = metrics.height() * max((len(lines) for lines in self._heads), default=1) + 6 * self._unit
        self._widths = self._share(QFontMetricsF(self._bold, device), metrics)

    def print_all(self) -> int:
        top = self._height * 1.8
        foot = self._height * 1.4
        room = self._page.height() - top - self._head_height - foot
        per_page = max(1, int(room // self._height))
        pages = max(1, -(-len(self._sheet.rows) // per_page))
        for page in range(pages):
            if page:
                self._device.newPage()
            self._title()
            self._row_of_heads(top)
            for n, row in enumerate(self._sheet.rows[page * per_page : (page + 1) * per_page]):
                self._row(top + self._head_height + n * self._height, row, striped=n % 2 == 1)
            self._foot(page + 1, pages)
        return pages

    def _share(self, bold: QFontMetricsF, plain: QFontMetricsF) -> list[float]:
        """Give each column the room it needs, and all of them together the width of the page."""
        needed = []
        for place, lines in enumerate(self._heads):
            texts = [row[place] for row in self._sheet.rows[:500]]
            widest = max(
                [bold.horizontalAdvance(line) for line in lines] + [plain.horizontalAdvance(text) for text in texts]
            )
            needed.append(min(widest + 2 * _PAD * self._unit, self._page.width() * _MOST_SHARE))
        scale = min(1.0, self._page.width() / (sum(needed) or 1))
        return [width * scale for width in needed]

    def _title(self) -> None:
        font = QFont(self._bold)
        font.setPointSizeF(_POINTS + 4)
        self._painter.setFont(font)
        self._painter.setPen(QColor(_INK))
        self._painter.drawText(
            QRectF(0, 0, self._page.width(), self._height * 1.6), int(Qt.AlignmentFlag.AlignLeft), self._sheet.title
        )

    def _row_of_heads(self, top: float) -> None:
        self._painter.setFont(self._bold)
        self._painter.setPen(QColor(_QUIET))
        left = 0.0
        for place, lines in enumerate(self._heads):
            self._text(QRectF(left, top, self._widths[place], self._head_height), "\n".join(lines), place)
            left += self._widths[place]
        self._painter.setPen(QPen(QColor(_LINE), self._unit / 2))
        bottom = round(top + self._head_height)
        self._painter.drawLine(0, bottom, round(sum(self._widths)), bottom)

    def _row(self, top: float, row: Sequence[str], *, striped: bool) -> None:
        if striped:
            self._painter.fillRect(QRectF(0, top, sum(self._widths), self._height), QColor(_STRIPE))
        self._painter.setFont(self._font)
        self._painter.setPen(QColor(_INK))
        metrics = QFontMetricsF(self._font, self._device)
        left = 0.0
        for place, text in enumerate(row):
            room = self._widths[place] - 2 * _PAD * self._unit
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room + 1)
            self._text(QRectF(left, top, self._widths[place], self._height), shown, place)
            left += self._widths[place]

    def _text(self, cell: QRectF, text: str, place: int) -> None:
        side = Qt.AlignmentFlag.AlignRight if self._sheet.figures[place] else Qt.AlignmentFlag.AlignLeft
        inside = cell.adjusted(_PAD * self._unit, 0, -_PAD * self._unit, 0)
        self._painter.drawText(inside, int(side | Qt.AlignmentFlag.AlignVCenter), text)

    def _foot(self, page: int, pages: int) -> None:
        self._painter.setFont(self._font)
        self._painter.setPen(QColor(_QUIET))
        self._painter.drawText(
            self._page, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), self._sheet.foot
        )
        self._painter.drawText(
            self._page, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight), f"{page} / {pages}"
        )
