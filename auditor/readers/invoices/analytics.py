"""Usage as Meta's Graph API gives it: `pricing_analytics` and `conversation_analytics` (formats.md §3).

Answers come whole, paged, bare or wrapped by a platform: what counts are the data points in them. A dimension that
was not asked for is absent, which means "not broken down". Meta calls all figures approximate, leaves the currency
out (it is the WABA's) and cuts days where its own day begins, which is not always the account's.
"""

import json
import re
import zlib
from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from decimal import InvalidOperation
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any
from typing import NamedTuple
from zoneinfo import ZoneInfo

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import Account
from auditor.core.records import UsageLine
from auditor.readers.invoices.usage_overlaps import METRICS
from auditor.readers.invoices.usage_overlaps import POINT_KEYS
from auditor.readers.invoices.usage_overlaps import Span
from auditor.readers.invoices.usage_overlaps import Spans
from auditor.readers.invoices.usage_overlaps import Taken
from auditor.readers.invoices.usage_overlaps import breakdown
from auditor.readers.invoices.usage_overlaps import counted_otherwise
from auditor.readers.invoices.usage_overlaps import stated_sometimes
from auditor.readers.invoices.usage_overlaps import whose_units
from auditor.readers.logs.numbered import open_text
from auditor.readers.sniff import Sniffed
from auditor.readers.tables.identity import Identities
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once
from auditor.readers.values.json_pairs import whole
from auditor.readers.values.places import place_named
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.words import seen

_SIGNS = re.compile(r'"(data_points|pricing_analytics|conversation_analytics)"\s*:')
# A point that was taken out of its answer: from one second to another, and of a category as only Meta calls them.
_POINT = re.compile(r'"start"\s*:\s*"?[0-9]{9,}(?=[^{}]*"end")(?=[^{}]*"(?:pricing|conversation)_category")')
_UNREADABLE = (UnicodeDecodeError, OSError, EOFError, zlib.error)
_BLANKS = re.compile(r"[ \t\r\n,]*")
_HEAD = 1 << 16
_LARGEST = 64 << 20
_MILLISECONDS = 10**11
_EPOCH = re.compile(r"[0-9]{9,14}")
_WIDEST = 15
_DAY = timedelta(hours=23)
# Where Meta may have cut days instead of in the account's own zone.
_OTHER_ZONES = ("UTC", "America/Los_Angeles")
_NESTED = (dict, list)
_NOT_BROKEN_DOWN = frozenset({"", "UNKNOWN", "ALL"})


@dataclass(slots=True)
class Points:
    """The data points of a file: usable ones as lines, the others as problems, and what is to be remarked."""

    lines: list[UsageLine] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


class _Found(NamedTuple):
    """A point as it stands in the file: its number, and what other points of its answer state that it may lack."""

    number: int
    point: Any
    sometimes: frozenset[str]


def holds_analytics(path: Path, sniffed: Sniffed) -> bool:
    """Tell an answer of the analytics endpoints, or points of one, from webhooks, by the first part of a JSON file."""
    try:
        with open_text(path, sniffed, sniffed.encoding) as file:
            head = file.read(_HEAD)
            return bool(_SIGNS.search(head) or _POINT.search(head))
    except _UNREADABLE:
        return False  # whoever reads it will say what is wrong


def read_points(path: Path, sniffed: Sniffed, account: Account) -> Points:
    """Read the data points of a file, numbered from 1 in its order.

    Raises `AuditorError`: `file_too_large`, `usage_not_json`, `json_key_twice`.
    """
    reader, documents = _Reader(path.name, account), list(_documents(path, sniffed))
    for waba in (found := _grouped(documents)):
        reader.read(waba, found[waba])
    reader.leave_out_what_counts_otherwise()
    last = deque(_pagings(documents), maxlen=1)
    if last and last[0].get("next"):
        reader.remark("usage_page_missing", 0)
    return reader.points


