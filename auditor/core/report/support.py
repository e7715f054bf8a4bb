"""What everything rests on: allowances (I), log health (K), imports (L), checklist (M), journal (N)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from textwrap import wrap

from auditor.core.money import total
from auditor.core.records import CHECKS
from auditor.core.records import ImportReport
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
from auditor.core.report.charts import use_through_month
from auditor.core.report.facts import Facts
from auditor.core.report.facts import mask_unit
from auditor.core.report.facts import month
from auditor.core.report.lines import invoice_lines
from auditor.core.results import Allowance
from auditor.core.results import CoverageDay
from auditor.core.results import HealthFinding
from auditor.core.results import business_numbers

_LINE = 150  # characters of a sentence that runs over several columns
_SILENT, _SILENT_DAYS = "day_without_messages", "days_without_messages"
_GAP = 2
"""Empty rows between two tables of one sheet, the second one's section head included."""


def allowances_page(facts: Facts) -> Page:
    """Build I: how much of each free allowance and tier was used in each month, and when it was passed."""
    say = facts.say
    columns = (
        Column(say("i.kind")),
        Column(say("i.owner"), wrap=True),
        Column(say("i.period"), Kind.PERIOD),
        Column(say("i.market")),
        Column(say("i.category")),
        Column(say("i.size"), Kind.COUNT, tick="✓"),
        Column(say("i.used"), Kind.COUNT, tick="↗"),
        Column(say("i.beyond"), Kind.COUNT, tick="×"),
        Column(say("i.share"), Kind.PERCENT, tick="×"),
        Column(say("i.crossed"), Kind.INSTANT),
        Column(say("i.message")),
        Column(say("i.file")),
        Column(say("i.row"), Kind.COUNT, tick="↗"),
    )
    page = facts.page("I")
    rows = [_allowance(facts, one, BODY + 1 + n) for n, one in enumerate(facts.result.allowances, 1)]
    table = page.table("T_I", BODY, columns, rows, say("none"), say("total"))
    use_through_month(facts, page, table.last + _GAP)
    return page


def _allowance(facts: Facts, one: Allowance, row: int) -> tuple[Entry, ...]:
    size, used = at(row, 5), at(row, 6)
    passing = facts.context.passing.get(one.crossing_row)
    return (
        text(facts.word("counter", one.kind)),
        text(facts.number(one.owner) if facts.waba(one.owner) == one.owner else facts.waba(one.owner), wrap=True),
        Entry(Kind.PERIOD, month(one.period)),
        text(facts.market(one.market)),
        text(facts.word("category", one.category)),
        count(one.size),
        count(one.used),
        count(max(one.used - one.size, 0), f"=MAX({used}-{size},0)"),
        Entry(Kind.PERCENT, Decimal(one.used) / one.size if one.size else "", f'=IF({size}=0,"",{used}/{size})'),
        Entry(Kind.INSTANT, facts.local(one.crossed_at, one.owner)),
        text(mask_unit(passing.unit_id, passing.user) if passing else ""),
        text(passing.file if passing else ""),
        count(passing.row if passing else None),
    )


def health_page(facts: Facts) -> Page:
    """Build K: the signs that the log may not be whole, and the messages of each number on each day of the period."""
    say = facts.say
    page = facts.page("K")
    findings = (
        Column(say("k.finding"), wrap=True),
        Column(say("k.number"), wrap=True),
        Column(say("k.day"), Kind.DATE),
        Column(say("k.count"), Kind.COUNT),
    )
    rows = [
        (
            text(facts.context.say(f"domain.health.{one.code}", **one.values), wrap=True),
            text(facts.number(one.phone_number_id) or say("k.all_numbers"), wrap=True),
            Entry(Kind.DATE, one.day),
            count(one.count),
        )
        for one in signs(facts)
    ]
    table = page.table("T_K", BODY, findings, rows, say("none"), say("total"))
    last = _gaps(facts, page, table.last + _GAP)
    page.put(last + _GAP, 0, text(say("k.per_day"), Look.SECTION))
    columns = (
        Column(say("k.number"), wrap=True),
        Column(say("k.day"), Kind.DATE),
        Column(say("k.messages"), Kind.COUNT, tick="Σ", summed=True),
        Column(say("k.usual"), Kind.COUNT),
        Column(say("k.silent_hours"), Kind.COUNT),
    )
    beside = {(one.phone_number_id, one.day): one for one in facts.result.health.coverage}
    days = [_day(facts, number, day, n, beside.get((number, day))) for number, day, n in coverage(facts)]
    page.table("T_K2", last + _GAP + 1, columns, days, say("none"), say("total"))
    return page


