"""What of an account is proved: borne out by lines beyond chance, and by no other cause as well (formats.md §8)."""

from collections.abc import Callable
from collections.abc import Mapping
from math import inf
from math import log2

from auditor.core.causes.account import NOTHING_WRONG
from auditor.core.causes.account import Account
from auditor.core.causes.account import keeps_what_is_stated
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import in_order
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import Witness
from auditor.core.causes.margins import Margins
from auditor.core.causes.reading import AS_LIKELY
from auditor.core.causes.reading import CLOSE
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import STATED
from auditor.core.causes.reading import Reading
from auditor.core.causes.scales import IN_PART
from auditor.core.causes.scales import PARTIAL
from auditor.core.causes.search import READINGS
from auditor.core.causes.search import Search
from auditor.core.causes.single import singled_out
from auditor.core.causes.single import singled_out_together
from auditor.core.causes.surplus import side_under
from auditor.core.causes.twins import made_up_for
from auditor.core.causes.twins import twin_of
from auditor.core.causes.verdict import Verdict
from auditor.core.causes.verdict import repeated

# Bits by which a reading must be borne out beyond what it is unlikely: many are tried.
_PROOF = 0.5
# Bits more for each further reading, and where they hold in part.
_EACH, _EACH_IN_PART = 1.5, 3.0
# Bits by which one is borne out that nothing else is like: of errors of its size that no rule makes, one in 16 is met.
_ALONE = 4.0
_SHOWN = 2
_ONE_IN = 4
# Bits by which the rate of another currency's card may be longer than a mark-up that nothing states either.
_A_DIGIT = 2.0


