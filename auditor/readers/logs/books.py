"""Message logs in workbooks (formats.md §1, §2.3): one sheet, streamed to a text."""

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.books.book_head import first_rows_of_sheets
from auditor.readers.books.cells import sheet_to_csv
from auditor.readers.logs.heads import ROWS_LOOKED_AT
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.heads import below_titles
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.tables import stage_numbered
from auditor.readers.logs.words import are_messages
from auditor.readers.tables.profiles import squeezed
from auditor.working import working_folder

_COLUMNS_LOOKED_AT = 1_000


def stage_book(staging: Staging, path: Path, kind: str) -> Staged:
    """Stage the sheet with the heads of a log: the first sheet that holds anything, or else the only one that has them.

    Raises `AuditorError` as `stage_numbered` does, `log_on_sheets` for a log that goes on upon other sheets,
    `cell_error` and `formula_no_value` for the first cell without a value in a column that is read.
    """
    known = LogHeads(staging.profiles, staging.mapping)
    sheets = first_rows_of_sheets(path, kind, ROWS_LOOKED_AT, _COLUMNS_LOOKED_AT)
    with working_folder() as folder:
        target = folder / "sheet.csv"
        sheet, facts = sheet_to_csv(path, "", target, staging.progress)
        row, heads, titles = _heads(target, known)
        logs = [name for name, rows in sheets.items() if any(map(known.are, rows))]
        if not known.are(heads) and len(logs) > 1 and not are_messages(sheets.get(sheet, [])):
            raise AuditorError("log_on_sheets", Place(path.name), sheets=", ".join(logs))
        reporting = [name for name, rows in sheets.items() if name in logs or are_messages(rows)]
        if not known.are(heads) and logs and sheet not in reporting:
            sheet, facts = sheet_to_csv(path, logs[0], target, staging.progress)
            row, heads, titles = _heads(target, known)
        place = Place(path.name, sheet)
        if not heads:
            raise AuditorError("file_empty", place)
        mine = _words(heads)
        others = [
            name for name, rows in sheets.items() if name != sheet and (name in reporting or mine in map(_words, rows))
        ]
        if others:
            raise AuditorError("log_on_sheets", place, sheets=", ".join(others))
        staging, said = below_titles(staging, titles, heads)
        staged = stage_numbered(staging, target, (row, heads), place, faults=False, facts=facts)
        return replace(staged, decisions=(*said, *staged.decisions))


def _heads(target: Path, known: LogHeads) -> tuple[int, list[str], list[list[str]]]:
    """Give the number of the row of heads, the heads, and the rows above them."""
    with target.open(encoding="utf-8", newline="") as file:
        first = list(islice(csv.reader(file), ROWS_LOOKED_AT))
    cells = [row[1:] for row in first]
    place = known.place(cells)
    return (int(first[place][0]), cells[place], cells[:place]) if first else (0, [], [])


def _words(heads: list[str]) -> list[str]:
    return [squeezed(head) for head in heads if head.strip()]
