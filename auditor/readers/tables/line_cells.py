"""The cells of an invoice's row by field: merged areas, values written once for a group of rows, stray words."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from itertools import pairwise
from itertools import repeat
from types import MappingProxyType

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.tables.layouts import NUMBERS
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.told_apart import OF_MESSAGES
from auditor.readers.tables.told_apart import TEMPLATE
from auditor.readers.values.dates import parse_day
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import read_plainly
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import document_named
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_no_charge
from auditor.readers.values.words import hides
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import seen

_GRAIN = ("category", "market", "country", "period", "waba_id", "phone_number_id")
PLACES = ("market", "country")
# Columns of ids, dates and kinds: what names a charge there, alone in its row, names no account and no day.
_NO_CHARGES = frozenset(
    {
        "waba_id", "phone_number_id", "document", "period", "period_start", "period_end", "day", "document_date",
        "due_date", "tier", "unit", "pricing_type", "currency", TEMPLATE,
    }
)  # fmt: skip
_SAID_OF_MESSAGES = frozenset({"category", "market", "country", "description", "quantity"})
_RANGE = re.compile(r"\s+(?:[-\u2013\u2014]|to|a|al|bis)\s+|\u2013")
_OF_LOGS = ("channel", "direction")
_NO_CELL = SheetCell(None, "", 0, 0)
_LOOKED_AT = 50
FREE_LAYERS = frozenset({"", Layer.META.value})


class RowRefused(Exception):  # noqa: N818 - caught by the row's reader: how a row's reading ends early
    """A row that cannot be a line, and why."""

    def __init__(self, problem: Problem) -> None:
        """Take what is wrong with the row."""
        super().__init__(problem.code)
        self.problem = problem


@lru_cache(1 << 16)
def shared_texts(texts: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Give the texts of a line's figures by name: those that other lines have as well are the same ones in memory."""
    return MappingProxyType(dict(texts))


