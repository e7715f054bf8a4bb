"""The charges behind a difference, chosen and put in order: the same as if every row were looked at."""

from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from auditor.sample import write_sample
from auditor.verbs import Audit
from auditor.verbs import EvidenceRow
from auditor.verbs import read_account_file
from auditor.verbs.choice import Wanted
from tests.readers.fixtures.accounts import NUMBER
from tests.readers.fixtures.accounts import andina


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    """Give the sample audit, computed."""
    folder = tmp_path_factory.mktemp("choice")
    sample = write_sample(folder)
    made = Audit.create(folder / "sample.audit", *read_account_file(sample.account))
    made.add_files([sample.messages, sample.invoice])
    made.recompute()
    yield made
    made.close()


@pytest.fixture(scope="module")
def key(audit: Audit) -> str:
    """Give the line with the most charges behind it."""
    assert audit.result is not None
    return max((line.key for line in audit.result.differences), key=audit.evidence_count)


@pytest.fixture(scope="module")
def everything(audit: Audit, key: str) -> tuple[EvidenceRow, ...]:
    """Give all of them, in order of billing."""
    return audit.evidence(key, 0, 1_000_000)


KEYS: dict[str, Callable[[EvidenceRow], Any]] = {
    "billed_at": lambda row: row.billed_at,
    "messages": lambda row: row.messages,
    "amount": lambda row: Decimal(row.amount) if row.amount else Decimal("-Infinity"),
    "rate": lambda row: Decimal(row.rate) if row.rate else Decimal("-Infinity"),
    "category": lambda row: row.category,
    "pricing_type": lambda row: row.pricing_type,
    "market": lambda row: row.market,
    "phone_number_id": lambda row: row.phone_number_id,
    "certainty": lambda row: row.certainty == "uncertain",
    "user": lambda row: row.user,
    "source_row": lambda row: row.source_row,
    "unit_id": lambda row: row.unit_id,
    "file": lambda row: row.file,
}


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("by", KEYS)
def test_that_charges_are_ordered_by_any_column_and_ties_by_billing(
    audit: Audit, key: str, everything: tuple[EvidenceRow, ...], by: str, falling: bool
) -> None:
    assert len(everything) > 500
    wanted = sorted(everything, key=KEYS[by], reverse=falling)
    asked = Wanted(by=by, falling=falling)
    # The first page is found without the others; then the second, for which all are put in order, and the first again.
    for offset in (0, 100, 0):
        assert audit.evidence(key, offset, 100, asked) == tuple(wanted[offset : offset + 100])
    assert audit.evidence(key, 0, 1_000_000, asked) == tuple(wanted)
    assert audit.evidence_count(key, asked) == len(wanted)


def test_that_a_part_of_a_number_or_id_finds_its_charges(
    audit: Audit, key: str, everything: tuple[EvidenceRow, ...]
) -> None:
    for part in (everything[7].user[3:9], everything[7].unit_id[-5:].upper()):
        wanted = [row for row in everything if part.lower() in row.user or part.lower() in row.unit_id.lower()]
        assert wanted
        assert audit.evidence_count(key, Wanted(find=part)) == len(wanted)
        assert audit.evidence(key, 0, 10, Wanted(find=f" {part} ")) == tuple(wanted[:10])


def test_that_charged_and_free_are_all_there_is(audit: Audit, key: str, everything: tuple[EvidenceRow, ...]) -> None:
    assert audit.result is not None
    for line in audit.result.differences:
        rows = audit.evidence(line.key, 0, 1_000_000)
        charged = tuple(row for row in rows if row.amount and Decimal(row.amount))
        assert audit.evidence(line.key, 0, 1_000_000, Wanted(only="charged")) == charged
        assert audit.evidence_count(line.key, Wanted(only="free")) == len(rows) - len(charged)
    uncertain = tuple(row for row in everything if row.certainty == "uncertain")
    assert audit.evidence(key, 0, 1_000_000, Wanted(only="uncertain", by="billed_at")) == uncertain


