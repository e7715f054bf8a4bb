"""`auditor reconcile --expected`: invoices of one account or thousands against charges made before."""

import argparse
import sys

from auditor.cli.console import Progress
from auditor.cli.console import advise
from auditor.cli.console import check_summary
from auditor.cli.console import known
from auditor.cli.console import not_in
from auditor.cli.console import real
from auditor.cli.console import warn
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.language import Language
from auditor.language import system_language
from auditor.verbs.accounts import AccountOutcome
from auditor.verbs.accounts import Basis
from auditor.verbs.accounts import cases
from auditor.verbs.accounts import reconcile_accounts
from auditor.writers.accounts_summary import write_accounts_summary
from auditor.writers.whole_file import made_folder

DONE, DIFFERENT, REFUSED = 0, 1, 2
_OF_A_LOG = ("messages", "usage", "charges", "charts", "audit", "profile")


def reconcile_expected(parsed: argparse.Namespace) -> int:
    """Reconcile every account, write the workbooks, and list what could not be reconciled with its reason."""
    odd = [f"--{name}" for name in _OF_A_LOG if getattr(parsed, name)]
    if odd:
        raise AuditorError("expected_alone", options=", ".join(odd))
    if not parsed.invoice:
        raise AuditorError("expected_wants_invoice")
    every = cases(parsed.account, parsed.invoice)
    language = Language(system_language())
    if parsed.summary:
        gaps = [parsed.gaps] if parsed.gaps else []
        check_summary(parsed.summary, [parsed.account, *parsed.invoice, *parsed.rates, *gaps])
    books = parsed.out / language.text("cli.accounts.folder") if parsed.out else None
    if books:
        _make(parsed)
        made_folder(books)
    with Progress(language.code) as progress:
        basis = Basis(parsed.expected, tuple(parsed.rates), parsed.gaps)
        outcomes = reconcile_accounts(basis, every, books, known, progress)
    advise([said for one in outcomes for said in _show(one, language)], language)
    refused = sum(one.error is not None for one in outcomes)
    print(language.text("cli.accounts.counts", done=len(outcomes) - refused, refused=refused))
    print(language.text("verbs.expected_only"))
    if books:
        from auditor.writers.accounts_book import LeadRow  # noqa: PLC0415 - only where a workbook is wanted
        from auditor.writers.accounts_book import write_accounts  # noqa: PLC0415

        rows = [LeadRow(one.name, one.totals, language.error(one.error) if one.error else "") for one in outcomes]
        path = write_accounts(rows, language.text, books)
        print(language.text("cli.written", path=str(path.absolute())))
    if parsed.summary:
        path = write_accounts_summary(
            [(one.name, one.totals) for one in outcomes if one.totals],
            [(one.name, one.error.code, language.error(one.error)) for one in outcomes if one.error],
            parsed.summary,
        )
        print(language.text("cli.written", path=str(path.absolute())))
    if refused:
        return REFUSED
    return DIFFERENT if parsed.exit_code and any(one.totals and one.totals.beyond for one in outcomes) else DONE


def _make(parsed: argparse.Namespace) -> None:
    """Make the folder of the workbooks, which is no folder of inputs."""
    if real(parsed.out) in {real(path) for path in (parsed.expected, parsed.account, *parsed.invoice)}:
        raise AuditorError("target_is_source", Place(str(parsed.out)))
    if parsed.out.suffix.lower() == ".xlsx":
        raise AuditorError("expected_out_folder", Place(str(parsed.out)))
    if not parsed.out.absolute().parent.is_dir():
        raise AuditorError("folder_missing", Place(str(parsed.out)))
    made_folder(parsed.out)


def _show(one: AccountOutcome, language: Language) -> list[str]:
    """Print what became of an account, and give what was said of its files."""
    if one.totals is None:
        assert one.error is not None
        print(f"{one.name}: {language.error(one.error)}", file=sys.stderr)
        return [language.error(one.error)]
    names = ("billed", "expected", "difference", "unexplained")
    figures = {name: language.money(getattr(one.totals, name), one.totals.account.currency) for name in names}
    print(language.text("cli.accounts.line", name=one.name, **figures))
    sentences = warn(one.invoices, (), language.code)
    for said in not_in("charges", one.totals.unlogged, one.totals.account, language):
        print(f"{one.name}: {said}", file=sys.stderr)
    if one.totals.unrated:
        said = language.text("cli.unrated", count=language.number(one.totals.unrated))
        print(f"{one.name}: {said}", file=sys.stderr)
    return sentences
