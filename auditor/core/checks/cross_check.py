"""What Meta logged of a message's price, held against the engine's own verdict (pricing.md §11).

The engine never decides by it. `billable: true` proves nothing before prices by message, a status without `pricing`
says nothing, and Meta's log never shows the monthly allowance of conversations.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from auditor.core import logged as words
from auditor.core.alike import taken
from auditor.core.charging import Log
from auditor.core.equal_rows import equal_rows
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import TEMPLATES
from auditor.core.money import ZERO
from auditor.core.money import times
from auditor.core.money import total
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import MESSAGE
from auditor.core.regimes import NOTIFICATION
from auditor.core.results_checks import CrossCheck
from auditor.core.results_checks import LoggedPattern
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import Charges
from auditor.core.tables import Int8
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.threads import Folded
from auditor.core.timeline import day_number
from auditor.core.timeline import day_of

Flags = npt.NDArray[np.bool_]
_MODELS = {code: word.upper() for word, code in words.MODELS.items()}
_TYPES = {code: word for word, code in words.TYPES.items()} | {words.OTHER_TYPE: "other"}
_CATEGORIES = {code: word for word, code in words.CATEGORIES.items()} | {words.OTHER_CATEGORY: "other"}
_REGULAR = words.TYPES[PricingType.REGULAR.word]
_FREE_WINDOW = words.TYPES[PricingType.FREE_CUSTOMER_SERVICE.word]
_REFERRAL = words.CATEGORIES[Category.REFERRAL_CONVERSION.word]
_INTERNATIONAL = words.CATEGORIES[Category.AUTHENTICATION_INTERNATIONAL.word]
_TEMPLATES = {words.CATEGORIES[word] for word in (*TEMPLATES, Category.AUTHENTICATION_INTERNATIONAL.word)}


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What Meta logged of one message, as codes of `logged.py`."""

    model: int
    type: int
    category: int
    billable: int

    @classmethod
    def unpack(cls, packed: int) -> "_Verdict":
        """Take the packed words apart."""
        return cls(
            (packed & words.MODEL_MASK) >> words.MODEL_SHIFT,
            (packed & words.TYPE_MASK) >> words.TYPE_SHIFT,
            (packed & words.CATEGORY_MASK) >> words.CATEGORY_SHIFT,
            (packed & words.BILLABLE_MASK) >> words.BILLABLE_SHIFT,
        )

    def charges(self, unit: int, *, otherwise: bool) -> bool:
        """Tell whether Meta charges: by type, else `billable` as far as it proves anything, else by the category.

        `otherwise`: what the engine says, which stands where Meta's words leave it open.
        """
        if self.type not in {0, words.OTHER_TYPE}:
            return self.type == _REGULAR
        if self.category == _REFERRAL or self.billable == words.NOT_BILLABLE:
            return False
        if unit == MESSAGE:
            return self.billable == words.BILLABLE or otherwise
        return otherwise or (unit == CATEGORY and self.category in _TEMPLATES)


@dataclass(frozen=True, slots=True)
class Said:
    """Delivered messages of which Meta logged anything, row for row: Meta's words, and the charge each falls under.

    `row` is the message's first row of the log; `opens` tells whether the charge is this message's own.
    """

    row: Int64
    waba: Int64
    charge: Int64
    opens: Flags
    logged: Int64

    def where(self, chosen: Flags) -> "Said":
        """Give some of the rows."""
        return Said(*(getattr(self, name)[chosen] for name in self.__slots__))


def logged_messages(folded: Folded) -> Int64:
    """Give the places of messages of which Meta logged anything."""
    outbound = (folded.kind & OUTBOUND) != 0
    return np.flatnonzero(folded.live & outbound & (folded.billed != NEVER) & (folded.logged != 0))


def said(folded: Folded, message: Int64, charge: Int32, opener: Int64) -> Said:
    """Give what Meta logged of some messages that fall under charges (-1: none), opened by these rows of the log."""
    some = charge != EMPTY
    message, under = message[some], charge[some].astype(np.int64)
    row = folded.row[message].astype(np.int64)
    waba, logged = (taken(one, message).astype(np.int64) for one in (folded.waba, folded.logged))
    return Said(row, waba, under, opener[under] == row, logged)


