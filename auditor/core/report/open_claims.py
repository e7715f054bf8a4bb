"""The open claims (S): what was disputed and is not credited yet, here or in earlier audits, and when it is due."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from auditor.core.reconcile import Key
from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import Table
from auditor.core.report.cells import at
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.claim_lines import line_name
from auditor.core.report.claim_lines import months_of
from auditor.core.report.facts import Facts
from auditor.core.report.given import ClaimLike

_CURRENCY, _CLAIMED, _OPEN = 3, 4, 6


def claims_page(facts: Facts) -> Page:
    """Build S: the claims by the day they are due, those without a day last, and a total for each currency."""
    say, claims = facts.say, facts.context.claims
    currencies = sorted({claim.currency for claim in claims})
    columns = (
        Column(say("s.period"), wrap=True),
        Column(say("s.line"), wrap=True),
        Column(say("s.origin"), name=say("name.s_origin")),
        Column(say("s.currency"), name=say("name.s_currency")),
        *(Column(say(f"s.{key}"), Kind.MONEY, say(f"name.s_{key}")) for key in ("claimed", "settled", "open")),
        Column(say("s.raised"), Kind.DATE),
        Column(say("s.due"), Kind.DATE),
        Column(say("s.left"), Kind.COUNT),
        Column(say("f.note"), wrap=True),
    )
    page = facts.page("S")
    top = BODY + len(currencies) + bool(currencies)
    today = facts.wall(facts.context.made_at).date()
    order = sorted(claims, key=lambda claim: (claim.due or date.max, claim.period, claim.key))
    rows = [_row(facts, claim, today, row) for row, claim in enumerate(order, top + 1)]
    _totals(facts, page, currencies, page.table("T_S", top, columns, rows, say("none"), say("total")))
    return page


def _totals(facts: Facts, page: Page, currencies: Sequence[str], table: Table) -> None:
    """Add the claims up above their heads, each currency by itself."""
    if currencies:
        page.line(BODY, [text("Σ", Look.TICK)] * (_OPEN - _CLAIMED + 1), _CLAIMED)
    for row, currency in enumerate(currencies, BODY + 1):
        label = (facts.say("total"), "", "", currency)
        page.line(row, [text(word, Look.TOTAL) for word in label])
        own = [claim for claim in facts.context.claims if claim.currency == currency]
        for column, key in enumerate(("amount", "settled", "open"), _CLAIMED):
            value = sum((getattr(claim, key) for claim in own), Decimal(0))
            formula = f"=SUMIFS({table.area(column)},{table.area(_CURRENCY)},{at(row, _CURRENCY)})"
            page.put(row, column, Entry(Kind.MONEY, value, formula, currency=currency, look=Look.TOTAL), control=value)
        page.line(row, [text("", Look.TOTAL)] * (len(table.columns) - _OPEN - 1), _OPEN + 1)


def _row(facts: Facts, claim: ClaimLike, today: date, row: int) -> tuple[Entry, ...]:
    def money(value: Decimal, formula: str = "") -> Entry:
        return Entry(Kind.MONEY, value, formula, currency=claim.currency)

    return (
        text(months_of(facts, claim.period), wrap=True),
        text(line_name(facts, Key(*claim.key.split("|"))), wrap=True),
        text(facts.say("s.earlier" if claim.carried else "s.here")),
        text(claim.currency),
        money(claim.amount),
        money(claim.settled),
        money(claim.open, f"={at(row, _CLAIMED)}-{at(row, _CLAIMED + 1)}"),
        Entry(Kind.DATE, claim.raised),
        Entry(Kind.DATE, claim.due),
        count((claim.due - today).days if claim.due else None),
        text(claim.note, wrap=True),
    )


def overdue(facts: Facts) -> int:
    """Count the claims whose day has passed when the workpaper is made."""
    today = facts.wall(facts.context.made_at).date()
    return sum(claim.due is not None and claim.due < today for claim in facts.context.claims)
