"""Which currency the words, codes and signs of an invoice name (formats.md §3, §4)."""

import re
from functools import lru_cache

from auditor.language import currencies
from auditor.readers.words import exact
from auditor.readers.words import find_phrase
from auditor.readers.words import key
from auditor.readers.words import lists
from auditor.readers.words import vocabulary

_REMEMBERED = 1 << 14
_CODE = re.compile(r"\b[A-Z]{3}\b")


def without_signs(head: str) -> str:
    """Drop currency signs and codes from a head: `Monto S/` is `Monto`, `Amount USD` is `Amount`."""
    for sign in sorted(vocabulary()["signs"], key=len, reverse=True):
        if not sign.isalpha():
            head = head.replace(sign, " ")
    return _CODE.sub(lambda found: " " if found[0] in currencies() else found[0], head)


def text_currency(text: str) -> str:
    """Find the currency that a head or title names by sign, code or word; empty if none, or only a bare `$`."""
    for sign, code in sorted(vocabulary()["signs"].items(), key=lambda pair: -len(pair[0])):
        if code and not sign.isalpha() and sign in text:
            return str(code)
    codes = [code for code in _CODE.findall(text) if code in currencies()]
    return codes[0] if codes else find_phrase(key(text), "currencies")


def sure_currency(text: str) -> str:
    """Find the currency of a title by what is no other word: not `ALL`, Albania's, nor the `Sol` of a street."""
    code = text_currency(text)
    known = {*vocabulary()["signs"].values(), *vocabulary()["currencies"]}
    named = any(sign in text for sign, one in vocabulary()["signs"].items() if one == code and not sign.isalpha())
    spoken = any(f" {phrase} " in f" {key(text)} " for phrase in lists("currencies").get(code, ()) if " " in phrase)
    return code if code in known and (named or spoken or code in _CODE.findall(text)) else ""


@lru_cache(_REMEMBERED)
def sign_currency(sign: str) -> str | None:
    """Give the currency of a sign or code beside a figure: empty for a bare `$`, None for what is no currency."""
    upper = sign.upper()
    signs = {name.upper(): code for name, code in vocabulary()["signs"].items()}
    if upper in signs:
        return str(signs[upper])
    return upper if upper in currencies() else exact(key(sign), "currencies") or None