def _pagings(node: Any) -> Iterator[dict[str, Any]]:
    """Give what the pages of an answer say of the page that follows, in their order."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "paging" and isinstance(value, dict):
                yield value
            else:
                yield from _pagings(value)
    elif isinstance(node, list):
        for one in node:
            yield from _pagings(one)


def _documents(path: Path, sniffed: Sniffed) -> Iterator[Any]:
    """Give every JSON value of a file: one, one a line, or one after the other. Decimals are exact."""
    try:
        with open_text(path, sniffed, sniffed.encoding) as file:
            text = file.read(_LARGEST + 1).lstrip("\ufeff")
    except _UNREADABLE as error:
        raise AuditorError("file_damaged", Place(path.name)) from error
    if len(text) > _LARGEST:
        raise AuditorError("file_too_large", Place(path.name), size=_LARGEST >> 20)
    decoder = json.JSONDecoder(
        parse_float=Decimal, parse_int=whole, parse_constant=_refuse, object_pairs_hook=each_once
    )
    at = 0
    try:
        while (at := _after_blanks(text, at)) < len(text):
            value, at = decoder.raw_decode(text, at)
            yield value
    except KeyTwiceError as error:
        raise AuditorError("json_key_twice", Place(path.name), name=error.key) from error
    except (ValueError, RecursionError) as error:
        raise AuditorError("usage_not_json", Place(path.name, row=text.count("\n", 0, at) + 1)) from error


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _grouped(documents: Iterable[Any]) -> dict[str, list[_Found]]:
    """Give the points, numbered through the file, by the WABA that their answer names (empty: none)."""
    found: dict[str, list[_Found]] = {}
    numbers = count(1)
    for waba, answer in (one for document in documents for one in _answers(document, "")):
        sometimes = stated_sometimes(answer)
        found.setdefault(waba, []).extend(_Found(next(numbers), point, sometimes) for point in answer)
    return found


def _answers(node: Any, waba: str) -> Iterator[tuple[str, list[Any]]]:
    """Find the lists of points below a node, however they are wrapped."""
    if isinstance(node, dict):
        stated = node.get("id")
        waba = stated if isinstance(stated, str) and stated.isdecimal() else waba
        for key, value in node.items():
            if key == "data_points" and isinstance(value, list):
                yield waba, value
            else:
                yield from _answers(value, waba)
    elif isinstance(node, list):
        yield waba, [one for one in node if _is_point(one)]
        for one in node:
            if not _is_point(one):
                yield from _answers(one, waba)


def _is_point(node: Any) -> bool:
    return isinstance(node, dict) and "start" in node and bool(POINT_KEYS & node.keys())


class _Refused(Exception):  # noqa: N818 - caught in this module: how a point's reading ends early
    """A point that cannot be a line: the code of its problem and the value at fault."""

    def __init__(self, code: str, value: object = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = str(value)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Whose points these are, and the zone in which the export cuts their days (empty: not known)."""

    waba: str
    zone: str
    days_in: str


class _Reader:
    """Reads the points of one file."""

    def __init__(self, file: str, account: Account) -> None:
        self.file = file
        self.ids = Identities(account)
        self.wabas = {waba.id: waba for waba in account.wabas}
        self.points = Points()
        self._spans = Spans()
        self._taken: list[Taken] = []

    def read(self, stated: str, points: Sequence[_Found]) -> None:
        """Read the points of one WABA; `stated` is empty where the answer names none."""
        if not points:
            return
        cut = self._cut(stated, points)
        for found in points:
            try:
                self.points.lines.append(self._line(found, cut))
            except _Refused as refused:
                place = Place(self.file, row=found.number)
                self.points.refusals.append(Problem(refused.code, place, {"value": refused.value}))

    def leave_out_what_counts_otherwise(self) -> None:
        """Refuse the points whose units others count, too, broken down in another way."""
        if again := counted_otherwise(self._taken):
            self.points.lines = [line for line in self.points.lines if line.source.row not in again]
            self.points.refusals += [
                Problem("usage_point_otherwise", Place(self.file, row=number)) for number in sorted(again)
            ]

    def _cut(self, stated: str, points: Sequence[_Found]) -> _Cut:
        """Find whose points they are and how their days are cut, and remark what is odd about that."""
        waba = stated or (next(iter(self.wabas)) if len(self.wabas) == 1 else "")
        own = self.wabas[waba].time_zone if waba in self.wabas else ""
        zone = _zone([span for found in points if (span := _span(found.point, own or "UTC"))], own)
        if own and zone != own:
            self.remark("usage_days_elsewhere", points[0].number, zone=zone or "?", own=own)
        if waba and self.wabas and waba not in self.wabas:
            self.remark("invoice_waba_unknown", points[0].number, value=waba)
        return _Cut(waba, zone, zone or own or "UTC")

    def remark(self, code: str, number: int, **values: str) -> None:
        """Note what is odd about a point, or (0) about the file."""
        self.points.remarks.append(Problem(code, Place(self.file, row=number), MappingProxyType(values)))

    def _line(self, found: _Found, cut: _Cut) -> UsageLine:
        """Read a point, and note it for those that break its units down otherwise."""
        number, point, sometimes = found
        span, whose = _span(point, cut.days_in), whose_units(point, cut.waba)
        if span is None:
            raise _Refused("usage_point_unreadable")
        if not self._spans.is_new(point, whose, span):
            raise _Refused("usage_point_twice")
        line = self._understood(number, point, span, cut)
        self._taken.append(Taken(number, whose, breakdown(point) | sometimes, point, span))
        return line

    def _understood(self, number: int, point: Mapping[str, Any], span: Span, cut: _Cut) -> UsageLine:
        phone = _text(point, "phone_number")
        phone_id = self.ids.number(phone)
        if phone and self.ids.owners and phone_id not in self.ids.owners:
            self.remark("invoice_number_unknown", number, value=phone)
        waba = self.ids.owners.get(phone_id, "") or cut.waba
        unit = "conversation" if any(key.startswith("conversation") for key in point) else "message"
        return UsageLine(
            quantity=_quantity(point),
            source=Place(self.file, row=number),
            export="conversation_analytics" if unit == "conversation" else "pricing_analytics",
            amount=_cost(point),
            currency=self.wabas[waba].currency if waba in self.wabas else "",
            period_start=span[0].date(),
            period_end=(span[1] - timedelta(seconds=1)).date(),
            zone=cut.zone,
            waba_id=waba,
            phone_number_id=phone_id,
            country=_country(point),
            category=_category(point),
            pricing_type=_pricing_type(point),
            tier=_text(point, "tier"),
            unit=unit,
            raw=MappingProxyType({key: str(value) for key, value in point.items() if not isinstance(value, _NESTED)}),
        )


