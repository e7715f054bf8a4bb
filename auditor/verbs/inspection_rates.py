"""The preview of a rate card or of exchange rates: what its columns mean, its rows as they are read, or why none is."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import RateRow
from auditor.readers.books.cells import column_letters
from auditor.readers.invoices.invoices import counted
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.fx import read_fx
from auditor.readers.rates.fx_tables import BOTH
from auditor.readers.rates.rate_magnitudes import odd_rates
from auditor.readers.rates.stated_rates import RateTable
from auditor.readers.rates.stated_rates import decided_by
from auditor.readers.rates.stated_rates import rate_table
from auditor.readers.rates.stated_rates import save_rate_profile
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profiles import CARD
from auditor.readers.tables.profiles import FX
from auditor.readers.written import as_written
from auditor.verbs.seen import ROWS_LISTED
from auditor.verbs.seen import ROWS_SHOWN
from auditor.verbs.seen import Inspection
from auditor.verbs.seen import SeenColumn
from auditor.verbs.seen import SeenRow
from auditor.verbs.seen import SeenSheet
from auditor.verbs.seen import empty_report
from auditor.verbs.seen import said_plainly

_OF_CARD = ("currency", "market", "category", "tier_from", "tier_to", "rate", "factor", "plus", "basis")
_DAYS = {"effective_from": "first", "effective_to": "last"}
_OF_FX = ("day", "source_currency", "target_currency", "rate", "source")


def see_card(path: Path, options: ReadOptions, save_as: str) -> Inspection:
    """Read a rate card as far as it can be read; `save_as` names the profile of how that was."""

    def read() -> Inspection:
        card = read_card(path, options=options)
        days = [row.first.isoformat() for row in card.rows], [row.last.isoformat() for row in card.rows if row.last]
        return replace(
            _of(path, CARD, options, len(card.rows)),
            columns=_plain((*_DAYS, *_OF_CARD)),
            rows=tuple(SeenRow(row.place.row, "line", fields=_priced(row)) for row in card.rows[:ROWS_SHOWN]),
            first=min(days[0], default=""),
            last=max(days[1], default=""),
            remarks=counted(odd_rates(card)),
        )

    return _seen(path, CARD, options, save_as, read)


def see_rates(path: Path, options: ReadOptions, side: str, save_as: str) -> Inspection:
    """Read exchange rates as far as they can be read: of the side that the account chooses, or of both."""

    def read() -> Inspection:
        rates = read_fx(path, side or BOTH, options)
        days = [rate.day.isoformat() for rate in rates]
        rows = tuple(SeenRow(0, "line", fields=_said(rate, _OF_FX)) for rate in rates[:ROWS_SHOWN])
        columns = _plain(_OF_FX)
        return replace(_of(path, FX, options, len(rates)), columns=columns, rows=rows, first=min(days), last=max(days))

    return _seen(path, FX, options, save_as, read)


def _seen(path: Path, kind: str, options: ReadOptions, save_as: str, read: Callable[[], Inspection]) -> Inspection:
    """Show the file's own columns beside what was read, or its first rows beside why nothing could be.

    Raises `AuditorError` where it has no cells.
    """
    table = _table(path, kind, options)
    try:
        seen = read()
    except AuditorError as error:
        if table is None:
            raise
        stopped = Problem(error.code, error.place or Place(path.name), error.values)
        rows, refused = _unread(table, error.problems)
        seen = replace(_of(path, kind, options, 0), stopped=stopped, rows=rows, refused=refused)
    if table is None:
        return seen
    seen = replace(seen, header_row=table.head.number, sheet=table.sheet.name, columns=tuple(_columns(table)))
    chosen = table.sheet
    sheets = (SeenSheet(one.name, one.hidden, len(one.rows), one.rows.width, one is chosen) for one in table.sheets)
    profile = table.profile.name if table.profile else ""
    saved = save_rate_profile(save_as, table, options).name if save_as and seen.stopped is None else ""
    return replace(seen, sheets=tuple(sheets), profile=profile, saved=saved)


def _table(path: Path, kind: str, options: ReadOptions) -> RateTable | None:
    """Find the table; of what has no cells, or another form that is read by itself, nothing can be stated."""
    with suppress(AuditorError):
        return rate_table(path, options, kind)
    return None


def _unread(table: RateTable, problems: Sequence[Problem]) -> tuple[tuple[SeenRow, ...], tuple[SeenRow, ...]]:
    """Show the rows of a table that could not be read, and those that are why."""
    at = {row.number: tuple(cell.text for cell in row.cells) for row in table.sheet.rows}
    rows = islice(table.rows, ROWS_SHOWN)
    refused = (SeenRow(one.place.row, "refused", at.get(one.place.row, ()), problem=one) for one in problems)
    return tuple(SeenRow(row.number, "unread", at[row.number]) for row in rows), tuple(islice(refused, ROWS_LISTED))


def _columns(table: RateTable) -> Iterator[SeenColumn]:
    for one in table.columns:
        letters = column_letters(one.column)
        yield SeenColumn(
            letters, one.head, one.field, one.kind, one.decimal, one.dates, "", one.basis, one.sure, stated=one.stated
        )


def _plain(names: Sequence[str]) -> tuple[SeenColumn, ...]:
    return tuple(SeenColumn(head=name, field=name) for name in names)


def _of(path: Path, kind: str, options: ReadOptions, rows: int) -> Inspection:
    form = as_written(path, options.encoding, options.profile)
    report = replace(empty_report(path, kind, rows), decisions=decided_by(options))
    return Inspection(path.name, kind, form, report)


def _priced(row: RateRow) -> Mapping[str, str]:
    days = {field: day.isoformat() for field, name in _DAYS.items() if (day := getattr(row, name))}
    return {**days, **_said(row, _OF_CARD)}


def _said(record: object, names: Sequence[str]) -> Mapping[str, str]:
    return {name: said_plainly(getattr(record, name)) for name in names if getattr(record, name) is not None}
