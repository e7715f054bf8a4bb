"""What a report is handed beside the reconciliation: evidence, decisions, signatures, the journal, and its words."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from auditor.core.problems import Said
from auditor.core.results import Fixed


class EvidenceLike(Protocol):
    """A charge behind a difference, as `verbs.EvidenceRow` has it: texts, and times in microseconds UTC."""

    @property
    def unit_id(self) -> str:
        """Give the id of the opener or message."""

    @property
    def user(self) -> str:
        """Give the customer's number or id, unmasked."""

    @property
    def phone_number_id(self) -> str:
        """Give the business number."""

    @property
    def waba_id(self) -> str:
        """Give the account."""

    @property
    def regime(self) -> str:
        """Give the pricing regime's id."""

    @property
    def category(self) -> str:
        """Give the category's code."""

    @property
    def pricing_type(self) -> str:
        """Give the pricing type's code."""

    @property
    def market(self) -> str:
        """Give the market."""

    @property
    def billed_at(self) -> int:
        """Give the billing instant."""

    @property
    def ends_at(self) -> int:
        """Give the end of a conversation, or `NEVER`."""

    @property
    def opened_at(self) -> int:
        """Give when the customer opened the service window that it was sent in, or `NEVER`."""

    @property
    def messages(self) -> int:
        """Give the number of messages."""

    @property
    def rate(self) -> str:
        """Give the rate, plain or empty."""

    @property
    def amount(self) -> str:
        """Give the amount, plain or empty."""

    @property
    def certainty(self) -> str:
        """Give `certain` or `uncertain`."""

    @property
    def reason(self) -> str:
        """Give the reasons' codes, joined by `;`."""

    @property
    def file(self) -> str:
        """Give the log file."""

    @property
    def source_row(self) -> int:
        """Give the row in that file."""


class ConditionLike(Protocol):
    """What was found of a condition of a business number, as `verbs.Condition` has it."""

    @property
    def status(self) -> str:
        """Give `met` or `unmet`."""

    @property
    def evidence(self) -> str:
        """Give the link or the document that shows it."""

    @property
    def day(self) -> date:
        """Give the day on which it was looked at."""

    @property
    def who(self) -> str:
        """Give who looked."""


class DecisionLike(Protocol):
    """What the user decided about a difference, as `verbs.Decision` has it."""

    @property
    def decision(self) -> str:
        """Give `accepted`, `disputed` or nothing."""

    @property
    def cause(self) -> str:
        """Give the cause the user put down, or nothing."""

    @property
    def note(self) -> str:
        """Give the note, or nothing."""


class ClaimLike(Protocol):
    """An open claim of this audit or an earlier one, as `verbs.Claim` has it."""

    @property
    def period(self) -> str:
        """Give the period it is about."""

    @property
    def key(self) -> str:
        """Give the difference it is about."""

    @property
    def amount(self) -> Decimal:
        """Give what is claimed."""

    @property
    def currency(self) -> str:
        """Give its currency."""

    @property
    def raised(self) -> date:
        """Give the day it was raised."""

    @property
    def settled(self) -> Decimal:
        """Give what was credited since."""

    @property
    def open(self) -> Decimal:
        """Give what was not."""

    @property
    def due(self) -> date | None:
        """Give the day by which it is to be answered, if one was set."""

    @property
    def carried(self) -> bool:
        """Tell whether it came from an earlier audit."""

    @property
    def note(self) -> str:
        """Give why it was raised."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An entry of the audit's journal: when (microseconds UTC), who, and what was done, in words."""

    at: int
    who: str
    action: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A sign-off as the cover shows it: `changes` counts what moved beneath it since; nothing: it stands."""

    role: str
    who: str
    at: datetime
    note: str
    changes: int


@dataclass(frozen=True, slots=True)
class Passing:
    """The message of the first unit beyond an allowance or a tier: its id and user, and where it stands."""

    unit_id: str
    user: str
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Locked:
    """Who locked the audit, when and why."""

    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What the core does not know: the version, the clock, the language and what people did.

    `say(key, **values)` gives a text, `money(amount, currency)` shows an amount, `said` what a reader said.
    `evidence` gives, per key of a difference, the charges behind it in order of billing, as often as it is walked
    (only as many are taken as are shown); `evidence_counts` says how many there are, `evidence_file` which file holds
    them all.
    Charges beyond `evidence_limit` are not shown; of more than `lines_limit` invoice lines those alike stand together.
    `passing` gives the messages that passed an allowance or tier, by their row of the log.
    `claims` are those that are open, raised in this audit or carried along into it.
    `lead_notes` are the notes on rows of the lead schedule by `Lead.key`. `inputs` is the digest of all that the
    figures come from, `state` that of all that the audit rests on, decisions included.
    `made_at` and the times of what was `fixed` before comparing are aware of their zone. `pictures` are PNGs: the
    `thread` of a large difference. An empty one leaves its place free.
    """

    version: str
    made_at: datetime
    language: str
    say: Callable[..., str]
    money: Callable[[Decimal, str], str]
    said: Callable[[Said], str]
    decisions: Mapping[str, DecisionLike] = field(default_factory=dict)
    evidence: Mapping[str, Iterable[EvidenceLike]] = field(default_factory=dict)
    evidence_counts: Mapping[str, int] = field(default_factory=dict)
    evidence_file: str = ""
    evidence_limit: int = 100_000
    passing: Mapping[int, Passing] = field(default_factory=dict)
    lines_limit: int = 250_000
    journal: Sequence[JournalEntry] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    sign_offs: Sequence[Signed] = ()
    locked: Locked | None = None
    fixed: Fixed = field(default_factory=Fixed)
    conditions: Mapping[tuple[str, str], ConditionLike] = field(default_factory=dict)
    lead_notes: Mapping[str, str] = field(default_factory=dict)
    claims: Sequence[ClaimLike] = ()
    inputs: str = ""
    state: str = ""
