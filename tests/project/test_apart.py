"""Two ids, or two users, of one 64-bit hash are never taken for one another in silence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from auditor.core.charging import Log
from auditor.core.charging import prepare
from auditor.core.problems import AuditorError
from auditor.core.tables import Messages
from auditor.core.tables import UInt32
from auditor.project.apart import check_apart
from auditor.project.apart import made_ready
from auditor.project.log import StoredLog
from auditor.project.store import Store
from auditor.readers.rulebook import regimes
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PERU
from tests.core.invoicing import Row
from tests.core.invoicing import sent
from tests.core.invoicing import wrote
from tests.project.test_log import keep


def as_one_hash(messages: Messages) -> Messages:
    return replace(messages, id_hash=np.zeros(len(messages), np.uint64))


def stored_log(folder: Path, rows: list[Row]) -> StoredLog:
    store = Store(folder / "a.audit")
    keep(store, 1, rows, ACCOUNT)
    return StoredLog(store.connection, [1], ACCOUNT)


def seconds(stored: StoredLog) -> UInt32:
    return np.concatenate([batch["second"].copy() for batch in stored.batches()])


def mistaken(stored: StoredLog, change: Callable[[Messages], Messages]) -> Log:
    """Give the log as it would be if hashes met: `change` makes them."""
    return prepare(change(stored.whole()), stored.names, ACCOUNT, regimes())


def test_that_two_ids_of_one_hash_in_a_thread_refuse_the_log(tmp_path: Path) -> None:
    stored = stored_log(tmp_path, sent("utility", 2))
    ids = sorted(name for name, _ in stored.names(np.arange(2)))
    log = mistaken(stored, as_one_hash)
    assert log.folded.live.sum() == 1, "the two messages are merged, as they would be"
    with pytest.raises(AuditorError) as refused:
        check_apart(stored, log, seconds(stored))
    assert refused.value.code == "hashes_meet"
    assert sorted(refused.value.values["names"].split(", ")) == ids


def test_that_two_ids_of_one_hash_for_two_users_are_no_group(tmp_path: Path) -> None:
    stored = stored_log(tmp_path, [*sent("utility"), *sent("utility", user=CHILE)])
    log = mistaken(stored, as_one_hash)
    assert log.folded.live.sum() == 2
    with pytest.raises(AuditorError) as refused:
        check_apart(stored, log, seconds(stored))
    assert refused.value.code == "hashes_meet"
    assert len(refused.value.values["names"].split(", ")) == 2


def test_that_a_true_group_and_true_duplicates_pass(tmp_path: Path) -> None:
    (one,), (other,), (alone,) = sent("utility"), sent("utility", user=CHILE), sent("marketing", at="2026-10-06 10:00")
    named = sent("utility", at="2026-10-07 10:00", group_id="G")
    rows = [one, other | {"message_id": one["message_id"]}, alone, alone, *named, *wrote("2026-10-05 09:00")]
    log = made_ready(stored_log(tmp_path, rows), ACCOUNT, regimes())
    assert log.folded.live.sum() == 5


def test_that_two_users_of_one_key_refuse_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = stored_log(tmp_path, [*sent("utility", user="PE.abc"), *sent("utility", user="PE.xyz"), *sent("utility")])
    log = made_ready(stored, ACCOUNT, regimes())  # their keys differ
    monkeypatch.setitem(stored.__dict__["_sql"], "user", "-5::bigint")
    with pytest.raises(AuditorError) as refused:
        check_apart(stored, log, seconds(stored))
    assert refused.value.values["names"] == "PE.abc, PE.xyz"
    assert PERU not in refused.value.values["names"]