def signs(facts: Facts) -> list[HealthFinding]:
    """Give the signs that the log may not be whole; silent days of a number that follow each other are one."""
    found: list[HealthFinding] = []
    for one in facts.result.health.findings:
        before = found[-1] if found else None
        if before and one.code == _SILENT and before.day and before.code in (_SILENT, _SILENT_DAYS):
            days = max(before.count, 1)
            if before.phone_number_id == one.phone_number_id and before.day + timedelta(days) == one.day:
                found[-1] = replace(before, code=_SILENT_DAYS, count=days + 1)
                continue
        found.append(one)
    return found


def _day(facts: Facts, number: str, day: date, messages: int, found: CoverageDay | None) -> tuple[Entry, ...]:
    usual = count(found.usual) if found and found.usual is not None else text("")
    silent = count(found.silent_hours) if found and found.silent_hours else text("")
    return text(facts.number(number), wrap=True), Entry(Kind.DATE, day), count(messages), usual, silent


def _gaps(facts: Facts, page: Page, top: int) -> int:
    """Set what lost events may hide, under the rule in words, and give the last row."""
    say, gaps = facts.say, facts.result.health.gaps
    page.put(top, 0, text(say("k.gaps"), Look.SECTION))
    rule = wrap(facts.context.say(f"domain.widening.{'rule' if gaps else 'no_trace'}"), _LINE)
    for row, line in enumerate(rule, top + 1):
        page.put(row, 0, text(line, Look.PROSE))
    columns = (
        Column(say("k.gap")),
        Column(say("k.number"), wrap=True),
        Column(say("k.first"), Kind.INSTANT),
        Column(say("k.last"), Kind.INSTANT),
        Column(say("k.missing"), Kind.COUNT),
        Column(say("k.traces"), Kind.COUNT),
        Column(say("k.below"), Kind.MONEY, summed=True, currency=facts.currency),
        Column(say("k.above"), Kind.MONEY, summed=True, currency=facts.currency),
    )
    rows = [
        (
            text(say(f"k.{one.kind}")),
            text(facts.number(one.phone_number_id) or say("k.all_numbers"), wrap=True),
            Entry(Kind.INSTANT, facts.local(one.first)),
            Entry(Kind.INSTANT, facts.local(one.last)),
            count(one.missing),
            count(one.traces),
            Entry(Kind.MONEY, one.below, currency=facts.currency),
            Entry(Kind.MONEY, one.above, currency=facts.currency),
        )
        for one in gaps
    ]
    return page.table("T_K3", top + len(rule) + 2, columns, rows, say("none"), say("total")).last


def widened(facts: Facts) -> str:
    """Say by how much lost events widen the range of the expected total."""
    gaps = facts.result.health.gaps
    if not gaps:
        return facts.say("k.not_widened")
    below, above = (facts.money(total(getattr(one, side) for one in gaps)) for side in ("below", "above"))
    return facts.say("k.widened", below=below, above=above)


def coverage(facts: Facts) -> Iterator[tuple[str, date, int]]:
    """Give the messages of each number on each day of the period, silent days too."""
    per_day = facts.result.health.per_day
    account = facts.account
    days = [account.first + timedelta(n) for n in range((account.last - account.first).days + 1)]
    for number in sorted({number for number, _ in per_day}):
        for day in days:
            yield number, day, per_day.get((number, day), 0)


def imports_page(facts: Facts) -> Page:
    """Build L: every file with its hash and what became of its rows, the invoice lines as read, and what was found."""
    say = facts.say
    page = facts.page("L")
    columns = (
        Column(say("l.file")),
        Column(say("l.kind"), name=say("name.l_kind")),
        Column(say("l.profile")),
        Column(say("l.read"), Kind.COUNT, say("name.l_read")),
        Column(say("l.kept"), Kind.COUNT, say("name.l_kept"), tick="✓"),
        Column(say("l.left_out"), Kind.COUNT, say("name.l_left_out")),
        Column(say("l.refused"), Kind.COUNT, say("name.l_refused")),
        Column(say("l.total"), Kind.MONEY, say("name.l_total"), tick="⇄"),
        Column(say("l.first"), Kind.INSTANT),
        Column(say("l.last"), Kind.INSTANT),
        Column(say("l.size"), Kind.COUNT),
        Column(say("l.sha256"), wrap=True),
        Column(say("l.decisions"), wrap=True),
    )
    table = page.table(
        "T_L", BODY, columns, [_import(facts, one) for one in facts.result.imports], say("none"), say("total")
    )
    page.put(table.last + _GAP, 0, text(say("l.problems"), Look.SECTION))
    invoice_lines(facts, page, _problems(facts, page, table.last + _GAP + 1).last + _GAP)
    return page


