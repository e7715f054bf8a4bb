"""How much of the core its own tests reach: complete, by `tests/core/` alone, is what is wanted."""

import os
import subprocess

import dev_environment
import dev_system
from dev_environment import PYTHON
from dev_environment import ROOT

# Kernels are held to by what runs once more without compiling them, for nothing sees into machine code. Of the tests in
# folders these few reach them by little work: months of traffic take an hour uncompiled.
_KERNELS = ("causes/test_tally.py", "causes/test_units.py", "health/test_trust.py", "health/test_unlogged.py")
_LOGS = {"AUDITOR_NASTY_LOGS": "100"}
# Hashes wrap around: compiled they do so silently.
_QUIET = ["-W", "ignore::RuntimeWarning"]


def measure() -> int:
    """Run the core's tests with and without compiled kernels, both at once, and say what neither reaches.

    0 if that is nothing and no test fails. What fails is said, and what the others reach, all the same.
    """
    dev_system.provide(dev_system.PYTHON_PARTS)
    dev_environment.prepare()
    dev_environment.COVERAGE.prepare()
    variables = dev_environment.child_environment()
    variables["PYTHONPATH"] += os.pathsep + str(dev_environment.COVERAGE.packages)
    tests = ROOT / "tests" / "core"
    kernels = [*_QUIET, *map(str, sorted(tests.glob("test_*.py"))), *(str(tests / name) for name in _KERNELS)]
    plain = variables | _LOGS | {"NUMBA_DISABLE_JIT": "1"}
    runs = [_tests(variables, str(tests)), _tests(plain, *kernels)]
    statuses = [run.wait() for run in runs]
    _coverage(variables, "combine", "-q").wait()
    statuses.append(_coverage(variables, "report", "--fail-under=100").wait())
    return int(any(statuses))


def _tests(variables: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    measured = ("run", "--parallel-mode", "--source=auditor/core", "-m", "pytest")
    return _coverage(variables, *measured, "-q", "-n0", "-p", "no:cacheprovider", *arguments)


def _coverage(variables: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([str(PYTHON), "-m", "coverage", *arguments], cwd=ROOT, env=os.environ | variables)
