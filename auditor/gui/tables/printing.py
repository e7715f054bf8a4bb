"""Tables and charts on paper or as PDF: landscape, heads on every page, the audit's name and the page at the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from heapq import nlargest

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

from auditor.gui.tables.rows import BLANK

# The sizes of letters, in the order in which they are tried, with the share of the room for whole texts that must be
# there: first no text is broken, then few, then all that is more than a word or a figure. And the title's sizes.
_LETTERS = ((8.0, 1.0), (7.0, 1.0), (6.0, 1.0), (7.0, 0.5), (6.0, 0.5), (6.0, 0.25), (6.0, 0.0), (5.0, 0.0))
_TITLE, _LEAST_TITLE = 12.0, 7.0
# The room beside a text, in points; how much of the page one text may ask for, and how much a word of it must get.
_PAD, _MOST_SHARE, _LEAST_SHARE = 4.0, 0.34, 0.1
# As many of a column's longest texts are measured.
_MEASURED = 20
# Letters of another size are not wider by quite as much.
_ROUNDED = 0.98
_AT_WORDS, _ANYWHERE = int(Qt.TextFlag.TextWordWrap), int(Qt.TextFlag.TextWrapAnywhere)
_INK, _QUIET, _LINE, _STRIPE = "#18222d", "#55616f", "#b8c0c9", "#f3f5f7"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to print: its title, the line at the foot, heads, rows of texts, and which columns hold figures.

    `total` is the row under them all, if they are added up.
    """

    title: str
    foot: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[bool]
    total: Sequence[str] = ()

    def without_empty(self) -> "Sheet":
        """Give the table without the columns in which nothing stands: paper is for what there is."""
        full = [n for n in range(len(self.heads)) if any(row[n] not in {"", BLANK} for row in self.rows)]
        if not full:
            return self
        rows = [[row[n] for n in full] for row in self.rows]
        heads, total = [self.heads[n] for n in full], self.total and [self.total[n] for n in full]
        figures = [self.figures[n] for n in full]
        return replace(self, heads=heads, rows=rows, figures=figures, total=total)


def landscape(device: QPagedPaintDevice) -> None:
    """Set a device to A4 landscape with modest margins."""
    device.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    device.setPageOrientation(QPageLayout.Orientation.Landscape)
    device.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)


