"""The session model: customer service windows, conversations and free entry points of every regime (pricing.md §§2-6).

One walk over a thread's delivered messages, in order, decides for each whether it opens a unit to be charged, or falls
under one that is open, or is free. Monthly allowances and money come later, in `charges.py`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.alike import value_at
from auditor.core.kinds import AGENT
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import FAILED
from auditor.core.kinds import IN_NO_WINDOW
from auditor.core.kinds import ORIGIN_MASK
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.markets import place_of
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import FREE_SERVICE
from auditor.core.regimes import FREE_UTILITY_IN_WINDOW
from auditor.core.regimes import FROM_REFERRAL
from auditor.core.regimes import INITIATOR
from auditor.core.regimes import LOGGED_EXPIRY
from auditor.core.regimes import NOTIFICATION
from auditor.core.regimes import RegimeColumns
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Int8
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import Reason
from auditor.core.tables import UInt16
from auditor.core.threads import Folded
from auditor.core.threads import Partition
from auditor.core.timeline import DAY
from auditor.core.timeline import Zones
from auditor.core.timeline import local_day

# Enumerations as plain integers, which is what compiled code takes.
_SERVICE, _UTILITY = int(Category.SERVICE), int(Category.UTILITY)
_USER_INITIATED, _BUSINESS_INITIATED = int(Category.USER_INITIATED), int(Category.BUSINESS_INITIATED)
_REFERRAL, _NOTIFICATION = int(Category.REFERRAL_CONVERSION), int(Category.NOTIFICATION)
_REGULAR, _FREE_SERVICE = int(PricingType.REGULAR), int(PricingType.FREE_SERVICE)
_FREE_WINDOW, _FREE_ENTRY = int(PricingType.FREE_CUSTOMER_SERVICE), int(PricingType.FREE_ENTRY_POINT)
_OUTSIDE_AUDIT = int(PricingType.OUTSIDE_AUDIT)
_ERA_CROSSING, _WINDOW_SPLIT = int(Reason.ERA_CROSSING), int(Reason.WINDOW_SPLIT)
_FAILED_AFTER, _OUTSIDE = int(Reason.FAILED_AFTER_DELIVERY), int(Reason.OUTSIDE_WINDOW)
_CARRIED = int(Reason.CARRIED_OVER)
_AUTHENTICATION, _INTERNATIONAL = int(Category.AUTHENTICATION), int(Category.AUTHENTICATION_INTERNATIONAL)
# How `Units.covered` packs a day (from 1; 0: none) for each of four templates, and whether authentication went abroad.
_COVERED_BITS, _COVERED_MASK, _COVERED_INTERNATIONAL = 3, 7, 1 << 12
_KINDS = 5  # service, marketing, utility, authentication, marketing_lite: what can be open side by side


@dataclass(frozen=True, slots=True)
class Units:
    """What the walk found to charge or to let pass: one row per conversation or message, before money.

    `opener` is the place in `Folded` of the message that opened it, `regime` the row of the table of regimes, `place`
    the customer's in the table of markets (-1: unknown). `covered` says which templates of the next era a conversation
    of the first covers (see `covered_days`).
    """

    opener: Int64
    conversation: npt.NDArray[np.bool_]
    regime: Int8
    category: Int8
    pricing_type: Int8
    place: Int16
    day: Int32
    ends_at: Int64
    messages: Int32
    reasons: UInt16
    covered: UInt16

    def __len__(self) -> int:
        """Give the number of units."""
        return len(self.opener)

    def first(self, count: int) -> "Units":
        """Give the first so many units."""
        return Units(*(getattr(self, name)[:count] for name in self.__slots__))

    def put(self, units: "Units", at: int) -> None:
        """Put units in place from `at` on."""
        for name in self.__slots__:
            getattr(self, name)[at : at + len(units)] = getattr(units, name)


@njit(cache=True, nogil=True)
def last_not_after(times: Int64, first: int, last: int, at: int) -> int:
    """Give the latest of the ordered `times[first:last]` (instants, or rows) that is not after `at`, or `NEVER`."""
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if times[middle] <= at:
            low = middle + 1
        else:
            high = middle
    return times[low - 1] if low > first else NEVER


@njit(cache=True, nogil=True)
def window_open(times: Int64, first: int, last: int, at: int) -> bool:
    """Tell whether a customer service window is open at `at`: a user wrote less than 24 h before (pricing.md §1)."""
    inbound = last_not_after(times, first, last, at)
    return inbound != NEVER and at - inbound < DAY


@njit(cache=True, nogil=True)
def _answer(referral: Int64, used: npt.NDArray[np.bool_], first: int, last: int, sent: int) -> int:
    """Use up every referral that a message sent at `sent` answers (within 24 h of it); give the last, or `NEVER`."""
    latest = NEVER
    k = last - 1
    while k >= first and referral[k] > sent:
        k -= 1
    while k >= first and sent - referral[k] < DAY:
        if not used[k]:
            used[k] = True
            latest = max(latest, referral[k])
        k -= 1
    return latest


@njit(cache=True, nogil=True)
def _forget(referral: Int64, used: npt.NDArray[np.bool_], first: int, last: int, start: int, end: int) -> None:
    """Use up the referrals received during a free entry point: they have no effect, also later (pricing.md §4.3)."""
    for k in range(first, last):
        if start <= referral[k] < end:
            used[k] = True


@njit(cache=True, nogil=True)
def _cover(covered: int, template: int, days: int, international: bool) -> int:
    """Note a template of the next era under a conversation of the first: the first of its category decides."""
    shift = (template - 1) * _COVERED_BITS
    if template == _SERVICE or covered >> shift & _COVERED_MASK:
        return covered
    if template == _AUTHENTICATION and international:
        covered |= _COVERED_INTERNATIONAL
    return covered | min(days + 1, _COVERED_MASK) << shift


def covered_days(covered: int) -> list[tuple[Category, int]]:
    """Give the templates that a conversation of the first era covers in the next, and how many days after it began."""
    found = []
    for template in (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION, Category.MARKETING_LITE):
        days = covered >> (template - 1) * _COVERED_BITS & _COVERED_MASK
        if days:
            abroad = template == Category.AUTHENTICATION and covered & _COVERED_INTERNATIONAL
            found.append((Category.AUTHENTICATION_INTERNATIONAL if abroad else template, days - 1))
    return found


@njit(cache=True, nogil=True)
def _note(belongs: Int32, message: int, unit: int) -> None:
    """Note a message's unit, where there is room to."""
    if len(belongs):
        belongs[message] = unit


