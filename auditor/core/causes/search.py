"""The search for causes: the shortest account of the invoice as a whole (formats.md §8).

A hypothesis is a set of readings. It costs what its readings are unlikely, and what every line still takes to be
written down under it. Readings are taken for the whole invoice; a line may be left out of one, at a price. The search
goes from nothing to one reading, to two, to three, and keeps the best few at each step.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from math import log2

import numpy as np
import numpy.typing as npt

from auditor.core.causes.account import NOTHING_WRONG
from auditor.core.causes.account import Account
from auditor.core.causes.account import keeps_what_is_stated
from auditor.core.causes.account import leading
from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import in_order
from auditor.core.causes.implied import Implied
from auditor.core.causes.lines import Witness
from auditor.core.causes.reading import STATED
from auditor.core.causes.reading import Reading
from auditor.core.causes.scales import Scales
from auditor.core.causes.screen import Change
from auditor.core.causes.screen import Rows
from auditor.core.causes.screen import Screen
from auditor.core.causes.screen import Share
from auditor.core.causes.screen import Stack
from auditor.core.causes.screen import distinct
from auditor.core.money import ZERO
from auditor.core.results import ABROAD

_SINGLES, _PAIRS = 60, 24
_LEADING = 3
READINGS = 3
_ROUNDS, _VARIANTS, _INSTEAD, _FOLLOWED = 2, 12, 6, 3
_SCOPES = ("phone_number_id", "waba_id", "market", "category", "template_category")
_APART, _TOGETHER = "category", "template_category"
# What readings leave as it is that carry units from line to line: they may hold for one value of it alone.
_KEPT = {"market": frozenset({_APART, _TOGETHER}), "authentication_international": frozenset({"market"})}
# Accounts that are carried on to two and to three readings, and the readings tried on top of each.
_WIDTH = ((24, 14), (8, 10))
_NEAR = 3.0
# A cause that may be met twice, of countries that are each taken for another; and how many are tried beside one.
_TWICE, _ONCE_MORE = "market", 4
_FREE, _CUT = "free_allowance", "month_cut"
# Readings that price every unit anew, so that rounding it comes to something else.
_PRICED = frozenset({"card_currency", "mark_up", "fx", "tax_included", "provider_fee"})
PRICED = _PRICED | {"rate_card"}
# Bits that an account may be longer by which takes fewer readings.
_FEWER = 4.0


class Search:
    """Finds the shortest account of an invoice."""

    def __init__(
        self, bench: Bench, witnesses: Sequence[Witness], new_witness: Callable[[str], Witness | None],
        imply: Implied, unit: Decimal,
    ) -> None:  # fmt: skip
        """Take the lines, how to make one for a key that is not listed, what proposes factors, the minor unit."""
        self.bench = bench
        self._imply = imply
        self.unit = unit
        self._screen = Screen(float(unit))
        self._scales = Scales(bench, witnesses, new_witness, self._screen.number)
        self.lines, self.base = self._scales.lines, self._scales.base
        self.accounts: dict[Chosen, Account] = {}
        self._best: Account | None = None
        # What is billed by the rules, and the values there of columns that a scope may be of, where some stay open.
        self._due: Rows | None = None
        self._values: Mapping[str, AbstractSet[str]] = {}
        self._shares: Sequence[Share] = ()  # what scopes hold of lines, where some stay open
        self.tried: list[Reading] = []
        self._alone: dict[Chosen, Change] = {}  # what each reading changes by the rules
        self._cuts: Sequence[Reading] = ()  # months cut elsewhere, windows and what is free with them

    def best(self, readings: Sequence[Reading]) -> Account:
        """Give the best account; every account that was weighed stays in `accounts`."""
        start = self.weigh(())
        if start is None or start.bits == 0:
            return start or NOTHING_WRONG
        self._cuts = [lead for one in readings if one.cause == _CUT for lead in one.leads or (one,)]
        every = self.changes(readings)
        leading = [change for change in every if change.reading.leads]
        every += self.changes(lead for one in self._likely(Stack(leading), (), _LEADING) for lead in one.leads)
        self.tried = [change.reading for change in every]
        changes = distinct(every)
        found = [start, *self._weighed((one,) for one in self._likely(Stack(changes), (), _SINGLES))]
        implied = self.implied(())
        found += self._weighed((one,) for one in implied)
        pairs = self._weighed(self._implied_beside(change.reading for change in changes))
        if not self._settled(min([*found, *pairs], key=_bits)):
            pairs += self._weighed(self._rounded_beside(changes))
        nearest = min(found, key=_bits)
        open_ = self._open(nearest)  # else it is asked only of which part it is that something holds
        whole = [one for one in (*(change.reading for change in changes), *implied) if open_ or one in nearest.partial]
        if whole:
            self._due = self._screen.rows(self.bench.items(()) or [], _SCOPES)
            self._values = {name: {*self._due.codes[name]} for name in _SCOPES}
            parted = (reading for reading in whole if not reading.is_shared_out)
            scoped = [one for reading in parted for one in self._scoped(reading, self._due)]
            every += scoped
            scoped = distinct(scoped)
            found += self._weighed((one,) for one in self._likely(Stack(scoped), (), _SINGLES))
            changes += scoped
            self._shares = self._shares_of(self._due)
            found += self._weighed((one,) for one in self.implied_in(self._shares, ()))
        pairs += self._weighed(self._paired(changes))
        pairs += self._weighed(self._moved_with(min(found, key=_bits), every))
        for width, each in _WIDTH:
            found = self._extended(found, changes, width, each) + pairs
            pairs = []
        for _ in range(_ROUNDS):
            before = self._shortest()
            self._vary(before, every)  # what comes to the same alone may not together with others
            self._follow(every)
            self._share(self._shortest())
            if self._shortest() is before:
                break
        self._limit(self._fewest(self._shortest()))
        return self._fewest(self._shortest())

    def _limit(self, account: Account) -> None:
        """Try a figure that holds for some lines, and of which nothing says why, for each part that these may be.

        What holds for the others, too: it tells where the figure does not.
        """
        fitted = any(one.is_implied for one in account.partial)
        for reading in account.partial:
            if fitted and not reading.scope and self._due is not None:
                rest = tuple(one for one in account.chosen if one is not reading)
                scoped = Stack([*self._scoped(reading, self._due)])
                for other in self._likely(scoped, rest, _INSTEAD):
                    self.weigh(in_order((*rest, other)))

    def _fewest(self, account: Account) -> Account:
        """Give an account by fewer readings under which the same lines fit, if it is hardly longer: else the same.

        A figure that nothing states is no simpler than one beside what the contract states.
        """
        fitting = [key for key, verdict in account.verdicts.items() if verdict.fits]
        fewer = [
            one
            for one in self.accounts.values()
            if len(one.chosen) < len(account.chosen)
            and one.bits <= account.bits + _FEWER
            and keeps_what_is_stated(account, one)
            and all(key in one.verdicts and one.verdicts[key].fits for key in fitting)
        ]
        return min(fewer, key=lambda one: (len(one.chosen), one.bits), default=account)

    def _shortest(self) -> Account:
        return min(self.accounts.values(), key=lambda one: (one.bits, len(one.chosen)))

    def _vary(self, account: Account, changes: Sequence[Change]) -> None:
        """Try other variants of each reading of an account, for all or for a part of the invoice; and other causes.

        A figure that is made to fit what one variant leaves of the lines may be of no use beside another.
        """
        stack = Stack(changes)
        for reading in account.chosen:
            rest = tuple(one for one in account.chosen if one is not reading)
            own = [change for change in changes if change.reading.cause == reading.cause]
            some = (*self._likely(Stack(own), rest, _VARIANTS), *reading.leads)
            some += tuple(self._likely(stack, rest, _INSTEAD, {reading.cause}))
            if reading.cause == _CUT and _grants(rest) and self._open(account):
                some += tuple(self._seen(self._cuts, rest))
            if reading.cause == _FREE and self._open(account):
                some += tuple(self.implied(rest))  # another size, which only the rest lets lines imply
            stated = tuple(one for one in rest if not one.is_solved)
            for other in some:
                for more in (in_order((*rest, other)), in_order((*stated, other))):
                    if more not in self.accounts:
                        self.weigh(more)
            if reading.whole:
                unscoped = (one.reading for one in own if not one.reading.scope)
                self._vary_both([*reading.leads, *unscoped][:_INSTEAD], rest, changes)

    def _vary_both(self, own: Sequence[Reading], rest: Chosen, changes: Sequence[Change]) -> None:
        """Try variants of a reading that holds for everything with variants of another: each may ask for the other."""
        for other in own:
            for second in rest:
                kept = in_order((*(one for one in rest if one is not second), other))
                same = [change for change in changes if change.reading.cause == second.cause]
                for third in self._likely(Stack(same), kept, _INSTEAD):
                    more = in_order((*kept, third))
                    if more not in self.accounts:
                        self.weigh(more)

    def _follow(self, changes: Sequence[Change]) -> None:
        """Add to the shortest accounts what prices or labels units otherwise, seen as it is there: a guess misleads.

        Where other units are free by one that is hardly longer, also what cuts the month elsewhere. Only where lines
        stay open; of accounts by the same causes only the shortest.
        """
        shortest: dict[frozenset[str], Account] = {}
        for account in sorted(self.accounts.values(), key=_bits):
            shortest.setdefault(frozenset(one.cause for one in account.chosen), account)
        for account in list(shortest.values())[:_FOLLOWED]:
            if not account.chosen or len(account.chosen) == READINGS or not self._open(account):
                continue
            own = {one.cause for one in account.chosen}
            others = [one.reading for one in changes if one.reading.cause not in own]
            plain = [one for one in others if one.view is not None and one.setting is None and not one.scope]
            near = account.bits <= self._shortest().bits + _FEWER
            plain += self._cuts if near and _CUT not in own and _grants(account.chosen) else []
            likely = self._seen(plain, account.chosen)
            for reading in (*likely, *(lead for one in likely[:_LEADING] for lead in one.leads)):
                self.weigh(in_order((*account.chosen, reading)))

    def _share(self, account: Account) -> None:
        """Try a figure for one scope alone beside what an account has but for figures; where lines stay open.

        Where units are billed on other lines than due, a scope holds a part of those that they are on.
        """
        stated = tuple(one for one in account.chosen if not one.is_implied)
        if not 0 < len(stated) < READINGS or not self._open(account):
            return
        shares = self._shares
        if any(one.whole and one.view for one in stated):
            shares = self._shares_of(self._screen.rows(self.bench.items(stated) or [], _SCOPES))
        for reading in self.implied_in(shares, stated):
            self.weigh(in_order((*stated, reading)))

    def _shares_of(self, rows: Rows) -> Sequence[Share]:
        shares = (one for name in _SCOPES for one in self._screen.shares(rows, name, sorted({*rows.codes[name]})))
        joined = _joined(rows.codes[_APART])
        return [one for one in shares if one.scope[0] != _TOGETHER or one.scope[1] in joined]

    def _moved_with(self, account: Account, changes: Sequence[Change]) -> Iterable[Chosen]:
        """Add to an account that bills units on other lines what bills other units, seen as it is there.

        Alone these stand on the lines that the others have left.
        """
        if len(account.chosen) != 1 or account.chosen[0].setting or not account.chosen[0].whole:
            return
        others = [one.reading for one in changes if one.reading.setting and not one.reading.scope]
        for reading in self._seen(others, account.chosen):
            yield in_order((*account.chosen, reading))

    def _seen(self, readings: Iterable[Reading], chosen: Chosen) -> list[Reading]:
        """Give the likeliest of readings by what each does on top of some others, where a guess would mislead."""
        here = self.bench.sides(chosen) or {}
        seen = [made for one in readings if (made := self._change(one, chosen))]
        return self._screen.best(Stack(seen), here, here, _INSTEAD)

    def _likely(
        self, stack: Stack, chosen: Chosen, count: int, causes: AbstractSet[str] = frozenset()
    ) -> list[Reading]:
        """Give the likeliest readings on top of some, of other causes than these and some more."""
        sides = self.bench.sides(chosen) or {}
        return self._screen.best(stack, self.base, sides, count, causes | {one.cause for one in chosen})

    def _twice(self, changes: Sequence[Change], chosen: Chosen) -> list[Reading]:
        """Give the likeliest readings of the cause that may be met twice, on top of some that have one of it."""
        if sum(one.cause == _TWICE for one in chosen) != 1:
            return []
        stack = Stack([one for one in changes if one.reading.cause == _TWICE and one.reading not in chosen])
        return self._screen.best(stack, self.base, self.bench.sides(chosen) or {}, _ONCE_MORE)

    def _extended(self, found: Sequence[Account], changes: Sequence[Change], width: int, each: int) -> list[Account]:
        """Add one reading to each of the best few accounts."""
        made: list[Account] = []
        stack = Stack(changes)
        for account in leading(found, width):
            some = [*self._likely(stack, account.chosen, each), *self.implied(account.chosen)]
            some += [one for one in self._rounding_upon(account.chosen) if one not in some]
            some += [lead for one in some[:_LEADING] for lead in one.leads if lead not in some]
            some += self._twice(changes, account.chosen)
            for reading in some:
                prior = sum(one.bits for one in account.chosen) + reading.bits
                more = in_order((*account.chosen, reading))
                if self._best is not None and prior < self._best.bits + _NEAR and more not in self.accounts:
                    made += self._weighed([more])
        return made

    def implied(self, chosen: Chosen) -> list[Reading]:
        """Give the figures that lines imply on top of some readings; beside one for the price any would serve."""
        sides = self.bench.sides(chosen) or {}
        causes, priced = {one.cause for one in chosen}, any(one.is_implied for one in chosen)
        found = self._imply.proposed(sides, list(self.lines.values()), chosen, ZERO)
        return [one for one in found if one.cause not in causes and not (priced and one.is_implied)]

    def implied_in(self, shares: Sequence[Share], chosen: Chosen) -> Iterable[Reading]:
        """Give the figures that lines imply for one scope or stretch of days, of which they hold a share."""
        return self._imply.in_shares(shares, self._screen.number, list(self.lines.values()), chosen)

    def number(self, key: str) -> int:
        """Give the number of a line by which shares know it."""
        return self._screen.number(self.lines[key])

    def _implied_beside(self, readings: Iterable[Reading]) -> Iterable[Chosen]:
        """Give what lines imply beside each reading that prices every unit anew, which alone may look like nothing.

        Beside tax and fee also together: both are stated. Where units are rounded, lines imply it to within the half
        that each may gain or lose.
        """
        lines = list(self.lines.values())
        priced = [one for one in readings if one.cause in PRICED or one.cause == "rounding"]
        stated = [one for one in priced if one.bits <= STATED]
        both = (in_order(pair) for pair in combinations(stated, 2) if pair[0].cause != pair[1].cause)
        for some in (*((one,) for one in priced), *both):
            digits = some[0].rounds_units_to
            chosen = some if digits is None else ()
            slack = ZERO if digits is None else Decimal(5).scaleb(-digits - 1)
            found = self._imply.proposed(self.bench.sides(chosen) or {}, lines, chosen, slack)
            yield from (in_order((one, *some)) for one in found if all(one.cause != own.cause for own in some))

    def _rounded_beside(self, changes: Sequence[Change]) -> Iterable[Chosen]:
        """Give readings that price every unit anew with the price of each unit rounded to the minor unit.

        So coarse a rounding turns prices into others, to which neither of the two comes near alone.
        """
        coarse = self.unit.as_tuple().exponent
        rounding = [one for one in self._rounding if one.values["digits"] == str(-int(coarse))]
        for reading in (change.reading for change in changes):
            if reading.cause in PRICED:
                yield from (in_order((reading, one)) for one in rounding if not one.values["kind"].startswith("listed"))

    def _paired(self, changes: Sequence[Change]) -> Iterable[Chosen]:
        """Give pairs of readings that come to what is billed together, of which neither may come near it alone."""
        for one, other in self._screen.pairs(changes, self.base, _PAIRS):
            chosen = in_order((one, other))
            shorter = self._best is None or one.bits + other.bits < self._best.bits + _NEAR
            if (one.cause != other.cause or one.cause == _TWICE) and shorter and chosen not in self.accounts:
                yield chosen

    @property
    def _rounding(self) -> list[Reading]:
        """Give how units may be rounded: also what alone comes to the same as another way, but not beside others."""
        return [one for one in self.tried if one.cause == "rounding"]

    def _rounding_upon(self, chosen: Chosen) -> list[Reading]:
        """Give how units may be rounded at other prices: what it comes to there cannot be told from the usual ones."""
        causes = {one.cause for one in chosen}
        if "rounding" in causes or causes.isdisjoint(_PRICED):
            return []
        return self._rounding

    def _weighed(self, some: Iterable[Chosen]) -> list[Account]:
        return [account for chosen in some if (account := self.weigh(chosen)) is not None]

    def _settled(self, account: Account) -> bool:
        """Tell whether every line is accounted for, by no figure that was made to fit them."""
        return not self._open(account) and not any(one.is_solved for one in account.chosen)

    def _open(self, account: Account) -> bool:
        """Tell whether some line is still not accounted for."""
        return any(not verdict.fits for verdict in account.verdicts.values())

    def changes(self, readings: Iterable[Reading]) -> list[Change]:
        """Give what readings change alone: those that change lines that count, and can be tried."""
        return [change for one in readings if (change := self._change(one))]

    def left_in_part(self, stack: Stack, grounds: Sequence[Chosen]) -> Iterator[tuple[Chosen, npt.NDArray[np.float64]]]:
        """Guess by change the bits that are left where it holds for a part of what it would change upon some others."""
        every = (self._alone.get(one) or self.bench.sides(one) or {} for one in grounds)
        for chosen, left in zip(grounds, self._screen.left_in_part(stack, self.base, every), strict=True):
            yield chosen, left + sum(one.bits for one in chosen)

    def _change(self, reading: Reading, chosen: Chosen = ()) -> Change | None:
        """Give what a reading changes on lines that count, upon others; None if nothing or not to be tried."""
        if not chosen and (reading,) in self._alone:
            return self._alone[reading,]
        made = self._changed(reading, chosen)
        if made and not chosen:
            self._alone[reading,] = made
        return made

    def _changed(self, reading: Reading, chosen: Chosen) -> Change | None:
        steps = self.bench.steps(in_order((*chosen, reading)), chosen)
        if steps is None:
            return None
        self._scales.meet(steps)
        return self._screen.change(reading, steps, self.lines)

    def _scoped(self, reading: Reading, by_rule: Rows) -> Iterable[Change]:
        """Give a reading for one number, account, market or category only, where lines put several together.

        `by_rule` is what is billed by the rules.
        """
        due, made = self.bench.apart((reading,), ())
        before = by_rule if due is self.bench.items(()) else self._screen.rows(due, _SCOPES)
        after = self._screen.rows(made, _SCOPES)
        joined = _joined(self._values[_APART])
        for name in _SCOPES:
            if reading.whole and name in {"market", _APART, _TOGETHER} - _KEPT.get(reading.cause, frozenset()):
                continue
            values = sorted(self._values[name] | set(after.codes[name]))
            bits = reading.bits + 2 + log2(len(values))
            for value, lines, quantities, amounts in self._screen.parted(before, after, name, values):
                if name == _TOGETHER and value not in joined:
                    continue  # one category alone is no other scope than that
                scoped = replace(reading, bits=bits, scope=(name, value), values={**reading.values, "scope": value})
                yield Change(scoped, lines, quantities, amounts)

    # Weighing -----------------------------------------------------------------------------------------------------

    def weigh(self, chosen: Chosen) -> Account | None:
        """Weigh a hypothesis: None for one that cannot be tried, or of which some reading accounts for nothing.

        Of the latter what is left is weighed: a reading that served with others may be of no use where these change.
        """
        account = self.judged(chosen)
        if account is None:
            return None
        used = tuple(one for one in chosen if one in account.shown)
        if used != chosen:
            if len(used) > 1 and used not in self.accounts:
                self.weigh(used)
            return None
        self.accounts[chosen] = account
        if self._best is None or account.bits < self._best.bits:
            self._best = account
        return account

    def judged(self, chosen: Chosen) -> Account | None:
        """Give how a hypothesis accounts for the invoice; None for one that cannot be tried."""
        known = self.accounts.get(chosen)
        return known if known and len(known.verdicts) == len(self.lines) else self._scales.judged(chosen)


def _joined(categories: Iterable[str]) -> AbstractSet[str]:
    """Name the categories of templates of which some units have a price of their own, as authentication abroad."""
    present = {*categories}
    return {ABROAD[one] for one in present & ABROAD.keys()} & present


def _grants(chosen: Chosen) -> bool:
    """Tell whether other units are free under some readings: each that is in the month takes one from another."""
    return any(one.cause == _FREE for one in chosen)


def _bits(account: Account) -> float:
    return account.bits
