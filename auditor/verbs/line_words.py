"""The name of a difference by its key, as the command line, the journal's words and the window all say it."""

from collections.abc import Mapping

from auditor.core.records import Account
from auditor.core.report.facts import catalogue_key
from auditor.language import Language
from auditor.language import catalogue


def line_words(key: str, language: Language, accounts: Mapping[str, str]) -> str:
    """Name a difference: account, month, market, category, pricing type, as far as its key has them.

    `accounts` names the WhatsApp accounts by their ids.
    """
    waba_id, period, market, country, category, pricing_type = (*key.split("|"), *[""] * 6)[:6]
    place = market or country
    parts = (
        accounts.get(waba_id) or waba_id,
        _month(period, language),
        catalogue(language.code).get(f"domain.market.{catalogue_key(place)}", place),
        language.text(f"domain.category.{category}") if category else "",
        language.text(f"domain.pricing_type.{pricing_type}") if pricing_type else "",
    )
    return " · ".join(part for part in parts if part)


def names_of(account: Account) -> dict[str, str]:
    """Give the names of an account's WhatsApp accounts by their ids."""
    return {waba.id: waba.name for waba in account.wabas}


def _month(period: str, language: Language) -> str:
    year, _, month = period.partition("-")
    return f"{language.text(f'domain.month_short.{int(month)}')} {year}" if month else year
