"""What files say of the audit that they are to belong to, before there is one: month, company, currencies, accounts."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.core.problems import AuditorError
from auditor.core.records import NOTHING
from auditor.paths import resources
from auditor.readers.books.xml_elements import Party
from auditor.readers.invoices.customer import customer_of
from auditor.readers.invoices.invoices import read_invoice
from auditor.readers.invoices.lines import NO_CURRENCY
from auditor.readers.rates.cards import read_card
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import INVOICE
from auditor.readers.recognise import LOG
from auditor.readers.recognise import recognise
from auditor.readers.tables.identity import ID
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.values.words import exact
from auditor.readers.values.words import key
from auditor.verbs.inspection import preview

if TYPE_CHECKING:
    from auditor.core.records import InvoiceLine
    from auditor.readers.invoices.invoices import Invoice

# Larger files are read once, when they are taken in: a form is filled in while one looks at it.
_LARGEST = 8_000_000


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What was found; empty: not said, or said in several ways.

    `period` is `YYYY-MM`; `rates` is the currency of the price lists that came along or, where they tell none for all
    accounts, that of the invoice if there are cards of Meta's in it. Without price lists it is the invoice's, too, as
    who bills an account charges in its currency, unless exchange rates came along: these are wanted for prices in
    another one; an invoice that has its prices in another currency than its amounts says so itself.
    `names` are those of accounts by their ids; `entity` and `tax_id` are whom the invoices are made out to.
    `loose` are names on an invoice of which nobody knows whose they are. `unnamed` tells that no file names an account,
    the log neither, so that any name will do for one.
    """

    period: str = ""
    currency: str = ""
    rates: str = ""
    wabas: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    loose: tuple[str, ...] = ()
    unnamed: bool = False
    entity: str = ""
    tax_id: str = ""


@dataclass(slots=True)
class _Seen:
    """What was seen so far: accounts are as (id, name), of which either may be empty; `logs` were looked into."""

    lines: "list[InvoiceLine]" = field(default_factory=list)
    accounts: list[tuple[str, str]] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    priced: list[str] = field(default_factory=list)
    rated: list[str] = field(default_factory=list)
    customers: list[Party] = field(default_factory=list)
    exchanged: bool = False
    logs: int = 0
    unseen: int = 0


def glimpse(files: Iterable[Path]) -> Glimpse:
    """Look into files that are no folders and not large; of those that cannot be read nothing is said."""
    seen = _Seen()
    for path in files:
        seen.unseen += 1
        with suppress(AuditorError, OSError):
            if path.is_file() and path.stat().st_size <= _LARGEST:
                _look(path, seen)
                seen.unseen -= 1
    currency = _only([line.currency for line in seen.lines if line.currency != NO_CURRENCY])
    cards = resources() / "tariffs" / "rates"
    of_meta = currency if currency and any(cards.glob(f"{currency.lower()}_*.csv")) else ""
    names, loose = _named(seen)
    entity = _only([one.name for one in seen.customers])
    return Glimpse(
        period=_only([f"{line.period_start:%Y-%m}" for line in seen.lines if line.period_start]),
        currency=currency,
        rates=_of_lists(seen.priced, currency, names)
        or _only(seen.rated)
        or (of_meta if seen.priced or seen.exchanged else currency),
        wabas=tuple(names),
        names={waba: name for waba, name in names.items() if name},
        loose=loose,
        unnamed=bool(seen.logs) and not seen.unseen and not names,
        entity=entity,
        tax_id=_only([one.tax_id for one in seen.customers]) if entity else "",
    )


def _look(path: Path, seen: _Seen) -> None:
    """Look into a file."""
    kind = recognise(path)
    if kind == INVOICE:
        invoice = read_invoice(path)
        seen.lines += invoice.lines
        seen.accounts += _accounts(invoice)
        seen.customers.append(customer_of(invoice.sheets, invoice.layout))
        rate = invoice.layout.field("unit_rate")
        if rate and rate.currency not in {line.currency for line in invoice.lines}:
            seen.rated.append(rate.currency)
    elif kind == LOG:
        seen.logged += preview(path, ReadOptions()).accounts
        seen.logs += 1
    elif kind == CARD:
        seen.priced += [row.currency for row in read_card(path).rows]
    elif kind == FX:
        seen.exchanged = True


def _accounts(invoice: "Invoice") -> "Iterator[tuple[str, str]]":
    """Give the id and the name of each line's account: its name stands in a column of that head, where there is one."""
    sheet = next((one for one in invoice.sheets if one.name == invoice.layout.sheet), None)
    heads = {one.column: exact(key(one.head), "account_names") for one in invoice.layout.columns}
    column = next((place for place, named in heads.items() if named), 0)
    for line in invoice.lines:
        inside = sheet is not None and column and line.source.sheet == sheet.name
        name = sheet.rows[sheet.rows.place(line.source.row)].cell(column).text.strip() if sheet and inside else ""
        of_id = name and ID.fullmatch(name)
        yield line.waba_id or (name if of_id else ""), "" if of_id or name.isdecimal() else name


def _named(seen: _Seen) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Give the accounts by their ids, each with its name if that is surely its own, in the order they were met.

    Beside them, the names of which nobody knows whose they are.

    Where the log has ids, what stands for one on an invoice and looks like none is a name. A name without an id is that
    of the one account without a name; of several, nobody knows whose it is. Without any id, the names are the ids.
    """
    logged = dict.fromkeys(waba for waba in seen.logged if waba)
    names: dict[str, set[str]] = {}
    loose: dict[str, None] = {}
    for waba, name in seen.accounts:
        if waba and logged and waba not in logged and not ID.fullmatch(waba):
            loose[waba] = None
        elif waba:
            names.setdefault(waba, set()).update({name} - {""})
        elif name:
            loose[name] = None
    for waba in logged:
        names.setdefault(waba, set())
    if not names:
        return dict.fromkeys(loose, ""), ()
    found = {waba: _only(sorted(said)) for waba, said in names.items()}
    bare = [waba for waba, name in found.items() if not name]
    if len(bare) == 1 and len(loose) == 1:
        return found | {bare[0]: next(iter(loose))}, ()
    return found, tuple(loose)


def _of_lists(priced: Sequence[str], currency: str, names: Mapping[str, str]) -> str:
    """Give the currency of price lists: the invoice's if one is in it, else the only one, where there is one account.

    Of several accounts, nobody knows whose prices are in another currency than the invoice.
    """
    if currency and currency in priced:
        return currency
    return _only(priced) if len(names) < 2 else ""


def _only(said: Sequence[str]) -> str:
    """Give what all say that say something."""
    found = {one for one in said if one}
    return found.pop() if len(found) == 1 else ""
