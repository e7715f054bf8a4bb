"""Figures that no table states and the lines imply: a factor, an exchange rate, a sum on each unit, an allowance."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from itertools import islice
from math import log2

from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.prices import currencies_listed
from auditor.core.causes.prices import implied_conversion
from auditor.core.causes.prices import implied_exchange
from auditor.core.causes.prices import implied_mark_up
from auditor.core.causes.prices import implied_sum
from auditor.core.causes.prices import is_as_it_stands
from auditor.core.causes.prices import other_factor
from auditor.core.causes.prices import other_plus
from auditor.core.causes.prices import unagreed
from auditor.core.causes.ratios import BORNE_OUT
from auditor.core.causes.ratios import Ratio
from auditor.core.causes.ratios import bits_of
from auditor.core.causes.ratios import common_factors
from auditor.core.causes.ratios import common_sums
from auditor.core.causes.ratios import odd
from auditor.core.causes.ratios import ratio_of
from auditor.core.causes.ratios import ratios_of
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.screen import Share
from auditor.core.causes.shares import fees_shared_out
from auditor.core.causes.shares import figures_of_prices
from auditor.core.causes.shares import implied_of_shares
from auditor.core.causes.shares import may_serve
from auditor.core.causes.shares import off_of
from auditor.core.causes.shares import over_of
from auditor.core.causes.sizes import lacking
from auditor.core.causes.sizes import sizes_implied
from auditor.core.causes.sizes import sizes_of_one_number
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.reconcile import Side

_FAR_OFF = 20.0  # bits for an exchange at twice the usual rate: one for every twentieth
_SHARES = 24  # scopes whose figure is looked for, of those that one may serve
_STEPS = 8  # prices that each is held against where two figures must fit them


class Implied:
    """Proposes the figures by which the lines of an invoice would be right."""

    def __init__(self, bench: Bench, facts: Facts) -> None:
        """Take what works out the sides, and what the readings are drawn from."""
        self._bench = bench
        self._terms = facts.terms
        # What a contract puts on other prices, and whether units are given for nothing.
        self._agreed = [row for card in facts.terms.tariff.cards for row in card.rows if row.factor is not None]
        allowed = {regime.id for regime in facts.terms.regimes if regime.allowance}
        self._exchanged = any(waba.currency != facts.account.currency for waba in facts.account.wabas)
        self._currencies = () if self._exchanged else currencies_listed(facts)
        self._has_allowance = any(cell.regime in allowed for cell in facts.cells)

    def proposed(self, sides: Sides, witnesses: Sequence[Witness], chosen: Chosen, slack: Decimal) -> Iterable[Reading]:
        """Propose the one factor, or exchange rate, by which every line that does not fit would.

        `slack` is what the price of each unit may be rounded by besides: several figures are then within it, of which
        only trying tells which one rounds to what is billed.
        """
        wanting = [one for one in witnesses if one.own and sides.get(one.key, NO_SIDE).amount]
        off = [one for one in wanting if not one.verdict(sides[one.key]).fits]
        added = self._added(chosen)
        exchanged = self._exchanged
        tax = self._terms.account.tax
        unlisted = [one for one in off if not one.is_listed]
        factors = common_factors(ratios_of(unlisted, sides, slack, added), several=bool(slack))
        if self._currencies and not self._agreed and any(map(is_as_it_stands, chosen)):
            factors = []  # by which it is converted: no mark-up
        for factor in (one for one in factors if tax is None or one != 1 + tax.rate / 100):
            # One on top of the contract's is no likelier than where it states none: another would stand in its place.
            more = 0.0 if self._agreed and not exchanged else unagreed(factor, exchanged=exchanged)
            yield implied_mark_up(factor, bits_of(factor, Decimal(1)) + more)
        yield from self._imply_factor(off, sides, chosen, slack, added)
        if exchanged:
            yield from self._imply_exchange(wanting, off, chosen, slack, added)
        if not self._agreed:
            yield from self._imply_conversion(wanting, sides, chosen, slack, added)
        if not slack and not self._agreed:
            yield from self._imply_sum(off, sides, chosen)
        if not slack and off:
            due, billed = total(sides[one.key].amount for one in wanting), total(one.billed for one in witnesses)
            yield from fees_shared_out(self._terms.account, due, billed)
        if not slack and self._has_allowance:
            yield from sizes_implied(self._bench, self._terms, witnesses, chosen)
            yield from sizes_of_one_number(self._bench, self._terms, witnesses, chosen)

    def in_shares(
        self, shares: Sequence[Share], number: Callable[[Witness], int], witnesses: Sequence[Witness], chosen: Chosen
    ) -> Iterator[Reading]:
        """Propose figures for one number, account, market or category alone, of which lines hold a part.

        `number` gives the number of a line by which shares know it.
        """
        due = self._bench.sides(chosen) or {}
        off = off_of(witnesses, due)
        if len(off) < BORNE_OUT or any(one.is_implied for one in chosen):
            return
        usual = self._usual_exchange(off, chosen, self._added(chosen)) if self._exchanged else ZERO
        figures = figures_of_prices(self._terms, self._agreed, usual)
        over = {number(one): over_of(one, due) for one in off}
        mixed = any(row.plus for row in self._agreed)
        for share in islice((one for one in shares if may_serve(one, over, mixed=mixed)), _SHARES):
            for one in implied_of_shares(self._bench, share.scope, figures, off, chosen):
                yield replace(one, bits=one.bits + 2 + log2(share.among))

    def lacking(self, lines: Mapping[str, Witness], chosen: Chosen) -> Chosen:
        """Give as many free units fewer as lines charge more: a log that lacks some of those comes to the same."""
        return lacking(self._bench, self._terms, lines, chosen)

    def _imply_exchange(
        self, wanting: Sequence[Witness], off: Sequence[Witness], chosen: Chosen, slack: Decimal, added: Sides
    ) -> Iterable[Reading]:
        """Propose the one exchange rate of all lines, and that of those alone that do not fit: a factor is one, too."""
        flat = self._bench.sides(in_order((*chosen, implied_exchange(Decimal(1), 0.0)))) or {}
        some = [[one for one in lines if one.key in flat] for lines in (wanting, off)]
        rates = [common_factors(ratios_of(lines, flat, slack, added), several=bool(slack)) for lines in some]
        for rate in dict.fromkeys(chain.from_iterable(rates)):
            usual = self._usual_exchange(some[0], chosen, added)
            far = _FAR_OFF * float(abs(rate / usual - 1)) if usual else 0.0
            yield implied_exchange(rate, bits_of(rate, usual) + far)

    def _imply_conversion(
        self, wanting: Sequence[Witness], sides: Sides, chosen: Chosen, slack: Decimal, added: Sides
    ) -> Iterable[Reading]:
        """Propose the one rate, of no table, at which another currency's card comes to what most lines bill.

        The usual one is that at which it comes to what is due. Noughts before its first digit say nothing.
        """
        for currency in self._currencies if all(one.cause != "card_currency" for one in chosen) else ():
            flat = self._bench.sides(in_order((*chosen, implied_conversion(currency, Decimal(1), 0.0)))) or {}
            lines = [one for one in wanting if flat.get(one.key, NO_SIDE).amount]
            due, listed = (total(some[one.key].amount for one in lines) for some in (sides, flat))
            for rate in common_factors(ratios_of(lines, flat, slack, added), several=bool(slack)):
                usual = due / listed
                noughts = -usual.adjusted()
                bits = RARE + bits_of(rate.scaleb(noughts), usual.scaleb(noughts))
                yield implied_conversion(currency, rate, bits)

    def _imply_sum(self, off: Sequence[Witness], sides: Sides, chosen: Chosen) -> Iterable[Reading]:
        """Propose the one sum that is put on each unit where no contract marks anything up, in either currency.

        Few units leave much room for rounding, in which any two lines meet: a third must bear it out, unless it takes
        no more than a hundredth of the sum.
        """
        own = {waba.currency for waba in self._terms.account.wabas}
        invoiced = self._terms.account.currency
        # What the contract states is no figure of the lines.
        fees = {fee.amount for fee in self._terms.account.fees if fee.per == "unit"}
        for currency in sorted({*own, invoiced}) if len(own) == 1 else [invoiced]:
            exchanged = currency != invoiced
            unit = implied_sum(Decimal(1), currency, 0.0, exchanged=exchanged)
            more = self._bench.sides(in_order((*chosen, unit))) or {}
            some = [line for line in off if line.key in more and sides[line.key].quantity]
            sums = common_sums([_beside(line, sides[line.key], more[line.key]) for line in some])
            for plus in (one for one in sums if one not in fees):
                bits = bits_of(plus, ZERO) + unagreed(Decimal(1), exchanged=exchanged)
                yield implied_sum(plus, currency, bits, exchanged=exchanged)

    def _imply_factor(
        self, off: Sequence[Witness], sides: Sides, chosen: Chosen, slack: Decimal, added: Sides
    ) -> Iterable[Reading]:
        """Propose the one factor that stands for the contract's, with what it adds or without."""
        factors = {row.factor for row in self._agreed if row.factor}
        if not factors:
            return
        ways = [False, True] if any(row.plus for row in self._agreed) else [False]
        for alone in ways:
            if alone:
                bare = self._at_factor(chosen, 1, ZERO)
                made = ratios_of([line for line in off if line.key in bare], bare, slack, added)
            elif len(ways) > 1:
                made = self._beside_what_is_added(off, chosen, slack)
            else:
                usual = min(factors)  # several would not give way to one that is common to all
                ratios = ratios_of(off, sides, slack, added)
                made = [(billed, amount / usual, reach) for billed, amount, reach in ratios]
            for factor in common_factors(made, several=bool(slack)):
                bits = bits_of(factor, min(factors)) + odd(factor, exchanged=self._exchanged)
                if alone or factor not in factors:
                    yield other_factor(factor, bits, ZERO if alone else None)
        if not slack:
            yield from self._imply_plus(off, chosen)
            yield from self._imply_both(off, chosen, min(factors), max(row.plus for row in self._agreed))

    def _imply_plus(self, off: Sequence[Witness], chosen: Chosen) -> Iterable[Reading]:
        """Propose the one sum that stands for what the contract adds to each unit."""
        none, unit = (self._bench.sides(in_order((*chosen, other_plus(Decimal(plus), 0.0)))) or {} for plus in (0, 1))
        some = [line for line in off if line.key in none and none[line.key].quantity]
        usual = {row.plus for row in self._agreed}
        for plus in common_sums([_beside(line, none[line.key], unit[line.key]) for line in some]):
            if plus not in usual:
                yield other_plus(plus, bits_of(plus, max(usual)))

    def _imply_both(self, off: Sequence[Witness], chosen: Chosen, factor: Decimal, plus: Decimal) -> Iterable[Reading]:
        """Propose one factor and one sum added to each unit that stand for both of the contract's.

        Two figures are true to any two lines: a third must bear them out.
        """
        nothing, listed, added = (self._at_factor(chosen, *one) for one in ((0, ZERO), (1, ZERO), (0, Decimal(1))))
        made = []
        for line in off:
            if line.key in nothing and line.key in listed and line.key in added:
                none, one, unit = (some[line.key] for some in (nothing, listed, added))
                billed, price, reach = ratio_of(line, one, ZERO)
                by_unit = (billed, price) != (line.billed, one.amount)
                rest, units = (ZERO, min(unit.rates)) if by_unit else (none.amount, unit.amount - none.amount)
                if units > 0:
                    made.append(((billed - rest) / units, (price - rest) / units, reach / units))
        made.sort(key=lambda one: one[1])
        steps = [
            (b[0] - a[0], b[1] - a[1], a[2] + b[2])
            for n, a in enumerate(made)
            for b in made[n + 1 :][:_STEPS]
            if b[1] > a[1]
        ]
        if len({one[1] for one in made}) < BORNE_OUT:
            return
        for other in common_factors(steps, several=True):
            left = [(billed - other * price, Decimal(1), reach) for billed, price, reach in made]
            for more in common_factors(left, several=False):
                bits = bits_of(other, factor) + bits_of(more, plus) + odd(other, exchanged=self._exchanged)
                yield other_factor(other, bits, more)

    def _at_factor(self, chosen: Chosen, factor: int, plus: Decimal | None = None) -> Sides:
        """Give the sides under some readings where the contract had this factor, and added this."""
        other = other_factor(Decimal(factor), 0.0, plus)
        return self._bench.sides(in_order((*chosen, other))) or {}

    def _beside_what_is_added(self, off: Sequence[Witness], chosen: Chosen, slack: Decimal) -> list[Ratio]:
        """Give what is billed of each line, and what is due at a factor of one, without what is added to each unit."""
        plus, one = (self._at_factor(chosen, n) for n in (0, 1))
        made = []
        for line in off:
            if line.key in plus and line.key in one:
                billed, most, reach = ratio_of(line, one[line.key], slack)
                _, least, _ = ratio_of(line, plus[line.key], slack)
                made.append((billed - least, most - least, reach))
        return made

    def _added(self, chosen: Chosen) -> Sides:
        """Give what readings put on each unit whatever its price: no factor and no exchange rate multiplies it."""
        if all(one.cause != "provider_fee" for one in chosen):
            return {}
        return self._bench.sides(in_order((*chosen, implied_mark_up(ZERO, 0.0)))) or {}

    def _usual_exchange(self, wanting: Sequence[Witness], chosen: Chosen, added: Sides) -> Decimal:
        """Give about what the account's own exchange comes to, without what is `added` to each unit beside it."""
        flat = self._bench.sides(in_order((*chosen, implied_exchange(Decimal(1), 0.0)))) or {}
        own = self._bench.sides(chosen) or {}
        one = next((line.key for line in wanting if line.key in flat), "")
        if not one:
            return Decimal(1)
        rest = added.get(one, NO_SIDE).amount
        listed = flat[one].amount - rest
        return (own.get(one, NO_SIDE).amount - rest) / listed if listed else Decimal(1)


def _beside(line: Witness, side: Side, more: Side) -> Ratio:
    """Give what a line bills above a side, against what one more on each unit comes to there."""
    billed, due, reach = ratio_of(line, side, ZERO)
    by_unit = (billed, due) != (line.billed, side.amount)
    units = Decimal(side.quantity) if by_unit else Decimal(1)
    return billed - due, (more.amount - side.amount) / units, reach
