"""Rate cards: the canonical CSV, Meta's downloads, price lists (formats.md §5), and the cards that come with us."""

import re
from bisect import bisect
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from heapq import heappop
from heapq import heappush
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import Card
from auditor.core.records import RateRow
from auditor.core.tables import Category
from auditor.language import currencies
from auditor.paths import resources
from auditor.readers.books.cells import BOOKS
from auditor.readers.books.cells import read_sheets
from auditor.readers.files import read_rows
from auditor.readers.rates.book_rows import book_rows
from auditor.readers.rates.card_downloads import CardLine
from auditor.readers.rates.card_downloads import download_lines
from auditor.readers.rates.price_lists import price_lines
from auditor.readers.rates.price_lists import stated_lines
from auditor.readers.rates.stated_rates import stated_table
from auditor.readers.rates.tariffs import markets
from auditor.readers.rates.tier_bounds import TIER_FROM
from auditor.readers.rates.tier_bounds import TIER_TO
from auditor.readers.rates.tier_bounds import bound_of
from auditor.readers.sniff import sniff
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profiles import CARD
from auditor.readers.values.numbers import is_too_long

_REQUIRED = ("effective_from", "currency", "market", "category")
_OPTIONAL = ("effective_to", "tier_from", "tier_to", "rate", "factor", "plus", "basis", "source")
# How alike two heads are, of 1, when one is taken for the other misspelt: `efective_to`, `tier_form`, `basis.`.
_MISSPELT = 0.8
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]+")
_WORDS = frozenset(category.word for category in Category)
_BASES = ("read", "derived", "corrected", "suspect", "contract")
_ENDLESS = 1 << 62
MOST_ROWS = 500_000
"""More no card has: all of Meta's that are on file are a three-hundredth of it."""
_Step = tuple[int, int, RateRow]


def read_card(path: Path, first: date | None = None, options: ReadOptions | None = None) -> Card:
    """Read a rate card, the canonical one or a download of Meta's (whose first day `first` states if it does not).

    `options` are what a person states of its columns, and of that day.

    Its name is the file's. Raises `AuditorError` with every row at fault as a `Problem` (formats.md §5): bad values,
    and rows of one key and day that say two things or leave a hole in the tiers.
    """
    stated = options or ReadOptions()
    since = first or (date.fromisoformat(stated.since) if stated.since else None)
    rows, problems = _read(path, since, stated)
    refuse_card([*problems, *check_rows(rows)])
    return Card(path.name, tuple(rows))


def refuse_card(problems: Sequence[Problem]) -> None:
    """Refuse a card that has problems, if it has any. Raises `AuditorError` with each of them once.

    A row of a download states several rates: what is wrong with its market is wrong with all of them.
    """
    once = list({(problem.code, problem.place, *problem.values.items()): problem for problem in problems}.values())
    if once:
        raise AuditorError("card_refused", once[0].place, once, count=len(once), rows=_places(once))


@cache
def meta_card() -> Card:
    """Give Meta's cards as far as they are known: every file of `resources/tariffs/rates/` as one layer, `meta`."""
    rows: list[RateRow] = []
    for path in sorted((resources() / "tariffs" / "rates").glob("*.csv")):
        found, problems = _read(path, None, None)
        refuse_card(problems)
        rows += found
    return Card("meta", tuple(rows))


def check_rows(rows: list[RateRow]) -> list[Problem]:
    """Find the rows of one card that contradict each other: a key, day and tier twice, or else a hole in the tiers."""
    problems: list[Problem] = []
    ordered = sorted(rows, key=lambda row: (*_key(row), row.first, row.tier_from or 0, row.place.row))
    for _, group in groupby(ordered, key=_key):
        of_key = list(group)
        overlaps = list(_overlaps(of_key))
        problems += overlaps or _holes([row for row in of_key if row.tier_from is not None])
    return problems


def _places(problems: Sequence[Problem]) -> str:
    rows = sorted({problem.place.row for problem in problems})
    return ", ".join(map(str, rows[:20])) + (" …" if len(rows) > 20 else "")


def _read(path: Path, first: date | None, options: ReadOptions | None) -> tuple[list[RateRow], list[Problem]]:
    """Read the rows, and what is wrong with others. Raises `AuditorError`: `file_empty`, `card_too_long`.

    Of our own cards (without `options`) nothing is stated.
    """
    table = stated_table(path, options, CARD) if options else None
    lines = stated_lines(table, first) if table else _lines(path, first)
    rows: list[RateRow] = []
    problems: list[Problem] = []
    for count, line in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise AuditorError("card_too_long", Place(path.name), rows=f"{MOST_ROWS:,}")
        reader = _Row(line)
        row = reader.read()
        if row is None:
            problems += reader.problems
        else:
            rows.append(row)
    if not rows and not problems:
        raise AuditorError("file_empty", Place(path.name))
    return rows, problems


