"""Markets and countries by their names and codes, in columns and in free text (formats.md §3, §4)."""

import csv
import re
from collections.abc import Collection
from collections.abc import Mapping
from functools import cache
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from auditor.paths import resources
from auditor.readers.values.words import LANGUAGES
from auditor.readers.values.words import exact
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import vocabulary

_REMEMBERED = 1 << 14
_SHORT = 3
_SAID_TWICE = re.compile(r"[/|()\[\]]|\s[-\u2013\u2014]\s|:\s")
_CODE_APART = re.compile(r"[(\[]([A-Z]{2,3})[)\]]|\s[-\u2013|/]\s*([A-Z]{2,3})(?=$|\s[-\u2013|/]\s)")
_WORD = re.compile(r"\w+")
# Codes of countries that on an invoice are rather something else: credit, no, identity, not applicable, inbound.
_OTHER_CODES = frozenset({"CR", "NO", "ID", "NA", "IN", "MM", "ML"})


@cache
def market_names() -> Mapping[str, str]:
    """Give Meta's markets by key, in English and by the vocabulary's other names."""
    names = {key(row["market"]): row["market"] for row in _market_rows()}
    for market, words in lists("markets").items():
        names.update(dict.fromkeys(words, market))
    for phrase, iso in country_names().items():
        same = names.get(key(_english(iso)))
        if same:
            names.setdefault(phrase, same)
    return names


@cache
def country_names() -> Mapping[str, str]:
    """Give ISO 3166-1 codes by the key of the country's name in the languages of the vocabulary."""
    names: dict[str, str] = {}
    codes = {row["iso2"] for row in _market_rows()}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes:
                names.setdefault(key(name), code)
    for row in _market_rows():
        names.setdefault(key(row["country"]), row["iso2"])
    for code, words in lists("countries").items():
        names.update(dict.fromkeys(words, code))
    return names


