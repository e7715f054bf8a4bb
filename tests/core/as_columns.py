"""Canonical rows as the engine's columns, without any reader in between; and the engine's answer as rows of CHARGES."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from auditor.core import logged
from auditor.core.charging import Charged
from auditor.core.charging import Log
from auditor.core.charging import charge
from auditor.core.charging import prepare
from auditor.core.kinds import API
from auditor.core.kinds import CATEGORY_SHIFT
from auditor.core.kinds import ORIGIN_SHIFT
from auditor.core.kinds import OUTBOUND
from auditor.core.kinds import REFERRAL
from auditor.core.kinds import REFERRAL_KNOWN
from auditor.core.kinds import TEMPLATES
from auditor.core.money import plain
from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import Card
from auditor.core.records import Number
from auditor.core.records import OpeningVolume
from auditor.core.records import RateRow
from auditor.core.records import Waba
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.core.tables import NEVER
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Category
from auditor.core.tables import Charges
from auditor.core.tables import Messages
from auditor.core.tables import PricingType
from auditor.core.tables import reason_words
from auditor.core.terms import EMPTY
from auditor.core.terms import Terms
from auditor.core.timeline import day_of
from auditor.core.timeline import instant
from auditor.core.timeline import iso
from auditor.core.timeline import month_text
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes

_ORIGINS = {"": 0, "api": API, "app": 2, "agent": 3}
_YES = {"true", "1", "yes", "sí", "si"}


def account_of(facts: Mapping[str, Any]) -> Account:
    """Make the account from parsed TOML (formats.md §7), the parts that the engine needs."""
    wabas = tuple(
        Waba(
            id=waba["id"],
            time_zone=waba["time_zone"],
            currency=waba["currency"],
            portfolio=waba.get("portfolio", ""),
            primary_location=waba.get("primary_location", ""),
            numbers=tuple(Number(n if isinstance(n, str) else n["id"]) for n in waba.get("numbers", ())),
            authentication_international={
                country: _start(when, ZoneInfo(waba["time_zone"]))
                for country, when in waba.get("authentication_international", {}).items()
            },
        )
        for waba in facts["waba"]
    )
    volumes = tuple(
        OpeningVolume(v["portfolio"], v["market"], v["category"], str(v["month"]), v["volume"])
        for v in facts.get("opening_volume", ())
    )
    return Account("case", date(2020, 1, 1), date(2030, 1, 1), wabas[0].currency, wabas, opening_volumes=volumes)


def _start(when: date | datetime, zone: ZoneInfo) -> int:
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day, tzinfo=zone)
    return instant(when if when.tzinfo else when.replace(tzinfo=zone))


def card_of(rows: Sequence[Mapping[str, str]], name: str) -> Card:
    """Make a card from the rows of a canonical rate card (formats.md §5)."""

    def number(text: str | None) -> Decimal | None:
        return Decimal(text) if text else None

    return Card(
        name,
        tuple(
            RateRow(
                first=date.fromisoformat(row["effective_from"]),
                last=date.fromisoformat(row["effective_to"]) if row.get("effective_to") else None,
                currency=row["currency"],
                market=row["market"],
                category=row["category"],
                tier_from=int(row["tier_from"]) if row.get("tier_from") else None,
                tier_to=int(row["tier_to"]) if row.get("tier_to") else None,
                rate=number(row.get("rate")),
                factor=number(row.get("factor")),
                plus=number(row.get("plus")) or Decimal(0),
                basis=row.get("basis") or "contract",
                source=row.get("source") or "",
                place=Place(name, row=n + 2),
            )
            for n, row in enumerate(rows)
        ),
    )


def _time(text: str, zone: ZoneInfo) -> int:
    if not text:
        return int(NEVER)
    if text.isdigit():
        return int(text) * (1000 if len(text) >= 12 else 1_000_000)
    moment = datetime.fromisoformat(text)
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _user(text: str) -> str:
    return text.removeprefix("whatsapp:").replace(" ", "").removeprefix("+")


class _Texts:
    """Gives the cells of a row without blanks around them, empty where there is none."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self._row = row

    def __call__(self, name: str) -> str:
        return (self._row.get(name) or "").strip()


