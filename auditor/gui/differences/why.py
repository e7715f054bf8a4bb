"""Why a line differs, in words: causes with amounts, what they leave over, and quantity and rate on both sides."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from html import escape

from auditor.core.results import Difference
from auditor.core.results import Status
from auditor.gui.speech import Speech
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import is_compared
from auditor.gui.tables.lines import lacks_rate
from auditor.gui.tables.rows import BLANK
from auditor.gui.theme import Theme
from auditor.gui.words import Words

# The room between what is said and the figures below it, in pixels.
_ABOVE_SIDES = 12


class Why:
    """Writes the explanation of one line, or of several together, as rich text."""

    def __init__(self, speech: Speech, theme: Theme, words: Words) -> None:
        """Write in `speech`'s language and `theme`'s colours."""
        self._speech, self._theme, self._words = speech, theme, words

    def one(self, row: LineRow) -> str:
        """Explain one line."""
        entry, decision = row.record.difference, row.record.decision
        return self._assigned(decision.cause) + self._causes(entry) + self._sides(entry) + self._note(decision.note)

    def several(self, rows: Sequence[LineRow]) -> str:
        """Add up the causes of several lines."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            for cause in row.record.difference.causes:
                if cause.proof == "found":
                    sums[cause.cause] += cause.amount
        rest = sum((row.record.difference.unexplained for row in rows), Decimal(0))
        ordered = sorted(sums.items(), key=lambda pair: -abs(pair[1]))
        lines = [self._cause_line(self._words.domain("cause", cause), amount) for cause, amount in ordered]
        lines.append(self._cause_line(self._words.domain("cause", "unexplained"), rest))
        return self._title("detail.causes_together") + _table(lines)

    def _causes(self, entry: Difference) -> str:
        if not entry.difference and not entry.causes:
            return f"<p>{escape(self._no_difference(entry))}</p>"
        lines = []
        for cause in sorted(entry.causes, key=lambda cause: -abs(cause.amount)):
            lines.append(self._cause_line(self._words.cause(cause), cause.amount))
            told = [self._words.cause_sentence(cause.cause, cause.values)]
            if cause.support:
                told.append(self._words.support(cause.support))
            lines.append(
                f"<tr><td colspan='2' style='color:{self._theme.muted}; padding-bottom:7px'>"
                f"{'<br>'.join(map(escape, told))}</td></tr>"
            )
        lines.append(self._rest(entry))
        return self._title("detail.causes") + self._no_rate(entry) + _table(lines)

    def _assigned(self, cause: str) -> str:
        """Say first what cause a person found: it stands over those that the log shows."""
        if not cause:
            return ""
        name = f"<b>{escape(self._words.domain('cause', cause))}</b>"
        return self._title("detail.assigned") + f"<p style='margin-top:0'>{name}</p>"

    def _no_rate(self, entry: Difference) -> str:
        """Say what is missing where nothing is expected for want of a rate, and where it is put right."""
        if not lacks_rate(entry):
            return ""
        currency = self._words.currency_of(entry.waba_id)
        return f"<p style='margin-top:0'>{escape(self._speech.text('detail.no_rate', currency=currency))}</p>"

    def _no_difference(self, entry: Difference) -> str:
        """Say why there is none: both sides are the same, or they are not held against each other."""
        if not is_compared(entry):
            return self._speech.text("detail.not_compared")
        if entry.status == Status.NOT_COMPARABLE:
            return self._words.domain("status_meaning", entry.status)
        return self._speech.text("detail.agrees")

    def _cause_line(self, name: str, amount: Decimal) -> str:
        return (
            f"<tr><td style='padding-top:2px'><b>{escape(name)}</b></td><td align='right' style='white-space:nowrap'>"
            f"<b>{escape(self._words.signed_money(amount))}</b></td></tr>"
        )

    def _rest(self, entry: Difference) -> str:
        colour = self._theme.over if entry.unexplained else self._theme.good
        name, amount = self._words.domain("cause", "unexplained"), self._words.signed_money(entry.unexplained)
        return (
            f"<tr><td style='color:{colour}; padding-top:4px'><b>{escape(name)}</b></td>"
            f"<td align='right' style='color:{colour}; padding-top:4px; white-space:nowrap'>"
            f"<b>{escape(amount)}</b></td></tr>"
        )

    def _sides(self, entry: Difference) -> str:
        """Set billed against expected: quantity, rate, amount, and what each of the first two does to the third."""
        words, muted, unknown = self._words, self._theme.muted, lacks_rate(entry)
        heads = ("", "detail.quantity", "detail.rate", "detail.amount")
        rows = [
            [f"<span style='color:{muted}'>{escape(self._speech.text(key)) if key else ''}</span>" for key in heads],
            [
                self._speech.text("detail.billed"),
                words.count(entry.billed_quantity),
                words.rate(entry.billed_rate),
                words.figure(entry.billed) if is_compared(entry) else BLANK,
            ],
            [
                self._speech.text("detail.expected"),
                words.count(entry.expected_quantity),
                words.rate(entry.expected_rate),
                BLANK if unknown else words.figure(entry.expected),
            ],
        ]
        rows.append(
            [
                f"<b>{escape(self._speech.text('detail.effect', currency=words.currency))}</b>",
                _bold(BLANK if unknown or entry.quantity_effect is None else words.signed(entry.quantity_effect)),
                _bold(BLANK if unknown or entry.rate_effect is None else words.signed(entry.rate_effect)),
                _bold(words.signed(entry.difference) if is_compared(entry) else BLANK),
            ]
        )
        cells = "".join(
            "<tr>"
            + "".join(
                f"<td align='{'left' if place == 0 else 'right'}' style='padding:{above}px 0 2px 8px'>{cell}</td>"
                for place, cell in enumerate(row)
            )
            + "</tr>"
            for above, row in zip((_ABOVE_SIDES, 2, 2, 2), rows, strict=True)
        )
        return f"<table width='100%' cellspacing='0' cellpadding='0'>{cells}</table>" + self._span(entry)

    def _span(self, entry: Difference) -> str:
        parts = [self._speech.text("detail.tolerance", amount=self._words.money(entry.tolerance))]
        if entry.low != entry.high:
            low, high = self._words.money(entry.low), self._words.money(entry.high)
            parts.insert(0, self._speech.text("detail.range", low=low, high=high))
        return f"<p style='color:{self._theme.muted}'>{escape(' '.join(parts))}</p>"

    def _note(self, note: str) -> str:
        if not note:
            return ""
        return self._title("detail.note") + f"<p style='margin-top:0'>{escape(note)}</p>"

    def _title(self, key: str) -> str:
        return f"<p style='margin-bottom:3px; color:{self._theme.accent}'><b>{escape(self._speech.text(key))}</b></p>"


def _bold(text: str) -> str:
    return f"<b>{escape(text)}</b>"


def _table(lines: Sequence[str]) -> str:
    return f"<table width='100%' cellspacing='0' cellpadding='1'>{''.join(lines)}</table>"