def _lines(path: Path, first: date | None) -> Iterator[CardLine]:
    """Give the lines of a card. Raises `AuditorError("card_columns_missing")` for what is none.

    A column may be left out, and others may stand beside; but one that is misspelt, or there twice, would be passed
    over without a word (a rate would never end): `card_column_misspelt`, `card_column_twice`.
    """
    found = sniff(path)
    heads, lines = _book(path) if found.kind in BOOKS else read_rows(path, found)
    missing = [head for head in _REQUIRED if head not in heads]
    if not {"rate", "factor", "plus"} & set(heads):
        missing.append("rate")
    if "effective_from" not in heads or _has_bounds_in_words(heads):
        others = (read(path, first) for read in (download_lines, price_lines))
        found_lines = next((one for one in others if one is not None), None)
        if found_lines is not None:
            return found_lines
    if missing:
        raise AuditorError("card_columns_missing", Place(path.name, row=1), columns=", ".join(missing))
    _check_heads(heads, Place(path.name, row=1))
    return (CardLine(Place(path.name, row=number), cells, {}) for number, cells in lines)


def _has_bounds_in_words(heads: Sequence[str]) -> bool:
    """Tell a list of tiers in people's words, one of which is also a head of ours: `Effective from | From | To`."""
    bounds = [head for head in heads if bound_of(head) or head in {"from", "to"}]
    return bool(bounds) and not {TIER_FROM, TIER_TO} & {*heads}


def _book(path: Path) -> tuple[list[str], Iterator[tuple[int, Mapping[str, str]]]]:
    """Give the heads and rows of a workbook whose first sheet is a card with our own columns; none for another."""
    sheet = next((one for one in read_sheets(path) if not one.hidden), None)
    rows = [row for row in sheet.rows if row.filled] if sheet else []
    heads, lines = book_rows(rows)
    return (heads, lines) if "effective_from" in heads else ([], iter(()))


def _check_heads(heads: Sequence[str], place: Place) -> None:
    known = (*_REQUIRED, *_OPTIONAL)
    left = [head for head in known if head not in heads]
    for head in heads:
        if head in known and heads.count(head) > 1:
            raise AuditorError("card_column_twice", place, column=head)
        meant = get_close_matches(head, left, 1, _MISSPELT) if head not in known else []
        if meant:
            raise AuditorError("card_column_misspelt", place, column=head, meant=meant[0])


class _Row:
    """One line of a card on its way to a `RateRow`: what is wrong with it is collected."""

    def __init__(self, line: CardLine) -> None:
        self.line = line
        self.problems: list[Problem] = []

    def read(self) -> RateRow | None:
        """Give the row, or None when it has problems."""
        first = self._day("effective_from")
        last = self._day("effective_to") if self._cell("effective_to") else None
        if first and last and last < first:
            self._problem("card_dates_backwards", "effective_to", first=first, last=last)
        rate, factor, plus = (self._decimal(column) for column in ("rate", "factor", "plus"))
        self._check_price(rate, factor, plus)
        tier_from, tier_to = self._tier()
        row = RateRow(
            first=first or date.min,
            last=last,
            currency=self._currency(),
            market=self._market(),
            category=self._category(),
            tier_from=tier_from,
            tier_to=tier_to,
            rate=rate,
            factor=Decimal(1) if factor is None and rate is None else factor,
            plus=plus or Decimal(0),
            basis=self._basis(),
            source=self._cell("source"),
            place=self.line.place,
        )
        return None if self.problems else row

    def _cell(self, column: str) -> str:
        return self.line.cells.get(column, "")

    def _problem(self, code: str, column: str, **values: object) -> None:
        said = {name: str(value) for name, value in values.items()}
        place = replace(self.line.place, column=self.line.columns.get(column, column))
        self.problems.append(Problem(code, place, said))

    def _day(self, column: str) -> date | None:
        text = self._cell(column)
        try:
            return date.fromisoformat(text) if len(text) == len("2026-10-01") else date.fromisoformat("")
        except ValueError:
            self._problem("card_not_a_date", column, value=text)
            return None

    def _decimal(self, column: str) -> Decimal | None:
        text = self._cell(column)
        if not text:
            return None
        if not _DECIMAL.fullmatch(text):
            self._problem("card_not_a_decimal", column, value=text)
            return Decimal(0)
        if is_too_long(text):
            self._problem("decimal_too_long", column, value=text)
            return Decimal(0)
        value = Decimal(text)
        if value < 0 and column != "plus":
            self._problem("card_negative", column, value=text)
        return value

    def _check_price(self, rate: Decimal | None, factor: Decimal | None, plus: Decimal | None) -> None:
        if rate is None and factor is None and plus is None:
            self._problem("card_no_rate", "rate")
        elif rate is not None and (factor is not None or plus is not None):
            self._problem("card_rate_and_factor", "factor" if factor is not None else "plus")

    def _tier(self) -> tuple[int | None, int | None]:
        low, high = self._whole("tier_from"), self._whole("tier_to")
        if high is not None and not self._cell("tier_from"):
            self._problem("card_tier_without_start", "tier_from")
        if low is None:
            return None, high
        low = max(low, 1)  # "from 0" and "from 1" hold the same messages: there is no message number 0
        if high is not None and high < low:
            self._problem("card_tier_backwards", "tier_to", low=low, high=high)
        return low, high

    def _whole(self, column: str) -> int | None:
        text = self._cell(column)
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            self._problem("card_not_whole", column, value=text)
            return None
        return int(text)

    def _currency(self) -> str:
        code = self._cell("currency").upper()
        if code not in currencies():
            self._problem("card_unknown_currency", "currency", value=self._cell("currency"))
        return code

    def _market(self) -> str:
        name = self._cell("market")
        if name == "*":
            return name
        if name.casefold() not in markets():
            self._problem("card_unknown_market", "market", value=name)
        return markets().get(name.casefold(), name)

    def _category(self) -> str:
        word = self._cell("category").lower().replace("-", "_").replace(" ", "_")
        if word not in _WORDS:
            self._problem("card_unknown_category", "category", value=self._cell("category"))
        return word

    def _basis(self) -> str:
        word = self._cell("basis").lower() or "contract"
        if word not in _BASES:
            self._problem("card_unknown_basis", "basis", value=self._cell("basis"), known=", ".join(_BASES))
        return word


