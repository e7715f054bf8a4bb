"""What a line of the invoice bears witness to by itself, held against an expected side (formats.md §8)."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from auditor.core.causes.apart import errors_by_price
from auditor.core.causes.left_out import Templates
from auditor.core.causes.left_out import left_out
from auditor.core.causes.room import NO_ROOM
from auditor.core.causes.room import Room
from auditor.core.causes.slips import Slips
from auditor.core.causes.stated import Rounding
from auditor.core.causes.stated import Stated
from auditor.core.causes.stated import at_one_price
from auditor.core.causes.stated import is_among
from auditor.core.causes.stated import is_of_all
from auditor.core.causes.stated import once
from auditor.core.causes.stated import states
from auditor.core.causes.stated import uncovered
from auditor.core.causes.stated import with_a_copy
from auditor.core.causes.verdict import FITS
from auditor.core.causes.verdict import LOST
from auditor.core.causes.verdict import NAMED
from auditor.core.causes.verdict import WRONG
from auditor.core.causes.verdict import Part
from auditor.core.causes.verdict import Verdict
from auditor.core.causes.verdict import named
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import plain
from auditor.core.money import to_minor
from auditor.core.rates import ANY_MARKET
from auditor.core.reconcile import Side
from auditor.core.records import InvoiceLine
from auditor.core.terms import Terms

NO_SIDE = Side()
_LARGE = Decimal(100)  # minor units to which a fee comes at least that an amount alone tells


class RatesAbout:
    """The rates that a line may state without a slip of the pen: of its market or its category, a year around.

    Also what the contract makes of those of cards. What stands on cards for something else, as long ago or in another
    currency, explains nothing: there are so many that every short figure is one.
    """

    def __init__(self, terms: Terms) -> None:
        """Take the cards and the account."""
        account = terms.account
        self._terms = terms
        rows = terms.tariff.near({waba.currency for waba in account.wabas}, account.first, account.last)
        self._rates = {(row.market, row.category, row.rate) for row in rows}
        for currency, market, category in {(row.currency, row.market, row.category) for row in rows}:
            for day in (account.first, account.last):
                listed = terms.tariff.price(currency, market.strip(ANY_MARKET), category, day).listed
                self._rates |= {(market, category, listed.value)} if listed else set()
        self._known: dict[tuple[str, str], frozenset[Decimal]] = {}

    def of(self, key: str) -> frozenset[Decimal]:
        """Give them for what a key of the reconciliation names; where it names neither, all."""
        _, _, market, country, category, _ = key.split("|")
        about = (market or self._terms.markets.market_of_country(country, self._terms.account.first), category)
        if about not in self._known:
            own = {about[0], "*"} - {""} if about[0] else set()
            self._known[about] = frozenset(
                rate
                for market, word, rate in self._rates
                if rate is not None and (market in own or word == category or about == ("", ""))
            )
        return self._known[about]


class Witness:
    """The lines that the invoice has under one key, against whatever is expected there."""

    def __init__(
        self, key: str, own: Sequence[InvoiceLine], currency: str, rounding: Rounding, card_rates: frozenset[Decimal],
        base: Side, *, quantities: bool, room: Room = NO_ROOM, silent: Decimal = ZERO, free: int = 0,
        is_fee: bool = False, fees: Sequence[Decimal] = (), templates: Templates = (),
    ) -> None:  # fmt: skip
        """Take the lines, and what the rules expect.

        Without `quantities` those that they state are no guide. `room` is what the log may have lost of them, `silent`
        how many units it may lack for days on which it is silent; `free` are the units due under the key which the
        rules give for nothing: lines that charge these are not unexpected, whatever else they are. Nor is
        what bills a fee of the contract (`is_fee`), which it states; `fees` are those that may be inside a line;
        `templates` what is due of each that the log names.
        """
        self.key = key
        self.own = tuple(own)
        self._currency = currency
        self._slips = Slips(currency, rounding, card_rates, quantities)
        sums, kept = self._slips.sums, once(own)
        self._stated = stated = sums(own)

        def of_some(some: Sequence[InvoiceLine]) -> Stated:
            return stated if len(some) == len(own) else sums(some)  # they are mostly all of them

        self._once, self._apart = of_some(kept), of_some(uncovered(kept))
        self._copied = [(sums([one]), sums([copy])) for one, copy in with_a_copy(kept)]
        self._charged = of_some([one for one in own if one.amount >= 0])
        self.billed = self._stated.amount
        self.counted = self._stated.quantity  # the units billed, where they are a guide
        self.is_listed = bool(stated.rates) and stated.rates <= card_rates  # at prices of its own, or of others
        self.reach = self._stated.reach
        self.last_place = rounding.of_last_place(own, currency)  # how far where a figure is solved for
        self.places = rounding.places({one.source.file for one in own}, currency)
        self.room, self._silent = room, silent
        self._free, self._is_fee, self._fees, self._templates = free, is_fee, fees, templates
        given = bool(own) and not any(one.amount for one in own)
        every = {None, Decimal(base.quantity), Decimal(base.quantity + free)}
        self._is_given = given and (not base.amount or self.counted in every)
        self._unnamed = self.surprise(base) if not self._is_lost(base) else LOST + self.evidence(base)
        self._one_price = len(base.rates) <= 1
        self._tells_prices = stated.placed(base) is not None
        self._belied = self._one_price and bool(self._stated.belied)
        less = len(self._charged.lines) < len(own) and self._charged.amount > 0
        self._takes_off = less and not self._fitted(stated, base)  # of what it charges no reading takes some off
        # By identity, for a side has so much to tell it by; each is kept, so that no other takes its place in memory.
        self._known: dict[int, tuple[Side, Verdict]] = {}
        self._again: dict[int, Witness] = {}

        def rounded(more: int) -> Witness:
            return Witness(
                key, own, currency, rounding.again(more * rounding.figures), card_rates, base, quantities=quantities,
                room=room, silent=silent, free=free, is_fee=is_fee, fees=fees, templates=templates,
            )  # fmt: skip

        self._rounded = rounded

    def rounded_again(self, more: int) -> "Witness":
        """Give the same lines rounded so often more: a tax, or a share of a fee, is put on what was rounded before."""
        if not more:
            return self
        if more not in self._again:
            self._again[more] = self._rounded(more)
        return self._again[more]

    def verdict(self, side: Side) -> Verdict:
        """Give the cheapest account of these lines where `side` is expected."""
        known = self._known.get(id(side))
        if known is None:
            known = self._known[id(side)] = (side, self._judge(side))
        return known[1]

    def _judge(self, side: Side) -> Verdict:
        if self.fits(side):
            return FITS
        if not self.own:
            amount = -to_minor(side.amount, self._currency)
            return named(NAMED, Part("missing_line", amount)) if amount else FITS
        if not side.quantity and not side.amount:
            return self._beside_nothing(side)
        found = [*self._errors(self._stated, side), *self._taken_off(side), self._left(side)]
        if len(self._once.lines) < len(self.own):
            found += self._doubled(self._once, side)
        if len(self._apart.lines) < len(self._once.lines):
            found += self._doubled(self._apart, side, overlap=True)
        for one, copy in self._copied:
            found += self._doubled(one, side) if self._fitted(copy, side) else []
        return min(found, key=lambda verdict: verdict.bits)

    def _taken_off(self, side: Side) -> Iterator[Verdict]:
        """Take what some lines take off as not expected, where the others charge a side, or a slip of one is told.

        Both together take no more bits than lines that are wrong without a name: each stands there for itself. But no
        amount that its line's own figures do not come to is such a slip: beside what is taken off any would be.
        """
        if not 0 < len(self._charged.lines) < len(self.own):
            return
        part = Part("unexpected_line", to_minor(self.billed - self._charged.amount, self._currency))
        if self._fitted(self._charged, side):
            yield named(NAMED, part)
        for slip in self._slips.of(self._charged, side):
            if not any("kind" in told.values for told in slip.parts):
                yield named(min(slip.bits + NAMED, self._unnamed), *slip.parts, part)

    def _beside_nothing(self, side: Side) -> Verdict:
        """Judge lines where nothing is due: of units that the rules give they may bill a fee of the contract, once."""
        if self._free or self._is_lost(side):
            given = replace(side, quantity=self._free)
            return next(self._with_a_fee(self._stated, given), self._left(side)) if self._free else self._left(side)
        amount = to_minor(self.billed, self._currency)
        if self._is_fee:
            return named(NAMED, Part("provider_fee", amount, {"fee": plain(amount)}))
        if self._takes_off:
            return Verdict(self._unnamed, self.surprise(side))
        return named(self.surprise(side), Part("unexpected_line", amount))  # no shorter than what comes nearer

    def _errors(self, lines: Stated, side: Side) -> list[Verdict]:
        """Give what may be wrong with lines that says itself what it is.

        What is wrong with each price of them takes together no more bits than lines that are wrong without a name.
        """
        apart = errors_by_price(lines, side, self._slips, self._slips_and_fees)
        if apart is None:
            return [*self._slips_and_fees(lines, side), *left_out(lines, side, self._templates)]
        return [named(min(one.bits, self._unnamed), *one.parts) for one in apart]

    def _slips_and_fees(self, lines: Stated, side: Side) -> Iterator[Verdict]:
        """Give the slips of the pen, and the fees of the contract, that account for what lines bill otherwise."""
        yield from self._slips.of(lines, side)
        yield from self._with_a_fee(lines, side)
        yield from self._slips_with_a_fee(lines, side)

    def _left(self, side: Side) -> Verdict:
        """Leave open what the lines bill otherwise: as wrong, or as what the log lost.

        Units that are lost at their price tell that the price is right; an amount alone tells nothing. Lines that stand
        there twice, and whose units once are those due, are billed twice whatever is wrong with their price.
        """
        if not self._is_lost(side):
            twice = len(self._once.lines) < len(self.own) and self._once.quantity == side.quantity
            return Verdict(self._unnamed, self.surprise(side), (self._repetition(self._once),) if twice else ())
        bits = LOST + self.evidence(side)
        return Verdict(self._unnamed if self.counted is None else min(bits, self._unnamed), bits, lost=True)

    def _is_lost(self, side: Side) -> bool:
        """Tell whether the lines may bill of a side what it is, and what the log lost besides."""
        rest = self.billed - side.amount
        if self.counted is None:
            return self.room.holds(rest, self.reach) and (len(side.rates) != 1 or self.is_of_units(side))
        right = not side.rates or all(states(rate, side) for rate in self._stated.rates)
        return right and self.room.holds_units(self.counted - side.quantity, rest, side, self.reach)

    def _with_a_fee(self, lines: Stated, side: Side) -> Iterator[Verdict]:
        """Take a fee of the contract as inside lines whose units are right, and which bill just that more.

        Where they state no units, any few at their price come to a small fee as well.
        """
        right = bool(self._fees) and lines.quantity in {None, Decimal(side.quantity)}
        if not right or not all(states(one, side) for one in lines.rates):
            return
        least = ZERO if lines.quantity is not None else _LARGE.scaleb(-minor_digits(self._currency))
        for fee in self._fees:
            if fee >= least and abs(lines.amount - side.amount - fee) <= lines.reach:
                yield named(NAMED, Part("provider_fee", fee, {"fee": plain(fee)}))

    def _slips_with_a_fee(self, lines: Stated, side: Side) -> Iterator[Verdict]:
        """Take a fee of the contract as inside a line that states a figure misread, and bills just that more."""
        misread = lines.quantity not in {None, Decimal(side.quantity)} or not all(
            states(one, side) for one in lines.rates
        )
        for fee in self._fees if misread and len(lines.lines) == 1 else ():
            (one,) = lines.lines
            part = Part("provider_fee", fee, {"fee": plain(fee)})
            for slip in self._slips.of(self._slips.sums([replace(one, amount=one.amount - fee)]), side):
                if not any("kind" in told.values for told in slip.parts):  # a product comes to anything
                    yield named(slip.bits + NAMED, *slip.parts, part)

    def is_of_units(self, side: Side) -> bool:
        """Tell whether what is billed otherwise than a side, to the last place, are units at the one price it has."""
        if len(side.rates) != 1:
            return False
        rest, rate = self.billed - side.amount, min(side.rates)
        stated = None if self.counted is None else self.counted - side.quantity
        units = stated if stated is not None else (rest / rate).to_integral_value() if rate else ZERO
        return abs(rest - units * rate) <= self.last_place

    def surprise(self, side: Side) -> float:
        """Give the bits to write down how the lines differ from a side when nothing is known."""
        return WRONG + self.evidence(side)

    def evidence(self, side: Side) -> float:
        """Give the bits that a reading accounts for when it turns a side that does not fit into one that does."""
        return self._stated.evidence(side)

    def fits(self, side: Side) -> bool:
        """Tell whether the lines bill exactly a side: the amount within rounding; quantity and rate, if billed, too.

        Units that are billed at nothing, and for which nothing is due, may be counted as the biller likes: where by the
        rules something is, all of these are given, with those that the rules give or without. Where some lines take off
        what others charge, what is left of it is a side's by chance, but for what is due by the rules.
        """
        return (self._is_given and not side.amount) or (not self._takes_off and self._fitted(self._stated, side))

    def may_be_silent(self, side: Side) -> bool:
        """Tell whether what the lines bill more than a side may be of days on which the log is silent.

        Where they state no units, and a side none, there is no telling how many it is.
        """
        if not self._silent:
            return False
        if self.counted is not None:
            return 0 < self.counted - side.quantity <= self._silent
        over = self.billed - side.amount
        return over > 0 and over * side.quantity <= self._silent * side.amount

    def comes_right(self, due: Side, units: int, amount: Decimal) -> bool:
        """Tell whether lines bill so many units, and so much, more than a side; or those of them that repeat none."""
        return any(
            lines.quantity in {None, due.quantity + units} and abs(lines.amount - due.amount - amount) <= lines.reach
            for lines in (self._stated, self._once)
        )

    def comes_right_in_part(self, due: Side, units: int, amount: Decimal) -> bool:
        """Tell whether the lines bill more than a side by any part of so many units and so much, as `comes_right`."""
        return any(
            (lines.quantity is None or _between(lines.quantity - due.quantity, Decimal(units), ZERO))
            and _between(lines.amount - due.amount, amount, lines.reach)
            for lines in (self._stated, self._once)
        )

    def _fitted(self, lines: Stated, side: Side) -> bool:
        if lines is self._stated and self._tells_prices and side.prices and lines.placed(side) is None:
            return False  # by the rules each of their rates is that of a price: here none is
        several = len(side.rates) > 1 and not at_one_price(side)
        if lines.lines and self._belied and several and not all(is_of_all(rate, side) for rate in lines.rates):
            return False  # they state one rate for what this side has at several
        if self._one_price and len(side.rates) > 1 and not all(is_among(rate, side) for rate in lines.rates):
            return False  # by the rules there is one rate: what several come to by chance is none that was billed
        return lines.fits(side)

    def _doubled(self, kept: Stated, side: Side, *, overlap: bool = False) -> list[Verdict]:
        """Take lines that say twice what those `kept` say, with or without an error in these.

        Either they repeat them, or their days lie within the days of another line (`overlap`).
        """
        part = self._repetition(kept, overlap=overlap)
        bits = NAMED - 1 if overlap else NAMED - 2
        if self._fitted(kept, side):
            return [named(bits, part)]
        return [named(one.bits + bits, *one.parts, part) for one in self._errors(kept, side)]

    def _repetition(self, kept: Stated, *, overlap: bool = False) -> Part:
        """Give what lines bill besides those `kept`, as billed twice."""
        extra = to_minor(self.billed - kept.amount, self._currency)
        rows = ", ".join(str(one.source.row) for one in self.own)
        count = str(len(self.own) - len(kept.lines))
        return Part("duplicate_line", extra, {"count": count, "rows": rows} | ({"kind": "overlap"} if overlap else {}))


def _between(off: Decimal, step: Decimal, reach: Decimal) -> bool:
    return min(ZERO, step) - reach <= off <= max(ZERO, step) + reach
