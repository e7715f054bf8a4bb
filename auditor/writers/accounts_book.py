"""The lead workbook over many accounts: a row each, worst first, with a link to the account's own workbook."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from auditor.core.expected import Totals
from auditor.core.money import minor_digits
from auditor.core.money import total
from auditor.core.report.facts import period_of
from auditor.writers.close_book import close_book
from auditor.writers.whole_file import whole_file
from auditor.writers.workbook_style import BAND
from auditor.writers.workbook_style import INK
from auditor.writers.workbook_style import LINKED
from auditor.writers.workbook_style import PAPER
from auditor.writers.workbook_style import RULE
from auditor.writers.workbook_style import clean
from auditor.writers.workbook_style import lines_of

_COLUMNS = (
    ("rank", 5), ("account", 24), ("name", 28), ("wabas", 18), ("period", 16), ("currency", 9), ("invoiced", 13),
    ("expected", 13), ("low", 13), ("high", 13), ("difference", 13), ("unexplained", 13), ("lines", 9),
    ("review", 11), ("agreed", 11), ("unrated", 13), ("reason", 60),
)  # fmt: skip
_MONEY = ("invoiced", "expected", "low", "high", "difference", "unexplained")
_ATTRIBUTES = {"invoiced": "billed"}
_FIGURES = (*_MONEY, "rank", "lines", "review", "agreed", "unrated")
_HEAD = 4
_FONT = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
_ROW = _FONT | {"bottom": 1, "bottom_color": RULE}
_TOTAL = _FONT | {"bold": True, "top": 1, "bottom": 6, "bg_color": PAPER}


@dataclass(frozen=True, slots=True)
class LeadRow:
    """An account in the lead workbook: the name of its workbook, its totals, or why there are none."""

    name: str
    totals: Totals | None
    reason: str


def write_accounts(rows: Sequence[LeadRow], say: Callable[..., str], books: Path) -> Path:
    """Write the lead workbook beside the folder of the accounts' own, whole or not at all, in the order of `rows`."""
    path = books.with_suffix(".xlsx")
    with whole_file(path) as beside:
        _write(rows, say, beside, books.name)
    return path


def _write(rows: Sequence[LeadRow], say: Callable[..., str], path: Path, folder: str) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(say("workbook.accounts.sheet"))
    dark = _FONT | {"bold": True, "font_color": "white", "bg_color": BAND, "text_wrap": True}
    heads = {
        right: book.add_format(dark | ({"align": "right"} if right else {"align": "left", "indent": 1}))
        for right in (True, False)
    }
    refused = sum(row.totals is None for row in rows)
    sheet.write_string(0, 0, say("workbook.accounts.title"), book.add_format(_FONT | {"bold": True, "font_size": 15}))
    plain = book.add_format(_FONT)
    sheet.write_string(1, 0, say("workbook.accounts.counts", done=len(rows) - refused, refused=refused), plain)
    sheet.write_string(2, 0, say("verbs.expected_only"), plain)
    for column, (key, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEAD, column, say(f"workbook.accounts.{key}"), heads[key in _FIGURES])
    sheet.set_row(_HEAD, 47)  # heads of three lines
    money = _MoneyFormats(book)
    dress = _Dress(
        money, book.add_format(_ROW), book.add_format(_ROW | {"num_format": "0.0%"}),
        book.add_format(_ROW | {"text_wrap": True, "align": "left", "indent": 1}),
        book.add_format(_ROW | {"underline": 1, "font_color": LINKED, "text_wrap": True, "align": "left", "indent": 1}),
        f"external:{quote(folder)}/",
    )  # fmt: skip
    for place, row in enumerate(rows, 1):
        _row(sheet, _HEAD + place, place, row, say, dress)
    last = _HEAD + max(len(rows), 1)
    sheet.autofilter(_HEAD, 0, last, len(_COLUMNS) - 1)
    sheet.freeze_panes(_HEAD + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD)
    sheet.set_footer(f"&C&8{say('workbook.page')}&R&8&A")
    sheet.hide_gridlines(2)
    _totals(sheet, rows, last, say, money)
    close_book(book)


