"""What business numbers are called, where people read of them and where they are looked up."""

from dataclasses import replace

from auditor.core.numbers_called import numbers_called
from auditor.core.numbers_called import numbers_in_full
from auditor.core.records import Number
from tests.writers.sample_result import account


def test_that_a_number_is_called_by_its_name_and_in_full_with_its_telephone() -> None:
    numbers = (Number("1", "51900000001", "Sales"), Number("2", "51900000002"), Number("3", "", "Help"), Number("4"))
    given = account()
    given = replace(given, wabas=(replace(given.wabas[0], numbers=numbers),))
    assert numbers_called(given) == {"1": "Sales", "2": "51900000002", "3": "Help", "4": "4"}
    assert numbers_in_full(given) == {"1": "Sales (51900000001)", "2": "51900000002", "3": "Help (3)", "4": "4"}


def test_that_numbers_of_one_name_are_told_apart_also_over_accounts() -> None:
    given = account()
    first, second = (replace(waba, numbers=(Number(waba.id, "", "Sales"),)) for waba in given.wabas)
    assert numbers_called(replace(given, wabas=(first, second))) == {
        first.id: f"Sales ({first.id})",
        second.id: f"Sales ({second.id})",
    }
