"""The filter bar over the lines: text over all columns, facets with counts, and materiality as a slider."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QSlider
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.differences.facets import FacetButton
from auditor.gui.differences.facets import GroupButton
from auditor.gui.differences.facets import StatusChips
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.flow import Flow
from auditor.gui.tables.column_filter import Passes
from auditor.gui.tables.lines import Facets
from auditor.gui.tables.lines import LineFilter
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import named
from auditor.gui.tables.lines import thresholds
from auditor.gui.tables.lines import totals
from auditor.gui.tables.rows import collated
from auditor.gui.words import Words

_MENUS = ("cause", "market", "category", "account", "decision")
# In less width the words of two buttons and of the slider would take a line each from the differences.
_WHOLE = 1045
_SLIDER, _SHORT_SLIDER = 120, 80
_TEXT, _SHORT_TEXT = 220, 150


class FilterBar(QWidget):
    """Holds what is wanted; `changed` says that it is something else now, `cleared` that all is to be seen."""

    changed = Signal()
    cleared = Signal()

    def __init__(self, context: Context) -> None:
        """Build the two rows of it."""
        super().__init__()
        self._context = context
        self._rows: Sequence[LineRow] = ()
        self._steps = thresholds(())
        self._facets, self._whole = Facets(()), totals(())
        self._named: dict[str, dict[str, str]] = {}
        self.column_tests: dict[int, Passes] = {}
        self.text = QLineEdit(clearButtonEnabled=True)
        context.speech.bind(self.text.setPlaceholderText, "filter.text")
        context.speech.bind(self.text.setAccessibleName, "filter.text")
        sign = self.text.addAction(context.appearance.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        context.appearance.bind_icon(sign.setIcon, "search", "muted")
        self.chips = StatusChips(context)
        self.menus = {facet: FacetButton(context, facet) for facet in _MENUS}
        self.clear_button = button(context, "filter.clear", "close")
        self.columns_button = button(context, "table.columns", "columns")
        self.group_button = GroupButton(context)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider_name, self.slider_text = QLabel(), QLabel()
        context.speech.bind(self.slider.setAccessibleName, "filter.materiality")
        context.speech.bind(self.slider.setToolTip, "filter.materiality_help")
        self._build()
        self.text.textChanged.connect(self._chosen)
        self.slider.valueChanged.connect(self._chosen)
        self.chips.changed.connect(self._chosen)
        self.clear_button.clicked.connect(self.clear)
        for menu in self.menus.values():
            menu.changed.connect(self._chosen)
        context.speech.switched.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit into what width there is."""
        super().resizeEvent(event)
        self._fit()

    @property
    def wanted(self) -> LineFilter:
        """Give the filter as it stands."""
        facets = {facet: menu.chosen for facet, menu in self.menus.items()}
        columns = tuple(self.column_tests.values())
        least = self._steps[min(self.slider.value(), len(self._steps) - 1)]
        return LineFilter(self.text.text(), {"status": self.chips.chosen, **facets}, least, columns)

    def offer(self, rows: Sequence[LineRow]) -> None:
        """Take other lines to choose from; what was chosen stays."""
        least = self.wanted.least
        self._rows, self._steps = rows, thresholds(rows)
        self._facets, self._whole = Facets(rows), totals(rows)
        words = self._context.words()
        self._named = {facet: self._names(facet, words) for facet in self.menus} if words else {}
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._steps) - 1)
        self.slider.setPageStep(max(1, len(self._steps) // 10))
        # The same money as before, though the steps may be others now.
        self.slider.setValue(next((n for n, step in enumerate(self._steps) if step >= least), 0))
        self.slider.blockSignals(False)
        self._count()

    def test_column(self, place: int, passes: Passes | None) -> None:
        """Take what is typed over a column; None lets all of it through."""
        self.column_tests.pop(place, None)
        if passes is not None:
            self.column_tests[place] = passes
        self._chosen()

    def clear(self) -> None:
        """Let everything through."""
        self.column_tests.clear()
        self.cleared.emit()
        self.text.clear()
        self.slider.setValue(0)
        self.chips.clear()
        for menu in self.menus.values():
            menu.clear()

    def _build(self) -> None:
        first = Flow(wide=self.text)
        for widget in (self.text, *self.menus.values(), self.clear_button, self.group_button, self.columns_button):
            first.addWidget(widget)
        weight = QWidget()
        second = Flow(spacing=6, right=weight)
        for widget in (*self.chips.chips.values(), weight):
            second.addWidget(widget)
        row = QHBoxLayout(weight)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.slider_name.setProperty("role", "caption")
        self._context.speech.bind(self.slider_name.setText, "filter.from")
        self.slider_name.setBuddy(self.slider)
        for widget in (self.slider_name, self.slider, self.slider_text):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addLayout(second)

    def _fit(self) -> None:
        """Leave it to icons and tips where there is no width for the words of all of it."""
        whole = self.width() >= _WHOLE
        for made, key in ((self.clear_button, "filter.clear"), (self.columns_button, "table.columns")):
            text = self._context.speech.text(key)
            made.setText(text if whole else "")
            made.setToolTip("" if whole else text)
        self.text.setMinimumWidth(_TEXT if whole else _SHORT_TEXT)
        self.slider_name.setVisible(whole)
        self.slider.setFixedWidth(_SLIDER if whole else _SHORT_SLIDER)

    def _chosen(self) -> None:
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        """Count the lines behind every value under all else that is chosen."""
        words, wanted = self._context.words(), self.wanted
        self.clear_button.setEnabled(wanted.active)
        if words is None:
            return
        counts = self._facets.counts(wanted)
        self.chips.offer(counts["status"], sorted(self._facets.codes("status")))
        for facet, menu in self.menus.items():
            menu.offer(self._named.get(facet, {}), counts[facet])
        self.slider_text.setText(self._weighed(wanted, words))

    def _names(self, facet: str, words: Words) -> dict[str, str]:
        codes = self._facets.codes(facet)
        return dict(sorted(((code, named(facet, code, words)) for code in codes), key=lambda pair: collated(pair[1])))

    def _weighed(self, wanted: LineFilter, words: Words) -> str:
        """Say what the slider leaves: lines, and share of all the money that differs."""
        whole = self._whole
        part = totals(row for row in self._rows if abs(row.record.difference.difference) >= wanted.least)
        return self._context.speech.text(
            "filter.left",
            least=words.money(wanted.least),
            lines=words.count(part.lines),
            all=words.count(whole.lines),
            share=words.share(part.weight, whole.weight),
        )
