"""Charges counted for replays: few rows, alike in all that a price or a line of the invoice can hang on.

A replay is charged once and counted once; what merely prices it otherwise (another card, another exchange rate, tax)
works on these rows and never touches the messages again.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from auditor.core.equal_rows import equal_rows
from auditor.core.records import Account
from auditor.core.results import Cell
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import ChargeKinds
from auditor.core.tables import Charges
from auditor.core.tables import Int16
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import Messages
from auditor.core.tables import PricingType
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.timeline import DAY
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of
from auditor.core.timeline import month_text
from auditor.core.timeline import months_of_days
from auditor.core.timeline import transitions

_QUARTER = DAY // 96
_FARTHEST = 15 * 4 * _QUARTER  # no calendar is so far from UTC
_OUTSIDE = int(PricingType.OUTSIDE_AUDIT)
_CATEGORIES = {int(one): one.word for one in Category}
_PRICING_TYPES = {int(one): one.word for one in PricingType}
SPAN = ".."
ON_ITS_DAY = f"{SPAN}days"
SENT = "sent"  # cut by when messages were sent, in the accounts' own zones


@dataclass(frozen=True, slots=True)
class Quarters:
    """Charges by kind and by the quarter of an hour in which they are billed: no calendar cuts finer.

    `rows` are the kinds, `at` the instants at which the quarters begin, `counts` the units, `templates` the places of
    their templates among those that the log names, where these are told apart.
    """

    kinds: ChargeKinds
    rows: Int64
    at: Int64
    counts: Int64
    templates: Int64

    def of_template(self, place: int) -> "Quarters":
        """Give those of one template."""
        own = self.templates == place
        return Quarters(self.kinds, self.rows[own], self.at[own], self.counts[own], self.templates[own])


def by_quarter(
    charges: Charges, units: Int64 | None, account: Account, *, by_day: bool, templates: Int32 | None = None
) -> Quarters:
    """Count single charges by quarters of an hour; each may be billed as other `units` than one.

    Unless days are kept apart, quarters that lie on one side of the month's and the period's edges by every calendar
    count as one. `templates` gives the template of each row of the log (-1: none), if they are to be told apart.
    """
    if not len(charges):
        none = np.zeros(0, np.int64)
        return Quarters(charges.kinds, none, none, none, none)
    lowest = int(charges.billed_at.min()) // _QUARTER
    place = (charges.billed_at // _QUARTER - lowest).astype(np.int32)
    at = (np.arange(int(place.max()) + 1) + lowest) * _QUARTER
    if by_day:  # a kind is of one day: told from that, its quarters are a hundred and not those of all days
        within = place - (charges.kinds.day * (DAY // _QUARTER) - lowest)[charges.kind]
    else:
        begins = _unsettled(at, account)
        begins[0] = True
        at, place = at[begins], (np.cumsum(begins) - 1)[place]
        within = place
    template = np.full(len(charges), -1, np.int32) if templates is None else templates[charges.row]
    group, first = equal_rows([charges.kind, within, template])
    counts = np.bincount(group, minlength=len(first)) if units is None else sums(group, units, len(first))
    rows = charges.kind[first].astype(np.int64)
    return Quarters(charges.kinds, rows, at[place[first]], counts, template[first].astype(np.int64))


def local_days(instants: Int64, zone: str) -> Int64:
    """Give the local day numbers of instants in a zone."""
    starts, offsets = (np.array(column, np.int64) for column in zip(*transitions(zone), strict=True))
    return np.asarray((instants + offsets[np.searchsorted(starts, instants, side="right") - 1]) // DAY, np.int64)


def days_cut(own: Int64, instants: Int64, cut: str, account: Account) -> Int64:
    """Give the day numbers on which charges are billed where the period is cut otherwise: NEVER if in none.

    `cut` is a zone by whose calendar it is cut, or its first and last day (`SPAN` between them): what lies beyond the
    account's own edges is then billed on these, unless each is billed `ON_ITS_DAY`.
    """
    if SPAN not in cut:
        return local_days(instants, cut)
    first, last = (day_number(date.fromisoformat(text)) for text in cut.split(SPAN)[:2])
    billed = own if cut.endswith(ON_ITS_DAY) else np.clip(own, day_number(account.first), day_number(account.last))
    return np.where((own >= first) & (own <= last), billed, NEVER)


def days_of_accounts(wabas: Int16, instants: Int64, account: Account) -> Int64:
    """Give the local day numbers of instants, each in the zone of its account (its place in the list)."""
    days = np.zeros(len(instants), np.int64)
    for place, waba in enumerate(account.wabas):
        days[wabas == place] = local_days(instants[wabas == place], waba.time_zone)
    return days


def days_logged(messages: Messages, account: Account) -> Mapping[str, frozenset[date]]:
    """Give the days of the period on which the log has messages of each of its numbers, by any account's calendar.

    One that is read on a day was there before, and says nothing of that day; nor does one that was sent before it.
    """
    first, last = day_number(account.first) * DAY - _FARTHEST, (day_number(account.last) + 1) * DAY + _FARTHEST
    met = np.zeros((len(messages.numbers), (last - first) // _QUARTER), np.bool_)
    unsent = messages.sent == NEVER
    for at, some in ((messages.sent, ~unsent), (messages.delivered, unsent), (messages.failed, unsent)):
        inside = some & (at >= first) & (at < last)
        met[messages.number[inside], (at[inside] - first) // _QUARTER] = True
    zones = {waba.time_zone for waba in account.wabas}
    made: dict[str, frozenset[date]] = {}
    for number, own in zip(messages.numbers, met, strict=True):
        quarters = np.flatnonzero(own) * _QUARTER + first
        days = (day for zone in zones for day in np.unique(local_days(quarters, zone)).tolist())
        made[number] = frozenset(map(day_of, days))
    return made


def period_cut(cut: str, account: Account) -> Account:
    """Give the account with the period within which days are counted where it is cut otherwise: most often its own."""
    if not cut.endswith(ON_ITS_DAY):
        return account
    first, last = (date.fromisoformat(text) for text in cut.split(SPAN)[:2])
    return replace(account, first=min(first, account.first), last=max(last, account.last))


def local_day(instant: int, zone: str) -> int:
    """Give the local day number of one instant in a zone."""
    return int(local_days(np.array([instant], np.int64), zone)[0])


def breaks_of(terms: Terms) -> list[date]:
    """Give the days from which a rate, a country's market or the category of authentication may be another."""
    begun = {
        local_day(start, waba.time_zone)
        for waba in terms.account.wabas
        for start in waba.authentication_international.values()
    }
    return sorted({*terms.tariff.breaks, *map(day_of, {*begun, *terms.markets.breaks.tolist()})})