def print_sheet(sheet: Sheet, device: QPagedPaintDevice) -> int:
    """Print a table on as many pages as it takes, and give their number."""
    painter = QPainter(device)
    try:
        return len(_SheetPrinter(sheet, device, painter).print_all())
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
    """The printing of one table: figures always whole, texts on as many lines as they need."""

    def __init__(self, sheet: Sheet, device: QPagedPaintDevice, painter: QPainter) -> None:
        self._sheet, self._device, self._painter = sheet, device, painter
        self._rows = [*sheet.rows, sheet.total] if sheet.total else sheet.rows
        self._unit = device.logicalDpiY() / 72
        self._page = QRectF(painter.viewport())
        self._widths = self._share()
        self._head_height = self._height_of(self._heads, self._bold_metrics) + 2 * self._unit
        self._heights = [self._height_of(row, self._metrics) for row in self._rows]

    def print_all(self) -> list[range]:
        """Print, and give the rows of each page."""
        top = self._line * 1.8
        pages = self._pages(self._page.height() - top - self._head_height - self._line * 1.4)
        for number, rows in enumerate(pages, start=1):
            if number > 1:
                self._device.newPage()
            self._title()
            self._row_of_heads(top)
            below = top + self._head_height
            for place in rows:
                if place == len(self._sheet.rows):
                    self._total(below)
                else:
                    self._row(below, place, striped=(place - rows.start) % 2 == 1)
                below += self._heights[place]
            self._foot(number, len(pages))
        return pages

    def _share(self) -> list[float]:
        """Choose the letters, and give the widths of the columns in them."""
        width = self._page.width()
        for points, part in _LETTERS:
            self._set_in(points)
            least, wished, whole = self._needed()
            if sum(least) + part * (sum(wished) - sum(least)) <= width:
                break
        # What no column asked for beyond its part of the page is for those whose texts are longer than that.
        return _shared(_shared(least, wished, width), whole, width)

    def _set_in(self, points: float) -> None:
        """Take a size of letters."""
        self._font = QFont(self._painter.font().family())
        self._font.setPointSizeF(points)
        self._bold = QFont(self._font)
        self._bold.setBold(True)
        self._metrics, self._bold_metrics = (QFontMetricsF(font, self._device) for font in (self._font, self._bold))
        self._line = self._metrics.height() + 4 * self._unit
        self._heads = [head.replace(", ", "\n") for head in self._sheet.heads]

    def _needed(self) -> tuple[list[float], list[float], list[float]]:
        """Give the width that each column must have, the one that it would have, and the one for its longest text."""
        least, wished, unbroken = [], [], []
        for place, head in enumerate(self._heads):
            # Longer texts need no measuring of the shorter ones.
            texts = nlargest(_MEASURED, {row[place] for row in self._rows}, key=len)
            words = [word for text in texts for word in text.split()]
            plain, bold = self._metrics.horizontalAdvance, self._bold_metrics.horizontalAdvance
            sums = bold(self._sheet.total[place]) if self._sheet.total else 0
            whole = max(sums, *(plain(text) for text in texts or [""]))
            broken = min(max((plain(word) for word in words), default=0), self._page.width() * _LEAST_SHARE)
            margins = (2 * _PAD + 1) * self._unit
            figures = self._sheet.figures[place]
            least.append(max(whole if figures else broken, *(bold(word) for word in head.split() or [""])) + margins)
            wish = max(whole, *(bold(line) for line in head.split("\n"))) + margins
            wished.append(max(least[-1], wish if figures else min(wish, self._page.width() * _MOST_SHARE)))
            unbroken.append(max(wished[-1], wish))
        return least, wished, unbroken

    def _height_of(self, texts: Sequence[str], metrics: QFontMetricsF) -> float:
        """Give the height of a row, by the text that takes the most lines."""
        height = metrics.height()
        for text, width in zip(texts, self._widths, strict=True):
            room = width - 2 * _PAD * self._unit
            if "\n" in text or metrics.horizontalAdvance(text) > room:
                wrapped = metrics.boundingRect(
                    QRectF(0, 0, room, self._page.height()), _breaking(text, room, metrics), text
                )
                height = max(height, wrapped.height())
        return min(height, self._page.height() / 2) + 4 * self._unit

    def _pages(self, room: float) -> list[range]:
        """Give the rows of each page."""
        pages, first, used = [], 0, 0.0
        for place, height in enumerate(self._heights):
            if used and used + height > room:
                pages.append(range(first, place))
                first, used = place, 0.0
            used += height
        return [*pages, range(first, len(self._heights))]

    def _title(self) -> None:
        font, width = self._title_font(), self._page.width()
        metrics = QFontMetricsF(font, self._device)
        shown = metrics.elidedText(self._sheet.title, Qt.TextElideMode.ElideRight, width)
        self._painter.setFont(font)
        self._painter.setPen(QColor(_INK))
        self._painter.drawText(QRectF(0, 0, width, self._line * 1.6), int(Qt.AlignmentFlag.AlignLeft), shown)

    def _title_font(self) -> QFont:
        """Give letters in which the title has room, down to about those of the table."""
        font = QFont(self._bold)
        font.setPointSizeF(_TITLE)
        wanted = QFontMetricsF(font, self._device).horizontalAdvance(self._sheet.title)
        font.setPointSizeF(max(_LEAST_TITLE, min(_TITLE, _TITLE * self._page.width() / max(1.0, wanted) * _ROUNDED)))
        return font

    def _row_of_heads(self, top: float) -> None:
        self._painter.setFont(self._bold)
        self._painter.setPen(QColor(_QUIET))
        self._texts(top, self._head_height, self._heads, self._bold_metrics)
        self._rule(top + self._head_height)

    def _total(self, top: float) -> None:
        self._rule(top)
        self._painter.setFont(self._bold)
        self._painter.setPen(QColor(_INK))
        self._texts(top, self._heights[-1], self._sheet.total, self._bold_metrics)

    def _rule(self, top: float) -> None:
        self._painter.setPen(QPen(QColor(_LINE), self._unit / 2))
        self._painter.drawLine(0, round(top), round(sum(self._widths)), round(top))

    def _row(self, top: float, place: int, *, striped: bool) -> None:
        height = self._heights[place]
        if striped:
            self._painter.fillRect(QRectF(0, top, sum(self._widths), height), QColor(_STRIPE))
        self._painter.setFont(self._font)
        self._painter.setPen(QColor(_INK))
        self._texts(top, height, self._sheet.rows[place], self._metrics)

    def _texts(self, top: float, height: float, texts: Sequence[str], metrics: QFontMetricsF) -> None:
        left, pad = 0.0, _PAD * self._unit
        for text, width, figures in zip(texts, self._widths, self._sheet.figures, strict=True):
            side = Qt.AlignmentFlag.AlignRight if figures else Qt.AlignmentFlag.AlignLeft
            inside = QRectF(left + pad, top + 2 * self._unit, width - 2 * pad, height - 2 * self._unit)
            how = int(side | Qt.AlignmentFlag.AlignTop) | _breaking(text, inside.width(), metrics)
            self._painter.drawText(inside, how, text)
            left += width

    def _foot(self, page: int, pages: int) -> None:
        self._painter.setFont(self._font)
        self._painter.setPen(QColor(_QUIET))
        self._painter.drawText(
            self._page, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), self._sheet.foot
        )
        self._painter.drawText(
            self._page, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight), f"{page} / {pages}"
        )


def _breaking(text: str, room: float, metrics: QFontMetricsF) -> int:
    """Tell where a text may be broken: between words, unless one of them is too long for a line of its own."""
    long = metrics.horizontalAdvance(text) > room and any(metrics.horizontalAdvance(one) > room for one in text.split())
    return _ANYWHERE if long else _AT_WORDS


def _shared(least: Sequence[float], wished: Sequence[float], width: float) -> list[float]:
    """Give each column what it must have and, of what is left of the page, its share of what it would have."""
    spare, wanted = width - sum(least), sum(wished) - sum(least)
    if spare < 0:
        return [one * width / sum(least) for one in least]
    share = min(1.0, spare / wanted) if wanted else 0.0
    return [one + share * (wish - one) for one, wish in zip(least, wished, strict=True)]
