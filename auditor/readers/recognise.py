"""What a dropped file is: log, invoice, usage export, rate card, exchange rates or account file (window.md §1.2)."""

import tomllib
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.records import NOTHING
from auditor.readers.books.book_head import first_book_rows
from auditor.readers.books.book_head import first_rows_of_sheets
from auditor.readers.books.cells import BOOKS
from auditor.readers.books.ecb_rates import NAMESPACE
from auditor.readers.books.json_table import json_heads
from auditor.readers.books.json_table import json_table
from auditor.readers.files import first_rows
from auditor.readers.files import plain_head
from auditor.readers.files import read_text
from auditor.readers.invoices.analytics import holds_analytics
from auditor.readers.invoices.receipts import is_pdf
from auditor.readers.logs.both_ways import go_both_ways
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.heads import LogHeads
from auditor.readers.logs.numbered import open_text
from auditor.readers.logs.webhooks import holds_webhooks
from auditor.readers.logs.words import charges
from auditor.readers.logs.words import hold_times
from auditor.readers.logs.words import may_report_messages
from auditor.readers.logs.words import speaks_of_messages
from auditor.readers.rates.card_downloads import is_download
from auditor.readers.rates.fx_json import holds_rates
from auditor.readers.rates.fx_long import names_columns
from auditor.readers.rates.fx_months import holds_months
from auditor.readers.rates.fx_series import holds_series
from auditor.readers.rates.fx_series import names_pairs
from auditor.readers.rates.fx_tables import holds_sides
from auditor.readers.rates.list_heads import are_prices
from auditor.readers.rates.price_lists import is_price_list
from auditor.readers.reviews.reviews import is_review
from auditor.readers.sniff import Sniffed
from auditor.readers.tables.profile_files import known_fields
from auditor.readers.tables.profile_files import load_profiles
from auditor.readers.tables.profiles import KINDS
from auditor.readers.tables.profiles import fitting
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.vocabulary import likeliest_field
from auditor.readers.written import as_written

LOG, INVOICE, USAGE, CARD, FX, ACCOUNT, REVIEW = "log", "invoice", "usage", "card", "fx", "account", "review"
_HEADS = {
    LOG: frozenset({"message_id", "direction", "phone_number_id"}),
    CARD: frozenset({"effective_from", "market", "category"}),
    FX: frozenset({"date", "from", "to", "rate"}),
}
# Fields that a log must have, and an invoice may.
_OF_BOTH = frozenset({"message_id", "user"})
# What a list of JSON objects tells of each charge, and of no message.
_FIELDS_OF_INVOICES = (frozenset({"category", "amount"}), frozenset({"quantity", "amount"}))
# The same where amounts are called prices, as in a price list of tiers.
_FIELDS_OF_PRICED = frozenset({"category", "quantity", "unit_rate"})
_ROWS_LOOKED_AT, _COLUMNS_LOOKED_AT = 20, 64
_JSON_LOOKED_AT, _XML_LOOKED_AT = 1 << 16, 1 << 12


def recognise(path: Path, named: Sequence[str] = (), mapping: Mapping[str, str] = NOTHING) -> str:
    """Tell what a file is, by its content: `log`, `invoice`, `usage`, `card`, `fx`, `account`, or `review`: our own.

    `named` profiles (by name or file) tell it first, and so does a `mapping` of columns to fields that only a log has;
    one to a field of both, as the customer is, does where no head is that of amounts. Raises `AuditorError` as
    `load_profiles` does.
    """
    if path.is_dir():
        return LOG
    if path.suffix.lower() == ".toml" and _is_account(path):
        return ACCOUNT
    if is_pdf(path):
        return INVOICE
    found = as_written(path, named=named)
    if found.kind == "json" and (kind := _json_kind(path, found, named)):
        return kind
    stated, of_invoices, of_logs = {*mapping.values()}, known_fields(INVOICE), known_fields(LOG)
    if found.kind in {"parquet", "json"} or stated & (of_logs - of_invoices):
        return LOG
    if holds_webhooks(path, found, LogHeads(named, mapping)):
        return LOG
    return _by_table(path, found, named, mapping)


