"""The sample audit: a Peruvian retailer's October 2026, its message log, and an invoice with planted errors.

Everything is made anew, and always the same. The figures on the invoice come from counting while the log is made, not
from the engine, so that the sample also tests it.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from auditor.writers.whole_file import made_folder
from auditor.writers.whole_file import whole_file

_ZONE, _UTC = ZoneInfo("America/Lima"), ZoneInfo("UTC")
_WABA, _SALES, _SUPPORT = "102290129340398", "106540352242922", "106540352242923"
_FIRST_DAY, _DAYS = datetime(2026, 9, 30, tzinfo=_ZONE), 33
_FREE = 1000
_CENT = Decimal("0.01")
_MONTH = "2026-10"

# Market, first digits of its numbers, digits that follow, share of the customers.
_CUSTOMERS = (
    ("Peru", "519", 8, 78),
    ("Chile", "569", 8, 8),
    ("Colombia", "573", 9, 7),
    ("Mexico", "521", 10, 4),
    ("North America", "1305", 7, 3),
)
# Meta's card in USD from 2026-10-01: marketing, then what utility, authentication and service cost alike.
_RATES = {
    "Peru": ("0.0703", "0.0300"),
    "Chile": ("0.0889", "0.0200"),
    "Colombia": ("0.0125", "0.0008"),
    "Mexico": ("0.0397", "0.0085"),
    "North America": ("0.0250", "0.0034"),
}
_OLD_UTILITY_PERU = Decimal("0.0200")  # the card until 2026-09-30
_TAX = Decimal("0.18")
_MARKETS = {
    "Peru": "Perú",
    "Chile": "Chile",
    "Colombia": "Colombia",
    "Mexico": "México",
    "North America": "Norteamérica",
}
_CATEGORIES = {
    "marketing": "Marketing",
    "utility": "Utilidad",
    "authentication": "Autenticación",
    "service": "Servicio",
}
_NAMES = {
    "marketing": ("cyber_octubre", "nueva_coleccion", "halloween_ofertas"),
    "utility": ("pedido_confirmado", "pedido_en_camino", "boleta_electronica"),
    "authentication": ("codigo_acceso",),
}
_COLUMNS = (
    "message_id", "waba_id", "phone_number_id", "user", "direction", "template_category", "template_name", "referral",
    "sent_at", "delivered_at", "read_at", "failed_at",
)  # fmt: skip

_ACCOUNT = f"""\
# Datos de la auditoría de ejemplo / facts of the sample audit
[audit]
name = "Andina Retail, #"
entity = "Andina Retail S.A.C."
tax_id = "20123456789"
preparer = "Rosa Quispe"
reviewer = "Luis Paredes"
period = "{_MONTH}"
currency = "USD"
language = "@"
tolerance = {{ amount = "0.01", percent = "0" }}
materiality = {{ amount = "5.00", percent = "1" }}

[tax]
name = "IGV"
rate = "18"
included = false

[[fee]]
layer = "subscription"
amount = "75.00"
currency = "USD"
per = "month"

[[waba]]
id = "{_WABA}"
name = "Andina"
time_zone = "America/Lima"
currency = "USD"
portfolio = "andina"
primary_location = "PE"
numbers = [
    {{ id = "{_SALES}", phone = "51987654321", name = "Ventas", cost_centre = "Comercial" }},
    {{ id = "{_SUPPORT}", phone = "51987654322", name = "Atención al cliente", cost_centre = "Posventa" }},
]

