"""`account.toml`: the facts that a log cannot state, read and checked key by key (formats.md §7)."""

import calendar
import os
import re
import tomllib
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Account
from auditor.core.records import Fee
from auditor.core.records import FxMethod
from auditor.core.records import Number
from auditor.core.records import OpeningVolume
from auditor.core.records import Tax
from auditor.core.records import Tolerance
from auditor.core.records import Waba
from auditor.core.tables import Category
from auditor.language import LANGUAGES
from auditor.readers.files import read_text
from auditor.readers.rates.fx_tables import BUY
from auditor.readers.rates.fx_tables import SELL
from auditor.readers.rates.kept_cards import imported_layer
from auditor.readers.rates.tariffs import countries
from auditor.readers.rates.tariffs import markets
from auditor.readers.settings_table import SettingsTable
from auditor.readers.sniff import check_name
from auditor.readers.values.zones import known_zones

# WhatsApp's business platform began no earlier, as in `instants.EARLIEST`.
_YEARS = range(2015, 2100)
_SECTIONS = ("audit", "tolerance", "tax", "fee", "waba", "opening_volume", "rates", "fx")
_AUDIT = (
    "name",
    "entity",
    "tax_id",
    "preparer",
    "reviewer",
    "period",
    "first",
    "last",
    "currency",
    "language",
    "tolerance",
    "materiality",
)
_WABA = (
    "id",
    "name",
    "time_zone",
    "currency",
    "portfolio",
    "primary_location",
    "numbers",
    "authentication_international",
)
_TOLERANCE = ("amount", "percent", "category", "market")
_TIERED = ("utility", "authentication")
_SIDES = (BUY, SELL)
_METHODS = ("daily", "document_date", "month_average", "invoice_rate")
_A_CENT = Tolerance(Decimal("0.01"), Decimal(0))
_NOTHING = Tolerance(Decimal(0), Decimal(0))
# The log keeps each message's by its place among them, in two bytes, and each takes some room; no business has as many.
_MOST_WABAS = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LINE = re.compile(r"at line (\d+)")


def read_account(path: Path) -> Account:
    """Read and check an account file (formats.md §7); paths in it are taken relative to its folder.

    Raises `AuditorError` whose place names the key at fault, such as `waba[0].time_zone`.
    """
    file = SettingsTable(path.name, "", _parse(path), _SECTIONS)
    audit = file.table("audit", _AUDIT)
    wabas = _wabas(file)
    first, last = _period(audit)
    only = {waba.currency for waba in wabas}
    return Account(
        name=audit.text("name", path.stem),
        first=first,
        last=last,
        currency=audit.currency("currency", only.pop() if len(only) == 1 else None),
        wabas=wabas,
        entity=audit.text("entity", ""),
        tax_id=audit.word("tax_id", ""),
        preparer=audit.text("preparer", ""),
        reviewer=audit.text("reviewer", ""),
        language=audit.choice("language", LANGUAGES, "en"),
        tolerance=_tolerance(audit, "tolerance", _A_CENT),
        tolerances=tuple(_narrower(table) for table in file.tables("tolerance", _TOLERANCE)),
        materiality=_tolerance(audit, "materiality", _NOTHING),
        tax=_tax(file),
        fees=tuple(_fee(table) for table in file.tables("fee", ("layer", "amount", "currency", "per"))),
        opening_volumes=_opening_volumes(file, wabas),
        cards=_cards(file.table("rates", ("card",)), path),
        fx=_fx(file.table("fx", ("method", "file", "rate", "from", "to", "source", "side")), path),
    )


def _parse(path: Path) -> dict[str, object]:
    text = read_text(path).replace("\r\n", "\n")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = _LINE.search(str(error))
        row = int(line[1]) if line else text.count("\n") + 1
        raise AuditorError("settings_syntax", Place(path.name, row=row)) from error


