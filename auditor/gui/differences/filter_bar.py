"""The filter bar over the lines: text over all columns, facets with counts, and a slider of what matters."""

from collections.abc import Sequence
from decimal import Decimal

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
from auditor.gui.differences.facets import MeasureButton
from auditor.gui.differences.facets import StatusChips
from auditor.gui.differences.saved_filters import KeptFilter
from auditor.gui.differences.saved_filters import SavedFilters
from auditor.gui.differences.type_ahead import TypeAhead
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import on_escape
from auditor.gui.pieces.flow import Flow
from auditor.gui.tables.column_filter import Passes
from auditor.gui.tables.lines import Facets
from auditor.gui.tables.lines import Least
from auditor.gui.tables.lines import LineFilter
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import named
from auditor.gui.tables.lines import thresholds
from auditor.gui.tables.lines import totals
from auditor.gui.tables.rows import collated
from auditor.gui.words import Words

_MENUS = ("cause", "market", "category", "account", "decision")
# In less width the words of three buttons would take a line from the differences.
_WHOLE = 1150
# What says what the slider leaves, with the slider's width: in full, and in short where only that has room.
_TOLD = (("filter.left", 120), ("filter.left_short", 120), ("filter.left_short", 60))
_BETWEEN_CHIPS, _BETWEEN = 6, 8
# What widths of letters may be off by: they are no whole pixels.
_ROUNDED = 4
_TEXT, _SHORT_TEXT = 220, 120


