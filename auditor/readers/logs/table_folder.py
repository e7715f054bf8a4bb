"""A folder of tables as one log: texts of a month or a day each, and a list of templates with their categories (§2.3).

Meta's and most providers' lists of templates name each with its category; the exports of messages beside them often
name the template alone.
"""

import csv
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.readers.files import first_rows
from auditor.readers.files import folder_files
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.json_objects import Noted
from auditor.readers.logs.numbered import check_width
from auditor.readers.logs.numbered import number_rows
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.tables import stage_numbered
from auditor.readers.logs.whereabouts import Whereabouts
from auditor.readers.logs.words import may_report_messages
from auditor.readers.logs.words import spoken_fields
from auditor.readers.logs.words import told_fields
from auditor.readers.sniff import Sniffed
from auditor.readers.written import as_written
from auditor.working import working_folder

_CATEGORY, _TEMPLATE = "template_category", "template_name"
_OF_LISTS = frozenset({_CATEGORY, _TEMPLATE})
# A list of templates is of these, and of no message.
_OF_MESSAGES = frozenset({"message_id", "user", "from", "to", "direction", "delivered_at"})


@dataclass(frozen=True, slots=True)
class _Table:
    path: Path
    sniffed: Sniffed
    heads: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the rows of a table are read with: a copy of one at a time, how its heads are known, and who watches."""

    copy: Path
    known: LogHeads
    progress: Progress

    def rows(self, table: _Table) -> Iterator[Mapping[str, str]]:
        """Give the rows of a table by its heads, each with its number and fault."""
        number_rows(table.path, table.sniffed, self.copy, self.known, self.progress)
        with self.copy.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def stage_tables(staging: Staging, folder: Path) -> Staged | None:
    """Stage the texts of a folder whose heads are those of a log as one; None where there is none.

    A row's number counts over all files in their order; of a few, the file is told that holds it. Other files are said
    not to be read, but for lists of templates: they tell the categories of the messages that name a template and have
    no column of categories. Raises `AuditorError("log_heads_differ")` for files with other heads than the first.
    """
    known = LogHeads(staging.profiles, staging.mapping)
    tables, said = _tables(sorted(folder_files(folder)), known)
    lists = [one for one in tables if _is_list(one.heads)]
    logs = [one for one in tables if one not in lists]
    if not logs:
        return None
    odd = next((one for one in logs if {*one.heads} != {*logs[0].heads}), None)
    if odd:
        raise AuditorError("log_heads_differ", Place(odd.path.name, row=1))
    with working_folder() as work:
        target, reading = work / "rows.csv", _Reading(work / "one.csv", known, staging.progress)
        templates = _templates(lists, reading)
        where = Whereabouts(folder)
        heads = _copy(logs, templates, target, reading, where.note)
        comma = all(one.sniffed.delimiter == ";" for one in logs)
        staged = stage_numbered(staging, target, (0, heads), Place(folder.name), faults=True, comma=comma)
    return replace(staged, warnings=(*said, *staged.warnings), stretches=tuple(where.stretches))


def _tables(names: Sequence[Path], known: LogHeads) -> tuple[list[_Table], tuple[Said, ...]]:
    """Give the tables of logs and of templates among the files, and say of each other that it is not read."""
    tables: list[_Table] = []
    said: list[Said] = []
    for name in names:
        try:
            sniffed = as_written(name)
            rows = first_rows(name, sniffed) if sniffed.kind == "csv" else []
        except AuditorError as error:
            said.append(_foreign(Problem(error.code, error.place or Place(name.name), error.values)))
            continue
        heads = rows[known.place(rows)] if rows else []
        twice = next((head for head in heads if head.strip() and heads.count(head) > 1), "")
        if twice:
            said.append(_foreign(Problem("log_column_twice", Place(name.name, row=1), {"column": twice})))
        elif known.are(heads) or may_report_messages(heads) or _is_list(heads):
            tables.append(_Table(name, sniffed, heads))
        else:
            said.append(_foreign(Problem("webhook_file_unknown", Place(name.name))))
    return tables, tuple(said)


def _foreign(problem: Problem) -> Said:
    return Said("reading_logs.decisions.foreign_file", problem=problem)


def _is_list(heads: Sequence[str]) -> bool:
    fields = told_fields(heads)
    return fields >= _OF_LISTS and fields.isdisjoint(_OF_MESSAGES)


def _templates(lists: Sequence[_Table], reading: _Reading) -> Mapping[str, str]:
    """Give the category of each template. Raises `AuditorError("template_category_twice")` for one that has two."""
    found: dict[str, str] = {}
    for table in lists:
        fields = spoken_fields(table.heads)
        for row in reading.rows(table):
            name, category = (row.get(fields[field], "").strip() for field in (_TEMPLATE, _CATEGORY))
            if name and found.setdefault(name, category).lower() != category.lower():
                place = Place(table.path.name, row=int(row["row"]))
                raise AuditorError("template_category_twice", place, name=name, category=category, other=found[name])
    return found


def _copy(
    logs: Sequence[_Table], templates: Mapping[str, str], target: Path, reading: _Reading, note: Noted
) -> list[str]:
    """Write the rows of all files under their common heads, with the category of the template that one names.

    Where each stood is told to `note`. Raises `AuditorError("template_not_listed")` for a template without a category:
    its messages would count as of none.
    """
    heads = [head for head in logs[0].heads if head.strip()]
    fields = spoken_fields(heads)
    told = templates if _TEMPLATE in fields and _CATEGORY not in fields else {}
    columns = [*heads, _CATEGORY] if told else heads
    check_width(columns, target)
    with target.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.DictWriter(copy, ["row", *columns, "fault"], restval="", extrasaction="ignore")
        writer.writeheader()
        rows = ((table, row) for table in logs for row in reading.rows(table))
        for number, (table, row) in enumerate(rows, 1):
            name = row.get(fields[_TEMPLATE], "").strip() if told else ""
            if name and name not in told:
                raise AuditorError("template_not_listed", Place(table.path.name, row=int(row["row"])), name=name)
            writer.writerow({**row, **({_CATEGORY: told[name]} if name else {}), "row": number})
            note(number, table.path, int(row["row"]))
    return columns
