"""By how many bits the lines of an invoice bear readings out: what they tell beyond chance (formats.md §8)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from math import comb
from math import log2

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.rates import decimals
from auditor.core.causes.reading import STATED
from auditor.core.causes.reading import USUAL
from auditor.core.causes.reading import Reading
from auditor.core.causes.search import Search
from auditor.core.causes.stated import stated_of
from auditor.core.causes.surplus import above
from auditor.core.causes.surplus import gaps_hold
from auditor.core.causes.surplus import side_under
from auditor.core.causes.verdict import LOST
from auditor.core.causes.verdict import WRONG
from auditor.core.causes.verdict import Verdict
from auditor.core.causes.verdict import lacks
from auditor.core.causes.verdict import repeated
from auditor.core.causes.verdict import slipped
from auditor.core.causes.verdict import speaks
from auditor.core.money import ZERO

_SLIGHT = 100
_SLIPS = 2  # of the pen on one invoice
_SEVERAL = 2  # lines that are open as others are: one may be for a reason of its own
_LONG = 5  # digits of a rate which is no price that anybody lists
_FEW_UNITS = 5  # fewer come right by chance under one of many readings


class Margins:
    """Tells by how much lines bear readings of a search out."""

    def __init__(self, search: Search, disputed: Sequence[Account]) -> None:
        """Take a search that was made, and the accounts that others contest as they are found."""
        self._search = search
        self._disputed = disputed

    def of(self, account: Account, some: AbstractSet[Reading]) -> float:
        """Give by how many bits lines bear some readings of an account out, over what these are unlikely themselves.

        A line that needs an error of its own besides bears no witness but by its units, and none speaks by more than it
        is off without the readings; one alone that states no quantity bears none of less than a hundred minor units,
        one that is off by a unit none where other lines stay unexplained. Lines that are missing bear none where others
        do not fit, nor for readings that hold in part, that leave units and only label or price them otherwise, that
        put more on another line that is missing, or that leave more units without a rate; a single one only for a usual
        reading. A slip of the pen, which a line is only where every replay fails, is no more unlikely than a reading
        that holds in part; but a reading that makes slips of many lines, and fits no more than these (than twice as
        many, if it was made to fit), is borne out by none. Nor is one that holds in part by no more lines than an
        invoice may have slips, where these say themselves what is wrong with them; that there would be more slips is
        news. A few units too many or too few are soon met by chance: of the lines whose units are changed, more must
        fit than stay open. Readings that make a line wrong that is right without them are not what was done; and where
        they put several off the other way, each of these must be wrong for a reason of its own besides, which is as
        unlikely as that a line is wrong at all. Where lines stay open for what the log lost, none is a witness that may
        be off for this as well. That the line from which a figure is solved for comes right to its last decimal is no
        news; that others do is.
        """
        without = self._search.judged(tuple(one for one in account.chosen if one not in some))
        if without is None or any(self._spoilt(key, account, without) for key in account.holds):
            return -WRONG
        proved, slips, witnesses, to_the_last = 0.0, 0, list[str](), list[float]()
        mute, usual = self._off_as_others(account, without, some), self._usual(account, some)
        solved, lost = any(one.is_solved for one in some), any(verdict.lost for verdict in account.verdicts.values())
        gap = lost and not self._held(account, without)
        for key, verdict in account.verdicts.items():
            before = without.verdicts.get(key)
            if before is None or some.isdisjoint(account.holds[key]) or key in mute or (gap and before.lost):
                continue
            if not (verdict.fits or repeated(verdict) or verdict.lost):
                units = self._by_quantity(key, account, without)
                proved += units
                slips += not units and slipped(verdict)
                witnesses += [key] if units else []
                continue
            if before.bits > verdict.bits:
                given = self._gives_the_rate(key, account, without, some)
                told = before.bits - verdict.bits - (0.0 if given else self._no_news(account, before, verdict, some))
                told = min(told, self._evidence(key, without))
                to_the_last.append(self._to_the_last(key, account, without))
                told += to_the_last[-1]
                proved += min(told, _surprise(abs(self._over(key, without)), usual)) if usual else told
                witnesses.append(key)
        proved -= max(to_the_last, default=0.0) if solved else 0.0
        if slips > _SLIPS and (1 + solved) * slips >= len(witnesses):
            return -WRONG
        if not usual and not some.isdisjoint(account.partial):
            taken = sum(slipped(without.verdicts[key]) for key in witnesses)
            proved += WRONG * max(0, taken - _SLIPS)
        if self._is_chance(account, without, some, witnesses):
            return -WRONG
        overshot = self._overshot(account, without, some)
        proved -= WRONG * overshot if overshot >= _SEVERAL else 0.0
        left = self._left_open(account, some)
        proved -= log2(comb(left + len(witnesses), left)) if left >= _SEVERAL else 0.0
        return proved - (account.price - without.price)

    @staticmethod
    def _no_news(account: Account, before: Verdict, verdict: Verdict, some: AbstractSet[Reading]) -> float:
        """Give the bits that tell that a line is off at all, where that is no news: as of one that covers a gap."""
        if before.lost:
            return LOST if verdict.fits else 0.0
        known = slipped(before) and some.isdisjoint(account.partial)
        return 0.0 if known or before.bits < WRONG or not (verdict.fits or verdict.lost) else WRONG

    def _is_chance(
        self, account: Account, without: Account, some: AbstractSet[Reading], witnesses: Sequence[str]
    ) -> bool:
        """Tell whether what lines bear some readings out by is no more than may be met by chance (`margin`)."""
        speak = len(witnesses) <= _SLIPS and all(speaks(without.verdicts[key]) for key in witnesses)
        lost = bool(witnesses) and all(without.verdicts[key].lost for key in witnesses)
        if lost and len(witnesses) <= _SLIPS and gaps_hold(self._search, without):
            return True
        rates = all({part.cause for part in without.verdicts[key].parts} == {"rate"} for key in witnesses)
        twice = rates and len(witnesses) == _SLIPS and all(one.bits <= STATED for one in some)
        told = all(self._gives_the_rate(key, account, without, some) for key in witnesses)
        if speak and not twice and not told and not some.isdisjoint(account.partial):
            return True  # but twice wrong by just what the contract or the account states is no slip
        in_part = any(one.scope or one in account.partial for one in some)
        if in_part and witnesses and all(self._may_be_silent(key, without) for key in witnesses):
            return True
        lacking = [key for key in witnesses if self._search.lines[key].own and lacks(without.verdicts[key])]
        if in_part and 0 < len(witnesses) <= _SLIPS and len(lacking) == len(witnesses):
            return True
        if len(witnesses) == 1 and self._slight(witnesses[0], without.chosen, alone=_settled(account)):
            return True
        if 0 < len(witnesses) <= self._missed(account, some) or self._is_unreceived(account, without):
            return True
        if any(one.is_dated for one in some) and 0 < self._moved(account, without) < _FEW_UNITS:
            return True
        concerned = [verdict for key, verdict in account.verdicts.items() if not some.isdisjoint(account.holds[key])]
        return not any(self._search.lines[key].own for key in witnesses) and (
            (len(witnesses) == 1 and any(one.bits > USUAL for one in some))
            or all(one.view is not None or one in account.partial for one in some)
            or not all(verdict.whole for verdict in concerned)
            or self._swells(account, some)
            or self._search.bench.unrated(account.chosen) > self._search.bench.unrated(without.chosen)
        )

    def _gives_the_rate(self, key: str, account: Account, without: Account, some: AbstractSet[Reading]) -> bool:
        """Tell whether a line states a rate which is on no card, of more digits than chance meets, and readings give.

        A rate that one replay comes to, to its last digit, is neither misread nor one that nobody lists.
        """
        parts, line = without.verdicts[key].parts, self._search.lines[key]
        if any(one.is_solved for one in some) or {part.cause for part in parts} != {"rate"}:
            return False
        side, rates = side_under(self._search, key, account), {one.unit_rate for one in line.own}
        return all(
            rate is not None and len(rate.normalize().as_tuple().digits) >= _LONG and stated_of(rate, side.rates)
            for rate in rates
        )

    def _is_unreceived(self, account: Account, without: Account) -> bool:
        """Tell whether some readings add units to lines alone on which nothing is billed: these may as well be lost.

        Units that are free are none of them: no line is due for these.
        """
        more = [
            self._search.lines[key]
            for key in account.holds
            if side_under(self._search, key, account).quantity > side_under(self._search, key, without).quantity
            if side_under(self._search, key, account).amount
        ]
        return bool(more) and not any(line.own for line in more)

    def _may_be_silent(self, key: str, account: Account) -> bool:
        """Tell whether what a line bills above an account may be of days on which the log is silent."""
        return self._search.lines[key].may_be_silent(side_under(self._search, key, account))

    def _off_as_others(self, account: Account, without: Account, some: AbstractSet[Reading]) -> AbstractSet[str]:
        """Name the lines that fit by some readings, and without them bill no more units too many than lines left open.

        A log that lacks messages here and there leaves most lines with a few units too many. A reading that adds a few
        to each fits some of them by chance, so these count only where they are more than twice as many as the others;
        gaps that hold what these bill too many, and not what all do without the readings, are no such lack.
        One other may be wrong for a reason of its own. A line that is open because several accounts fit it is none of
        them.
        """
        fitted = {
            key: over
            for key, verdict in account.verdicts.items()
            if verdict.fits and not some.isdisjoint(account.holds[key]) and (over := self._over(key, without)) > 0
        }
        contested = self.excused(account) if self._held(account, without) else self.contested()
        open_ = [
            self._over(key, account)
            for key, verdict in account.verdicts.items()
            if not verdict.whole and key not in contested
        ]
        like = {key: sum(one >= over for one in open_) for key, over in fitted.items()}
        return {key for key, others in like.items() if others >= _SEVERAL and 2 * others >= len(fitted)}

    def _held(self, account: Account, without: Account) -> bool:
        """Tell whether gaps hold all that lines bill otherwise than an account, and not without some readings."""
        return not gaps_hold(self._search, without) and gaps_hold(self._search, account)

    def _moved(self, account: Account, without: Account) -> int:
        """Count the units that lines have more, or less, under an account than without some of its readings."""
        sides = (
            (side_under(self._search, key, account), side_under(self._search, key, without)) for key in account.holds
        )
        return sum(abs(one.quantity - other.quantity) for one, other in sides)

    def _missed(self, account: Account, some: AbstractSet[Reading]) -> int:
        """Count the lines to which some readings give other units than are billed, and that stay open.

        None that stays open for another account's sake.
        """
        sides, rest = self._search.bench.sides, tuple(one for one in account.chosen if one not in some)
        before, after = sides(rest) or {}, sides(account.chosen) or {}
        contested = self.excused(account)
        return sum(
            not verdict.whole
            and key not in contested
            and self._search.lines[key].counted not in {None, after.get(key, NO_SIDE).quantity}
            and before.get(key, NO_SIDE).quantity != after.get(key, NO_SIDE).quantity
            for key, verdict in account.verdicts.items()
        )

    def _left_open(self, account: Account, some: AbstractSet[Reading]) -> int:
        """Count the lines that some readings price otherwise, and that stay open with the units they should have."""
        sides, rest = self._search.bench.sides, tuple(one for one in account.chosen if one not in some)
        before, after = sides(rest) or {}, sides(account.chosen) or {}
        contested = self.excused(account)
        lines = (
            self._search.lines[key] for key, one in account.verdicts.items() if not one.whole and key not in contested
        )
        return sum(
            line.counted in {None, after.get(line.key, NO_SIDE).quantity}
            and abs(after.get(line.key, NO_SIDE).amount - before.get(line.key, NO_SIDE).amount) > line.reach
            for line in lines
        )

    def _overshot(self, account: Account, without: Account, some: AbstractSet[Reading]) -> int:
        """Count the lines that some readings put off the other way, and that stay open for no other account's sake.

        None whose units come right by them: what is left of it is a matter of its price.
        """
        contested = self.excused(account)
        return sum(
            above(self._search, key, without) * above(self._search, key, account) < 0
            for key, verdict in account.verdicts.items()
            if not verdict.whole and key not in contested and not some.isdisjoint(account.holds[key])
            if not self._by_quantity(key, account, without)
        )

    def _swells(self, account: Account, some: AbstractSet[Reading]) -> bool:
        """Tell whether some readings put more on a line that is missing: fewer would be, but none is accounted for."""
        before, after = self._search.bench.sides(()) or {}, self._search.bench.sides(in_order(some)) or {}
        return any(
            side.amount > before.get(key, NO_SIDE).amount and not verdict.fits and not self._search.lines[key].own
            for key, verdict in account.verdicts.items()
            if (side := after.get(key))
        )

    def contested(self) -> AbstractSet[str]:
        """Name the lines that several accounts fit: they stay open, but not because nothing accounts for them."""
        return {key for one in self._disputed for key, verdict in one.verdicts.items() if verdict.fits}

    def excused(self, account: Account) -> AbstractSet[str]:
        """Name the lines that stay open for another account's sake, or for no more than the log may have lost."""
        return self.contested() | {key for key, verdict in account.verdicts.items() if verdict.lost}

    def _usual(self, account: Account, some: AbstractSet[Reading]) -> float:
        """Give by how many units readings that hold in part change a line on average, where lines stay open: else 0."""
        some = some & account.partial
        if not some or _settled(account):
            return 0.0
        rest = tuple(one for one in account.chosen if one not in some)
        before, after = self._search.bench.sides(rest) or {}, self._search.bench.sides(account.chosen) or {}
        changes = [
            abs(after.get(key, NO_SIDE).quantity - before.get(key, NO_SIDE).quantity)
            for key, line in self._search.lines.items()
            if line.own
        ]
        changed = [float(one) for one in changes if one]
        return sum(changed) / len(changed) if changed else 0.0

    def _evidence(self, key: str, account: Account) -> float:
        """Give the bits by which a line is off under the readings that it stands under."""
        return self._search.lines[key].evidence(side_under(self._search, key, account))

    def _to_the_last(self, key: str, account: Account, without: Account) -> float:
        """Give the bits that a line says more where it comes right to the last of more decimals than are usual.

        Of these it has no more than what is due has by itself, and none where units alone were wrong.
        """
        line, side = self._search.lines[key], side_under(self._search, key, account)
        off = abs(line.billed - side.amount)
        if not line.last_place or off > line.last_place or line.is_of_units(side_under(self._search, key, without)):
            return 0.0
        written = Decimal(5).scaleb(-min(line.places, decimals(side.amount)) - 1)
        return max(0.0, log2(float(line.reach / max(off, written))))

    def _over(self, key: str, account: Account) -> Decimal:
        """Give how many units a line bills above the readings that it stands under; 0 where it states none."""
        counted = self._search.lines[key].counted
        if counted is None or key not in account.stands:
            return ZERO
        return counted - side_under(self._search, key, account).quantity

    def _spoilt(self, key: str, account: Account, without: Account) -> bool:
        """Tell whether an account makes a line wrong, or the units of one, that is right without some of its readings.

        Where nothing is billed, a reading may bring up units that were left out besides.
        """
        verdict, before, line = account.verdicts[key], without.verdicts.get(key), self._search.lines[key]
        if before is None or verdict.fits:
            return False
        held, kept = (side_under(self._search, key, one).quantity for one in (account, without))
        return (before.fits and bool(line.own or not verdict.whole)) or (line.counted == kept != held and kept > 0)

    def _by_quantity(self, key: str, account: Account, without: Account) -> float:
        """Give the bits by which the units of a line bear readings out whose price is wrong besides, and only that.

        Where nothing accounts for the price, some reading comes to a few units by chance.
        """
        verdict, line = account.verdicts[key], self._search.lines[key]
        if line.counted is None or not {part.cause for part in verdict.parts} <= {"rate"}:
            return 0.0
        held, kept = (side_under(self._search, key, one).quantity for one in (account, without))
        off = abs(line.counted - kept)
        enough = 1 if verdict.whole else _FEW_UNITS
        return 2 + log2(2 * float(off) + 1) if line.counted == held and off >= enough else 0.0

    def _slight(self, key: str, chosen: Chosen, *, alone: bool) -> bool:
        """Tell whether a line is hardly off: by a little, where it states no quantity, or by one unit.

        One unit is a witness where nothing else is wrong (`alone`); where lines are that nothing accounts for, this
        one may be wrong as they are.
        """
        side = (self._search.bench.sides(chosen) or {}).get(key, NO_SIDE)
        line = self._search.lines[key]
        if not line.own:
            return False
        if line.counted is None:
            return abs(line.billed - side.amount) < _SLIGHT * self._search.unit
        return not alone and abs(line.counted - side.quantity) == 1


def _surprise(units: Decimal, usual: float) -> float:
    """Give the bits by which it is no chance that a line is off by so many units as a reading changes it by.

    One that usually changes lines by a unit or two, and need not hold for each, fits a line that is off by one anyhow.
    """
    return log2(1 + usual) + float(units) * log2(1 + 1 / usual)


def _settled(account: Account) -> bool:
    """Tell whether nothing that is wrong stays without a name."""
    return all(verdict.fits or verdict.whole for verdict in account.verdicts.values())
