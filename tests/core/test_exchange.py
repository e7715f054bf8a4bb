"""From a rate's currency to the invoice's (pricing.md §9.5). Expected figures are worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from auditor.core.exchange import Exchange
from auditor.core.problems import AuditorError
from auditor.core.records import FxMethod
from auditor.core.records import FxRate
from auditor.core.results import FxUsed
from auditor.language import Language

TABLE = [
    FxRate(date(2026, 9, 30), "USD", "PEN", Decimal("3.70"), "SBS"),
    FxRate(date(2026, 10, 9), "USD", "PEN", Decimal("3.7520"), "SBS"),
    FxRate(date(2026, 10, 12), "USD", "PEN", Decimal("3.7610"), "SBS"),
    FxRate(date(2026, 10, 13), "USD", "PEN", Decimal("3.7615"), "SBS"),
]


def exchange(method: str, **more: object) -> Exchange:
    return Exchange(FxMethod(method, **more), TABLE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "rate", "stated"),
    [
        (date(2026, 10, 9), "3.7520", date(2026, 10, 9)),
        (date(2026, 10, 11), "3.7520", date(2026, 10, 9)),  # Sunday: Friday's
        (date(2026, 10, 7), "3.70", date(2026, 9, 30)),  # seven days before
        (date(2026, 10, 20), "3.7615", date(2026, 10, 13)),
    ],
)
def test_that_a_day_without_a_rate_takes_the_last_of_the_seven_before(day: date, rate: str, stated: date) -> None:
    own = exchange("daily")
    assert own.convert(Decimal(100), "USD", "PEN", day, None) == 100 * Decimal(rate)
    assert own.used[day, "USD", "PEN"] == FxUsed(day, stated, "USD", "PEN", Decimal(rate), "SBS")


@pytest.mark.parametrize("day", [date(2026, 10, 8), date(2026, 10, 21), date(2026, 9, 29)])
def test_that_a_rate_too_old_is_an_error_that_names_date_and_pair(day: date) -> None:
    with pytest.raises(AuditorError) as caught:
        exchange("daily").convert(Decimal(1), "USD", "PEN", day, None)
    assert (caught.value.code, caught.value.values["day"]) == ("fx_missing", day.isoformat())
    for language in (Language("en"), Language("es")):
        assert "USD" in language.error(caught.value)


def test_that_only_the_stated_direction_of_a_pair_is_used() -> None:
    with pytest.raises(AuditorError):
        exchange("daily").convert(Decimal(1), "PEN", "USD", date(2026, 10, 9), None)


def test_that_the_month_average_is_the_mean_of_the_stated_days() -> None:
    # (3.7520 + 3.7610 + 3.7615) / 3 = 11.2745 / 3 = 3.7581666... -> 3.758167, half up at six decimals.
    own = exchange("month_average")
    assert own.convert(Decimal(2), "USD", "PEN", date(2026, 10, 1), None) == Decimal("7.516334")
    assert own.convert(Decimal(2), "USD", "PEN", date(2026, 10, 31), None) == Decimal("7.516334")
    assert list(own.used) == [(date(2026, 10, 1), "USD", "PEN")]


def test_that_half_of_the_sixth_decimal_is_rounded_up() -> None:
    table = [
        FxRate(date(2026, 10, 1), "USD", "PEN", Decimal("3.750001")),
        FxRate(date(2026, 10, 2), "USD", "PEN", Decimal("3.750002")),
    ]
    own = Exchange(FxMethod("month_average"), table)
    assert own.rate("USD", "PEN", date(2026, 10, 5)).rate == Decimal("3.750002")  # 3.7500015


def test_that_a_month_without_stated_days_is_an_error() -> None:
    with pytest.raises(AuditorError) as caught:
        exchange("month_average").rate("USD", "PEN", date(2026, 11, 5))
    assert caught.value.values["day"] == "2026-11"


def test_that_one_rate_may_hold_for_the_whole_invoice() -> None:
    own = exchange("invoice_rate", rate=Decimal("3.8"), source_currency="USD", target_currency="PEN", source="bank")
    assert own.convert(Decimal("0.0703"), "USD", "PEN", date(2030, 1, 1), None) == Decimal("0.26714")
    for pair in (("PEN", "USD"), ("EUR", "PEN")):
        with pytest.raises(AuditorError):
            own.rate(*pair, date(2030, 1, 1))


def test_that_the_rate_of_the_document_date_needs_a_document_date() -> None:
    own = exchange("document_date")
    assert own.convert(Decimal(1), "USD", "PEN", date(2020, 1, 1), date(2026, 10, 14)) == Decimal("3.7615")
    with pytest.raises(AuditorError) as caught:
        own.rate("USD", "PEN", date(2026, 10, 9))
    assert caught.value.code == "fx_no_document_date"


def test_that_a_currency_is_worth_itself_without_a_rate() -> None:
    own = exchange("daily")
    assert own.convert(Decimal("1.23"), "PEN", "PEN", date(1999, 1, 1), None) == Decimal("1.23")
    assert own.used == {}
