"""Sign-off and lock: two people, on something that stays as it was, or the signature falls and says why."""

from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.signoff import Change
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_card
from tests.audit_files import write_files
from tests.core.invoicing import priced


def sign_both(audit: Audit) -> None:
    audit.sign("preparer", "Rosa Quispe")
    audit.sign("reviewer", "Luis Paredes", "Agreed")


def refused(audit: Audit, role: str, who: str) -> str:
    with pytest.raises(AuditorError) as caught:
        audit.sign(role, who)
    return caught.value.code


def test_that_preparer_and_reviewer_sign_and_stand(audit: Audit) -> None:
    sign_both(audit)
    assert [(one.role, one.who, one.stands, one.note) for one in audit.sign_offs] == [
        ("preparer", "Rosa Quispe", True, ""), ("reviewer", "Luis Paredes", True, "Agreed"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Rosa Quispe", " rosa  QUISPE "])
def test_that_one_person_cannot_sign_in_both_roles(audit: Audit, name: str) -> None:
    audit.sign("preparer", "Rosa Quispe")
    assert refused(audit, "reviewer", name) == "sign_same_person"


def test_that_the_reviewer_signs_after_the_preparer_and_by_name(audit: Audit) -> None:
    assert refused(audit, "reviewer", "Luis Paredes") == "sign_preparer_first"
    assert refused(audit, "preparer", "  ") == "sign_needs_name"


def test_that_there_is_nothing_to_sign_before_there_is_a_result(files: Files) -> None:
    fresh = Audit.create(None, *read_account_file(files.account))
    try:
        assert refused(fresh, "preparer", "Rosa Quispe") == "sign_needs_result"
    finally:
        fresh.close()


def test_that_a_signature_falls_when_a_decision_changes_and_stands_again_when_it_is_undone(audit: Audit) -> None:
    sign_both(audit)
    audit.dispute([UTILITY], "ask")
    assert [one.changes for one in audit.sign_offs] == [(Change("decision", "added", UTILITY),)] * 2
    audit.undo()
    assert all(one.stands for one in audit.sign_offs)


def test_that_a_signature_falls_when_a_file_goes_or_comes(audit: Audit, files: Files, tmp_path: Path) -> None:
    sign_both(audit)
    (log,) = [one for one in audit.sources if one.kind == "log"]
    audit.remove_file(log.sha256)
    more = write_files(tmp_path / "more", rows=(), lines=(("Chile", "Marketing", "1", "0.10", "0.10"),))
    audit.add_files([more.invoice])
    assert [(one.kind, one.how, one.name.split()[1]) for one in audit.sign_offs[0].changes] == [
        ("file", "removed", "messages.csv"), ("file", "added", "invoice.csv"),
    ]  # fmt: skip


def test_that_a_signature_falls_when_the_account_changes(audit: Audit, files: Files) -> None:
    sign_both(audit)
    files.account.write_text(
        files.account.read_text(encoding="utf-8").replace("Case S.A.C.", "Other"), encoding="utf-8"
    )
    audit.set_account(*read_account_file(files.account))
    assert Change("account", "changed", "") in audit.sign_offs[0].changes


def test_that_a_signature_stands_when_the_same_account_is_put_in_force_again(audit: Audit, files: Files) -> None:
    sign_both(audit)
    before = audit.figures_digest, audit.store.digest
    audit.set_account(*read_account_file(files.account))
    assert [one.stands for one in audit.sign_offs] == [True, True]
    assert (audit.figures_digest, audit.store.digest) == before


def test_that_a_signature_falls_when_a_card_that_the_account_names_says_something_else(
    audit: Audit, files: Files
) -> None:
    sign_both(audit)
    write_card(files.card, [priced("*", "marketing", "0.05")])
    audit.set_account(*read_account_file(files.account))
    assert [(one.kind, one.how) for one in audit.sign_offs[0].changes if one.kind == "file"] == [
        ("file", "removed"), ("file", "added"),
    ]  # fmt: skip


def test_that_a_signature_falls_when_the_same_account_brings_a_card_more(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    sign_both(audit)
    more = write_card(tmp_path / "more.csv", [priced("*", "marketing", "0.05")])
    audit.set_account(*read_account_file(files.account), extra_cards=[more])
    assert not any(one.stands for one in audit.sign_offs)


def test_that_a_signature_is_taken_back_by_an_entry_of_its_own(audit: Audit) -> None:
    sign_both(audit)
    audit.withdraw("preparer", "Rosa Quispe", "figures to be checked again")
    assert [one.role for one in audit.sign_offs] == ["reviewer"]
    assert [entry.verb for entry in audit.journal][-3:] == ["sign", "sign", "withdraw"]


def test_that_a_signature_is_no_step_that_undo_takes_back(audit: Audit) -> None:
    audit.dispute([UTILITY])
    sign_both(audit)
    assert audit.undo_name == "dispute"
    audit.undo()
    assert [one.role for one in audit.sign_offs] == ["preparer", "reviewer"]


def test_that_only_what_both_stand_behind_can_be_locked(audit: Audit) -> None:
    def refusal() -> str:
        with pytest.raises(AuditorError) as caught:
            audit.lock("Luis Paredes")
        return caught.value.code

    audit.sign("preparer", "Rosa Quispe")
    assert refusal() == "lock_needs_signatures"
    audit.sign("reviewer", "Luis Paredes")
    audit.dispute([UTILITY])
    assert refusal() == "lock_needs_signatures"
    audit.undo()
    audit.lock("Luis Paredes")


def test_that_nothing_in_a_locked_audit_can_be_changed(audit: Audit, files: Files, tmp_path: Path) -> None:
    sign_both(audit)
    audit.lock("Luis Paredes", "closed for October")
    before = audit.store.digest
    more = write_files(tmp_path / "more", lines=(("Chile", "Marketing", "1", "0.10", "0.10"),))
    attempts = (
        lambda: audit.accept([UTILITY]),
        audit.undo,
        lambda: audit.add_files([more.invoice]),
        lambda: audit.remove_file(audit.sources[0].sha256),
        lambda: audit.set_account(*read_account_file(files.account)),
        lambda: audit.sign("preparer", "Rosa Quispe"),
        lambda: audit.lock("Luis Paredes"),
    )
    for attempt in attempts:
        with pytest.raises(AuditorError) as caught:
            attempt()
        assert caught.value.code == "audit_locked"
    assert audit.store.digest == before
    assert audit.recompute().billed > 0


def test_that_a_lock_is_opened_with_a_reason_that_is_kept(audit: Audit) -> None:
    sign_both(audit)
    audit.lock("Luis Paredes", "closed for October")
    with pytest.raises(AuditorError) as caught:
        audit.unlock("Luis Paredes", " ")
    assert caught.value.code == "unlock_needs_reason"
    audit.unlock("Luis Paredes", "a credit note arrived")
    assert audit.lock_in_force is None
    assert (audit.journal[-1].who, audit.journal[-1].facts) == ("Luis Paredes", {"reason": "a credit note arrived"})
    audit.accept([UTILITY])


def test_that_signatures_and_lock_are_there_when_the_audit_is_opened_again(audit: Audit) -> None:
    sign_both(audit)
    audit.lock("Luis Paredes")
    audit.close()
    again = Audit.open(audit.store.path)
    try:
        assert [one.stands for one in again.sign_offs] == [True, True]
        assert again.lock_in_force is not None
    finally:
        again.close()
