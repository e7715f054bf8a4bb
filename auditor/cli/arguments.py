"""The command line's words (formats.md §8). Nothing heavy is loaded to say `--help` or `--version`."""

import argparse
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from itertools import takewhile
from pathlib import Path
from typing import Any
from typing import ClassVar
from typing import NoReturn
from zoneinfo import available_timezones

from auditor import __version__
from auditor.language import Language
from auditor.language import catalogue
from auditor.readers.encodings import ENCODINGS


class _Parser(argparse.ArgumentParser):
    """Python's own reader of arguments, but that it refuses in one sentence and says when it cannot be written."""

    language: ClassVar[Language]
    _given: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is not known here, where a command is read: the help that is named then is the command's own."""
        self._given = list(sys.argv[1:] if args is None else args)
        self._refuse_empty()
        self._refuse_twice()
        found, unknown = super().parse_known_args(args, namespace)
        self._given = []
        if unknown:
            self.error(self.language.text("options.argparse.unknown") % " ".join(unknown))
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """End with status 2 and one sentence (formats.md §8); the original lists all options before it."""
        misspelt = " ".join(self._misspelt())
        unknown = [self.language.text("options.argparse.unknown") % misspelt] if misspelt else []
        reason = "; ".join([message, *unknown])
        self.exit(2, self.language.text("options.refused", command=self.prog, reason=reason) + "\n")

    def _refuse_empty(self) -> None:
        """Refuse an empty text, as a shell's variable without a value gives it: as a path it would be this folder."""
        if self._subparsers is not None:  # the command looks at its own
            return
        for before, word in pairwise([self.prog, *self._given]):
            name, states, value = word.partition("=")
            if not word or (name.startswith("--") and states and not value):
                self.error(self.language.text("options.empty", after=word or before))

    def _refuse_twice(self) -> None:
        """Refuse an option stated twice that takes one value: of two audits or zones, the last would win unsaid."""
        if self._subparsers is not None:
            return
        given = set()
        for word in takewhile(lambda one: one != "--", self._given):
            name = word.partition("=")[0]
            found = {one for known, one in self._option_string_actions.items() if known.startswith(name)}
            action = self._option_string_actions.get(name) or (found.pop() if len(found) == 1 else None)
            if not name.startswith("--") or action is None or action.nargs is not None or action.default == []:
                continue  # it takes several values, or none
            if action in given:
                self.error(self.language.text("options.twice", option=action.option_strings[-1]))
            given.add(action)

    def _misspelt(self) -> Iterator[str]:
        """Give the options not known here of what is refused for another reason: one misspelt is missing besides.

        Where a command is to follow, none is misspelt: they may be those of the command.
        """
        if self._subparsers is not None:
            return
        for word in takewhile(lambda one: one != "--", self._given):
            name = word.partition("=")[0]
            if name.startswith("--") and not any(known.startswith(name) for known in self._option_string_actions):
                yield name

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write words at once. Raises `OSError`, which the original keeps quiet about."""
        print(message, end="", file=file, flush=True)


class _Speaker:
    """Adds commands and options, and says what each is for."""

    def __init__(self, language: Language) -> None:
        """Speak a language."""
        self._language = language

    def text(self, key: str, **values: str) -> str:
        return self._language.text(f"options.{key}", **values)

    def command(self, commands: Any, name: str, room: str = "", run: str = "") -> argparse.ArgumentParser:
        """Add a command; `room` is the module that carries it out, in a function of its name or named `run`."""
        made: argparse.ArgumentParser = commands.add_parser(name, help=self.text(f"command.{name}"))
        self.version(made)
        if room:
            made.set_defaults(room=room, run=run or name)
        return made

    def version(self, parser: argparse.ArgumentParser) -> None:
        """Let every command tell the program's version, too."""
        self.add(parser, "version", "--version", action="version", version=f"auditor {__version__}")

    def add(self, parser: "argparse._ActionsContainer", key: str, name: str, place: str = "", **how: Any) -> None:
        """Add an argument; `key` is its help's, `place` the word that stands for its value."""
        if place:
            how["metavar"] = self.text(f"place.{place}")
        parser.add_argument(name, help=self.text(key), **how)


