"""`auditor inspect`: what the importer sees, before anything is computed (formats.md §4, §8)."""

import argparse
import io
import sys

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.language import Language
from auditor.language import system_language
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.recognise import USAGE
from auditor.verbs import read_account_file
from auditor.verbs.inspection import Inspection
from auditor.verbs.inspection import inspect as look_at
from auditor.verbs.inspection_text import inspection_json
from auditor.verbs.inspection_text import inspection_text

DONE = 0


def inspect(parsed: argparse.Namespace) -> int:
    """Show what the importer sees in a file."""
    odd = [one for one in parsed.map if "=" not in one]
    if odd:
        raise AuditorError("map_not_understood", value=odd[0])
    options = ReadOptions(
        sheet=parsed.sheet,
        header_row=parsed.header_row,
        decimal=parsed.decimal,
        dates=parsed.dates,
        encoding=parsed.encoding,
        zone=parsed.zone,
        mapping=dict(one.rsplit("=", 1) for one in parsed.map),
        profile=tuple(parsed.profile),
    )
    account = read_account_file(parsed.account)[0] if parsed.account else None
    language = account.language if account else system_language()
    seen = look_at(parsed.file, options, account, parsed.save_profile, language)
    _check_stated(parsed, seen)
    if parsed.json and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 (RFC 8259 §8.1), whatever the terminal writes
    show = inspection_json if parsed.json else inspection_text
    print(show(seen, language))
    return DONE


def _check_stated(parsed: argparse.Namespace, seen: Inspection) -> None:
    """Refuse options that say nothing of a file of this kind, rather than ignore them."""
    odd = ["--encoding"] if parsed.encoding and seen.format.encoding != parsed.encoding else []
    if parsed.zone and seen.kind in {INVOICE, USAGE}:
        odd.append("--zone")
    if seen.kind not in {INVOICE, USAGE}:
        odd += _odd_for_others(parsed, seen)
    if odd:
        kind = Language(system_language()).text(f"inspect.kind.{seen.kind}")
        raise AuditorError("options_not_for_kind", Place(parsed.file.name), options=", ".join(odd), kind=kind)


def _odd_for_others(parsed: argparse.Namespace, seen: Inspection) -> list[str]:
    """Give the options that are for invoices and usage, or for tables, where the file is something else."""
    table = seen.kind == LOG and seen.format.kind not in {"json", "folder"}
    names = ("sheet", "header_row", "decimal", *(() if table else ("map",)))
    odd = [f"--{name.replace('_', '-')}" for name in names if getattr(parsed, name)]
    # Our own columns have times that say their order themselves.
    odd += ["--zone"] if parsed.zone and not seen.local_times else []
    odd += ["--dates"] if parsed.dates and not any(column.dates for column in seen.columns) else []
    return [*odd, "--save-profile"] if parsed.save_profile and not seen.saved else odd
