"""What the user of the command line sees: the answer, the refusal, and where the work is."""

import argparse
import contextlib
import os
import re
import sys
import tomllib
import traceback
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Self

from auditor import __version__
from auditor.core.causes.beyond import beyond_in_all
from auditor.core.causes.words import cause_sentence
from auditor.core.causes.words import support_sentence
from auditor.core.checks.lines import sentence
from auditor.core.checks.three_way import doors
from auditor.core.checks.three_way_words import logged_sentence
from auditor.core.checks.three_way_words import short_exports
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import Layer
from auditor.core.results import Cell
from auditor.core.results import Fixed
from auditor.core.results import Reconciliation
from auditor.core.results import Support
from auditor.core.results import Unlogged
from auditor.core.totals import unrated_of
from auditor.language import Language
from auditor.language import system_language
from auditor.paths import user_data
from auditor.project.faults import file_fault
from auditor.readers.files import read_text
from auditor.working import kept_folder

_PROBLEMS_SHOWN = 5
# What was taken for granted of a log: if it is wrong, so are the figures.
_GRANTED = {f"reading_logs.decisions.{name}" for name in ("local_times", "dates", "decimal_comma", "hidden_rows")}

# What is stated of how a file is to be read, and is kept as a profile.
_OF_INSPECT = re.compile(r"--(?:sheet|header-row|decimal|dates|encoding|zone|map)\b")


def language_of(parsed: argparse.Namespace) -> str:
    """Give the language for a refusal: the account's where its file can be read that far."""
    path: Path | None = getattr(parsed, "account", None)
    try:
        stated = tomllib.loads(read_text(path))["audit"]["language"] if path else ""
    except (AuditorError, OSError, ValueError, KeyError, TypeError, RecursionError):
        stated = ""
    return str(stated or system_language())


def refuse(error: AuditorError, code: str, *, inspects: bool = False) -> None:
    """Say on stderr why a request was refused, the first findings it rests on, and how else a file can be read."""
    language = Language(code)
    found = [language.problem(problem) for problem in error.problems[:_PROBLEMS_SHOWN]]
    with contextlib.suppress(OSError):  # what takes no more words takes none about that, and the status tells it
        print(language.error(error), file=sys.stderr)
        for said in found:
            print(f"  {said}", file=sys.stderr)
        if not inspects:
            advise([language.error(error), *found], language)


def advise(said: Iterable[str], language: Language) -> None:
    """Say on stderr, if sentences name options that only `inspect` has, how what is stated there serves elsewhere."""
    if any(map(_OF_INSPECT.search, said)):
        print(language.text("cli.stated_apart"), file=sys.stderr)


def known(error: Exception, audit: Path | None = None) -> AuditorError:
    """Give a refusal as it is; make one of a path the system refuses, and of a fault of ours, with a report.

    What the database finds damaged is the `audit` that was at work.
    """
    if isinstance(error, AuditorError):
        return error
    if fault := file_fault(error, audit.name if audit else ""):
        return fault
    return AuditorError("unexpected_fault", report=_fault_report(error))


def _fault_report(error: Exception) -> str:
    """Write down what happened, for whoever mends it, and give the file."""
    text = f"auditor {__version__}\n" + "".join(traceback.format_exception(error))
    raw = text.encode(errors="backslashreplace")  # a path may hold bytes that are no letters
    path = user_data() / "fault.txt"
    try:
        path.write_bytes(raw)
    except OSError:  # no home, or a full one
        path = kept_folder() / "fault.txt"
        path.write_bytes(raw)
    return str(path)


def real(path: Path) -> Path:
    """Give the file that a path comes to; a link to itself, at which `Path.resolve` fails, stays as it is.

    Where a system takes `Invoice.xlsx` and `invoice.xlsx` for one file, as macOS does, both come to one path.
    """
    found = Path(os.path.realpath(path))
    alike = found.name.casefold()
    try:
        same = [one for one in found.parent.iterdir() if one.name.casefold() == alike and one.samefile(found)]
    except OSError:  # not there yet, or in a folder that may not be looked into
        return found
    return min(same, default=found)


