"""Files out: the computed audit as workbook, charts, charges and summaries. Each writer is loaded when first needed."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from auditor import __version__
from auditor.core.audit import Audited
from auditor.core.problems import Progress
from auditor.core.results import Fixed
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.timeline import instant
from auditor.language import Language
from auditor.project.log import StoredLog
from auditor.project.store import Entry
from auditor.readers.files import standing
from auditor.verbs.choice import ALL
from auditor.verbs.choice import Wanted
from auditor.verbs.conditions import Condition
from auditor.verbs.decision import Decision
from auditor.verbs.evidence import Evidence
from auditor.verbs.evidence import EvidenceRow
from auditor.verbs.evidence import Thread
from auditor.verbs.signoff import Lock
from auditor.verbs.signoff import SignOff

if TYPE_CHECKING:
    from auditor.core.report.given import Passing
    from auditor.core.report.given import ReportContext
    from auditor.verbs.claim_pack import Behind
    from auditor.verbs.claim_pack import Pack
    from auditor.verbs.claims import Claim


EVIDENCE_SHOWN = 100_000
"""Charges that the workbook shows; of more, all are written beside it."""

_THREADS_LOOKED_AT = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """A computed audit: the result with what it was made from, the stored log, and what stands behind differences."""

    audited: Audited
    log: StoredLog
    evidence: Evidence

    @property
    def result(self) -> Reconciliation:
        """Give the reconciliation."""
        return self.audited.result


@dataclass(frozen=True, slots=True)
class Kept:
    """What people put down beside decisions: checklist, notes on lead rows, open claims, signatures, what was fixed."""

    conditions: Mapping[tuple[str, str], Condition]
    lead_notes: Mapping[str, str]
    claims: "Sequence[Claim]"
    sign_offs: Sequence[SignOff]
    lock: Lock | None
    fixed: Fixed


@dataclass(frozen=True, slots=True)
class _Behind:
    """The charges behind a difference, read anew each time they are walked."""

    evidence: Evidence
    key: str

    def __iter__(self) -> Iterator[EvidenceRow]:
        """Walk them."""
        return self.evidence.all(self.key)


def workbook(
    answer: Answer,
    decisions: Mapping[str, Decision],
    journal: Sequence[Entry],
    kept: Kept,
    digests: tuple[str, str],
    charges_file: str,
    path: Path,
    progress: Progress,
    *,
    cells_only: bool,
) -> Path:
    """Write the workpaper (workpaper.md §1) in the audit's language; `charges_file` holds all charges, if written.

    `digests` are those of what the figures come from, and of all that the audit rests on. `cells_only` is for who reads
    it back at once: no picture, nothing beside it, and not held to the engine.
    """
    from auditor.core.report.given import Locked  # noqa: PLC0415
    from auditor.core.report.given import Signed  # noqa: PLC0415
    from auditor.core.report.workpaper import build_report  # noqa: PLC0415 - a second of imports that only exports need
    from auditor.writers.workbook import write_workbook  # noqa: PLC0415

    context = _context(answer, decisions, journal, kept.claims, charges_file)
    sign_offs = [
        Signed(one.role, one.who, datetime.fromisoformat(one.at), one.note, len(one.changes)) for one in kept.sign_offs
    ]
    lock = kept.lock
    locked = Locked(lock.who, datetime.fromisoformat(lock.at), lock.reason) if lock else None
    inputs, state = digests
    pictures = _pictures(answer, drawn=not cells_only)
    context = replace(
        context, conditions=kept.conditions, lead_notes=kept.lead_notes, pictures=pictures,
        sign_offs=sign_offs, locked=locked, fixed=kept.fixed, inputs=inputs, state=state,
    )  # fmt: skip
    with ExitStack() as beside:
        if not (cells_only or charges_file) and sum(context.evidence_counts.values()) > context.evidence_limit:
            name = beside.enter_context(_evidence_beside(answer.result, context, path, progress))
            context = replace(context, evidence_file=name)
        write_workbook(build_report(answer.result, context), path, progress, checked=not cells_only)
    return path


@contextmanager
def _evidence_beside(result: Reconciliation, context: "ReportContext", path: Path, progress: Progress) -> Iterator[str]:
    """Write all the evidence, more than the workbook shows, as CSV, and give the file's name.

    It takes its place beside the workbook at the end, if that was written.
    """
    from auditor.core.report.charges import evidence_count  # noqa: PLC0415 - only few exports need it
    from auditor.core.report.charges import evidence_table  # noqa: PLC0415
    from auditor.core.report.facts import Facts  # noqa: PLC0415
    from auditor.writers.csv_table import write_csv  # noqa: PLC0415
    from auditor.writers.whole_file import whole_file  # noqa: PLC0415

    file = path.with_name(f"{path.stem}.{context.say('workbook.evidence_file')}.csv")
    with whole_file(file) as working:
        facts = Facts(result, context)
        every = evidence_count(facts)
        write_csv(working, *evidence_table(facts), lambda done: progress("evidence", done, every))
        yield file.name


def _pictures(answer: Answer, *, drawn: bool) -> Mapping[str, bytes]:
    """Draw what Excel has no chart for, or leave its place free: the telling thread of the largest difference."""
    one = telling_thread(answer)
    if one is None:
        return {}
    if not drawn:
        return {"thread": b""}
    from auditor.writers.charts import picture  # noqa: PLC0415 - matplotlib takes half a second to load
    from auditor.writers.charts import thread  # noqa: PLC0415

    return {"thread": picture(thread(answer.result, one, Language(answer.result.account.language).text))}


def claim_pack(
    answer: Answer,
    decisions: Mapping[str, Decision],
    journal: Sequence[Entry],
    claims: "Sequence[Claim]",
    behind: "Behind",
    folder: Path,
    progress: Progress,
) -> "Pack":
    """Write the claim pack (workpaper.md §4); ids are hashed under a key that the audit's first entry gives."""
    from auditor.verbs.claim_pack import write_pack  # noqa: PLC0415 - a second of imports that only this export needs

    context = _context(answer, decisions, journal, claims, "")
    return write_pack(answer.result, context, journal[0].digest[:32], folder, progress, behind)


