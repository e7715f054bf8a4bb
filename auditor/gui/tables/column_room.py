"""How a table lays its columns out by itself: as wide as heads and figures need, and what matters most in view."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtWidgets import QTableView

from auditor.gui.tables.record_model import ColumnsModel
from auditor.gui.theme import widened

# Heads are set half-bold, which is wider by so many per cent, with this much room at their sides.
_BOLD, _HEAD_ROOM = 108, 24
# A column that fills the view is this wide at least and at most; another gives way to it for all words, or most.
_NARROW, _WIDE, _LEGIBLE = 66, 340, (160, 100)
# What a cell keeps free at the sides of a word that is broken off from others.
_WORD_ROOM = 19


class ColumnRoom:
    """Gives columns their widths, until the user does: `by_hand` tells whether that is so."""

    def __init__(self, table: QTableView, columns: ColumnsModel[Any], by_hand: Callable[[], bool]) -> None:
        """Lay out nothing yet: the table has no columns before it has its model."""
        self._table, self._columns, self._by_hand = table, columns, by_hand
        self._laid_out = columns.columns
        self._heads: tuple[str, ...] = ()
        # The column that takes what room those before it leave, up to a width, while the user has set no widths.
        self._filling, self._widest = -1, _WIDE
        # The column that gives way where others would not be in view, these, and what the first of them may pass.
        self._yielding: tuple[int, tuple[int, ...], int] | None = None
        # Columns that may be as narrow as their longest word, and are where what fills the view would else not be read.
        self._breaking: tuple[int, ...] = ()
        # Columns that are as wide as their words.
        self._fitted: tuple[int, ...] = ()
        # What is wanted of a column that is not always of use, as it was last said.
        self._of_use: dict[str, bool] = {}
        # What changes now is laid out by the table itself, and nothing to be remembered.
        self.own_step = False

    def fill_with(self, key: str, widest: int = _WIDE) -> None:
        """Let a column end where the view does, as far as those before it leave room, until the user sets widths."""
        self._filling, self._widest = self._columns.place_of(key), widest
        self.fill()

    def keep_before_the_edge(self, keys: Sequence[str], yielding: str, passing: str) -> None:
        """Keep columns in view, until the user sets widths: another gives way, and is then no wider than its head.

        So it does for what fills the view to be read. Where that is not enough for the later ones, they are let go;
        the last of them also where what fills the view would else be let go. Where it is not for the first, that goes
        before the column `passing` and those after it.
        """
        place = self._columns.place_of
        self._yielding = (place(yielding), tuple(map(place, keys)), place(passing))
        self.fill()

    def break_words(self, *keys: str) -> None:
        """Let columns, until the user sets widths, be as narrow as their longest word where the filling one needs it.

        Rows are to be as high as the broken words need (`RowHeights`).
        """
        self._breaking = tuple(map(self._columns.place_of, keys))

    def fit_words(self, *keys: str) -> None:
        """Let columns, until the user sets widths, be as wide as their heads and words: others have what is left."""
        self._fitted = tuple(map(self._columns.place_of, keys))

    def show_where_of_use(self, key: str, *, of_use: bool) -> None:
        """Show a column where it tells rows apart and hide it where it does not; in between it is the user's."""
        if self._of_use.get(key) is of_use:
            return
        self._of_use[key] = of_use
        section = self._columns.place_of(key)
        with self._by_itself():
            self._table.setColumnHidden(section, not of_use)
            if of_use:
                least = max(widened(self._columns.columns[section].width), self._head_width(section))
                self._table.setColumnWidth(section, max(self._table.columnWidth(section), least))
        self.fill()

    def is_of_use(self, section: int) -> bool:
        """Tell whether a column tells rows apart, for all that was said of it."""
        return self._of_use.get(self._columns.columns[section].key, True)

    def take_widths(self) -> None:
        """Make the columns as wide as the model has them, and their heads fit in."""
        self._laid_out = self._columns.columns
        for place, column in enumerate(self._columns.columns):
            self._set_width(place, widened(column.width))
        self._heads = ()
        self.fit_heads()

    def fit_heads(self) -> None:
        """Fit columns to their heads in another language or unit: wider alone, where the user has set widths."""
        heads = tuple(self._columns.head(section) for section in range(len(self._columns.columns)))
        if heads == self._heads:
            return
        self._heads = heads
        header, by_hand = self._table.horizontalHeader(), self._by_hand()
        for section, column in enumerate(self._columns.columns):
            least = header.sectionSize(section) if by_hand else widened(column.width)
            if not header.isSectionHidden(section):
                self._set_width(section, max(least, self._head_width(section)))
        self._fit_figures()

    def fit_rows(self) -> None:
        """Fit columns to other rows; other columns begin anew."""
        if [column.key for column in self._laid_out] == [column.key for column in self._columns.columns]:
            self._fit_figures()
        else:
            self.take_widths()

    def fill(self) -> None:
        """Give the yielding column what others leave it, and the filling one its room."""
        if self._filling < 0 or self._by_hand():
            return
        # To ask a head for a width may lay out what was hidden before: that is no step of the user's either.
        with self._by_itself():
            if self._yielding is not None and self._heads:
                self._break(self._yielding[0])
                self._yield(*self._yielding)
            room = self._room_beside(self._filling)
            # What begins out of view has nothing to give way to.
            wide = widened(self._columns.columns[self._filling].width)
            self._set_width(self._filling, min(widened(self._widest), room) if room >= widened(_NARROW) else wide)

    def _break(self, giving: int) -> None:
        """Give what may break its words all its width or, where that leaves what fills the view too little, less.

        Too little is less than it needs to be read even beside the narrowest column that gives way.
        """
        shown = [section for section in self._breaking if not self._table.isColumnHidden(section)]
        for section in shown:
            wide = widened(self._columns.columns[section].width)
            self._set_width(section, max(wide, self._head_width(section)))
        room = self._room_beside(self._filling) + self._table.columnWidth(giving) - self._head_width(giving)
        for section in shown if room < widened(_LEGIBLE[-1]) else ():
            words = {word for text in self._columns.texts(section) for word in text.split()}
            narrow = max(self._longest(words), self._head_width(section))
            self._set_width(section, min(narrow, self._table.columnWidth(section)))

    def _longest(self, words: Iterable[str]) -> int:
        return max(map(self._table.fontMetrics().horizontalAdvance, words), default=0) + _WORD_ROOM

    def _yield(self, giving: int, keeping: tuple[int, ...], passed: int) -> None:
        """Make a column narrow where that brings all it gives way to into view."""
        first, *later = keeping
        self._move(self._filling, self._filling)
        self._move(first, first)
        if self._room_for(giving, first) < self._head_width(giving):
            self._move(first, passed)
        # One that stands before the first is in view as soon as that is.
        own = self._room_for(giving, first)
        rooms = [*(min(own, self._room_for(giving, kept)) for kept in reversed(later)), own]
        beside = self._room_beside(self._filling) + self._table.columnWidth(giving)
        rooms[:0] = [beside - widened(legible) for legible in _LEGIBLE]
        # To give way is of use only where it is enough; by a part, it would but cut its words.
        width, least = widened(self._columns.columns[giving].width), self._head_width(giving)
        room = next((room for room in rooms if room >= least), widened(_WIDE))
        self._set_width(giving, width if room >= width else least)
        # Beside the last one it may have no room, and in its place it has: there is nothing to gain beyond the edge.
        if self._room_beside(self._filling) < widened(_NARROW) <= self._room_beside(keeping[-1]):
            self._move(self._filling, keeping[-1])

    def _head_width(self, section: int) -> int:
        metrics = self._table.horizontalHeader().fontMetrics()
        lines = self._columns.head(section).split(", ")
        return max(metrics.horizontalAdvance(line) for line in lines) * _BOLD // 100 + _HEAD_ROOM

    def _fit_figures(self) -> None:
        """Widen the columns in which a figure would be cut, whoever made them narrow: half an amount is another one.

        Those that are fitted to their words are, unless the user set widths.
        """
        table = self._table
        for section, column in enumerate(self._columns.columns):
            place = self._columns.longest(section) if column.numeric and not table.isColumnHidden(section) else -1
            needed = table.sizeHintForIndex(self._columns.index(place, section)).width() if place >= 0 else 0
            if needed > table.columnWidth(section):
                self._set_width(section, needed)
        for section in () if self._by_hand() else self._fitted:
            width = max(self._longest(self._columns.texts(section)), self._head_width(section))
            self._set_width(section, min(width, widened(_WIDE)))
        self.fill()

    def _room_beside(self, section: int) -> int:
        """Give what the columns before one leave of the view."""
        header = self._table.horizontalHeader()
        before = (header.logicalIndex(place) for place in range(header.visualIndex(section)))
        return self._table.viewport().width() - sum(map(header.sectionSize, before))

    def _room_for(self, giving: int, kept: int) -> int:
        """Give the width at which one column leaves another one in view."""
        return self._room_beside(kept) - self._table.columnWidth(kept) + self._table.columnWidth(giving)

    def _set_width(self, section: int, width: int) -> None:
        with self._by_itself():
            self._table.setColumnWidth(section, width)

    def _move(self, section: int, place: int) -> None:
        with self._by_itself():
            header = self._table.horizontalHeader()
            header.moveSection(header.visualIndex(section), place)

    @contextmanager
    def _by_itself(self) -> Iterator[None]:
        """Lay columns out as the table finds right. One step may bring on another."""
        outer, self.own_step = self.own_step, True
        try:
            yield
        finally:
            self.own_step = outer