def report(result: Reconciliation, written: Sequence[Path], fixed: Fixed) -> None:
    """Print the answer, what of it was fixed before the invoice was known, and where it was written."""
    language = Language(result.account.language)

    def money(amount: Decimal) -> str:
        return language.money(amount, result.account.currency)

    rows = [("expected", f"{money(result.expected)}  ({money(result.low)} – {money(result.high)})")]
    if not result.has_log:
        rows = [("invoiced", money(result.billed))]
    elif result.invoice_lines:
        rows = [
            ("invoiced", money(result.billed)),
            *rows,
            ("difference", money(result.difference)),
            ("overcharged", money(result.overcharged)),
            ("undercharged", money(result.undercharged)),
            *([("rounding", money(result.moved_by_rounding))] if result.moved_by_rounding else []),
            ("explained", money(result.difference - result.unexplained)),
            ("unexplained", money(result.unexplained)),
        ]
    if result.offset and result.invoice_lines:
        parts = ("unexplained_over", "unexplained_under")
        rows += [(name, money(getattr(result, name))) for name in parts]
    labels = [language.text(f"cli.{name}") for name, _ in rows]
    width = max(len(label) for label in labels)
    print(result.account.name)
    for label, (_, text) in zip(labels, rows, strict=True):
        print(f"  {label:<{width}}  {text}")
    for remark in _beside(result, language):
        print("  " + remark)
    counts: dict[str, int] = {}
    for line in result.differences:
        counts[line.status] = counts.get(line.status, 0) + 1
    words = [f"{language.text(f'domain.status.{status}').lower()} {count}" for status, count in sorted(counts.items())]
    print("  " + language.text("cli.lines", lines="; ".join(words) or "0"))
    _report_three_way(result, language)
    _report_possible(result, language)
    _report_line_findings(result, language)
    for remark in _fixed(fixed, language):
        print("  " + remark)
    for path in written:
        print("  " + language.text("cli.written", path=str(path.absolute())))


def _fixed(fixed: Fixed, language: Language) -> Iterator[str]:
    """Say what was sealed before an invoice was there, and thresholds that were set only afterwards."""
    if fixed.invoice_at is None:
        return
    sealed = fixed.sealed
    if sealed is not None:
        amount = language.money(sealed.expected, sealed.currency)
        yield language.text(f"cli.seal_{'holds' if sealed.holds else 'broken'}", amount=amount)
    if not fixed.in_time:
        yield language.text("cli.thresholds_late")


def _beside(result: Reconciliation, language: Language) -> Iterator[str]:
    """Say what the figures leave out: layers of the invoice, what gaps may hide, days and numbers not in the log."""
    yield from _not_compared(result, language)
    gaps = result.health.gaps
    if gaps:
        sides = (total(getattr(gap, side) for gap in gaps) for side in ("below", "above"))
        below, above = (language.money(side, result.account.currency) for side in sides)
        yield language.text("domain.widening.beside", below=below, above=above)
    if result.has_log:
        yield from not_in("log", result.health.unlogged, result.account, language)


def _not_compared(result: Reconciliation, language: Language) -> Iterator[str]:
    """Say what else the invoice bills, which is held against no message (formats.md §3)."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in result.invoice_lines:
        if line.layer != Layer.META:
            place = (line.layer.value, line.currency or result.account.currency)
            sums[place] = total([sums.get(place, ZERO), line.amount])
    if not sums:
        return
    layers = [
        f"{language.text(f'domain.layer.{layer}')} {language.money(amount, currency)}"
        for (layer, currency), amount in sorted(sums.items())
    ]
    some = any(line.layer == Layer.META for line in result.invoice_lines)
    yield language.text(f"cli.{'not' if some else 'none'}_compared", layers="; ".join(layers))


def not_in(what: str, places: Sequence[Unlogged], account: Account, language: Language) -> list[str]:
    """Name the days and numbers of which the `log`, or the `charges`, have nothing."""
    names = {waba.id: waba.name or waba.id for waba in account.wabas}
    made = []
    for one in places[:_PROBLEMS_SHOWN]:
        words = {"account": names[one.waba_id], "number": one.phone_number_id}
        days = {"first": language.day(one.first), "last": language.day(one.last)}
        code = f"{'number' if one.phone_number_id else 'days'}_not_in_{what}"
        made.append(language.text(f"cli.{code}", **words, **days))
    return made


def _report_three_way(result: Reconciliation, language: Language) -> None:
    """Print which of invoice, usage export and log stands alone, and what Meta logged otherwise than by the rules."""
    if result.three_way:
        counts = sorted(doors(result.three_way).items())
        said = (f"{count} {language.text(f'checks.door.{door}')}" for door, count in counts)
        print("  " + language.text("cli.three_way", lines="; ".join(said)))
        names = {waba.id: waba.name or waba.id for waba in result.account.wabas}
        for sentence_ in short_exports(result.three_way, language.text, lambda waba: names.get(waba, waba)):
            print("    " + sentence_)
    cross = result.cross_check
    if cross.disagreeing:
        counted = {"compared": language.number(cross.compared), "disagreeing": language.number(cross.disagreeing)}
        print("  " + language.text("cli.logged", **counted))
    for one in cross.patterns[:_PROBLEMS_SHOWN]:
        words = {"count": language.number(one.messages), "sentence": logged_sentence(one, language.text)}
        if one.logged is None or not one.difference:
            print("    " + language.text("cli.logged_line", **words))
        else:
            money = {name: language.money(getattr(one, name), one.currency) for name in ("logged", "expected")}
            print("    " + language.text("cli.logged_money", **words, **money))


def _report_possible(result: Reconciliation, language: Language) -> None:
    """Say which causes compete for what is not explained, what speaks for each, and what gaps of the log may be.

    And of what only units are others that nothing accounts for.
    """
    sums: dict[tuple[str, Support], Decimal] = {}
    for line in result.differences:
        for one in line.causes:
            if one.support:
                sums[one.cause, one.support] = sums.get((one.cause, one.support), ZERO) + one.amount
    for (cause, support), amount in sums.items():
        told = support_sentence(support, language.text)
        _say_possible(cause, amount, told, result.account.currency, language)
    gaps = [one for line in result.differences for one in line.causes if one.cause == "log_gap"]
    if gaps:
        days = {end: pick(one.values[end] for one in gaps) for end, pick in (("first", min), ("last", max))}
        told = cause_sentence("log_gap", days, language.text, str)
        _say_possible("log_gap", total(one.amount for one in gaps), told, result.account.currency, language)
    beyond = beyond_in_all(result.differences)
    if beyond:
        told = cause_sentence(beyond.cause, beyond.values, language.text, str)
        _say_possible(beyond.cause, beyond.amount, told, result.account.currency, language)


def _say_possible(cause: str, amount: Decimal, told: str, currency: str, language: Language) -> None:
    name = language.text(f"domain.cause.{cause}")
    print("  " + language.text("cli.possible", cause=name, amount=language.money(amount, currency), support=told))


def _report_line_findings(result: Reconciliation, language: Language) -> None:
    """Print what the invoice's lines say against themselves, and that there is no log to hold them against."""
    if not result.has_log:
        print("  " + language.text("cli.no_log"))
    if result.line_findings:
        print("  " + language.text("cli.line_findings", count=language.number(len(result.line_findings))))
    for one in result.line_findings[:_PROBLEMS_SHOWN]:
        places = "; ".join(language.place(place) for place in one.places)
        said = sentence(one, language.text, language.money)
        print(f"    {places}: {said}" if places else f"    {said}")


