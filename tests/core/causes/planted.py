"""Audits with planted errors: a random log, what is due for it by the readable twin, and an invoice that differs.

`planted_case(seed, causes)` makes an account, cards, a log and the lines of an invoice in which exactly these causes of
formats.md §8 were planted, with the amount of each: the step from the invoice without it to the invoice with it, in the
order of the causes. Everything is worked out by the twin (`twin.py`) and by plain arithmetic here, nothing by the
program.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal
from decimal import localcontext
from random import Random
from typing import Any

from tests.core.twin import charge_row
from tests.core.twin_log import merge
from tests.core.twin_tariff import EXACT_DIGITS
from tests.core.twin_tariff import Atlas
from tests.core.twin_tariff import Tariff
from tests.core.twin_tariff import markets
from tests.core.twin_tariff import meta_card
from tests.core.twin_threads import Thread
from tests.core.twin_threads import Unit
from tests.core.twin_threads import threads
from tests.core.twin_till import Till

Row = dict[str, str]
CardRows = Sequence[Mapping[str, str]]
About = tuple[tuple[str, str], ...]
CENT = Decimal("0.01")
PLAIN = Decimal("0.05")  # an error of less, over all lines together, is a matter of cents: it proves nothing
MONTHS = {  # regime: months to audit
    "message-v2": ("2026-10", "2026-11"),
    "message-v1": ("2025-08", "2025-10", "2026-01", "2026-07", "2026-09"),
    "conversation-v2-free-service": ("2024-11", "2025-02", "2025-06"),
    "conversation-v2": ("2023-08", "2024-03", "2024-10"),
    "conversation-v1": ("2022-06", "2023-04"),
}
ZONES = ("America/Lima", "America/Lima", "America/Bogota", "America/Mexico_City", "Asia/Kolkata", "Europe/Madrid")
PREFIXES = ("519", "519", "569", "573", "521", "9198", "346", "5511", "549", "1809", "4479")
COUNTRIES = {"519": "PE", "569": "CL", "573": "CO", "521": "MX", "9198": "IN", "346": "ES", "5511": "BR", "549": "AR",
             "1809": "DO", "4479": "GB"}  # fmt: skip
GRAINS = (
    ("market", "category"), ("market", "category"), ("country", "category"), ("category",), ("market",),
    ("waba_id", "market", "category"), ("phone_number_id", "category"), ("local_date", "category"),
)  # fmt: skip


@dataclass(frozen=True)
class Books:
    """What an invoice is made from; a planted error changes one of these, or how they are put on lines."""

    rows: Sequence[Row]
    account: Mapping[str, Any]
    cards: Sequence[CardRows]
    first: date
    last: date
    allowance: int = 1000
    units: tuple[Callable[[list[Unit]], None], ...] = ()
    counts: tuple[Callable[["Books", list[Row]], list[int]], ...] = ()
    convert: Callable[["Books", date], Decimal] | None = None
    price: tuple[Callable[[Decimal], Decimal], ...] = ()
    till: type[Till] = Till
    thread: type[Thread] = Thread
    fx: Mapping[date, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line of the invoice: what it is about, and the figures it states."""

    about: About
    quantity: int
    rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Case:
    """An audit with planted errors: `planted` gives each cause its amount (billed minus due).

    `places` say which of its kinds each is, in the order in which they are made. `quotients` are the decimals to which
    the invoice divides each amount by its quantity, and prints that for a rate (`as_quotients`).
    """

    books: Books
    grain: tuple[str, ...]
    with_quantity: bool
    with_rate: bool
    lines: Sequence[Line]
    planted: Mapping[str, Decimal]
    due: Decimal
    places: Mapping[str, float]
    quotients: int | None = None


def charges(books: Books) -> list[Row]:
    """Replay the log by the twin and give its CHARGES, the units changed before they are priced."""
    messages = [message for message in merge(books.rows, books.account) if message.facts.get("origin") != "app"]
    atlas = Atlas(markets())
    units = [unit for thread in threads(messages, books.thread) for unit in thread.units(atlas)]
    units.sort(key=lambda unit: (unit.message.billed, unit.message.id, unit.message.user, unit.message.number))
    for change in books.units:
        change(units)
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        books.till(books.account, Tariff(books.cards), atlas, books.allowance).price_all(units)
        made = [charge_row(unit) for unit in units]
    for unit, row in zip(units, made, strict=True):
        row["country"] = next((c for p, c in COUNTRIES.items() if unit.message.user.startswith(p)), "")
    return made