class FilterBar(QWidget):
    """Holds what is wanted; `changed` says that it is something else now, `cleared` that all is to be seen.

    `columns_wanted` gives what is to stand over single columns, by their keys.
    """

    changed = Signal()
    cleared = Signal()
    columns_wanted = Signal(object)

    def __init__(self, context: Context) -> None:
        """Build the two rows of it."""
        super().__init__()
        self._context = context
        self._rows: Sequence[LineRow] = ()
        self.measure = MeasureButton(context)
        self._steps = thresholds((), percent=False)
        self._facets, self._whole = Facets(()), totals(())
        self._named: dict[str, dict[str, str]] = {}
        self.column_tests: dict[int, Passes] = {}
        self._column_texts: dict[str, str] = {}
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
        self.slider_text = QLabel()
        self.saved = SavedFilters(context, self.kept, self.show_kept)
        self._told = _TOLD[0][0]
        context.speech.bind(self.slider.setAccessibleName, "filter.materiality")
        context.speech.bind(self.slider.setToolTip, "filter.materiality_help")
        self._build()
        self.text.textChanged.connect(self._chosen)
        on_escape(self.text, self.text.clear)
        self.ahead = TypeAhead(self.text)
        self.slider.valueChanged.connect(self._chosen)
        self.measure.changed.connect(self._measure_otherwise)
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
        self._rows = rows
        self.ahead.offer(rows)
        self._facets, self._whole = Facets(rows), totals(rows)
        words = self._context.words()
        self._named = {facet: self._names(facet, words) for facet in self.menus} if words else {}
        self._offer_steps(least.size)
        self._count()
        self._fit_slider()

    def kept(self) -> KeptFilter:
        """Give the filter as it is saved."""
        wanted = self.wanted
        facets = {name: tuple(sorted(codes)) for name, codes in wanted.facets.items() if codes}
        return KeptFilter(
            self.text.text().strip(), facets, self.measure.chosen, wanted.least.size, dict(self._column_texts)
        )

    def show_kept(self, kept: KeptFilter) -> None:
        """Filter as was saved, and by nothing else; of the slider's steps the next one there is."""
        self.clear()
        if kept.measure in self.measure.choices:
            self.measure.choose(kept.measure)
        self.chips.choose(frozenset(kept.facets.get("status", ())))
        for facet, menu in self.menus.items():
            menu.choose(frozenset(kept.facets.get(facet, ())))
        self.text.setText(kept.text)
        self._offer_steps(kept.least)
        self.columns_wanted.emit(kept.columns)
        self._chosen()

    def test_column(self, place: int, passes: Passes | None, key: str, text: str) -> None:
        """Take what is typed over the column of a key; None lets all of it through."""
        self.column_tests.pop(place, None)
        self._column_texts.pop(key, None)
        if passes is not None:
            self.column_tests[place] = passes
            self._column_texts[key] = text.strip()
        self._chosen()

    def clear(self) -> None:
        """Let everything through."""
        self.column_tests.clear()
        self._column_texts.clear()
        self.cleared.emit()
        self.text.clear()
        self.slider.setValue(0)
        self.chips.clear()
        for menu in self.menus.values():
            menu.clear()

    def _offer_steps(self, least: Decimal) -> None:
        """Let the slider move in the steps of what is measured, from what was the least though they may be others."""
        self._steps = thresholds(self._rows, percent=self.measure.chosen == "percent")
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._steps) - 1)
        self.slider.setPageStep(max(1, len(self._steps) // 10))
        self.slider.setValue(next((n for n, step in enumerate(self._steps) if step.size >= least), 0))
        self.slider.blockSignals(False)

    def _measure_otherwise(self) -> None:
        """Begin at nothing: so much money is no per cent."""
        self._offer_steps(Decimal(0))
        self._chosen()
        self._fit_slider()

    def _build(self) -> None:
        first = Flow(wide=self.text)
        for widget in (
            self.text,
            *self.menus.values(),
            self.clear_button,
            self.saved,
            self.group_button,
            self.columns_button,
        ):
            first.addWidget(widget)
        weight = QWidget()
        second = Flow(spacing=_BETWEEN_CHIPS, right=weight)
        for widget in (*self.chips.chips.values(), weight):
            second.addWidget(widget)
        row = QHBoxLayout(weight)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_BETWEEN)
        for widget in (self.measure, self.slider, self.slider_text):
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
        self.saved.show_icon_alone(not whole)
        self.text.setMinimumWidth(_TEXT if whole else _SHORT_TEXT)
        self._fit_slider()

    def _fit_slider(self) -> None:
        """Stand beside the chips, in short if that is what it takes; whatever is then said moves the slider no more."""
        words = self._context.words()
        if words is None:
            return
        chips = [chip.sizeHint().width() for chip in self.chips.chips.values() if not chip.isHidden()]
        room = self.width() - sum(chips) - _BETWEEN_CHIPS * len(chips) - self.measure.sizeHint().width() - 2 * _BETWEEN
        widths = {told: self._longest(told, words) for told, _ in _TOLD}
        self._told, slider = next((one for one in _TOLD if widths[one[0]] + one[1] <= room), _TOLD[0])
        self.slider.setFixedWidth(slider)
        self.slider_text.setMinimumWidth(widths[self._told])
        self._tell_weight(self.wanted.least, words)

    def _longest(self, told: str, words: Words) -> int:
        """Give the width of the longest that may be said in a form."""
        all_of_it = self._weighed(told, self._steps[-1], self._whole.lines, self._whole.weight, words)
        return self.slider_text.fontMetrics().horizontalAdvance(all_of_it) + _ROUNDED

    def _chosen(self) -> None:
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        """Count the lines behind every value under all else that is chosen."""
        words, wanted = self._context.words(), self.wanted
        self.clear_button.setEnabled(wanted.active)
        self.saved.say()
        if words is None:
            return
        counts = self._facets.counts(wanted)
        self.chips.offer(counts["status"], sorted(self._facets.codes("status")))
        for facet, menu in self.menus.items():
            menu.offer(self._named.get(facet, {}), counts[facet])
        self._tell_weight(wanted.least, words)

    def _names(self, facet: str, words: Words) -> dict[str, str]:
        codes = self._facets.codes(facet)
        return dict(sorted(((code, named(facet, code, words)) for code in codes), key=lambda pair: collated(pair[1])))

    def _tell_weight(self, least: Least, words: Words) -> None:
        """Say what the slider leaves: lines, and share of all the money that differs."""
        part = totals(row for row in self._rows if least.lets(row.record.difference))
        shown, spoken = (
            self._weighed(told, least, part.lines, part.weight, words) for told in (self._told, _TOLD[0][0])
        )
        self.slider_text.setText(shown)
        self.slider.setAccessibleDescription(spoken)

    def _weighed(self, told: str, least: Least, lines: int, weight: Decimal, words: Words) -> str:
        return self._context.speech.text(
            told,
            least=f"{words.count(least.size)} %" if least.percent else words.money(least.size),
            lines=words.count(lines),
            count=words.count(self._whole.lines),
            share=words.share(weight, self._whole.weight),
        )
