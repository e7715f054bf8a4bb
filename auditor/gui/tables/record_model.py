"""Table models: one over rows that are all there, one that fetches its rows a page at a time as they come into view."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import Generic
from typing import TypeAlias
from typing import TypeVar
from typing import cast

from PySide6.QtCore import QAbstractTableModel
from PySide6.QtCore import QModelIndex
from PySide6.QtCore import QModelRoleData
from PySide6.QtCore import QModelRoleDataSpan
from PySide6.QtCore import QObject
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal

from auditor.gui.speech import Speech
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import sort_key

Record = TypeVar("Record")
Said = TypeVar("Said")
Index: TypeAlias = QModelIndex | QPersistentModelIndex
# Rows that stand together: the place of the first, and how many there are.
Run: TypeAlias = tuple[int, int]
NOWHERE = QModelIndex()
# The row behind a cell.
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

Gather: TypeAlias = Callable[[Sequence[Run], Callable[[Row[Any]], Any], Callable[[Sequence[Any]], object]], object]


class ColumnsModel(QAbstractTableModel, Generic[Record]):
    """What both models share: heads from the catalogue, and a row's cells by role."""

    def __init__(self, name: str, columns: Sequence[Column[Record]], speech: Speech, parent: QObject) -> None:
        """Take the table's name (`window.<name>.column.*` holds the heads) and its columns."""
        super().__init__(parent)
        self.name = name
        self.columns = tuple(columns)
        self._speech = speech
        self.unit = ""
        speech.switched.connect(self._heads_changed)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Give the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a column's head, its longer explanation, or a row's number."""
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            # A head with its unit takes two lines, so that the column can be as narrow as its figures.
            return self.head(section).replace(", ", "\n")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._speech.text(f"{self.name}.help.{column.key}", unit=self.unit)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        return None

    def head(self, section: int) -> str:
        """Give a column's head."""
        return self._speech.text(f"{self.name}.column.{self.columns[section].key}", unit=self.unit)

    def place_of(self, key: str) -> int:
        """Give the place of a column by its key."""
        return next(place for place, column in enumerate(self.columns) if column.key == key)

    def row(self, place: int) -> Row[Record] | None:  # noqa: ARG002 - every model of rows looks it up
        """Give the row at a place; None while it is on its way, as every row is here: models say what they hold."""
        return None

    def longest(self, section: int) -> int:  # noqa: ARG002 - models of rows that are all here look for it
        """Give the place of the row whose text in a column is the longest; -1 where that is not known."""
        return -1

    def texts(self, section: int) -> Collection[str]:  # noqa: ARG002 - as above
        """Give the different texts of a column; none where they are not known."""
        return ()

    def sums(self) -> Sequence[str]:
        """Give what the rows come to, a text for each column; nothing where they are not added up."""
        return ()

    def say(
        self, runs: Sequence[Run], word: Callable[[Row[Record]], Said], done: Callable[[Sequence[Said]], object]
    ) -> None:
        """Say each of some rows by `word`, and hand all that to `done`: at once, as every row is here."""
        rows = (self.row(place) for first, count in runs for place in range(first, first + count))
        done([word(row) for row in rows if row is not None])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a cell by role; the text for a screen reader is never empty."""
        if not index.isValid():
            return None
        row, place = self.row(index.row()), index.column()
        column = self.columns[place]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        if row is None:
            waiting = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}
            return self._speech.text("table.loading") if role in waiting else None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return row.texts[place]
        return self._further(row, place, role)

    def multiData(self, index: Index, roles: QModelRoleDataSpan | QModelRoleData) -> None:
        """Give what a cell is painted by, all at once: asked for each, a repaint waits as often for work beside it."""
        for one in cast("Iterable[QModelRoleData]", roles):
            one.setData(self.data(index, one.role()))

    def _further(self, row: Row[Record], place: int, role: int) -> object:
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = row.texts[place]
            spoken = self._speech.text("table.blank") if text == BLANK else text
            return f"{self.head(place)}: {spoken}"
        return self.decoration(row, self.columns[place].key, role)

    def decoration(self, row: Row[Record], key: str, role: int) -> object:
        """Give a cell's colours or icon; plain tables have none."""
        del row, key, role
        return None

    def _heads_changed(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)


