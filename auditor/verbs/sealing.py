"""What was fixed before the comparison: the thresholds, and an expectation that is sealed before the invoice is known.

The journal holds it, and its chain of digests holds the journal: neither the seal nor its time can be changed
unnoticed. A seal holds as long as what it was made of is the same: account facts, logs, cards, exchange rates, rules.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from auditor.core.money import plain
from auditor.core.money import to_minor
from auditor.core.problems import AuditorError
from auditor.core.records import Account
from auditor.core.records import Tolerance
from auditor.core.results import Fixed
from auditor.core.results import Sealed
from auditor.project.chain import canonical
from auditor.project.chain import digest_of
from auditor.project.plain import from_plain
from auditor.project.plain import to_plain
from auditor.project.store import Entry
from auditor.readers.recognise import ACCOUNT
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.rulebook import rules_digest
from auditor.verbs.proving import Proving

_NONE = Tolerance(Decimal(0), Decimal(0))


class Sealing(Proving):
    """The verbs that fix an expectation, and the query for what was fixed when; part of `Audit`."""

    def seal(self, who: str = "") -> None:
        """Seal what is expected, in the journal, for the comparison to come; a seal that holds is left with its time.

        Raises `AuditorError`: `seal_needs_log`, `seal_needs_result`, `seal_after_invoice` (also for one taken out
        again: who has seen an invoice cannot unsee it).
        """
        if self._invoice_known() is not None:
            raise AuditorError("seal_after_invoice")
        if not any(self._report(number).kind == LOG for number in self._state.files):
            raise AuditorError("seal_needs_log")
        if self.result is None:
            raise AuditorError("seal_needs_result")
        known = self._sealed()
        if known is not None and known.holds:
            return
        currency = self.account.currency
        figures = {name: plain(getattr(self.result, name)) for name in ("expected", "low", "high")}
        note = f"{to_minor(self.result.expected, currency)} {currency}"
        self._step("seal", who, note=note, currency=currency, basis=self._basis_of_expectation(), **figures)

    def set_thresholds(self, materiality: Tolerance, tolerance: Tolerance, who: str = "") -> None:
        """Set from where on a difference matters, and how far a line may be off; narrower tolerances stay as they are.

        The same leave no entry. Raises `AuditorError("settings_negative")`.
        """
        for part in (materiality.amount, materiality.percent, tolerance.amount, tolerance.percent):
            if part < 0:
                raise AuditorError("settings_negative", value=plain(part))
        account = replace(self.account, materiality=materiality, tolerance=tolerance)
        if account == self.account:
            return
        facts = {"files": [], "replaces": [], "follows": self._state.account, "step": "set_thresholds"}
        with self.store.transaction():
            number = self.store.add_file("", account.name, ACCOUNT, b"", {"account": to_plain(account)})
            self._write("set_account", who, file=number, **facts)
        self._refresh()

    @property
    def fixed(self) -> Fixed:
        """Give what was fixed when, and when the first invoice was there."""
        thresholds, invoice = self._thresholds_since(), self._invoice_known()
        in_time = invoice is None or (thresholds is not None and thresholds.number < invoice.number)
        times = [None if entry is None else datetime.fromisoformat(entry.at) for entry in (thresholds, invoice)]
        return Fixed(times[0], times[1], self._sealed(), in_time)

    def _sealed(self) -> Sealed | None:
        entries = [entry for entry in self.store.journal() if entry.verb == "seal"]
        if not entries:
            return None
        facts = entries[-1].facts
        expected, low, high = (Decimal(facts[name]) for name in ("expected", "low", "high"))
        holds = facts["basis"] == self._basis_of_expectation()
        return Sealed(
            datetime.fromisoformat(entries[-1].at), entries[-1].who, expected, low, high, facts["currency"], holds
        )

    def _basis_of_expectation(self) -> str:
        """Give the digest of all that an expectation is made of, whatever the order in which it came.

        Thresholds only say what of the comparison matters, and have a time of their own.
        """
        reports = [self._report(number) for number in self._state.files]
        return digest_of(canonical({
            "account": to_plain(replace(self.account, materiality=_NONE, tolerance=_NONE, tolerances=())),
            "files": sorted([one.kind, one.sha256] for one in reports if one.kind in {LOG, CARD, FX}),
            "rates": sorted(canonical(dict(facts)) for facts in self._state.rates.values()),
            "rules": rules_digest(),
        }))  # fmt: skip

    def _invoice_known(self) -> Entry | None:
        """Give the entry by which the first invoice came into the audit, also one that is in no more."""
        for entry in self.store.journal():
            numbers = entry.facts["files"] if entry.verb == "add_files" else []
            if any(self._report(number).kind == INVOICE for number in numbers):
                return entry
        return None

    def _thresholds_since(self) -> Entry | None:
        """Give the entry since which tolerance and materiality are what they are; other facts do not matter."""
        since, stated = None, _thresholds(self.account)
        for entry in self.store.journal():
            if entry.verb != "set_account" or entry.facts["file"] not in self._state.accounts:
                continue
            same = _thresholds(from_plain(Account, self.store.facts_of(entry.facts["file"])["account"])) == stated
            since = (since or entry) if same else None
        return since


def _thresholds(account: Account) -> tuple[object, ...]:
    return account.tolerance, account.tolerances, account.materiality
