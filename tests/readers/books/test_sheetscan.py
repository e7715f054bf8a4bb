"""One pass over a sheet's bytes tells what calamine does not, wherever the blocks are cut and however it is spelled."""

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.books.sheetscan import Facts
from auditor.readers.books.sheetscan import SheetScan

_SHEET = b"""<?xml version="1.0"?><worksheet xmlns="x"><cols><col min="2" max="3" hidden="1"/></cols><sheetData>
<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+1</f></c><c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>
<row r="3" hidden="1"><c r="A3"><f>A2</f><v>7</v></c><c r="B3" t="str"><f>""</f><v></v></c><c r="D3"/></row>
<row><c><v>1</v></c><c t='e'><v>#N/A</v></c><c r="F4"><f>F3</f><v/></c></row>
</sheetData></worksheet>"""
_FACTS = Facts(frozenset({3}), frozenset({2, 3}), {(2, 2): "", (2, 3): "#DIV/0!", (4, 2): "#N/A", (4, 6): ""})


def _scanned(content: bytes, size: int) -> Facts:
    scan = SheetScan(content[:4096])
    for start in range(0, len(content), size):
        scan.take(content[start : start + size])
    return scan.facts()


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_that_the_facts_do_not_depend_on_where_the_blocks_are_cut(size: int) -> None:
    assert _scanned(_SHEET, size) == _FACTS


def test_that_a_program_may_name_its_elements_with_a_prefix() -> None:
    content = _SHEET
    for name in (b"worksheet", b"sheetData", b"cols", b"col", b"row", b"c", b"f", b"v"):
        for end in (b" ", b">", b"/"):
            content = content.replace(b"<" + name + end, b"<x:" + name + end)
        content = content.replace(b"</" + name + b">", b"</x:" + name + b">")
    assert _scanned(content, 50) == _FACTS


@pytest.mark.parametrize(
    "piece",
    [b"<row ", b"<row>", b"<c ", b"<c r=", b'<c t="e">', b"<f>", b"</f> ", b"<v>", b"mergeCell ", b'<row hidden="1">'],
)
def test_that_no_bytes_make_the_pass_slow(piece: bytes) -> None:
    # Each is 2 MB; a search that grew with the square of it would take hours.
    assert _scanned(b'<worksheet><c t="e"/><f>' + piece * (2_000_000 // len(piece)), 1 << 20).hidden_columns == set()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (b't="s"><v>-1<', "file_damaged"),
        (b't="n"><v>-1<', ""),
        (b't="s"><v>12<', ""),
        (b't="s"><v> 12 <', ""),
        (b't="str"><v>abc<', ""),
        (b't="s"><v>abc<', "file_damaged"),
        (b"t='s' s=\"1\"> <v>12.5<", "file_damaged"),
    ],
)
def test_that_a_text_whose_number_is_none_is_not_of_the_workbook(cell: bytes, code: str) -> None:
    content = b'<worksheet><sheetData><row r="1"><c r="A1" %s/v></c></row>' % cell
    try:
        _scanned(content, 1 << 20)
        found = ""
    except AuditorError as error:
        found = error.code
    assert found == code


def test_that_merged_areas_are_bounded_in_all() -> None:
    merge = b'<mergeCell ref="A1:XFD100"/>'
    with pytest.raises(AuditorError) as refused:
        _scanned(b"<worksheet>" + merge * 2, 1 << 20)
    assert refused.value.code == "book_extent"


@pytest.mark.parametrize("cell", [b'<c r="%s"><v>1</v></c>', b'<c s="1" r="%s"><v>1</v></c>'])
@pytest.mark.parametrize(
    ("places", "code"),
    [
        ((b"A1", b"Z999999"), ""),
        ((b"A1", b"B1", b"AX999999"), ""),
        ((b"A1", b"AZ999999"), "book_extent"),
        ((b"ZZ1", b"A999999"), "book_extent"),
        ((b"A1", b"B1", b"A1"), "file_damaged"),
    ],
)
def test_that_cells_are_followed_however_they_are_written(cell: bytes, places: tuple[bytes, ...], code: str) -> None:
    content = b'<worksheet><sheetData><row r="999999">' + b"".join(cell % place for place in places) + b"</row>"
    try:
        _scanned(content, 64)
        found = ""
    except AuditorError as error:
        found = error.code
    assert found == code
