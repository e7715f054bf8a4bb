"""How much of the core its own tests reach: complete, by `tests/core/` alone, is what is wanted."""

import os
import subprocess

import dev_environment
import dev_system
from dev_environment import PYTHON
from dev_environment import ROOT

# What the compiled kernels are held to: run once more without compiling them, for nothing sees into machine code.
_KERNELS = (
    "health", "test_audit.py", "test_cells.py", "test_charges.py", "test_divided.py", "test_engine.py", "test_hours.py",
    "test_markets.py", "test_openers.py", "test_threads.py", "test_timeline.py", "test_totals.py", "test_windows.py",
)  # fmt: skip
_MEASURED = ["run", "--parallel-mode", "--source=auditor/core", "-m"]
# Hashes wrap around: compiled they do so silently.
_QUIET = ["-W", "ignore::RuntimeWarning"]


def measure() -> int:
    """Run the core's tests with and without compiled kernels, say what neither reaches; 0 if that is nothing."""
    dev_system.provide(dev_system.PYTHON_PARTS)
    dev_environment.prepare()
    dev_environment.COVERAGE.prepare()
    variables = dev_environment.child_environment()
    variables["PYTHONPATH"] += os.pathsep + str(dev_environment.COVERAGE.packages)
    plain = variables | {"NUMBA_DISABLE_JIT": "1"}
    kernels = [f"tests/core/{name}" for name in _KERNELS]
    for environment, arguments in ((variables, ["tests/core"]), (plain, [*_QUIET, *kernels])):
        if _coverage([*_MEASURED, "pytest", "-q", "-n0", *arguments], environment):
            return 1
    _coverage(["combine", "-q"], variables)
    return _coverage(["report", "--fail-under=100"], variables)


def _coverage(arguments: list[str], variables: dict[str, str]) -> int:
    command = [str(PYTHON), "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=False).returncode
