"""Tables under our own heads that were saved as workbooks: rate cards and exchange rates (formats.md §5, §7)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date

from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.files import plain_head


def book_rows(rows: Sequence[SheetRow]) -> tuple[list[str], Iterator[tuple[int, Mapping[str, str]]]]:
    """Give the heads, which the first of some filled rows holds, and the others by number, as a CSV would have them."""
    heads = [plain_head(cell.text) for cell in rows[0].cells] if rows else []
    return heads, (
        (row.number, {head: plain_text(row.cell(at)) for at, head in enumerate(heads, 1)}) for row in rows[1:]
    )


def plain_text(cell: SheetCell) -> str:
    """Give a cell as our columns write it: a date without its hours."""
    return cell.value.strftime("%Y-%m-%d") if isinstance(cell.value, date) else cell.text
