"""Many accounts at once: invoices against charges made before, each account for itself, and the worst first."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from auditor import __version__
from auditor.core import audit
from auditor.core.exchange import Exchange
from auditor.core.expected import Totals
from auditor.core.expected import reconcile_expected
from auditor.core.expected import totals_of
from auditor.core.money import to_minor
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.problems import unwatched
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import Card
from auditor.core.records import ImportReport
from auditor.core.results import Cell
from auditor.core.results import Reconciliation
from auditor.core.results import Widened
from auditor.core.terms import Terms
from auditor.language import Language
from auditor.readers.account import read_account
from auditor.readers.files import folder_files
from auditor.readers.files import others_in
from auditor.readers.invoices.charge_files import ChargeFiles
from auditor.readers.invoices.charge_files import charge_files
from auditor.readers.invoices.charge_summary import Widening
from auditor.readers.invoices.charge_summary import read_widening
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.rates.cards import meta_card
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.fx import read_fx
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes

META = "meta"


@dataclass(frozen=True, slots=True)
class AccountCase:
    """An account to be reconciled: the name its files go by, the account file (None: there is none), its invoices."""

    name: str
    account: Path | None
    invoices: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class AccountOutcome:
    """What became of an account: its totals and what became of its invoices' rows, or why there are none."""

    name: str
    totals: Totals | None = None
    invoices: tuple[ImportReport, ...] = ()
    error: AuditorError | None = None


def cases(account: Path, invoices: Sequence[Path]) -> tuple[AccountCase, ...]:
    """Pair accounts with their invoices.

    Of a folder of accounts, `NAME.toml` has the invoices named `NAME.*` (the longest name that fits wins) and all that
    lie in a folder `NAME`. One account file has all invoices. Invoices of no account make a case without an account.
    """
    files = [
        file for path in invoices for file in ([*folder_files(path), *others_in(path)] if path.is_dir() else [path])
    ]
    if not account.is_dir():
        return (AccountCase(account.stem, account, tuple(files)),)
    accounts = {file.stem: file for file in sorted(account.glob("*.toml"))}
    if not accounts:
        raise AuditorError("accounts_none", Place(str(account)))
    own: dict[str, list[Path]] = {name: [] for name in accounts}
    strays = []
    for file in files:
        name = _owner(file, accounts)
        if name:
            own[name].append(file)
        else:
            strays.append(AccountCase(file.name, None, (file,)))
    return (*(AccountCase(name, accounts[name], tuple(some)) for name, some in own.items()), *strays)


def _owner(file: Path, accounts: Mapping[str, Path]) -> str:
    fitting = [name for name in accounts if file.name.startswith(f"{name}.")]
    if fitting:
        return max(fitting, key=len)
    return file.parent.name if file.parent.name in accounts else ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What invoices are held against: charges, cards on top, and the SUMMARY that says what gaps of the log widen."""

    charges: Path
    cards: tuple[Path, ...] = ()
    gaps: Path | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A basis that was read."""

    charges: ChargeFiles
    cards: tuple[Card, ...]
    gaps: Widening | None


def reconcile_accounts(
    basis: Basis, every: Sequence[AccountCase], out: Path | None, known: Callable[[Exception], AuditorError],
    progress: Progress = unwatched,
) -> tuple[AccountOutcome, ...]:  # fmt: skip
    """Reconcile each account's invoices with its charges, and write its workbook into the folder `out`.

    One that cannot be reconciled does not stop the others: its outcome says why, a fault of ours as `known` has it.
    Raises `AuditorError` only where the basis cannot be read at all.
    """
    cards, gaps = tuple(map(read_card, basis.cards)), read_widening(basis.gaps) if basis.gaps else None
    outcomes = []
    with charge_files(basis.charges) as charges:
        read = _Read(charges, cards, gaps)
        for done, case in enumerate(every):
            progress("accounts", done, len(every))
            try:
                outcomes.append(_outcome(case, read, out))
            except Exception as error:  # noqa: BLE001 - a bug, too, must not cost the other accounts their answer
                outcomes.append(AccountOutcome(case.name, error=known(error)))
    return tuple(sorted(outcomes, key=_worst_first))


