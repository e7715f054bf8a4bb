"""A matplotlib figure in the window: drawn off the window's thread in the size and sharpness of its place."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtCore import QRectF
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtGui import QImage
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QMouseEvent
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPaintEvent
from PySide6.QtGui import QPen
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.theme import larger

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Dots per inch, and how many times as many on paper.
_DPI, _SHARP = 100, 2.5


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure as an image, and where in it (0 to 1 from the top left) the shapes are that stand for something.

    `words` are the sentences that are written over and under it.
    """

    image: QImage
    spots: tuple[tuple[str, QRectF], ...] = ()
    words: str = ""


_SMALLEST = QSize(300, 200)
# Drawn smaller than this, titles and figures would run into each other: it is drawn so, and shown smaller.
_LEGIBLE = QSize(860, 480)
_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
_PRESSES = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class Picture(QWidget):
    """Shows what a function draws; draws again when its size has settled. A click on a shape gives its name.

    By keyboard the arrows go from shape to shape, and Enter is the click.
    """

    clicked = Signal(str)

    def __init__(self, context: Context, named: Callable[[str], str]) -> None:
        """Begin empty; `named` says in words what a shape of some name stands for."""
        super().__init__()
        self._context = context
        self._named = named
        # The shape that the keyboard is at; empty: at none.
        self.current = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._draw: Callable[[], Figure] | None = None
        self._asked = 0
        # What was drawn already in the size and sharpness that there is now: a figure takes up to a second.
        self._kept: dict[Callable[[], Figure], Drawn] = {}
        self._kept_at: tuple[QSize, float] = QSize(), 0.0
        self._drawn = Drawn(QImage())
        self._marked: frozenset[str] = frozenset()
        self.setMouseTracking(True)
        self._settle = QTimer(self, singleShot=True, interval=120)
        self._settle.timeout.connect(self._ask)
        self.setMinimumSize(_SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> QImage:
        """Give the picture as it is shown; null while there is none."""
        return self._drawn.image

    def show_figure(self, draw: Callable[[], "Figure"] | None) -> None:
        """Show what `draw` gives; None shows nothing."""
        self._draw = draw
        self._drawn = Drawn(QImage())
        self._go_to("")
        self._ask()

    def forget(self) -> None:
        """Keep nothing of what was drawn so far: other figures will be shown."""
        self._kept.clear()

    def mark(self, names: AbstractSet[str]) -> None:
        """Frame the shapes of these names: what is selected elsewhere."""
        self._marked = frozenset(names)
        self.update()

    def marked(self) -> list[QRectF]:
        """Give the places of the shapes that are framed."""
        return [spot for name, spot in self.spots() if name in self._marked]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew, once the size stands."""
        super().resizeEvent(event)
        self._settle.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, or say that it is being drawn."""
        del event
        painter = QPainter(self)
        theme = self._context.appearance.theme
        painter.fillRect(self.rect(), QColor(theme.raised))
        if self.image.isNull():
            painter.setPen(QColor(theme.muted))
            text = self._context.speech.text("charts.drawing") if self._draw else ""
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), text)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # Until the new size is drawn the old picture is stretched to fit, never torn.
        painter.drawImage(self._frame(), self.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DashLine))
        for spot in self.marked():
            # Within the room that a spot has around its shape: a bar's figure stands right over it.
            painter.drawRoundedRect(spot.adjusted(2, 2, -2, -2), 3, 3)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 2))
            at = [spot for name, spot in self.spots() if name == self.current]
            for spot in at or [QRectF(self.rect()).adjusted(1, 1, -1, -1)]:
                painter.drawRoundedRect(spot, 3, 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from shape to shape from left to right and back; Enter and the space bar tell which one is meant."""
        names = list(dict.fromkeys(name for name, _ in sorted(self.spots(), key=_from_the_left)))
        step = _STEPS.get(Qt.Key(event.key()))
        if names and step is not None:
            place = names.index(self.current) + step if self.current in names else min(step, 0)
            self._go_to(names[place % len(names)])
        elif self.current and event.key() in _PRESSES:
            self.clicked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _go_to(self, name: str) -> None:
        """Be at a shape, or at none; who cannot see it hears what it stands for, else what is written in the figure."""
        self.current = name
        self.setAccessibleDescription(self._named(name) if name else self._drawn.words)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over shapes that can be clicked."""
        over = self._at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell which shape was clicked."""
        name = self._at(event.position())
        if name:
            self.clicked.emit(name)

    def spots(self) -> list[tuple[str, QRectF]]:
        """Give the shapes that can be clicked, with their places in this widget."""
        frame = self._frame()
        return [
            (
                name,
                QRectF(
                    frame.left() + spot.left() * frame.width(),
                    frame.top() + spot.top() * frame.height(),
                    spot.width() * frame.width(),
                    spot.height() * frame.height(),
                ),
            )
            for name, spot in self._drawn.spots
        ]

    def _frame(self) -> QRectF:
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def _at(self, position: QPointF) -> str:
        """Name the smallest shape at a place."""
        under = [(spot.width() * spot.height(), name) for name, spot in self.spots() if spot.contains(position)]
        return min(under)[1] if under else ""

    def _ask(self) -> None:
        draw = self._draw
        if draw is None or not self.isVisible():
            return
        self._asked += 1
        asked, letters = self._asked, larger()
        # Drawn for less room and shown in all there is: with the letters all grows that is measured by them.
        at = (self.size() / letters).expandedTo(_LEGIBLE), self.devicePixelRatioF() * letters
        if at != self._kept_at:
            self.forget()
            self._kept_at = at

        def drawn(answer: Drawn) -> None:
            if asked == self._asked:
                self._kept[draw] = self._drawn = answer
                self._go_to(self.current if self.current in dict(answer.spots) else "")

        if draw in self._kept:
            drawn(self._kept[draw])
        else:
            self._context.workspace.compute(lambda: rendered(draw(), *at), drawn)


def _from_the_left(shape: tuple[str, QRectF]) -> tuple[float, float]:
    return shape[1].left(), shape[1].top()


def rendered(figure: "Figure", size: QSize, ratio: float) -> Drawn:
    """Draw a figure as an image of `size` logical pixels."""
    # Here rather than above: matplotlib takes half a second to load, and not everyone looks at a chart.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    figure.set_dpi(_DPI * ratio)
    figure.set_size_inches(size.width() / _DPI, size.height() / _DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    height, width, _ = pixels.shape or (0, 0, 0)
    # The image must own its pixels: the canvas and its buffer are gone in a moment.
    image = QImage(bytes(pixels), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    words = "\n".join(" ".join(text.get_text().split()) for text in figure.texts)
    return Drawn(image, _spots(figure, width, height), words)


def printable(figure: "Figure") -> QImage:
    """Draw a figure as an image in the size that it has by itself, sharp enough for paper."""
    width, height = (round(inches * _DPI) for inches in figure.get_size_inches())
    return rendered(figure, QSize(width, height), _SHARP).image


def _spots(figure: "Figure", width: int, height: int) -> tuple[tuple[str, QRectF], ...]:
    """Find the shapes that carry a name (`gid`), a little enlarged: a thin bar must still be hit."""
    spots = []
    for shape in figure.findobj(lambda artist: bool(artist.get_gid())):
        box, least = shape.get_window_extent(), 8
        left, top = box.x0 - least / 2, height - box.y1 - least / 2
        place = QRectF(left / width, top / height, (box.width + least) / width, (box.height + least) / height)
        spots.append((str(shape.get_gid()), place))
    return tuple(spots)
