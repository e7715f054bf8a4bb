"""An audit opens with the answer that this machine has computed, as long as nothing that it hangs on is another."""

import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from auditor.core import audit as audit_module
from auditor.core.audit import Audited
from auditor.core.results import Reconciliation
from auditor.settings import Preferences
from auditor.verbs import Audit
from auditor.verbs import answering
from auditor.verbs import kept_answers
from auditor.verbs import read_account_file
from auditor.verbs.kept_answers import KeptAnswers
from auditor.verbs.outcome import outcome
from tests.audit_files import UTILITY
from tests.audit_files import Files


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Give the folder that answers are kept in."""
    return tmp_path / "answers"


@pytest.fixture
def closed(files: Files, tmp_path: Path, answers: Path) -> Path:
    """Give an audit file that was computed, its answer kept, and closed."""
    path = tmp_path / "case.audit"
    made = Audit.create(path, *read_account_file(files.account))
    made.add_files([files.log, files.invoice])
    made.recall(answers)
    made.close()
    return path


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list that grows by one with every answer that is computed."""
    found: list[str] = []
    real = audit_module.audit

    def counted(*args: Any, **named: Any) -> Audited:
        found.append("computed")
        return real(*args, **named)

    monkeypatch.setattr(answering, "audit", counted)
    return found


def recalled(path: Path, answers: Path, look: Callable[[Audit], object]) -> tuple[Reconciliation, object]:
    """Open an audit, take its answer up, look at something, and close it."""
    opened = Audit.open(path)
    try:
        result = opened.recall(answers)
        return result, look(opened)
    finally:
        opened.close()


def nothing(_audit: Audit) -> None:
    """Look at nothing."""


def test_that_a_kept_answer_is_the_computed_one_to_the_last_field(
    closed: Path, answers: Path, computed: list[str]
) -> None:
    kept, _ = recalled(closed, answers, nothing)
    assert not computed
    anew = Audit.open(closed)
    assert anew.recompute() == kept
    anew.close()
    assert kept.difference == Decimal("0.25")


def test_that_the_charges_behind_a_kept_answer_are_those_of_a_computed_one(
    closed: Path, answers: Path, computed: list[str]
) -> None:
    def behind(audit: Audit) -> object:
        rows = audit.evidence(UTILITY)
        return audit.evidence_count(UTILITY), rows, audit.thread(rows[0].phone_number_id, rows[0].user)

    _, found = recalled(closed, answers, behind)
    assert not computed
    for file in answers.iterdir():
        file.unlink()
    assert recalled(closed, answers, behind)[1] == found
    assert len(computed) == 1
    assert isinstance(found, tuple)
    assert found[0] == 5


def test_that_the_command_line_computes_and_keeps_what_the_window_opens_with(
    files: Files, tmp_path: Path, computed: list[str]
) -> None:
    path, answers = tmp_path / "made.audit", Preferences().answers
    words = ["reconcile", "--account", files.account, "--messages", files.log, "--invoice", files.invoice]
    for times in (1, 2):
        assert main([*map(str, words), "--audit", str(path)]) == 0
        assert len(computed) == times
    result, _ = recalled(path, answers, nothing)
    assert len(computed) == 2
    assert (result.billed, result.difference) == (Decimal("1.35"), Decimal("0.25"))


def test_that_a_workbook_and_a_match_by_hand_work_on_a_kept_answer(
    closed: Path, answers: Path, tmp_path: Path, computed: list[str]
) -> None:
    def used(audit: Audit) -> tuple[bool, frozenset[int]]:
        book = audit.export_workbook(tmp_path / "book.xlsx")
        audit.match([1], UTILITY, "the line says so")
        return book.exists(), audit.matches

    assert recalled(closed, answers, used)[1] == (True, frozenset({1}))
    assert not computed


def test_that_decisions_leave_the_answer_and_another_file_does_not(
    closed: Path, answers: Path, files: Files, computed: list[str]
) -> None:
    recalled(closed, answers, lambda audit: audit.accept([UTILITY]))
    recalled(closed, answers, nothing)
    assert not computed
    opened = Audit.open(closed)
    invoice = next(one for one in opened.sources if one.kind == "invoice")
    opened.remove_file(invoice.sha256)
    assert opened.recall(answers).billed == 0
    assert len(computed) == 1
    opened.undo()
    assert opened.recall(answers).billed == Decimal("1.35")
    assert len(computed) == 1
    opened.close()


