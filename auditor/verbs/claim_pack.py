"""The claim pack: letter (DOCX, PDF), line list (XLSX, CSV), masked evidence of what is disputed (workpaper.md §4)."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
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
from auditor.core.report.claim_lines import Claimed
from auditor.core.report.claim_lines import ClaimLike
from auditor.core.report.claim_lines import claimed_in
from auditor.core.report.claim_lines import claimed_page
from auditor.core.report.claim_lines import evidence_rows
from auditor.core.report.claim_lines import line_rows
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


def write_pack(
    result: Reconciliation, context: ReportContext, carried: Sequence[ClaimLike], mask_key: str, folder: Path,
    progress: Progress,
) -> Pack:  # fmt: skip
    """Write the pack into `folder`, made if need be: each file whole or not at all.

    Raises `AuditorError`: `claim_nothing` where no overcharge is disputed, `file_not_writable`.
    """
    progress(_STEP, 0, 0)
    from auditor.writers.claim_docx import write_docx  # noqa: PLC0415 - a second of imports that only this export needs
    from auditor.writers.claim_pdf import write_pdf  # noqa: PLC0415
    from auditor.writers.csv_table import write_csv  # noqa: PLC0415
    from auditor.writers.workbook import write_workbook  # noqa: PLC0415

    facts = Facts(result, context)
    claimed = claimed_in(facts, carried, mask_key)
    if not claimed.over:
        raise AuditorError("claim_nothing")
    names = {part: context.say(f"claim.file.{part}") for part in ("letter", "lines", "evidence")}
    files = [
        folder / f"{names[part]}.{ending}"
        for part, ending in (("letter", "docx"), ("letter", "pdf"), ("lines", "xlsx"), ("lines", "csv"),
                             ("evidence", "csv"))
    ]  # fmt: skip
    docx, pdf, xlsx, lines, evidence = files
    letter = claim_letter(facts, claimed, [file.name for file in files[2:]])
    try:
        made_folder(folder)
        for number, (file, write) in enumerate(
            (
                (docx, lambda path: write_docx(letter, path, context.made_at)),
                (pdf, lambda path: write_pdf(letter, path, context.made_at)),
                (xlsx, lambda path: write_workbook(_line_list(facts, claimed), path)),
                (lines, lambda path: write_csv(path, LINE_FIELDS, line_rows(facts, claimed))),
                (evidence, lambda path: write_csv(path, EVIDENCE_FIELDS, evidence_rows(facts, claimed))),
            ),
            1,
        ):
            _whole(file, write)
            progress(_STEP, number, len(files))
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(folder)), reason=error.strerror or str(error)) from error
    return Pack(claimed.amount, facts.currency, tuple(line.key for line in claimed.over), tuple(files))


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
