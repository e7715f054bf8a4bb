"""Units taken as another category before they are counted and priced: a replay under another reading.

What a biller bills under another category he also counts there, in its volume tiers (pricing.md §7).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from auditor.core.alike import taken
from auditor.core.tables import NEVER
from auditor.core.tables import Category
from auditor.core.tables import PricingType
from auditor.core.threads import Folded
from auditor.core.windows import Geography
from auditor.core.windows import Units


def taken_as(units: Units, pairs: Sequence[tuple[Category, Category]], folded: Folded, where: Geography) -> Units:
    """Give the units with the charged ones of each first category under the second; at home and abroad alike."""
    category, charged = units.category.copy(), units.pricing_type == PricingType.REGULAR
    abroad = _abroad(units, folded, where)
    for source, target in pairs:
        own = charged & (units.category == source)
        if source == Category.AUTHENTICATION:
            own |= charged & (units.category == Category.AUTHENTICATION_INTERNATIONAL)
        category[own] = target
        if target == Category.AUTHENTICATION:
            category[own & abroad] = Category.AUTHENTICATION_INTERNATIONAL
    return replace(units, category=category)


def _abroad(units: Units, folded: Folded, where: Geography) -> npt.NDArray[np.bool_]:
    """Tell for which units authentication would be international (pricing.md §4.5)."""
    start = where.abroad_from[taken(folded.waba, units.opener), units.place]
    known = (units.place >= 0) & (start != NEVER)
    return np.asarray(known & (folded.billed[units.opener] >= start))
