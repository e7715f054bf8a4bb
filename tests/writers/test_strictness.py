"""No workbook gives Excel anything to repair; and the rules that say so would notice if one did."""

import re
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from auditor.core.report.workpaper import build_report
from auditor.writers.workbook import write_workbook
from tests.writers.sample_result import Decision
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result
from tests.writers.strictness import faults

NOTES = ("x" * 40_000, "palabra " * 5_000, "\n" * 300, "😀" * 20_000, "=1+1", "_x000D_ a\x00b", "<&>\"' ]]>", " ")


def written(path: Path, language: str, count: int, charges: int, notes: Sequence[str] = ()) -> Path:
    """Write the sample's workbook with these notes."""
    result = sample_result("PEN", count)
    typed = {line.key: Decision("disputed", "", note) for line, note in zip(result.differences, notes, strict=False)}
    context = sample_context(language, result, decisions=typed, charges=charges)
    return write_workbook(build_report(result, context), path)


@pytest.mark.parametrize(("language", "count", "charges"), [("en", 0, 0), ("es", 12, 200), ("en", 700, 1)])
def test_that_excel_has_nothing_to_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, count: int, charges: int
) -> None:
    monkeypatch.setattr("auditor.core.report.sums._MOST_LOOKED_AT", 100_000)  # of 700 lines formulas name their rows
    assert faults(written(tmp_path / "audit.xlsx", language, count, charges, NOTES)) == []


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one workbook for all that is spoilt."""
    return written(tmp_path_factory.mktemp("good") / "good.xlsx", "es", 12, 2)


def _put(pattern: str, by: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, by, text, count=1, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("part", "spoil", "said"),
    [
        ("sheet6", _put(r"(<pageMargins[^>]*/>)(.*)(<tableParts)", r"\2\1\3"), "elements"),
        ("sheet6", _put(r'<row r="12"', '<row r="11"'), "out of"),
        ("sheet6", _put(r'<c r="B12"', '<c r="A12"'), "out of place"),
        ("sheet6", _put(r'(<c r="B12" s=")\d+', r"\g<1>99999"), "no such style"),
        ("sheet6", _put(r'<row r="12"[^>]*>', '<row r="12" ht="500" customHeight="1">'), "high"),
        ("sheet6", _put(r"<f>ROUND\(", "<f>XLOOKUP("), "function XLOOKUP"),
        ("sheet6", _put(r"<f>ROUND\(", "<f>ROUND(nowhere+"), "no name nowhere"),
        ("sheet6", _put(r"<f>(?=ROUND)", "<f>" + "1+" * 5_000), "formula too long"),
        ("sheet3", _put(r"<f>(?=SUMIFS)", "<f>'Nowhere'!A1+"), "no sheet Nowhere"),
        ("sheet6", _put(r'location="\'[^\']+\'', "location=\"'Nowhere'"), "link to"),
        ("sheet6", _put(r"<formula1>[^<]*", '<formula1>"' + "x" * 300 + '"'), "choices"),
        ("sheet6", _put(r"<oddFooter>", "<oddFooter>" + "x" * 300), "oddFooter"),
        ("sheet3", _put(r'<mergeCell ref="A3:[A-Z]+3"/>', '<mergeCell ref="A3:B4"/>'), "lies on"),
        ("tables/table1", _put(r'displayName="\w+"', 'displayName="T_G"'), "two tables"),
        ("tables/table1", _put(r'(<tableColumn id="2" name=")[^"]+', r"\1Other"), "heads"),
        ("tables/table1", _put(r' ref="A9:', ' ref="A8:'), "heads"),
        ("workbook", _put(r'<definedName name="[a-z_]+"', '<definedName name="AB12"'), "area named"),
        ("workbook", _put(r'<sheet name="[^"]+"', '<sheet name="Puente"'), "no "),
    ],
)
def test_that_what_excel_would_repair_is_noticed(
    good: Path, tmp_path: Path, part: str, spoil: Callable[[str], str], said: str
) -> None:
    bad = tmp_path / "bad.xlsx"
    changed = 0
    with ZipFile(good) as before, ZipFile(bad, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            if name.endswith(f"{part}.xml") and "rels" not in name:
                spoilt = spoil(text.decode()).encode()
                changed += spoilt != text
                text = spoilt
            after.writestr(name, text)
    assert changed == 1
    assert any(said in fault for fault in faults(bad)), faults(bad)[:5]
