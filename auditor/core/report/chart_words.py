"""The words of charts, the same on a figure, in the window and in the workbook: amounts, names, days, the period."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from auditor.core.day_words import day_words
from auditor.core.day_words import short_day_words
from auditor.core.money import to_minor
from auditor.core.report.facts import catalogue_key
from auditor.core.report.facts import period_of
from auditor.core.results import Reconciliation

_SYMBOLS = {"PEN": "S/", "USD": "US$", "EUR": "€", "GBP": "£", "BRL": "R$", "MXN": "MX$", "INR": "₹"}

SIDES = {"expected": "expected", "invoiced": "billed"}
"""The two sides of a chart, by the names that their totals have in the result."""


def symbol(currency: str) -> str:
    """Give the sign that stands before an amount; a currency without one of its own stands by its code."""
    return _SYMBOLS.get(currency, currency)


@dataclass(frozen=True, slots=True)
class ChartWords:
    """What charts say of one reconciliation; `say` gives texts by key."""

    result: Reconciliation
    say: Callable[..., str]

    @property
    def one_sided(self) -> str:
        """Name the side that is alone: "expected" where there is no invoice, "invoiced" where no log; else nothing."""
        if not self.result.has_log:
            return "invoiced"
        return "" if self.result.invoice_lines else "expected"

    @property
    def currency(self) -> str:
        """Give the invoice's currency."""
        return self.result.account.currency

    def text(self, key: str, **values: object) -> str:
        """Give a text of the charts' own catalogue."""
        return self.say(f"charts.{key}", **values)

    def money(self, amount: Decimal, *, signed: bool = False, bare: bool = False) -> str:
        """Show an amount in the invoice's currency, with a plus if `signed`, without the currency's sign if `bare`."""
        value = to_minor(amount, self.currency)
        sign = "-" if value < 0 else "+" if signed and value > 0 else ""
        return f"{sign}{'' if bare else symbol(self.currency) + ' '}{abs(value):,f}"

    def category(self, code: str) -> str:
        """Name a category, or say that it is not broken down."""
        return self.say(f"domain.category.{code}") if code else self.text("not_broken_down")

    def market(self, name: str) -> str:
        """Name a market in the chart's language; one that is not Meta's keeps its own name."""
        try:
            return self.say("domain.market." + catalogue_key(name)) if name else self.text("not_broken_down")
        except KeyError:
            return name

    def day(self, day: date) -> str:
        """Show a day."""
        return day_words(day, self.say)

    def short_day(self, day: date) -> str:
        """Show a day of the period."""
        return short_day_words(day, self.say)

    @property
    def period(self) -> str:
        """Name the period."""
        return period_of(self.result.account, self.say)
