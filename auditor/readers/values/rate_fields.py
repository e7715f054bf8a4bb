"""What a person may state that columns of a rate card, or of a table of exchange rates, mean (formats.md §5, §7)."""

from auditor.core.tables import Category

_OF = "rate_"
CATEGORY_RATES = {f"{_OF}{category.word}": category.word for category in Category}
"""The fields of columns that hold the prices of one category each."""
CARD_FIELDS = (
    "effective_from", "effective_to", "currency", "market", "category", "tier", "tier_from", "tier_to", "rate",
    *CATEGORY_RATES, "factor", "plus", "basis", "source",
)  # fmt: skip
SIDES = {"buy": "rate_buy", "sell": "rate_sell"}
"""The fields of columns with what is paid for a currency and what is asked for it."""
FX_FIELDS = ("day", "source_currency", "target_currency", "rate", *SIDES.values(), "source")
NUMBERS = frozenset({"rate", *CATEGORY_RATES, *SIDES.values(), "factor", "plus", "tier_from", "tier_to"})
DATES = frozenset({"effective_from", "effective_to", "day"})
