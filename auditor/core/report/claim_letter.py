"""The claim letter: what is disputed, by how much, why, and on what evidence; undercharges beside it (workpaper.md §4).

It is blocks of text and tables and knows no file format, so that the DOCX and the PDF say the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from auditor.core.causes.words import cause_sentence
from auditor.core.day_words import day_words
from auditor.core.money import plain
from auditor.core.reconcile import Key
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.report.claim_lines import Claimed
from auditor.core.report.claim_lines import line_name
from auditor.core.report.claim_lines import months_of
from auditor.core.report.claim_lines import places_of
from auditor.core.report.facts import Facts
from auditor.core.results import Difference

_MOST_LINES = 30  # of more, the letter tells the largest; the line list has all
_MOST_RATES = 4
_MOST_WALKED = 20_000  # charges that are looked through for the first and last of them


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a letter.

    `kind` is `date`, `address`, `subject`, `text`, `head`, `fact` (a label and what it says, two texts), `table` (the
    first row heads it, the last is the total; `figures` are the columns that stand right) or `sign`.
    """

    kind: str
    texts: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    figures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: its title (also the file's), who wrote it, and its blocks in order."""

    title: str
    author: str
    footer: str
    blocks: tuple[Block, ...]


def claim_letter(facts: Facts, claimed: Claimed, enclosed: Sequence[str]) -> Letter:
    """Write the letter in the audit's language. `enclosed` names the files that go with it."""
    letter = _Letter(facts, claimed)
    blocks = (
        *letter.opening(),
        *letter.lines(),
        *letter.undercharges(),
        *letter.carried(),
        *letter.closing(enclosed),
    )
    account = facts.account
    foot = " · ".join(part for part in (account.entity, facts.period) if part)
    return Letter(letter.subject(), account.preparer, foot, blocks)


class _Letter:
    """Says the parts of one letter."""

    def __init__(self, facts: Facts, claimed: Claimed) -> None:
        self.facts, self.claimed = facts, claimed

    def say(self, key: str, **values: object) -> str:
        return self.facts.context.say(f"claim.{key}", **values)

    def money(self, amount: Decimal) -> str:
        return self._whole(amount, self.facts.currency)

    def _whole(self, amount: Decimal, currency: str) -> str:
        """Show an amount that no line's end divides: its figure alone would be read as another sum's."""
        return self.facts.context.money(amount, currency).replace(" ", "\N{NO-BREAK SPACE}")

    def _sums(self, lines: Sequence[Difference]) -> tuple[str, str, str]:
        billed, expected = (sum((getattr(one, key) for one in lines), Decimal(0)) for key in ("billed", "expected"))
        return self.money(billed), self.money(expected), self.money(abs(billed - expected))

    def documents(self) -> list[str]:
        """Give the numbers of the invoices that the disputed lines stand on, not those of credits set against them."""
        found = (self.facts.result.invoice_lines[place] for line in self.claimed.over for place in line.lines)
        return sorted({one.document for one in found if not _is_credit(one)} - {""})

    def subject(self) -> str:
        """Say what the letter is about."""
        named = self.documents()
        key = "subject_many" if len(named) > 1 else "subject"
        return self.say(key, documents=", ".join(named) or self.say("no_document"), period=self.facts.period)

    def opening(self) -> Iterator[Block]:
        facts, account, claimed = self.facts, self.facts.account, self.claimed
        made = facts.wall(facts.context.made_at)
        month = facts.context.say(f"domain.month.{made.month}").lower() if facts.context.language == "es" else (
            facts.context.say(f"domain.month.{made.month}")
        )  # fmt: skip
        yield Block("date", (self.say("date", day=made.day, month=month, year=made.year),))
        own = (account.entity or self.say("no_entity"), self.say("tax_id", id=account.tax_id) if account.tax_id else "")
        yield Block("address", (self.say("from"), *(part for part in own if part)))
        yield Block("address", (self.say("to"), *(self._supplier() or (self.say("supplier"),))))
        yield Block("subject", (self.subject(),))
        yield Block("text", (self.say("greeting"),))
        regimes = "; ".join(facts.word("regime", regime) for regime in facts.result.regimes)
        yield Block("text", (self.say("method", regimes=regimes, cards=", ".join(facts.cards)),))
        yield Block("text", (self.say(
            "sum", lines=len(claimed.over), amount=self.money(claimed.amount),
            billed=self.money(sum((line.billed for line in claimed.over), Decimal(0))),
            expected=self.money(sum((line.expected for line in claimed.over), Decimal(0))),
        ),))  # fmt: skip
        if self._tax_on_top():
            yield Block("text", (self.say("before_tax", tax=self._tax_on_top()),))
        missing = sum((gap.above for gap in facts.result.health.gaps), Decimal(0))
        if missing:
            yield Block("text", (self.say("gaps", amount=self.money(missing)),))
        yield Block("text", (self.say("numbers"),))
        yield self._table(claimed.over, "too_much")

    def _tax_on_top(self) -> str:
        """Name the tax that comes on top of the lines: as the account states it, else as the invoice itself adds it."""
        tax = self.facts.account.tax
        if tax:
            return "" if tax.included else self.say("tax", name=tax.name, rate=plain(tax.rate))
        added = [line for line in self.facts.result.invoice_lines if line.layer is Layer.TAX and line.amount]
        return ", ".join(dict.fromkeys(line.description or self.say("some_tax") for line in added))

    def _supplier(self) -> tuple[str, ...]:
        found = [line for line in self.facts.result.invoice_lines if line.supplier]
        if not found:
            return ()
        first = found[0]
        return (first.supplier, *([self.say("tax_id", id=first.supplier_tax_id)] if first.supplier_tax_id else []))

    def _table(self, lines: Sequence[Difference], head: str) -> Block:
        facts, shown = self.facts, lines[:_MOST_LINES]
        rows = [tuple(self.say(f"table.{key}") for key in ("line", "name", "billed", "expected", head))]
        rows += [
            (
                str(self.claimed.number(line)), line_name(facts, line), self.money(line.billed),
                self.money(line.expected), self.money(abs(line.difference)),
            )
            for line in shown
        ]  # fmt: skip
        rest = lines[_MOST_LINES:]
        if rest:
            rows.append(("", self.say("table.rest", count=len(rest)), *self._sums(rest)))
        rows.append(("", self.say("table.total"), *self._sums(lines)))
        return Block("table", rows=tuple(rows), figures=(2, 3, 4))

    def lines(self) -> Iterator[Block]:
        """Tell each disputed line: where it stands, both sides, why, by which rate, on which evidence."""
        for line in self.claimed.over[:_MOST_LINES]:
            yield Block("head", (self.say("line", number=self.claimed.number(line), name=line_name(self.facts, line)),))
            for key, said in self._facts_of(line):
                yield Block("fact", (self.say(f"fact.{key}"), said))

    def _facts_of(self, line: Difference) -> Iterator[tuple[str, str]]:
        facts = self.facts
        places = places_of(facts, line)
        if places:
            yield "invoice", places
        yield "billed", _side(line.billed_quantity, line.billed_rate, self.money(line.billed))
        yield from self._credited(line)
        yield "due", _side(line.expected_quantity, line.expected_rate, self.money(line.expected))
        least = line.billed - line.high
        if line.high > line.expected:
            yield "range", self.say("range", high=self.money(line.high), least=self.money(max(least, Decimal(0))))
        lost = sum((one.amount for one in line.causes if one.cause == "log_gap"), Decimal(0))  # always possible only
        if lost:
            yield "range", self.say("gap", amount=self.money(lost))
        found = [cause for cause in line.causes if cause.proof == "found" and cause.amount]
        for cause in found:
            word = facts.word("cause", cause.cause)
            meaning = cause_sentence(cause.cause, cause.values, facts.context.say, facts.market)
            yield "reason", self.say("reason", cause=word, amount=self.money(cause.amount), meaning=meaning)
        put_down = self.claimed.put_down(line)
        if line.unexplained:
            told = "unproved" if found else "recount_put_down" if put_down else "recount"
            yield "reason", self.say(told, amount=self.money(line.unexplained))
        if put_down:
            meaning = cause_sentence(put_down, {}, facts.context.say, facts.market)
            yield "reason", self.say("put_down", cause=facts.word("cause", put_down), meaning=meaning)
        used = dict.fromkeys(facts.rate_used(facts.result.cells[place]) for place in line.cells)
        for rate in [one for one in used if one is not None and one.rate][:_MOST_RATES]:
            card, source = facts.card(rate.card), facts.source(rate.source)
            said = self.say(
                "rate", rate=plain(rate.rate), currency=rate.currency, first=day_words(rate.first, facts.context.say),
                card=card, source="" if source == card else source,
            )  # fmt: skip
            yield "rate", said.rstrip()
        for said in self._exchange(line):
            yield "exchange", said
        yield "evidence", self._evidence(line)
        behind = self.claimed.proofs.get(line.key, 0)
        if behind:
            yield "proof", self.say("proof", count=f"{behind:,}", file=self.say("file.proof"))
        yield from self._put_down(line)

    def _credited(self, line: Difference) -> Iterator[tuple[str, str]]:
        """Say what was credited on a line already, and by which documents: what is said to be billed is less it."""
        found = [one for one in (self.facts.result.invoice_lines[place] for place in line.lines) if _is_credit(one)]
        if found:
            names = ", ".join(dict.fromkeys(one.document or one.source.file for one in found))
            amount = -sum((one.amount for one in found), Decimal(0))
            yield "credited", self.say("credited", amount=self.money(amount), documents=names)

    def _put_down(self, line: Difference) -> Iterator[tuple[str, str]]:
        """Say what people put down on a line: its day, where the lines do not have one and the same, and its note."""
        if line.key in self.claimed.due and self._answer_by() is None:
            yield "answer_by", self._day(self.claimed.due[line.key])
        note = self.claimed.notes.get(line.key)
        if note:
            yield "note", note

    def _answer_by(self) -> date | None:
        """Give the one day by which all that is claimed is to be answered; None where there is none, or several."""
        days = {self.claimed.due.get(line.key) for line in self.claimed.over}
        return days.pop() if len(days) == 1 else None

    def _day(self, day: date) -> str:
        return day_words(day, self.facts.context.say)

    def _exchange(self, line: Difference) -> Iterator[str]:
        """Say by which exchange rates a line's charges came into the invoice's currency, and who published them."""
        facts, used = self.facts, defaultdict[str, set[Decimal]](set)
        for cell in (facts.result.cells[place] for place in line.cells):
            rate = facts.totals.fx(cell)
            if rate is not None and cell.currency not in {"", facts.currency}:
                used[cell.currency].add(rate)
        for currency, rates in used.items():
            ends = [plain(end) for end in dict.fromkeys((min(rates), max(rates)))]
            said = self.say(
                "exchange", source=currency, target=facts.currency,
                rates=self.say("exchange_span", low=ends[0], high=ends[1]) if ends[1:] else ends[0],
                method=facts.word("fx_method", facts.account.fx.method).lower(),
            )  # fmt: skip
            published = dict.fromkeys(one.source for one in facts.result.fx if one.source_currency == currency)
            names = ", ".join(name for name in published if name)
            yield self.say("exchange_published", exchange=said, names=names) if names else said

    def _evidence(self, line: Difference) -> str:
        """Say how many charges stand behind a line, and when the first and the last arose, by the account's clock."""
        facts = self.facts
        count = facts.context.evidence_counts.get(line.key, 0)
        if not count:
            return self.say("no_evidence")
        free = sum(facts.result.cells[place].quantity for place in facts.free.get(line.key, ()))
        key = "evidence" if not free else "evidence_free" if free < count else "evidence_all_free"
        one = "_one" if count - free == 1 else ""
        said = self.say(key + one, count=f"{count - free:,}", free=f"{free:,}")
        rows = list(facts.context.evidence.get(line.key, ())) if count <= _MOST_WALKED else []
        if not rows:
            return said
        moments = [facts.local(one.billed_at, one.waba_id) for one in (rows[0], rows[-1])]
        first, last = (f"{day_words(one, facts.context.say)} {one:%H:%M}" for one in moments if one)
        return f"{said} {self.say('span', first=first, last=last)}"

    def undercharges(self) -> Iterator[Block]:
        """Set what was billed too little beside what was billed too much, and say the net."""
        claimed, money = self.claimed, self.money
        yield Block("head", (self.say("under.head"),))
        if not claimed.under:
            yield Block("text", (self.say("under.none"),))
            return
        less = abs(sum((line.difference for line in claimed.under), Decimal(0)))
        said = self.say(
            "under.text", lines=len(claimed.under), amount=money(less), claimed=money(claimed.amount),
            net=money(claimed.amount - less),
        )  # fmt: skip
        yield Block("text", (said,))
        yield self._table(claimed.under, "too_little")

    def carried(self) -> Iterator[Block]:
        """List the claims of earlier periods that no credit has settled yet."""
        if not self.claimed.carried:
            return
        facts, say = self.facts, self._whole
        yield Block("head", (self.say("carried.head"),))
        keys = ("period", "line", "raised", "due", "amount", "settled", "open")
        heads = tuple(self.say(f"carried.{key}") for key in keys)
        rows = [
            (
                months_of(facts, one.period), line_name(facts, Key(*one.key.split("|"))),
                self._day(one.raised), self._day(one.due) if one.due else "",
                say(one.amount, one.currency), say(one.settled, one.currency), say(one.open, one.currency),
            )
            for one in self.claimed.carried
        ]  # fmt: skip
        sums = ["", "", ""]
        if len({one.currency for one in self.claimed.carried}) == 1:
            figures = zip(*((one.amount, one.settled, one.open) for one in self.claimed.carried), strict=True)
            sums = [say(sum(column, Decimal(0)), self.claimed.carried[0].currency) for column in figures]
        total = ("", self.say("table.total"), "", "", *sums)
        yield Block("table", rows=(heads, *rows, total), figures=(4, 5, 6))

    def closing(self, enclosed: Sequence[str]) -> Iterator[Block]:
        account = self.facts.account
        yield Block("head", (self.say("request.head"),))
        amount = self.money(self.claimed.amount)
        if self._tax_on_top():
            amount = self.say("request.with_tax", amount=amount, tax=self._tax_on_top())
        day = self._answer_by()
        asked = self.say("request.text_by", amount=amount, day=self._day(day)) if day else None
        yield Block("text", (asked or self.say("request.text", amount=amount),))
        yield Block("text", (self.say("masking", secret=self.claimed.mask_key),))
        yield Block("text", (self.say("enclosed", files=", ".join(enclosed)),))
        yield Block("text", (self.say("closing"),))
        yield Block("sign", tuple(part for part in (account.preparer, account.entity or self.say("no_entity")) if part))


def _is_credit(line: InvoiceLine) -> bool:
    return line.amount < 0 and (line.document_type == "credit_memo" or line.layer is Layer.CREDIT)


def _side(quantity: Decimal | int | None, rate: Decimal | None, amount: str) -> str:
    """Say one side of a line: `8,200 × 0.02 = US$ 164.00`, or the amount where the rest is not stated."""
    if quantity is None:
        return amount
    units = f"{Decimal(quantity):,f}"
    return f"{units} × {plain(rate)} = {amount}" if rate is not None else f"{units}: {amount}"
