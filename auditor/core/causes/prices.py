"""Readings that price units otherwise: another currency, tiers, mark-ups, exchange, tax, fees and rounding."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import ROUND_DOWN
from decimal import ROUND_UP
from decimal import Decimal
from functools import partial
from itertools import product
from math import log2

from auditor.core.causes.ratios import FACTOR_DIGITS
from auditor.core.causes.ratios import odd
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import REGULAR
from auditor.core.causes.reading import STATED
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import change_lookup
from auditor.core.causes.reading import change_mark_ups
from auditor.core.causes.reading import change_terms
from auditor.core.causes.view import Lookup
from auditor.core.causes.view import View
from auditor.core.money import minor_digits
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.records import Account
from auditor.core.records import FxMethod
from auditor.core.records import RateRow
from auditor.core.terms import Terms

_DAYS_OFF = 7
_A_MONTH = timedelta(days=31)  # from the first day of a month on it leads into the next
_UNAGREED = 2.0  # bits for a mark-up where no contract states any: an exchange rate that comes to the same is likelier
_LESS = 3.0  # bits for one that takes something off
_ROUNDINGS = {"": "", " down": ROUND_DOWN, " up": ROUND_UP}  # "": half up
_AS_IT_STANDS = "as it stands"
_TAXED_TWICE = 6.5  # bits for a tax inside the amounts of an invoice that states it on a line of its own


# Currencies ----------------------------------------------------------------------------------------------------------


def other_currencies(facts: Facts) -> Iterator[Reading]:
    """Take the rates from another currency's card: converted, or as if they were in the account's own."""
    own = {waba.currency for waba in facts.account.wabas}
    rows = (row for card in facts.terms.tariff.all_cards for row in card.rows)
    for currency in sorted({row.currency for row in rows} - own):
        values = {"currency": currency}
        for converted in (True, False):
            name = currency if converted else f"{currency} {_AS_IT_STANDS}"
            take = change_lookup(partial(_in_currency, currency, converted))
            leads = tuple(_at_one_rate(facts, currency, take)) if converted else ()
            yield Reading("card_currency", name, values, RARE, view=take, leads=leads)


def _at_one_rate(facts: Facts, currency: str, take: Callable[[View], View]) -> Iterator[Reading]:
    """Convert all rates of another currency's card at the exchange rate of one day, or at the month's average."""
    daily, values = FxMethod("daily", facts.account.fx.file), {"currency": currency}
    days = [facts.account.last, facts.account.first, *([facts.document] if facts.document else [])]
    for day in dict.fromkeys(days):
        change = partial(_taken, take, partial(_by_day, daily, partial(_always, day)))
        yield Reading("card_currency", f"{currency} of {day}", values, RARE + 1, view=change)
    change = partial(_taken, take, partial(_by_method, replace(daily, method="month_average")))
    yield Reading("card_currency", f"{currency} on average", values, RARE + 1, view=change)


def is_as_it_stands(reading: Reading) -> bool:
    """Tell whether a reading takes the rates of another currency's card as if they were in the account's own."""
    return reading.cause == "card_currency" and reading.variant.endswith(_AS_IT_STANDS)


def currencies_listed(facts: Facts) -> Sequence[str]:
    """Give the other currencies in which cards list everything that is charged, on its day."""
    own = {waba.currency for waba in facts.account.wabas}
    others = {row.currency for card in facts.terms.tariff.all_cards for row in card.rows} - own
    charged = {(cell.market, cell.category, cell.day) for cell in facts.cells if cell.pricing_type == REGULAR}
    price = facts.terms.tariff.price
    return [one for one in sorted(others) if all(price(one, *key).listed is not None for key in charged)]


def implied_conversion(currency: str, rate: Decimal, bits: float) -> Reading:
    """Convert all rates of another currency's card at one rate that no table states, and the amounts billed imply."""
    values = {"kind": "implied", "currency": currency, "rate": plain(rate)}
    take = change_lookup(partial(_in_currency, currency, False))
    view = partial(_taken, take, partial(_times, rate))
    return Reading("card_currency", f"{currency} at {plain(rate)}", values, bits, view=view)


def _taken(take: Callable[[View], View], exchange: Callable[[View], View], view: View) -> View:
    return exchange(take(view))


def _in_currency(currency: str, converted: bool, lookup: Lookup) -> Lookup:
    return replace(lookup, currency=currency, converted=converted)


# Prices --------------------------------------------------------------------------------------------------------------


