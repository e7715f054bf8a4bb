"""A reconciliation made by hand: a Peruvian retailer in October 2026, with every status and several causes.

The sums are not taken from the engine: they follow from the plan below by plain arithmetic, so that writers are tested
against figures of their own.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal

from auditor.core.problems import Place
from auditor.core.problems import ProblemCount
from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import ControlTotal
from auditor.core.records import FxMethod
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import Number
from auditor.core.records import Tolerance
from auditor.core.records import Waba
from auditor.core.report.workpaper import JournalEntry
from auditor.core.report.workpaper import ReportContext
from auditor.core.results import Allowance
from auditor.core.results import BridgeStep
from auditor.core.results import CauseAmount
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import FxUsed
from auditor.core.results import Health
from auditor.core.results import HealthFinding
from auditor.core.results import HourUse
from auditor.core.results import RateUsed
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.tables import NEVER
from auditor.language import Language
from auditor.verbs.claims import Claim

CENT = Decimal("0.01")
WABA = "102290129340398"
STORES = "102290129340777"
LIMA, TRUJILLO = "106540352242922", "106540352242933"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
INVOICE = "factura_octubre_2026.xlsx"
MADE_AT = datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """A line: what was expected (rate, quantity) and billed (quantity, rate; None: not on the invoice), and why."""

    waba: str
    market: str
    category: str
    expected: tuple[tuple[str, int], ...]
    billed: tuple[str, str] | None
    causes: tuple[tuple[str, str], ...] = ()
    status: Status = Status.DIFFERENT
    possible: tuple[tuple[str, str], ...] = ()
    pricing_type: str = "regular"
    raw_amount: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


# Differences worked out by hand: (billed quantity x billed rate, half up) - (expected quantity x rate, half up).
PLANS = (
    Plan(
        WABA, "Peru", "marketing", (("0.0703", 12_400),), ("12650", "0.0703"), (("month_cut", "17.58"),)
    ),  # 889.30-871.72
    Plan(
        WABA, "Peru", "utility", (("0.02", 8_200),), ("9150", "0.02"), (("window_utility", "19.00"),)
    ),  # 183.00-164.00
    Plan(WABA, "Peru", "authentication", (("0.02", 3_000),), ("3000", "0.02"), status=Status.MATCHED),  # 60.00-60.00
    Plan(
        WABA,
        "Peru",
        "service",
        (("0.0137", 450),),
        ("450", "0.0137"),
        (("rounding", "-0.01"),),
        Status.WITHIN_TOLERANCE,
        raw_amount="6.16",
    ),  # 450 x 0.0137 = 6.165 -> 6.17; billed 6.16
    Plan(
        WABA, "Chile", "marketing", (("0.0889", 2_100),), ("2100", "0.0703"), (("market", "-39.06"),)
    ),  # 147.63-186.69
    Plan(
        WABA, "Colombia", "marketing", (("0.0125", 5_000),), ("5000", "0.0150"), (("rate_card", "12.50"),)
    ),  # 75.00-62.50
    Plan(
        WABA, "Mexico", "utility", (("0.0085", 1_000), ("0.0080", 500)), ("1500", "0.0085"), (("tier", "0.25"),)
    ),  # 12.75-12.50
    Plan(WABA, "Brazil", "marketing", (("0.0625", 800),), None, (("missing_line", "-50.00"),), Status.MISSING),
    Plan(
        STORES,
        "Peru",
        "marketing",
        (("0.0703", 4_000),),
        ("4400", "0.0703"),
        status=Status.DIFFERENT,
        possible=(("log_gap", "28.12"),),
    ),  # 309.32-281.20 = 28.12 unexplained
    Plan(
        STORES, "Spain", "marketing", (), ("310", "0.0615"), (("unexpected_line", "19.07"),), Status.UNEXPECTED
    ),  # 19.065
    Plan(
        STORES,
        "Rest of Latin America",
        "utility",
        (("0.0113", 900),),
        ("900", "0.0113"),
        (("duplicate_line", "10.17"),),
        raw_amount="20.34",
    ),  # 20.34-10.17
    Plan(STORES, "Other", "authentication", (("", 40),), ("40", "0.03"), status=Status.NOT_COMPARABLE),  # 1.20-0
)


@dataclass(frozen=True)
class Decision:
    """A decision, as `verbs.Decision` has it."""

    decision: str = ""
    cause: str = ""
    note: str = ""


@dataclass(frozen=True)
class EvidenceRow:
    """A charge behind a difference, as `verbs.EvidenceRow` has it."""

    unit_id: str
    user: str
    phone_number_id: str
    waba_id: str
    regime: str
    category: str
    pricing_type: str
    market: str
    billed_at: int
    local_date: str
    ends_at: int
    messages: int
    rate: str
    amount: str
    certainty: str
    reason: str
    file: str
    source_row: int
    opened_at: int = NEVER


def cents(amount: Decimal) -> Decimal:
    """Round half up to cents."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def account(currency: str = "USD", preparer: str = "Rosa Quispe") -> Account:
    """Give the audited account: two WABAs of one retailer, three numbers."""
    return Account(
        name="Andina Retail, octubre 2026",
        first=FIRST,
        last=LAST,
        currency=currency,
        wabas=(
            Waba(WABA, "America/Lima", "USD", "Andina", "andina", "PE", (Number(LIMA, "51987654321", "Andina Lima"),)),
            Waba(
                STORES,
                "America/Lima",
                "USD",
                "Andina Tiendas",
                "andina",
                "PE",
                (Number(TRUJILLO, "51944332211", "Tienda Trujillo"), Number("106540352242944", "", "Tienda Piura")),
            ),
        ),
        entity="Andina Retail S.A.C.",
        tax_id="20123456789",
        preparer=preparer,
        reviewer="Luis Paredes",
        language="es",
        tolerance=Tolerance(Decimal("0.01"), Decimal(0)),
        materiality=Tolerance(Decimal("20.00"), Decimal(1)),
        fx=FxMethod("invoice_rate", "", Decimal("3.75"), "USD", "PEN", "SBS") if currency == "PEN" else FxMethod(),
    )


