"""All other ways to read the rules that a log and a contract allow.

Only readings that the log can tell from the rules are offered: where nothing was undelivered, nothing undelivered was
billed.
"""

from auditor.core.causes.cards import other_cards
from auditor.core.causes.categories import categories_mistaken
from auditor.core.causes.categories import categories_mistaken_in_place
from auditor.core.causes.labels import international_mistaken
from auditor.core.causes.labels import markets_all_alike
from auditor.core.causes.labels import markets_mistaken
from auditor.core.causes.prices import fees_inside
from auditor.core.causes.prices import other_currencies
from auditor.core.causes.prices import other_exchange
from auditor.core.causes.prices import other_mark_ups
from auditor.core.causes.prices import other_tiers
from auditor.core.causes.prices import taxes_inside
from auditor.core.causes.prices import units_rounded
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Reading
from auditor.core.causes.templates import templates_mistaken
from auditor.core.causes.units import duplicates_billed
from auditor.core.causes.units import entry_points_charged
from auditor.core.causes.units import month_cuts
from auditor.core.causes.units import other_allowances
from auditor.core.causes.units import other_units
from auditor.core.causes.units import undelivered_billed
from auditor.core.causes.units import window_utility
from auditor.core.causes.whereabouts import market_tables_mistaken
from auditor.core.causes.whereabouts import stated_countries_believed


def readings(facts: Facts) -> list[Reading]:
    """Give the readings that the log and the contract allow, in the order of `ORDER`."""
    makers = (
        month_cuts, markets_mistaken, market_tables_mistaken, markets_all_alike, stated_countries_believed,
        other_cards, other_currencies, other_allowances, entry_points_charged,
        window_utility, undelivered_billed, duplicates_billed, other_units, categories_mistaken,
        categories_mistaken_in_place, templates_mistaken, international_mistaken,
        other_tiers, other_mark_ups, other_exchange, taxes_inside, fees_inside, units_rounded,
    )  # fmt: skip
    return [reading for make in makers for reading in make(facts)]
