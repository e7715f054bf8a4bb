"""Records as rows ready to be shown: texts, sort values and search text made once, off the window's thread."""

import unicodedata
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Generic
from typing import TypeAlias
from typing import TypeVar

if TYPE_CHECKING:
    # With the words comes the core and with it numpy, which the window need not wait for.
    from auditor.gui.words import Words

# What stands where an invoice does not break a figure down, or a figure is not stated.
BLANK = "—"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
Record = TypeVar("Record")
Value: TypeAlias = Decimal | int | str | date | None


@dataclass(frozen=True, slots=True)
class Column(Generic[Record]):
    """A column: its key (head and help are in the catalogue), how a record reads in it, and what it sorts by.

    Without `value` the text sorts. `numeric` columns stand to the right and are copied as plain numbers. `printed` is
    what stands on paper, where that is not the text: paper is handed on, and tells no customer. `moment` is the day, or
    the time with its zone, of which the text is the words: it sorts, and is copied as a date.
    """

    key: str
    text: "Callable[[Record, Words], str]"
    value: Callable[[Record], Value] | None = None
    numeric: bool = False
    width: int = 110
    printed: Callable[[Record], str] | None = None
    moment: "Callable[[Record, Words], date | None] | None" = None


def day_column(key: str, day: Callable[[Record], date | None], width: int) -> Column[Record]:
    """Give a column of days, of which some may not be known."""

    def text(record: Record, words: "Words") -> str:
        known = day(record)
        return words.language.day(known) if known else BLANK

    return Column(key, text, width=width, moment=lambda record, _words: day(record))


@dataclass(frozen=True, slots=True)
class Row(Generic[Record]):
    """A record with what every column shows of it, what it sorts by, and all of it as one text to search in."""

    record: Record
    texts: tuple[str, ...]
    values: tuple[Value, ...]
    haystack: str


def prepare(columns: Sequence[Column[Record]], records: Iterable[Record], words: "Words") -> tuple[Row[Record], ...]:
    """Make the rows of `records`."""
    return tuple(_row(columns, record, words) for record in records)


def plain(row: Row[Record], place: int, column: Column[Record]) -> Decimal | int | str | date:
    """Give a cell for the clipboard: a number or a date as such, else its text, in one line; blanks empty."""
    value = row.values[place]
    if column.numeric and isinstance(value, Decimal | int):
        return value
    if column.moment is not None and isinstance(value, date):
        return value
    text = row.texts[place]
    return "" if text == BLANK else " ".join(text.split())


def on_paper(row: Row[Record], place: int, column: Column[Record]) -> str:
    """Give a cell for paper that is handed on."""
    return row.texts[place] if column.printed is None else column.printed(row.record) or BLANK


def sort_key(value: Value) -> tuple[int, Decimal | int | str]:
    """Order values of one column: blanks first, then by size; moments by their instant, texts as a dictionary would."""
    if value is None or value == "":
        return (0, 0)
    if isinstance(value, datetime):
        return (1, (value - _EPOCH) // _MICROSECOND)
    if isinstance(value, date):
        return (1, value.toordinal())
    return (1, collated(value) if isinstance(value, str) else value)


def folded(text: str) -> str:
    """Give a text without case and accents, so that `peru` finds `Perú`."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def collated(text: str) -> str:
    """Give what a text is sorted by, as a Spanish dictionary would: case and accents aside, and ñ after all of n."""
    whole = unicodedata.normalize("NFC", text.casefold())
    return "n\U0010ffff".join(folded(part) for part in whole.split("ñ"))


def _row(columns: Sequence[Column[Record]], record: Record, words: "Words") -> Row[Record]:
    texts = tuple(column.text(record, words) for column in columns)
    values = tuple(_value(column, record, words, text) for column, text in zip(columns, texts, strict=True))
    return Row(record, texts, values, folded(" ".join(texts)))


def _value(column: Column[Record], record: Record, words: "Words", text: str) -> Value:
    if column.moment is not None:
        return column.moment(record, words)
    return column.value(record) if column.value else text
