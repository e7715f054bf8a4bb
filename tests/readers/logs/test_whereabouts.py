"""A row of a folder that cannot be used is named by its file and its number there (formats.md §4)."""

import json
from pathlib import Path

import duckdb
import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import place_among
from auditor.readers.logs.messages import stage_log
from auditor.readers.logs.whereabouts import Whereabouts
from tests.readers.logs.test_webhooks import ACCOUNT
from tests.readers.logs.test_webhooks import status
from tests.readers.logs.test_webhooks import statuses
from tests.readers.logs.test_webhooks import unwatched

GOOD = json.dumps(statuses(status()))
_HEADS = "id;cliente;sentido;entregado\n"


def write(folder: Path, **texts: str) -> Path:
    """Write the files of a folder, one of them in another below."""
    (folder / "hooks" / "b").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "hooks" / name.replace("__", "/").replace("_", ".")).write_text(text, encoding="utf-8")
    return folder / "hooks"


def refused(folder: Path) -> list[tuple[str, str, int]]:
    """Give code, file and row of each kind of refusal."""
    with duckdb.connect() as connection:
        report = stage_log(connection, folder, ACCOUNT, "log", unwatched)
    return [(problem.code, problem.place.file, problem.place.row) for problem in report.problems]


@pytest.mark.parametrize(
    ("second", "code", "row"),
    [
        # The database finds these objects by itself ...
        (f"{GOOD}\n{json.dumps(statuses(status('lost')))}\n", "webhook_unknown_status", 2),
        (json.dumps([json.loads(GOOD), statuses({"id": "wamid.C"})]), "webhook_unknown_status", 2),
        # ... and these are looked for one by one.
        (f"{GOOD}\n{GOOD}\n{{broken\n", "webhook_not_json", 3),
        (f'{GOOD}\n{{"hello": 1}}\n', "webhook_not_a_payload", 2),
    ],
)
def test_that_an_object_is_named_by_the_file_of_the_folder_that_holds_it(
    tmp_path: Path, second: str, code: str, row: int
) -> None:
    array = second.startswith("[")
    first = f"[{GOOD},{GOOD}]" if array else f"{GOOD}\n{GOOD}\n"
    assert refused(write(tmp_path, a_json=first, b__c_json=second, d_json=first)) == [(code, "hooks/b/c.json", row)]


def test_that_a_folder_of_which_nothing_can_be_used_names_the_file_that_it_begins_with(tmp_path: Path) -> None:
    folder = write(tmp_path, a_json='{"hello": 1}\n', b__c_json='{"hello": 2}\n')
    with pytest.raises(AuditorError) as caught:
        refused(folder)
    place = caught.value.place
    assert place is not None
    assert (caught.value.code, place.file, place.row) == ("log_nothing_usable", "hooks/a.json", 1)


def test_that_a_row_of_a_folder_of_tables_has_the_number_of_its_own_file(tmp_path: Path) -> None:
    good = "m{};51911111111;salida;2026-10-05T15:00:03Z\n"
    first = _HEADS + good.format(1) + good.format(2)
    second = _HEADS + good.format(3) + "\n" + good.format(4) + "m5;51911111111;arriba;2026-10-05T15:00:03Z\n"
    folder = write(tmp_path, a_csv=first, b__c_csv=second)
    # In the second file stand heads, m3, a blank line, m4 and, fifth, the row without a direction.
    assert refused(folder)[0] == ("log_unknown_direction", "hooks/b/c.csv", 5)


def test_that_of_the_rows_of_a_folder_only_where_they_are_broken_off_is_kept() -> None:
    located = Whereabouts(Path("logs"))
    noted = [(1, "a", 2), (2, "a", 3), (3, "a", 7), (4, "a", 8), (5, "b", 2), (6, "b", 3)]
    for number, name, row in noted:
        located.note(number, Path("logs", name), row)
    assert [one.first for one in located.stretches] == [1, 3, 5]
    places = [place_among(located.stretches, "logs", number) for number, _, _ in noted]
    assert places == [(f"logs/{name}", row) for _, name, row in noted]


@pytest.mark.parametrize("broken", ["", "{broken\n"])
def test_that_a_charge_is_traced_to_the_file_of_the_folder_that_holds_its_message(tmp_path: Path, broken: str) -> None:
    # What the database reads by itself, and what is looked for one by one.
    one, two, three = (json.dumps(statuses({**status(), "id": f"wamid.{name}"})) for name in "ABC")
    folder = write(tmp_path, a_json=f"{one}\n", b__c_json=f"{broken}{two}\n{three}\n")
    with duckdb.connect() as connection:
        report = stage_log(connection, folder, ACCOUNT, "log", unwatched)
        found = connection.execute("SELECT message_id, source_row FROM log ORDER BY source_row").fetchall()
    skipped = 1 if broken else 0
    assert {name: report.place_of(row) for name, row in found} == {
        "wamid.A": ("hooks/a.json", 1),
        "wamid.B": ("hooks/b/c.json", 1 + skipped),
        "wamid.C": ("hooks/b/c.json", 2 + skipped),
    }


def test_that_a_message_of_a_folder_of_a_platforms_answers_is_traced_too(tmp_path: Path) -> None:
    def message(name: str) -> dict[str, str]:
        return {"id": name, "to": "51911111111", "direction": "outbound", "delivered_at": "2026-10-05T15:00:03Z"}

    first, second = ([message("A")], [message("B"), message("C")])
    folder = write(tmp_path, a_json=json.dumps(first), b__c_json=json.dumps(second))
    with duckdb.connect() as connection:
        report = stage_log(connection, folder, ACCOUNT, "log", unwatched)
    assert [report.place_of(row) for row in (1, 2, 3)] == [
        ("hooks/a.json", 1), ("hooks/b/c.json", 1), ("hooks/b/c.json", 2),
    ]  # fmt: skip