@cache
def _market_rows() -> tuple[Mapping[str, str], ...]:
    with (resources() / "tariffs" / "markets.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _english(iso: str) -> str:
    return next((row["country"] for row in _market_rows() if row["iso2"] == iso), "")


@cache
def _calling_codes() -> Mapping[str, str]:
    """Give the country of every calling code that only one country has."""
    found: dict[str, set[str]] = {}
    for row in _market_rows():
        for code in row["calling_code"].split("|"):
            found.setdefault(code, set()).add(row["iso2"])
    return {code: next(iter(countries)) for code, countries in found.items() if len(countries) == 1}


@cache
def _of_three_letters() -> Mapping[str, str]:
    """Give the country of every ISO 3166-1 alpha-3 code but the Vatican's, which invoices use for a tax."""
    codes = {row["iso2"] for row in _market_rows()}
    aliases = get_global("territory_aliases")
    found = {alias: new[0] for alias, new in aliases.items() if len(alias) == 3 and alias.isalpha() and len(new) == 1}
    return {alias: code for alias, code in found.items() if code in codes and alias != "VAT"}


@lru_cache(_REMEMBERED)
def place_named(text: str, *, prefer_country: bool) -> tuple[str, str] | None:
    """Give (market, ISO country) of a name, ISO code or calling code, one of them empty; None if not understood.

    Both are empty for "all" or "global". A name that is both goes to the side preferred.
    """
    name, code = key(text), text.strip().upper()
    if text.strip() == "NA":
        # Namibia among country codes; beside market names it could as well be North America.
        return ("", "NA") if prefer_country else None
    if name in lists("everything")["words"]:
        return "", ""
    country = code if len(code) == 2 and code in country_names().values() else country_names().get(name, "")
    if prefer_country and not country:
        country = _of_three_letters().get(text.strip(), "")
    country = country or _calling_codes().get(code.removeprefix("+").removeprefix("00"), "")
    market = market_names().get(name, "")
    if country and (prefer_country or not market):
        return "", country
    if market:
        return market, ""
    # One place said twice: `Perú / Peru`, `MX - Mexico`, `Brazil (+55)`.
    parts = [part for part in _SAID_TWICE.split(text) if key(part)]
    said = {place_named(part.strip(), prefer_country=prefer_country) for part in parts} if len(parts) > 1 else set()
    return next(iter(said)) if len(said) == 1 else None


def market_called(country: str) -> str:
    """Give the market that a country is by itself, by its ISO code; empty if it is only part of one."""
    return market_names().get(key(_english(country)), "")


@cache
def _spoken_names() -> frozenset[str]:
    """Give the names of places that are looked for in free text; two letters or three may be any word."""
    return frozenset(name for name in (*market_names(), *country_names()) if len(name) > 3)


@lru_cache(_REMEMBERED)
def place_in(text: str, *, coded: bool = True) -> tuple[str, str] | None:
    """Find the one market or country named in free text as (market, ISO country); None if there is none, or several.

    A code is one only in brackets, between dashes or behind one at the end (`Marketing (UK)`, `Utility - PER`), and if
    `coded`; a short name (`USA`, `UAE`, `UK`) is one only in capitals.
    """
    spaced = f" {key(text)} "
    found = sorted((name for name in _spoken_names() if f" {name} " in spaced), key=len, reverse=True)
    usable = [name for name in found if market_names().get(name) != "Other"]
    if usable:
        countries = _countries(usable, spaced)
        is_country = (place_named(usable[0], prefer_country=True) or ("", ""))[1] in countries
        return None if is_country and len(countries) > 1 else place_named(usable[0], prefer_country=False)
    codes = codes_apart(text) - _OTHER_CODES if coded else frozenset[str]()
    short = frozenset(filter(is_short_name, _WORD.findall(text)))
    places = {place for code in codes | short if any(place := _coded(code))}
    return next(iter(places)) if len(places) == 1 else None


def is_short_name(word: str) -> bool:
    """Tell what people call a country for short, no code of it, in capitals: `USA`, `UAE`, `UK`."""
    return len(word) <= _SHORT and word.isupper() and bool(exact(key(word), "countries"))


def names_places(text: str) -> bool:
    """Tell whether a free text names a market or country, or several."""
    spaced = f" {key(text)} "
    return any(f" {name} " in spaced for name in _spoken_names())


def without_places(text: str) -> str:
    """Give the key of a text without the names of markets and countries: of `Servicio Perú` it is `servicio`."""
    spaced = f" {key(text)} "
    for name in sorted((name for name in _spoken_names() if f" {name} " in spaced), key=len, reverse=True):
        spaced = spaced.replace(f" {name} ", " ")
    return spaced.strip()


def _countries(names: Collection[str], spaced: str) -> frozenset[str]:
    """Give the countries of names, the longest first, that stand in a text apart: no `Guinea` in New Guinea.

    Two are told apart from one; more than two are not looked for, in a text of hundreds of names.
    """
    found: set[str] = set()
    for name in names:
        if f" {name} " in spaced:
            found |= {(place_named(name, prefer_country=True) or ("", ""))[1]} - {""}
            spaced = spaced.replace(f" {name} ", " - ")
        if len(found) > 1:
            break
    return frozenset(found)


def codes_apart(text: str) -> frozenset[str]:
    """Give what stands where a code of a country may: in brackets, between dashes, or behind one at the end."""
    return frozenset(map("".join, _CODE_APART.findall(text)))


def code_at_end(text: str) -> str:
    """Give the code of a country that is a text's last word, empty if none is."""
    last = text.rpartition(" ")[2]
    return last if len(last) == 2 and last.isupper() and last not in _OTHER_CODES and any(_coded(last)) else ""


def are_languages(codes: Collection[str]) -> bool:
    """Tell whether codes at the ends of descriptions are languages: all may be, and some can be no country (`EN`)."""
    return may_be_languages(codes) and any(not any(_coded(code)) for code in codes)


def may_be_languages(codes: Collection[str]) -> bool:
    """Tell whether codes could all be languages of templates; `UK` alone is hardly Ukrainian."""
    return bool({*codes} - {"UK"}) and all(code in vocabulary()["languages"]["codes"] for code in codes)


def _coded(code: str) -> tuple[str, str]:
    return place_named(code, prefer_country=True) or ("", "")