def _context(
    answer: Answer,
    decisions: Mapping[str, Decision],
    journal: Sequence[Entry],
    claims: "Sequence[Claim]",
    charges_file: str,
) -> "ReportContext":
    """Give what a report needs beside the result: words, the clock, decisions, evidence, journal."""
    from auditor.core.report.given import JournalEntry  # noqa: PLC0415 - a second of imports that only exports need
    from auditor.core.report.given import ReportContext  # noqa: PLC0415
    from auditor.verbs.journal_words import detail  # noqa: PLC0415 - it needs the report

    account = answer.result.account
    language = Language(account.language)
    settled = {Status.MATCHED, Status.WITHIN_TOLERANCE}
    differing = [line.key for line in answer.result.differences if line.difference or line.status not in settled]
    return ReportContext(
        version=__version__,
        made_at=datetime.now(UTC),
        language=language.code,
        say=language.text,
        money=language.money,
        said=language.said,
        decisions=decisions,
        evidence={key: _Behind(answer.evidence, key) for key in differing},
        evidence_file=charges_file,
        evidence_limit=EVIDENCE_SHOWN,
        passing=_passing(answer),
        claims=claims,
        evidence_counts={key: answer.evidence.count(key) for key in differing},
        journal=[
            JournalEntry(
                _instant(entry.at), entry.who, language.text(f"verbs.{entry.name}"), detail(entry, language, account)
            )
            for entry in journal
        ],
    )


def _passing(answer: Answer) -> "dict[int, Passing]":
    """Find the messages that passed an allowance or a tier."""
    from auditor.core.report.given import Passing  # noqa: PLC0415 - a second of imports that only exports need

    rows = {one.crossing_row for one in answer.result.allowances if one.crossing_row >= 0}
    return {row: Passing(*answer.evidence.message(row)) for row in rows}


def _instant(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def charts(answer: Answer, folder: Path) -> tuple[Path, ...]:
    """Write every chart (workpaper.md §3) as PNG, SVG and PDF, the thread of the largest difference among them."""
    from auditor.writers.charts import write_charts  # noqa: PLC0415 - matplotlib takes half a second to load

    return write_charts(answer.result, Language(answer.result.account.language).text, folder, telling_thread(answer))


def telling_thread(answer: Answer) -> Thread | None:
    """Give a thread to show: behind the largest difference that has charges that cost something, the liveliest one.

    Of the first charges' threads that is the one with most windows of the customer's. Where no difference has a charge
    that costs something, a free one must do.
    """
    differing = [line for line in answer.result.differences if line.difference]
    differing.sort(key=lambda line: (-abs(line.difference), line.key))
    for wanted in (Wanted(only="charged"), ALL):
        for line in differing:
            found = answer.evidence.page(line.key, 0, _THREADS_LOOKED_AT, wanted)
            if found:
                owners = dict.fromkeys((one.phone_number_id, one.user) for one in found)
                return max((answer.evidence.thread(*owner) for owner in owners), key=lambda one: len(one.windows))
    return None


def charges(
    answer: Answer, connection: duckdb.DuckDBPyConnection, path: Path, checks: Sequence[Callable[[], None]] = ()
) -> Path:
    """Write CHARGES as CSV or Parquet by the file's name (formats.md §8), if the `checks` of its sources hold."""
    from auditor.writers.charge_file import write_charges  # noqa: PLC0415 - only this export needs it

    with standing(*checks):
        stored = None if answer.audited.in_parts else answer.log.stored_rows
        parts = (
            (charges, part.origins(charges.row) if stored is None else stored[charges.row])
            for part, charges in answer.audited.charged.by_part()
        )
        write_charges(path, connection, parts, answer.audited.terms, checks)
    return path


def charge_summary(result: Reconciliation, path: Path) -> Path:
    """Write the SUMMARY of charges alone (formats.md §8)."""
    from auditor.writers.charge_summary import write_charge_summary  # noqa: PLC0415 - only this export needs it

    return write_charge_summary(result, path)


def summary(result: Reconciliation, fixed: Fixed, path: Path) -> Path:
    """Write SUMMARY as JSON (formats.md §8), with what was fixed before comparing."""
    from auditor.writers.tables import write_summary  # noqa: PLC0415 - only this export needs it

    return write_summary(result, path, fixed)
