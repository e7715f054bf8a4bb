"""Readings that bill other units: the month cut elsewhere, what is free, what was not delivered, what counts as one."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from math import log2

import numpy as np

from auditor.core.causes.edits import apart
from auditor.core.causes.edits import deliveries
from auditor.core.causes.edits import undelivered
from auditor.core.causes.edits import without_referrals
from auditor.core.causes.edits import without_restarts
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import REGULAR
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import change_terms
from auditor.core.causes.reading import count_units
from auditor.core.causes.reading import edit_log
from auditor.core.causes.reading import relabel
from auditor.core.causes.replay import Setting
from auditor.core.causes.replay import sent_times
from auditor.core.causes.tally import ON_ITS_DAY
from auditor.core.causes.tally import SENT
from auditor.core.causes.tally import SPAN
from auditor.core.causes.tally import days_cut
from auditor.core.causes.tally import days_of_accounts
from auditor.core.causes.tally import local_days
from auditor.core.causes.unit_counts import TWICE
from auditor.core.causes.unit_counts import beyond_allowance
from auditor.core.causes.unit_counts import by_delivery
from auditor.core.causes.unit_counts import by_message
from auditor.core.causes.unit_counts import by_repetition
from auditor.core.causes.unit_counts import by_session
from auditor.core.causes.unit_counts import by_status
from auditor.core.causes.unit_counts import by_template
from auditor.core.causes.unit_counts import twice
from auditor.core.causes.view import Billed
from auditor.core.causes.view import both_as
from auditor.core.kinds import FAILED
from auditor.core.kinds import OUTBOUND
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import MESSAGE
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.terms import Terms
from auditor.core.timeline import day_number

_A_DAY, _NO_DAY = timedelta(1), timedelta(0)
_A_DAY_OFF = (  # its beginning and its end
    (_NO_DAY, -_A_DAY), (_NO_DAY, _A_DAY), (_A_DAY, _NO_DAY), (-_A_DAY, _NO_DAY), (-_A_DAY, -_A_DAY), (_A_DAY, _A_DAY),
)  # fmt: skip
ENTRY_POINT = Category.REFERRAL_CONVERSION.word
FREE_ENTRY = PricingType.FREE_ENTRY_POINT.word
# Clocks that are no whole number of hours from UTC, or are not the whole year: where those who bill are at home.
_CLOCKS = (
    "America/New_York", "America/Chicago", "America/Santiago", "Europe/London", "Europe/Paris", "Europe/Athens",
    "Asia/Kolkata", "Australia/Sydney",
)  # fmt: skip
_MOST_MESSAGES = 200_000  # of a log that is charged again for each calendar of which nothing else tells
ROUND = (1000, 500, 100, 50)  # the rounder the size of an allowance, the fewer are like it
_ENTRY_POINT_HOURS = (24, 48, 72, 168)  # the window of any chat, two days, as from March 2023 on, a week


# Months --------------------------------------------------------------------------------------------------------------


def month_cuts(facts: Facts) -> Iterator[Reading]:
    """Cut the month elsewhere: at UTC, at Meta's head office, at any whole hour or other clock, a day early or late.

    Where another calendar cuts it, windows and rates go with it or not. An hour that nothing names holds for every
    line or for none: there are so many that one fits some lines by chance. What it comes to with windows and rates is
    looked at where it is promising without; but for an allowance that ends, of which nothing is told then.
    """
    own = {waba.time_zone for waba in facts.account.wabas}
    places = [("UTC", "UTC", USUAL), ("America/Los_Angeles", "America/Los_Angeles", USUAL + 2)]
    places += [(zone, zone, RARE) for zone in sorted(own) if len(own) > 1]
    offsets = sorted(range(-14, 13), key=abs)
    places += [(f"Etc/GMT{n:+d}", f"UTC{-n:+03d}:00", RARE + 3) for n in offsets if n]
    places += [(zone, zone, RARE + 4) for zone in _CLOCKS]
    first, last = day_number(facts.account.first), day_number(facts.account.last)

    def mark(days: Int64) -> Int64:
        inside = (days >= first) & (days <= last)
        return np.where(inside, days if facts.by_day else 1, 0)

    quarters, limited = facts.quarters(), _may_end_elsewhere(facts)
    seen = {mark(quarters.kinds.day[quarters.rows].astype(np.int64)).tobytes()}
    for zone, shown, bits in places:
        cut = mark(local_days(quarters.at, zone)).tobytes()
        if cut in seen:
            continue
        seen.add(cut)
        values = {"zone": shown}
        rare = bits > RARE
        moved = Reading("month_cut", zone, values, bits, _in_zone(zone), whole=rare)
        if limited or not rare:
            yield moved
        leads = (moved,) * (rare and not limited)
        yield Reading("month_cut", f"{zone} period", values, bits + 1, _cut_in(zone), whole=rare, leads=leads)
    if _is_sent_elsewhere(facts, mark):
        yield Reading("month_cut", SENT, {"kind": SENT}, USUAL + 1, _cut_in(SENT))
    own_days = quarters.kinds.day[quarters.rows].astype(np.int64)
    for begins, ends in _A_DAY_OFF:
        dates = [(facts.account.first + begins).isoformat(), (facts.account.last + ends).isoformat()]
        span = SPAN.join(dates)
        values = {"kind": "period", "first": dates[0], "last": dates[1]}
        if facts.by_day and (begins < _NO_DAY or ends > _NO_DAY):  # lines may state the days beyond
            yield Reading("month_cut", f"{span} by day", values, RARE, _cut_in(span + ON_ITS_DAY), whole=True)
        if (cut := mark(days_cut(own_days, quarters.at, span, facts.account)).tobytes()) not in seen:
            seen.add(cut)
            yield Reading("month_cut", span, values, RARE, _cut_in(span), whole=True)


def _may_end_elsewhere(facts: Facts) -> bool:
    """Tell whether an allowance ends that another calendar would let end elsewhere, and the log is not too long."""
    charges = facts.singly()
    for place, regime in enumerate(facts.terms.regimes if len(facts.log.messages) <= _MOST_MESSAGES else ()):
        if regime.allowance is not None:
            own = charges.category == Category.SERVICE
            drawn = (charges.regime == place) & (own if regime.allowance.of == "service" else True)
            owner = charges.waba if regime.allowance.per == "waba" else charges.number
            if np.unique(owner[drawn], return_counts=True)[1].max(initial=0) > regime.allowance.size:
                return True
    return False


def _is_sent_elsewhere(facts: Facts, mark: Callable[[Int64], Int64]) -> bool:
    """Tell whether some charge would be marked otherwise on the day on which its message was sent."""
    charges = facts.singly()
    sent = sent_times(facts.log, charges)
    rows = np.flatnonzero(sent != charges.billed_at)
    due = charges.kinds.day[charges.kind[rows]].astype(np.int64)
    return not np.array_equal(mark(due), mark(days_of_accounts(charges.waba[rows], sent[rows], facts.account)))


def _in_zone(zone: str) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, zone=zone)


def _cut_in(zone: str) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, cut=zone)


# What is free --------------------------------------------------------------------------------------------------------


def other_allowances(facts: Facts) -> Iterator[Reading]:
    """Grant no free units; to another owner or kind, in another month, with the months before or entry points."""
    if any(regime.free_service for regime in facts.terms.regimes if regime.id in facts.regimes):
        yield Reading("free_allowance", "service", {"kind": "service"}, USUAL + 1, change_terms(_service_charged))
    owners = {regime.allowance.per for regime in facts.terms.regimes if regime.allowance and regime.id in facts.regimes}
    if not owners:
        return
    yield granted(0)
    for per in ("waba", "number"):
        if owners != {per}:
            change = change_terms(partial(_counted_per, per))
            yield Reading("free_allowance", per, {"kind": per}, USUAL + 0.5, change)
    yield Reading("free_allowance", "UTC", {"kind": "calendar", "zone": "UTC"}, RARE, partial(_left_by, month="UTC"))
    yield Reading("free_allowance", "last", {"kind": "last"}, USUAL + 1, partial(_left_by, last=True))
    yield Reading("free_allowance", "earlier", {"kind": "earlier"}, RARE, partial(_left_by, month="all"))
    if any(cell.category == ENTRY_POINT for cell in facts.cells):
        values = {"kind": "entry_points"}
        yield Reading("free_allowance", "entry points", values, USUAL + 1, partial(_left_by, entry_points=True))
    if len(facts.account.wabas) > 1 or (owners == {"number"} and len({c.phone_number_id for c in facts.cells}) > 1):
        yield Reading("free_allowance", "together", {"kind": "together"}, USUAL + 1, partial(_left_by, together=True))
    if INITIATOR in {regime.unit for regime in facts.terms.regimes if regime.id in facts.regimes}:
        for category in (Category.USER_INITIATED, Category.BUSINESS_INITIATED):
            values = {"kind": "initiated", "category": category.word}
            change = partial(_left_by, only=category)
            yield Reading("free_allowance", category.word, values, USUAL + 1, change)


def granted(size: int) -> Reading:
    """Grant so many free units a month in place of those of the rules: none, or a size that nothing states."""
    change = change_terms(lambda terms: replace(terms, allowance_size=size))
    if not size:
        return Reading("free_allowance", "none", {"kind": "none"}, USUAL, change)
    values = {"kind": "size", "size": str(size)}
    step = next((step for step in ROUND if size % step == 0), 1)
    return Reading("free_allowance", f"{size}", values, USUAL + 1 + log2(2 * ROUND[0] / step), change, whole=True)


def _left_by(
    setting: Setting, *, month: str = "", entry_points: bool = False, together: bool = False,
    only: Category | None = None, last: bool = False,
) -> Setting:  # fmt: skip
    units = partial(beyond_allowance, month=month, entry_points=entry_points, together=together, only=only, last=last)
    return replace(setting, terms=replace(setting.terms, allowance_size=0), units=(*setting.units, units))


def _service_charged(terms: Terms) -> Terms:
    return replace(terms, regimes=tuple(replace(one, free_service=False) for one in terms.regimes))


def _counted_per(owner: str, terms: Terms) -> Terms:
    return replace(terms, allowance_per=owner)


def entry_points_charged(facts: Facts) -> Iterator[Reading]:
    """Bill what came through a free entry point: as if there were none, at its category's price, or by other hours.

    Where there are conversations, also each that one opened: as marketing, or as one that the user began.
    """
    if not any(cell.pricing_type == FREE_ENTRY for cell in facts.cells):
        return
    yield Reading("free_entry_point", "none", {"kind": "none"}, USUAL, edit_log(without_referrals))
    yield Reading("free_entry_point", "charged", {"kind": "charged"}, USUAL + 1, view=relabel(_entry_point_charged))
    if any(cell.category == ENTRY_POINT for cell in facts.cells):
        first = facts.regimes == {"conversation-v1"}
        category = (Category.USER_INITIATED if first else Category.MARKETING).word
        values, change = {"kind": "opener", "category": category}, relabel(partial(_opener_charged, category))
        yield Reading("free_entry_point", "opener", values, RARE, view=change)
    due = {one.free_entry_point_hours for one in facts.terms.regimes if one.id in facts.regimes}
    for hours in (one for one in _ENTRY_POINT_HOURS if due != {one}):
        leads = (_entry_point_of(hours, from_referral=True, bits=RARE + 1),) * (hours == min(_ENTRY_POINT_HOURS))
        yield replace(_entry_point_of(hours, from_referral=False, bits=RARE), leads=leads)
    yield _entry_point_of(max(due), from_referral=True, bits=RARE)


def _entry_point_of(hours: int, *, from_referral: bool, bits: float) -> Reading:
    """Let what an ad began be free for so many hours from the answer, or from what the user wrote."""
    kind, name = ("referral", "hours from the referral") if from_referral else ("hours", "hours")
    change = change_terms(partial(_regimes_with, hours=hours, from_referral=from_referral))
    return Reading("free_entry_point", f"{hours} {name}", {"kind": kind, "hours": str(hours)}, bits, change)


def _opener_charged(category: str, billed: Billed) -> Billed:
    if billed.label.category != ENTRY_POINT:
        return billed
    return both_as(billed, category=category, pricing_type=REGULAR)


def _entry_point_charged(billed: Billed) -> Billed:
    if billed.label.pricing_type != FREE_ENTRY or billed.label.category == ENTRY_POINT:
        return billed
    return both_as(billed, pricing_type=REGULAR)


def _regimes_with(terms: Terms, *, hours: int, from_referral: bool) -> Terms:
    made = (
        replace(one, free_entry_point_hours=hours, from_referral=from_referral) if one.free_entry_point_hours else one
        for one in terms.regimes
    )
    return replace(terms, regimes=tuple(made))


def window_utility(facts: Facts) -> Iterator[Reading]:
    """Bill utility templates inside the service window where they are free, or leave them free where they are not.

    Where they are free, the window may also end a day after it was opened, though it was opened anew.
    """
    for free in (True, False):
        regimes = {one.id for one in facts.terms.regimes if one.unit == MESSAGE and one.free_utility_in_window == free}
        if regimes & facts.regimes:
            change = change_terms(partial(_window, not free))
            variant = "charged" if free else "free"
            yield Reading("window_utility", variant, {"kind": variant}, USUAL, change)
            if free:
                yield Reading("window_utility", "first", {"kind": "first"}, USUAL + 1, edit_log(without_restarts))


def _window(free: bool, terms: Terms) -> Terms:
    made = (replace(one, free_utility_in_window=free) if one.unit == MESSAGE else one for one in terms.regimes)
    return replace(terms, regimes=tuple(made))


# What is billed at all -----------------------------------------------------------------------------------------------


def undelivered_billed(facts: Facts) -> Iterator[Reading]:
    """Bill what failed, what was merely sent, or both."""
    folded = facts.log.folded
    bare = folded.live & ((folded.kind & OUTBOUND) != 0) & (folded.billed == NEVER)
    has_failed = (folded.kind & FAILED) != 0
    some_failed, some_sent = bool(np.any(bare & has_failed)), bool(np.any(bare & ~has_failed))
    variants = [("failed", True, False)] if some_failed else []
    variants += [("sent", False, True)] if some_sent else []
    variants += [("all", True, True)] if some_failed and some_sent else []
    for kind, failed, sent in variants:
        edit = edit_log(partial(undelivered, failed=failed, merely_sent=sent))
        yield Reading("undelivered_billed", kind, {"kind": kind}, USUAL + 0.5, edit)


def duplicates_billed(facts: Facts) -> Iterator[Reading]:
    """Bill repeated reports: each as one more unit of its charge or as a message, or all as one more; or being read.

    Or bill whatever is charged twice; where lines stand twice it is these.
    """
    if not facts.repeated:
        yield Reading("duplicate_billed", "twice", {"kind": "all"}, RARE + 3, count_units(twice))
    if np.any(by_status(facts.log, facts.singly(), facts.terms) > 1):
        yield Reading("duplicate_billed", "read", {"kind": "read"}, USUAL + 0.5, count_units(by_status))
    most = int(deliveries(facts.log).max(initial=0))
    if most <= 1:
        return
    again = count_units(by_delivery)
    leads = (Reading("duplicate_billed", "apart", {"kind": "apart"}, USUAL + 0.5, edit_log(apart)),)
    yield Reading("duplicate_billed", "again", {"kind": "again"}, USUAL, again, leads=leads)
    if most > TWICE:
        yield Reading("duplicate_billed", "once", {"kind": "once"}, USUAL + 1, count_units(by_repetition))


def other_units(facts: Facts) -> Iterator[Reading]:
    """Count messages, or templates alone, where conversations apply, or conversations where messages do."""
    kinds = {one.unit for one in facts.terms.regimes if one.id in facts.regimes}
    if kinds & {INITIATOR, CATEGORY}:
        values = {"kind": "message"}
        yield Reading("unit", "messages", values, USUAL + 1, count_units(by_message))
        yield Reading("unit", "by message", values, USUAL + 1.5, _each_message)
        yield Reading("unit", "templates", {"kind": "template"}, USUAL + 1.5, count_units(by_template))
    if any(one.unit == CATEGORY and not one.free_service for one in facts.terms.regimes if one.id in facts.regimes):
        alone = partial(_each_message, free_service=True)
        yield Reading("unit", "by message, service free", values, USUAL + 2, alone)
    if CATEGORY in kinds:
        yield Reading("unit", "by the rules of messages", values, USUAL + 2, change_terms(_by_rules_of_messages))
    if MESSAGE in kinds:
        values = {"kind": "conversation"}
        yield Reading("unit", "sessions", values, USUAL + 1, count_units(by_session))
        # Conversations know no tiers (pricing.md §7); who counts them by a card that has some may apply them.
        tiered = (False, True) if any(cell.tier_from for cell in facts.cells) else (False,)
        for tiers, free_service in product(tiered, (False, True)):
            name, bits = f"by conversation, {tiers=}, {free_service=}", USUAL + 1.25 + 0.25 * (tiers + free_service)
            change = partial(_by_conversation, tiers=tiers, free_service=free_service)
            yield Reading("unit", name, values, bits, change_terms(change))


def _each_message(setting: Setting, *, free_service: bool = False) -> Setting:
    """Charge each message by its own category and window, as if a conversation lasted no time; free ones as well."""
    made = tuple(
        replace(one, conversation_hours=0, logged_expiry=False, free_service=one.free_service or free_service)
        if one.unit in {INITIATOR, CATEGORY}
        else one
        for one in setting.terms.regimes
    )
    return count_units(by_message)(replace(setting, terms=replace(setting.terms, regimes=made)))


def _by_rules_of_messages(terms: Terms) -> Terms:
    """Replace regimes by category of conversation by the first that charges messages: before it was in force."""
    rules = next(one for one in terms.regimes if one.unit == MESSAGE)
    made = (
        replace(rules, id=one.id, first=one.first, source=one.source) if one.unit == CATEGORY else one
        for one in terms.regimes
    )
    return replace(terms, regimes=tuple(made))


def _by_conversation(terms: Terms, *, tiers: bool, free_service: bool) -> Terms:
    """Replace the unit of regimes by message, by that of conversations; their tiers hold for these only if `tiers`."""
    made = (
        replace(one, unit=CATEGORY, free_service=one.free_service or free_service, tiers=one.tiers and tiers)
        if one.unit == MESSAGE
        else one
        for one in terms.regimes
    )
    return replace(terms, regimes=tuple(made))
