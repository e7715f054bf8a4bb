"""Claims: disputed differences held open from audit to audit, aged, and settled when a credit answers them.

A claim is raised by disputing an overcharge and carried into the next audit by `carry.py`: what was billed too little
is owed, and nobody claims it. A credit in a later invoice is proposed for the claims it may answer; a person settles
them, with a reason (workpaper.md §4).
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any

from auditor.core.money import ZERO
from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.timeline import date_in
from auditor.core.timeline import instant
from auditor.project.store import Entry
from auditor.verbs.by_hand import needs_reason
from auditor.verbs.ledger import Ledger

_CREDITS = frozenset({"credit_memo", "credit"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A disputed overcharge: its own `name`, the period and difference it is about, what is claimed and settled so far.

    `amount` is billed less expected when it was raised, in `currency`; what is still `open` is what was not settled.
    `due` is the day by which it is to be answered, if one was set. `carried` tells that it came from an earlier audit.
    """

    name: str
    period: str
    key: str
    amount: Decimal
    currency: str
    raised: date
    note: str
    settled: Decimal = ZERO
    due: date | None = None
    carried: bool = False

    @property
    def open(self) -> Decimal:
        """Give what has not been credited yet."""
        return self.amount - self.settled

    def age(self, on: date) -> int:
        """Count the days since it was raised."""
        return (on - self.raised).days

    def left(self, on: date) -> int | None:
        """Count the days that are left until it is due; below zero they are those it is overdue."""
        return (self.due - on).days if self.due else None

    def facts(self) -> dict[str, str]:
        """Give it as the journal keeps it."""
        return {
            "name": self.name,
            "period": self.period,
            "key": self.key,
            "amount": plain(self.amount),
            "currency": self.currency,
            "raised": self.raised.isoformat(),
            "note": self.note,
            "settled": plain(self.settled),
            "due": self.due.isoformat() if self.due else "",
        }


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit that may answer a claim: the place of its line in the result, and whether the amount is just that."""

    line: int
    claim: Claim
    exact: bool


def claim_of(facts: Mapping[str, str]) -> Claim:
    """Read a claim of an earlier audit from the journal; an earlier version knew no day on which one is due."""
    due = facts.get("due")
    return Claim(
        facts["name"],
        facts["period"],
        facts["key"],
        Decimal(facts["amount"]),
        facts["currency"],
        date.fromisoformat(facts["raised"]),
        facts["note"],
        Decimal(facts["settled"]),
        date.fromisoformat(due) if due else None,
        carried=True,
    )


# Days left up to which a claim is due soon.
_SOON = 30
AGES = ("overdue", "soon", "later", "undated")
"""How claims stand to their day, the most pressing first: `soon` is within 30 days, the day itself among them."""


def ageing(claims: Iterable[Claim], on: date) -> Mapping[tuple[str, str], Sequence[Claim]]:
    """Put claims together by how they stand to their day (`AGES`) and their currency, in that order."""
    found: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        left = claim.left(on)
        age = "undated" if left is None else "overdue" if left < 0 else "soon" if left <= _SOON else "later"
        found.setdefault((age, claim.currency), []).append(claim)
    return {key: found[key] for key in sorted(found, key=lambda one: (AGES.index(one[0]), one[1]))}


class Claims(Ledger):
    """The verbs and queries of claims; part of `Audit`."""

    @property
    def carried_claims(self) -> tuple[Claim, ...]:
        """Give the claims that came from earlier audits, with what was settled since."""
        return tuple(
            self._dated(replace(claim, settled=claim.settled + self._state.settled.get(claim.name, ZERO)))
            for claim in (claim_of(facts) for facts in self._state.claims)
        )

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Give all claims that are open: those carried along, and the overcharges disputed in this audit."""
        return (*(claim for claim in self.carried_claims if claim.open > 0), *self._raised_here())

    @property
    def is_packed(self) -> bool:
        """Tell whether the last claim pack claims what is disputed here as it stands now."""
        raised, packed = self._raised_here(), self._state.packed
        amount = sum((claim.amount for claim in raised), ZERO)
        return {claim.key for claim in raised} == {*packed.get("keys", ())} and plain(amount) == packed.get("amount")

    def _raised_here(self) -> list[Claim]:
        account = self.account
        period = f"{account.first:%Y-%m}" if f"{account.first:%Y-%m}" == f"{account.last:%Y-%m}" else ""
        period = period or f"{account.first.isoformat()}/{account.last.isoformat()}"
        raised = self._disputed_on()
        decisions = self.decisions
        return [
            self._dated(Claim(
                f"{period} {line.key}", period, line.key, line.difference, account.currency, raised[line.key],
                decisions[line.key].note,
            ))
            for line in (self.result.differences if self.result else ())
            if line.difference > 0 and line.key in decisions and decisions[line.key].decision == "disputed"
        ]  # fmt: skip

    def _dated(self, claim: Claim) -> Claim:
        """Give a claim with the day that was set or taken away in this audit, else with the one it came along with."""
        due = self._state.due.get(claim.name)
        return claim if due is None else replace(claim, due=date.fromisoformat(due) if due else None)

    def _disputed_on(self) -> dict[str, date]:
        """Give the day of the account's zone on which each difference was last disputed."""
        zone = self.account.wabas[0].time_zone
        return {
            key: date_in(zone, instant(datetime.fromisoformat(entry.at)))
            for entry in self.journal
            for key in _disputed_by(entry)
        }

    def credits(self) -> tuple[Credit, ...]:
        """Propose which credits of the invoices answer which open claims: the same amount first, then the same line."""
        lines = self.result.invoice_lines if self.result else ()
        found = [
            Credit(place, claim, -line.amount == claim.open)
            for place, line in enumerate(lines)
            if _is_credit(line)
            for claim in self.carried_claims
            if claim.open > 0
            and line.currency == claim.currency
            and (-line.amount == claim.open or _about(line, claim))
        ]
        return tuple(sorted(found, key=lambda one: (not one.exact, one.line, one.claim.name)))

    def set_due(self, name: str, day: date | None) -> None:
        """Put down by when an open claim is to be answered, as the contract or the supplier says; None: by no day.

        Raises `AuditorError`: `claim_unknown`.
        """
        claim = next((one for one in self.claims if one.name == name), None)
        if claim is None:
            raise AuditorError("claim_unknown", name=name)
        self._step("set_due", claim=name, keys=[claim.key], due=day.isoformat() if day else "")

    def settle(self, name: str, amount: Decimal, reason: str) -> None:
        """Put down that an amount of a carried claim was credited, or given up, and why.

        Raises `AuditorError`: `claim_unknown`, `claim_amount` where it is more than is open, `reason_missing`.
        """
        claim = next((one for one in self.carried_claims if one.name == name), None)
        if claim is None:
            raise AuditorError("claim_unknown", name=name)
        if not amount.is_finite() or not 0 < amount <= claim.open:
            raise AuditorError("claim_amount", amount=plain(amount), open=plain(claim.open))
        self._step("settle", claim=name, amount=plain(amount), reason=needs_reason(reason))


def _disputed_by(entry: Entry) -> list[str]:
    """Give the differences that an entry disputes."""
    if entry.verb == "review":
        return [one["key"] for one in entry.facts["decided"] if one["decision"] == "disputed"]
    return list(entry.facts["keys"]) if entry.verb == "dispute" else []


def _is_credit(line: InvoiceLine) -> bool:
    return line.amount < 0 and (line.layer == Layer.CREDIT or line.document_type in _CREDITS)


def _about(line: InvoiceLine, claim: Claim) -> bool:
    """Tell whether a line names the market and category of a claim, as far as the claim has them."""
    _, _, market, country, category, _ = claim.key.split("|")
    stated = [(market or country, line.market or line.country), (category, line.category)]
    return any(here and here == there for here, there in stated) and not any(
        here and there and here != there for here, there in stated
    )


def carried_facts(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Give claims as the next audit's journal keeps them."""
    return [dict(claim.facts()) for claim in claims if claim.open]
