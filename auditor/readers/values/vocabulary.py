"""What the words of an invoice mean: heads, categories, layers (formats.md §3, §4).

Currencies are in `currency_words.py`, places in `places.py`, totals in `total_words.py`.
"""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cache
from functools import lru_cache

from auditor.core.records import Layer
from auditor.core.tables import Category
from auditor.language import currencies
from auditor.readers.values.currency_words import text_currency
from auditor.readers.values.currency_words import without_signs
from auditor.readers.values.words import exact
from auditor.readers.values.words import find_phrase
from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import padded
from auditor.readers.values.words import phrases_within

EXACT = 100.0
MONEY = ("amount", "unit_rate", "tax_amount", "tax_amount_2", "tax_amount_3")
"""The fields that are amounts of money."""
# Stands for a word that no phrase has, and is found in none.
_NO_WORD = "-"
REMEMBERED = 1 << 16
"""How many texts are remembered with what they mean."""
_LEAST_COVER = 0.5
_RANK, _WITHIN = 0.1, 0.8
_WORDS_OF_A_FIGURE = 6
_OF_TEMPLATES = frozenset({"marketing", "utility", "authentication", "authentication_international"})
_LAYERS = ("tax", "top_up", "credit", "subscription", "provider_fee")
_LAYERS_BESIDE_CATEGORY = ("provider_fee", "credit")
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
"""What stands in brackets, with them."""
_NUMBERING = re.compile(r"^\s*[0-9]+(?:\.[0-9]+)*[.)]?\s+")
_WORDS_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Between the names of an object and of what is in it: `prices.marketing`.
_DOT_WITHIN = re.compile(r"(?<=[a-z]{3})[.](?=[a-z]{3})", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_PARTS = re.compile(r"\s[-\u2013\u2014|/]\s")
# What all words for that category begin with.
_SERVICE = "servi"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text says a line is: any part may be empty, for it says nothing of it."""

    category: str = ""
    pricing_type: str = ""
    layer: str = ""


@lru_cache(REMEMBERED)
def head_scores(head: str) -> Mapping[str, float]:
    """Score what a column's head may mean: 100 for the very word, less for a word within it, 0 is left out."""
    if says_nothing(head):
        return {}
    head = _without_path(head)
    heads = {head, BRACKETS.sub(" ", head), _WORDS_JOINED.sub(" ", head)}
    texts = {key(without_signs(one)) for one in heads} - {""}
    untaxed = {rest for text in texts if (rest := _without(text, "without_tax"))}
    texts |= {rest for text in texts for rest in (_summed(text), _without(text, "this_time")) if rest} | untaxed
    found: dict[str, float] = {}
    for name, rank, cover in (one for text in texts for one in phrases_within(text, "heads")):
        score = EXACT - rank * _RANK if cover == 1 else (EXACT - rank * _RANK) * cover * _WITHIN
        if cover >= _LEAST_COVER:
            found[name] = max(score, found.get(name, 0.0))
    scores = {name: found[name] for name in lists("heads") if name in found}
    if says_of_other_figures(head) or is_of_exchange(head):
        scores = {name: score for name, score in scores.items() if name not in ("amount", "quantity", "unit_rate")}
    if untaxed and scores.get("amount", 0) > scores.get("unit_rate", 0):
        # Beside a column of the same name that does not say so, which may hold the tax. A unit's price is no amount.
        scores["amount"] = EXACT + 1
    if holds(f" {key(head)} ", "estimates", "words"):
        scores = {name: score * _LEAST_COVER for name, score in scores.items()}
    return {} if "tax_amount" in scores and _is_beside_tax(head) else scores


def likeliest_field(head: str) -> str:
    """Give what a column's head most likely means, empty if nothing that we know."""
    scores = head_scores(head)
    return max(scores, key=lambda field: scores[field], default="")


def _summed(text: str) -> str:
    """Give what a pivot table says it sums: `Sum of Cost` is the cost."""
    first, _, rest = text.partition(" ")
    return rest if first in lists("summed")["words"] else ""


def _without(text: str, table: str) -> str:
    """Give a head without words that say no more of its figures than is always meant; empty if it has none of them.

    So `Cost this month` is the cost, and so is `Cost excl. VAT`.
    """
    spaced = f" {text} "
    for phrase in padded(table)["words"]:
        spaced = spaced.replace(phrase, " ")
    return spaced.strip() if spaced.strip() != text else ""


def _without_path(head: str) -> str:
    """Give the head of a line's column without the name of the lines before it: `Invoice lines/Quantity`."""
    first, _, rest = head.partition("/")
    return rest.partition("/")[0].strip() if rest and key(first) in lists("paths")["words"] else head


def says_of_other_figures(head: str) -> bool:
    """Tell the head of a share of the whole, and of figures of another time, of a plan, or of both together."""
    return _is_share(head) or holds(f" {key(head)} ", "elsewhen", "words")


def _is_share(head: str) -> bool:
    """Tell the head of what a figure is of the whole: `% of total`, `Share`."""
    return ("%" in head and not _DIGIT.search(head)) or holds(f" {key(head)} ", "shares", "words")


def says_nothing(head: str) -> bool:
    """Tell a head that a spreadsheet program gave the column by itself: `Row Labels`."""
    return key(head) in lists("no_heads")["words"]


def _is_beside_tax(head: str) -> bool:
    """Tell the head of a tax's rate (`Tipo IVA`, `% IVA`), or of what is kept back of it, from that of the tax."""
    spaced = f" {key(_WORDS_JOINED.sub(' ', head))} "
    return ("%" in head and not _DIGIT.search(head)) or any(holds(spaced, "not_tax", name) for name in lists("not_tax"))


def is_of_exchange(head: str) -> bool:
    """Tell a head that says no more than that rates of exchange stand below: `T.C.`, `Câmbio`, `Exchange rate`."""
    words = {*key(head).split()}
    return words <= {*lists("fx_heads")["around"]} and not words.isdisjoint(lists("fx_heads")["of_exchange"])


def is_kept_back(text: str) -> bool:
    """Tell words of a tax that the customer keeps back of what he pays: `ISS retido`."""
    return holds(f" {key(text)} ", "not_tax", "kept_back")


def is_no_charge(text: str) -> bool:
    """Tell what stands where an amount would, if nothing is charged: `Incluido`, `Free`."""
    return key(text) in lists("no_charge")["words"]


def holds_tax_by_name(head: str) -> bool:
    """Tell whether the head of amounts says that they hold the tax: `Montant TTC`, `Gross`, but not `Pretax gross`."""
    spaced = f" {key(head)} "
    return holds(spaced, "with_tax", "words") and not holds(spaced, "without_tax", "words")


def names_destination(head: str) -> bool:
    """Tell the head of the place to which messages went."""
    return holds(f" {key(head)} ", "destinations", "words")


def is_added_tax(head: str) -> bool:
    """Tell the head of a tax that is always added to the charge, beside others: `CGST`, `SGST`."""
    return holds(f" {key(head)} ", "added_taxes", "words")


def names_provider(head: str) -> bool:
    """Tell whether the head of amounts names a provider: `Kaleyra charges`."""
    return holds(f" {key(head)} ", "providers", "words")


def names_tax(texts: Sequence[str]) -> bool:
    """Tell whether the head of a column, or each text below it, names a tax."""
    taxed = (any(name == "tax_amount" for name, _, _ in phrases_within(key(text), "heads")) for text in texts)
    return next(taxed) or (len(texts) > 1 and all(taxed))


def counts_credits(head: str) -> bool:
    """Tell whether the head of amounts says that they are a provider's credits and not money."""
    return not text_currency(head) and holds(f" {key(head)} ", "in_credits", "words")


@lru_cache(REMEMBERED)
def head_category(head: str) -> str:
    """Give the category whose figures a column's head announces (`Marketing cost (USD)`); empty if it is none."""
    if described(head).layer in _LAYERS:
        return ""
    bare = _without_filler(key(without_figures(head)))
    return (exact(bare, "categories") or exact(bare, "category_codes")) if bare else ""


@lru_cache(REMEMBERED)
def without_figures(head: str) -> str:
    """Give a head without currencies and the words for amounts, quantities and rates: `Cost Perú (US$)` is `Perú`."""
    named = _DOT_WITHIN.sub(" ", without_signs(head).replace("_", " "))
    stripped = (word.strip("().,:") for word in named.split())
    words, left = [word for word in stripped if key(word)], list[str]()
    while words:
        counts = range(min(len(words), _WORDS_OF_A_FIGURE), 0, -1)
        count = next((count for count in counts if key(" ".join(words[:count])) in _figure_phrases()), 0)
        left += words[: 0 if count else 1]
        words = words[count or 1 :]
    return " ".join(left)


@cache
def _figure_phrases() -> frozenset[str]:
    """Give what the heads of amounts, quantities and rates are called, and words of pivot tables before them."""
    figures = (phrase for name in ("amount", "quantity", "unit_rate") for phrase in lists("heads")[name])
    return frozenset({*figures, *lists("summed")["words"]})


def is_credit_head(text: str, beside: str) -> bool:
    """Tell a head of money given back, beside the head of the amounts.

    `Credits` may be what a provider counts its messages in: it is money where it names a currency, or beside charges.
    """
    said = side_said(text).rstrip(" 0123456789")
    if _is_share(text):
        return False
    if said in lists("credit_heads")["sure"]:
        return True
    charged = not set(key(beside).split()).isdisjoint(lists("credit_heads")["charged"])
    return said in lists("credit_heads")["perhaps"] and (charged or bool(text_currency(text)))


def may_be_credit(text: str) -> bool:
    """Tell a word that is money given back, or a fee: a bare `Abono`."""
    return key(text) in lists("perhaps_credits")["words"]


def side_said(head: str) -> str:
    """Give what a head says but for the currency and that it is an amount: `Credit amount (US$)` is `credit`."""
    plainly = [word for word in key(head).split() if word.upper() not in currencies() and word not in ("us", "s", "r")]
    return " ".join([word for word in plainly if word not in lists("ledger")["amount"]] or plainly)


@lru_cache(REMEMBERED)
def category_meaning(text: str) -> Meaning | None:
    """Tell what a cell of a category column says; None if its words are not understood.

    What explains them in brackets need not be: `Servicio (24 horas)`.
    """
    full = key(text)
    for candidate in (full, *map(_without_filler, (full, key(BRACKETS.sub(" ", text))))):
        category = exact(candidate, "categories") or exact(candidate, "category_codes")
        pricing = exact(candidate, "pricing_types")
        if category or pricing:
            free = "free_entry_point" if category == "referral_conversion" else ""
            return Meaning(category, pricing or free)
    mixed = described(text)
    bare = _without_filler(key(BRACKETS.sub(" ", _NUMBERING.sub("", text))))
    apart = exact(bare, "categories") if mixed.pricing_type else ""
    if mixed.category or mixed.pricing_type:
        return replace(mixed, category=mixed.category or apart)
    layer = exact(full, "layers") or (mixed.layer if mixed.layer != Layer.META else "")
    return Meaning(layer=layer) if layer else None


@lru_cache(REMEMBERED)
def described(text: str) -> Meaning:
    """Tell what free text says a line is; a word that may be anything (service, plan) needs its context.

    Such is a place of its own behind messages or conversations: `Conversaciones WhatsApp - Service - Perú`.
    """
    known = _telling_words()
    found = _described(" ".join([word if word in known else _NO_WORD for word in key(text).split()]))
    if found.category or found.layer != Layer.META or _SERVICE not in key(text):
        return found
    apart = any(exact(key(part), "categories") == Category.SERVICE.word for part in _PARTS.split(text)[1:])
    return replace(found, category=Category.SERVICE.word) if apart else found


@cache
def _telling_words() -> frozenset[str]:
    """Give the words of which the phrases consist that `_described` looks for."""
    tables = (
        *("categories", "category_filler", "pricing_types", "service_phrases", "layers", "reversals", "meta_signs"),
        *("inbound", "units", "tax_inside"),
    )
    return frozenset(
        word for table in tables for words in lists(table).values() for phrase in words for word in phrase.split()
    )


@lru_cache(REMEMBERED)
def _described(full: str) -> Meaning:
    """Tell what a text says whose other words are struck out: so the lines of an invoice are a few texts, not all."""
    category = _category_in(full)
    if category in {"", Category.SERVICE.word} and _is_inbound(full):
        return Meaning(layer=Layer.PROVIDER_FEE.value)
    pricing = find_phrase(full, "pricing_types")
    pricing = "" if pricing == "regular" and not category else pricing
    if category == "referral_conversion":
        pricing = "free_entry_point"
    return Meaning(category, pricing, _layer_in(full, known_category=bool(category)))


def _is_inbound(full: str) -> bool:
    """Tell a message that a customer wrote, on WhatsApp and of no conversation."""
    spaced = f" {full} "
    other = any(holds(spaced, "layers", layer) for layer in (*_LAYERS[:-1], "other"))
    return holds(spaced, "inbound", "words") and not other and find_phrase(full, "units") != "conversation"


def _category_in(text: str) -> str:
    """Find the category of a text; what products are called in which one of its words stands is none."""
    spaced = f" {text} "
    for phrase in padded("products")["words"]:
        spaced = spaced.replace(phrase, f" {_NO_WORD} ")
    text = spaced.strip()
    bare = _without_filler(text)
    whole = exact(text, "categories") or (exact(bare, "categories") if bare else "")
    found = whole or _category_phrase(text)
    if found == Category.SERVICE.word and not whole:
        return found if holds(f" {text} ", "service_phrases", "words") else ""
    return found


def _category_phrase(text: str) -> str:
    """Find a category's words in a text, but for those of `service`, unless nothing else is there.

    Of a text that names two of the categories that templates have, none is told.
    """
    spaced = f" {text} "
    found = [
        (len(phrase.split()), name, phrase)
        for name, words in padded("categories").items()
        for phrase in words
        if phrase in spaced
    ]
    other = [one for one in found if one[1] != Category.SERVICE.word]
    named = set()
    for _, name, phrase in sorted(other, reverse=True):
        if phrase in spaced:
            named.add(name)
            spaced = spaced.replace(phrase, f" {_NO_WORD} ")
    return "" if len(named & _OF_TEMPLATES) > 1 else max(other or found, default=(0, "", ""))[1]


def _layer_in(text: str, *, known_category: bool) -> str:
    """Find the layer a text speaks of; beside a category only fees and credits can make it another than Meta's."""
    order = _LAYERS_BESIDE_CATEGORY if known_category else _LAYERS
    spaced = f" {text} "
    if 1 < _longest(spaced, "meta") >= _longest(spaced, "provider_fee"):
        return Layer.META.value
    for phrase in padded("tax_inside")["words"]:  # `Recharge (incl. GST)` is no tax
        spaced = spaced.replace(phrase, f" {_NO_WORD} ")
    for layer in order:
        if holds(spaced, "layers", layer):
            return layer
    if not known_category and holds(spaced, "reversals", "words"):
        return Layer.CREDIT.value
    if holds(spaced, "meta_signs", "words"):
        return Layer.META.value
    return Layer.OTHER.value if holds(spaced, "layers", "other") else ""


def _longest(spaced: str, layer: str) -> int:
    """Count the words of the longest phrase of a layer in a text: `WhatsApp platform fee` is none of Meta's."""
    return max((len(phrase.split()) for phrase in padded("layers")[layer] if phrase in spaced), default=0)


def _without_filler(text: str) -> str:
    filler = lists("category_filler")["words"]
    return " ".join(word for word in text.split() if word not in filler)


def document_named(text: str) -> str:
    """Give the kind of document that a cell of its column names or codes; empty if its words are not understood."""
    by_code = exact(key(text), "document_codes") or exact(key(text), "document_letters")
    return by_code or find_phrase(key(text), "document_types")


def side_of(text: str) -> str:
    """Tell whether a cell marks a debit or a credit; empty if neither."""
    return exact(key(text), "sides")


def is_plain_line(text: str) -> bool:
    """Tell whether a cell of a layer column says that the line is one like any other: `ITEM`."""
    return key(text) in lists("plain_lines")["words"]


def signs(text: str) -> bool:
    """Tell whether words name who made a summary, or who looked it over: `Elaborado por: ...`."""
    return f" {key(text)} ".startswith(padded("signatures")["words"])


def layer_named(text: str) -> str:
    """Give the layer that a cell of a layer column names; empty if its words are not understood."""
    return exact(key(text), "layers") or find_phrase(key(text), "layers")


@lru_cache(REMEMBERED)
def unit_named(text: str) -> str:
    """Give the unit (`conversation`, `message`, ...) that a text names; empty if none."""
    return find_phrase(key(text), "units")


@lru_cache(REMEMBERED)
def is_counted(word: str) -> bool:
    """Tell whether a word behind a figure says what is counted: `1.050 msgs`, `12 unidades`."""
    return bool(unit_named(word)) or key(word) in lists("counts")["words"]


def title_field(label: str) -> str:
    """Give the fact (`document`, `period`, ...) that the label of a title row announces; empty if none.

    The sign of a number may stand behind it: `Factura de venta No.`.
    """
    text = key(label)
    named, _, last = text.rpartition(" ")
    return exact(text, "titles") or (exact(named, "titles") if last in lists("number_signs")["words"] else "")
