"""The second pass: allowances and tiers over the lots of the whole log, priced as on the desktop (pricing.md §7).

Only units around an edge are fetched from the machines (see `core/edges.py`).
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.cluster.priced import Second
from auditor.cluster.stages import UNIT_ROWS
from auditor.cluster.stages import lot_fields
from auditor.core.charges import Priced
from auditor.core.charges import plan
from auditor.core.charges import price
from auditor.core.charging import kinds_of
from auditor.core.counters import Counted
from auditor.core.edges import around_edges
from auditor.core.edges import joined
from auditor.core.edges import stand_ins
from auditor.core.lots import Lots
from auditor.core.regimes import INITIATOR
from auditor.core.tables import Int64
from auditor.core.tables import Reason
from auditor.core.terms import Terms

_KINDS = {
    "waba": np.int16, "number": np.int32, "day": np.int32, "conversation": np.bool_, "grouped": np.bool_,
    "covered": np.uint16, "place": np.int16, "category": np.int8, "pricing_type": np.int8, "regime": np.int8,
    "reasons": np.uint16, "paid": np.int32, "limit": np.int32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LotBook:
    """The lots of the whole log; `places` gives a lot's place by the text in which it travels."""

    lots: Lots
    places: Mapping[str, int]
    texts: Sequence[Sequence[str]]
    numbers: tuple[str, ...]
    amounts: tuple[Decimal, ...]


Fetch = Callable[[Sequence[str]], pa.Table]
"""Gives the units of some lots, known by their texts (see `UNIT_ROWS`)."""


def lot_book(counts: Mapping[str, int], terms: Terms, *, tells_templates: bool) -> LotBook:
    """Put the lots of all partitions together, in an order that hangs on nothing but themselves."""
    said = {text: lot_fields(text) for text in sorted(counts)}
    numbers = tuple(sorted({fields["number"] for fields in said.values()}))
    texts_of_amounts = sorted({fields[name] for fields in said.values() for name in ("paid", "limit")} - {""})
    amount_place = {text: n for n, text in enumerate(texts_of_amounts)} | {"": -1}
    number_place = {number: n for n, number in enumerate(numbers)}
    places: dict[str, int] = {}
    rows: dict[tuple[int, ...], int] = {}
    count: list[int] = []
    for text, fields in said.items():
        values = {name: int(fields[name]) for name in _KINDS if name not in {"number", "paid", "limit"}}
        values |= {"number": number_place[fields["number"]]}
        values |= {name: amount_place[fields[name]] for name in ("paid", "limit")}
        if not tells_templates and terms.regimes[values["regime"]].unit == INITIATOR:
            values["reasons"] &= ~int(Reason.OUTSIDE_WINDOW)
        places[text] = rows.setdefault(tuple(values[name] for name in _KINDS), len(rows))
        count += [0] * (len(rows) - len(count))
        count[places[text]] += counts[text]
    columns = list(zip(*rows, strict=True)) or [()] * len(_KINDS)
    arrays: dict[str, Any] = {
        name: np.array(column, kind) for column, (name, kind) in zip(columns, _KINDS.items(), strict=True)
    }
    texts: list[list[str]] = [[] for _ in rows]
    for text, place in places.items():
        texts[place].append(text)
    amounts = tuple(Decimal(text) for text in texts_of_amounts)
    return LotBook(Lots(**arrays, count=np.array(count, np.int64)), places, texts, numbers, amounts)


def second_pass(book: LotBook, terms: Terms, fetch: Fetch) -> tuple[Priced, Second]:
    """Price the lots; `fetch` brings the units that lie around an edge."""
    terms = replace(terms, numbers=book.numbers)
    made = plan(book.lots, terms)
    looked_at, stood_in = around_edges(book.lots, made)
    wanted = [text for lot in looked_at.tolist() for text in book.texts[lot]]
    units = fetch(wanted) if wanted else UNIT_ROWS.empty_table()
    coded, at = units.column("lot").combine_chunks(), units.column("billed_at").to_numpy()
    own = np.array([book.places[text] for text in coded.dictionary.to_pylist()], np.int32)[coded.indices.to_numpy()]
    near = Counted(own, at, np.arange(len(own)))
    counted = joined([near, stand_ins(book.lots, stood_in)])

    def keys(rows: Int64) -> list[tuple[str, str]]:
        # There may be millions of units: only of those that tie do the ids become Python's.
        some = units.select(["message_id", "user"]).take(pa.array(rows))
        return list(zip(*(column.to_pylist() for column in some.columns), strict=True))

    def ranked(rows: Int64) -> Int64:
        mine = keys(rows)
        ranks = np.empty(len(mine), np.int64)
        ranks[sorted(range(len(mine)), key=mine.__getitem__)] = np.arange(len(mine))
        return ranks

    priced = price(book.lots, made, counted, book.amounts, terms, ranked, with_allowances=True)
    edges = np.unique(np.concatenate([np.zeros(0, np.int64), *(c.rows for some in priced.pieces.cuts for c in some)]))
    ties = {(int(book.lots.number[own[row]]), *key): row for row, key in zip(edges.tolist(), keys(edges), strict=True)}
    numbers = book.lots.number.tolist()
    return priced, Second(book.numbers, book.places, numbers, priced.pieces, kinds_of(priced), ties)
