"""What lies over the window while files are held over it: that they can be dropped, and what then happens."""

from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtGui import QDropEvent
from PySide6.QtGui import QFont
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPaintEvent
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context

# How much of what lies beneath is covered, the distance of the frame from the edges and its corners, in pixels.
_COVER, _MARGIN, _CORNER, _FRAME = 0.9, 16.0, 12.0, 3.0
_LARGER = 1.5


class DropVeil(QWidget):
    """A veil with a frame and a sentence; the mouse and what is dropped go through it."""

    def __init__(self, beneath: QWidget, context: Context) -> None:
        """Lie over `beneath`, hidden."""
        super().__init__(beneath)
        self._beneath = beneath
        self._context = context
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def greet(self, event: QDropEvent, is_open: bool) -> None:
        """Accept files that come over the window, and say that they join the open audit or begin one."""
        if not event.mimeData().hasUrls():
            return
        _copying(event)
        self.text = self._context.speech.text(f"drop.{'add' if is_open else 'open'}")
        self.setGeometry(self._beneath.rect())
        self.raise_()
        self.show()

    def dropped(self, event: QDropEvent) -> list[Path]:
        """Give the files that were let go."""
        self.hide()
        _copying(event)
        return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it in the colours of the hour."""
        theme = self._context.appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cover = QColor(theme.base)
        cover.setAlphaF(_COVER)
        painter.fillRect(self.rect(), cover)
        frame = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter.setPen(QPen(QColor(theme.accent), _FRAME, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, _CORNER, _CORNER)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * _LARGER)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.text)


def _copying(event: QDropEvent) -> None:
    """Take what is dropped as a copy: a file manager may propose to move, and then clears its files away."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
