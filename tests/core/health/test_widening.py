"""Log gaps widen the range by a stated rule (formats.md §6): complete logs not, and the truth lies in the range.

Each trial draws a month of traffic, loses a part of it, and holds the range against the total of the whole month. For
more trials, over every shape and regime: `python -m tests.core.trials 50`.
"""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from auditor.core.audit import Audited
from auditor.core.audit import audit
from auditor.core.audit import replay_of
from auditor.core.charging import prepare
from auditor.core.exchange import Exchange
from auditor.core.health.activity import statuses
from auditor.core.health.widening import estimates
from auditor.core.money import total
from auditor.core.records import Account
from auditor.core.results import Allowance
from auditor.core.tables import NEVER
from auditor.core.tables import Messages
from auditor.core.timeline import DAY
from auditor.core.timeline import HOUR
from auditor.core.timeline import instant
from auditor.readers.rulebook import regimes
from tests.core import invoicing
from tests.core.invoicing import sent
from tests.core.traffic import MINUTE
from tests.core.traffic import SHAPES
from tests.core.traffic import ZONE
from tests.core.traffic import Events
from tests.core.traffic import log_of
from tests.core.traffic import merged_log_of
from tests.core.traffic import month
from tests.core.traffic import terms_of
from tests.core.traffic import without_block
from tests.core.traffic import without_rows
from tests.core.traffic import without_some

NOTHING = Decimal(0)


def audited(events: Events, account: Account, *, merged: bool = False) -> Audited:
    messages = (merged_log_of if merged else log_of)(events, account)
    log = prepare(
        messages, lambda rows: [(str(messages.id_hash[row]), "") for row in rows.tolist()], account, regimes()
    )
    return audit(log, terms_of(account), None, ())


def total_of(found: Audited) -> Decimal:
    return total(cell.amount for cell in found.result.cells if cell.amount is not None)


def widening(found: Audited) -> tuple[Decimal, Decimal]:
    gaps = found.result.health.gaps
    return total(gap.below for gap in gaps), total(gap.above for gap in gaps)


@pytest.mark.parametrize("shape", ["steady", "weekend_shy", "campaigns", "quiet_nights", "several"])
def test_that_a_complete_log_is_not_widened(shape: str) -> None:
    account, events = month("message-v2", SHAPES[shape], 1)
    for merged in (False, True):
        found = audited(events, account, merged=merged).result.health
        assert (found.gaps, found.widened) == ((), ())
        assert {one.code for one in found.findings} <= {"duplicates", "read_without_delivered", "sent_without_end"}


@pytest.mark.parametrize(("shape", "regime"), [("steady", "message-v2"), ("weekend_shy", "conversation-v2")])
@pytest.mark.parametrize("hours", [4, 24])
def test_that_the_truth_lies_in_the_range_without_a_block_of_a_number(shape: str, regime: str, hours: int) -> None:
    account, events = month(regime, SHAPES[shape], 3)
    start = int(events.at[0]) + 8 * DAY + 8 * HOUR
    found = audited(without_block(events, 0, start, hours * HOUR), account)
    loss = total_of(audited(events, account)) - total_of(found)
    below, above = widening(found)
    assert loss > NOTHING
    assert -below <= loss <= above
    assert below + above < 3 * loss
    block = next(gap for gap in found.result.health.gaps if gap.kind == "block")
    assert block.phone_number_id == "number0"
    assert abs(block.first - start) < HOUR
    assert abs(block.last - start - hours * HOUR) < HOUR


def test_that_charges_are_widened_in_their_own_currency_where_the_invoice_is_in_another() -> None:
    account, events = month("message-v2", SHAPES["steady"], 3)
    kept = without_block(events, 0, int(events.at[0]) + 8 * DAY + 8 * HOUR, 4 * HOUR)
    same, other = (audited(kept, replace(account, currency=one)).result.health for one in ("USD", "PEN"))
    assert {waba.currency for waba in account.wabas} == {"USD"}
    assert sum(gap.above for gap in same.gaps) > NOTHING
    assert (other.gaps, other.widened) == (same.gaps, same.widened)


@pytest.mark.parametrize(("shape", "regime"), [("quiet_nights", "message-v2"), ("steady", "conversation-v1")])
def test_that_the_truth_lies_in_the_range_without_two_percent_of_the_events(shape: str, regime: str) -> None:
    account, events = month(regime, SHAPES[shape], 5)
    found = audited(without_some(events, 0.02, np.random.default_rng(5)), account)
    loss = total_of(audited(events, account)) - total_of(found)
    below, above = widening(found)
    assert -below <= loss <= above
    assert below + above < 3 * abs(loss)
    assert [gap.kind for gap in found.result.health.gaps] == ["loss"]
    assert {"statuses_without_message"} <= {one.code for one in found.result.health.findings}


