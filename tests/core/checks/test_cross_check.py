"""What Meta logged is held against the engine's verdict, by pattern and money (pricing.md §11).

Prices as in `invoicing.py`: in October 2026 (message-v2) marketing in Peru 0.10, utility 0.02, service 0.01.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.results_checks import CrossCheck
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import MEXICO
from tests.core.invoicing import PERU
from tests.core.invoicing import PRICES
from tests.core.invoicing import Row
from tests.core.invoicing import audited
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

JULY = replace(ACCOUNT, first=date(2025, 7, 1), last=date(2025, 7, 31))
JUNE = replace(ACCOUNT, first=date(2025, 6, 1), last=date(2025, 6, 30))
OLD = tuple(priced("*", name, rate, "2022-02-01") for name, rate in (("marketing", "0.06"), ("utility", "0.04")))


def meta(rows: Sequence[Row], category: str = "", kind: str = "", billable: str = "", model: str = "PMP") -> list[Row]:
    """Give the messages with a pricing block as Meta logs it."""
    block = {"pricing_model": model, "pricing_type": kind, "pricing_category": category, "billable": billable}
    return [row | block for row in rows]


def checked(rows: Sequence[Row]) -> CrossCheck:
    """Give what October's log holds against the engine."""
    return audited(rows).result.cross_check


def test_that_agreement_leaves_no_pattern() -> None:
    found = checked([
        *meta(sent("marketing", 2), "marketing", "regular", "true"),
        *wrote("2026-10-05 09:00"),
        *meta(sent("", 1, at="2026-10-05 09:05"), "service", "free_customer_service", "false"),
    ])  # fmt: skip
    assert found == CrossCheck(compared=3, disagreeing=0, patterns=())


def test_that_a_status_without_pricing_says_nothing() -> None:
    assert checked(sent("marketing", 3)) == CrossCheck()


def test_that_another_category_is_one_pattern_with_its_money() -> None:
    # 3 utility at 0.02 = 0.06; as marketing in Peru 3 x 0.10 = 0.30: 0.24 more.
    found = checked(meta(sent("utility", 3), "marketing", "regular"))
    (one,) = found.patterns
    assert (found.compared, found.disagreeing, one.messages) == (3, 3, 3)
    assert (one.regime, one.category, one.pricing_type) == ("message-v2", "utility", "regular")
    assert (one.logged_model, one.logged_category, one.logged_type, one.billable) == (
        "PMP",
        "marketing",
        "regular",
        None,
    )
    assert (one.currency, one.expected, one.logged) == ("USD", Decimal("0.06"), Decimal("0.30"))
    assert one.difference == Decimal("0.24")


def test_that_markets_fall_into_one_pattern_and_the_dearest_pattern_is_first() -> None:
    # Marketing free by Meta: 0.10 in Peru + 0.20 in Mexico = 0.30 that Meta does not charge; utility 0.02 less.
    found = checked([
        *meta(sent("utility"), "utility", "free_entry_point"),
        *meta(sent("marketing", user=PERU), "marketing", "free_entry_point"),
        *meta(sent("marketing", user=MEXICO), "marketing", "free_entry_point"),
    ])  # fmt: skip
    assert [(one.category, one.messages, one.difference) for one in found.patterns] == [
        ("marketing", 2, Decimal("-0.30")),
        ("utility", 1, Decimal("-0.02")),
    ]


def test_that_what_is_free_here_and_charged_there_costs_the_list_rate() -> None:
    # Two answers within the 1,000 free ones; Meta logs `regular`: 2 x 0.01.
    rows = [*wrote("2026-10-05 09:00"), *meta(sent("", 2, at="2026-10-05 09:05"), "service", "regular")]
    (one,) = checked(rows).patterns
    assert (one.pricing_type, one.expected, one.logged) == ("free_customer_service", Decimal(0), Decimal("0.02"))


def test_that_another_reason_for_being_free_is_told_and_costs_nothing() -> None:
    rows = [*wrote("2026-10-05 09:00"), *meta(sent("", 1, at="2026-10-05 09:05"), "service", "free_entry_point")]
    (one,) = checked(rows).patterns
    assert (one.expected, one.logged) == (Decimal(0), Decimal(0))


