"""What the workpaper's sheets hold beyond what the sample shows: hours, seals, very many lines, other bridges."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

import pytest

from auditor.core.problems import Place
from auditor.core.records import InvoiceLine
from auditor.core.records import Tolerance
from auditor.core.report import sums as report_sums
from auditor.core.report.cells import DefinedName
from auditor.core.report.cells import Entry
from auditor.core.report.cells import LongTable
from auditor.core.report.cells import at
from auditor.core.report.charges import evidence_table
from auditor.core.report.chart_words import ChartWords
from auditor.core.report.facts import TO_REVIEW
from auditor.core.report.facts import Facts
from auditor.core.report.facts import catalogue_key
from auditor.core.report.facts import period_of
from auditor.core.report.findings import bridge_title
from auditor.core.report.findings import counters_of
from auditor.core.report.findings import day_marks
from auditor.core.report.findings import hour_map
from auditor.core.report.findings import no_difference
from auditor.core.report.findings import pareto_of
from auditor.core.report.findings import sides_title
from auditor.core.report.findings import use_title
from auditor.core.report.given import Locked
from auditor.core.report.given import Signed
from auditor.core.report.workpaper import Report
from auditor.core.report.workpaper import build_report
from auditor.core.results import BridgeStep
from auditor.core.results import CauseAmount
from auditor.core.results import Fixed
from auditor.core.results import HourUse
from auditor.core.results import LogGap
from auditor.core.results import Reconciliation
from auditor.core.results import Sealed
from auditor.core.results import Status
from auditor.core.results import Support
from auditor.language import Language
from tests.core.report.test_workpaper import column
from tests.core.report.test_workpaper import entries
from tests.core.report.test_workpaper import named
from tests.core.report.test_workpaper import placed
from tests.core.report.test_workpaper import sheet
from tests.writers.sample_result import INVOICE
from tests.writers.sample_result import evidence
from tests.writers.sample_result import office_hours
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result


def made_of(result: Reconciliation, **changes: object) -> Report:
    """Build the report of a result in English."""
    return build_report(result, replace(sample_context("en", result), **changes))  # type: ignore[arg-type]


def texts(made: Report, code: str) -> list[str]:
    """Give every text of a sheet."""
    return [entry.value for entry in entries(sheet(made, code)) if isinstance(entry.value, str)]


def words(result: Reconciliation) -> ChartWords:
    """Give the words of the charts in English."""
    return ChartWords(result, Language("en").text)


# Hours (O) -----------------------------------------------------------------------------------------------------------


def test_that_hours_are_counted_and_a_silent_hour_of_a_busy_one_is_a_hole() -> None:
    # Ten an hour from 8 to 20 on 31 days, twelve hours a day: 31 x 12 x 10 = 3,720, less ten on the 18th at 14.
    result = office_hours(d18h14=0)
    found = hour_map(words(result))
    assert found is not None
    assert found.holes == ((14, 17),)
    assert int(found.messages.sum()) == 3_710
    assert int(found.differing.sum()) == 31 * 5
    made = made_of(result)
    totals = [entry.value for entry in sheet(made, "O").cells.values() if entry.formula]
    assert totals.count(3_710) == 1
    assert totals.count(155) == 2  # the column of nine o'clock, and all
    assert "✕" in texts(made, "O")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({(date(2026, 10, day), 0): HourUse(10, 0) for day in range(1, 32)}, "100%"),
        ({(date(2026, 10, 1), 9): HourUse(0, 0)}, "No message"),
    ],
)
def test_that_the_title_tells_a_stripe_at_midnight_and_an_empty_log(
    hours: dict[tuple[date, int], HourUse], said: str
) -> None:
    found = hour_map(words(replace(sample_result(), hours=hours)))
    assert found is not None
    assert said in found.title


def test_that_hours_without_a_hole_are_titled_by_the_busiest() -> None:
    # 31 days of twelve hours of ten, and 20 more at nine of one day: 330 of 3,740 at nine, 8.8 %.
    found = hour_map(words(office_hours(d18h9=30)))
    assert found is not None
    assert found.holes == ()
    assert found.title == "Every hour that usually has messages has some; the busiest is 09:00 with 9% of them"


def test_that_the_picture_of_a_thread_stands_below_the_hours_where_there_is_one() -> None:
    say = Language("en").text
    with_it, without = made_of(office_hours(), pictures={"thread": b"png"}), made_of(office_hours())
    ((name, row),) = sheet(with_it, "O").pictures
    assert name == "thread"
    titles = {entry.value: place for (place, _), entry in sheet(with_it, "O").cells.items()}
    assert titles[say("charts.name.thread")] == row - 1
    assert titles[say("workbook.o.thread")] > row
    assert sheet(without, "O").pictures == ()
    assert say("workbook.o.thread") not in texts(without, "O")


# Titles --------------------------------------------------------------------------------------------------------------


def test_that_sides_that_agree_are_said_to_be_even() -> None:
    result = sample_result()
    even = replace(result, differences=tuple(replace(line, billed=line.expected) for line in result.differences))
    speech = words(even)
    assert sides_title(speech, "category") == speech.text("sides.even")
    assert sides_title(words(result), "category") != speech.text("sides.even")


def test_that_an_accrual_is_not_said_to_agree_with_an_invoice_that_is_not_there() -> None:
    result = sample_result()
    speech = words(replace(result, invoice_lines=(), billed=Decimal(0), difference=Decimal(0)))
    told = f"{speech.money(result.expected)} is expected; there is no invoice to compare it with yet"
    assert bridge_title(speech) == told
    assert sides_title(speech, "market") == told
    assert no_difference(speech) == "There is no invoice to compare with yet"
    assert no_difference(words(result)) == "No line differs"


def test_that_an_invoice_without_a_log_is_not_said_to_be_what_was_expected() -> None:
    result = sample_result()
    speech = words(replace(result, has_log=False, expected=Decimal(0), difference=Decimal(0), unexplained=Decimal(0)))
    told = "US$ 1,723.77 is invoiced; there is no message log to tell what was due"
    assert bridge_title(speech) == sides_title(speech, "category") == told
    assert no_difference(speech) == "There is no message log to compare with yet"


def test_that_limits_that_none_has_passed_are_titled_by_the_one_used_most() -> None:
    # 312 of 1,000 by one number, 50 of 1,000 by another; the sample's own first number has passed its 1,000.
    result = sample_result()
    passed, within = result.allowances[:2]
    less = replace(within, owner="other", used=50)
    speech = words(replace(result, allowances=(less, within)))
    told = use_title(speech, counters_of(speech))
    assert told.startswith("Limits passed: 0 of 2;")
    assert told.endswith("used 31%")
    speech = words(replace(result, allowances=(passed, within)))
    assert use_title(speech, counters_of(speech)).startswith("Limits passed: 1 of 2")


def test_that_lost_events_are_added_up_under_the_health_of_the_log() -> None:
    # 0.50 + 0.25 below, 6.25 + 1.75 above.
    result = sample_result()
    gap = LogGap("block", "1", 0, 1, 9, 0, Decimal("0.50"), Decimal("6.25"))
    gaps = (gap, replace(gap, below=Decimal("0.25"), above=Decimal("1.75")))
    made = made_of(replace(result, health=replace(result.health, gaps=gaps)))
    assert "widen the range by up to US$ 0.75 below and US$ 8.00 above." in concluded(made, "K")
    assert "None of them widens the expected range." in concluded(made_of(result), "K")


def test_that_unexplained_parts_that_offset_each_other_are_said_with_both_sides() -> None:
    # The sample has 28.12 and 1.20 too much without a proven cause; without its own, so has Chile's 39.06 too little.
    result = sample_result()
    lines = tuple(replace(line, causes=()) if line.market == "Chile" else line for line in result.differences)
    said = "Unexplained parts offset each other in the total: US$ 29.32 too much and US$ 39.06 too little."
    made = made_of(replace(result, differences=lines))
    assert [code for code in "ABCDEFGHIJKLMNOR" if said in concluded(made, code)] == ["A", "E"]
    assert not any("offset each other" in concluded(made_of(result), code) for code in "AE")


def test_that_what_speaks_for_a_possible_cause_stands_beside_it() -> None:
    # It makes 3 of 4 lines fit, with 3/4 of the amounts, and none against it.
    result = sample_result()
    possible = CauseAmount("market", Decimal("-39.06"), "possible", support=Support(3, 4, Decimal("0.75"), 0))
    lines = tuple(replace(line, causes=(possible,)) if line.market == "Chile" else line for line in result.differences)
    (said,) = {text for text in texts(made_of(replace(result, differences=lines)), "F") if "come right: 3 of 4" in text}
    assert said.endswith("with 75\u00a0% of the amounts that differ. No line that it changes speaks against it.")
    assert said.startswith("Market -US$ 39.06. ")


def test_that_a_card_that_begins_within_the_period_is_marked_on_its_day() -> None:
    result = sample_result()
    later = replace(result.rates[0], first=date(2026, 10, 15))
    speech = words(replace(result, rates=(later, *result.rates[1:])))
    assert (date(2026, 10, 15), speech.text("days.card")) in day_marks(speech)
    assert not day_marks(words(result))
    # On sheet E the day's column then has the label, over its total.
    made = made_of(replace(result, rates=(later, *result.rates[1:])))
    (days,) = [chart for chart in sheet(made, "E").charts if chart.kind == "stacked"]
    assert [text for text in days.texts if text] == [speech.text("days.card")]
    (bare,) = [chart for chart in sheet(made_of(result), "E").charts if chart.kind == "stacked"]
    assert not any(bare.texts)


def test_that_volumes_priced_without_their_tiers_are_named_under_the_rates() -> None:
    made = made_of(replace(sample_result(), tiers_not_on_file={"Mexico / utility": 1_500}))
    conclusion = dict(sheet(made, "J").remarks)["Conclusion"]
    assert "Mexico, utility: 1,500" in conclusion.replace("Utility", "utility")


def test_that_what_is_summed_on_the_bridge_leads_to_the_totals_of_the_lead_schedule() -> None:
    # The totals are rounded once from the exact sum, the lines each by itself: a cent may lie between them.
    result = sample_result()
    cent = Decimal("0.01")
    made = made_of(replace(result, expected=result.expected + cent, difference=result.difference - cent))
    cells = sheet(made, "E").cells
    heads = {entry.value: row for (row, at_column), entry in cells.items() if at_column == 0}
    days = Decimal(str(cells[heads["Sum of the days, not rounded"], _column_of_days(cells)].value))
    lines = sum((line.expected for line in result.differences), Decimal(0))
    led = [
        row
        for (row, at_column), entry in cells.items()
        if not at_column and entry.value == "Total of the lead schedule (C)"
    ]
    assert len(led) == 3  # by category, by market, by day
    for row in led[:2]:
        assert cells[row, 2].value == result.expected + cent
        assert cells[row - 1, 2].value == result.expected + cent - lines
        assert cells[row, 3].value == result.difference - cent
    day_column = _column_of_days(cells)
    assert cells[led[2], day_column].value == result.expected + cent
    assert cells[led[2] - 1, day_column].value == result.expected + cent - days


def _column_of_days(cells: Mapping[tuple[int, int], Entry]) -> int:
    """Give the column of sheet E that holds each day in all."""
    return next(at_column for (_, at_column), entry in cells.items() if entry.value == "Day in all")


def concluded(made: Report, code: str) -> str:
    """Give the conclusion of a sheet."""
    return dict(sheet(made, code).remarks)["Conclusion"]


def test_that_conclusions_do_not_speak_of_differences_where_there_are_none() -> None:
    result = sample_result()
    agreed = tuple(
        replace(line, billed=line.expected, difference=Decimal(0), causes=(), status=Status.MATCHED)
        for line in result.differences
    )
    nothing = {"difference": Decimal(0), "unexplained": Decimal(0), "bridge": (BridgeStep("unexplained", Decimal(0)),)}
    made = made_of(replace(result, differences=agreed, billed=result.expected, **nothing))  # type: ignore[arg-type]
    assert concluded(made, "A").endswith("the same as expected, and no line needs review.")
    assert concluded(made, "E") == "What is invoiced is what is expected: there is no difference to explain."
    none = f"Lines that need review: none of {len(agreed)}"
    assert concluded(made, "C").startswith(none)
    assert concluded(made, "F") == none + "."


@pytest.mark.parametrize(
    ("steps", "unexplained", "said"),
    [
        ({"tier": 3, "unexplained": 0}, 0, "The causes account for all of the difference of US$ 3.00."),
        ({"tier": 3, "unexplained": 1}, 1, "The causes account for the difference of US$ 4.00, but for US$ 1.00"),
        ({"rounding": "0.01", "unexplained": 1}, 1, "No proven cause accounts for the difference of US$ 1.01"),
    ],
)
def test_that_the_bridge_concludes_how_far_causes_reach(steps: dict[str, int], unexplained: int, said: str) -> None:
    bridge = tuple(BridgeStep(cause, Decimal(amount)) for cause, amount in steps.items())
    difference = sum((step.amount for step in bridge), Decimal(0))
    made = made_of(replace(sample_result(), bridge=bridge, difference=difference, unexplained=Decimal(unexplained)))
    assert concluded(made, "E").startswith(said)


def test_that_some_lines_are_not_said_to_make_all_of_the_differences() -> None:
    # 399 of 400 is 99.75 %, which is 100 % in whole ones: but there is another line.
    result = sample_result()
    amounts = [Decimal(399), Decimal(1)] + [Decimal(0)] * (len(result.differences) - 2)
    lines = tuple(replace(line, difference=amount) for line, amount in zip(result.differences, amounts, strict=True))
    found = pareto_of(words(replace(result, differences=lines)))
    assert found is not None
    assert "1 of" in found.title
    assert " 99% " in found.title


# Bridges without an invoice, and without a log -----------------------------------------------------------------------


def test_that_an_accrual_is_one_missing_line_for_each_that_is_expected() -> None:
    # Nothing is invoiced yet: the whole of what is expected is missing, and the bridge says so.
    result = sample_result()
    bare = replace(
        result,
        differences=tuple(replace(line, lines=(), billed=Decimal(0), causes=()) for line in result.differences),
        bridge=(), billed=Decimal(0), invoice_lines=(), control_totals=(),
    )  # fmt: skip
    made = made_of(bare)
    assert named(made, "total_difference").value == -result.expected
    lines = sum(line.expected for line in result.differences)
    assert named(made, "total_cause_" + catalogue_key(Language("en").text("domain.cause.missing_line"))).value == -lines
    assert named(made, "bridge_residual").value == 0


def test_that_an_invoice_without_a_log_stays_unexplained_to_the_last_cent() -> None:
    result = sample_result()
    unheld = replace(
        result, has_log=False, bridge=(), expected=Decimal(0), cells=(), hours={},
        differences=tuple(
            replace(line, expected=Decimal(0), expected_exact=Decimal(0), expected_quantity=0, causes=(), cells=())
            for line in result.differences
        ),
    )  # fmt: skip
    made = made_of(unheld)
    assert named(made, "total_unexplained").value == sum(line.billed for line in result.differences)
    assert named(made, "total_expected").value == 0


# Invoice lines (L) ---------------------------------------------------------------------------------------------------


def lined(count: int) -> Reconciliation:
    """Give the sample with the first line's amount in so many lines of a hundredth each, alike but for their rows."""
    result = sample_result()
    first = result.invoice_lines[0]
    small = tuple(
        replace(first, amount=Decimal("0.07"), quantity=Decimal(1), unit_rate=Decimal("0.07"),
                source=Place(INVOICE, "Detalle", 200 + n))
        for n in range(count)
    )  # fmt: skip
    whole = result.differences[0]
    last = len(result.invoice_lines)
    changed = replace(whole, lines=(*whole.lines, *range(last, last + count)))
    return replace(
        result, invoice_lines=(*result.invoice_lines, *small), differences=(changed, *result.differences[1:]),
    )  # fmt: skip


