"""The causes, and what one was in one line, in words: a sentence of the catalogue with the figures of the replay."""

from collections.abc import Callable
from collections.abc import Mapping
from datetime import date

from auditor.core.day_words import day_words
from auditor.core.money import plain
from auditor.core.results import Support
from auditor.core.tables import Category

_CATEGORIES = frozenset(category.word for category in Category)
SINCE, UNTIL, ON = "since", "until", "on"  # days of the period, and what they limit
_PLACES = frozenset({"market", "country", "scope"})
_DAYS = frozenset({"day", "first", "last"})

# Steps of the bridge come in this order, rounding and the unexplained rest last.
ORDER = (
    "month_cut", "market", "rate_card", "card_currency", "free_allowance", "free_entry_point", "window_utility",
    "undelivered_billed", "duplicate_billed", "unit", "category", "authentication_international", "tier", "mark_up",
    "fx", "tax_included", "provider_fee", "log_gap", "quantity", "rate", "duplicate_line", "missing_line",
    "unexpected_line", "rounding", "unexplained",
)  # fmt: skip
# The causes that one sentence says, and those that a sentence for each kind says.
PLAIN = frozenset({
    "month_cut", "market", "card_currency", "category", "tax_included", "provider_fee", "duplicate_line", "quantity",
    "rate", "log_gap",
})  # fmt: skip
KINDS: Mapping[str, frozenset[str]] = {
    "month_cut": frozenset({"period", "sent"}),
    "market": frozenset({"every", "table", "stated"}),
    "rate_card": frozenset({"previous", "next", "lowest", "every"}),
    "card_currency": frozenset({"implied"}),
    "free_allowance": frozenset({
        "none", "size", "waba", "number", "together", "calendar", "earlier", "entry_points", "initiated", "last",
        "service",
    }),
    "free_entry_point": frozenset({"none", "charged", "opener", "hours", "referral"}),
    "window_utility": frozenset({"charged", "free", "first", "template"}),
    "undelivered_billed": frozenset({"failed", "sent", "all"}),
    "duplicate_billed": frozenset({"again", "all", "apart", "once", "day", "days", "read", "template"}),
    "unit": frozenset({"message", "template", "conversation"}),
    "category": frozenset({"swapped", "template"}),
    "authentication_international": frozenset({
        "none", "all", "named", "named_home", "listed", "early", "home",
    }),
    "tier": frozenset({"none", "waba", "opening", "first", "reached"}),
    "mark_up": frozenset({
        "none", "no_plus", "no_factor", "plus_first", "twice", "implied", "factor", "factor_alone", "factor_plus",
        "plus", "sum",
    }),
    "fx": frozenset({
        "daily", "month_average", "document_date", "previous_day", "next_day", "period_end", "month_end",
        "period_start", "month_before", "days_before", "days_after", "on_day", "none", "implied",
    }),
    "tax_included": frozenset({"outside"}),
    "provider_fee": frozenset({"shared", "unit", "unit_taxed"}),
    "rounding": frozenset({
        "unit", "unit_down", "unit_up", "bare", "listed", "listed_down", "listed_up", "day",
    }),
    "quantity": frozenset({"units", "unlogged"}),
    "rate": frozenset({"product"}),
    "duplicate_line": frozenset({"overlap"}),
}  # fmt: skip


def cause_sentence(cause: str, values: Mapping[str, str], say: Callable[..., str], market: Callable[[str], str]) -> str:
    """Say what a cause means and, where there are figures, what it was and which part of the invoice it concerns.

    `say` gives a text of the catalogue with its places filled, `market` the name of a market as people say it.
    """
    kind = values.get("card") or values.get("kind") or ""
    if cause == "rate":  # its meaning as a whole is one thing or the other
        said = [say(f"domain.cause_meaning.rate_{'product' if kind == 'product' else 'stated'}")]
    elif cause == "quantity" and kind:
        said = [say("domain.cause_meaning.quantity_units")]
    else:
        said = [say(f"domain.cause_meaning.{cause}")]
    shown = {name: _named(name, value, say, market) for name, value in values.items()}
    if kind in KINDS.get(cause, ()):
        said.append(say(f"domain.cause_figures.{cause}_{kind}", **shown))
    elif cause in PLAIN and values:
        said.append(say(f"domain.cause_figures.{cause}", **shown))
    if "scope" in values:
        said.append(say("domain.cause_figures.scope", scope=shown["scope"]))
    said += [
        say(f"domain.cause_figures.{name}", day=day_words(date.fromisoformat(values[name]), say))
        for name in (SINCE, UNTIL)
        if name in values
    ]
    return " ".join(said)


def support_sentence(support: Support, say: Callable[..., str]) -> str:
    """Say what speaks for a cause that is only possible, and what against it; `say` is as in `cause_sentence`.

    Where all speaks for it, also why it is not found.
    """
    said = []
    if support.beside:
        names = (say(f"domain.cause.{cause}") for cause in support.beside)
        said.append(say("domain.support.beside", causes=", ".join(names)))
    share = plain(support.share * 100)
    said.append(say("domain.support.lines", exact=f"{support.exact:,}", off=f"{support.off:,}", share=share))
    way = "against" if support.against else "unopposed"
    said.append(say(f"domain.support.{way}", against=f"{support.against:,}"))
    if support.share == 1 and not support.against:
        said.append(say("domain.support.undecided"))
    return " ".join(said)


def _named(name: str, value: str, say: Callable[..., str], market: Callable[[str], str]) -> str:
    if value in _CATEGORIES:
        return say(f"domain.category.{value}")
    if name in _DAYS:
        return day_words(date.fromisoformat(value), say)
    return market(value) if name in _PLACES else value
