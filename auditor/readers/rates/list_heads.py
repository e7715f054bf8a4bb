"""What the columns of a price list are: by their heads and, where these leave it open, by the cells below (§5)."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from auditor.core.records import Layer
from auditor.readers.rates.tier_bounds import TIER_FROM
from auditor.readers.rates.tier_bounds import TIER_TO
from auditor.readers.rates.tier_bounds import are_counts
from auditor.readers.rates.tier_bounds import are_tiers
from auditor.readers.rates.tier_bounds import bound_of
from auditor.readers.rates.title_markets import speaks_of_prices
from auditor.readers.tables.factors import without_thousand
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import head_category
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import plain as plain_words

PLACE, CATEGORY, RATE, CURRENCY = "market", "category", "rate", "currency"
FROM, TO, TIER = "effective_from", "effective_to", "tier"
Below = Mapping[int, Sequence[str]]
"""The texts below each head, by its column."""
VALID = re.compile(
    r"\b(?P<said>effective|valid|vigente?s?|vigencia|vig[êe]ncia|v[áa]lid[oa]s?|as of|from|desde|a partir)\b"
    r"(?:\s+date\b)?[\s:]*"
    r"(?:(?:as of|from|on|desde|a partir del?|del?)\b[\s:]*)?(?:el\b\s*)?",
    re.IGNORECASE,
)
"""Words of the days on which prices hold."""
_BOUNDS = {FROM: TIER_FROM, TO: TIER_TO}
_FIELDS = {
    "country": PLACE, "market": PLACE, "category": CATEGORY, "unit_rate": RATE, "currency": CURRENCY,
    "period_start": FROM, "period_end": TO, "tier": TIER,
}  # fmt: skip
# What a bill has and a price list has not.
_BILLED = frozenset({"amount", "quantity", "tax_amount", "document", "document_date", "due_date"})
_LEAST_CATEGORIES = 2
# What a head may say over the categories: what they are of, or what stands beside them, `Tarifa por mensaje`.
_SAYING = frozenset({"description", "unit_rate", ""})
SMALL_RATE = re.compile(r"\D{0,4}0?[.,][0-9]{3,}\D{0,4}").fullmatch
"""Tells a price of a message: amounts are seldom so small, and written with fewer decimals."""
_PERCENT = re.compile(r"[+]?\s*[0-9]+(?:[.,][0-9]+)?\s*%|0?[.,][0-9]+").fullmatch
_PHONE = re.compile(r"\s*[+(]?[0-9](?:[ ().-]*[0-9]){7,}\s*").fullmatch
_CODES = frozenset({"code", "codigo", "iso", "prefix", "prefijo", "prefixo", "alpha"})


def list_columns(heads: Mapping[int, str], below: Below) -> tuple[dict[str, int], dict[int, str]]:
    """Give the column of each field, and the category of each column that holds the prices of one.

    Both are empty for the heads of a bill, and where two columns are the same. Of several of prices the first counts.
    """
    categories = {
        column: category for column, head in heads.items() if (category := head_category(without_thousand(head)))
    }
    fields = {column: _field(head) for column, head in heads.items() if column not in categories}
    fields = _told_by_cells(fields, below)
    bounds = {column: bound for column, field in fields.items() if (bound := _bound(heads, below, column, field))}
    fields = {column: field for column, field in fields.items() if column not in bounds}
    known = [(_FIELDS[field], column) for column, field in fields.items() if field in _FIELDS]
    if sum(field == PLACE for field, _ in known) > 1:  # its name and its code
        known = [one for one in known if one[0] != PLACE or _CODES.isdisjoint(key(heads[one[1]]).split())]
    known = [*_with_bounds(heads, known), *((bound, column) for column, bound in bounds.items())]
    columns = dict(reversed(known))
    once = [field for field, _ in known if field != RATE]
    twice = len({*once}) < len(once) or len({*categories.values()}) < len(categories)
    if twice or not _BILLED.isdisjoint(fields.values()):
        return {}, {}
    return columns, categories if len(categories) >= _LEAST_CATEGORIES and RATE not in columns else {}


def with_places(heads: Mapping[int, str], rows: Sequence[Mapping[int, str]]) -> Mapping[int, str]:
    """Add to the heads that of a column before them, which stands empty over places alone."""
    column = min(heads, default=0) - 1
    filled = [{at: text for at, text in row.items() if text.strip()} for row in rows]
    texts = [row[column] for row in filled if column in row and len(row) > 1]
    places = column >= 0 and _all(lambda text: any(place_named(text, prefer_country=False) or ()), texts)
    return {column: "country", **heads} if places else heads


def place_columns(heads: Mapping[int, str], columns: Mapping[str, int]) -> dict[int, str]:
    """Give the market of each column that holds the prices of one, beside a column of categories."""
    others = {column: head for column, head in heads.items() if column not in columns.values()}
    named = {column: place for column, head in others.items() if (place := place_named(head, prefer_country=False))}
    whole = CATEGORY in columns and not {PLACE, RATE} & columns.keys() and len(named) == len(others)
    found = {column: place[0] or place[1] for column, place in named.items()} if whole else {}
    return found if len({*found.values()}) == len(found) > 1 else {}


def are_prices(heads: Sequence[str]) -> bool:
    """Tell heads that by themselves are those of a price list: of places, of prices, and of their first day."""
    columns, categories = list_columns(dict(enumerate(heads)), {})
    return columns.keys() >= {PLACE, FROM} and bool(categories or columns.keys() >= {CATEGORY, RATE})


def is_long(columns: Mapping[str, int], titles: Sequence[str]) -> bool:
    """Tell a list with a row for each price: of a place and a category, either of which the titles may say of all.

    Where they say the category, the rows are its tiers.
    """
    titled = any(map(speaks_of_prices, titles))
    named = CATEGORY in columns or (columns.keys() & {TIER, TIER_FROM} and category_above(titles))
    return bool((PLACE in columns or titled) and RATE in columns and named)


def mark_up_head(heads: Mapping[int, str], below: Below) -> str:
    """Give the head of what is added to Meta's prices in percent, in a table of no prices; empty if it is none."""
    columns, categories = list_columns(heads, below)
    if categories or RATE in columns or not columns.keys() & {PLACE, CATEGORY}:
        return ""
    words = lists("mark_ups")["words"]
    named = (column for column, head in heads.items() if any(f" {word} " in f" {key(head)} " for word in words))
    return next((heads[column] for column in named if _all(_PERCENT, below.get(column, ()))), "")


