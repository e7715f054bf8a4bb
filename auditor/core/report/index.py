"""The index and legend (B): the sheets, and the meaning of every mark, colour and word; workpaper.md §1."""

from collections.abc import Mapping
from decimal import Decimal

from auditor.core.causes.words import ORDER
from auditor.core.money import rounded
from auditor.core.report.cells import BODY
from auditor.core.report.cells import EXACT_DIGITS
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import at
from auditor.core.report.cells import text
from auditor.core.report.differences import status_name
from auditor.core.report.facts import TO_REVIEW
from auditor.core.report.facts import Facts
from auditor.core.results import Status

CODES = "ABCDEFGHIJKLMNORS"
_TICKS = (("✓", "traced"), ("Σ", "footed"), ("×", "recomputed"), ("⇄", "agreed"), ("↗", "log"))


def index_page(facts: Facts, conclusions: Mapping[str, str]) -> Page:
    """Build B: the sheets with links, and what marks, colours and words mean. Formulas take their words from here."""
    say = facts.say
    page = facts.page("B")
    row = _section(page, BODY, say("b.sheets"))
    for code in CODES:
        page.line(
            row, [text(code, link=code), text(say(f"sheet.{code}"), link=code), text(conclusions[code], wrap=True)]
        )
        row += 1
    row = _section(page, row + 1, say("b.ticks"))
    for mark, key in _TICKS:
        page.line(row, [text(mark, Look.TICK), text(say(f"tick.{key}")), text(say(f"tick_meaning.{key}"), wrap=True)])
        row += 1
    row = _section(page, row + 1, say("b.colours"))
    sample = Decimal("1234.50")
    for key, entry in (
        ("input", Entry(Kind.MONEY, sample)),
        ("formula", Entry(Kind.MONEY, sample, f"={at(row, 0)}")),
        (
            "cross",
            Entry(Kind.MONEY, rounded(facts.result.billed, facts.digits), f"={say('name.total_invoiced')}", cross=True),
        ),
        ("typed", text("", Look.TYPED)),
    ):
        page.line(row, [entry, text(say(f"colour.{key}")), text(say(f"colour_meaning.{key}"), wrap=True)])
        row += 1
    row = _statuses(facts, page, row)
    row = _words(facts, page, row)
    first = row
    for cause in ORDER:
        page.line(row, [None, text(facts.word("cause", cause)), text(facts.word("cause_meaning", cause), wrap=True)])
        row += 1
    page.define(say("name.cause_words"), (first, 1, row - 2, 1))
    return page


def _section(page: Page, row: int, title: str) -> int:
    page.section(row, title)
    return row + 1


def _statuses(facts: Facts, page: Page, row: int) -> int:
    """Put the status words with the flag whether each is to be reviewed, and the signs, as formulas look them up."""
    say = facts.say
    row = first = _section(page, row + 1, say("b.statuses"))
    for status in Status:
        flag = Entry(Kind.COUNT, int(status in TO_REVIEW))
        meaning = text(facts.word("status_meaning", status), wrap=True)
        page.line(row, [flag, text(facts.word("status", status), fill=status.value), meaning])
        page.define(status_name(facts, status), (row, 1, row, 1))
        row += 1
    page.define(say("name.status_review"), (first, 0, row - 1, 0))
    page.define(say("name.status_words"), (first, 1, row - 1, 1))
    row = first = _section(page, row + 1, say("b.signs"))
    for code in ("under", "even", "over"):
        page.line(row, [None, text(say(f"sign.{code}")), text(say(f"sign_meaning.{code}"), wrap=True)])
        row += 1
    page.define(say("name.signs"), (first, 1, row - 1, 1))
    return row


def _words(facts: Facts, page: Page, row: int) -> int:
    """Put the words that formulas choose between, the constants they use, and the heading of the causes."""
    say = facts.say
    row = _section(page, row + 1, say("b.words"))
    for key in ("ties", "fails", "within", "above", "settled", "open"):
        page.put(row, 1, text(say(f"light.{key}")), say(f"name.word_{key}"))
        page.put(row, 2, text(say(f"light_meaning.{key}"), wrap=True))
        row += 1
    for key, value in (("minor_digits", facts.digits), ("exact_digits", EXACT_DIGITS)):
        page.put(row, 0, Entry(Kind.COUNT, value), say(f"name.{key}"))
        page.line(row, [text(say(f"b.{key}")), text(say(f"b.{key}_meaning"), wrap=True)], 1)
        row += 1
    half = Decimal(5).scaleb(-facts.digits - 1)
    page.put(row, 0, Entry(Kind.RATE, half), say("name.half_unit"))
    page.line(row, [text(say("b.half_unit")), text(say("b.half_unit_meaning"), wrap=True)], 1)
    return _section(page, row + 2, say("b.causes"))
