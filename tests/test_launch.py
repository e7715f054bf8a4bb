"""The launcher `packaging/dev.py`: what it says, and with which status it ends, on machines that lack something."""

import io
import os
import plistlib
import sys
import time
from pathlib import Path

import dev
import dev_bundle
import dev_commands
import dev_environment
import dev_system
import dev_unpack
import frozen
import pytest
from frozen_kernels import BundledKernels
from numba.core import config

from auditor import __main__ as begun
from auditor import paths
from auditor.language import LANGUAGES
from auditor.language import Language

_ABSENT = dev_system.Need("library", "libnowhere.so.9", "libnowhere9")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the launcher look for packages, wherever the tests run."""
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.fixture
def no_rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away root, sudo and apt-get; nothing is unpacked."""
    monkeypatch.setattr(dev_system, "_rights", lambda: None)
    monkeypatch.setattr(dev_unpack, "unpack", lambda _packages: False)
    monkeypatch.setattr(dev_unpack, "PLACE", tmp_path / "nothing")


def test_that_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert dev.main() == 3
    assert capsys.readouterr().err == "The auditor needs Python 3.11 or newer; this is Python 3.9.2.\n"


def test_that_an_unknown_command_shows_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev_commands.obey(["fly"]) == 2
    assert "python3 packaging/dev.py run window" in capsys.readouterr().err


def test_that_a_letter_which_a_log_lacks_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252"))
    assert dev_commands.obey(["help"]) == 0
    sys.stdout.write("test_that[→]")
    sys.stdout.flush()
    assert written.getvalue().split()[-1] == b"test_that[\\u2192]"


@pytest.mark.usefixtures("linux")
def test_that_a_missing_library_is_found_missing() -> None:
    assert dev_system.missing([_ABSENT]) == [_ABSENT]


@pytest.mark.usefixtures("linux")
def test_that_the_line_to_run_is_given_when_nothing_may_be_installed(
    no_rights: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: "/usr/bin/apt-get" if name == "apt-get" else None)
    with pytest.raises(SystemExit) as ended:
        dev_system.provide([_ABSENT])
    assert ended.value.code == 3
    line = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libnowhere9"
    assert capsys.readouterr().err.splitlines()[-1].strip() == line


@pytest.mark.usefixtures("linux")
def test_that_a_window_without_a_display_is_refused_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        dev_commands.obey(["run", "window"])
    assert ended.value.code == 3
    assert "There is no display" in capsys.readouterr().err


def environment_in(folder: Path) -> dev_environment.Environment:
    """Give an environment whose Python is there already."""
    environment = dev_environment.Environment(folder / "venv", dev_environment.OWN.lock)
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    return environment


def test_that_the_environment_is_left_alone_when_it_is_as_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = environment_in(tmp_path)
    (environment.place / "lock.sha256").write_text(environment.wanted(), encoding="ascii")
    monkeypatch.setattr(dev_environment, "_make", lambda *_, **__: pytest.fail("the environment was made anew"))
    environment.prepare()


@pytest.mark.parametrize(("stamp", "clear"), [("of another lock", True), (None, False)])
def test_that_only_an_environment_of_our_own_is_wiped(
    stamp: str | None, clear: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = environment_in(tmp_path)
    file = environment.place / "lock.sha256"
    if stamp:
        file.write_text(stamp, encoding="ascii")
    made: list[bool] = []
    monkeypatch.setattr(dev_environment, "_make", lambda _, *, clear: made.append(clear))
    monkeypatch.setattr(dev_environment, "_install", lambda _: None)
    environment.prepare()
    assert made == [clear]
    assert file.read_text(encoding="ascii") == environment.wanted()


def test_that_the_program_runs_from_this_checkout() -> None:
    first = dev_environment.child_environment()["PYTHONPATH"].split(os.pathsep)[0]
    assert Path(first) == Path(__file__).resolve().parent.parent


def test_that_unpacked_libraries_and_programs_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    libraries = tmp_path / "usr" / "lib" / "x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    (libraries / "libEGL.so.1").touch()
    monkeypatch.setattr(dev_unpack, "PLACE", tmp_path)
    found = dev_unpack.variables({"PATH": "/usr/bin", "LD_LIBRARY_PATH": "/mine"})
    assert found["LD_LIBRARY_PATH"].split(os.pathsep) == [str(libraries), "/mine"]
    assert found["PATH"].split(os.pathsep) == ["/usr/bin", str(tmp_path / "usr" / "bin")]


def test_that_without_java_spark_is_refused_before_anything_is_fetched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev_system, "provide", lambda _needs: None)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(SystemExit):
        dev_commands.obey(["spark"])
    assert "Java 17" in capsys.readouterr().err


def test_that_the_sentence_on_a_missing_library_names_all_that_the_window_links_to() -> None:
    packages = " ".join(need.package for need in dev_system.OFFSCREEN + dev_system.SCREEN)
    for language in LANGUAGES:
        said = Language(language).text("problems.window_library_missing", library="libEGL.so.1")
        assert f"sudo apt-get install {packages}. " in said


def test_that_freezing_asks_for_the_library_that_debian_keeps_apart_from_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 11, 2))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    (need,) = dev_bundle._own_library()
    assert (need.name, need.package) == ("libpython3.11.so.1.0", "libpython3.11")
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    assert dev_bundle._own_library() == ()