def _key(row: RateRow) -> tuple[str, str, str, bool]:
    return row.currency, row.market, row.category, row.tier_from is not None


def _last(row: RateRow) -> date:
    return row.last or date.max


def _tiers(row: RateRow) -> tuple[int, int]:
    return row.tier_from or 1, row.tier_to or _ENDLESS


def _overlaps(rows: list[RateRow]) -> Iterator[Problem]:
    """Name each row that says something about a day and tier that an earlier row (by day) already speaks of.

    Of the rows that speak of a day those that contradict none are a ladder, in order of tier: to find what a further
    one meets takes no look at each of thousands.
    """
    ladder: list[_Step] = []
    ends: list[tuple[date, int]] = []
    for row in rows:
        while ends and ends[0][0] < row.first:
            _, ended = heappop(ends)
            del ladder[bisect(ladder, ended - 1, key=itemgetter(0))]
        low, high = _tiers(row)
        place = bisect(ladder, low, key=itemgetter(0))
        beside = ladder[max(0, place - 1) : place + 1]
        met = next((step[2] for step in beside if step[0] <= high and low <= step[1]), None)
        if met is None:
            ladder.insert(place, (low, high, row))
            heappush(ends, (_last(row), low))
            continue
        late, early = sorted((row, met), key=lambda item: item.place.row, reverse=True)
        yield Problem("card_rows_overlap", late.place, {"other": str(early.place.row)})


def _holes(rows: list[RateRow]) -> Iterator[Problem]:
    """Name each tier row after which, or before which, messages have no tier on some day, of rows that do not overlap.

    From one day to the next only those are looked at that begin, or stand where one began or ended.
    """
    named: set[int] = set()
    ladder: list[_Step] = []
    changes = sorted(
        [(row.first, False, row) for row in rows] + [(_next(row), True, row) for row in rows if row.last],
        key=itemgetter(0),
    )
    for _, group in groupby(changes, key=itemgetter(0)):
        changed = [(_tiers(row), ended, row) for _, ended, row in group]
        for (low, high), ended, row in sorted(changed, key=lambda one: not one[1]):
            place = bisect(ladder, low - 1, key=itemgetter(0))
            ladder[place : place + ended] = [] if ended else [(low, high, row)]
        for code, row, values in _faults(ladder, [tiers for tiers, _, _ in changed]):
            if row.place.row not in named:
                named.add(row.place.row)
                yield Problem(code, row.place, values)


def _faults(
    ladder: Sequence[_Step], changed: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, RateRow, dict[str, str]]]:
    """Give the steps of a ladder at which messages have no tier, of those at or behind what changed, and the last."""
    places = {bisect(ladder, bound, key=itemgetter(0)) for low, high in changed for bound in (low - 1, high)}
    for place in sorted(place for place in places if place < len(ladder)):
        wanted = ladder[place - 1][1] + 1 if place else 1
        low, _, row = ladder[place]
        if low > wanted:
            yield "card_tier_hole", row, {"low": str(wanted), "high": str(low - 1)}
    if ladder and ladder[-1][1] < _ENDLESS:
        yield "card_tier_no_end", ladder[-1][2], {"low": str(ladder[-1][1] + 1)}


def _next(row: RateRow) -> date:
    return date.fromordinal(min(_last(row).toordinal() + 1, date.max.toordinal()))
