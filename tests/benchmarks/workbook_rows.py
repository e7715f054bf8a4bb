"""A workbook of many rows: our reader, with its checks and its look for hidden rows and formulas, against calamine.

    .venv/bin/python -m tests.benchmarks.workbook_rows [ROWS] [RUNS]

Both read the same XLSX file, in turn, each in a process of its own. Read the ratio, not the seconds.
"""

# ruff: noqa: T201 - a benchmark prints

import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import xlsxwriter

_ROWS, _RUNS = 500_000, 3


def write_book(path: Path, rows: int) -> None:
    """Write an invoice of one line per row."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Detalle")
    sheet.write_row(0, 0, ["Periodo", "WABA", "Mercado", "Categoría", "Cantidad", "Tarifa", "Importe", "Moneda"])
    for row in range(1, rows + 1):
        amount = round(row % 97 * 0.0703, 4)
        cells = ["2026-10", "102290129340398", "Peru", "Marketing", row % 97, 0.0703, amount, "USD"]
        sheet.write_row(row, 0, cells)
    book.close()


def read_bare(path: Path) -> int:
    """Read with calamine alone."""
    import python_calamine

    return len(python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python())


def read_ours(path: Path) -> int:
    """Read as an import does."""
    from auditor.readers.books.cells import read_sheets

    return len(read_sheets(path)[0].rows)


def _timed(reader: str, path: Path) -> tuple[float, float]:
    """Give the seconds and the peak MiB (reader and child together) that a reader took."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.workbook_rows", reader, str(path)]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - begin, float(child.stdout)


def main() -> None:
    """Run both in turn and say the medians."""
    if sys.argv[1:2] in (["bare"], ["ours"]):
        (read_bare if sys.argv[1] == "bare" else read_ours)(Path(sys.argv[2]))
        peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(sum(peaks) / 1024)
        return
    rows, runs = (int(sys.argv[1]) if sys.argv[1:] else _ROWS), (int(sys.argv[2]) if sys.argv[2:] else _RUNS)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write_book(path, rows)
        taken: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
        for _ in range(runs):
            for reader, times in taken.items():
                times.append(_timed(reader, path))
    medians = {reader: (median(s for s, _ in times), max(m for _, m in times)) for reader, times in taken.items()}
    for reader, (seconds, peak) in medians.items():
        print(f"{reader}: {seconds:.1f} s, peak {peak:,.0f} MiB")
    print(f"ratio: {medians['ours'][0] / medians['bare'][0]:.2f}")


if __name__ == "__main__":
    main()
