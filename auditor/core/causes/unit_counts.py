"""Units per charge, other than one: what a replay bills each charge as."""

import numpy as np
from numba import njit

from auditor.core.causes.edits import deliveries
from auditor.core.causes.replay import Bools
from auditor.core.causes.replay import LogLike
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Charges
from auditor.core.tables import Int8
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.terms import Terms
from auditor.core.timeline import DAY
from auditor.core.timeline import months_of_days

TWICE = 2


def by_delivery(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a charge once for every row that reports its delivery."""
    return np.maximum(deliveries(log)[log.merged_into[charges.row]], 1)


def by_status(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a charge once for its message being delivered, and once more for its being read."""
    messages = log.messages
    reported = np.ones(len(log.folded.row), np.bool_)
    for at in (messages.delivered, messages.read):
        told = np.zeros(len(reported), np.bool_)
        told[log.merged_into[at != NEVER]] = True
        reported &= told
    return 1 + reported[log.merged_into[charges.row]].astype(np.int64)


def by_repetition(log: LogLike, charges: Charges, terms: Terms) -> Int64:
    """Count a charge twice where its delivery is reported more than once, however often."""
    return np.minimum(by_delivery(log, charges, terms), TWICE)


def twice(_log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count every charge twice."""
    return np.full(len(charges), TWICE, np.int64)


def twice_in(rows: Bools, _log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count every charge of some rows twice."""
    return 1 + rows[charges.row].astype(np.int64)


def by_message(_log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a conversation once for every message in it."""
    return charges.messages.astype(np.int64)


def by_template(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count a conversation once for every template in it; one that has none is one all the same."""
    folded = log.folded
    category = (folded.kind & CATEGORY_MASK) >> CATEGORY_SHIFT
    templates = folded.live & ((folded.kind & OUTBOUND) != 0) & (category != Category.SERVICE)
    held = charges.belongs[folded.row[templates]]
    return np.maximum(np.bincount(held[held >= 0], minlength=len(charges)), 1).astype(np.int64)


def by_session(log: LogLike, charges: Charges, _terms: Terms) -> Int64:
    """Count charged messages of one thread and category once in 24 hours, as conversations would be."""
    charged = charges.pricing_type == PricingType.REGULAR
    users = log.messages.user[charges.row]
    return _sessions(charges.number, users, charges.category, charges.billed_at, charged, len(Category))


def beyond_allowance(
    _log: LogLike, charges: Charges, terms: Terms, *, month: str = "", entry_points: bool = False,
    together: bool = False, only: Category | None = None, last: bool = False,
) -> Int64:  # fmt: skip
    """Count charges as the free allowance would leave them by another calendar: months of UTC, or all of them as one.

    Where `entry_points` is set, conversations of these use it up as well; `together` gives all owners one allowance,
    `only` gives it to one category, `last` to the last units and not the first. Nothing must have been let pass under
    the account's own calendar.
    """
    counts = np.ones(len(charges), np.int64)
    for per in sorted({regime.allowance.per for regime in terms.regimes if regime.allowance}):
        own, size = _allowed(charges, terms, per)
        if only is not None:
            own &= charges.category == only
        drawn = own | ((charges.category == Category.REFERRAL_CONVERSION) & (size > 0) & entry_points)
        rows = np.flatnonzero(drawn)
        rows = rows[np.lexsort((charges.row[rows], charges.billed_at[rows]))][:: -1 if last else 1]
        owner = (charges.waba if per == "waba" else charges.number)[rows].astype(np.int64)
        owner *= not together
        if month != "all":
            days = charges.billed_at[rows] // DAY if month == "UTC" else charges.day[rows]
            owner = owner * 100_000 + months_of_days(days.astype(np.int32))
        free = rows[_turns(owner) < size[rows]]
        counts[free[own[free]]] = 0
    return counts


def _allowed(charges: Charges, terms: Terms, per: str) -> tuple[Bools, Int64]:
    """Tell which charges draw on an allowance of each owner, and of what size: one regime goes on from another."""
    own, size = np.zeros(len(charges), np.bool_), np.zeros(len(charges), np.int64)
    for place, regime in enumerate(terms.regimes):
        if regime.allowance is None or regime.allowance.per != per:
            continue
        here = charges.regime == place
        size[here] = regime.allowance.size
        if regime.allowance.of == "service":
            here &= charges.category == Category.SERVICE
        own |= here & (charges.pricing_type == PricingType.REGULAR)
    return own, size


def _turns(owners: Int64) -> Int64:
    """Give each row's turn among the rows of its owner, from 0."""
    order = np.argsort(owners, kind="stable")
    ordered = owners[order]
    turns = np.empty(len(owners), np.int64)
    turns[order] = np.arange(len(owners)) - np.searchsorted(ordered, ordered)
    return turns


@njit(cache=True, nogil=True)
def _sessions(number: Int32, user: Int64, category: Int8, at: Int64, charged: Bools, categories: int) -> Int64:
    """Count the charges that open a session: those of a thread follow one another, in order of time."""
    counts = np.ones(len(at), np.int64)
    opened = np.full(categories, NEVER, np.int64)
    for n in range(len(at)):
        if n and (number[n] != number[n - 1] or user[n] != user[n - 1]):
            opened[:] = NEVER
        if not charged[n]:
            continue
        last = opened[category[n]]
        if last != NEVER and at[n] - last < DAY:
            counts[n] = 0
        else:
            opened[category[n]] = at[n]
    return counts