def _span(point: Any, zone: str) -> tuple[datetime, datetime] | None:
    """Give a point's start and end (exclusive) as local times of a zone; None if they cannot be read."""
    if not isinstance(point, dict):
        return None
    first, last = (_instant(point.get(name), ZoneInfo(zone)) for name in ("start", "end"))
    if first is None or last is None or last < first:
        return None
    return first, last if last > first else first + timedelta(days=1)


def _instant(value: Any, zone: ZoneInfo) -> datetime | None:
    """Read seconds or milliseconds since 1970, as number or text, or an ISO date or time."""
    text = str(value).strip()
    try:
        if _EPOCH.fullmatch(text):
            seconds = int(text) if int(text) < _MILLISECONDS else int(text) // 1000
            return datetime.fromtimestamp(seconds, zone)
        read = datetime.fromisoformat(text) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    if read is None:
        return None
    return read.astimezone(zone) if read.tzinfo else read.replace(tzinfo=zone)


def _zone(spans: Sequence[tuple[datetime, datetime]], own: str) -> str:
    """Give the zone in which every bucket of a day or longer begins at midnight, the account's own first.

    Shorter buckets are cut in no zone: they are put into the account's days. Empty if no zone fits.
    """
    starts = [first for first, last in spans if last - first >= _DAY]
    for zone in (own, *_OTHER_ZONES) if own else _OTHER_ZONES:
        local = [start.astimezone(ZoneInfo(zone)) for start in starts]
        if all((start.hour, start.minute, start.second) == (0, 0, 0) for start in local):
            return zone
    return ""


def _text(point: Mapping[str, Any], name: str) -> str:
    value = point.get(name)
    return seen(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _number(value: Any) -> Decimal | None:
    """Read a plain number, also one given as text; None for anything else, and for one of absurd size."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _WIDEST else None


def _quantity(point: Mapping[str, Any]) -> Decimal | None:
    """Give the units; None where only the cost was asked for."""
    stated = next((point[name] for name in METRICS if point.get(name) is not None), None)
    number = _number(stated)
    if stated is None and point.get("cost") is None:
        raise _Refused("usage_point_without_volume")
    if stated is not None and (number is None or number < 0):
        raise _Refused("number_unreadable", stated)
    return number


def _cost(point: Mapping[str, Any]) -> Decimal | None:
    """Give the approximate cost; None where Meta withholds it."""
    stated = point.get("cost")
    number = _number(stated)
    if stated is not None and number is None:
        raise _Refused("number_unreadable", stated)
    return number


def _country(point: Mapping[str, Any]) -> str:
    text = _text(point, "country").upper()
    if text in _NOT_BROKEN_DOWN:
        return ""
    if place_named(text, prefer_country=True) != ("", text):
        raise _Refused("country_unknown", text)
    return text


def _category(point: Mapping[str, Any]) -> str:
    """Give the category: before June 2023 it was who began the conversation."""
    text = _text(point, "pricing_category") or _text(point, "conversation_category")
    if text.upper() in _NOT_BROKEN_DOWN:
        direction = _text(point, "conversation_direction").lower()
        return direction if direction in {"user_initiated", "business_initiated"} else ""
    meaning = category_meaning(text.upper().removeprefix("GROUP_"))
    if meaning is None or not meaning.category:
        raise _Refused("category_unknown", text)
    return meaning.category


def _pricing_type(point: Mapping[str, Any]) -> str:
    text = _text(point, "pricing_type") or _text(point, "conversation_type")
    if text.upper() in _NOT_BROKEN_DOWN:
        return ""
    meaning = category_meaning(text.upper().replace("_GROUP_", "_"))
    if meaning is None or not meaning.pricing_type:
        raise _Refused("pricing_type_unknown", text)
    return meaning.pricing_type
