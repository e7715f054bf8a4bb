"""The commands: arguments become verbs, and the exit status says how it ended (formats.md §8)."""

import argparse
import io
import shutil
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from auditor.cli.accounts import reconcile_expected
from auditor.cli.arguments import parser
from auditor.cli.cluster import charges_on_spark
from auditor.cli.console import Progress
from auditor.cli.console import real
from auditor.cli.console import report
from auditor.cli.console import warn
from auditor.cli.console import warn_of_charges
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.language import Language
from auditor.language import system_language
from auditor.readers.cells import book_awaited
from auditor.readers.files import digest
from auditor.readers.files import standing
from auditor.readers.invoices import ReadOptions
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.recognise import USAGE
from auditor.sample import write_sample
from auditor.settings import load
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.inspection import Inspection
from auditor.verbs.inspection import inspect as look_at
from auditor.verbs.inspection_text import inspection_json
from auditor.verbs.inspection_text import inspection_text
from auditor.verbs.kernels import kernels_loading
from auditor.verbs.line_words import line_words
from auditor.verbs.line_words import names_of
from auditor.verbs.proof import verify as perform_again
from auditor.verbs.review_words import shown
from auditor.verbs.room import Room
from auditor.working import copy_whole
from auditor.working import is_device
from auditor.working import put_in_place
from auditor.working import working_file
from auditor.writers.whole_file import made_folder

DONE, DIFFERENT = 0, 1


def reconcile(parsed: argparse.Namespace) -> int:
    """Audit an invoice, or accrue without one; write what was asked for."""
    if parsed.expected:
        return reconcile_expected(parsed)
    if not (parsed.messages or parsed.invoice or (parsed.audit and parsed.audit.exists())):
        raise AuditorError("nothing_to_reconcile", options="--messages, --invoice, --expected")
    if parsed.seal and (parsed.audit is None or parsed.invoice):
        raise AuditorError("seal_needs_audit")
    if parsed.gaps:
        raise AuditorError("gaps_want_expected", Place(str(parsed.gaps)))
    account, text = read_account_file(parsed.account)
    _check_targets(parsed)
    written: list[Path] = []
    with _working_file(parsed.audit) as working:
        is_old = working is not None and working.exists()
        audit = Audit.open(working) if working and is_old else Audit.create(working, account, text)
        try:
            with Progress(account.language) as progress:
                if is_old or parsed.rates:
                    audit.set_account(account, text, parsed.rates, parsed.messages, progress)
                known = {report.sha256 for report in audit.sources}
                options = ReadOptions(profile=tuple(parsed.profile))
                with book_awaited(parsed.invoice), kernels_loading(account, progress):
                    audit.add_files(_new(parsed.messages, known), progress, "log", options)
                    audit.add_files(_new(parsed.invoice, known), progress, "invoice", options)
                    audit.add_files(_new(parsed.usage, known), progress, "usage", options)
                result = audit.recompute(progress)
                if parsed.seal:
                    audit.seal()
                exports = (
                    (parsed.charges, audit.export_charges),
                    (parsed.summary, audit.export_summary),
                    (parsed.out, audit.export_workbook),
                )
                written += [export(path, progress) for path, export in exports if path]
                if parsed.charts:
                    audit.export_charts(parsed.charts, progress)
                    written.append(parsed.charts)
            if working:
                audit.store.make_whole()
        finally:
            audit.close()
    report(result, [*written, *([parsed.audit] if parsed.audit else [])])
    if parsed.seal:
        language = Language(account.language)
        print("  " + language.text("cli.sealed", amount=language.money(result.expected, account.currency)))
    warn(result.imports, result.cells, account.language)
    beyond = any(abs(line.difference) > line.tolerance for line in result.differences)
    return DIFFERENT if parsed.exit_code and beyond else DONE


def charges(parsed: argparse.Namespace) -> int:
    """Charge a log and write the charges, their totals, or both."""
    if not parsed.out and not parsed.summary:
        raise AuditorError("nothing_to_write", options="--out, --summary")
    if parsed.engine == "spark":
        return charges_on_spark(parsed)
    parsed.messages, parsed.out = [Path(log) for log in parsed.messages], Path(parsed.out) if parsed.out else None
    account, text = read_account_file(parsed.account)
    _check_targets(parsed)
    settings = load()
    room = Room.stated(settings.memory, settings.temporary, singly=bool(parsed.out))
    audit = Audit.create(None, account, text, passing=True, room=room)
    try:
        with Progress(account.language) as progress:
            if parsed.rates:
                audit.set_account(account, text, parsed.rates)
            with kernels_loading(account, progress):
                audit.add_files(parsed.messages, progress, "log", ReadOptions(profile=tuple(parsed.profile)))
            with standing(*audit.store.rests_on):
                result = audit.recompute(progress, charges_only=True)
            if parsed.out:
                audit.export_charges(parsed.out, progress)
            if parsed.summary:
                audit.export_charges_summary(parsed.summary, progress)
    finally:
        audit.close()
    warn_of_charges(result.imports, result.cells, result.health.unlogged, account)
    return DONE


