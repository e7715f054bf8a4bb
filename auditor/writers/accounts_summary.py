"""The SUMMARY over many accounts, for other programs: totals by currency, each account, and what was refused."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from auditor.core.expected import Totals
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.writers.tables import period_of
from auditor.writers.tables import write_json

_MONEY = {
    "invoiced": "billed", "expected": "expected", "low": "low", "high": "high", "difference": "difference",
    "unexplained": "unexplained",
}  # fmt: skip


def write_accounts_summary(
    reconciled: Sequence[tuple[str, Totals]], refused: Sequence[tuple[str, str, str]], path: Path
) -> Path:
    """Write the totals of accounts by name, in order, and name, code and reason of those refused; gives the path."""
    currencies = sorted({totals.account.currency for _, totals in reconciled})
    content = {
        "totals": {currency: _sums(currency, [totals for _, totals in reconciled]) for currency in currencies},
        "accounts": [_account(name, totals) for name, totals in reconciled],
        "refused": [{"name": name, "code": code, "reason": reason} for name, code, reason in refused],
    }
    return write_json(content, path)


def _sums(currency: str, every: Sequence[Totals]) -> Mapping[str, object]:
    own = [one for one in every if one.account.currency == currency]
    sums = {name: total(getattr(one, field) for one in own) for name, field in _MONEY.items()}
    return {"accounts": len(own), **{name: _money(amount, currency) for name, amount in sums.items()}}


def _account(name: str, totals: Totals) -> Mapping[str, object]:
    account = totals.account
    return {
        "name": name,
        "audit": account.name,
        "wabas": [waba.id for waba in account.wabas],
        "period": period_of(account),
        "currency": account.currency,
        **{key: _money(getattr(totals, field), account.currency) for key, field in _MONEY.items()},
        "lines_to_review": totals.review,
        "unrated": totals.unrated,
        "beyond_tolerance": totals.beyond,
        "not_in_charges": [
            {
                "waba_id": one.waba_id,
                "phone_number_id": one.phone_number_id or None,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
            }
            for one in totals.unlogged
        ],
    }


def _money(amount: Decimal, currency: str) -> str:
    return format(to_minor(amount, currency), "f")
