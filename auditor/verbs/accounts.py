"""Many accounts at once: invoices against charges made before, each account for itself, and the worst first."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

from auditor import __version__
from auditor.core import audit
from auditor.core.expected import Totals
from auditor.core.expected import reconcile_expected
from auditor.core.expected import totals_of
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.problems import unwatched
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import Card
from auditor.core.records import ImportReport
from auditor.core.results import Reconciliation
from auditor.core.terms import Terms
from auditor.language import Language
from auditor.readers.account import read_account
from auditor.readers.cards import meta_card
from auditor.readers.cards import read_card
from auditor.readers.charge_files import ChargeFiles
from auditor.readers.charge_files import charge_files
from auditor.readers.files import folder_files
from auditor.readers.fx import read_fx
from auditor.readers.invoices import read_invoice
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
    files = [file for path in invoices for file in (folder_files(path) if path.is_dir() else [path])]
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


def reconcile_accounts(
    charges: Path, every: Sequence[AccountCase], cards: Sequence[Path], out: Path | None,
    known: Callable[[Exception], AuditorError], progress: Progress = unwatched,
) -> tuple[AccountOutcome, ...]:  # fmt: skip
    """Reconcile each account's invoices with its charges, and write its workbook into the folder `out`.

    One that cannot be reconciled does not stop the others: its outcome says why, a fault of ours as `known` has it.
    Raises `AuditorError` only where `charges` or `cards` cannot be read at all.
    """
    on_top = [read_card(card) for card in cards]
    outcomes = []
    with charge_files(charges) as expected:
        for done, case in enumerate(every):
            progress("accounts", done, len(every))
            try:
                outcomes.append(_outcome(case, expected, on_top, out))
            except Exception as error:  # noqa: BLE001 - a bug, too, must not cost the other accounts their answer
                outcomes.append(AccountOutcome(case.name, error=known(error)))
    return tuple(sorted(outcomes, key=_worst_first))


def _worst_first(outcome: AccountOutcome) -> tuple[object, ...]:
    """Order by currency, since amounts of two cannot be compared, then the largest difference; refused ones last."""
    if outcome.totals is None:
        return (1, "", 0, outcome.name)
    return (0, outcome.totals.account.currency, -abs(outcome.totals.difference), outcome.name)


def _outcome(case: AccountCase, expected: ChargeFiles, cards: Sequence[Card], out: Path | None) -> AccountOutcome:
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
    terms = Terms(account, regimes(), market_table(), Tariff([*named, *cards], meta_card()))
    said = Said("verbs.expected_only")
    reports = [replace(report, warnings=(*report.warnings, said)) for report in expected.reports]
    imports = [*reports, *(report for _, report in read)]
    result = reconcile_expected(expected.cells(account), terms, lines, fx, imports)
    if out:
        _workbook(result, out / f"{case.name}.xlsx")
    return AccountOutcome(case.name, totals_of(result), tuple(report for _, report in read))


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
    from auditor.core.report import build_report  # noqa: PLC0415 - a second of imports that only exports need
    from auditor.core.report_given import ReportContext  # noqa: PLC0415
    from auditor.writers.workbook import write_workbook  # noqa: PLC0415

    language = Language(result.account.language)
    context = ReportContext(__version__, datetime.now(UTC), language.code, language.text, language.money, language.said)
    write_workbook(build_report(result, context), path)