def parser(language: Language) -> argparse.ArgumentParser:
    """Make the parser; of what it gives, `room` and `run` name the module here and its function that do a command."""
    _teach(language)
    say = _Speaker(language)
    top = _Parser(prog="auditor", description=say.text("about"))
    say.version(top)
    commands = top.add_subparsers(required=True, metavar=say.text("place.COMMAND"))
    _add_reconcile(commands, say)
    _add_charges(commands, say)
    _add_inspect(commands, say)
    _add_rates(commands, say)
    _add_kept(commands, say)
    demo = say.command(commands, "demo", "commands")
    say.add(demo, "demo.folder", "folder", "FOLDER", nargs="?", type=Path, default=Path("auditor-demo"))
    say.add(demo, "demo.language", "--language", choices=("es", "en"), default="")
    return top


def _teach(language: Language) -> None:
    """Teach Python's own reader of arguments a language: of its texts it asks only this name, and gettext's files."""
    _Parser.language = language
    said = {text: language.text(key) for key, text in catalogue("en").table("options", "argparse").items()}
    argparse._ = lambda text: said.get(text, text)  # type: ignore[attr-defined]


def _add_reconcile(commands: Any, say: _Speaker) -> None:
    reconcile = say.command(commands, "reconcile", "commands")
    basis = _add_inputs(reconcile, say, required=False)
    say.add(basis, "reconcile.expected", "--expected", "CHARGES", type=Path)
    say.add(reconcile, "reconcile.gaps", "--gaps", "SUMMARY.json", type=Path)
    say.add(reconcile, "reconcile.invoice", "--invoice", "INVOICE", nargs="+", action="extend", type=Path, default=[])
    say.add(reconcile, "reconcile.usage", "--usage", "ANALYTICS", nargs="+", action="extend", type=Path, default=[])
    say.add(reconcile, "profile", "--profile", "NAME|FILE", action="append", default=[])
    say.add(reconcile, "reconcile.out", "--out", "RECONCILIATION.xlsx", type=Path)
    say.add(reconcile, "out_charges", "--charges", "CHARGES", type=Path)
    say.add(reconcile, "reconcile.summary", "--summary", "SUMMARY.json", type=Path)
    say.add(reconcile, "reconcile.charts", "--charts", "FOLDER", type=Path)
    say.add(reconcile, "reconcile.audit", "--audit", "FILE.audit", type=Path)
    say.add(reconcile, "reconcile.seal", "--seal", action="store_true")
    say.add(reconcile, "reconcile.exit_code", "--exit-code", action="store_true")


def _add_charges(commands: Any, say: _Speaker) -> None:
    def count(text: str) -> int:
        """Take a number of partitions, 0 for as many as the rows want."""
        if not text.isdecimal():
            raise argparse.ArgumentTypeError(say.text("no_count", text=repr(text)))
        return int(text)

    charges = say.command(commands, "charges", "commands")
    # An address such as `s3a://bucket/log` is no path: made one, it would lose a slash.
    _add_inputs(charges, say, required=True, log=str)
    say.add(charges, "profile", "--profile", "NAME|FILE", action="append", default=[])
    say.add(charges, "out_charges", "--out", "CHARGES")
    say.add(charges, "charges.summary", "--summary", "SUMMARY.json", type=Path)
    say.add(charges, "charges.engine", "--engine", choices=("desktop", "spark"), default="desktop")
    say.add(charges, "charges.master", "--master", "URL", default="")
    say.add(charges, "charges.partitions", "--partitions", "N", type=count, default=0)
    say.add(charges, "charges.conf", "--conf", "NAME=VALUE", action="append", default=[])


