"""Which message of the customer had opened the window in which a message was sent (pricing.md §1)."""

from auditor.core.charging import prepare
from auditor.core.openers import window_openers
from auditor.core.timeline import iso
from auditor.readers.rulebook import regimes
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import Row
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


def openers(rows: list[Row]) -> list[str]:
    """Give for each row when the message was sent that opened its window, in UTC: five hours more than in Lima."""
    names = [(row["message_id"], row["user"]) for row in rows]
    log = prepare(messages_of(rows, ACCOUNT), lambda some: [names[n] for n in some], ACCOUNT, regimes())
    return [iso(at) for at in window_openers(log.folded, len(rows)).tolist()]


def test_that_the_customers_last_message_before_opens_the_window() -> None:
    rows = [
        *wrote("2026-10-05 10:00"),
        *sent("", at="2026-10-05 10:30"),
        *wrote("2026-10-05 11:00"),
        *sent("", at="2026-10-05 11:30"),
    ]
    assert openers(rows) == ["", "2026-10-05T15:00:00Z", "", "2026-10-05T16:00:00Z"]


def test_that_a_window_is_shut_after_exactly_24_hours() -> None:
    rows = [
        *wrote("2026-10-05 10:00"),
        *sent("utility", at="2026-10-06 09:59:59"),
        *sent("utility", at="2026-10-06 10:00:00"),
    ]
    assert openers(rows) == ["", "2026-10-05T15:00:00Z", ""]


def test_that_neither_another_customer_nor_a_later_message_opens_it() -> None:
    rows = [
        *wrote("2026-10-05 10:00", CHILE),
        *sent("utility", at="2026-10-05 10:30"),
        *wrote("2026-10-05 10:31"),
    ]
    assert openers(rows) == ["", "", ""]


def test_that_a_group_has_no_window_of_one_customer() -> None:
    rows = [
        *wrote("2026-10-05 10:00", group_id="group"),
        *sent("utility", at="2026-10-05 10:30", group_id="group"),
    ]
    assert openers(rows) == ["", ""]
