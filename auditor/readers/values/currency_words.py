"""Which currency the words, codes and signs of an invoice name (formats.md §3, §4)."""

import re
from collections.abc import Mapping
from functools import cache
from functools import lru_cache

from auditor.language import currencies
from auditor.readers.values.words import exact
from auditor.readers.values.words import find_phrase
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import vocabulary

_REMEMBERED = 1 << 16
# `S/N` numbers the lines, and is no sign of soles.
_SERIAL = re.compile(r"\bS/N\b", re.IGNORECASE)
_CODE = re.compile(r"\b[A-Z]{3}\b")
_WORD = re.compile(r"[A-Za-z]+")
_BRACKETED = re.compile(r"(?<=\s)\(([A-Za-z]{1,3})\)")
_STATED_IN = re.compile(r"(?:\b(?:en|in|em)\s+|\()(\w+s)\b", re.IGNORECASE)
_SMALL = re.compile(r"\b[a-z]{3}\b")
# Programs join the words of a head: `ext_usd`, `USD_AMOUNT`, `costUSD`.
_JOINED = re.compile(
    r"(?<=\S)_([A-Za-z]{3})(?![^_\s])|(?<![^_\s])([A-Za-z]{3})(?=_\S)|(?<=[a-z])([A-Z]{3}|[A-Z][a-z]{2})(?!\S)"
)


@lru_cache(_REMEMBERED)
def without_signs(head: str) -> str:
    """Drop currency signs and codes from a head: `Monto S/` is `Monto`, `Amount USD` is `Amount`."""
    for sign in () if _SERIAL.search(head) else _plain_signs():
        head = head.replace(sign, " ")
    head = _BRACKETED.sub(lambda found: " " if _sign_bracketed(found[1]) else found[0], head)
    head = _JOINED.sub(lambda found: " " if _joined_code(found) else found[0], head)
    return _CODE.sub(lambda found: " " if found[0] in currencies() else found[0], head)


@cache
def _plain_signs() -> tuple[str, ...]:
    """Give the signs that are no words, the longest first."""
    return tuple(sorted((sign for sign in vocabulary()["signs"] if not sign.isalpha()), key=len, reverse=True))


@cache
def _signs_of_one() -> tuple[tuple[str, str], ...]:
    """Give the signs that are no words and mean one currency, the longest first."""
    signs = vocabulary()["signs"]
    return tuple((sign, str(signs[sign])) for sign in _plain_signs() if signs[sign])


@cache
def _signs_in_letters() -> Mapping[str, str]:
    """Give the signs that are letters and mean one currency, as they are written: `Rp`, `Rs`.

    A single letter, South Africa's `R`, is one beside figures and in brackets only: `Amount (R)`.
    """
    return {sign: code for sign, code in vocabulary()["signs"].items() if sign.isalpha() and code and len(sign) > 1}


@lru_cache(_REMEMBERED)
def text_currency(text: str) -> str:
    """Find the currency that a head or title names by sign, code or word; empty if none, or only a bare `$`."""
    for sign, code in _signs_of_one():
        if sign in text and not _SERIAL.search(text):
            return code
    codes = [code for code in _CODE.findall(text) if code in currencies()]
    codes = codes or [code for sign in _BRACKETED.findall(text) if (code := _sign_bracketed(sign))]
    codes = codes or [code for word in _WORD.findall(text) if (code := _signs_in_letters().get(word, ""))]
    if not codes:
        codes = [code for found in _JOINED.finditer(text) if (code := _joined_code(found))]
    if not codes:  # `total usd`
        codes = [code for word in _SMALL.findall(text) if (code := word.upper()) in _spoken_codes()]
    return codes[0] if codes else find_phrase(key(text), "currencies")


def _sign_bracketed(sign: str) -> str:
    return str(vocabulary()["signs"].get(sign, "")) if sign.isalpha() else ""


def _joined_code(found: re.Match[str]) -> str:
    """Give the currency of three letters within a joined word: one that we have a word or sign for, not any code."""
    code = next(filter(None, found.groups())).upper()
    return code if code in _spoken_codes() else ""


@cache
def _spoken_codes() -> frozenset[str]:
    """Give the currencies that we have a word or a sign for."""
    return frozenset({*vocabulary()["signs"].values(), *vocabulary()["currencies"]} - {""})


def sure_currency(text: str) -> str:
    """Find the currency of a title by what is no other word: not `ALL`, Albania's, nor the `Sol` of a street.

    What something is stated in is one: `Expresado en soles`, `in euros`, `Consumo (soles)`.
    """
    stated = (exact(key(word), "currencies") for word in _STATED_IN.findall(text))
    if code := next(filter(None, stated), ""):
        return code
    code = text_currency(text)
    named = any(sign in text for sign, one in vocabulary()["signs"].items() if one == code and not sign.isalpha())
    spoken = any(f" {phrase} " in f" {key(text)} " for phrase in lists("currencies").get(code, ()) if " " in phrase)
    written = code in _CODE.findall(text) or any(_joined_code(found) == code for found in _JOINED.finditer(text))
    return code if code in _spoken_codes() and (named or spoken or written) else ""


@lru_cache(_REMEMBERED)
def sign_currency(sign: str) -> str | None:
    """Give the currency of a sign or code beside a figure: empty for a bare `$`, None for what is no currency."""
    upper = sign.upper()
    signs = {name.upper(): code for name, code in vocabulary()["signs"].items()}
    if upper in signs:
        return str(signs[upper])
    return upper if upper in currencies() else exact(key(sign), "currencies") or None