class _Codes:
    """Numbers texts in order of appearance."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self.names = list(known)

    def __call__(self, text: str) -> int:
        if not text:
            return -1
        if text not in self.names:
            self.names.append(text)
        return self.names.index(text)


def messages_of(rows: Sequence[Mapping[str, str]], account: Account) -> Messages:
    """Make the engine's columns from canonical rows. Ids are hashed by their place in the list of distinct ids."""
    wabas = _Codes([waba.id for waba in account.wabas])
    numbers, countries, groups, amounts, ids, others = _Codes(), _Codes(), _Codes(), _Codes(), _Codes(), _Codes()
    owner = {number.id: n for n, waba in enumerate(account.wabas) for number in waba.numbers}
    table: list[tuple[int, ...]] = []
    for row in rows:
        text = {name: (row.get(name) or "").strip() for name in MESSAGE_COLUMNS}
        user = _user(text["user"])
        stated = text["waba_id"]
        waba = wabas(stated) if stated else owner.get(text["phone_number_id"], 0)
        zone = ZoneInfo(account.wabas[waba].time_zone)
        is_phone = user.isdigit() and user[0] != "0" and len(user) <= 18
        country = "+" + user[:4] if user.isdigit() and not is_phone else text["country"].upper()
        times = [_time(text[f"{name}_at"], zone) for name in ("sent", "delivered", "read", "failed")]
        table.append((
            numbers(text["phone_number_id"]), waba, int(user) if is_phone else -2 - others(user), countries(country),
            groups(text["group_id"]), ids(text["message_id"]) * 7919, _kind(text), *times,
            _time(text["conversation_expires_at"], zone), amounts(text["logged_amount"]), amounts(text["max_price"]),
            _logged(text),
        ))  # fmt: skip
    columns = list(zip(*table, strict=True)) or [()] * len(_COLUMNS)
    arrays: dict[str, Any] = {
        name: np.array(column, kind) for column, (name, kind) in zip(columns, _COLUMNS.items(), strict=True)
    }
    return Messages(
        **arrays,
        numbers=tuple(numbers.names),
        wabas=tuple(wabas.names),
        countries=tuple(countries.names),
        groups=tuple(groups.names),
        amounts=tuple(Decimal(text) for text in amounts.names),
    )


_COLUMNS: Mapping[str, type[np.generic]] = {
    "number": np.int32, "waba": np.int16, "user": np.int64, "country": np.int16, "group": np.int32,
    "id_hash": np.uint64, "kind": np.uint16, "sent": np.int64, "delivered": np.int64, "read": np.int64,
    "failed": np.int64, "expires": np.int64, "paid": np.int32, "limit": np.int32, "logged": np.uint16,
}  # fmt: skip


def _kind(text: Mapping[str, str]) -> int:
    """Pack direction, template category, referral and origin as `threads.py` has them."""
    referral = text["referral"].lower()
    kind = OUTBOUND * (text["direction"].lower() == "outbound")
    kind |= int(TEMPLATES.get(text["template_category"].lower(), 0)) << CATEGORY_SHIFT
    kind |= _ORIGINS[text["origin"].lower()] << ORIGIN_SHIFT if kind & OUTBOUND else 0
    return kind | REFERRAL_KNOWN * bool(referral) | REFERRAL * (referral in _YES)


def _logged(text: Mapping[str, str]) -> int:
    """Pack Meta's logged pricing words as `logged.py` has them."""
    words = {
        name: text[f"pricing_{name}"].lower().replace("-", "_").replace("group_", "") for name in ("type", "category")
    }
    packed = logged.MODELS.get(text["pricing_model"].lower(), 0) << logged.MODEL_SHIFT
    packed |= (logged.TYPES.get(words["type"], logged.OTHER_TYPE) if words["type"] else 0) << logged.TYPE_SHIFT
    category = logged.CATEGORIES.get(words["category"], logged.OTHER_CATEGORY) if words["category"] else 0
    billable = {"": 0, **dict.fromkeys(_YES, logged.BILLABLE)}.get(text["billable"].lower(), logged.NOT_BILLABLE)
    return packed | category << logged.CATEGORY_SHIFT | billable << logged.BILLABLE_SHIFT


