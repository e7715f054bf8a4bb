"""Charts: the same figures as in the workbook, to look at, copy and save."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtGui import QImage
from PySide6.QtGui import QResizeEvent
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QListWidget
from PySide6.QtWidgets import QListWidgetItem
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.flow import Flow
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.pieces.picture import Picture
from auditor.gui.pieces.picture import printable
from auditor.gui.reading.next_empty import NextEmpty
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import named
from auditor.language import catalogue
from auditor.writers.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME = Qt.ItemDataRole.UserRole
_NAMES_WIDTH, _SIDES, _ABOVE = 264, 32, 20
_WRAPPED = int(Qt.TextFlag.TextWordWrap)


class ChartsView(QWidget):
    """A list of charts and the one that is chosen. `export_wanted` asks the window for a folder for all of them."""

    export_wanted = Signal()
    save_wanted = Signal(str)
    # The name of a shape that was clicked, such as `market:Peru` or `line:7`.
    picked = Signal(str)

    def __init__(self, context: Context) -> None:
        """Build the place; nothing is drawn before it is looked at."""
        super().__init__()
        self._context = context
        self._charts: Mapping[str, Callable[[], Figure]] = {}
        # What they were made of: a result, a language and a theme.
        self._made_of: tuple[object, object, object] = None, None, None
        # The same on white, for whatever leaves the window.
        self._on_paper: Mapping[str, Callable[[], Figure]] = {}
        self.bar = MessageBar(context, flush=True)
        self.names = QListWidget()
        self.names.setWordWrap(True)
        self.names.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.picture = Picture(context, self._named)
        context.speech.bind(self.names.setAccessibleName, "places.charts")
        self._build()
        self.names.currentItemChanged.connect(self._choose)
        self.picture.clicked.connect(self.picked)
        context.speech.bind(self.picture.setToolTip, "charts.click")
        for changed in (context.workspace.changed, context.speech.switched, context.appearance.changed):
            changed.connect(self._outdated)

    @property
    def current(self) -> str:
        """Give the name of the chart that is shown, or nothing."""
        return str(self.names.currentIndex().data(_NAME) or "")

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what is outdated, now that it is looked at."""
        super().showEvent(event)
        self._outdated()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the chart beside the names."""
        super().resizeEvent(event)
        self._fit_names()

    def mark(self, lines: Sequence[LineRow]) -> None:
        """Frame what the lines that are selected in the table stand for, in whichever chart is shown."""
        opened = self._context.workspace.opened
        result = opened.result if opened else None
        numbers = {entry.key: n for n, entry in enumerate(result.differences, start=1)} if result else {}
        names: set[str] = set()
        for row in lines if len(lines) < len(numbers) else ():
            entry = row.record.difference
            names |= {f"line:{numbers.get(entry.key)}", f"market:{entry.market}", f"category:{entry.category}"}
            names |= {f"cause:{cause.cause}" for cause in entry.causes if cause.proof == "found"}
        self.picture.mark(names)

    def _named(self, shape: str) -> str:
        """Say what a shape stands for: `market:Peru` the market, `line:7` the line."""
        kind, _, code = shape.partition(":")
        opened, words = self._context.workspace.opened, self._context.words()
        if opened is None or opened.result is None or words is None:
            return ""
        if kind == "line":
            return words.line(opened.result.differences[int(code) - 1].key)
        return f"{self._context.speech.text(f'facet.{kind}')}: {named(kind, code, words)}"

    def copy(self) -> None:
        """Put the chart into the clipboard as a picture."""

        def copied(image: QImage) -> None:
            QApplication.clipboard().setImage(image)
            self.bar.tell(self._context.speech.text("charts.copied"), kind="done")

        self.bring_image(copied)

    def bring_image(self, done: Callable[[QImage], object]) -> None:
        """Draw the chart that is shown as it goes on paper, and hand it to `done`; nothing where there is none."""
        draw = self._on_paper.get(self.current)
        if draw is not None:
            self._context.workspace.compute(lambda: printable(draw()), done)

    def save(self, path: Path) -> None:
        """Write the chart that is shown as PNG, SVG or PDF, by the file's ending."""
        draw = self._on_paper.get(self.current)
        if draw is None:
            return

        def work() -> Path:
            with whole_file(path) as working:
                draw().savefig(working, dpi=200)
            return path

        self._context.workspace.compute(work, self._context.workspace.saved.emit)

    def _outdated(self) -> None:
        if not self.isVisible():
            return
        opened = self._context.workspace.opened
        result = opened.result if opened else None
        self._stack.setCurrentIndex(1 if result else 0)
        if result is None:
            return
        speech, theme = self._context.speech, self._context.appearance.theme
        dark, paper = theme.name == "dark", theme.raised
        made_of = result, speech.language, theme
        if all(map(is_, made_of, self._made_of)):
            self._choose()
            return

        def listed() -> tuple[Mapping[str, Callable[[], "Figure"]], ...]:
            # On the worker, since matplotlib loads slowly and only here.
            from auditor.writers.charts import Theme  # noqa: PLC0415
            from auditor.writers.charts import charts  # noqa: PLC0415

            shown = replace(Theme.dark() if dark else Theme.light(), paper=paper)
            return tuple(charts(result, speech.language.text, theme) for theme in (shown, Theme.light()))

        def told(both: tuple[Mapping[str, Callable[[], "Figure"]], ...]) -> None:
            self._made_of = made_of
            self._list(*both)

        self._context.workspace.compute(listed, told)

    def _list(
        self, charts: Mapping[str, Callable[[], "Figure"]], on_paper: Mapping[str, Callable[[], "Figure"]]
    ) -> None:
        self._charts, self._on_paper = charts, on_paper
        self.picture.forget()
        kept, texts = self.current, catalogue(self._context.speech.language.code)
        self.names.blockSignals(True)
        self.names.clear()
        for name in charts:
            item = QListWidgetItem(texts[f"charts.name.{name}"])
            item.setData(_NAME, name)
            item.setToolTip(item.text())
            self.names.addItem(item)
        self._fit_names()
        place = list(charts).index(kept) if kept in charts else 0
        self.names.setCurrentRow(place)
        self.names.blockSignals(False)
        self._choose()

    def _fit_names(self) -> None:
        """Take a part of the width for the names, and as many lines of it for each as it needs."""
        width = min(_NAMES_WIDTH, self.width() // 3)
        self.names.setFixedWidth(width)
        for place in range(self.names.count()):
            item = self.names.item(place)
            # Qt measures a wrapped line without the room that the style leaves at its sides.
            room = self.names.fontMetrics().boundingRect(0, 0, width - _SIDES, 0, _WRAPPED, item.text())
            item.setSizeHint(QSize(0, room.height() + _ABOVE))

    def _choose(self) -> None:
        self.picture.setAccessibleName(str(self.names.currentIndex().data() or ""))
        self.picture.show_figure(self._charts.get(self.current))

    def _build(self) -> None:
        copy = button(self._context, "charts.copy", "copy")
        save = button(self._context, "charts.save", "image")
        everything = button(self._context, "charts.save_all", "export")
        copy.clicked.connect(self.copy)
        save.clicked.connect(lambda: self.save_wanted.emit(self.current))
        self.names.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.picture.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for key, click in (("charts.copy", copy.click), ("charts.save", save.click)):
            action = QAction(self)
            self._context.speech.bind(action.setText, key)
            action.triggered.connect(click)
            self.names.addAction(action)
            self.picture.addAction(action)
        everything.clicked.connect(self.export_wanted)
        buttons = Flow()
        for widget in (copy, save, everything):
            buttons.addWidget(widget)
        sheet = Card(margin=10)
        sheet.body.addWidget(self.picture, 1)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(sheet, 1)
        right.addLayout(buttons)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.names)
        row.addLayout(right, 1)
        self._stack = QStackedWidget()
        self.empty = NextEmpty(self._context, "charts", "charts.empty")
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)
