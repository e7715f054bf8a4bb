"""The commands on rate cards: what is on file, whether a card is sound, what it would change, and its import."""

import argparse
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from auditor.cli.console import Progress
from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.records import Card
from auditor.language import Language
from auditor.language import system_language
from auditor.readers.files import Standing
from auditor.readers.files import standing
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.kept_cards import keep_card
from auditor.readers.rates.kept_cards import kept_before
from auditor.readers.rates.kept_cards import refuse_odd_card
from auditor.readers.rates.rate_magnitudes import odd_rates
from auditor.verbs import read_account_file
from auditor.verbs.answering import META
from auditor.verbs.export import Answer
from auditor.verbs.rates import RateChange
from auditor.verbs.rates import cards_on_file
from auditor.verbs.rates import changes
from auditor.verbs.rates import new_rates
from auditor.verbs.rates import traffic
from auditor.verbs.rates import traffic_of_audit

DONE = 0
_ODD_SHOWN = 20


def rates_list(_: argparse.Namespace) -> int:
    """List the cards on file: those built in, then those that were imported."""
    language = Language(system_language())
    for card in cards_on_file():
        last = card.last.isoformat() if card.last else language.text("cli.rates.in_force")
        basis = ", ".join(language.text(f"domain.basis.{word}").lower() for word in card.basis)
        categories = ", ".join(card.categories)
        counts = language.text("cli.rates.counts", markets=card.markets, rows=card.rows)
        own = "" if card.card == META else f"  {card.card}"
        print(f"{card.currency}  {card.first.isoformat()} .. {last:<10}  {counts}  [{basis}]  {categories}{own}")
    return DONE


def rates_check(parsed: argparse.Namespace) -> int:
    """Say that a card is sound; reading it refuses one that is not."""
    card, language = _card(parsed), Language(system_language())
    _remark(card, language)
    print(language.text("cli.rates.sound", file=parsed.file.name, rows=len(card.rows)))
    return DONE


def rates_diff(parsed: argparse.Namespace) -> int:
    """Show what another card would change on given traffic."""
    account, text = read_account_file(parsed.account)
    before, after = (None if name == META else read_card(Path(name)) for name in (parsed.before, parsed.after))
    language = Language(account.language)
    with Progress(account.language) as progress, traffic(account, text, parsed.messages, progress) as answer:
        found = changes(answer, before, after, progress)
    _show_changes(found, language)
    return DONE


def rates_import(parsed: argparse.Namespace) -> int:
    """Keep one of Meta's cards, after showing its rates that are new and what they change on the traffic given."""
    card = _card(parsed)
    refuse_odd_card(card)
    with Progress(system_language()) as progress, _traffic(parsed, progress) as answer:
        found = changes(answer, None, card, progress) if answer else None
        language = Language(answer.audited.terms.account.language if answer else system_language())
    _remark(card, language)
    _show_new(card, language)
    if found is not None:
        print(language.text("cli.rates.on_traffic"))
        _show_changes(found, language)
    known = kept_before(card)
    words = "cli.rates.kept_before" if known else "cli.rates.kept"
    print(language.text(words, path=str(known or keep_card(card)), rows=len(card.rows)))
    return DONE


def _card(parsed: argparse.Namespace) -> Card:
    """Read the card that is stated, which must stand still meanwhile."""
    with standing(Standing(parsed.file).check):
        return read_card(parsed.file, parsed.first)


@contextmanager
def _traffic(parsed: argparse.Namespace, progress: Progress) -> Iterator[Answer | None]:
    """Give the traffic that was stated: an audit, or an account with its log; None if neither was."""
    if bool(parsed.account) != bool(parsed.messages) or (parsed.audit and parsed.account):
        raise AuditorError("traffic_half_given")
    if parsed.audit:
        with traffic_of_audit(parsed.audit, progress) as answer:
            yield answer
    elif parsed.account:
        with traffic(*read_account_file(parsed.account), parsed.messages, progress) as answer:
            yield answer
    else:
        yield None


def _remark(card: Card, language: Language) -> None:
    found = list(odd_rates(card))
    for problem in found[:_ODD_SHOWN]:
        print(language.problem(problem), file=sys.stderr)
    if len(found) > _ODD_SHOWN:
        print(language.text("cli.rates.odd_beside", count=len(found) - _ODD_SHOWN), file=sys.stderr)


def _show_new(card: Card, language: Language) -> None:
    """Show the rates that differ from those on file, or how many there are where none was on file at all."""
    found = new_rates(card)
    if not found:
        print(language.text("cli.rates.nothing_new"))
    for one in found:
        row = one.row
        category = language.text(f"domain.category.{row.category}")
        tier = "" if row.tier_from is None else f" ({row.tier_from:,}+)"
        sides = _sides(one.before, one.after, language)
        print(f"{row.first.isoformat()}  {row.currency}  {row.market}, {category}{tier}: {sides}")


def _show_changes(found: Sequence[RateChange], language: Language) -> None:
    if not found:
        print(language.text("cli.rates.same"))
    for one in found:
        category = language.text(f"domain.category.{one.category}")
        head = f"{one.currency}  {one.market or '-'}, {category}: {one.units}"
        change = f"({'+' if one.change > 0 else ''}{plain(one.change)})"
        print(f"{head}  {_sides(one.before, one.after, language)}  {change}")


def _sides(before: Decimal | None, after: Decimal | None, language: Language) -> str:
    unrated = language.text("cli.rates.unrated")
    return " -> ".join(unrated if side is None else plain(side) for side in (before, after))