def tally(
    kinds: ChargeKinds, terms: Terms, account: Account, *, by_day: bool, rows: Int64 | None = None,
    days: Int64 | None = None, counts: Int64 | None = None, dated: bool = False,
) -> tuple[Cell, ...]:  # fmt: skip
    """Count the charges of the account's period. `by_day` keeps the days apart, for exchange rates.

    The cells' amounts are left empty: they are quantity times rate, worked out under the reading that is tried. `rows`
    are the kinds to count, with the `days` that decide whether and in which month they fall, and how many of each.
    Where lines are `dated` charges stand on these days, else on their own: what they come to hangs on it.
    """
    rows = np.arange(len(kinds)) if rows is None else rows
    days = kinds.day[rows].astype(np.int64) if days is None else days
    counts = kinds.count[rows] if counts is None else counts
    inside = (days >= day_number(account.first)) & (days <= day_number(account.last)) & (counts != 0)
    inside &= kinds.pricing_type[rows] != _OUTSIDE
    rows, days, counts = rows[inside], days[inside], counts[inside]
    if not len(rows):
        return ()
    group, first = equal_rows([rows, days])  # of quarters there are many to a day
    rows, days, counts = rows[first], days[first], sums(group, counts, len(first))
    breaks = np.array([day_number(day) for day in terms.tariff.breaks], np.int64)
    month = months_of_days(days.astype(np.int32)).astype(np.int64)
    days = days if dated else kinds.day[rows].astype(np.int64)
    stretch = days if by_day else np.searchsorted(breaks, kinds.day[rows], side="right").astype(np.int64)
    columns = (
        kinds.waba, kinds.number, kinds.market, kinds.country, kinds.category, kinds.pricing_type, kinds.regime,
        kinds.tier_from, kinds.rate,
    )  # fmt: skip
    group, first = equal_rows([stretch, month, *(column[rows].astype(np.int64) for column in columns)])
    sizes = sums(group, counts, len(first))
    return tuple(_cells(kinds, rows[first], sizes, month[first], days[first], terms))


