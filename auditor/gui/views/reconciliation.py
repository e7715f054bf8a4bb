"""Reconciliation, the heart: invoice lines against expected charges, what to see of them, and why they differ."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from PySide6.QtCore import QItemSelection
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.totals import LineSum
from auditor.gui.context import Context
from auditor.gui.differences.detail import DetailPane
from auditor.gui.differences.filter_bar import FilterBar
from auditor.gui.differences.tie_out import TieOut
from auditor.gui.opened import Opened
from auditor.gui.opened import Recorded
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import Empty
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.pieces.panes import Panes
from auditor.gui.reading.next_empty import NextEmpty
from auditor.gui.tables.column_filter import column_passes
from auditor.gui.tables.grouping import Group
from auditor.gui.tables.grouping import lines_of
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import line_rows
from auditor.gui.tables.lines import passing
from auditor.gui.tables.lines import totals
from auditor.gui.tables.lines_model import AccountDelegate
from auditor.gui.tables.lines_model import LineDelegate
from auditor.gui.tables.lines_model import LinesModel
from auditor.gui.tables.lines_model import StatusDelegate
from auditor.gui.tables.row_heights import RowHeights
from auditor.gui.tables.table import Table
from auditor.gui.theme import widened
from auditor.gui.words import Words

# In less width the lines' amounts would be out of view beside the detail.
_FOR_BOTH = 780
# The detail is so wide, and so in the smallest window, beside which what is expected would else be cut.
_DETAIL, _LEAST_DETAIL, _SPACIOUS = 378, 352, 1000
# With the column of accounts, decisions would be out of view in a window that is not as wide as this.
_SPACIOUS_FOR_ACCOUNTS = 1300


class ReconciliationView(QWidget):
    """The table of differences with its filter bar, detail pane and tie-out."""

    room_wanted = Signal()

    def __init__(self, context: Context, over: FilterBar, beside: DetailPane) -> None:
        """Build the place, empty: a filter over the lines and the details beside them."""
        super().__init__()
        self._context = context
        self._all: tuple[LineRow, ...] = ()
        self._asked = 0
        self._whole_width, self._several, self._picked = False, False, False
        # What the file records, until there is a result to hold it against.
        self._recorded: Recorded | None = None
        self.bar = MessageBar(context)
        self.filter = over
        self.model = LinesModel(context.speech, context.appearance, self)
        self.table = Table(self.model, context.speech, context.preferences)
        self.table.room.fill_with("causes")
        RowHeights(self.table, self.model, "account", "market", "category", "causes")
        kept = ("difference", "billed", "expected", "unexplained", "decision")
        self.table.room.break_words("account", "market", "category")
        self.table.room.keep_before_the_edge(kept, "status", "billed")
        self.table.room.show_where_of_use("account", of_use=False)
        context.speech.bind(self.table.setAccessibleName, "lines.name")
        self.table.setItemDelegate(LineDelegate(self.table))
        self.table.setItemDelegateForColumn(0, StatusDelegate(context.appearance, self.table))
        self.table.setItemDelegateForColumn(self.model.place_of("account"), AccountDelegate(self.table))
        self.shown_text, self.selected_text = QLabel(), QLabel()
        self.detail = beside
        self.footer = TieOut(context)
        self.empty = NextEmpty(context, "reconciliation", "lines.empty")
        self._build()
        self._connect()
        self.refresh()

    def offer_actions(self, actions: Iterable[QAction]) -> None:
        """Take what the table's own menu offers: the window's decisions and copies, with their shortcuts."""
        self.table.row_actions = tuple(actions)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._share_room()

    def bring_detail(self) -> None:
        """Have the detail in view: where the lines needed its room, `room_wanted` asks for more."""
        if self.detail.isHidden():
            self.room_wanted.emit()

    def refresh(self) -> None:
        """Make the rows anew, off the window's thread, and show them."""
        opened, words = self._context.workspace.opened, self._context.words()
        result = opened.result if opened else None
        self._show_page(opened)
        if opened is None or words is None or result is None:
            self._recorded = opened.recorded if opened else None
            if self._recorded is not None and words is not None:
                self.footer.show_recorded(self._recorded, words)
            self._take((), None)
            return
        recorded, self._recorded = self._recorded, None
        if recorded is not None and not recorded.same_as(result):
            self.bar.tell(self._context.speech.text("lines.recorded.differ"))
        self.footer.show_result(result, words)
        self._asked += 1
        asked, decisions, shown = self._asked, opened.decisions, self._all

        def compared() -> tuple[tuple[LineRow, ...], bool]:
            rows = line_rows(result, decisions, words)
            return rows, rows == shown

        def made(answer: tuple[tuple[LineRow, ...], bool]) -> None:
            rows, same = answer
            if asked != self._asked:
                return
            if same:
                self._selected()  # what else is known of them may be new: files attached, a lock, other charges
            else:
                self._take(rows, words)

        self._context.workspace.compute(compared, made)

    def _show_page(self, opened: Opened | None) -> None:
        """Show the lines or, while there are none, what is to be done so that there are."""
        kinds = {source.kind for source in opened.sources} if opened else set()
        if opened and opened.result and opened.result.differences:
            self._stack.setCurrentIndex(1)
        elif opened and opened.recorded and self._context.workspace.obstacle is None:
            self._stack.setCurrentIndex(2)
        else:
            without_log = "lines.no_log" if "invoice" in kinds else "lines.empty"
            self.empty.say("lines.other_days" if opened and opened.result and "log" in kinds else without_log)
            self._stack.setCurrentIndex(0)
        self.footer.setVisible(self._stack.currentIndex() > 0)

    def find_text(self) -> None:
        """Put the cursor into the text filter."""
        self.filter.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.text.selectAll()

    def show_only(self, shape: str) -> None:
        """Show the lines that a shape of a chart stands for: `market:Peru`, `cause:fx` or `line:7`."""
        kind, _, code = shape.partition(":")
        opened = self._context.workspace.opened
        self.filter.clear()
        if kind in self.filter.menus:
            self.filter.menus[kind].choose(frozenset({code}))
        elif kind == "line" and opened and opened.result:
            key = opened.result.differences[int(code) - 1].key
            place = next((n for n, row in enumerate(self.model.rows) if row.record.difference.key == key), 0)
            self.table.selectRow(place)
        self._begin_at_first()

    def show_work(self, what: str) -> None:
        """Show the lines of an open point: `undecided`, `disputed` or `unexplained`."""
        self.filter.clear()
        if what == "unexplained":
            self.filter.menus["cause"].choose(frozenset({"unexplained"}))
        else:
            self.filter.menus["decision"].choose(frozenset({"open" if what == "undecided" else what}))
        self._begin_at_first()

    def _begin_at_first(self) -> None:
        """Show why the first line differs, where none of those that one was led to is selected."""
        if self.model.rows and not self.selected_lines():
            self.table.selectRow(0)

    def attach(self, files: Sequence[Path]) -> None:
        """Keep files as evidence beside the selected lines."""
        keys = [row.record.difference.key for row in self.selected_lines()]
        if keys:
            self._context.workspace.attach(keys, files)

    def selected_lines(self) -> list[LineRow]:
        """Give the selected lines; a group's head stands for its lines."""
        lines = {id(line): line for row in self.table.selected_rows() for line in lines_of(row)}
        return list(lines.values())

    def show_column_filters(self) -> None:
        """Show the fields over the columns, or clear and hide them: the keyboard then goes back to the lines."""
        self.table.offer_column_filters()
        self.table.head.show_fields(not self.table.head.open)
        if not self.table.head.open:
            self.table.setFocus()

    def next_open(self, step: int) -> None:
        """Go to the next (1) or previous (-1) line that waits for a decision."""
        count = len(self.model.rows)
        at = max(0, self.table.currentIndex().row())
        for way in range(1, count + 1):
            place = (at + way * step) % count
            if self.model.rows[place].record.open:
                self.table.selectRow(place)
                return

    def _take(self, rows: tuple[LineRow, ...], words: Words | None) -> None:
        self._all = rows
        self.filter.offer(rows)
        self._several = len({row.record.difference.waba_id for row in rows} - {""}) > 1
        self._share_room()
        self.table.room.show_where_of_use("account", of_use=self._several)
        self._show_passing()
        # A line that nobody chose is held to only while it is read: of another result, the first is another one.
        kept = self.table.currentIndex().isValid() and (self._picked or self.isVisible())
        if words is not None and not kept and self.model.rows:
            self.table.selectRow(0)
            self._picked = False

    def _show_passing(self) -> None:
        """Show what the filter lets through; what was selected stays so, if it is still there."""
        kept = {row.record.difference.key for row in self.table.selected_rows()}
        current = self.table.current_row()
        at = current.record.difference.key if current else ""
        # The detail follows once, when all are selected again.
        self._silent = True
        self.model.show_lines(
            passing(self._all, self.filter.wanted), self.filter.group_button.chosen, self._context.words()
        )
        self._reselect(kept, at)
        self._silent = False
        self._selected()

    def _reselect(self, keys: set[str], at: str) -> None:
        selection = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        chosen = QItemSelection()
        for place, row in enumerate(self.model.rows):
            key, index = row.record.difference.key, self.model.index(place, 0)
            if key == at:
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            if key in keys:
                chosen.select(index, index)
        selection.select(chosen, flags)

    def _pick(self) -> None:
        """Follow a selection that was not made by the lines being shown anew."""
        if not self._silent:
            self._picked = True
            self._selected()

    def _selected(self) -> None:
        if self._silent:
            return
        rows, words = self.selected_lines(), self._context.words()
        self.detail.show_rows(rows)
        if words is None:
            return
        self.shown_text.setText(self._summed("shown", totals(self.model.lines), words))
        self.selected_text.setText(self._summed("selected", totals(rows), words))
        self.selected_text.setVisible(len(rows) > 1)

    def _summed(self, which: str, total: LineSum, words: Words) -> str:
        """Say the sums of the lines shown or selected in one line of text."""
        say, opened = self._context.speech.text, self._context.workspace.opened
        compared = opened is not None and opened.result is not None and bool(opened.result.invoice_lines)
        return say(
            "totals.line" if compared else "totals.accrual",
            name=say(f"totals.{which}"),
            count=words.count(total.lines),
            billed=words.figure(total.billed),
            expected=words.figure(total.expected),
            difference=words.signed(total.difference),
            unexplained=words.signed(total.unexplained),
        )

    def _connect(self) -> None:
        self._silent = False
        self._context.workspace.changed.connect(self.refresh)
        self._context.speech.switched.connect(self.refresh)
        self._context.appearance.changed.connect(self._selected)
        self.filter.changed.connect(self._show_passing)
        self.filter.columns_button.clicked.connect(self._columns_menu)
        self.table.selectionModel().selectionChanged.connect(self._pick)
        self.table.chosen.connect(self._open_chosen)
        self.table.head.typed.connect(self._typed_over)
        for laid_out in (self.model.modelReset, self.model.layoutChanged, self.table.head.sectionMoved):
            laid_out.connect(self._widen_heads)
        self.filter.text.returnPressed.connect(self._go_to_first)
        # Back to the lines: the next one is an arrow away, and undo is the audit's and not a text field's.
        self.detail.decision.decided.connect(self.table.setFocus)
        self.filter.columns_wanted.connect(self._type_over)
        self.filter.cleared.connect(self.table.head.clear_fields)
        self.filter.group_button.changed.connect(self._show_passing)
        self._context.speech.switched.connect(self.table.offer_column_filters)
        self.detail.expanded.connect(self._expand)

    def _widen_heads(self) -> None:
        """Give the name of a group the room of the columns beside it that say nothing of it."""
        self.table.clearSpans()
        columns, head = self.model.columns, self.table.head

        def beside(place: int) -> bool:
            return not columns[place].numeric and head.visualIndex(place) == head.visualIndex(0) + place

        width = len(list(takewhile(beside, range(len(columns)))))
        for place, row in enumerate(self.model.rows if width > 1 else ()):
            if isinstance(row.record, Group):
                self.table.setSpan(place, 0, 1, width)

    def _open_chosen(self) -> None:
        """Open what a line rests on, or close and open a group."""
        current = self.table.currentIndex().row()
        if 0 <= current < len(self.model.rows) and self.model.toggle(current):
            self.table.selectRow(current)
        else:
            self.bring_detail()
            self.detail.tabs.setCurrentIndex(2)

    def _go_to_first(self) -> None:
        """Go from the filter to what it found."""
        if self.model.rows:
            self.table.selectRow(0)
            self.table.setFocus()

    def _typed_over(self, place: int, text: str) -> None:
        column = self.model.columns[place]
        self.filter.test_column(place, column_passes(text, place, column), column.key, text)

    def _type_over(self, texts: Mapping[str, str]) -> None:
        """Put texts over columns, as if they were typed there."""
        if texts and not self.table.head.open:
            self.show_column_filters()
        for key, text in texts.items():
            if any(column.key == key for column in self.model.columns):
                self.table.head.fields[self.model.place_of(key)].setText(text)

    def _columns_menu(self) -> None:
        anchor = self.filter.columns_button
        self.table.columns_menu().popup(anchor.mapToGlobal(anchor.rect().bottomLeft()))

    def _expand(self, wide: bool) -> None:
        self._whole_width = wide
        self._left.setVisible(not wide)
        self._share_room()

    def _share_room(self) -> None:
        """Leave the lines all of the room where it does not do for their amounts and the detail, as beside the help."""
        self.detail.setHidden(self.width() < widened(_FOR_BOTH) and not self._whole_width)
        spacious = _SPACIOUS_FOR_ACCOUNTS if self._several else _SPACIOUS
        self._split.fit(self.detail, widened(_DETAIL if self.width() >= widened(spacious) else _LEAST_DETAIL))

    def _build(self) -> None:
        self._left = Card(margin=0, spacing=0)
        self._left.body.addWidget(self.table, 1)
        self._left.body.addWidget(self._totals_strip())
        sides: dict[QWidget, int] = {self._left: 910, self.detail: widened(_DETAIL)}
        self._split = Panes("lines", Qt.Orientation.Horizontal, sides, self._left, self._context.preferences)
        self.detail.setMinimumWidth(widened(_LEAST_DETAIL))
        page = QWidget()
        inner = QVBoxLayout(page)
        # On a small laptop every pixel is a letter of a cause.
        inner.setContentsMargins(12, 10, 12, 10)
        inner.setSpacing(10)
        inner.addWidget(self.filter)
        inner.addWidget(self._split, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)
        self._stack.addWidget(Empty(self._context, "reconciliation", "lines.recorded"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.footer)

    def _totals_strip(self) -> QWidget:
        strip = QWidget()
        strip.setObjectName("totals")
        layout = QVBoxLayout(strip)
        layout.setContentsMargins(12, 5, 12, 5)
        layout.setSpacing(2)
        for label in (self.shown_text, self.selected_text):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
        layout.addWidget(self.shown_text)
        layout.addWidget(self.selected_text)
        return strip
