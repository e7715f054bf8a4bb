"""The command line's words (formats.md §8). Nothing heavy is loaded to say `--help` or `--version`."""

import argparse
from datetime import date
from pathlib import Path

from auditor import __version__


def parser() -> argparse.ArgumentParser:
    """Make the parser; `run` names the function of `commands.py` that carries a command out."""
    top = argparse.ArgumentParser(prog="auditor", description="Audit a WhatsApp invoice against your own message log.")
    top.add_argument("--version", action="version", version=f"auditor {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    reconcile = commands.add_parser("reconcile", help="recompute what was due and reconcile an invoice with it")
    basis = _add_inputs(reconcile, required=False)
    basis.add_argument(
        "--expected",
        type=Path,
        metavar="CHARGES",
        help="instead of a log: a folder or file that `charges` wrote, of one account or many; --account is then an "
        "account file or a folder of NAME.toml, --invoice files or folders in which NAME.* are of the account NAME, "
        "--out the folder for a workbook of each account and one over all, --summary the totals of all",
    )
    reconcile.add_argument(
        "--gaps",
        type=Path,
        metavar="SUMMARY.json",
        help="with --expected: the summary that `charges` wrote, whose gaps of the log widen the range",
    )
    reconcile.add_argument(
        "--invoice", nargs="+", type=Path, default=[], metavar="INVOICE", help="invoices (none: the accrual)"
    )
    reconcile.add_argument(
        "--usage", nargs="+", type=Path, default=[], metavar="ANALYTICS", help="usage exports of the platform"
    )
    reconcile.add_argument(
        "--profile", action="append", default=[], metavar="NAME|FILE", help="a saved reading of a layout"
    )
    reconcile.add_argument("--out", type=Path, metavar="RECONCILIATION.xlsx", help="the workbook")
    reconcile.add_argument("--charges", type=Path, metavar="CHARGES", help="every charge, as .csv or .parquet")
    reconcile.add_argument("--summary", type=Path, metavar="SUMMARY.json", help="the result for other programs")
    reconcile.add_argument("--charts", type=Path, metavar="FOLDER", help="the charts as PNG, SVG and PDF")
    reconcile.add_argument("--audit", type=Path, metavar="FILE.audit", help="keep the audit in this file")
    reconcile.add_argument(
        "--seal", action="store_true", help="seal what is expected in FILE.audit, before any invoice is known"
    )
    reconcile.add_argument("--exit-code", action="store_true", help="exit with 1 if differences exceed the tolerance")
    reconcile.set_defaults(run="reconcile")

    charges = commands.add_parser("charges", help="charge a message log")
    _add_inputs(charges, required=True)
    charges.add_argument(
        "--profile", action="append", default=[], metavar="NAME|FILE", help="a saved reading of a layout"
    )
    charges.add_argument("--out", type=Path, metavar="CHARGES", help="every charge, as .csv or .parquet")
    charges.add_argument("--summary", type=Path, metavar="SUMMARY.json", help="the totals")
    charges.add_argument("--engine", choices=("desktop", "spark"), default="desktop", help="where to charge")
    charges.add_argument("--master", default="local[*]", metavar="URL", help="of the Spark cluster (default local[*])")
    charges.add_argument("--partitions", type=int, default=0, metavar="N", help="of Spark (default: as the rows want)")
    charges.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark")
    charges.set_defaults(run="charges")

    inspect = commands.add_parser("inspect", help="what the importer sees in a file")
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument("--account", type=Path, metavar="account.toml", help="whose ids and zones to read it with")
    inspect.add_argument("--json", action="store_true", help="the same for other programs")
    inspect.add_argument("--sheet", default="", metavar="S")
    inspect.add_argument("--header-row", type=_row, default=0, metavar="N")
    inspect.add_argument("--decimal", choices=(",", "."), default="", help="the decimal mark of the file's numbers")
    inspect.add_argument("--dates", choices=("dmy", "mdy", "ymd"), default="", help="the order of the file's dates")
    inspect.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="what a column means")
    inspect.add_argument(
        "--profile", action="append", default=[], metavar="NAME|FILE", help="a saved reading of a layout"
    )
    inspect.add_argument(
        "--save-profile", default="", metavar="NAME", help="save this reading, to be applied by itself"
    )
    inspect.set_defaults(run="inspect")

    _add_rates(commands)

    _add_kept(commands)

    demo = commands.add_parser("demo", help="write a realistic sample audit and reconcile it")
    demo.add_argument("folder", nargs="?", type=Path, default=Path("auditor-demo"), metavar="FOLDER")
    demo.add_argument("--language", choices=("es", "en"), default="", help="of the sample (default: the system's)")
    demo.set_defaults(run="demo")
    return top


