"""Undo and redo are entries of the journal like others: what is in force is the journal folded up."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from auditor.project.state import Decided
from auditor.project.state import State
from auditor.project.state import state_of
from auditor.project.store import Entry

Step = tuple[str, Mapping[str, Any]]
ACCOUNT: Step = ("set_account", {"file": 1, "files": []})
UNDO: Step = ("undo", {})
REDO: Step = ("redo", {})


def folded(*steps: Step) -> State:
    return state_of([Entry(n, "", "", verb, facts) for n, (verb, facts) in enumerate([ACCOUNT, *steps], 1)])


def added(*files: int) -> Step:
    return ("add_files", {"files": list(files)})


def on(verb: str, *keys: str, **more: str) -> Step:
    return (verb, {"keys": list(keys), **more})


def test_that_an_empty_journal_is_nothing() -> None:
    assert state_of([]) == State()


def test_that_files_come_and_go() -> None:
    assert folded(added(2, 3), added(4), ("remove_file", {"file": 3})).files == [2, 4]


def test_that_a_new_account_replaces_the_cards_of_the_old_one() -> None:
    state = folded(added(2), ("set_account", {"file": 3, "files": [4]}),
                   ("set_account", {"file": 5, "files": [6], "replaces": [4]}))  # fmt: skip
    assert (state.account, state.files) == (5, [2, 6])


def test_that_undo_and_redo_go_back_and_forth() -> None:
    steps = [added(2), added(3)]
    assert folded(*steps, UNDO).files == [2]
    assert folded(*steps, UNDO, UNDO).files == []
    assert folded(*steps, UNDO, UNDO, REDO).files == [2]
    assert folded(*steps, UNDO, REDO, REDO, REDO).files == [2, 3]


def test_that_a_new_step_ends_what_could_be_redone() -> None:
    state = folded(added(2), UNDO, added(3), REDO)
    assert state.files == [3]
    assert state.redo is None


def test_that_undo_names_the_step_it_would_take_back() -> None:
    state = folded(added(2), on("accept", "k"), UNDO)
    assert state.undo is not None
    assert state.redo is not None
    assert (state.undo.verb, state.redo.verb) == ("add_files", "accept")


def test_that_the_account_an_audit_was_made_with_stays() -> None:
    assert folded().undo is None
    assert folded(added(2), UNDO).undo is None


def test_that_decisions_pile_up_by_key() -> None:
    state = folded(
        on("accept", "a", "b", note=""), on("annotate", "a", note="see mail"), on("assign_cause", "a", cause="fx"),
        on("dispute", "b", note="too much"), on("dispute", "b", note=""),
    )  # fmt: skip
    assert state.decisions == {
        "a": Decided("accepted", "fx", "see mail"),
        "b": Decided("disputed", "", "too much"),
    }
    assert folded(on("accept", "a", note="n"), on("clear", "a")).decisions == {"a": Decided()}
    assert folded(on("accept", "a", note="n"), on("clear", "a"), UNDO).decisions == {"a": Decided("accepted", "", "n")}


def test_that_entries_that_decide_nothing_change_nothing() -> None:
    assert folded(added(2), ("export_workbook", {"file": "x"})).files == [2]


@pytest.mark.parametrize("seed", range(20))
def test_that_undoing_and_redoing_everything_comes_back_to_the_same(seed: int) -> None:
    random = Random(seed)
    steps: list[Step] = []
    for n in range(2, 12):
        choices: list[Step] = [added(n), ("remove_file", {"file": n - 1}), on("accept", str(n % 3), note=str(n)), UNDO,
                               on("clear", str(n % 3)), REDO]  # fmt: skip
        steps.append(random.choice(choices))
    here = folded(*steps)
    back = folded(*steps, *[UNDO] * 20)
    again = folded(*steps, *[UNDO] * 20, *[REDO] * 20)
    assert (back.files, back.decisions, back.account) == ([], {}, 1)
    if here.redo is None:
        assert (again.files, again.decisions) == (here.files, here.decisions)