class RecordModel(ColumnsModel[Record]):
    """Rows that are all in memory; sorts by any column, a tie keeping the order it had."""

    def __init__(self, name: str, columns: Sequence[Column[Record]], speech: Speech, parent: QObject) -> None:
        """Begin without rows."""
        super().__init__(name, columns, speech, parent)
        self.rows: list[Row[Record]] = []
        self._order: tuple[int, Qt.SortOrder] | None = None

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Give the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def row(self, place: int) -> Row[Record] | None:
        """Give the row at a place."""
        return self.rows[place]

    def longest(self, section: int) -> int:
        """Give the place of the row whose text in a column is the longest."""
        return max(range(len(self.rows)), key=lambda place: len(self.rows[place].texts[section]), default=-1)

    def texts(self, section: int) -> Collection[str]:
        """Give the different texts of a column."""
        return {row.texts[section] for row in self.rows}

    def show(self, rows: Sequence[Row[Record]], unit: str = "") -> None:
        """Show other rows, in the order the user chose last.

        Rows equal to those that are there take their place unseen: every step of the audit has all tables made anew,
        and one that it does not touch keeps its selection and need not be laid out again.
        """
        ordered = self._sorted(list(rows))
        if (ordered, unit) == (self.rows, self.unit):
            self.rows = ordered
            return
        self.beginResetModel()
        self.unit = unit
        self.rows = ordered
        self.endResetModel()
        self._heads_changed()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; selections follow their rows. Column -1 gives the rows as they are handed in."""
        self._order = (column, order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        behind = [self.rows[index.row()] for index in before]
        self.rows = self._sorted(self.rows)
        place = {self.identity(row): number for number, row in enumerate(self.rows)}
        after = [
            self.index(place[self.identity(row)], index.column()) for row, index in zip(behind, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def identity(self, row: Row[Record]) -> object:
        """Give what makes a row the same before and after sorting."""
        return id(row)

    def _sorted(self, rows: list[Row[Record]]) -> list[Row[Record]]:
        if self._order is None:
            return rows
        column, order = self._order
        falling = order == Qt.SortOrder.DescendingOrder
        return sorted(rows, key=lambda row: sort_key(row.values[column]), reverse=falling)


class PagedModel(ColumnsModel[Record]):
    """Rows by number out of a long list that is not in memory: the page in view is asked for, old ones are dropped.

    What is copied or printed of them is gathered by the owner, however much of it was in view.
    `ordered` asks the owner for another order, by a column's key (nothing: the list's own) and whether it falls.
    """

    ordered = Signal(str, bool)
    PAGE = 500
    KEPT = 40

    def __init__(self, name: str, columns: Sequence[Column[Record]], speech: Speech, parent: QObject) -> None:
        """Begin with nothing to fetch."""
        super().__init__(name, columns, speech, parent)
        self._count = 0
        self._pages: dict[int, tuple[Row[Record], ...]] = {}
        self._asked: set[int] = set()
        self._fetch: Callable[[int, int], Any] | None = None
        self._gather: Gather | None = None

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Give the number of rows there are, fetched or not."""
        return 0 if parent.isValid() else self._count

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order of all rows, of which only some are here."""
        self.ordered.emit(self.columns[column].key if column >= 0 else "", order == Qt.SortOrder.DescendingOrder)

    def open(self, count: int, fetch: Callable[[int, int], Any], gather: "Gather") -> None:
        """Show `count` rows; `fetch(offset, limit)` is to bring some and hand them to `take`.

        `gather(runs, word, done)` is to bring any number of them and hand what `word` says of each to `done`.
        """
        self.beginResetModel()
        self._count, self._fetch, self._gather = count, fetch, gather
        self._pages.clear()
        self._asked.clear()
        self.endResetModel()

    def row(self, place: int) -> Row[Record] | None:
        """Give a row, or None and have its page brought."""
        page, inside = divmod(place, self.PAGE)
        rows = self._pages.get(page)
        if rows is None:
            self._ask(page)
            return None
        return rows[inside] if inside < len(rows) else None

    def say(
        self, runs: Sequence[Run], word: Callable[[Row[Record]], Said], done: Callable[[Sequence[Said]], object]
    ) -> None:
        """Say each of some rows by `word`; `done` is called later where some of them are still to be brought."""
        pages = (page for first, n in runs for page in range(first // self.PAGE, (first + n - 1) // self.PAGE + 1))
        if all(page in self._pages for page in pages):
            super().say(runs, word, done)
        elif self._gather is not None:
            self._gather(runs, word, done)

    def take(self, offset: int, rows: Sequence[Row[Record]]) -> None:
        """Take in a page that was asked for."""
        page = offset // self.PAGE
        if page not in self._asked:
            return
        self._asked.discard(page)
        self._pages[page] = tuple(rows)
        while len(self._pages) > self.KEPT:
            del self._pages[next(iter(self._pages))]
        last = min(offset + len(rows), self._count) - 1
        if last >= offset:
            self.dataChanged.emit(self.index(offset, 0), self.index(last, len(self.columns) - 1))

    def _ask(self, page: int) -> None:
        if page not in self._asked and self._fetch is not None:
            self._asked.add(page)
            self._fetch(page * self.PAGE, self.PAGE)