def _period(audit: SettingsTable) -> tuple[date, date]:
    if "period" in audit:
        for key in ("first", "last"):
            if key in audit:
                raise audit.error("settings_two_periods", key)
        year, month = map(int, audit.month("period").split("-"))
        first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return _in_our_time(audit, "period", first, last)
    if "first" not in audit and "last" not in audit:
        raise audit.error("settings_no_period", "period")
    first, last = audit.day("first"), audit.day("last")
    if last < first:
        raise audit.error("settings_period_backwards", "last", first=first, last=last)
    return _in_our_time(audit, "first" if first.year < _YEARS.start else "last", first, last)


def _in_our_time(audit: SettingsTable, key: str, first: date, last: date) -> tuple[date, date]:
    """Give a period back if messages can lie in it: each of its days is looked at, and centuries of them never end."""
    if first.year not in _YEARS or last.year not in _YEARS:
        years = {"earliest": _YEARS.start, "latest": _YEARS.stop - 1}
        raise audit.error("settings_period_odd", key, first=first, last=last, **years)
    return first, last


def _tolerance(audit: SettingsTable, key: str, default: Tolerance) -> Tolerance:
    if key not in audit:
        return default
    table = audit.table(key, ("amount", "percent"))
    return Tolerance(table.decimal("amount", Decimal(0)), table.decimal("percent", Decimal(0)))


def _narrower(table: SettingsTable) -> Tolerance:
    amount, percent = table.decimal("amount", Decimal(0)), table.decimal("percent", Decimal(0))
    if "category" not in table and "market" not in table:
        raise table.error("settings_tolerance_without_aim", "category")
    words = [category.word for category in Category]
    return Tolerance(amount, percent, table.choice("category", words, ""), _market(table, "market", ""))


def _market(table: SettingsTable, key: str, default: str | None = None) -> str:
    name = table.word(key, default)
    if name and name.casefold() not in markets():
        raise table.error("settings_unknown_market", key, value=name)
    return markets().get(name.casefold(), "")


def _tax(file: SettingsTable) -> Tax | None:
    if "tax" not in file:
        return None
    table = file.table("tax", ("name", "rate", "included"))
    return Tax(table.text("name"), table.decimal("rate"), table.flag("included", default=False))


def _fee(table: SettingsTable) -> Fee:
    return Fee(
        layer=table.choice("layer", ("subscription", "provider_fee")),
        amount=table.decimal("amount"),
        currency=table.currency("currency"),
        per=table.choice("per", ("month", "number", "unit")),
    )


def _wabas(file: SettingsTable) -> tuple[Waba, ...]:
    tables = file.tables("waba", _WABA)
    if not tables:
        raise file.error("settings_no_waba", "waba")
    if len(tables) > _MOST_WABAS:
        raise file.error("settings_too_many_wabas", "waba", count=f"{len(tables):,}", most=f"{_MOST_WABAS:,}")
    wabas: dict[str, Waba] = {}
    owners: dict[str, str] = {}
    for table in tables:
        waba = _waba(table)
        if waba.id in wabas:
            raise table.error("settings_waba_twice", "id", value=waba.id)
        for place, number in enumerate(waba.numbers):
            if number.id in owners:
                raise table.error("settings_number_twice", f"numbers[{place}]", value=number.id, waba=owners[number.id])
            owners[number.id] = waba.id
        wabas[waba.id] = waba
    return tuple(wabas.values())


def _waba(table: SettingsTable) -> Waba:
    zone = table.word("time_zone")
    if zone not in known_zones():
        raise table.error("settings_unknown_zone", "time_zone", value=zone)
    return Waba(
        id=table.word("id"),
        time_zone=zone,
        currency=table.currency("currency"),
        name=table.text("name", ""),
        portfolio=table.word("portfolio", ""),
        primary_location=_country(table, "primary_location", table.word("primary_location", "")),
        numbers=tuple(_number(table, place, item) for place, item in enumerate(table.items("numbers"))),
        authentication_international=MappingProxyType(_starts(table, ZoneInfo(zone))),
    )