[rates]
card = "meta"
"""


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where the sample's files are, and what was planted in the invoice: cause by (market, category)."""

    account: Path
    messages: Path
    invoice: Path
    planted: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it went: `delivered` None is one that never arrived; `category` empty is free-form."""

    number: str
    market: str
    user: str
    outbound: bool
    category: str
    name: str
    sent: datetime
    delivered: datetime | None
    read: datetime | None
    failed: datetime | None
    referral: bool = False
    free_entry: bool = False


def write_sample(folder: Path, language: str = "es") -> SampleFiles:
    """Write account, log and invoice into a folder (made if need be), over older ones; give where they are."""
    made_folder(folder)
    account, log, invoice = folder / "account.toml", folder / "messages.csv", folder / "invoice.xlsx"
    messages = sorted(_messages(), key=lambda message: (message.sent, message.user, message.category))
    with whole_file(account) as part:
        part.write_text(_account(language), encoding="utf-8")
    with whole_file(log) as part:
        _write_log(part, messages)
    with whole_file(invoice) as part:
        planted = _write_invoice(part, messages)
    return SampleFiles(account, log, invoice, planted)


def _account(language: str) -> str:
    month = "octubre 2026" if language == "es" else "October 2026"
    return _ACCOUNT.replace('"@"', f'"{language}"').replace('#"', f'{month}"')


# The log -----------------------------------------------------------------------------------------------------


def _messages() -> Iterator[_Message]:
    random = Random(20261031)  # noqa: S311 - a sample, not a secret
    customers = list(_customers(random))
    for day in range(_DAYS):
        midnight = _FIRST_DAY + timedelta(days=day)
        if day in {3, 4, 11, 18, 25, 30}:
            for market, user in random.sample(customers, 310):
                yield _template(
                    random,
                    _SALES,
                    market,
                    user,
                    "marketing",
                    midnight + timedelta(hours=10, minutes=random.randrange(240)),
                )
        for _ in range(random.randrange(65, 95)):
            market, user = random.choice(customers)
            at = midnight + timedelta(minutes=random.randrange(7 * 60, 23 * 60 + 50))
            yield _template(random, _SALES, market, user, "utility", at)
        for _ in range(random.randrange(30, 48)):
            market, user = random.choice(customers)
            at = midnight + timedelta(minutes=random.randrange(24 * 60))
            yield _template(random, _SUPPORT, market, user, "authentication", at)
        for number, talks in ((_SALES, random.randrange(24, 36)), (_SUPPORT, random.randrange(11, 17))):
            for _ in range(talks):
                market, user = random.choice(customers)
                yield from _talk(
                    random, number, market, user, midnight + timedelta(minutes=random.randrange(8 * 60, 21 * 60))
                )
        yield from _from_an_ad(random, day, midnight)


def _customers(random: Random) -> Iterator[tuple[str, str]]:
    for market, prefix, digits, share in _CUSTOMERS:
        for _ in range(share * 12):
            yield market, prefix + "".join(str(random.randrange(10)) for _ in range(digits))


def _template(random: Random, number: str, market: str, user: str, category: str, at: datetime) -> _Message:
    at += timedelta(seconds=random.randrange(60))
    name = random.choice(_NAMES[category])
    if random.randrange(100) < 3:
        return _Message(number, market, user, True, category, name, at, None, None, at + timedelta(seconds=4))
    delivered = at + timedelta(seconds=1 + random.randrange(4))
    if random.randrange(100) < 4:  # the chat was open: Meta sends "read" only
        return _Message(number, market, user, True, category, name, at, None, delivered, None)
    read = delivered + timedelta(minutes=random.randrange(1, 300)) if random.randrange(100) < 60 else None
    return _Message(number, market, user, True, category, name, at, delivered, read, None)


def _talk(
    random: Random, number: str, market: str, user: str, at: datetime, *, free: bool = False
) -> Iterator[_Message]:
    """Let a customer write and the shop answer, once to three times."""
    for turn in range(random.randrange(1, 4)):
        yield _Message(number, market, user, False, "", "", at, None, None, None, referral=free and turn == 0)
        at += timedelta(minutes=random.randrange(1, 9), seconds=random.randrange(60))
        delivered = at + timedelta(seconds=1 + random.randrange(3))
        yield _Message(number, market, user, True, "", "", at, delivered, delivered, None, free_entry=free)
        at += timedelta(minutes=random.randrange(1, 30))


def _from_an_ad(random: Random, day: int, midnight: datetime) -> Iterator[_Message]:
    """Two new customers a day come through an ad: what is said within 72 hours of the first answer is free."""
    for n in range(2):
        user = f"51955{day:03d}{n:03d}"
        yield from _talk(
            random, _SALES, "Peru", user, midnight + timedelta(hours=11 + n, minutes=random.randrange(60)), free=True
        )


def _write_log(path: Path, messages: list[_Message]) -> None:
    def text(at: datetime | None) -> str:
        return at.isoformat() if at else ""

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for n, m in enumerate(messages):
            writer.writerow((
                f"wamid.SAMPLE{n:06d}", _WABA, m.number, m.user, "outbound" if m.outbound else "inbound", m.category,
                m.name, "true" if m.referral else "", text(m.sent), text(m.delivered), text(m.read), text(m.failed),
            ))  # fmt: skip


# The invoice -------------------------------------------------------------------------------------------------


def _arrived(message: _Message) -> datetime | None:
    return message.delivered or message.read


def _count(messages: list[_Message], zone: ZoneInfo, free: int) -> Counter[tuple[str, str]]:
    """Count what October charges, by (market, category), so many services free per number (pricing.md §6)."""
    counted: Counter[tuple[str, str]] = Counter()
    services: Counter[str] = Counter()
    arrived = [(at, n, m) for n, m in enumerate(messages) if m.outbound and (at := _arrived(m))]
    for at, _, message in sorted(arrived, key=lambda one: one[:2]):
        if f"{at.astimezone(zone):%Y-%m}" != _MONTH or message.free_entry:
            continue
        category = message.category or "service"
        if category == "service":
            services[message.number] += 1
            if services[message.number] <= free:
                continue
        counted[message.market, category] += 1
    return counted


def _rate(market: str, category: str) -> Decimal:
    return Decimal(_RATES[market][0 if category == "marketing" else 1])


def _billed(
    messages: list[_Message],
) -> tuple[list[tuple[str, str, int, Decimal, Decimal]], dict[tuple[str, str], str]]:
    """Give the invoice's lines (market, category, quantity, rate, amount), and what was planted where."""
    true = _count(messages, _ZONE, _FREE)
    in_utc = _count(messages, _UTC, _FREE)
    without_free = _count(messages, _ZONE, 0)
    planted: dict[tuple[str, str], str] = {}
    lines = []
    keys = sorted(true | without_free, key=lambda key: (list(_RATES).index(key[0]), list(_CATEGORIES).index(key[1])))
    for key in keys:
        market, category = key
        quantity, rate = true[key], _rate(market, category)
        if category == "service":
            quantity, planted[key] = without_free[key], "free_allowance"
        elif key == ("Peru", "utility"):
            rate, planted[key] = _OLD_UTILITY_PERU, "rate_card"
        elif key in {("Peru", "authentication"), ("Colombia", "authentication")}:
            quantity, planted[key] = in_utc[key], "month_cut"
        elif key == ("Colombia", "utility"):
            planted[key] = "missing_line"
            continue
        elif key == ("Mexico", "marketing"):
            quantity, planted[key] = _swapped(quantity), "quantity"
        elif key == ("Chile", "authentication"):
            rate, planted[key] = Decimal("0.0275"), "rate"
        elif key == ("Chile", "utility"):
            quantity, planted[key] = quantity + 23, "unexplained"
        line = (market, category, quantity, rate, (quantity * rate).quantize(_CENT, ROUND_HALF_UP))
        lines.append(line)
        if key == ("Chile", "marketing"):
            lines.append(line)
            planted[key] = "duplicate_line"
    lines.append(("Argentina", "marketing", 96, Decimal("0.0618"), Decimal("5.93")))
    planted["Argentina", "marketing"] = "unexpected_line"
    del planted["Colombia", "authentication"]  # one unit of 0.0008 more is no cent
    return lines, planted


