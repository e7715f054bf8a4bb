"""Which of the charges behind a difference are to be seen, and in what order: asked of the columns, not of rows."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.core.audit import Audited
from auditor.core.records import ImportReport
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Category
from auditor.core.tables import Charges
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.project.log import StoredLog
from auditor.verbs.orders import Orders
from auditor.verbs.orders import first_in_order
from auditor.verbs.orders import stable_order

_LEAST = Decimal("-Infinity")
_PARTS = 32  # bits of the number of a file in a folder


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which charges are to be shown, and in what order.

    `find` is a part of a customer's number or of a message id; `only` is charged, free, uncertain or nothing. `by` is
    a field of `EvidenceRow`, by which they are put in order, falling or not; ties keep the order of billing.
    """

    find: str = ""
    only: str = ""
    by: str = ""
    falling: bool = False


ALL = Wanted()


class Choice:
    """Chooses among the charges of one computed audit."""

    def __init__(self, audited: Audited, log: StoredLog, reports: Mapping[int, ImportReport]) -> None:
        """Take the answer, the stored log it was made from, and what its files came to, by their number."""
        self._audited, self._log, self._reports = audited, log, reports
        self._orders = Orders(audited, log)
        # What was chosen last: put into another order, it need not be chosen again.
        self._last: tuple[str, Wanted, Int64] | None = None

    def prepare(self) -> bool:
        """Make a part of what any order needs before it is asked for; tell whether there is more of it."""
        if "_by_cell" in vars(self):
            return self._orders.prepare()
        return bool(len(self._by_cell))

    @property
    def _charges(self) -> Charges:
        return self._audited.charged.charges

    def of(self, key: str, cells: Sequence[int], wanted: Wanted) -> Int64:
        """Give those of the charges in some of the result's cells that are wanted, in the order that is wanted.

        `key` is what these cells are known by.
        """
        return self._ordered(self.chosen(key, cells, wanted), wanted)

    def first(self, key: str, cells: Sequence[int], wanted: Wanted, count: int) -> Int64:
        """Give the first of what `of` gives, so many of them, without putting all in order: a table shows no more."""
        return self._ordered(self.chosen(key, cells, wanted), wanted, count)

    def chosen(self, key: str, cells: Sequence[int], wanted: Wanted) -> Int64:
        """Give those of the charges in some of the result's cells that are wanted, in order of billing."""
        chosen = replace(wanted, by="", falling=False)
        if self._last is None or self._last[:2] != (key, chosen):
            self._last = (key, chosen, self._passing(self.behind(cells), wanted))
        return self._last[2]

    def behind(self, cells: Sequence[int]) -> Int64:
        """Give the charges in some of the result's cells, in order of billing."""
        in_order, bounds = self._by_cell
        # Each cell's are in order already: they only have to be merged.
        places = [in_order[bounds[cell] : bounds[cell + 1]] for cell in cells]
        return self._orders.billing[np.sort(np.concatenate(places), kind="stable")] if places else np.zeros(0, np.int64)

    @cached_property
    def _by_cell(self) -> tuple[Int64, Int64]:
        """Give the charges' places in the order of billing, cell by cell, and where each cell's begin.

        A workbook asks for the charges of every difference: looked for one by one, all charges were read each time.
        """
        cell = self._audited.cell_of_kind[self._charges.kind[self._orders.billing]]
        in_order = stable_order(cell)
        first = np.arange(len(self._audited.result.cells) + 1)
        return in_order, np.searchsorted(cell[in_order], first).astype(np.int64)

    def _passing(self, places: Int64, wanted: Wanted) -> Int64:
        kinds, kind = self._charges.kinds, self._charges.kind
        if wanted.only == "uncertain":
            places = places[((kinds.reasons & UNCERTAIN) != 0)[kind[places]]]
        elif wanted.only:
            costs = np.array([place >= 0 and bool(kinds.values[place]) for place in kinds.amount.tolist()], np.bool_)
            places = places[(costs == (wanted.only == "charged"))[kind[places]]]
        if wanted.find.strip():
            places = places[self._log.holding(wanted.find.strip())[self._charges.row[places]]]
        return places

    def _ordered(self, places: Int64, wanted: Wanted, first: int | None = None) -> Int64:
        """Put charges in the order that is wanted, or find the `first` of them in it."""
        charges = self._charges
        own: dict[str, npt.NDArray[np.integer[Any]]] = {
            "billed_at": charges.billed_at,
            "ends_at": charges.ends_at,
            "messages": charges.messages,
        }
        keys: npt.NDArray[np.integer[Any]]
        if wanted.by == "user":
            keys = self._orders.users[places]
        elif wanted.by == "unit_id":
            keys = self._orders.ids[places]
        elif wanted.by == "source_row":
            keys = self._orders.source_rows[places].astype(np.int64)
        elif wanted.by == "file":
            keys = self._files_of(places)
        elif wanted.by in own:
            keys = own[wanted.by][places].astype(np.int64)
        elif wanted.by:
            shared = self._shared(wanted.by)
            rank = {value: n for n, value in enumerate(sorted(set(shared)))}
            keys = np.array([rank[value] for value in shared], np.int64)[charges.kind[places]]
        else:
            return places[:first]
        keys = -keys if wanted.falling else keys
        return places[stable_order(keys) if first is None else first_in_order(keys, first)]

    def _files_of(self, places: Int64) -> Int64:
        """Give a number for the file of each charge; those of a folder are told apart, in their order."""
        files = self._log.files[self._charges.row[places]].astype(np.int64)
        keys = files << _PARTS
        for number, report in self._reports.items():
            if report.stretches:
                names = list(dict.fromkeys(one.file for one in report.stretches))
                rank = {name: n for n, name in enumerate(names)}
                parts = np.array([rank[one.file] for one in report.stretches], np.int64)
                own = np.flatnonzero(files == number)
                firsts = np.array([one.first for one in report.stretches], np.int64)
                keys[own] += parts[np.searchsorted(firsts, self._orders.source_rows[places[own]], "right") - 1]
        return keys

    def _shared(self, field: str) -> list[Any]:
        """Give what charges of a kind have in common, one value a kind."""
        kinds, terms = self._charges.kinds, self._audited.terms
        if field in {"rate", "amount"}:
            places = (kinds.rate if field == "rate" else kinds.amount).tolist()
            return [kinds.values[place] if place >= 0 else _LEAST for place in places]
        if field == "category":
            return [Category(code).word for code in kinds.category.tolist()]
        if field == "pricing_type":
            return [PricingType(code).word for code in kinds.pricing_type.tolist()]
        if field == "market":
            return [terms.markets.names[place] if place >= 0 else "" for place in kinds.market.tolist()]
        if field == "phone_number_id":
            return [terms.numbers[place] for place in kinds.number.tolist()]
        if field == "regime":
            return [int(place) for place in kinds.regime.tolist()]
        return [int(bits) & (UNCERTAIN if field == "certainty" else -1) for bits in kinds.reasons.tolist()]
