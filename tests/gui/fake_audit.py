"""An `Audit` in memory for the tests of the views: a Peruvian retailer's October, with every status and some causes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from auditor.core.causes.messages import NOT_BILLED
from auditor.core.causes.messages import Concerned
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.core.results import Allowance
from auditor.core.results import BridgeStep
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Fixed
from auditor.core.results import FxUsed
from auditor.core.results import Health
from auditor.core.results import RateUsed
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.tables import NEVER
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs import Attachment
from auditor.verbs import Decision
from auditor.verbs import EvidenceRow
from auditor.verbs import RateByHand
from auditor.verbs import Thread
from auditor.verbs import ThreadEvent
from auditor.verbs.choice import ALL
from auditor.verbs.choice import Wanted
from auditor.verbs.claims import Claim
from auditor.verbs.claims import Credit
from auditor.verbs.reasoning import BehindCause
from auditor.verbs.reasoning import Reason

if TYPE_CHECKING:
    from auditor.project.store import Entry
    from auditor.verbs.conditions import Condition
    from auditor.verbs.signoff import Lock
    from auditor.verbs.signoff import SignOff

HOUR = 3_600_000_000
START = int(datetime(2026, 10, 5, 14, tzinfo=UTC).timestamp()) * 1_000_000
EVIDENCE = 1_234
ACCOUNT = Account(
    name="Andina Retail, octubre 2026",
    entity="Andina Retail S.A.C.",
    tax_id="20123456789",
    first=date(2026, 10, 1),
    last=date(2026, 10, 31),
    currency="USD",
    language="es",
    wabas=(
        Waba(
            id="102290129340398",
            name="Andina Retail",
            time_zone="America/Lima",
            currency="USD",
            numbers=(Number("106540352242922", "+51 987 654 321", "Lima"),),
        ),
        Waba(id="102290129340399", name="Andina Express", time_zone="America/Bogota", currency="USD"),
    ),
)

# market, category, billed quantity, billed rate, expected quantity, expected rate, status, cause, part it explains
_LINES: tuple[tuple[str, str, int, str, int, str, Status, str, str], ...] = (
    ("Peru", "marketing", 18420, "0.0703", 18420, "0.0703", Status.MATCHED, "", "0"),
    ("Peru", "utility", 9310, "0.0200", 8120, "0.0200", Status.DIFFERENT, "window_utility", "23.80"),
    ("Peru", "service", 6100, "0.0200", 5100, "0.0200", Status.DIFFERENT, "free_allowance", "20.00"),
    ("Peru", "authentication", 4200, "0.0200", 4200, "0.0200", Status.MATCHED, "", "0"),
    ("Mexico", "marketing", 2510, "0.0305", 2510, "0.0436", Status.DIFFERENT, "rate_card", "-32.88"),
    ("Mexico", "utility", 1180, "0.0085", 1180, "0.0085", Status.MATCHED, "", "0"),
    ("Colombia", "marketing", 3320, "0.0125", 3300, "0.0125", Status.DIFFERENT, "month_cut", "0.15"),
    ("Colombia", "utility", 910, "0.0008", 910, "0.0008", Status.WITHIN_TOLERANCE, "rounding", "0.01"),
    ("Chile", "marketing", 640, "0.0889", 0, "0.0889", Status.UNEXPECTED, "unexpected_line", "56.90"),
    ("Argentina", "authentication", 0, "0.0260", 310, "0.0260", Status.MISSING, "missing_line", "-8.06"),
    ("Brazil", "marketing", 150, "0.0625", 150, "0.0625", Status.MATCHED, "", "0"),
    ("Rest of Latin America", "marketing", 1410, "0.0740", 1290, "0.0740", Status.DIFFERENT, "", "0"),
    ("Spain", "", 85, "0.0615", 85, "0.0615", Status.NOT_COMPARABLE, "", "0"),
)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _difference(place: int) -> Difference:
    market, category, billed_n, billed_rate, expected_n, expected_rate, status, cause, part = _LINES[place]
    billed, exact = billed_n * Decimal(billed_rate), expected_n * Decimal(expected_rate)
    gap = _cents(billed) - _cents(exact) + (Decimal("0.01") if status == Status.WITHIN_TOLERANCE else 0)
    causes = (CauseAmount(cause, Decimal(part)),) if cause else ()
    return Difference(
        key=f"line-{place}",
        waba_id=ACCOUNT.wabas[0].id,
        period="2026-10",
        market=market,
        country="",
        category=category,
        pricing_type="regular",
        expected_quantity=expected_n,
        expected_rate=Decimal(expected_rate),
        expected=_cents(exact),
        expected_exact=exact,
        low=_cents(exact) - (1 if place == 1 else 0),
        high=_cents(exact),
        billed_quantity=Decimal(billed_n),
        billed_rate=Decimal(billed_rate),
        billed=_cents(exact) + gap,
        difference=gap,
        quantity_effect=_cents((billed_n - expected_n) * Decimal(expected_rate)),
        rate_effect=_cents((Decimal(billed_rate) - Decimal(expected_rate)) * billed_n),
        tolerance=Decimal("0.01"),
        status=status,
        causes=causes,
        lines=(place,) if billed_n else (),
        cells=(),
    )


def sample_result(imports: tuple[ImportReport, ...] = ()) -> Reconciliation:
    """Make the reconciliation of the lines above; its totals are their sums."""
    entries = tuple(_difference(place) for place in range(len(_LINES)))
    expected = sum((entry.expected for entry in entries), Decimal(0))
    billed = sum((entry.billed for entry in entries), Decimal(0))
    rest = sum((entry.unexplained for entry in entries), Decimal(0))
    steps = [BridgeStep(cause.cause, cause.amount) for entry in entries for cause in entry.causes]
    return Reconciliation(
        account=ACCOUNT,
        differences=entries,
        bridge=(*steps, BridgeStep("unexplained", rest)),
        expected=expected,
        low=expected - 1,
        high=expected,
        billed=billed,
        difference=billed - expected,
        unexplained=rest,
        by_layer={"meta": billed},
        invoice_lines=tuple(_invoice_line(entry) for entry in entries),
        control_totals=(),
        cells=(),
        rates=_rates(),
        fx=(FxUsed(date(2026, 10, 4), date(2026, 10, 2), "USD", "PEN", Decimal("3.7520"), "SBS"),),
        allowances=(
            Allowance("service", "106540352242922", "2026-10", "", "service", 1000, 6100, START + 200 * HOUR, 40231),
        ),
        health=Health(0, (), {}),
        imports=imports,
        problems=(),
        regimes=("message-v2",),
        tiers_not_on_file={},
    )


def _invoice_line(entry: Difference) -> InvoiceLine:
    return InvoiceLine(
        amount=entry.billed,
        currency="USD",
        source=Place("factura_octubre.xlsx", "Detalle", 12 + int(entry.key.split("-")[1])),
        document="F001-004512",
        market=entry.market,
        category=entry.category,
        quantity=entry.billed_quantity,
        unit_rate=entry.billed_rate,
        description=f"WhatsApp {entry.category or 'messages'} {entry.market}",
    )


def _rates() -> tuple[RateUsed, ...]:
    return tuple(
        RateUsed(
            "USD",
            market,
            category or "marketing",
            date(2026, 10, 1),
            None,
            0,
            Decimal(rate),
            "read",
            "Meta, list of rates effective 1 October 2026",
            "meta",
            units,
        )
        for market, category, _, _, units, rate, *_ in _LINES
    )


def report(file: str) -> ImportReport:
    """Make the report of a file, by its name: an invoice or a log."""
    invoice = "factura" in file or "invoice" in file
    problem = ProblemCount("file_not_csv", 3, Place(file, row=812))
    return ImportReport(
        file=file,
        kind="invoice" if invoice else "log",
        sha256=f"{'a1' if invoice else 'b2'}c3d4e5f60718293a4b5c6d7e8f90" + "0" * 32,
        size=48_211 if invoice else 18_402_113,
        read=16 if invoice else 184_233,
        kept=13 if invoice else 184_230,
        left_out=3 if invoice else 0,
        refused=0 if invoice else 3,
        profile="andina" if invoice else "",
        first=NEVER if invoice else START - 100 * HOUR,
        last=NEVER if invoice else START + 600 * HOUR,
        total=sample_result().billed if invoice else None,
        decisions=(Said("reading.decision.no_period"), Said("reading.decision.dates", {"order": "dmy"})),
        problems=() if invoice else (problem,),
    )


class FakeAudit:
    """Has the surface of an `Audit`, all in memory; undo takes back decisions. A file named `broken…` is refused."""

    def __init__(self) -> None:
        """Begin with the account alone."""
        self.account = ACCOUNT
        self.sources: tuple[ImportReport, ...] = ()
        self.result: Reconciliation | None = None
        self.decisions: dict[str, Decision] = {}
        self.undo_name = self.redo_name = ""
        self.undo_count = self.redo_count = 1
        self.rates_by_hand: dict[int, RateByHand] = {}
        self.matches: frozenset[int] = frozenset()
        self.attachments: dict[str, tuple[Attachment, ...]] = {}
        self.sign_offs: tuple[SignOff, ...] = ()
        self.lock_in_force: Lock | None = None
        self.claims: tuple[Claim, ...] = ()
        self.conditions: dict[tuple[str, str], Condition] = {}
        self.carried_claims: tuple[Claim, ...] = ()
        self.journal: tuple[Entry, ...] = ()
        self.store = SimpleNamespace(make_whole=lambda: None, recovered="")
        self.fixed = Fixed()
        self._past: list[tuple[str, dict[str, Decision]]] = []
        self._future: list[tuple[str, dict[str, Decision]]] = []

    def days_of_files(self) -> dict[str, tuple[date, date | None]]:
        """Do as `Audit.days_of_files` does, of an invoice that says its month."""
        return {"factura_octubre.xlsx": (date(2026, 10, 1), date(2026, 10, 31))}

    @classmethod
    def create(cls, path: Path | None, account: Account, account_text: str = "") -> "FakeAudit":
        """Do as `Audit.create` does."""
        made = cls()
        made.account = account
        if path is not None:
            if path.exists():
                raise AuditorError("audit_exists", Place(str(path)))
            path.write_text(account_text, encoding="utf-8")
        return made

    @classmethod
    def open(cls, path: Path) -> "FakeAudit":
        """Do as `Audit.open` does."""
        if not path.exists():
            raise AuditorError("file_not_text", Place(path.name))
        made = cls()
        made.add_files([Path("mensajes_octubre.csv"), Path("factura_octubre.xlsx")])
        made.recompute()
        return made

    def close(self) -> None:
        """Do as `Audit.close` does."""
        return

    def add_files(
        self,
        files: Sequence[Path],
        progress: Progress = unwatched,
        kind: str = "",  # noqa: ARG002 - the surface of the real one
        options: ReadOptions | None = None,  # noqa: ARG002 - the surface of the real one
    ) -> tuple[ImportReport, ...]:
        """Do as `Audit.add_files` does."""
        for file in files:
            progress("read", 0, 1000)
            if file.name.startswith("broken"):
                raise AuditorError("file_not_csv", Place(file.name, row=7))
        added = tuple(report(file.name) for file in files)
        self.sources += added
        return added

    def remove_file(self, sha256: str) -> None:
        """Do as `Audit.remove_file` does."""
        self.sources = tuple(source for source in self.sources if source.sha256 != sha256)
        self.result = None

    def recompute(self, progress: Progress = unwatched) -> Reconciliation:
        """Do as `Audit.recompute` does."""
        progress("charge", 1000, 1000)
        self.result = sample_result(self.sources)
        return self.result

    def recall(self, answers: Path, progress: Progress = unwatched) -> Reconciliation:  # noqa: ARG002 - the surface of the real one
        """Reconcile: nothing is kept."""
        return self.recompute(progress)

    @property
    def is_packed(self) -> bool:
        """Tell that nothing was claimed."""
        return False

    @property
    def has_charges(self) -> bool:
        """Tell that the charges are there."""
        return True

    def accept(self, keys: Sequence[str], note: str = "") -> None:  # noqa: ARG002 - the surface of the real one
        """Do as `Audit.accept` does."""
        self._decide("accept", keys, decision="accepted")

    def dispute(self, keys: Sequence[str], note: str = "") -> None:  # noqa: ARG002 - the surface of the real one
        """Do as `Audit.dispute` does."""
        self._decide("dispute", keys, decision="disputed")

    def assign_cause(self, keys: Sequence[str], cause: str) -> None:
        """Do as `Audit.assign_cause` does."""
        self._decide("assign_cause", keys, cause=cause)

    def annotate(self, keys: Sequence[str], note: str) -> None:
        """Do as `Audit.annotate` does."""
        self._decide("annotate", keys, note=note)

    def clear(self, keys: Sequence[str]) -> None:
        """Do as `Audit.clear` does."""
        self._decide("clear", keys, decision="", cause="", note="")

    def undo(self) -> None:
        """Do as `Audit.undo` does."""
        name, before = self._past.pop()
        self._future.append((name, self.decisions))
        self._stand(before)

    def redo(self) -> None:
        """Do as `Audit.redo` does."""
        name, after = self._future.pop()
        self._past.append((name, self.decisions))
        self._stand(after)

    def prepare_orders(self) -> bool:
        """Tell that there is nothing to prepare."""
        return False

    def break_off(self) -> None:
        """Do nothing: nothing is being asked."""

    def kept_outcome(self) -> None:
        """Tell that nothing is recorded."""

    def evidence_count(self, key: str, wanted: Wanted = ALL) -> int:  # noqa: ARG002 - the surface of the real one
        """Do as `Audit.evidence_count` does."""
        return EVIDENCE

    def evidence(
        self,
        key: str,  # noqa: ARG002 - the surface of the real one
        offset: int = 0,
        limit: int = 500,
        wanted: Wanted = ALL,  # noqa: ARG002 - the surface of the real one
    ) -> tuple[EvidenceRow, ...]:
        """Do as `Audit.evidence` does."""
        return tuple(evidence_row(place) for place in range(offset, min(offset + limit, EVIDENCE)))

    def reasons(
        self,
        cause: str = "",  # noqa: ARG002 - the surface of the real one
        key: str = "",
        progress: Progress = unwatched,  # noqa: ARG002 - the surface of the real one
        *,
        possible: bool = False,  # noqa: ARG002 - the surface of the real one
    ) -> tuple[Reason, ...]:
        """Do as `Audit.reasons` does."""
        assert self.result is not None
        found = [one for line in self.result.differences if line.key == key for one in line.causes]
        concerned = tuple(Concerned(row, NOT_BILLED, NOT_BILLED) for row in range(EVIDENCE))
        return tuple(Reason(one.cause, {}, one.amount, concerned, _sentences(one)) for one in found)

    def behind(self, reason: Reason, offset: int = 0, limit: int = 500) -> tuple[BehindCause, ...]:
        """Do as `Audit.behind` does."""
        return tuple(behind(reason.cause, one.row) for one in reason.concerned[offset : offset + limit])

    def thread(self, phone_number_id: str, user: str) -> Thread:
        """Do as `Audit.thread` does."""
        charges = tuple(evidence_row(place) for place in range(6))
        events = [ThreadEvent(START - 2 * HOUR, "inbound", "", True, "in-0", -1)]
        events += [
            ThreadEvent(charge.billed_at, "outbound", charge.category, False, charge.unit_id, place)
            for place, charge in enumerate(charges)
        ]
        events.append(ThreadEvent(START + 31 * HOUR, "inbound", "", False, "in-1", -1))
        windows = ((START - 2 * HOUR, START + 22 * HOUR), (START + 31 * HOUR, START + 55 * HOUR))
        return Thread(phone_number_id, user, tuple(sorted(events, key=lambda event: event.at)), windows, charges)

    def export_workbook(self, path: Path, progress: Progress = unwatched) -> Path:  # noqa: ARG002 - the surface of the real one
        """Do as `Audit.export_workbook` does."""
        path.write_bytes(b"workbook")
        return path

    def export_charts(self, folder: Path, progress: Progress = unwatched) -> tuple[Path, ...]:  # noqa: ARG002 - the surface of the real one
        """Do as `Audit.export_charts` does."""
        file = folder / "bridge.png"
        file.write_bytes(b"chart")
        return (file,)

    def credits(self) -> tuple[Credit, ...]:
        """Do as `Audit.credits` does."""
        return ()

    def _decide(self, name: str, keys: Sequence[str], **values: str) -> None:
        after = {**self.decisions, **{key: replace(self.decisions.get(key, Decision()), **values) for key in keys}}
        self._past.append((name, self.decisions))
        self._future.clear()
        self._stand(after)

    def _stand(self, decisions: dict[str, Decision]) -> None:
        self.decisions = decisions
        self.undo_name = self._past[-1][0] if self._past else ""
        self.redo_name = self._future[-1][0] if self._future else ""


def _sentences(cause: CauseAmount) -> dict[str, str]:
    languages = {code: Language(code) for code in LANGUAGES}
    return {
        code: say.text(
            "checks.reason.over", cause=say.text(f"domain.cause.{cause.cause}"), meaning="",
            units=say.text("checks.reason.messages", count="1,234"), amount=say.money(cause.amount, "USD"),
        )
        for code, say in languages.items()
    }  # fmt: skip


def behind(cause: str, place: int) -> BehindCause:
    """Make the charge behind a cause at a place: billed as regular though it was due free."""
    due = ("2026-10", "Peru", "utility", "free_customer_service", "0", "0")
    billed = ("2026-10", "Peru", "utility", "regular", "0.02", "0.02")
    return BehindCause(
        cause, f"wamid.HBgL{place:06d}", "51987654321", "106540352242922", "2026-10-05T15:10:00Z",
        "2026-10-05T14:00:00Z", *due, *billed, "0.02", "USD", "line-1", "mensajes_octubre.csv", str(place + 2),
    )  # fmt: skip


def evidence_row(place: int) -> EvidenceRow:
    """Make the charge at a place: every third is free."""
    free = place % 3 == 2
    return EvidenceRow(
        unit_id=f"wamid.HBgL{place:06d}",
        user="51987654321",
        phone_number_id="106540352242922",
        waba_id="102290129340398",
        regime="message-v2",
        category="utility" if place % 2 else "marketing",
        pricing_type="free_customer_service" if free else "regular",
        market="Peru",
        billed_at=START + place * 7 * HOUR,
        local_date="2026-10-05",
        ends_at=NEVER,
        messages=1,
        rate="" if free else "0.0703",
        amount="0" if free else "0.0703",
        certainty="uncertain" if place % 5 == 4 else "certain",
        reason="window_split" if place % 5 == 4 else "",
        file="mensajes_octubre.csv",
        source_row=place * 17 + 2,
    )
