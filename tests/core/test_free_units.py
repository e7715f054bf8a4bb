"""Free units behind a line: what costs nothing is in no line, but is what an overcharged one may have billed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from auditor.core.free_units import free_units
from auditor.core.results import Cell
from auditor.core.results import Reconciliation
from tests.writers.sample_result import STORES
from tests.writers.sample_result import WABA
from tests.writers.sample_result import sample_result

LINE = sample_result().differences[0].key
"""Marketing to Peru: 12,650 are billed where 12,400 are due."""


def free(market: str, category: str, *, waba: str = WABA, quantity: int = 7) -> Cell:
    """Give units that an ad made free."""
    nothing: dict[str, Any] = {name: Decimal(0) for name in ("rate", "amount", "low", "high")}
    return replace(
        sample_result().cells[0], waba_id=waba, market=market, category=category, pricing_type="free_entry_point",
        quantity=quantity, certain=True, reasons="", **nothing,
    )  # fmt: skip


def with_cells(*cells: Cell) -> tuple[Reconciliation, int]:
    """Give the sample with more cells, and the place of the first of them."""
    result = sample_result()
    return replace(result, cells=(*result.cells, *cells)), len(result.cells)


def test_that_free_units_stand_behind_the_line_that_bills_more_than_is_due() -> None:
    result, first = with_cells(free("Peru", "marketing"), free("Peru", "marketing", quantity=3))
    assert free_units(result) == {LINE: (first, first + 1)}


def test_that_free_units_stand_behind_no_line_that_bills_what_is_due_or_less_or_is_of_something_else() -> None:
    # Chile bills 2,100 of 2,100; Brazil nothing; a service message of Argentina has no line.
    result, _ = with_cells(free("Chile", "marketing"), free("Brazil", "marketing"), free("Argentina", "service"))
    assert free_units(result) == {}


def test_that_free_units_of_another_account_are_those_of_its_own_line() -> None:
    result, first = with_cells(free("Peru", "marketing", waba=STORES))
    assert free_units(result) == {result.differences[8].key: (first,)}


def test_that_free_units_which_the_invoice_lists_stay_in_their_line() -> None:
    result, first = with_cells(free("Peru", "marketing"))
    listed = replace(result.differences[2], pricing_type="free_entry_point", cells=(first,))
    lines = (*result.differences[:2], listed, *result.differences[3:])
    assert free_units(replace(result, differences=lines)) == {}


def test_that_a_line_that_breaks_nothing_down_covers_all_that_is_free_and_marketing_its_lite_messages() -> None:
    result, first = with_cells(free("Peru", "marketing_lite"), free("Chile", "utility"))
    assert free_units(result) == {LINE: (first,)}
    total = replace(result.differences[0], key="|||||", waba_id="", period="", market="", category="")
    own = [n for n, cell in enumerate(result.cells[:first]) if cell.pricing_type.startswith("free")]
    assert free_units(replace(result, differences=(total,))) == {"|||||": (*own, first, first + 1)}
