"""How a previewed file is read, beyond its columns: what it adds up to, by kind, and every decision and doubt."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from auditor.core.money import minor_digits
from auditor.core.problems import Problem
from auditor.gui.context import Context
from auditor.gui.pieces.controls import listed
from auditor.language import Language

if TYPE_CHECKING:
    from auditor.verbs.seen import Inspection

# Decimals of an amount of which no currency is stated.
_DIGITS = 2


def told_reading(seen: "Inspection", context: Context) -> str:
    """Tell in the window's language what a file's lines add up to and how its units, signs and marks were taken."""
    speech = context.speech
    sums = [*_sums(seen, speech.language), *_totals(seen, speech.language)]
    decided = [speech.language.said(one) for one in seen.report.decisions]
    parts = (
        listed(speech.text("preview.told.sums"), [escape(one) for one in (*sums, *_span(seen, speech.language))]),
        listed(speech.text("preview.told.decisions"), [escape(one) for one in decided]),
        listed(speech.text("preview.told.doubts"), [escape(one) for one in _doubts(seen, context)]),
    )
    return "".join(parts)


def count_told(seen: "Inspection") -> int:
    """Count the decisions and doubts."""
    return len(seen.report.decisions) + len(seen.report.problems)


def _sums(seen: "Inspection", language: Language) -> Iterator[str]:
    for one in seen.sums:
        key = "sum" if one.currency else "sum_no_currency" if one.amount else "sum_no_money"
        yield language.text(
            f"inspect.{key}",
            currency=one.currency,
            layer=language.text(f"domain.layer.{one.layer}"),
            amount=_figure(one.amount, one.currency, language),
            quantity=language.number(one.quantity),
            lines=language.number(one.lines),
        )


def _totals(seen: "Inspection", language: Language) -> Iterator[str]:
    for one in seen.totals:
        stated = {
            "label": one.label or language.text(f"domain.control.{one.kind}"),
            "amount": _figure(one.amount, one.currency, language),
            "currency": one.currency,
            "row": one.row,
        }
        if one.row:
            word = language.text(f"inspect.{'agrees' if one.agrees else 'differs'}")
            yield f"{language.text('inspect.total', **stated)}: {word}"
        else:
            yield language.text("inspect.total_alone", **stated)


def _figure(amount: Decimal, currency: str, language: Language) -> str:
    """Show an amount without its currency, which stands beside it where the file states one."""
    return language.number(amount, minor_digits(currency) if currency else _DIGITS)


def _span(seen: "Inspection", language: Language) -> Iterator[str]:
    """Give the days of an invoice; those of a log stand beside its rows."""
    try:
        first, last = (language.day(date.fromisoformat(day)) for day in (seen.first, seen.last))
    except ValueError:
        return
    yield language.text("inspect.span", first=first, last=last)


def _doubts(seen: "Inspection", context: Context) -> Iterator[str]:
    for one in seen.report.problems:
        sentence = context.speech.problem(Problem(one.code, one.place, one.values))
        number = context.speech.language.number(one.count)
        yield sentence + (f" ({context.speech.text('sources.rows', count=number)})" if one.count > 1 else "")
