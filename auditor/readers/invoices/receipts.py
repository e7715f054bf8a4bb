"""A PDF receipt, such as Meta sends for every charge to a card: its number, date and total (formats.md §3).

It holds no usage, so it becomes a control total and no line. Its text is taken out in a process of its own.
"""

import logging
import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import ControlTotal
from auditor.readers.apart import run_apart
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRows
from auditor.readers.tables.titles import Titles
from auditor.readers.tables.titles import read_titles
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import possible_marks
from auditor.readers.values.numbers import read_number
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import title_field
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_LARGEST = 16 << 20
_MOST_PAGES = 200
_SECONDS = 60.0
_COLUMNS = re.compile(r"\t|\s{2,}")
_ENDING = re.compile(r"^(?P<label>\D.*?)[\s:]+(?P<figure>\S*\s?[0-9][0-9.,']*\s?\S{0,3})$")
# A text taken out of a PDF has one space between two figures, and one within a figure.
_TWO_FIGURES = re.compile(r"[0-9] [0-9]")
_CENTS = re.compile(r".*[.,][0-9]{2}|[0-9]+")


def is_pdf(path: Path) -> bool:
    """Tell a PDF by its first bytes; a pipe is never waited for."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return b"%PDF-" in file.read(1024)
    except OSError:
        return False


def read_receipt(path: Path, latest_year: int) -> tuple[ControlTotal, Titles]:
    """Read a receipt's total, and the facts around it.

    Raises `AuditorError`: `file_is_pdf` where no total can be told with certainty, `file_encrypted`, `file_damaged`,
    `file_too_large`, and as `run_apart` does.
    """
    place = Place(path.name)
    if path.stat().st_size > _LARGEST:
        raise AuditorError("file_too_large", place, size=_LARGEST >> 20)
    text = run_apart(pdf_text, str(path), place=place, seconds=_SECONDS)
    rows = list(_rows(text))
    titles = _titles(path, rows, latest_year)
    found = list(_totals(rows))
    currencies = {currency for _, _, currency in found if currency}
    if len({amount for _, amount, _ in found}) != 1 or len(currencies) > 1:
        raise AuditorError("file_is_pdf", place)
    (label, amount, _), currency = found[0], next(iter(currencies), "")
    return ControlTotal("total", amount, currency or titles.currency, place, label), titles


def _titles(path: Path, rows: Sequence[list[str]], latest_year: int) -> Titles:
    """Read the facts, each behind its label; the date and the number of a transaction also in the line below it."""
    pairs = [_with_below(cells, rows[at : at + 1]) for at, cells in enumerate(rows, 1)]
    sheet = Sheet(path.name, "", SheetRows(pairs, range(1, len(pairs) + 1)))
    titles = read_titles(sheet, list(sheet.rows), "", "", latest_year)
    numbers = (cells[1] for cells in pairs if len(cells) > 1 and _is_transaction(cells[0]))
    return titles if titles.document else replace(titles, document=next(numbers, ""))


def _with_below(cells: list[str], below: Sequence[list[str]]) -> list[str]:
    stated = below[0][0] if below else ""
    if len(cells) != 1 or not any(map(str.isdigit, stated)):
        return cells
    is_label = title_field(cells[0]) == "document_date" or _is_transaction(cells[0])
    return [*cells, stated] if is_label else cells


def _is_transaction(label: str) -> bool:
    return key(label.rstrip(": ")) in lists("receipts")["number"]


def pdf_text(path: str) -> str:
    """Give the text of a PDF; to be done apart. Raises `AuditorError`, for one too long to be a receipt, too."""
    import pypdf  # noqa: PLC0415 - only where there is a receipt
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise AuditorError("file_encrypted")
        if len(reader.pages) > _MOST_PAGES:
            raise AuditorError("file_is_pdf")
        return "\n".join(page.extract_text() for page in reader.pages)
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AuditorError("file_is_pdf") from error


def _rows(text: str) -> Iterator[list[str]]:
    """Give the lines of a text as cells: cut at wide gaps, and before a figure that ends a line."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in _COLUMNS.split(line.strip()) if cell.strip()]
        ending = _ENDING.match(cells[0]) if len(cells) == 1 and not _amount(cells[0]) else None
        if ending and _amount(ending["figure"]):
            yield [ending["label"].rstrip(": "), ending["figure"]]
        elif cells:
            yield cells


def _totals(rows: list[list[str]]) -> Iterator[tuple[str, Decimal, str]]:
    """Give every figure that a total's label announces: behind it, or alone on the next line."""
    for place, cells in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) else []
        for column, cell in enumerate(cells):
            if _announces_total(cell.rstrip(": ")):
                found = map(_amount, cells[column + 1 :] or following[:1])
                yield from ((cell.rstrip(": "), *amount) for amount in found if amount)


def _announces_total(label: str) -> bool:
    return total_kind(label) == "total" or key(label) in lists("receipts")["paid"]


def _amount(text: str) -> tuple[Decimal, str] | None:
    """Read an amount with its currency; its cents tell the decimal mark. None if it is none, or open."""
    number = None if _TWO_FIGURES.search(text) else take_apart(text)
    if number is None or not _CENTS.fullmatch(number.body):
        return None
    marks = possible_marks(number.body)
    mark = next((one for one in sorted(MARKS & marks) if number.body.rpartition(one)[2].isdecimal()), ".")
    cents = number.body[-3:-2]
    value = read_number(number, cents if cents in marks else mark)
    return None if value is None else (value, number.currency)
