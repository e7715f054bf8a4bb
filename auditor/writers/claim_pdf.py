"""The claim letter as PDF, to be sent as it is (workpaper.md §4). The same letter gives the same bytes."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from math import ceil
from pathlib import Path

import matplotlib as mpl
from fpdf import FPDF
from fpdf.enums import Align
from fpdf.enums import MethodReturnValue
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from auditor.core.report.claim_letter import Block
from auditor.core.report.claim_letter import Letter
from auditor.writers.workbook_style import clean

_INK, _BAND, _SHADE, _RULE = (34, 49, 58), (36, 64, 79), (232, 238, 241), (159, 176, 186)
_LINE = 5.2  # millimetres from line to line
_SIGN_GAP = 14  # millimetres for the signature
_LABEL = 27  # millimetres that a fact's label takes
_ROW, _PADDING = 4.6, 0.8  # millimetres from line to line in a table, and what its cells leave free around them


def write_pdf(letter: Letter, path: Path, made_at: datetime) -> Path:
    """Write the letter; `made_at` is the moment that stands in its properties."""
    page = _Page(letter, made_at)
    page.add_page()
    for number, block in enumerate(letter.blocks):
        page.keep_together(block, letter.blocks[number + 1 :])
        page.put(block)
    path.write_bytes(bytes(page.output()))
    return path


class _Page(FPDF):
    """The letter in the making."""

    def __init__(self, letter: Letter, made_at: datetime) -> None:
        super().__init__(format="A4")
        self._said = clean(letter.footer, "{text}")
        self.set_margins(23, 22, 23)
        self.set_auto_page_break(auto=True, margin=22)
        fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"  # they hold every letter of Latin, Greek and Cyrillic
        self.add_font("Letter", "", fonts / "DejaVuSans.ttf")
        self.add_font("Letter", "B", fonts / "DejaVuSans-Bold.ttf")
        self.alias_nb_pages()
        self.set_title(clean(letter.title, "{text}"))
        self.set_author(clean(letter.author, "{text}"))
        self.set_creation_date(made_at)
        self.set_draw_color(*_RULE)

    def footer(self) -> None:
        """Put the entity and period, and the page's number, at the foot."""
        self.set_y(-15)
        self._dress(size=7.5)
        self.cell(0, 5, self._said)
        self.set_x(-60)
        self.cell(37, 5, f"{self.page_no()} / {{nb}}", align=Align.R)

    def put(self, block: Block) -> None:
        """Put a block below what is there."""
        if block.kind == "table":
            self._table(block)
        elif block.kind == "fact":
            self._fact(*block.texts)
        elif block.kind in ("address", "sign"):
            self._lines(block.texts, gap=_SIGN_GAP if block.kind == "sign" else 3, bold=int(block.kind == "address"))
        elif block.kind in ("subject", "head"):
            self.ln(4)
            self._text(block.texts[0], bold=True, size=11.5 if block.kind == "subject" else 10)
        else:
            self._text(block.texts[0], align=Align.R if block.kind == "date" else Align.L)

    def keep_together(self, block: Block, following: Sequence[Block]) -> None:
        """Begin a new page for a head that does not fit with its facts, and for what is said last before the names.

        Names alone on a last page would be signed under nothing.
        """
        if block.kind in ("subject", "head"):
            facts = list(takewhile(lambda one: one.kind == "fact", following))
            self._keep(
                max(25, 4 + 3 * _LINE + sum(self._height(fact) for fact in facts) + self._short_table(following))
            )
            return
        for between, one in enumerate(following[:2]):
            if one.kind == "sign":
                self._keep(_SIGN_GAP + _LINE * (2 + 2 * between + len(one.texts)))

    def _height(self, fact: Block) -> float:
        """Give the height that a fact will take."""
        self._dress(size=8.5)
        room = self.epw - _LABEL
        said = clean(fact.texts[1], "{text}")
        height = self.multi_cell(room, _LINE, said, align=Align.L, dry_run=True, output=MethodReturnValue.HEIGHT)
        assert isinstance(height, float)
        return height

    def _short_table(self, following: Sequence[Block]) -> float:
        """Give the height of a text and the table under it, 0 if that is long: a total alone on a page sums nothing."""
        if [one.kind for one in following[:2]] != ["text", "table"]:
            return 0
        text, table = following[:2]
        self._dress(size=8)
        widths = self._widths(table)
        room = [self.epw * width / sum(widths) - 4 * _PADDING for width in widths]
        lines = sum(
            max(ceil(self.get_string_width(clean(said, "{text}")) / wide) for said, wide in zip(row, room, strict=True))
            for row in table.rows
        )
        height = lines * _ROW + len(table.rows) * 2 * _PADDING
        self._dress()
        height += _LINE * (1 + ceil(self.get_string_width(clean(text.texts[0], "{text}")) / self.epw))
        return height if height < self.eph / 2 else 0

    def _dress(self, *, bold: bool = False, size: float = 9.5) -> None:
        self.set_font("Letter", "B" if bold else "", size)
        self.set_text_color(*(_BAND if bold else _INK))

    def _text(self, said: str, *, bold: bool = False, size: float = 9.5, align: Align = Align.L) -> None:
        self._dress(bold=bold, size=size)
        self.multi_cell(0, _LINE, clean(said, "{text}"), align=align, new_x="LMARGIN", new_y="NEXT")
        self.ln(1.6)

    def _lines(self, texts: Sequence[str], *, gap: float, bold: int) -> None:
        """Put lines of which one is bold."""
        self._keep(gap + _LINE * len(texts))
        self.ln(gap)
        for number, said in enumerate(texts):
            self._dress(bold=number == bold)
            self.multi_cell(0, _LINE, clean(said, "{text}"), align=Align.L, new_x="LMARGIN", new_y="NEXT")

    def _fact(self, label: str, said: str) -> None:
        self._keep(2 * _LINE)
        self._dress(bold=True, size=8.5)
        self.cell(_LABEL, _LINE, clean(label, "{text}"))
        self._dress(size=8.5)
        self.multi_cell(0, _LINE, clean(said, "{text}"), align=Align.L, new_x="LMARGIN", new_y="NEXT")

    def _keep(self, height: float) -> None:
        """Begin a new page where there is not this much room."""
        if self.will_page_break(height):
            self.add_page()

    def _table(self, block: Block) -> None:
        self.ln(1)
        self._dress(size=8)
        last = len(block.rows) - 1
        aligns = tuple(Align.R if column in block.figures else Align.L for column in range(len(block.rows[0])))
        heads = FontFace(emphasis="BOLD", color=_BAND, fill_color=_SHADE)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, text_align=aligns, headings_style=heads,
            col_widths=self._widths(block), line_height=_ROW, padding=_PADDING,
        ) as table:  # fmt: skip
            for number, texts in enumerate(block.rows):
                style = FontFace(emphasis="BOLD", color=_BAND) if number == last else None
                table.row([clean(said, "{text}") for said in texts], style=style)
        self.ln(2)

    @staticmethod
    def _widths(block: Block) -> tuple[int, ...]:
        """Share the width by what the columns hold."""
        return tuple(min(max(len(row[n]) for row in block.rows), 38) + 3 for n in range(len(block.rows[0])))
