"""Holds a workbook to the rules beyond which Excel offers to repair it, which no other program here would notice.

The rules are those of ECMA-376 part 1 (§18: order and place of elements, references) and of Excel's published limits
("Excel specifications and limits"). `faults` gives what breaks one, in words.
"""

import posixpath
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import combinations
from itertools import pairwise
from pathlib import Path
from typing import Any
from typing import TypeAlias
from zipfile import ZipFile

from defusedxml import ElementTree
from openpyxl.utils.cell import range_boundaries

Node: TypeAlias = Any
Area: TypeAlias = tuple[int, int, int, int]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
# All of them older than Excel 2010: none needs the prefix `_xlfn.`.
_FUNCTIONS = {
    "ABS", "AND", "COUNT", "COUNTIFS", "EXACT", "IF", "INDEX", "MATCH", "MAX", "MIN", "ROUND", "SIGN", "SUM", "SUMIFS",
    "SUMPRODUCT",
}  # fmt: skip
_ROWS, _COLUMNS, _TEXT, _FORMULA, _LINKS, _LINK = 1_048_576, 16_384, 32_767, 8_192, 65_530, 2_079


def faults(file: Path) -> list[str]:
    """Give every rule that a workbook breaks, with its place."""
    with ZipFile(file) as book:
        names = book.namelist()
        repeated = [f"part twice: {name}" for name in set(names) if names.count(name) > 1]
        return [*repeated, *_Book(book).faults()]


