"""What is said of a staged log: what became of its rows, why some cannot be used, what is in doubt (formats.md §4)."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.readers.logs.faults import DOUBTS
from auditor.readers.logs.faults import FAULTS
from auditor.readers.logs.faults import IDS
from auditor.readers.logs.faults import doubts_sql
from auditor.readers.logs.staging import FIRST_ROWS
from auditor.readers.logs.staging import STATUS_TIMES
from auditor.readers.logs.staging import Staged
from auditor.readers.logs.staging import Staging
from auditor.readers.logs.watched import STEP

_LOOKED_AT = 1_000
# Of ten digits are whole numbers of few countries, none has so few as nine but some islands.
_NATIONAL = (
    '(strlen("user") BETWEEN 7 AND 9 OR (strlen("user") = 10 '
    "AND NOT regexp_matches(\"user\", '^(2|35|37|45|46|47|50|59|64|65|67|68|69|96)')))"
)
_FEW = 50  # of so many numbers one may be of an island
_MOST_STRETCHES = 20_000  # kept with the audit: rows of more files keep their numbers over all of them


def report(
    staging: Staging, path: Path, staged: Staged, told: Callable[[Callable[[], None]], tuple[str, int]]
) -> ImportReport:
    """Say what became of a staged log; `told` waits for the file's digest (`files.digested`).

    Raises `AuditorError` for a damaged id and for a log without a usable row.
    """
    found, both = staged.found, (staging, staged)
    _refuse_damage(staging, staged)
    problems = _problems(staged)
    kept = found.counts.get(0, (0, 0, ""))[0]
    left_out = sum(count for number, (count, _, _) in found.counts.items() if number and FAULTS[number - 1].left_out)
    if not kept:
        raise _nothing_usable(staged, problems)
    sha256, size = told(lambda: staging.progress(STEP, 100, 100))
    return ImportReport(
        file=path.name,
        kind="log",
        sha256=sha256,
        size=size,
        read=found.rows,
        kept=kept,
        left_out=left_out,
        refused=found.rows - kept - left_out,
        first=found.first,
        last=found.last,
        decisions=(*staged.decisions, *_decisions(staging.account, staged, left_out)),
        profile=staged.profile.name if staged.profile else "",
        problems=(*problems, *_days_alone(*both), *_without_codes(*both), *_doubted(*both), *_missing(*both)),
        warnings=staged.warnings,
        stretches=staged.stretches if len(staged.stretches) <= _MOST_STRETCHES else (),
    )


def _decisions(account: Account, staged: Staged, left_out: int) -> Iterator[Said]:
    found = staged.found
    if found.local and staged.zone:
        yield Said("reading_logs.decisions.local_times_zone", {"rows": found.local, "zone": staged.zone})
    elif found.local:
        zones = ", ".join(sorted({waba.time_zone for waba in account.wabas}))
        name = "local_times" if zones else "local_times_need_zone"
        yield Said(f"reading_logs.decisions.{name}", {"rows": found.local, **({"zones": zones} if zones else {})})
    if left_out:
        yield Said("reading_logs.decisions.left_out", {"events": left_out})


def _problems(staged: Staged) -> tuple[ProblemCount, ...]:
    """Give every kind of refusal, the commonest first."""
    counted = [
        ProblemCount(
            code=FAULTS[number - 1].code,
            count=count,
            place=staged.at(first, FAULTS[number - 1].column),
            values={"waba": waba},
        )
        for number, (count, first, waba) in staged.found.counts.items()
        if number and not FAULTS[number - 1].left_out
    ]
    return tuple(sorted(counted, key=lambda problem: (-problem.count, problem.code, problem.place.column)))


def _days_alone(staging: Staging, staged: Staged) -> Iterator[ProblemCount]:
    """Say it where the times without a zone are days without a clock: no window of 24 hours can be told by them."""
    if not staged.found.local:
        return
    rows = staging.connection.execute(
        f"SELECT DISTINCT t FROM (SELECT coalesce({', '.join(STATUS_TIMES)}) AS t "
        f'FROM "{staging.view}_all" WHERE local AND fault = 0 LIMIT {_LOOKED_AT}) WHERE t IS NOT NULL'
    ).fetchall()
    own = {waba.time_zone for waba in staging.account.wabas} or {"UTC"}
    zones = {staged.zone} if staged.zone else own
    instants = [datetime.fromtimestamp(micros // 1_000_000, UTC) for (micros,) in rows if micros % 1_000_000 == 0]
    if (
        instants
        and len(instants) == len(rows)
        and any(all(_is_midnight(instant, zone) for instant in instants) for zone in zones)
    ):
        yield ProblemCount("log_times_are_days", staged.found.local, staged.place)


def _is_midnight(instant: datetime, zone: str) -> bool:
    return instant.astimezone(ZoneInfo(zone)).time() == time()


def _without_codes(staging: Staging, staged: Staged) -> Iterator[ProblemCount]:
    """Say it where customers' numbers, most or more than a few, are too short to have a country's code."""
    short, shortest, first, all_ = staging.connection.execute(
        f"""SELECT count_if(s), count_if(n < 10), min(source_row) FILTER (s), count(*) """
        f"""FROM (SELECT source_row, {_NATIONAL} AS s, strlen("user") AS n FROM ("""
        f"""SELECT source_row, "user" FROM "{staging.view}_all" LIMIT {FIRST_ROWS}) WHERE "user" SIMILAR TO '[0-9]+')"""
    ).fetchall()[0]
    if short and (short * 2 > all_ or shortest * _FEW > all_):
        yield ProblemCount("log_users_without_code", short, staged.at(first, "user"))


def _doubted(staging: Staging, staged: Staged) -> Iterator[ProblemCount]:
    """Say which numbers of the business the account does not list, and where it would be its own customer."""
    for code, test, count in zip(DOUBTS, doubts_sql(staging.account), staged.found.doubts, strict=False):
        if not count:
            continue
        asked = f'SELECT source_row, phone_number_id, waba_id, "user" FROM "{staging.view}" WHERE {test}'
        row, number, waba, user = staging.connection.execute(f"{asked} ORDER BY source_row LIMIT 1").fetchall()[0]
        yield ProblemCount(code, count, staged.at(row), {"number": number, "waba": waba, "user": user})


def _missing(staging: Staging, staged: Staged) -> Iterator[ProblemCount]:
    """Say what a log does not hold, and which statuses are not understood.

    Nor do webhooks tell templates while they alone were charged (NBP).
    """
    profile, statuses = staged.profile, staged.statuses
    if statuses.unread:
        place = replace(staged.place, column=statuses.head)
        yield ProblemCount("log_status_unknown", 1, place, {"values": ", ".join(statuses.unread)})
    kind = (profile.name if profile else "") or staged.place.file
    few = f'(SELECT pricing_model, template_category FROM "{staging.view}_all" LIMIT {FIRST_ROWS})'
    asked = f"SELECT bool_or(pricing_model = 'NBP') AND count(template_category) = 0 FROM {few}"
    untold = ("template_category",) if staging.connection.execute(asked).fetchall()[0][0] else ()
    for name in dict.fromkeys((*(profile.missing if profile else ()), *untold)):
        yield ProblemCount(f"log_lacks_{name}", 1, staged.place, {"profile": kind})


def _refuse_damage(staging: Staging, staged: Staged) -> None:
    """Refuse a file in which a spreadsheet has turned ids into numbers, naming the first cell."""
    counts = staged.found.counts
    damaged = [(counts[number][1], number) for number in range(1, len(IDS) + 1) if number in counts]
    if damaged:
        row, number = min(damaged)
        column = FAULTS[number - 1].column
        cell = staging.connection.execute(
            f'SELECT "{column}" FROM "{staging.view}_all" WHERE source_row = {row}'
        ).fetchone()
        raise AuditorError("log_id_damaged", staged.at(row, column), value=cell[0] if cell else "")


def _nothing_usable(staged: Staged, problems: tuple[ProblemCount, ...]) -> AuditorError:
    if not staged.found.rows:
        return AuditorError("log_only_heads" if any(staged.heads) else "file_empty", staged.place)
    if not problems:
        return AuditorError("log_without_messages", staged.place)
    first = problems[0]
    of_others = first.code == "log_unknown_waba"
    code = "log_all_of_unknown_waba" if of_others else "log_nothing_usable"
    # That all is of others is the first reason already, in a sentence of its own.
    details = [Problem(one.code, one.place, one.values) for one in (problems[1:] if of_others else problems)]
    return AuditorError(code, first.place, details, rows=staged.found.rows, **first.values)
