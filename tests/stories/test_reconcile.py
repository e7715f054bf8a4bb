"""The article's case, end to end from files: 1,050 conversations that users began, 50 of them charged, 3.50 PEN."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from auditor.cli import main
from tests.audit_files import write_card
from tests.audit_files import write_log
from tests.audit_files import write_table
from tests.core.invoicing import Row

ACCOUNT = """\
[audit]
name = "Andina, junio 2022"
period = "2022-06"
currency = "PEN"
language = "es"

[[waba]]
id = "102290129340398"
time_zone = "America/Lima"
currency = "PEN"
numbers = ["106540352242922", "106540352242923"]

[rates]
card = "contrato.csv"
"""
CARD = [
    {"effective_from": "2022-02-01", "currency": "PEN", "market": "*", "category": category, "rate": rate}
    for category, rate in (("user_initiated", "0.07"), ("business_initiated", "0.23"))
]
NUMBERS = ("106540352242922", "106540352242923")
CONVERSATIONS = 1050


def article() -> list[Row]:
    """Give 1,050 users who write, each to one of two numbers, and are answered twice within the day."""
    rows = []
    for n in range(CONVERSATIONS):
        wrote = datetime(2022, 6, 1, 8) + timedelta(minutes=30 * n)  # noqa: DTZ001 - local to the account
        facts = {"phone_number_id": NUMBERS[n % 2], "user": str(51_900_000_000 + n)}
        rows.append(facts | {"message_id": f"in{n}", "direction": "inbound", "sent_at": str(wrote)})
        for turn, minutes in enumerate((2, 200)):
            at = str(wrote + timedelta(minutes=minutes))
            rows.append(
                facts | {"message_id": f"out{n}.{turn}", "direction": "outbound", "sent_at": at, "delivered_at": at}
            )
    return rows


@dataclass(frozen=True)
class Case:
    """The files of the case, and what came out."""

    folder: Path

    def run(self, logs: Sequence[Path], invoice: Sequence[Sequence[str]] = (("User-initiated", "50", "3.50"),)) -> int:
        """Reconcile the logs with an invoice of these lines; 1 if they differ."""
        bill = write_table(self.folder / "factura.csv", ("Categoría", "Cantidad", "Importe (PEN)"), invoice)
        words = ["reconcile", "--account", self.folder / "account.toml", "--messages", *logs, "--invoice", bill,
                 "--charges", self.charges, "--summary", self.folder / "summary.json", "--exit-code"]  # fmt: skip
        return main([str(word) for word in words])

    @property
    def charges(self) -> Path:
        """Give the place of CHARGES."""
        return self.folder / "charges.csv"

    def summary(self) -> dict[str, object]:
        """Give SUMMARY."""
        return dict(json.loads((self.folder / "summary.json").read_text(encoding="utf-8")))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "account.toml").write_text(ACCOUNT, encoding="utf-8")
    write_card(tmp_path / "contrato.csv", CARD)
    return Case(tmp_path)


def test_that_fifty_conversations_are_charged_and_cost_three_soles_fifty(case: Case) -> None:
    assert case.run([write_log(case.folder / "log.csv", article())]) == 0
    with case.charges.open(encoding="utf-8", newline="") as file:
        charges = list(csv.DictReader(file))
    assert Counter((row["category"], row["pricing_type"], row["rate"]) for row in charges) == {
        ("user_initiated", "free_tier", "0"): 1000,
        ("user_initiated", "regular", "0.07"): 50,
    }
    assert sum(Decimal(row["amount"]) for row in charges) == Decimal("3.50")
    assert {row["messages"] for row in charges} == {"2"}
    # The first 1,000 of both numbers together, in order of opening: the last fifty are charged.
    assert [row["unit_id"] for row in charges if row["amount"] != "0"] == [f"out{n}.0" for n in range(1000, 1050)]
    summary = case.summary()
    assert summary["expected"] == {"amount": "3.50", "low": "3.50", "high": "3.50"}
    assert summary["difference"] == "0.00"


def test_that_an_invoice_without_the_free_thousand_is_explained(case: Case) -> None:
    # 1,050 x 0.07 = 73.50, which is 1,000 x 0.07 = 70.00 too much.
    log = write_log(case.folder / "log.csv", article())
    assert case.run([log], [("User-initiated", "1050", "73.50")]) == 1
    summary = case.summary()
    assert summary["difference"] == "70.00"
    assert summary["bridge"] == [
        {"cause": "free_allowance", "amount": "70.00"}, {"cause": "unexplained", "amount": "0.00"},
    ]  # fmt: skip


def test_that_shuffled_split_and_repeated_logs_give_the_same_bytes(case: Case) -> None:
    rows = article()
    assert case.run([write_log(case.folder / "log.csv", rows)]) == 0
    wanted = case.charges.read_bytes()
    random = Random(1)

    shuffled = random.sample(rows, len(rows))
    assert case.run([write_log(case.folder / "shuffled.csv", shuffled)]) == 0
    assert case.charges.read_bytes() == wanted

    parts = [write_log(case.folder / f"part{n}.csv", shuffled[n::4]) for n in range(4)]
    for logs in (parts, parts[::-1]):
        assert case.run(logs) == 0
        assert case.charges.read_bytes() == wanted

    repeated = [*rows, *random.sample(rows, 500), *random.sample(rows, 500)]
    random.shuffle(repeated)
    assert case.run([write_log(case.folder / "repeated.csv", repeated)]) == 0
    assert case.charges.read_bytes() == wanted


def test_that_statuses_of_their_own_rows_and_files_give_the_same_bytes(case: Case) -> None:
    rows = article()
    assert case.run([write_log(case.folder / "log.csv", rows)]) == 0
    wanted = case.charges.read_bytes()
    sent = [row | {"delivered_at": ""} for row in rows]
    delivered = [row | {"sent_at": ""} for row in rows if row["direction"] == "outbound"]
    logs = [write_log(case.folder / "delivered.csv", delivered[::-1]), write_log(case.folder / "sent.csv", sent)]
    assert case.run(logs) == 0
    assert case.charges.read_bytes() == wanted
