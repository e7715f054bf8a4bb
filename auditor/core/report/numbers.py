"""What each business number was expected to cost (R), to be passed on to whoever bears it (formats.md §7)."""

from decimal import Decimal
from typing import NamedTuple

from auditor.core.records import Number
from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Page
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.facts import Facts
from auditor.core.report.facts import month

_NOTHING = Decimal(0)


class Share(NamedTuple):
    """What a number's units come to in a month, in the order in which they are listed."""

    cost_centre: str
    waba_id: str
    number: str
    period: str


def numbers_page(facts: Facts) -> Page:
    """Build R: the expected charges by cost centre, number and month, free units among them, in the invoice's currency.

    The allowance that an account's numbers share is with those whose units it made free: the first ones of the month.
    """
    say = facts.say
    columns = (
        Column(say("r.cost_centre"), wrap=True),
        Column(say("r.account"), wrap=True),
        Column(say("r.number")),
        Column(say("r.name"), wrap=True),
        Column(say("r.period"), Kind.PERIOD),
        Column(say("r.quantity"), Kind.COUNT, tick="Σ", summed=True),
        Column(say("r.amount"), Kind.EXACT, say("name.r_amount"), "Σ ⇄", summed=True, currency=facts.currency),
    )
    known = _numbers(facts)
    rows = [
        (
            text(share.cost_centre or say("r.no_cost_centre"), wrap=True),
            text(facts.waba(share.waba_id), wrap=True),
            text(facts.number(share.number)),
            text(known[share.number].name if share.number in known else "", wrap=True),
            Entry(Kind.PERIOD, month(share.period)),
            count(units),
            Entry(Kind.EXACT, amount, currency=facts.currency),
        )
        for share, (units, amount) in shares(facts).items()
    ]
    page = facts.page("R")
    page.table("T_R", BODY, columns, rows, say("none"), say("total"))
    return page


def shares(facts: Facts) -> dict[Share, tuple[int, Decimal]]:
    """Add up the units and the amount of each number and month, those without a cost centre last."""
    known = _numbers(facts)
    sums: dict[Share, tuple[int, Decimal]] = {}
    for cell in facts.result.cells:
        number = known.get(cell.phone_number_id)
        share = Share(number.cost_centre if number else "", cell.waba_id, cell.phone_number_id, cell.period)
        units, amount = sums.get(share, (0, _NOTHING))
        sums[share] = (units + cell.quantity, amount + (facts.totals.converted(cell) or _NOTHING))
    order = sorted(sums, key=lambda share: (not share.cost_centre, share))
    return {share: sums[share] for share in order}


def _numbers(facts: Facts) -> dict[str, Number]:
    return {number.id: number for waba in facts.account.wabas for number in waba.numbers}
