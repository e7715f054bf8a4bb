"""What an account that is not proved gives way to (formats.md §8)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from auditor.core.causes.account import Account
from auditor.core.causes.proof import Proof
from auditor.core.causes.reading import Reading
from auditor.core.causes.verdict import FITS
from auditor.core.causes.verdict import Verdict

CUT, UNIT, CATEGORY = (Reading(cause, "any", {}, 3.0) for cause in ("month_cut", "unit", "category"))
OPEN = Verdict(14.0, 14.0)


def account(chosen: Sequence[Reading], bits: float, *verdicts: Verdict) -> Account:
    lines = {str(n): verdict for n, verdict in enumerate(verdicts)}
    return Account(bits, bits, bits, tuple(chosen), {}, {}, lines)


class Weighed:
    """A search that has weighed some accounts and knows nothing else."""

    def __init__(self, *accounts: Account) -> None:
        """Take the accounts."""
        self.accounts = {one.chosen: one for one in accounts}
        self.judged = self.accounts.get


@pytest.mark.parametrize(
    ("bits", "left", "named"), [(26.0, FITS, (CUT,)), (26.0, OPEN, (UNIT,)), (29.0, FITS, (UNIT,))]
)
def test_that_what_is_left_of_an_account_gives_way_to_one_that_leaves_nothing_open_and_is_hardly_longer(
    bits: float, left: Verdict, named: tuple[Reading, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    both, rest = account((UNIT, CATEGORY), 17.0, FITS, FITS), account((UNIT,), 25.0, FITS, OPEN)
    search: Any = Weighed(both, rest, account((CUT,), bits, FITS, left))
    monkeypatch.setattr(Proof, "_least_proved", lambda _self, one: CATEGORY if one is both else None)
    assert Proof(search, lambda _lines, _chosen: ()).proved(both).chosen == named


def test_that_more_is_asked_of_what_holds_for_a_part_of_a_part() -> None:
    part = Reading("unit", "any", {}, 3.0, scope=("market", "Peru"))
    wholly, in_part = account((part,), 17.0, FITS), replace(account((part,), 17.0, FITS), partial=frozenset({part}))
    search: Any = Weighed(wholly)
    proof = Proof(search, lambda _lines, _chosen: ())
    # Half a bit is asked of one that holds for all of its market: eight times as much where not even for that.
    assert (proof._asked(wholly), proof._asked(in_part)) == (0.5, 3.5)
