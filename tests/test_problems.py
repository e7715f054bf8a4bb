"""Every problem that the program knows: a tiny file that provokes it, and what is then said of it in both languages.

`tests/problems/*.toml` hold a case for each code of the catalogue. Most are a request on the command line, over the
small audit of `audit_files.py` with some of its files changed; the others, which no file provokes, name the test that
does.
"""

import json
import os
import shlex
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from typing import TypeAlias

import pytest

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.language import catalogue
from tests.audit_files import write_files
from tests.problem_files import make

HERE = Path(__file__).parent
REQUESTS = {
    "CHARGES": "charges --account account.toml --messages messages.csv --summary out.json",
    "RECONCILE": "reconcile --account account.toml --messages messages.csv --invoice invoice.csv",
}

Case: TypeAlias = Mapping[str, Any]


def _cases() -> dict[str, Case]:
    """Give each case under its code, with a word behind it where a code has several."""
    books = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "problems").glob("*.toml"))]
    return {name: case for book in books for name, case in book.items()}


CASES = _cases()
BY_FILE = {name: case for name, case in CASES.items() if "run" in case}
BY_TEST = {name: case for name, case in CASES.items() if "run" not in case}


def lay_out(case: Case, folder: Path, language: str) -> None:
    """Write the small audit, and over it the files of a case."""
    account = write_files(folder).account
    for name, changes in case.get("edits", {}).items():
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{name} has no {old}"
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    for name, text in case.get("files", {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    account.write_text(account.read_text(encoding="utf-8").replace('"en"', f'"{language}"'), encoding="utf-8")
    for name, how in case.get("made", {}).items():
        make(how, folder / name)


def request(case: Case) -> list[str]:
    """Give the words of a request, its abbreviation written out."""
    first, *others = case["run"].split(" ", 1)
    return shlex.split(" ".join([REQUESTS.get(first, first), *others]))


def _hide(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a package look as if it were not installed."""
    for name in [name for name in sys.modules if package and name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    if package:
        monkeypatch.setitem(sys.modules, package, None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BY_FILE)
def test_that_a_file_that_is_wrong_is_told_in_these_words(
    name: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = BY_FILE[name]
    lay_out(case, tmp_path, language)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", {"en": "en_US.UTF-8", "es": "es_PE.UTF-8"}[language])
    for home in ("XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
        monkeypatch.setenv(home, str(tmp_path / "user"))
    _hide(case.get("without", ""), monkeypatch)
    for before in case.get("before", ()):
        main(request({"run": before}))
    capsys.readouterr()
    status = main(request(case))
    said = capsys.readouterr()
    lines = [line.strip().replace(f"{tmp_path}{os.sep}", "") for line in f"{said.out}\n{said.err}".splitlines()]
    assert case[language] in lines, json.dumps(lines, ensure_ascii=False, indent=1)
    assert status == case["status"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BY_TEST)
def test_that_trouble_without_a_file_is_told_in_these_words(name: str, language: str) -> None:
    case = BY_TEST[name]
    code = name.split(".", maxsplit=1)[0]
    assert code in (HERE.parent / case["provoked_by"]).read_text(encoding="utf-8")
    assert Language(language).error(AuditorError(code, **case.get("fields", {}))) == case[language]


def test_that_every_problem_has_its_case() -> None:
    known = {key.removeprefix("problems.") for key in catalogue("en") if key.startswith("problems.")}
    assert known == {name.split(".")[0] for name in CASES}