def test_that_another_program_or_other_rules_compute_anew(
    closed: Path, answers: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "_program", lambda: "another")
    recalled(closed, answers, nothing)
    assert len(computed) == 1
    monkeypatch.setattr(kept_answers, "rules_digest", lambda: "others")
    recalled(closed, answers, nothing)
    assert len(computed) == 2
    monkeypatch.setattr(kept_answers, "transitions", lambda _zone: "other clocks")
    recalled(closed, answers, nothing)
    assert len(computed) == 3


@pytest.mark.parametrize("place", [0, 20, 60, -1])
def test_that_a_damaged_answer_is_computed_anew(closed: Path, answers: Path, computed: list[str], place: int) -> None:
    (file,) = answers.iterdir()
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert recalled(closed, answers, nothing)[0].difference == Decimal("0.25")
    assert len(computed) == 1
    recalled(closed, answers, nothing)
    assert len(computed) == 1


def test_that_an_answer_that_the_audit_file_does_not_know_is_computed_anew(
    closed: Path, answers: Path, computed: list[str]
) -> None:
    def forge(audit: Audit) -> None:
        assert audit.result is not None
        forged = replace(audit.result, differences=())
        KeptAnswers(answers).keep(audit._digest_of_inputs(), audit.account, forged)

    recalled(closed, answers, forge)
    assert len(recalled(closed, answers, nothing)[0].differences) == 2
    assert len(computed) == 1


def test_that_an_answer_whose_charges_are_others_is_thrown_away(
    closed: Path, answers: Path, computed: list[str]
) -> None:
    def forge(audit: Audit) -> None:
        assert audit.result is not None
        cells = tuple(replace(cell, quantity=cell.quantity + 1) for cell in audit.result.cells)
        forged = replace(audit.result, cells=cells)
        KeptAnswers(answers).keep(audit._digest_of_inputs(), audit.account, forged)
        audit.store.keep_result(audit._digest_of_inputs(), outcome(forged))

    recalled(closed, answers, forge)
    told, count = recalled(closed, answers, lambda audit: (audit.evidence_count(UTILITY), audit.result))
    assert isinstance(count, tuple)
    assert count[0] == 5
    assert [cell.quantity for cell in count[1].cells] == [cell.quantity - 1 for cell in told.cells]
    assert len(computed) == 1
    assert not list(answers.iterdir())


def test_that_a_journal_that_was_changed_is_computed_anew(closed: Path, answers: Path, computed: list[str]) -> None:
    opened = Audit.open(closed)
    opened.store.connection.execute("update journal set who = 'nobody' where number = 1")
    opened.close()
    recalled(closed, answers, nothing)
    assert len(computed) == 1


def test_that_the_answers_wanted_last_are_kept_and_a_folder_that_cannot_be_made_costs_nothing(
    audit: Audit, tmp_path: Path
) -> None:
    assert audit.result is not None
    answers = KeptAnswers(tmp_path / "many")
    for n in range(30):
        answers.keep(f"inputs {n}", audit.account, audit.result)
    assert len(list((tmp_path / "many").iterdir())) == 24
    known = outcome(audit.result)
    assert answers.find("inputs 29", audit.account, known) == audit.result
    assert answers.find("inputs 0", audit.account, known) is None
    (tmp_path / "file").write_text("", encoding="utf-8")
    KeptAnswers(tmp_path / "file").keep("inputs", audit.account, audit.result)


def test_that_an_answer_of_more_cells_than_are_written_at_a_time_comes_back_whole(audit: Audit, tmp_path: Path) -> None:
    assert audit.result is not None
    assert audit.result.cells
    large = replace(audit.result, cells=audit.result.cells * 2_500)
    KeptAnswers(tmp_path).keep("inputs", audit.account, large)
    assert KeptAnswers(tmp_path).find("inputs", audit.account, outcome(large)) == large


def test_that_both_programs_of_a_bundle_for_windows_find_each_others_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("auditor.exe", "auditorw.exe", "uninstall.exe"):
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    named = []
    for name, changed in (("auditor.exe", ""), ("auditorw.exe", ""), ("auditor.exe", "auditorw.exe")):
        if changed:
            (tmp_path / changed).write_bytes(b"of a later version")
        monkeypatch.setattr(sys, "executable", str(tmp_path / name))
        named.append(kept_answers._program.__wrapped__())
    assert named[0] == named[1] != named[2]


def test_that_an_answer_hangs_on_every_module_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    read, texts = Path.read_text, []

    def noted(path: Path, *more: Any, **named: Any) -> str:
        texts.append(path)
        return read(path, *more, **named)

    monkeypatch.setattr(Path, "read_text", noted)
    kept_answers._program.__wrapped__()
    package = Path(kept_answers.__file__).parents[1]
    assert {package / "core" / "causes" / "bench.py", package / "readers" / "logs" / "tables.py"} <= {*texts}
