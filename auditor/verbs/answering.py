"""The answer of an open audit: computed from what is in force, or taken up again where it was computed before."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.core.audit import Audited
from auditor.core.audit import Invoice
from auditor.core.audit import audit
from auditor.core.audit import charged_again
from auditor.core.audit import total_as_line
from auditor.core.charging import Parted
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import Card
from auditor.core.records import ControlTotal
from auditor.core.records import FxRate
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.core.results import Reconciliation
from auditor.core.rows import width
from auditor.core.terms import Terms
from auditor.project.apart import made_ready
from auditor.project.apart import made_ready_in_parts
from auditor.project.lines import from_columns
from auditor.project.log import StoredLog
from auditor.project.plain import from_plain
from auditor.readers.rates.cards import meta_card
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.recognise import USAGE
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.verbs.by_hand import ByHand
from auditor.verbs.by_hand import card_by_hand
from auditor.verbs.by_hand import matched
from auditor.verbs.choice import ALL
from auditor.verbs.choice import Wanted
from auditor.verbs.evidence import Evidence
from auditor.verbs.evidence import EvidenceRow
from auditor.verbs.evidence import Thread
from auditor.verbs.export import Answer
from auditor.verbs.intake import kept_facts
from auditor.verbs.kept_answers import KeptAnswers
from auditor.verbs.kernels import compile_kernels
from auditor.verbs.kernels import say_compiled_for_parts
from auditor.verbs.outcome import outcome
from auditor.verbs.proving import Proving

META = "meta"


class Answering(ByHand, Proving):
    """The verbs that bring the answer and what stands behind it; part of `Audit`."""

    def recompute(self, progress: Progress = unwatched, *, charges_only: bool = False) -> Reconciliation:
        """Charge the log, reconcile the invoice, find the causes; also sets `result`.

        `charges_only` stops after the charges: nothing is converted, so that no exchange rate need be on file.
        """
        log, terms = self._terms_and_log(progress)
        invoice = None if charges_only else self._invoice()
        exports = [kept_facts(self.store, number) for number in self._files_of(USAGE)]
        usage = [line for facts in exports for line in from_columns(UsageLine, facts["lines"])]
        ready = self._in_parts(log, progress) if charges_only else made_ready(log, self.account, regimes())
        rates, has_log = self._exchange_rates(), bool(self._files_of(LOG))
        self._hold(log, audit(ready, terms, invoice, rates, self.sources, progress, usage, has_log=has_log))
        assert self.result is not None
        if not charges_only:
            self.store.keep_result(self._digest_of_inputs(), outcome(self.result))
        return self.result

    def recall(self, answers: Path, progress: Progress = unwatched) -> Reconciliation:
        """Give the answer to these very inputs that is kept in a folder, else compute and keep it; sets `result`.

        The charges behind a kept answer are made when they are first asked for, and then have to be the same.
        """
        if self.result is not None:
            return self.result
        self._kept = KeptAnswers(answers)
        known = self.kept_outcome()
        inputs, account = self._digest_of_inputs(), self.account
        found = self._kept.find(inputs, account, known) if known and not self.store.broken_chain() else None
        if found is None:
            found = self.recompute(progress)
            self.keep_answer(answers)
        else:
            self.result = found
            self._note_origins()
        return found

    def keep_answer(self, answers: Path) -> None:
        """Keep the computed answer in a folder, to be taken up by `recall`."""
        assert self.result is not None
        KeptAnswers(answers).keep(self._digest_of_inputs(), self.account, self.result)

    @property
    def has_charges(self) -> bool:
        """Tell whether the charges behind the answer are there: those of a kept one are made by `answer`."""
        return self._audited is not None

    def answer(self, progress: Progress = unwatched) -> Answer:
        """Give the computed audit, computing it first if need be."""
        if self._audited is None and self.result is not None:
            self._charge_again(progress)
        if self._audited is None or self._log is None or self._evidence is None:
            self.recompute(progress)
        assert self._audited is not None
        assert self._log is not None
        assert self._evidence is not None
        return Answer(self._audited, self._log, self._evidence)

    # Evidence -------------------------------------------------------------------------------------------------------

    def evidence_count(self, key: str, wanted: Wanted = ALL) -> int:
        """Count the charges behind a difference."""
        return self.answer().evidence.count(key, wanted) if self.result else 0

    def evidence(self, key: str, offset: int = 0, limit: int = 500, wanted: Wanted = ALL) -> tuple[EvidenceRow, ...]:
        """Give the charges behind a difference, in order of billing if no other is wanted, a page at a time."""
        return self.answer().evidence.page(key, offset, limit, wanted) if self.result else ()

    def prepare_orders(self) -> bool:
        """Make a part of what putting charges in order needs, before it is asked for; tell whether there is more."""
        return self._evidence is not None and self._evidence.prepare()

    def break_off(self) -> None:
        """End what another thread is asking of the file right now: there it meets an exception."""
        self.store.connection.interrupt()

    def thread(self, phone_number_id: str, user: str) -> Thread:
        """Give one thread with its windows and charges."""
        if self.result is None:
            return Thread(phone_number_id, user, (), (), ())
        return self.answer().evidence.thread(phone_number_id, user)

    # What it is made from -------------------------------------------------------------------------------------------

    def _charge_again(self, progress: Progress) -> None:
        """Make the charges behind an answer that was kept; one they do not come to is thrown away and made anew."""
        assert self.result is not None
        log, terms = self._terms_and_log(progress)
        audited = charged_again(made_ready(log, self.account, regimes()), terms, self.result, progress)
        if audited is not None:
            self._hold(log, audited)
            return
        assert self._kept is not None
        self._kept.forget(self._digest_of_inputs(), self.account)
        self.recompute(progress)

    def _in_parts(self, log: StoredLog, progress: Progress) -> Parted:
        """Make a log ready to be charged and no more: in parts, where there is no room for it as a whole."""
        self._spill.close()
        parts = self.room.parts(len(log), width(log.constants))
        if parts == 1:
            return made_ready(log, self.account, regimes())
        say_compiled_for_parts(progress)
        return made_ready_in_parts(log, self.account, regimes(), parts, self._spill, progress)

    def _hold(self, log: StoredLog, audited: Audited) -> None:
        self._log, self._audited, self.result = log, audited, audited.result
        self._evidence = Evidence(audited, log, {number: self._report(number) for number in self._state.files})

    def _terms_and_log(self, progress: Progress) -> tuple[StoredLog, Terms]:
        account = self.account
        terms = Terms(account, regimes(), market_table(), self._tariff(account))
        compile_kernels(terms, progress)
        progress("load", 0, 0)
        return StoredLog(self.store.connection, self._files_of(LOG), account, progress), terms

    def _files_of(self, kind: str) -> list[int]:
        return [number for number in self._state.files if self._report(number).kind == kind]

    def _note_origins(self) -> None:
        facts = {number: kept_facts(self.store, number) for number in self._files_of(INVOICE)}
        self._origins = _origins(facts)

    def _invoice(self) -> Invoice:
        """Give the lines of all invoices, those matched by hand with what they were matched to."""
        facts = {number: kept_facts(self.store, number) for number in self._files_of(INVOICE)}
        lines = {
            (number, place): line
            for number in facts
            for place, line in enumerate(from_columns(InvoiceLine, facts[number]["lines"]))
        }
        controls = [from_plain(ControlTotal, control) for one in facts.values() for control in one["controls"]]
        self._origins = _origins(facts)
        lines = lines or dict(zip(self._origins, map(total_as_line, controls), strict=True))
        for origin, key in self._state.matches.items():
            if origin in lines:
                lines[origin] = matched(lines[origin], key)
        return Invoice(tuple(lines.values()), tuple(controls))

    def _tariff(self, account: Account) -> Tariff:
        """Layer the cards: those that the account names in its order, then those that were added."""
        in_force = self._files_of(CARD)
        brought = iter([number for number in self.brought() if self._report(number).kind == CARD])
        numbers = [0 if card == META else next(brought) for card in account.cards]
        # A card that the account names may have been taken out; one that came otherwise goes on top.
        named = [meta_card() if number == 0 else self._card(number) for number in numbers if number in {0, *in_force}]
        named += [self._card(number) for number in in_force if number not in numbers]
        if self._state.rates:
            named.append(card_by_hand(self.rates_by_hand.values()))
        return Tariff(named, meta_card())

    def _card(self, number: int) -> Card:
        return from_plain(Card, self.store.facts_of(number)["card"])

    def _exchange_rates(self) -> list[FxRate]:
        files = self._files_of(FX)
        return [from_plain(FxRate, rate) for number in files for rate in self.store.facts_of(number)["rates"]]


def _origins(facts: Mapping[int, Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Give file and place of every line; where there are but receipts, of every total that one of them states."""
    found = [(number, place) for number, one in facts.items() for place in range(one["lines"]["count"])]
    return found or [(number, place) for number, one in facts.items() for place in range(len(one["controls"]))]
