"""The audit file: nothing in it is changed or lost, and nobody else gets at it while it is open (formats.md §9)."""

import errno
import gzip
import hashlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.language import Language
from auditor.project import state
from auditor.project.faults import file_fault
from auditor.project.store import VERSION
from auditor.project.store import Store
from auditor.project.store import holder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "a.audit")
    yield made
    made.close()


def refused(path: Path) -> AuditorError:
    with pytest.raises(AuditorError) as caught:
        Store(path)
    for language in (Language("en"), Language("es")):
        assert path.name in language.error(caught.value)
    return caught.value


def test_that_the_journal_only_grows_and_keeps_its_order(store: Store) -> None:
    store.write("accept", "Rosa", {"keys": ["á"]})
    store.write("undo", "Luis", {})
    store.write("accept", "Rosa", {"keys": ["b"]})
    entries = store.journal()
    assert [(entry.number, entry.who, entry.verb) for entry in entries] == [
        (1, "Rosa", "accept"), (2, "Luis", "undo"), (3, "Rosa", "accept"),
    ]  # fmt: skip
    assert entries[0].facts == {"keys": ["á"]}
    assert entries[0].at.endswith("+00:00")


def test_that_no_entry_of_the_journal_can_be_written_over(store: Store) -> None:
    store.write("accept", "Rosa", {})
    with pytest.raises(duckdb.ConstraintException):
        store.connection.execute("insert into journal values (1, '', '', 'dispute', '{}', '{}', '')")


def test_that_files_are_kept_whole_and_numbered(store: Store) -> None:
    content = bytes(range(256)) * 100
    assert store.add_file("sha1", "a.xlsx", "invoice", content, {"ñ": ["1.10", None]}) == 1
    assert store.add_file("sha2", "b.csv", "log", None, {}) == 2
    assert store.content_of(1) == content
    assert store.facts_of(1) == {"ñ": ["1.10", None]}


def test_that_rows_of_a_log_are_kept_in_their_order(store: Store) -> None:
    names = ", ".join(
        f"'{n}' as message_id" if name == "message_id" else f'null::{kind} as "{name}"'
        for n, (name, kind) in enumerate(MESSAGE_COLUMNS.items())
    )
    store.connection.execute(f"create temp view staged as select {names} from range(3)")  # noqa: S608 - own names
    store.add_messages(7, "staged")
    assert store.connection.execute("select file, count(*) from message group by all").fetchall() == [(7, 3)]


