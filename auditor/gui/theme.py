"""Light and dark: one named set of colours each, the palette and style sheet made of it, and icons tinted to match."""

from collections.abc import Callable
from functools import cache
from string import Template
from typing import NamedTuple
from typing import cast

from PySide6.QtCore import QByteArray
from PySide6.QtCore import QObject
from PySide6.QtCore import QRectF
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtGui import QFontInfo
from PySide6.QtGui import QGuiApplication
from PySide6.QtGui import QIcon
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPalette
from PySide6.QtGui import QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QWidget

from auditor.paths import resources

THEMES = ("system", "light", "dark")
# The letters that widths are given for, in pixels, as widths are: a point is one of them on macOS, and more elsewhere.
_PIXELS = 12.0
_POINTS_IN_AN_INCH = 72
# How much larger than a text titles, headings and the figures of the tie-out are written.
_LARGER = {"title": 2.44, "heading": 1.22, "figure": 1.44}
# Drawn at these sizes once; Qt takes the nearest. The larger ones are for a sharper screen, where there is one.
_ICON_SIZES, _SHARP_SIZES = (16, 20), (16, 20, 40)


class Theme(NamedTuple):  # a dataclass of so many fields takes four times as long to make, and the window waits
    """The colours by what they mean. Every text colour has at least 4.5:1 on the ground it is used on (WCAG AA).

    `over` and `under` mark charges above and below what was expected, `ask` what cannot be compared or is one-sided.
    `call` is the one button that is never to be overlooked.
    """

    name: str
    window: str
    base: str
    stripe: str
    raised: str
    line: str
    strong_line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    selection: str
    over: str
    over_fill: str
    under: str
    under_fill: str
    ask: str
    ask_fill: str
    good: str
    good_fill: str
    bar: str
    on_bar: str
    on_bar_muted: str
    bar_hover: str
    call: str = "#e8a33d"
    on_call: str = "#241a06"


LIGHT = Theme(
    name="light",
    window="#f3f5f7",
    base="#ffffff",
    stripe="#f8fafb",
    raised="#ffffff",
    line="#dfe4ea",
    strong_line="#8a95a3",
    text="#18222d",
    muted="#55616f",
    accent="#0f5c63",
    on_accent="#ffffff",
    accent_soft="#e0eeee",
    selection="#cfe5e6",
    over="#a3260f",
    over_fill="#fdebe6",
    under="#1c4f9c",
    under_fill="#e6effb",
    ask="#7a4a00",
    ask_fill="#fcf1da",
    good="#1d6b3c",
    good_fill="#e4f3e9",
    bar="#123a40",
    on_bar="#ffffff",
    on_bar_muted="#b9d0d2",
    bar_hover="#1d4d54",
)
DARK = Theme(
    name="dark",
    window="#171c22",
    base="#1e252d",
    stripe="#222a33",
    raised="#242c36",
    line="#36414d",
    strong_line="#7f8c9b",
    text="#e7ecf2",
    muted="#aab7c4",
    accent="#5cc3bb",
    on_accent="#08201f",
    accent_soft="#203c3f",
    selection="#27494d",
    over="#ffab97",
    over_fill="#48261f",
    under="#a5c8ff",
    under_fill="#1f3354",
    ask="#f5c777",
    ask_fill="#433418",
    good="#8fd8a8",
    good_fill="#1d3d2a",
    bar="#0f2529",
    on_bar="#ffffff",
    on_bar_muted="#9fbcbf",
    bar_hover="#1b3a40",
)


def palette(theme: Theme) -> QPalette:
    """Give the palette of a theme: Fusion does not follow the desktop's dark mode by itself everywhere."""
    colours = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.base,
        QPalette.ColorRole.AlternateBase: theme.stripe,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.over,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.selection,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.LinkVisited: theme.accent,
        QPalette.ColorRole.Light: theme.raised,
        QPalette.ColorRole.Midlight: theme.line,
        QPalette.ColorRole.Mid: theme.strong_line,
        QPalette.ColorRole.Dark: theme.strong_line,
        QPalette.ColorRole.Shadow: theme.line,
    }
    made = QPalette()
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.strong_line))
    return made


def style_sheet(theme: Theme, points: float) -> str:
    """Give the style sheet: `resources/style/window.qss` with each `$name` replaced by the theme's colour.

    What stands out by its size does so beside a text of so many points, which the user may have made larger.
    """
    folder = resources() / "icons"
    sheet = Template((resources() / "style" / "window.qss").read_text(encoding="utf-8"))
    sizes = {f"{name}_size": f"{points * larger:.1f}" for name, larger in _LARGER.items()}
    return sheet.substitute(theme._asdict(), icons=folder.as_posix(), **sizes)


