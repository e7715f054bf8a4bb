"""The command line: arguments become verbs, answers become text, trouble becomes one sentence (formats.md §8)."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Self

from auditor import __version__
from auditor.core.problems import AuditorError

DONE, DIFFERENT, REFUSED, INTERRUPTED = 0, 1, 2, 130
_PROBLEMS_SHOWN = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 done, 1 different (if asked for), 2 refused, 130 interrupted."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except AuditorError as error:
        _refuse(error, _language_of(parsed))
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; say nothing more, not even at exit.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives until the process ends
        return DONE
    except Exception as error:  # noqa: BLE001 - the one handler: a bug ends in a sentence and a report
        _refuse(AuditorError("unexpected_fault", report=_fault_report(error)), _language_of(parsed))
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="auditor", description="Audit a WhatsApp invoice against your own message log."
    )
    parser.add_argument("--version", action="version", version=f"auditor {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    reconcile = commands.add_parser("reconcile", help="recompute what was due and reconcile an invoice with it")
    _add_inputs(reconcile)
    reconcile.add_argument(
        "--invoice", nargs="+", type=Path, default=[], metavar="INVOICE", help="invoices (none: the accrual)"
    )
    reconcile.add_argument(
        "--profile", action="append", default=[], metavar="NAME|FILE", help="a saved reading of a layout"
    )
    reconcile.add_argument("--out", type=Path, metavar="RECONCILIATION.xlsx", help="the workbook")
    reconcile.add_argument("--charges", type=Path, metavar="CHARGES", help="every charge, as .csv or .parquet")
    reconcile.add_argument("--summary", type=Path, metavar="SUMMARY.json", help="the result for other programs")
    reconcile.add_argument("--charts", type=Path, metavar="FOLDER", help="the charts as PNG, SVG and PDF")
    reconcile.add_argument("--audit", type=Path, metavar="FILE.audit", help="keep the audit in this file")
    reconcile.add_argument("--exit-code", action="store_true", help="exit with 1 if differences exceed the tolerance")
    reconcile.set_defaults(run=_reconcile)

    charges = commands.add_parser("charges", help="charge a message log")
    _add_inputs(charges)
    charges.add_argument("--out", type=Path, metavar="CHARGES", help="every charge, as .csv or .parquet")
    charges.add_argument("--summary", type=Path, metavar="SUMMARY.json", help="the totals")
    charges.set_defaults(run=_charges)

    inspect = commands.add_parser("inspect", help="what the importer sees in a file")
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument("--account", type=Path, metavar="account.toml", help="needed for message logs only")
    inspect.add_argument("--json", action="store_true", help="the same for other programs")
    inspect.add_argument("--sheet", default="", metavar="S")
    inspect.add_argument("--header-row", type=int, default=0, metavar="N")
    inspect.add_argument("--decimal", choices=(",", "."), default="", help="the decimal mark of the file's numbers")
    inspect.add_argument("--dates", choices=("dmy", "mdy", "ymd"), default="", help="the order of the file's dates")
    inspect.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="what a column means")
    inspect.add_argument(
        "--profile", action="append", default=[], metavar="NAME|FILE", help="a saved reading of a layout"
    )
    inspect.add_argument(
        "--save-profile", default="", metavar="NAME", help="save this reading, to be applied by itself"
    )
    inspect.set_defaults(run=_inspect)

    rates = commands.add_parser("rates", help="the rate cards on file, and what a new one would change")
    tasks = rates.add_subparsers(required=True, metavar="TASK")
    listed = tasks.add_parser("list", help="the built-in cards")
    listed.set_defaults(run=_rates_list)
    check = tasks.add_parser("check", help="whether a card file is sound")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=_rates_check)
    diff = tasks.add_parser("diff", help="what another card would change on given traffic")
    diff.add_argument("before", metavar="A", help="a card file, or meta")
    diff.add_argument("after", metavar="B", help="a card file, or meta")
    diff.add_argument("--account", type=Path, required=True, metavar="account.toml")
    diff.add_argument("--messages", nargs="+", type=Path, required=True, metavar="LOG")
    diff.set_defaults(run=_rates_diff)

    demo = commands.add_parser("demo", help="write a realistic sample audit and reconcile it")
    demo.add_argument("folder", nargs="?", type=Path, default=Path("auditor-demo"), metavar="FOLDER")
    demo.add_argument("--language", choices=("es", "en"), default="", help="of the sample (default: the system's)")
    demo.set_defaults(run=_demo)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", type=Path, required=True, metavar="account.toml", help="what a log cannot say")
    parser.add_argument(
        "--messages", nargs="+", type=Path, required=True, metavar="LOG", help="message logs, or folders of them"
    )
    parser.add_argument(
        "--rates", nargs="+", type=Path, default=[], metavar="CARD", help="rate cards that go before the account's"
    )


# Commands --------------------------------------------------------------------------------------------------


def _reconcile(parsed: argparse.Namespace) -> int:
    from auditor.readers.invoices import ReadOptions  # noqa: PLC0415 - `--help` and `--version` load no engine
    from auditor.verbs import Audit  # noqa: PLC0415
    from auditor.verbs import read_account_file  # noqa: PLC0415

    account, text = read_account_file(parsed.account)
    _check_targets(parsed)
    working, finish = _working_file(parsed.audit)
    is_old = working is not None and working.exists()
    audit = Audit.open(working) if working and is_old else Audit.create(working, account, text)
    try:
        with _Progress(account.language) as progress:
            if is_old or parsed.rates:
                audit.set_account(account, text, parsed.rates)
            known = {report.sha256 for report in audit.sources}
            options = ReadOptions(profile=tuple(parsed.profile)) if parsed.profile else ReadOptions()
            audit.add_files(_new(parsed.messages, known), progress, "log")
            audit.add_files(_new(parsed.invoice, known), progress, "invoice", options)
            result = audit.recompute(progress)
            written = [
                export(path, progress)
                for path, export in (
                    (parsed.charges, audit.export_charges),
                    (parsed.summary, audit.export_summary),
                    (parsed.out, audit.export_workbook),
                )
                if path
            ]
            if parsed.charts:
                audit.export_charts(parsed.charts, progress)
                written.append(parsed.charts)
    except BaseException:
        audit.close()
        finish(False)
        raise
    audit.close()
    finish(True)
    _report(result, [*written, *([parsed.audit] if parsed.audit else [])])
    beyond = any(abs(line.difference) > line.tolerance for line in result.differences)
    return DIFFERENT if parsed.exit_code and beyond else DONE


def _charges(parsed: argparse.Namespace) -> int:
    from auditor.verbs import Audit  # noqa: PLC0415 - `--help` and `--version` load no engine
    from auditor.verbs import read_account_file  # noqa: PLC0415

    if not parsed.out and not parsed.summary:
        raise AuditorError("nothing_to_write", options="--out, --summary")
    account, text = read_account_file(parsed.account)
    _check_targets(parsed)
    audit = Audit.create(None, account, text)
    try:
        with _Progress(account.language) as progress:
            if parsed.rates:
                audit.set_account(account, text, parsed.rates)
            audit.add_files(parsed.messages, progress, "log")
            audit.recompute(progress)
            if parsed.out:
                audit.export_charges(parsed.out, progress)
            if parsed.summary:
                audit.export_charges_summary(parsed.summary, progress)
    finally:
        audit.close()
    return DONE


def _inspect(parsed: argparse.Namespace) -> int:
    from auditor.readers.invoices import ReadOptions  # noqa: PLC0415 - `--help` and `--version` load no engine
    from auditor.verbs import read_account_file  # noqa: PLC0415
    from auditor.verbs.inspection import inspect  # noqa: PLC0415
    from auditor.verbs.inspection_text import inspection_json  # noqa: PLC0415
    from auditor.verbs.inspection_text import inspection_text  # noqa: PLC0415

    odd = [one for one in parsed.map if "=" not in one]
    if odd:
        raise AuditorError("map_not_understood", value=odd[0])
    options = ReadOptions(
        sheet=parsed.sheet,
        header_row=parsed.header_row,
        decimal=parsed.decimal,
        dates=parsed.dates,
        mapping=dict(one.rsplit("=", 1) for one in parsed.map),
        profile=tuple(parsed.profile),
    )
    account = read_account_file(parsed.account)[0] if parsed.account else None
    seen = inspect(parsed.file, options, account, parsed.save_profile)
    show = inspection_json if parsed.json else inspection_text
    print(show(seen, account.language if account else system_language()))
    return DONE


def _rates_list(_: argparse.Namespace) -> int:
    from auditor.language import Language  # noqa: PLC0415 - `--help` and `--version` load no engine
    from auditor.verbs.rates import cards_on_file  # noqa: PLC0415

    language = Language(system_language())
    for card in cards_on_file():
        last = card.last.isoformat() if card.last else language.text("cli.rates.in_force")
        basis = ", ".join(language.text(f"domain.basis.{word}").lower() for word in card.basis)
        categories = ", ".join(card.categories)
        counts = language.text("cli.rates.counts", markets=card.markets, rows=card.rows)
        print(f"{card.currency}  {card.first.isoformat()} .. {last:<10}  {counts}  [{basis}]  {categories}")
    return DONE


def _rates_check(parsed: argparse.Namespace) -> int:
    from auditor.language import Language  # noqa: PLC0415 - `--help` and `--version` load no engine
    from auditor.readers.cards import read_card  # noqa: PLC0415

    card = read_card(parsed.file)
    print(Language(system_language()).text("cli.rates.sound", file=parsed.file.name, rows=len(card.rows)))
    return DONE


def _rates_diff(parsed: argparse.Namespace) -> int:
    from auditor.core.money import plain  # noqa: PLC0415 - `--help` and `--version` load no engine
    from auditor.language import Language  # noqa: PLC0415
    from auditor.verbs import read_account_file  # noqa: PLC0415
    from auditor.verbs.rates import changes  # noqa: PLC0415

    account, text = read_account_file(parsed.account)
    language = Language(account.language)
    with _Progress(account.language) as progress:
        found = changes((parsed.before, parsed.after), account, text, parsed.messages, progress)
    if not found:
        print(language.text("cli.rates.same"))
    for one in found:
        sides = [
            language.text("cli.rates.unrated") if side is None else plain(side) for side in (one.before, one.after)
        ]
        category = language.text(f"domain.category.{one.category}")
        head = f"{one.currency}  {one.market or '-'}, {category}: {one.units}"
        print(f"{head}  {sides[0]} -> {sides[1]}  ({'+' if one.change > 0 else ''}{plain(one.change)})")
    return DONE


def _demo(parsed: argparse.Namespace) -> int:
    from auditor.sample import write_sample  # noqa: PLC0415 - `--help` and `--version` load no engine

    files = write_sample(parsed.folder, parsed.language or system_language())
    results = parsed.folder / "results"
    results.mkdir(exist_ok=True)
    return main((
        "reconcile", "--account", str(files.account),
        "--messages", str(files.messages), "--invoice", str(files.invoice),
        "--out", str(results / "reconciliation.xlsx"), "--charges", str(results / "charges.csv"),
        "--summary", str(results / "summary.json"), "--charts", str(results / "charts"),
    ))  # fmt: skip


def _new(files: Sequence[Path], known: set[str]) -> list[Path]:
    """Leave out the files that an audit that is updated holds already."""
    from auditor.readers.files import digest  # noqa: PLC0415 - loaded with the verbs

    return [path for path in files if not path.exists() or digest(path)[0] not in known]


def _check_targets(parsed: argparse.Namespace) -> None:
    """Refuse outputs that cannot be written before any work is done."""
    from auditor.core.problems import Place  # noqa: PLC0415 - loaded with the verbs

    for name in ("out", "charges", "summary", "audit"):
        path: Path | None = getattr(parsed, name, None)
        if path is not None and not path.absolute().parent.is_dir():
            raise AuditorError("folder_missing", Place(str(path)))
        if path is not None and path.is_dir():
            raise AuditorError("target_is_folder", Place(str(path)))
    charges = parsed.charges if "charges" in parsed else parsed.out
    if charges is not None and charges.suffix.lower() not in {".csv", ".parquet"}:
        raise AuditorError("charges_kind_unknown", Place(str(charges)))


def _working_file(target: Path | None) -> tuple[Path | None, Callable[[bool], None]]:
    """Give a copy of the audit file to work on, and what to do at the end: put it in place, or drop it.

    An audit that is there already is kept as a backup beside the new one.
    """
    if target is None:
        return None, lambda _: None
    working = target.with_name(f".{target.name}.{os.getpid()}.part")
    if target.exists():
        shutil.copy2(target, working)

    def finish(done: bool) -> None:
        leftovers = [working, working.with_name(working.name + ".wal")]
        if done:
            if target.exists():
                stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
                shutil.copy2(target, target.with_name(f"{target.stem}.{stamp}.backup.audit"))
            working.replace(target)
        for path in leftovers:
            path.unlink(missing_ok=True)

    return working, finish


# What the user sees ----------------------------------------------------------------------------------------


def system_language() -> str:
    """Give the language to speak before an account says one: Spanish where the system speaks it, else English."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "es" if next((name for name in names if name), "").lower().startswith("es") else "en"


