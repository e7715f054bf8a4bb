"""How lines of the invoice stand against an expected side, in bits (formats.md §8).

How much is explained is measured in bits: what it takes to write down a line's error when nothing accounts for it,
against what it takes to name an error that does. A digit transposed is one of a few, an arbitrary amount one of many.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal

from auditor.core.records import NOTHING

# That a line is wrong at all, and that it is wrong in a way that is named.
WRONG = 10.0
NAMED = 9.0
# That a line is off which covers what the log lost.
LOST = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line's difference by the line's own evidence: a cause code, its amount, and the figures."""

    cause: str
    amount: Decimal
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a line stands against an expected side: `bits` to write down what is left, and the parts that are named.

    `fits` when nothing is left but rounding; `whole` when all of it is named; `lost` when what is left may be of
    messages that a gap of the log lost. `hint` is the same against this very side, which tells a search how near it is;
    what is left unnamed is always written down against the rules.
    """

    bits: float
    hint: float
    parts: tuple[Part, ...] = ()
    fits: bool = False
    whole: bool = False
    lost: bool = False


FITS = Verdict(0.0, 0.0, (), fits=True, whole=True)


def named(bits: float, *parts: Part) -> Verdict:
    """Give the verdict on a line all of whose difference is named."""
    return Verdict(bits, bits, parts, whole=True)


def speaks(verdict: Verdict) -> bool:
    """Tell whether a line says itself what is wrong with it: a slip, a fee, or what it bills twice."""
    causes = {part.cause for part in verdict.parts}
    return verdict.whole and bool(causes) and causes <= {"quantity", "rate", "duplicate_line", "provider_fee"}


def lacks(verdict: Verdict) -> bool:
    """Tell whether all that is wrong with lines is named, and that one is missing of it."""
    return verdict.whole and any(part.cause == "missing_line" for part in verdict.parts)


def exceeds(verdict: Verdict) -> bool:
    """Tell whether all that is wrong with lines is named, and that one of it is not expected."""
    return verdict.whole and any(part.cause == "unexpected_line" for part in verdict.parts)


def slipped(verdict: Verdict) -> bool:
    """Tell whether a line would have to be a slip of the pen, which it is only where every replay fails."""
    return verdict.whole and any(part.cause in {"quantity", "rate"} for part in verdict.parts)


def misrated(verdict: Verdict) -> bool:
    """Tell whether all that is wrong with lines is a slip of a rate, and none of a count or a product."""
    rates = all(part.cause == "rate" and "kind" not in part.values for part in verdict.parts)
    return verdict.whole and bool(verdict.parts) and rates


def repeated(verdict: Verdict) -> bool:
    """Tell whether all that is wrong with a line is that it is billed twice."""
    return verdict.whole and all(part.cause == "duplicate_line" for part in verdict.parts)


def joined(parts: Sequence[Part]) -> list[Part]:
    """Put parts of one cause together: amounts added up, figures said one after another."""
    made: dict[str, Part] = {}
    for part in parts:
        known = made.get(part.cause)
        if known is None:
            made[part.cause] = part
            continue
        names = {**known.values, **part.values}
        values = {name: _both(name, known.values.get(name, ""), part.values.get(name, "")) for name in names}
        made[part.cause] = Part(part.cause, known.amount + part.amount, values)
    return list(made.values())


def _both(name: str, one: str, other: str) -> str:
    if name == "count":
        return str(int(one or 0) + int(other or 0))
    return ", ".join(text for text in dict.fromkeys((one, other)) if text)
