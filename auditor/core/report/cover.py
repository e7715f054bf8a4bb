"""The cover (A): what was audited, against which thresholds, with which result, and by whom; workpaper.md §1."""

from decimal import Decimal

from auditor.core.money import rounded
from auditor.core.records import Tolerance
from auditor.core.report.cells import BODY
from auditor.core.report.cells import EXACT_DIGITS
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import at
from auditor.core.report.cells import head
from auditor.core.report.cells import text
from auditor.core.report.differences import tolerance_names
from auditor.core.report.facts import Facts
from auditor.core.report.given import Signed
from auditor.core.report.support import widened

_LARGEST = Decimal("9999999999999.99")
"""The largest amount that a spreadsheet, which keeps 15 digits, holds to the cent."""


class _Cover:
    """Puts the cover row by row: a label, then values."""

    def __init__(self, facts: Facts, *, ties: bool) -> None:
        self.facts, self.ties = facts, ties
        self.page = facts.page("A")
        self.row = BODY
        self.name = facts.say
        self.unexplained = ("", "")

    def section(self, key: str) -> None:
        self.row += self.row > BODY
        self.page.line(self.row, [text(self.name(f"a.{key}"), Look.SECTION), *[text("", Look.SECTION)] * 4])
        self.row += 1

    def fact(self, key: str, *entries: Entry | None, name: str = "", control: Decimal | bool | None = None) -> None:
        self.page.put(self.row, 0, text(self.name(f"a.{key}"), Look.LABEL))
        rest: list[Entry | None] = [text("")] * (4 - len(entries))
        self.page.line(self.row, [*entries, *rest], 1)
        first = entries[0]
        if first and (name or control is not None):
            self.page.put(self.row, 1, first, self.name(f"name.{name}") if name else "", control)
        self.row += 1

    def light(self, good: str, bad: str) -> None:
        """Let the light that was put last follow the word that its formula comes to."""
        place = self.row - 1
        words = {f"check:{word == good}": f"={at(place, 1)}={self.name(f'name.word_{word}')}" for word in (good, bad)}
        self.page.light((place, 1, place, 1), words)

    def figure(self, key: str, value: Decimal, formula: str, look: Look = Look.PLAIN) -> None:
        """Put a headline figure: a formula over the lead schedule's totals, held to the engine's own figure."""
        entry = Entry(Kind.MONEY, value, formula, cross=True, currency=self.facts.currency, look=look)
        self.fact(key, entry, control=rounded(value, EXACT_DIGITS))


def cover_page(facts: Facts, *, ties: bool) -> Page:
    """Build A: scope, thresholds, the headline taken from the lead schedule, the check lights, the sign-off."""
    cover = _Cover(facts, ties=ties)
    _scope(cover)
    _thresholds(cover)
    _headline(cover)
    _lights(cover)
    _sign_off(cover)
    return cover.page


def _scope(cover: _Cover) -> None:
    facts, account = cover.facts, cover.facts.account
    cover.section("scope")
    cover.fact("audit", text(account.name))
    cover.fact("entity", text(" · ".join(part for part in (account.entity, account.tax_id) if part)))
    cover.fact(
        "period", Entry(Kind.DATE, account.first, look=Look.NOTE), Entry(Kind.DATE, account.last, look=Look.NOTE)
    )
    cover.fact("currency", text(facts.currency))
    for waba in account.wabas:
        numbers = len(waba.numbers)
        # An account may be stated without its numbers: the log has them.
        key = "waba" if numbers else "waba_alone"
        said = facts.say(f"a.{key}", name=waba.name or waba.id, id=waba.id, zone=waba.time_zone, numbers=numbers)
        cover.fact("account", text(said))
    cover.fact("regime", text("; ".join(facts.word("regime", regime) for regime in facts.result.regimes)))
    cover.fact("cards", text(", ".join(facts.cards)))


