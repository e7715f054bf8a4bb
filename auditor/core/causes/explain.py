"""Why an invoice differs, and what proves it (formats.md §8, causes).

    readings    other ways to read the rules                 (readings.py; units, whereabouts, categories, cards ...)
    figures     what no table states and lines imply         (implied.py, shares.py, sizes.py, ratios.py)
    replays     the log charged again under them, counted    (replay.py, edits.py, unit_counts.py, tally.py)
    views       the counted charges priced and put on lines  (view.py, counted.py, bench.py)
    witnesses   what each line bears out or belies           (lines.py, slips.py)
    room        what of it the log may lack                  (room.py, silent.py)
    search      the shortest account of the invoice          (search.py, scales.py, columns.py, account.py)
    days        a reading that holds for a part of a period  (days.py, days_beside.py, days_figures.py)
    proof       what of it lines bear out, and nothing else  (proof.py, margins.py, twins.py, moved.py)

A cause is *found* when the search needs it and the lines it accounts for are more than chance; else it is *possible*,
and what it would account for stays unexplained. Its amount on a line is the step from one replay to the next, in the
order of `ORDER`, so that parts add up.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from auditor.core.causes.account import NOTHING_WRONG
from auditor.core.causes.account import Account
from auditor.core.causes.account import is_settled
from auditor.core.causes.bench import Bench
from auditor.core.causes.bench import Chosen
from auditor.core.causes.bench import in_order
from auditor.core.causes.cents import CUT
from auditor.core.causes.cents import are_cut
from auditor.core.causes.cents import near_what_is_billed
from auditor.core.causes.chance import Chance
from auditor.core.causes.days import with_days
from auditor.core.causes.free_cells import free_by_key
from auditor.core.causes.grain import FineGrain
from auditor.core.causes.grain import together
from auditor.core.causes.implied import Implied
from auditor.core.causes.left_out import Templates
from auditor.core.causes.left_out import tells_templates
from auditor.core.causes.lines import NO_SIDE
from auditor.core.causes.lines import RatesAbout
from auditor.core.causes.lines import Witness
from auditor.core.causes.moved import open_where_moved
from auditor.core.causes.moved import passed_through
from auditor.core.causes.proof import Proof
from auditor.core.causes.rates import as_said
from auditor.core.causes.reading import Facts
from auditor.core.causes.readings import readings
from auditor.core.causes.replay import Replays
from auditor.core.causes.replay import Setting
from auditor.core.causes.rivals import Rivals
from auditor.core.causes.rivals import support_of
from auditor.core.causes.room import NO_ROOM
from auditor.core.causes.room import Rooms
from auditor.core.causes.room import is_silent
from auditor.core.causes.room import unlogged
from auditor.core.causes.search import Search
from auditor.core.causes.silent import SilentDays
from auditor.core.causes.stated import Rounding
from auditor.core.causes.tally import breaks_of
from auditor.core.causes.tally import days_logged
from auditor.core.causes.templates import MOST
from auditor.core.causes.verdict import exceeds
from auditor.core.causes.verdict import joined
from auditor.core.causes.verdict import repeated
from auditor.core.causes.view import Lookup
from auditor.core.causes.view import Pricer
from auditor.core.causes.view import View
from auditor.core.causes.words import ORDER
from auditor.core.exchange import Exchange
from auditor.core.money import ZERO
from auditor.core.money import minor_digits
from auditor.core.money import rounded
from auditor.core.money import to_minor
from auditor.core.money import total
from auditor.core.reconcile import FREE
from auditor.core.reconcile import Side
from auditor.core.reconcile import charged_lines
from auditor.core.reconcile import on_no_side
from auditor.core.reconcile import tell_quantities
from auditor.core.records import InvoiceLine
from auditor.core.results import BridgeStep
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.core.results import Support
from auditor.core.results import Widened

_SEVERAL = 2
_SLIPS = frozenset({"quantity", "rate"})
_WITHOUT_A_SIDE = frozenset({"missing_line", "unexpected_line"})
_OF_NOTHING = frozenset({"rate", "missing_line", "unexpected_line"})  # of an amount of 0.00 there is nothing to say
_MANY_TIMES = 3
_HARDLY = 10  # times as much as is left of a line


@dataclass(frozen=True, slots=True)
class Explained:
    """The differences with their causes, the account of them and those that compete: evidence is in these."""

    differences: tuple[Difference, ...]
    account: Account
    others: tuple[Account, ...] = ()


class Explainer:
    """Finds the causes of one reconciliation's differences."""

    def __init__(
        self, facts: Facts, differences: Sequence[Difference], grain: FineGrain, replays: Replays, exchange: Exchange,
        widened: Sequence[Widened],
    ) -> None:  # fmt: skip
        """Take the lines with what they are compared under, what they differ in, and what replays are made with.

        `widened` is what the log may have lost, by number and day.
        """
        self._facts = facts
        self._own = _own(grain)
        self._free = free_by_key(facts.cells, grain)
        self._differences = {line.key: line for line in differences}
        self._currency = facts.account.currency
        lookup = Lookup(facts.terms.tariff)
        self._view = View(lookup, exchange)
        pricer = Pricer(grain, lookup, self._currency, facts.document, breaks_of(facts.terms))
        self._bench = Bench(replays, pricer, Setting(facts.terms), self._view)
        self._rounding = Rounding.of((line for own in self._own.values() for line in own), facts.account)
        files = {line.source.file for own in self._own.values() for line in own}
        self._places = self._rounding.places(files, self._currency)
        self._unit = Decimal(1).scaleb(-minor_digits(self._currency))
        self._quantities = tell_quantities(differences, self._currency)
        self._rates = RatesAbout(facts.terms)
        self._rooms = Rooms(widened, facts.account)
        self._silent = SilentDays(facts.per_day, facts.account)
        self._logged_of = days_logged(facts.log.messages, facts.account)
        self._logged = frozenset[date]().union(*self._logged_of.values())
        self._fees = facts.account.fees_within(self._currency)
        self._support: dict[Chosen, Mapping[str, Support]] = {}
        self._chance = Chance(self._bench, self._own, self._unit)
        self._implied = Implied(self._bench, facts)

    def explain(self) -> Explained:
        """Find the causes of every line."""
        due = self._bench.sides(()) or {}
        rated = {key: sum(due[one].quantity for one in keys) for key, keys in together(due).items()}
        lines = self._differences.values()
        comparable = {line.key for line in lines if self._is_comparable(line, rated.get(line.key, 0))}
        keys = sorted({*self._own, *due})
        cut = are_cut(self._own, due, self._unit, quantities=self._quantities)
        self._rounding = self._rounding.again(cut)
        if all(line.difference == 0 for line in self._differences.values() if line.key in comparable):
            return Explained(tuple(self._differences.values()), NOTHING_WRONG)
        compared = [key for key in keys if FineGrain.coarse(key) in comparable]
        search, best = self._searched(compared) if cut else self._searched_cut_or_not(compared)
        proof = Proof(search, self._implied.lacking)
        proved = proof.proved(best)
        rivals = Rivals.of(search, best, proved, proof)
        proved = self._with_unrated(proved, comparable)
        keys_of, known, account = together(proved.holds), self._differences, self._facts.account
        # By a log that lacks days which are billed nothing is surely missing either: what it lacks moves what is due.
        # Nor is a line where rows of the invoice could not be read, of which it may be one.
        lacking = (self._beyond(key, proved) or self._is_unseen(key, proved) for key in proved.verdicts)
        unsure = self._facts.refused or any(lacking)
        doubted = {"missing_line"} if unsure else set[str]()
        made = [
            self._with_causes(line, keys_of[line.key], proved, rivals, doubted) if line.key in keys_of else line
            for line in (known.get(key) or on_no_side(account, key) for key in sorted({*known, *keys_of}))
        ]
        kept = (line for line in made if line.key in known or passed_through(line))
        return Explained(tuple(open_where_moved(kept)), proved, (*rivals.borne_out, *rivals.others))

    def _searched(self, keys: Sequence[str]) -> tuple[Search, Account]:
        """Search for the account of the lines under some keys."""
        witnesses = [self._witness(key) for key in keys]
        search = Search(self._bench, witnesses, self._new_witness, self._implied, self._unit)
        return search, with_days(search, search.best(readings(self._facts)))

    def _searched_cut_or_not(self, keys: Sequence[str]) -> tuple[Search, Account]:
        """Search again where lines stay open whose cents are cut off, or rounded up, as others than due have them."""
        search, best = self._searched(keys)
        usual, sides = self._rounding, (self._bench.sides(chosen) or {} for chosen in near_what_is_billed(search, best))
        if any(are_cut(self._own, one, self._unit, quantities=self._quantities, sure=True) for one in sides):
            self._rounding = usual.again(1)
            again, other = self._searched(keys)
            if other.bits + CUT < best.bits:
                return again, other
            self._rounding = usual
        return search, best

    def forget(self) -> None:
        """Let go of all that was worked out on the way, a piece at a time (see `forgetting.py`)."""
        self._bench.forget()

    def _is_comparable(self, line: Difference, rated: int) -> bool:
        """Tell whether a line can be compared: also where units have no rate, if it bills just the `rated` ones."""
        if line.status != Status.NOT_COMPARABLE:
            return True
        return self._quantities and bool(line.lines) and line.billed_quantity == rated

    def _with_unrated(self, account: Account, comparable: AbstractSet[str]) -> Account:
        """Add lines of which some units have no rate, where by what the other lines prove they bill just the rated."""
        sides = self._bench.sides(account.chosen) or {}
        again = sum(one.rounds_again for one in account.chosen)
        verdicts = dict(account.verdicts)
        for coarse, keys in together({*self._own, *sides}).items():
            lines = {key: self._witness(key) for key in keys} if coarse in self._differences else {}
            if coarse in comparable or any(line.counted is None for line in lines.values()):
                continue
            found = {key: line.rounded_again(again).verdict(sides.get(key, NO_SIDE)) for key, line in lines.items()}
            if all(verdict.fits or repeated(verdict) for verdict in found.values()):
                verdicts |= found
        holds = {**dict.fromkeys(verdicts, account.chosen), **account.holds}
        stands = {**dict.fromkeys(verdicts, account.chosen), **account.stands}
        return replace(account, holds=holds, stands=stands, verdicts=verdicts)

    def _witness(self, key: str) -> Witness:
        rates = self._rates.of(FineGrain.coarse(key))
        base = (self._bench.sides(()) or {}).get(key, NO_SIDE)
        own = self._charged(key, base)
        waba_id, period, *_ = FineGrain.coarse(key).split("|")
        room = self._rooms.of(waba_id, period, own)
        room = unlogged(own, self._logged) if room == NO_ROOM else room
        return Witness(
            key, own, self._currency, self._rounding, rates, base, quantities=self._quantities, room=room,
            silent=self._silent.units(waba_id, period, own, base.quantity), free=self._free.get(key, 0),
            is_fee=bool(own) and all(map(self._facts.account.fee_of, own)), fees=self._fees,
            templates=self._of_templates.get(key, ()),
        )  # fmt: skip

    def _charged(self, key: str, base: Side) -> Sequence[InvoiceLine]:
        """Give the lines under a key but those that list free units: where they list all of these, and no other, none.

        What is due besides is then not billed. Of an invoice that lists free units beside charged ones elsewhere, so is
        it where they are few of those due: by what is wrong besides others may be free.
        """
        own = charged_lines(self._own.get(key, ()), base)
        if any(one.amount or one.quantity is None for one in own):
            return own
        free, listed = self._free.get(key, 0), {one.quantity for one in own}
        few = self._lists_free and _MANY_TIMES * total(one.quantity or ZERO for one in own) < base.quantity
        return () if few or (free not in {0, base.quantity} and listed == {free}) else own

    @cached_property
    def _lists_free(self) -> bool:
        """Tell whether the invoice lists free units of something on a line beside that of the charged ones."""
        due = self._bench.sides(()) or {}
        return any(len(charged_lines(own, due.get(key, NO_SIDE))) < len(own) for key, own in self._own.items())

    @cached_property
    def _of_templates(self) -> Mapping[str, Templates]:
        """Give what is due of each template on lines that may each bill one."""
        names, _ = self._facts.log.templates()
        some = {key for key, lines in self._own.items() if tells_templates(lines, [one.message for one in lines])}
        made: dict[str, list[tuple[int, Decimal]]] = {}
        for place in range(len(names)) if some and len(names) <= MOST else ():
            for key, step in self._bench.of_template(place).items():
                if key in some:
                    made.setdefault(key, []).append(step)
        return made

    def _new_witness(self, key: str) -> Witness | None:
        """Judge a key that only a reading brings up: nothing is billed there. Free units need no line."""
        known = self._differences.get(FineGrain.coarse(key))
        if key.rsplit("|", 1)[1] in FREE or (known is not None and known.status == Status.NOT_COMPARABLE):
            return None
        return None if known is not None and known.key == key else self._witness(key)

    # Causes of a line ----------------------------------------------------------------------------------------------

    def _with_causes(
        self, line: Difference, keys: Sequence[str], proved: Account, rivals: Rivals, doubted: AbstractSet[str]
    ) -> Difference:
        """Give a line its causes, and what others might account for it as well; no line bears witness to the `doubted`.

        Beside causes that account for all of it only what other lines bear out in its own right competes. No line is a
        slip that one reading more than is proved makes right, or the shortest account of all.
        """
        right = any(_fits_all(one, keys) for one in rivals.one_more) or not rivals.replayed.isdisjoint(keys)
        contested = set(_SLIPS if right else ())
        contested |= set(() if rivals.moved.isdisjoint(keys) else _WITHOUT_A_SIDE)
        contested |= {"unexpected_line"} if any(self._is_unseen(key, proved) for key in keys) else set()
        contested |= {"quantity"} if any(self._may_be_silent(key, proved) for key in keys) else set()
        contested |= doubted
        causes = self._causes(line, keys, proved, proved.chosen, contested)
        if line.difference == 0 and all(cause.cause == "rounding" for cause in causes):
            return line
        causes += self._unlogged(keys, proved)
        exact = line.difference == total(cause.amount for cause in causes if cause.proof == "found")
        for rival in [*rivals.borne_out, *(() if exact else rivals.others)]:
            support = self._support_of(rival)
            speaks = any(one.exact for one in support.values())
            if speaks and all(is_settled(rival, key) for key in keys if key in rival.verdicts):
                named = {cause.cause for cause in causes}
                other = [one for one in self._causes(line, keys, rival, ()) if one.proof != "found"]
                causes += [replace(one, support=support.get(one.cause)) for one in other if one.cause not in named]
        return replace(line, causes=tuple(causes))

    def _unlogged(self, keys: Sequence[str], account: Account) -> list[CauseAmount]:
        """Offer what is billed of days of which the log has nothing: it may lack them, or nothing was sent."""
        beyond = total(one.amount for key in keys for one in self._beyond(key, account))
        amount = to_minor(beyond, self._currency)
        return [CauseAmount("unexpected_line", amount, "possible")] if amount else []

    def _beyond(self, key: str, account: Account) -> Sequence[InvoiceLine]:
        """Give the lines under a key that bill days of which the log has nothing, if it stays open for that."""
        lost = key in account.verdicts and account.verdicts[key].lost
        return self._own[key] if lost and unlogged(self._own[key], self._logged) != NO_ROOM else ()

    def _is_unseen(self, key: str, account: Account) -> bool:
        """Tell whether a line is unexpected on days of which the log has nothing of a number that it may bill.

        No number sends on a day many times what is due of all on one. A month's line may be of the silent days in it.
        """
        own = self._own.get(key, ())
        if key not in account.verdicts or not exceeds(account.verdicts[key]):
            return False
        if self._may_be_silent(key, account):
            return True
        few = total(one.quantity or ZERO for one in own) <= _MANY_TIMES * (self._a_day + 1)
        return few and is_silent(own, FineGrain.coarse(key).split("|")[0], self._logged_of, self._facts.account)

    def _may_be_silent(self, key: str, account: Account) -> bool:
        """Tell whether what a line bills above an account may be of days on which the log is silent."""
        side = (self._bench.sides(account.stands.get(key, ())) or {}).get(key, NO_SIDE)
        return bool(self._own.get(key)) and self._witness(key).may_be_silent(side)

    @cached_property
    def _a_day(self) -> Decimal:
        """Give how many units are due on a day, over the whole period."""
        days = (self._facts.account.last - self._facts.account.first).days + 1
        return Decimal(sum(side.quantity for side in (self._bench.sides(()) or {}).values())) / days

    def _support_of(self, rival: Account) -> Mapping[str, Support]:
        if rival.chosen not in self._support:
            self._support[rival.chosen] = support_of(rival, self._bench.sides, self._differences.values())
        return self._support[rival.chosen]

    def _causes(
        self, line: Difference, keys: Sequence[str], account: Account, found: Chosen,
        contested: AbstractSet[str] = frozenset(),
    ) -> list[CauseAmount]:  # fmt: skip
        """Give the steps from the expected side through each reading to what the lines themselves bear witness to.

        A reading that does not hold for every line is found on those alone that come right by it. Of what a line bears
        witness to the causes that are `contested`, for readings come to it as well, are not found.
        """
        keys = [key for key in keys if key in account.holds]
        found = tuple(one for one in found if one not in account.partial or _come_right(account, keys))
        before = to_minor(self._due(dict.fromkeys(keys, ())), self._currency)
        made: list[CauseAmount] = []
        sure = True
        for n, reading in enumerate(account.chosen):
            held = {key: in_order({*account.stands[key]} & {*account.chosen[: n + 1]}) for key in keys}
            after = to_minor(self._due(held), self._currency)
            step = after - before
            if step:
                sure = sure and reading in found
                proof = "found" if reading in found else "possible"
                made.append(CauseAmount(reading.cause, step, proof, reading.values))
            before = after
        if self._overshoots(line, keys, account, made):
            made = [replace(one, proof="possible") for one in made]
        proof = "found" if sure else "possible"
        told = [part for key in keys for part in account.verdicts[key].parts]
        parts = [part for part in told if part.amount or part.cause not in _OF_NOTHING]
        met = self._chance.met(parts, keys, account) or any(part.cause in contested for part in parts)
        made += [
            CauseAmount(part.cause, part.amount, "possible" if met else proof, part.values) for part in joined(parts)
        ]
        rest = line.difference - total(cause.amount for cause in made)
        if not _come_right(account, keys):
            whole = [key for key in keys if account.verdicts[key].whole]
            billed = total(line.amount for key in whole for line in self._own.get(key, ()))
            named = total(part.amount for key in whole for part in account.verdicts[key].parts)
            due = self._due({key: account.stands[key] for key in whole})
            rest = to_minor(billed - due - named, self._currency)
        if rest:
            made.append(CauseAmount("rounding", rest, proof))
        return made

    def _overshoots(self, line: Difference, keys: Sequence[str], account: Account, made: Sequence[CauseAmount]) -> bool:
        """Tell whether readings put a line off the other way that stays open: how far they hold there is not known.

        What carries units from line to line holds on both, whatever else is wrong with one of them; and what makes the
        units of a line right holds there, whatever is wrong with its price. A minor unit too many of ten and more, as
        where cents are rounded up, leaves no doubt.
        """
        sides = ((self._bench.sides(account.stands[key]) or {}).get(key, NO_SIDE) for key in keys)
        if self._quantities and line.expected_quantity != line.billed_quantity == sum(one.quantity for one in sides):
            return False
        if any(is_settled(account, key) or any(one.whole for one in account.holds[key]) for key in keys):
            return False
        rest = line.difference - total(one.amount for one in made)
        hardly = abs(rest) <= self._unit and _HARDLY * abs(rest) <= abs(line.difference)
        return rest * line.difference < 0 and not hardly

    def _due(self, under: Mapping[str, Chosen]) -> Decimal:
        """Give what is expected under some keys together, each under its readings and rounded as a line of it would be.

        Where lines state more decimals than the currency has, they are rounded there: half a cent lost on each of
        thirty days would be a `rounding` that nobody did.
        """
        amounts = ((self._bench.sides(chosen) or {}).get(key, NO_SIDE).amount for key, chosen in under.items())
        return total(rounded(amount, self._places) for amount in amounts)