def inspect(parsed: argparse.Namespace) -> int:
    """Show what the importer sees in a file."""
    odd = [one for one in parsed.map if "=" not in one]
    if odd:
        raise AuditorError("map_not_understood", value=odd[0])
    options = ReadOptions(
        sheet=parsed.sheet,
        header_row=parsed.header_row,
        decimal=parsed.decimal,
        dates=parsed.dates,
        encoding=parsed.encoding,
        zone=parsed.zone,
        mapping=dict(one.rsplit("=", 1) for one in parsed.map),
        profile=tuple(parsed.profile),
    )
    account = read_account_file(parsed.account)[0] if parsed.account else None
    language = account.language if account else system_language()
    seen = look_at(parsed.file, options, account, parsed.save_profile, language)
    _check_stated(parsed, seen)
    if parsed.json and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 (RFC 8259 §8.1), whatever the terminal writes
    show = inspection_json if parsed.json else inspection_text
    print(show(seen, language))
    return DONE


def _check_stated(parsed: argparse.Namespace, seen: Inspection) -> None:
    """Refuse options that say nothing of a file of this kind, rather than ignore them."""
    odd = ["--encoding"] if parsed.encoding and seen.format.encoding != parsed.encoding else []
    if parsed.zone and seen.kind in {INVOICE, USAGE}:
        odd.append("--zone")
    if seen.kind not in {INVOICE, USAGE}:
        odd += _odd_for_others(parsed, seen)
    if odd:
        kind = Language(system_language()).text(f"inspect.kind.{seen.kind}")
        raise AuditorError("options_not_for_kind", Place(parsed.file.name), options=", ".join(odd), kind=kind)


def _odd_for_others(parsed: argparse.Namespace, seen: Inspection) -> list[str]:
    """Give the options that are for invoices and usage, or for tables, where the file is something else."""
    table = seen.kind == LOG and seen.format.kind not in {"json", "folder"}
    names = ("sheet", "header_row", "decimal", *(() if table else ("map",)))
    odd = [f"--{name.replace('_', '-')}" for name in names if getattr(parsed, name)]
    # Our own columns have times that say their order themselves.
    odd += ["--zone"] if parsed.zone and not seen.local_times else []
    odd += ["--dates"] if parsed.dates and not any(column.dates for column in seen.columns) else []
    return [*odd, "--save-profile"] if parsed.save_profile and not seen.saved else odd


def verify(parsed: argparse.Namespace) -> int:
    """Perform an audit again from its inputs; 1 if anything differs from what the file says of itself."""
    language = Language(system_language())
    with Progress(language.code) as progress:
        shown = perform_again(parsed.file, progress)
    for problem in shown.problems:
        print(language.problem(problem))
    for name, figure in shown.figures.items():
        print(f"{language.text(f'cli.figure.{name}')}: {language.money(Decimal(figure), shown.currency)}")
    counts = language.text("cli.verify.counts", entries=shown.entries, files=shown.files, digest=shown.digest)
    print(counts)
    print(language.text("cli.verify.differs" if shown.problems else "cli.verify.holds", count=len(shown.problems)))
    return DIFFERENT if shown.problems else DONE


def claim(parsed: argparse.Namespace) -> int:
    """Write the claim pack of an audit: letter, line list and masked evidence of what is disputed."""
    audit = Audit.open(parsed.file)
    language = Language(audit.account.language)
    try:
        with Progress(language.code) as progress:
            pack = audit.export_claim_pack(parsed.out, progress)
    finally:
        audit.close()
    print(language.text("cli.claim", lines=len(pack.keys), amount=language.money(pack.amount, pack.currency)))
    for file in pack.files:
        print("  " + language.text("cli.written", path=str(file.absolute())))
    return DONE


def why(parsed: argparse.Namespace) -> int:
    """Say the causes of an audit's difference in both languages, and write the messages behind them."""
    if parsed.out:
        _check_target(parsed.out, {real(parsed.file): "target_is_source"}, folder=False)
        if parsed.out.suffix.lower() != ".csv":
            raise AuditorError("reasons_kind_unknown", Place(str(parsed.out)))
    audit = _asked(parsed.file)
    language = Language(audit.account.language)
    try:
        with Progress(language.code) as progress:
            reasons = audit.reasons(parsed.cause, parsed.line, progress)
            if parsed.line and audit.result and all(one.key != parsed.line for one in audit.result.differences):
                raise AuditorError("line_unknown", value=parsed.line)
            if parsed.out:
                audit.export_reasons(reasons, parsed.out, progress)
    finally:
        audit.close()
    for reason in reasons:
        print(reason.cause)
        for code, sentence in reason.sentences.items():
            print(f"  {code}: {sentence}")
    if not reasons:
        print(language.text("cli.no_reason"))
    if parsed.out:
        print("  " + language.text("cli.written", path=str(parsed.out.absolute())))
    return DONE