def plans(count: int) -> Iterable[Plan]:
    """Give so many plans, beginning anew with other months where the hand-made ones run out."""
    return [PLANS[n % len(PLANS)] for n in range(count)]


def sample_result(currency: str = "USD", count: int = len(PLANS)) -> Reconciliation:
    """Give a reconciliation of `count` lines; in PEN the cards stay in USD and one rate of 3.75 converts them."""
    fx = Decimal("3.75") if currency == "PEN" else Decimal(1)
    cells: list[Cell] = []
    lines: list[InvoiceLine] = []
    differences: list[Difference] = []
    for number, plan in enumerate(plans(count)):
        own_cells = _cells(plan, len(cells))
        own_lines = _lines(plan, number, currency, fx)
        found = _difference(plan, number, own_cells, own_lines, fx, (len(lines), len(cells)))
        cells += own_cells
        lines += own_lines
        differences.append(found)
    lines += _others(currency) if count else []
    return _reconciliation(currency, fx, cells, lines, differences)


def _cells(plan: Plan, start: int) -> list[Cell]:
    """Spread each rate's units over the first days of the month, over both halves of it unevenly."""
    cells = []
    for rate, quantity in plan.expected:
        left = quantity
        for day in range(31):
            share = left if day == 30 else quantity * (3 if day % 7 in (2, 3) else 1) // 49
            left -= share
            exact = Decimal(rate) if rate else None
            amount = None if exact is None else exact * share
            cells.append(
                Cell(
                    plan.waba,
                    LIMA if plan.waba == WABA else TRUJILLO,
                    "2026-10",
                    FIRST + timedelta(day),
                    "message-v2",
                    plan.market,
                    "",
                    plan.category,
                    "regular" if rate else "unrated",
                    0,
                    exact,
                    "USD",
                    share,
                    amount,
                    amount,
                    amount,
                    bool(rate),
                    "" if rate else "no_rate",
                )
            )
    if start == 0:
        free = Decimal(0)
        cells.append(
            Cell(
                plan.waba,
                LIMA,
                "2026-10",
                FIRST,
                "message-v2",
                "Peru",
                "PE",
                "service",
                "free_customer_service",
                0,
                free,
                "USD",
                1_000,
                free,
                free,
                free,
                True,
                "",
            )
        )
    return cells


