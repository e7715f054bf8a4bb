"""Proof on demand: what a cause means in a sentence that can be pasted, and the very messages that it is about."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from typing import cast

import numpy as np

from auditor.core.audit import Audited
from auditor.core.causes.grain import FineGrain
from auditor.core.causes.messages import CauseMessages
from auditor.core.causes.messages import Concerned
from auditor.core.causes.messages import Unit
from auditor.core.causes.reading import Reading
from auditor.core.causes.words import ORDER
from auditor.core.causes.words import cause_sentence
from auditor.core.kinds import OUTBOUND
from auditor.core.money import ZERO
from auditor.core.money import plain
from auditor.core.money import total
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.regimes import CATEGORY
from auditor.core.regimes import INITIATOR
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.tables import NEVER
from auditor.core.tables import Int64
from auditor.core.timeline import DAY
from auditor.core.timeline import iso
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.language import catalogue
from auditor.project.chain import canonical
from auditor.readers.rulebook import regimes
from auditor.verbs.answering import Answering
from auditor.verbs.export import Answer
from auditor.writers.csv_table import write_csv


class BehindCause(NamedTuple):
    """A charge behind a cause: its message, what it is due as and what it was billed as; empty where it is not billed.

    Times are ISO in UTC, amounts exact, `line` is the key of the difference that it is on.
    """

    cause: str
    message_id: str
    user: str
    phone_number_id: str
    sent_at: str
    window_opened_at: str
    due_month: str
    due_market: str
    due_category: str
    due_pricing_type: str
    due_price: str
    due_amount: str
    billed_month: str
    billed_market: str
    billed_category: str
    billed_pricing_type: str
    billed_price: str
    billed_amount: str
    difference: str
    currency: str
    line: str
    file: str
    source_row: str


COLUMNS = BehindCause._fields


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause by one reading of the rules: its amount on the lines, and the charges behind it.

    `amount` is rounded line by line as the bridge has it; the charges add up to it exactly but for that rounding.
    Of one whose `proof` is `possible` nothing proves that they are behind the difference.
    """

    cause: str
    values: Mapping[str, str]
    amount: Decimal
    concerned: tuple[Concerned, ...]
    sentences: Mapping[str, str]
    proof: str = "found"