def _import(facts: Facts, one: ImportReport) -> tuple[Entry, ...]:
    return (
        text(one.file),
        text(facts.word("import", one.kind)),
        text(one.profile),
        count(one.read),
        count(one.kept),
        count(one.left_out),
        count(one.refused),
        Entry(Kind.MONEY, one.total, currency=facts.currency),
        Entry(Kind.INSTANT, facts.local(one.first)),
        Entry(Kind.INSTANT, facts.local(one.last)),
        count(one.size),
        text(one.sha256, wrap=True),
        text("\n".join(map(facts.context.said, (*one.warnings, *one.decisions))), wrap=True),
    )


def _problems(facts: Facts, page: Page, top: int) -> Table:
    say = facts.say
    columns = (
        Column(say("l.file")),
        Column(say("l.place")),
        Column(say("l.rows"), Kind.COUNT),
        Column(say("l.problem")),
    )
    found = list(facts.result.problems)
    found += [
        problem for one in facts.result.imports for problem in one.problems if problem not in facts.result.problems
    ]
    rows = [
        (
            text(problem.place.file),
            text(", ".join(p for p in (problem.place.sheet, str(problem.place.row or ""), problem.place.column) if p)),
            count(problem.count),
            text(facts.context.say(f"problems.{problem.code}", **problem.values), Look.NOTE),
        )
        for problem in found
    ]
    return page.table("T_L3", top, columns, rows, say("none"), say("total"))


def checklist_page(facts: Facts) -> Page:
    """Build M: the platform's conditions for every business number, with what was recorded of each (window.md §3)."""
    say = facts.say
    columns = tuple(
        Column(say(f"m.{key}"), wrap=key in ("condition", "evidence"))
        for key in ("account", "number", "name", "condition", "status", "evidence", "date", "who")
    ) + tuple(
        Column(say(f"m.{key}"), hidden=True) for key in ("key", "status_was", "evidence_was", "date_was", "who_was")
    )
    rows = [
        (
            text(facts.waba(waba_id)),
            text(number.phone or number.id),
            text(number.name),
            text(say(f"condition.{check}"), wrap=True),
            *_recorded(facts, number.id, check),
        )
        for waba_id, number in business_numbers(facts.account, facts.result)
        for check in CHECKS
    ]
    page = facts.page("M")
    page.table("T_M", BODY, columns, rows, say("none"), say("total"))
    return page


def _recorded(facts: Facts, number: str, check: str) -> tuple[Entry, ...]:
    """Give what was recorded of a condition, to be typed in: status, evidence, date and who; hidden: the same again."""
    found = facts.context.conditions.get((number, check))
    say, day = facts.say, found.day if found else None
    status = say(f"m.{found.status if found else 'not_recorded'}")
    evidence, who = (found.evidence, found.who) if found else ("", "")
    return (
        Entry(Kind.TEXT, status, look=Look.TYPED, choices=(say("m.met"), say("m.unmet"))),
        Entry(Kind.TEXT, evidence, look=Look.TYPED, wrap=True),
        Entry(Kind.DATE, day, look=Look.TYPED),
        Entry(Kind.TEXT, who, look=Look.TYPED),
        *map(text, (f"{number}|{check}", status, evidence, day.isoformat() if day else "", who)),
    )


def journal_page(facts: Facts) -> Page:
    """Build N: what was decided, noted, overridden and signed, in order."""
    say = facts.say
    columns = (
        Column(say("n.line"), Kind.COUNT),
        Column(say("n.at"), Kind.INSTANT),
        Column(say("n.who")),
        Column(say("n.action"), wrap=True),
        Column(say("n.detail"), wrap=True),
    )
    rows = [
        (
            count(number),
            Entry(Kind.INSTANT, facts.local(one.at)),
            text(one.who),
            text(one.action, wrap=True),
            text(one.detail, wrap=True),
        )
        for number, one in enumerate(facts.context.journal, 1)
    ]
    page = facts.page("N")
    page.table("T_N", BODY, columns, rows, say("none"), say("total"))
    return page