@dataclass(frozen=True, slots=True)
class Disagreements:
    """How many messages were compared and, by all that tells patterns apart, how many disagree and the first of them.

    Parts of a log add up.
    """

    compared: int = 0
    alike: Mapping[tuple[int, ...], tuple[int, int]] = field(default_factory=dict)

    def __add__(self, other: "Disagreements") -> "Disagreements":
        """Add what another part of the same log holds."""
        alike = dict(self.alike)
        for kind, (count, row) in other.alike.items():
            before, first = alike.get(kind, (0, row))
            alike[kind] = (before + count, min(first, row))
        return Disagreements(self.compared + other.compared, alike)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Messages that Meta priced, row for row: Meta's words, and the engine's."""

    said: Said
    by_message: Flags
    by_template: Flags
    category: Int8
    pricing_type: Int8

    def field(self, mask: int, shift: int) -> Int64:
        """Give one of Meta's words as its code, 0 where it is not stated."""
        return (self.said.logged & mask) >> shift

    def where(self, chosen: Flags) -> "_Compared":
        """Give some of the rows."""
        others = (getattr(self, name)[chosen] for name in self.__slots__[1:])
        return _Compared(self.said.where(chosen), *others)


def cross_check(parts: Iterable[tuple[Log, Charges]], terms: Terms) -> CrossCheck:
    """Compare every message of the audit's period whose log says anything of its price, and count what disagrees."""
    found = Disagreements()
    amounts: Sequence[Decimal] = ()
    for log, charges in parts:
        message = logged_messages(log.folded)
        spoken = said(log.folded, message, charges.belongs[log.folded.row[message]], charges.row)
        found += disagreements(replace(spoken, row=log.origins(spoken.row)), charges, terms)
        amounts = charges.values
    return cross_checked(found, amounts, terms)


def disagreements(spoken: Said, charges: Charges, terms: Terms) -> Disagreements:
    """Hold Meta's words against the charges, and count what disagrees."""
    compared = _compared(spoken, charges, terms)
    differing = compared.where(~(_types_agree(compared) & _categories_agree(compared)))
    return Disagreements(len(compared.said.row), _alike(differing, charges))


def cross_checked(found: Disagreements, amounts: Sequence[Decimal], terms: Terms) -> CrossCheck:
    """Gather what disagrees by both verdicts, the most money (then messages) first."""
    patterns: dict[tuple[object, ...], list[LoggedPattern]] = {}
    for values, (count, row) in sorted(found.alike.items()):
        made = _pattern(values, count, row, amounts, terms)
        patterns.setdefault((made.currency, made.regime, *values[2:6]), []).append(made)
    merged = [_merged(some) for some in patterns.values()]
    ordered = sorted(merged, key=lambda one: (-abs(one.difference or ZERO), -one.messages, one.row))
    return CrossCheck(found.compared, sum(count for count, _ in found.alike.values()), tuple(ordered))


def _compared(spoken: Said, charges: Charges, terms: Terms) -> _Compared:
    day = charges.day[spoken.charge]
    inside = (day >= day_number(terms.account.first)) & (day <= day_number(terms.account.last))
    inside &= charges.pricing_type[spoken.charge] != PricingType.OUTSIDE_AUDIT
    spoken = spoken.where(inside)
    unit = np.array([regime.unit for regime in terms.regimes])[charges.regime[spoken.charge]]
    found = _Compared(
        said=spoken,
        by_message=unit == MESSAGE,
        by_template=unit == NOTIFICATION,
        category=charges.category[spoken.charge],
        pricing_type=charges.pricing_type[spoken.charge],
    )
    billable = found.field(words.BILLABLE_MASK, words.BILLABLE_SHIFT)
    tells = spoken.logged & (words.TYPE_MASK | words.CATEGORY_MASK) != 0
    return found.where(tells | (billable == words.NOT_BILLABLE) | ((billable == words.BILLABLE) & found.by_message))


def _free(pricing_type: Int8) -> Flags:
    return np.asarray((pricing_type >= PricingType.FREE_TIER) & (pricing_type <= PricingType.FREE_SERVICE))


def _charged_by_meta(c: _Compared) -> tuple[Flags, Flags]:
    """Tell for which messages Meta says that they are charged, and for which that they are free."""
    kind, billable = c.field(words.TYPE_MASK, words.TYPE_SHIFT), c.field(words.BILLABLE_MASK, words.BILLABLE_SHIFT)
    silent = (kind == 0) | (kind == words.OTHER_TYPE)
    charged = np.where(silent, (billable == words.BILLABLE) & c.by_message, kind == _REGULAR)
    free = np.where(silent, billable == words.NOT_BILLABLE, kind != _REGULAR)
    return charged, free


