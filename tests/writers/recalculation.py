"""Recalculates a workbook in LibreOffice and compares every formula cell with the value that was stored beside it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import openpyxl

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


def convert(file: Path, folder: Path, to: str) -> Path:
    """Convert a workbook with a profile of its own in which every formula is recalculated on loading."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    out = folder / "recalculated"
    command = [
        office(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", to, "--outdir", str(out),
        str(file),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return out / f"{file.stem}.{to.split(':', maxsplit=1)[0]}"


def recalculated(file: Path, folder: Path) -> Compared:
    """Recalculate a workbook and compare every formula cell."""
    again = openpyxl.load_workbook(convert(file, folder, "xlsx:Calc MS Excel 2007 XML"), data_only=True)
    formulas = openpyxl.load_workbook(file)
    stored = openpyxl.load_workbook(file, data_only=True)
    cells = 0
    different = []
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                cells += 1
                before, after = stored[sheet.title][cell.coordinate].value, again[sheet.title][cell.coordinate].value
                if not _same(before, after):
                    different.append((sheet.title, cell.coordinate, before, after))
    return Compared(cells, tuple(different))


def _same(before: object, after: object) -> bool:
    """Tell whether two results are the same: to nine decimals, an empty text as nothing, LibreOffice's 1 as TRUE."""
    if isinstance(before, bool):
        return isinstance(after, int) and bool(after) is before
    if isinstance(before, int | float) and isinstance(after, int | float):
        return abs(before - after) < 1e-9
    return (before or "") == (after or "") and not str(after or "").startswith("#")
