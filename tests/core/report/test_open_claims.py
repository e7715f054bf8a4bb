"""The claims that are open (S): by the day they are due, what is left of them, and how far off their day is."""

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

from auditor.core.report.workpaper import Report
from auditor.core.report.workpaper import build_report
from tests.core.report.test_claim import Earlier
from tests.core.report.test_workpaper import placed
from tests.core.report.test_workpaper import sheet
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result

# 03:00 UTC on 1 December 2026 is 22:00 on 30 November in Lima, where the sample's account is.
_EVENING = datetime(2026, 12, 1, 3, tzinfo=UTC)


def _made(*claims: Earlier, language: str = "en") -> Report:
    result = sample_result()
    context = sample_context(language, result, 3, claims=claims)
    return build_report(result, replace(context, made_at=_EVENING))


def test_that_the_most_pressing_claim_comes_first_and_days_are_counted_by_the_accounts_clock() -> None:
    made = _made(
        Earlier(),
        Earlier(due=date(2026, 12, 10), amount=Decimal(5), settled=Decimal(0), open=Decimal(5), note="asked twice"),
        Earlier(due=date(2026, 11, 29)),
    )
    rows = [[entry.value for entry in row] for row in placed(made, "S").rows]
    assert [row[0] for row in rows] == ["September 2026"] * 3
    assert [row[2:5] for row in rows] == [
        [Decimal("9.00"), Decimal("2.00"), Decimal("7.00")],
        [Decimal(5), Decimal(0), Decimal(5)],
        [Decimal("9.00"), Decimal("2.00"), Decimal("7.00")],
    ]
    assert [row[6:8] for row in rows] == [[date(2026, 11, 29), -1], [date(2026, 12, 10), 10], [None, None]]
    assert [row[8] for row in rows] == ["", "asked twice", ""]
    assert dict(sheet(made, "S").remarks)["Conclusion"] == "Claims open: 3; their day has passed: 1."


def test_that_what_is_open_is_a_formula_and_claims_of_one_currency_are_added_up() -> None:
    made = _made(Earlier(), Earlier(amount=Decimal(5), settled=Decimal(1), open=Decimal(4)))
    table = placed(made, "S")
    first = table.first + 1  # as a spreadsheet counts
    assert [row[4].formula for row in table.rows] == [f"=C{first}-D{first}", f"=C{first + 1}-D{first + 1}"]
    sums = [sheet(made, "S").cells[table.top - 1, column].value for column in (2, 3, 4)]
    assert sums == [Decimal("14.00"), Decimal("3.00"), Decimal("11.00")]


def test_that_claims_of_two_currencies_are_not_added_up_and_their_formulas_still_name_their_own_rows() -> None:
    made = _made(Earlier(), Earlier(currency="EUR"))
    table = placed(made, "S")
    first = table.first + 1
    assert {row[4].formula for row in table.rows} == {f"=C{row}-D{row}" for row in (first, first + 1)}
    assert (table.top - 1, 2) not in sheet(made, "S").cells


def test_that_no_claim_is_said() -> None:
    assert dict(sheet(_made(), "S").remarks)["Conclusion"] == "No claim is open."
    spanish = _made(Earlier(due=date(2026, 11, 30)), language="es")
    assert dict(sheet(spanish, "S").remarks)["Conclusión"] == "Reclamos abiertos: 1; ya vencidos: 0."