def _thresholds(cover: _Cover) -> None:
    facts = cover.facts
    stated, tolerance, money = facts.account.materiality, facts.account.tolerance, facts.currency
    names = (
        facts.say("name.materiality_amount"),
        facts.say("name.materiality_percent"),
        facts.say("name.total_expected"),
    )
    cover.section("thresholds")
    cover.fact("materiality_amount", Entry(Kind.MONEY, stated.amount, currency=money), name="materiality_amount")
    cover.fact("materiality_percent", Entry(Kind.PERCENT, stated.percent / 100), name="materiality_percent")
    formula = f"=MAX({names[0]},{names[1]}*ABS({names[2]}))"
    cover.fact(
        "materiality",
        Entry(Kind.MONEY, facts.materiality, formula, cross=True, currency=money),
        name="materiality",
        control=facts.materiality,
    )
    cover.fact("tolerance_amount", Entry(Kind.MONEY, tolerance.amount, currency=money), name="tolerance_amount")
    cover.fact("tolerance_percent", Entry(Kind.PERCENT, tolerance.percent / 100), name="tolerance_percent")
    for number, narrower in enumerate(facts.account.tolerances, 1):
        _narrower(cover, narrower, number)
    fixed = facts.context.fixed
    if fixed.thresholds_at is None:
        cover.fact("set_at", text(facts.say("a.with_account")))
    else:
        when = "a.no_invoice_yet" if fixed.invoice_at is None else "a.in_time" if fixed.in_time else "a.too_late"
        stamp = Entry(Kind.INSTANT, facts.wall(fixed.thresholds_at), look=Look.NOTE)
        cover.fact("set_at", stamp, text(facts.say(when), fill=f"check:{fixed.in_time}", wrap=True))
    _seal(cover)


def _narrower(cover: _Cover, stated: Tolerance, number: int) -> None:
    """Put the tolerance of a category or market: its amount and its share, which the lines (F) refer to by name."""
    facts, row = cover.facts, cover.row
    what = " · ".join(p for p in (facts.market(stated.market), facts.word("category", stated.category)) if p)
    amount, percent = tolerance_names(facts, number)
    cover.fact("tolerance_amount", Entry(Kind.MONEY, stated.amount, currency=facts.currency))
    cover.page.put(row, 0, text(facts.say("a.tolerance_of", what=what), Look.LABEL))
    cover.page.define(amount, (row, 1, row, 1))
    cover.page.put(row, 2, Entry(Kind.PERCENT, stated.percent / 100), percent)


def _seal(cover: _Cover) -> None:
    """Say what was sealed before the invoice was there, and whether it is what the comparison was made with."""
    facts, sealed = cover.facts, cover.facts.context.fixed.sealed
    if sealed is None:
        cover.fact("sealed", text(facts.say("a.not_sealed")))
        return
    said = facts.say("a.seal_holds" if sealed.holds else "a.seal_broken")
    amount = Entry(Kind.MONEY, sealed.expected, currency=sealed.currency)
    cover.fact("sealed", amount, text(said, fill=f"check:{sealed.holds}", wrap=True))
    cover.fact("sealed_at", Entry(Kind.INSTANT, facts.wall(sealed.at), look=Look.NOTE), text(sealed.who))