def amounts(made: Report) -> Iterator[Decimal]:
    """Give the amounts of the invoice lines as they stand in L."""
    table = sheet(made, "L").tables[-1]
    place = [one.head for one in table.columns].index("Amount")
    for row in placed(made, "L", len(sheet(made, "L").tables) - 1).rows:
        value = row[place].value
        assert isinstance(value, Decimal)
        yield value


def test_that_lines_that_are_alike_stand_together_where_there_are_too_many() -> None:
    result = lined(40)
    apart, together = made_of(result), made_of(result, lines_limit=20)
    whole = sum((line.amount for line in result.invoice_lines), Decimal(0))
    assert sum(amounts(apart), Decimal(0)) == sum(amounts(together), Decimal(0)) == whole
    assert len(list(amounts(apart))) == len(result.invoice_lines)
    assert Decimal("2.80") in list(amounts(together))  # 40 x 0.07
    assert any("rows 200 to 239: 40 lines" in text for text in texts(together, "L"))


def test_that_formulas_over_very_many_rows_name_only_those_of_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    # Then the lines stand by the difference they went into, and a formula looks among these only.
    by_name = made_of(lined(5))
    monkeypatch.setattr(report_sums, "_MOST_LOOKED_AT", 10)
    made = made_of(lined(5))
    for code, start in (("F", "SUMIFS('Expected charges'!$"), ("C", "COUNTIFS('Differences'!$")):
        assert any(start in (entry.formula or "") for entry in entries(sheet(made, code)))
        assert not any(start in (entry.formula or "") for entry in entries(sheet(by_name, code)))
    assert named(made, "tie_out_ok").value == named(by_name, "tie_out_ok").value
    # The differences then stand by their row of the lead schedule.
    assert sorted(column(made, "F", "Invoiced")) == sorted(column(by_name, "F", "Invoiced"))


