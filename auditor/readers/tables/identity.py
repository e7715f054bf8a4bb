"""WABA ids and phone numbers on an invoice, matched with the account and never repaired (formats.md §4)."""

import re
from decimal import Decimal
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.records import Account
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.values.words import hides
from auditor.readers.values.words import plain
from auditor.readers.values.words import seen

_DAMAGED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
_WRAPPED = re.compile(r'^=?"(.*)"$|^\'(.*)$')
# As Meta numbers accounts and phone numbers; a phone is known by its account.
ID = re.compile(r"\d{15,16}")
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]*")
ID_IN_TEXT = re.compile(rf"(?<![\d-]){ID.pattern}(?![\d-])")
_PHONE_IN_TEXT = re.compile(r"\+?[0-9][0-9 ().-]{6,}[0-9]")
_TOO_LONG = 10**14
_NATIONAL = 8  # figures of a phone without its country's code


class Named(NamedTuple):
    """A WABA or number of the account, named `by_id` or by its name or phone; empty where the other one alone is."""

    waba: str = ""
    number: str = ""
    by_id: bool = False


class Identities:
    """The ids, phones and names of an account, to find what an invoice means."""

    def __init__(self, account: Account) -> None:
        """Index the account."""
        self.wabas = {waba.id for waba in account.wabas}
        self.waba_names = {plain(waba.name): waba.id for waba in account.wabas if plain(waba.name)}
        self.owners = {number.id: waba.id for waba in account.wabas for number in waba.numbers}
        numbers = [number for waba in account.wabas for number in waba.numbers]
        self.phones = {digits(number.phone): number.id for number in numbers if digits(number.phone)}
        self.number_names = {plain(number.name): number.id for number in numbers if plain(number.name)}

    def waba(self, text: str) -> str:
        """Give the WABA id that an id or a name means; what is not known stays as it is."""
        return text if text in self.wabas else self.waba_names.get(plain(text), text)

    def number(self, text: str) -> str:
        """Give the phone number id that an id, phone or name means; what is not known stays as it is."""
        if text in self.owners:
            return text
        by_phone = self._by_phone(digits(text)) if _PHONE.fullmatch(text) else ""
        return by_phone or self.number_names.get(plain(text), "") or self._beside_words(text) or text

    def _beside_words(self, text: str) -> str:
        """Give the number of the one phone that stands in a text beside words: `987 654 321 (Ventas)`."""
        found = {number for word in _PHONE_IN_TEXT.findall(text) if (number := self._by_phone(digits(word)))}
        return found.pop() if len(found) == 1 else ""

    def named(self, text: str, *parts: str) -> "Named | None":
        """Give the one WABA or number of the account that an id or phone in a text, or all of a part of it, names."""
        words = {text, *parts, *ID_IN_TEXT.findall(text), *(word.strip() for word in _PHONE_IN_TEXT.findall(text))}
        wabas = {self.waba(word) for word in words} & self.wabas
        numbers = {self.number(word) for word in words} & self.owners.keys()
        if len(wabas) > 1 or len(numbers) > 1 or not (wabas or numbers):
            return None
        return Named(next(iter(wabas), ""), next(iter(numbers), ""), bool(words & (wabas | numbers)))

    def _by_phone(self, stated: str) -> str:
        """Give the number of a phone, which may be written without its country's code where it is one alone then."""
        whole, national = self.phones.get(stated, ""), stated.removeprefix("0")
        if whole or len(national) < _NATIONAL:
            return whole
        found = {number for phone, number in self.phones.items() if phone.endswith(national)}
        return found.pop() if len(found) == 1 else ""


def digits(text: str) -> str:
    """Give the digits of a phone number."""
    return re.sub(r"[^0-9]", "", text)


def read_identifier(sheet: Sheet, cell: SheetCell) -> str:
    """Read an id as text.

    Raises with the cell: `figures_hide` for one with a mark that is not seen, `id_damaged` for a number in exponent
    form and for a stored number of 15 digits or more. Excel keeps 15, so what the id was cannot be known.
    """
    if isinstance(cell.value, Decimal):
        if abs(cell.value) >= _TOO_LONG or cell.value != cell.value.to_integral_value():
            raise AuditorError("id_damaged", sheet.place(cell.row, cell.column), value=cell.text)
        return str(int(cell.value))
    stated = seen(cell.text)
    if hides(cell.text):
        raise AuditorError("figures_hide", sheet.place(cell.row, cell.column), value=stated)
    wrapped = _WRAPPED.match(stated)
    text = (wrapped[1] or wrapped[2] or "").strip() if wrapped else stated
    if _DAMAGED.fullmatch(text):
        raise AuditorError("id_damaged", sheet.place(cell.row, cell.column), value=text)
    return text
