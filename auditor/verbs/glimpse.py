"""What files say of the audit that they are to belong to, before there is one: its month, currency and accounts."""

from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.core.problems import AuditorError
from auditor.paths import resources
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.lines import NO_CURRENCY
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs.inspection import preview

if TYPE_CHECKING:
    from auditor.core.records import InvoiceLine

# Larger files are read once, when they are taken in: a form is filled in while one looks at it.
_LARGEST = 8_000_000


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What was found; empty: not said, or said in several ways.

    `period` is `YYYY-MM`; `rates` is the currency of the invoice where there are cards of Meta's in it.
    """

    period: str = ""
    currency: str = ""
    rates: str = ""
    wabas: tuple[str, ...] = ()


def glimpse(files: Iterable[Path]) -> Glimpse:
    """Look into files that are no folders and not large; of those that cannot be read nothing is said."""
    lines: list[InvoiceLine] = []
    logged: list[str] = []
    for path in files:
        with suppress(AuditorError, OSError):
            kind = recognise(path) if path.is_file() and path.stat().st_size <= _LARGEST else ""
            if kind == INVOICE:
                lines += read_invoice(path).lines
            elif kind == LOG:
                logged += [row.fields.get("waba_id", "") for row in preview(path, ReadOptions()).rows]
    currency = _only([line.currency for line in lines if line.currency != NO_CURRENCY])
    cards = resources() / "tariffs" / "rates"
    return Glimpse(
        period=_only([f"{line.period_start:%Y-%m}" for line in lines if line.period_start]),
        currency=currency,
        rates=currency if currency and any(cards.glob(f"{currency.lower()}_*.csv")) else "",
        wabas=tuple(dict.fromkeys(waba for waba in ([line.waba_id for line in lines] + logged) if waba)),
    )


def _only(said: Sequence[str]) -> str:
    """Give what all say that say something."""
    found = {one for one in said if one}
    return found.pop() if len(found) == 1 else ""