class Reasoning(Answering):
    """The queries behind causes; part of `Audit`."""

    def reasons(
        self, cause: str = "", key: str = "", progress: Progress = unwatched, *, possible: bool = False
    ) -> tuple[Reason, ...]:
        """Give the causes found by charging the log otherwise, with their messages: all, or those of a cause or line.

        After them, if asked for, those that are only `possible`. What a line bears witness to by itself (`quantity`,
        `rate`, a repeated line) has no messages and is not here.
        Raises `AuditorError("cause_unknown")`.
        """
        if cause and cause not in ORDER:
            raise AuditorError("cause_unknown", value=cause, known=", ".join(ORDER))
        found = self._with_causes(progress).audited.causes
        if found is None:
            return ()
        chosen = [one for one in found.readings if cause in {"", one.cause} and not self._left_open(one, key)]
        made = [(reading, self._on_proved_lines(reading, found.of(reading, key, progress))) for reading in chosen]
        proved = tuple(self._reason(reading, concerned, key) for reading, concerned in made if concerned)
        return (*proved, *self._possible(found, cause, key, progress)) if possible else proved

    def behind(self, reason: Reason, offset: int = 0, limit: int = 500) -> tuple[BehindCause, ...]:
        """Give the charges behind a cause, in the order of the log, a page at a time."""
        page = replace(reason, concerned=reason.concerned[offset : offset + limit])
        return tuple(self._rows(page, self._with_causes(unwatched)))

    def rows_behind(self, reasons: Sequence[Reason]) -> Iterator[BehindCause]:
        """Give the charges behind causes, one cause after the other."""
        answer = self._with_causes(unwatched)
        for reason in reasons:
            yield from self._rows(reason, answer)

    @staticmethod
    def counted(reasons: Sequence[Reason]) -> Mapping[str, int]:
        """Count the charges behind causes by the difference that they are on."""
        return Counter(_line_of(one) for reason in reasons for one in reason.concerned)

    def export_reasons(self, reasons: Sequence[Reason], path: Path, progress: Progress = unwatched) -> Path:
        """Write the messages behind causes as CSV: what each is due as and what it was billed as.

        Raises `AuditorError("file_not_writable")`.
        """
        self._with_causes(progress)
        try:
            every = sum(len(reason.concerned) for reason in reasons)
            return write_csv(path, COLUMNS, self.rows_behind(reasons), lambda done: progress("evidence", done, every))
        except OSError as error:
            raise AuditorError("file_not_writable", Place(str(path)), reason=error.strerror or str(error)) from error

    def _with_causes(self, progress: Progress) -> Answer:
        """Give the answer; one that was only recalled is worked out again, for its readings."""
        answer = self.answer(progress)
        if answer.audited.causes is None:
            self.recompute(progress)
            answer = self.answer(progress)
        return answer

    def _possible(self, found: CauseMessages, cause: str, key: str, progress: Progress) -> Iterator[Reason]:
        """Give the causes that are only possible, each with the messages that it would bill otherwise on its lines."""
        named: dict[tuple[str, str], list[tuple[CauseAmount, tuple[Concerned, ...]]]] = {}
        for line in self._lines_of(key):
            for one in line.causes:
                if one.proof != "found" and cause in {"", one.cause}:
                    concerned = found.possible(one, line.key, progress)
                    named.setdefault((one.cause, canonical(dict(one.values))), []).append((one, concerned))
        for parts in named.values():
            rows = {each.row: each for _, concerned in parts for each in concerned}
            if rows:
                amount = total(one.amount for one, concerned in parts if concerned)
                yield self._told_as(parts[0][0], amount, tuple(rows[row] for row in sorted(rows)))

    def _lines_of(self, key: str) -> list[Difference]:
        """Give the lines of the answer, or the one of a key."""
        assert self.result is not None
        return [line for line in self.result.differences if key in {"", line.key}]

    def _left_open(self, reading: Reading, key: str) -> bool:
        """Tell whether a reading is only possible wherever it is named: the log lacks what would prove it."""
        named = [one for line in self._lines_of(key) for one in line.causes if one.cause == reading.cause]
        proofs = {one.proof for one in named if one.values == reading.values}
        return bool(proofs) and "found" not in proofs

    def _on_proved_lines(self, reading: Reading, concerned: Sequence[Concerned]) -> tuple[Concerned, ...]:
        """Leave out the charges on lines of which a reading that others prove is only possible: no proof of these."""
        named = ((line, one) for line in self._lines_of("") for one in line.causes if one.cause == reading.cause)
        proofs: dict[str, set[str]] = {}
        for line, one in named:
            if one.values == reading.values:
                proofs.setdefault(line.key, set()).add(one.proof)
        open_ = {key for key, said in proofs.items() if "found" not in said}
        return tuple(one for one in concerned if not _lines_on(one) <= open_) if open_ else tuple(concerned)

    def _reason(self, reading: Reading, concerned: tuple[Concerned, ...], key: str) -> Reason:
        named = [one for line in self._lines_of(key) for one in line.causes if one.cause == reading.cause]
        told = (one.amount for one in named if one.values == reading.values and one.proof == "found")
        return self._told_as(CauseAmount(reading.cause, ZERO, values=reading.values), total(told), concerned)

    def _told_as(self, part: CauseAmount, amount: Decimal, concerned: tuple[Concerned, ...]) -> Reason:
        sentences = {code: self._sentence(part, amount, len(concerned), code) for code in LANGUAGES}
        return Reason(part.cause, part.values, amount, concerned, sentences, part.proof)

    def _sentence(self, part: CauseAmount, amount: Decimal, count: int, code: str) -> str:
        from auditor.core.report.facts import catalogue_key  # noqa: PLC0415 - a second of imports that a start does without

        language, texts = Language(code), catalogue(code)

        def market(name: str) -> str:
            return texts.get("domain.market." + catalogue_key(name), name)

        meaning = cause_sentence(part.cause, part.values, language.text, market)
        way = "over" if amount > 0 else "under" if amount < 0 else "even"
        one = "_one" if count == 1 else ""
        units = language.text(f"checks.reason.{self._counted_as()}{one}", count=language.number(count))
        told = language.text(
            f"checks.reason.{way}{one if way == 'even' else ''}", cause=language.text(f"domain.cause.{part.cause}"),
            amount=language.money(abs(amount), self.account.currency), units=units, meaning=meaning,
        )  # fmt: skip
        return told if part.proof == "found" else language.text("checks.reason.possible", told=told)

    def _counted_as(self) -> str:
        """Tell what the regimes of the period charge: messages, conversations, or either."""
        assert self.result is not None
        units = {one.unit in {INITIATOR, CATEGORY} for one in regimes() if one.id in self.result.regimes}
        return "either" if len(units) > 1 else "conversations" if True in units else "messages"

    def _rows(self, reason: Reason, answer: Answer) -> Iterator[BehindCause]:
        rows = np.array([one.row for one in reason.concerned], np.int64)
        facts = answer.log.look_up(rows, ("message_id", "user", "file", "source_row"))
        known = cast("list[tuple[str, str, int, int]]", facts)
        files = {number: self._report(number) for number in self._state.files}
        currency = self.account.currency  # an account is read from the ledger each time
        for one, where, (message_id, user, file, place) in zip(
            reason.concerned, _places(rows, answer.audited), known, strict=True
        ):
            name, row = files[file].place_of(place)
            ends = [plain(one.amount), currency, _line_of(one), name, str(row)]
            yield BehindCause(reason.cause, message_id, user, *where, *_side(one.due), *_side(one.billed), *ends)


def _line_of(one: Concerned) -> str:
    """Give the difference that a charge is on: where it was billed or, if it was not, where it was due."""
    return FineGrain.coarse(one.billed.key or one.due.key)


def _lines_on(one: Concerned) -> set[str]:
    """Give the differences that a charge is on, where it was due and where it was billed."""
    return {FineGrain.coarse(unit.key) for unit in (one.due, one.billed) if unit.key}


def _places(rows: Int64, audited: Audited) -> Iterator[list[str]]:
    """Give number, time of sending and opener of the window of each row, also of messages that were not delivered."""
    messages = audited.whole.messages
    wrote = ((messages.kind & OUTBOUND) == 0) & np.isin(messages.user, messages.user[rows])
    heard: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(wrote).tolist():
        heard.setdefault((int(messages.number[row]), int(messages.user[row])), []).append(int(messages.sent[row]))
    for times in heard.values():
        times.sort()
    for row in rows.tolist():
        number, sent = int(messages.number[row]), int(messages.sent[row])
        times = heard.get((number, int(messages.user[row])), []) if messages.group[row] < 0 else []
        last = times[bisect_right(times, sent) - 1] if times and times[0] <= sent else NEVER
        opened = last if last != NEVER and sent - last < DAY else NEVER
        yield [messages.numbers[number], iso(sent), iso(opened)]


def _side(unit: Unit) -> list[str]:
    """Show what a charge is due or billed as; nothing where it is not billed."""
    if not unit.times:
        return ["", "", "", "", "", plain(unit.amount)]
    price = "" if unit.price is None else plain(unit.price)
    return [unit.month, unit.market, unit.category, unit.pricing_type, price, plain(unit.amount)]