def invoice(books: Books, grain: Sequence[str]) -> list[Line]:
    """Bill the charged units of the period, a line for each value of the grain, rounded half up to the cent."""
    rows = charges(books)
    counts = [1] * len(rows)
    for count_units in books.counts:
        counts = [one * more for one, more in zip(counts, count_units(books, rows), strict=True)]
    sums: dict[About, tuple[int, Decimal, set[Decimal]]] = {}
    for row, units in zip(rows, counts, strict=True):
        day = date.fromisoformat(row["local_date"])
        if row["pricing_type"] != "regular" or not row["rate"] or not units or not books.first <= day <= books.last:
            continue
        rate = Decimal(row["rate"])
        if books.convert:
            rate *= books.convert(books, day)
        for change_price in books.price:
            rate = change_price(rate)
        about = tuple((name, row[name]) for name in grain)
        quantity, amount, rates = sums.get(about, (0, Decimal(0), set()))
        sums[about] = (quantity + units, amount + rate * units, rates | {rate})
    return [
        Line(about, quantity, min(rates) if len(rates) == 1 else None, cents(amount))
        for about, (quantity, amount, rates) in sorted(sums.items())
    ]


def unrated(books: Books) -> bool:
    """Tell whether some unit of the period stands on no card: its line cannot be compared, whatever is billed."""
    inside = (row for row in charges(books) if books.first <= date.fromisoformat(row["local_date"]) <= books.last)
    return any(row["pricing_type"] == "unrated" for row in inside)


def apart(some: Sequence[Line], others: Sequence[Line]) -> Decimal:
    """Add up by how much lines differ, either way."""
    sums: dict[About, Decimal] = {}
    for sign, lines in ((1, some), (-1, others)):
        for line in lines:
            sums[line.about] = sums.get(line.about, Decimal(0)) + sign * line.amount
    return sum((abs(amount) for amount in sums.values()), Decimal(0))


def cents(amount: Decimal) -> Decimal:
    """Round half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def total(lines: Sequence[Line]) -> Decimal:
    """Add up the amounts."""
    return sum((line.amount for line in lines), Decimal(0))


QUOTIENTS = (2, 3, 4, 6, 8, 17)  # decimals of price columns; 17 stands for the digits of a float
_FLOAT = 17


def as_quotients(case: Case, digits: int) -> Case:
    """Let the invoice print for each rate what its amount comes to divided by its quantity."""
    return replace(case, with_quantity=True, with_rate=False, quotients=digits)


def quotient(line: Line, digits: int) -> Decimal | None:
    """Divide an amount by its quantity to so many decimals, half up, without the zeros at the end."""
    if not line.quantity:
        return None
    if digits == _FLOAT:
        return Decimal(repr(float(line.amount) / line.quantity))
    made = (line.amount / line.quantity).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return Decimal(f"{made.normalize():f}")


# ---------------------------------------------------------------- random books


def random_books(random: Random, regime: str, *, foreign: bool, contract: str, service: int = 0) -> Books:
    """Make an account, its cards and a log of a month and three days around it."""
    period = random.choice(MONTHS[regime])
    year, month = int(period[:4]), int(period[5:])
    first = date(year, month, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    currency = "PEN" if contract == "PEN" else "USD"
    wabas: list[dict[str, Any]] = [
        {
            "id": f"waba{n}",
            "time_zone": random.choice(ZONES),
            "currency": currency,
            "primary_location": "PE",
            "portfolio": "one",
            "numbers": [f"1{n}{k}" for k in range(random.randint(1, 2))],
        }
        for n in range(random.choice((1, 1, 2)))
    ]
    if random.random() < 0.5:
        starts = {"IN": datetime(2024, 1, 1, tzinfo=UTC)}
        wabas = [waba | {"authentication_international": starts} for waba in wabas]
    account: dict[str, Any] = {
        "audit": {"name": "planted", "period": period, "currency": "PEN" if foreign else currency, "language": "en"},
        "waba": wabas,
        "rates": {"card": "meta"},
    }
    fx = {first + timedelta(days=n): Decimal(random.randint(36500, 38500)) / 10000 for n in range(-40, 45)}
    rows = _Log(random, wabas, first, last).rows(service)
    return Books(rows, account, _cards(random, regime, contract, first), first, last, fx=fx if foreign else {},
                 convert=daily if foreign else None)  # fmt: skip


def daily(books: Books, day: date) -> Decimal:
    """Give the exchange rate of the day."""
    return books.fx[day]


def _cards(random: Random, regime: str, contract: str, first: date) -> list[CardRows]:
    """Give Meta's card alone, or with a contract on top: prices of its own in PEN or USD, or a mark-up."""
    if contract == "meta":
        return [meta_card()]
    before = (first - timedelta(days=1)).isoformat()
    if contract == "mark-up":
        factor = str(Decimal(random.choice((110, 115, 120, 125))) / 100)
        plus = random.choice(("", "0.005"))
        rows = [
            {"effective_from": "2020-01-01", "effective_to": "", "currency": "USD", "market": "*", "category": category,
             "rate": "", "factor": factor, "plus": plus}
            for category in CATEGORIES
        ]  # fmt: skip
        return [meta_card(), rows]
    rows = []
    for category in CATEGORIES:
        for market in ("*", "Peru", "Chile", "Mexico", "India"):
            if market != "*" and random.random() < 0.3:
                continue
            old = Decimal(random.randint(150, 2500)) / 10000
            new = old + Decimal(random.choice((-1, 1)) * random.randint(8, 120)) / 10000
            facts = {"currency": contract, "market": market, "category": category}
            rows.append(facts | {"effective_from": "2020-01-01", "effective_to": before, "rate": str(old)})
            rows.append(facts | {"effective_from": first.isoformat(), "effective_to": "", "rate": str(new)})
    return [rows] if contract == "PEN" else [meta_card(), rows]


