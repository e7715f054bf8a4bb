"""A TOML table that is read key by key: every value checked, every trouble told with the key's full name.

Used for `account.toml` (formats.md §7). All methods raise `AuditorError` whose place names the key, such as
`waba[0].time_zone`.
"""

import re
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from decimal import Decimal

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.language import currencies
from auditor.readers.values.numbers import is_too_long
from auditor.readers.values.words import seen
from auditor.readers.values.words import trimmed

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class SettingsTable:
    """One table of a settings file. `name` is its full key (`tax`, `waba[0]`), empty for the file itself."""

    def __init__(self, file: str, name: str, values: Mapping[str, object], known: Collection[str] | None) -> None:
        """Take the table; a key that is not in `known` is refused (None: its keys are names, any will do)."""
        self.file = file
        self.name = name
        self._values = values
        for key in values:
            if known is not None and key not in known:
                raise self.error("settings_unknown_key", key, name=key, known=", ".join(sorted(known)))

    def __contains__(self, key: str) -> bool:
        """Tell whether the key is stated."""
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        """Give the keys stated."""
        return iter(self._values)

    def place(self, key: str = "") -> Place:
        """Give where a key stands."""
        return Place(self.file, column=".".join(part for part in (self.name, key) if part))

    def error(self, code: str, at: str = "", /, **values: object) -> AuditorError:
        """Make the error `code` at the key `at`; true and false are named as they are written."""
        written = {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}
        return AuditorError(code, self.place(at), (), **written)

    def value(self, key: str) -> object:
        """Give a value that must be stated."""
        if key not in self._values:
            raise self.error("settings_missing_key", key, name=key)
        return self._values[key]

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text; a whole number written without quotes is one too. No default: it must be stated."""
        if default is not None and key not in self._values:
            return default
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self.error("settings_not_text", key, value=value)
        text = trimmed(str(value))
        if default is None and not text:
            raise self.error("settings_missing_key", key, name=key)
        return text

    def word(self, key: str, default: str | None = None) -> str:
        """Give a text by which something is known, such as an id, without marks that are not seen."""
        return seen(self.text(key, default))

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """Give one of the words in `known`."""
        word = self.word(key, default)
        if word not in known and word != default:
            raise self.error("settings_not_a_choice", key, value=word, known=", ".join(sorted(known)))
        return word

    def currency(self, key: str, default: str | None = None) -> str:
        """Give an ISO 4217 currency."""
        code = self.word(key, default)
        if code not in currencies() and code != default:
            raise self.error("settings_unknown_currency", key, value=code)
        return code

    def decimal(self, key: str, default: Decimal | None = None) -> Decimal:
        """Give an exact decimal that is not negative, written as a text or a number."""
        if default is not None and key not in self._values:
            return default
        value = self.value(key)
        text = seen(str(value))
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)) or not _DECIMAL.fullmatch(text):
            raise self.error("settings_not_a_decimal", key, value=value)
        if is_too_long(text):
            raise self.error("decimal_too_long", key, value=value)
        if Decimal(text) < 0:
            raise self.error("settings_negative", key, value=value)
        return Decimal(text)

    def whole(self, key: str) -> int:
        """Give a whole number that is not negative."""
        number = self.decimal(key)
        if number != number.to_integral_value():
            raise self.error("settings_not_whole", key, value=number)
        return int(number)

    def flag(self, key: str, *, default: bool) -> bool:
        """Give true or false."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.error("settings_not_a_flag", key, value=value)
        return value

    def day(self, key: str) -> date:
        """Give a date, written as `2026-10-01` with or without quotes."""
        value = self.value(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise self.error("settings_not_a_date", key, value=value) from None

    def month(self, key: str) -> str:
        """Give a month as `2026-10`."""
        text = self.word(key)
        if not _MONTH.fullmatch(text) or text.startswith("0000"):
            raise self.error("settings_not_a_month", key, value=text)
        return text

    def items(self, key: str) -> list[object]:
        """Give a list; a single text counts as one. Not stated: empty."""
        value = self._values.get(key, [])
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list):
            raise self.error("settings_not_a_list", key, name=key)
        return value

    def table(self, key: str, known: Collection[str] | None) -> "SettingsTable":
        """Give the table under a key; not stated: an empty one."""
        return self._table(key, self._values.get(key, {}), known)

    def tables(self, key: str, known: Collection[str]) -> list["SettingsTable"]:
        """Give the tables of a `[[key]]`; not stated: none."""
        value = self._values.get(key, [])
        if not isinstance(value, list):
            raise self.error("settings_not_tables", key, name=key)
        return [self._table(f"{key}[{place}]", item, known) for place, item in enumerate(value)]

    def _table(self, key: str, value: object, known: Collection[str] | None) -> "SettingsTable":
        if not isinstance(value, dict):
            raise self.error("settings_not_a_table", key, name=key)
        return SettingsTable(self.file, self.place(key).column, value, known)
