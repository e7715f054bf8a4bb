"""Readings that bill a part of the units as something else, upon a replay that may have other units (formats.md §8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from typing import cast

import pytest

from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import in_order
from auditor.core.causes.reading import Reading
from auditor.core.causes.replay import Setting
from auditor.core.results import Cell


def cell(category: str, day: int, quantity: int, pricing_type: str = "regular") -> Cell:
    """Give counted charges of one day in Peru."""
    return Cell(
        "waba", "number", "2026-10", date(2026, 10, day), "message-v2", "Peru", "", category, pricing_type, 0,
        Decimal("0.10"), "USD", quantity, None, None, None, True, "",
    )  # fmt: skip


DUE = (cell("marketing", 1, 10), cell("marketing", 2, 5), cell("utility", 1, 7))
TEMPLATE = Reading("category", "template", {}, 1.0, view=lambda view: view, whole=True, part=(cell("marketing", 1, 4),))
RULE = Reading("window_utility", "charged", {}, 1.0, setting=lambda setting: replace(setting, zone="UTC"))


class Stub:
    """Gives a replay by the rules and one under another, and bills cells as they are."""

    def __init__(self, other: tuple[Cell, ...]) -> None:
        """Take what the other replay comes to."""
        self._other = other
        self.billed: list[tuple[Cell, ...]] = []

    def replay(self, names: tuple[str, ...], _setting: Setting, *, by_day: bool = False) -> tuple[Cell, ...]:
        """Give the charges of a replay (`Replays.replay`)."""
        return self._other if names and not by_day else DUE

    def items(self, cells: tuple[Cell, ...], _view: object, _known: object) -> list[Any]:
        """Note what is priced (`Pricer.items`)."""
        self.billed.append(cells)
        return []


@pytest.mark.parametrize(
    ("other", "can"),
    [
        (
            (cell("marketing", 1, 10), cell("marketing", 2, 5), cell("utility", 1, 9)),
            True,
        ),  # utility is not its concern
        ((cell("marketing", 3, 15), cell("utility", 1, 7)), True),  # on another day
        ((cell("marketing", 1, 10), cell("marketing", 2, 6), cell("utility", 1, 7)), False),  # one unit more
        ((cell("marketing", 1, 15, "free_customer_service"), cell("utility", 1, 7)), False),  # all of them free
    ],
)
def test_that_a_part_is_moved_only_upon_a_replay_that_leaves_units_like_it_alone(
    other: tuple[Cell, ...], can: bool
) -> None:
    stub = Stub(other)
    nothing, as_both, view = cast("Any", None), cast("Any", stub), cast("Any", SimpleNamespace(relabels=()))
    bench = Bench(as_both, as_both, Setting(nothing), view, by_price=False)
    assert (bench.items(in_order((RULE, TEMPLATE))) is not None) is can
    assert bool(stub.billed) is can