def _unsettled(at: Int64, account: Account) -> npt.NDArray[np.bool_]:
    """Tell which of some quarters lie in another month, or beyond the period, by some calendar; and the one after."""
    edges = [day_number(account.first), day_number(account.last) + 1]
    by_some = [
        np.searchsorted(edges, days, side="right") + 3 * months_of_days(days.astype(np.int32))
        for days in ((at - _FARTHEST) // DAY, (at + _FARTHEST) // DAY)
    ]
    unsettled = np.not_equal(*by_some)
    return np.asarray(unsettled | np.roll(unsettled, 1), np.bool_)


def tally_quarters(
    quarters: Quarters, terms: Terms, account: Account, *, by_day: bool, cut: str, dated: bool
) -> tuple[Cell, ...]:
    """Count charges by quarters, each staying what it is; the period may be cut otherwise (`days_cut`)."""
    days = None
    if cut == SENT:
        days = days_of_accounts(quarters.kinds.waba[quarters.rows], quarters.at, account)
    elif cut:
        days = days_cut(quarters.kinds.day[quarters.rows].astype(np.int64), quarters.at, cut, account)
        account = period_cut(cut, account)
    return tally(
        quarters.kinds, terms, account, by_day=by_day, rows=quarters.rows, days=days, counts=quarters.counts,
        dated=dated,
    )  # fmt: skip


def sums(group: Int64, figures: Int64, groups: int) -> Int64:
    """Add figures up by group."""
    made = np.zeros(groups, np.int64)
    np.add.at(made, group, figures)
    return made


def _cells(c: ChargeKinds, rows: Int64, counts: Int64, months: Int64, days: Int64, terms: Terms) -> Iterator[Cell]:
    """Give a cell for each of some kinds of charges; a search makes hundreds of thousands."""
    wabas, numbers, regimes, markets = terms.account.wabas, terms.numbers, terms.regimes, terms.markets
    periods = {month: month_text(month) for month in set(months.tolist())}
    dates = {day: day_of(day) for day in set(days.tolist())}
    columns = (
        c.waba, c.number, c.regime, c.market, c.country, c.category, c.pricing_type, c.tier_from, c.rate,
    )  # fmt: skip
    values = (column[rows].tolist() for column in columns)
    each = zip(counts.tolist(), months.tolist(), days.tolist(), *values, strict=True)
    for count, month, day, waba, number, regime, market, country, category, pricing_type, tier_from, rate in each:
        yield Cell(
            wabas[waba].id, numbers[number], periods[month], dates[day], regimes[regime].id,
            markets.names[market] if market >= 0 else "", markets.country_of(country), _CATEGORIES[category],
            _PRICING_TYPES[pricing_type], tier_from, None if rate == EMPTY else c.values[rate], wabas[waba].currency,
            count, None, None, None, True, "",
        )  # fmt: skip
