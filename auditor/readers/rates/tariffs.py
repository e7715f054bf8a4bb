"""What the built-in tariff folder knows by name: Meta's markets and the countries that lie in them."""

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from auditor.paths import resources


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    text = (resources() / "tariffs" / "markets.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def markets() -> Mapping[str, str]:
    """Give the name of every market by its name in small letters."""
    return MappingProxyType({row["market"].casefold(): row["market"] for row in _rows()})


@cache
def countries() -> frozenset[str]:
    """Give the ISO 3166-1 alpha-2 code of every country that has a market."""
    return frozenset(row["iso2"] for row in _rows())
