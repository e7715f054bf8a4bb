"""The claim letter as DOCX, to be edited and signed (workpaper.md §4). The same letter gives the same bytes."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED
from zipfile import ZipFile
from zipfile import ZipInfo

from docx import Document
from docx.document import Document as Page
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.shared import Pt
from docx.shared import RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from auditor.core.report.claim_letter import Block
from auditor.core.report.claim_letter import Letter
from auditor.writers.workbook_style import clean

_INK, _BAND = RGBColor(0x22, 0x31, 0x3A), RGBColor(0x24, 0x40, 0x4F)
_SHADE, _RULE = "E8EEF1", "9FB0BA"


def write_docx(letter: Letter, path: Path, made_at: datetime) -> Path:
    """Write the letter; `made_at` is the moment that stands in its properties."""
    page = _empty(letter, made_at)
    for number, block in enumerate(letter.blocks):
        _put(page, block, [one.kind for one in letter.blocks[number + 1 : number + 3]])
    _footer(page, letter.footer)
    held = BytesIO()
    page.save(held)
    _steady(held, path)
    return path


def _empty(letter: Letter, made_at: datetime) -> Page:
    page = Document()
    section = page.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin = section.bottom_margin = Cm(2.2)
    style = page.styles["Normal"]
    style.font.name, style.font.size, style.font.color.rgb = "Calibri", Pt(10.5), _INK
    style.paragraph_format.space_after = Pt(6)
    about = page.core_properties
    about.title, about.author, about.comments = _clean(letter.title)[:250], _clean(letter.author)[:250], ""
    about.created = about.modified = made_at.replace(tzinfo=None)
    about.last_modified_by, about.revision = about.author, 1
    return page


def _clean(text: str) -> str:
    return clean(text, "{text}")


def _put(page: Page, block: Block, following: Sequence[str]) -> None:
    """Put a block below what is there: a line's facts stay on one page, and so do the last words and the names.

    `following` are the kinds of the next two blocks.
    """
    if block.kind == "table":
        _table(page, block)
        return
    paragraph = page.add_paragraph()
    shape = paragraph.paragraph_format
    if block.kind == "date":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _run(paragraph, block.texts[0])
    elif block.kind in ("address", "sign"):
        shape.space_before = Pt(36 if block.kind == "sign" else 6)
        shape.keep_together = True
        for number, line in enumerate(block.texts):
            run = _run(paragraph, line, bold=number == (1 if block.kind == "address" else 0))
            if number < len(block.texts) - 1:
                run.add_break()
    elif block.kind in ("subject", "head"):
        shape.space_before, shape.space_after, shape.keep_with_next = Pt(12), Pt(4), True
        _run(paragraph, block.texts[0], bold=True, size=12.5 if block.kind == "subject" else 11)
    elif block.kind == "fact":
        shape.left_indent, shape.first_line_indent, shape.space_after = Cm(2.6), Cm(-2.6), Pt(2)
        shape.keep_together = shape.keep_with_next = following[:1] == ["fact"]
        shape.tab_stops.add_tab_stop(Cm(2.6))
        _run(paragraph, block.texts[0] + "\t", bold=True)
        _run(paragraph, block.texts[1])
    else:
        shape.keep_with_next = "sign" in following
        _run(paragraph, block.texts[0])


def _run(paragraph: Paragraph, text: str, *, bold: bool = False, size: float = 0) -> Run:
    run = paragraph.add_run(_clean(text))
    run.bold = bold
    if bold:
        run.font.color.rgb = _BAND
    if size:
        run.font.size = Pt(size)
    return run


def _table(page: Page, block: Block) -> None:
    """Set a table: heads repeated on every page, figures right, the last row the total."""
    table = page.add_table(len(block.rows), len(block.rows[0]))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    last = len(block.rows) - 1
    for number, (row, texts) in enumerate(zip(table.rows, block.rows, strict=True)):
        _whole(row._tr, head=number == 0)  # noqa: SLF001 - python-docx has no word for a repeated head
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            if column in block.figures:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _run(paragraph, text, bold=number in (0, last), size=9)
            _bordered(cell, shade=number == 0, heavy=number == last)
    widths = _widths(block)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
    page.add_paragraph().paragraph_format.space_after = Pt(2)


def _widths(block: Block) -> list[float]:
    """Share the width of the page by what the columns hold."""
    needs = [min(max(len(row[column]) for row in block.rows), 38) + 3 for column in range(len(block.rows[0]))]
    return [16.4 * need / sum(needs) for need in needs]


def _whole(row: "object", *, head: bool) -> None:
    properties = row.get_or_add_trPr()  # type: ignore[attr-defined]
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _bordered(cell: _Cell, *, shade: bool, heavy: bool) -> None:
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - python-docx has no word for a border
    borders = OxmlElement("w:tcBorders")
    for side, wanted in (("top", heavy), ("bottom", True)):
        if wanted:
            border = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", "8" if heavy else "4"), ("space", "0"), ("color", _RULE)):
                border.set(qn(f"w:{name}"), value)
            borders.append(border)
    properties.append(borders)
    if shade:
        fill = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
            fill.set(qn(f"w:{name}"), value)
        properties.append(fill)


def _footer(page: Page, said: str) -> None:
    """Put the entity and period, and the page's number, at the foot of every page."""
    paragraph = page.sections[0].footer.paragraphs[0]
    _run(paragraph, said + "\t\t", size=8)
    run = paragraph.add_run()
    run.font.size = Pt(8)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run._r.addnext(field)  # noqa: SLF001 - python-docx has no word for a field


def _steady(held: BytesIO, path: Path) -> None:
    """Pack a document anew without the times of its parts."""
    with ZipFile(held) as before, ZipFile(path, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(ZipInfo(name), before.read(name), ZIP_DEFLATED)
