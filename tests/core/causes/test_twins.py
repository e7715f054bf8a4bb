"""What another reading takes back proves nothing of the one that it makes up for."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from typing import cast

import pytest

from auditor.core.causes.account import NOTHING_WRONG
from auditor.core.causes.bench import in_order
from auditor.core.causes.reading import Reading
from auditor.core.causes.twins import made_up_for
from auditor.core.reconcile import Side

MORE, LESS = Reading("month_cut", "UTC", {}, 3.0), Reading("undelivered_billed", "failed", {}, 3.0)
BOTH = in_order((MORE, LESS))


@pytest.mark.parametrize(
    ("together", "taken_back"),
    [
        (Side(10, Decimal("1.00")), True),
        (Side(10, Decimal("1.01")), True),  # a cent is no difference
        (Side(10, Decimal("1.02")), False),
        (Side(11, Decimal("1.00")), False),  # as much money for other units
    ],
)
def test_that_a_reading_that_another_takes_back_is_known(together: Side, taken_back: bool) -> None:
    # Ten are due at 1.00 and twelve at 1.20 by the one; by both it is what is due again, or not quite.
    sides = {(): Side(10, Decimal("1.00")), (MORE,): Side(12, Decimal("1.20")), BOTH: together}
    bench = SimpleNamespace(sides=lambda chosen: {"line": sides[chosen]} if chosen in sides else None)
    search = cast("Any", SimpleNamespace(bench=bench, unit=Decimal("0.01"), lines={"line": None}))
    account = cast("Any", SimpleNamespace(chosen=BOTH))
    assert made_up_for(search, account, MORE) is taken_back
    assert not made_up_for(search, NOTHING_WRONG, MORE)