class Case:
    """One case: rows, account and cards, ready to be charged by the engine as often as wanted."""

    def __init__(
        self, rows: Sequence[Mapping[str, str]], facts: Mapping[str, Any], cards: Sequence[Sequence[Mapping[str, str]]]
    ) -> None:
        """Prepare the log."""
        self.account = account_of(facts)
        self._names = [(row["message_id"].strip(), _user(row["user"].strip())) for row in rows]
        self.terms = Terms(
            account=self.account,
            regimes=regimes(),
            markets=market_table(),
            tariff=Tariff([card_of(card, f"card{n}") for n, card in enumerate(cards)]),
        )
        self.log: Log = prepare(messages_of(rows, self.account), self.names, self.account, regimes())

    def names(self, rows: Any) -> list[tuple[str, str]]:
        """Give message id and user of rows."""
        return [self._names[row] for row in rows]

    def charged(self, allowance: int | None = None) -> Charged:
        """Charge the log, with another size of the free allowances if one is given."""
        terms = Terms(self.terms.account, self.terms.regimes, self.terms.markets, self.terms.tariff, (), allowance)
        return charge(self.log, terms, with_allowances=True)

    def rows(self, allowance: int | None = None) -> list[dict[str, str]]:
        """Give the rows of CHARGES in their order."""
        charges = self.charged(allowance).charges
        numbers = self.log.messages.numbers
        made = [
            (int(charges.billed_at[n]), charge_row(charges, n, self.terms, numbers, self._names[charges.row[n]]))
            for n in range(len(charges))
        ]
        return [row for _, row in sorted(made, key=lambda pair: (pair[0], pair[1]["unit_id"]))]


def charge_row(c: Charges, row: int, terms: Terms, numbers: Sequence[str], name: tuple[str, str]) -> dict[str, str]:
    """Write one charge as a row of CHARGES (formats.md §8); `name` is its message id and user."""
    k, kind = c.kinds, int(c.kind[row])

    def amount(place: int) -> str:
        return "" if place == EMPTY else plain(k.values[place])

    message_id, user = name
    waba = terms.account.wabas[k.waba[kind]]
    return {
        "unit": "conversation" if k.conversation[kind] else "message",
        "unit_id": f"{message_id}#{user}" if k.grouped[kind] else message_id,
        "waba_id": waba.id,
        "phone_number_id": numbers[k.number[kind]],
        "user": user,
        "regime": terms.regimes[k.regime[kind]].id,
        "market": terms.markets.names[k.market[kind]] if k.market[kind] >= 0 else "",
        "category": Category(k.category[kind]).word,
        "pricing_type": PricingType(k.pricing_type[kind]).word,
        "billed_at": iso(int(c.billed_at[row])),
        "local_date": day_of(int(k.day[kind])).isoformat(),
        "period": month_text(int(k.month[kind])),
        "ends_at": iso(int(c.ends_at[row])),
        "messages": str(c.messages[row]),
        "tier_from": str(k.tier_from[kind]) if k.tier_from[kind] else "",
        "rate": amount(k.rate[kind]),
        "currency": waba.currency,
        "amount": amount(k.amount[kind]),
        "amount_low": amount(k.low[kind]),
        "amount_high": amount(k.high[kind]),
        "certainty": "uncertain" if k.reasons[kind] & UNCERTAIN else "certain",
        "reason": reason_words(int(k.reasons[kind])),
    }


def charge_rows(
    rows: Sequence[Mapping[str, str]],
    facts: Mapping[str, Any],
    cards: Sequence[Sequence[Mapping[str, str]]],
    allowance: int | None = None,
) -> list[dict[str, str]]:
    """Charge canonical rows with the engine and give the rows of CHARGES."""
    return Case(rows, facts, cards).rows(allowance)
