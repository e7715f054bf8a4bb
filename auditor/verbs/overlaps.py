"""What a new file has in common with those that are there: said before anything counts twice (formats.md §4).

Messages count once by their id, whatever the files; lines of an invoice count each, so that a bill of a period that is
billed already, or a document that is there already, is for the user to judge.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.tables import NEVER
from auditor.core.timeline import date_in

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


def _what(line: InvoiceLine) -> tuple[str, ...]:
    """Give what a line bills; two documents seldom bill one thing for one time, but for a credit."""
    return line.waba_id, line.phone_number_id, line.market, line.country, line.category, line.layer, line.document_type


def _meet(line: InvoiceLine, other: InvoiceLine, account: Account) -> bool:
    """Tell whether two lines bill a day that is the same; what states no period bills the audit's own."""
    (first, last), (start, end) = (
        (one.period_start or account.first, one.period_end or account.last) for one in (line, other)
    )
    return start <= last and first <= end
