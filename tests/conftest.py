"""What all tests share. Qt draws off screen where there is no display; this must stand before any import of Qt."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from auditor.gui.application import Application

if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from auditor.language import LANGUAGES
from auditor.language import Language
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from tests.audit_files import Files
from tests.audit_files import write_files

# Seldom, as the program has it: to search all that pytest holds for cycles took up to a fifth of a test's time.
gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session")
def qapp_cls() -> "type[Application]":
    """Have the tests of the window, which alone load Qt, run under the program's own application."""
    from auditor.gui.application import Application

    return Application


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """Give each language in turn: what is said must be said in all of them."""
    return Language(request.param)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Give the files of a small audit: account, log and invoice."""
    return write_files(tmp_path)


@pytest.fixture
def audit(files: Files, tmp_path: Path) -> Iterator[Audit]:
    """Give an audit of two lines: marketing agrees, utility is billed 0.25 too high, on five charges."""
    made = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    made.add_files([files.log, files.invoice])
    made.recompute()
    yield made
    made.close()


@pytest.fixture(autouse=True, scope="session")
def _own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests, and the programs they run, away from the user's folders: a card kept there changes prices.

    The system speaks English to them: before an account says its language, the program takes the system's.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C.UTF-8")
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
            patch.setenv(name, str(tmp_path_factory.getbasetemp() / "user"))
        yield


@pytest.fixture
def own_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test a user's folder of its own: a profile kept there would be applied to the logs of other tests."""
    for name in ("XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
