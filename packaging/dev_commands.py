"""The commands of `dev.py`: run, test, spark, coverage and bundle."""

import io
import os
import subprocess
import sys
from pathlib import Path

import dev_bundle
import dev_checks
import dev_coverage
import dev_environment
import dev_system

_USAGE = """\
python3 packaging/dev.py run            reconcile the sample audit; says where the workbook and the charts are
python3 packaging/dev.py run window     open the window on the sample audit
python3 packaging/dev.py run ARGS       the same as: auditor ARGS
python3 packaging/dev.py test           every check that CI makes
python3 packaging/dev.py test ARGS      pytest alone, with these arguments
python3 packaging/dev.py spark          the tests of the engine on Spark; needs Java 17
python3 packaging/dev.py coverage       what of the core its own tests do not reach
python3 packaging/dev.py bundle         a frozen folder in dist/ that needs no Python; on Debian also a .deb"""

_SAMPLE_WINDOW = "import sys; from auditor.gui.application import run; sys.exit(run(None, sample=True))"


def obey(arguments: list[str]) -> int:
    """Do what the command line asks and give the exit status; 2 when it asks for nothing known."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a log on Windows lacks letters that tests are called by
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _obeyed(arguments)
    except KeyboardInterrupt:
        return 130
    if status is None:
        print(_USAGE, file=sys.stderr)
        return 2
    return status


def _obeyed(arguments: list[str]) -> int | None:
    """Do what is asked and give the exit status, None when it is nothing known."""
    match arguments:
        case ["run", "window"]:
            return _window(["-c", _SAMPLE_WINDOW])
        case ["run", file] if Path(file).suffix == ".audit":
            return _window(["-m", "auditor", file])
        case ["run", *rest]:
            return _run(rest or ["demo"])
        case ["test", *rest]:
            return dev_checks.some(rest) if rest else dev_checks.everything()
        case ["spark", *rest]:
            return dev_checks.on_spark(rest)
        case ["bundle" | "coverage" as name]:
            return dev_bundle.build() if name == "bundle" else dev_coverage.measure()
        case ["-h" | "--help" | "help"]:
            print(_USAGE)
            return 0
    return None


def _run(arguments: list[str]) -> int:
    """Run the command line: it draws no window, so it asks nothing of the system but Python."""
    dev_system.provide(dev_system.PYTHON_PARTS)
    dev_environment.prepare()
    return _python(["-m", "auditor", *arguments])


def _window(arguments: list[str]) -> int:
    """Open a window, once the system has what Qt links to and there is somewhere to open it."""
    if _is_blind():
        dev_system.stop(
            "There is no display to open a window on. `python3 packaging/dev.py run` does the same job without one."
        )
    dev_system.provide(dev_system.PYTHON_PARTS + dev_system.OFFSCREEN + dev_system.SCREEN)
    dev_environment.prepare()
    return _python(arguments)


def _is_blind() -> bool:
    """Tell whether Qt would find no display; a platform named by the user is his own affair."""
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(os.environ.get(name) for name in displays)


def _python(arguments: list[str]) -> int:
    """Run the environment's Python where the user stands, so that the files he names are found."""
    command = [str(dev_environment.PYTHON), *arguments]
    status = subprocess.run(command, env=dev_environment.child_environment(), check=False).returncode
    return status if status >= 0 else 128 - status  # ended by a signal: said as a shell says it
