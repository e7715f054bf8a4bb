"""From rows to threads: duplicates, order, groups (formats.md §1; pricing.md §§1, 8)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from auditor.core import logged
from auditor.core import threads
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import FAILED
from auditor.core.kinds import GROUP
from auditor.core.rows import InMemory
from auditor.core.tables import NEVER
from auditor.core.tables import Int32
from auditor.core.threads import Folded
from auditor.core.threads import fold
from auditor.core.threads import ranked_by
from auditor.core.threads import remembered
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PERU
from tests.core.invoicing import Row
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


def folded(rows: Sequence[Row], sent_orders_until: int = int(NEVER)) -> tuple[Folded, Int32]:
    names = [(row["message_id"], row["user"]) for row in rows]
    until = np.full(len(ACCOUNT.wabas), sent_orders_until, np.int64)
    return fold(InMemory(messages_of(rows, ACCOUNT)), ranked_by(lambda some: [names[n] for n in some]), until)


def ids(rows: Sequence[Row], sent_orders_until: int = int(NEVER)) -> list[list[str]]:
    """Give the ids of the delivered messages, thread by thread in their order."""
    found, _ = folded(rows, sent_orders_until)
    return [
        [rows[int(found.row[place])]["message_id"] for place in part.outbound[start:end]]
        for part in found.partitions
        for start, end in zip(part.outbound_first[:-1], part.outbound_first[1:], strict=True)
    ]


def status(name: str, **times: str) -> Row:
    return {"message_id": name, "phone_number_id": "number", "user": PERU, "direction": "outbound"} | times


def test_that_statuses_of_one_message_become_one_with_the_earliest_times() -> None:
    rows = [
        status("a", delivered_at="2026-10-05 10:07", failed_at="2026-10-05 10:09"),
        status("a", sent_at="2026-10-05 10:00", template_category="utility"),
        status("a", delivered_at="2026-10-05 10:05", template_category="marketing"),
    ]
    found, merged_into = folded(rows)
    (place,) = np.flatnonzero(found.live)
    assert merged_into.tolist() == [place] * 3
    assert (found.billed[place] - found.sent[place]) == 5 * 60 * 10**6
    assert (found.kind[place] & CATEGORY_MASK) >> CATEGORY_SHIFT == 2  # utility was stated first
    assert found.kind[place] & FAILED


def test_that_what_meta_logged_is_merged_word_by_word_the_first_stated() -> None:
    words: dict[str, str] = {"pricing_model": "PMP", "pricing_type": "regular", "pricing_category": "group_marketing"}
    later = {**words, "pricing_type": "free_customer_service", "billable": "false"}
    rows = [
        status("a", sent_at="2026-10-05 10:00"),
        status("a", delivered_at="2026-10-05 10:05", pricing_type="regular"),
        status("a", read_at="2026-10-05 10:07", **later),
        status("b", delivered_at="2026-10-05 10:05", pricing_category="general_purpose_ai"),
    ]
    found, merged_into = folded(rows)
    both = found.logged[merged_into[[0, 3]]].tolist()
    marketing = logged.CATEGORIES["marketing"] << logged.CATEGORY_SHIFT
    assert both[0] == (
        logged.MODELS["pmp"] | logged.TYPES["regular"] << logged.TYPE_SHIFT | marketing
        | logged.NOT_BILLABLE << logged.BILLABLE_SHIFT
    )  # fmt: skip
    assert both[1] == logged.OTHER_CATEGORY << logged.CATEGORY_SHIFT


def test_that_the_account_is_the_first_that_is_stated() -> None:
    rows = sent("marketing", 1) * 2
    messages = replace(messages_of(rows, ACCOUNT), waba=np.array([-1, 0], np.int16))
    found, merged_into = fold(
        InMemory(messages), ranked_by(lambda some: [("a", PERU)] * len(some)), np.zeros(1, np.int64)
    )
    assert found.waba[merged_into].tolist() == [0, 0]


def test_that_the_same_id_is_another_message_elsewhere() -> None:
    rows = [
        status("a", delivered_at="2026-10-05 10:05"),
        status("a", delivered_at="2026-10-05 10:05") | {"phone_number_id": "number2"},
        {"message_id": "a", "phone_number_id": "number", "user": PERU, "direction": "inbound", "sent_at": "2026-10-05"},
    ]
    assert int(folded(rows)[0].live.sum()) == 3


def test_that_read_stands_in_for_delivered_and_delivery_for_sending() -> None:
    found, _ = folded([status("a", read_at="2026-10-05 10:05"), status("b", sent_at="2026-10-05 10:05")])
    places = np.flatnonzero(found.live)
    assert (found.billed[places] != NEVER).tolist() == [True, False]
    assert found.sent[places][0] == found.billed[places][0]


def test_that_messages_are_in_order_of_delivery_then_id() -> None:
    rows = [
        status("b", delivered_at="2026-10-05 10:05", sent_at="2026-10-05 10:01"),
        status("c", delivered_at="2026-10-05 10:04", sent_at="2026-10-05 10:03"),
        status("a", delivered_at="2026-10-05 10:05", sent_at="2026-10-05 10:02"),
    ]
    assert ids(rows) == [["c", "a", "b"]]


def test_that_in_the_first_conversations_the_time_of_sending_goes_before_the_id() -> None:
    rows = [
        status("a", delivered_at="2026-10-05 10:05", sent_at="2026-10-05 10:02"),
        status("b", delivered_at="2026-10-05 10:05", sent_at="2026-10-05 10:01"),
    ]
    assert ids(rows) == [["a", "b"]]
    assert ids(rows, 2**62) == [["b", "a"]]


def test_that_long_threads_are_in_order_too() -> None:
    rows = sent("marketing", 200)
    shuffled = [rows[n * 77 % 200] for n in range(200)]
    assert ids(shuffled) == [[row["message_id"] for row in rows]]


def test_that_ties_are_broken_across_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_ROWS_IN_A_PARTITION", 1)
    rows = [
        status(name, delivered_at="2026-10-05 10:05") | {"user": user}
        for user in (PERU, "56911111111", "525511111111")
        for name in ("b", "a")
    ]
    assert ids(rows).count(["a", "b"]) == 3


def test_that_what_was_sent_by_hand_is_as_if_it_were_not_there() -> None:
    rows = [*sent("", 1, origin="app"), *sent("marketing", 1, at="2026-10-05 11:00")]
    found, _ = folded(rows)
    assert int(found.live.sum()) == 1
    assert ids(rows) == [[rows[1]["message_id"]]]


def test_that_the_log_tells_templates_only_by_what_the_program_sent() -> None:
    assert folded(sent("marketing"))[0].tells_templates
    assert not folded(sent(""))[0].tells_templates
    assert not folded(sent("marketing", origin="app"))[0].tells_templates


def test_that_a_group_is_known_by_its_id_or_by_several_users_of_one_message() -> None:
    rows = [
        *sent("marketing", 1, group_id="g"),
        status("one", delivered_at="2026-10-05 10:05"),
        status("one", delivered_at="2026-10-05 10:05") | {"user": "56911111111"},
        status("two", delivered_at="2026-10-05 10:05"),
    ]
    found, merged_into = folded(rows)
    assert [bool(found.kind[place] & GROUP) for place in merged_into] == [True, True, True, False]


def test_that_a_groups_window_is_opened_by_any_member() -> None:
    rows = [*wrote("2026-10-05 09:00", group_id="g"), *sent("utility", 1, user="56911111111", group_id="g"),
            *wrote("2026-10-05 08:00")]  # fmt: skip
    found, merged_into = folded(rows)
    window = found.group[merged_into]
    assert window.tolist() == [0, 0, -1]
    assert found.group_first.tolist() == [0, 1, 1]  # the last is of groups in which nobody wrote
    assert len(found.group_times) == 1
    assert sum(len(part.inbound) for part in found.partitions) == 1  # the member's own window is another


def test_that_an_empty_log_has_no_threads() -> None:
    found, merged_into = folded([])
    assert (len(found.live), len(merged_into)) == (0, 0)


def test_that_names_are_asked_for_once_as_long_as_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []

    def names(rows: npt.NDArray[np.int64]) -> list[tuple[str, str]]:
        asked.append(rows.tolist())
        return [(f"id{row}", "user") for row in rows.tolist()]

    monkeypatch.setattr(threads, "_NAMES_REMEMBERED", 3)
    again = remembered(names, {})
    for rows in ([1, 2, 1], [2, 3], [1, 2, 3], [1, 4], [3, 1]):
        assert again(np.array(rows, np.int64)) == [(f"id{row}", "user") for row in rows]
    # The fourth would be one too many: all of its rows are asked for, and none is kept.
    assert asked == [[1, 2], [3], [1, 4]]
