"""The three-way tie-out on sheet D: invoice, usage export and log side by side, and what Meta logged with messages."""

from auditor.core.checks.three_way_words import logged_sentence
from auditor.core.checks.three_way_words import short_exports
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import head
from auditor.core.report.cells import text
from auditor.core.report.facts import Facts
from auditor.core.results_checks import ThreeWay

_MOST_PATTERNS = 100


def three_way_lines(facts: Facts, page: Page, top: int) -> None:
    """List what invoice, usage export and log have each and which stands alone, then Meta's own words on its prices."""
    page.line(top, [text(facts.say("d.three_way"), Look.SECTION), *[text("", Look.SECTION)] * 9])
    held = facts.result.three_way
    if held:
        _heads(facts, page, top + 1)
        for number, one in enumerate(held, 1):
            _held(facts, page, top + 1 + number, number, one)
        said = [facts.say("d.three_way_free")] if any(one.counts_free for one in held) else []
        said += short_exports(held, facts.context.say, facts.waba)
    else:
        said = [facts.say("d.three_way_none")]
    row = top + 1 + (len(held) + 1 if held else 0)
    for sentence in said:
        page.put(row, 1, text(sentence, Look.PROSE))
        row += 1
    _logged(facts, page, row + 1)


def _heads(facts: Facts, page: Page, row: int) -> None:
    say = facts.say
    counts = [f"three_{name}_units" for name in ("billed", "exported", "expected")]
    amounts = [f"three_{name}" for name in ("billed", "exported", "expected")]
    texts = [head(say(f"d.{key}")) for key in ("three_line", "three_door")]
    figures = [head(say(f"d.{key}"), Kind.MONEY) for key in ("number", *counts, *amounts)]
    page.line(row, [figures[0], *texts, *figures[1:]])


def _held(facts: Facts, page: Page, row: int, number: int, one: ThreeWay) -> None:
    names = (facts.waba(one.waba_id), facts.market(one.market), facts.word("category", one.category))
    units = (one.billed_quantity, one.exported_quantity, one.expected_quantity)
    cells = [
        Entry(Kind.COUNT, number, look=Look.LABEL),
        text(" · ".join(name for name in names if name) or facts.say("d.all_lines"), wrap=True),
        text(facts.context.say(f"checks.door.{one.door}"), wrap=True),
        *(Entry(Kind.COUNT, some) if some is not None else text("") for some in units),
    ]
    money = (one.billed, one.exported, one.expected)
    cells += [text("") if some is None else Entry(Kind.MONEY, some, currency=facts.currency) for some in money]
    page.line(row, cells)


def _logged(facts: Facts, page: Page, top: int) -> None:
    """List by pattern, most money first, the messages whose logged price is not that of the rules (pricing.md §11)."""
    say, cross = facts.say, facts.result.cross_check
    if not cross.compared:
        return
    page.line(top, [text(say("d.logged"), Look.SECTION), *[text("", Look.SECTION)] * 9])
    counts = {"compared": f"{cross.compared:,}", "disagreeing": f"{cross.disagreeing:,}"}
    page.put(top + 1, 1, text(say("d.three_way_logged", **counts), Look.PROSE))
    if not cross.patterns:
        return
    heads = [head(say(f"d.{key}"), Kind.MONEY) for key in ("logged_messages", "three_expected", "logged_by", "off")]
    page.line(top + 2, [head(say("d.number"), Kind.COUNT), head(say("d.logged_what")), *heads])
    for number, one in enumerate(cross.patterns[:_MOST_PATTERNS], 1):
        money = (one.expected, one.logged, one.difference)
        cells = [
            Entry(Kind.COUNT, number, look=Look.LABEL),
            text(logged_sentence(one, facts.context.say), wrap=True),
            Entry(Kind.COUNT, one.messages),
            *(text("") if some is None else Entry(Kind.MONEY, some, currency=one.currency) for some in money),
        ]
        page.line(top + 2 + number, cells)
    if len(cross.patterns) > _MOST_PATTERNS:
        more = say("d.logged_more", more=f"{len(cross.patterns) - _MOST_PATTERNS:,}")
        page.put(top + 3 + _MOST_PATTERNS, 1, text(more, Look.PROSE))
