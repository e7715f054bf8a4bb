"""An invoice reconciled, a log charged, the sample; the exit status says how it ended (formats.md §8)."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from auditor.cli.arguments import parser
from auditor.cli.console import Progress
from auditor.cli.console import advise
from auditor.cli.console import report
from auditor.cli.console import warn
from auditor.cli.console import warn_of_charges
from auditor.cli.targets import check_targets
from auditor.cli.targets import working_audit
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.results import Reconciliation
from auditor.language import Language
from auditor.language import system_language
from auditor.readers.books.cells import book_awaited
from auditor.readers.files import digest
from auditor.readers.files import standing
from auditor.readers.invoices.invoices import ReadOptions
from auditor.settings import Preferences
from auditor.settings import load
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.kernels import kernels_loading
from auditor.verbs.room import Room
from auditor.writers.whole_file import made_folder

DONE, DIFFERENT = 0, 1


def reconcile(parsed: argparse.Namespace) -> int:
    """Audit an invoice, or accrue without one; write what was asked for."""
    if parsed.expected:
        from auditor.cli.accounts import reconcile_expected  # noqa: PLC0415 - most reconcile one log

        return reconcile_expected(parsed)
    if not (parsed.messages or parsed.invoice or (parsed.audit and parsed.audit.exists())):
        raise AuditorError("nothing_to_reconcile", options="--messages, --invoice, --expected")
    if parsed.seal and (parsed.audit is None or parsed.invoice):
        raise AuditorError("seal_needs_audit")
    if parsed.gaps:
        raise AuditorError("gaps_want_expected", Place(str(parsed.gaps)))
    account, text = read_account_file(parsed.account)
    check_targets(parsed)
    written: list[Path] = []
    with working_audit(parsed.audit) as working:
        is_old = working is not None and working.exists()
        # For one answer the log's rows need not be copied; those that a workbook or charts show are looked up often.
        passing = working is None and not (parsed.out or parsed.charts)
        audit = Audit.open(working) if working and is_old else Audit.create(working, account, text, passing=passing)
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
                with standing(*audit.store.rests_on):
                    result = _answer(audit, progress, kept=working is not None)
                if parsed.seal:
                    audit.seal()
                fixed = audit.fixed
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
    report(result, [*written, *([parsed.audit] if parsed.audit else [])], fixed)
    if parsed.seal:
        language = Language(account.language)
        print("  " + language.text("cli.sealed", amount=language.money(result.expected, account.currency)))
    advise(warn(result.imports, result.cells, account.language), Language(account.language))
    beyond = any(abs(line.difference) > line.tolerance for line in result.differences)
    return DIFFERENT if parsed.exit_code and beyond else DONE


def charges(parsed: argparse.Namespace) -> int:
    """Charge a log and write the charges, their totals, or both."""
    if not parsed.out and not parsed.summary:
        raise AuditorError("nothing_to_write", options="--out, --summary")
    if parsed.engine == "spark":
        from auditor.cli.cluster import charges_on_spark  # noqa: PLC0415 - most charge on this machine

        return charges_on_spark(parsed)
    alone = [f"--{name}" for name in ("master", "partitions", "conf") if getattr(parsed, name)]
    if alone:
        raise AuditorError("spark_options_alone", options=", ".join(alone))
    parsed.messages, parsed.out = [Path(log) for log in parsed.messages], Path(parsed.out) if parsed.out else None
    account, text = read_account_file(parsed.account)
    check_targets(parsed)
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


def demo(parsed: argparse.Namespace) -> int:
    """Write the sample audit and reconcile it."""
    from auditor.sample import write_sample  # noqa: PLC0415 - what only the sample needs

    files = write_sample(parsed.folder, parsed.language or system_language())
    results = made_folder(parsed.folder / "results")
    return reconcile(parser(Language(system_language())).parse_args((
        "reconcile", "--account", str(files.account),
        "--messages", str(files.messages), "--invoice", str(files.invoice),
        "--out", str(results / "reconciliation.xlsx"), "--charges", str(results / "charges.csv"),
        "--summary", str(results / "summary.json"), "--charts", str(results / "charts"),
    )))  # fmt: skip


def _answer(audit: Audit, progress: Progress, *, kept: bool) -> Reconciliation:
    """Compute the answer; that of an audit that is `kept` is laid by, so that the window opens it at once."""
    result = audit.recompute(progress)
    if kept:
        audit.keep_answer(Preferences().answers)
    return result


def _new(files: Sequence[Path], known: set[str]) -> list[Path]:
    """Leave out the files that an audit that is updated holds already."""
    return [path for path in files if not path.exists() or digest(path)[0] not in known]