# Cover (A) -----------------------------------------------------------------------------------------------------------

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("holds", [True, False])
def test_that_the_cover_says_what_was_fixed_beforehand_and_whether_it_holds(holds: bool) -> None:
    sealed = Sealed(AT, "Rosa Quispe", Decimal("1704.95"), Decimal("1704.95"), Decimal("1708.05"), "USD", holds)
    invoice_at = AT if not holds else None
    made = made_of(sample_result(), fixed=Fixed(AT, invoice_at, sealed, in_time=holds))
    say = Language("en").text
    said = texts(made, "A")
    assert say("workbook.a.seal_holds" if holds else "workbook.a.seal_broken") in said
    assert say("workbook.a.no_invoice_yet" if holds else "workbook.a.too_late") in said
    assert Decimal("1704.95") in [entry.value for entry in sheet(made, "A").cells.values()]


def test_that_a_sign_off_under_which_something_moved_has_fallen_and_a_lock_is_named() -> None:
    signed = [Signed("preparer", "Rosa Quispe", AT, "All lines", 0), Signed("reviewer", "Luis Vega", AT, "Lead", 2)]
    made = made_of(sample_result(), sign_offs=signed, locked=Locked("Luis Vega", AT, "Closed for filing"))
    say = Language("en").text
    said = texts(made, "A")
    assert {say("workbook.a.stands"), say("workbook.a.fallen", count=2), say("workbook.a.locked")} <= set(said)
    assert {"All lines", "Lead", "Closed for filing"} <= set(said)