def test_that_users_of_other_lengths_and_kinds_are_ordered_by_their_texts(tmp_path: Path) -> None:
    """519 comes before 5190 and that before 52; with a user that is no phone number the log itself is asked."""
    for users in (("52", "5190", "519", "1", "51900"), ("52", "PE.abc", "519", "BR.1")):
        rows = [
            f"m{place},{NUMBER},{user},outbound,marketing,2026-10-0{place + 1}T12:00:00Z,2026-10-0{place + 1}T12:00:01Z"
            for place, user in enumerate(users)
        ]
        heads = "message_id,phone_number_id,user,direction,template_category,sent_at,delivered_at"
        log = tmp_path / f"{len(users)}.csv"
        log.write_text("\n".join([heads, *rows]), encoding="utf-8")
        made = Audit.create(None, andina())
        made.add_files([log])
        made.recompute()
        assert made.result is not None
        for line in made.result.differences:
            for falling in (False, True):
                found = made.evidence(line.key, wanted=Wanted(by="user", falling=falling))
                assert [row.user for row in found] == sorted((row.user for row in found), reverse=falling)
        assert sum(made.evidence_count(line.key) for line in made.result.differences) == len(users)
        for row in made.evidence(made.result.differences[0].key):
            assert made.thread(NUMBER, row.user).events[0].message_id == row.unit_id
        made.close()


def test_that_orders_are_prepared_step_by_step_and_a_question_that_is_broken_off_can_be_asked_again(
    tmp_path: Path,
) -> None:
    sample = write_sample(tmp_path)
    made = Audit.create(tmp_path / "prepared.audit", *read_account_file(sample.account))
    try:
        assert not made.prepare_orders()  # nothing is charged yet
        made.add_files([sample.messages, sample.invoice])
        made.recompute()
        steps = 1
        while made.prepare_orders():
            made.break_off()  # nothing is being asked: what is asked next is not hit
            steps += 1
        assert steps == 4
        assert not made.prepare_orders()
        with ThreadPoolExecutor(1) as pool:
            endless = pool.submit(made.store.connection.execute, "select count(*) from range(100_000_000_000)")
            while not endless.done():
                made.break_off()
                wait([endless], 0.01)
            with pytest.raises(duckdb.InterruptException):
                endless.result()
        assert made.result is not None
        key = max((line.key for line in made.result.differences), key=made.evidence_count)
        assert made.evidence(key, 0, 10, Wanted(by="unit_id"))
    finally:
        made.close()


def test_that_the_charges_of_a_folder_are_ordered_by_the_files_that_hold_them(tmp_path: Path) -> None:
    sample = write_sample(tmp_path)
    folder = tmp_path / "logs"
    folder.mkdir()
    heads, *rows = sample.messages.read_text(encoding="utf-8").splitlines()
    # Rows in turn: by time alone the files would be mixed.
    for n, name in enumerate(("a.csv", "b.csv", "c.csv")):
        (folder / name).write_text("\n".join([heads, *rows[n::3]]) + "\n", encoding="utf-8")
    audit = Audit.create(tmp_path / "a.audit", *read_account_file(sample.account))
    audit.add_files([folder, sample.invoice])
    result = audit.recompute()
    key = max((line.key for line in result.differences), key=audit.evidence_count)
    found = audit.evidence(key, 0, 1_000_000, Wanted(by="file"))
    files = [row.file for row in found]
    assert files == sorted(files)
    assert set(files) == {"logs/a.csv", "logs/b.csv", "logs/c.csv"}
    # A row is found where it is said to be: heads are the first.
    for row in found[:: max(1, len(found) // 20)]:
        line = (folder / Path(row.file).name).read_text(encoding="utf-8").splitlines()[row.source_row - 1]
        assert row.unit_id in line
    audit.close()