CATEGORIES = ("marketing", "utility", "authentication", "authentication_international", "service", "user_initiated",
              "business_initiated")  # fmt: skip


class _Log:
    """Writes a log: threads of a user and a number, written as conversations happen."""

    def __init__(self, random: Random, wabas: Sequence[Mapping[str, Any]], first: date, last: date) -> None:
        self.random = random
        self.numbers = [(waba, number) for waba in wabas for number in waba["numbers"]]
        self.first = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=3)
        self.span = (last - first).days + 7
        self.made: list[Row] = []

    def rows(self, service: int) -> list[Row]:
        random = self.random
        for n in range(random.randint(25, 90)):
            waba, number = random.choice(self.numbers)
            self.thread(waba, number, f"{random.choice(PREFIXES)}{10_000_000 + n}"[:12])
        for n in range(service):
            waba, number = self.numbers[n % len(self.numbers) if n % 5 == 0 else 0]
            at = self.first + timedelta(days=4 + 20 * n / service)
            self.message(waba, number, f"519{70_000_000 + n}", "", at, certain=True)
        random.shuffle(self.made)
        return self.made

    def thread(self, waba: Mapping[str, Any], number: str, user: str) -> None:
        random = self.random
        at = self.moment()
        for _ in range(random.randint(1, 12)):
            at += timedelta(minutes=random.choice((1, 5, 60, 600, 1500, 4000)))
            if at > self.first + timedelta(days=self.span):
                at = self.moment()
            if random.random() < 0.3:
                self.inbound(waba, number, user, at, referral=random.random() < 0.25)
            else:
                self.message(waba, number, user, random.choice(TEMPLATES), at)

    def moment(self) -> datetime:
        return self.first + timedelta(seconds=self.random.randint(0, self.span * 86400))

    def inbound(self, waba: Mapping[str, Any], number: str, user: str, at: datetime, *, referral: bool) -> None:
        self.made.append(
            {"message_id": f"in{len(self.made)}", "waba_id": waba["id"], "phone_number_id": number, "user": user,
             "direction": "inbound", "sent_at": at.isoformat(), "referral": "true" if referral else ""}
        )  # fmt: skip

    def message(
        self, waba: Mapping[str, Any], number: str, user: str, template: str, at: datetime, *, certain: bool = False
    ) -> None:
        random = self.random
        row = {"message_id": f"out{len(self.made)}", "waba_id": waba["id"], "phone_number_id": number, "user": user,
               "direction": "outbound", "template_category": template, "sent_at": at.isoformat()}  # fmt: skip
        chance = 1.0 if certain else random.random()
        delivered = (at + timedelta(seconds=random.choice((1, 3, 20)))).isoformat()
        if chance < 0.06:
            row["failed_at"] = (at + timedelta(seconds=5)).isoformat()
        elif chance > 0.10:
            row["delivered_at"] = delivered
        self.made.append(row)
        if not certain and "delivered_at" in row and random.random() < 0.06:
            self.made.append(dict(row))


TEMPLATES = ("marketing", "marketing", "utility", "utility", "utility", "authentication", "authentication", "")


# ---------------------------------------------------------------- cases


def steps(case: Case, causes: Sequence[str], books: Books, lines: Sequence[Line]) -> list[tuple[Books, Sequence[Line]]]:
    """Make errors one after another, in the books, or in the lines as they stand; fewer where one leaves no room."""
    from tests.core.causes.planted_causes import LINES
    from tests.core.causes.planted_causes import PLANTS

    made: list[tuple[Books, Sequence[Line]]] = []
    for cause in causes:
        random = Random(case.places[cause])
        if cause in PLANTS:
            changed = PLANTS[cause](random, books)
            if changed is None:
                break
            books, lines = changed, invoice(changed, case.grain)
        else:
            wrong = LINES[cause](random, list(lines), case.books, case.with_quantity, case.with_rate)
            if wrong is None:
                break
            lines = wrong
        made.append((books, lines))
    return made


