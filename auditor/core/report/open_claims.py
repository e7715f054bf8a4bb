"""The open claims (S): what was disputed and is not credited yet, here or in earlier audits, and when it is due."""

from datetime import date
from decimal import Decimal

from auditor.core.reconcile import Key
from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Page
from auditor.core.report.cells import at
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.claim_lines import line_name
from auditor.core.report.claim_lines import months_of
from auditor.core.report.facts import Facts
from auditor.core.report.given import ClaimLike


def claims_page(facts: Facts) -> Page:
    """Build S: the claims by the day they are due, those without a day last; added up where they have one currency."""
    say, claims = facts.say, facts.context.claims
    currencies = {claim.currency for claim in claims}
    one = next(iter(currencies)) if len(currencies) == 1 else ""
    columns = (
        Column(say("s.period"), wrap=True),
        Column(say("s.line"), wrap=True),
        *(
            Column(say(f"s.{key}"), Kind.MONEY, tick="Σ" if one else "", summed=bool(one), currency=one)
            for key in ("claimed", "settled", "open")
        ),
        Column(say("s.raised"), Kind.DATE),
        Column(say("s.due"), Kind.DATE),
        Column(say("s.left"), Kind.COUNT),
        Column(say("f.note"), wrap=True),
    )
    page = facts.page("S")
    first = BODY + (3 if one else 1)
    today = facts.wall(facts.context.made_at).date()
    order = sorted(claims, key=lambda claim: (claim.due or date.max, claim.period, claim.key))
    rows = [_row(facts, claim, today, row) for row, claim in enumerate(order, first)]
    page.table("T_S", BODY, columns, rows, say("none"), say("total"))
    return page


def _row(facts: Facts, claim: ClaimLike, today: date, row: int) -> tuple[Entry, ...]:
    def money(value: Decimal, formula: str = "") -> Entry:
        return Entry(Kind.MONEY, value, formula, currency=claim.currency)

    return (
        text(months_of(facts, claim.period), wrap=True),
        text(line_name(facts, Key(*claim.key.split("|"))), wrap=True),
        money(claim.amount),
        money(claim.settled),
        money(claim.open, f"={at(row, 2)}-{at(row, 3)}"),
        Entry(Kind.DATE, claim.raised),
        Entry(Kind.DATE, claim.due),
        count((claim.due - today).days if claim.due else None),
        text(claim.note, wrap=True),
    )


def overdue(facts: Facts) -> int:
    """Count the claims whose day has passed when the workpaper is made."""
    today = facts.wall(facts.context.made_at).date()
    return sum(claim.due is not None and claim.due < today for claim in facts.context.claims)
