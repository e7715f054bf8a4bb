"""Small audits worked out by hand: a log of October 2026 in Lima, round contract prices, and the invoice for it.

Prices in USD (message-v2): marketing 0.10 in Peru and 0.20 elsewhere, utility 0.02, authentication 0.03, service 0.01.
Until 2026-09-30 (message-v1) marketing in Peru cost 0.08, utility 0.01.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

import numpy as np

from auditor.core.audit import Audited
from auditor.core.audit import Invoice
from auditor.core.audit import audit
from auditor.core.charging import Log
from auditor.core.charging import prepare
from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import FxRate
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import Number
from auditor.core.records import Waba
from auditor.core.results import Difference
from auditor.core.rows import InMemory
from auditor.core.tables import Messages
from auditor.core.terms import Terms
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import card_of
from tests.core.as_columns import messages_of

Row = dict[str, str]
PERU, CHILE, MEXICO = "51987654321", "56987654321", "525512345678"
OCTOBER = "2026-10"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
WABA = Waba("waba", "America/Lima", "USD", primary_location="PE", numbers=(Number("number"),))
SECOND_WABA = Waba("waba2", "America/Lima", "USD", primary_location="PE", numbers=(Number("number2"),))
ACCOUNT = Account("Case", FIRST, LAST, "USD", (WABA,))
MONTH = (FIRST, LAST)


def priced(market: str, category: str, rate: str, first: str = "2026-10-01", last: str = "") -> Row:
    """Give a row of the contract card."""
    facts = {"effective_from": first, "effective_to": last, "currency": "USD"}
    return facts | {"market": market, "category": category, "rate": rate}


PRICES = (
    priced("Peru", "marketing", "0.08", "2025-07-01", "2026-09-30"),
    priced("Peru", "utility", "0.01", "2025-07-01", "2026-09-30"),
    priced("Peru", "marketing", "0.10"),
    priced("*", "marketing", "0.20"),
    priced("*", "utility", "0.02"),
    priced("*", "authentication", "0.03"),
    priced("*", "service", "0.01"),
)


def sent(
    category: str, count: int = 1, at: str = "2026-10-05 10:00", user: str = PERU, number: str = "number", **more: str
) -> list[Row]:
    """Give so many messages a minute apart, delivered at once; an empty category is a free-form answer."""
    start = datetime.fromisoformat(at)
    times = [str(start + timedelta(minutes=n)) for n in range(count)]
    facts = {"phone_number_id": number, "user": user, "direction": "outbound", "template_category": category}
    named = f"{category or 'service'} {number} {user} {at}"
    return [
        facts | {"message_id": f"{named} {n}", "sent_at": time, "delivered_at": time} | more
        for n, time in enumerate(times)
    ]


def wrote(at: str, user: str = PERU, number: str = "number", **more: str) -> list[Row]:
    """Give one message of a customer."""
    facts = {"message_id": f"in {number} {user} {at}", "phone_number_id": number, "user": user}
    return [facts | {"direction": "inbound", "sent_at": at} | more]


def line(amount: str, quantity: str = "", rate: str = "", row: int = 1, **more: object) -> InvoiceLine:
    """Give a line of the invoice."""
    made = InvoiceLine(
        Decimal(amount),
        "USD",
        Place("invoice.xlsx", "Sheet1", row),
        quantity=Decimal(quantity) if quantity else None,
        unit_rate=Decimal(rate) if rate else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the line's own fields


def fee_line(amount: str, layer: Layer) -> InvoiceLine:
    """Give a line that ties to the total and is not reconciled."""
    return line(amount, layer=layer)


def audited(
    rows: Sequence[Row],
    lines: Sequence[InvoiceLine] = (),
    account: Account = ACCOUNT,
    prices: Sequence[Mapping[str, str]] = PRICES,
    fx: Sequence[FxRate] = (),
    listed: Sequence[Mapping[str, str]] = (),
    imports: Sequence[ImportReport] = (),
) -> Audited:
    """Audit an invoice against a log with the built-in rules and these prices, without any file.

    `prices` lie on top of what is `listed`; `imports` tell of the files that the lines would be from.
    """
    terms = Terms(
        account,
        regimes(),
        market_table(),
        Tariff([*([card_of(listed, "listed")] if listed else []), card_of(prices, "contract")]),
    )
    return audit(log_of(rows, account, messages_of(rows, account)), terms, Invoice(tuple(lines)), fx, imports)


def log_of(rows: Sequence[Row], account: Account, messages: Messages) -> Log:
    """Prepare the messages of rows as a log, with the names of their templates."""
    stated = [row.get("template_name", "") for row in rows]
    known = tuple(sorted({*stated} - {""}))
    places = np.array([known.index(name) if name else -1 for name in stated], np.int32)
    names = [(row["message_id"], row["user"]) for row in rows]
    return prepare(InMemory(messages, (known, places)), lambda some: [names[n] for n in some], account, regimes())


def by_name(result: Audited) -> dict[tuple[str, ...], Difference]:
    """Give the differences by what they are about: WABA, market, country, category, pricing type, as far as stated."""
    found = {}
    for one in result.result.differences:
        parts = (one.waba_id, one.market, one.country, one.category, one.pricing_type)
        found[tuple(part for part in parts if part)] = one
    return found


def only(result: Audited) -> Difference:
    """Give the one difference there is."""
    (one,) = result.result.differences
    return one


def causes(one: Difference) -> dict[str, Decimal]:
    """Give what was found to cause a difference."""
    return {cause.cause: cause.amount for cause in one.causes if cause.proof == "found"}
