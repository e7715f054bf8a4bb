"""An inspection as text for a terminal, and as JSON for other programs."""

import json
from collections.abc import Iterator
from collections.abc import Mapping

from auditor.core.problems import ProblemCount
from auditor.language import Language
from auditor.project.plain import to_plain
from auditor.verbs.inspection import Inspection


def inspection_json(seen: Inspection, code: str) -> str:
    """Give everything as JSON; `problems` and `refused` carry their sentences beside the codes."""
    language = Language(code)
    content = to_plain(seen)
    for problem, plain_problem in zip(seen.refused, content["refused"], strict=True):
        plain_problem["sentence"] = language.problem(problem)
    for remark, plain_remark in zip(seen.remarks, content["remarks"], strict=True):
        plain_remark["sentence"] = _remark(remark, language)
    return json.dumps(content, ensure_ascii=False, indent=2)


def inspection_text(seen: Inspection, code: str) -> str:
    """Give what was found, how it will be read, the first rows, and what is refused and why."""
    return "\n".join(_lines(seen, Language(code)))


def _lines(seen: Inspection, language: Language) -> Iterator[str]:
    say = language.text
    yield f"{seen.file}: {say(f'inspect.kind.{seen.kind}')}"
    if seen.header_row:
        yield say("inspect.table", sheet=seen.sheet or "-", row=seen.header_row)
    if seen.profile:
        yield say("inspect.profile", name=seen.profile)
    if seen.saved:
        yield say("inspect.saved", name=seen.saved)
    for column in seen.columns:
        meaning = say(f"reading.field.{column.field or 'ignore'}")
        marks = ", ".join(mark for mark in (say(f"inspect.type.{column.kind}"), column.decimal, column.dates) if mark)
        yield f"  {column.head or '-'} -> {meaning} ({marks})"
    report = seen.report
    yield say("inspect.rows", read=report.read, kept=report.kept, left_out=report.left_out, refused=report.refused)
    for row in seen.rows:
        yield "  " + _row(row)
    yield from (f"  {decision}" for decision in report.decisions)
    yield from (f"  {_remark(remark, language)}" for remark in seen.remarks)


def _row(row: Mapping[str, str]) -> str:
    return "  ".join(f"{name}={value}" for name, value in row.items())


def _remark(remark: ProblemCount, language: Language) -> str:
    sentence = language.text(f"problems.{remark.code}", **remark.values)
    return f"{language.place(remark.place)} ({remark.count}): {sentence}"