def _add_inputs(parser: argparse.ArgumentParser, *, required: bool) -> "argparse._MutuallyExclusiveGroup":
    """Add what is charged, and give the group of which one at most is wanted: a log, or what stands for it."""
    parser.add_argument("--account", type=Path, required=True, metavar="account.toml", help="what a log cannot say")
    basis = parser.add_mutually_exclusive_group(required=required)
    basis.add_argument(
        "--messages", nargs="+", type=Path, default=[], metavar="LOG", help="message logs, or folders of them"
    )
    parser.add_argument(
        "--rates", nargs="+", type=Path, default=[], metavar="CARD", help="rate cards that go before the account's"
    )
    return basis


def _add_rates(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rates = commands.add_parser("rates", help="the rate cards on file, and what a new one would change")
    tasks = rates.add_subparsers(required=True, metavar="TASK")
    listed = tasks.add_parser("list", help="the cards on file: built in, and imported")
    listed.set_defaults(run="rates_list")
    check = tasks.add_parser("check", help="whether a card file is sound")
    check.set_defaults(run="rates_check")
    imported = tasks.add_parser("import", help="keep a card of Meta's, and show what it changes")
    imported.add_argument("--audit", type=Path, metavar="FILE.audit", help="show it on the traffic of this audit")
    imported.add_argument("--account", type=Path, metavar="account.toml", help="or on that of this account's log")
    imported.add_argument("--messages", nargs="+", type=Path, default=[], metavar="LOG")
    imported.set_defaults(run="rates_import")
    for reading in (check, imported):
        reading.add_argument("file", type=Path, metavar="FILE", help="a canonical CSV, or Meta's download as it is")
        reading.add_argument(
            "--from",
            dest="first",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="its first day, if it does not state it",
        )
    diff = tasks.add_parser("diff", help="what another card would change on given traffic")
    diff.add_argument("before", metavar="A", help="a card file, or meta")
    diff.add_argument("after", metavar="B", help="a card file, or meta")
    diff.add_argument("--account", type=Path, required=True, metavar="account.toml")
    diff.add_argument("--messages", nargs="+", type=Path, required=True, metavar="LOG")
    diff.set_defaults(run="rates_diff")


def _add_kept(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add what is done with an audit that is kept in a file."""
    verify = commands.add_parser("verify", help="perform an audit again from its inputs and compare")
    verify.add_argument("file", type=Path, metavar="FILE.audit")
    verify.set_defaults(run="verify")

    claim = commands.add_parser("claim", help="the claim pack of what is disputed: letter, line list, masked evidence")
    claim.add_argument("file", type=Path, metavar="FILE.audit")
    claim.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the pack goes")
    claim.set_defaults(run="claim")

    why = commands.add_parser("why", help="the causes of an audit's difference, in words, and the messages behind each")
    why.add_argument("file", type=Path, metavar="FILE.audit")
    why.add_argument("--cause", default="", metavar="CODE", help="this cause alone, such as month_cut")
    why.add_argument("--line", default="", metavar="KEY", help="on this line alone (`key` in the SUMMARY)")
    why.add_argument("--out", type=Path, metavar="MESSAGES.csv", help="the messages: due as what, billed as what")
    why.set_defaults(run="why")

    review = commands.add_parser("review", help="what a reviewer typed into the workbook, as proposals to accept")
    review.add_argument("file", type=Path, metavar="FILE.audit")
    review.add_argument("workbook", type=Path, metavar="WORKBOOK.xlsx")
    review.add_argument("--accept", action="store_true", help="take all of them over, as one step that can be undone")
    review.add_argument("--who", default="", metavar="NAME", help="who typed them (default: the audit's reviewer)")
    review.set_defaults(run="review")


def _row(text: str) -> int:
    """Take the number of a row as spreadsheets count them."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no row: rows count from 1")
    return int(text)
