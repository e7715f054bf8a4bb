"""Exchange rates under people's heads, a row for each: `Moneda origen, Moneda destino, Fecha, Tasa` (formats.md §7)."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from auditor.readers.values.dates import ORDERS
from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import parse_day
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_ENGLISH = frozenset({"from", "to", "source", "target", "base", "quote"})
_COMMA = re.compile(r"[0-9]{1,6},[0-9]+")


def long_heads(heads: Sequence[str]) -> Mapping[str, str]:
    """Give our name of each head, where they name the day, both currencies and the rate, each once; else none."""
    words = {**lists("fx_columns"), "date": lists("fx_heads")["day"]}
    found = [(name, head) for head in heads for name, said in words.items() if key(head) in said]
    named = {head: name for name, head in found}
    return named if len(found) == len(named) == len(words) == len({*named.values()}) else {}


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Tell such a table by its first filled row."""
    first = next((row for row in rows if any(cell.strip() for cell in row)), ())
    return bool(long_heads([head for head in first if head.strip()]))


def in_our_words(
    named: Mapping[str, str], lines: Sequence[tuple[int, Mapping[str, str]]]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give the rows with our heads, and days and rates as we write them.

    As they stand, to be refused, where the order of the days or the decimal mark stays open.
    """
    own = [(number, {name: cells[head].strip() for head, name in named.items()}) for number, cells in lines]
    orders = frozenset(ORDERS).intersection(*(date_orders(cells["date"]) for _, cells in own))
    is_english = any(_ENGLISH & {*key(head).split()} for head in named)
    order = next(iter(orders)) if len(orders) == 1 else "dmy" if "dmy" in orders and not is_english else ""
    comma = bool(own) and all(_COMMA.fullmatch(cells["rate"]) for _, cells in own)
    for number, cells in own:
        day = parse_day(cells["date"], order)
        rate = cells["rate"].replace(",", ".") if comma else cells["rate"]
        yield number, {**cells, "date": day.isoformat() if day else cells["date"], "rate": rate}
