"""Words, numbers and dates in the user's language. One catalogue serves the window, the workbook and the command line.

The catalogue is `resources/i18n/<language>/*.toml`: the file's name and the tables inside it make the key, so
`[start] open = "Open"` in `window.toml` is `window.start.open`. Values hold named `{places}`.
"""

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from decimal import Decimal
from functools import cache
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from auditor.core.day_words import day_words
from auditor.core.money import minor_digits
from auditor.core.money import rounded
from auditor.core.problems import APART
from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.problems import Said
from auditor.paths import resources

if TYPE_CHECKING:
    from babel import Locale

# Babel is loaded with the first figure that is shown: the window opens without one. ctypes is for Windows only,
# plistlib for macOS.
# ruff: noqa: PLC0415

LANGUAGES = ("en", "es")
_LOCALES = {"en": "en_US", "es": "es_PE"}
_LONGEST_VALUE = 600
# Since then WhatsApp has charged conversations.
_IN_USE = (2022, 2, 1)
# Commands to a terminal, ends of lines, and what turns the direction of writing.
_UNQUOTABLE = (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_NOT_QUOTED = {code: " " if chr(code) in "\t\n\r\u2028\u2029" else "\ufffd" for code in _UNQUOTABLE}
# Peru writes both with the sign before the figure; Babel leaves the dollar as a bare code there.
_SYMBOLS = {"PEN": "S/", "USD": "US$"}
# What decisions in reading say of money, by the name of the value.
_SUMS = {"reading.decision.total_agrees": "stated", "reading.decision.figures_left_out": "sum"}
# What says days, as `first` and `last`.
_DAYS_NAMED = frozenset({"overlaps.log", "reading.decision.period", "reading.decision.since"})
# Where one of the outermost tables of a file begins, or goes on with a table in it: no text is longer than its line.
_TABLE = re.compile(r"^\[([\w-]+)", re.MULTILINE)
_WHOLE_DAY = len("2026-10-05")


def _flatten(prefix: str, table: Mapping[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict):
            _flatten(name, value, into)
        else:
            into[name] = str(value)


def _tables(source: str) -> dict[str, str]:
    """Divide a file into its outermost tables by name, each with those in it; "" is what stands before the first."""
    begins = [(found.start(), found[1]) for found in _TABLE.finditer(source)]
    ends = [start for start, _ in begins[1:]] + [len(source)]
    made = {"": source[: begins[0][0]] if begins else source}
    for (start, name), end in zip(begins, ends, strict=False):
        made[name] = made.get(name, "") + source[start:end]
    return made


class Catalogue(Mapping[str, str]):
    """The texts of a language by their keys. A table is read when the first of its texts is wanted: `files` has those.

    To read them all would take a tenth of the time in which the window stands.
    """

    def __init__(self, language: str) -> None:
        """Find the files of `language`."""
        self._paths = {file.stem: file for file in sorted((resources() / "i18n" / language).glob("*.toml"))}
        self._unread: dict[str, dict[str, str]] = {}
        self._reading = Lock()  # a window and its worker ask at once
        self.files: dict[str, dict[str, str]] = {}

    def __getitem__(self, key: str) -> str:
        """Give the text of a key."""
        name, _, rest = key.partition(".")
        known = self.files.get(name)
        if known is not None and key in known:  # most are asked for again and again
            return known[key]
        return self._texts(name, rest.partition(".")[0])[key]

    def __iter__(self) -> Iterator[str]:
        """Go through all keys."""
        return (key for name in self._paths for key in self._texts(name))

    def __len__(self) -> int:
        """Count all texts."""
        return sum(len(self._texts(name)) for name in self._paths)

    def table(self, name: str, table: str) -> Mapping[str, str]:
        """Give the texts of a table of a file by their whole keys; the others are not read for it."""
        return {key: text for key, text in self._texts(name, table).items() if key.startswith(f"{name}.{table}.")}

    def _texts(self, name: str, table: str = "") -> Mapping[str, str]:
        """Give the texts of a file: all, or what was read of it so far with one table among it."""
        with self._reading:
            if name not in self.files:
                self.files[name] = {}
                source = self._paths[name].read_text(encoding="utf-8") if name in self._paths else ""
                self._unread[name] = _tables(source)
            unread = self._unread[name]
            for one in [one for one in unread if not table or one in {"", table}]:
                _flatten(name, tomllib.loads(unread.pop(one)), self.files[name])
            return self.files[name]


@cache
def catalogue(language: str) -> Catalogue:
    """Give every key and text of a language (`en` or `es`)."""
    return Catalogue(language)


def quoted(text: str) -> str:
    """Give a text of the user's as a sentence can quote it: no more than one can take in, nothing that ends the line.

    Nor what commands a terminal.
    """
    short = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]} …"
    return short if short.isprintable() else short.translate(_NOT_QUOTED)


