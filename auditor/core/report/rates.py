"""Rates and exchange rates (J): what priced and what converted, with dates and source; workpaper.md §1."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import timedelta

from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import Table
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.facts import Facts
from auditor.core.results import FxUsed

_GAP = 2


@dataclass(frozen=True, slots=True)
class FxSpan:
    """An exchange rate with the days in a row on which it was used, and the last day that it was stated for."""

    first: FxUsed
    last_day: date
    last_stated: date

    def goes_on_with(self, used: FxUsed) -> bool:
        """Tell whether a rate is the same one on the next day."""
        alike = replace(used, day=self.first.day, stated=self.first.stated) == self.first
        return alike and used.day == self.last_day + timedelta(1)


def fx_spans(fx: Sequence[FxUsed]) -> list[FxSpan]:
    """Put the days in a row together on which the same rate was used."""
    spans: list[FxSpan] = []
    for used in sorted(fx, key=lambda one: (one.source_currency, one.target_currency, one.day)):
        if spans and spans[-1].goes_on_with(used):
            spans[-1] = FxSpan(spans[-1].first, used.day, used.stated)
        else:
            spans.append(FxSpan(used, used.day, used.stated))
    return spans


def rates_page(facts: Facts) -> Page:
    """Build J: every exchange rate used, and every rate that priced something with its dates and source."""
    say = facts.say
    page = facts.page("J")
    page.put(BODY, 0, text(say("j.exchange"), Look.SECTION))
    exchange = _exchange(facts, page, BODY + 1)
    page.put(exchange.last + _GAP, 0, text(say("j.rates"), Look.SECTION))
    _rates(facts, page, exchange.last + _GAP + 1)
    return page


def _exchange(facts: Facts, page: Page, top: int) -> Table:
    say = facts.say
    columns = (
        Column(say("j.number"), Kind.COUNT, say("name.j_fx_number")),
        Column(say("j.fx_from")),
        Column(say("j.fx_to")),
        Column(say("j.fx_method")),
        Column(say("j.fx_first"), Kind.DATE),
        Column(say("j.fx_last"), Kind.DATE),
        Column(say("j.fx_rate"), Kind.RATE, say("name.j_fx_rate"), "✓"),
        Column(say("j.fx_stated"), Kind.DATE),
        Column(say("j.fx_stated_last"), Kind.DATE),
        Column(say("j.fx_source"), wrap=True),
    )
    method = facts.word("fx_method", facts.account.fx.method)
    rows = [
        (
            count(number),
            text(span.first.source_currency),
            text(span.first.target_currency),
            text(method),
            Entry(Kind.DATE, span.first.day),
            Entry(Kind.DATE, span.last_day),
            Entry(Kind.RATE, span.first.rate),
            Entry(Kind.DATE, span.first.stated),
            Entry(Kind.DATE, span.last_stated),
            text(span.first.source, wrap=True),
        )
        for number, span in enumerate(fx_spans(facts.result.fx), 1)
    ]
    return page.table("T_J2", top, columns, rows, say("none"), say("total"))


def _rates(facts: Facts, page: Page, top: int) -> None:
    say = facts.say
    columns = (
        Column(say("j.number"), Kind.COUNT, say("name.j_number")),
        Column(say("j.currency")),
        Column(say("j.market")),
        Column(say("j.category")),
        Column(say("j.first"), Kind.DATE),
        Column(say("j.last"), Kind.DATE),
        Column(say("j.rate"), Kind.RATE, say("name.j_rate"), "✓"),
        Column(say("j.tier"), Kind.COUNT),
        Column(say("j.units"), Kind.COUNT, tick="↗"),
        Column(say("j.card"), wrap=True),
        Column(say("j.basis")),
        Column(say("j.source"), wrap=True),
    )
    rows = [
        (
            count(number),
            text(used.currency),
            text(say("j.any_market") if used.market == "*" else facts.market(used.market)),
            text(facts.word("category", used.category)),
            Entry(Kind.DATE, used.first),
            Entry(Kind.DATE, used.last) if used.last else text(say("j.in_force")),
            Entry(Kind.RATE, used.rate),
            count(used.tier_from or None),
            count(used.units),
            text(facts.card(used.card), wrap=True),
            text(facts.word("basis", used.basis)),
            text(facts.source(used.source), wrap=True),
        )
        for number, used in enumerate(facts.result.rates, 1)
    ]
    page.table("T_J", top, columns, rows, say("none"), say("total"))
