"""CHARGES as a file: the rows of formats.md §8, as CSV and Parquet, whole or not at all."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.writers import charge_file
from auditor.writers.charge_file import CHARGE_COLUMNS
from auditor.writers.whole_file import whole_file
from tests.audit_files import ACCOUNT
from tests.audit_files import write_files
from tests.audit_files import write_log
from tests.core.invoicing import CHILE
from tests.core.invoicing import Row
from tests.core.invoicing import sent
from tests.core.invoicing import wrote

ROWS = [
    *wrote("2026-10-05 09:00"), *sent("", 1, at="2026-10-05 09:05"), *sent("marketing", 1), *sent("utility", 1),
    *sent("marketing", 1, at="2025-03-10 10:00", user=CHILE),
]  # fmt: skip


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    made = Audit.create(None, *read_account_file(write_files(tmp_path / "in").account))
    yield made
    made.close()


def written(audit: Audit, tmp_path: Path, rows: list[Row], name: str = "charges.csv") -> Path:
    audit.add_files([write_log(tmp_path / "log.csv", rows)])
    return audit.export_charges(tmp_path / name)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["charges.csv", "charges.parquet"])
def test_that_rows_are_written_into_the_working_file_itself(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What a killed program leaves under a name of its own is cleared by the next one, and under no other."""
    files: list[int] = []

    @contextmanager
    def watched(path: Path) -> Iterator[Path]:
        with whole_file(path) as beside:
            files.append(beside.stat().st_ino)
            yield beside
            files.append(beside.stat().st_ino)

    monkeypatch.setattr(charge_file, "whole_file", watched)
    written(audit, tmp_path, ROWS, name)
    assert files[0] == files[1]


def test_that_a_charge_is_written_column_by_column(audit: Audit, tmp_path: Path) -> None:
    charges = read(written(audit, tmp_path, ROWS))
    assert [row["billed_at"] for row in charges] == [
        "2025-03-10T15:00:00Z", "2026-10-05T14:05:00Z", "2026-10-05T15:00:00Z", "2026-10-05T15:00:00Z",
    ]  # fmt: skip
    assert charges[2] == {
        "unit": "message", "unit_id": "marketing number 51987654321 2026-10-05 10:00 0", "waba_id": "waba",
        "phone_number_id": "number", "user": "51987654321", "regime": "message-v2", "market": "Peru",
        "category": "marketing", "pricing_type": "regular", "billed_at": "2026-10-05T15:00:00Z",
        "local_date": "2026-10-05", "period": "2026-10", "ends_at": "", "messages": "1", "tier_from": "",
        "rate": "0.1", "currency": "USD", "amount": "0.1", "amount_low": "0.1", "amount_high": "0.1",
        "certainty": "certain", "reason": "",
    }  # fmt: skip
    conversation = charges[0]
    assert (conversation["unit"], conversation["ends_at"]) == ("conversation", "2025-03-11T15:00:00Z")
    assert (conversation["pricing_type"], conversation["amount"], conversation["reason"]) == ("unrated", "", "no_rate")
    assert (charges[1]["pricing_type"], charges[1]["amount"]) == ("free_customer_service", "0")


def test_that_parquet_holds_the_same_as_csv(audit: Audit, tmp_path: Path) -> None:
    plain = read(written(audit, tmp_path, ROWS))
    target = audit.export_charges(tmp_path / "charges.parquet")
    found = duckdb.connect().read_parquet(str(target))
    assert tuple(found.columns) == CHARGE_COLUMNS
    texts = [tuple("" if cell is None else str(cell) for cell in row) for row in found.fetchall()]
    assert texts == [tuple(row.values()) for row in plain]


def test_that_no_charges_are_a_file_with_heads_only(audit: Audit, tmp_path: Path) -> None:
    assert written(audit, tmp_path, wrote("2026-10-05 09:00")).read_text(encoding="utf-8") == (
        ",".join(CHARGE_COLUMNS) + "\n"
    )


def test_that_microseconds_are_written_only_where_the_log_has_them(audit: Audit, tmp_path: Path) -> None:
    rows = [
        sent("marketing", 1)[0] | {"delivered_at": "2026-10-05T10:00:00.000120-05:00"},
        *sent("utility", 1, at="2026-10-05 11:00"),
    ]
    found = [row["billed_at"] for row in read(written(audit, tmp_path, rows))]
    assert found == ["2026-10-05T15:00:00.000120Z", "2026-10-05T16:00:00Z"]


def test_that_group_messages_carry_their_participant(audit: Audit, tmp_path: Path) -> None:
    rows = [row | {"message_id": "g"} for user in (CHILE, "51911111111") for row in sent("marketing", 1, user=user)]
    found = [row["unit_id"] for row in read(written(audit, tmp_path, rows))]
    assert found == ["g#51911111111", f"g#{CHILE}"]


def test_that_ids_with_commas_and_quotation_marks_come_through(audit: Audit, tmp_path: Path) -> None:
    rows = [sent("marketing", 1)[0] | {"message_id": 'wamid."a",ñ=='}]
    assert [row["unit_id"] for row in read(written(audit, tmp_path, rows))] == ['wamid."a",ñ==']


def test_that_one_id_at_one_instant_under_two_numbers_is_always_in_one_order(tmp_path: Path) -> None:
    rows = [sent("marketing", 1, number=number)[0] | {"message_id": "same"} for number in ("number", "number2")]
    files = write_files(tmp_path / "in", account=ACCOUNT.replace('["number"]', '["number", "number2"]'))
    orders = []
    for some in (rows, rows[::-1]):
        audit = Audit.create(None, *read_account_file(files.account))
        orders.append([row["phone_number_id"] for row in read(written(audit, tmp_path, some))])
        audit.close()
    assert orders == [["number", "number2"]] * 2


def test_that_a_file_that_is_there_is_replaced_in_one_step(audit: Audit, tmp_path: Path) -> None:
    target = tmp_path / "charges.csv"
    target.write_text("old", encoding="utf-8")
    written(audit, tmp_path, ROWS)
    assert len(read(target)) == 4
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".auditor-")]


@pytest.mark.parametrize("name", ["o'brien.csv", "año 2026.csv", "100%.parquet"])
def test_that_odd_file_names_do_no_harm(audit: Audit, tmp_path: Path, name: str) -> None:
    assert written(audit, tmp_path, ROWS, name).stat().st_size > 0


def test_that_a_place_that_cannot_be_written_is_named(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        written(audit, tmp_path, ROWS, "nowhere/charges.csv")
    assert caught.value.code == "file_not_writable"
    assert "nowhere" in str(caught.value.place)


def test_that_a_full_disk_is_told_in_the_systems_words(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise duckdb.IOException('Async write failed [size=8]: {"exception_type":"IO","message":"x: File too large"}')

    monkeypatch.setattr(charge_file, "charge_query", full)
    with pytest.raises(AuditorError) as caught:
        audit.export_charges(tmp_path / "charges.csv")
    assert (caught.value.code, caught.value.values) == ("file_not_writable", {"reason": "File too large"})
    assert list(tmp_path.glob("*charges*")) == []