def _types_agree(c: _Compared) -> Flags:
    """Compare charged or free and, for messages, why free; nobody logs the allowance of conversations."""
    kind, ours_free = c.field(words.TYPE_MASK, words.TYPE_SHIFT), _free(c.pricing_type)
    charged, free = _charged_by_meta(c)
    contrary = (charged & ours_free & (c.pricing_type != PricingType.FREE_TIER)) | (free & ~ours_free)
    ours = np.where(c.pricing_type == PricingType.FREE_ENTRY_POINT, words.TYPES["free_entry_point"], _FREE_WINDOW)
    stated = (kind != 0) & (kind != words.OTHER_TYPE) & (kind != _REGULAR)
    another = c.by_message & stated & ours_free & (kind != ours)
    return np.asarray(~(contrary | another))


def _categories_agree(c: _Compared) -> Flags:
    """Compare the categories: a free authentication keeps its own, a free entry point has two names."""
    kind = c.field(words.CATEGORY_MASK, words.CATEGORY_SHIFT)
    entry = (kind == _REFERRAL) & (c.pricing_type == PricingType.FREE_ENTRY_POINT)
    abroad = (kind == _INTERNATIONAL) & (c.category == Category.AUTHENTICATION) & _free(c.pricing_type)
    return np.asarray((kind == 0) | (kind == c.category + 1) | entry | abroad | c.by_template)


def _alike(c: _Compared, charges: Charges) -> dict[tuple[int, ...], tuple[int, int]]:
    """Count messages alike in both verdicts and in what they cost, and give the first row of each kind."""
    charge = c.said.charge
    verdict = (charges.regime[charge], c.category, c.pricing_type, ~c.said.opens, c.said.logged)
    costs = (charges.amount[charge], charges.market[charge], charges.day[charge])
    order = np.argsort(c.said.row, kind="stable")
    columns = [column[order].astype(np.int64) for column in (c.said.waba, *verdict, *costs)]
    group, first = equal_rows(columns)
    kinds = zip(*(column[first].tolist() for column in columns), strict=True)
    counts, rows = np.bincount(group, minlength=len(first)).tolist(), c.said.row[order][first].tolist()
    return {kind: (n, row) for kind, n, row in zip(kinds, counts, rows, strict=True)}


def _pattern(values: Sequence[int], count: int, row: int, amounts: Sequence[Decimal], terms: Terms) -> LoggedPattern:
    waba, regime, category, pricing_type, covered, packed, amount, market, day = values
    meta = _Verdict.unpack(packed)
    ours = None if amount == EMPTY else amounts[amount]
    currency = terms.account.wabas[waba].currency
    is_free = PricingType(pricing_type).is_free
    theirs: Decimal | None = None
    if not covered:
        charged = meta.charges(terms.regimes[regime].unit, otherwise=not is_free)
        own = meta.category in {0, category + 1, words.OTHER_CATEGORY}
        word = Category(category).word if own else _CATEGORIES[meta.category]
        theirs = (
            ZERO if not charged else ours if own and not is_free else _list_rate(currency, market, word, day, terms)
        )
    return LoggedPattern(
        regime=terms.regimes[regime].id,
        category=Category(category).word,
        pricing_type=PricingType(pricing_type).word,
        covered=bool(covered),
        logged_model=_MODELS.get(meta.model, ""),
        logged_category=_CATEGORIES.get(meta.category, ""),
        logged_type=_TYPES.get(meta.type, ""),
        billable={words.BILLABLE: True, words.NOT_BILLABLE: False}.get(meta.billable),
        currency=currency,
        messages=count,
        unrated=count if ours is None else 0,
        expected=ZERO if ours is None or covered else times(ours, count),
        logged=None if theirs is None else times(theirs, count),
        row=row,
    )


def _list_rate(currency: str, market: int, category: str, day: int, terms: Terms) -> Decimal | None:
    name = terms.markets.names[market] if market >= 0 else ""
    listed = terms.tariff.price(currency, name, category, day_of(day)).listed
    return listed.value if listed else None


def _merged(some: Sequence[LoggedPattern]) -> LoggedPattern:
    first = min(some, key=lambda one: one.row)
    known = [one.logged for one in some if one.logged is not None]
    return replace(
        first,
        messages=sum(one.messages for one in some),
        unrated=sum(one.unrated for one in some),
        expected=total(one.expected for one in some),
        logged=total(known) if len(known) == len(some) else None,
    )