def _lines(plan: Plan, number: int, currency: str, fx: Decimal) -> list[InvoiceLine]:
    if plan.billed is None:
        return []
    quantity, rate = (Decimal(part) for part in plan.billed)
    amount = cents(Decimal(plan.raw_amount) * fx) if plan.raw_amount else cents(quantity * rate * fx)
    line = InvoiceLine(
        amount,
        currency,
        Place(INVOICE, "Detalle", 5 + number),
        document="F001-000123",
        waba_id=plan.waba,
        market=plan.market,
        category=plan.category,
        quantity=quantity,
        unit_rate=rate * fx,
        period_start=FIRST,
        period_end=LAST,
    )
    return [line]


def _difference(
    plan: Plan, number: int, cells: list[Cell], lines: list[InvoiceLine], fx: Decimal, start: tuple[int, int]
) -> Difference:
    charged = [n for n, cell in enumerate(cells) if cell.pricing_type in ("regular", "unrated")]
    exact = sum((cells[n].amount * fx for n in charged if cells[n].amount is not None), Decimal(0))  # type: ignore[operator]
    quantity = sum(cells[n].quantity for n in charged)
    expected, billed = cents(exact), sum((line.amount for line in lines), Decimal(0))
    billed_quantity = sum((line.quantity for line in lines if line.quantity), Decimal(0)) if lines else None
    rate = cents(exact / quantity * 10_000) / 10_000 if quantity and exact else None
    effect = None
    if billed_quantity is not None and rate is not None:
        effect = cents((billed_quantity - quantity) * rate)
    difference = billed - expected
    causes = [CauseAmount(cause, Decimal(amount)) for cause, amount in plan.causes]
    if fx != 1 and causes:  # by hand only in USD: in PEN the one cause takes the whole difference
        causes = [CauseAmount(causes[0].cause, difference)]
    causes += [CauseAmount(cause, Decimal(amount), "possible") for cause, amount in plan.possible]
    return Difference(
        key=f"{number:03}|{plan.waba}|2026-10|{plan.market}||{plan.category}|",
        waba_id=plan.waba,
        period="2026-10",
        market=plan.market,
        country="",
        category=plan.category,
        pricing_type="",
        expected_quantity=quantity,
        expected_rate=rate,
        expected=expected,
        expected_exact=exact,
        low=expected,
        high=expected + (CENT if plan.possible else 0),
        billed_quantity=billed_quantity,
        billed_rate=lines[0].unit_rate if lines else None,
        billed=billed,
        difference=difference,
        quantity_effect=effect,
        rate_effect=None if effect is None else difference - effect,
        tolerance=CENT,
        status=plan.status,
        causes=tuple(causes),
        lines=tuple(range(start[0], start[0] + len(lines))),
        cells=tuple(start[1] + n for n in charged),
    )


def _others(currency: str) -> list[InvoiceLine]:
    """Give the lines that are not reconciled but tie to the total: a subscription and the tax."""
    return [
        InvoiceLine(
            Decimal("250.00"), currency, Place(INVOICE, "Detalle", 90), Layer.SUBSCRIPTION, description="=Plan mensual"
        ),
        InvoiceLine(Decimal("352.11"), currency, Place(INVOICE, "Detalle", 91), Layer.TAX, description="IGV 18 %"),
    ]


