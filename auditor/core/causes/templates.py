"""Readings that bill one template as another category, or twice, and leave the others of its own alone.

Every template is counted apart once; what it would come to elsewhere is worked out from these counts. Only where that
is promising is the log charged again with the template sent as the other category: windows and tiers may then differ.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from math import log2

import numpy as np
import numpy.typing as npt

from auditor.core.causes.edits import in_no_window
from auditor.core.causes.edits import recategorised
from auditor.core.causes.labels import in_force
from auditor.core.causes.reading import CHARGED
from auditor.core.causes.reading import RARE
from auditor.core.causes.reading import REGULAR
from auditor.core.causes.reading import Facts
from auditor.core.causes.reading import Part
from auditor.core.causes.reading import Reading
from auditor.core.causes.reading import count_units
from auditor.core.causes.reading import edit_log
from auditor.core.causes.reading import relabel
from auditor.core.causes.replay import Bools
from auditor.core.causes.unit_counts import twice_in
from auditor.core.causes.view import Billed
from auditor.core.causes.view import both_as
from auditor.core.results import Cell
from auditor.core.tables import Category
from auditor.core.tables import PricingType

MOST = 40  # templates that are tried, the most used first
_IN_WINDOW = PricingType.FREE_CUSTOMER_SERVICE.word
_TARGETS = {one.word: one for one in (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION)}
_OTHERS = {Category.AUTHENTICATION_INTERNATIONAL.word: Category.AUTHENTICATION.word}


def templates_mistaken(facts: Facts) -> Iterator[Reading]:
    """Bill one template twice, as another category, or in the window where it is free, where it is one of several."""
    names, of_row = facts.log.templates()
    counted, targets = _by_template(facts, of_row), _targets(facts)
    for place, cells in counted.items() if len(counted) > 1 else ():
        sources = {_category(cell) for cell in cells}
        bits = RARE + log2(len(counted))
        values, again = {"kind": "template", "template": names[place]}, count_units(partial(twice_in, of_row == place))
        counted_again = Reading("duplicate_billed", f"{names[place]!r}, counted", values, bits + 1, again, whole=True)
        leads = (counted_again,)
        yield Reading(
            "duplicate_billed", repr(names[place]), values, bits + 1, whole=True, part=Part(place, _all), leads=leads
        )
        if any(map(_is_in_window, cells)):
            yield _charged_in_window(names[place], place, of_row == place, bits)
        for source in sorted(sources & set(_TARGETS)):
            part = Part(place, partial(_is_of, source))
            for target in sorted(targets - {source}):
                values = {"from": source, "to": target, "kind": "template", "template": names[place]}
                name = f"{source} as {target} {names[place]!r}"
                sent = tuple(_sent_as(name, values, of_row == place, bits))
                moved = relabel(partial(_as_category, target))
                yield Reading("category", name, values, bits, view=moved, whole=True, part=part, leads=sent)
                if source == Category.UTILITY.word and any(map(_is_in_window, cells)):
                    kept = relabel(partial(_charged_as_category, target))
                    yield Reading("category", f"{name}, charged", values, bits, view=kept, whole=True, part=part)


def _charged_in_window(name: str, place: int, rows: Bools, bits: float) -> Reading:
    values = {"kind": "template", "template": name}
    edit = edit_log(partial(in_no_window, rows=rows))
    leads = (Reading("window_utility", f"{name!r}, sent", values, bits, edit),)
    charged = relabel(partial(both_as, pricing_type=REGULAR))
    return Reading(
        "window_utility", repr(name), values, bits, view=charged, part=Part(place, _is_in_window), leads=leads
    )


def _sent_as(name: str, values: Mapping[str, str], rows: Bools, bits: float) -> Iterator[Reading]:
    """Send a template as another category; among what is free of service it would vanish, which fits any few units."""
    if values["to"] in _TARGETS:
        edit = partial(recategorised, pairs={_TARGETS[values["from"]]: _TARGETS[values["to"]]}, rows=rows)
        yield Reading("category", f"{name}, sent", values, bits + 1, edit_log(edit), whole=True)


def _targets(facts: Facts) -> AbstractSet[str]:
    """Name what templates may be billed as: also service, where that is charged."""
    charged = any(not one.free_service for one in facts.terms.regimes if one.id in facts.regimes)
    listed = any(row.category == Category.SERVICE.word for row in in_force(facts))
    return {*_TARGETS, *([Category.SERVICE.word] if charged and listed else [])}


def _all(_: Cell) -> bool:
    return True


def _category(cell: Cell) -> str:
    return _OTHERS.get(cell.category, cell.category)


def _is_of(category: str, cell: Cell) -> bool:
    return _category(cell) == category


def _is_in_window(cell: Cell) -> bool:
    return cell.pricing_type == _IN_WINDOW and cell.category == Category.UTILITY.word


def _by_template(facts: Facts, of_row: npt.NDArray[np.int32]) -> dict[int, tuple[Cell, ...]]:
    """Count what is charged or let pass of each template that the log names, for the templates most used."""
    if not np.any(of_row >= 0):
        return {}
    template = of_row[facts.singly().row]
    most = np.argsort(-np.bincount(template[template >= 0]), kind="stable")[:MOST].tolist()
    return {place: cells for place in most if (cells := facts.of_template(place))}


def _charged_as_category(target: str, billed: Billed) -> Billed:
    """Bill a unit as another category where it is charged; what is free in a window stays so."""
    return _as_category(target, billed) if billed.label.pricing_type in CHARGED else billed


def _as_category(target: str, billed: Billed) -> Billed:
    """Bill a unit as another category; only utility is free in a window (pricing.md §5)."""
    kind = billed.label.pricing_type
    if kind == _IN_WINDOW and target != Category.UTILITY.word:
        kind = REGULAR
    change = partial(replace, category=target, pricing_type=kind)
    label = change(billed.label)
    return Billed(label, label if billed.priced is billed.label else change(billed.priced))
