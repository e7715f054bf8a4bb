"""Sums over a reconciliation that the workbook and the charts both show: per day, by dimension, along the bridge."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from auditor.core.money import rounded
from auditor.core.money import to_minor
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import Reconciliation
from auditor.core.tables import PricingType

_ZERO, _ONE = Decimal(0), Decimal(1)
_UNRATED = PricingType.UNRATED.word


def unrated_of(cells: Iterable[Cell]) -> list[Cell]:
    """Give the counted charges that no card on file prices."""
    return [cell for cell in cells if cell.pricing_type == _UNRATED]


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of some lines, summed."""

    invoiced: Decimal
    expected: Decimal

    @property
    def difference(self) -> Decimal:
        """Give invoiced less expected."""
        return self.invoiced - self.expected

    @property
    def relative(self) -> Decimal | None:
        """Give the difference as a part of what is expected, None where nothing is."""
        return self.difference / self.expected if self.expected else None


@dataclass(frozen=True)
class Totals:
    """The sums of one reconciliation, all in the invoice's currency."""

    result: Reconciliation

    def fx(self, cell: Cell) -> Decimal | None:
        """Give the rate that turned a cell's amount into the invoice's currency: 1 if it is the same, None if unknown.

        Rates are kept by the day they were used for: the charge's, its month's first, the document's (pricing.md §9.5).
        """
        if cell.currency in ("", self.result.account.currency):
            return _ONE
        asked = (cell.currency, cell.day, cell.period)
        if asked not in self._found:
            self._found[asked] = self._rate_on(*asked)
        return self._found[asked]

    def _rate_on(self, currency: str, day: date, period: str) -> Decimal | None:
        rates = self._rates.get(currency, {})
        if day in rates:
            return rates[day]
        month = {rate for used, rate in rates.items() if f"{used:%Y-%m}" == period}
        known = month or set(rates.values())
        return known.pop() if len(known) == 1 else None

    @cached_property
    def _found(self) -> dict[tuple[str, date, str], Decimal | None]:
        """Keep the rates that were looked up: there are many more cells than days."""
        return {}

    @cached_property
    def _rates(self) -> Mapping[str, Mapping[date, Decimal]]:
        table: dict[str, dict[date, Decimal]] = {}
        for used in self.result.fx:
            if used.target_currency == self.result.account.currency:
                table.setdefault(used.source_currency, {})[used.day] = used.rate
        return table

    def converted(self, cell: Cell) -> Decimal | None:
        """Give a cell's amount in the invoice's currency, exactly; None where it is unrated or the rate unknown."""
        fx = self.fx(cell)
        return None if cell.amount is None or fx is None else cell.amount * fx

    @cached_property
    def per_day(self) -> Mapping[tuple[str, date], Decimal]:
        """Give the charged amounts by category and day of the period."""
        table: dict[tuple[str, date], Decimal] = {}
        account = self.result.account
        for cell in self.result.cells:
            amount = self.converted(cell)
            if amount and account.first <= cell.day <= account.last:
                table[cell.category, cell.day] = table.get((cell.category, cell.day), _ZERO) + amount
        return table

    def by(self, dimension: Callable[[Difference], str]) -> Mapping[str, Pair]:
        """Sum both sides of the lines by a dimension, the most invoiced first."""
        sums: dict[str, Pair] = {}
        for line in self.result.differences:
            before = sums.get(dimension(line), Pair(_ZERO, _ZERO))
            sums[dimension(line)] = Pair(before.invoiced + line.billed, before.expected + line.expected)
        return dict(sorted(sums.items(), key=lambda item: (-item[1].invoiced, -item[1].expected, item[0])))


@dataclass(frozen=True, slots=True)
class LineSum:
    """The sums of some lines in minor units. Quantities are not added up, since they count different things.

    What is expected is rounded once, from the exact sum (pricing.md §9.2): over all lines it is the audit's total,
    which the lines, each rounded by itself, may miss by some cents. `weight` is the sum of the differences' sizes.
    Without an invoice there is no difference.
    """

    lines: int
    billed: Decimal
    expected: Decimal
    difference: Decimal
    unexplained: Decimal
    weight: Decimal

    @property
    def explained(self) -> Decimal:
        """Give what is explained of the difference: with the unexplained rest as shown it makes up all of it."""
        return self.difference - self.unexplained


def sum_of(lines: Sequence[Difference]) -> LineSum:
    """Sum lines of one audit."""
    if not lines:
        return LineSum(0, _ZERO, _ZERO, _ZERO, _ZERO, _ZERO)
    digits = -int(lines[0].expected.as_tuple().exponent)  # a line's expected amount is in minor units
    billed = sum((line.billed for line in lines), _ZERO)
    expected = rounded(sum((line.expected_exact for line in lines), _ZERO), digits)
    return LineSum(
        len(lines),
        billed,
        expected,
        billed - expected if any(line.lines or line.difference for line in lines) else _ZERO,
        rounded(sum((line.unexplained for line in lines), _ZERO), digits),
        sum((abs(line.difference) for line in lines), _ZERO),
    )


def sum_of_all(result: Reconciliation) -> LineSum:
    """Give the totals of an audit as its lines' sum."""
    weight = sum((abs(line.difference) for line in result.differences), _ZERO)
    unexplained = to_minor(result.unexplained, result.account.currency)
    return LineSum(len(result.differences), result.billed, result.expected, result.difference, unexplained, weight)


def bridge_floor(expected: Decimal, billed: Decimal, steps: Sequence[Decimal]) -> Decimal | None:
    """Tell where a bridge's axis may start so that its steps can be seen; None where it starts at zero.

    Bars drawn from zero hide steps that are small beside the totals. The axis is then cut at a round figure.
    """
    levels = [expected, billed]
    level = expected
    for step in steps:
        level += step
        levels.append(level)
    low, high = min(levels), max(levels)
    if low <= 0 or high - low > low / 2 or high == low:
        return None
    unit = Decimal(1).scaleb((high - low).adjusted())
    floor = (low - (high - low) / 2) // unit * unit
    return floor if floor > 0 else None