class LineCells:
    """The cells of one table's rows, by field."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        """Take the table and what its columns are."""
        self.sheet = sheet
        self.layout = layout
        self.columns = {column.field: column for column in layout.columns if column.field}
        self.rows = {row.number: row for row in sheet.rows}
        self.grouped = tuple(self._grouped_columns())
        self.anchors = _anchors(sheet) | self._heads_of_groups()
        self._read = {column.column for column in self.columns.values()}
        said = [column for column in layout.columns if column.field and column.field not in OF_MESSAGES]
        self.texts = [column.field for column in said if column.kind != "number"]
        self.more_words = () if layout.applied else tuple(_more_words(layout, self.rows))
        self._words_at = [column.column - 1 for column in said if column.kind == "text"]
        self.channel, self.direction = (0 if layout.applied else _log_column(layout, of) for of in _OF_LOGS)
        self._words_at += [column - 1 for column in (*self.more_words, self.channel, self.direction) if column]
        self._last_word = max(self._words_at, default=0)
        self._troubled = {number for number, _ in sheet.troubles}
        self._astray = dict(self._charges_astray())
        self._is_plain = not (self.anchors or self._troubled or self._astray)
        self._at: SheetRow | None = None
        self._found: dict[str, SheetCell] = {}
        self._textless: bool | None = None
        self._described: str | None = None
        self._worded: tuple[object, ...] | None = None

    def _grouped_columns(self) -> Iterator[LayoutColumn]:
        """Give the columns in which a value is written once, above blanks, for a group of rows.

        That is: the first row has one, none is written twice in a row, and where it is blank a column to the right
        says what the row is.
        """
        grain = [column for name, column in self.columns.items() if name in _GRAIN]
        data = [self.rows[number] for number in self.layout.data]
        for column in grain:
            texts = [row.cell(column.column).text for row in data]
            if all(texts):
                continue
            stated = [text for text in texts if text]
            inner = [other for other in grain if other.column > column.column]
            blanks = [row for row in data if self._is_of_group(row, column)]
            once = bool(texts[:1]) and texts[0] != "" and all(one != following for one, following in pairwise(stated))
            told = all(any(row.cell(other.column).text for other in inner) for row in blanks)
            if blanks and once and told:
                yield column

    def _charges_astray(self) -> Iterator[tuple[int, str]]:
        """Give the rows whose one text is a charge and stands where an id or a date belongs, and in which column.

        `IGV 18%` is written below the ids or days of the lines as `Subtotal` and `Total` are: at the left.
        """
        if self.layout.applied:
            return
        texts = {name: self.columns[name].column for name in self.texts if name != "currency"}
        texts |= {name: self.columns[name].column for name in ("currency",) if name in self.columns}
        figures = [self.columns[name].column for name in ("quantity", "unit_rate") if name in self.columns]
        told = bool(_SAID_OF_MESSAGES & {*self.columns})
        for number in self.layout.data if _NO_CHARGES & {*texts} else ():
            row = self.rows[number]
            filled = list(islice((name for name, column in texts.items() if row.cell(column).text), 3))
            alone = filled[0] if filled and filled[1:] in ([], ["currency"]) else ""
            if alone in _NO_CHARGES and not any(row.cell(one).text for one in figures):
                said = described(row.cell(texts[alone]).text)
                if said.layer not in FREE_LAYERS and not said.category and (told or said.layer == Layer.TAX):
                    yield number, alone

    def _is_filled(self, row: SheetRow, column: LayoutColumn) -> bool:
        """Tell whether a row has something in a column; an error, or what was never computed, is no blank either."""
        return bool(row.cell(column.column).text) or (row.number, column.column) in self.sheet.troubles

    def _is_of_group(self, row: SheetRow, column: LayoutColumn) -> bool:
        """Tell whether a row is blank in a column, and no charge of its own kind, which belongs to no group.

        Nor does one without any word: it sums its group up.
        """
        grain = (one.column for name, one in self.columns.items() if name in _GRAIN)
        if self._is_filled(row, column) or not any(row.cell(one).text for one in grain):
            return False
        description = self.columns.get("description")
        text = row.cell(description.column).text if description else ""
        return described(text).layer in FREE_LAYERS

    def _heads_of_groups(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Give, for every blank cell of a grouped column, the cell above that holds its value."""
        found = {}
        for column in self.grouped:
            above = 0
            for number in self.layout.data:
                row = self.rows[number]
                above = number if self._is_filled(row, column) else above
                if self._is_of_group(row, column):
                    found[number, column.column] = (above, column.column)
        return found

    def _cell(self, row: SheetRow, name: str) -> SheetCell:
        """Give a field's cell, looked up once for the row at hand: a row's cells are asked for many times."""
        column = self.columns.get(name)
        if column is None:
            return _NO_CELL
        if self._is_plain:  # nothing but its own cells belongs to the row
            place = column.column - 1
            cell = row.cells[place] if place < len(row.cells) else row.cell(column.column)
            if name != "amount" or (cell.text and not (cell.text[0].isalpha() and _names_charge(cell))):
                return cell
        self._take(row)
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._looked_up(row, column)
        return found

    def _take(self, row: SheetRow) -> None:
        """Forget what was found of the row before, if this is another one."""
        if row is not self._at:
            self._at, self._found, self._textless, self._described = row, {}, None, None
            self._worded = self._words_in(row)

    def _looked_up(self, row: SheetRow, column: LayoutColumn) -> SheetCell:
        """Find a field's cell; a merged area's text holds for every row of it, its numbers only for the first."""
        if self._astray.get(row.number) == column.field:
            return _NO_CELL
        cell = row.cell(column.column)
        if column.field == "amount" and (not cell.text or _names_charge(cell)):
            cell = self._beside(row) or cell
        if not cell.text and column.kind != "number":
            anchor = self.anchors.get((row.number, column.column))
            cell = self.rows[anchor[0]].cell(anchor[1]) if anchor and anchor[0] in self.rows else cell
        trouble = self.sheet.troubles.get((cell.row, cell.column)) if self._troubled else None
        if trouble == "":
            raise AuditorError("formula_no_value", self.sheet.place(cell.row, cell.column))
        if trouble:
            raise self._refusal("cell_error", row, column.field, value=trouble)
        return cell

    def _beside(self, row: SheetRow) -> SheetCell | None:
        """Give the one figure of a tax at the foot, under a column that is not read (`row_kinds.py`)."""
        if len(row.filled) != 2 or not is_number(row.filled[1]) or row.filled[1].column in self._read:
            return None
        return row.filled[1] if described(row.filled[0].text).layer == Layer.TAX else None

    def _words(self, row: SheetRow) -> tuple[object, ...] | None:
        """Give what stands in a row's columns for words, by which their meaning is worked out once for all such rows.

        None where they alone do not tell it: where all are empty, where a cell holds an error, or an area is merged.
        """
        if row is not self._at:
            self._take(row)
        return self._worded

    def _words_in(self, row: SheetRow) -> tuple[object, ...] | None:
        cells = row.cells
        if self.anchors or row.number in self._troubled or len(cells) <= self._last_word:
            return None
        words = tuple([cells[place][:2] for place in self._words_at])
        return words if any(text for _, text in words) else None

    def _text(self, row: SheetRow, name: str) -> str:
        return self._cell(row, name).text if name in self.columns else ""

    def _number(self, row: SheetRow, name: str) -> Decimal | None:
        """Read a number; None for an empty cell and for a percentage, a range or "n/a" where none is."""
        cell = self._cell(row, name)
        if isinstance(cell.value, Decimal) or not cell.text:
            return cell.value if isinstance(cell.value, Decimal) else None
        plain = read_plainly(cell.text, self.columns[name].decimal or ".")
        if plain is not None:
            return plain
        if hides(cell.text):
            raise self._refusal("figures_hide", row, name, value=seen(cell.text))
        number = take_apart(cell.text) if isinstance(cell.value, str) else None
        value = read_number(number, self.columns[name].decimal or ".") if number else None
        is_share = name == "quantity" and cell.text.endswith("%")
        if value is None and (is_share or (name == "unit_rate" and _is_no_rate(cell.text))):
            return None
        if value is None and name in {"amount", "unit_rate"} and is_no_charge(cell.text):
            return Decimal(0)
        if value is None and number is None and name != "amount" and cell.text == self._own_words(row):
            return None
        if value is None:
            raise self._refusal("number_unreadable", row, name, value=cell.text)
        return value

    def _day(self, row: SheetRow, name: str) -> date | None:
        if name not in self.columns:
            return None
        cell = self._cell(row, name)
        day = parse_day(cell.value, self.columns[name].dates) if cell.text else None
        if cell.text and day is None:
            code = "figures_hide" if hides(cell.text) else "date_unreadable"
            raise self._refusal(code, row, name, value=seen(cell.text))
        return day

    def is_bare(self, row: SheetRow) -> bool:
        """Tell whether a row holds figures only, where the table has columns for more."""
        return self._has_no_texts(row) and not self._own_words(row)

    def _has_no_texts(self, row: SheetRow) -> bool:
        """Tell whether the columns for texts are empty, where there are any; found once for the row at hand."""
        self._take(row)
        if self._textless is None:
            self._textless = bool(self.texts) and not any(map(self._text, repeat(row), self.texts))
        return self._textless

    def _own_words(self, row: SheetRow) -> str:
        """Give the words of a row that stand where none belong: `IGV 18%` beside its amount, under the prices."""
        if not self._has_no_texts(row):
            return ""
        return next((cell.text for cell in row.filled if isinstance(cell.value, str) and not take_apart(cell.text)), "")

    def description(self, row: SheetRow) -> str:
        """Give a row's description: from its column, or its own words, or those of a charge where none belongs."""
        self._take(row)
        if self._described is None:
            astray = self.columns[self._astray[row.number]].column if row.number in self._astray else 0
            text = self._text(row, "description") or row.cell(astray).text or self._own_words(row)
            self._described = text or next(
                (found for name in (*PLACES, "category") if (found := self._charge_as_place(row, name))), ""
            )
        return self._described

    def beside(self, row: SheetRow) -> str:
        """Give what columns say that are headed as a second description: a `Detalle` beside the `Concepto`."""
        return " · ".join(text for column in self.more_words if (text := row.cell(column).text))

    def _charge_as_place(self, row: SheetRow, name: str) -> str:
        """Give the text of the column of places, or of categories, if it names none but a charge, such as a tax."""
        text = self._text(row, name)
        if not text or place_named(text, prefer_country=True) is not None:
            return ""
        said = described(text)
        named = name == "category" and said.category
        return text if said.layer not in FREE_LAYERS and not named else ""

    def _stated_text(self, row: SheetRow, name: str) -> str:
        """Give a column's text, but not that of a charge where a place belongs."""
        text = self._text(row, name)
        return "" if name in PLACES and text == self._charge_as_place(row, name) else text

    def has_figures(self, row: SheetRow) -> bool:
        """Tell whether any column for figures holds something else than words of the row: `IGV (18%)` at the foot."""
        cells = (row.cell(column.column) for name, column in self.columns.items() if name in NUMBERS)
        return any(cell.text and not _names_charge(cell) for cell in cells)

    def _refusal(self, code: str, row: SheetRow, name: str, **values: str) -> RowRefused:
        column = self.columns[name].column if name in self.columns else 0
        return RowRefused(Problem(code, self.sheet.place(row.number, column), MappingProxyType(values)))