@njit(cache=True, nogil=True)
def _walk(
    outbound: Int64,
    outbound_first: Int64,
    inbound: Int64,
    inbound_first: Int64,
    referral: Int64,
    referral_first: Int64,
    kind: UInt16,
    sent: Int64,
    billed: Int64,
    expires: Int64,
    waba: Int16,
    user: Int64,
    country: Int16,
    group: Int32,
    group_first: Int64,
    group_times: Int64,
    tells_templates: bool,
    country_places: Int16,
    prefixes: Int16,
    abroad_from: Int64,
    zone_first: Int64,
    zone_starts: Int64,
    zone_offsets: Int64,
    regime_first: Int32,
    regime_unit: Int32,
    regime_conversation: Int64,
    regime_free_entry: Int64,
    regime_rules: Int32,
    belongs: Int32,
    opener: Int64,
    conversation: npt.NDArray[np.bool_],
    regime: Int8,
    category: Int8,
    pricing_type: Int8,
    place: Int16,
    day: Int32,
    ends_at: Int64,
    messages: Int32,
    reasons: UInt16,
    covered: UInt16,
) -> int:
    """Walk the threads of a partition; write its units and give how many there are.

    `belongs` receives, for each message, its unit. The arrays from `opener` on are the columns of `Units`.
    """
    u = 0
    used = np.zeros(len(referral), np.bool_)
    open_unit = np.empty(_KINDS, np.int64)
    open_end = np.empty(_KINDS, np.int64)
    open_start = np.empty(_KINDS, np.int64)
    open_turn = np.empty(_KINDS, np.int64)
    for t in range(len(outbound_first) - 1):
        ref_a, ref_b = referral_first[t], referral_first[t + 1]
        in_a, in_b = inbound_first[t], inbound_first[t + 1]
        open_end[:] = NEVER  # conversations by category (pricing.md §4)
        first_unit, first_end, first_is_free_entry = -1, NEVER, False  # the one v1 conversation (pricing.md §3)
        entry_unit, entry_end = -1, NEVER  # the free entry point (pricing.md §§4.3, 5.2)
        for k in range(outbound_first[t], outbound_first[t + 1]):
            m = outbound[k]
            at, said = billed[m], sent[m]
            local = local_day(at, value_at(waba, m), zone_first, zone_starts, zone_offsets)
            r = len(regime_first) - 1
            while regime_first[r] > local:
                r -= 1
            unit, rules = regime_unit[r], regime_rules[r]
            template = (kind[m] & CATEGORY_MASK) >> CATEGORY_SHIFT
            remark = _FAILED_AFTER if kind[m] & FAILED else 0
            where = place_of(user[m], value_at(country, m), country_places, prefixes)
            abroad = abroad_from[value_at(waba, m), where] if where >= 0 else NEVER
            international = abroad != NEVER and at >= abroad

            # What every new unit has; the rules below say the rest. It only counts if `u` is moved on.
            opener[u] = m
            conversation[u] = False
            regime[u] = r
            category[u] = template
            pricing_type[u] = _REGULAR
            place[u] = where
            day[u] = local
            ends_at[u] = NEVER
            messages[u] = 1
            reasons[u] = remark
            covered[u] = 0

            if (kind[m] & ORIGIN_MASK) >> ORIGIN_SHIFT == AGENT:
                # Meta's agent is billed in tokens: it opens, answers and counts nothing (pricing.md §1).
                pricing_type[u] = _OUTSIDE_AUDIT
                if unit == NOTIFICATION and template:
                    category[u] = _NOTIFICATION
                _note(belongs, m, u)
                u += 1
                continue

            referred = _answer(referral, used, ref_a, ref_b, said)
            answered = referred != NEVER
            entered = referred if rules & FROM_REFERRAL else at
            own = value_at(group, m)
            if own >= 0:
                times, a, b = group_times, group_first[own], group_first[own + 1]
            else:
                times, a, b = inbound, in_a, in_b

            if unit == NOTIFICATION:
                if template:
                    category[u] = _NOTIFICATION
                else:
                    pricing_type[u] = _FREE_WINDOW
                _note(belongs, m, u)
                u += 1

            elif unit == INITIATOR:  # pricing.md §3
                if at < first_end:
                    _note(belongs, m, first_unit)
                    messages[first_unit] += 1
                    continue
                conversation[u] = True
                first_is_free_entry = answered
                first_end = at + regime_conversation[r]
                if answered:
                    first_end = entered + regime_free_entry[r]
                    category[u], pricing_type[u] = _REFERRAL, _FREE_ENTRY
                    _forget(referral, used, ref_a, ref_b, at, first_end)
                elif window_open(times, a, b, said):
                    category[u] = _USER_INITIATED
                else:
                    category[u] = _BUSINESS_INITIATED
                    if template == 0 and tells_templates:
                        reasons[u] |= _OUTSIDE
                ends_at[u] = first_end
                first_unit = u
                _note(belongs, m, u)
                u += 1

            elif unit == CATEGORY:  # pricing.md §4
                if at < first_end and not (answered and not first_is_free_entry):
                    # §4.7: a v1 conversation keeps covering until it ends.
                    _note(belongs, m, first_unit)
                    messages[first_unit] += 1
                    reasons[first_unit] |= _ERA_CROSSING
                    covered[first_unit] = _cover(covered[first_unit], template, local - day[first_unit], international)
                    continue
                if at < entry_end:
                    _note(belongs, m, entry_unit)
                    messages[entry_unit] += 1
                    continue
                end = at + regime_conversation[r]
                if answered:
                    # §4.3: the answer opens a free entry point and closes whatever else is open.
                    end = entered + regime_free_entry[r]
                    if at < first_end:
                        ends_at[first_unit] = at
                        first_end = at
                    for c in range(_KINDS):
                        if open_end[c] > at:
                            ends_at[open_unit[c]] = at
                            open_end[c] = at
                elif template:
                    if at < open_end[template]:
                        _note(belongs, m, open_unit[template])
                        messages[open_unit[template]] += 1
                        continue
                else:
                    latest = -1
                    for c in range(_KINDS):
                        if at < open_end[c] and (
                            latest < 0
                            or open_start[c] > open_start[latest]
                            or (open_start[c] == open_start[latest] and open_turn[c] > open_turn[latest])
                        ):
                            latest = c
                    if latest >= 0:
                        _note(belongs, m, open_unit[latest])
                        messages[open_unit[latest]] += 1
                        continue
                    if rules & FREE_SERVICE:
                        pricing_type[u] = _FREE_SERVICE
                logged = value_at(expires, m)
                if rules & LOGGED_EXPIRY and logged != NEVER and logged > at:
                    end = logged  # §4.6
                conversation[u] = True
                ends_at[u] = end
                if answered:
                    category[u], pricing_type[u] = _REFERRAL, _FREE_ENTRY
                    entry_unit, entry_end = u, end
                    _forget(referral, used, ref_a, ref_b, at, end)
                else:
                    open_unit[template], open_end[template] = u, end
                    open_start[template], open_turn[template] = at, k
                    if template == _AUTHENTICATION and international:
                        category[u] = _INTERNATIONAL  # §4.5
                _note(belongs, m, u)
                u += 1

            else:  # by message: pricing.md §§5, 6
                in_entry = at < entry_end
                if answered and not in_entry:
                    in_entry = True
                    entry_end = entered + regime_free_entry[r]
                    _forget(referral, used, ref_a, ref_b, at, entry_end)
                in_window = window_open(times, a, b, said)
                if in_entry:
                    pricing_type[u] = _FREE_ENTRY
                elif template == _SERVICE:
                    if rules & FREE_SERVICE:
                        pricing_type[u] = _FREE_WINDOW
                    if not in_window:
                        reasons[u] |= _OUTSIDE
                elif template == _UTILITY:
                    if at < open_end[_UTILITY]:
                        pricing_type[u] = _FREE_WINDOW  # §5.3: covered by a conversation from before the switch
                        reasons[u] |= _CARRIED
                    elif rules & FREE_UTILITY_IN_WINDOW and in_window and not kind[m] & IN_NO_WINDOW:
                        pricing_type[u] = _FREE_WINDOW
                        if not window_open(times, a, b, at):
                            reasons[u] |= _WINDOW_SPLIT  # §5.4
                else:
                    if at < open_end[template]:
                        reasons[u] |= _ERA_CROSSING  # §5.3
                    if template == _AUTHENTICATION and international:
                        category[u] = _INTERNATIONAL  # §4.5
                _note(belongs, m, u)
                u += 1
    return u


