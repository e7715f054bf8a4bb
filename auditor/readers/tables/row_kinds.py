"""The rows below a header, sorted: lines, totals, headings, notes, the header again, a second table (formats.md §4)."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

from auditor.core.problems import Problem
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.books.cells import is_number
from auditor.readers.sniff import DELIMITERS
from auditor.readers.tables.layouts import Layout
from auditor.readers.values.channels import ELSEWHERE
from auditor.readers.values.channels import channel_headed
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.places import place_named
from auditor.readers.values.total_words import balance_named
from auditor.readers.values.total_words import is_brought_forward
from auditor.readers.values.total_words import is_no_line
from auditor.readers.values.total_words import says_tax_inside
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.vocabulary import is_no_charge
from auditor.readers.values.vocabulary import signs
from auditor.readers.values.words import plain

_CERTAIN = 90.0
_DIGIT = re.compile(r"[0-9]")


class RowKinds:
    """The rows below a header, sorted into lines, totals, headings and what is left out."""

    def __init__(self, sheet: Sheet, layout: Layout, left_out: Mapping[int, str]) -> None:
        """Take the table's sheet and columns, and the rows that a profile leaves out."""
        self.sheet = sheet
        self.by_profile = left_out
        self.layout = layout
        self.fields = {column.field: column.column for column in reversed(layout.columns) if column.field}
        rates = (one.column for one in layout.columns if one.field == "unit_rate" and one.basis != "values")
        self.rate = next(rates, 0)
        self.numbers = [column.column for column in layout.columns if column.kind == "number"]
        self.heads = [plain(column.head) for column in layout.columns if column.head and not column.added]
        self.kinds: dict[str, list[int]] = {"data": [], "total": [], "heading": []}
        self.left_out: list[tuple[int, str]] = []
        self.divided_labels_are_lines = False
        self._are_words: dict[str, bool] = {}
        self._plain_texts: dict[str, bool] = {"": True}
        self._closes: bool | None = None
        self._page_heads: frozenset[tuple[tuple[int, str], ...]] | None = None

    def sorted_out(self) -> Layout:
        """Sort every row and give the layout with them; a second table below ends the first."""
        problems = list(self.layout.problems)
        ended = False
        for row in self.sheet.rows[self.sheet.rows.place(self.layout.header_row + 1) :]:
            kind = self._kind_here(row, ended=ended)
            if not kind:
                continue
            if kind == "second_table" and not ended:
                ended = True
                problems.append(Problem("second_table", self.sheet.place(row.number)))
            if kind in self.kinds:
                # A row may hold several lines: it comes as often, under one number.
                self.kinds[kind] += [row.number] if row.number not in self.kinds[kind][-1:] else []
            else:
                self.left_out.append((row.number, kind))
        data, totals, headings = (tuple(rows) for rows in self.kinds.values())
        headings = (*self._heading_above(), *headings) if headings else ()
        return replace(
            self.layout,
            data=data,
            totals=totals,
            headings=headings,
            left_out=tuple(self.left_out),
            problems=tuple(problems),
        )

    def _heading_above(self) -> tuple[int, ...]:
        """Give the row above the header that divides the table as those below do: the heading of the first part."""
        above = [row for row in self.sheet.rows[: self.sheet.rows.place(self.layout.header_row)] if row.filled][-1:]
        return tuple(row.number for row in above if len(row.filled) == 1 and self._divides(row.filled[0].text))

    def _kind_here(self, row: SheetRow, *, ended: bool) -> str:
        """Tell what a row is: below the end of the table, by its profile, or by itself; empty if it is blank."""
        if not ended and not self.by_profile and self._is_plainly_data(row):
            return "data"
        filled = row.filled
        if not filled:
            return ""
        return "second_table" if ended else self.by_profile.get(row.number) or self._kind(row, filled)

    def _is_plainly_data(self, row: SheetRow) -> bool:
        """Tell a line as most are, as `_kind` would: its amount is a figure, and none of its words says otherwise.

        A text is looked at once, for a table says the same in many rows.
        """
        cells = row.cells
        place = self.fields.get("amount", 0) - 1
        if not 0 <= place < len(cells) or not is_number(cells[place]):
            return False
        plain_texts = self._plain_texts
        for cell in cells:
            if isinstance(cell.value, str):
                known = plain_texts.get(cell.text)
                if known is None:
                    known = plain_texts[cell.text] = not is_label(cell) or _is_plain(cell.text)
                if not known:
                    return False
        return True

    def _kind(self, row: SheetRow, filled: Sequence[SheetCell]) -> str:
        """Tell what a filled row is."""
        words = [cell for cell in filled if self._is_label(cell)]
        if len(filled) == len(self.heads) and (
            all(map(self._is_head, filled, self.heads)) or self._translates(row, filled)
        ):
            return "repeated_header"
        labels = [cell.text for cell in words]
        only_words = self._kind_of_words(row, filled, labels) if len(words) == len(filled) else ""
        if only_words:
            return only_words
        if labels and self._is_total(row, labels):
            return "total"
        if labels and (is_no_line(labels[0]) or self._is_balance(labels[0]) or self._is_page_head(row, filled)):
            return "note"
        if labels and says_tax_inside(labels[0]) and not described(labels[0]).category:
            return "note"
        if row.cell(self.fields.get("amount", 0)).text or self._has_figures(row):
            return "data"
        return self._kind_without_figures(row, labels)

    def _is_label(self, cell: SheetCell) -> bool:
        """Tell whether a cell holds words; a text is looked at once, for a table says the same in many rows."""
        if not isinstance(cell.value, str):
            return False
        known = self._are_words.get(cell.text)
        if known is None:
            known = self._are_words[cell.text] = is_label(cell)
        return known

    @staticmethod
    def _is_head(cell: SheetCell, head: str) -> bool:
        return plain(cell.text) == head

    def _translates(self, row: SheetRow, filled: Sequence[SheetCell]) -> bool:
        """Tell the heads once more in another language: every one means what its column is."""
        amount = row.cell(self.fields.get("amount", 0))
        if amount.text and not self._is_label(amount):  # as in every line: no more needs to be looked at
            return False
        fields = {column.column: column.field for column in self.layout.columns if column.field}
        used = [cell for cell in filled if cell.column in fields]
        return len(used) > 1 and all(head_scores(cell.text).get(fields[cell.column], 0) >= _CERTAIN for cell in used)

    def _kind_of_words(self, row: SheetRow, filled: Sequence[SheetCell], labels: Sequence[str]) -> str:
        """Tell what a row without any figure is, if it is no line, no heading and no plain note."""
        if not any(map(_says_anything, labels)):
            return "note"
        if self._is_other_header(row, filled):
            return "second_table"
        if self._are_heads_below(row, labels):
            return "repeated_header"
        return "note" if any(map(_is_of_a_page, labels)) else ""

    def _is_balance(self, label: str) -> bool:
        """Tell what an account holds after the charges, and what it held before, if the sheet says both."""
        named = balance_named(label)
        if named == "opening" and self._closes is None:
            below = (row.filled[:2] for row in self.sheet.rows[self.sheet.rows.place(self.layout.header_row + 1) :])
            self._closes = any(balance_named(cell.text) == "closing" for cells in below for cell in cells)
        return named == "closing" or (named == "opening" and bool(self._closes))

    def _is_page_head(self, row: SheetRow, filled: Sequence[SheetCell]) -> bool:
        """Tell what stands above the header, too, but for its digits, and has no amount: the head of a page."""
        amount = row.cell(self.fields.get("amount", 0))
        if (amount.text and not self._is_label(amount)) or (len(filled) == 1 and self._divides(filled[0].text)):
            return False
        if self._page_heads is None:
            above = self.sheet.rows[: self.sheet.rows.place(self.layout.header_row)]
            self._page_heads = frozenset(filter(None, (_without_figures(one.filled) for one in above)))
        return bool(self._page_heads) and _without_figures(filled) in self._page_heads

    def _are_heads_below(self, row: SheetRow, labels: Sequence[str]) -> bool:
        """Tell more heads below those read, before any line: in another language, or units (`USD`).

        None of their words names a charge or holds a figure.
        """
        if self.kinds["data"] or not row.cell(self.fields.get("amount", 0)).text:
            return False
        spoken = any(category_meaning(text) or is_no_charge(text) or _DIGIT.search(text) for text in labels)
        return not spoken and not any(place_named(text, prefer_country=False) for text in labels)

    def _kind_without_figures(self, row: SheetRow, labels: Sequence[str]) -> str:
        """Tell a heading that divides the table, a line that lacks its amount, and a note."""
        if self._is_uncut(row) or self._is_tax_beside(row):
            return "data"
        if len(row.filled) == 1:
            return "heading" if labels and self._divides(labels[0]) else "note"
        named = [row.cell(self.fields[name]).text for name in ("category", "market", "country") if name in self.fields]
        understood = any(text and (category_meaning(text) or place_named(text, prefer_country=False)) for text in named)
        return "data" if understood else "note"

    def _is_tax_beside(self, row: SheetRow) -> bool:
        """Tell a tax at the foot whose one figure stands under a column that is not read."""
        if not self.kinds["data"] or len(row.filled) != 2:
            return False
        label, figure = row.filled
        return self._is_label(label) and is_number(figure) and described(label.text).layer == Layer.TAX

    def _is_uncut(self, row: SheetRow) -> bool:
        """Tell a row of a text that another delimiter parts: it stands whole in its first cell."""
        if self.sheet.name or len(row.filled) != 1:
            return False
        parts = max((row.filled[0].text.split(mark) for mark in DELIMITERS), key=len)
        return len(parts) >= max(len(self.heads), 3) and any(take_apart(part) for part in parts)

    def _divides(self, text: str) -> bool:
        """Tell whether a text on a line of its own names a category or place that has no column, or a channel.

        WhatsApp goes without saying, until another was named.
        """
        if channel := channel_headed(text):
            return channel == ELSEWHERE or bool(self.kinds["heading"])
        meaning = category_meaning(text)
        if meaning and meaning.category:
            return "category" not in self.fields
        return place_named(text, prefer_country=False) is not None and not {"market", "country"} & set(self.fields)

    def _has_figures(self, row: SheetRow) -> bool:
        return any(is_number(row.cell(column)) for column in self.numbers)

    def _is_total(self, row: SheetRow, labels: Sequence[str]) -> bool:
        """Tell a total by its label; a row with a unit rate, under a head that says so, is never one."""
        if self.rate and is_number(row.cell(self.rate)):
            return False
        kinds = [total_kind(label) for label in labels]
        if not any(kinds) or not any(is_number(cell) for cell in row.filled):
            return False
        if any(map(is_brought_forward, labels)):
            return True
        if "subtotal" in kinds and not self.kinds["data"]:
            # "Total marketing" before any line: this invoice words its very lines so.
            self.divided_labels_are_lines = True
        return not (self.divided_labels_are_lines and "subtotal" in kinds)

    def _is_other_header(self, row: SheetRow, filled: Sequence[SheetCell]) -> bool:
        """Tell the header of another table: three texts or more, none a number, and sure heads among them.

        A text where the amount belongs makes one sure head enough; the name of a category is no head here.
        """
        if len(filled) < 3:
            return False
        fields = {
            max(scores, key=lambda field: scores[field])
            for cell in filled
            if (scores := head_scores(cell.text))
            and max(scores.values()) >= _CERTAIN
            and not category_meaning(cell.text)
        }
        amount = bool(row.cell(self.fields.get("amount", 0)).text)
        return len(fields) >= (1 if amount else 2)


def _is_plain(text: str) -> bool:
    """Tell words that do not make a row with an amount anything else than a line."""
    said = total_kind(text) or balance_named(text)
    return not (said or is_no_line(text) or says_tax_inside(text))


def _says_anything(text: str) -> bool:
    """Tell a text with a letter or digit from a mere rule, `-----`."""
    return any(map(str.isalnum, text))


def _without_figures(filled: Sequence[SheetCell]) -> tuple[tuple[int, str], ...]:
    """Give the words of a row by column, without their digits; nothing for a row that has figures alone."""
    words = tuple((cell.column, _DIGIT.sub("", cell.text)) for cell in filled)
    return words if any(_says_anything(text) for _, text in words) else ()


def _is_of_a_page(text: str) -> bool:
    """Tell words that are of a page and not of the table on it: who signs it, and its number."""
    return signs(text) or is_no_line(text)