class _Book:
    """One workbook, its parts by name."""

    def __init__(self, book: ZipFile) -> None:
        self._parts = {
            name: ElementTree.fromstring(book.read(name))
            for name in book.namelist()
            if name.endswith((".xml", ".rels"))
        }
        self._all = set(book.namelist())
        main = self._parts["xl/workbook.xml"]
        related = self._related("xl/workbook.xml")
        self.sheets = {sheet.get("name", ""): related[sheet.get(_RELATED, "")] for sheet in _each(main, "sheet")}
        named = _each(main, "definedName")
        self.defined = [(one.get("name", ""), one.get("localSheetId"), one.text or "") for one in named]
        strings = self._parts.get("xl/sharedStrings.xml")
        self.strings = ["".join(t.text or "" for t in _each(si, "t")) for si in _each(strings, "si")]
        self.styles = len(next(_each(self._parts["xl/styles.xml"], "cellXfs")))

    def _related(self, part: str) -> Mapping[str, str]:
        folder = posixpath.dirname(part)
        inside = [one for one in self._relations(part) if one.get("TargetMode") != "External"]
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join(folder, one.get("Target", ""))).lstrip("/")
            for one in inside
        }

    def _relations(self, part: str) -> Sequence[Node]:
        folder, name = posixpath.split(part)
        found = self._parts.get(f"{folder}/_rels/{name}.rels")
        return () if found is None else list(found)

    def faults(self) -> Iterator[str]:
        yield from self._packed()
        yield from self._named()
        tables: list[Node] = []
        for name, part in self.sheets.items():
            sheet = self._parts[part]
            own = [self._parts[target] for target in self._related(part).values() if "/tables/" in target]
            tables += own
            for said in (
                *_order(sheet),
                *self._cells(sheet),
                *_limits(sheet),
                *self._links(part, sheet),
                *_areas(sheet, own),
            ):
                yield f"{name}: {said}"
            yield from (f"{name}: {said}" for table in own for said in self._table(sheet, table))
        yield from self._tables_apart(tables)

    def _packed(self) -> Iterator[str]:
        """Look for parts that are spoken of and not there, and for parts without a type."""
        for part in [name for name in self._parts if not name.endswith(".rels")]:
            targets = self._related(part).values()
            yield from (f"{part}: no part {target}" for target in targets if target not in self._all)
        types = self._parts["[Content_Types].xml"]
        typed = {one.get("PartName", "").lstrip("/") for one in types} | {one.get("Extension", "") for one in types}
        for part in self._all - {"[Content_Types].xml"}:
            if part not in typed and part.rpartition(".")[2] not in typed:
                yield f"{part}: no content type"

    def _named(self) -> Iterator[str]:
        """Look at the names of sheets and areas."""
        folded = [name.lower() for name in self.sheets]
        if len(set(folded)) < len(folded):
            yield "two sheets of one name"
        for name in self.sheets:
            if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name):
                yield f"sheet named {name!r}"
        scoped = [(name.lower(), scope) for name, scope, _ in self.defined]
        if len(set(scoped)) < len(scoped):
            yield "two areas of one name"
        for name, _, reference in self.defined:
            if not name.startswith("_xlnm.") and not _may_be_a_name(name):
                yield f"area named {name!r}"
            for sheet, area in re.findall(r"'((?:[^']|'')+)'!([$A-Z0-9:]+)", reference):
                if sheet.replace("''", "'") not in self.sheets or not _inside(area):
                    yield f"{name}: no area {sheet}!{area}"

    def _cells(self, sheet: Node) -> Iterator[str]:
        """Look at rows and cells in their order, at styles, texts and formulas."""
        rows = list(_each(sheet, "row"))
        numbers = [int(row.get("r", "0")) for row in rows]
        if any(one >= two for one, two in pairwise(numbers)) or (numbers and numbers[-1] > _ROWS):
            yield "rows out of order"
        for row, number in zip(rows, numbers, strict=True):
            if float(row.get("ht", 15)) > 409.5:
                yield f"row {number} is {row.get('ht')} high"
            places = [_area(cell.get("r")) for cell in row]
            if any(place[1] != number for place in places) or any(a[0] >= b[0] for a, b in pairwise(places)):
                yield f"cells of row {number} out of place"
            for cell in row:
                yield from (f"{cell.get('r')}: {said}" for said in self._cell(cell))

    def _cell(self, cell: Node) -> Iterator[str]:
        if int(cell.get("s", "0")) >= self.styles:
            yield "no such style"
        kind, value, formula = cell.get("t", "n"), cell.findtext(f"{_MAIN}v"), cell.findtext(f"{_MAIN}f")
        if kind == "s" and not 0 <= int(value or -1) < len(self.strings):
            yield "no such text"
        if len(self._text(cell).encode("utf-16-le")) > 2 * _TEXT:
            yield "text too long"
        if kind == "n" and value and not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", value, re.IGNORECASE):
            yield f"no number: {value}"
        if kind not in ("n", "s", "str", "b", "inlineStr"):
            yield f"cell of kind {kind}"
        if formula is not None:
            yield from self._formula(formula)

    def _formula(self, formula: str) -> Iterator[str]:
        """Look at a formula: its length, that functions and names are known and that it stays inside the workbook."""
        if len(formula) > _FORMULA:
            yield "formula too long"
        bare = re.sub(r'"(?:[^"]|"")*"', '""', formula)
        for sheet in re.findall(r"'((?:[^']|'')+)'!", bare):
            if sheet.replace("''", "'") not in self.sheets:
                yield f"no sheet {sheet}"
        words = re.sub(r"'(?:[^']|'')+'!", "", bare)
        for word, called in re.findall(r"([^\W\d]\w*(?:\.\w+)*)(\()?", words.replace("$", "")):
            if called and word not in _FUNCTIONS:
                yield f"function {word}"
            if not called and not _is_place(word) and word.lower() not in {name.lower() for name, *_ in self.defined}:
                yield f"no name {word}"

    def _text(self, cell: Node) -> str:
        if cell.get("t") == "s":
            return self.strings[int(cell.findtext(f"{_MAIN}v") or 0)]
        if cell.get("t") == "inlineStr":
            return "".join(t.text or "" for t in _each(cell, "t"))
        return (cell.findtext(f"{_MAIN}v") or "") if cell.get("t") == "str" else ""

    def _links(self, part: str, sheet: Node) -> Iterator[str]:
        outside = {one.get("Id"): one.get("Target", "") for one in self._relations(part)}
        links = list(_each(sheet, "hyperlink"))
        if len(links) > _LINKS:
            yield f"{len(links)} links"
        if len({link.get("ref") for link in links}) < len(links):
            yield "two links of one cell"
        for link in links:
            if link.get(_RELATED):
                target = outside.get(link.get(_RELATED), "")
                if not 0 < len(target) <= _LINK or " " in target:
                    yield f"link to file {target!r}"
                continue
            location = link.get("location", "")
            found = re.fullmatch(r"'((?:[^']|'')+)'!([A-Z]+\d+)", location)
            inside = found and found.group(1).replace("''", "'") in self.sheets and _inside(found.group(2))
            if len(location) > _LINK or not inside:
                yield f"link to {location}"

    def _table(self, sheet: Node, table: Node) -> Iterator[str]:
        """Look at a table: inside its sheet, its heads told apart and the very texts of their cells."""
        name, area = table.get("displayName", ""), _area(table.get("ref"))
        heads = [column.get("name", "") for column in _each(table, "tableColumn")]
        cells = {cell.get("r"): cell for row in _each(sheet, "row") for cell in row if row.get("r") == str(area[1])}
        shown = [self._text(cell) for place, cell in cells.items() if area[0] <= _area(place)[0] <= area[2]]
        if len({head.lower() for head in heads}) < len(heads) or not all(0 < len(head) <= 255 for head in heads):
            yield f"{name}: heads {heads}"
        if [re.sub(r"_x000a_", "\n", head, flags=re.IGNORECASE) for head in heads] != shown:
            yield f"{name}: heads {heads} over {shown}"
        if area[3] <= area[1] or len(heads) != area[2] - area[0] + 1:
            yield f"{name}: {table.get('ref')}"
        if any(one.get("ref") != table.get("ref") for one in _each(table, "autoFilter")):
            yield f"{name}: filter"

    def _tables_apart(self, tables: Sequence[Node]) -> Iterator[str]:
        for key in ("id", "name", "displayName"):
            if len({table.get(key, "").lower() for table in tables}) < len(tables):
                yield f"two tables of one {key}"
        names = {name.lower() for name, *_ in self.defined}
        yield from (f"table named {t.get('name')}" for t in tables if t.get("name", "").lower() in names)