def test_that_every_sheet_names_who_signed_where_the_account_names_nobody_and_what_fell_names_nobody() -> None:
    result = sample_result()
    bare = replace(result, account=replace(result.account, preparer="", reviewer=""))
    signed = [Signed("preparer", "Rosa Quispe", AT, "", 0), Signed("reviewer", "Luis Vega", AT, "", 0)]
    for sign_offs, said in (
        ((), ("not stated", "not stated")),
        (signed, ("Rosa Quispe", "Luis Vega")),
        ([signed[0], replace(signed[1], changes=2)], ("Rosa Quispe", "not stated")),
    ):
        heads = {one.heading[1] for one in made_of(bare, sign_offs=sign_offs).sheets}
        (head,) = heads
        assert " ".join(head.split()).startswith(f"Prepared by: {said[0]} · Reviewed by: {said[1]} · "), head


def test_that_an_account_stated_without_its_numbers_is_not_said_to_have_none() -> None:
    result = sample_result()
    wabas = tuple(replace(waba, numbers=()) for waba in result.account.wabas)
    said = texts(made_of(replace(result, account=replace(result.account, wabas=wabas))), "A")
    assert not [one for one in said if "business numbers" in one]


def test_that_tolerances_of_single_categories_stand_on_the_cover_and_their_lines_refer_to_them() -> None:
    result = sample_result()
    # 164.00 are expected of the utility messages to Peru: 1 % is 1.64, and more than the 0.10 stated beside it.
    narrower = Tolerance(Decimal("0.10"), Decimal(1), "utility", "Peru")
    account = replace(result.account, tolerances=(narrower,))
    lines = [
        replace(line, tolerance=Decimal("1.64")) if (line.market, line.category) == ("Peru", "utility") else line
        for line in result.differences
    ]
    made = made_of(replace(result, account=account, differences=tuple(lines)))
    assert "Tolerance of a line, Peru · Utility: amount, %" in texts(made, "A")
    assert named(made, "tolerance_amount_1").value == Decimal("0.10")
    assert named(made, "tolerance_percent_1").value == Decimal("0.01")
    table = placed(made, "F")
    heads = [one.head for one in table.columns]
    stated = {}
    for number, row in enumerate(table.rows, table.first):
        own = row[heads.index("Tolerance")].formula.replace(at(number, heads.index("Expected")), "expected")
        stated[row[heads.index("Market")].value, row[heads.index("Category")].value] = own
    assert stated["Peru", "Utility"] == "=MAX(tolerance_amount_1,tolerance_percent_1*ABS(expected))"
    assert stated["Peru", "Service"] == "=MAX(tolerance_amount,tolerance_percent*ABS(expected))"