def _swapped(quantity: int) -> int:
    """Give a figure with two neighbouring digits swapped, as a hurried hand types it."""
    digits = str(quantity)
    for n in range(len(digits) - 1):
        if digits[n] != digits[n + 1]:
            return int(digits[:n] + digits[n + 1] + digits[n] + digits[n + 2 :])
    return quantity * 10


def _write_invoice(path: Path, messages: list[_Message]) -> Mapping[tuple[str, str], str]:
    import xlsxwriter  # noqa: PLC0415 - only the sample writes an invoice

    from auditor.writers.close_book import close_book  # noqa: PLC0415 - the same

    lines, planted = _billed(messages)
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": datetime(2026, 11, 13)})  # noqa: DTZ001 - the format knows no zone
    sheet = book.add_worksheet("Factura")
    bold, money, rates = (
        book.add_format({"bold": True}),
        book.add_format({"num_format": "#,##0.00"}),
        book.add_format({"num_format": "0.0000"}),
    )
    for row, text in enumerate((
        "ChatBuho S.A.C. - RUC 20601234567", "Factura N° F001-00012345", "Fecha de emisión: 13/11/2026",
        "Cliente: Andina Retail S.A.C.", "Periodo: octubre 2026",
    )):  # fmt: skip
        sheet.write_string(row, 0, text, bold if row < 2 else None)
    heads = ("Cuenta WABA", "Mercado", "Categoría", "Concepto", "Cantidad", "Tarifa (USD)", "Importe (USD)")
    for column, head in enumerate(heads):
        sheet.write_string(6, column, head, bold)
    row = 7
    for market, category, quantity, rate, amount in lines:
        texts = (_WABA, _MARKETS.get(market, market), _CATEGORIES[category], "Mensajes de WhatsApp entregados")
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)
        sheet.write_number(row, 4, quantity)
        sheet.write_number(row, 5, float(rate), rates)
        sheet.write_number(row, 6, float(amount), money)
        row += 1
    net = sum((line[4] for line in lines), Decimal(0)) + Decimal(75)
    tax = (net * _TAX).quantize(_CENT, ROUND_HALF_UP)
    for concept, amount in (
        ("Suscripción mensual de la plataforma ChatBuho", Decimal(75)), ("IGV 18%", tax), ("Total", net + tax),
    ):  # fmt: skip
        sheet.write_string(row, 0 if concept == "Total" else 3, concept, bold if concept == "Total" else None)
        sheet.write_number(row, 6, float(amount), money)
        row += 1
    sheet.set_column(0, 2, 20)
    sheet.set_column(3, 3, 46)
    sheet.set_column(4, 6, 14)
    close_book(book)
    return planted
