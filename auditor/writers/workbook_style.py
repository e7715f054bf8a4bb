"""How the cells of a workbook are dressed and how wide their columns must be (workpaper.md §2)."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any

from auditor.core.money import minor_digits
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Origin
from auditor.core.report.chart_words import symbol

INK, RULE, BAND, PAPER = "#22313A", "#C9D3D9", "#24404F", "#F3F6F8"
TYPED = "#FFFDF0"
LINKED = "#1E6B3A"
_ORIGINS = {Origin.INPUT: "#1F4E9E", Origin.FORMULA: "#000000", Origin.CROSS: LINKED}
_FILLS = {
    "different": "#FBE8CC",
    "missing": "#DFEAF7",
    "unexpected": "#F7DEE1",
    "not_comparable": "#EAE5F2",
    "within_tolerance": "#F0F5E3",
    "check:True": "#E1F0E2",
    "check:False": "#F8D9D6",
}
_LIGHTS = {"check:True": "#1E6B3A", "check:False": "#A3261B"}
_DAY = {"en": "[$-409]dd mmm yyyy", "es": "dd/mm/yyyy"}
_MONTH = {"en": "[$-409]mmm yyyy", "es": "[$-280A]mmm yyyy"}
_TRUTH = {"en": ("TRUE", "FALSE"), "es": ("VERDADERO", "FALSO")}
_LONGEST = 32_000
_ROOM_TO_TYPE = {True: 26, False: 13}  # characters, of a cell for sentences and of one for a word
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str, cut: str) -> str:
    """Give text that a spreadsheet can hold: no control characters or lone surrogates, and not too long.

    `cut` is the note put where a text was cut, with the places `text` and `length`.
    """
    text = _UNWRITABLE.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le") if len(text) > _LONGEST // 2 else b""  # a spreadsheet counts these, not characters
    if len(units) <= 2 * _LONGEST:
        return text
    return cut.format(text=units[: 2 * _LONGEST].decode("utf-16-le", "ignore"), length=len(text))


def number_format(entry: Entry, language: str) -> str:
    """Give the number format of a cell, by kind, currency and language."""
    mark = f'"{symbol(entry.currency)}" ' if entry.currency else ""
    digits, day = minor_digits(entry.currency), _DAY.get(language, _DAY["en"])
    whole = isinstance(entry.value, Decimal) and entry.value != entry.value.to_integral_value()
    pattern = {
        Kind.MONEY: "#,##0" + ("." + "0" * digits if digits else ""),
        Kind.EXACT: "#,##0.00####",
        Kind.COUNT: "#,##0.00####" if whole else "#,##0",
        Kind.RATE: "0.0000##",
        Kind.PERCENT: "0.0%",
        Kind.DATE: day,
        Kind.PERIOD: _MONTH.get(language, _MONTH["en"]),
        Kind.INSTANT: f"{day} hh:mm:ss",
    }.get(entry.kind, "General")
    if entry.kind is Kind.CHECK:  # LibreOffice holds truth as a number; Excel shows its own word whatever is said here
        yes, no = _TRUTH.get(language, _TRUTH["en"])
        return f'"{yes}";"{yes}";"{no}"'
    if entry.kind in (Kind.MONEY, Kind.EXACT):
        return f"{mark}{pattern};-{mark}{pattern};–"
    return pattern


def shown(entry: Entry) -> str:
    """Give a text about as long as the cell will look."""
    value = entry.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "VERDADERO"
    if isinstance(value, datetime):
        return "00 Mmm 0000 00:00:00"
    if isinstance(value, date):
        return "00 Mmm 0000"
    if isinstance(value, Decimal | int):
        return _figure(entry, Decimal(value))
    return str(value)


def _figure(entry: Entry, value: Decimal) -> str:
    if entry.kind is Kind.PERCENT:
        return f"{value:.1%}"
    if entry.kind is Kind.COUNT:
        return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.6f}"
    if entry.kind is Kind.MONEY:
        return f"{symbol(entry.currency)} {value:,.{minor_digits(entry.currency)}f}"
    text = f"{value:,.6f}".rstrip("0")
    return f"{symbol(entry.currency)} {text}"


def width_of(entries: Iterable[Entry], *, wrapped: int = 34, longest: int = 60) -> float:
    """Give the width of a column that shows its cells: wrapped texts may take several lines, heads break at words."""
    width = 5.0
    for entry in entries:
        if entry.look in (Look.SECTION, Look.HEADLINE, Look.NOTE, Look.PROSE) and entry.kind is Kind.TEXT:
            continue  # these may run over their neighbours
        text = shown(entry)
        if entry.look is Look.TYPED:
            width = max(width, _ROOM_TO_TYPE[entry.wrap])
        if entry.look is Look.HEAD:
            width = max(width, _head_width(text))
        elif entry.wrap:
            width = max(
                width, min(wrapped, len(text) + 2), *(len(word) + 2 for word in text.split()[:40] if len(word) < 50)
            )
        else:
            bold = 1.12 if entry.look in (Look.TOTAL, Look.LABEL, Look.HEADLINE) else 1.0
            indent = 1.5 if entry.kind is Kind.TEXT else 0.5
            width = max(width, min(longest, (len(text) + indent) * bold + 0.5))
    return round(width * 1.08, 1)


def _head_width(text: str) -> float:
    """Let a head break at its words; the filter's button stands below the text."""
    longest = max((len(word) for word in text.split()), default=0)
    return max(longest * 1.12 + 2.5, math.ceil(len(text) / 4) + 2)