def test_that_long_chats_of_few_customers_are_no_gaps() -> None:
    for seed in (501, 515):
        account, events = month("message-v2", SHAPES["few_customers"], seed)
        assert audited(events, account).result.health.gaps == ()


def test_that_campaigns_elsewhere_do_not_widen_where_none_is_to_be_expected() -> None:
    account, events = month("message-v2", SHAPES["a_shop"], 515)
    start = instant(datetime(2026, 10, 27, 16, 56, tzinfo=ZoneInfo(ZONE)))
    found = audited(without_block(events, 0, start, 14 * HOUR), account)
    loss = total_of(audited(events, account)) - total_of(found)
    below, above = widening(found)
    assert NOTHING < loss <= above
    assert below + above < 3 * loss  # one campaign of 500 at 0.07 is 35.00, and the fourteen hours without one under 1


def test_that_a_campaign_in_the_gap_is_known_by_the_messages_read_after_it() -> None:
    account, events = month("message-v2", SHAPES["a_shop"], 516)
    start = instant(datetime(2026, 10, 16, 11, 15, tzinfo=ZoneInfo(ZONE)))
    found = audited(without_block(events, 0, start, 4 * HOUR + 12 * MINUTE), account)
    loss = total_of(audited(events, account)) - total_of(found)
    below, above = widening(found)
    assert 25 < loss <= above  # 95 in 100 of the 500 arrive, not all before the gap ends
    assert below + above < 3 * loss


def test_that_loss_at_random_after_a_campaign_is_no_gap_before_it() -> None:
    account, events = month("message-v2", SHAPES["few_customers"], 905)
    found = audited(without_some(events, 0.02, np.random.default_rng(1905)), account)
    assert [gap.kind for gap in found.result.health.gaps] == ["loss"]


def test_that_in_a_short_month_both_days_of_the_weekend_tell_of_a_saturday() -> None:
    account, events = month("conversation-v2-free-service", SHAPES["a_shop"], 901)
    start = instant(datetime(2025, 2, 14, 18, 13, tzinfo=ZoneInfo(ZONE)))
    found = audited(without_block(events, 0, start, 17 * HOUR), account)
    loss = total_of(audited(events, account)) - total_of(found)
    assert NOTHING < loss <= widening(found)[1]


def test_that_what_widens_is_laid_on_numbers_and_days_to_the_cent() -> None:
    account, events = month("message-v2", SHAPES["several"], 2)
    start = int(events.at[0]) + 11 * DAY + 9 * HOUR  # the third day before the month is the log's first
    found = audited(without_block(events, 1, start, 20 * HOUR), account).result.health
    assert [(gap.kind, gap.phone_number_id) for gap in found.gaps] == [("block", "number1")]
    assert total(row.above for row in found.widened) == found.gaps[0].above
    assert {row.phone_number_id for row in found.widened} == {"number1"}
    assert len(found.widened) == 2
    silent = {(one.phone_number_id, one.day) for one in found.coverage if one.silent_hours}
    assert {number for number, _ in silent} <= {"number1"}
    day = next(row for row in found.coverage if (row.phone_number_id, row.day) == ("number1", found.widened[0].day))
    assert day.usual is not None
    assert day.messages < day.usual


@pytest.mark.parametrize(
    ("portfolios", "replayed"), [(("", "", ""), {1}), (("", "p", "p"), {1, 2}), (("p", "p", "p"), {0, 1, 2})]
)
def test_that_only_accounts_that_share_tiers_and_allowances_are_charged_anew(
    portfolios: tuple[str, str, str], replayed: set[int]
) -> None:
    account, events = month("message-v2", SHAPES["several"], 2)
    wabas = tuple(
        replace(account.wabas[0], id=f"waba{n}", numbers=(number,), portfolio=portfolios[n])
        for n, number in enumerate(account.wabas[0].numbers)
    )
    apart = replace(account, wabas=wabas)
    kept = without_block(events, 1, int(events.at[0]) + 11 * DAY + 9 * HOUR, 20 * HOUR)
    messages = log_of(kept, account)
    messages = replace(messages, waba=messages.number.astype(np.int16), wabas=("waba0", "waba1", "waba2"))
    log = prepare(messages, lambda rows: [(str(row), "") for row in rows.tolist()], apart, regimes())
    seen = set[int]()
    replay = replay_of(terms_of(apart), Exchange(apart.fx, ()))

    def watched(messages: Messages, drawn: int, weight: int) -> Decimal:
        seen.update(np.unique(messages.number).tolist())
        return replay(messages, drawn, weight)

    # Somebody's 500th message is dearer than the 501st, wherever there is a portfolio.
    tier = [Allowance("tier", "p", "2026-10", "Peru", "utility", 500, 900, int(NEVER), -1)]
    found = estimates(log.rows, log.active, statuses(log.folded, log.active), apart, tier, watched)
    assert seen == replayed
    # No price here depends on what others have sent: whoever is charged anew, the gap costs the same.
    (gap,) = audited(kept, account).result.health.gaps
    assert [(one.number, one.missing) for one in found] == [("number1", gap.missing)]
    assert found[0].above == pytest.approx(gap.above, abs=Decimal("0.01"))


