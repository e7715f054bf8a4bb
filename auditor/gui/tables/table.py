"""The table of every place: whole rows, copy for a spreadsheet, columns chosen, moved and remembered."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QByteArray
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtCore import QLocale
from PySide6.QtCore import QPoint
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtGui import QFocusEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtGui import QKeySequence
from PySide6.QtGui import QPainter
from PySide6.QtGui import QPaintEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QMenu
from PySide6.QtWidgets import QTableView
from PySide6.QtWidgets import QWidget

from auditor.gui.speech import Speech
from auditor.gui.tables.column_room import ColumnRoom
from auditor.gui.tables.copied import copied_line
from auditor.gui.tables.filter_header import FilterHeader
from auditor.gui.tables.lines_model import CellDelegate
from auditor.gui.tables.printing import Sheet
from auditor.gui.tables.record_model import ROW_ROLE
from auditor.gui.tables.record_model import ColumnsModel
from auditor.gui.tables.record_model import Run
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import on_paper
from auditor.gui.tables.rows import plain
from auditor.settings import Preferences

_ROW_HEIGHT, _ICON = 27, QSize(14, 14)
# A selection of more rows than this is cut off in the clipboard: a spreadsheet could not hold it either.
_MOST_COPIED = 1_048_575
# Some four hundred pages: nobody reads more of a table on paper.
_MOST_PRINTED = 20_000


class Table(QTableView):
    """Shows a `ColumnsModel`. Its columns are remembered under the model's name."""

    chosen = Signal()

    def __init__(
        self, model: ColumnsModel[Any], speech: Speech, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        """Show `model`."""
        super().__init__(parent)
        self.head = FilterHeader(self)
        self.setHorizontalHeader(self.head)
        self.horizontalScrollBar().valueChanged.connect(self.head.follow_scrolling)
        self._speech, self._preferences, self._name = speech, preferences, model.name
        self._columns = model
        self._none = ""
        self.row_actions: Sequence[QAction] = ()
        # Dragging a column's edge reports every step; only where it ends is worth writing down.
        self._later = QTimer(self, singleShot=True, interval=400)
        self.room = ColumnRoom(self, model, self._set_by_hand)
        self.setModel(model)
        self._look()
        self.room.take_widths()
        self._restore()
        self._watch()
        self.room.fit_heads()

    def height_of_rows(self) -> int:
        """Give the height at which every row is in view."""
        rows = self.model().rowCount() * self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar().sizeHint().height()
        return self.horizontalHeader().sizeHint().height() + rows + bar + 2 * self.frameWidth()

    def keep_in_view(self, rows: int) -> None:
        """Never be lower than the head and so many rows need."""
        bar = self.horizontalScrollBar().sizeHint().height()
        self.setMinimumHeight(self.head.sizeHint().height() + rows * _ROW_HEIGHT + bar + 2 * self.frameWidth())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the view anew."""
        super().resizeEvent(event)
        self.room.fill()

    def selectRow(self, row: int) -> None:
        """Select a row alone, whatever keys are held: by itself Qt adds it while Shift is, as by Shift+F3."""
        flags = QItemSelectionModel.SelectionFlag
        index = self._columns.index(row, self._shown_sections()[0])
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def selected_rows(self) -> list[Row[Any]]:
        """Give the selected rows from top to bottom."""
        runs = self._selected_runs()  # of each row asked for by itself the model is asked several times again
        rows = [self._columns.row(place) for first, count in runs for place in range(first, first + count)]
        return [row for row in rows if row is not None]

    def current_row(self) -> Row[Any] | None:
        """Give the row the cursor is in."""
        row = self.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, Row) else None

    def copy(self, *, heads: bool = False) -> None:
        """Put the selected rows into the clipboard, shown columns only, numbers as numbers and days as days.

        Rows that are still to be brought come into it, all at once, when they are there.
        """
        sections, columns, mark = self._shown_sections(), self._columns.columns, QLocale.system().decimalPoint()
        head = [copied_line([self._columns.head(section) for section in sections], mark)] if heads else []

        def line(row: Row[Any]) -> str:
            return copied_line([plain(row, section, columns[section]) for section in sections], mark)

        def taken(lines: Sequence[str]) -> None:
            QApplication.clipboard().setText("\n".join([*head, *lines]))

        runs = self._selected_runs()
        if runs:
            self._columns.say(runs, line, taken)

    def bring_sheet(self, title: str, foot: str, done: Callable[[Sheet], object], *, customers: bool = False) -> None:
        """Hand the table as it is shown to `done`, to be printed; of one too long for paper its beginning.

        Customers are masked, unless `customers` wants them whole.
        """
        sections, count = self._shown_sections(), self._columns.rowCount()
        heads = [self._columns.head(section) for section in sections]
        figures = [self._columns.columns[section].numeric for section in sections]
        if count > _MOST_PRINTED:
            number = self._speech.language.number
            foot = self._speech.text("table.beginning", foot=foot, shown=number(_MOST_PRINTED), all=number(count))

        def texts(row: Row[Any]) -> list[str]:
            columns = self._columns.columns
            return [row.texts[at] if customers else on_paper(row, at, columns[at]) for at in sections]

        sums = self._columns.sums()
        total = ["" if sums[section] == BLANK else sums[section] for section in sections] if sums else []
        if total and not figures[0]:
            total[0] = self._speech.text("table.total")

        def taken(rows: Sequence[list[str]]) -> None:
            done(Sheet(title, foot, heads, rows, figures, total).without_empty())

        self._columns.say([(0, min(count, _MOST_PRINTED))], texts, taken)

    def offer_column_filters(self) -> None:
        """Name the fields over the columns in the present language."""

        def dress(field: QLineEdit, section: int) -> None:
            numeric = self._columns.columns[section].numeric
            head = self._columns.head(section)
            field.setAccessibleName(self._speech.text("column_filter.name", head=head))
            field.setPlaceholderText(self._speech.text(f"column_filter.{'figure' if numeric else 'word'}"))
            field.setToolTip(self._speech.text(f"column_filter.{'figure' if numeric else 'word'}_help"))

        self.head.name_fields(len(self._columns.columns), dress)

    def say_when_empty(self, key: str) -> None:
        """Show the text of `key` while there are no rows: what would be here, and how it comes here."""

        def say(text: str) -> None:
            self._none = text
            self.setAccessibleDescription(text)
            self.viewport().update()

        self._speech.bind(say, key)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows or, if there are none, what there would be."""
        super().paintEvent(event)
        if self._none and not self._columns.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            place = self.viewport().rect().adjusted(_ROW_HEIGHT, 0, -_ROW_HEIGHT, -self.viewport().height() // 4)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._none)

    def columns_menu(self) -> QMenu:
        """Make the menu that shows and hides columns."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        header = self.horizontalHeader()
        for section in range(len(self._columns.columns)):
            action = QAction(self._columns.head(section), menu, checkable=True)
            action.setChecked(not header.isSectionHidden(section))
            action.toggled.connect(lambda shown, place=section: self._show_column(place, shown))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self._speech.text("table.reset_columns")).triggered.connect(self._reset)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the selected rows, where the mouse or the row is."""
        self.rows_menu().popup(event.globalPos())

    def rows_menu(self) -> QMenu:
        """Make the menu of what can be done with the selected rows: what the owner says, else to copy them."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.row_actions)
        for key, heads in () if self.row_actions else (("copy", False), ("copy_heads", True)):
            copy = menu.addAction(self._speech.text(f"menu.{key}"))
            copy.triggered.connect(lambda _checked=False, heads=heads: self.copy(heads=heads))
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first row if the keyboard comes to a table in which nothing is selected."""
        super().focusInEvent(event)
        by_keyboard = event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}
        if by_keyboard and not self.selectionModel().hasSelection() and self._columns.rowCount():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy by the platform's keys; Enter opens what the row stands for."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def _look(self) -> None:
        self.setItemDelegate(CellDelegate(self))
        self.setIconSize(_ICON)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setMinimumSectionSize(40)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def _watch(self) -> None:
        header = self.horizontalHeader()
        header.customContextMenuRequested.connect(self._ask_columns)
        header.sectionMoved.connect(self._note_change)
        self.head.reached.connect(self._bring_column)
        header.sectionResized.connect(self._note_resized)
        self._later.timeout.connect(self._remember)
        self._columns.headerDataChanged.connect(self.room.fit_heads)
        self._columns.modelReset.connect(self.room.fit_rows)
        self.doubleClicked.connect(lambda _index: self.chosen.emit())

    def _set_by_hand(self) -> bool:
        """Tell whether the user has set widths, now or before."""
        known = self._preferences.settings.tables.get(self._name, "")
        return known.startswith(f"{self._keys()} ") or self._later.isActive()

    def _note_change(self) -> None:
        if not self.room.own_step:
            self._later.start()

    def _note_resized(self, section: int) -> None:
        """Note a width that was changed; the last column follows the edge of the view by itself."""
        if section != self._shown_sections()[-1]:
            self._note_change()

    def _ask_columns(self, at: QPoint) -> None:
        self.columns_menu().popup(self.horizontalHeader().mapToGlobal(at))

    def _shown_sections(self) -> Sequence[int]:
        header = self.horizontalHeader()
        places = [header.logicalIndex(place) for place in range(header.count())]
        return [section for section in places if not header.isSectionHidden(section)]

    def _selected_runs(self) -> list[Run]:
        """Give the selected rows from top to bottom, in runs, as many as may be copied."""
        selection, left = self.selectionModel().selection(), _MOST_COPIED
        runs: list[Run] = []
        for top, bottom in sorted((run.top(), run.bottom()) for run in map(selection.at, range(selection.count()))):
            count = min(bottom + 1 - top, left)
            left -= count
            if count:
                runs.append((top, count))
        return runs

    def _bring_column(self, section: int) -> None:
        """Scroll sideways until a column is in view, as far as there is room for it."""
        left, bar = self.columnViewportPosition(section), self.horizontalScrollBar()
        beyond = left + self.columnWidth(section) - self.viewport().width()
        bar.setValue(bar.value() + min(left, max(0, beyond)) if left > 0 else bar.value() + left)

    def _show_column(self, section: int, shown: bool) -> None:
        if shown or len(self._shown_sections()) > 1:
            self.setColumnHidden(section, not shown)
        self._remember()

    def _remember(self) -> None:
        state = bytes(self.horizontalHeader().saveState().toBase64().data()).decode("ascii")
        self._preferences.remember_table(self._name, f"{self._keys()} {state}")

    def _keys(self) -> str:
        return ",".join(column.key for column in self._columns.columns)

    def _restore(self) -> None:
        """Lay the columns out as they were left; a program that has other columns knows nothing of their places."""
        keys, _, state = self._preferences.settings.tables.get(self._name, "").rpartition(" ")
        if state and keys == self._keys():
            self.horizontalHeader().restoreState(QByteArray.fromBase64(state.encode("ascii")))
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _reset(self) -> None:
        header = self.horizontalHeader()
        for section in range(len(self._columns.columns)):
            header.moveSection(header.visualIndex(section), section)
            self.setColumnHidden(section, not self.room.is_of_use(section))
        self._later.stop()
        self._preferences.forget_table(self._name)
        self.room.take_widths()
