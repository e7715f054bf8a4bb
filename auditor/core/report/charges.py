"""Expected charges (G), and the evidence behind what differs (H): workpaper.md §1."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Page
from auditor.core.report.cells import Value
from auditor.core.report.cells import at
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.facts import TO_REVIEW
from auditor.core.report.facts import Facts
from auditor.core.report.facts import mask_unit
from auditor.core.report.facts import mask_user
from auditor.core.report.facts import month
from auditor.core.report.given import EvidenceLike
from auditor.core.report.rates import fx_spans
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import RateUsed
from auditor.core.tables import NEVER
from auditor.core.timeline import DAY
from auditor.core.timeline import HOUR
from auditor.core.timeline import moment

_EPOCH = 25_569
"""The serial of 1970-01-01: spreadsheets count days since 1899-12-30."""

_NOTHING = Decimal(0)

# G: expected charges ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Charged:
    """The first cell of one row of G; the others are alike but for number and day."""

    line: int
    cell: Cell
    fx: Decimal | None
    span: int
    used: RateUsed | None


def charges_page(facts: Facts) -> Page:
    """Build G: what was expected, by all that decides a price, each amount being quantity x rate x exchange rate."""
    say = facts.say
    columns = (
        Column(say("g.line"), Kind.COUNT, say("name.g_line"), "⇄"),
        Column(say("g.account"), wrap=True),
        Column(say("g.period"), Kind.PERIOD),
        Column(say("g.market")),
        Column(say("g.category")),
        Column(say("g.pricing")),
        Column(say("g.tier"), Kind.COUNT),
        Column(say("g.regime")),
        Column(say("g.quantity"), Kind.COUNT, say("name.g_quantity"), "Σ ↗", summed=True),
        Column(say("g.rate"), Kind.RATE, tick="⇄"),
        Column(say("g.currency")),
        Column(say("g.fx"), Kind.RATE, tick="⇄"),
        Column(say("g.amount"), Kind.EXACT, tick="×"),
        Column(say("g.converted"), Kind.EXACT, say("name.g_amount"), "Σ ×", summed=True, currency=facts.currency),
        Column(say("g.certainty")),
        Column(say("g.reasons"), wrap=True),
        Column(say("g.card"), wrap=True),
        Column(say("g.source"), wrap=True),
        Column(say("g.rate_number"), Kind.COUNT),
        Column(say("g.fx_number"), Kind.COUNT),
    )
    page = facts.page("G")
    top = BODY + 2
    rows = [_charge(facts, one, *sums, top + n) for n, (one, sums) in enumerate(_grouped(facts).items(), 1)]
    page.table("T_G", BODY, columns, rows, say("none"), say("total"))
    return page


def _grouped(facts: Facts) -> dict[_Charged, tuple[int, Decimal]]:
    """Sum the units that are alike but for number and day, in the order of the lines they went into."""
    span_of = _span_numbers(facts)
    first: dict[tuple[object, ...], _Charged] = {}
    sums: dict[tuple[object, ...], tuple[int, Decimal]] = {}
    for place, cell in enumerate(facts.result.cells):
        line, fx, used = facts.line_of_cell.get(place, 0), facts.totals.fx(cell), facts.rate_used(cell)
        span = span_of(cell, fx)
        alike = (
            line, cell.waba_id, cell.period, cell.regime, cell.market, cell.category, cell.pricing_type, cell.tier_from,
            cell.rate, cell.currency, cell.amount is None, cell.certain, cell.reasons, fx, span, id(used),
        )  # fmt: skip
        first.setdefault(alike, _Charged(line, cell, fx, span, used))
        units, charged = sums.get(alike, (0, _NOTHING))
        sums[alike] = (units + cell.quantity, charged + (cell.amount or _NOTHING))
    last = len(facts.result.differences) + 1
    groups = {one: sums[alike] for alike, one in first.items()}
    order = sorted(groups, key=lambda one: (one.line or last, one.cell.period, one.cell.market, one.cell.category))
    return {one: groups[one] for one in order}


def _span_numbers(facts: Facts) -> Callable[[Cell, Decimal | None], int]:
    """Give what finds the number (from 1) on J of the exchange rate that converted a cell: its day's, else one alike.

    It finds 0 where there is none: nothing to convert, or no rate that is known.
    """
    on_day: dict[tuple[str, date], tuple[Decimal, int]] = {}
    alike: dict[tuple[str, Decimal | None], int] = {}
    for number, span in enumerate(fx_spans(facts.result.fx), 1):
        used = span.first
        alike.setdefault((used.source_currency, used.rate), number)
        for after in range((span.last_day - used.day).days + 1):
            on_day[used.source_currency, used.day + timedelta(after)] = (used.rate, number)

    def number_of(cell: Cell, fx: Decimal | None) -> int:
        rate, number = on_day.get((cell.currency, cell.day), (None, 0))
        return number if number and rate == fx else alike.get((cell.currency, fx), 0)

    return number_of


def _looked_up(facts: Facts, kind: str, cell: str) -> str:
    """Give the formula that takes a rate (`j`) or an exchange rate (`j_fx`) from J by its number there."""
    rates, numbers = facts.say(f"name.{kind}_rate"), facts.say(f"name.{kind}_number")
    return f"=INDEX({rates},MATCH({cell},{numbers},0))"


def _charge(facts: Facts, one: _Charged, quantity: int, charged: Decimal, row: int) -> tuple[Entry, ...]:
    """Give a row of G; an amount that the log itself states (pricing.md §8) is put in, all others are computed."""
    cell = one.cell
    rated = cell.rate is not None and quantity * cell.rate == charged
    amount = charged if cell.amount is not None else None
    exchanged = amount * one.fx if amount is not None and one.fx is not None else None
    used = one.used
    card = f"{facts.card(used.card)} ({facts.word('basis', used.basis)})" if used else ""
    number = facts.rate_numbers.get(id(used), 0)
    by_rate = _looked_up(facts, "j", at(row, 18)) if number else ""
    by_fx = _looked_up(facts, "j_fx", at(row, 19)) if one.span else ""
    return (
        Entry(Kind.COUNT, one.line or None, link=f"F:{one.line}" if one.line else ""),
        text(facts.waba(cell.waba_id), wrap=True),
        Entry(Kind.PERIOD, month(cell.period)),
        text(facts.market(cell.market)),
        text(facts.word("category", cell.category)),
        text(facts.word("pricing_type", cell.pricing_type)),
        count(cell.tier_from or None),
        text(facts.word("regime", cell.regime)),
        count(quantity),
        Entry(Kind.RATE, cell.rate, by_rate, cross=True),
        text(cell.currency),
        Entry(Kind.RATE, one.fx, by_fx, cross=True),
        Entry(Kind.EXACT, amount, f"={at(row, 8)}*{at(row, 9)}" if rated else "", currency=cell.currency),
        Entry(
            Kind.EXACT,
            exchanged,
            f"={at(row, 12)}*{at(row, 11)}" if exchanged is not None else "",
            currency=facts.currency,
        ),
        text(facts.word("certainty", "certain" if cell.certain else "uncertain")),
        text(facts.words("reason", cell.reasons), wrap=True),
        text(card, wrap=True),
        text(facts.source(used.source) if used else "", wrap=True),
        Entry(Kind.COUNT, number or None, link=f"J:{number}" if number else ""),
        Entry(Kind.COUNT, one.span or None, link=f"J:fx:{one.span}" if one.span else ""),
    )


# H: evidence ----------------------------------------------------------------------------------------------


_EVIDENCE = (
    ("line", Kind.COUNT), ("unit", Kind.TEXT), ("user", Kind.TEXT), ("number", Kind.TEXT), ("account", Kind.TEXT),
    ("regime", Kind.TEXT), ("category", Kind.TEXT), ("pricing", Kind.TEXT), ("market", Kind.TEXT),
    ("billed_at", Kind.INSTANT), ("ends_at", Kind.INSTANT), ("opened_at", Kind.INSTANT), ("open_until", Kind.INSTANT),
    ("messages", Kind.COUNT), ("rate", Kind.RATE),
    ("amount", Kind.EXACT), ("currency", Kind.TEXT), ("certainty", Kind.TEXT), ("reason", Kind.TEXT),
    ("file", Kind.TEXT), ("row", Kind.COUNT),
)  # fmt: skip


def evidence_page(facts: Facts) -> tuple[Page, dict[str, int], int, int]:
    """Build H, and give the first row of each difference's evidence, how many rows are shown and how many there are."""
    say = facts.say
    columns = tuple(
        Column(say(f"h.{key}"), kind, wrap=key in ("number", "reason"), tick="↗" if key in ("unit", "row") else "")
        for key, kind in _EVIDENCE
    )
    page = facts.page("H")
    shares = _shares(facts)
    first, links, shown = {}, {}, 0
    for number, line, share in shares:
        if share:
            first[line.key] = BODY + 2 + shown
            links[shown] = f"F:{number}"
        shown += share
    known = evidence_count(facts)
    if shown:
        page.long_table("T_H", BODY, columns, shown, lambda: _evidence(facts, shares), links)
    else:
        page.table("T_H", BODY, columns, (), say("none"), say("total"))
    return page, first, shown, known