def _language_of(parsed: argparse.Namespace) -> str:
    """Give the language for a refusal: the account's where its file can be read that far."""
    import tomllib  # noqa: PLC0415 - only refusals need it

    path: Path | None = getattr(parsed, "account", None)
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))["audit"]["language"] if path else ""
    except (OSError, ValueError, KeyError, TypeError):
        stated = ""
    return str(stated or system_language())


def _refuse(error: AuditorError, code: str) -> None:
    from auditor.language import Language  # noqa: PLC0415 - only refusals need it

    language = Language(code)
    print(language.error(error), file=sys.stderr)
    for problem in error.problems[:_PROBLEMS_SHOWN]:
        print(f"  {language.problem(problem)}", file=sys.stderr)


def _fault_report(error: Exception) -> str:
    """Write down what happened, for whoever mends it, and give the file."""
    import traceback  # noqa: PLC0415 - only faults need it

    from auditor.paths import user_data  # noqa: PLC0415

    path = user_data() / "fault.txt"
    path.write_text(f"auditor {__version__}\n" + "".join(traceback.format_exception(error)), encoding="utf-8")
    return str(path)


def _report(result: object, written: Sequence[Path]) -> None:
    """Print the answer and where it was written."""
    from auditor.core.tables import Reconciliation  # noqa: PLC0415 - loaded with the verbs
    from auditor.language import Language  # noqa: PLC0415

    assert isinstance(result, Reconciliation)
    language = Language(result.account.language)

    def money(amount: object) -> str:
        return language.money(amount, result.account.currency)  # type: ignore[arg-type]

    rows = [("expected", f"{money(result.expected)}  ({money(result.low)} – {money(result.high)})")]
    if result.invoice_lines:
        rows = [
            ("invoiced", money(result.billed)),
            *rows,
            ("difference", money(result.difference)),
            ("explained", money(result.difference - result.unexplained)),
            ("unexplained", money(result.unexplained)),
        ]
    labels = [language.text(f"cli.{name}") for name, _ in rows]
    width = max(len(label) for label in labels)
    print(result.account.name)
    for label, (_, text) in zip(labels, rows, strict=True):
        print(f"  {label:<{width}}  {text}")
    counts: dict[str, int] = {}
    for line in result.differences:
        counts[line.status] = counts.get(line.status, 0) + 1
    words = [f"{count} {language.text(f'domain.status.{status}').lower()}" for status, count in sorted(counts.items())]
    print("  " + language.text("cli.lines", lines="; ".join(words) or "0"))
    for path in written:
        print("  " + language.text("cli.written", path=str(path.absolute())))


class _Progress:
    """A line that tells where the work is, on a terminal only; it is wiped at the end."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._shown = ""
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._show("")

    def __call__(self, step: str, done: int, total: int) -> None:
        if self._terminal:
            from auditor.language import Language  # noqa: PLC0415 - only a terminal needs words

            share = f" {done * 100 // total:3d} %" if total and done else ""
            self._show(Language(self._code).text(f"cli.step.{step}") + share)

    def _show(self, text: str) -> None:
        if text != self._shown:
            sys.stderr.write("\r" + text + " " * max(0, len(self._shown) - len(text)) + ("" if text else "\r"))
            sys.stderr.flush()
            self._shown = text