def _by_table(path: Path, found: Sniffed, named: Sequence[str], mapping: Mapping[str, str]) -> str:
    """Tell a table by its first rows."""
    if found.kind == "csv":
        return _by_heads(first_rows(path, found), named, mapping)
    if found.kind in BOOKS:
        return _by_sheets(path, found.kind, named, mapping)
    with open_text(path, found, found.encoding, lenient=True) as file:
        return FX if NAMESPACE in file.read(_XML_LOOKED_AT) else INVOICE


def _by_sheets(path: Path, kind: str, named: Sequence[str], mapping: Mapping[str, str]) -> str:
    """Tell a workbook by its first sheet or, where no sheet has amounts, by one that speaks of messages."""
    first = first_book_rows(path, kind, _ROWS_LOOKED_AT, _COLUMNS_LOOKED_AT)
    if kind == "xlsx" and is_review(first):
        return REVIEW
    told = _by_heads(first, named, mapping)
    if told != INVOICE or any(map(charges, first)):
        return told
    sheets = first_rows_of_sheets(path, kind, _ROWS_LOOKED_AT, _COLUMNS_LOOKED_AT)
    rows = [row for found in sheets.values() for row in found]
    return LOG if any(map(speaks_of_messages, rows)) and not any(map(charges, rows)) else INVOICE


def _json_kind(path: Path, found: Sniffed, named: Sequence[str]) -> str:
    """Tell what JSON holds but messages; empty if nothing that we know."""
    if holds_analytics(path, found):
        return USAGE
    return _listed(path, found, named) or (FX if holds_rates(path) else "")


def _listed(path: Path, found: Sniffed, named: Sequence[str]) -> str:
    """Tell lines of an invoice or of a usage export that are written as JSON by the names in the first; else empty."""
    with open_text(path, found, found.encoding, lenient=True) as file:
        text = file.read(_JSON_LOOKED_AT)
    heads = json_heads(text)
    told = {plain_head(head) for head in heads} | {*map(likeliest_field, heads)}
    if any(told >= fields for fields in _FIELDS_OF_INVOICES) and not speaks_of_messages(heads):
        return INVOICE
    profile = fitting(load_profiles(named), heads, (INVOICE, USAGE))
    if profile:
        return profile.kind
    if are_prices(heads) or _lists_prices(text):
        return CARD
    return INVOICE if told >= _FIELDS_OF_PRICED and not speaks_of_messages(heads) else ""


def _lists_prices(text: str) -> bool:
    """Tell a price list that is written as JSON whole: the objects around it may say from when its prices hold."""
    try:
        rows = json_table(text) or []
    except KeyTwiceError:
        return False
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows[:_ROWS_LOOKED_AT]]
    return is_price_list(texts)


def _is_account(path: Path) -> bool:
    try:
        return "waba" in tomllib.loads(read_text(path))
    except (AuditorError, tomllib.TOMLDecodeError, RecursionError):
        return False


def _by_heads(rows: list[list[str]], named: Sequence[str], mapping: Mapping[str, str]) -> str:
    if is_download(rows):
        return CARD
    profiles, fields = load_profiles(named), {plain_head(head): field for head, field in mapping.items()}
    for place, stated in enumerate(rows):
        row = [fields.get(plain_head(head), head) for head in stated]
        heads = {plain_head(head) for head in row} | {*canonical_heads(row)}
        for kind, needed in _HEADS.items():
            if needed <= heads:
                return kind
        profile = fitting(profiles, stated, KINDS)
        if profile:
            return profile.kind
        below = rows[place + 1 :]
        if speaks_of_messages(row) or (may_report_messages(row) and hold_times(below)) or go_both_ways(row, below):
            return LOG
    if holds_sides(rows) or holds_series(rows) or names_pairs(rows) or holds_months(rows) or names_columns(rows):
        return FX
    if is_price_list(rows):
        return CARD
    return LOG if _OF_BOTH & {*mapping.values()} and not any(map(charges, rows)) else INVOICE