def _shares(facts: Facts) -> list[tuple[int, Difference, int]]:
    """Share the rows that may be shown among the differing lines; what one leaves over goes to the next."""
    left = facts.context.evidence_limit
    waiting = [(n, line) for n, line in enumerate(facts.result.differences, 1) if line.status in TO_REVIEW]
    shares = []
    for place, (number, line) in enumerate(waiting):
        share = min(facts.context.evidence_counts.get(line.key, 0), left // (len(waiting) - place))
        shares.append((number, line, share))
        left -= share
    return shares


def _evidence(facts: Facts, shares: Sequence[tuple[int, Difference, int]]) -> Iterator[tuple[Value | float, ...]]:
    """Give the rows of the evidence; words are looked up once for each code."""
    word = _remembered(facts)
    clock = _Clock(facts)
    wabas, currencies = {waba.id: facts.waba(waba.id) for waba in facts.account.wabas}, facts.currencies
    figures: dict[str, Decimal | None] = {"": None}
    for number, line, share in shares:
        for one in islice(facts.context.evidence.get(line.key, ()), share):
            for text_ in (one.rate, one.amount):
                if text_ not in figures:
                    figures[text_] = Decimal(text_)
            yield (
                number, mask_unit(one.unit_id, one.user), mask_user(one.user), facts.number(one.phone_number_id),
                wabas.get(one.waba_id, one.waba_id), word("regime", one.regime), word("category", one.category),
                word("pricing_type", one.pricing_type), word("market", one.market),
                clock.serial(one.billed_at, one.waba_id), clock.serial(one.ends_at, one.waba_id),
                clock.serial(one.opened_at, one.waba_id), clock.serial(_open_until(one), one.waba_id), one.messages,
                figures[one.rate], figures[one.amount], currencies.get(one.waba_id, ""),
                word("certainty", one.certainty), word("reason", one.reason), one.file, one.source_row or None,
            )  # fmt: skip


def _remembered(facts: Facts) -> Callable[[str, str], str]:
    """Give what says codes of a table in words: there are few codes, and they may be asked for a million times."""
    said: dict[tuple[str, str], str] = {}

    def word(table: str, codes: str) -> str:
        if (table, codes) not in said:
            said[table, codes] = facts.market(codes) if table == "market" else facts.words(table, codes)
        return said[table, codes]

    return word


def _open_until(one: EvidenceLike) -> int:
    """Give when the window closes that the customer opened."""
    return NEVER if one.opened_at == NEVER else one.opened_at + DAY


def evidence_count(facts: Facts) -> int:
    """Count all the evidence behind differing lines."""
    return sum(facts.context.evidence_counts.get(line.key, 0) for line in facts.to_review)


def evidence_table(facts: Facts) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    """Give heads and rows of all the evidence behind differing lines as texts, masked as the sheet is.

    Times are those of the account's clock, as the heads say, with their offset.
    """
    return [facts.say(f"h.{key}") for key, _ in _EVIDENCE], _whole_evidence(facts)


def _whole_evidence(facts: Facts) -> Iterator[tuple[str, ...]]:
    word, currencies, local = _remembered(facts), facts.currencies, _Clock(facts).iso
    for number, line in enumerate(facts.result.differences, 1):
        for one in facts.context.evidence.get(line.key, ()) if line.status in TO_REVIEW else ():
            yield (
                str(number), mask_unit(one.unit_id, one.user), mask_user(one.user), facts.number(one.phone_number_id),
                facts.waba(one.waba_id), word("regime", one.regime), word("category", one.category),
                word("pricing_type", one.pricing_type), word("market", one.market),
                local(one.billed_at, one.waba_id), local(one.ends_at, one.waba_id),
                local(one.opened_at, one.waba_id), local(_open_until(one), one.waba_id),
                str(one.messages), one.rate, one.amount, currencies.get(one.waba_id, ""),
                word("certainty", one.certainty), word("reason", one.reason), one.file, str(one.source_row or ""),
            )  # fmt: skip


class _Clock:
    """Turns instants into the wall clock of their account; offsets are looked up once."""

    def __init__(self, facts: Facts) -> None:
        self._zones = {waba.id: ZoneInfo(waba.time_zone) for waba in facts.account.wabas}
        self._first = ZoneInfo(facts.account.wabas[0].time_zone)
        self._offsets: dict[tuple[str, int], int] = {}

    def serial(self, instant: int, waba_id: str) -> float | None:
        """Give an instant (microseconds UTC) in days since 1899-12-30; None for `NEVER`."""
        if instant == NEVER:
            return None
        return (instant // 1000 * 1000 + self._offset(instant, waba_id)) / DAY + _EPOCH

    def iso(self, instant: int, waba_id: str) -> str:
        """Give an instant as a text with its offset, so that it is still known in an hour that comes twice."""
        if instant == NEVER:
            return ""
        return moment(instant).astimezone(timezone(timedelta(microseconds=self._offset(instant, waba_id)))).isoformat()

    def _offset(self, instant: int, waba_id: str) -> int:
        quarter = instant // (HOUR // 4)
        offset = self._offsets.get((waba_id, quarter))
        if offset is None:
            zone = self._zones.get(waba_id, self._first)
            moved = datetime.fromtimestamp(instant // 1_000_000, zone).utcoffset() or timedelta()
            offset = self._offsets[waba_id, quarter] = int(moved.total_seconds()) * 1_000_000
        return offset
