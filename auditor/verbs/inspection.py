"""What the importer sees in a file before anything is taken in: `auditor inspect`, the preview (formats.md §§4, 8).

`preview` gives an `Inspection` also of a table that cannot be read as it is, with the reason in `stopped`, so that a
person can look at the cells and state what is missing (`ReadOptions`); `inspect` raises that reason instead.
"""

from dataclasses import replace
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.core.records import Account
from auditor.readers.files import Standing
from auditor.readers.files import standing
from auditor.readers.invoices.analytics import holds_analytics
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import nobody
from auditor.readers.invoices.usage import read_usage
from auditor.readers.recognise import ACCOUNT
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import LOG
from auditor.readers.recognise import USAGE
from auditor.readers.recognise import recognise
from auditor.readers.sniff import Sniffed
from auditor.readers.sniff import sniff
from auditor.readers.written import as_written
from auditor.verbs.audit import Audit
from auditor.verbs.audit import read_account_file
from auditor.verbs.inspection_invoice import said_line
from auditor.verbs.inspection_invoice import see_invoice
from auditor.verbs.inspection_log import see_log
from auditor.verbs.inspection_rates import see_card
from auditor.verbs.inspection_rates import see_rates
from auditor.verbs.seen import ROWS_LISTED
from auditor.verbs.seen import ROWS_SHOWN
from auditor.verbs.seen import Inspection
from auditor.verbs.seen import SeenRow
from auditor.verbs.seen import empty_report
from auditor.working import working_folder

__all__ = ["Inspection", "ReadOptions", "inspect", "preview", "preview_of"]


def inspect(
    path: Path, options: ReadOptions, account: Account | None = None, save_as: str = "", language: str = "en"
) -> Inspection:
    """Read a file without keeping it; `save_as` saves how a table was read as a profile of that name.

    Raises `AuditorError` where the importer would.
    """
    seen = preview(path, options, account, save_as, language=language)
    if seen.stopped is not None:
        stop = seen.stopped
        problems = [Problem(one.code, one.place, one.values) for one in seen.report.problems]
        problems += [row.problem for row in seen.refused if row.problem]
        raise AuditorError(stop.code, stop.place, problems, **stop.values)
    return seen


def preview(
    path: Path,
    options: ReadOptions,
    account: Account | None = None,
    save_as: str = "",
    kind: str = "",
    progress: Progress = unwatched,
    language: str = "en",
) -> Inspection:
    """Look at a file as `kind` (empty: as what it seems to be), as far as it can be read.

    Without an account it is told in `language`, the ids of an invoice are not matched, and a log's times without an
    offset are shown as if they were UTC and counted in `local_times`. `progress` may raise to stop. Raises
    `AuditorError` where not even the cells can be shown.
    """
    with standing(Standing(path).check):
        return _previewed(path, options, account, save_as, kind, progress, language)


def _previewed(
    path: Path, options: ReadOptions, account: Account | None, save_as: str, kind: str, progress: Progress,
    language: str,
) -> Inspection:  # fmt: skip
    kind = kind or recognise(path, options.profile, options.mapping)
    reader = account or nobody(language)
    if kind == ACCOUNT:
        return _account(path)
    if kind == LOG:
        return see_log(path, reader, _format(path, options), options, save_as)
    if kind == CARD:
        return see_card(path, options, save_as)
    if kind == FX:
        return see_rates(path, options, account.fx.side if account else "", save_as)
    if kind == USAGE:
        return _usage(path, options, reader, save_as, progress)
    return see_invoice(path, options, reader, save_as, progress)


def preview_of(audit: Audit, sha256: str, options: ReadOptions, save_as: str = "") -> Inspection:
    """Look again at a file that is in the audit. Raises `AuditorError("file_not_kept")` for a message log."""
    name, kind, content = audit.kept_file(sha256)
    with working_folder() as folder:
        path = folder / name
        path.write_bytes(content)
        return preview(path, options, audit.account, save_as, kind)


def _format(path: Path, options: ReadOptions | None = None) -> Sniffed:
    stated = options or ReadOptions()
    return Sniffed("folder") if path.is_dir() else as_written(path, stated.encoding, stated.profile)


def _account(path: Path) -> Inspection:
    account, _ = read_account_file(path)
    rows = tuple(
        SeenRow(0, "line", fields={"waba_id": waba.id, "time_zone": waba.time_zone, "currency": waba.currency})
        for waba in account.wabas
    )
    return Inspection(
        path.name,
        ACCOUNT,
        Sniffed("toml", "utf-8"),
        empty_report(path, ACCOUNT, len(rows)),
        rows=rows,
        first=account.first.isoformat(),
        last=account.last.isoformat(),
        zones=tuple(sorted({waba.time_zone for waba in account.wabas})),
    )


def _usage(path: Path, options: ReadOptions, account: Account, save_as: str, progress: Progress) -> Inspection:
    """See usage: the points of an answer in JSON, or a table, whose reading can be saved like an invoice's."""
    found = sniff(path)
    if found.kind != "json" or not holds_analytics(path, found):
        seen = see_invoice(path, replace(options, usage=True), account, save_as, progress)
        return replace(seen, kind=USAGE, report=replace(seen.report, kind=USAGE))
    usage = read_usage(path, account, options, progress)
    return Inspection(
        path.name,
        USAGE,
        _format(path),
        usage.report,
        rows=tuple(SeenRow(line.source.row, "line", fields=said_line(line)) for line in usage.lines[:ROWS_SHOWN]),
        refused=tuple(SeenRow(one.place.row, "refused", problem=one) for one in usage.refusals[:ROWS_LISTED]),
        remarks=usage.report.problems,
    )