def all_but(case: Case, left: str, due: Sequence[Line]) -> Sequence[Line] | None:
    """Make every error but one."""
    others = [cause for cause in case.places if cause != left]
    made = steps(case, others, case.books, due)
    return (made[-1][1] if made else due) if len(made) == len(others) else None


Plant = Callable[[Random, Books], Books | None]
LinePlant = Callable[[Random, list[Line], "Books", bool, bool], list[Line] | None]


def planted_case(seed: int, causes: Sequence[str]) -> Case | None:
    """Make the case of a seed: None where its log and contract leave no room for a cause."""
    from tests.core.causes.planted_causes import AGREED
    from tests.core.causes.planted_causes import FOREIGN
    from tests.core.causes.planted_causes import LINES
    from tests.core.causes.planted_causes import ROOM

    random = Random(f"{seed} {causes}")
    regime = random.choice(list(MONTHS))
    contract = random.choice(("meta", "USD", "PEN", "mark-up"))
    service = 0
    foreign = contract != "PEN" and random.random() < 0.25
    for cause in causes:
        room = ROOM.get(cause, {})
        regime = random.choice(room.get("regimes", (regime,)))
        contract = random.choice(room.get("contracts", (contract,)))
        service = max(service, room.get("service", 0))
        foreign = (foreign or cause in FOREIGN) and contract != "PEN"
    books = random_books(random, regime, foreign=foreign, contract=contract, service=service)
    for cause in causes:
        agreed = AGREED.get(cause)
        books = agreed(random, books) if agreed else books
    grain = random.choice(GRAINS)
    with_quantity = random.random() < 0.8
    with_rate = with_quantity and random.random() < 0.6
    if set(causes) & {"quantity", "rate"}:
        with_quantity = True
    due = invoice(books, grain)
    if len(due) == 0 or unrated(books):
        return None
    ordered = sorted(causes, key=LINES.__contains__)  # what is done to lines comes after what is done to the books
    places = {cause: random.random() for cause in ordered}
    case = Case(books, grain, with_quantity, with_rate, due, {}, total(due), places)
    planted: dict[str, Decimal] = {}
    made = steps(case, ordered, books, due)
    if len(made) < len(ordered):
        return None
    lines: Sequence[Line] = due
    for cause, (_, wrong) in zip(ordered, made, strict=True):
        if apart(lines, wrong) < PLAIN:
            return None
        planted[cause] = total(wrong) - total(lines)
        lines = wrong
    if any((others := all_but(case, left, due)) is None or apart(lines, others) < PLAIN for left in ordered[:-1]):
        return None  # each shows also where all the others were made
    if causes and list(lines) == list(due):
        return None  # a line that is doubled and one of the two left out: nothing is wrong
    return replace(case, lines=lines, planted=planted)


def partly_planted(seed: int, cause: str) -> Case | None:
    """Make a case in which the biller erred on some lines only, one to a half of those that the error changes."""
    case = planted_case(seed, [cause])
    if case is None:
        return None
    random = Random(f"partly {seed}")
    due, wrong = ({line.about: line for line in lines} for lines in (invoice(case.books, case.grain), case.lines))
    changed = [about for about in due if about in wrong and abs(due[about].amount - wrong[about].amount) >= PLAIN]
    if len(changed) < 2 or len(due) < 4:
        return None
    chosen = random.sample(changed, random.randint(1, len(changed) // 2))
    lines = [wrong[about] if about in chosen else due[about] for about in due]
    return replace(case, lines=lines, planted={cause: total(lines) - case.due})


def noisy_case(seed: int) -> Case | None:
    """Make a case in which one to three lines are simply wrong: no rule, no slip of the pen."""
    case = planted_case(seed, [])
    if case is None:
        return None
    random = Random(f"noise {seed}")
    lines = list(case.lines)
    for n in random.sample(range(len(lines)), min(len(lines), random.randint(1, 3))):
        line = lines[n]
        part = random.choice((0.6, 0.8, 0.9, 1.1, 1.3, 1.7)) + random.random() / 10
        quantity = max(1, round(line.quantity * part))
        rate = line.amount / line.quantity
        lines[n] = replace(line, quantity=quantity, amount=cents(rate * quantity), rate=line.rate)
    return replace(case, lines=lines)
