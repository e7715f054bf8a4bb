"""What each business number was expected to cost (R), to be passed on to whoever bears it (formats.md §7)."""

from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Page
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.facts import Facts
from auditor.core.report.facts import month


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
    names = {number.id: number.name for waba in facts.account.wabas for number in waba.numbers}
    rows = [
        (
            text(share.cost_centre or say("r.no_cost_centre"), wrap=True),
            text(facts.waba(share.waba_id), wrap=True),
            text(facts.phone(share.number)),
            text(names.get(share.number, ""), wrap=True),
            Entry(Kind.PERIOD, month(share.period)),
            count(units),
            Entry(Kind.EXACT, amount, currency=facts.currency),
        )
        for share, (units, amount) in facts.shares.items()
    ]
    page = facts.page("R")
    page.table("T_R", BODY, columns, rows, say("none"), say("total"))
    return page
