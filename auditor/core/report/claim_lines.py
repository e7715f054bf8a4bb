"""The lines of a claim and what stands behind them, masked: the line list and its evidence (workpaper.md §4)."""

import hashlib
import hmac
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol

from auditor.core.day_words import day_words
from auditor.core.money import plain
from auditor.core.reconcile import Key
from auditor.core.report.cells import BODY
from auditor.core.report.cells import Column
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import at
from auditor.core.report.cells import count
from auditor.core.report.cells import text
from auditor.core.report.facts import TO_REVIEW
from auditor.core.report.facts import Facts
from auditor.core.report.facts import mask_user
from auditor.core.report.facts import month
from auditor.core.report.given import ClaimLike
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.timeline import iso

_HASHED = 32  # digits of a hash that are shown: 128 bits


@dataclass(frozen=True)
class Claimed:
    """What a claim is about: lines billed too high that are disputed, lines billed too low, earlier claims still open.

    `numbers` are the lines' numbers in the workbook, `notes` what was noted on them, `assigned` the causes that people
    put down, `due` the days by which they are to be answered. Ids of messages are hashed under `mask_key`, which goes
    to the other side. `proofs` counts, by line, the messages that its causes are about.
    """

    over: tuple[Difference, ...]
    under: tuple[Difference, ...]
    carried: tuple[ClaimLike, ...]
    numbers: Mapping[str, int]
    notes: Mapping[str, str]
    due: Mapping[str, date]
    mask_key: str
    proofs: Mapping[str, int] = field(default_factory=dict)
    assigned: Mapping[str, str] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        """Give what is claimed."""
        return sum((line.difference for line in self.over), Decimal(0))

    def number(self, line: Difference) -> int:
        """Give a line's number in the workbook."""
        return self.numbers[line.key]

    def put_down(self, line: Difference) -> str:
        """Give the cause that a person put down where the log proves no such cause of a line; empty if none."""
        cause = self.assigned.get(line.key, "")
        return "" if any(one.cause == cause for one in _proved(line)) else cause


def claimed_in(facts: Facts, mask_key: str, proofs: Mapping[str, int] = MappingProxyType({})) -> Claimed:
    """Gather a claim: the largest overcharge first, the largest undercharge first."""
    lines, decisions, claims = facts.result.differences, facts.context.decisions, facts.context.claims
    disputed = {key for key, one in decisions.items() if one.decision == "disputed"}
    order = sorted(lines, key=lambda line: (-abs(line.difference), line.key))
    return Claimed(
        tuple(line for line in order if line.difference > 0 and line.key in disputed),
        tuple(line for line in order if line.difference < 0 and line.status in TO_REVIEW),
        tuple(one for one in claims if one.carried),
        {line.key: number for number, line in enumerate(lines, 1)},
        {key: one.note for key, one in decisions.items() if one.note},
        {one.key: one.due for one in claims if one.due and not one.carried},
        mask_key,
        proofs,
        {key: one.cause for key, one in decisions.items() if one.cause},
    )


def line_name(facts: Facts, line: Difference | Key) -> str:
    """Name a line as the other side knows it: market, category, pricing type, month and account, as far as stated."""
    when = ""
    if line.period:
        words = facts.context.say(f"domain.month.{int(line.period[5:7])}")
        when = facts.say("period_month", month=words, year=line.period[:4])
    parts = (
        facts.market(line.market) or line.country, facts.word("category", line.category),
        facts.word("pricing_type", line.pricing_type), when, facts.waba(line.waba_id),
    )  # fmt: skip
    return " · ".join(part for part in parts if part) or facts.broken_down("")


def places_of(facts: Facts, line: Difference) -> str:
    """Say on which documents and rows a line stands; of many, the first three and how many more."""
    lines = [facts.result.invoice_lines[place] for place in line.lines]
    said = [
        ", ".join(
            part
            for part in (
                one.document, one.source.file, one.source.sheet,
                facts.context.say("domain.place.row", row=one.source.row) if one.source.row else "",
            )
            if part
        )
        for one in lines
    ]  # fmt: skip
    more = [facts.say("f.more", count=len(said) - 3)] if len(said) > 3 else []
    return "; ".join(said[:3] + more)


def months_of(facts: Facts, period: str) -> str:
    """Name the period of a claim: its month, or its first and last day (`2026-09-15/2026-10-14`)."""
    first, _, last = period.partition("/")
    if not last:
        return facts.month(date.fromisoformat(f"{first}-01"))
    days = (day_words(date.fromisoformat(day), facts.context.say) for day in (first, last))
    return facts.say("period_days", **dict(zip(("first", "last"), days, strict=True)))


