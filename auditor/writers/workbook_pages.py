"""How a sheet is printed: paper, margins, repeated heads, footer, and where its pages may begin (workpaper.md §2)."""

from collections.abc import Callable
from collections.abc import Mapping
from itertools import pairwise
from math import ceil
from typing import Any

from auditor.core.report.cells import BODY
from auditor.core.report.cells import DefinedName
from auditor.core.report.cells import Sheet
from auditor.writers.workbook_style import clean

_A4, _A3 = 9, 8
_PRINTED = {False: (276.7, 182.0), True: (399.7, 269.0)}  # millimetres within the margins: A4, and A3 for wide sheets
_PIXEL = 25.4 / 96
_ROW_HEIGHT = 20  # pixels
_SURELY = 0.88  # of the rows that a page would hold if none were higher
_MOST_ROWS_OF_A_PAGE = 120
_LEAST_SCALE = 0.6  # letters of six points
_KEYS = {"C": 4, "F": 7}  # how many of the first columns say what a row is: they are repeated on every page


def set_up_pages(
    worksheet: Any, sheet: Sheet, widths: Mapping[int, float], extent: tuple[int, int], say: Callable[..., str]
) -> None:
    """Set up how XlsxWriter's sheet is printed; `extent` is its last row and the last column under its heading.

    `widths` are those of the columns that are seen, in letters.
    """
    last_row, band_end = extent
    entity = clean(sheet.heading[0].split(" — ", 1)[-1], "{text}")[:100].replace("&", "&&")
    worksheet.set_landscape()
    worksheet.set_paper(_A3 if sheet.wide else _A4)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    one_page = sheet.code in "AD" and last_row <= _MOST_ROWS_OF_A_PAGE
    worksheet.fit_to_pages(_pages_across(sheet, widths), int(one_page))
    keys = repeated_columns(sheet, widths)
    if keys:
        worksheet.repeat_columns(0, keys - 1)
    worksheet.set_footer(f"&L&8{sheet.code} · {entity}&C&8{say('workbook.page')}&R&8&A")
    if sheet.tables and not sheet.sections:
        worksheet.repeat_rows(sheet.tables[-1].top)  # of several tables the last is the long one
    elif sheet.code in "CD":
        worksheet.repeat_rows(sheet.frozen[0] - 1)
    printed = [column for column in widths if not sheet.aside or column < sheet.aside]
    right = max([*printed, band_end, *(chart.at[1] + 12 for chart in sheet.charts)])
    bottom = max([last_row, *(chart.at[0] + 18 for chart in sheet.charts)])
    parts = [(0, bottom)] if one_page else _parts(sheet, widths, bottom, right)
    # Each area begins a page; breaks set by hand are not heeded where a sheet is fitted to the page's width.
    areas = [DefinedName("", sheet.name, (first, 0, last, right)).reference for first, last in parts]
    worksheet.print_area_range = ",".join(areas)


def repeated_columns(sheet: Sheet, widths: Mapping[int, float]) -> int:
    """Give how many columns stand on every one of the pages that lie side by side: none where one page is enough."""
    return _KEYS[sheet.code] if _pages_across(sheet, widths) > 1 else 0


def _pages_across(sheet: Sheet, widths: Mapping[int, float]) -> int:
    """Give how many pages lie side by side, so that the letters of a sheet of many columns can be read."""
    keys = _KEYS.get(sheet.code)
    if keys is None:
        return 1
    room = _PRINTED[sheet.wide][0] / _LEAST_SCALE
    whole = sum(map(_millimetres, widths.values()))
    repeated = sum(_millimetres(width) for column, width in widths.items() if column < keys)
    return max(1, ceil((whole - repeated) / (room - repeated)))


def _millimetres(width: float) -> float:
    return (width * 7 + 5) * _PIXEL


def _parts(sheet: Sheet, widths: Mapping[int, float], bottom: int, right: int) -> list[tuple[int, int]]:
    """Give the first and last rows of the parts that are printed on pages of their own: whole sections, as fit."""
    across, down = _PRINTED[sheet.wide]
    width = sum(_millimetres(widths.get(column, 8.43)) for column in range(right + 1))
    rows = down * max(1, width / across) / (_ROW_HEIGHT * _PIXEL) * _SURELY
    parts, first = [], 0
    for start, following in pairwise([*sheet.sections, bottom + 1]):
        if following - first > rows and start > BODY:  # a heading is no page of its own
            parts.append((first, start - 1))
            first = start
    return [*parts, (first, bottom)]
