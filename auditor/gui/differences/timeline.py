"""The picture of one thread: who wrote when, the customer service windows, and each charge where it arises."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtCore import QPointF
from PySide6.QtCore import QRectF
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QMouseEvent
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPaintEvent
from PySide6.QtGui import QPen
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSizePolicy
from PySide6.QtWidgets import QToolTip
from PySide6.QtWidgets import QWidget

from auditor.core.report.facts import mask_user
from auditor.core.tables import NEVER
from auditor.gui.context import Context
from auditor.gui.differences.thread_drawing import LEFT
from auditor.gui.differences.thread_drawing import NEAR
from auditor.gui.differences.thread_drawing import RIGHT
from auditor.gui.differences.thread_drawing import Look
from auditor.gui.differences.thread_drawing import ThreadDrawing
from auditor.gui.differences.thread_drawing import View
from auditor.gui.differences.thread_drawing import costs
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.gui.differences.thread_sheet import ThreadSheet
    from auditor.verbs import EvidenceRow
    from auditor.verbs import Thread

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_AROUND = 40 * _HOUR


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
        self.setMinimumHeight(self._look().height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
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

    def sheet(self, foot: str, *, customers: bool = False) -> "ThreadSheet | None":
        """Give the stretch in view as it is printed, over a foot that names the audit; None without a thread.

        Its customer is masked, unless `customers` wants them whole.
        """
        # Here rather than above: few print.
        from auditor.gui.differences.thread_sheet import ThreadSheet  # noqa: PLC0415

        drawing = self._drawing()
        if drawing is None or self._words is None:
            return None
        whose = drawing.thread.user if customers else mask_user(drawing.thread.user)
        return ThreadSheet(drawing, self._words, self.accessibleName(), whose, self.accessibleDescription(), foot)

    def sizeHint(self) -> QSize:
        """Ask for room for the four lanes."""
        return QSize(420, self._look().height + 2)

    def changeEvent(self, event: QEvent) -> None:
        """Give the lanes the room of other letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setMinimumHeight(self._look().height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or what to do to get one."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._context.appearance.theme
        painter.fillRect(self.rect(), QColor(theme.raised))
        drawing = self._drawing()
        if drawing is not None:
            drawing.draw(painter)
        else:
            painter.setPen(QColor(theme.muted))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(20, 0, -20, 0), flags, self._context.speech.text("timeline.empty"))
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

    def _view(self) -> View:
        return View(self._first, self._last, float(self.width() - LEFT - RIGHT))

    def _drawing(self) -> ThreadDrawing | None:
        """Give the thread as it is drawn here, if there is one."""
        if self._thread is None:
            return None
        view, speech = self._view(), self._context.speech
        return ThreadDrawing(
            self._thread, view, self.height(), self._look(), speech, self._words, self._waba, self._picked
        )

    def _look(self) -> Look:
        small = QFont(self.font())
        small.setPointSizeF(max(6.5, small.pointSizeF() - 1.5))
        return Look(self._context.appearance.theme, self.font(), small)

    # -- words

    def _under(self, position: QPointF) -> str:
        drawing = self._drawing()
        if drawing is None or self._words is None:
            return ""
        view, beside = drawing.view, position.x() - LEFT
        for event in drawing.events(beside - NEAR, beside + NEAR):
            if drawing.lane("inbound" if event.direction == "inbound" else "outbound").contains(position):
                kind = self._words.domain("category", event.category) if event.category else ""
                parts = (self._words.domain("direction", event.direction), kind)
                return f"{' · '.join(part for part in parts if part)}\n{self._words.instant(event.at, self._waba)}"
        for charge in drawing.thread.charges if drawing.lane("charges").contains(position) else ():
            end = view.x(charge.ends_at) if charge.ends_at != NEVER else view.x(charge.billed_at) + NEAR
            if view.x(charge.billed_at) - NEAR < position.x() < end:
                return self._charge_text(charge, self._words)
        return ""

    def _charge_text(self, charge: "EvidenceRow", words: Words) -> str:
        kind = f"{words.domain('category', charge.category)} · {words.domain('pricing_type', charge.pricing_type)}"
        amount = f"{words.currency_of(charge.waba_id)} {charge.amount or 0}"
        return f"{kind}\n{words.instant(charge.billed_at, charge.waba_id)}   {amount}"

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
            charges=sum(costs(charge) for charge in self._thread.charges),
        )
        picked = next((charge for charge in self._thread.charges if charge.unit_id == self._picked), None)
        told = self._charge_text(picked, self._words) if picked and self._words else ""
        self.setAccessibleDescription(f"{told}\n{summed}".strip())
