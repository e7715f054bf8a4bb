"""The log of an audit file becomes the engine's columns, and gives back what they only hash."""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from auditor.core.charging import charge
from auditor.core.charging import prepare
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.rows import InMemory
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import NEVER
from auditor.core.terms import Terms
from auditor.project.log import StoredLog
from auditor.project.store import Store
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import Case
from tests.core.as_columns import account_of
from tests.core.as_columns import card_of
from tests.core.as_columns import charge_row
from tests.core.as_columns import messages_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import CHILE
from tests.core.invoicing import PERU
from tests.core.invoicing import Row
from tests.core.invoicing import sent
from tests.core.invoicing import wrote
from tests.core.nasty import CASES
from tests.core.nasty import SMALL_ALLOWANCE
from tests.core.nasty import nasty_case

YES = {"true", "1", "yes", "sí", "si"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "a.audit")
    yield made
    made.close()


def keep(store: Store, number: int, rows: Sequence[Row], account: Account) -> None:
    """Keep rows as a log reader stages them: times in microseconds, words in small letters, empty as null."""
    columns = messages_of(rows, account)
    times = {
        "sent_at": columns.sent, "delivered_at": columns.delivered, "read_at": columns.read,
        "failed_at": columns.failed, "conversation_expires_at": columns.expires,
    }  # fmt: skip
    table = []
    for n, row in enumerate(rows):
        kept: dict[str, object] = {name: (row.get(name) or "").strip() or None for name in MESSAGE_COLUMNS}
        kept |= {name: None if at[n] == NEVER else int(at[n]) for name, at in times.items()}
        kept["source_row"] = n + 2
        kept["waba_id"] = account.wabas[columns.waba[n]].id
        kept["user"] = row["user"].strip().removeprefix("+")
        kept["referral"] = (row["referral"].lower() in YES) if row.get("referral") else None
        kept["billable"] = (row["billable"].lower() in YES) if row.get("billable") else None
        table.append([number, *kept.values()])
    marks = ", ".join("?" * (len(MESSAGE_COLUMNS) + 1))
    if table:
        store.connection.executemany(f"insert into message values ({marks})", table)  # noqa: S608 - own marks


def test_that_what_meta_logged_is_stored_in_its_own_words_and_packed(store: Store) -> None:
    logged = {"pricing_model": "PMP", "pricing_type": "free_group_customer_service", "billable": "false"}
    rows = [
        *[row | logged for row in sent("utility", at="2026-10-05 10:00", pricing_category="group_utility")],
        *sent("utility", at="2026-10-05 11:00", pricing_category="authentication-international", billable="true"),
        *sent("utility", at="2026-10-05 12:00", pricing_type="unheard_of"),
        *sent("utility", at="2026-10-05 13:00"),
    ]
    keep(store, 1, rows, ACCOUNT)
    found = StoredLog(store.connection, [1], ACCOUNT).whole().logged
    assert found.tolist() == messages_of(rows, ACCOUNT).logged.tolist()
    assert len(set(found.tolist())) == len(rows)
    assert found[3] == 0


@pytest.mark.parametrize("seed", range(0, CASES, 23))
def test_that_a_stored_log_is_charged_as_its_rows_are(store: Store, seed: int) -> None:
    rows, facts, cards = nasty_case(seed)
    account = account_of(facts)
    keep(store, 1, rows, account)
    stored = StoredLog(store.connection, [1], account)
    tariff = Tariff([card_of(card, f"card{n}") for n, card in enumerate(cards)])
    terms = Terms(account, regimes(), market_table(), tariff, (), SMALL_ALLOWANCE)
    found = charge(prepare(stored, stored.names, account, regimes()), terms).charges
    names = stored.names(found.row)
    numbers = stored.numbers
    charges = [charge_row(found, n, terms, numbers, names[n]) for n in range(len(found))]

    def in_order(some: Sequence[Row]) -> list[Row]:
        return sorted(some, key=lambda row: (row["billed_at"], row["unit_id"], row["phone_number_id"]))

    assert in_order(charges) == in_order(Case(rows, facts, cards).rows(SMALL_ALLOWANCE))