def test_that_the_expected_total_does_not_move_and_no_log_no_gap() -> None:
    account, events = month("message-v2", SHAPES["quiet_nights"], 7)
    whole = without_block(events, 0, int(events.at[0]) + 12 * DAY, 20 * HOUR)
    found = audited(whole, account)
    assert found.result.health.gaps
    assert total(cell.low for cell in found.result.cells if cell.low is not None) == total_of(found)
    nothing = audited(events.chosen(np.zeros(len(events), bool)), replace(account)).result.health
    assert (nothing.gaps, nothing.coverage) == ((), ())


def test_that_an_account_of_few_messages_is_never_said_to_have_gaps() -> None:
    account, events = month("message-v2", SHAPES["quiet_nights"], 8)
    few = events.chosen(events.message % 97 == 0)
    assert audited(few, account).result.health.gaps == ()


def test_that_hours_in_which_nothing_begins_are_a_gap_only_where_rows_are_messages() -> None:
    account, events = month("message-v2", SHAPES["steady"], 11)
    whole = total_of(audited(events, account))
    for hours in (8, 24):
        closed = int(events.at[0]) + 10 * DAY
        kept = without_rows(events, 0, closed, hours * HOUR)
        # Reports of messages sent before go on: a webhook was there to receive them.
        assert audited(kept, account).result.health.gaps == ()
        found = audited(kept, account, merged=True)
        (gap,) = found.result.health.gaps
        assert gap.first == pytest.approx(closed, abs=HOUR)
        assert gap.last == pytest.approx(closed + hours * HOUR, abs=HOUR)
        lost = whole - total_of(found)
        assert NOTHING < lost <= gap.above < 3 * lost
        told = {one.code for one in found.result.health.findings}
        assert ("day_without_messages" in told) == (hours == 24)


def test_that_a_number_that_is_new_or_given_up_has_no_gap() -> None:
    account, events = month("message-v2", SHAPES["several"], 11)
    half = int(events.at[0]) + 15 * DAY
    for kept in (events.at >= half, events.at < half):
        found = audited(events.chosen(kept | (events.number != 2)), account).result.health
        assert [gap for gap in found.gaps if gap.kind == "block"] == []


def test_that_a_log_cut_short_within_a_day_is_widened_by_its_end() -> None:
    account, events = month("message-v2", SHAPES["steady"], 11)
    last_day = instant(datetime(2026, 10, 31, 5, tzinfo=UTC))  # midnight in Lima
    whole = audited(events.chosen(events.at < last_day + DAY), account)
    short = audited(events.chosen(events.at < last_day + 10 * HOUR), account)
    (gap,) = short.result.health.gaps
    assert gap.last - gap.first == pytest.approx(14 * HOUR, abs=HOUR)
    assert NOTHING < total_of(whole) - total_of(short) <= gap.above


@pytest.mark.parametrize(("without_delivered", "widened"), [(30, True), (4, False)])
def test_that_a_log_is_not_lossy_where_only_times_of_sending_are_wanting(without_delivered: int, widened: bool) -> None:
    # Of 600 messages that are read 30 have no time of sending: by chance about as many would have none of delivery.
    rows = []
    for n in range(600):
        at = datetime.fromisoformat("2026-10-02") + timedelta(hours=n)
        (own,) = sent("marketing", at=str(at), user=f"5198{n:07}", read_at=str(at + timedelta(minutes=2)))
        known = {"sent_at": ""} if n % 20 == 5 else {}
        known |= {"delivered_at": ""} if n % 20 == 10 and n // 20 < without_delivered else {}
        rows.append(own | known)
    gaps = invoicing.audited(rows).result.health.gaps
    assert [gap.kind for gap in gaps] == ["loss"] * widened
