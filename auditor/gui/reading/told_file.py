"""The story of one file of the audit, as formatted text: its print, what was read and how, and what was wrong in it."""

from html import escape

from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.records import ImportReport
from auditor.gui.context import Context
from auditor.gui.pieces.controls import listed
from auditor.gui.words import Words


def told_file(source: ImportReport, words: Words, context: Context) -> str:
    """Tell a file's story in the window's language and colours."""
    speech, muted = context.speech, context.appearance.theme.muted
    parts = [f"<p style='font-size:large; margin-top:0'><b>{escape(source.file)}</b></p>"]
    parts.append(
        f"<p style='color:{muted}'>SHA-256 {escape(source.sha256)}<br>"
        + escape(speech.text("sources.read", read=words.count(source.read), size=_size(source.size, words)))
        + (f" · {escape(speech.text('sources.profile', name=source.profile))}" if source.profile else "")
        + "</p>"
    )
    decided = [escape(speech.language.said(one)) for one in source.decisions]
    parts.append(listed(speech.text("sources.decisions"), decided))
    found = [escape(speech.language.said(one)) for one in source.warnings]
    found += [_problem(problem, context) for problem in source.problems]
    parts.append(listed(speech.text("sources.problems"), found) if found else _clean(source, context))
    return "".join(parts)


def _problem(found: ProblemCount, context: Context) -> str:
    language, speech, muted = context.speech.language, context.speech, context.appearance.theme.muted
    sentence = speech.problem(Problem(found.code, found.place, found.values))
    times = speech.text("sources.rows", count=language.number(found.count)) if found.count > 1 else ""
    return escape(sentence) + (f" <span style='color:{muted}'>({escape(times)})</span>" if times else "")


def _clean(source: ImportReport, context: Context) -> str:
    key = "sources.clean" if not source.refused else "sources.refused_some"
    return f"<p>{escape(context.speech.text(key, count=source.refused))}</p>"


def _size(size: int, words: Words) -> str:
    """Give a file's size as file managers do."""
    if size < 1_000_000:
        return f"{words.language.number(max(1, round(size / 1000)))} kB"
    return f"{words.language.number(round(size / 100_000) // 10)} MB"