def test_that_only_the_files_in_force_are_read(store: Store) -> None:
    keep(store, 1, sent("marketing", 3), ACCOUNT)
    keep(store, 2, sent("utility", 2), ACCOUNT)
    keep(store, 3, sent("authentication", 4), ACCOUNT)
    assert len(StoredLog(store.connection, [], ACCOUNT)) == 0
    assert len(StoredLog(store.connection, [1, 3], ACCOUNT)) == 7
    second = StoredLog(store.connection, [2, 3], ACCOUNT)
    assert second.look_up(np.array([0, 2]), ("template_category", "file")) == [("utility", 2), ("authentication", 3)]


@pytest.mark.parametrize("files", [[], [2], [1, 3], [1, 2, 3]])
def test_that_a_part_of_a_user_or_id_is_found_in_the_rows_in_force_alone(store: Store, files: Sequence[int]) -> None:
    kept = {1: sent("marketing", 3), 2: sent("utility", 2, user=CHILE), 3: sent("utility", 4)}
    for number, rows in kept.items():
        keep(store, number, rows, ACCOUNT)
    stored = StoredLog(store.connection, files, ACCOUNT)
    rows = [row for number in files for row in kept[number]]
    said = [f"{row['message_id']} {row['user']}".lower() for row in rows]
    for part in (CHILE[2:7], rows[-1]["message_id"].upper() if rows else "x", "nobody"):
        assert stored.holding(part).tolist() == [part.lower() in one for one in said]


def test_that_ids_are_given_back_in_the_order_asked_for(store: Store) -> None:
    rows = [*sent("marketing", 3), *sent("marketing", 1, user=CHILE)]
    keep(store, 1, rows, ACCOUNT)
    stored = StoredLog(store.connection, [1], ACCOUNT)
    assert stored.names(np.array([3, 0, 2])) == [(rows[n]["message_id"], rows[n]["user"]) for n in (3, 0, 2)]
    assert stored.names(np.array([], np.int64)) == []


@pytest.mark.parametrize("asked", [3, 40])
def test_that_few_ids_and_many_are_those_of_their_rows_also_where_files_are_read_in_place(asked: int) -> None:
    rows = [*sent("marketing", 30), *sent("utility", 20, user=CHILE)]
    store = Store(None, passing=True)
    try:
        keep(store, 1, rows[:30], ACCOUNT)
        keep(store, 2, rows[30:], ACCOUNT)
        rows_in_place = "select *, source_row as place, true as phones from message where file ="
        for number in (1, 2):
            store.connection.execute(f"create temp table staged{number} as {rows_in_place} {number}")
        for number in (1, 2):
            store.add_messages(number, f"staged{number}")
        stored = StoredLog(store.connection, [1, 2], ACCOUNT)
        chosen = np.random.default_rng(1).permutation(len(rows))[:asked]
        assert stored.names(chosen) == [(rows[n]["message_id"], rows[n]["user"]) for n in chosen.tolist()]
    finally:
        store.close()


def test_that_templates_are_told_by_name_the_commonest_first(store: Store) -> None:
    rows = [*sent("utility", 1, template_name="o'clock"), *sent("", 1), *sent("marketing", 2, template_name="may")]
    keep(store, 1, sent("utility", 5, template_name="not in force"), ACCOUNT)
    keep(store, 2, rows, ACCOUNT)
    names, of_row = StoredLog(store.connection, [2], ACCOUNT).templates()
    assert (names, of_row.tolist()) == (("may", "o'clock"), [1, -1, 0, 0])
    names, of_row = StoredLog(store.connection, [], ACCOUNT).templates()
    assert (names, of_row.tolist()) == ((), [])


