"""Why an invoice differs: replays of the model under other readings, proved line by line (formats.md §8, causes).

A cause is *found* only when it accounts for a line to within rounding and, where quantities are billed, for the
quantity exactly. The smallest set of readings that does so is taken; its parts are the steps from one replay to the
next, in the order of `ORDER`, so that they add up. What nothing proves stays unexplained.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import combinations

from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import Side
from auditor.core.reconcile import rounding_reach
from auditor.core.tables import BridgeStep
from auditor.core.tables import CauseAmount
from auditor.core.tables import Difference
from auditor.core.tables import Fee
from auditor.core.tables import InvoiceLine
from auditor.core.tables import Status
from auditor.core.tables import Tax

# Steps of the bridge come in this order, rounding and the unexplained rest last.
ORDER = (
    "month_cut", "market", "rate_card", "card_currency", "free_allowance", "free_entry_point", "window_utility",
    "undelivered_billed", "duplicate_billed", "unit", "category", "authentication_international", "tier", "mark_up",
    "fx", "tax_included", "provider_fee", "log_gap", "quantity", "rate", "duplicate_line", "missing_line",
    "unexpected_line", "rounding", "unexplained",
)  # fmt: skip
# A line can fit a replay by chance: fewer minor units or units than these prove nothing by themselves.
_CHANCE_UP_TO = 100
_UNITS_UP_TO = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the rules: a cause code, what tells it from others of the code, and how to say it."""

    cause: str
    variant: str
    values: Mapping[str, str] = field(compare=False)


Replay = Callable[[frozenset[Reading]], Mapping[str, Side] | None]
"""Charges the log again under a set of readings and gives the expected side by the key of the line.

None: they cannot be tried, for want of an exchange rate."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What the account states beside rates and an invoice may have put into a line: a tax, or a fee per unit."""

    cause: str
    factor: Decimal
    per_unit: Decimal
    values: Mapping[str, str] = field(compare=False)

    def on(self, side: Side) -> Side:
        """Give a side with it inside; the rates met are then no guide."""
        amount = EXACT.add(EXACT.multiply(side.amount, self.factor), self.per_unit * side.quantity)
        return replace(side, amount=amount, rates=frozenset())


@dataclass(frozen=True, slots=True)
class Trial:
    """A hypothesis about a line: a set of readings in the order of `ORDER`, and perhaps an extra on top."""

    readings: tuple[Reading, ...]
    extra: Extra | None = None


