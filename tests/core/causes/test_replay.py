"""Replays are made once; of logs that were edited, and charges by quarters, as many are kept as need little room."""

from types import SimpleNamespace
from typing import Any
from typing import cast

import pytest

from auditor.core.causes import replay
from auditor.core.causes.replay import LogLike
from auditor.core.causes.replay import Replays
from auditor.core.causes.replay import Setting
from auditor.core.problems import unwatched
from auditor.core.tables import Charges
from tests.core.invoicing import audited
from tests.core.invoicing import sent

ANSWER = audited(sent("marketing", 3))
CHARGES = ANSWER.charged.charges


def made(asked: list[str]) -> Replays:
    """Give replays of three messages that note when their charges are asked for one by one."""

    def singly() -> Charges:
        asked.append("charges")
        return CHARGES

    engine = cast("Any", SimpleNamespace(kinds=lambda *_: CHARGES.kinds, charges=lambda *_: CHARGES))
    return Replays(ANSWER.whole, ANSWER.terms, singly, engine, unwatched, by_day=False, dated=False)


@pytest.mark.parametrize(("room", "times"), [(6, 1), (5, 2)])
def test_that_an_edited_log_is_edited_again_only_where_there_is_no_room_for_two(
    room: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three rows each: with room for six both are kept, with room for five the one that was used last.
    monkeypatch.setattr(replay, "_ROWS_REMEMBERED", room)
    edited: list[str] = []

    def first(log: LogLike, _engine: object) -> LogLike:
        edited.append("first")
        return log

    def second(log: LogLike, _engine: object) -> LogLike:
        edited.append("second")
        return log

    replays = made([])
    for name, edit in (("a", first), ("b", second), ("c", first)):
        (cell,) = replays.replay((name,), Setting(ANSWER.terms, edits=(edit,)))
        assert cell.quantity == 3
    assert (edited.count("first"), edited.count("second")) == (times, 1)


@pytest.mark.parametrize(("room", "times"), [(2, 2), (1, 3)])
def test_that_charges_by_quarters_are_counted_again_only_where_there_is_no_room_for_two(
    room: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The three messages are one row of quarters. What is cut elsewhere is not counted again.
    monkeypatch.setattr(replay, "_QUARTERS_REMEMBERED", room)
    asked: list[str] = []
    replays = made(asked)
    for name, cut in (("a", "UTC"), ("b", "UTC"), ("a", "Asia/Kathmandu"), ("a", "Asia/Kathmandu")):
        (cell,) = replays.replay((name,), Setting(ANSWER.terms, cut=cut))
        assert cell.quantity == 3
    assert len(asked) == times
