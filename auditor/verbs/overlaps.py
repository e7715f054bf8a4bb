"""What a new file has in common with those that are there: said before anything counts twice (formats.md §4).

Messages count once by their id, whatever the files; lines of invoices and of usage exports count each, so that a bill
of a period that is billed already, a document that is there already, or a volume that is counted already, is for the
user to judge.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import time
from datetime import timedelta

from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.core.tables import NEVER
from auditor.core.timeline import date_in
from auditor.readers.invoices.usage_overlaps import Taken
from auditor.readers.invoices.usage_overlaps import counted_by

_BROKEN_DOWN_BY = ("waba_id", "phone_number_id", "market", "country", "category", "pricing_type", "tier")
Query = Callable[[str], list[tuple[object, ...]]]
"""Puts a question to the database that holds the logs."""


@dataclass(frozen=True, slots=True)
class LogThere:
    """A message log that is there: its report, and SQL for its rows."""

    report: ImportReport
    rows: str


@dataclass(frozen=True, slots=True)
class InvoiceThere:
    """An invoice that is there: its file and its lines."""

    file: str
    lines: Sequence[InvoiceLine]


@dataclass(frozen=True, slots=True)
class UsageThere:
    """A usage export that is there: its file and its lines."""

    file: str
    lines: Sequence[UsageLine]


def of_log(ask: Query, new: LogThere, there: Iterable[LogThere], account: Account) -> tuple[Said, ...]:
    """Say which logs cover a part of the same time, and how many rows of the new one are of messages in them.

    Logs of one day after the other touch where messages were read later; without a message in common that is no news.
    """
    said = []
    zone = account.wabas[0].time_zone if account.wabas else "UTC"
    for other in there:
        first, last = max(new.report.first, other.report.first), min(new.report.last, other.report.last)
        if NEVER in (new.report.first, other.report.first) or first > last:
            continue
        found = ask(
            f"""SELECT count(*) FROM ({new.rows}) AS mine SEMI JOIN ({other.rows}) AS theirs
            USING (direction, phone_number_id, message_id, "user")"""  # noqa: S608 - own names
        )
        shared = int(str(found[0][0]))
        shorter = min(log.report.last - log.report.first for log in (new, other))
        if not shared and 2 * (last - first) < shorter:
            continue
        days = {name: date_in(zone, at).isoformat() for name, at in (("first", first), ("last", last))}
        said.append(Said("overlaps.log", {"other": other.report.file, "rows": shared, **days}))
    return tuple(said)


def of_invoice(lines: Sequence[InvoiceLine], there: Iterable[InvoiceThere], account: Account) -> tuple[Said, ...]:
    """Say which documents are there already, and which invoices bill the same accounts for a part of the same time."""
    said = []
    for other in there:
        documents = sorted({line.document for line in lines if line.document} & {one.document for one in other.lines})
        if documents:
            said.append(Said("overlaps.document", {"other": other.file, "documents": ", ".join(documents)}))
            continue
        alike: dict[tuple[str, ...], list[InvoiceLine]] = {}
        for one in other.lines:
            alike.setdefault(_what(one), []).append(one)
        again = [line for line in lines if any(_meet(line, one, account) for one in alike.get(_what(line), ()))]
        if again:
            row = str(again[0].source.row)
            said.append(Said("overlaps.invoice", {"other": other.file, "lines": len(again), "row": row}))
    return tuple(said)


def of_usage(lines: Sequence[UsageLine], there: Iterable[UsageThere], account: Account) -> tuple[Said, ...]:
    """Say which usage exports may count units that the new one counts, too, however each breaks them down."""
    mine = [_taken(line, account) for line in lines]
    said = []
    for other in there:
        again = counted_by(mine, [_taken(line, account) for line in other.lines])
        if again:
            said.append(Said("overlaps.usage", {"other": other.file, "lines": len(again), "row": str(again[0])}))
    return tuple(said)


def _taken(line: UsageLine, account: Account) -> Taken:
    """Take a line as what it is broken down by, and when; what states no period counts in the audit's own."""
    stated = {name: str(value) for name in _BROKEN_DOWN_BY if (value := getattr(line, name))}
    first, last = line.period_start or account.first, line.period_end or account.last
    span = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
    return Taken(line.source.row, f"{line.layer.value} {line.unit}", frozenset(stated), stated, span)


def _what(line: InvoiceLine) -> tuple[str, ...]:
    """Give what a line bills; two documents seldom bill one thing for one time, but for a credit."""
    return line.waba_id, line.phone_number_id, line.market, line.country, line.category, line.layer, line.document_type


def _meet(line: InvoiceLine, other: InvoiceLine, account: Account) -> bool:
    """Tell whether two lines bill a day that is the same; what states no period bills the audit's own."""
    (first, last), (start, end) = (
        (one.period_start or account.first, one.period_end or account.last) for one in (line, other)
    )
    return start <= last and first <= end
