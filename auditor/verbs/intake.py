"""Files in: each is read first, outside any transaction, and kept afterwards, all of them in one (formats.md §4).

A reader may fail half way and try again another way; a database transaction would not survive that.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.project.lines import from_columns
from auditor.project.lines import to_columns
from auditor.project.plain import from_plain
from auditor.project.plain import to_plain
from auditor.project.store import Store
from auditor.readers.files import Standing
from auditor.readers.files import digest
from auditor.readers.files import standing
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.invoices.invoices import counted
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.usage import read_usage
from auditor.readers.logs.messages import stage_log
from auditor.readers.logs.staging import drop_log
from auditor.readers.logs.staging import lies_in_file
from auditor.readers.logs.watched import watch
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.fx import read_fx
from auditor.readers.rates.rate_magnitudes import odd_rates
from auditor.readers.rates.stated_rates import decided_by
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.recognise import REVIEW
from auditor.readers.recognise import USAGE
from auditor.readers.recognise import recognise
from auditor.readers.sniff import check_name
from auditor.verbs import overlaps
from auditor.verbs.overlaps import InvoiceThere
from auditor.verbs.overlaps import LogThere
from auditor.verbs.overlaps import UsageThere

Facts = Mapping[str, Any]
"""What the audit file keeps of what was read: the import report, the lines, rates or card, and the options stated."""


_VIEWS = count()
_KINDS_OF_LINES: Mapping[str, type[InvoiceLine | UsageLine]] = {INVOICE: InvoiceLine, USAGE: UsageLine}
# What is said of a file in which no table of the stated kind is found.
_NO_SUCH_TABLE = frozenset({
    "no_header", "no_amount_column", "no_lines", "kind_not_read", "log_columns_missing", "log_number_open",
    "columns_by_spaces",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read: what became of it, the facts to be kept, and how to keep it with them."""

    report: ImportReport
    facts: Facts
    store: Callable[[Facts], int]

    def keep(self) -> int:
        """Keep it, in the transaction that is open, and give its number."""
        return self.store(self.facts)

    def warned(self, said: Said) -> "Read":
        """Give it with one more warning."""
        report = replace(self.report, warnings=(*self.report.warnings, said))
        return replace(self, report=report, facts={**self.facts, "report": to_plain(report)})