@dataclass(frozen=True, slots=True)
class Geography:
    """Where customers are: places of stated countries, of prefixes, and from when a WABA's place counts as abroad.

    `abroad_from[waba, place]` is the instant from which authentication is international there (`NEVER`: it is not).
    """

    country_places: Int16
    prefixes: Int16
    abroad_from: Int64


def walk(
    folded: Folded, part: Partition, zones: Zones, regimes: RegimeColumns, where: Geography, belongs: Int32
) -> Units:
    """Walk the threads of one partition under a table of regimes, in the zones of the accounts.

    Fills `belongs` (one place per message of `folded`, or no room at all) with the unit's place in the result.
    """
    found = no_units(len(part.outbound) + 1)
    count = _walk(
        part.outbound, part.outbound_first, part.inbound, part.inbound_first, part.referral, part.referral_first,
        folded.kind, folded.sent, folded.billed, folded.expires, folded.waba, folded.user, folded.country,
        folded.group, folded.group_first, folded.group_times, folded.tells_templates,
        where.country_places, where.prefixes, where.abroad_from, zones.first, zones.starts, zones.offsets,
        regimes.first, regimes.unit, regimes.conversation, regimes.free_entry_point, regimes.rules, belongs,
        *(getattr(found, name) for name in Units.__slots__),
    )  # fmt: skip
    return found.first(count)


_KINDS_OF_UNITS = (
    np.int64, np.bool_, np.int8, np.int8, np.int8, np.int16, np.int32, np.int64, np.int32, np.uint16, np.uint16
)  # fmt: skip


def no_units(room: int) -> Units:
    """Give room for so many units, to be filled by `put`."""
    columns = [np.empty(room, kind) for kind in _KINDS_OF_UNITS]
    return Units(*columns)  # type: ignore[arg-type]  # in the order of its fields