class _MoneyFormats:
    """Formats of amounts, one for each number of decimals that a currency has."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[int, bool], Format] = {}

    def of(self, currency: str, *, bold: bool = False) -> Format:
        digits = minor_digits(currency)
        if (digits, bold) not in self._made:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            self._made[digits, bold] = self._book.add_format((_TOTAL if bold else _ROW) | {"num_format": pattern})
        return self._made[digits, bold]


@dataclass(frozen=True, slots=True)
class _Dress:
    """What the rows have in common: formats, and how a link to a workbook begins."""

    money: _MoneyFormats
    count: Format
    share: Format
    wrapped: Format
    linked: Format
    link: str


def _row(sheet: Worksheet, at: int, rank: int, row: LeadRow, say: Callable[..., str], dress: _Dress) -> None:
    place = {key: column for column, (key, _) in enumerate(_COLUMNS)}
    totals = row.totals
    texts = {key: clean(text, "{text}") for key, text in _texts(row, say).items()}
    lines = max(lines_of(text, dict(_COLUMNS)[key] - 2) for key, text in texts.items())
    sheet.set_row(at, min(15 * lines, 409), dress.wrapped)
    sheet.write_number(at, place["rank"], rank, dress.count)
    for key, text in texts.items():
        sheet.write_string(at, place[key], text, dress.wrapped)
    if totals is None:
        return
    sheet.write_url(at, place["account"], f"{dress.link}{quote(row.name)}.xlsx", dress.linked, texts["account"])
    form = dress.money.of(totals.account.currency)
    for key in _MONEY:
        amount = getattr(totals, _ATTRIBUTES.get(key, key))
        if key == "difference" and amount == totals.billed - totals.expected:
            formula = f"={_column(place['invoiced'])}{at + 1}-{_column(place['expected'])}{at + 1}"
            sheet.write_formula(at, place[key], formula, form, float(amount))
        else:
            sheet.write_number(at, place[key], float(amount), form)
    sheet.write_number(at, place["lines"], totals.lines, dress.count)
    sheet.write_number(at, place["review"], totals.review, dress.count)
    if totals.lines:  # how many of a month's or an account's lines agree: one far below its fellows has other settings
        formula = f"=1-{_column(place['review'])}{at + 1}/{_column(place['lines'])}{at + 1}"
        sheet.write_formula(at, place["agreed"], formula, dress.share, 1 - totals.review / totals.lines)
    sheet.write_number(at, place["unrated"], totals.unrated, dress.count)


def _texts(row: LeadRow, say: Callable[..., str]) -> dict[str, str]:
    """Give the texts of a row by their columns."""
    totals = row.totals
    if totals is None:
        return {"account": row.name, "reason": row.reason}
    return {
        "account": row.name,
        "name": totals.account.name,
        "wabas": "\n".join(waba.id for waba in totals.account.wabas),
        "period": period_of(totals.account, say),
        "currency": totals.account.currency,
        "reason": say(f"workbook.accounts.{'open' if totals.review else 'settled'}"),
    }


def _totals(
    sheet: Worksheet, rows: Sequence[LeadRow], last: int, say: Callable[..., str], money: _MoneyFormats
) -> None:
    """Put the totals of each currency below, by formula, with the values that the engine added up exactly."""
    every = [row.totals for row in rows if row.totals is not None]
    place = {key: column for column, (key, _) in enumerate(_COLUMNS)}
    currencies = sorted({one.account.currency for one in every})
    for number, currency in enumerate(currencies, last + 2):
        own = [one for one in every if one.account.currency == currency]
        bold = money.of(currency, bold=True)
        sheet.set_row(number, 18)
        for column in range(len(_COLUMNS)):
            sheet.write_blank(number, column, None, bold)
        sheet.write_string(number, place["account"], say("workbook.total"), bold)
        sheet.write_string(number, place["currency"], currency, bold)
        for key in _MONEY:
            summed = total(getattr(one, _ATTRIBUTES.get(key, key)) for one in own)
            area = f"{_column(place[key])}${_HEAD + 2}:{_column(place[key])}${last + 1}"
            known = f"{_column(place['currency'])}${_HEAD + 2}:{_column(place['currency'])}${last + 1}"
            formula = f'=SUMIFS({area},{known},"{currency}")'
            sheet.write_formula(number, place[key], formula, bold, float(summed))


def _column(place: int) -> str:
    return chr(ord("A") + place)