def review(parsed: argparse.Namespace) -> int:
    """Show what a reviewer typed into a workbook of the audit, and take it over if told to."""
    audit = Audit.open(parsed.file) if parsed.accept else _asked(parsed.file)
    language = Language(audit.account.language)
    try:
        with Progress(language.code) as progress:
            audit.recompute(progress)
            reviewed = audit.read_reviewed(parsed.workbook, progress)
        for problem in reviewed.problems:
            print(language.problem(Problem(problem.code, problem.place, problem.values)))
        names = names_of(audit.account)
        for one in reviewed.proposals:
            said = shown(one, language, audit.account, lambda key: line_words(key, language, names))
            now, proposed = (
                "; ".join(filter(None, side)) or "–" for side in ((said.now, said.note_now), (said.proposed, said.note))
            )
            place = f"{one.place.sheet}, {one.place.row}"
            told = language.text("cli.review.line", place=place, name=said.about, now=now, proposed=proposed)
            print(told + (f" ({language.text('cli.review.moved')})" if one.moved else ""))
        if parsed.accept:
            audit.take_review(reviewed, reviewed.proposals, parsed.who)
    finally:
        audit.close()
    key = "taken" if parsed.accept else "proposed"
    print(language.text(f"cli.review.{key}", count=len(reviewed.proposals)))
    return DONE


def _asked(file: Path) -> Audit:
    """Open an audit that is only asked: it may lie where nothing can be written, but for one of an earlier version."""
    try:
        return Audit.open(file, read_only=True)
    except AuditorError as error:
        if error.code != "audit_is_older":
            raise
    return Audit.open(file)


def demo(parsed: argparse.Namespace) -> int:
    """Write the sample audit and reconcile it."""
    files = write_sample(parsed.folder, parsed.language or system_language())
    results = made_folder(parsed.folder / "results")
    return reconcile(parser(Language(system_language())).parse_args((
        "reconcile", "--account", str(files.account),
        "--messages", str(files.messages), "--invoice", str(files.invoice),
        "--out", str(results / "reconciliation.xlsx"), "--charges", str(results / "charges.csv"),
        "--summary", str(results / "summary.json"), "--charts", str(results / "charts"),
    )))  # fmt: skip


def _new(files: Sequence[Path], known: set[str]) -> list[Path]:
    """Leave out the files that an audit that is updated holds already."""
    return [path for path in files if not path.exists() or digest(path)[0] not in known]


def _check_targets(parsed: argparse.Namespace) -> None:
    """Refuse outputs that cannot be written, or would cost an input, before any work is done."""
    more = (path for name in ("invoice", "usage") for path in getattr(parsed, name, ()))
    inputs = (parsed.account, *parsed.messages, *parsed.rates, *more)
    taken = {real(path): "target_is_source" for path in inputs}
    for name in ("out", "charges", "summary", "audit", "charts"):
        path: Path | None = getattr(parsed, name, None)
        if path is not None:
            _check_target(path, taken, folder=name == "charts")
            taken[real(path)] = "target_twice"
    if "invoice" in parsed and parsed.out is not None and parsed.out.suffix.lower() != ".xlsx":
        raise AuditorError("workbook_kind_unknown", Place(str(parsed.out)))
    charges = parsed.charges if "charges" in parsed else parsed.out
    if charges is not None and charges.suffix.lower() not in {".csv", ".parquet"}:
        raise AuditorError("charges_kind_unknown", Place(str(charges)))


def _check_target(path: Path, taken: Mapping[Path, str], *, folder: bool) -> None:
    """Refuse a file whose folder is not there, a folder for a file or the reverse, and what is taken already."""
    code = taken.get(real(path), "")
    if not path.absolute().parent.is_dir():
        code = "folder_missing"
    elif folder and path.exists() and not path.is_dir():
        code = "target_is_file"
    elif not folder and path.is_dir():
        code = "target_is_folder"
    elif is_device(path):
        code = "target_is_device"
    if code:
        raise AuditorError(code, Place(str(path)))


@contextmanager
def _working_file(target: Path | None) -> Iterator[Path | None]:
    """Give a copy of the audit file to work on; put it in place if all went well, else drop it.

    An audit that is there already is kept as a backup beside the new one. A fault of the copy is told by the name of
    the file that was asked for.
    """
    if target is None:
        yield None
        return
    with ExitStack() as stack:
        with _writing(target):
            working = stack.enter_context(working_file(target))
            working.unlink()
            if target.exists():
                # Refused while another program has it open; what one that was killed left beside it is taken in first.
                Audit.open(target).close()
                shutil.copy2(target, working)
        try:
            yield working
        except AuditorError as error:
            if error.place is None or error.place.file != working.name:
                raise
            raise AuditorError(error.code, Place(target.name), error.problems, **error.values) from error
        with _writing(target):
            if target.exists():
                stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
                copy_whole(target, target.with_name(f"{target.stem}.{stamp}.backup.audit"))
            put_in_place(working, target)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Say of a place that cannot be written that it cannot."""
    try:
        yield
    except OSError as error:
        raise AuditorError("cannot_write", Place(str(target))) from error
