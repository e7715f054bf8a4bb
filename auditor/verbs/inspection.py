"""What the importer sees in a file before anything is taken in: `auditor inspect`, the preview (formats.md §§4, 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path

import duckdb

from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.problems import ProblemCount
from auditor.core.tables import Account
from auditor.core.tables import ImportReport
from auditor.core.timeline import iso
from auditor.readers.cards import read_card
from auditor.readers.files import digest
from auditor.readers.fx import read_fx
from auditor.readers.invoices import ReadOptions
from auditor.readers.invoices import read_invoice
from auditor.readers.layouts import save_profile
from auditor.readers.recognise import ACCOUNT
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import LOG
from auditor.readers.recognise import USAGE
from auditor.readers.recognise import recognise
from auditor.readers.usage import read_usage

_ROWS_SHOWN = 8
_LINE_FIELDS = (
    "document", "layer", "period_start", "period_end", "waba_id", "phone_number_id", "market", "country", "category",
    "pricing_type", "quantity", "unit_rate", "amount", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column: its head, the field it becomes (empty: not used), its type, and how its texts are read."""

    head: str
    field: str
    kind: str
    decimal: str = ""
    dates: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file as the importer sees it. `rows` are the first ones as they will be read, by field."""

    file: str
    kind: str
    report: ImportReport
    sheet: str = ""
    header_row: int = 0
    columns: tuple[SeenColumn, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    refused: tuple[Problem, ...] = ()
    profile: str = ""
    fingerprint: str = ""
    saved: str = ""
    remarks: tuple[ProblemCount, ...] = field(default=())


def inspect(path: Path, options: ReadOptions, account: Account | None = None, save_as: str = "") -> Inspection:
    """Read a file without keeping it; `save_as` saves how an invoice was read as a profile of that name.

    A log is read with the account's zones, so it needs one. Raises `AuditorError` where the importer would.
    """
    kind = recognise(path)
    if kind == ACCOUNT:
        raise AuditorError("account_is_set_apart", Place(path.name))
    if kind == LOG:
        if account is None:
            raise AuditorError("inspect_needs_account", Place(path.name))
        return _log(path, account)
    if kind in {CARD, FX}:
        count = len(read_card(path).rows) if kind == CARD else len(read_fx(path))
        sha256, size = digest(path)
        return Inspection(path.name, kind, ImportReport(path.name, kind, sha256, size, count, count, 0, 0))
    if kind == USAGE:
        usage = read_usage(path, account, options)
        rows = tuple(_shown(line) for line in usage.lines[:_ROWS_SHOWN])
        remarks = usage.report.problems
        return Inspection(path.name, kind, usage.report, rows=rows, refused=usage.refusals, remarks=remarks)
    return _invoice(path, options, save_as)


def _log(path: Path, account: Account) -> Inspection:
    from auditor.readers.log_staging import drop_log  # noqa: PLC0415 - the database is only needed for logs
    from auditor.readers.messages import stage_log  # noqa: PLC0415

    with duckdb.connect() as connection:
        report = stage_log(connection, path, account, "seen", lambda *_: None)
        shown = connection.execute(f"select * from seen limit {_ROWS_SHOWN}")  # noqa: S608 - a number of our own
        names = [column[0] for column in shown.description or ()]
        rows = [
            {name: _text(name, value) for name, value in zip(names, row, strict=True) if value is not None}
            for row in shown.fetchall()
        ]
        drop_log(connection, "seen")
    return Inspection(path.name, LOG, report, rows=tuple(rows), remarks=report.problems)


def _invoice(path: Path, options: ReadOptions, save_as: str) -> Inspection:
    invoice = read_invoice(path, None, options)
    layout = invoice.layout
    saved = save_profile(save_as, layout).name if save_as else ""
    return Inspection(
        file=path.name,
        kind="invoice",
        report=invoice.report,
        sheet=layout.sheet,
        header_row=layout.header_row,
        columns=tuple(SeenColumn(one.head, one.field, one.kind, one.decimal, one.dates) for one in layout.columns),
        rows=tuple(_shown(line) for line in invoice.lines[:_ROWS_SHOWN]),
        refused=invoice.refusals,
        profile=layout.profile,
        fingerprint=layout.fingerprint,
        saved=saved,
        remarks=invoice.report.problems,
    )


def _text(name: str, value: object) -> str:
    return iso(int(str(value))) if name.endswith("_at") else str(value)


def _shown(line: object) -> dict[str, str]:
    values = ((name, getattr(line, name, "")) for name in _LINE_FIELDS)
    return {name: plain(value) if isinstance(value, Decimal) else str(value) for name, value in values if value}