class Proof:
    """Tells what a search has proved. `disputed` are accounts that others contest, with those that contest them.

    What all of these have in common is proved beside whichever of the rest is right.
    """

    def __init__(self, search: Search, lacking: Callable[[Mapping[str, Witness], Chosen], Chosen]) -> None:
        """Take a search that was made, and what gives the allowances by which a log lacks units that are free."""
        self._search = search
        self._lacking = lacking
        self.disputed: list[Account] = []
        self._margins = Margins(search, self.disputed)
        self.margin = self._margins.of
        self._shared: set[Reading] = set()
        self._aside: set[str] = set()  # lines for which something accounts that is not proved

    def proved(self, account: Account) -> Account:
        """Give an account without the readings that nothing proves, the least proved going first.

        Of those that are proved alike the one goes without which the account is shortest.
        """
        while account.chosen:
            least = self._least_proved(account)
            wholly = self._wholly(account) if least in account.partial else None
            if wholly is not None and self._least_proved(wholly) is None:
                return wholly
            if least is None:
                break
            rest = self._search.judged(tuple(one for one in account.chosen if one is not least))
            if rest is None:
                return self._search.judged(()) or NOTHING_WRONG
            self._aside.update(
                key for key, one in account.verdicts.items() if one.whole and not rest.verdicts[key].whole
            )
            account = self._instead(rest)
        return account

    def _instead(self, rest: Account) -> Account:
        """Give another account for what is left of one that leaves lines open: one that leaves none.

        By no more readings and hardly longer: of the two it is the one that a careful person would go on with. By no
        figure that nothing states in the place of what is stated.
        """
        whole = (one for one in self._search.accounts.values() if _is_whole(one) and keeps_what_is_stated(rest, one))
        near = (one for one in whole if len(one.chosen) <= len(rest.chosen) and one.bits <= rest.bits + AS_LIKELY)
        return rest if _is_whole(rest) else min(near, key=lambda one: one.bits, default=rest)

    def _least_proved(self, account: Account) -> Reading | None:
        """Give the reading of an account that is proved least, if it is not proved; None where all are."""
        if self._shared.issuperset(account.chosen):
            return None
        margins = {reading: self._margins.of(account, {reading}) for reading in account.chosen}
        least = min(account.chosen, key=lambda one: (margins[one], self._bits_without(account, one)))
        joint = self._margins.of(account, set(account.chosen))  # two that fit one line by chance bear each other out
        alone = margins[least] > _PROOF and joint > self._asked(account)
        proved = alone or self._singled_out(account, least, margins) or self._singled_out_together(account)
        if proved and len(account.chosen) <= self._figures() and not self._doubtful(account):
            doubted = [one for one in account.chosen if self._doubted(account, one)]
            self._shared.difference_update(doubted)
            return doubted[0] if doubted else None
        return least

    def _bits_without(self, account: Account, reading: Reading) -> float:
        rest = self._search.judged(tuple(one for one in account.chosen if one is not reading))
        return inf if rest is None else rest.bits

    def _asked(self, account: Account) -> float:
        """Give the bits by which readings must be borne out together: of so many sets some comes near anything.

        The more so for those that hold for a part of what they could, or do not make all right; for a part of a part;
        and the more lines are wrong without a name beside them. What the contract states is one of few; of days there
        are many.
        """
        contested = self._margins.excused(account)
        nameless = sum(not one.whole for key, one in account.verdicts.items() if key not in contested)
        fits = all(verdict.fits or verdict.lost for verdict in account.verdicts.values())
        in_part = bool(account.partial) or any(one.scope for one in account.chosen)
        others = max(0, sum(one.bits > STATED for one in account.chosen) - 1)
        more = (_EACH if fits and not in_part else _EACH_IN_PART) * others
        dated = any(one.is_dated or (one.scope and one in account.partial) for one in account.chosen)
        return _PROOF + more + log2(1 + nameless) + (_EACH_IN_PART if dated or (nameless and in_part) else 0.0)

    def _wholly(self, account: Account) -> Account | None:
        """Give an account by other readings of the same causes that hold for all they would change, if hardly longer.

        By one that holds in part the lines where it does not would be right, and no more is known of why.
        """
        causes = [one.cause for one in account.chosen]
        others = [
            one
            for one in self._search.accounts.values()
            if [reading.cause for reading in one.chosen] == causes
            and not one.partial
            and one.bits <= account.bits + CLOSE
            and all(verdict.fits or verdict.lost for verdict in one.verdicts.values())
        ]
        return min(others, key=lambda one: one.bits, default=None)

    def _singled_out(self, account: Account, least: Reading, margins: Mapping[Reading, float]) -> bool:
        """Tell whether lines single a reading out that they bear out too little by its size, the rest being proved."""
        rest = self._search.judged(tuple(one for one in account.chosen if one is not least))
        others = [margins[one] for one in account.chosen if one is not least]
        if rest is None or min(others, default=inf) <= _PROOF:
            return False
        if others and self._margins.of(rest, set(rest.chosen)) <= self._asked(rest):
            return False
        aside = {key for key, one in account.verdicts.items() if key in self._aside and not one.whole}
        return singled_out(self._search, account, least, aside) > _ALONE + (_EACH if aside else 0.0)

    def _singled_out_together(self, account: Account) -> bool:
        """Tell whether lines single several readings out that leave none open, each of which says too little alone."""
        several = len(account.chosen) > 1 and all(verdict.fits for verdict in account.verdicts.values())
        asked = _ALONE + _EACH * (len(account.chosen) - 1)
        together, each = singled_out_together(self._search, account) if several else (0.0, 0.0)
        return together > asked and each > _ALONE

    def _doubtful(self, account: Account) -> bool:
        """Tell whether readings of other causes fit a total as well, which is all that is billed: it is one figure.

        Nor does a count of units bear out what is rare where some reading comes to every fourth that is no larger.
        """
        billed = [key for key, line in self._search.lines.items() if line.own]
        off = [key for key, verdict in self._weighed_as_due().items() if not verdict.fits]
        if off != billed or len(billed) != 1:
            return False
        causes = {reading.cause for reading in account.chosen}
        others = (reading for reading in self._search.tried if reading.cause not in causes)
        sides = ((reading, self._search.bench.sides((reading,)) or {}) for reading in others)
        line = self._search.lines[off[0]]
        fitting = [reading for reading, some in sides if line.verdict(some.get(off[0], NO_SIDE)).fits]
        self._dispute(account, *((reading,) for reading in sorted(fitting, key=lambda one: one.bits)[:_SHOWN]))
        rare = any(one.bits > RARE for one in account.chosen)
        return bool(fitting) or (rare and self._is_soon_met(line, account))

    def _is_soon_met(self, line: Witness, account: Account) -> bool:
        """Tell whether readings come to so many counts of units that the one by which a line is off is no news."""
        due = self._search.base.get(line.key, NO_SIDE).quantity
        off = side_under(self._search, line.key, account).quantity - due
        sides = ((self._search.bench.sides((one,)) or {}).get(line.key, NO_SIDE) for one in self._search.tried)
        met = {side.quantity - due for side in sides}
        return _ONE_IN * len({one for one in met if 0 < one * off <= off * off}) >= abs(off) > 0

    def _doubted(self, account: Account, reading: Reading) -> bool:
        if reading.cause == "free_allowance" and self._is_lack(account, reading):
            return True
        if reading.is_solved and reading in account.partial and not self._is_elsewhere_alone(account, reading):
            return True  # a figure made to fit what others leave of some lines says nothing of why
        return made_up_for(self._search, account, reading) or self._rivalled(account, reading)

    def _is_elsewhere_alone(self, account: Account, reading: Reading) -> bool:
        """Tell whether a reading holds for all that it would change but lines for which another, in its scope, holds.

        Alone it holds for some lines and not for others, and is all that there is to say of them.
        """
        others = {one for one in account.chosen if one is not reading and one.scope and one not in account.partial}
        steps = self._search.bench.steps((reading,), ()) or {}
        left = (key for key in account.holds if any(steps.get(key, ())) and reading not in account.holds[key])
        return len(account.chosen) == 1 or all(others & {*account.holds[key]} for key in left)

    def _is_lack(self, account: Account, reading: Reading) -> bool:
        """Tell whether more lines fit, or are but printed twice, where as many of the free units are not in the log."""
        rest = tuple(one for one in account.chosen if one is not reading)
        lacking = self._lacking(self._search.lines, rest)
        sides = self._search.bench.sides(in_order((*rest, *lacking))) or {}
        lines = self._search.lines  # there may be more by now: where nothing is billed nor due, nothing is borne out
        fitting = [lines[key].fits(sides.get(key, NO_SIDE)) for key in account.verdicts]
        return bool(lacking) and sum(fitting) > sum(map(repeated, account.verdicts.values()))

    def _rivalled(self, account: Account, reading: Reading) -> bool:
        """Tell whether another cause accounts for what a reading does as well as that."""
        rest = tuple(one for one in account.chosen if one is not reading)
        twin = twin_of(self._search, account, reading)
        if twin is not None and self._does_as_well(account, reading, twin):
            self._dispute(account, in_order((*rest, twin)))
            self._shared.update(rest)
            return True
        causes = {one.cause for one in rest}
        right = [key for key in account.verdicts if self._is_right(key, account)]
        # Where lines are known to be wrong, it takes more to say for which of them something holds than a search does.
        limit = account.bits + AS_LIKELY
        wholly = limit + (IN_PART - PARTIAL if reading in account.partial else 0.0)
        converted = limit + (_A_DIGIT if reading.is_implied else 0.0)
        likely = (
            one
            for one in self._search.accounts.values()
            if one.bits <= (limit if one.partial else wholly) or (one.bits <= converted and _is_converted(one))
        )
        near = (one for one in likely if keeps_what_is_stated(account, one))
        for other in sorted(near, key=lambda one: one.bits):
            others = {one.cause for one in other.chosen}
            instead = len(other.chosen) == len(account.chosen) and causes < others and reading.cause not in others
            if instead and all(self._is_as_right(key, account, reading, other) for key in right):
                self._dispute(account, other.chosen)
                self._shared.update({*rest} & {*other.chosen})
                return True
        return False

    def _does_as_well(self, account: Account, reading: Reading, twin: Reading) -> bool:
        """Tell whether a reading that does alone what another does accounts for the lines as well upon the rest.

        What counts units many times tells prices apart that come to the same where each counts once.
        """
        other = self._search.judged(in_order((*(one for one in account.chosen if one is not reading), twin)))
        return other is not None and other.bits - twin.bits <= account.bits - reading.bits + AS_LIKELY

    def _is_as_right(self, key: str, account: Account, reading: Reading, other: Account) -> bool:
        """Tell whether a line comes right by another account as well: by all of it where a reading made it so."""
        if key not in other.verdicts:
            return True
        made = account.verdicts[key].fits and reading in account.holds.get(key, ())
        return other.verdicts[key].fits if made else self._is_right(key, other)

    def _is_right(self, key: str, account: Account) -> bool:
        """Tell whether an account fits a line, or the units that it states where its price is wrong besides."""
        counted = self._search.lines[key].counted
        units = side_under(self._search, key, account).quantity
        return account.verdicts[key].fits or (counted is not None and counted == units)

    def _dispute(self, account: Account, *others: Chosen) -> None:
        """Keep an account and those by other causes, of which none proves more than the others."""
        for chosen in (account.chosen, *others):
            known = self._search.accounts.get(chosen) or self._search.weigh(chosen)
            if known is not None and all(one.chosen != chosen for one in self.disputed):
                self.disputed.append(known)

    def _weighed_as_due(self) -> Mapping[str, Verdict]:
        start = self._search.judged(())
        return start.verdicts if start else {}

    def _figures(self) -> int:
        """Give how many readings the lines that differ can tell apart: a bare amount one, with a quantity more."""
        off = [key for key, verdict in self._weighed_as_due().items() if not verdict.fits]
        return sum(1 if self._search.lines[key].counted is None else READINGS for key in off)


def _is_whole(account: Account) -> bool:
    return all(verdict.whole for verdict in account.verdicts.values())


def _is_converted(account: Account) -> bool:
    """Tell whether an account has another currency's card at a rate of no table, for all that it would change."""
    return not account.partial and any(one.cause == "card_currency" and one.is_implied for one in account.chosen)
