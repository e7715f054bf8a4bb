"""What a row of the log takes while it is merged."""

from auditor.core.rows import width


def test_that_a_row_takes_the_bytes_of_its_columns_but_for_those_alike_in_every_row() -> None:
    # number 4, waba 2, user 8, country 2, group 4, id 8, kind 2, sent 8, delivered or read 8, expires 8, paid 4,
    # limit 4, logged 2: 64. Without waba, country and group 8 less.
    assert width({}) == 64
    assert width({"waba": 0, "country": -1, "group": -1}) == 56