class Explainer:
    """Finds the causes of one reconciliation's differences."""

    def __init__(
        self, lines: Sequence[InvoiceLine], readings: Sequence[Reading], replay: Replay, currency: str,
        tax: Tax | None, fees: Sequence[Fee], card_rates: frozenset[Decimal],
    ) -> None:  # fmt: skip
        """Take the invoice's lines and the readings that may be tried; a replay is made once, when first needed."""
        self._lines = lines
        self._currency = currency
        self._extras = _extras(tax, fees, currency)
        # Tax taken out of a line rounds it a second time.
        self._figures = 2 if tax and tax.included else 1
        self._card_rates = card_rates
        self._beyond_chance = Decimal(_CHANCE_UP_TO).scaleb(-minor_digits(currency))
        self._replay: Replay = cache(replay)
        self._readings = sorted(readings, key=lambda reading: ORDER.index(reading.cause))
        self._all: Sequence[Difference] = ()
        self._trials: list[Trial] = []

    def explain_all(self, lines: Sequence[Difference]) -> list[Difference]:
        """Give every line its causes; what one line proves only weakly, others may bear out."""
        self._all = lines
        self._trials = []
        return [replace(line, causes=self.explain(line)) for line in lines]

    def explain(self, line: Difference) -> tuple[CauseAmount, ...]:
        """Give the causes of a line, empty where there is nothing to explain or nothing is proved."""
        if line.difference == 0 or line.status == Status.NOT_COMPARABLE:
            return ()
        kept = self._own(line)
        if kept and self._fits(kept, None, Side(amount=line.expected_exact)):
            return (CauseAmount("rounding", line.difference),)
        once = _once(kept)
        for lines in [kept] if len(once) == len(kept) else [kept, once]:
            found = self._by_rules(line, lines)
            if found is not None:
                return self._with_duplicates(line, found, len(kept) - len(lines), kept, lines)
        return self._by_evidence(line, kept)

    def _own(self, line: Difference) -> list[InvoiceLine]:
        return [self._lines[place] for place in line.lines]

    # Replays ------------------------------------------------------------------------------------------------------

    def _by_rules(self, line: Difference, lines: Sequence[InvoiceLine]) -> list[CauseAmount] | None:
        """Give the smallest hypothesis that makes the expected side what these lines bill; None if none does."""
        if lines and self._fits(lines, line, _here(line)):
            return []
        for trial in self._candidates(line):
            there = self._there(line, trial)
            if there is not None and not _alike(there, _here(line)) and self._fits(lines, line, there):
                return self._steps(line, trial, "found" if self._is_sure(line, lines, trial, there) else "possible")
        return None

    def _candidates(self, line: Difference) -> Sequence[Trial]:
        """Give the hypotheses worth trying, smallest first: of the readings that change anything at all."""
        if not self._trials:
            some = self._all or (line,)
            readings = [one for one in self._readings if self._changes(Trial((one,)), some)]
            sets = [
                chosen
                for size in range(len({reading.cause for reading in readings}) + 1)
                for chosen in combinations(readings, size)
                if len({reading.cause for reading in chosen}) == size
            ]
            trials = [Trial(chosen, extra) for chosen in sets for extra in (None, *self._extras) if chosen or extra]
            self._trials = sorted(trials, key=lambda trial: len(trial.readings) + bool(trial.extra))
        return self._trials

    def _changes(self, trial: Trial, lines: Sequence[Difference]) -> bool:
        sides = [self._there(line, trial) for line in lines]
        return any(there and not _alike(there, _here(line)) for there, line in zip(sides, lines, strict=True))

    def _there(self, line: Difference, trial: Trial) -> Side | None:
        """Give the expected side of a line under a hypothesis, None where it cannot be tried."""
        if trial.readings:
            sides = self._replay(frozenset(trial.readings))
            if sides is None:
                return None
            side = sides.get(line.key, Side())
        else:
            side = _here(line)
        return trial.extra.on(side) if trial.extra else side

    def _fits(self, lines: Sequence[InvoiceLine], line: Difference | None, side: Side) -> bool:
        """Tell whether lines bill exactly this side: the amount within rounding; quantity and rate, if billed, too."""
        if not lines:
            return side.quantity == 0
        billed = total(one.amount for one in lines)
        if abs(billed - side.amount) > rounding_reach(len(lines) * self._figures, self._currency):
            return False
        if line is None:
            return True
        quantities = [one.quantity for one in lines]
        if None not in quantities and total(q for q in quantities if q is not None) != side.quantity:
            return False
        return all(one.unit_rate is None or _states(one.unit_rate, side) for one in lines)

    def _is_sure(self, line: Difference, lines: Sequence[InvoiceLine], trial: Trial, there: Side) -> bool:
        """Tell whether a fit is proof: too large for chance, or borne out by the rate stated or by other lines."""
        here = _here(line)
        if line.billed_quantity is None or trial.extra:
            strong = abs(line.difference) >= self._beyond_chance
        elif there.quantity != here.quantity:
            strong = abs(there.quantity - here.quantity) > _UNITS_UP_TO or not lines
        else:
            stated = {one.unit_rate for one in lines} - {None}
            strong = abs(line.difference) >= self._beyond_chance or bool(stated and stated <= there.rates - here.rates)
        return strong or self._is_borne_out(line, trial)

    def _is_borne_out(self, line: Difference, trial: Trial) -> bool:
        """Tell whether, of the lines that a hypothesis changes, more are billed as it says than are not.

        A line that bills no quantity needs another beside it.
        """
        agree = deny = 0
        for one in self._all or (line,):
            there, own = self._there(one, trial), self._own(one)
            if there is None or not own or _alike(there, _here(one)):
                continue
            fits = self._fits(own, one, there) or self._fits(_once(own), one, there)
            agree += fits
            deny += not fits
        return agree > max(deny, 0 if line.billed_quantity is not None else 1)

    def _steps(self, line: Difference, trial: Trial, proof: str) -> list[CauseAmount]:
        """Give each part of a hypothesis the step from the replay without it to the replay with it."""
        parts = [Trial(trial.readings[: n + 1]) for n in range(len(trial.readings))]
        made = [(reading.cause, reading.values) for reading in trial.readings]
        if trial.extra:
            parts.append(trial)
            made.append((trial.extra.cause, trial.extra.values))
        steps = []
        before = line.expected
        for (cause, values), part in zip(made, parts, strict=True):
            side = self._there(line, part)
            after = before if side is None else to_minor(side.amount, self._currency)
            steps.append(CauseAmount(cause, after - before, proof, values))
            before = after
        return steps

    # The line itself ------------------------------------------------------------------------------------------------

    def _with_duplicates(
        self, line: Difference, found: Sequence[CauseAmount], repeated: int, kept: Sequence[InvoiceLine],
        once: Sequence[InvoiceLine],
    ) -> tuple[CauseAmount, ...]:  # fmt: skip
        causes = list(found)
        if repeated:
            extra = to_minor(total(one.amount for one in kept) - total(one.amount for one in once), self._currency)
            rows = ", ".join(str(one.source.row) for one in kept)
            causes.append(CauseAmount("duplicate_line", extra, "found", {"count": str(repeated), "rows": rows}))
        rest = line.difference - total(cause.amount for cause in causes)
        if rest:
            causes.append(CauseAmount("rounding", rest))
        return tuple(causes)

    def _by_evidence(self, line: Difference, lines: Sequence[InvoiceLine]) -> tuple[CauseAmount, ...]:
        """Give what the line itself bears witness to once every replay has failed."""
        if line.status == Status.MISSING:
            return (CauseAmount("missing_line", line.difference),)
        if line.status == Status.UNEXPECTED:
            return (CauseAmount("unexpected_line", line.difference),)
        if line.billed_quantity is None or line.expected_rate is None or not line.expected_quantity:
            return ()
        billed, expected = line.billed_quantity, Decimal(line.expected_quantity)
        reach = rounding_reach(len(lines) * self._figures, self._currency)
        amount = total(one.amount for one in lines)
        values = {"billed": plain(billed), "expected": plain(expected)}
        if abs(billed * line.expected_rate - amount) <= reach and misread(billed, expected):
            return self._rest_rounded(
                line, CauseAmount("quantity", to_minor(amount - line.expected_exact, self._currency), "found", values)
            )
        stated = {one.unit_rate for one in lines if one.unit_rate is not None}
        if billed == expected and len(stated) == 1 and abs(billed * min(stated) - amount) <= reach:
            rate = min(stated)
            if rate not in self._card_rates:
                values = {"billed": plain(rate), "expected": plain(line.expected_rate)}
                return self._rest_rounded(line, CauseAmount("rate", line.difference, "found", values))
        if stated == {line.expected_rate} and billed == expected:
            values = {"billed": plain(amount), "expected": plain(billed * line.expected_rate)}
            return (CauseAmount("rate", line.difference, "found", {**values, "kind": "product"}),)
        return ()

    def _rest_rounded(self, line: Difference, cause: CauseAmount) -> tuple[CauseAmount, ...]:
        rest = line.difference - cause.amount
        return (cause, CauseAmount("rounding", rest)) if rest else (cause,)