def _each(node: Node, name: str) -> Iterator[Node]:
    return iter(()) if node is None else node.iter(f"{_MAIN}{name}")


def _order(sheet: Node) -> Iterator[str]:
    names = [child.tag.removeprefix(_MAIN) for child in sheet]
    unknown = [name for name in names if name not in _ORDER]
    places = [_ORDER.index(name) for name in names if name in _ORDER]
    if unknown or places != sorted(places):
        yield f"elements {names}"
    single = [name for name in names if name != "conditionalFormatting"]
    if len(set(single)) < len(single):
        yield f"elements twice in {names}"


def _limits(sheet: Node) -> Iterator[str]:
    """Look at widths, validations, footers: what has a length of its own."""
    wide = [column for column in _each(sheet, "col") if float(column.get("width", 0)) > 255]
    yield from (f"column {column.get('min')} is {column.get('width')} wide" for column in wide)
    columns = [(int(c.get("min", 0)), int(c.get("max", 0))) for c in _each(sheet, "col")]
    if any(one[1] >= two[0] for one, two in pairwise(columns)):
        yield "columns out of order"
    for rule in _each(sheet, "dataValidation"):
        if len(rule.findtext(f"{_MAIN}formula1") or "") > 257:  # 255 and two quotation marks
            yield f"choices of {rule.get('sqref')}"
        if len(rule.get("promptTitle", "")) > 32 or len(rule.get("errorTitle", "")) > 32:
            yield f"title of {rule.get('sqref')}"
    for part in ("oddHeader", "oddFooter"):
        yield from (f"{part} of {len(one.text or '')}" for one in _each(sheet, part) if len(one.text or "") > 255)


def _areas(sheet: Node, tables: Sequence[Node]) -> Iterator[str]:
    """Look for areas that lie on each other: merged cells and tables."""
    merged = [_area(one.get("ref")) for one in _each(sheet, "mergeCell")]
    areas = [*merged, *(_area(table.get("ref")) for table in tables)]
    yield from (f"{one} lies on {two}" for one, two in combinations(areas, 2) if _meet(one, two))


def _meet(one: Area, two: Area) -> bool:
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]


def _inside(area: str) -> bool:
    """Tell whether an area lies on a sheet; `$9:$9` is the whole of a row."""
    left, top, right, bottom = _area(area.replace("$", ""))
    return 1 <= left <= right <= _COLUMNS and 1 <= top <= bottom <= _ROWS


def _is_place(word: str) -> bool:
    found = re.fullmatch(r"([A-Z]{1,3})([1-9]\d{0,6})", word)
    return bool(found) and _inside(word)


def _may_be_a_name(name: str) -> bool:
    like_a_place = re.fullmatch(r"[A-Za-z]{1,3}\d+|[RrCc]|[Rr]\d*[Cc]\d*", name)
    return len(name) <= 255 and bool(re.fullmatch(r"[^\W\d][\w.\\]*", name)) and not like_a_place


def _area(reference: str) -> Area:
    """Give the edges of an area, columns and rows from 1; of `9:9` the first cell."""
    left, top, right, bottom = range_boundaries(reference)
    return left or 1, top or 1, right or 1, bottom or 1