def test_that_billable_decides_between_charged_and_free_where_no_type_is_logged() -> None:
    rows = [
        *meta(sent("utility"), billable="false"),
        *meta(sent("utility", at="2026-10-06 10:00"), billable="true"),
    ]  # fmt: skip
    found = checked(rows)
    (one,) = found.patterns
    assert (found.compared, one.billable, one.difference) == (2, False, Decimal("-0.02"))


def test_that_a_free_entry_point_has_two_names() -> None:
    rows = [
        *wrote("2026-10-05 09:00", referral="true"),
        *meta(sent("marketing", at="2026-10-05 09:05"), "referral_conversion", "free_entry_point"),
        *meta(sent("marketing", at="2026-10-05 09:10"), "marketing", "free_entry_point"),
    ]  # fmt: skip
    assert checked(rows) == CrossCheck(compared=2)


def test_that_billable_true_proves_nothing_before_prices_by_message() -> None:
    # pricing-research §9, case 15: `billable: true`, service, June 2025: free. From July on it would be a disagreement.
    june = [*wrote("2025-06-05 09:00"), *meta(sent("", 1, at="2025-06-05 09:05"), "service", "", "true", "CBP")]
    july = [*wrote("2025-07-05 09:00"), *meta(sent("", 1, at="2025-07-05 09:05"), "service", "", "true")]
    assert audited(june, account=JUNE).result.cross_check == CrossCheck(compared=1)
    assert audited(july, account=JULY).result.cross_check.disagreeing == 1


def test_that_conversations_are_compared_message_by_message_and_cost_once() -> None:
    # One utility conversation (0.04) of two messages; Meta logs marketing (0.06) for both. Only the opener costs.
    rows = meta(sent("utility", 2, at="2025-06-05 09:00"), "marketing", "", "true", "CBP")
    found = audited(rows, account=JUNE, prices=OLD).result.cross_check
    opener, covered = sorted(found.patterns, key=lambda one: one.covered)
    assert (found.compared, found.disagreeing) == (2, 2)
    assert (opener.covered, opener.expected, opener.logged) == (False, Decimal("0.04"), Decimal("0.06"))
    assert (covered.covered, covered.expected, covered.logged, covered.difference) == (True, Decimal(0), None, None)


def test_that_a_free_conversation_logged_as_a_template_would_have_been_charged() -> None:
    # Service is free from November 2024; Meta counts the answer into a marketing conversation at 0.06.
    rows = [*wrote("2025-06-05 09:00"), *meta(sent("", 1, at="2025-06-05 09:05"), "marketing", "", "", "CBP")]
    (one,) = audited(rows, account=JUNE, prices=OLD).result.cross_check.patterns
    assert (one.pricing_type, one.expected, one.logged) == ("free_service", Decimal(0), Decimal("0.06"))


def test_that_an_unknown_word_is_a_disagreement_at_the_same_price() -> None:
    (one,) = checked(meta(sent("utility"), "general_purpose_ai", "regular")).patterns
    assert (one.logged_category, one.expected, one.logged) == ("other", Decimal("0.02"), Decimal("0.02"))


def test_that_what_no_card_prices_is_counted_and_left_open() -> None:
    prices = [row for row in PRICES if row["category"] != "utility"]
    rows = meta(sent("utility", 2), "utility", "free_customer_service")
    other = meta(sent("marketing"), "utility", "regular")
    found = audited([*rows, *other], prices=prices).result.cross_check
    unrated, dearer = sorted(found.patterns, key=lambda one: -one.unrated)
    assert (unrated.unrated, unrated.expected, unrated.logged) == (2, Decimal(0), Decimal(0))
    assert (dearer.expected, dearer.logged, dearer.difference) == (Decimal("0.10"), None, None)


def test_that_other_months_agents_and_undelivered_messages_are_not_compared() -> None:
    undelivered = [row | {"delivered_at": ""} for row in sent("utility", at="2026-10-07 10:00")]
    rows = [
        *sent("utility", at="2026-11-05 10:00"),
        *sent("", at="2026-10-06 10:00", origin="agent"),
        *undelivered,
    ]  # fmt: skip
    assert checked(meta(rows, "marketing", "regular")) == CrossCheck()
