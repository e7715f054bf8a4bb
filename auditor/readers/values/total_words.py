"""What the words of totals mean: of subtotals, sums of a tax, balances, and rows that are no lines (formats.md §4)."""

from collections.abc import Sequence
from functools import lru_cache

from auditor.readers.values.currency_words import without_signs
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import BRACKETS
from auditor.readers.values.vocabulary import REMEMBERED
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.words import exact
from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import padded

_WORDS_OF_A_BALANCE = 5


@lru_cache(REMEMBERED)
def total_kind(label: str) -> str:
    """Tell a total's label, perhaps in two languages: `total`, `subtotal`, or nothing if it is no such label."""
    spoken = {total_kind(one) for one in label.split(" / ")} if " / " in label else {""}
    if spoken in ({"total"}, {"subtotal"}):
        return spoken.pop()
    text = key(without_signs(label))
    bare = key(without_signs(BRACKETS.sub(" ", label)))
    words = text.split()
    of_document = words and exact(words[-1], "heads") == "document"  # `Valor total da fatura`
    for kind in ("subtotal", "total"):
        if not {text, bare, " ".join(words[:-1]) if of_document else text}.isdisjoint(lists("totals")[kind]):
            return kind
    if "subtotal" in (*words[:1], *words[-1:]) or words[:2] == ["sub", "total"]:
        return "subtotal"
    if words[:1] == ["total"] or words[:2] in (["gran", "total"], ["grand", "total"], ["suma", "total"]):
        rest = " ".join(words[1:])
        return "subtotal" if rest and _divides(rest) else "total"
    of = [" ".join(rest) for edge, rest in ((words[:1], words[1:]), (words[-1:], words[:-1])) if _is_sum(edge) and rest]
    return "subtotal" if any(map(_divides, of)) else ""


def says_tax_inside(text: str) -> bool:
    """Tell words that say that the amounts hold the tax, of no total: `Los precios incluyen IGV`."""
    if total_kind(text.partition(":")[0]):
        return False
    before, _, last = key(text).rpartition(" ")
    if last in lists("inner_taxes")["words"] and is_tax(before):
        return True  # `IVA 16% incluido`
    spaced = f" {key(text)} "
    negations = padded("tax_inside")["not"]
    return any(
        phrase in spaced and not spaced.partition(phrase)[0].endswith(tuple(one.rstrip() for one in negations))
        for phrase in padded("tax_inside")["words"]
    )


def is_tax(text: str) -> bool:
    """Tell words that are no more than a tax with its rate: `IGV 18%`."""
    return exact(" ".join(word for word in key(text).split() if not word.isdecimal()), "layers") == "tax"


def is_brought_forward(label: str) -> bool:
    """Tell the label of what the pages before came to: `Vienen`."""
    return key(without_signs(label)) in lists("brought_forward")["words"]


def sums_tax(label: str) -> bool:
    """Tell the label of the sum of a tax: `Total IVA`, not that of what holds it."""
    first, _, rest = key(BRACKETS.sub(" ", label)).partition(" ")
    return _is_sum([first]) and exact(rest.rstrip(" 0123456789"), "heads") == "tax_amount"


def sums_credits(label: str) -> bool:
    """Tell the label of the sum of what was taken off already: `Total descuentos`."""
    first, _, rest = key(BRACKETS.sub(" ", label)).partition(" ")
    return _is_sum([first]) and rest in lists("credit_heads")["sure"]


def tells_total(text: str) -> bool:
    """Tell a sentence that names what is to be paid in two words or more: `el importe total es ...`."""
    spaced = f" {key(text)} "
    return any(phrase in spaced for phrase in padded("totals")["total"] if " " in phrase.strip())


def _is_sum(words: Sequence[str]) -> bool:
    """Tell the word of a sum that stands before or behind what is summed: `Suma Perú`, `Peru Total`."""
    return bool(words) and words[0] in lists("sums_of")["words"]


def _divides(name: str) -> bool:
    """Tell whether a name is that of a category or a place."""
    return bool(category_meaning(name) or place_named(name, prefer_country=False))


def is_rounding(text: str) -> bool:
    """Tell whether a text names what a total was rounded by."""
    return holds(f" {key(text)} ", "rounding", "words")


def is_no_line(label: str) -> bool:
    """Tell whether a row's label names something with a number that is no charge, such as an exchange rate."""
    return f" {key(label)} ".startswith(padded("not_lines")["words"])


def balance_named(label: str) -> str:
    """Tell the label of what an account held, perhaps with its name: `opening`, `closing`, or nothing."""
    text = key(without_signs(BRACKETS.sub(" ", label)))
    found = exact(text, "balances")
    words = text.split()
    if found or not 2 < len(words) <= _WORDS_OF_A_BALANCE:
        return found
    return exact(f"{words[0]} {words[-1]}", "balances") or exact(f"{words[0]} {words[1]}", "balances")
