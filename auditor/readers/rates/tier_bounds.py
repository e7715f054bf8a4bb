"""The tiers of a price list as people write them: two columns of bounds, or one of words (formats.md §5)."""

import re

from auditor.readers.values.words import key
from auditor.readers.values.words import lists

TIER_FROM, TIER_TO = "tier_from", "tier_to"
_FIGURE = re.compile(r"[0-9]{1,3}(?:[.,'\u2019 \u00a0\u202f][0-9]{3})+(?![0-9])|[0-9]+")
_SEPARATORS = re.compile(r"[^0-9]")


def bound_of(head: str) -> str:
    """Tell a head of the first or the last message of a tier, by its own words: `tier_from`, `tier_to`, or empty."""
    words = lists("tier_bounds")
    return next((name for name in (TIER_FROM, TIER_TO) if key(head) in words[name]), "")


def bound(text: str) -> str:
    """Give a bound as a plain figure, and empty for one that says that there is no end; else as it stands."""
    figures = _FIGURE.findall(text)
    if not figures:
        return "" if key(text) in lists("tier_bounds")["no_end"] or not key(text) else text
    return _plain(figures[0]) if _FIGURE.fullmatch(text.strip(" +")) else text


def tier(text: str) -> tuple[str, str]:
    """Give the bounds of a tier in words: `1 - 100.000`, `Hasta 100.000`, `Más de 100.000`, `100,001+`.

    Both are empty for one of everything; what is no tier stays as it stands, to be refused with its place.
    """
    figures = [*_FIGURE.finditer(text)]
    if len(figures) == 2:
        return _plain(figures[0][0]), _plain(figures[1][0])
    if len(figures) != 1:
        return (text, "") if figures or not _says_all(text) else ("", "")
    before, words = text[: figures[0].start()].strip(), lists("tier_bounds")
    if before in {"<=", "\u2264"} or key(before) in words["up_to"]:
        return "1", _plain(figures[0][0])
    if before == ">" or key(before) in words["above"]:
        return str(int(_plain(figures[0][0])) + 1), ""
    is_first = before in {">=", "\u2265", ""} or key(before) in words["on"]
    return (_plain(figures[0][0]) if is_first else text), ""


def _says_all(text: str) -> bool:
    return not key(text) or key(text) in lists("everything")["words"]


def _plain(figure: str) -> str:
    return _SEPARATORS.sub("", figure)