def category_above(titles: Sequence[str]) -> str:
    """Give the category that the title nearest to the heads is, or else that those of prices name; empty if none."""
    nearest = category_of(titles[-1]) if titles else ""
    named = {said for title in filter(speaks_of_prices, titles) if (said := described(title).category)}
    return nearest or (named.pop() if len(named) == 1 else "")


def category_of(text: str) -> str:
    """Give the category that a text is the words of; empty if it is none."""
    meaning = category_meaning(text)
    return meaning.category if meaning else ""


def _field(head: str) -> str:
    """Give what a head most likely means; `De` alone, which other heads have between their words, begins something.

    So does what says no more than that prices hold: `Vigencia`, `Effective date`.
    """
    return "period_start" if plain_words(head) == "de" or VALID.fullmatch(head.strip()) else likeliest_field(head)


def _told_by_cells(fields: Mapping[int, str], below: Below) -> dict[int, str]:
    """Take volumes that are tiers in words for these, and words that are all of categories for their column.

    Amounts beside a first day that are all as small as prices are prices: `Meta fee`, `Platform fee`. Telephones are
    no places, whatever their head: they are whom each message of a bill or a log went to.
    """
    found = {}
    dated = "period_start" in fields.values() and "quantity" not in fields.values()
    for column, field in fields.items():
        texts = below.get(column, ())
        tiers, phones = (
            field == "quantity" and are_tiers(texts),
            _FIELDS.get(field) == PLACE and _all(_PHONE, texts),
        )
        priced = dated and field == "amount" and _all(SMALL_RATE, texts)
        found[column] = "tier" if tiers else "" if phones else "unit_rate" if priced else field
    if "category" in found.values():
        return found
    return {
        column: "category" if field in _SAYING and _all(category_of, below.get(column, ())) else field
        for column, field in found.items()
    }


def _all(test: Callable[[str], object], texts: Iterable[str]) -> bool:
    filled = [text for text in texts if text.strip()]
    return bool(filled) and all(map(test, filled))


def _bound(heads: Mapping[int, str], below: Below, column: int, field: str) -> str:
    """Tell a column of bounds of tiers by its head, or one of first or last days that holds mere counts; else empty."""
    bare = _BOUNDS.get(_FIELDS.get(field, ""), "")
    return bound_of(heads[column]) or (bare if are_counts(below.get(column, ())) else "")


def _with_bounds(heads: Mapping[int, str], known: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Take a bare `From` and `To` for the bounds of tiers, where another head is that of the first day."""
    firsts = [column for field, column in known if field == FROM]
    bare = {column for _, column in known if len(key(heads[column]).split()) <= 1}
    if len(firsts) == 1 or bare.isdisjoint(firsts):
        return [*known]
    return [(_BOUNDS.get(field, field) if column in bare else field, column) for field, column in known]


def price_heads(heads: Mapping[int, str]) -> Mapping[int, str]:
    """Give the heads of prices of whatever a row names, by their columns."""
    return {column: head for column, head in heads.items() if likeliest_field(head) in {"unit_rate", "amount"}}


def metas_and_own(prices: Mapping[int, str]) -> tuple[int, ...]:
    """Give the column of Meta's own prices, and that of whoever bills them, among heads of prices; none of others."""
    layers = {column: described(head).layer for column, head in prices.items()}
    metas = [column for column, layer in layers.items() if layer == Layer.META]
    own = [column for column, layer in layers.items() if not layer]
    return (*metas, *own) if len(metas) == len(own) == 1 and len(layers) == len(metas) + len(own) else ()
