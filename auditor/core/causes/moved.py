"""Lines that are missing, or that nothing is due for, while another line may hold their units (formats.md §8).

That a line is missing, or that there should be none, says where an amount stands and not why. It is the whole reason
only where its units stand nowhere else: where a line of another market, or of another category, is off the other way
and nothing accounts for it, the two may be one mistake of which no reading comes to the figures.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from auditor.core.money import ZERO
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Status

_MISSING, _UNEXPECTED = "missing_line", "unexpected_line"
_WITH_THEM = {_MISSING, _UNEXPECTED, "rounding"}
_DEARER = 16  # times at most that a unit costs in one market or category what it costs in another
_SEVERAL = 2
Place = tuple[str, ...]
"""All that a line is about but its market, or but its category."""


def open_where_moved(lines: Iterable[Difference]) -> list[Difference]:
    """Leave missing and unexpected lines possible whose units may stand on other lines, or come from them."""
    differences = list(lines)
    missing = [line for line in differences if not line.lines and _named(line, _MISSING)]
    unexpected = [line for line in differences if _named(line, _UNEXPECTED)]
    if not missing and not unexpected:
        return differences
    beside = _by_place(line for line in differences if line.unexplained)
    moved = {line.key for line in missing if any(_may_hold(one, line) for one in _others(line, beside))}
    moved |= {line.key for line in unexpected if any(_may_lack(one, line) for one in _others(line, beside))}
    moved |= _together(missing, unexpected) | _alike(missing, unexpected)
    return [_opened(line) if line.key in moved else line for line in differences]


def passed_through(line: Difference) -> bool:
    """Tell whether one cause brings units to a line that neither side has, and another takes them on from there.

    Without such a line each of the two would lack that step, and their sums would be wrong by it.
    """
    return not line.unexplained and any(one.proof == "found" for one in line.causes)


def _named(line: Difference, cause: str) -> Decimal:
    """Give the amount by which a line is found to be missing, or to be one too many."""
    return sum((one.amount for one in line.causes if one.cause == cause and one.proof == "found"), ZERO)


def _opened(line: Difference) -> Difference:
    def opened(one: CauseAmount) -> CauseAmount:
        return replace(one, proof="possible") if one.cause in _WITH_THEM else one

    return replace(line, causes=tuple(map(opened, line.causes)))


def _by_place(lines: Iterable[Difference]) -> dict[Place, list[Difference]]:
    made: dict[Place, list[Difference]] = {}
    for line in lines:
        for place in _places(line):
            made.setdefault(place, []).append(line)
    return made


def _places(line: Difference) -> tuple[Place, Place]:
    owner = (line.waba_id, line.period)
    return (("category", *owner, line.category), ("market", *owner, line.market, line.country))


def _others(line: Difference, lines: Mapping[Place, Sequence[Difference]]) -> Iterator[Difference]:
    return (other for place in _places(line) for other in lines.get(place, ()) if other.key != line.key)


def _may_hold(other: Difference, missing: Difference) -> bool:
    """Tell whether what is billed too much on a line may be what is due on one that is missing.

    Of lines that can be compared the search tells, where a reading comes to both. Else the units tell, if they are
    several and the very number: few, at a price that no card has, prove no reading.
    """
    over = _over(other)
    enough = over is None or missing.expected_quantity is None or over >= missing.expected_quantity
    unlike = other.status == Status.NOT_COMPARABLE
    return (_are_units_of(over, missing) or (unlike and enough)) and -_named(
        missing, _MISSING
    ) <= _DEARER * other.unexplained


def _may_lack(other: Difference, unexpected: Difference) -> bool:
    """Tell whether what is billed too little on another line may be what is billed on one too many.

    Of a line that takes some off it is what another bills too much.
    """
    over, extra, amount = _over(other), _extra(unexpected), _named(unexpected, _UNEXPECTED)
    way = 1 if amount > 0 else -1
    enough = over is None or extra is None or -over * way >= extra * way
    return enough and amount * way <= -_DEARER * other.unexplained * way


def _over(line: Difference) -> Decimal | None:
    """Give how many units a line bills above the expected; None where either is not stated."""
    if line.billed_quantity is None or line.expected_quantity is None:
        return None
    return line.billed_quantity - line.expected_quantity


def _extra(line: Difference) -> Decimal | None:
    """Give how many units a line bills of which nothing is due; None where it states none."""
    return None if line.billed_quantity is None else line.billed_quantity - (line.expected_quantity or 0)


def _together(missing: Sequence[Difference], unexpected: Sequence[Difference]) -> set[str]:
    """Name the lines of two markets, or categories, of which one lacks several lines where the other has too many."""
    lacking = _by_place(missing)
    pairs: dict[Place, list[str]] = {}
    for line in unexpected:
        for other in _others(line, lacking):
            pairs.setdefault(_between(line, other), []).extend((line.key, other.key))
    return {key for keys in pairs.values() if len(keys) >= 2 * _SEVERAL for key in keys}


def _alike(missing: Sequence[Difference], unexpected: Sequence[Difference]) -> set[str]:
    """Name the lines of which one lacks as many units as another, of another category or market, has too many."""
    lacking = _by_place(missing)
    pairs = ((line, other) for line in unexpected for other in _others(line, lacking))
    return {key for line, other in pairs if _are_units_of(_extra(line), other) for key in (line.key, other.key)}


def _are_units_of(units: Decimal | None, missing: Difference) -> bool:
    """Tell whether units are all those of a line that is missing: one is soon met by chance."""
    return units is not None and _SEVERAL <= units == missing.expected_quantity


def _between(line: Difference, other: Difference) -> Place:
    """Name the two markets, or the two categories, that tell lines apart."""
    if line.category == other.category:
        return ("market", line.market, line.country, other.market, other.country)
    return ("category", line.category, other.category)