def widened(width: int) -> int:
    """Give the width, of what holds texts, for the letters of the system: they may be larger than those it is for."""
    return round(width * larger())


def larger() -> float:
    """Give how many times as large the letters of the system are as those that widths are given for; never less."""
    points, dots = QFontInfo(QApplication.font()).pointSizeF(), QGuiApplication.primaryScreen().logicalDotsPerInchY()
    return max(1.0, points * dots / _POINTS_IN_AN_INCH / _PIXELS)


@cache
def _drawing(name: str) -> str:
    return (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _drawn(name: str, colour: str, *edges: int) -> list[QPixmap]:
    """Give a drawing in a colour at some sizes in pixels; it is read once for all of them."""
    renderer = QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))
    pictures = []
    for edge in edges:
        picture = QPixmap(edge, edge)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter, QRectF(0, 0, edge, edge))
        painter.end()
        pictures.append(picture)
    return pictures


@cache
def icon(name: str, colour: str, faded: str = "") -> QIcon:
    """Give the icon `resources/icons/<name>.svg` drawn in `colour`, and in `faded` where it is disabled."""
    sharp = any(screen.devicePixelRatio() > 1 for screen in QGuiApplication.screens())
    sizes = _SHARP_SIZES if sharp else _ICON_SIZES
    made = QIcon()
    for picture in _drawn(name, colour, *sizes):
        made.addPixmap(picture)
        made.addPixmap(picture, QIcon.Mode.Selected)
    for picture in _drawn(name, faded, *sizes) if faded else ():
        made.addPixmap(picture, QIcon.Mode.Disabled)
    return made


def picture(name: str, colour: str, size: int) -> QPixmap:
    """Give an icon as a picture of `size` logical pixels, sharp on the present screen."""
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    (made,) = _drawn(name, colour, round(size * ratio))
    made.setDevicePixelRatio(ratio)
    return made


def desktop_is_dark() -> bool:
    """Tell whether the desktop is in its dark mode now."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


class Appearance(QObject):
    """Keeps the program in the theme that was chosen, or in the one the desktop has at the moment."""

    changed = Signal()

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        """Begin with a choice: system, light or dark."""
        super().__init__(parent)
        self.choice = choice if choice in THEMES else "system"
        self.theme = self._wanted()
        self._bound: list[Callable[[], None]] = []
        self._dressed: QWidget | None = None
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_changed)

    def choose(self, choice: str) -> None:
        """Take a choice of the user."""
        self.choice = choice
        self.apply()

    def dress(self, window: QWidget) -> None:
        """Dress the window, with all that is or will be in it.

        The style sheet is the window's, not the application's: under an application's own, whatever is put together
        is polished again at every step of it, and a place takes twice as long to build.
        """
        self._dressed = window
        self.apply()

    def apply(self) -> None:
        """Put the theme on."""
        self.theme = self._wanted()
        app = cast("QApplication", QApplication.instance())
        app.setPalette(palette(self.theme))
        sheet = style_sheet(self.theme, QFontInfo(app.font()).pointSizeF())
        if self._dressed is not None and self._dressed.styleSheet() != sheet:
            # Every widget there is gets polished anew: not to be done for nothing.
            self._dressed.setStyleSheet(sheet)
        for paint in self._bound:
            paint()
        self.changed.emit()

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """Give an icon in one of the theme's colours, by the colour's name."""
        return icon(name, getattr(self.theme, colour), self.theme.strong_line)

    def bind_icon(self, setter: Callable[[QIcon], object], name: str, colour: str = "text") -> None:
        """Call `setter` with the icon now and whenever the theme changes."""

        def paint() -> None:
            setter(self.icon(name, colour))

        self._bound.append(paint)
        paint()

    def bind_picture(self, setter: Callable[[QPixmap], object], name: str, size: int, colour: str = "accent") -> None:
        """Call `setter` with an icon's picture now and whenever the theme changes."""

        def paint() -> None:
            setter(picture(name, getattr(self.theme, colour), size))

        self._bound.append(paint)
        paint()

    def _wanted(self) -> Theme:
        if self.choice == "system":
            return DARK if desktop_is_dark() else LIGHT
        return DARK if self.choice == "dark" else LIGHT

    def _desktop_changed(self) -> None:
        if self.choice == "system":
            self.apply()