def _reconciliation(
    currency: str, fx: Decimal, cells: list[Cell], lines: list[InvoiceLine], differences: list[Difference]
) -> Reconciliation:
    exact = sum((line.expected_exact for line in differences), Decimal(0))
    expected, billed = cents(exact), sum((line.billed for line in differences), Decimal(0))
    by_layer: dict[str, Decimal] = {}
    for line in lines:
        by_layer[line.layer.value] = by_layer.get(line.layer.value, Decimal(0)) + line.amount
    sums: dict[str, Decimal] = {}
    for one in differences:
        for cause in one.causes:
            if cause.proof == "found":
                sums[cause.cause] = sums.get(cause.cause, Decimal(0)) + cause.amount
    rest = billed - expected - sum((one.difference for one in differences), Decimal(0))
    sums["rounding"] = sums.pop("rounding", Decimal(0)) + rest
    unexplained = sum((one.unexplained for one in differences), Decimal(0))
    steps = [BridgeStep(cause, amount) for cause, amount in sums.items() if amount]
    total = sum((line.amount for line in lines), Decimal(0))
    return Reconciliation(
        account=account(currency),
        differences=tuple(differences),
        bridge=(*steps, BridgeStep("unexplained", unexplained)),
        expected=expected,
        low=expected,
        high=expected + Decimal("3.10"),
        billed=billed,
        difference=billed - expected,
        unexplained=unexplained,
        by_layer=by_layer,
        invoice_lines=tuple(lines),
        control_totals=(ControlTotal("total", total, currency, Place(INVOICE, "Detalle", 92), "TOTAL"),)
        if lines
        else (),
        cells=tuple(cells),
        rates=tuple(_rates(cells)),
        fx=(FxUsed(FIRST, FIRST, "USD", "PEN", fx, "SBS, venta"),) if currency == "PEN" else (),
        allowances=(
            # 17 days of 60 are 1,020, then 13 of 30 and one of 40; 26 days of 12; 90,000, 28 days of 350 and 1,700.
            Allowance(
                "allowance",
                LIMA,
                "2026-10",
                "",
                "service",
                1000,
                1450,
                _at(17, 15, 4),
                8123,
                0,
                _daily(*[60] * 17, *[30] * 13, 40),
            ),
            Allowance("allowance", TRUJILLO, "2026-10", "", "service", 1000, 312, NEVER, -1, 0, _daily(*[12] * 26)),
            Allowance(
                "tier",
                "andina",
                "2026-10",
                "Mexico",
                "utility",
                100000,
                101500,
                _at(29, 9, 30),
                22801,
                90000,
                _daily(*[350] * 28, 1700),
            ),
        )
        if lines
        else (),
        health=_health(),
        imports=_imports(total, len(lines)),
        problems=(),
        regimes=("message-v2",),
        tiers_not_on_file={},
    )


def _rates(cells: list[Cell]) -> Iterable[RateUsed]:
    seen: dict[tuple[str, str, Decimal], int] = {}
    for cell in cells:
        if cell.rate:
            key = (cell.market, cell.category, cell.rate)
            seen[key] = seen.get(key, 0) + cell.quantity
    source = "Meta USD card effective 2026-10-01, downloaded 2026-10-09"
    for (market, category, rate), units in seen.items():
        yield RateUsed("USD", market, category, FIRST, None, 0, rate, "read", source, "meta", units)


def _daily(*counts: int) -> tuple[tuple[date, int], ...]:
    return tuple((FIRST + timedelta(n), count) for n, count in enumerate(counts))


