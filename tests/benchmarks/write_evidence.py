"""Writes 100,000 evidence rows as the workbook does, and with XlsxWriter's constant-memory mode alone.

    python -m tests.benchmarks.write_evidence [ROWS]

Both write the same fifteen formatted columns. Prints the seconds of each, the ratio, and what memory the first needed.
"""

import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import xlsxwriter

from auditor.core.report.cells import Column
from auditor.core.report.cells import Kind
from auditor.core.report.cells import LongTable
from auditor.core.report.cells import Value
from auditor.core.report.workpaper import build_report
from auditor.writers.workbook import write_workbook
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result

_KINDS = (
    Kind.COUNT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.INSTANT,
    Kind.INSTANT, Kind.COUNT, Kind.RATE, Kind.EXACT, Kind.TEXT, Kind.COUNT,
)  # fmt: skip
_START = 46_296.0
_MARKETS = ("Perú", "Chile", "México", "Resto de Latinoamérica")


def rows(size: int) -> Iterator[tuple[Value | float, ...]]:
    """Give evidence rows: half of their cells differ from row to row."""
    rate = Decimal("0.0703")
    for n in range(size):
        yield (
            n // 900 + 1, f"wamid.•••{n:012X}", f"5198•••••{n % 100:02}", "51987654321", "Andina Retail", "Mensajes",
            "Marketing" if n % 3 else "Utilidad", _MARKETS[n % 4], _START + n / 3_333,
            _START + 1 + n / 3_333, 1 + n % 5,
            rate, rate, "Cierto", n + 2,
        )  # fmt: skip


def main() -> None:
    """Write both ways, twice each, and compare the better times."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        streamed = min(_streamed(size, Path(folder) / "streamed.xlsx") for _ in range(2))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        alone = min(_alone(size, Path(folder) / "alone.xlsx") for _ in range(2))
    said = f"{size:,} rows of {len(_KINDS)} columns: streamed {streamed:.2f} s, XlsxWriter alone {alone:.2f} s"
    sys.stdout.write(f"{said}\nratio {alone / streamed:.1f}; memory grew by {grown / 1024:.0f} MB\n")


def _streamed(size: int, file: Path) -> float:
    """Write the workpaper of one line with so many evidence rows; the rest of it counts too."""
    result = sample_result(count=1)
    report = build_report(result, sample_context("es", result, charges=1))
    columns = tuple(Column(f"Columna {n}", kind) for n, kind in enumerate(_KINDS))
    sheets = tuple(
        replace(sheet, tables=(LongTable("T_H", 7, columns, size, lambda: rows(size)),)) if sheet.code == "H" else sheet
        for sheet in report.sheets
    )
    start = perf_counter()
    write_workbook(replace(report, sheets=sheets), file)
    return perf_counter() - start


def _alone(size: int, file: Path) -> float:
    """Write the same rows, formatted, into one sheet with XlsxWriter's constant-memory mode."""
    start = perf_counter()
    book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
    sheet = book.add_worksheet()
    patterns = {Kind.COUNT: "#,##0", Kind.INSTANT: "dd/mm/yyyy hh:mm:ss", Kind.RATE: "0.00####", Kind.EXACT: "0.00####"}
    formats = [
        book.add_format(
            {"font_name": "Calibri", "font_size": 10, "num_format": patterns.get(kind, "General"), "bottom": 1}
        )
        for kind in _KINDS
    ]
    epoch = datetime(1899, 12, 30, tzinfo=UTC).replace(tzinfo=None)
    for row, values in enumerate(rows(size)):
        for column, (kind, value, form) in enumerate(zip(_KINDS, values, formats, strict=True)):
            if kind is Kind.TEXT:
                sheet.write_string(row, column, value, form)
            elif kind is Kind.INSTANT:
                sheet.write_datetime(row, column, epoch + timedelta(float(value)), form)  # type: ignore[arg-type]
            else:
                sheet.write_number(row, column, float(value), form)  # type: ignore[arg-type]
    book.close()
    return perf_counter() - start


if __name__ == "__main__":
    main()
