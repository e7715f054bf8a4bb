"""Numbers as invoices write them: `1.234,56`, `US$1,22`, `(12.30)`, `12,30-` (formats.md §4).

A number's text is first taken apart, then the decimal mark is decided for a whole column, then it is read. Nothing
here is ever a float.
"""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Context
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from auditor.readers.values.currency_words import sign_currency
from auditor.readers.values.vocabulary import is_counted
from auditor.readers.values.words import UNSEEN
from auditor.readers.values.words import hides

MARKS = frozenset(".,")
_POINT = frozenset(".")
_NUMBER = re.compile(
    r"(?P<s1>[-+]?) ?(?P<c1>[^\d\s+\-.,()'%][^\d\s+\-,()%]{0,9})? ?(?P<s2>[-+]?) ?"
    r"(?P<body>[0-9][0-9.,' ]*|[.,][0-9]+)(?P<s3>[-+]?) ?(?P<c2>[^\d\s+\-.,()'%][^\d\s+\-()%]{0,14})? ?(?P<s4>[-+]?)"
)
# As programs write them, and what can be none: most cells are one or the other, and need no closer look.
_WRITTEN_PLAINLY = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DIGIT_OR_DASH = re.compile(r"[0-9-]")
# How spreadsheet programs write a small rate into a text: `7.03E-02`. A positive exponent has lost digits: no number.
_SMALL = re.compile(r"[0-9](?:[.,][0-9]+)?E-[0-9]{1,2}", re.IGNORECASE)
_POINT_ONLY = re.compile(r"[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})")
# The format of accounts has the sign to the left of the cell, before the bracket: `$ (15.00)`.
_SIGN_BEFORE_BRACKET = re.compile(r"^([^\d\s+\-.,()'%][^\d\s+\-,()%]{0,3}) ?\(([0-9.,' ]+)\)$")
# A code and the sign that goes with it: `MXN $5,200.00`, `PEN S/ 12.30`.
_CODE_AND_SIGN = re.compile(r"^(\(?)([A-Za-z]{3}) ?([^\s\d+\-.,()'%]{1,3}\.?) ?(?=[-+(\d.])")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2007]+")
# Other signs for what a number is written with: minus and apostrophe, the digits and marks of other scripts.
_SIGNS = {
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2019": "'",
    "\u066b": ".",
    "\u066c": ",",
    "\uff0e": ".",
    "\uff0c": ",",
}
_DIGITS = {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0x966, 0xFF10) for digit in range(10)}
_PLAIN = str.maketrans({**_SIGNS, **_DIGITS, **dict.fromkeys(map(chr, UNSEEN), "")})
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[ '][0-9]{3})+(?:[.,][0-9]*)?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
_CREDIT = {"cr": True, "dr": False}
_REMEMBERED = 1 << 16
# No bill has more: a longer figure is an id, or a mistake.
_WHOLE_DIGITS, _DECIMALS = 15, 12
# Rates and factors may have been divided out.
_MOST_WHOLE, _MOST_DECIMALS = 13, 20
_PLAINLY = {
    mark: re.compile(rf"-?[0-9]{{1,{_WHOLE_DIGITS}}}(?:{re.escape(mark)}[0-9]{{1,{_DECIMALS}}})?") for mark in MARKS
}
_AGREES_WITHIN = Decimal("0.01")
_DIGITS_OF_DOUBLES, _DIGITS_SHOWN = 16, 15


def is_too_long(plain: str) -> bool:
    """Tell a plain decimal with more digits than exact sums of rate, factor, exchange and count can carry."""
    whole, _, decimals = plain.partition(".")
    return len(whole) > _MOST_WHOLE or len(decimals) > _MOST_DECIMALS


class NumberText(NamedTuple):
    """A number's text taken apart: its sign, the currency beside it, digits with their separators.

    `currency` is empty if none is stated, or only a bare `$`.
    """

    negative: bool
    currency: str
    body: str


@lru_cache(_REMEMBERED)
def take_apart(text: str) -> NumberText | None:
    """Take a number's text apart; None if it is no number.

    A dash alone is how ledgers write zero. What is counted may stand behind it (`1.050 msgs`), and stars that point to
    a note (`70.30 *`); before it an apostrophe that makes a text of it. Figures that hide a mark of no width are no
    number.
    """
    if _WRITTEN_PLAINLY.fullmatch(text):
        return NumberText(text[0] == "-", "", text.removeprefix("-"))
    if (text.isascii() and not _DIGIT_OR_DASH.search(text)) or hides(text):
        return None
    plain = _SPACES.sub(" ", text.translate(_PLAIN)).strip().rstrip("* ").lstrip("'")
    if _SMALL.fullmatch(plain.removeprefix("-")):
        return NumberText(plain.startswith("-"), "", plain.removeprefix("-").upper())
    if plain == "-":
        return NumberText(negative=False, currency="", body="0")
    plain = _SIGN_BEFORE_BRACKET.sub(r"(\1 \2)", plain)
    bracketed = plain.startswith("(") and plain.endswith(")")
    match = _NUMBER.fullmatch(plain[1:-1].strip() if bracketed else plain)
    if match is None:
        named = _CODE_AND_SIGN.match(plain)
        code = sign_currency(named[2]) if named else None
        alike = code and named and sign_currency(named[3]) in {"", code}
        return take_apart(_CODE_AND_SIGN.sub(r"\1\2 ", plain)) if alike else None
    if match["c1"] and match["c2"]:
        return _in_both(match, negative=bracketed)
    signs = [match[name] for name in ("s1", "s2", "s3", "s4") if match[name]]
    word = (match["c1"] or match["c2"] or "").strip()
    credit = _CREDIT.get(word.lower())
    minuses = signs.count("-") + bracketed + bool(credit)
    body = match["body"].strip()
    counted = bool(match["c2"] and is_counted(word))
    currency = sign_currency(word) if word and credit is None and not counted else ""
    if len(signs) > 1 or minuses > 1 or currency is None or not possible_marks(body):
        return None
    return NumberText(minuses == 1, currency, body)


def _in_both(match: re.Match[str], *, negative: bool) -> NumberText | None:
    """Take apart a number with its currency on both sides, `$80.30 USD`, where they agree."""
    named = {sign_currency(match[name].strip()) for name in ("c1", "c2")} - {""}
    body = match["body"].strip()
    signs = [match[name] for name in ("s1", "s2", "s3", "s4") if match[name]]
    if len(named) != 1 or None in named or len(signs) + negative > 1 or not possible_marks(body):
        return None
    return NumberText(negative or "-" in signs, str(next(iter(named))), body)


@lru_cache(_REMEMBERED)
def possible_marks(body: str) -> frozenset[str]:
    """Tell which decimal marks a number's digits allow: one, both (no saying), or none (no number at all)."""
    if _POINT_ONLY.fullmatch(body):
        return _POINT
    if "E" in body:
        return frozenset(MARKS & set(body)) or MARKS
    if " " in body or "'" in body:
        if not _GROUPED.fullmatch(body):
            return frozenset()
        return frozenset(MARKS & set(body)) or MARKS
    return frozenset(mark for mark in MARKS if _reads(body, mark))


def _reads(body: str, mark: str) -> bool:
    """Tell whether digits are well formed with this decimal mark and the other one between thousands."""
    whole, found, fraction = body.partition(mark)
    if mark in fraction or "," in fraction or "." in fraction or (found and not (whole or fraction)):
        return False
    whole = whole.replace(".", ",")
    return bool(not whole or whole.isdecimal() or _THOUSANDS.fullmatch(whole))


def read_number(number: NumberText, mark: str) -> Decimal | None:
    """Read a number with a decimal mark; None if it cannot be read so."""
    if number.body.isdecimal() and len(number.body) <= _WHOLE_DIGITS:
        value = Decimal(number.body)
        return -value if number.negative and value else value
    if mark not in possible_marks(number.body):
        return None
    other = "," if mark == "." else "."
    digits = number.body.replace(" ", "").replace("'", "").replace(other, "").replace(mark, ".")
    if "E" in digits:
        digits = format(Decimal(digits), "f")
    whole, _, part = digits.partition(".")
    value = Decimal(digits)
    if len(part.rstrip("0")) > _DECIMALS:
        value = _as_shown(value)
    _, _, part = f"{value:f}".partition(".")
    if len(whole.lstrip("0")) > _WHOLE_DIGITS or len(part.rstrip("0")) > _DECIMALS:
        return None
    return -value if number.negative and value else value


def _as_shown(value: Decimal) -> Decimal:
    """Give a figure that a program wrote with all the digits of a double, as every program shows it: with fifteen.

    `70.30000000000001` is what binary fractions make of 70.30. One with fewer digits is left as it is.
    """
    if len(value.as_tuple().digits) < _DIGITS_OF_DOUBLES:
        return value
    return Decimal(f"{Context(prec=_DIGITS_SHOWN).create_decimal(value).normalize():f}")


@lru_cache(_REMEMBERED)  # a table's prices and counts are few
def read_plainly(text: str, mark: str) -> Decimal | None:
    """Read a number written as programs do, digits with at most a decimal mark, as `read_number` would; None if not."""
    if not _PLAINLY[mark].fullmatch(text):
        return None
    value = Decimal(text if mark == "." else text.replace(mark, "."))
    return value or abs(value)


def column_marks(texts: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the marks that every number of a column allows, and those that some number demands.

    Two demanded marks contradict each other. No demanded mark with any number that has a separator is ambiguous:
    `1,234` and `1.234` could be either.
    """
    allowed, demanded = MARKS, frozenset[str]()
    for text in texts:
        number = take_apart(text)
        if number is not None:
            marks = possible_marks(number.body)
            allowed &= marks
            demanded |= marks if len(marks) == 1 else frozenset()
    return allowed, demanded


def is_unclear(text: str) -> bool:
    """Tell whether a number reads differently with either mark."""
    number = take_apart(text)
    return number is not None and len({read_number(number, mark) for mark in possible_marks(number.body)}) > 1


def settle(
    candidates: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, str | Decimal]], scale: Decimal = Decimal(1)
) -> Mapping[str, str] | None:
    """Choose decimal marks by quantity x unit rate x `scale` = amount; None if that does not single out one choice.

    `candidates` gives the marks in question for `quantity`, `unit_rate` and `amount`; `rows` the texts (or stored
    numbers) of the rows that have all three.
    """
    names = ("quantity", "unit_rate", "amount")
    scores = []
    for marks in product(*(candidates[name] for name in names)):
        choice = dict(zip(names, marks, strict=True))
        scores.append((sum(_agrees(row, choice, scale) for row in rows), choice))
    scores.sort(key=lambda score: score[0], reverse=True)
    if not scores or not scores[0][0] or (len(scores) > 1 and scores[1][0] == scores[0][0]):
        return None
    return scores[0][1]


def _agrees(row: Mapping[str, str | Decimal], marks: Mapping[str, str], scale: Decimal) -> bool:
    """Tell whether a row's three numbers multiply up under these marks."""
    values = {name: read_value(cell, marks[name]) for name, cell in row.items()}
    quantity, unit_rate, amount = (values[name] for name in ("quantity", "unit_rate", "amount"))
    if quantity is None or unit_rate is None or not amount:
        return False
    return abs(quantity * unit_rate * scale - amount) <= _AGREES_WITHIN


def currency_beside(text: str) -> str:
    """Give the currency that stands beside a figure; empty if none does."""
    taken = take_apart(text)
    return taken.currency if taken else ""


def read_value(value: object, mark: str) -> Decimal | None:
    """Read a stored number, or a text with a decimal mark; None if it is neither."""
    if isinstance(value, Decimal):
        return value
    number = take_apart(value) if isinstance(value, str) else None
    return read_number(number, mark) if number else None


def read_whole(value: object) -> Decimal | None:
    """Read a whole number by whichever decimal mark makes it one; None for any other figure or word."""
    read = (read_value(value, mark) for mark in sorted(MARKS))
    return next((figure for figure in read if figure is not None and figure % 1 == 0), None)
