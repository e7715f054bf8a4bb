"""The claims that are open (S): by the day they are due, what is left of them, and how far off their day is."""

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

from auditor.core.report.workpaper import Report
from auditor.core.report.workpaper import build_report
from auditor.language import Language
from tests.core.report.test_claim import Earlier
from tests.core.report.test_workpaper import placed
from tests.core.report.test_workpaper import sheet
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result

# 03:00 UTC on 1 December 2026 is 22:00 on 30 November in Lima, where the sample's account is.
_EVENING = datetime(2026, 12, 1, 3, tzinfo=UTC)


def _made(*claims: Earlier, language: str = "en") -> Report:
    result = sample_result()
    context = sample_context(language, result, 3, claims=claims, decisions={})
    return build_report(result, replace(context, made_at=_EVENING))


def test_that_the_most_pressing_claim_comes_first_and_days_are_counted_by_the_accounts_clock() -> None:
    made = _made(
        Earlier(),
        Earlier(due=date(2026, 12, 10), amount=Decimal(5), settled=Decimal(0), open=Decimal(5), note="asked twice"),
        Earlier(due=date(2026, 11, 29)),
    )
    rows = [[entry.value for entry in row] for row in placed(made, "S").rows]
    assert [row[0] for row in rows] == ["September 2026"] * 3
    assert [row[4:7] for row in rows] == [
        [Decimal("9.00"), Decimal("2.00"), Decimal("7.00")],
        [Decimal(5), Decimal(0), Decimal(5)],
        [Decimal("9.00"), Decimal("2.00"), Decimal("7.00")],
    ]
    assert [row[8:10] for row in rows] == [[date(2026, 11, 29), -1], [date(2026, 12, 10), 10], [None, None]]
    assert [row[10] for row in rows] == ["", "asked twice", ""]
    assert dict(sheet(made, "S").remarks)["Conclusion"] == "Claims open: 3; their day has passed: 1."


def test_that_what_is_open_is_a_formula_and_claims_are_added_up() -> None:
    made = _made(Earlier(), Earlier(amount=Decimal(5), settled=Decimal(1), open=Decimal(4)))
    table = placed(made, "S")
    first = table.first + 1  # as a spreadsheet counts
    assert [row[6].formula for row in table.rows] == [f"=E{first}-F{first}", f"=E{first + 1}-F{first + 1}"]
    assert _sums(made) == [("USD", Decimal("14.00"), Decimal("3.00"), Decimal("11.00"))]


def test_that_claims_of_two_currencies_are_added_up_each_by_itself() -> None:
    made = _made(Earlier(), Earlier(currency="EUR"), Earlier(amount=Decimal(5), settled=Decimal(1), open=Decimal(4)))
    table = placed(made, "S")
    first = table.first + 1
    assert {row[6].formula for row in table.rows} == {f"=E{row}-F{row}" for row in range(first, first + 3)}
    assert _sums(made) == [
        ("EUR", Decimal("9.00"), Decimal("2.00"), Decimal("7.00")),
        ("USD", Decimal("14.00"), Decimal("3.00"), Decimal("11.00")),  # 9 + 5, 2 + 1, 7 + 4
    ]
    last, row = first + 2, table.top - 1  # the dollars stand right above the heads
    formula = f"=SUMIFS($G${first}:$G${last},$D${first}:$D${last},D{row + 1})"
    total = sheet(made, "S").cells[row, 6]
    assert (total.formula, total.currency) == (formula, "USD")


def _sums(made: Report) -> list[tuple[object, ...]]:
    """Give the rows of totals: currency, claimed, settled and open."""
    cells = sheet(made, "S").cells
    rows = [row for (row, column), entry in cells.items() if column == 0 and entry.value == "Total"]
    return [tuple(cells[row, column].value for column in range(3, 7)) for row in rows]


def _checked(made: Report, key: str) -> list[tuple[object, ...]]:
    """Give both figures of the checks of a kind, their currency, and whether they agree."""
    cells, said = sheet(made, "D").cells, Language("en").text(f"workbook.d.check.{key}")
    rows = [row for (row, column), entry in cells.items() if column == 1 and entry.value == said]
    return [(cells[row, 3].value, cells[row, 5].value, cells[row, 3].currency, cells[row, 8].value) for row in rows]


def test_that_the_tie_out_agrees_what_is_disputed_with_the_claims_of_this_audit_and_what_is_open_by_currency() -> None:
    # 12,650 x 0.0703 less 12,400 x 0.0703: 889.30 less 871.72.
    result = sample_result()
    context = sample_context("en", result, 3, claims=(Earlier(), Earlier(currency="EUR")))
    made = build_report(result, context)
    assert _checked(made, "claims_raised") == [(Decimal("17.58"), Decimal("17.58"), "USD", True)]
    assert _checked(made, "claims_open") == [
        (Decimal("7.00"), Decimal("7.00"), "EUR", True),
        (Decimal("24.58"), Decimal("24.58"), "USD", True),  # 17.58 raised here, and 9.00 less 2.00
    ]
    origins = [row[2].value for row in placed(made, "S").rows]
    assert origins == ["An earlier audit", "An earlier audit", "This audit"]
    lost = build_report(result, replace(context, claims=(Earlier(),)))
    assert _checked(lost, "claims_raised") == [(Decimal("17.58"), Decimal(0), "USD", False)]


def test_that_nothing_disputed_and_nothing_claimed_leaves_the_tie_out_without_those_checks() -> None:
    assert _checked(_made(), "claims_raised") + _checked(_made(), "claims_open") == []


def test_that_no_claim_is_said() -> None:
    assert dict(sheet(_made(), "S").remarks)["Conclusion"] == "No claim is open."
    spanish = _made(Earlier(due=date(2026, 11, 30)), language="es")
    assert dict(sheet(spanish, "S").remarks)["Conclusión"] == "Reclamos abiertos: 1; ya vencidos: 0."