def _country(table: SettingsTable, key: str, code: str) -> str:
    if code and code.upper() not in countries():
        raise table.error("settings_unknown_country", key, value=code)
    return code.upper()


def _number(waba: SettingsTable, place: int, item: object) -> Number:
    entry = {"id": item} if isinstance(item, (str, int)) else item
    name = waba.place(f"numbers[{place}]").column
    if not isinstance(entry, dict):
        raise waba.error("settings_not_a_table", f"numbers[{place}]", name="numbers")
    table = SettingsTable(waba.file, name, entry, ("id", "phone", "name", "cost_centre"))
    return Number(table.word("id"), table.word("phone", ""), table.text("name", ""), table.text("cost_centre", ""))


def _starts(waba: SettingsTable, zone: ZoneInfo) -> dict[str, int]:
    table = waba.table("authentication_international", None)
    return {_country(table, code, code): _instant(table, code, zone) for code in table}


def _instant(table: SettingsTable, key: str, zone: ZoneInfo) -> int:
    """Give microseconds UTC of a date-time with offset, or of a local one or a date in the WABA's zone."""
    value = table.value(key)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise table.error("settings_not_an_instant", key, value=value) from None
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - local, its zone follows
    if not isinstance(moment, datetime):
        raise table.error("settings_not_an_instant", key, value=value)
    if moment.tzinfo is None:
        local, moment = moment, moment.replace(tzinfo=zone)
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            raise table.error("settings_time_does_not_exist", key, value=local, zone=zone.key)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _opening_volumes(file: SettingsTable, wabas: tuple[Waba, ...]) -> tuple[OpeningVolume, ...]:
    owners = {waba.portfolio or waba.id for waba in wabas}
    volumes: dict[tuple[str, ...], OpeningVolume] = {}
    for table in file.tables("opening_volume", ("portfolio", "market", "category", "month", "volume")):
        volume = OpeningVolume(
            portfolio=table.choice("portfolio", owners),
            market=_market(table, "market"),
            category=table.choice("category", _TIERED),
            month=table.month("month"),
            volume=table.whole("volume"),
        )
        of = (volume.portfolio, volume.market, volume.category, volume.month)
        if of in volumes:
            raise table.error("settings_opening_volume_twice", "volume")
        volumes[of] = volume
    return tuple(volumes.values())


def _cards(rates: SettingsTable, path: Path) -> tuple[str, ...]:
    """Give the layers of cards: `meta`, with what was imported on top of it, and files."""
    cards = rates.items("card") if "card" in rates else ("meta",)
    if not cards or not all(isinstance(card, str) and card.strip() for card in cards):
        raise rates.error("settings_not_a_list", "card", name="card")
    imported = imported_layer() if "meta" in cards else None
    meta = ("meta", str(imported)) if imported else ("meta",)
    return tuple(layer for card in cards for layer in (meta if card == "meta" else (_beside(path, str(card)),)))


def _beside(path: Path, name: str) -> str:
    check_name(Path(name))
    # Not `Path.resolve`: of links in a circle it makes a fault; whoever opens the file says what is wrong with it.
    return os.path.realpath(Path(os.path.realpath(path)).parent / name) if name else ""


def _fx(table: SettingsTable, path: Path) -> FxMethod:
    method = table.choice("method", _METHODS, "invoice_rate" if "rate" in table else "daily")
    stated = method == "invoice_rate"
    if "rate" in table and not stated:
        raise table.error("settings_rate_not_used", "rate", method=method)
    rate = table.decimal("rate") if stated else None
    if rate is not None and rate == 0:
        raise table.error("settings_zero_rate", "rate")
    return FxMethod(
        method=method,
        file=_beside(path, table.text("file", "")),
        rate=rate,
        source_currency=table.currency("from", None if stated else ""),
        target_currency=table.currency("to", None if stated else ""),
        source=table.text("source", ""),
        side=table.choice("side", _SIDES, ""),
    )
