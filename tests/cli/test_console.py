"""What the command line says of an answer beside its figures."""

from dataclasses import replace
from decimal import Decimal

import pytest

from auditor.cli.console import report
from auditor.core.results import CauseAmount
from auditor.core.results import Fixed
from tests.writers.sample_result import sample_result


def test_that_what_gaps_of_the_log_may_account_for_is_said_in_one_sum(capsys: pytest.CaptureFixture[str]) -> None:
    def with_gap(amount: str, first: str, last: str) -> CauseAmount:
        return CauseAmount("log_gap", Decimal(amount), "possible", {"first": first, "last": last})

    result = sample_result()
    result = replace(result, account=replace(result.account, language="en"))
    gaps = (with_gap("0.93", "2026-10-14", "2026-10-15"), with_gap("0.45", "2026-10-12", "2026-10-14"))
    bare = [replace(line, causes=()) for line in result.differences]
    lines = [replace(line, causes=(gap,)) for line, gap in zip(bare, gaps, strict=False)]
    report(replace(result, differences=(*lines, *bare[len(gaps) :])), (), Fixed())
    said = [line for line in capsys.readouterr().out.splitlines() if "Possible" in line]
    # 0.93 + 0.45 = 1.38
    assert len(said) == 1
    assert said[0].strip().startswith("Possible: Gap in the log US$ 1.38. ")
    assert said[0].endswith("The range of the days from 12 Oct 2026 to 15 Oct 2026 reaches that far.")
    report(replace(result, differences=tuple(bare)), (), Fixed())
    assert "Possible" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "Billed 78, in the log 57. Either the log lacks messages, or the supplier counted others."),
        (
            ("1065", "1066"),
            "in the log 57, which has nothing of the number 1065, 1066: get its messages before you dispute.",
        ),
    ],
)
def test_that_what_is_billed_beyond_the_log_at_the_price_due_is_said_in_one_sum(
    numbers: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = sample_result()
    result = replace(result, account=replace(result.account, language="en"))
    # 16 for 12 and 62 for 45: 78 for 57, and 0.40 + 0.51.
    figures = (("16", "12", "0.40"), ("62", "45", "0.51"))
    kinds = [{"kind": "unlogged", "numbers": one} for one in numbers] or [{"kind": "units"}] * 2
    beyond = [
        CauseAmount("quantity", Decimal(amount), "possible", {**kind, "billed": billed, "expected": expected})
        for kind, (billed, expected, amount) in zip(kinds, figures, strict=True)
    ]
    bare = [replace(line, causes=()) for line in result.differences]
    lines = [replace(line, causes=(one,)) for line, one in zip(bare, beyond, strict=False)]
    report(replace(result, differences=(*lines, *bare[len(beyond) :])), (), Fixed())
    said = [line.strip() for line in capsys.readouterr().out.splitlines() if "Possible" in line]
    assert len(said) == 1
    assert said[0].startswith("Possible: Quantity US$ 0.91. ")
    assert said[0].endswith(told)
