"""Days, months and zones (pricing.md §1, billing instant)."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from auditor.core.tables import NEVER
from auditor.core.timeline import SECOND
from auditor.core.timeline import date_in
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import instant
from auditor.core.timeline import iso
from auditor.core.timeline import local_day
from auditor.core.timeline import moment
from auditor.core.timeline import month_text
from auditor.core.timeline import months_of_days
from auditor.core.timeline import transitions
from auditor.core.timeline import zones

ZONES = ("America/Lima", "Europe/Madrid", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def test_that_days_and_months_go_there_and_back() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2026, 10, 1)) == 20_727
    assert day_of(20_727) == date(2026, 10, 1)
    assert month_text(2026 * 12 + 9) == "2026-10"
    assert month_text(2026 * 12 + 11) == "2026-12"
    days = np.array([day_number(date(2026, 9, 30)), day_number(date(2026, 10, 1)), -1], np.int32)
    assert [month_text(int(month)) for month in months_of_days(days)] == ["2026-09", "2026-10", "1969-12"]


def test_that_instants_are_exact_to_the_microsecond() -> None:
    exact = datetime(2026, 10, 1, 0, 0, 0, 1, tzinfo=ZoneInfo("America/Lima"))
    assert instant(exact) == 1_790_830_800_000_001
    assert moment(1_790_830_800_000_001) == exact
    assert date_in("America/Lima", 1_790_830_799_999_999) == date(2026, 9, 30)


def test_that_instants_are_written_in_utc_with_microseconds_only_if_there_are_any() -> None:
    assert iso(1_790_830_800_000_000) == "2026-10-01T05:00:00Z"
    assert iso(1_790_830_800_000_001) == "2026-10-01T05:00:00.000001Z"
    assert iso(int(NEVER)) == ""


def test_that_transitions_are_found_to_the_second() -> None:
    # Madrid put its clocks forward at 01:00 UTC on the last Sunday of March 2026, and back on that of October.
    spring, autumn = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
    found = dict(transitions("Europe/Madrid"))
    assert found[instant(spring)] == 7200 * SECOND
    assert found[instant(autumn)] == 3600 * SECOND
    assert transitions("UTC") == ((int(NEVER), 0),)


def test_that_no_such_zone_is_an_error() -> None:
    with pytest.raises(KeyError):
        transitions("America/Nowhere")


@pytest.mark.parametrize("place", range(len(ZONES)))
def test_that_the_local_day_is_that_of_the_zone(place: int) -> None:
    tables = zones(ZONES)
    zone, random = ZoneInfo(ZONES[place]), Random(place)
    midnights = [datetime(2009, 1, 1, tzinfo=zone) + timedelta(days=random.randrange(12_000)) for _ in range(300)]
    for midnight in midnights:
        for off in (-1, 0, 1, random.randrange(86_400 * 10**6)):
            at = instant(midnight.astimezone(UTC)) + off
            day = local_day(at, place, tables.first, tables.starts, tables.offsets)
            assert day_of(day) == moment(at).astimezone(zone).date()


def test_that_no_zones_make_empty_tables() -> None:
    assert zones(()).first.tolist() == [0]