def other_tiers(facts: Facts) -> Iterator[Reading]:
    """Apply no volume tiers, count them by account, without what was used elsewhere, or back to the first unit."""
    tiers = {cell.tier_from for cell in facts.cells} - {0}
    if not tiers:
        return
    yield Reading("tier", "none", {"kind": "none"}, USUAL, change_terms(_without_tiers))
    yield Reading("tier", "waba", {"kind": "waba"}, USUAL, change_terms(_tiers_by_account))
    if facts.account.opening_volumes:
        change = change_terms(lambda terms: replace(terms, account=replace(terms.account, opening_volumes=())))
        yield Reading("tier", "opening", {"kind": "opening"}, USUAL, change)
    if any(lower > 1 for lower in tiers):
        yield Reading("tier", "first", {"kind": "first"}, USUAL + 1, view=change_lookup(_at_the_first_tier))
        yield Reading("tier", "reached", {"kind": "reached"}, USUAL + 1, change_terms(_at_the_tier_reached))


def _without_tiers(terms: Terms) -> Terms:
    return replace(terms, regimes=tuple(replace(one, tiers=False) for one in terms.regimes))


def _tiers_by_account(terms: Terms) -> Terms:
    wabas = tuple(replace(waba, portfolio="") for waba in terms.account.wabas)
    return replace(terms, account=replace(terms.account, wabas=wabas))


def _at_the_tier_reached(terms: Terms) -> Terms:
    return replace(terms, tiers_reached=True)


def _at_the_first_tier(lookup: Lookup) -> Lookup:
    return replace(lookup, at_first_tier=True)


def other_mark_ups(facts: Facts) -> Iterator[Reading]:
    """Leave out a stated mark-up or a part of it, apply it twice, or in the other order."""
    currencies = {waba.currency for waba in facts.account.wabas}
    rows = [
        row for card in facts.terms.tariff.cards for row in card.rows if row.rate is None and row.currency in currencies
    ]
    if not rows:
        return
    variants: list[tuple[str, Callable[[RateRow], RateRow]]] = [("none", no_mark_up)]
    if any(row.plus for row in rows) and any(row.factor not in {None, 1} for row in rows):
        variants += [("no_plus", _no_plus), ("no_factor", _no_factor), ("plus_first", _plus_first)]
    variants.append(("twice", _twice))
    for kind, change in variants:
        yield Reading("mark_up", kind, {"kind": kind}, USUAL + 0.5, view=change_mark_ups(change))


def no_mark_up(row: RateRow) -> RateRow:
    """Leave out a mark-up: the price beneath it."""
    return replace(row, factor=Decimal(1), plus=Decimal(0))


def _no_plus(row: RateRow) -> RateRow:
    return replace(row, plus=Decimal(0))


def _no_factor(row: RateRow) -> RateRow:
    return replace(row, factor=Decimal(1))


def _plus_first(row: RateRow) -> RateRow:
    return replace(row, plus=row.plus * (row.factor or 1))


def _twice(row: RateRow) -> RateRow:
    factor = Decimal(1) if row.factor is None else row.factor
    return replace(row, factor=factor * factor, plus=row.plus * factor + row.plus)


def other_exchange(facts: Facts) -> Iterator[Reading]:
    """Exchange by another method, or at the rate of another day."""
    account = facts.account
    if all(waba.currency == account.currency for waba in account.wabas):
        return
    methods = [one for one in ("daily", "month_average", "document_date") if one != account.fx.method]
    for method in methods:
        if method == "document_date" and facts.document is None:
            continue
        change = partial(_by_method, replace(account.fx, method=method))
        yield Reading("fx", method, {"kind": method}, USUAL, view=change)
    days: list[tuple[str, Callable[[date], date]]] = [
        ("previous_day", lambda day: day - timedelta(days=1)),
        ("next_day", lambda day: day + timedelta(days=1)),
        ("period_end", lambda day: min(account.last, _last_of_month(_month_begun(account, day)))),
        ("month_end", _last_of_month),
        ("period_start", partial(_month_begun, account)),
        ("month_before", lambda day: day.replace(day=1) - timedelta(days=1)),
    ]
    for kind, day in days:
        change = partial(_by_day, FxMethod("daily", account.fx.file), day)
        yield Reading("fx", kind, {"kind": kind}, USUAL + 0.5, view=change)
    change = partial(_by_day, FxMethod("month_average", account.fx.file), days[-1][1])
    yield Reading("fx", "average of the month before", {"kind": "month_before"}, USUAL + 1, view=change)
    if facts.document is not None:
        before = facts.document - timedelta(days=1)
        change = partial(_by_day, FxMethod("daily", account.fx.file), lambda _: before)
        yield Reading("fx", "day before the document", {"kind": "previous_day"}, USUAL + 1, view=change)
    yield from _days_off(facts)
    change = partial(_by_rate, Decimal(1))
    yield Reading("fx", "none", {"kind": "none"}, USUAL + 1, view=change)