def _add_inspect(commands: Any, say: _Speaker) -> None:
    def row(text: str) -> int:
        """Take the number of a row as spreadsheets count them."""
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(say.text("no_row", text=repr(text)))
        return int(text)

    def zone(text: str) -> str:
        """Take the name of a time zone."""
        if text and text not in available_timezones():
            raise argparse.ArgumentTypeError(say.text("no_zone", text=repr(text)))
        return text

    inspect = say.command(commands, "inspect", "inspecting")
    say.add(inspect, "inspect.file", "file", "FILE", type=Path)
    say.add(inspect, "inspect.account", "--account", "account.toml", type=Path)
    say.add(inspect, "inspect.json", "--json", action="store_true")
    say.add(inspect, "inspect.sheet", "--sheet", "SHEET", default="")
    say.add(inspect, "inspect.header_row", "--header-row", "N", type=row, default=0)
    say.add(inspect, "inspect.decimal", "--decimal", choices=(",", "."), default="")
    say.add(inspect, "inspect.dates", "--dates", choices=("dmy", "mdy", "ymd"), default="")
    say.add(inspect, "inspect.encoding", "--encoding", choices=ENCODINGS, default="")
    say.add(inspect, "inspect.zone", "--zone", "ZONE", type=zone, default="")
    say.add(inspect, "inspect.map", "--map", "COLUMN=FIELD", action="append", default=[])
    say.add(inspect, "profile", "--profile", "NAME|FILE", action="append", default=[])
    say.add(inspect, "inspect.save_profile", "--save-profile", "NAME", default="")


def _add_inputs(
    parser: argparse.ArgumentParser, say: _Speaker, *, required: bool, log: type[Path | str] = Path
) -> "argparse._MutuallyExclusiveGroup":
    """Add what is charged, and give the group of which one at most is wanted: a log, or what stands for it."""

    def card(text: str) -> Path:
        """Take a card's file: the cards that `meta` stands for are named by the account alone (formats.md §7)."""
        if text == "meta" and not Path(text).exists():
            raise argparse.ArgumentTypeError(say.text("meta_is_built_in"))
        return Path(text)

    say.add(parser, "account", "--account", "account.toml", type=Path, required=True)
    basis = parser.add_mutually_exclusive_group(required=required)
    say.add(basis, "messages", "--messages", "LOG", nargs="+", action="extend", type=log, default=[])
    say.add(parser, "rates", "--rates", "CARD", nargs="+", action="extend", type=card, default=[])
    return basis


def _add_rates(commands: Any, say: _Speaker) -> None:
    def day(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise argparse.ArgumentTypeError(say.text("no_day", text=repr(text))) from None

    tasks = say.command(commands, "rates").add_subparsers(required=True, metavar=say.text("place.TASK"))
    say.command(tasks, "list", "rates", "rates_list")
    check = say.command(tasks, "check", "rates", "rates_check")
    imported = say.command(tasks, "import", "rates", "rates_import")
    say.add(imported, "import.audit", "--audit", "FILE.audit", type=Path)
    say.add(imported, "import.account", "--account", "account.toml", type=Path)
    say.add(imported, "messages", "--messages", "LOG", nargs="+", action="extend", type=Path, default=[])
    for reading in (check, imported):
        say.add(reading, "card.file", "file", "FILE", type=Path)
        say.add(reading, "card.from", "--from", "YYYY-MM-DD", dest="first", type=day)
    diff = say.command(tasks, "diff", "rates", "rates_diff")
    say.add(diff, "diff.before", "before", "A")
    say.add(diff, "diff.after", "after", "B")
    say.add(diff, "account", "--account", "account.toml", type=Path, required=True)
    say.add(diff, "messages", "--messages", "LOG", nargs="+", action="extend", type=Path, required=True)


def _add_kept(commands: Any, say: _Speaker) -> None:
    """Add what is done with an audit that is kept in a file."""
    verify, claim, why, review = (say.command(commands, name, "kept") for name in ("verify", "claim", "why", "review"))
    for kept in (verify, claim, why, review):
        say.add(kept, "kept", "file", "FILE.audit", type=Path)
    say.add(claim, "claim.out", "--out", "FOLDER", type=Path, required=True)
    say.add(why, "why.cause", "--cause", "CODE", default="")
    say.add(why, "why.line", "--line", "KEY", default="")
    say.add(why, "why.possible", "--possible", action="store_true")
    say.add(why, "why.out", "--out", "MESSAGES.csv", type=Path)
    say.add(review, "review.workbook", "workbook", "WORKBOOK.xlsx", type=Path)
    say.add(review, "review.accept", "--accept", action="store_true")
    say.add(review, "review.who", "--who", "NAME", default="")