def _proved(line: Difference) -> list[CauseAmount]:
    return [one for one in line.causes if one.proof == "found" and one.amount]


def causes_of(facts: Facts, line: Difference, put_down: str) -> str:
    """Say what was proved of a line, with amounts, what was not, and what a person put it down to."""
    parts = [(one.cause, one.amount) for one in _proved(line)]
    parts += [("unexplained", line.unexplained)] if line.unexplained else []
    said = [f"{facts.word('cause', cause)} {facts.money(amount)}" for cause, amount in parts]
    return "; ".join(said + ([facts.say("p.put_down", cause=facts.word("cause", put_down))] if put_down else []))


# The line list --------------------------------------------------------------------------------------------


def claimed_page(facts: Facts, claimed: Claimed) -> Page:
    """Build P: the disputed lines, and below them what was billed too little and the net."""
    page = _lines_page(facts, claimed, "P", claimed.over)
    say, last = facts.say, page.tables[0].last
    totals = [(say(f"p.{key}"), say(f"name.{key}_total")) for key in ("claimed", "undercharged")]
    less = sum((line.difference for line in claimed.under), Decimal(0))
    for row, ((label, name), amount) in enumerate(zip(totals, (claimed.amount, less), strict=True), last + 2):
        page.put(row, 0, text(label, Look.LABEL))
        page.put(row, 15, Entry(Kind.MONEY, amount, f"=SUM({name})", cross=row > last + 2, currency=facts.currency))
    net = Entry(
        Kind.MONEY, claimed.amount + less, f"={at(last + 2, 15)}+{at(last + 3, 15)}", currency=facts.currency,
        look=Look.TOTAL,
    )  # fmt: skip
    page.put(last + 4, 0, text(say("p.net"), Look.TOTAL))
    page.put(last + 4, 15, net, control=claimed.amount + less)
    return page


def undercharged_page(facts: Facts, claimed: Claimed) -> Page:
    """Build Q: the lines on which less was billed than was due."""
    return _lines_page(facts, claimed, "Q", claimed.under)


def _lines_page(facts: Facts, claimed: Claimed, code: str, lines: Sequence[Difference]) -> Page:
    say, money = facts.say, facts.currency
    named = say("name.claimed_total" if code == "P" else "name.undercharged_total")
    columns = (
        Column(say("f.line"), Kind.COUNT), Column(say("f.account")), Column(say("f.period"), Kind.PERIOD),
        Column(say("f.market")), Column(say("f.category")), Column(say("f.pricing")),
        Column(say("p.place"), wrap=True),
        Column(say("f.billed_quantity"), Kind.COUNT), Column(say("f.billed_rate"), Kind.RATE),
        Column(say("f.invoiced"), Kind.MONEY, summed=True, currency=money),
        Column(say("f.expected_quantity"), Kind.COUNT), Column(say("f.expected_rate"), Kind.RATE),
        Column(say("f.expected"), Kind.MONEY, summed=True, currency=money),
        Column(say("f.low"), Kind.MONEY, currency=money), Column(say("f.high"), Kind.MONEY, currency=money),
        Column(say("f.difference"), Kind.MONEY, named, summed=True, currency=money),
        Column(say("p.causes"), wrap=True), Column(say("p.evidence"), Kind.COUNT),
        Column(say("s.due"), Kind.DATE), Column(say("f.note"), wrap=True),
    )  # fmt: skip
    page = facts.page(code)
    top = BODY + 1
    rows = [_line(facts, claimed, line, top + n) for n, line in enumerate(lines, 1)]
    page.table(f"T_{code}", BODY, columns, rows, say("none"), say("total"))
    return page


def _line(facts: Facts, claimed: Claimed, line: Difference, row: int) -> tuple[Entry, ...]:
    def money(value: Decimal, formula: str = "") -> Entry:
        return Entry(Kind.MONEY, value, formula, currency=facts.currency)

    return (
        count(claimed.number(line)), text(facts.broken_down(facts.waba(line.waba_id))),
        Entry(Kind.PERIOD, month(line.period)) if line.period else text(facts.broken_down("")),
        text(facts.broken_down(facts.market(line.market) or line.country)),
        text(facts.broken_down(facts.word("category", line.category))),
        text(facts.broken_down(facts.word("pricing_type", line.pricing_type))),
        text(places_of(facts, line), wrap=True),
        count(line.billed_quantity), Entry(Kind.RATE, line.billed_rate), money(line.billed),
        count(line.expected_quantity), Entry(Kind.RATE, line.expected_rate), money(line.expected),
        money(line.low), money(line.high),
        money(line.difference, f"={at(row, 9)}-{at(row, 12)}"),
        text(causes_of(facts, line, claimed.put_down(line)), wrap=True),
        count(facts.context.evidence_counts.get(line.key)),
        Entry(Kind.DATE, claimed.due.get(line.key)), text(claimed.notes.get(line.key, ""), wrap=True),
    )  # fmt: skip