def test_that_a_line_of_the_invoice_may_state_nothing_but_its_amount() -> None:
    result = sample_result()
    bare = InvoiceLine(Decimal("1.00"), "USD", Place(INVOICE, "Detalle", 300), description="Cargo")
    made = made_of(replace(result, invoice_lines=(*result.invoice_lines, bare)))
    assert list(amounts(made))[-1] == Decimal("1.00")


# Small words ---------------------------------------------------------------------------------------------------------


def test_that_a_market_that_is_not_metas_keeps_its_name_and_a_day_is_written_as_here() -> None:
    speech = words(sample_result())
    assert speech.market("Atlantis") == "Atlantis"
    assert speech.market("") == speech.text("not_broken_down")
    assert speech.day(date(2026, 10, 3)) == "03 Oct 2026"
    assert speech.short_day(date(2026, 10, 3)) == "03 Oct"
    assert speech.period == "October 2026"
    facts = Facts(sample_result(), sample_context("en"))
    assert (facts.market("Atlantis"), facts.market("Brazil"), facts.market("")) == ("Atlantis", "Brazil", "")


def test_that_a_period_that_is_no_month_is_named_by_its_days() -> None:
    account = sample_result().account
    say = Language("en").text
    assert "October 2026" in period_of(account, say)
    half = period_of(replace(account, last=date(2026, 10, 15)), say)
    assert "01 Oct 2026" in half
    assert "15 Oct 2026" in half


