"""Cards of one issuer in succession: what each says holds until the next one speaks of the same thing (pricing.md §9).

Layers of different issuers are another matter: there the later layer always goes before (`rates.py`).
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from datetime import timedelta
from itertools import pairwise

from auditor.core.records import RateRow

_Key = tuple[str, str, str]
_Row = tuple[date, int, RateRow]
_DAY = timedelta(days=1)
# No card is of the last day of the calendar: it stands for "no end".
_END = date.max


def rate_key(row: RateRow) -> _Key:
    """Give what a row speaks of, whatever its days and tier."""
    return row.currency, row.market, row.category


def in_succession(cards: Sequence[Iterable[RateRow]]) -> tuple[RateRow, ...]:
    """Put cards of one issuer, the older first, into one in which every day, key and tier is spoken of once.

    On each day the row that begins last is in force; of two that begin together, the one of the later card. Tiers
    begin with their list: those of an older list end when a newer one begins (pricing.md §7, "tiers not on file").
    """
    rows: dict[_Key, list[_Row]] = defaultdict(list)
    for number, card in enumerate(cards):
        for row in card:
            rows[rate_key(row)].append((row.first, number, row))
    return tuple(row for key in sorted(rows) for row in _one_after_another(rows[key]))


def _one_after_another(rows: Sequence[_Row]) -> Iterable[RateRow]:
    """Cut the rows of one key to the days on which they are in force."""
    days = sorted({first for first, _, _ in rows} | {_after(row) for _, _, row in rows} | {_END})
    stretches: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for first, end in pairwise(days):
        for place in _in_force(rows, first):
            held = stretches[place]
            if held and held[-1][1] == first:
                held[-1] = (held[-1][0], end)
            else:
                held.append((first, end))
    return _cut(rows, stretches)


def _cut(rows: Sequence[_Row], stretches: Mapping[int, Sequence[tuple[date, date]]]) -> Iterable[RateRow]:
    cut = [
        replace(rows[place][2], first=first, last=None if end == _END else end - _DAY)
        for place, held in stretches.items()
        for first, end in held
    ]
    return sorted(cut, key=lambda row: (row.first, row.tier_from or 0))


def _in_force(rows: Sequence[_Row], day: date) -> Iterable[int]:
    """Give the places of the list row, and of the tiers, that hold on a day."""
    there = [place for place, (first, _, row) in enumerate(rows) if first <= day < _after(row)]
    listed = [place for place in there if rows[place][2].tier_from is None]
    tiered = [place for place in there if rows[place][2].tier_from is not None]
    newest = max(listed, key=lambda place: rows[place][:2], default=None)
    if newest is not None:
        yield newest
    ladder = max((rows[place][:2] for place in tiered), default=None)
    if ladder and (newest is None or rows[newest][0] <= ladder[0]):
        yield from (place for place in tiered if rows[place][:2] == ladder)


def _after(row: RateRow) -> date:
    """Give the day after a row's last."""
    return _END if row.last is None or row.last == date.max else row.last + _DAY
