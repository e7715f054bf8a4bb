"""What `dev.py test` checks: lint, types, import arrows, tests without and with a display, and the wheel."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dev_environment
import dev_system
from dev_environment import PYTHON
from dev_environment import ROOT

_XVFB = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
_SCRIPTS = PYTHON.parent


def some(arguments: list[str]) -> int:
    """Run pytest with these arguments and nothing else; `-m window` brings its display along."""
    dev_system.provide(dev_system.PYTHON_PARTS + dev_system.OFFSCREEN)
    dev_environment.prepare()
    return _pytest(arguments, _screen() if "window" in arguments else None, _tell)[0]


def on_spark(arguments: list[str]) -> int:
    """Run the tests marked `spark` in an environment of their own; they are no part of the ordinary checks."""
    dev_system.provide(dev_system.PYTHON_PARTS + dev_system.OFFSCREEN)
    if not shutil.which("java"):
        dev_system.stop("Spark needs Java 17 or newer, and there is none here. On Debian: apt-get install default-jre")
    dev_environment.SPARK.prepare()
    command = [str(dev_environment.SPARK.python), "-m", "pytest", "-m", "spark", "tests/cluster", *arguments]
    return subprocess.run(command, cwd=ROOT, env=dev_environment.child_environment(), check=False).returncode


def everything() -> int:
    """Make every check, also after one has failed; 0 when all passed. pytest's closing line comes last."""
    dev_system.provide(dev_system.PYTHON_PARTS + dev_system.OFFSCREEN + dev_system.SPREADSHEET)
    screen = _screen()
    dev_environment.prepare()
    # The window tests take one core, and so does it to build and try the wheel: both go on beside the rest. Those come
    # first: they leave the engine compiled, which each process of the other tests would do anew.
    beside, said = ThreadPoolExecutor(1), list[str]()
    window = beside.submit(_pytest, ["-m", "window"], screen, said.append) if screen is not None else None
    wheel = beside.submit(_wheel)
    closing: list[str] = []

    def tests(run: tuple[int, str]) -> bool:
        closing.append(run[1])
        return run[0] == 0

    def window_tests() -> bool:
        passed = window is None or tests(window.result())
        print("".join(said), end="")
        return passed

    steps: dict[str, Callable[[], bool]] = {
        "lint": lambda: _says_nothing([_script("ruff"), "check", "."]),
        "format": lambda: _says_nothing([_script("ruff"), "format", "--check", "."]),
        "types": lambda: _says_nothing([str(PYTHON), "-m", "mypy"]),
        "import arrows": lambda: _says_nothing([_script("lint-imports")]),
        # A file's tests stay in one process, in their order: its fixtures are made once, and most time is saved anyhow.
        # One process more than cores: a fifth of the time a test waits, for a window, a child or the disk.
        "tests": lambda: tests(_pytest(["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile"], None, _tell)),
        "wheel": wheel.result,
        "window tests": window_tests,
    }
    if screen is None:
        del steps["window tests"]
    failed = [name for name, step in steps.items() if not _timed(name, step)]
    if screen is None:
        print("NOT CHECKED: the tests marked `window` need a display. Run this once for them:\n  " + _screen_line())
    print(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    print("\n".join(reversed(closing)))
    return 1 if failed else 0


def _screen() -> list[str] | None:
    """Give what to put before a command so that it has a display: Xvfb on Linux, else nothing; None if there is none.

    Under CI (the variable `CI` is set) a missing display ends everything: a check that is not made must not look green.
    """
    if not sys.platform.startswith("linux"):
        return []
    if dev_system.install(dev_system.SCREEN + dev_system.VIRTUAL_SCREEN):
        return _XVFB
    if os.environ.get("DISPLAY") and not dev_system.missing(dev_system.SCREEN):
        return []
    if os.environ.get("CI"):
        dev_system.stop(f"The tests marked `window` need a display. Run this once:\n  {_screen_line()}")
    return None


def _screen_line() -> str:
    return dev_system.line(dev_system.missing(dev_system.SCREEN + dev_system.VIRTUAL_SCREEN))


def _timed(name: str, step: Callable[[], bool]) -> bool:
    """Make one check and say how it went and how long it took."""
    print(f"-- {name} ...", flush=True)
    begun = time.monotonic()
    passed = step()
    print(f"-- {name}: {'passed' if passed else 'FAILED'} ({time.monotonic() - begun:.0f} s)", flush=True)
    return passed


def _script(name: str) -> str:
    return str(_SCRIPTS / (f"{name}.exe" if os.name == "nt" else name))


def _says_nothing(command: list[str], folder: Path = ROOT, variables: dict[str, str] | None = None) -> bool:
    """Run a command whose words matter only when it fails."""
    variables = dev_environment.child_environment() if variables is None else variables
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


def _tell(line: str) -> None:
    print(line, end="", flush=True)


def _pytest(arguments: list[str], screen: list[str] | None, tell: Callable[[str], None]) -> tuple[int, str]:
    """Run pytest, on a display if one is given and else without any; gives its status and its closing line.

    Its lines are told one by one.
    """
    variables = dev_environment.child_environment()
    # Kept compiled, the tests are read by each process after the first in half the time.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if screen is None:
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    else:
        variables.pop("QT_QPA_PLATFORM", None)
    colour = ["--color=yes"] * sys.stdout.isatty()
    command = [*(screen or []), str(PYTHON), "-m", "pytest", *colour, *arguments]
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    ) as run:
        for line in run.stdout or ():
            tell(line)
            last = line.rstrip() or last
    return run.returncode, last


def _wheel() -> bool:
    """Build the wheel, install it in a fresh environment, and do the main job from there, far from the checkout."""
    with tempfile.TemporaryDirectory(prefix="auditor-wheel-") as name:
        folder = Path(name)
        python = _fresh(folder / "fresh")
        build = [str(PYTHON), "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
        if not _says_nothing(build):
            return False
        wheel = next(folder.glob("auditor-*.whl"))
        install = [*dev_environment.pip(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        auditor = str(python.with_name("auditor.exe" if os.name == "nt" else "auditor"))
        variables = {key: value for key, value in dev_environment.child_environment().items() if key != "PYTHONPATH"}
        commands = (install, [auditor, "--version"], [auditor, "demo", str(folder / "sample")])
        return all(_says_nothing(command, folder, variables) for command in commands)


def _fresh(place: Path) -> Path:
    """Make an environment that has the lock's packages, lent by the one of the checkout; gives its Python."""
    venv.create(place, with_pip=False, symlinks=os.name != "nt")
    python = place / PYTHON.relative_to(dev_environment.OWN.place)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    lent, own = (
        subprocess.run([str(each), "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
        for each in (PYTHON, python)
    )
    Path(own, "lent.pth").write_text(f"{lent}\n", encoding="locale")  # as Python reads it, up to 3.12 nothing else
    return python
