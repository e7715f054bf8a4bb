"""The facts of the account, put in force and changed: what is in the audit is read anew under them, in one step."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import Waba
from auditor.project.chain import canonical
from auditor.project.plain import to_plain
from auditor.project.state import readings
from auditor.readers.files import digest
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.recognise import ACCOUNT
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import LOG
from auditor.verbs.answering import META
from auditor.verbs.intake import Intake
from auditor.verbs.intake import Read
from auditor.verbs.intake import kept_facts
from auditor.verbs.rereading import Rereading
from auditor.verbs.sealing import Sealing
from auditor.working import working_folder


class AccountFacts(Rereading, Sealing):
    """The verbs that put facts of the account in force; part of `Audit`.

    Invoices, usage exports and exchange rates are read anew under other facts, as was stated of them, and keep their
    number where they are read the same. A message log is where other WABAs, numbers or zones could change its rows:
    `logs` say where it lies. Raises `AuditorError("log_not_at_hand")` where they do not, and whatever reading raises;
    then nothing is changed.
    """

    def set_account(
        self, account: Account, account_text: str = "", extra_cards: Sequence[Path] = (), logs: Iterable[Path] = (),
        progress: Progress = unwatched,
    ) -> None:  # fmt: skip
        """Replace the account facts, with the cards and exchange rates that they name (`extra_cards` on top).

        The same, of the same files, leave no entry: a signature falls where something changed.
        """
        self._check_open("set_account")
        named = [(CARD, Path(card)) for card in account.cards if card != META]
        named += [(CARD, card) for card in extra_cards]
        named += [(FX, Path(account.fx.file))] if account.fx.file else []
        # Each by itself: an account may well name one card twice, below another and above it.
        read = [Intake(self.store, account, (), unwatched).read(path, kind, ReadOptions()) for kind, path in named]
        replaced = self._named_files()
        if self._state.accounts and account == self.account and self._are_in_force(account_text, read, replaced):
            return

        def files() -> Mapping[str, Any]:
            return {"files": [file.keep() for file in read], "replaces": replaced}

        stay = [number for number in self._state.files if number not in replaced]
        self._put_in_force(account, account_text, stay, files, logs, progress)

    def change_account(self, account: Account, logs: Iterable[Path] = (), progress: Progress = unwatched) -> None:
        """Put other facts in force, with the cards and exchange rates of those before; the same leave no entry."""
        if account == self.account:
            return
        follows = {"files": [], "replaces": [], "follows": self._state.account}
        self._put_in_force(account, "", self._state.files, lambda: follows, logs, progress)

    def set_currency(self, currency: str, progress: Progress = unwatched) -> None:
        """Let the audit be in another currency: what its invoices are held against is in theirs."""
        self.change_account(replace(self.account, currency=currency), (), progress)

    def price_in(self, currency: str, instead_of: str, progress: Progress = unwatched) -> None:
        """Let the rates of the accounts that have them in a currency be in another: a provider's own prices."""
        wabas = (replace(one, currency=currency) if one.currency == instead_of else one for one in self.account.wabas)
        self.change_account(replace(self.account, wabas=tuple(wabas)), (), progress)

    def set_exchange_side(self, side: str, progress: Progress = unwatched) -> None:
        """Choose which side of a table of exchange rates serves: `buy` or `sell` (formats.md §7)."""
        self.change_account(replace(self.account, fx=replace(self.account.fx, side=side)), (), progress)

    def _put_in_force(
        self, account: Account, text: str, stay: Sequence[int], files: Callable[[], Mapping[str, Any]],
        logs: Iterable[Path], progress: Progress,
    ) -> None:  # fmt: skip
        """Write facts down, with the files that come and go (`files`) and new readings of those that stay."""
        self._check_open("set_account")
        intake = Intake(self.store, account, (), progress)
        try:
            with working_folder() as folder:
                again = self._read_under(account, stay, logs, intake, folder)
                with self.store.transaction():
                    kept = {"account": to_plain(account)}
                    number = self.store.add_file("", account.name, ACCOUNT, text.encode(), kept)
                    facts = dict(files())
                    if again:
                        facts["read_again"] = [self._put_in_place(old, read) for old, read in again.items()]
                    self._write("set_account", account.preparer, file=number, **facts)
        finally:
            intake.forget()
        self._refresh()

    def _read_under(
        self, account: Account, numbers: Sequence[int], logs: Iterable[Path], intake: Intake, folder: Path
    ) -> dict[int, Read]:
        """Read files under other facts, and give those that are read differently, by their number."""
        if not numbers or account == self.account:
            return {}
        logs, of_rows = list(logs), _of_rows(account) != _of_rows(self.account)
        found: dict[int, Read] = {}
        for number in numbers:
            report, options = self._report(number), self._stated(number)
            if report.kind == LOG and of_rows:
                found[number] = intake.read(_at_hand(report, logs), LOG, options)
            elif report.kind not in {LOG, CARD}:  # a card says the same to everybody
                read = intake.read(self._laid_out(number, folder), report.kind, options)
                if canonical(read.facts) != canonical(kept_facts(self.store, number)):
                    found[number] = read
        return found

    def _are_in_force(self, text: str, read: Sequence[Read], named: Sequence[int]) -> bool:
        """Tell whether an account file is the one in force, and what it names is read as it was: no more, no less."""
        there = [canonical(kept_facts(self.store, number)) for number in self._state.files if number in named]
        kept = self.store.content_of(self._state.account).decode()
        return kept == text and there == [canonical(one.facts) for one in read]

    def _named_files(self) -> list[int]:
        """Give the cards and exchange rates that any account has brought along, as they were read then and since."""
        named: set[int] = set()
        for entry in self.store.journal():
            if entry.verb == "set_account":
                named.update(entry.facts["files"])
            named.update(one["file"] for one in readings(entry.verb, entry.facts) if one["replaces"] in named)
        return sorted(named)