def test_that_the_rows_of_a_thread_are_found(store: Store) -> None:
    rows = [*sent("marketing", 1), *sent("marketing", 2, user=CHILE), *wrote("2026-10-05 09:00"),
            *sent("marketing", 1, number="other")]  # fmt: skip
    keep(store, 1, rows[:1], ACCOUNT)
    keep(store, 2, sent("utility", 5), ACCOUNT)
    keep(store, 3, rows[1:], ACCOUNT)
    stored = StoredLog(store.connection, [1, 3], ACCOUNT)
    assert stored.rows_of("number", PERU).tolist() == [0, 3]
    assert stored.rows_of("number", "nobody").tolist() == []
    assert [user for _, user in stored.names(np.array([3, 1, 0]))] == [PERU, CHILE, PERU]


def test_that_columns_alike_in_every_row_take_no_room_and_a_log_made_of_them_knows_it(store: Store) -> None:
    rows = [*sent("utility", 3), *sent("marketing", user=CHILE), *wrote("2026-10-05 09:00")]
    keep(store, 1, rows, ACCOUNT)
    keep(store, 2, sent("utility", failed_at="2026-10-05 12:00:00"), ACCOUNT)
    stored = StoredLog(store.connection, [1], ACCOUNT)
    messages = stored.whole()
    alike = {"waba", "country", "group", "expires", "paid", "limit", "logged"}
    assert {name for name in (*alike, "failed", "user", "sent") if not any(getattr(messages, name).strides)} == {
        *alike, "failed",
    }  # fmt: skip
    assert InMemory(messages).constants == dict(stored.constants)
    prepared = [prepare(rows_, stored.names, ACCOUNT, regimes()) for rows_ in (messages, stored)]
    for name in ("waba", "billed", "kind", "row", "group"):
        one, other = (getattr(log.folded, name) for log in prepared)
        assert one.tolist() == other.tolist(), name
    assert any(StoredLog(store.connection, [2], ACCOUNT).whole().failed != NEVER)
    assert not any(InMemory(messages_of(rows, ACCOUNT)).constants), "columns that stand in memory are not looked at"


@pytest.mark.parametrize("user", ["US.13491208655302741918", "012345", "9" * 19, "o'hara", "1e5"])
def test_that_what_is_no_phone_number_is_a_customer_all_the_same(store: Store, user: str) -> None:
    keep(store, 1, [*sent("marketing", 1, user=user), *sent("marketing", 1, user=user + "0")], ACCOUNT)
    stored = StoredLog(store.connection, [1], ACCOUNT)
    assert len(set(stored.whole().user.tolist())) == 2
    assert all(number < 0 for number in stored.whole().user.tolist())
    assert stored.names(np.array([0]))[0][1] == user


def test_that_quotation_marks_in_ids_do_no_harm(store: Store) -> None:
    rows = sent("marketing", 1, number="a'b\"; drop table message; --")
    keep(store, 1, rows, ACCOUNT)
    stored = StoredLog(store.connection, [1], ACCOUNT)
    assert stored.numbers == ("a'b\"; drop table message; --",)
    assert stored.whole().number.tolist() == [0]


def test_that_users_known_as_phone_numbers_are_read_as_those_that_are_not(store: Store) -> None:
    rows = [*sent("utility", user=CHILE), *sent("marketing", user="123456789012345678"), *wrote("2026-10-05 09:00")]
    keep(store, 1, rows, ACCOUNT)
    looked_at = StoredLog(store.connection, [1], ACCOUNT)
    store.connection.execute("alter table message add column phones boolean default true")
    known = StoredLog(store.connection, [1], ACCOUNT)
    assert known.whole().user.tolist() == looked_at.whole().user.tolist() == [int(row["user"]) for row in rows]
    assert known.whole().country.tolist() == looked_at.whole().country.tolist()
    assert known.countries == looked_at.countries