class Intake:
    """Reads files for one audit. `there` are the numbers of the files in force, so that none counts twice."""

    def __init__(self, store: Store, account: Account, there: Sequence[int], progress: Progress) -> None:
        """Take what every reading needs."""
        self._store = store
        self._account = account
        reports = {number: from_plain(ImportReport, store.facts_of(number)["report"]) for number in there}
        self._known = {report.sha256: report.file for report in reports.values()}
        self._logs = [
            LogThere(report, f"SELECT * FROM message WHERE file = {number}")  # noqa: S608 - own number
            for number, report in reports.items()
            if report.kind == LOG
        ]
        self._invoices = [
            InvoiceThere(report.file, from_columns(InvoiceLine, kept_facts(store, number)["lines"]))
            for number, report in reports.items()
            if report.kind == INVOICE
        ]
        self._usages = [
            UsageThere(report.file, from_columns(UsageLine, kept_facts(store, number)["lines"]))
            for number, report in reports.items()
            if report.kind == USAGE
        ]
        self._progress = progress
        self._views: list[str] = []

    def read(self, path: Path, kind: str, options: ReadOptions) -> Read:
        """Read a file of a kind. Raises `AuditorError` where it cannot be used."""
        check_name(path)
        if not path.exists():
            raise AuditorError("file_missing", Place(str(path)))
        readers: dict[str, Callable[[], Read]] = {
            LOG: lambda: self._log(path, options),
            INVOICE: lambda: self._invoice(path, options),
            USAGE: lambda: self._usage(path, options),
            CARD: lambda: self._card(path, options),
            FX: lambda: self._fx(path, options),
        }
        if kind == REVIEW:
            raise AuditorError("workbook_is_ours", Place(path.name))
        if kind not in readers:
            raise AuditorError("account_is_set_apart", Place(path.name))
        with standing(Standing(path).check):
            try:
                return readers[kind]()
            except AuditorError as error:
                other = self._taken_for_another(path, kind, error, options)
                raise (other or error) from None

    def _taken_for_another(
        self, path: Path, kind: str, error: AuditorError, options: ReadOptions
    ) -> AuditorError | None:
        """Tell that a log was stated to be an invoice, or an invoice a log, where that is why it could not be read."""
        if error.code not in _NO_SUCH_TABLE or options.mapping or options.profile:
            return None
        if kind == INVOICE:
            is_log = recognise(path) == LOG and (error.code != "kind_not_read" or self._reads_as_log(path))
            return AuditorError("invoice_is_log", Place(path.name)) if is_log else None
        if kind != LOG or recognise(path) != INVOICE:
            return None
        try:
            read_invoice(path, self._account, options)
        except AuditorError:
            return None
        return AuditorError("log_is_invoice", Place(path.name))

    def _reads_as_log(self, path: Path) -> bool:
        """Tell whether a file without cells (JSON, Parquet), which may hold anything, can be read as a log."""
        view = f"staged_log_{next(_VIEWS)}"
        try:
            stage_log(self._store.connection, path, self._account, view, self._progress)
        except AuditorError as error:
            return error.code == "log_all_of_unknown_waba"
        drop_log(self._store.connection, view)
        return True

    def forget(self) -> None:
        """Drop what reading left in the database."""
        if not self._store.holds_rows:
            return
        for view in self._views:
            drop_log(self._store.connection, view)
        self._views.clear()

    def _log(self, path: Path, options: ReadOptions) -> Read:
        view, still = f"staged_log_{next(_VIEWS)}", Standing(path)
        self._views.append(view)
        report = stage_log(
            self._store.connection, path, self._account, view, self._progress, options.profile, options.mapping,
            options.dates, options.encoding, options.zone, options.types,
        )  # fmt: skip
        self._once(report)
        mine = LogThere(report, f'SELECT * FROM "{view}"')  # noqa: S608 - own name
        said = overlaps.of_log(self._ask, mine, self._logs, self._account)
        report = replace(report, warnings=report.warnings + said)
        self._logs.append(mine)
        facts = {"report": to_plain(report), "options": to_plain(options)}

        def store(facts: Facts) -> int:
            self._progress("store", 0, report.kept)
            number = self._store.add_file(report.sha256, path.name, LOG, None, facts)
            with standing(still.check):  # the rows may be read from the file only now
                later = [still.check] if lies_in_file(self._store.connection, view) else []
                self._store.add_messages(number, view, later)
            return number

        return Read(report, facts, store)

    def _ask(self, statement: str) -> list[tuple[object, ...]]:
        return watch(self._store.connection, statement, self._progress)

    def _invoice(self, path: Path, options: ReadOptions) -> Read:
        invoice = read_invoice(path, self._account, options)
        self._once(invoice.report)
        said = overlaps.of_invoice(invoice.lines, self._invoices, self._account)
        self._invoices.append(InvoiceThere(path.name, invoice.lines))
        read = {"lines": to_columns(invoice.lines), "controls": to_plain(invoice.controls)}
        facts = {**read, "options": to_plain(options)}
        return self._whole(path, INVOICE, replace(invoice.report, warnings=invoice.report.warnings + said), facts)

    def _usage(self, path: Path, options: ReadOptions) -> Read:
        usage = read_usage(path, self._account, options)
        self._once(usage.report)
        said = overlaps.of_usage(usage.lines, self._usages, self._account)
        self._usages.append(UsageThere(path.name, usage.lines))
        report = replace(usage.report, warnings=usage.report.warnings + said)
        return self._whole(path, USAGE, report, {"lines": to_columns(usage.lines), "options": to_plain(options)})

    def _card(self, path: Path, options: ReadOptions) -> Read:
        card = read_card(path, options=options)
        report = _plain_report(path, CARD, len(card.rows), options)
        self._once(report)
        report = replace(report, problems=counted(odd_rates(card)))
        return self._whole(path, CARD, report, {"card": to_plain(card), **_said(options)})

    def _fx(self, path: Path, options: ReadOptions) -> Read:
        rates = read_fx(path, self._account.fx.side, options)
        report = _plain_report(path, FX, len(rates), options)
        self._once(report)
        return self._whole(path, FX, report, {"rates": to_plain(rates), **_said(options)})

    def _whole(self, path: Path, kind: str, report: ImportReport, facts: dict[str, object]) -> Read:
        """Keep a file whole, with what was read from it."""
        content = path.read_bytes()

        def store(facts: Facts) -> int:
            return self._store.add_file(report.sha256, path.name, kind, content, facts)

        return Read(report, {"report": to_plain(report), **facts}, store)

    def _once(self, report: ImportReport) -> None:
        """Say that a file is there already before it counts twice (formats.md §4)."""
        if report.sha256 in self._known:
            raise AuditorError("file_twice", Place(report.file), other=self._known[report.sha256])
        self._known[report.sha256] = report.file


def _said(options: ReadOptions) -> dict[str, object]:
    """Give what is kept of what was stated of a table of rates: an earlier version kept nothing of it."""
    return {"options": to_plain(options)} if options != ReadOptions() else {}


def kept_facts(store: Store, number: int) -> dict[str, Any]:
    """Give what is kept of a file, its lines by columns: up to version 3 of the audit file each was kept whole."""
    facts = store.facts_of(number)
    if isinstance(facts.get("lines"), list):
        kind = _KINDS_OF_LINES[facts["report"]["kind"]]
        facts["lines"] = to_columns([from_plain(kind, line) for line in facts["lines"]])
    return facts


def _plain_report(path: Path, kind: str, rows: int, options: ReadOptions) -> ImportReport:
    sha256, size = digest(path)
    return ImportReport(path.name, kind, sha256, size, rows, rows, 0, 0, decisions=decided_by(options))
