"""The claim pack: letter (DOCX, PDF), line list (XLSX, CSV), masked evidence and proof (workpaper.md §4)."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.report.cells import Page
from auditor.core.report.cells import Sheet
from auditor.core.report.claim_letter import claim_letter
from auditor.core.report.claim_lines import EVIDENCE_FIELDS
from auditor.core.report.claim_lines import LINE_FIELDS
from auditor.core.report.claim_lines import PROOF_FIELDS
from auditor.core.report.claim_lines import Claimed
from auditor.core.report.claim_lines import ProofLike
from auditor.core.report.claim_lines import claimed_in
from auditor.core.report.claim_lines import claimed_page
from auditor.core.report.claim_lines import evidence_rows
from auditor.core.report.claim_lines import line_rows
from auditor.core.report.claim_lines import proof_rows
from auditor.core.report.claim_lines import undercharged_page
from auditor.core.report.facts import Facts
from auditor.core.report.given import ReportContext
from auditor.core.report.workpaper import Report
from auditor.core.results import Reconciliation
from auditor.writers.whole_file import made_folder
from auditor.writers.whole_file import whole_file

_STEP = "claim"


@dataclass(frozen=True, slots=True)
class Pack:
    """A written claim pack: what it claims, of which differences, and its files."""

    amount: Decimal
    currency: str
    keys: tuple[str, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """The messages that causes are about: how many there are by line, and each of them as often as it is asked."""

    counts: Mapping[str, int] = field(default_factory=dict)
    rows: Callable[[], Iterable[ProofLike]] = tuple


def write_pack(
    result: Reconciliation, context: ReportContext, mask_key: str, folder: Path, progress: Progress,
    behind: Behind = Behind(),
) -> Pack:  # fmt: skip
    """Write the pack into `folder`, made if need be: each file whole or not at all.

    The evidence is every charge of the lines claimed; the proof, where causes rest on messages, each of those.
    Raises `AuditorError`: `claim_nothing` where no overcharge is disputed, `file_not_writable`.
    """
    progress(_STEP, 0, 0)
    from auditor.writers.claim_docx import write_docx  # noqa: PLC0415 - a second of imports that only this export needs
    from auditor.writers.claim_pdf import write_pdf  # noqa: PLC0415
    from auditor.writers.csv_table import write_csv  # noqa: PLC0415
    from auditor.writers.workbook import write_workbook  # noqa: PLC0415

    facts = Facts(result, context)

    def beat(_rows: int) -> None:
        progress(_STEP, 0, 0)

    claimed = claimed_in(facts, mask_key, behind.counts)
    if not claimed.over:
        raise AuditorError("claim_nothing")
    written: dict[str, Callable[[Path], object]] = {
        "letter.docx": lambda path: write_docx(letter, path, context.made_at),
        "letter.pdf": lambda path: write_pdf(letter, path, context.made_at),
        "lines.xlsx": lambda path: write_workbook(_line_list(facts, claimed), path),
        "lines.csv": lambda path: write_csv(path, LINE_FIELDS, line_rows(facts, claimed), beat),
        "evidence.csv": lambda path: write_csv(path, EVIDENCE_FIELDS, evidence_rows(facts, claimed), beat),
    }
    if any(line.key in behind.counts for line in (*claimed.over, *claimed.under)):
        written["proof.csv"] = lambda path: write_csv(
            path, PROOF_FIELDS, proof_rows(facts, claimed, behind.rows()), beat
        )
    files = {folder / _named(part, context): write for part, write in written.items()}
    letter = claim_letter(facts, claimed, [file.name for file in files][2:])
    try:
        made_folder(folder)
        for number, (file, write) in enumerate(files.items(), 1):
            _whole(file, write)
            progress(_STEP, number, len(files))
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(folder)), reason=error.strerror or str(error)) from error
    return Pack(claimed.amount, facts.currency, tuple(line.key for line in claimed.over), tuple(files))


def _named(part: str, context: ReportContext) -> str:
    """Name a file of the pack in the audit's language."""
    name, _, ending = part.partition(".")
    return f"{context.say(f'claim.file.{name}')}.{ending}"


def _whole(file: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and put it there once it is whole."""
    with whole_file(file) as part:
        write(part)


def _line_list(facts: Facts, claimed: Claimed) -> Report:
    """Give the line list as a workbook of two sheets."""
    pages = (claimed_page(facts, claimed), undercharged_page(facts, claimed))
    said = {
        "P": facts.say("conclusion.P", lines=len(claimed.over), amount=facts.money(claimed.amount)),
        "Q": facts.say("conclusion.Q", lines=len(claimed.under)),
    }
    return Report(
        tuple(_finished(facts, page, said[page.code]) for page in pages),
        tuple(name for page in pages for name in page.names),
        tuple(control for page in pages for control in page.controls),
        {},
        facts.context,
        f"{facts.account.entity or facts.account.name} · {facts.period}",
        facts.account.preparer,
    )


def _finished(facts: Facts, page: Page, conclusion: str) -> Sheet:
    return facts.finish(page, conclusion, frozen=(page.tables[0].top + 1, 1), wide=True)