LINE_FIELDS = (
    "direction", "line", "account", "period", "market", "country", "category", "pricing_type", "invoice_lines",
    "billed_quantity", "billed_rate", "billed", "expected_quantity", "expected_rate", "expected", "expected_low",
    "expected_high", "difference", "currency", "causes", "charges", "due", "note",
)  # fmt: skip


def line_rows(facts: Facts, claimed: Claimed) -> Iterator[tuple[str, ...]]:
    """Give the line list as texts for other programs, by `LINE_FIELDS`: what is disputed, then the undercharges."""
    for direction, lines in (("overcharge", claimed.over), ("undercharge", claimed.under)):
        for line in lines:
            causes = [f"{one.cause} {plain(one.amount)}" for one in line.causes if one.proof == "found"]
            due = claimed.due.get(line.key)
            yield (
                direction, str(claimed.number(line)), line.waba_id, line.period, line.market, line.country,
                line.category, line.pricing_type, places_of(facts, line),
                *(_figure(value) for value in (
                    line.billed_quantity, line.billed_rate, line.billed, line.expected_quantity, line.expected_rate,
                    line.expected, line.low, line.high, line.difference,
                )),
                facts.currency, "; ".join(causes), str(facts.context.evidence_counts.get(line.key, 0)),
                due.isoformat() if due else "", claimed.notes.get(line.key, ""),
            )  # fmt: skip


def _figure(value: Decimal | int | None) -> str:
    return "" if value is None else plain(Decimal(value))


# The evidence ---------------------------------------------------------------------------------------------

EVIDENCE_FIELDS = (
    "line", "message", "user", "phone_number", "account", "regime", "market", "category", "pricing_type", "billed_at",
    "ends_at", "messages", "rate", "amount", "currency", "certainty", "reason",
)  # fmt: skip


def evidence_rows(facts: Facts, claimed: Claimed) -> Iterator[tuple[str, ...]]:
    """Give what stands behind the lines of a claim as texts by `EVIDENCE_FIELDS`: customers masked, ids hashed."""
    currencies = facts.currencies
    for line in (*claimed.over, *claimed.under):
        number = str(claimed.number(line))
        for one in facts.context.evidence.get(line.key, ()):
            yield (
                number, hashed(one.unit_id, one.user, claimed.mask_key), mask_user(one.user),
                facts.phone(one.phone_number_id),
                one.waba_id, one.regime, one.market, one.category, one.pricing_type, iso(one.billed_at),
                iso(one.ends_at), str(one.messages), one.rate, one.amount, currencies[one.waba_id], one.certainty,
                one.reason,
            )  # fmt: skip


class ProofLike(Protocol):
    """A message behind a cause, as `verbs.BehindCause` has it; it has all of `SIDES` as well."""

    @property
    def line(self) -> str:
        """Give the difference it is on."""

    @property
    def cause(self) -> str:
        """Give the cause."""

    @property
    def message_id(self) -> str:
        """Give the message's id."""

    @property
    def user(self) -> str:
        """Give the customer."""

    @property
    def phone_number_id(self) -> str:
        """Give the business number."""


SIDES = (
    "sent_at", "window_opened_at", "due_month", "due_market", "due_category", "due_pricing_type", "due_price",
    "due_amount", "billed_month", "billed_market", "billed_category", "billed_pricing_type", "billed_price",
    "billed_amount", "difference", "currency",
)  # fmt: skip
PROOF_FIELDS = ("line", "cause", "message", "user", "phone_number", *SIDES)


def proof_rows(facts: Facts, claimed: Claimed, behind: Iterable[ProofLike]) -> Iterator[tuple[str, ...]]:
    """Give the messages behind the causes of the lines of a claim by `PROOF_FIELDS`: customers masked, ids hashed."""
    numbers = {line.key: str(claimed.number(line)) for line in (*claimed.over, *claimed.under)}
    for one in behind:
        if one.line in numbers:
            yield (
                numbers[one.line], one.cause, hashed(one.message_id, one.user, claimed.mask_key), mask_user(one.user),
                facts.phone(one.phone_number_id), *(getattr(one, name) for name in SIDES),
            )  # fmt: skip


def hashed(unit_id: str, user: str, key: str) -> str:
    """Give an id that only who has the message can match: a wamid holds the customer's number, and so may others."""
    message, mark, participant = unit_id.partition("#")
    if message.startswith("wamid.") or (user and user in message):
        message = hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()[:_HASHED]
    return message + mark + mask_user(participant)
