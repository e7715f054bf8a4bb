"""The SUMMARY of charges alone (formats.md §8): totals per currency and lines without the invoiced fields."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from auditor.core.money import ZERO
from auditor.core.money import lowered
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.results import Cell
from auditor.core.results import Health
from auditor.core.results import LogGap
from auditor.core.results import Reconciliation
from auditor.core.results_checks import CrossCheck
from auditor.language import Language
from auditor.writers.tables import cross_check_summary
from auditor.writers.tables import health_summary
from auditor.writers.tables import import_summary
from auditor.writers.tables import period_of
from auditor.writers.tables import write_json

_KEY = ("waba_id", "period", "market", "category", "pricing_type", "currency")


def write_charge_summary(result: Reconciliation, path: Path) -> Path:
    """Write the totals of the audit's period to `path`, whole or not at all; gives the path."""
    content = charge_summary(
        result.account, result.cells, result.health, result.imports, result.tiers_not_on_file, result.cross_check
    )
    return write_json(content, path)


def charge_summary(
    account: Account, cells: Sequence[Cell], health: Health, imports: Sequence[ImportReport],
    untiered: Mapping[str, int], found: CrossCheck,
) -> dict[str, object]:  # fmt: skip
    """Give the content of SUMMARY; `cells` are those of the audit's period."""
    language = Language(account.language)
    return {
        **charge_totals(account, cells, health.gaps),
        "health": health_summary(health, account.charged_in, language),
        "imports": [import_summary(one, language) for one in imports],
        "regimes": list(dict.fromkeys(cell.regime for cell in cells)),
        "tiers_not_on_file": dict(untiered),
        "cross_check": cross_check_summary(found),
    }


def charge_totals(account: Account, cells: Sequence[Cell], gaps: Sequence[LogGap]) -> dict[str, object]:
    """Give the totals of charges per currency, and their lines; `gaps` widen the range in `charged_in`."""
    currencies = sorted({cell.currency for cell in cells})
    return {
        "audit": account.name,
        "period": period_of(account),
        "currency": account.currency,
        "expected": {
            currency: {
                name: _money(amount, currency)
                for name, amount in _sums(_in(cells, currency), gaps if currency == account.charged_in else ()).items()
            }
            for currency in currencies
        },
        "lines": _lines(cells),
    }


def _in(cells: Iterable[Cell], currency: str) -> list[Cell]:
    return [cell for cell in cells if cell.currency == currency]


def _sums(cells: Iterable[Cell], gaps: Sequence[LogGap] = ()) -> dict[str, Decimal]:
    some = list(cells)
    amount, low, high = (total(getattr(cell, name) or ZERO for cell in some) for name in ("amount", "low", "high"))
    below, above = (total(getattr(gap, name) for gap in gaps) for name in ("below", "above"))
    return {"amount": amount, "low": lowered(low, below), "high": high + above}


def _money(amount: Decimal, currency: str) -> str:
    return format(to_minor(amount, currency), "f")


def _lines(cells: Iterable[Cell]) -> list[dict[str, object]]:
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        groups.setdefault(tuple(getattr(cell, name) for name in _KEY), []).append(cell)
    return [_line(key, some) for key, some in sorted(groups.items())]


def _line(key: tuple[str, ...], cells: list[Cell]) -> dict[str, object]:
    sums = _sums(cells)
    rated = all(cell.amount is not None for cell in cells)
    return {
        **{name: value or None for name, value in zip(_KEY, key, strict=True)},
        "expected_quantity": sum(cell.quantity for cell in cells),
        **{f"expected_{name}": _money(sum_, key[-1]) if rated else None for name, sum_ in sums.items()},
    }
