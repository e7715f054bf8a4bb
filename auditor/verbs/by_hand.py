"""What a person sets over what the program found, each with a reason: a rate, and the match of an invoice line."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Card
from auditor.core.records import InvoiceLine
from auditor.core.records import RateRow
from auditor.paths import file_stem
from auditor.readers.files import Standing
from auditor.readers.files import digest
from auditor.readers.files import standing
from auditor.verbs.ledger import Ledger

CARD_BY_HAND = "by_hand"
BASIS_BY_HAND = "by_hand"
ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class RateByHand:
    """A rate that goes before every card: in force from `first` to `last` (None: until further notice), and why."""

    currency: str
    market: str
    category: str
    rate: Decimal
    first: date
    last: date | None
    reason: str

    def facts(self) -> dict[str, str]:
        """Give it as the journal keeps it."""
        return {
            "currency": self.currency,
            "market": self.market,
            "category": self.category,
            "rate": format(self.rate, "f"),
            "first": self.first.isoformat(),
            "last": self.last.isoformat() if self.last else "",
            "reason": self.reason,
        }


def rate_by_hand(facts: Mapping[str, Any]) -> RateByHand:
    """Read a rate back from the journal."""
    last = facts["last"]
    return RateByHand(
        facts["currency"],
        facts["market"],
        facts["category"],
        Decimal(facts["rate"]),
        date.fromisoformat(facts["first"]),
        date.fromisoformat(last) if last else None,
        facts["reason"],
    )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of any kind kept as evidence beside a difference: its number in the audit, name and SHA-256."""

    number: int
    name: str
    sha256: str


def checked(rate: RateByHand) -> RateByHand:
    """Give a rate that may be set. Raises `AuditorError`: `reason_missing`, `rate_negative`, `rate_dates`."""
    needs_reason(rate.reason)
    if not rate.rate.is_finite() or rate.rate < 0:
        raise AuditorError("rate_negative", rate=format(rate.rate, "f"))
    if rate.last is not None and rate.last < rate.first:
        raise AuditorError("rate_dates", first=rate.first.isoformat(), last=rate.last.isoformat())
    return rate


def needs_reason(reason: str) -> str:
    """Give a reason without the blanks around it. Raises `AuditorError` where there is none."""
    if not reason.strip():
        raise AuditorError("reason_missing")
    return reason.strip()


def card_by_hand(rates: Iterable[RateByHand]) -> Card:
    """Give the rates set by hand as the card that lies on top of all others; of two for one key the later one holds."""
    rows: dict[tuple[str, str, str, date], RateRow] = {}
    for one in rates:
        row = RateRow(
            first=one.first,
            last=one.last,
            currency=one.currency,
            market=one.market,
            category=one.category,
            tier_from=None,
            tier_to=None,
            rate=one.rate,
            factor=None,
            plus=Decimal(0),
            basis=BASIS_BY_HAND,
            source=one.reason,
            place=Place(""),
        )
        rows[one.currency, one.market, one.category, one.first] = row
    return Card(CARD_BY_HAND, tuple(rows.values()))


def matched(line: InvoiceLine, key: str) -> InvoiceLine:
    """Give an invoice line as if it stated what the difference of `key` is about (`Difference.key`)."""
    waba_id, period, market, country, category, pricing_type = key.split("|")
    start = date.fromisoformat(f"{period}-01") if period else None
    return replace(
        line,
        waba_id=waba_id,
        phone_number_id=line.phone_number_id if waba_id else "",
        period_start=start,
        period_end=start,
        market=market,
        country=country,
        category=category,
        pricing_type=pricing_type,
    )


class ByHand(Ledger):
    """The verbs by which a person sets something over what the program found; part of `Audit`."""

    @property
    def rates_by_hand(self) -> Mapping[int, RateByHand]:
        """Give the rates set by hand and in force, by the number that withdraws them."""
        return {number: rate_by_hand(facts) for number, facts in self._state.rates.items()}

    @property
    def matches(self) -> frozenset[int]:
        """Give the places of the invoice lines (in the result) that were matched by hand."""
        return frozenset(n for n, origin in enumerate(self._origins) if origin in self._state.matches)

    @property
    def attachments(self) -> Mapping[str, tuple[Attachment, ...]]:
        """Give the files attached as evidence by the key of their difference."""
        return {
            key: tuple(Attachment(n, self.store.name_of(n), self.store.facts_of(n)["sha256"]) for n in numbers)
            for key, numbers in self._state.attached.items()
        }

    def set_rate(self, rate: RateByHand) -> None:
        """Set a rate over every card, with the reason. Raises `AuditorError` without one."""
        self._step("set_rate", **checked(rate).facts())

    def withdraw_rate(self, number: int, reason: str) -> None:
        """Let the cards hold again where a rate was set by hand (`rates_by_hand`)."""
        self._step("withdraw_rate", entry=number, reason=needs_reason(reason))

    def match(self, lines: Sequence[int], key: str, reason: str) -> None:
        """Hold invoice lines (places in the result) against the charges of a difference, whatever the lines state."""
        if key not in {line.key for line in (self.result.differences if self.result else ())}:
            raise AuditorError("difference_unknown")
        self._step("match", lines=[self._origins[n] for n in lines], key=key, reason=needs_reason(reason))

    def unmatch(self, lines: Sequence[int], reason: str) -> None:
        """Hold invoice lines that were matched by hand against what they state themselves again."""
        self._step("unmatch", lines=[self._origins[n] for n in lines], reason=needs_reason(reason))

    def attach(self, keys: Sequence[str], path: Path) -> None:
        """Keep a file as evidence beside differences."""
        if not path.is_file():
            raise AuditorError("file_missing", Place(str(path)))
        with standing(Standing(path).check):
            (sha256, _), content = digest(path), path.read_bytes()
        with self.store.transaction():
            number = self.store.add_file(sha256, path.name, ATTACHMENT, content, {"sha256": sha256})
            self._write("attach", keys=list(keys), file=number, names=[path.name])
        self._refresh()

    def write_attachment(self, number: int, folder: Path) -> Path:
        """Write an attached file into a folder, to be looked at, and give it."""
        name = Path(self.store.name_of(number))  # given on any system, and by anybody
        ending = file_stem(name.suffix[1:])
        target = folder / (f"{file_stem(name.stem) or number}" + (f".{ending}" if ending else ""))
        target.write_bytes(self.store.content_of(number))
        return target
