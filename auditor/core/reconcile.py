"""Billed - expected, said once, here: invoice lines against cells at the grain both sides have (formats.md §8)."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from auditor.core.exchange import Exchange
from auditor.core.markets import Markets
from auditor.core.money import EXACT
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import rounded
from auditor.core.money import times
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.problems import AuditorError
from auditor.core.records import Account
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.core.tables import Category
from auditor.core.tables import PricingType
from auditor.core.tolerances import tolerance_of

FREE = frozenset(kind.word for kind in PricingType if kind.is_free)
_OUTSIDE = PricingType.OUTSIDE_AUDIT.word
_CHARGED = PricingType.REGULAR.word
_UNRATED = PricingType.UNRATED.word
_FEE = Layer.PROVIDER_FEE.value
_RATE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Key:
    """What a line or a cell is about. An empty text is "not broken down"."""

    waba_id: str = ""
    period: str = ""
    market: str = ""
    country: str = ""
    category: str = ""
    pricing_type: str = ""

    def text(self) -> str:
        """Give the key as one text, stable over recomputations: decisions hang on it."""
        return "|".join(getattr(self, name) for name in _FIELDS)


_FIELDS = ("waba_id", "period", "market", "country", "category", "pricing_type")


@dataclass(frozen=True, slots=True, eq=False)
class UnitPrice:
    """What a unit comes to, and what an invoice may show for it: its price with and without what is put on top."""

    each: Decimal
    rates: frozenset[Decimal]


@dataclass(frozen=True, slots=True)
class Side:
    """The expected side of a line: units, amount and range (exact, in the invoice's currency), rates, unrated units.

    `prices` are its units by what each comes to, where a search for causes has counted them and there are a few.
    """

    quantity: int = 0
    amount: Decimal = ZERO
    low: Decimal = ZERO
    high: Decimal = ZERO
    rates: frozenset[Decimal] = frozenset()
    unrated: int = 0
    prices: frozenset[tuple[UnitPrice, int]] = frozenset()


class Grain:
    """The common grain of an invoice and the log: which cells and which lines are compared with each other.

    A line covers every cell that agrees with what the line states. Lines whose cells overlap are compared together, at
    the dimensions in which they agree; a cell that no line covers stands alone, at the dimensions the invoice uses. A
    fee of the contract among the messages covers none: it would make all that they break down one total.
    """

    def __init__(self, account: Account, markets: Markets, lines: Sequence[InvoiceLine], cells: Sequence[Cell]) -> None:
        """Take the reconciled lines and the cells of the period."""
        self._account = account
        self._markets = markets
        self._lite = any(line.category == Category.MARKETING_LITE.word for line in lines)
        self._splits_free = any(line.pricing_type for line in lines)
        stated = [self._line_key(line) for line in lines]
        self._patterns = {tuple(bool(getattr(key, name)) for name in _FIELDS) for key in stated}
        self._used = tuple(any(pattern[n] for pattern in self._patterns) for n in range(len(_FIELDS)))
        self._parent: dict[Key, Key] = {}
        self._line_keys = stated
        for key in stated:
            self._find(key)
        known = set(stated)
        for fine in {self.cell_key(cell) for cell in cells}:
            for broad in self._broader(fine):
                if broad in known:
                    self._parent[self._find(fine)] = self._find(broad)
        self._names = self._name(stated)

    @property
    def places(self) -> frozenset[tuple[str, str]]:
        """Give the markets that lines name, with the country where they name one."""
        return frozenset((key.market, key.country) for key in self._line_keys if key.market)

    def line_of(self, n: int) -> Key:
        """Give the key under which the n-th line is compared."""
        return self._names[self._find(self._line_keys[n])]

    def key_of(self, cell: Cell) -> Key:
        """Give the key under which a cell is compared, also a cell of a replay that was not there before."""
        fine = self.cell_key(cell)
        if fine in self._parent:
            return self._names.get(self._find(fine), self._shown(fine))
        for broad in self._broader(fine):
            if broad in self._parent:
                return self._names[self._find(broad)]
        return self._shown(fine)

    def cell_key(self, cell: Cell) -> Key:
        """Give the finest key of a cell; unrated units stand beside charged ones."""
        category = cell.category
        if category == Category.MARKETING_LITE.word and not self._lite:
            category = Category.MARKETING.word
        kind = _CHARGED if cell.pricing_type == _UNRATED else cell.pricing_type
        return Key(cell.waba_id, cell.period, cell.market, cell.country, category, kind)

    def _line_key(self, line: InvoiceLine) -> Key:
        waba = line.waba_id or self._waba_of(line.phone_number_id)
        market, country = line.market, line.country
        if country:
            country = self._markets.main_country(country)
            market = market or self._markets.market_of_country(country, line.period_start or self._account.first)
        kind = _FEE if self._account.fee_of(line) else line.pricing_type or _CHARGED
        return Key(waba, line_period(line), market, country, line.category, kind)

    def _waba_of(self, number: str) -> str:
        owners = [waba.id for waba in self._account.wabas if any(known.id == number for known in waba.numbers)]
        return owners[0] if number and owners else ""

    def _broader(self, fine: Key) -> Iterable[Key]:
        """Give what a line would state that covers this cell, for every combination of dimensions lines use."""
        values = tuple(getattr(fine, name) for name in _FIELDS)
        for pattern in self._patterns:
            yield Key(*(value if kept else "" for value, kept in zip(values, pattern, strict=True)))

    def _find(self, key: Key) -> Key:
        root = self._parent.setdefault(key, key)
        while root != self._parent[root]:
            root = self._parent[root]
        self._parent[key] = root
        return root

    def _name(self, stated: Sequence[Key]) -> dict[Key, Key]:
        """Name each group of lines by what all of them state alike."""
        members: dict[Key, list[Key]] = {}
        for key in stated:
            members.setdefault(self._find(key), []).append(key)
        return {
            root: self._without_kind(Key(*(_common({getattr(key, name) for key in keys}) for name in _FIELDS)))
            for root, keys in members.items()
        }

    def _without_kind(self, key: Key) -> Key:
        """Leave "charged" unsaid where the invoice does not tell free units apart, and that a fee is one."""
        said = self._splits_free or not self._patterns or key.pricing_type != _CHARGED
        return key if said and key.pricing_type != _FEE else replace(key, pricing_type="")

    def _shown(self, fine: Key) -> Key:
        """Name a cell that no line covers: the dimensions that the invoice breaks down; without an invoice all."""
        used = self._used if self._patterns else (True, True, True, False, True, True)
        shown = Key(*(getattr(fine, name) if kept else "" for name, kept in zip(_FIELDS, used, strict=True)))
        return self._without_kind(shown)


def _common(values: set[str]) -> str:
    return next(iter(values)) if len(values) == 1 else ""


def line_period(line: InvoiceLine) -> str:
    """Give the month that a line's period lies in; empty where none is stated or it spans several."""
    start, end = line.period_start, line.period_end
    if start is None or (end is not None and (start.year, start.month) != (end.year, end.month)):
        return ""
    return f"{start:%Y-%m}"


def in_period(cells: Iterable[Cell], first: date, last: date) -> tuple[Cell, ...]:
    """Give the cells of the audit's period that belong to the audit at all."""
    return tuple(cell for cell in cells if first <= cell.day <= last and cell.pricing_type != _OUTSIDE)


class Expectation:
    """Cells summed by key, in the invoice's currency."""

    def __init__(
        self, grain: Grain, cells: Sequence[Cell], exchange: Exchange, currency: str, document: date | None
    ) -> None:
        """Sum the cells exactly."""
        self.sides: dict[Key, Side] = {}
        self.cells: dict[Key, list[int]] = {}
        self.beside: dict[Key, set[Key]] = {}  # to what is charged, free units that may be, too (pricing.md §5.4)
        for n, cell in enumerate(cells):
            key = grain.key_of(cell)
            self.cells.setdefault(key, []).append(n)
            if cell.high and cell.pricing_type in FREE:
                self.beside.setdefault(grain.key_of(replace(cell, pricing_type=_CHARGED)), set()).add(key)
            self.sides[key] = _add(self.sides.get(key, Side()), cell, exchange, currency, document)

    def side(self, key: Key) -> Side:
        """Give the sums of a key, zero where the log has nothing of it."""
        return self.sides.get(key, Side())

    @property
    def amount(self) -> Decimal:
        """Give the exact total."""
        return total(side.amount for side in self.sides.values())

    @property
    def low(self) -> Decimal:
        """Give the exact low total."""
        return total(side.low for side in self.sides.values())

    @property
    def high(self) -> Decimal:
        """Give the exact high total."""
        return total(side.high for side in self.sides.values())


def _add(side: Side, cell: Cell, exchange: Exchange, currency: str, document: date | None) -> Side:
    if cell.amount is None or cell.low is None or cell.high is None:
        return Side(side.quantity, side.amount, side.low, side.high, side.rates, side.unrated + cell.quantity)
    amounts = [cell.amount, cell.low, cell.high]
    rate = cell.rate or ZERO
    if cell.currency != currency and any(amounts):
        amounts = [exchange.convert(amount, cell.currency, currency, cell.day, document) for amount in amounts]
        rate = exchange.convert(rate, cell.currency, currency, cell.day, document)
    return Side(
        side.quantity + cell.quantity,
        EXACT.add(side.amount, amounts[0]),
        EXACT.add(side.low, amounts[1]),
        EXACT.add(side.high, amounts[2]),
        side.rates | {rate},
        side.unrated,
    )


def reconciled(lines: Sequence[InvoiceLine], account: Account) -> list[int]:
    """Give the places of the lines that are reconciled (formats.md §3); refuses lines in another currency."""
    places = [n for n, line in enumerate(lines) if line.layer == Layer.META]
    for n in places:
        if lines[n].currency != account.currency:
            raise AuditorError(
                "invoice_currency", lines[n].source, currency=lines[n].currency, expected=account.currency
            )
    return places


def net_of_tax(lines: Sequence[InvoiceLine], account: Account) -> tuple[InvoiceLine, ...]:
    """Split the tax out of amounts that hold it, so that net meets net (pricing.md §9.3)."""
    if account.tax is None or not account.tax.included:
        return tuple(lines)
    factor = 1 + account.tax.rate / 100
    split: list[InvoiceLine] = []
    for line in lines:
        if line.layer == Layer.TAX:
            split.append(line)
            continue
        net = to_minor(line.amount / factor, line.currency)
        rate = None if line.unit_rate is None else rounded(line.unit_rate / factor, _RATE_DIGITS)
        split.append(replace(line, amount=net, unit_rate=rate))
        if line.amount != net:
            tax = replace(line, layer=Layer.TAX, amount=line.amount - net, quantity=None, unit_rate=None)
            split.append(replace(tax, description=account.tax.name))
    return tuple(split)


def by_layer(lines: Sequence[InvoiceLine], currency: str) -> Mapping[str, Decimal]:
    """Sum the invoice by layer, rounded to the minor unit."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.layer.value] = EXACT.add(sums.get(line.layer.value, ZERO), line.amount)
    return {layer: to_minor(amount, currency) for layer, amount in sorted(sums.items())}


def differences(
    account: Account, grain: Grain, expectation: Expectation, lines: Sequence[InvoiceLine], places: Sequence[int]
) -> list[Difference]:
    """Compare every key of either side. Causes come later (`causes/`); free units that no line lists are left."""
    billed: dict[Key, list[int]] = {}
    for n, place in enumerate(places):
        billed.setdefault(grain.line_of(n), []).append(place)
    keys = set(billed) | {key for key in expectation.sides if key.pricing_type not in FREE}
    made = [
        replace(
            _difference(account, key, _reaching(key, expectation, billed), lines, billed.get(key, [])),
            cells=tuple(expectation.cells.get(key, ())),
        )
        for key in keys
    ]
    return sorted(made, key=lambda line: line.key)


def _reaching(key: Key, expectation: Expectation, billed: Collection[Key]) -> Side:
    """Give the sums of a key; its range reaches to what free units may come to that have no line of their own."""
    side = expectation.side(key)
    beside = expectation.beside.get(key, set()) - {key}
    more = total(expectation.side(free).high for free in beside if free not in billed)
    return replace(side, high=EXACT.add(side.high, more)) if more else side


def on_no_side(account: Account, key: str) -> Difference:
    """Give the line of a key that neither side has: no unit, and no amount."""
    return _difference(account, Key(*key.split("|")), Side(), (), ())


def _difference(
    account: Account, key: Key, side: Side, lines: Sequence[InvoiceLine], places: Sequence[int]
) -> Difference:
    own = [lines[place] for place in places]
    currency = account.currency
    charged = charged_lines(own, side)
    quantities = [line.quantity for line in charged]
    billed_quantity = total(q for q in quantities if q is not None) if own and None not in quantities else None
    billed, expected = to_minor(total(line.amount for line in own), currency), to_minor(side.amount, currency)
    expected_rate = _rate(side.amount, Decimal(side.quantity), side.rates)
    billed_rate = _rate(billed, billed_quantity, {line.unit_rate for line in charged if line.unit_rate is not None})
    tolerance = tolerance_of(account, key.category, key.market, expected)
    difference = billed - expected
    quantity_effect, rate_effect = _effects(own, side, billed_quantity, difference, currency)
    return Difference(
        key=key.text(),
        waba_id=key.waba_id,
        period=key.period,
        market=key.market,
        country=key.country,
        category=key.category,
        pricing_type=key.pricing_type,
        expected_quantity=side.quantity + side.unrated,
        expected_rate=expected_rate,
        expected=expected,
        expected_exact=side.amount,
        low=to_minor(side.low, currency),
        high=to_minor(side.high, currency),
        billed_quantity=billed_quantity,
        billed_rate=billed_rate,
        billed=billed,
        difference=difference,
        quantity_effect=quantity_effect,
        rate_effect=rate_effect,
        tolerance=tolerance,
        status=_status(own, side, difference, tolerance),
        causes=(),
        lines=tuple(places),
        cells=(),
    )


def charged_lines(lines: Sequence[InvoiceLine], side: Side) -> Sequence[InvoiceLine]:
    """Give the lines of one key without those that list free units beside them, and say so by their amount alone.

    Where nothing is left though something is due, what they list was to be charged: all are given.
    """
    charged = [line for line in lines if not _lists_free(line, side)]
    return charged if charged or not side.quantity else lines


def _lists_free(line: InvoiceLine, side: Side) -> bool:
    """Tell whether a line bills units at nothing, and not merely at less than shows."""
    if line.amount or line.unit_rate or not line.quantity:
        return False
    least = min(side.rates, default=None)
    shows = least is None or to_minor(EXACT.multiply(least, line.quantity), line.currency) != 0
    return line.unit_rate is not None or shows


def _rate(amount: Decimal, quantity: Decimal | None, stated: Iterable[Decimal]) -> Decimal | None:
    """Give the one rate met, or the average where there were several (6 decimals, for showing only)."""
    met = set(stated)
    if len(met) == 1:
        return met.pop()
    return rounded(amount / quantity, _RATE_DIGITS) if quantity else None


def _effects(
    own: Sequence[InvoiceLine], side: Side, billed_quantity: Decimal | None, difference: Decimal, currency: str
) -> tuple[Decimal | None, Decimal | None]:
    """Split a difference into quantity and rate effect (workpaper.md §1.6); they add up to it."""
    if not own:
        return difference, ZERO
    if billed_quantity is None or not side.quantity:
        return (difference, ZERO) if billed_quantity is not None else (None, None)
    average = side.amount / Decimal(side.quantity)
    quantity_effect = to_minor((billed_quantity - side.quantity) * average, currency)
    return quantity_effect, difference - quantity_effect


def _status(own: Sequence[InvoiceLine], side: Side, difference: Decimal, tolerance: Decimal) -> Status:
    if side.unrated:
        return Status.NOT_COMPARABLE
    if difference == 0:
        return Status.MATCHED
    if not own:
        return Status.MISSING
    if abs(difference) <= tolerance:
        return Status.WITHIN_TOLERANCE
    return Status.DIFFERENT if side.quantity else Status.UNEXPECTED


def tell_quantities(differences: Sequence[Difference], currency: str) -> bool:
    """Tell whether the invoice counts what we count: not where most lines of the right amount have other quantities.

    Units that come to less than the minor unit do not show in an amount, so that it may be right by rounding alone.
    """
    unit = Decimal(1).scaleb(-minor_digits(currency))
    right = [line for line in differences if line.difference == 0 and line.billed and line.billed_quantity is not None]
    more = [
        abs((line.billed_quantity or ZERO) - (line.expected_quantity or 0)) * (line.expected_rate or ZERO)
        for line in right
    ]
    other = [amount for amount in more if amount >= unit]
    return 2 * len(other) <= len(right)


@cache
def rounding_reach(lines: int, currency: str) -> Decimal:
    """Give how far rounding alone can put so many rounded figures off: half a minor unit each (formats.md §8)."""
    return times(Decimal(5).scaleb(-minor_digits(currency) - 1), max(lines, 1))
