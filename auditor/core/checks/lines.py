"""What an invoice's lines say against themselves, each other and the contract: no message log is needed.

Each check says only what it can prove from the lines as they are billed, taxes inside where they are inside. Whether a
finding costs anything is for the reconciliation: `amount` is what is at stake, billed minus right, where that is known.
"""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from itertools import groupby

from auditor.core.causes.rates import as_said
from auditor.core.causes.stated import once
from auditor.core.checks.contract import against_contract
from auditor.core.checks.sums import against_percentages
from auditor.core.checks.sums import against_totals
from auditor.core.checks.sums import by_file
from auditor.core.day_words import day_words
from auditor.core.markets import Markets
from auditor.core.money import EXACT
from auditor.core.money import plain
from auditor.core.money import rounded
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.rates import Price
from auditor.core.rates import Tariff
from auditor.core.reconcile import FREE
from auditor.core.reconcile import rounding_reach
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.results_checks import LineFinding

Lines = Sequence[InvoiceLine]
_POWERS = (-3, 3, -2, 2)
_MOST_OFF = 50
_DAYS = frozenset({"before", "first", "last"})
_AMOUNTS = frozenset({"amount", "amounts", "billed", "right", "stated", "sum"})


@dataclass(frozen=True, slots=True)
class _Basis:
    """What lines are held against; `before` the cards in force. `everywhere` keeps what all markets have alike."""

    account: Account
    tariff: Tariff
    markets: Markets
    before: Tariff
    currencies: frozenset[str]
    everywhere: dict[tuple[str, str, date, date], frozenset[Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, account: Account, tariff: Tariff, markets: Markets) -> "_Basis":
        """Take the cards with the currencies they have, and as they were before their last change."""
        currencies = frozenset(row.currency for card in tariff.all_cards for row in card.rows)
        return cls(account, tariff, markets, tariff.neighbour(later=False), currencies)


def line_findings(
    lines: Lines, controls: Sequence[ControlTotal], account: Account, tariff: Tariff, markets: Markets
) -> tuple[LineFinding, ...]:
    """Check an invoice by itself; the findings in the order of the checks, then of the lines."""
    basis = _Basis.of(account, tariff, markets)
    return (
        *_products(lines, basis),
        *against_totals(lines, controls, account),
        *_rates(lines, basis),
        *_amounts(lines, basis),
        *_repeated(lines),
        *_documents(lines),
        *_overlapping(lines),
        *_signs(lines),
        *_strangers(lines, account),
        *_other_days(lines, account),
        *against_contract(lines, account),
        *against_percentages(lines),
    )


def sentence(found: LineFinding, say: Callable[..., str], money: Callable[[Decimal, str], str]) -> str:
    """Say a finding in one sentence; `say` gives a text of the catalogue, `money` shows an amount in a currency."""
    named: dict[str, str] = {}
    for name, value in found.values.items():
        if name == "layer":
            named[name] = say(f"domain.layer.{value}")
        elif name in _DAYS:
            named[name] = day_words(date.fromisoformat(value), say)
        elif name in _AMOUNTS:
            named[name] = " / ".join(money(Decimal(amount), found.currency) for amount in value.split(" / "))
        else:
            named[name] = value
    return say(f"checks.{found.code}", **named)


def _money(amount: Decimal, one: InvoiceLine | ControlTotal) -> str:
    return format(to_minor(amount, one.currency), "f")


# A line against itself ------------------------------------------------------------------------------------------------


def _products(lines: Lines, basis: _Basis) -> Iterator[LineFinding]:
    """Hold each amount against quantity x rate; a printed rate that may be rounded is said to be so.

    What lies half a minor unit from the next may be rounded up, down or to the even digit. Rates by the thousand, and
    quantities in thousands, are those of a whole file.
    """
    powers = {file: _power(own) for file, own in by_file(lines).items()}
    for line in lines:
        if line.quantity is None or line.unit_rate is None or line.quantity == line.unit_rate == 0:
            continue
        product = EXACT.multiply(line.quantity, line.unit_rate)
        if line.layer == Layer.META:
            product = product.scaleb(powers[line.source.file])
        if gives_back(line):
            product = -product
        right = to_minor(product, line.currency)
        off = line.amount - right
        if min(abs(off), abs(line.amount - product)) <= rounding_reach(1, line.currency):
            continue
        half = Decimal(5).scaleb(int(line.unit_rate.as_tuple().exponent) - 1)
        reach = EXACT.multiply(abs(line.quantity), half) + rounding_reach(1, line.currency)
        loose = abs(off) <= reach and line.unit_rate not in _card_rates(line, basis)
        values = {"quantity": plain(line.quantity), "rate": plain(line.unit_rate), "right": _money(right, line)}
        code = "rounded_rate" if loose else "product_less" if _like_a_discount(product, off) else "product"
        yield LineFinding(code, (line.source,), line.currency, off, values | {"billed": _money(line.amount, line)})


def _power(lines: Lines) -> int:
    """Give the one power of ten by which quantity x rate comes to the amount in every line of messages; 0 if none.

    One line alone may as well have lost a decimal mark.
    """
    met = [line for line in lines if line.layer == Layer.META and line.quantity and line.unit_rate and line.amount]
    for power in _POWERS if len(met) > 1 else ():
        products = (EXACT.multiply(line.quantity or 0, line.unit_rate or 0).scaleb(power) for line in met)
        pairs = zip(met, products, strict=True)
        if all(abs(line.amount - product) <= rounding_reach(1, line.currency) for line, product in pairs):
            return power
    return 0


def _like_a_discount(product: Decimal, off: Decimal) -> bool:
    """Tell whether an amount is less than quantity x rate by a whole percentage up to half, or a round sum."""
    if not product > -off > 0:
        return False
    percent = -off / product * 100
    return (off == off.to_integral_value() and percent <= _MOST_OFF) or (
        percent <= _MOST_OFF and abs(percent - percent.to_integral_value()) * product <= 1
    )


def gives_back(line: InvoiceLine) -> bool:
    """Tell a line that takes off what its quantity and rate, written without a minus, come to."""
    is_credit = line.document_type == "credit_memo" or line.layer == Layer.CREDIT
    return is_credit and line.amount < 0 < (line.quantity or 0) * (line.unit_rate or 0)


def _card_rates(line: InvoiceLine, basis: _Basis) -> frozenset[Decimal]:
    """Give every rate, tiers included, that the cards have for a line at some day of its period; taxed as it is.

    A line of no market is of several: it has those that are the same in all.
    """
    account = basis.account
    owners = {waba.currency for waba in account.wabas if line.waba_id in {"", waba.id}}
    if not line.category or owners != {line.currency}:
        return frozenset()
    first, last = line.period_start or account.first, line.period_end or account.last
    market = line.market or basis.markets.market_of_country(line.country, first)
    found = _listed(line, market, first, last, basis) if market else _alike(line, first, last, basis)
    return frozenset(EXACT.multiply(rate, _taxed(account)) for rate in found)


def _taxed(account: Account) -> Decimal:
    """Give what a rate is multiplied by where tax is in the amounts of the lines."""
    return 1 + account.tax.rate / 100 if account.tax and account.tax.included else Decimal(1)


def _alike(line: InvoiceLine, first: date, last: date, basis: _Basis) -> frozenset[Decimal]:
    key = (line.currency, line.category, first, last)
    if key not in basis.everywhere:
        found = {_listed(line, market, first, last, basis) for market in basis.markets.names}
        basis.everywhere[key] = found.pop() if len(found) == 1 else frozenset()
    return basis.everywhere[key]


def _listed(line: InvoiceLine, market: str, first: date, last: date, basis: _Basis) -> frozenset[Decimal]:
    found: set[Decimal] = set()
    for day in (first, *(day for day in basis.tariff.breaks if first < day <= last)):
        price = basis.tariff.price(line.currency, market, line.category, day)
        met = [price.listed, *(tier.rate for tier in price.tiers)]
        found |= {rate.value for rate in met if rate is not None}
    return frozenset(found)


def _rates(lines: Lines, basis: _Basis) -> Iterator[LineFinding]:
    """Hold each stated rate against the cards in force, as far as its decimals go; a rate by the thousand as by one.

    One that was divided out of a rounded amount is none of a card: it is right if the amount is that of one.
    """
    for line, said in zip(lines, as_said(lines), strict=True):
        given = line.unit_rate == line.amount == 0
        if line.unit_rate is None or line.layer != Layer.META or line.pricing_type in FREE or given:
            continue
        known = _card_rates(line, basis)
        if said.unit_rate is None and line.quantity is not None:
            reach = rounding_reach(1, line.currency)
            right = any(abs(EXACT.multiply(line.quantity, rate) - line.amount) <= reach for rate in known)
        else:
            right = False
        stated = line.unit_rate if said.unit_rate is None else said.unit_rate
        digits = max(0, -int(stated.as_tuple().exponent))
        if not known or right or any(rounded(rate, digits) == rounded(stated, digits) for rate in known):
            continue
        near = min(known, key=lambda rate: (abs(rate - stated), rate))
        at_stake = None
        if line.quantity is not None and len(known) == 1:
            at_stake = to_minor(EXACT.multiply(line.quantity, stated - near), line.currency)
        values = {"rate": plain(stated), "rates": ", ".join(plain(rate) for rate in sorted(known))}
        found = _elsewhere(line, stated, basis)
        code = f"card_rate_{next(iter(found))}" if found else "card_rate"
        yield LineFinding(code, (line.source,), line.currency, at_stake, values | found)


def _elsewhere(line: InvoiceLine, stated: Decimal, basis: _Basis) -> dict[str, str]:
    """Give where a rate that is on no card in force does stand: in another `currency`, or `before` a card's change."""
    day, digits = line.period_start or basis.account.first, max(0, -int(stated.as_tuple().exponent))
    market = line.market or basis.markets.market_of_country(line.country, day)
    taxed = _taxed(basis.account)

    def has(price: Price) -> bool:
        rates = [rate for rate in (price.listed, *(tier.rate for tier in price.tiers)) if rate and market]
        return any(rounded(EXACT.multiply(rate.value, taxed), digits) == rounded(stated, digits) for rate in rates)

    if has(basis.before.price(line.currency, market, line.category, day)):
        return {"before": day.isoformat()}
    names = sorted(name for name in basis.currencies if has(basis.tariff.price(name, market, line.category, day)))
    others = [name for name in names if name != line.currency]
    return {"currency": ", ".join(others)} if others else {}


def _amounts(lines: Lines, basis: _Basis) -> Iterator[LineFinding]:
    """Hold each amount that comes without a rate against the highest that the cards have for so many units.

    Less than that says nothing: units that are free may be among them.
    """
    for line in lines:
        known = _card_rates(line, basis) if line.unit_rate is None and line.layer == Layer.META else frozenset()
        if not known or line.quantity is None or line.quantity <= 0 or line.pricing_type in FREE:
            continue
        highest = EXACT.multiply(line.quantity, max(known))
        off = line.amount - to_minor(highest, line.currency)
        if off <= rounding_reach(1, line.currency):
            continue
        values = {"quantity": plain(line.quantity), "rates": ", ".join(plain(rate) for rate in sorted(known))}
        values |= {"right": _money(highest, line), "billed": _money(line.amount, line)}
        yield LineFinding("card_amount", (line.source,), line.currency, off if len(known) == 1 else None, values)


def _signs(lines: Lines) -> Iterator[LineFinding]:
    """Point out what is taken off within an invoice, and what is charged in a credit note."""
    for line in lines:
        is_credit = line.document_type == "credit_memo"
        odd = line.amount > 0 if is_credit else line.amount < 0 and line.layer != Layer.CREDIT
        if odd:
            code = "charge_in_credit" if is_credit else "negative_line"
            yield LineFinding(
                code, (line.source,), line.currency, line.amount, {"amount": _money(abs(line.amount), line)}
            )


def _strangers(lines: Lines, account: Account) -> Iterator[LineFinding]:
    """Point out lines of accounts and business numbers that the account file does not have."""
    wabas = {waba.id for waba in account.wabas}
    numbers = {name for waba in account.wabas for one in waba.numbers for name in (one.id, one.phone) if name}
    for line in lines:
        if line.waba_id and line.waba_id not in wabas:
            yield LineFinding("not_our_account", (line.source,), line.currency, line.amount, {"id": line.waba_id})
        elif line.phone_number_id and numbers and line.phone_number_id not in numbers:
            values = {"id": line.phone_number_id}
            yield LineFinding("not_our_number", (line.source,), line.currency, line.amount, values)


def _other_days(lines: Lines, account: Account) -> Iterator[LineFinding]:
    """Point out lines that bill days outside the audit's period."""
    for line in lines:
        first, last = line.period_start or account.first, line.period_end or account.last
        if first >= account.first and last <= account.last:
            continue
        apart = last < account.first or first > account.last
        values = {"first": first.isoformat(), "last": last.isoformat()}
        stake = line.amount if apart else None
        yield LineFinding("other_period", (line.source,), line.currency, stake, values)


# Lines against each other ---------------------------------------------------------------------------------------------


def _repeated(lines: Lines) -> Iterator[LineFinding]:
    """Point out lines that are alike in everything that they state; a document that comes whole twice is said once.

    Where each line of a file bills one unit, messages are listed: those that name none may well be alike.
    """
    copied = {place for copies in _copies(lines).values() for place in copies[1:]}
    several = {line.source.file for line in lines if line.layer == Layer.META and line.quantity != 1}
    charged = [
        line
        for line in lines
        if line.amount
        and (line.supplier, line.document, line.source.file) not in copied
        and (line.message or line.layer != Layer.META or line.source.file in several)
    ]
    kept = {id(line) for line in once(charged)}
    firsts = {_all_of(line): line for line in reversed(charged)}
    for line in charged:
        if id(line) not in kept:
            places = (firsts[_all_of(line)].source, line.source)
            yield LineFinding(
                "repeated", places, line.currency, line.amount, {"amount": _money(abs(line.amount), line)}
            )


def _all_of(line: InvoiceLine) -> tuple[object, ...]:
    return (*_what(line), line.period_start, line.period_end, line.quantity, line.unit_rate, line.amount)


def _documents(lines: Lines) -> Iterator[LineFinding]:
    """Point out document numbers that come from more than one file, with the same content or with another."""
    copies = _copies(lines)
    for (supplier, document), files in _files(lines).items():
        if len(files) < 2:
            continue
        firsts = [own[0] for own in files.values()]
        places = tuple(line.source for line in firsts)
        sums = [total(line.amount for line in own) for own in files.values()]
        again = len(copies.get((supplier, document), ())) == len(files)
        amounts = " / ".join(_money(amount, line) for amount, line in zip(sums, firsts, strict=True))
        code, stake = ("repeated_document", total(sums[1:])) if again else ("document_differs", None)
        yield LineFinding(code, places, firsts[0].currency, stake, {"id": document, "amounts": amounts})


def _files(lines: Lines) -> dict[tuple[str, str], dict[str, list[InvoiceLine]]]:
    """Give the lines of each numbered document, by the file that they come from."""
    files: dict[tuple[str, str], dict[str, list[InvoiceLine]]] = {}
    for line in lines:
        if line.document:
            files.setdefault((line.supplier, line.document), {}).setdefault(line.source.file, []).append(line)
    return files


def _copies(lines: Lines) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """Give the documents of which all files have the same lines, with supplier, number and file of each."""
    return {
        key: [(*key, file) for file in files]
        for key, files in _files(lines).items()
        if len(files) > 1 and len({frozenset(Counter(map(_all_of, own)).items()) for own in files.values()}) == 1
    }


def _what(line: InvoiceLine) -> tuple[str | int, ...]:
    return (
        line.layer, line.waba_id, line.phone_number_id, line.market, line.country, line.category, line.pricing_type,
        line.tier, line.unit, line.currency, line.description, line.message,
    )  # fmt: skip


def _overlapping(lines: Lines) -> Iterator[LineFinding]:
    """Point out lines that bill one thing for stretches of days which are not the same and not apart.

    Stretches that only touch, the last day of one being the first of the next, are how some suppliers write months.
    """
    dated = [line for line in lines if line.period_start and line.period_end and line.amount > 0]
    for _, group in groupby(sorted(dated, key=_what), key=_what):
        longest: InvoiceLine | None = None
        for line in sorted(group, key=_stretch):
            if longest is not None and _overlap(longest, line):
                yield _overlap_of(longest, line)
            if longest is None or _stretch(line)[1] > _stretch(longest)[1]:
                longest = line


def _stretch(line: InvoiceLine) -> tuple[int, int]:
    assert line.period_start is not None
    assert line.period_end is not None
    return line.period_start.toordinal(), line.period_end.toordinal()


def _overlap(before: InvoiceLine, after: InvoiceLine) -> bool:
    (first, last), (start, end) = _stretch(before), _stretch(after)
    return start < last and (first, last) != (start, end)


def _overlap_of(before: InvoiceLine, after: InvoiceLine) -> LineFinding:
    """Say which lines overlap; what lies wholly within the other is at stake whole."""
    (_, last), (_, end) = _stretch(before), _stretch(after)
    days = {"first": str(after.period_start), "last": str(after.period_end)}
    values = days | {"amount": _money(after.amount, after)}
    stake = after.amount if end <= last else None
    return LineFinding("overlap", (before.source, after.source), after.currency, stake, values)