def lines_of(text: str, width: float) -> int:
    """Give the lines that a text takes in a column of this width, broken at words."""
    return sum(_lines_of(paragraph, width) for paragraph in text.splitlines() or [""])


def _lines_of(text: str, width: float) -> int:
    lines, used = 1, 0
    for word in text.split():
        if used and used + len(word) > width:
            lines, used = lines + 1, 0
        used += len(word) + 1
        if len(word) > width:  # broken where it reaches the edge
            lines, used = lines + int(len(word) // width), int(len(word) % width) + 1
    return lines


def lit(fill: str) -> dict[str, str]:
    """Give XlsxWriter's properties of a fill that comes and goes: what has none is white."""
    ink = {"font_color": _LIGHTS[fill]} if fill in _LIGHTS else {}
    return {"bg_color": _FILLS.get(fill, "#FFFFFF")} | ink


@dataclass(frozen=True, slots=True)
class Dress:
    """All that decides a cell's format; equal ones share one format of the workbook."""

    look: Look
    origin: Origin
    number: str
    fill: str
    wrap: bool
    linked: bool
    text: bool
    textual: bool
    dated: bool
    check: bool

    @classmethod
    def of(cls, entry: Entry, language: str, *, linked: bool) -> "Dress":
        """Read the dress off a cell."""
        textual = entry.kind in (Kind.TEXT, Kind.CHECK)
        return cls(
            entry.look,
            entry.origin,
            number_format(entry, language),
            entry.fill,
            entry.wrap,
            linked,
            textual and not entry.formula,
            entry.kind is Kind.TEXT,
            entry.kind in (Kind.DATE, Kind.PERIOD, Kind.INSTANT),
            entry.kind is Kind.CHECK,
        )

    def properties(self) -> dict[str, Any]:
        """Give XlsxWriter's properties of this dress."""
        base: dict[str, Any] = {
            "font_name": "Calibri",
            "font_size": 10,
            "num_format": self.number,
            "valign": "vcenter",
            "text_wrap": self.wrap,
            "font_color": INK if self.text else _ORIGINS[self.origin],
        }
        if self.textual:
            base |= {"align": "left", "indent": 1}
        if self.dated:
            base |= {"align": "center"}
        if self.check:
            base |= {"align": "center", "bold": True}
        if self.linked:
            base |= {"underline": 1, "font_color": _ORIGINS[Origin.CROSS]}
        if self.fill in _FILLS:  # what is matched has no fill
            base["bg_color"] = _FILLS[self.fill]
        if self.fill in _LIGHTS:
            base["font_color"] = _LIGHTS[self.fill]
        return base | _looks(self)


def _looks(dress: Dress) -> dict[str, Any]:
    hair = {"bottom": 1, "bottom_color": RULE}
    return {
        Look.PLAIN: hair,
        Look.LABEL: {**hair, "bold": True, "font_color": INK, "indent": 0},
        Look.HEAD: {
            "bold": True,
            "font_color": "#FFFFFF",
            "bg_color": BAND,
            "text_wrap": True,
            "valign": "top",
            "left": 1,  # keeps a head that ends at its right edge off the next one
            "left_color": "#FFFFFF",
            "align": "left" if dress.textual else "center" if dress.dated else "right",
            "indent": int(dress.textual),
        },
        Look.TOTAL: {"bold": True, "top": 1, "bottom": 6, "bg_color": PAPER},
        Look.SECTION: {
            "bold": True,
            "font_size": 12,
            "font_color": BAND,
            "bottom": 2,
            "bottom_color": BAND,
            "indent": 0,
        },
        Look.NOTE: {**hair, "font_color": INK, "align": "left", "indent": 1},
        Look.PROSE: {"font_color": INK, "align": "left", "indent": 1},
        Look.TYPED: {
            "border": 1,
            "border_color": "#9AA9B2",
            "locked": False,
            **({} if dress.fill else {"bg_color": TYPED}),
        },
        Look.HEADLINE: {**hair, "bold": True, "font_size": 12},
        Look.TICK: {"bold": True, "font_color": BAND, "align": "center", "indent": 0},
    }[dress.look]