def _at(day: int, hour: int, minute: int) -> int:
    return int(datetime(2026, 10, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def _health() -> Health:
    per_day = {(LIMA, FIRST + timedelta(n)): 900 + 37 * (n % 7) for n in range(31)}
    per_day |= {(TRUJILLO, FIRST + timedelta(n)): 140 + 11 * (n % 5) for n in range(31) if n not in (17, 18)}
    findings = (
        HealthFinding("duplicates", "", None, 212),
        HealthFinding("day_without_messages", TRUJILLO, FIRST + timedelta(17), 0),
        HealthFinding("day_without_messages", TRUJILLO, FIRST + timedelta(18), 0),
    )
    return Health(sum(per_day.values()), findings, per_day, _at(1, 5, 1), _at(31, 23, 58))


def _imports(total: Decimal, lines: int) -> tuple[ImportReport, ...]:
    if not lines:
        return ()
    problem = ProblemCount("card_no_rate", 2, Place("tarifas.csv", "", 17))
    return (
        ImportReport(
            "mensajes_2026-10.jsonl.gz",
            "log",
            "a3" * 32,
            48_221_904,
            41_212,
            41_000,
            200,
            12,
            "",
            _at(1, 5, 1),
            _at(31, 23, 58),
        ),
        ImportReport(
            INVOICE,
            "invoice",
            "b7" * 32,
            18_411,
            lines + 2,
            lines,
            2,
            0,
            "meta-detalle",
            total=total,
            decisions=(Said("reading.decision.no_period"), Said("reading.decision.dates", {"order": "dmy"})),
        ),
        ImportReport("tarifas.csv", "card", "c9" * 32, 2_048, 14, 12, 0, 2, problems=(problem,)),
    )


def evidence(count: int) -> list[EvidenceRow]:
    """Give so many charges, with an unmasked customer in number and wamid."""
    return [
        EvidenceRow(
            f"wamid.HBgLNTE5ODc2NTQzMjEVAgARGBI5{n:012X}AA==",
            f"5198765{n % 10_000:04}",
            LIMA,
            WABA,
            "message-v2",
            "marketing",
            "regular",
            "Peru",
            _at(1 + n % 30, n % 24, n % 60),
            "2026-10-01",
            NEVER,
            1,
            "0.0703",
            "0.0703",
            "certain",
            "failed_after_delivery;outside_window" if n % 9 == 0 else "",
            "mensajes_2026-10.jsonl.gz",
            10 + n,
            _at(1 + n % 30, n % 24, 0) if n % 2 else NEVER,
        )
        for n in range(count)
    ]


def office_hours(**odd: int) -> Reconciliation:
    """Give the sample with ten messages an hour from 8 to 20 o'clock, but for the odd hours `d18h14=0`."""
    hours = {
        (date(2026, 10, day), hour): HourUse(odd.get(f"d{day}h{hour}", 10), 5 if hour == 9 else 0)
        for day in range(1, 32)
        for hour in range(8, 20)
    }
    return replace(sample_result(), hours={place: use for place, use in hours.items() if use.messages})


@dataclass(frozen=True)
class Event:
    """A message of the sample's thread."""

    at: int
    direction: str
    category: str = "service"
    referral: bool = False
    message_id: str = ""
    charge: int = -1


@dataclass(frozen=True)
class Thread:
    """The sample's thread."""

    phone_number_id: str
    user: str
    events: tuple[Event, ...]
    windows: tuple[tuple[int, int], ...]
    charges: tuple[EvidenceRow, ...]


def sample_thread() -> Thread:
    """Give a thread: marketing, an answer from an ad with a free conversation of 72 hours, a utility message after."""
    marketing = replace(evidence(1)[0], billed_at=_at(5, 14, 0), reason="")
    utility = replace(marketing, category="utility", rate="0.02", amount="0.02", billed_at=_at(7, 9, 0))
    free = replace(
        marketing, category="service", pricing_type="free_entry_point", rate="0", amount="0", billed_at=_at(8, 16, 0),
        ends_at=_at(11, 16, 0),
    )  # fmt: skip
    return Thread(
        LIMA,
        "51987654321",
        (
            Event(_at(5, 14, 0), "outbound", "marketing", charge=0),
            Event(_at(7, 9, 0), "outbound", "utility", charge=1),
            Event(_at(8, 15, 0), "inbound", referral=True),
            Event(_at(8, 16, 0), "outbound", charge=2),
            Event(_at(8, 17, 0), "inbound"),
        ),
        ((_at(8, 15, 0), _at(9, 17, 0)),),
        (marketing, utility, free),
    )


def sample_context(
    language: str = "en", result: Reconciliation | None = None, charges: int = 40, **changes: object
) -> ReportContext:
    """Give a context in a language, with decisions, evidence and a journal."""
    words = Language(language)
    lines = result.differences if result else ()
    given: dict[str, object] = {
        "version": "auditor 0.1",
        "made_at": MADE_AT,
        "language": language,
        "say": words.text,
        "money": words.money,
        "said": words.said,
        "decisions": {line.key: Decision("disputed", "", "+51 llamar a Meta") for line in lines[:1]}
        | {line.key: Decision("accepted", "rounding", "") for line in lines[3:4]},
        "evidence": {line.key: evidence(charges) for line in lines},
        "evidence_counts": {line.key: charges for line in lines},
        "journal": (
            JournalEntry(_at(30, 12, 0), "Rosa Quispe", "Archivo añadido", INVOICE),
            JournalEntry(_at(30, 12, 5), "Rosa Quispe", "Diferencia observada", "=cmd|' /C calc'!A0"),
        ),
    }
    given |= changes
    given["claims"] = (*changes.get("claims", ()), *_claims(result, given["decisions"]))  # type: ignore[misc, arg-type]
    return ReportContext(**given)  # type: ignore[arg-type]


def _claims(result: Reconciliation | None, decisions: Mapping[str, Decision]) -> Iterator[Claim]:
    """Give the claims that the disputed lines make, as an audit does."""
    if result is None:
        return
    for line in result.differences:
        one = decisions.get(line.key)
        if one is not None and one.decision == "disputed" and line.difference > 0:
            key = line.key.partition("|")[2]  # lines of the sample are numbered, as those of an audit are not
            currency, day = result.account.currency, date(2026, 11, 20)
            yield Claim(line.key, "2026-10", key, line.difference, currency, day, one.note)
