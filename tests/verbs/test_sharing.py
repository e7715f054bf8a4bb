"""Copies to be sent: nobody can be told from them, they give the same figures, and a passphrase keeps others out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import unwatched
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.outcome import outcome
from auditor.verbs.proof import verify
from auditor.verbs.sharing import open_locked
from auditor.verbs.sharing import save_locked
from auditor.verbs.sharing import save_without_people
from tests.audit_files import ROWS
from tests.audit_files import UTILITY
from tests.audit_files import write_files

PASSPHRASE = "tres tristes tigres"  # noqa: S105 - it guards nothing but these files


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    rows = [*ROWS, {**ROWS[-1], "message_id": "bsuid", "user": "PE.778899", "country": "PE"}]
    files = write_files(tmp_path / "files", rows=rows)
    made = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    made.add_files([files.log, files.invoice])
    made.recompute()
    made.dispute([UTILITY], "ask")
    made.attach([UTILITY], files.account)
    yield made
    made.close()


def test_that_a_copy_without_people_gives_the_same_figures_and_proves_itself(audit: Audit, tmp_path: Path) -> None:
    path = save_without_people(audit, tmp_path / "shared.audit")
    copy = Audit.open(path)
    try:
        assert audit.result is not None
        assert outcome(copy.recompute()) == outcome(audit.result)
        assert copy.decisions == audit.decisions
        assert (copy.journal[-1].verb, copy.journal[-1].facts) == ("share", {"digest": audit.store.digest})
    finally:
        copy.close()
    assert verify(path, unwatched).problems == ()


def test_that_nobody_can_be_told_from_the_copy(audit: Audit, tmp_path: Path) -> None:
    path = save_without_people(audit, tmp_path / "shared.audit")
    content = path.read_bytes()
    query = 'select distinct "user", message_id from message'
    people = {text for row in audit.store.connection.execute(query).fetchall() for text in row}
    assert [text for text in people if len(text) > 4 and text.encode() in content] == []
    copy = Audit.open(path)
    try:
        (attachment,) = copy.attachments[UTILITY]
        contents = copy.store.connection.execute("select content from file where number = ?", [attachment.number])
        assert contents.fetchall() == [(None,)]
        users = copy.store.connection.execute('select distinct "user" from message order by 1').fetchall()
        assert {user[:3] for (user,) in users} == {"519", "PE."}
    finally:
        copy.close()


def test_that_ids_keep_their_order_in_the_copy(audit: Audit, tmp_path: Path) -> None:
    path = save_without_people(audit, tmp_path / "shared.audit")
    copy = Audit.open(path)
    try:
        for column in ("message_id", '"user"'):
            query = f"select rowid from message order by {column}, rowid"  # noqa: S608 - own names
            before, after = (one.store.connection.execute(query).fetchall() for one in (audit, copy))
            assert before == after
    finally:
        copy.close()


def test_that_only_the_passphrase_opens_a_locked_copy(audit: Audit, tmp_path: Path) -> None:
    locked = save_locked(audit, tmp_path / "locked.audit", PASSPHRASE)
    with pytest.raises(AuditorError) as caught:
        Audit.open(locked)
    assert caught.value.code == "audit_is_locked_copy"
    with pytest.raises(AuditorError) as caught:
        open_locked(locked, tmp_path / "open.audit", PASSPHRASE + " ")
    assert caught.value.code == "passphrase_wrong"
    assert not (tmp_path / "open.audit").exists()
    opened = open_locked(locked, tmp_path / "open.audit", PASSPHRASE)
    assert verify(opened, unwatched).problems == ()
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize("harm", ["flip", "cut", "swap"])
def test_that_a_locked_copy_that_was_changed_does_not_open(audit: Audit, tmp_path: Path, harm: str) -> None:
    locked = save_locked(audit, tmp_path / "locked.audit", PASSPHRASE, without_people=True)
    content = bytearray(locked.read_bytes())
    block = (1 << 20) + 16
    if harm == "flip":
        content[len(content) // 2] ^= 1
    elif harm == "cut":
        del content[40 + block :]
    else:
        first, second = content[40 : 40 + 1000], content[40 + block : 40 + block + 1000]
        content[40 : 40 + 1000], content[40 + block : 40 + block + 1000] = second, first
    locked.write_bytes(content)
    with pytest.raises(AuditorError) as caught:
        open_locked(locked, tmp_path / "open.audit", PASSPHRASE)
    assert caught.value.code == "passphrase_wrong"
    assert not (tmp_path / "open.audit").exists()


def test_that_a_short_passphrase_and_a_taken_name_are_refused(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        save_locked(audit, tmp_path / "locked.audit", "short")
    assert caught.value.code == "passphrase_short"
    with pytest.raises(AuditorError) as caught:
        save_locked(audit, audit.store.path, PASSPHRASE)
    assert caught.value.code == "audit_exists"
    with pytest.raises(AuditorError) as caught:
        save_without_people(audit, audit.store.path)
    assert caught.value.code == "audit_exists"