def system_language() -> str:
    """Give the language to speak before an account says one: Spanish where the system speaks it, else English."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    stated = next((name for name in names if name), "")
    if not stated and sys.platform in _OWN_LANGUAGE:
        stated = _OWN_LANGUAGE[sys.platform]()
    return "es" if stated.lower().startswith("es") else "en"


def _language_of_windows() -> str:
    """Give the language in which Windows itself speaks to the user."""
    import ctypes
    import locale

    library = getattr(ctypes, "windll").kernel32  # noqa: B009 - there on Windows only
    return locale.windows_locale.get(library.GetUserDefaultUILanguage(), "")


def _language_of_macos() -> str:
    """Give the first of the languages that the user prefers: what is started from the Finder is told none."""
    import plistlib

    preferences = Path.home() / "Library" / "Preferences" / ".GlobalPreferences.plist"
    try:
        return str(plistlib.loads(preferences.read_bytes())["AppleLanguages"][0])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return ""


_OWN_LANGUAGE = {"win32": _language_of_windows, "darwin": _language_of_macos}


class Language:
    """Says things in one language: `Language("es").text("domain.status.missing")`."""

    def __init__(self, code: str) -> None:
        """Take `en` or `es`; anything else is spoken to in English."""
        self.code = code if code in LANGUAGES else "en"

    @cached_property
    def locale(self) -> "Locale":
        """How figures are written."""
        from babel import Locale

        return Locale.parse(_LOCALES[self.code])

    def text(self, key: str, **values: object) -> str:
        """Give the text of `key` with its places filled. A missing key is a bug and raises `KeyError`."""
        text = catalogue(self.code)[key]
        return text.format(**values) if values else text

    def problem(self, problem: Problem) -> str:
        """Say a problem in one sentence, its place first."""
        sentence = self.sentence(problem.code, problem.values)
        place = self.place(problem.place)
        return f"{place}: {sentence}" if place else sentence

    def sentence(self, code: str, values: Mapping[str, object], key: str = "") -> str:
        """Give the sentence of a code, or the one of `key` instead; of a cell's text no more than one can take in."""
        shown = {name: quoted(value) if isinstance(value, str) else value for name, value in values.items()}
        if "when" in values:
            # An instant in the zone of the account; as written where it proves something, it has another name.
            at = datetime.fromisoformat(str(values["when"]))
            shown["when"] = f"{self.day(at)} {at:%H:%M}"
        if code == "fx_missing" and len(str(values["day"])) == _WHOLE_DAY:  # else it is a month
            shown["day"] = self.day(date.fromisoformat(str(values["day"])))
        return self.text(key or f"problems.{code}", **shown)

    def said(self, said: Said) -> str:
        """Put in words what a reader decided, or has to say of a file."""
        if not said.code:
            return str(said.values["text"])
        values = {name: self._worded(said.code, name, value) for name, value in said.values.items()}
        if said.code == "reading.decision.rows_left_out":
            counts = [f"{self.text(f'reading.left_out.{reason}')} ({count})" for reason, count in values.items()]
            values = {"reasons": "; ".join(counts)}
        if said.problem:
            values["problem"] = self.problem(said.problem)
        return self.text(said.code, **values)

    def _worded(self, code: str, name: str, value: str | int) -> str:
        """Put a value in words: counts and sums grouped, days as days, and the words of ours that a decision names."""
        if isinstance(value, int):
            return self.number(value)
        if _SUMS.get(code) == name:
            return self._sum(Decimal(value))
        if code in _DAYS_NAMED and name in {"first", "last"}:
            return self.day(date.fromisoformat(value))
        if name == "order":
            return self.text(f"reading.order.{value}")
        if code in {"reading.decision.columns", "reading_logs.decisions.columns"}:
            parts = value.split(APART)
            taken: dict[str, list[str]] = {}
            for head, field in zip(parts[::2], parts[1::2], strict=True):
                taken.setdefault(head, []).append(self.text(f"reading.field.{field}"))
            # A log's one time is that of whatever its row states was done: the column is named once.
            return "; ".join(f"{quoted(head)} = {', '.join(dict.fromkeys(fields))}" for head, fields in taken.items())
        return quoted(value)

    def _sum(self, amount: Decimal) -> str:
        """Show a sum of a file with the decimals that it has, and none alone: `1,868.36`, `257.80`, `1,500`."""
        decimals = max(0, -int(amount.as_tuple().exponent))
        return self.number(amount, 2 if decimals == 1 else decimals)

    def error(self, error: AuditorError) -> str:
        """Say why a request was refused, in one sentence with its place."""
        sentence = self.sentence(error.code, error.values)
        place = self.place(error.place) if error.place else ""
        return f"{place}: {sentence}" if place else sentence

    def place(self, place: object) -> str:
        """Name a place in a file as the user would look it up."""
        file, sheet = getattr(place, "file", ""), getattr(place, "sheet", "")
        row, column = getattr(place, "row", 0), getattr(place, "column", "")
        parts = [quoted(file)]
        if sheet:
            parts.append(self.text("domain.place.sheet", sheet=quoted(sheet)))
        if row:
            parts.append(self.text("domain.place.row", row=row))
        if column:
            # A file of settings has no columns: there it is the key that one looks for.
            kind = "setting" if file.endswith(".toml") else "column"
            parts.append(self.text(f"domain.place.{kind}", column=quoted(column)))
        return ", ".join(part for part in parts if part)

    def money(self, amount: Decimal, currency: str) -> str:
        """Show an amount in its currency, rounded half up to the minor unit: `S/ 3.50`, `US$ 1,234.50`."""
        from babel.numbers import get_currency_symbol

        figure = self.number(amount, minor_digits(currency))
        symbol = _SYMBOLS.get(currency) or get_currency_symbol(currency, locale=self.locale)
        sign = "-" if figure.startswith("-") else ""
        return f"{sign}{symbol} {figure.removeprefix('-')}"

    def number(self, value: Decimal | int, digits: int | None = None) -> str:
        """Show a count or rate with grouping; `digits` fixes the decimals, rounded half up: Babel goes to even."""
        from babel.numbers import format_decimal

        if digits is None:
            return format_decimal(value, format="#,##0.######", locale=self.locale)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(rounded(Decimal(value), digits), format=pattern, locale=self.locale)

    def rate(self, value: Decimal) -> str:
        """Show a rate with four decimals or, where it has more, with up to six: rates line up in a column."""
        from babel.numbers import format_decimal

        return format_decimal(value, format="#,##0.0000##", locale=self.locale)

    def day(self, value: date | datetime) -> str:
        """Show a date, the same on every machine."""
        return day_words(value, self.text)


@cache
def currencies() -> frozenset[str]:
    """Give every code of ISO 4217 in use since 2022, for telling a currency from a typing error and from one long gone.

    `PES` was Peru's until 1985: today it is a slip of the pen for another.
    """
    from babel.core import get_global

    of_territories = get_global("territory_currencies").values()
    return frozenset(code for held in of_territories for code, _, last, _ in held if not last or last >= _IN_USE)