def _of_rows(account: Account) -> list[tuple[object, ...]]:
    """Give the facts by which a log's rows are read: whose number it is, and in which zone."""
    numbers = {waba.id: sorted((number.id, number.phone) for number in waba.numbers) for waba in account.wabas}
    return [(waba.id, waba.time_zone, *numbers[waba.id]) for waba in sorted(account.wabas, key=attrgetter("id"))]


def _at_hand(log: ImportReport, paths: Iterable[Path]) -> Path:
    for path in sorted(paths, key=lambda one: one.name != log.file):  # mostly under its own name
        if path.exists() and digest(path)[0] == log.sha256:
            return path
    raise AuditorError("log_not_at_hand", Place(log.file))


def typed_over(known: Account, typed: Account) -> Account:
    """Give the facts of a short form in the place of those that it asks for, with all that it does not ask kept.

    A WABA is known by its id, else by its place; the period stays where the month is the same.
    """
    pairs = [(_known_as(known, typed, place), waba) for place, waba in enumerate(typed.wabas)]
    wabas = [_waba_over(old, waba) if old else waba for old, waba in pairs]
    owners = {_portfolio(old): _portfolio(made) for (old, _), made in zip(pairs, wabas, strict=True) if old}
    volumes = [one for one in known.opening_volumes if one.portfolio in owners]
    same_month = (known.first.year, known.first.month) == (typed.first.year, typed.first.month)
    return replace(
        known,
        name=typed.name,
        first=known.first if same_month else typed.first,
        last=known.last if same_month else typed.last,
        currency=typed.currency,
        wabas=tuple(wabas),
        entity=typed.entity,
        tax_id=typed.tax_id,
        preparer=typed.preparer,
        language=typed.language,
        materiality=replace(known.materiality, amount=typed.materiality.amount),
        opening_volumes=tuple(replace(one, portfolio=owners[one.portfolio]) for one in volumes),
    )


def _known_as(known: Account, typed: Account, place: int) -> Waba | None:
    """Give the WABA that a typed one was: that of its id, else the one in its place whose id is gone."""
    waba, ids = typed.wabas[place], {one.id for one in typed.wabas}
    same = [one for one in known.wabas if one.id == waba.id]
    gone = [one for one in known.wabas[place : place + 1] if one.id not in ids]
    return next(iter(same or gone), None)


def _portfolio(waba: Waba) -> str:
    """Give what its volumes are counted under (pricing.md §7)."""
    return waba.portfolio or waba.id


def _waba_over(known: Waba, typed: Waba) -> Waba:
    return replace(
        known,
        id=typed.id,
        name=typed.name,
        time_zone=typed.time_zone,
        currency=typed.currency,
        numbers=typed.numbers,
    )