def warn_of_charges(
    imports: Sequence[ImportReport], cells: Sequence[Cell], lacking: Sequence[Unlogged], account: Account
) -> None:
    """Say on stderr what `warn` does, and of which days and numbers nothing was charged because the log has nothing."""
    advise(warn(imports, cells, account.language), Language(account.language))
    for said in not_in("charges", lacking, account, Language(account.language)):
        print(said, file=sys.stderr)


def warn(imports: Sequence[ImportReport], cells: Sequence[Cell], code: str) -> list[str]:
    """Say on stderr what to look at, and give the sentences.

    That is unused rows, remarks, what was granted, unpriced charges, what may count twice.
    """
    language = Language(code)
    sentences: list[str] = []
    for file in imports:
        sentences += [
            f"{file.file}: {language.said(said)}"
            for said in (*file.warnings, *(said for said in file.decisions if said.code in _GRANTED))
        ]
        if file.refused:
            words = {"file": file.file, "count": language.number(file.refused), "rows": language.number(file.read)}
            sentences.append(language.text("cli.unused", **words))
        for kind in file.problems:
            problem = language.problem(Problem(kind.code, kind.place, kind.values))
            counted = kind.count > 1 or kind.place.row
            shown = language.text("cli.unused_kind", problem=problem, count=language.number(kind.count))
            sentences.append(f"  {shown if counted else problem}")
    unrated = sum(cell.quantity for cell in unrated_of(cells))
    if unrated:
        sentences.append(language.text("cli.unrated", count=language.number(unrated)))
    for said in sentences:
        print(said, file=sys.stderr)
    return sentences


class Progress:
    """A line that tells where the work is, on a terminal only; it is wiped at the end."""

    def __init__(self, code: str) -> None:
        """Speak the language of `code`."""
        self._code = code
        self._shown = ""
        self._terminal = sys.stderr is not None and sys.stderr.isatty()  # there is none beside a window of Windows

    def __enter__(self) -> Self:
        """Begin to watch."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wipe the line."""
        self._show("")

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show a step and its share, as `problems.Progress` has it."""
        if self._terminal:
            share = f" {done * 100 // total:3d} %" if total and done else ""
            self._show(Language(self._code).text(f"cli.step.{step}") + share)

    def _show(self, text: str) -> None:
        if text != self._shown:
            sys.stderr.write("\r" + text + " " * max(0, len(self._shown) - len(text)) + ("" if text else "\r"))
            sys.stderr.flush()
            self._shown = text


def check_summary(path: Path, sources: Sequence[Path]) -> None:
    """Refuse a file that cannot be written, or would cost an input, before hours of work."""
    if real(path) in {real(source) for source in sources}:
        raise AuditorError("target_is_source", Place(str(path)))
    if not path.absolute().parent.is_dir():
        raise AuditorError("folder_missing", Place(str(path)))
    check_summary_kind(path)


def check_summary_kind(path: Path) -> None:
    """Refuse another ending than that of JSON: under that of a table it would be opened as one (formats.md §8)."""
    if path.suffix.lower() != ".json":
        raise AuditorError("summary_kind_unknown", Place(str(path)))
