"""What a line may be off by, as the account states it before anything is compared (formats.md §7)."""

from decimal import Decimal

from auditor.core.records import Account
from auditor.core.records import Tolerance


def tolerance_of(account: Account, category: str, market: str, expected: Decimal) -> Decimal:
    """Give the tolerance of a line: the larger of the amount and the percentage of what is stated for it."""
    stated = tolerance_for(account, category, market)
    return max(stated.amount, abs(expected) * stated.percent / 100)


def tolerance_for(account: Account, category: str, market: str) -> Tolerance:
    """Give what the account states for the lines of a category and market: the narrowest tolerance that fits them."""
    fitting = [
        tolerance
        for tolerance in account.tolerances
        if tolerance.category in {"", category} and tolerance.market in {"", market}
    ]
    return max(fitting, key=lambda t: bool(t.category) + bool(t.market), default=account.tolerance)