def _come_right(account: Account, keys: Iterable[str]) -> bool:
    """Tell whether all that is billed under some keys is accounted for."""
    return all(account.verdicts[key].whole for key in keys)


def _fits_all(account: Account, keys: Iterable[str]) -> bool:
    """Tell whether all that is billed under some keys is as an account has it."""
    return all(key in account.verdicts and account.verdicts[key].fits for key in keys)


def _own(grain: FineGrain) -> Mapping[str, Sequence[InvoiceLine]]:
    made: dict[str, list[InvoiceLine]] = {}
    for (key, _), line in zip(grain.lines, as_said([line for _, line in grain.lines]), strict=True):
        made.setdefault(key, []).append(line)
    return made


def bridge(lines: Sequence[Difference], difference: Decimal) -> tuple[BridgeStep, ...]:
    """Sum the causes over all lines, so that the steps add up to the whole difference exactly.

    What lines lose or gain by being rounded one by one is `rounding`; what no cause accounts for is `unexplained`.
    """
    sums = dict.fromkeys(ORDER, ZERO)
    for line in lines:
        for cause in line.causes:
            if cause.proof == "found":
                sums[cause.cause] += cause.amount
        sums["unexplained"] += line.unexplained
    sums["rounding"] += difference - total(line.difference for line in lines)
    return tuple(BridgeStep(cause, sums[cause]) for cause in ORDER if sums[cause] or cause == "unexplained")