def _names_charge(cell: SheetCell) -> bool:
    """Tell the words of a charge of its own kind, which stand under the heads of figures at the foot of a table."""
    return is_label(cell) and described(cell.text).layer not in FREE_LAYERS


def _anchors(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Give, for every cell below the first of an area merged downwards, the cell that holds its value."""
    return {
        (row, left): (top, left)
        for top, left, bottom, right in sheet.merged
        if bottom > top and right == left
        for row in range(top + 1, bottom + 1)
    }


def _log_column(layout: Layout, of: str) -> int:
    """Give the column that is not read and by its head tells channel or direction of messages; 0 if there is none."""
    free = (column for column in layout.columns if column.head and not column.field)
    return next((one.column for one in free if key(one.head) in lists("log_heads")[of]), 0)


def _more_words(layout: Layout, rows: Mapping[int, SheetRow]) -> Iterator[int]:
    """Give the columns that are not read, though their heads may be those of descriptions.

    Or though they name categories, where nothing else does: `Product | Traffic` over `WhatsApp | Outbound Marketing`.
    So is one of documents that are none.
    """
    first = [rows[row] for row in layout.data[:_LOOKED_AT]]
    description = layout.field("description")
    said = layout.field("category") or layout.part.category or layout.headings or not description
    unsaid = not said and description is not None and not _names_categories(first, description)
    for column in layout.columns:
        worded = "description" in head_scores(column.head) or (unsaid and _names_categories(first, column))
        if column.head and ((not column.field and worded) or _names_no_document(first, column)):
            yield column.column


def _names_no_document(rows: Sequence[SheetRow], column: LayoutColumn) -> bool:
    """Tell a column of kinds of documents whose words are none, but kinds of charges: `Transaction type | Top-up`."""
    if column.field != "document_type":
        return False
    texts = {row.cell(column.column).text for row in rows} - {""}
    return bool(texts) and not any(map(document_named, texts)) and any(described(text).layer for text in texts)


def _names_categories(rows: Sequence[SheetRow], column: LayoutColumn) -> bool:
    return any(described(row.cell(column.column).text).category for row in rows)


def _is_no_rate(text: str) -> bool:
    """Tell what stands where a line has no single rate: a percentage, nothing, or the range of several."""
    ends = _RANGE.split(text)
    return text.endswith("%") or key(text) in {"", "n", "na"} or (len(ends) == 2 and all(map(take_apart, ends)))
