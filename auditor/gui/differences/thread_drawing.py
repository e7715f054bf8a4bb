"""How one thread is drawn, on the screen as on paper: lanes of messages, windows and charges over an axis of time."""

from bisect import bisect_left
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtCore import QRectF
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QFontMetricsF
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPen
from PySide6.QtGui import QPolygonF

from auditor.core.day_words import short_day_words
from auditor.core.tables import NEVER
from auditor.gui.speech import Speech
from auditor.gui.theme import Theme
from auditor.gui.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.verbs import EvidenceRow
    from auditor.verbs import Thread
    from auditor.verbs.evidence import ThreadEvent

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_STEPS = (_HOUR // 4, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY)
LEFT, RIGHT = 12, 12
# What the times over the lanes and each lane take at letters of the usual height; with larger ones they grow.
_TOP, _LANE, _LETTERS = 24, 27, 16
_LANES = ("windows", "inbound", "outbound", "charges")
_BELOW = 8
# From the foot of a lane to the middle of the marks in it, and how far times stand apart at the usual letters.
_MIDDLE, _APART = 7.0, 74
NEAR = 9
# From a charge's middle to its amount, and what stays free between that and the next charge.
_MARK, _CLEAR = 10.0, 6.0
# What a message without a template is called in the log.
_FREE_FORM = ("", "service")


@dataclass(frozen=True, slots=True)
class View:
    """The stretch of time in view, in microseconds UTC, over `width` pixels from `LEFT`."""

    first: int
    last: int
    width: float

    def x(self, at: int) -> float:
        """Give where an instant is."""
        return LEFT + (at - self.first) / max(1, self.last - self.first) * self.width

    def shows(self, x: float) -> bool:
        """Tell whether a place is in view."""
        return -NEAR < x - LEFT < self.width + NEAR

    def at(self, x: float) -> int:
        """Give the instant at a place."""
        return self.first + round((x - LEFT) / max(1.0, self.width) * (self.last - self.first))


@dataclass(frozen=True, slots=True)
class Look:
    """What a thread is drawn in: colours, the letters of figures and times, and those of the lanes' names."""

    theme: Theme
    letters: QFont
    small: QFont

    @property
    def line(self) -> float:
        """Give the height of a line of figures."""
        return QFontMetricsF(self.letters).height()

    @property
    def larger(self) -> float:
        """Give how many times as high as usual the letters are, if they are higher."""
        return max(1.0, self.line / _LETTERS)

    @property
    def top(self) -> float:
        """Give the room of the times over the lanes."""
        return _TOP * self.larger

    @property
    def lane(self) -> float:
        """Give the height of a lane."""
        return _LANE * self.larger

    @property
    def height(self) -> int:
        """Give the least room that all of it needs."""
        return round(self.top + self.lane * len(_LANES)) + _BELOW


@dataclass(frozen=True, slots=True)
class ThreadDrawing:
    """A thread over a stretch of time, `height` pixels high; `picked` is the id of the charge that is set off.

    `waba` is the account whose hours are shown.
    """

    thread: "Thread"
    view: View
    height: int
    look: Look
    speech: Speech
    words: Words | None
    waba: str = ""
    picked: str = ""

    def draw(self, painter: QPainter) -> None:
        """Draw it."""
        painter.save()
        painter.setFont(self.look.letters)
        self._draw_axis(painter)
        painter.setClipRect(QRectF(LEFT, 0, self.view.width, self.height))
        self._draw_windows(painter)
        self._draw_charges(painter)
        self._draw_messages(painter)
        painter.restore()

    def events(self, left: float, right: float) -> "Sequence[ThreadEvent]":
        """Give the messages between two places, in pixels from where the view begins; they come in order of time."""
        first, last = (self.view.at(LEFT + x) for x in (left, right))
        begin = bisect_left(self.thread.events, first, key=lambda event: event.at)
        end = bisect_right(self.thread.events, last, lo=begin, key=lambda event: event.at)
        return self.thread.events[begin:end]

    def lane(self, name: str) -> QRectF:
        """Give the place of a lane: windows, inbound, outbound or charges."""
        look = self.look
        return QRectF(LEFT, look.top + look.lane * _LANES.index(name), self.view.width, look.lane)

    def _draw_axis(self, painter: QPainter) -> None:
        theme, words, view = self.look.theme, self.words, self.view
        if words is None:
            return
        top, apart = self.look.top, _APART * self.look.larger
        steps = (step for step in _STEPS if view.width / max(1, (view.last - view.first) / step) > apart)
        step = next(steps, _STEPS[-1])
        start = words.local(view.first, self.waba)
        offset = start.utcoffset() if start else None
        shift = round(offset.total_seconds()) * 1_000_000 if offset else 0
        at = ((view.first + shift) // step + 1) * step - shift
        while at < view.last:
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(view.x(at), top - 4), QPointF(view.x(at), self.height - 4))
            painter.setPen(QColor(theme.muted))
            moment = words.local(at, self.waba)
            if moment is not None:
                text = (
                    short_day_words(moment, words.language.text)
                    if step >= _DAY or not moment.hour + moment.minute
                    else f"{moment:%H:%M}"
                )
                half = painter.fontMetrics().horizontalAdvance(text) / 2
                if half <= view.x(at) <= LEFT + view.width + RIGHT - half:  # half a date is another one
                    place = QRectF(view.x(at) - half - 2, 2, 2 * half + 4, top - 8)
                    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
            at += step
        for name in _LANES:
            lane = self.lane(name)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(lane.bottomLeft(), lane.bottomRight())

    def _title(self, painter: QPainter, name: str) -> None:
        theme, place = self.look.theme, self.lane(name).adjusted(0, 1, 0, 0)
        currency = self.words.currency_of(self.waba) if self.words else ""
        text = self.speech.text(f"timeline.{name}", currency=currency)
        flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.save()
        painter.setFont(self.look.small)
        # The lines of the hours do not run through the letters.
        painter.fillRect(painter.boundingRect(place, int(flags), text).adjusted(0, 0, 3, 0), QColor(theme.raised))
        painter.setPen(QColor(theme.muted))
        painter.drawText(place, int(flags), text)
        painter.restore()

    def _draw_windows(self, painter: QPainter) -> None:
        theme, view, lane = self.look.theme, self.view, self.lane("windows")
        for first, last in self.thread.windows:
            bar = QRectF(view.x(first), lane.bottom() - _MIDDLE - 6, max(3.0, view.x(last) - view.x(first)), 12)
            painter.setPen(QPen(QColor(theme.good), 1))
            painter.setBrush(QColor(theme.good_fill))
            painter.drawRoundedRect(bar, 3, 3)
        self._title(painter, "windows")

    def _draw_messages(self, painter: QPainter) -> None:
        theme, view = self.look.theme, self.view
        self._title(painter, "inbound")
        self._title(painter, "outbound")
        middle = {name: self.lane(name).bottom() - _MIDDLE for name in ("inbound", "outbound")}
        drawn: set[tuple[object, ...]] = set()
        for event in self.events(-NEAR, view.width + NEAR):
            inbound = event.direction == "inbound"
            x = view.x(event.at)
            look = (round(x), inbound, event.category in _FREE_FORM, event.referral)
            if look in drawn:  # a customer of ten thousand messages has many on one spot
                continue
            drawn.add(look)
            centre = QPointF(x, middle["inbound" if inbound else "outbound"])
            painter.setPen(QPen(QColor(theme.accent if inbound else theme.text), 1.6))
            painter.setBrush(QColor(theme.accent) if inbound else QColor(theme.raised))
            if inbound:
                painter.drawEllipse(centre, 5.0, 5.0)
            elif event.category not in _FREE_FORM:
                painter.setBrush(QColor(theme.text))
                painter.drawRect(QRectF(centre.x() - 4.5, centre.y() - 4.5, 9, 9))
            else:
                painter.drawRect(QRectF(centre.x() - 4.5, centre.y() - 4.5, 9, 9))
            if event.referral:
                painter.drawEllipse(centre, 8.0, 8.0)

    def _draw_charges(self, painter: QPainter) -> None:
        theme, view, middle = self.look.theme, self.view, self.lane("charges").bottom() - _MIDDLE
        charges = [charge for charge in self.thread.charges if _in_view(charge, view)]
        drawn: set[tuple[object, ...]] = set()
        for charge in charges:
            picked, free = charge.unit_id == self.picked, not costs(charge)
            x = view.x(charge.billed_at)
            width = max(4.0, view.x(charge.ends_at) - x) if charge.ends_at != NEVER else 0.0
            look = (round(x), round(width), free, picked)
            if look in drawn:
                continue
            drawn.add(look)
            painter.setPen(QPen(QColor(theme.muted if free else theme.over), 2.2 if picked else 1.2))
            painter.setBrush(QColor(theme.window if free else theme.over_fill))
            if width:
                painter.drawRoundedRect(QRectF(x, middle - 7, width, 14), 3, 3)
            else:
                painter.drawPolygon(_diamond(x, middle, 7 if picked else 5))
        self._draw_amounts(painter, charges)
        self._title(painter, "charges")

    def _draw_amounts(self, painter: QPainter, charges: "Sequence[EvidenceRow]") -> None:
        """Write each charge's amount beside it where that hides no other; the picked one's always."""
        theme, view, line = self.look.theme, self.view, self.look.line
        top = self.lane("charges").bottom() - _MIDDLE - line / 2
        starts = sorted(view.x(charge.billed_at) for charge in charges)
        taken: list[QRectF] = []
        for charge in sorted(charges, key=lambda charge: charge.unit_id != self.picked):
            picked, text = charge.unit_id == self.picked, charge.amount or "0"
            x, width = view.x(charge.billed_at), painter.fontMetrics().horizontalAdvance(text) + 3.0
            left = room_beside(x, width, starts, inside=charge.ends_at != NEVER)
            box = QRectF(x + _MARK if left is None else left, top, width, line)
            if picked:
                painter.fillRect(box, QColor(theme.raised))
            elif left is None or any(map(box.intersects, taken)):
                continue
            if box.left() < LEFT:
                continue
            taken.append(box)
            painter.setPen(QColor(theme.text))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)


def room_beside(x: float, width: float, starts: "Sequence[float]", *, inside: bool) -> float | None:
    """Give where a text of a width begins beside the charge at `x`: after it or, if the next is too near, before it.

    `starts` are where all charges begin, in order. A charge that lasts has its amount `inside` its bar. All in pixels.
    """
    begin = x + (4 if inside else _MARK)
    if bisect_left(starts, begin + width + _CLEAR) == bisect_right(starts, x + _CLEAR / 2):
        return begin
    begin = x - _MARK - width
    is_free = bisect_left(starts, begin - _CLEAR) == bisect_left(starts, x - _CLEAR / 2)
    return begin if is_free and not inside else None


def _in_view(charge: "EvidenceRow", view: View) -> bool:
    x = view.x(charge.billed_at)
    return view.shows(x) or (charge.ends_at != NEVER and x < LEFT < view.x(charge.ends_at))


def costs(charge: "EvidenceRow") -> bool:
    """Tell whether a charge is more than nothing."""
    try:
        return bool(Decimal(charge.amount or "0"))
    except InvalidOperation:
        return False


def _diamond(x: float, y: float, half: float) -> QPolygonF:
    corners = ((0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0))
    return QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners])
