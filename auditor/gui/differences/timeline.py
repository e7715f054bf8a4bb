"""The picture of one thread: who wrote when, the customer service windows, and each charge where it arises."""

from bisect import bisect_left
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtCore import QRectF
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QMouseEvent
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPaintEvent
from PySide6.QtGui import QPen
from PySide6.QtGui import QPolygonF
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSizePolicy
from PySide6.QtWidgets import QToolTip
from PySide6.QtWidgets import QWidget

from auditor.core.day_words import short_day_words
from auditor.core.tables import NEVER
from auditor.gui.context import Context
from auditor.gui.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.verbs import EvidenceRow
    from auditor.verbs import Thread
    from auditor.verbs.evidence import ThreadEvent

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_AROUND = 40 * _HOUR
_STEPS = (_HOUR // 4, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY)
_LEFT, _RIGHT, _TOP, _LANE = 12, 12, 24, 27
_LANES = ("windows", "inbound", "outbound", "charges")
_NEAR = 9
# From a charge's middle to its amount, and what stays free between that and the next charge.
_MARK, _CLEAR = 10.0, 6.0
# What a message without a template is called in the log.
_FREE_FORM = ("", "service")


@dataclass(frozen=True, slots=True)
class _View:
    """The stretch of time in view, in microseconds UTC, over `width` pixels from `_LEFT`."""

    first: int
    last: int
    width: float

    def x(self, at: int) -> float:
        return _LEFT + (at - self.first) / max(1, self.last - self.first) * self.width

    def shows(self, x: float) -> bool:
        return -_NEAR < x - _LEFT < self.width + _NEAR

    def at(self, x: float) -> int:
        return self.first + round((x - _LEFT) / max(1.0, self.width) * (self.last - self.first))


class ThreadTimeline(QWidget):
    """Draws a thread; wheel or + and - zoom, drag or arrows move, Home shows all of it."""

    def __init__(self, context: Context) -> None:
        """Begin empty."""
        super().__init__()
        self._context = context
        self._thread: Thread | None = None
        self._words: Words | None = None
        self._picked = ""
        self._waba = ""
        self._first, self._last = 0, _DAY
        self._dragged_from: float | None = None
        self.setMinimumHeight(_TOP + _LANE * len(_LANES) + 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        context.appearance.changed.connect(self.update)
        context.speech.switched.connect(self._describe)
        context.speech.bind(self.setAccessibleName, "timeline.name")

    def show_thread(self, thread: "Thread | None", words: Words | None, picked: "EvidenceRow | None" = None) -> None:
        """Draw a thread around the picked charge; None empties the picture."""
        self._thread, self._words = thread, words
        self._picked = picked.unit_id if picked else ""
        self._waba = picked.waba_id if picked else ""
        if thread is not None:
            self._frame(picked)
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for room for the four lanes."""
        return QSize(420, _TOP + _LANE * len(_LANES) + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or what to do to get one."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._context.appearance.theme
        painter.fillRect(self.rect(), QColor(theme.raised))
        if self._thread is None:
            painter.setPen(QColor(theme.muted))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(20, 0, -20, 0), flags, self._context.speech.text("timeline.empty"))
        else:
            view = self._view()
            self._draw_axis(painter, view)
            self._draw_windows(painter, view)
            self._draw_charges(painter, view)
            self._draw_messages(painter, view)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    # -- moving about

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the mouse."""
        self._zoom(0.8 if event.angleDelta().y() > 0 else 1.25, self._view().at(event.position().x()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom and move by keyboard."""
        middle, step = (self._first + self._last) // 2, (self._last - self._first) // 8
        if event.key() in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self._zoom(0.8, middle)
        elif event.key() == Qt.Key.Key_Minus:
            self._zoom(1.25, middle)
        elif event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self._move(-step if event.key() == Qt.Key.Key_Left else step)
        elif event.key() == Qt.Key.Key_Home:
            self._frame(None)
            self.update()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        self._dragged_from = event.position().x()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        del event
        self._dragged_from = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture, or say what is under the mouse."""
        if self._dragged_from is None:
            QToolTip.showText(event.globalPosition().toPoint(), self._under(event.position()), self)
            return
        view = self._view()
        self._move(view.at(self._dragged_from) - view.at(event.position().x()))
        self._dragged_from = event.position().x()

    def _zoom(self, factor: float, around: int) -> None:
        least, most = _HOUR, 400 * _DAY
        span = min(most, max(least, round((self._last - self._first) * factor)))
        before = (around - self._first) / max(1, self._last - self._first)
        self._first = around - round(span * before)
        self._last = self._first + span
        self.update()

    def _move(self, by: int) -> None:
        self._first += by
        self._last += by
        self.update()

    def _frame(self, picked: "EvidenceRow | None") -> None:
        """Bring the picked charge, or else the whole thread, into view."""
        if picked is not None:
            end = picked.ends_at if picked.ends_at != NEVER else picked.billed_at
            self._first, self._last = picked.billed_at - _AROUND, end + _AROUND
            return
        times = [event.at for event in self._thread.events] if self._thread else []
        times += [at for window in self._thread.windows for at in window] if self._thread else []
        first, last = (min(times), max(times)) if times else (0, _DAY)
        margin = max(_HOUR, (last - first) // 20)
        self._first, self._last = first - margin, last + margin

    def _view(self) -> _View:
        return _View(self._first, self._last, float(self.width() - _LEFT - _RIGHT))

    def _events(self, view: _View, left: float, right: float) -> "Sequence[ThreadEvent]":
        """Give the messages between two places, in pixels from where the view begins; they come in order of time."""
        events = self._thread.events if self._thread else ()
        first, last = (view.at(_LEFT + x) for x in (left, right))
        begin = bisect_left(events, first, key=lambda event: event.at)
        return events[begin : bisect_right(events, last, lo=begin, key=lambda event: event.at)]

    # -- drawing

    def _lane(self, name: str) -> QRectF:
        top = _TOP + _LANE * _LANES.index(name)
        return QRectF(_LEFT, top, self.width() - _LEFT - _RIGHT, _LANE)

    def _draw_axis(self, painter: QPainter, view: _View) -> None:
        theme, words = self._context.appearance.theme, self._words
        if words is None:
            return
        step = next((step for step in _STEPS if view.width / max(1, (view.last - view.first) / step) > 74), _STEPS[-1])
        start = words.local(view.first, self._waba)
        offset = start.utcoffset() if start else None
        shift = round(offset.total_seconds()) * 1_000_000 if offset else 0
        at = ((view.first + shift) // step + 1) * step - shift
        while at < view.last:
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(view.x(at), _TOP - 4), QPointF(view.x(at), self.height() - 4))
            painter.setPen(QColor(theme.muted))
            moment = words.local(at, self._waba)
            if moment is not None:
                text = (
                    short_day_words(moment, words.language.text)
                    if step >= _DAY or not moment.hour + moment.minute
                    else f"{moment:%H:%M}"
                )
                half = painter.fontMetrics().horizontalAdvance(text) / 2
                if half <= view.x(at) <= self.width() - half:  # half a date is another one
                    painter.drawText(QRectF(view.x(at) - 40, 2, 80, _TOP - 8), int(Qt.AlignmentFlag.AlignCenter), text)
            at += step
        for name in _LANES:
            lane = self._lane(name)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(lane.bottomLeft(), lane.bottomRight())

    def _title(self, painter: QPainter, name: str) -> None:
        theme, place = self._context.appearance.theme, self._lane(name).adjusted(0, 1, 0, 0)
        text = self._context.speech.text(f"timeline.{name}")
        flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        small = painter.font()
        small.setPointSizeF(max(6.5, small.pointSizeF() - 1.5))
        painter.save()
        painter.setFont(small)
        # The lines of the hours do not run through the letters.
        painter.fillRect(painter.boundingRect(place, int(flags), text).adjusted(0, 0, 3, 0), QColor(theme.raised))
        painter.setPen(QColor(theme.muted))
        painter.drawText(place, int(flags), text)
        painter.restore()

    def _draw_windows(self, painter: QPainter, view: _View) -> None:
        theme, lane = self._context.appearance.theme, self._lane("windows")
        painter.setClipRect(self.rect().adjusted(_LEFT, 0, -_RIGHT, 0))
        for first, last in self._thread.windows if self._thread else ():
            bar = QRectF(view.x(first), lane.top() + 14, max(3.0, view.x(last) - view.x(first)), 12)
            painter.setPen(QPen(QColor(theme.good), 1))
            painter.setBrush(QColor(theme.good_fill))
            painter.drawRoundedRect(bar, 3, 3)
        self._title(painter, "windows")

    def _draw_messages(self, painter: QPainter, view: _View) -> None:
        theme = self._context.appearance.theme
        self._title(painter, "inbound")
        self._title(painter, "outbound")
        drawn: set[tuple[object, ...]] = set()
        for event in self._events(view, -_NEAR, view.width + _NEAR):
            inbound = event.direction == "inbound"
            x = view.x(event.at)
            look = (round(x), inbound, event.category in _FREE_FORM, event.referral)
            if look in drawn:  # a customer of ten thousand messages has many on one spot
                continue
            drawn.add(look)
            centre = QPointF(x, self._lane("inbound" if inbound else "outbound").center().y() + 6)
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

    def _draw_charges(self, painter: QPainter, view: _View) -> None:
        theme, lane = self._context.appearance.theme, self._lane("charges")
        charges = [charge for charge in self._thread.charges if _in_view(charge, view)] if self._thread else []
        drawn: set[tuple[object, ...]] = set()
        for charge in charges:
            picked, free = charge.unit_id == self._picked, not _costs(charge)
            x = view.x(charge.billed_at)
            width = max(4.0, view.x(charge.ends_at) - x) if charge.ends_at != NEVER else 0.0
            look = (round(x), round(width), free, picked)
            if look in drawn:
                continue
            drawn.add(look)
            painter.setPen(QPen(QColor(theme.muted if free else theme.over), 2.2 if picked else 1.2))
            painter.setBrush(QColor(theme.window if free else theme.over_fill))
            if width:
                painter.drawRoundedRect(QRectF(x, lane.top() + 13, width, 14), 3, 3)
            else:
                painter.drawPolygon(_diamond(x, lane.top() + 20, 7 if picked else 5))
        self._draw_amounts(painter, view, charges)
        self._title(painter, "charges")

    def _draw_amounts(self, painter: QPainter, view: _View, charges: "Sequence[EvidenceRow]") -> None:
        """Write each charge's amount beside it where that hides no other; the picked one's always."""
        theme, top = self._context.appearance.theme, self._lane("charges").top() + 13
        starts = sorted(view.x(charge.billed_at) for charge in charges)
        taken: list[QRectF] = []
        for charge in sorted(charges, key=lambda charge: charge.unit_id != self._picked):
            picked, text = charge.unit_id == self._picked, charge.amount or "0"
            x, width = view.x(charge.billed_at), painter.fontMetrics().horizontalAdvance(text) + 3.0
            left = room_beside(x, width, starts, inside=charge.ends_at != NEVER)
            box = QRectF(x + _MARK if left is None else left, top, width, 14)
            if picked:
                painter.fillRect(box, QColor(theme.raised))
            elif left is None or any(map(box.intersects, taken)):
                continue
            if box.left() < _LEFT:
                continue
            taken.append(box)
            painter.setPen(QColor(theme.text))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    # -- words

    def _under(self, position: QPointF) -> str:
        if self._thread is None or self._words is None:
            return ""
        view = self._view()
        beside = position.x() - _LEFT
        for event in self._events(view, beside - _NEAR, beside + _NEAR):
            if self._lane("inbound" if event.direction == "inbound" else "outbound").contains(position):
                kind = self._words.domain("category", event.category) if event.category else ""
                parts = (self._words.domain("direction", event.direction), kind)
                return f"{' · '.join(part for part in parts if part)}\n{self._words.instant(event.at, self._waba)}"
        for charge in self._thread.charges if self._lane("charges").contains(position) else ():
            end = view.x(charge.ends_at) if charge.ends_at != NEVER else view.x(charge.billed_at) + _NEAR
            if view.x(charge.billed_at) - _NEAR < position.x() < end:
                return self._charge_text(charge, self._words)
        return ""

    def _charge_text(self, charge: "EvidenceRow", words: Words) -> str:
        return "\n".join(
            (
                f"{words.domain('category', charge.category)} · {words.domain('pricing_type', charge.pricing_type)}",
                f"{words.instant(charge.billed_at, charge.waba_id)}   {charge.amount or 0}",
            )
        )

    def _describe(self) -> None:
        """Say the picture in a sentence, for those who cannot see it."""
        if self._thread is None:
            self.setAccessibleDescription(self._context.speech.text("timeline.empty"))
            return
        inbound = sum(event.direction == "inbound" for event in self._thread.events)
        summed = self._context.speech.text(
            "timeline.description",
            inbound=inbound,
            outbound=len(self._thread.events) - inbound,
            windows=len(self._thread.windows),
            charges=sum(_costs(charge) for charge in self._thread.charges),
        )
        picked = next((charge for charge in self._thread.charges if charge.unit_id == self._picked), None)
        told = self._charge_text(picked, self._words) if picked and self._words else ""
        self.setAccessibleDescription(f"{told}\n{summed}".strip())


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


def _in_view(charge: "EvidenceRow", view: _View) -> bool:
    x = view.x(charge.billed_at)
    return view.shows(x) or (charge.ends_at != NEVER and x < _LEFT < view.x(charge.ends_at))


def _costs(charge: "EvidenceRow") -> bool:
    try:
        return bool(Decimal(charge.amount or "0"))
    except InvalidOperation:
        return False


def _diamond(x: float, y: float, half: float) -> QPolygonF:
    corners = ((0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0))
    return QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners])
