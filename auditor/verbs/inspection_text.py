"""An inspection as text for a terminal, and as JSON for other programs."""

import json
from collections.abc import Iterator
from collections.abc import Mapping

from auditor.core.money import plain
from auditor.core.problems import ProblemCount
from auditor.language import Language
from auditor.language import quoted
from auditor.project.plain import to_plain
from auditor.verbs.inspection import Inspection
from auditor.verbs.seen import SeenColumn
from auditor.verbs.seen import SeenRow
from auditor.verbs.seen import helping

_ROWS_REFUSED = 20


def inspection_json(seen: Inspection, code: str) -> str:
    """Give everything as JSON; `refused`, `remarks` and `stopped` carry their sentences beside the codes."""
    language = Language(code)
    content = to_plain(seen)
    for row, plain_row in zip(seen.refused, content["refused"], strict=True):
        if row.problem:
            plain_row["problem"]["sentence"] = language.problem(row.problem)
    for remark, plain_remark in zip(seen.remarks, content["remarks"], strict=True):
        plain_remark["sentence"] = _remark(remark, language)
    for name in ("decisions", "warnings"):
        content["report"][name] = [language.said(said) for said in getattr(seen.report, name)]
    # The span stands above in words; the report has it in microseconds, and a number of our own where there is none.
    for name in ("first", "last"):
        del content["report"][name]
    if seen.stopped:
        content["stopped"]["sentence"] = language.problem(seen.stopped)
    return json.dumps(content, ensure_ascii=False, indent=2)


def inspection_text(seen: Inspection, code: str) -> str:
    """Give what was found, how it will be read, the first rows, and what is refused and why."""
    language = Language(code)
    parts = (_file(seen, language), _table(seen, language), _rows(seen, language), _sums(seen, language))
    return "\n".join(line for part in parts for line in part)


def _file(seen: Inspection, language: Language) -> Iterator[str]:
    """Say what the file is."""
    say, form, report = language.text, seen.format, seen.report
    marks = (form.kind, form.compression, form.encoding, {"\t": "tab"}.get(form.delimiter, form.delimiter))
    yield f"{seen.file}: {say(f'inspect.kind.{seen.kind}')} ({', '.join(mark for mark in marks if mark)})"
    yield f"  SHA-256 {report.sha256}, {language.number(report.size)} bytes"
    if len(seen.sheets) > 1:
        yield say("inspect.sheets", sheets=quoted(", ".join(sheet.name for sheet in seen.sheets)))


def _table(seen: Inspection, language: Language) -> Iterator[str]:
    """Say where the table is and what its columns mean."""
    say = language.text
    if seen.header_row:
        places = {"row": seen.header_row, "first": seen.first_row, "last": seen.last_row}
        yield say("inspect.table", sheet=quoted(seen.sheet) or "-", **places)
    if seen.profile:
        yield say("inspect.profile", name=seen.profile)
    if seen.saved:
        yield say("inspect.saved", name=seen.saved)
    for column in seen.columns:
        yield f"  {_column(column, language)}"


def _column(column: SeenColumn, language: Language) -> str:
    name = column.field or "ignore"
    meaning = language.text(f"reading.field.{name}") if column.basis or not column.field else name
    if column.helps:
        meaning = helping(column, language)
    sure = language.text(f"inspect.basis.{column.basis}", sure=column.sure) if column.basis else ""
    mark = language.text("inspect.mark", mark=column.decimal) if column.decimal else ""
    marks = (language.text(f"inspect.type.{column.kind}"), mark, column.dates, column.currency, sure)
    head = " ".join(part for part in (column.letters, quoted(column.head) or "-") if part)
    return f"{head} -> {meaning} ({', '.join(mark for mark in marks if mark)})"


def _rows(seen: Inspection, language: Language) -> Iterator[str]:
    """Show the first rows as they will be read, and those refused with the reason."""
    report = seen.report
    counts = {"kept": report.kept, "left_out": report.left_out, "refused": report.refused}
    yield language.text("inspect.rows", read=report.read, **counts)
    for row in seen.rows:
        if row.fields:
            yield f"  {row.row or '-'}: {_values(row.fields)}"
    for row in seen.refused[:_ROWS_REFUSED]:
        yield f"  {_refusal(row, language)}"


def _values(fields: Mapping[str, str]) -> str:
    return "  ".join(f"{name}={quoted(value)}" for name, value in fields.items())


def _refusal(row: SeenRow, language: Language) -> str:
    return language.problem(row.problem) if row.problem else quoted(" | ".join(row.cells))


def _sums(seen: Inspection, language: Language) -> Iterator[str]:
    """Say what the lines add up to, what the file states, and everything that was decided or looks odd."""
    say = language.text
    for one in seen.sums:
        layer = say(f"domain.layer.{one.layer}")
        values = {"layer": layer, "lines": one.lines, "amount": plain(one.amount), "quantity": plain(one.quantity)}
        name = "sum" if one.currency else "sum_no_currency" if one.amount else "sum_no_money"
        yield f"  {say(f'inspect.{name}', currency=one.currency, **values)}"
    for total in seen.totals:
        word = say("inspect.agrees" if total.agrees else "inspect.differs")
        stated = {"label": total.label or total.kind, "amount": plain(total.amount), "row": total.row}
        if total.row:
            yield f"  {say('inspect.total', **stated)}: {word}"
        else:
            yield f"  {say('inspect.total_alone', currency=total.currency, **stated)}"
    if seen.first or seen.last:
        yield say("inspect.span", first=seen.first or "-", last=seen.last or "-")
    yield from (f"  {language.said(said)}" for said in (*seen.report.decisions, *seen.report.warnings))
    yield from (f"  {_remark(remark, language)}" for remark in seen.remarks)


def _remark(remark: ProblemCount, language: Language) -> str:
    sentence = language.text(f"problems.{remark.code}", **remark.values)
    return f"{language.place(remark.place)} ({remark.count}): {sentence}"
