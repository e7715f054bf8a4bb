"""The large libraries of native code are opened before their packages ask for them, and are the ones they ask for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.gui.native_code import large_libraries

_LOAD = """
import json, sys
from auditor.gui.native_code import load_native_code

def opened():
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return sorted({line.split(maxsplit=5)[-1].strip() for line in maps if "/" in line})

load_native_code()
early = [name for name in ("numpy", "_duckdb", "llvmlite") if name in sys.modules]
before = opened()
import _duckdb, llvmlite.binding, numpy
print(json.dumps({"early": early, "before": before, "after": opened()}))
"""
_LARGE = 8_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has opened")
def test_they_are_opened_before_their_packages() -> None:
    """What is opened without the packages is there; with the packages nothing large of theirs comes that was not."""
    told = json.loads(subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True).stdout)
    wanted = [str(library.resolve()) for library in large_libraries()]
    assert len(wanted) == 3
    assert not told["early"]
    assert set(wanted) <= set(told["before"])
    late = set(told["after"]) - set(told["before"])
    assert not [name for name in late if Path(name).exists() and Path(name).stat().st_size > _LARGE]