def _days_off(facts: Facts) -> Iterator[Reading]:
    """Exchange some days late or early, as far as a stated rate may serve, or all of it at the rate of one day."""
    account = facts.account
    daily = FxMethod("daily", account.fx.file)
    for days in range(2, _DAYS_OFF + 1):
        for kind, sign in (("days_before", -1), ("days_after", 1)):
            change = partial(_by_day, daily, partial(_moved, sign * days))
            values = {"kind": kind, "days": str(days)}
            yield Reading("fx", f"{kind} {days}", values, USUAL + 1 + days / 4, view=change)
    period = (account.last - account.first).days
    several = _last_of_month(account.first) < account.last  # the first and the last day are not of all months
    for place in range(period + 1) if several else range(1, period):
        day = account.first + timedelta(days=place)
        values = {"kind": "on_day", "day": day.isoformat()}
        change = partial(_by_day, daily, partial(_always, day))
        yield Reading("fx", f"on {day}", values, USUAL + 1 + log2(period), view=change)


def _month_begun(account: Account, day: date) -> date:
    """Give the first day of the period in the month of a day; where another calendar cuts it, that may lie beyond."""
    inside = min(max(day, account.first), account.last)
    return max(account.first, inside.replace(day=1))


def _last_of_month(day: date) -> date:
    return (day.replace(day=1) + _A_MONTH).replace(day=1) - timedelta(days=1)


def _moved(days: int, day: date) -> date:
    return day + timedelta(days=days)


def _always(at: date, _day: date) -> date:
    return at


def _by_method(method: FxMethod, view: View) -> View:
    return replace(view, exchange=view.exchange.by(method))


def _by_day(method: FxMethod, day: Callable[[date], date], view: View) -> View:
    return replace(view, exchange=view.exchange.by(method), rate_day=day)


def _by_rate(rate: Decimal, view: View) -> View:
    return replace(view, exchange=view.exchange.flat(rate))


def implied_exchange(rate: Decimal, bits: float) -> Reading:
    """Exchange everything at one rate that no table states, which the amounts billed imply."""
    values = {"kind": "implied", "rate": plain(rate)}
    return Reading("fx", f"implied {plain(rate)}", values, bits, view=partial(_by_rate, rate))


def implied_mark_up(factor: Decimal, bits: float) -> Reading:
    """Multiply everything by a factor that no contract states, which the amounts billed imply."""
    values = {"kind": "implied", "factor": plain(factor)}
    return Reading("mark_up", f"implied {plain(factor)}", values, bits, view=partial(_times, factor))


def implied_sum(plus: Decimal, currency: str, bits: float, *, exchanged: bool) -> Reading:
    """Add a sum that no contract states to each unit's rate, before it is `exchanged` or to what it comes to then."""
    values = {"kind": "sum", "plus": plain(plus), "currency": currency}
    added = partial(_added_before if exchanged else _plus, plus)
    return Reading("mark_up", f"sum {plain(plus)} {currency}", values, bits, view=added)


def _added_before(plus: Decimal, view: View) -> View:
    return replace(view, listed_plus=view.listed_plus + plus)


def unagreed(factor: Decimal, *, exchanged: bool) -> float:
    """Give the bits by which a mark-up that no contract states is less likely, where amounts may be `exchanged`."""
    if not exchanged:
        return _UNAGREED
    return _UNAGREED + odd(factor, exchanged=exchanged) + _LESS * (factor < 1)


def other_factor(factor: Decimal, bits: float, plus: Decimal | None = None) -> Reading:
    """Put another factor for the one that the contract states; leave what it adds as it is, or add `plus` instead."""
    kind = "factor" if plus is None else "factor_plus" if plus else "factor_alone"
    values = {"kind": kind, "factor": plain(factor), **({"plus": plain(plus)} if plus else {})}
    change = change_mark_ups(partial(_with_factor, factor, plus))
    name = " ".join(values.values())
    return Reading("mark_up", name, values, bits + (plus is not None), view=change)


