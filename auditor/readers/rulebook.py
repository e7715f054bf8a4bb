"""The built-in rules as the engine takes them: the dated table of regimes and the dated table of markets."""

import csv
import hashlib
import tomllib
from datetime import date
from functools import cache

from auditor.core.markets import MarketRow
from auditor.core.markets import Markets
from auditor.core.regimes import Regime
from auditor.core.regimes import regimes as made
from auditor.paths import resources

_SHARES = "shares +"


@cache
def regimes() -> tuple[Regime, ...]:
    """Give the pricing regimes in order of their first day (pricing.md §2)."""
    text = (resources() / "tariffs" / "regimes.toml").read_text(encoding="utf-8")
    return made(tomllib.loads(text)["regime"])


@cache
def market_table() -> Markets:
    """Give the table of markets. Of countries that share a calling code the one that Meta lists is named first."""
    text = (resources() / "tariffs" / "markets.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    # +1 is listed for two countries; the larger names it, since a number cannot tell them apart.
    rows.sort(key=lambda row: (row["note"].startswith(_SHARES), row["iso2"] != "US"))
    return Markets(
        MarketRow(
            iso2=row["iso2"],
            country=row["country"],
            calling_code=code,
            market=row["market"],
            first=date.fromisoformat(row["valid_from"]),
            last=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in rows
        for code in row["calling_code"].split("|")
    )


@cache
def rules_digest() -> str:
    """Give the SHA-256 of all rules and built-in cards: two programs with the same one charge alike."""
    whole = hashlib.sha256()
    for path in sorted((resources() / "tariffs").rglob("*.*")):
        # Line ends may differ between checkouts of one and the same rule.
        whole.update(path.name.encode() + b"\n" + path.read_bytes().replace(b"\r\n", b"\n"))
    return whole.hexdigest()