def test_that_the_program_for_macos_gets_its_licences_and_its_kernels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kernels, contents = tmp_path / "auditor" / "_internal" / "kernels", tmp_path / "Auditor.app" / "Contents"
    for folder in (kernels, kernels.parents[1] / "licenses", contents / "Resources", contents / "Frameworks"):
        folder.mkdir(parents=True)
    (kernels / "windows.nbi").touch()
    (kernels.parents[1] / "THIRD-PARTY.txt").touch()
    (kernels.parents[1] / "licenses" / "LGPL-3.0.txt").touch()
    monkeypatch.setattr(dev_bundle, "_FOLDER", kernels.parents[1])
    monkeypatch.setattr(dev_bundle, "_KERNELS", kernels)
    dev_bundle._complete(contents)
    assert (contents / "Frameworks" / "kernels").is_symlink()
    assert (contents / "Frameworks" / "kernels" / "windows.nbi").is_file()
    assert (contents / "Resources" / "licenses" / "LGPL-3.0.txt").is_file()
    assert (contents / "Resources" / "THIRD-PARTY.txt").is_file()


def test_that_the_program_for_macos_may_load_its_kernels_where_it_is_hardened() -> None:
    rights = plistlib.loads((dev_environment.ROOT / "packaging" / "macos" / "entitlements.plist").read_bytes())
    assert rights["com.apple.security.cs.allow-jit"]
    assert rights["com.apple.security.cs.allow-unsigned-executable-memory"]
    asked = (dev_environment.ROOT / "packaging" / "RELEASE.md").read_text(encoding="utf-8")
    assert "--entitlements packaging/macos/entitlements.plist" in asked


def test_that_a_bundle_puts_its_kernels_into_the_folder_of_the_user_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "user_cache", lambda: tmp_path)
    shipped = tmp_path / "kernels"
    (shipped / "core").mkdir(parents=True)
    (shipped / "core" / "merging.merge.nbi").touch()
    monkeypatch.setattr(os, "environ", {})
    frozen._warm(shipped)
    kept = Path(os.environ["NUMBA_CACHE_DIR"])
    assert (kept / "core" / "merging.merge.nbi").is_file()
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path)
    (kept / "core" / "later.nbi").touch()
    monkeypatch.setattr(os, "environ", {})
    frozen._warm(shipped)
    assert (kept / "core" / "later.nbi").is_file()
    assert sorted(tmp_path.iterdir()) == sorted([kept, shipped])


def test_that_kernels_which_are_looked_at_for_viruses_are_put_there_a_moment_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "user_cache", lambda: tmp_path)
    monkeypatch.setattr(os, "environ", {})
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if len(waited) < 2:
            error = PermissionError(13, "Acceso denegado")
            error.winerror = 5  # type: ignore[attr-defined, unused-ignore] # Windows alone has it
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    shipped = tmp_path / "shipped"
    (shipped / "core").mkdir(parents=True)
    frozen._warm(shipped)
    assert (Path(os.environ["NUMBA_CACHE_DIR"]) / "core").is_dir()


def test_that_kernels_of_a_bundle_that_was_not_started_for_long_are_cleared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache, shipped = tmp_path / "cache", tmp_path / "bundle" / "kernels"
    monkeypatch.setattr(paths, "user_cache", lambda: cache)
    for name, days in (("kernels-0.0.9-aa", 200), ("kernels-0.0.9-bb", 3), ("kernels-0.0.9", 200), ("answers", 200)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - days * 86_400,) * 2)
    shipped.mkdir(parents=True)
    os.utime(shipped, (1, 1))  # as where a package keeps the times of its files
    for _ in range(2):
        monkeypatch.setattr(os, "environ", {})
        frozen._warm(shipped)
        kept = Path(os.environ["NUMBA_CACHE_DIR"])
        assert {one.name for one in cache.iterdir()} == {"kernels-0.0.9-bb", "kernels-0.0.9", "answers", kept.name}
        assert time.time() - kept.stat().st_mtime < 86_400
        os.utime(kept, (1, 1))


def test_that_a_kernel_is_known_by_its_source_wherever_a_bundle_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    known = []
    for place, text in (("one", "a = 1"), ("two", "a = 1"), ("three", "a = 2")):
        module = tmp_path / place / "core" / "lots.py"
        module.parent.mkdir(parents=True)
        module.write_text(text)
        found = BundledKernels.from_function(_kernel, str(module))  # type: ignore[no-untyped-call] # numba
        known.append((found.get_cache_path(), found.get_source_stamp()))
    assert known[0] == known[1]
    assert known[2][0] == known[0][0] == str(tmp_path / "kept" / "core")
    assert known[2][1] != known[0][1]


def _kernel() -> None:
    """Stand for a kernel: numba asks where its code begins."""


@pytest.mark.parametrize(("is_open", "there"), [(True, None), (False, "kernels-")])
def test_that_kernels_are_kept_for_the_user_where_the_program_lies_in_a_closed_folder(
    is_open: bool, there: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: is_open)
    monkeypatch.setattr(paths, "user_cache", lambda: tmp_path)
    monkeypatch.setattr(os, "environ", {})
    begun._keep_kernels()
    kept = os.environ.get("NUMBA_CACHE_DIR")
    assert (kept is None) if there is None else str(kept).startswith(str(tmp_path / there))
