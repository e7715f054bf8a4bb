"""Exchange rates under people's heads, a row for each: `Moneda origen, Moneda destino, Fecha, Tasa` (formats.md §7)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from auditor.readers.books.cells import SheetCell
from auditor.readers.rates.fx_series import decimal_mark
from auditor.readers.values.dates import ORDERS
from auditor.readers.values.dates import date_orders
from auditor.readers.values.dates import parse_day
from auditor.readers.values.numbers import read_value
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

_ENGLISH = frozenset({"from", "to", "source", "target", "base", "quote"})


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
    heads: Mapping[str, str], lines: Sequence[tuple[int, Mapping[str, str]]], order: str = "", mark: str = ""
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give rows under our names with days and rates as we write them; `heads` are the file's own, by our names.

    As they stand, to be refused, where the `order` of the days or the decimal `mark` is not stated and stays open.
    """
    own = [(number, {name: cells[name].strip() for name in heads}) for number, cells in lines]
    stated: dict[tuple[str, str], list[SheetCell]] = {}
    for number, cells in own:
        stated.setdefault(_pair(cells), []).append(SheetCell(cells["rate"], cells["rate"], number, 1))
    marks = {pair: mark or decimal_mark(rates, pair) for pair, rates in stated.items()}
    orders = frozenset(ORDERS).intersection(*(date_orders(cells["date"]) for _, cells in own))
    is_english = any(_ENGLISH & {*key(head).split()} for head in heads.values())
    told = next(iter(orders)) if len(orders) == 1 else "dmy" if "dmy" in orders and not is_english else ""
    for number, cells in own:
        day, its = parse_day(cells["date"], order or told), marks[_pair(cells)]
        rate = read_value(cells["rate"], its) if its else None
        written = cells["rate"] if rate is None else format(rate, "f")
        yield number, {**cells, "date": day.isoformat() if day else cells["date"], "rate": written}


def _pair(cells: Mapping[str, str]) -> tuple[str, str]:
    return cells["from"].upper(), cells["to"].upper()
