"""The tiers of a price list as people write them: two columns of bounds, or one of words (formats.md §5)."""

import re
from collections.abc import Collection
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal

from auditor.readers.values.dates import parse_day
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

TIER_FROM, TIER_TO = "tier_from", "tier_to"
# `250K`, `1,5 millones`, `100.000 mensajes`: a figure and what it is to be multiplied by, if that is said.
_TIMES = r"\s*(?P<{0}>k|mil(?:es|l[o\u00f3]n(?:es)?|h(?:[a\u00e3]o|[o\u00f5]es)|lions?)?|m{{1,2}}|mio|thousand)\b"
_FIGURE = re.compile(
    rf"(?P<part>[0-9]+[.,][0-9]{{1,2}}){_TIMES.format('of')}"
    rf"|(?P<whole>[0-9]{{1,3}}(?:[.,'\u2019 \u00a0\u202f][0-9]{{3}})+(?![0-9])|[0-9]+)(?:{_TIMES.format('by')})?",
    re.IGNORECASE,
)
_THOUSANDS = frozenset({"k", "mil", "miles", "thousand"})
_SEPARATORS = re.compile(r"[^0-9]")


def bound_of(head: str) -> str:
    """Tell a head of the first or the last message of a tier, by its own words: `tier_from`, `tier_to`, or empty."""
    words = lists("tier_bounds")
    return next((name for name in (TIER_FROM, TIER_TO) if key(head) in words[name]), "")


def bound(text: str) -> str:
    """Give a bound as a plain figure, and empty for one that says that there is no end; else as it stands."""
    figure = _FIGURE.search(text)
    if not figure:
        return "" if key(text) in lists("tier_bounds")["no_end"] or not key(text) else text
    return _plain(figure) if _FIGURE.fullmatch(text.strip(" +")) else text


def tier(text: str) -> tuple[str, str]:
    """Give the bounds of a tier in words: `1 - 100.000`, `Hasta 100.000`, `M\u00e1s de 1 mill\u00f3n`, `100K+`.

    Both are empty for one of everything; what is no tier stays as it stands, to be refused with its place.
    """
    figures = [*_FIGURE.finditer(text)]
    if len(figures) == 2:
        return _plain(figures[0]), _plain(figures[1])
    if len(figures) != 1:
        return (text, "") if figures or not _says_all(text) else ("", "")
    before, words = text[: figures[0].start()].strip(), lists("tier_bounds")
    if before in {"<=", "\u2264"} or key(before) in words["up_to"]:
        return "1", _plain(figures[0])
    if before == ">" or key(before) in words["above"]:
        return str(int(_plain(figures[0])) + 1), ""
    is_first = before in {">=", "\u2265", ""} or key(before) in words["on"]
    return (_plain(figures[0]) if is_first else text), ""


def is_tier(text: str) -> bool:
    """Tell the words of a tier from a mere count."""
    low, high = tier(text)
    return any((low, high)) and (low + high).isdecimal() and not _FIGURE.fullmatch(text.strip())


def is_tier_or_all(text: str) -> bool:
    """Tell the words of a tier, or of all that there is: a price without tiers beside others."""
    return is_tier(text) or _says_all(text)


def are_tiers(texts: Iterable[str]) -> bool:
    """Tell a row of nothing but tiers in words, `All` among them perhaps."""
    filled = [text for text in texts if text.strip()]
    return any(map(is_tier, filled)) and all(map(is_tier_or_all, filled))


def counted_from_one(bounds: tuple[str, str], ends: Collection[str]) -> tuple[str, str]:
    """Give the bounds of a tier by its first and last message, where `ends` are the last ones of all tiers.

    What begins with nothing begins with the first message; and what begins where another ends, with the next one.
    """
    low, high = bounds
    if not low.isdecimal() or not (low in ends or int(low) == 0):
        return bounds
    return str(int(low) + 1), high


def stepped(tiers: Mapping[int, tuple[str, str]], ladders: Mapping[int, Hashable]) -> dict[int, tuple[str, str]]:
    """Give tiers by row, as `tier` does, with both ends where a ladder, by row, states but one of each of its steps.

    A step goes on until the next begins, or begins after the end of the one before; the last has no end.
    """
    found: dict[Hashable, dict[int, tuple[str, str]]] = {}
    for row, ends in tiers.items():
        found.setdefault(ladders[row], {})[row] = ends
    made = dict(tiers)
    for steps in found.values():
        made |= _ended(steps) or _begun(steps)
    return made


def _ended(steps: Mapping[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """Give the steps of a ladder by their first messages alone; nothing if it is not one of these."""
    lows = [low for low, high in steps.values() if low.isdecimal() and not high]
    if len({*lows}) != len(steps):
        return {}
    rows = sorted(steps, key=lambda row: int(steps[row][0]))
    ends = [*(str(int(steps[row][0]) - 1) for row in rows[1:]), ""]
    return {row: (steps[row][0], end) for row, end in zip(rows, ends, strict=True)}


def _begun(steps: Mapping[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """Give the steps of a ladder by their last messages alone, as `up to 500,000` is; nothing if it is not one."""
    ends = {row: int(high) for row, (low, high) in steps.items() if low in {"", "1"} and high.isdecimal()}
    others = {row: low for row, (low, high) in steps.items() if row not in ends and not high}
    if len({*ends.values()}) + len(others) != len(steps) or not ends or len(others) > 1:
        return {}
    rows = sorted(ends, key=ends.__getitem__)
    begins = [1, *(ends[row] + 1 for row in rows)]
    made = {row: (str(begin), steps[row][1]) for row, begin in zip(rows, begins, strict=False)}
    return made | {row: (low or str(begins[-1]), "") for row, low in others.items()}


def are_counts(texts: Iterable[str]) -> bool:
    """Tell figures that are bounds of tiers, some perhaps without an end, from days."""
    filled = [text for text in texts if text.strip()]
    bounds = [*map(bound, filled)]
    return any(bounds) and all(not one or one.isdecimal() for one in bounds) and not any(map(parse_day, filled))


def _says_all(text: str) -> bool:
    return not key(text) or key(text) in lists("everything")["words"]


def _plain(figure: re.Match[str]) -> str:
    times = (figure["of"] or figure["by"] or "").lower()
    factor = (1_000 if times in _THOUSANDS else 1_000_000) if times else 1
    if figure["part"]:
        return f"{int(Decimal(figure['part'].replace(',', '.')) * factor)}"
    return str(int(_SEPARATORS.sub("", figure["whole"])) * factor)