def _worst_first(outcome: AccountOutcome) -> tuple[object, ...]:
    """Order by currency, since amounts of two cannot be compared, then the largest difference; refused ones last."""
    if outcome.totals is None:
        return (1, "", 0, outcome.name)
    return (0, outcome.totals.account.currency, -abs(outcome.totals.difference), outcome.name)


def _outcome(case: AccountCase, basis: _Read, out: Path | None) -> AccountOutcome:
    if case.account is None:
        raise AuditorError("invoice_without_account", Place(str(case.invoices[0])))
    if not case.account.is_file():
        raise AuditorError("file_missing", Place(str(case.account)))
    if not case.invoices:
        raise AuditorError("account_without_invoice", Place(str(case.account)), name=case.name)
    account = read_account(case.account)
    read = [_known(path, account) for path in case.invoices]
    _once([one[1] for one in read])
    controls = tuple(control for invoice, _ in read for control in invoice.controls)
    billed = tuple(line for invoice, _ in read for line in invoice.lines)
    lines = audit.Invoice(billed or tuple(map(audit.total_as_line, controls)), controls)
    fx = read_fx(Path(account.fx.file), account.fx.side) if account.fx.file else ()
    named = [meta_card() if card == META else read_card(Path(card)) for card in account.cards]
    terms = Terms(account, regimes(), market_table(), Tariff([*named, *basis.cards], meta_card()))
    said = Said("verbs.expected_only")
    reports = [replace(report, warnings=(*report.warnings, said)) for report in basis.charges.reports]
    imports = [*reports, *(report for _, report in read)]
    cells = basis.charges.cells(account)
    gaps = _widened(basis.gaps, account, cells, Exchange(account.fx, fx), lines.date)
    result = reconcile_expected(cells, terms, lines, fx, imports, gaps)
    if out:
        _workbook(result, out / f"{case.name}.xlsx")
    return AccountOutcome(case.name, totals_of(result), tuple(report for _, report in read))


def _widened(
    gaps: Widening | None, account: Account, cells: Sequence[Cell], exchange: Exchange, document: date | None
) -> tuple[Widened, ...] | None:
    """Give what gaps of the log widen of an account's numbers in its period, None where that is not known."""
    if gaps is None:
        return None
    own = {number.id for waba in account.wabas for number in waba.numbers} | {cell.phone_number_id for cell in cells}
    source = gaps.currency

    def converted(amount: Decimal, day: date) -> Decimal:
        return to_minor(exchange.convert(amount, source, account.currency, day, document), account.currency)

    return tuple(
        replace(one, below=converted(one.below, one.day), above=converted(one.above, one.day))
        for one in gaps.rows
        if one.phone_number_id in own and account.first <= one.day <= account.last
    )


def _known(path: Path, account: Account) -> tuple[audit.Invoice, ImportReport]:
    if not path.is_file():
        raise AuditorError("file_missing", Place(str(path)))
    read = read_invoice(path, account)
    return audit.Invoice(read.lines, read.controls), read.report


def _once(reports: Sequence[ImportReport]) -> None:
    """Refuse a file that is there twice (formats.md §4)."""
    known: dict[str, str] = {}
    for report in reports:
        if report.sha256 in known:
            raise AuditorError("file_twice", Place(report.file), other=known[report.sha256])
        known[report.sha256] = report.file


def _workbook(result: Reconciliation, path: Path) -> None:
    from auditor.core.report.given import ReportContext  # noqa: PLC0415
    from auditor.core.report.workpaper import build_report  # noqa: PLC0415 - a second of imports that only exports need
    from auditor.writers.workbook import write_workbook  # noqa: PLC0415

    language = Language(result.account.language)
    context = ReportContext(__version__, datetime.now(UTC), language.code, language.text, language.money, language.said)
    write_workbook(build_report(result, context), path)