def test_that_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.write("accept", "Rosa", {})
            store.add_file("sha", "a", "log", None, {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert store.journal() == []
    assert store.connection.execute("select count(*) from file").fetchall() == [(0,)]
    store.write("accept", "Rosa", {})
    assert len(store.journal()) == 1


def test_that_everything_is_there_again_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.audit"
    first = Store(path)
    first.write("accept", "Rosa", {"keys": ["k"]})
    first.close()
    again = Store(path)
    assert [entry.facts for entry in again.journal()] == [{"keys": ["k"]}]
    again.close()
    assert [file.name for file in tmp_path.iterdir()] == ["a.audit"]


def test_that_a_program_killed_in_between_leaves_the_last_finished_step(tmp_path: Path) -> None:
    path = tmp_path / "a.audit"
    code = (
        "import os, sys; from pathlib import Path; from auditor.project.store import Store\n"
        "store = Store(Path(sys.argv[1])); store.write('accept', 'Rosa', {'n': 1})\n"
        "store.connection.execute('begin'); store.write('accept', 'Rosa', {'n': 2}); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    store = Store(path)
    assert [entry.facts for entry in store.journal()] == [{"n": 1}]
    store.close()


def test_that_a_second_program_is_refused_while_an_audit_is_open(store: Store) -> None:
    code = (
        "import sys; from pathlib import Path; from auditor.project.store import Store\n"
        "from auditor.core.problems import AuditorError\n"
        "try:\n    Store(Path(sys.argv[1]))\nexcept AuditorError as error:\n    print(error.code, error.values['who'])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(store.path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"audit_in_use {Path(os.path.realpath(sys.executable)).name}, PID {os.getpid()}"


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ('Could not set lock on file "a": Conflicting lock is held in /opt/auditor (PID 7) by user ana. See also x',
         "auditor, PID 7, ana"),
        ("Cannot open file: in use.\n\nFile is already open in \nC:\\Programs\\a\\auditor.exe (PID 12)",
         "auditor.exe, PID 12"),
        ("Could not set lock on file", "?"),
    ],
)  # fmt: skip
def test_that_who_has_a_file_is_read_from_what_the_database_says(said: str, who: str) -> None:
    assert holder(said) == who


def test_that_an_audit_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.audit"
    store = Store(path)
    store.connection.execute("update about set value = ? where name = 'version'", [str(VERSION + 1)])
    store.connection.execute("update about set value = '9.9.9' where name = 'program'")
    store.close()
    error = refused(path)
    assert (error.code, error.values["program"]) == ("audit_is_newer", "9.9.9")


@pytest.mark.parametrize(
    "content", [b"just a text", b"", b"PK\x03\x04 a zip, perhaps", b"\0" * 20_000, b"{}"],
    ids=["text", "empty", "zip", "zeros", "json"],
)  # fmt: skip
def test_that_another_file_named_audit_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.audit"
    path.write_bytes(content)
    assert refused(path).code == "not_an_audit"
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["a.audit"]


def test_that_an_audit_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert refused(tmp_path / "file" / "a.audit").code == "cannot_write"


def test_that_a_database_that_is_no_audit_is_refused(tmp_path: Path) -> None:
    other, empty = tmp_path / "other.audit", tmp_path / "empty.audit"
    for path, statement in ((other, "create table about as select 'kind' as name, 'x' as value"), (empty, "select 1")):
        connection = duckdb.connect(str(path))
        connection.execute(statement)
        connection.close()
        assert refused(path).code == "not_an_audit"


@pytest.mark.parametrize("part", ["head", "middle", "end", "truncated"])
def test_that_a_damaged_audit_is_refused_with_a_sentence(tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.audit"
    store = Store(path)
    with store.transaction():
        for n in range(200):
            store.write("annotate", "Rosa", {"keys": [f"key {n}"], "note": f"note {n}"})
    store.close()
    whole = path.read_bytes()
    spot = {"head": 0, "middle": len(whole) // 2, "end": len(whole) - 4096}.get(part, 0)
    harmed = whole[: len(whole) // 3] if part == "truncated" else whole[:spot] + b"\xff" * 4096 + whole[spot + 4096 :]
    path.write_bytes(harmed)
    code = (
        "import sys; from pathlib import Path; from auditor.project.store import Store\n"
        "from auditor.core.problems import AuditorError\n"
        "try:\n    print(len(Store(Path(sys.argv[1])).journal()))\nexcept AuditorError as error:\n    print(error.code)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip() in {"not_an_audit", "200"}, run.stderr) == (0, True, "")


def test_that_a_store_without_a_place_is_gone_when_it_is_closed() -> None:
    store = Store(None)
    store.write("accept", "Rosa", {})
    folder = store.path.parent
    store.close()
    assert not folder.exists()


# Proof


def test_that_an_untouched_audit_proves_itself(store: Store) -> None:
    fill(store)
    assert store.tampered() == []


def fill(store: Store) -> None:
    """Keep a card whole and two rows of a log, and write three lines of journal."""
    with store.transaction():
        content = b"effective_from,currency\n"
        store.add_file(hashlib.sha256(content).hexdigest(), "card.csv", "card", content, {"rows": 0})
        store.write("set_account", "Rosa", {"file": 1})
    with store.transaction():
        number = store.add_file("of the log", "log.csv", "log", None, {"kept": 2})
        values = {"message_id": "'wamid.' || range", "sent_at": "range * 1000"}
        names = ", ".join(f'{values.get(name, "null")}::{kind} as "{name}"' for name, kind in MESSAGE_COLUMNS.items())
        store.connection.execute(f"create temp view staged as select {names} from range(2)")  # noqa: S608 - own names
        store.add_messages(number, "staged")
        store.write("add_files", "Rosa", {"files": [number]})
    store.write("accept", "Rosa", {"keys": ["k"]})


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update journal set who = 'Luis' where number = 3", "journal_tampered"),
        ("update journal set facts = replace(facts, 'k', 'q') where number = 3", "journal_tampered"),
        ("update journal set made_at = '2020-01-01' where number = 1", "journal_tampered"),
        ("update journal set verb = 'dispute' where number = 3", "journal_tampered"),
        ("delete from journal where number = 2", "journal_tampered"),
        ("insert into journal select 4, made_at, who, verb, facts, files, digest from journal where number = 3",
         "journal_tampered"),
        ("update file set content = 'other'::blob where number = 1", "file_tampered"),
        ("update file set name = 'other.csv' where number = 1", "file_tampered"),
        ("update file set sha256 = 'other' where number = 2", "file_tampered"),
        ("update file set facts = '{}' where number = 2", "file_tampered"),
        ("update message set sent_at = 7 where message_id = 'wamid.1'", "file_tampered"),
        ("update message set \"user\" = '' where message_id = 'wamid.1'", "file_tampered"),
        ("delete from message where message_id = 'wamid.0'", "file_tampered"),
        ("insert into message select * from message where message_id = 'wamid.0'", "file_tampered"),
        ("delete from file where number = 2", "file_gone"),
        ("insert into file values (3, '', 'late.csv', 'card', null, '{}')", "file_tampered"),
    ],
)  # fmt: skip
def test_that_a_changed_byte_is_found_and_named(store: Store, statement: str, code: str) -> None:
    fill(store)
    store.connection.execute(statement)
    found = store.tampered()
    assert found[0].code == code
    for language in (Language("en"), Language("es")):
        assert language.problem(found[0])


def test_that_rows_are_digested_over_more_than_one_stretch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    whole = store.digest_of_file(2)
    monkeypatch.setattr("auditor.project.store._ROWS_AT_ONCE", 1)
    assert store.digest_of_file(2) == whole
    store.connection.execute("update message set sent_at = 8 where message_id = 'wamid.1'")
    assert store.digest_of_file(2) != whole


def test_that_an_audit_of_version_1_is_brought_up_to_date_after_a_backup(tmp_path: Path) -> None:
    old = gzip.decompress((Path(__file__).parent / "frozen" / "version_1.audit.gz").read_bytes())
    path = tmp_path / "a.audit"
    path.write_bytes(old)
    store = Store(path)
    verbs = [entry.verb for entry in store.journal()]
    assert verbs == ["set_account", "add_files", "dispute", "annotate", "undo", "migrate"]
    assert store.tampered() == []
    store.close()
    assert (tmp_path / "a.version-1.backup.audit").read_bytes() == old
    again = Store(path)
    assert [entry.verb for entry in again.journal()] == verbs
    again.close()


def make_version(version: int, path: Path) -> bytes:
    """Make an audit as the program of version 2 or 3 left it, and give its bytes."""
    store = Store(path)
    fill(store)
    store.connection.execute("update about set value = ? where name = 'version'", [str(version)])
    store.close()
    return path.read_bytes()


@pytest.mark.parametrize("version", [2, 3])
def test_that_an_audit_of_an_earlier_version_is_brought_up_to_date_after_a_backup(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.audit"
    old = make_version(version, path)
    with pytest.raises(AuditorError) as caught:
        Store(path, read_only=True)
    assert caught.value.code == "audit_is_older"
    store = Store(path)
    assert store.journal()[-1].verb == "migrate"
    assert (store.journal()[-1].facts["from"], store.journal()[-1].facts["to"]) == (version, VERSION)
    assert store.tampered() == []
    store.close()
    assert (tmp_path / f"a.version-{version}.backup.audit").read_bytes() == old


def test_that_bringing_an_audit_up_to_date_does_not_bear_out_what_was_changed_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.audit"
    make_version(2, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update journal set who = 'Luis' where number = 3")
    store = Store(path)
    assert [problem.code for problem in store.tampered()] == ["journal_tampered"]
    store.close()


def test_that_a_file_has_another_version_when_its_journal_can_state_more() -> None:
    # A program passes over a verb or a fact that it does not know: where one is new, raise VERSION and write it here.
    facts = set(re.findall(r'(?:\[|\.get\()"(\w+)"', inspect.getsource(state)))
    assert (VERSION, sorted(state._STEPS), sorted(facts)) == (
        6,
        ["accept", "add_files", "annotate", "assign_cause", "attach", "clear", "condition", "dispute", "match",
         "read_again", "remove_file", "review", "set_account", "set_due", "set_rate", "settle", "unmatch",
         "withdraw_rate"],
        ["amount", "cause", "check", "claim", "claims", "conditions", "decided", "decision", "due", "entry", "file",
         "files", "key", "keys", "lines", "moved", "note", "notes", "number", "read_again", "replaces", "role"],
    )  # fmt: skip


def test_that_a_result_is_kept_by_the_state_it_came_from(store: Store) -> None:
    assert store.result_of("s") is None
    store.keep_result("s", {"expected": "1.10"})
    store.keep_result("s", {"expected": "1.20"})
    assert store.result_of("s") == {"expected": "1.20"}


def test_that_the_database_never_goes_to_the_network(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.audit")
    # Without leave to fetch and load it, the database asks for what it would else have fetched itself.
    with pytest.raises(duckdb.Error, match="requires the extension httpfs to be loaded"):
        store.connection.execute("select * from read_csv('https://example.org/about.csv')")
    store.close()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Permission denied", "cannot_write"),
        ("Read-only file system", "cannot_write"),
        ("Could not set lock on file", "audit_in_use"),
        ("Acceso denegado.\nFile is already open in \nC:\\Auditor\\auditorw.exe (PID 7)", "audit_in_use"),
        (
            "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at 8192",
            "not_an_audit",
        ),
    ],
)
def test_that_what_keeps_an_audit_from_being_opened_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, code: str
) -> None:
    path = tmp_path / "block.audit"
    Store(path).close()

    def refused(*_path: str, **_options: object) -> None:
        raise duckdb.IOException(f'IO Error: Cannot open file "{path}": {said}')

    monkeypatch.setattr(duckdb, "connect", refused)
    with pytest.raises(AuditorError) as error:
        Store(path)
    assert (error.value.code, error.value.place) == (code, Place("block.audit"))


def _hold_as_windows(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Refuse every file as Windows does: to open it tells no number of its own, to rename it does."""

    def denied(*_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    def held(*_options: object) -> None:
        error = PermissionError(13, "El proceso no tiene acceso al archivo")
        error.winerror = number  # type: ignore[attr-defined, unused-ignore] # Windows alone has it
        raise error

    monkeypatch.setattr(Path, "open", denied)
    monkeypatch.setattr(Path, "rename", held)
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.parametrize(("number", "code"), [(32, "audit_in_use"), (33, "audit_in_use"), (5, "cannot_write")])
def test_that_windows_is_understood_in_whatever_language_it_refuses_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    path = tmp_path / "held.audit"
    Store(path).close()

    def refused(*_path: str, **_options: object) -> None:
        raise duckdb.IOException(f'IO Error: Cannot open file "{path}": El proceso no tiene acceso al archivo.')

    monkeypatch.setattr(duckdb, "connect", refused)
    _hold_as_windows(monkeypatch, number)
    with pytest.raises(AuditorError) as error:
        Store(path)
    assert error.value.code == code


_IN_SPANISH = "El proceso no tiene acceso al archivo porque está siendo utilizado por otro proceso."


@pytest.mark.parametrize(
    ("told", "who"),
    [("\n\nFile is already open in \nC:\\Auditor\\auditor.exe (PID 4711)", "auditor.exe, PID 4711"), ("", "?")],
)
def test_that_words_of_a_windows_in_spanish_end_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, who: str
) -> None:
    # The database hands them on as the system has them, in Windows-1252, and Python takes them for UTF-8.
    path = tmp_path / "ñandú.audit"
    path.write_bytes(b"an audit")
    said = f'IO Error: Cannot open file "{path}": '.encode() + _IN_SPANISH.encode("cp1252") + told.encode()
    monkeypatch.setattr(duckdb, "connect", lambda *_path, **_options: said.decode())
    _hold_as_windows(monkeypatch, 32)
    with pytest.raises(AuditorError) as error:
        Store(path)
    assert (error.value.code, error.value.values["who"]) == ("audit_in_use", who)


def test_that_words_of_a_windows_in_spanish_are_no_bug_of_ours() -> None:
    said = b'IO Error: Could not write file "a.audit": ' + "código 112".encode("cp1252")
    with pytest.raises(UnicodeDecodeError) as failed:
        said.decode()
    fault = file_fault(failed.value, "a.audit")
    assert fault is not None
    assert fault.code == "disk_full"
    with pytest.raises(UnicodeDecodeError) as other:
        b"Could not write \xe9".decode()
    assert file_fault(other.value, "a.audit") is None


def test_that_what_the_system_refuses_is_named_with_its_file() -> None:
    fault = file_fault(PermissionError(13, "Acceso denegado", "sample.audit"), "a.audit")
    assert fault is not None
    assert (fault.code, fault.place, fault.values) == (
        "file_unreadable", Place("sample.audit"), {"reason": "Acceso denegado"},
    )  # fmt: skip
    full = file_fault(OSError(errno.ENOSPC, "Espacio en disco insuficiente."), "a.audit")
    assert full is not None
    assert full.code == "output_full"
    assert file_fault(OSError(errno.EINVAL, "Invalid argument"), "a.audit") is None


@pytest.mark.parametrize(
    ("said", "code"),
    [("No space left on device", "disk_full"), ("Permission denied", "cannot_write"), ("Corrupt", "not_an_audit")],
)
def test_that_a_fault_of_disk_or_file_is_told_from_a_bug(said: str, code: str) -> None:
    fault = file_fault(duckdb.IOException(said), "case.audit")
    assert fault is not None
    assert (fault.code, fault.place) == (code, Place("case.audit"))
    assert file_fault(duckdb.IOException("Binder Error"), "case.audit") is None
    assert file_fault(ValueError(said), "case.audit") is None