def _headline(cover: _Cover) -> None:
    facts, result, say = cover.facts, cover.facts.result, cover.facts.say
    names = {
        key: say(f"name.total_{key}") for key in ("invoiced", "expected", "difference", "explained", "unexplained")
    }
    cover.section("result")
    cover.figure("invoiced", result.billed, f"={names['invoiced']}", Look.HEADLINE)
    cover.figure("expected", result.expected, f"={names['expected']}", Look.HEADLINE)
    for key, value in (("low", result.low), ("high", result.high)):
        note = [text(widened(facts), Look.NOTE)] if key == "low" and result.health.gaps else []
        cover.fact(key, Entry(Kind.MONEY, value, currency=facts.currency), *note)
    cover.figure("difference", result.difference, f"={names['difference']}", Look.HEADLINE)
    for key, value, sign in (("overcharged", result.overcharged, ">0"), ("undercharged", result.undercharged, "<0")):
        lines = say("name.f_difference")
        cover.figure(key, value, f'=SUMIFS({lines},{lines},"{sign}")')
    rest = f"{names['difference']}-{at(cover.row - 2, 1)}-{at(cover.row - 1, 1)}"
    formula = f"=ROUND({rest},{say('name.minor_digits')})"
    cover.figure("rounding", result.moved_by_rounding, formula)
    relative = result.difference / result.expected if result.expected else ""
    formula = f'=IF({names["expected"]}=0,"",{names["difference"]}/{names["expected"]})'
    cover.fact("relative", Entry(Kind.PERCENT, relative, formula, cross=True))
    cover.figure("explained", result.difference - result.unexplained, f"={names['explained']}")
    cover.figure("unexplained", result.unexplained, f"={names['unexplained']}", Look.HEADLINE)
    lines = say("name.f_unexplained")
    cover.figure("unexplained_over", result.unexplained_over, f'=SUMIFS({lines},{lines},">0")')
    cover.figure("unexplained_under", result.unexplained_under, f'=SUMIFS({lines},{lines},"<0")')
    cover.unexplained = (at(cover.row - 2, 1), at(cover.row - 1, 1))
    review = Entry(Kind.COUNT, len(facts.to_review), f"={say('name.total_review')}", cross=True)
    cover.fact("review", review, text(say("a.of_lines", count=len(result.differences))))
    if max(abs(result.billed), abs(result.expected)) > _LARGEST:
        cover.fact("digits", text(say("a.digits_said")))


def _lights(cover: _Cover) -> None:
    say, facts = cover.facts.say, cover.facts
    cover.section("checks")
    word = say("light.ties" if cover.ties else "light.fails")
    formula = f"=IF({say('name.tie_out_ok')},{say('name.word_ties')},{say('name.word_fails')})"
    cover.fact("tie_out", Entry(Kind.TEXT, word, formula, cross=True, look=Look.HEADLINE, fill=f"check:{cover.ties}"))
    cover.light("ties", "fails")
    over, under = cover.unexplained
    within = max(facts.result.unexplained_over, -facts.result.unexplained_under) <= facts.materiality
    word = say("light.within" if within else "light.above")
    test = f"MAX({over},-{under})<={say('name.materiality')}"
    formula = f"=IF({test},{say('name.word_within')},{say('name.word_above')})"
    cover.fact(
        "against_materiality", Entry(Kind.TEXT, word, formula, cross=True, look=Look.HEADLINE, fill=f"check:{within}")
    )
    cover.light("within", "above")


def _signature(facts: Facts, signed: Signed) -> list[Entry]:
    """Show a sign-off that the audit holds: who, when, on what extent, and whether it stands."""
    stands = not signed.changes
    said = facts.say("a.stands") if stands else facts.say("a.fallen", count=signed.changes)
    return [
        text(signed.who),
        Entry(Kind.INSTANT, facts.wall(signed.at), look=Look.NOTE),
        text(signed.note, wrap=True),
        text(said, fill=f"check:{stands}", wrap=True),
    ]


def _sign_off(cover: _Cover) -> None:
    facts, say, account = cover.facts, cover.facts.say, cover.facts.account
    cover.section("sign_off")
    heads = [head(say(f"a.{key}")) for key in ("role", "name", "date", "extent", "signature")]
    cover.page.line(cover.row, heads)
    for key, name in (("preparer", account.preparer), ("reviewer", account.reviewer)):
        cover.row += 1
        signed = next((one for one in facts.context.sign_offs if one.role == key), None)
        entries = _signature(facts, signed) if signed else [text(name, Look.TYPED), *[text("", Look.TYPED)] * 3]
        cover.page.line(cover.row, [text(say(f"a.{key}"), Look.LABEL), *entries])
    locked = facts.context.locked
    if locked:
        cover.row += 1
        entries = [text(locked.who), Entry(Kind.INSTANT, facts.wall(locked.at), look=Look.NOTE)]
        cover.page.line(cover.row, [text(say("a.locked"), Look.LABEL), *entries, text(locked.reason, wrap=True)])
    cover.row += 2
    made = facts.context.made_at
    cover.fact("version", text(facts.context.version))
    cover.fact("inputs", text(facts.context.inputs))
    cover.fact("state", text(facts.context.state))
    cover.fact("made_at", Entry(Kind.INSTANT, facts.wall(made), look=Look.NOTE), text(account.wabas[0].time_zone))
