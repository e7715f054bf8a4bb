"""From a number to its market, by longest prefix and date (pricing.md §1, "Market")."""

from datetime import date

import numpy as np
import pytest

from auditor.core.markets import OTHER
from auditor.core.markets import UNKNOWN_PLACE
from auditor.core.markets import MarketRow
from auditor.core.markets import Markets
from auditor.core.markets import place_of
from auditor.core.markets import place_of_number
from auditor.core.timeline import day_number

START, MOVED = date(2022, 2, 1), date(2026, 7, 1)
TABLE = Markets([
    MarketRow("US", "United States", "1", "North America", START, None),
    MarketRow("CA", "Canada", "1", "North America", START, None),
    MarketRow("DO", "Dominican Republic", "1809", "Rest of Latin America", START, None),
    MarketRow("PE", "Peru", "51", "Peru", START, None),
    MarketRow("GB", "United Kingdom", "44", "Rest of Western Europe", START, date(2026, 6, 30)),
    MarketRow("GB", "United Kingdom", "44", "United Kingdom", MOVED, None),
])  # fmt: skip


def market(number: str, day: date) -> str:
    place = place_of_number(int(number), TABLE.prefixes)
    found = TABLE.of(np.array([place], np.int16), np.array([day_number(day)], np.int32))
    return TABLE.names[int(found[0])]


@pytest.mark.parametrize(
    ("number", "day", "name"),
    [
        ("51987654321", START, "Peru"),
        ("51", START, "Peru"),
        ("5", START, OTHER),
        ("52987654321", START, OTHER),
        ("13055551234", START, "North America"),
        ("18095551234", START, "Rest of Latin America"),
        ("180", START, "North America"),
        ("1809", START, "Rest of Latin America"),
        ("447911123456", date(2026, 6, 30), "Rest of Western Europe"),
        ("447911123456", MOVED, "United Kingdom"),
        ("447911123456", date(2020, 1, 1), "Rest of Western Europe"),  # before its first day the first row holds
    ],
)
def test_that_the_longest_prefix_in_force_decides(number: str, day: date, name: str) -> None:
    assert market(number, day) == name


def test_that_the_number_decides_before_the_stated_country() -> None:
    countries = np.array([TABLE.place_of_stated("GB")], np.int16)
    customers = ((51987654321, 0), (-2, 0), (-2, -1))
    found = np.array([place_of(user, stated, countries, TABLE.prefixes) for user, stated in customers], np.int16)
    assert [TABLE.country_of(int(place)) for place in found] == ["PE", "GB", ""]
    assert found[2] == UNKNOWN_PLACE
    days = np.full(3, day_number(MOVED), np.int32)
    names = [TABLE.names[n] if n >= 0 else "" for n in TABLE.of(found, days).tolist()]
    assert names == ["Peru", "United Kingdom", ""]


def test_that_a_stated_country_may_be_a_long_number_or_not_in_the_table() -> None:
    assert TABLE.country_of(TABLE.place_of_stated("+5112")) == "PE"
    assert TABLE.place_of_stated("+0112") == 0
    assert TABLE.place_of_stated("ZZ") == 0


def test_that_a_shared_calling_code_goes_under_its_main_country() -> None:
    assert TABLE.main_country("CA") == "US"
    assert TABLE.main_country("PE") == "PE"
    assert TABLE.main_country("ZZ") == "ZZ"


def test_that_the_market_of_a_country_follows_the_day() -> None:
    assert TABLE.market_of_country("GB", date(2026, 6, 30)) == "Rest of Western Europe"
    assert TABLE.market_of_country("GB", MOVED) == "United Kingdom"
    assert TABLE.market_of_country("ZZ", MOVED) == ""


def test_that_a_market_is_found_by_its_name() -> None:
    assert TABLE.names[TABLE.index("Peru")] == "Peru"
    with pytest.raises(KeyError):
        TABLE.index("Atlantis")


def test_that_a_country_may_be_counted_in_another_market_alone() -> None:
    american = ("13055551234", "18095551234", "51987654321")
    places = np.array([place_of_number(int(number), TABLE.prefixes) for number in american], np.int16)
    days = np.full(3, day_number(START), np.int32)
    for country, names in (
        ("US", ["Peru", "Rest of Latin America", "Peru"]),
        ("", ["Peru", "Rest of Latin America", "Peru"]),
        ("DO", ["North America", "Rest of Latin America", "Peru"]),  # is in no market North America
    ):
        moved = TABLE.counted_in(country, "North America", "Peru")
        assert [moved.names[n] for n in moved.of(places, days).tolist()] == names
    assert market("13055551234", START) == "North America"
