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
# A line that bills no quantity can fit a replay by chance; below this many minor units that is only "possible".
_CHANCE_UP_TO = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the rules: a cause code, what tells it from others of the code, and how to say it."""

    cause: str
    variant: str
    values: Mapping[str, str] = field(compare=False)


Replay = Callable[[frozenset[Reading]], Mapping[str, Side] | None]
"""Charges the log again under a set of readings and gives the expected side by the key of the line.

None: they cannot be tried, for want of an exchange rate."""


class Explainer:
    """Finds the causes of one reconciliation's differences."""

    def __init__(
        self, lines: Sequence[InvoiceLine], readings: Sequence[Reading], replay: Replay, currency: str,
        tax: Tax | None, fees: Sequence[Fee], card_rates: frozenset[Decimal],
    ) -> None:  # fmt: skip
        """Take the invoice's lines and the readings that may be tried; a replay is made once, when first needed."""
        self._lines = lines
        self._currency = currency
        self._tax = tax
        self._fees = [fee for fee in fees if fee.per == "unit" and fee.layer == "provider_fee"]
        self._card_rates = card_rates
        self._beyond_chance = Decimal(_CHANCE_UP_TO).scaleb(-minor_digits(currency))
        self._replay: Replay = cache(replay)
        ordered = sorted(readings, key=lambda reading: ORDER.index(reading.cause))
        self._sets = [
            chosen
            for size in range(1, len({reading.cause for reading in ordered}) + 1)
            for chosen in combinations(ordered, size)
            if len({reading.cause for reading in chosen}) == size
        ]

    def explain(self, line: Difference) -> tuple[CauseAmount, ...]:
        """Give the causes of a line, empty where there is nothing to explain or nothing is proved."""
        if line.difference == 0 or line.status == Status.NOT_COMPARABLE:
            return ()
        kept = [self._lines[place] for place in line.lines]
        if kept and self._fits(kept, None, Side(amount=line.expected_exact)):
            return (CauseAmount("rounding", line.difference),)
        once = _once(kept)
        for lines in [kept] if len(once) == len(kept) else [kept, once]:
            found = self._by_rules(line, lines)
            if found is not None:
                return self._with_duplicates(line, found, len(kept) - len(lines), kept, lines)
        return self._by_evidence(line, kept)

    # Replays ------------------------------------------------------------------------------------------------------

    def _by_rules(self, line: Difference, lines: Sequence[InvoiceLine]) -> list[CauseAmount] | None:
        """Give the smallest set of readings that makes the expected side what these lines bill; None if none does."""
        here = Side(line.expected_quantity or 0, line.expected_exact)
        if lines and self._fits(lines, line, here):
            return []
        contract = self._by_contract(line, lines, here)
        if contract is not None:
            return contract
        for chosen in self._sets:
            there = self._there(line, chosen)
            if there is None or (there.amount, there.quantity) == (here.amount, here.quantity):
                continue
            if self._fits(lines, line, there):
                return self._steps(line, chosen)
        return None

    def _there(self, line: Difference, chosen: Sequence[Reading]) -> Side | None:
        """Give the expected side of a line under a set of readings, None where they cannot be tried."""
        sides = self._replay(frozenset(chosen))
        return None if sides is None else sides.get(line.key, Side())

    def _fits(self, lines: Sequence[InvoiceLine], line: Difference | None, side: Side) -> bool:
        """Tell whether lines bill exactly this side: the amount within rounding, the quantity (if billed) exactly."""
        if not lines:
            return side.quantity == 0
        billed = total(one.amount for one in lines)
        if abs(billed - side.amount) > rounding_reach(len(lines), self._currency):
            return False
        quantities = [one.quantity for one in lines]
        if line is None or None in quantities:
            return True
        return total(q for q in quantities if q is not None) == side.quantity

    def _steps(self, line: Difference, chosen: Sequence[Reading]) -> list[CauseAmount]:
        """Give each reading the step from the replay without it to the replay with it."""
        sure = line.billed_quantity is not None or abs(line.difference) >= self._beyond_chance
        steps = []
        before = line.expected
        for n, reading in enumerate(chosen):
            side = self._there(line, chosen[: n + 1])
            after = before if side is None else to_minor(side.amount, self._currency)
            steps.append(CauseAmount(reading.cause, after - before, "found" if sure else "possible", reading.values))
            before = after
        return steps

    def _by_contract(self, line: Difference, lines: Sequence[InvoiceLine], here: Side) -> list[CauseAmount] | None:
        """Try what the account states beside rates: a tax, or a provider's fee per unit, inside the lines' amounts."""
        if not lines:
            return None
        if self._tax and not self._tax.included:
            taxed = EXACT.multiply(here.amount, 1 + self._tax.rate / 100)
            if self._fits(lines, line, replace(here, amount=taxed)):
                values = {"tax": self._tax.name, "rate": plain(self._tax.rate)}
                return [CauseAmount("tax_included", to_minor(taxed, self._currency) - line.expected, "found", values)]
        for fee in self._fees:
            if fee.currency == self._currency:
                added = EXACT.add(here.amount, fee.amount * here.quantity)
                if self._fits(lines, line, replace(here, amount=added)):
                    values = {"fee": plain(fee.amount)}
                    return [
                        CauseAmount("provider_fee", to_minor(added, self._currency) - line.expected, "found", values)
                    ]
        return None

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
        reach = rounding_reach(len(lines), self._currency)
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
