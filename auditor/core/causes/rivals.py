"""Other accounts of an invoice that compete with what is proved, and what speaks for each (formats.md §8)."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from auditor.core.causes.account import Account
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import Sides
from auditor.core.causes.grain import FineGrain
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.proof import Proof
from auditor.core.causes.reading import CLOSE
from auditor.core.causes.search import Search
from auditor.core.causes.verdict import exceeds
from auditor.core.causes.verdict import lacks
from auditor.core.causes.verdict import misrated
from auditor.core.causes.verdict import repeated
from auditor.core.money import ZERO
from auditor.core.money import total
from auditor.core.results import Difference
from auditor.core.results import Support

_RIVALS = 2
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Rivals:
    """Other accounts: those that lines bear out, the rest; and the lines of which they leave open that one is missing.

    Nor is it proved of `moved` lines that they are not expected. `one_more` are those of the first by what is proved
    and one reading more, which lines bear out by itself: what is proved bears none out. Lines whose rate would be a
    slip are `replayed` where the shortest account fits them: not every replay has failed. A count it meets by chance.
    """

    borne_out: Sequence[Account]
    others: Sequence[Account]
    moved: AbstractSet[str]
    one_more: Sequence[Account]
    replayed: AbstractSet[str]

    @classmethod
    def of(cls, search: Search, best: Account, proved: Account, proof: Proof) -> "Rivals":
        """Give accounts by other causes than are proved: nearly as short as the shortest, or disputed."""
        causes = {one.cause for one in proved.chosen}
        near = [one for one in search.accounts.values() if one.chosen and one.bits <= best.bits + CLOSE]
        each = dict[frozenset[str], Account]()  # the shortest by each causes: others of the same are no rivals of it
        for one in sorted(near, key=lambda one: one.bits):
            each.setdefault(frozenset(reading.cause for reading in one.chosen), one)
        other = [one for some, one in each.items() if some != causes]
        speaks = {one.chosen: proof.margin(one, set(one.chosen)) > 0 for one in other[:_RIVALS]}
        others = [one for one in other[:_RIVALS] if not speaks[one.chosen]]
        borne_out = [*(one for one in other[:_RIVALS] if speaks[one.chosen]), *proof.disputed]
        more = ((one, set(one.chosen).difference(proved.chosen)) for one in borne_out)
        one_more = [one for one, some in more if len(some) == 1 and proof.margin(one, some) > 0]
        return cls(borne_out, others, _moved(best, borne_out, proved, proof), one_more, _replayed(best, proved))


def _replayed(best: Account, proved: Account) -> AbstractSet[str]:
    """Name lines whose rate is a slip by what is proved, and right by one reading more: by no figure made to fit it."""
    more = set(best.chosen).difference(proved.chosen)
    if len(more) != 1 or any(one.is_solved for one in more):
        return set()
    slips = (key for key, verdict in proved.verdicts.items() if misrated(verdict))
    return {key for key in slips if key in best.verdicts and best.verdicts[key].fits}


def _moved(best: Account, borne_out: Iterable[Account], proved: Account, proof: Proof) -> AbstractSet[str]:
    """Name lines that are unexpected, or missing, unless a reading holds that is not proved either.

    The shortest account may fit the former; of the latter one reading that lines bear out must fit several, or one that
    stays open besides: one alone it may fit by chance. Of an allowance that leaves nothing due on a line, and no other
    line wrong, nothing tells whether the line was left out or what it would bill was free.
    """
    unexpected = {key for key, verdict in proved.verdicts.items() if exceeds(verdict)}
    moved = {key for key in unexpected if key in best.verdicts and best.verdicts[key].fits}
    missing = {key for key, verdict in proved.verdicts.items() if lacks(verdict)}
    wrong = missing | {key for key, verdict in proved.verdicts.items() if not verdict.whole}
    for account in (best, *borne_out):
        for reading in set(account.chosen).difference(proved.chosen):
            fitted = {key for key in wrong if reading in account.holds.get(key, ()) and account.verdicts[key].fits}
            free = reading.cause == "free_allowance" and all(verdict.fits for verdict in account.verdicts.values())
            if free or (len(fitted) >= _SEVERAL and fitted & missing and proof.margin(account, {reading}) > 0):
                moved |= fitted & missing
    return moved


def support_of(
    account: Account, sides_of: Callable[[Chosen], Sides | None], lines: Iterable[Difference]
) -> Mapping[str, Support]:
    """Tell for each cause of an account what speaks for it, over the `lines` that can be compared.

    `sides_of` gives what is expected under some readings.

    A line comes right where all that is billed under its keys fits, once if it stands there twice. One that a reading
    changes, and that does not, contradicts the account, whether or not it was right before.
    """
    keys_of: dict[str, list[str]] = {}
    for key in account.verdicts:
        keys_of.setdefault(FineGrain.coarse(key), []).append(key)
    base = sides_of(()) or {}
    right, changed = set(), set()
    for line, keys in keys_of.items():
        if all(repeated(account.verdicts[key]) for key in keys):
            right.add(line)
        for key in keys:
            sides = sides_of(account.stands.get(key, ())) or {}
            if sides.get(key, NO_SIDE) != base.get(key, NO_SIDE):
                changed.add(line)
    off = {line.key: abs(line.difference) for line in lines if line.difference and line.key in keys_of}
    whole, part = total(off.values()), total(amount for key, amount in off.items() if key in right)
    share = part / whole if whole else ZERO
    causes = {one.cause for one in account.chosen}
    exact, against = len(off.keys() & right), len(changed - right)
    return {
        cause: Support(exact, len(off), _per_mille(share), against, tuple(sorted(causes - {cause}))) for cause in causes
    }


def _per_mille(share: Decimal) -> Decimal:
    """Cut a share down to a tenth of a per cent: nearly all is not all."""
    return (share * 1000 // 1) / 1000
