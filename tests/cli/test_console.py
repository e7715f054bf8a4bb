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