def test_that_an_area_is_named_by_its_corners_and_a_cell_by_itself() -> None:
    assert DefinedName("one", "Tie-out", (0, 0, 0, 0)).reference == "'Tie-out'!$A$1"
    assert DefinedName("some", "Tie-out", (1, 2, 9, 27)).reference == "'Tie-out'!$C$2:$AB$10"


def test_that_a_long_table_begins_below_its_head_and_ends_with_its_last_row() -> None:
    table = LongTable("T", 4, (), 3, lambda: iter([]))
    assert (table.first, table.last) == (5, 7)


def test_that_all_evidence_is_told_masked_and_line_by_line() -> None:
    result = sample_result()
    context = sample_context("en", result)
    shown = replace(context, evidence={line.key: evidence(3) for line in result.differences})
    heads, rows = evidence_table(Facts(result, shown))
    listed = list(rows)
    assert {len(row) for row in listed} == {len(heads)}
    differing = [n for n, line in enumerate(result.differences, 1) if line.status in TO_REVIEW]
    assert [int(row[0]) for row in listed] == [n for n in differing for _ in range(3)]
    users = {one.user for one in evidence(3)}
    assert not any(user in cell for row in listed for cell in row for user in users)


def test_that_the_times_of_all_evidence_are_local_as_their_heads_say() -> None:
    """01:01 and 02:02 UTC are 20:01 and 21:02 of the day before in Lima; the window stays open for 24 hours."""
    result = sample_result()
    context = sample_context("en", result)
    _, second, third = evidence(3)
    odd = replace(third, billed_at=third.billed_at + 500_000)
    shown = replace(context, evidence={line.key: [second, odd] for line in result.differences})
    heads, rows = evidence_table(Facts(result, shown))
    first, last = list(rows)[:2]
    local = [place for place, head in enumerate(heads) if head.endswith("(local time)")]
    assert [first[place] for place in local] == [
        "2026-10-01T20:01:00-05:00", "", "2026-10-01T20:00:00-05:00", "2026-10-02T20:00:00-05:00",
    ]  # fmt: skip
    assert [last[place] for place in local] == ["2026-10-02T21:02:00.500000-05:00", "", "", ""]


def test_that_the_cover_names_the_rate_cards_that_were_used_and_without_any_those_of_the_account() -> None:
    result = sample_result()
    own = replace(result, rates=tuple(replace(rate, card="contract.csv") for rate in result.rates))
    for given, said in ((own, "contract.csv"), (replace(result, rates=()), "Meta")):
        cells = sheet(made_of(given), "A").cells
        row = next(row for (row, _), entry in cells.items() if entry.value == "Rate cards")
        assert cells[row, 1].value == said
