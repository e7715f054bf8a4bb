"""The rules of the house that no single module can keep: what the folders may hold, and what must agree."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import pytest

import auditor
from auditor.language import LANGUAGES
from auditor.language import Catalogue
from auditor.language import catalogue

ROOT = Path(__file__).resolve().parent.parent
_OURS = ("auditor", "packaging", "resources", "tests", ".ci")
_TEXT = {".py", ".toml", ".in", ".lock", ".md", ".txt", ".csv", ".svg", ".qss", ".json", ""}


def _files() -> Iterator[Path]:
    """Give every text file of the project, caches left out, and what a run of `dev.py coverage` keeps."""
    above = (file for file in ROOT.iterdir() if file.name != ".coverage")
    yield from (file for file in above if file.is_file() and file.suffix in _TEXT)
    for folder in _OURS:
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and file.suffix in _TEXT and "__pycache__" not in file.parts:
                yield file


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _named(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


# The folder of scripts.


def test_that_the_folder_packaging_is_not_a_package() -> None:
    # With an __init__.py it would hide the library of that name from pytest and matplotlib.
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_that_no_script_hides_a_standard_module() -> None:
    # Python puts a script's own folder first on its path.
    assert {file.stem for file in _modules("packaging")} & sys.stdlib_module_names == set()


def test_that_an_old_python_gets_as_far_as_the_sentence() -> None:
    source = (ROOT / "packaging" / "dev.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def _requirements(file: str) -> set[str]:
    lines = (ROOT / "packaging" / file).read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith(("#", "-r"))}


def test_that_the_dependencies_are_the_same_in_both_places() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert _requirements("requirements.in") == set(project["dependencies"])


@pytest.mark.parametrize("file", ["requirements.in", "requirements-dev.in"])
def test_that_the_lock_names_every_requirement(file: str) -> None:
    lock = (ROOT / "packaging" / "requirements-dev.lock").read_text(encoding="utf-8")
    locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    wanted = {re.split(r"[<>=!~ ]", line)[0].lower() for line in _requirements(file)}
    assert wanted - locked == set()


def test_that_every_locked_package_has_its_hashes() -> None:
    lock = (ROOT / "packaging" / "requirements-dev.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_that_no_file_names_a_package_host() -> None:
    host = re.compile(r"https?://[^\s/\"']*(?:pypi|pythonhosted|registry|artifact|mirror)", re.IGNORECASE)
    source = re.compile(r"^\s*--(?:extra-)?index-url|^\s*--find-links", re.MULTILINE)
    named = [_named(file) for file in _files() if any(rule.search(file.read_text("utf-8")) for rule in (host, source))]
    assert named == []


# What may be imported or called.


def test_that_the_command_line_loads_no_qt() -> None:
    code = "import sys, auditor.cli; print([name for name in sys.modules if name.startswith(('PySide6', 'shiboken6'))])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("module", _modules("auditor/core"), ids=_named)
def test_that_the_core_asks_neither_clock_nor_disk(module: Path) -> None:
    # What import-linter cannot see: calls on names the core may import. It may count processors, no more.
    tree = ast.parse(module.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    asked = {name for name in called if re.search(r"(^|\.)(now|today|utcnow|open|getenv)$|^os\.", name)}
    assert asked <= {"os.cpu_count", "os.process_cpu_count"}


# What is said.


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_that_every_language_says_everything() -> None:
    english, *others = ({key: _places(text) for key, text in catalogue(code).items()} for code in LANGUAGES)
    for other in others:
        assert other.keys() ^ english.keys() == set()
        assert {key for key in english if other[key] != english[key]} == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_that_texts_read_table_by_table_are_those_of_the_whole_files(code: str) -> None:
    files = sorted((ROOT / "resources" / "i18n" / code).glob("*.toml"))
    whole = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}
    texts = dict(_texts(whole))
    # One by one, each in a catalogue that read nothing else of the file before, for one text of each table.
    for key in {key.rpartition(".")[0]: key for key in texts}.values():
        assert Catalogue(code)[key] == texts[key]
    assert dict(Catalogue(code)) == texts


def _texts(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _texts(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


@pytest.mark.parametrize("code", LANGUAGES)
def test_that_no_text_is_empty(code: str) -> None:
    assert [key for key, text in catalogue(code).items() if not text.strip()] == []


def _codes(module: Path) -> Iterator[str]:
    """Give the codes of problems that a module names outright."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"AuditorError", "Problem", "ProblemCount"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_that_every_problem_has_its_sentence() -> None:
    codes = {code for module in _modules("auditor") for code in _codes(module)}
    said = catalogue("en")
    assert {code for code in codes if f"problems.{code}" not in said} == set()


# The three homes of the data.


def _found_from(folder: Path, before: str = "pass") -> Path:
    code = f"{before}; from auditor.paths import resources; print(resources())"
    run = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return Path(run.stdout.strip()).resolve()


def _package_in(folder: Path) -> Path:
    package = folder / "auditor"
    package.mkdir()
    for name in ("__init__.py", "paths.py"):
        shutil.copy(ROOT / "auditor" / name, package)
    return package


def test_that_a_checkout_finds_its_resources() -> None:
    assert _found_from(ROOT) == ROOT / "resources"


def test_that_an_installed_wheel_finds_its_resources(tmp_path: Path) -> None:
    data = _package_in(tmp_path) / "_resources"
    (data / "tariffs").mkdir(parents=True)
    assert _found_from(tmp_path) == data.resolve()


def test_that_a_frozen_program_finds_its_resources(tmp_path: Path) -> None:
    _package_in(tmp_path)
    bundle = tmp_path / "bundle"
    (bundle / "resources" / "tariffs").mkdir(parents=True)
    found = _found_from(tmp_path, f"import sys; sys._MEIPASS = {str(bundle)!r}")
    assert found == (bundle / "resources").resolve()


# What goes out with it.


def test_that_qts_licences_go_along() -> None:
    licenses = ROOT / "resources" / "licenses"
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (licenses / "LGPL-3.0.txt").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in (licenses / "GPL-3.0.txt").read_text(encoding="utf-8")


def test_that_the_changelog_knows_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(auditor.__version__)}\b", changes, re.MULTILINE)
