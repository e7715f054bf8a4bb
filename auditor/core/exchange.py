"""From a rate's currency to the invoice's: by day, month average, document date or one rate (pricing.md §9.5)."""

from collections.abc import Iterable
from datetime import date
from datetime import timedelta
from decimal import Decimal

from auditor.core.money import EXACT
from auditor.core.money import rounded
from auditor.core.money import total
from auditor.core.problems import AuditorError
from auditor.core.records import FxMethod
from auditor.core.records import FxRate
from auditor.core.results import FxUsed

_REACH = 7  # days before, at most, that a stated rate still serves
_AVERAGE_DIGITS = 6


class Exchange:
    """Converts amounts and remembers, in `used`, every rate that did. Only the stated direction of a pair serves."""

    def __init__(self, method: FxMethod, rates: Iterable[FxRate]) -> None:
        """Take the account's method and table."""
        self._method = method
        self._rates: dict[tuple[str, str], dict[date, FxRate]] = {}
        for rate in rates:
            self._rates.setdefault((rate.source_currency, rate.target_currency), {})[rate.day] = rate
        self.used: dict[tuple[date, str, str], FxUsed] = {}

    def aside(self) -> "Exchange":
        """Give the same rates with a memory of their own: what is converted on trial does not count as used."""
        return self.by(self._method)

    def by(self, method: FxMethod) -> "Exchange":
        """Give the same rates, used by another method, with a memory of their own."""
        other = Exchange(method, ())
        other._rates = self._rates
        return other

    def leads_to(self, target: str) -> bool:
        """Tell whether the table has rates into a currency."""
        return any(into == target for _, into in self._rates)

    def flat(self, rate: Decimal) -> "Exchange":
        """Give an exchange of every pair at one rate."""
        return _Flat(rate)

    def convert(self, amount: Decimal, source: str, target: str, day: date, document_date: date | None) -> Decimal:
        """Convert exactly, unrounded. Raises `AuditorError` naming date and pair where no rate serves."""
        if source == target:
            return amount
        return EXACT.multiply(amount, self.rate(source, target, day, document_date).rate)

    def rate(self, source: str, target: str, day: date, document_date: date | None = None) -> FxUsed:
        """Give the rate that serves on a day."""
        if self._method.method == "document_date":
            if document_date is None:
                raise AuditorError("fx_no_document_date", source=source, target=target)
            day = document_date
        if self._method.method == "month_average":
            day = day.replace(day=1)
        key = (day, source, target)
        if key not in self.used:
            self.used[key] = self._find(source, target, day)
        return self.used[key]

    def _find(self, source: str, target: str, day: date) -> FxUsed:
        method = self._method
        if method.method == "invoice_rate":
            if method.rate is None or (method.source_currency, method.target_currency) != (source, target):
                raise AuditorError("fx_missing", source=source, target=target, day=day.isoformat())
            return FxUsed(day, day, source, target, method.rate, method.source)
        stated = self._rates.get((source, target), {})
        if method.method == "month_average":
            month = [rate for at, rate in sorted(stated.items()) if (at.year, at.month) == (day.year, day.month)]
            if not month:
                raise AuditorError("fx_missing", source=source, target=target, day=f"{day:%Y-%m}")
            mean = rounded(total(rate.rate for rate in month) / len(month), _AVERAGE_DIGITS)
            return FxUsed(day, month[-1].day, source, target, mean, month[0].source)
        for back in range(_REACH + 1):
            rate = stated.get(day - timedelta(days=back))
            if rate:
                return FxUsed(day, rate.day, source, target, rate.rate, rate.source)
        raise AuditorError("fx_missing", source=source, target=target, day=day.isoformat())


class _Flat(Exchange):
    """Exchanges every pair, on any day, at one rate."""

    def __init__(self, rate: Decimal) -> None:
        super().__init__(FxMethod(), ())
        self._rate = rate

    def rate(self, source: str, target: str, day: date, document_date: date | None = None) -> FxUsed:
        """Give the one rate."""
        return FxUsed(day, document_date or day, source, target, self._rate, "")
