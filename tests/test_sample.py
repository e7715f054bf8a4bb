"""The sample's invoice holds planted errors: each is found at its line, and nothing else is (formats.md §8, demo)."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.money import ZERO
from auditor.core.results import Difference
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.sample import SampleFiles
from auditor.sample import write_sample
from auditor.verbs import Audit
from auditor.verbs import read_account_file

CAUSES = {
    "month_cut", "rate_card", "free_allowance", "quantity", "rate", "duplicate_line", "missing_line", "unexpected_line",
    "unexplained",
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def result(files: SampleFiles) -> Iterator[Reconciliation]:
    audit = Audit.create(None, *read_account_file(files.account))
    audit.add_files([files.messages, files.invoice])
    yield audit.recompute()
    audit.close()


def found(line: Difference) -> set[str]:
    causes = {cause.cause for cause in line.causes if cause.proof == "found"}
    return causes | ({"unexplained"} if line.unexplained else set())


def test_that_every_planted_error_is_found_at_its_line_and_nothing_else(
    files: SampleFiles, result: Reconciliation
) -> None:
    at = {(line.market, line.category): found(line) for line in result.differences if found(line)}
    assert at == {place: {cause} for place, cause in files.planted.items()}


def test_that_the_lines_without_an_error_match_to_the_cent(files: SampleFiles, result: Reconciliation) -> None:
    plain = [line for line in result.differences if (line.market, line.category) not in files.planted]
    assert len(plain) > 3
    assert {line.status for line in plain} == {Status.MATCHED}


def test_that_the_sample_shows_every_kind_of_cause_there_is_to_show(files: SampleFiles) -> None:
    assert set(files.planted.values()) <= CAUSES
    assert {"month_cut", "rate_card", "duplicate_line", "missing_line", "unexplained"} <= set(files.planted.values())


def test_that_the_bridge_of_the_sample_adds_up(result: Reconciliation) -> None:
    assert sum((step.amount for step in result.bridge), ZERO) == result.difference
    assert result.unexplained == Decimal("0.46")  # 23 x 0.02: billed, and nobody knows why
    assert result.difference == result.billed - result.expected


def test_that_the_invoice_ties_to_the_totals_it_states(result: Reconciliation) -> None:
    lines = sum(result.by_layer.values(), ZERO)
    assert lines in {control.amount for control in result.control_totals}


def test_that_the_sample_is_always_the_same(files: SampleFiles, tmp_path: Path) -> None:
    again = write_sample(tmp_path)
    assert again.planted == files.planted
    for one, other in (
        (files.account, again.account),
        (files.messages, again.messages),
        (files.invoice, again.invoice),
    ):
        assert one.read_bytes() == other.read_bytes()


def test_that_the_sample_speaks_the_language_asked_for(tmp_path: Path) -> None:
    files = write_sample(tmp_path, "en")
    assert read_account_file(files.account)[0].language == "en"
