"""Readings that bill a part of the units as something else are worked out upon what the others make of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from typing import cast

from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import in_order
from auditor.core.causes.reading import Part
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import relabel
from auditor.core.causes.replay import Setting
from auditor.core.causes.view import View
from auditor.core.problems import AuditorError
from auditor.core.results import Cell


def cell(category: str, quantity: int, pricing_type: str = "regular") -> Cell:
    """Give counted charges of one day in Peru."""
    return Cell(
        "waba", "number", "2026-10", date(2026, 10, 1), "message-v2", "Peru", "", category, pricing_type, 0,
        Decimal("0.10"), "USD", quantity, None, None, None, True, "",
    )  # fmt: skip


DUE, OTHER = (cell("marketing", 15), cell("utility", 7)), (cell("marketing", 16), cell("utility", 7))
# What the template is counted as by the rules, and under another reading: a unit more of it is charged there.
OF_TEMPLATE = {
    (): (cell("marketing", 4), cell("utility", 2)),
    ("window_utility charged",): (cell("marketing", 5), cell("utility", 2)),
}
MOVED = Reading(
    "category", "template", {}, 1.0, view=lambda view: view, whole=True,
    part=Part(3, lambda one: one.category == "marketing"),
)  # fmt: skip
RULE = Reading("window_utility", "charged", {}, 1.0, setting=lambda setting: replace(setting, zone="UTC"))


class Stub:
    """Gives replays, and one template's share of them, and notes what is billed."""

    def __init__(self) -> None:
        """Begin with nothing billed."""
        self.billed: list[tuple[Cell, ...]] = []
        self.daily: list[bool] = []

    def replay(self, names: tuple[str, ...], _setting: Setting, *, by_day: bool = False) -> tuple[Cell, ...]:
        """Give the charges of a replay (`Replays.replay`)."""
        return OTHER if names and not by_day else DUE

    def of_template(self, template: int, names: tuple[str, ...], setting: Setting, *, by_day: bool) -> tuple[Cell, ...]:
        """Give those of the template, by days or not (`Replays.of_template`)."""
        assert (template, setting.zone) == (3, "UTC" if names else "")
        self.daily.append(by_day)
        return OF_TEMPLATE[names]

    def goes_on(self) -> None:
        """Tell nobody (`Replays.goes_on`)."""

    def items(self, cells: tuple[Cell, ...], _view: object, _known: object) -> list[Any]:
        """Note what is priced (`Pricer.items`)."""
        self.billed.append(cells)
        return []


def test_that_a_part_is_counted_as_the_readings_have_it_upon_which_it_is_moved() -> None:
    stub = Stub()
    nothing, as_both, view = cast("Any", None), cast("Any", stub), cast("Any", SimpleNamespace(relabels=()))
    bench = Bench(as_both, as_both, Setting(nothing), view)
    assert bench.items((MOVED,)) is not None
    assert bench.items(in_order((RULE, MOVED))) is not None
    # Each time the whole, then the part as it is, which is taken away, and the part as it is billed.
    part, other = (cell("marketing", 4),), (cell("marketing", 5),)
    assert stub.billed == [DUE, part, part, OTHER, other, other]


class WithoutRate(Stub):
    """Prices what is due, and has no exchange rate for the day to which a reading moves a unit."""

    def goes_on(self) -> None:
        """Tell nobody (`Replays.goes_on`)."""

    def items(self, cells: tuple[Cell, ...], _view: object, _known: object) -> list[Any]:
        """Price cells as far as there are rates."""
        if any(one.quantity == 16 for one in cells):
            raise AuditorError("fx_missing", source="USD", target="PEN", day="2026-11-01")
        return []

    def replay(self, names: tuple[str, ...], _setting: Setting, **_by_day: bool) -> tuple[Cell, ...]:
        """Give the charges of a replay, by days or not."""
        return OTHER if names else DUE

    def relabelled(self, _due: object, _view: object, _known: object) -> list[Any]:
        """Have none for what is billed as something else, either."""
        raise AuditorError("fx_missing", source="USD", target="PEN", day="2026-11-01")


def without_rate() -> Bench:
    """Give a bench where an exchange rate is missing."""
    nothing, stub = cast("Any", None), cast("Any", WithoutRate())
    return Bench(stub, stub, Setting(nothing), View(nothing, nothing))


def test_that_what_moves_units_to_a_day_without_an_exchange_rate_cannot_be_tried_nor_anything_upon_it() -> None:
    bench = without_rate()
    since = replace(RULE, scope=("since", "2026-10-01"))
    daily = Reading("rounding", "by day", {"kind": "day", "digits": "2"}, 1.0)
    label = Reading("category", "as utility", {}, 1.0, view=relabel(lambda billed: billed), whole=True)
    assert bench.sides(()) == {}
    assert bench.sides((label,)) == {}, "priced anew with all, where it cannot be upon the rest"
    for chosen in ((RULE,), (since,), *(in_order((RULE, one)) for one in (MOVED, label, daily))):
        assert bench.sides(chosen) is None, chosen
        assert bench.steps(chosen, ()) is None
        assert bench.unrated(chosen) == 0
    assert bench.by_day((RULE,)) is None
    assert bench.by_day(()) == {date(2026, 10, 1): {}}


def test_that_what_is_told_apart_by_its_template_is_counted_by_the_day_where_days_matter() -> None:
    stub, nothing = Stub(), cast("Any", None)
    as_both = cast("Any", stub)
    bench = Bench(as_both, as_both, Setting(nothing), View(nothing, nothing))
    daily = Reading("rounding", "by day", {"kind": "day", "digits": "2"}, 1.0)
    since, peru = replace(RULE, scope=("since", "2026-10-01")), replace(RULE, variant="peru", scope=("market", "Peru"))
    for chosen in ((daily,), (since,), (peru,), (peru, daily), (since, daily), (since, peru)):
        assert bench.sides(chosen) == {}, chosen
    assert not stub.daily
    for chosen in ((MOVED, daily), (since, MOVED)):
        assert bench.sides(chosen) == {}, chosen
    assert stub.daily[-3:] == [True] * 3  # for the days that are rounded, and in and outside those of the other
