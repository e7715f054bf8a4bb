"""What stands behind a difference: its charges, down to the row of the file they came from, and whole threads."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from itertools import repeat
from typing import Any
from typing import cast

import numpy as np
import numpy.typing as npt

from auditor.core.audit import Audited
from auditor.core.free_units import free_units
from auditor.core.kinds import CATEGORY_MASK
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.money import plain
from auditor.core.openers import window_openers
from auditor.core.records import ImportReport
from auditor.core.tables import NEVER
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Category
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import UInt16
from auditor.core.tables import reason_words
from auditor.core.timeline import DAY
from auditor.core.timeline import day_of
from auditor.project.log import StoredLog
from auditor.verbs.choice import ALL
from auditor.verbs.choice import Choice
from auditor.verbs.choice import Wanted


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A charge behind a difference, down to its source: ids as text, times in microseconds UTC (`NEVER`: none)."""

    unit_id: str
    user: str
    phone_number_id: str
    waba_id: str
    regime: str
    category: str
    pricing_type: str
    market: str
    billed_at: int
    local_date: str
    ends_at: int
    messages: int
    rate: str
    amount: str
    certainty: str
    reason: str
    file: str
    source_row: int
    opened_at: int = NEVER
    """When the customer wrote who opened the window that it was sent in (`NEVER`: none, or not asked for)."""


