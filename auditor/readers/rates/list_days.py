"""On which days the prices of a list hold: by its titles, its notes, headings between its rows, or their cells (§5)."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.books.cells import SheetRow
from auditor.readers.rates.valid_days import ENGLISH
from auditor.readers.rates.valid_days import valid_days
from auditor.readers.values.dates import ORDERS
from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import parse_day
from auditor.readers.values.dates import parse_period
from auditor.readers.values.words import key

Days = tuple[date | None, date | None]
"""A first and a last day; the last may be open."""


def validity(titles: Iterable[str], notes: Iterable[str], place: Place, given: date | None) -> Days | None:
    """Give the days that the titles state, or else notes below, once; else those that begin on the one `given`."""
    stated = {days for title in titles if (days := valid_days(title))}
    stated = stated or {days for note in notes if (days := valid_days(note))}
    if len(stated) == 1:
        first, last = stated.pop()
        if given and given != first:
            raise AuditorError("card_first_day_differs", place, stated=first.isoformat(), given=given.isoformat())
        return first, last
    return (given, None) if given else None


def headed_days(rows: Iterable[SheetRow], priced: Sequence[int]) -> Mapping[int, str]:
    """Give the lone texts between rows of prices that state from when those below them hold, by their rows."""
    between = range(min(priced, default=0), max(priced, default=0))
    lone = ((row.number, row.filled[0].text) for row in rows if row.number in between and len(row.filled) == 1)
    return {number: text for number, text in lone if valid_days(text)}


def day_order(texts: Collection[str], heads: Iterable[str]) -> str:
    """Give the order in which all days of a list can be read; empty where several may serve, or none does."""
    orders = frozenset(ORDERS).intersection(*map(date_orders, texts))
    return next(iter(orders)) if len(orders) == 1 else "dmy" if orders and _is_day_first(heads) else ""


def _is_day_first(heads: Iterable[str]) -> bool:
    """Tell a list whose heads are not English, where nobody writes the month first."""
    words = {word for head in heads for word in key(head).split()}
    return words.isdisjoint(ENGLISH | {"from", "to", "until", "start", "end"})


def day_text(text: str, order: str) -> str:
    """Give a day in the form of the card; as it stands, to be refused, if it is none or may be two."""
    day = parse_day(text, order)
    first, last = parse_period(text, order) or (None, None)  # `desde 01/10/2026`
    day = day or (first if first == last else None)
    return day.isoformat() if day else text
