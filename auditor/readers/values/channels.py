"""Of which channel the words of an invoice are: platforms bill SMS and e-mail beside WhatsApp, in its words (§3)."""

from functools import cache
from functools import lru_cache

from auditor.readers.values.words import holds
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import padded

WHATSAPP, ELSEWHERE = "whatsapp", "other"
_REMEMBERED = 1 << 16


@lru_cache(_REMEMBERED)
def channel_named(text: str) -> str:
    """Tell whether a text names WhatsApp, whatever else it names, or another channel alone; empty if none."""
    named = key(text)
    if _first_words().isdisjoint(named.split()):  # as in most lines, each of which may have words of its own
        return ""
    spaced = f" {named} "
    return next((name for name in (WHATSAPP, ELSEWHERE) if holds(spaced, "channels", name)), "")


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase.split()[0] for name in (WHATSAPP, ELSEWHERE) for phrase in lists("channels")[name])


@lru_cache(_REMEMBERED)
def channel_headed(text: str) -> str:
    """Give the channel that a text names if it says nothing else, as a heading does: `Canal SMS`."""
    named, spaced = channel_named(text), f" {key(text)} "
    for phrase in padded("channels")[named] if named else ():
        spaced = spaced.replace(phrase, " ")
    said = {*lists("category_filler")["words"], *lists("channels")["around"]}
    return named if said.issuperset(spaced.split()) else ""
