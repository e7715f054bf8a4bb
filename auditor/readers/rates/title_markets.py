"""The market that the title of a price list names, where its rows name none (formats.md §5)."""

import re
from collections.abc import Iterable
from itertools import pairwise

from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.places import names_places
from auditor.readers.values.places import place_in
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists

# What stands apart in a title: `Andina Perú – precios`, `Tarifario (México)`.
_APART = re.compile(r"\s[-\u2013\u2014]\s|[|:;,()\[\]]")
# No title is longer, and of a longer text nobody can say what its places are of.
_LONGEST = 500


def speaks_of_prices(title: str) -> bool:
    """Tell whether a title says that prices stand below it."""
    return holds(f" {key(title)} ", "price_lists", "titles")


def titled_markets(titles: Iterable[str]) -> tuple[frozenset[str], str]:
    """Give the markets that titles of prices name, and the first title that names a place but does not say whose.

    A place may be that of the prices or part of a name: `Tarifas Perú` is, `Andina Perú – precios` may be either.
    """
    markets: set[str] = set()
    for title in filter(speaks_of_prices, titles):
        if len(title) > _LONGEST and names_places(title):
            return frozenset(), title
        for part in filter(names_places, _APART.split(title)):
            market, _ = place_in(part, coded=False) or ("", "")
            if not market or _may_be_a_name(part):
                return frozenset(), title
            markets.add(market)
    return frozenset(markets), ""


def _may_be_a_name(part: str) -> bool:
    """Tell a part of a title in which a word that is none of prices stands before the place, or in which none is."""
    words = part.split()
    others = [word for word in words if not _is_known(word)]
    before = [word for word, after in pairwise(words) if word in others and names_places(after)]
    strange = before if speaks_of_prices(part) else others
    legal = f" {key(part)} "
    return holds(legal, "price_lists", "companies") or any(word[0].isupper() for word in strange)


def _is_known(word: str) -> bool:
    """Tell a word of places, prices or what is sent, and a year."""
    plain = key(word)
    said = plain in lists("category_filler")["words"] or plain in lists("price_lists")["beside"] or plain.isdecimal()
    priced = speaks_of_prices(word) or bool(text_currency(word)) or category_meaning(word) is not None
    return not plain or said or priced or names_places(word)
