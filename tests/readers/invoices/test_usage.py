"""Usage exports become lines beside log and invoice: what the platform itself counted (formats.md §3)."""

import json
from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.readers.invoices.usage import Usage
from auditor.readers.invoices.usage import read_usage
from auditor.readers.recognise import recognise
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import WABA
from tests.readers.fixtures.accounts import andina
from tests.saying import sentences


def at(text: str) -> int:
    """Give the seconds since 1970 of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


# Midnight in Lima is 05:00 UTC.
PAID = {
    "start": at("2026-10-05T05:00"), "end": at("2026-10-06T05:00"), "phone_number": "51987654321", "country": "PE",
    "tier": "0:MAX", "pricing_type": "REGULAR", "pricing_category": "MARKETING", "volume": 12, "cost": 0.8436,
}  # fmt: skip
FREE = {
    "start": at("2026-10-05T05:00"), "end": at("2026-10-06T05:00"), "phone_number": "51987654321", "country": "PE",
    "pricing_type": "FREE_CUSTOMER_SERVICE", "pricing_category": "UTILITY", "volume": 3, "cost": 0,
}  # fmt: skip


def read(folder: Path, content: object, language: str = "en") -> Usage:
    path = folder / "analytics.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    assert recognise(path) == "usage"
    return read_usage(path, andina(language))


def answer(*points: object, name: str = "pricing_analytics", **more: object) -> dict[str, object]:
    return {name: {"granularity": "DAILY", "data": [{"data_points": list(points)}]}, **more}


def test_that_pricing_analytics_become_lines(tmp_path: Path) -> None:
    usage = read(tmp_path, answer(PAID, FREE, id=WABA))
    paid, free = usage.lines
    assert (paid.quantity, paid.amount, paid.currency) == (Decimal(12), Decimal("0.8436"), "USD")
    assert (paid.period_start, paid.period_end, paid.zone) == (date(2026, 10, 5), date(2026, 10, 5), "America/Lima")
    assert (paid.waba_id, paid.phone_number_id, paid.country) == (WABA, NUMBER, "PE")
    assert (paid.category, paid.pricing_type, paid.tier, paid.unit) == ("marketing", "regular", "0:MAX", "message")
    assert (free.category, free.pricing_type, free.tier, free.amount) == (
        "utility", "free_customer_service", "", Decimal(0),
    )  # fmt: skip
    assert (usage.report.kind, usage.report.read, usage.report.kept, usage.report.refused) == ("usage", 2, 2, 0)
    assert usage.report.total == Decimal("0.8436")
    assert "USD" in sentences(usage.report.decisions)[1]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda *points: {"data": [{"data_points": list(points)}]},
        lambda *points: {"pricing_analytics": {"data_points": list(points)}},
        lambda *points: {"_embedded": {"pricing_analytics": list(points)}},
        lambda *points: [answer(points[0]), answer(points[1])],
        lambda *points: list(points),
    ],
    ids=["bare", "without data", "wrapped by a platform", "pages", "points alone"],
)
def test_that_every_envelope_is_read(tmp_path: Path, wrap: Callable[..., object]) -> None:
    usage = read(tmp_path, wrap(PAID, FREE))
    assert [(line.quantity, line.source.row, line.waba_id) for line in usage.lines] == [
        (Decimal(12), 1, WABA),
        (Decimal(3), 2, WABA),
    ]


def test_that_answers_may_follow_one_another(tmp_path: Path) -> None:
    text = json.dumps(answer(PAID), indent=2) + "\n" + json.dumps(answer(FREE)) + "\n"
    assert [line.quantity for line in read(tmp_path, text).lines] == [Decimal(12), Decimal(3)]


def test_that_conversation_analytics_become_lines_of_conversations(tmp_path: Path) -> None:
    point = {"start": at("2023-05-01T05:00"), "end": at("2023-06-01T05:00"), "conversation": "7", "cost": "0.35"}
    later = point | {
        "start": at("2023-06-01T05:00"), "end": at("2023-07-01T05:00"), "conversation_category": "SERVICE",
        "conversation_type": "FREE_ENTRY_POINT", "conversation_direction": "UNKNOWN", "country": "CL",
    }  # fmt: skip
    usage = read(
        tmp_path,
        answer(point | {"conversation_direction": "USER_INITIATED", "conversation_type": "FREE_TIER"}, later,
               name="conversation_analytics"),
    )  # fmt: skip
    assert [(line.unit, line.category, line.pricing_type, line.quantity, line.amount) for line in usage.lines] == [
        ("conversation", "user_initiated", "free_tier", Decimal(7), Decimal("0.35")),
        ("conversation", "service", "free_entry_point", Decimal(7), Decimal("0.35")),
    ]
    assert [(line.period_start, line.period_end) for line in usage.lines] == [
        (date(2023, 5, 1), date(2023, 5, 31)), (date(2023, 6, 1), date(2023, 6, 30)),
    ]  # fmt: skip
    assert {line.export for line in usage.lines} == {"conversation_analytics"}


def test_that_days_cut_elsewhere_are_told_and_dated_as_they_are_cut(tmp_path: Path) -> None:
    # 07:00 UTC in October is midnight in Los Angeles, and two in the morning in Lima.
    usage = read(tmp_path, answer(PAID | {"start": at("2026-10-05T07:00"), "end": at("2026-10-06T07:00")}))
    assert (usage.lines[0].period_start, usage.lines[0].zone) == (date(2026, 10, 5), "America/Los_Angeles")
    assert [(problem.code, problem.values["zone"]) for problem in usage.report.problems] == [
        ("usage_days_elsewhere", "America/Los_Angeles")
    ]


def test_that_half_hours_are_put_into_the_accounts_own_days(tmp_path: Path) -> None:
    usage = read(tmp_path, answer(PAID | {"start": at("2026-10-06T04:30"), "end": at("2026-10-06T05:00")}))
    assert (usage.lines[0].period_start, usage.lines[0].period_end) == (date(2026, 10, 5), date(2026, 10, 5))


def test_that_a_dimension_that_is_absent_is_not_broken_down(tmp_path: Path) -> None:
    usage = read(tmp_path, answer({key: PAID[key] for key in ("start", "end", "volume")}))
    line = usage.lines[0]
    assert (line.phone_number_id, line.country, line.category, line.pricing_type) == ("", "", "", "")
    assert (line.amount, usage.report.total) == (None, None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pricing_category": "GARDENING"}, "category_unknown"),
        ({"pricing_type": "LIKELY"}, "pricing_type_unknown"),
        ({"country": "XX"}, "country_unknown"),
        ({"volume": "many"}, "number_unreadable"),
        ({"volume": -1}, "number_unreadable"),
        ({"volume": True}, "number_unreadable"),
        ({"cost": "1e999999"}, "number_unreadable"),
        ({"volume": None, "cost": None}, "usage_point_without_volume"),
        ({"start": "soon"}, "usage_point_unreadable"),
        ({"end": at("2026-10-04T05:00")}, "usage_point_unreadable"),
    ],
)
def test_that_a_point_that_is_not_understood_is_refused_and_counted(
    tmp_path: Path, change: dict[str, object], code: str
) -> None:
    usage = read(tmp_path, answer(PAID, FREE | change))
    assert [(problem.code, problem.place.row) for problem in usage.refusals] == [(code, 2)]
    assert (usage.report.read, usage.report.kept, usage.report.refused) == (2, 1, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"pricing_analytics": {"data": [{"data_points": []}]}}', "usage_without_points"),
        ('{"pricing_analytics": {"data": [{"data_points": [{"start": NaN}]}]}}', "usage_not_json"),
        ('{"pricing_analytics": {"data": [', "usage_not_json"),
        ('{"pricing_analytics": ' + "[" * 200_000, "usage_not_json"),
        ('{"data_points": [{"start": 1790830800, "volume": 5, "volume": 500}]}', "json_key_twice"),
        ('{"data_points": [{"start": 1790830800, "volume": 5}], "data_points": []}', "json_key_twice"),
    ],
)
def test_that_an_answer_that_cannot_be_used_is_a_sentence(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(AuditorError) as refused:
        read(tmp_path, text)
    assert refused.value.code == code


def test_that_webhooks_are_no_usage(tmp_path: Path) -> None:
    path = tmp_path / "hooks.json"
    path.write_text('{"object": "whatsapp_business_account", "entry": []}', encoding="utf-8")
    assert recognise(path) == "log"
    with pytest.raises(AuditorError) as refused:
        read_usage(path, andina())
    assert refused.value.code == "usage_kind_unknown"


def test_that_a_table_is_usage_where_it_is_handed_in_as_such(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("Date,Country,Category,Quantity,Cost (USD)\n2026-10-05,PE,Marketing,12,0.84\n", encoding="utf-8")
    usage = read_usage(path, andina())
    line = usage.lines[0]
    assert (line.quantity, line.amount, line.category, line.country) == (
        Decimal(12),
        Decimal("0.84"),
        "marketing",
        "PE",
    )
    assert (line.period_start, line.export, usage.report.kind) == (date(2026, 10, 5), "table", "usage")


@pytest.mark.parametrize(
    ("head", "rows", "warned"),
    [
        ("Date,Category,Quantity,Cost", ["2026-10-05,Marketing,12,0.84"], False),
        ("Invoice number,Date,Category,Quantity,Amount", ["F001-7,2026-10-05,Marketing,12,0.84"], True),
        ("Due date,Date,Category,Quantity,Amount", ["2026-11-15,2026-10-05,Marketing,12,0.84"], True),
        ("Date,Category,Quantity,Amount", ["2026-10-05,Marketing,12,0.84", "2026-10-05,IGV 18%,,0.15"], True),
        ("Date,Category,Quantity,Unit price,Amount", ["2026-10-05,Marketing,12,0.07,0.84"], True),
    ],
)
def test_that_what_states_what_an_invoice_does_is_said_to_be_one_perhaps(
    tmp_path: Path, head: str, rows: list[str], warned: bool
) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    report = read_usage(path, andina()).report
    assert [said.code for said in report.warnings] == ["reading.usage.invoice"] * warned


def test_that_a_point_whose_time_is_covered_already_is_not_counted_again(tmp_path: Path) -> None:
    month = {**PAID, "start": at("2026-10-01T05:00"), "end": at("2026-11-01T05:00"), "volume": 12}
    next_day = {**PAID, "start": PAID["end"], "end": at("2026-10-07T05:00")}
    usage = read(tmp_path, [answer(PAID, next_day, FREE, id=WABA), answer(PAID, month, id=WABA)])
    assert [line.quantity for line in usage.lines] == [12, 12, 3]
    assert [problem.code for problem in usage.refusals] == ["usage_point_twice"] * 2


DAY = {"start": PAID["start"], "end": PAID["end"]}
MONTH = {"start": at("2026-10-01T05:00"), "end": at("2026-11-01T05:00")}
PERU, CHILE = DAY | {"country": "PE", "volume": 5}, DAY | {"country": "CL", "volume": 7}


@pytest.mark.parametrize(
    ("answers", "counted"),
    [
        ([[DAY | {"volume": 12}], [PERU, CHILE]], [5, 7]),
        ([[PERU, CHILE, DAY | {"volume": 12}]], [5, 7]),
        ([[MONTH | {"volume": 12}], [PERU]], [5]),
        ([[PERU], [DAY | {"pricing_category": "UTILITY", "volume": 5}]], [5]),
        ([[DAY | {"country": "PE", "tier": "0:MAX", "volume": 5}], [PERU]], [5]),
        # What is disjoint in a dimension, in time or in what is counted, or lacks a tier in one answer, is all counted.
        ([[PERU], [DAY | {"country": "CL", "pricing_type": "REGULAR", "volume": 7}]],
         [5, 7]),
        ([[PERU], [DAY | {"start": DAY["end"], "end": MONTH["end"], "volume": 7}]],
         [5, 7]),
        ([[PERU], [DAY | {"conversation": 7}]], [5, 7]),
        ([[DAY | {"country": "PE", "tier": "0:MAX", "volume": 5}, DAY | {"country": "PE", "volume": 7}]], [5, 7]),
    ],
)  # fmt: skip
def test_that_units_broken_down_in_two_ways_count_once(
    tmp_path: Path, answers: list[list[dict[str, object]]], counted: list[int]
) -> None:
    usage = read(tmp_path, [answer(*points, id=WABA) for points in answers])
    assert [line.quantity for line in usage.lines] == counted
    left_out = sum(map(len, answers)) - len(counted)
    assert [problem.code for problem in usage.refusals] == ["usage_point_otherwise"] * left_out


def test_that_a_page_that_is_not_there_is_said_and_one_that_is_there_is_not(tmp_path: Path) -> None:
    def page(*points: object, **paging: str) -> dict[str, object]:
        return {"data": [{"data_points": list(points)}], "paging": {"cursors": {"after": "x"}, **paging}}

    after = {**PAID, "start": PAID["end"], "end": at("2026-10-07T05:00")}
    goes_on = {"pricing_analytics": page(PAID, next="https://graph.example"), "id": WABA}
    assert [one.code for one in read(tmp_path, goes_on).report.problems] == ["usage_page_missing"]
    assert read(tmp_path, [goes_on, page(after)]).report.problems == ()


def test_that_a_platform_s_usage_may_be_a_list_of_objects(tmp_path: Path) -> None:
    days = [
        {
            "appName": "Andina", "date": f"2026-10-0{day}", "currency": "USD", "incomingMsg": 5, "outgoingMsg": 10,
            "templateMsg": 8, "totalMsg": 15, "marketing": 5, "utility": 3, "authentication": 0,
            "internationalAuthentication": 0, "service": 2, "fep": 0, "ftc": 0, "gsFees": 0.015, "waFees": 0.4115,
            "totalFees": 0.4265, "gsCap": 75, "discount": 0, "cumulativeBill": cumulative,
        }
        for day, cumulative in ((1, 0.4265), (2, 0.853))
    ]  # fmt: skip
    path = tmp_path / "usage.json"
    path.write_text(json.dumps(days), encoding="utf-8")
    assert recognise(path) == "invoice"  # as the same table in any other form
    usage = read_usage(path, andina())
    # 0.4115 of Meta's and 0.015 of the provider's on each day; the running total is none.
    assert sum(line.amount for line in usage.lines if line.amount) == 2 * (Decimal("0.4115") + Decimal("0.015"))