def _extras(tax: Tax | None, fees: Sequence[Fee], currency: str) -> list[Extra]:
    """Give what may be inside the lines' amounts by the account's own statements."""
    extras = []
    if tax and not tax.included:
        values = {"tax": tax.name, "rate": plain(tax.rate)}
        extras.append(Extra("tax_included", 1 + tax.rate / 100, ZERO, values))
    extras += [
        Extra("provider_fee", Decimal(1), fee.amount, {"fee": plain(fee.amount)})
        for fee in fees
        if fee.per == "unit" and fee.layer == "provider_fee" and fee.currency == currency
    ]
    return extras


def _here(line: Difference) -> Side:
    """Give the expected side of a line as it stands."""
    rates = frozenset({line.expected_rate} if line.expected_rate is not None else ())
    return Side(line.expected_quantity or 0, line.expected_exact, rates=rates)


def _alike(one: Side, other: Side) -> bool:
    return (one.amount, one.quantity) == (other.amount, other.quantity)


def _states(stated: Decimal, side: Side) -> bool:
    """Tell whether a stated rate is the side's one rate, as far as its decimals go; several rates settle nothing."""
    if len(side.rates) != 1:
        return True
    digits = max(0, -int(stated.as_tuple().exponent))
    return rounded(min(side.rates), digits) == rounded(stated, digits)


def _once(lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    """Give the lines without repetitions: alike in everything but the place where they stand."""
    seen = set()
    kept = []
    for line in lines:
        same = (
            line.document, line.period_start, line.period_end, line.waba_id, line.phone_number_id, line.market,
            line.country, line.category, line.pricing_type, line.tier, line.unit, line.quantity, line.unit_rate,
            line.amount, line.description,
        )  # fmt: skip
        if same not in seen:
            kept.append(line)
        seen.add(same)
    return kept


def misread(billed: Decimal, expected: Decimal) -> bool:
    """Tell whether one figure is the other with two neighbouring digits swapped, or shifted by a power of ten."""
    a, b = plain(billed), plain(expected)
    if a != b and len(a) == len(b):
        swaps = (b[:n] + b[n + 1] + b[n] + b[n + 2 :] for n in range(len(b) - 1))
        if a in swaps:
            return True
    return bool(expected) and billed != expected and any(billed == expected.scaleb(n) for n in (-3, -2, -1, 1, 2, 3))


def bridge(lines: Sequence[Difference], difference: Decimal) -> tuple[BridgeStep, ...]:
    """Sum the causes over all lines, so that the steps add up to the whole difference exactly.

    What lines lose or gain by being rounded one by one is `rounding`; what no cause accounts for is `unexplained`.
    """
    sums = dict.fromkeys(ORDER, ZERO)
    for line in lines:
        for cause in line.causes:
            if cause.proof == "found":
                sums[cause.cause] += cause.amount
        sums["unexplained"] += line.unexplained
    sums["rounding"] += difference - total(line.difference for line in lines)
    return tuple(BridgeStep(cause, sums[cause]) for cause in ORDER if sums[cause] or cause == "unexplained")