def other_plus(plus: Decimal, bits: float) -> Reading:
    """Add another sum to each unit than the contract does; leave its factor as it is."""
    change = change_mark_ups(lambda row: row if row.factor is None else replace(row, plus=plus))
    return Reading("mark_up", f"plus {plain(plus)}", {"kind": "plus", "plus": plain(plus)}, bits, view=change)


def _with_factor(factor: Decimal, plus: Decimal | None, row: RateRow) -> RateRow:
    return row if row.factor is None else replace(row, factor=factor, plus=row.plus if plus is None else plus)


def _times(factor: Decimal, view: View) -> View:
    return replace(view, factor=view.factor * factor)


# What is put on top --------------------------------------------------------------------------------------------------


def taxes_inside(facts: Facts) -> Iterator[Reading]:
    """Put the stated tax inside the amounts; or leave it out of amounts that are said to hold it.

    Where the invoice states it on a line of its own as well, it would be billed twice, which little speaks for.
    """
    tax = facts.account.tax
    if tax is None:
        return
    values = {"tax": tax.name, "rate": plain(tax.rate)}
    factor = 1 + tax.rate / 100
    if tax.included:
        factor = rounded(1 / factor, FACTOR_DIGITS)
    variant = "outside" if tax.included else "inside"
    yield Reading(
        "tax_included",
        variant,
        {**values, **({"kind": variant} if tax.included else {})},
        STATED + _TAXED_TWICE * (facts.taxed_apart and not tax.included),
        view=partial(_times, factor),
    )


def fees_inside(facts: Facts) -> Iterator[Reading]:
    """Put a fee per unit that the contract states inside the lines, bare or with the stated tax on it."""
    for fee in facts.account.fees:
        if fee.per != "unit" or fee.layer != "provider_fee" or fee.currency != facts.account.currency:
            continue
        values = {"kind": "unit", "fee": plain(fee.amount)}
        yield Reading("provider_fee", plain(fee.amount), values, STATED, view=partial(_plus, fee.amount))
        if facts.account.tax and not facts.account.tax.included:
            taxed, values = fee.amount * (1 + facts.account.tax.rate / 100), {**values, "kind": "unit_taxed"}
            yield Reading("provider_fee", f"{plain(fee.amount)} taxed", values, STATED + 1, view=partial(_plus, taxed))


def _plus(fee: Decimal, view: View) -> View:
    return replace(view, per_unit=view.per_unit + fee)


def units_rounded(facts: Facts) -> Iterator[Reading]:
    """Round every unit's price, half up, always down or always up, to the minor unit or one or two decimals more.

    Where it is exchanged, the rate may have been rounded before; where a tax or a fee is put on it, its price may.
    """
    own = minor_digits(facts.account.currency)
    for digits in (own, own + 1, own + 2):
        for name, mode in _ROUNDINGS.items():
            values = {"kind": f"unit{name}".replace(" ", "_"), "digits": str(digits)}
            change = partial(_unit_rounded, digits, mode)
            bits = USUAL + 1 + (digits - own) + 2 * bool(mode)
            yield Reading("rounding", f"unit {digits}{name}", values, bits, view=change)
    foreign = {waba.currency for waba in facts.account.wabas} - {facts.account.currency}
    listed = max((minor_digits(currency) for currency in foreign), default=0)
    for digits, (name, mode) in product((listed, listed + 1) if foreign else (), _ROUNDINGS.items()):
        values = {"kind": f"listed{name}".replace(" ", "_"), "digits": str(digits)}
        bits = RARE + digits - listed + 2 * bool(mode)
        yield Reading("rounding", f"listed {digits}{name}", values, bits, view=partial(_listed_rounded, digits, mode))
    if facts.account.tax or facts.account.fees:
        for digits in (own, own + 1):
            values = {"kind": "bare", "digits": str(digits)}
            bits = USUAL + 1.5 + digits - own  # alone it is the same as to round the price
            yield Reading("rounding", f"bare {digits}", values, bits, view=partial(_bare_rounded, digits))


def _bare_rounded(digits: int, view: View) -> View:
    return replace(view, bare_digits=digits)


def _listed_rounded(digits: int, mode: str, view: View) -> View:
    return replace(view, listed_digits=digits, listed_mode=mode)


def _unit_rounded(digits: int, mode: str, view: View) -> View:
    return replace(view, unit_digits=digits, unit_mode=mode)
