"""One pass over a worksheet's bytes: how far its cells reach, and what calamine does not tell of them.

That is hidden rows and columns, formulas without a stored value, and error cells. The bytes are looked at block by
block with searches that cost little on what every program writes; single rows are taken apart only in a block that
holds something to note.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.readers.books.shown import Runs
from auditor.readers.books.shown import ShownIn

ROWS = 1_048_576
COLUMNS = 16_384
_AREA = 50_000_000
_MERGED = 2_000_000
# A row that does not end within so much is cut there: it is text, and what is beyond is found in the next block.
_LONGEST = 16 << 20
# So many troubles are told one by one; the cells of any more simply hold nothing.
MOST_TROUBLES = 500_000
_PREFIX = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet[\s>]")
_DIGITS = b"0123456789"
_LETTERS = [bytes([letter]) for letter in range(ord("Z"), ord("A") - 1, -1)]
_TRUE = frozenset({b"1", b"true"})


class Facts(NamedTuple):
    """What stands in a sheet beside its values; rows and columns count from 1.

    `troubles` gives, for a cell without a usable value, its error text (`#REF!`), or a figure that is written in
    pieces, of which a reader may take the first alone, or nothing: a formula that no program has calculated yet.
    `merged` are areas of XLSX (top, left, bottom, right), of which the first cell alone holds the value. `shown` are
    the currencies that the formats of cells show.
    """

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    troubles: dict[tuple[int, int], str] = {}  # noqa: RUF012 - of a tuple: never changed
    merged: tuple[tuple[int, int, int, int], ...] = ()
    shown: Runs = {}  # noqa: RUF012 - likewise


NO_FACTS = Facts()


class _Patterns:
    """The searches for one prefix of element names (most programs write none)."""

    def __init__(self, prefix: bytes) -> None:
        """Compile them."""
        p = re.escape(prefix + b":") if prefix else b""
        attribute = rb"""\s*=\s*["']"""
        colon = prefix + b":" if prefix else b""
        self.row_end, self.cell_end, self.formula = b"</" + colon + b"row>", b"</" + colon + b"c>", b"<" + colon + b"f"
        self.rows = re.compile(rb"<" + p + rb"row\s[^<>]*?\br" + attribute + rb"([0-9]{1,12})")
        # As nearly every program writes a cell, and of a place that is in no doubt; nothing of one written otherwise.
        self.plain = re.compile(rb"<" + p + rb'c(?: r="([A-Z]{1,2}[0-9]{1,6})"|)')
        self.letters = re.compile(rb"<" + p + rb"c\s+r" + attribute + rb"([A-Za-z]{1,8})")
        self.places = re.compile(rb"<" + p + rb"c\s+r" + attribute + rb"([A-Za-z]{1,8}[0-9]{1,12})")
        self.far = re.compile(rb"<" + p + rb"c\s+r" + attribute + rb"[A-Za-z]+[0-9]{7}")
        self.other = re.compile(rb"<" + p + rb"c\s(?!r=)")
        self.cells = re.compile(rb"<" + p + rb"c\s[^<>]*?\br" + attribute + rb"([A-Za-z]+)([0-9]+)")
        self.uncalculated = re.compile(
            rb"(?:</" + p + rb"f>|<" + p + rb"f\b[^<>]*/>)(?!\s*<" + p + rb"v(?:\s[^<>]*)?>[^<])"
        )
        self.row_start = re.compile(rb"<" + p + rb"row\b([^<>]*)>")
        self.cell_start = re.compile(rb"<" + p + rb"c\b([^<>]*)>")
        self.stored = re.compile(rb"<" + p + rb"v(?:\s[^<>]*)?>([^<]+)<")
        self.broken = re.compile(rb"<" + p + rb"v(?:\s[^<>]*)?>([^<&]{0,64}(?:&#|<[!?])[^<]{0,64})")
        self.inline = re.compile(rb"<" + p + rb"is\b")
        # The number of a shared text, `t="s"`, that is none: a word, or below zero. Readers take it for an empty cell.
        number = rb"[^<>]*>\s*<" + p + rb"v(?:\s[^<>]*)?>\s*[0-9]*[^0-9<\s]"
        self.no_text, self.no_quoted_text = re.compile(rb'"s"' + number), re.compile(rb"'s'" + number)
        self.column = re.compile(rb"<" + p + rb"col\s([^<>]*)>")
        place = rb"([A-Za-z]{1,3})([0-9]{1,7})[^<>]*?\ss"
        self.styled = re.compile(rb"<" + p + rb"c\s+r" + attribute + place + attribute + rb"([0-9]+)")
        self.merge = re.compile(
            rb"<" + p + rb"""mergeCell\s[^<>]*?ref\s*=\s*["']\$?([A-Za-z]+)\$?([0-9]+):\$?([A-Za-z]+)\$?([0-9]+)["']"""
        )


class SheetScan:
    """The bytes of one worksheet, given to `take` block by block and closed with `facts`."""

    def __init__(self, head: bytes, styles: Mapping[bytes, str] | None = None) -> None:
        """Begin; `head` is the start of the part, which tells how its elements are named.

        `styles` gives the currencies that styles of cells show, by their numbers.
        """
        found = _PREFIX.search(head)
        self._find = _Patterns(found[1] if found and found[1] else b"")
        self._rest = b""
        self._row = self._furthest_row = self._furthest_column = 0
        self._merged = 0
        self._areas: list[tuple[int, int, int, int]] = []
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._troubles: dict[tuple[int, int], str] = {}
        self._styles = styles or {}
        self._shown = ShownIn()

    def take(self, block: bytes) -> None:
        """Look at a block.

        Raises `book_extent` where cells reach too far, `file_damaged` for a row or cell twice, or a text that is none
        of the workbook's.
        """
        end = block.rfind(self._find.row_end)
        if end >= 0:
            end += len(self._find.row_end)
            self._look(b"".join((self._rest, memoryview(block)[:end])))
            self._rest = block[end:]
            return
        block = self._rest + block
        cut = block.rfind(self._find.row_end)  # it may end where the blocks meet
        if cut < 0 and len(block) < _LONGEST:
            self._rest = block
            return
        cut = cut + len(self._find.row_end) if cut >= 0 else len(block)
        self._rest = block[cut:]
        self._look(block[:cut])

    def facts(self) -> Facts:
        """Look at what is left, and give what was found."""
        self._look(self._rest)
        merged = tuple(sorted(self._areas))
        hidden = frozenset(self._hidden_rows), frozenset(self._hidden_columns)
        return Facts(*hidden, self._troubles, merged, self._shown.runs)

    def _look(self, block: bytes) -> None:
        find = self._find
        before = self._row
        self._reach(block)
        if _holds(block, b"mergeCell", b"m"):
            self._add_merged(block)
        for letters, row, style in find.styled.findall(block) if self._styles else ():
            if currency := self._styles.get(style):
                self._shown.note(int(row), column_number(letters), currency)
        if find.no_text.search(block) or (_holds(block, b"'s'", b"'") and find.no_quoted_text.search(block)):
            raise AuditorError("file_damaged")
        if _holds(block, b"hidden", b"h"):
            self._note_hidden(block, before)
        has_errors = _holds(block, b'"e"', b"e") or _holds(block, b"'e'", b"'")
        may_be_odd = any(_holds(block, sign, sign[-1:]) for sign in (b"&#", b"<!", b"<?"))
        has_odd = may_be_odd and find.broken.search(block)
        if has_errors or has_odd or (_holds(block, find.formula, b"f") and find.uncalculated.search(block)):
            self._note_troubles(block, before)

    def _reach(self, block: bytes) -> None:
        """Follow how far the cells reach."""
        find = self._find
        rows = find.rows.findall(block)
        numbers = [self._row, *map(int, rows)]
        places = find.plain.findall(block)
        distinct = set(places)
        is_plain = b"" not in distinct
        if not is_plain:
            is_odd = find.other.search(block)
            places = [b"".join(place) for place in find.cells.findall(block)] if is_odd else find.places.findall(block)
            distinct = set(places)
        if numbers != sorted(set(numbers)) or len(places) != len(distinct):
            raise AuditorError("file_damaged")  # a row or cell twice: readers differ in which of the two they take
        self._row = numbers[-1] if rows else self._row + len(find.row_start.findall(block))
        furthest = _furthest(places) if is_plain else max(self._columns(block), default=0)
        self._furthest_row = max(self._furthest_row, self._row)
        self._furthest_column = max(self._furthest_column, furthest)
        if (
            self._furthest_row > ROWS
            or self._furthest_column > COLUMNS
            or self._furthest_row * self._furthest_column > _AREA
        ):
            raise AuditorError("book_extent")

    def _columns(self, block: bytes) -> set[int]:
        """Give the columns of a block's cells, however they are written, and follow the rows that cells say."""
        find = self._find
        columns = {column_number(letters) for letters in set(find.letters.findall(block))}
        if max(columns, default=0) > 26 * 27 or find.far.search(block) or find.other.search(block):
            cells = find.cells.findall(block)
            columns |= {column_number(letters) for letters in {letters for letters, _ in cells}}
            self._furthest_row = max([self._furthest_row, *(int(row[:12]) for row in {row for _, row in cells})])
        return columns

    def _add_merged(self, block: bytes) -> None:
        for left, top, right, bottom in self._find.merge.findall(block):
            area = int(top[:12]), column_number(left), int(bottom[:12]), column_number(right)
            self._areas.append(area)
            self._merged += max(area[3] - area[1] + 1, 1) * max(area[2] - area[0] + 1, 1)
        if self._merged > _MERGED:
            raise AuditorError("book_extent")

    def _note_hidden(self, block: bytes, before: int) -> None:
        """Put down the hidden rows and columns; a row that does not state its number follows the one before it."""
        row = before
        for attributes in self._find.row_start.findall(block):
            row = _number(attributes, b"r", row + 1)
            if _attribute(attributes, b"hidden") in _TRUE:
                self._hidden_rows.add(row)
        for attributes in self._find.column.findall(block):
            if _attribute(attributes, b"hidden") in _TRUE:
                last = min(_number(attributes, b"max", 0), COLUMNS)
                self._hidden_columns.update(range(max(_number(attributes, b"min", 1), 1), last + 1))

    def _note_troubles(self, block: bytes, before: int) -> None:
        """Put down every cell that holds an error, or a formula without a stored value.

        The block is cut at the ends of rows and cells, not searched for whole ones: that stays linear on any bytes.
        """
        row = before
        for piece in block.split(self._find.row_end):
            end = len(piece)
            for start in self._find.row_start.finditer(piece):
                row, end = _number(start[1], b"r", row + 1), start.end()
            self._note_cells(piece[end:], row)

    def _note_cells(self, cells: bytes, row: int) -> None:
        column = 0
        for piece in cells.split(self._find.cell_end):
            attributes, end = b"", len(piece)
            for start in self._find.cell_start.finditer(piece):
                attributes, end = start[1], start.end()
                letters = _attribute(attributes, b"r").rstrip(_DIGITS)
                column = column_number(letters) if letters else column + 1
            trouble = self._trouble(attributes, piece[end:])
            if trouble is not None and len(self._troubles) < MOST_TROUBLES:
                self._troubles[row, column] = trouble

    def _trouble(self, cell: bytes, inside: bytes) -> str | None:
        kind = _attribute(cell, b"t")
        stored = self._find.stored.search(inside)
        if kind == b"e":
            return stored[1].decode("utf-8", "replace") if stored else "#"
        broken = None if kind in {b"str", b"inlineStr"} else self._find.broken.search(inside)
        if broken:
            return broken[1].decode("utf-8", "replace")
        computed = self._find.formula in inside and kind != b"str" and not self._find.inline.search(inside)
        return "" if computed and stored is None else None


def _holds(block: bytes, sign: bytes, letter: bytes) -> bool:
    """Look for a sign, but first for its rarest letter: that is found ten times as fast, and mostly is nowhere."""
    return letter in block and sign in block


def _furthest(places: list[bytes]) -> int:
    """Give the furthest column of cells whose places are written plainly."""
    letters = b" ".join(places).translate(None, _DIGITS)
    if len(letters) == 2 * len(places) - 1:  # one letter each, of which the last in the alphabet is soon found
        return next(column_number(one) for one in _LETTERS if one in letters)
    return max(map(column_number, set(letters.split())), default=0)


def _attribute(attributes: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?:^|\s)" + name + rb"""\s*=\s*["']([^"']*)["']""", attributes)
    return found[1] if found else b""


def _number(attributes: bytes, name: bytes, default: int) -> int:
    text = _attribute(attributes, name)[:12]
    return int(text) if text.isdigit() else default


def column_number(letters: bytes) -> int:
    """Turn `A`, `Z`, `AA` into 1, 26, 27; no letters are 0."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number
