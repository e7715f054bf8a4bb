"""The audit on one page: its totals agree with each other, whatever the log (architecture.md §3)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from auditor.core.audit import Invoice
from auditor.core.audit import charged_again
from auditor.core.audit import replay_of
from auditor.core.audit import total_as_line
from auditor.core.exchange import Exchange
from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import ControlTotal
from auditor.core.records import FxRate
from auditor.core.results import Status
from auditor.core.tables import Category
from auditor.core.terms import Terms
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import Case
from tests.core.as_columns import card_of
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PRICES
from tests.core.invoicing import SECOND_WABA
from tests.core.invoicing import WABA
from tests.core.invoicing import audited
from tests.core.invoicing import line
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote
from tests.core.nasty import nasty_case

# 3 x 0.10 in Peru, 2 x 0.20 in Chile; a free-form answer is free; 4 x 0.10 in November are outside.
ROWS = [
    *sent("marketing", 3),
    *sent("marketing", 2, user=CHILE),
    *wrote("2026-10-05 09:00"),
    *sent("", 1, at="2026-10-05 09:05"),
    *sent("marketing", 4, at="2026-11-05 10:00"),
]


def test_that_the_result_says_what_was_due() -> None:
    result = audited(ROWS, [line("0.70", "5", category="marketing")]).result
    assert (result.expected, result.low, result.high, result.billed) == (Decimal("0.70"),) * 4
    assert result.regimes == ("message-v2",)
    assert [(one.owner, one.period, one.used) for one in result.allowances] == [("number", "2026-10", 1)]
    assert [step.cause for step in result.bridge] == ["unexplained"]


def test_that_expected_is_what_the_cells_of_the_period_add_up_to() -> None:
    found = audited(ROWS, [line("0.70", "5", category="marketing")])
    cells = found.result.cells
    assert {cell.period for cell in cells} == {"2026-10"}
    assert sum((cell.amount or Decimal(0) for cell in cells), Decimal(0)) == Decimal("0.70")
    assert sum(cell.quantity for cell in cells) == 6


def test_that_each_charge_knows_its_cell_and_those_outside_the_period_have_none() -> None:
    found = audited(ROWS)
    charges, cells = found.charged.charges, found.result.cells
    assert len(found.cell_of) == len(charges) == 10
    for n, place in enumerate(found.cell_of.tolist()):
        if place < 0:
            assert charges.kinds.month[charges.kind[n]] == 2026 * 12 + 10
        else:
            assert cells[place].market in {"Peru", "Chile"}
    assert [found.cell_of.tolist().count(place) for place in range(len(cells))] == [cell.quantity for cell in cells]


def test_that_uncertain_charges_make_a_range_of_the_total() -> None:
    # Sent inside the customer service window and delivered after it, in September: free, or 0.01.
    account = replace(ACCOUNT, first=date(2026, 9, 1), last=date(2026, 9, 30))
    late = sent("utility", 1)[0] | {"sent_at": "2026-09-06 08:00", "delivered_at": "2026-09-06 10:00"}
    result = audited([*wrote("2026-09-05 09:00"), late], account=account).result
    assert (result.low, result.expected, result.high) == (Decimal(0), Decimal(0), Decimal("0.01"))


def test_that_metas_agent_is_not_part_of_the_audit() -> None:
    result = audited(sent("", 3, origin="agent")).result
    assert (result.cells, result.expected) == ((), Decimal(0))


def test_that_nothing_in_and_nothing_billed_is_nothing() -> None:
    result = audited([]).result
    assert (result.differences, result.expected, result.billed, result.cells) == ((), Decimal(0), Decimal(0), ())
    billed = audited([], [line("1.00")]).result
    assert [one.status for one in billed.differences] == [Status.UNEXPECTED]


def test_that_an_account_that_is_not_in_the_log_changes_nothing() -> None:
    one, both = audited(ROWS), audited(ROWS, account=replace(ACCOUNT, wabas=(WABA, SECOND_WABA)))
    assert one.result.expected == both.result.expected


def test_that_the_document_date_is_the_first_there_is() -> None:
    lines = tuple(line("1", document_date=day) for day in (None, date(2026, 11, 3), date(2026, 11, 1)))
    assert Invoice(lines).date == date(2026, 11, 1)
    assert Invoice(lines[:1]).date is None


def test_that_charging_twice_gives_the_same() -> None:
    case = Case(*nasty_case(5))
    assert case.rows() == case.rows()


def test_that_work_can_be_stopped() -> None:
    from auditor.core.charging import charge

    def stop(step: str, done: int, total: int) -> None:
        raise Cancelled

    case = Case(*nasty_case(5))
    with pytest.raises(Cancelled):
        charge(case.log, case.terms, "", stop)


def test_that_a_receipt_s_total_is_the_one_line_it_bills() -> None:
    place = Place("receipt.pdf", row=3)
    made = total_as_line(ControlTotal("total", Decimal("12.50"), "USD", place, "Total paid"))
    assert (made.amount, made.currency, made.source, made.description) == (
        Decimal("12.50"), "USD", place, "Total paid",
    )  # fmt: skip


def test_that_charging_again_gives_what_stands_behind_an_answer_or_nothing_where_it_is_another() -> None:
    whole = audited(sent("marketing", 10), [line("1.00", "10")])
    terms = Terms(ACCOUNT, regimes(), market_table(), Tariff([card_of(PRICES, "contract")]))
    again = charged_again(whole.whole, terms, whole.result)
    assert again is not None
    assert again.result.cells == whole.result.cells
    dearer = Tariff([card_of([priced("*", "marketing", "0.11")], "contract")])
    assert charged_again(whole.whole, replace(terms, tariff=dearer), whole.result) is None


def test_that_each_charge_says_what_its_kind_says() -> None:
    # Two of one kind and three of another: what is asked of a charge is asked of its kind.
    rows = [*sent("marketing", 2), *sent("utility", 3)]
    charges = audited(rows, []).charged.charges
    for name in ("market", "country", "category", "pricing_type", "day", "month", "tier_from", "rate"):
        of_kinds = getattr(charges.kinds, name)
        assert getattr(charges, name).tolist() == [of_kinds[kind] for kind in charges.kind.tolist()]
    assert sorted(charges.category.tolist()) == sorted([int(Category.MARKETING)] * 2 + [int(Category.UTILITY)] * 3)


def test_that_what_a_log_with_fewer_events_charges_on_a_day_without_an_exchange_rate_is_lost_too() -> None:
    # 2 x 0.10 on 5 October, and 3 x 0.10 on the 20th at 3.75: 1.125. A rate serves its day and the seven after it.
    account = replace(ACCOUNT, currency="PEN")
    terms = Terms(account, regimes(), market_table(), Tariff([card_of(PRICES, "contract")]), ("number",))
    rows = [*sent("marketing", 2), *sent("marketing", 3, at="2026-10-20 10:00")]
    rates = [FxRate(date(2026, 10, 19), "USD", "PEN", Decimal("3.75"))]
    replay = replay_of(terms, Exchange(account.fx, rates), Invoice())
    assert replay(messages_of(rows, account), 0, 1) == Decimal("1.125")


def test_that_lines_of_several_invoices_are_refused_beyond_what_can_be_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [line("0.30", "3", category="marketing"), line("0.20", "1", category="utility")]
    monkeypatch.setattr("auditor.core.audit.MOST_APART", 1)
    with pytest.raises(AuditorError) as refused:
        audited(ROWS, lines)
    assert (refused.value.code, refused.value.values) == ("lines_too_many", {"rows": "2", "lines": "1"})
