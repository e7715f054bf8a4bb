"""All other ways to read the rules that a log and a contract allow.

Only readings that the log can tell from the rules are offered: where nothing was undelivered, nothing undelivered was
billed.
"""

from auditor.core.explain_labels import categories_mistaken
from auditor.core.explain_labels import international_mistaken
from auditor.core.explain_labels import markets_all_alike
from auditor.core.explain_labels import markets_mistaken
from auditor.core.explain_prices import fees_inside
from auditor.core.explain_prices import other_cards
from auditor.core.explain_prices import other_currencies
from auditor.core.explain_prices import other_exchange
from auditor.core.explain_prices import other_mark_ups
from auditor.core.explain_prices import other_tiers
from auditor.core.explain_prices import taxes_inside
from auditor.core.explain_prices import units_rounded
from auditor.core.explain_reading import Facts
from auditor.core.explain_reading import Reading
from auditor.core.explain_templates import templates_mistaken
from auditor.core.explain_units import duplicates_billed
from auditor.core.explain_units import entry_points_charged
from auditor.core.explain_units import month_cuts
from auditor.core.explain_units import other_allowances
from auditor.core.explain_units import other_units
from auditor.core.explain_units import undelivered_billed
from auditor.core.explain_units import window_utility


def readings(facts: Facts) -> list[Reading]:
    """Give the readings that the log and the contract allow, in the order of `ORDER`."""
    makers = (
        month_cuts, markets_mistaken, markets_all_alike, other_cards, other_currencies, other_allowances,
        entry_points_charged,
        window_utility, undelivered_billed, duplicates_billed, other_units, categories_mistaken, templates_mistaken,
        international_mistaken,
        other_tiers, other_mark_ups, other_exchange, taxes_inside, fees_inside, units_rounded,
    )  # fmt: skip
    return [reading for make in makers for reading in make(facts)]
