"""What a month comes to in the invoice's currency, as worked out by hand in `tests/scenarios` (pricing.md §§9, 10)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Audited
from auditor.core.audit import Invoice
from auditor.core.audit import audit
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import FxMethod
from auditor.core.records import FxRate
from auditor.core.records import InvoiceLine
from auditor.core.records import Tax
from tests.core.as_columns import Case
from tests.core.scenarios import Scenario
from tests.core.scenarios import load_scenarios

MONTHS = [scenario for scenario in load_scenarios() if scenario.month]


def audited(scenario: Scenario) -> Audited:
    """Audit the month of a scenario: against its line, if it states one, else as an accrual."""
    case, month = Case(scenario.rows, scenario.account, scenario.cards), scenario.month
    own = case.account.wabas[0].currency
    currency = month.get("currency", own)
    pair = month.get("from", own), month.get("to", currency)
    rate = Decimal(month["rate"]) if "rate" in month else None
    account = replace(
        case.account,
        currency=currency,
        fx=FxMethod(month.get("method", "daily"), rate=rate, source_currency=pair[0], target_currency=pair[1]),
        tax=Tax("tax", Decimal(month["tax"]), month["included"]) if "tax" in month else None,
    )
    rates = [FxRate(date.fromisoformat(day), *pair, Decimal(text)) for day, text in month.get("rates", {}).items()]
    billed = [InvoiceLine(Decimal(month["billed"]), currency, Place("invoice", row=2))] if "billed" in month else []
    return audit(case.log, replace(case.terms, account=account), Invoice(tuple(billed)), rates)


@pytest.mark.parametrize("scenario", MONTHS, ids=lambda scenario: scenario.name)
def test_that_a_month_comes_to_what_was_worked_out_by_hand(scenario: Scenario) -> None:
    month = scenario.month
    if "refused" in month:
        with pytest.raises(AuditorError) as caught:
            audited(scenario)
        assert {"code": caught.value.code, **caught.value.values} == month["refused"]
        return
    result = audited(scenario).result
    figures = {name: getattr(result, name) for name in ("low", "expected", "high", "difference")}
    usual = {"low": month["expected"], "high": month["expected"], "difference": "0"}
    assert figures == {name: Decimal({**usual, **month}[name]) for name in figures}
