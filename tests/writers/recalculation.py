"""Recalculates a workbook in LibreOffice and compares every formula cell with the value that was stored beside it.

    python -m tests.writers.recalculation DIFFERENCES

writes the workbook of the sample with so many differences, recalculates it, and says what was compared and how long
each took: the tests do so for up to 1,000, this command for 100,000.
"""

import posixpath
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from zipfile import ZipFile

from defusedxml import ElementTree

from auditor.core.report.workpaper import build_report
from auditor.writers.workbook import write_workbook
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""
_MISSING = (
    "LibreOffice is needed to recalculate workbooks. Install it: "
    "apt-get install -y --no-install-recommends libreoffice-calc-nogui"
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Compared:
    """What recalculation showed: formula cells compared, and those that differ (sheet, cell, stored, recalculated)."""

    cells: int
    different: tuple[tuple[str, str, object, object], ...]


def office() -> str:
    """Give LibreOffice's command; its absence fails the test that needs it, with the line that installs it."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    if command is None:
        raise AssertionError(_MISSING)
    return command


def convert(file: Path, folder: Path, to: str, *, seconds: float = 240) -> Path:
    """Convert a workbook with a profile of its own in which every formula is recalculated on loading."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    out = folder / "recalculated"
    command = [
        office(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", to, "--outdir", str(out),
        str(file),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=seconds)
    return out / f"{file.stem}.{to.split(':', maxsplit=1)[0]}"


def recalculated(file: Path, folder: Path, *, seconds: float = 240) -> Compared:
    """Recalculate a workbook and compare every formula cell."""
    again = convert(file, folder, "xlsx:Calc MS Excel 2007 XML", seconds=seconds)
    cells = 0
    different = []
    with ZipFile(file) as before, ZipFile(again) as after:
        parts = _sheets(after)
        for sheet, part in _sheets(before).items():
            stored, found = dict(_formulas(before, part)), dict(_formulas(after, parts[sheet]))
            cells += len(stored)
            different += [
                (sheet, place, value, found.get(place))
                for place, value in stored.items()
                if place not in found or not _same(value, found[place])
            ]
    return Compared(cells, tuple(different))


def _sheets(book: ZipFile) -> Mapping[str, str]:
    """Give the part of each sheet by its name."""
    related = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): posixpath.join("xl", one.get("Target", "").removeprefix("/xl/")) for one in related}
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    return {one.get("name", ""): targets[one.get(_RELATION)] for one in sheets}


def _formulas(book: ZipFile, part: str) -> Iterator[tuple[str, str | float | bool]]:
    """Give every formula cell of a sheet with its value; one that says an error gives the error's text."""
    with book.open(part) as sheet:
        for _, cell in ElementTree.iterparse(sheet):
            if cell.tag == f"{_MAIN}row":
                cell.clear()
            if cell.tag != f"{_MAIN}c" or cell.find(f"{_MAIN}f") is None:
                continue
            said = cell.findtext(f"{_MAIN}v") or ""
            kind = cell.get("t", "n")
            yield cell.get("r", ""), bool(int(said)) if kind == "b" else float(said) if kind == "n" and said else said


def _same(before: object, after: object) -> bool:
    """Tell whether two results are the same: to nine decimals, an empty text as nothing, LibreOffice's 1 as TRUE."""
    if isinstance(before, bool):
        return isinstance(after, int | float) and bool(after) is before
    if isinstance(before, int | float) and isinstance(after, int | float):
        return abs(before - after) < 1e-9 * max(1, abs(before))
    return before == after and not str(after).startswith("#")


def main() -> None:
    """Write, recalculate and compare the workbook of so many differences, and say so."""
    count = int(sys.argv[1])
    start = perf_counter()
    result = sample_result("PEN", count)
    report = build_report(result, sample_context("es", result, charges=1))
    with tempfile.TemporaryDirectory() as folder:
        file = write_workbook(report, Path(folder) / "audit.xlsx")
        written = perf_counter()
        compared = recalculated(file, Path(folder), seconds=6 * 3600)
        done = perf_counter()
    said = f"{count:,} differences: {compared.cells:,} formula cells compared, {len(compared.different):,} differ"
    sys.stdout.write(f"{said}\nwritten in {written - start:.0f} s, recalculated in {done - written:.0f} s\n")
    for one in compared.different[:20]:
        sys.stdout.write(f"{one}\n")


if __name__ == "__main__":
    main()