@dataclass(frozen=True, slots=True)
class ThreadEvent:
    """A message of one thread on its time line, and the place of its charge in `Thread.charges` (-1: none)."""

    at: int
    direction: str
    category: str
    referral: bool
    message_id: str
    charge: int


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread (business number and user) as the time line draws it: events, windows and charges."""

    phone_number_id: str
    user: str
    events: tuple[ThreadEvent, ...]
    windows: tuple[tuple[int, int], ...]
    charges: tuple[EvidenceRow, ...]


class Evidence:
    """Looks behind the differences of one computed audit. `files` has the imports of the log by their number."""

    def __init__(self, audited: Audited, log: StoredLog, files: Mapping[int, ImportReport]) -> None:
        """Take the answer, the stored log it was made from, and what its files came to."""
        self._audited = audited
        self._log = log
        self._files = files
        self._lines = {line.key: line for line in audited.result.differences}
        self._words = _Words(audited)
        self._choice = Choice(audited, log, files)
        # What was asked for last: a table that is scrolled asks for the same charges page by page.
        self._last: tuple[str, Wanted, Int64] | None = None

    def count(self, key: str, wanted: Wanted = ALL) -> int:
        """Count the charges behind a difference."""
        return len(self._choice.chosen(key, self._cells(key), wanted))

    def prepare(self) -> bool:
        """Make a part of what putting charges in order needs; tell whether there is more of it."""
        return self._choice.prepare()

    def page(self, key: str, offset: int, limit: int, wanted: Wanted = ALL) -> tuple[EvidenceRow, ...]:
        """Give a page of the charges behind a difference, in order of billing if no other is wanted."""
        if self._last is not None and self._last[:2] == (key, wanted):
            places = self._last[2]
        elif offset == 0:  # who has put millions in another order sees the beginning at once
            places = self._choice.first(key, self._cells(key), wanted, limit)
        else:
            places = self._choice.of(key, self._cells(key), wanted)
            self._last = (key, wanted, places)
        return tuple(self._rows(places[offset : offset + limit]))

    def _cells(self, key: str) -> Sequence[int]:
        """Give the cells behind a line, the free units that it may bill among them."""
        line = self._lines.get(key)
        return (*line.cells, *self._free.get(key, ())) if line else ()

    @cached_property
    def _free(self) -> Mapping[str, tuple[int, ...]]:
        return free_units(self._audited.result)

    def all(self, key: str) -> Iterator[EvidenceRow]:
        """Give all of them with their openers: a small page first, for who looks at the beginning only, then large."""
        places = self._behind(key)
        for first, last in pairwise([0, *range(_PAGE, len(places), 50 * _PAGE), len(places)]):
            page = places[first:last]
            yield from self._rows(page, self._openers[self._audited.charged.charges.row[page]].tolist())

    @cached_property
    def _openers(self) -> Int64:
        log = self._audited.whole
        return window_openers(log.folded, len(log.merged_into))

    def _behind(self, key: str) -> Int64:
        return self._choice.behind(self._cells(key))

    def _rows(self, places: Int64, opened: Sequence[int] | None = None) -> Iterator[EvidenceRow]:
        """Give charges with what the log says of them, made as they are taken: there may be a million.

        `opened` says when the window of each was opened, if that is asked for. What the log says is let go by and by:
        to free that of fifty thousand rows in one go would keep the window waiting for a tenth of a second.
        """
        rows = self._audited.charged.charges.row[places]
        found = self._log.look_up(rows, ("message_id", "user", "file", "source_row"))
        facts = cast("list[tuple[str, str, int, int]]", found)
        for start in range(0, len(places), _PAGE):
            some = places[start : start + _PAGE]
            instants = repeat(int(NEVER), len(some)) if opened is None else opened[start : start + _PAGE]
            yield from self._made(some, facts[:_PAGE], instants)
            del facts[:_PAGE]

    def _made(
        self, places: Int64, facts: Iterable[tuple[str, str, int, int]], opened: Iterable[int]
    ) -> Iterator[EvidenceRow]:
        """Put rows together, column by column."""
        c = self._audited.charged.charges
        # Of the kinds first: a page, which is hardly ever more than some of the charges, need not ask all of them.
        kinds, kind = c.kinds, c.kind[places]
        words = self._words
        return (
            EvidenceRow(
                f"{message_id}#{user}" if grouped else message_id, user, number, waba, regime, category,
                pricing_type, market, billed_at, local_date, ends_at, messages, rate, amount, certainty, reason,
                *self._files[file].place_of(source_row), opened_at,
            )
            for (message_id, user, file, source_row), grouped, number, waba, regime, category, pricing_type, market,
            billed_at, local_date, ends_at, messages, rate, amount, (certainty, reason), opened_at in zip(
                facts, kinds.grouped[kind].tolist(), words.of("number", kinds.number[kind]),
                words.of("waba", kinds.waba[kind]), words.of("regime", kinds.regime[kind]),
                words.of("category", kinds.category[kind]), words.of("pricing_type", kinds.pricing_type[kind]),
                words.of("market", kinds.market[kind]), c.billed_at[places].tolist(), words.days(kinds.day[kind]),
                c.ends_at[places].tolist(), c.messages[places].tolist(), words.of("value", kinds.rate[kind]),
                words.of("value", kinds.amount[kind]), words.reasons(kinds.reasons[kind]), opened, strict=True,
            )
        )  # fmt: skip

    def message(self, row: int) -> tuple[str, str, str, int]:
        """Give a message by its row of the log: its id, its user, the file that it came from and the row there."""
        found = self._log.look_up(np.array([row], np.int64), ("message_id", "user", "file", "source_row"))
        ((message_id, user, file, source_row),) = cast("list[tuple[str, str, int, int]]", found)
        return message_id, user, *self._files[file].place_of(source_row)

    def thread(self, phone_number_id: str, user: str) -> Thread:
        """Give one thread with its windows and charges; an empty one if the log has no such thread."""
        log, charges = self._audited.whole, self._audited.charged.charges
        places = self._places_of(phone_number_id, user)
        places = places[log.folded.live[places]]
        of_charge = charges.belongs[log.folded.row[places]]
        numbers = {int(charge): n for n, charge in enumerate(np.unique(of_charge[of_charge >= 0]))}
        ids = self._log.names(log.folded.row[places].astype(np.int64))
        events = [
            self._event(place, message_id, numbers.get(charge, -1))
            for place, charge, (message_id, _) in zip(places.tolist(), of_charge.tolist(), ids, strict=True)
        ]
        events.sort(key=lambda event: event.at)
        windows = _merged([event.at for event in events if event.direction == "inbound"])
        shown = tuple(self._rows(np.array(list(numbers), np.int64)))
        return Thread(phone_number_id, user, tuple(events), windows, shown)

    def _places_of(self, phone_number_id: str, user: str) -> Int64:
        """Find the messages of a thread: by number where the user is a phone number, else in the stored log."""
        log = self._audited.whole
        if _PHONE.fullmatch(user) and phone_number_id in self._log.numbers:
            number = self._log.numbers.index(phone_number_id)
            return np.flatnonzero((log.folded.user == int(user)) & (log.folded.number == number))
        return np.unique(log.merged_into[self._log.rows_of(phone_number_id, user)])

    def _event(self, place: int, message_id: str, charge: int) -> ThreadEvent:
        folded = self._audited.whole.folded
        kind = int(folded.kind[place])
        outbound = bool(kind & OUTBOUND)
        at = folded.billed[place] if outbound and folded.billed[place] != NEVER else folded.sent[place]
        category = _TEMPLATE_WORDS[(kind & CATEGORY_MASK) >> CATEGORY_SHIFT]
        way = "outbound" if outbound else "inbound"
        return ThreadEvent(int(at), way, category, bool(kind & REFERRAL), message_id, charge)


_PAGE = 1_000
# Users that are their own key (`StoredLog`).
_PHONE = re.compile(r"[1-9][0-9]{0,17}")
_TEMPLATE_WORDS = ("service", "marketing", "utility", "authentication", "marketing_lite")


class _Words:
    """The texts that the coded columns of charges stand for; -1 stands for nothing."""

    def __init__(self, audited: Audited) -> None:
        terms = audited.terms
        self._tables: dict[str, list[str]] = {
            "number": [*terms.numbers, ""],
            "waba": [waba.id for waba in terms.account.wabas],
            "regime": [regime.id for regime in terms.regimes],
            "category": [category.word for category in Category],
            "pricing_type": [kind.word for kind in PricingType],
            "market": [*terms.markets.names, ""],
            "value": [*(plain(value) for value in audited.charged.kinds.values), ""],
        }

    def of(self, table: str, codes: npt.NDArray[np.signedinteger[Any]]) -> list[str]:
        """Give the text of each code."""
        texts = self._tables[table]
        return [texts[code] for code in codes.tolist()]

    @staticmethod
    def days(days: Int32) -> list[str]:
        """Give each day as its date."""
        known = {day: day_of(day).isoformat() for day in np.unique(days).tolist()}
        return [known[day] for day in days.tolist()]

    @staticmethod
    def reasons(bits: UInt16) -> list[tuple[str, str]]:
        """Give each charge's certainty and its reasons."""
        known = {
            bit: ("uncertain" if bit & UNCERTAIN else "certain", reason_words(bit)) for bit in np.unique(bits).tolist()
        }
        return [known[bit] for bit in bits.tolist()]


def _merged(times: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Give the customer service windows that inbound messages open or restart."""
    windows: list[tuple[int, int]] = []
    for at in times:
        if windows and at < windows[-1][1]:
            windows[-1] = (windows[-1][0], at + DAY)
        else:
            windows.append((at, at + DAY))
    return tuple(windows)
