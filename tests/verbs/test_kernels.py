"""The first calculation of an installation compiles the engine's kernels, and says so; later ones do not."""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.core.charging import Charged
from auditor.core.charging import Parted
from auditor.core.charging import charge
from auditor.core.merging import merge
from auditor.core.rates import Tariff
from auditor.core.terms import Terms
from auditor.project.spill import in_steps
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.verbs import Audit
from auditor.verbs import kernels
from auditor.verbs import read_account_file
from auditor.verbs.kernels import compile_kernels
from auditor.verbs.kernels import kernels_loading
from auditor.verbs.room import Room
from tests.audit_files import write_files
from tests.core.as_columns import card_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PRICES

ROOT = Path(__file__).resolve().parents[2]


def kept_in(folder: Path, kernel: Any) -> Any:
    """Give a kernel's name and where compiled ones of it are kept."""
    names = {"__module__": kernel.__module__, "__name__": kernel.__name__}
    return SimpleNamespace(stats=SimpleNamespace(cache_path=str(folder)), **names)


@pytest.mark.parametrize("kept", [True, False])
def test_that_compiling_is_said_where_no_kernel_is_kept(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kept:
        (tmp_path / "merging.merge-80.py311.nbi").touch()
    monkeypatch.setattr(kernels, "merge", kept_in(tmp_path, merge))
    card = card_of(PRICES, "own")
    said: list[str] = []
    compile_kernels(
        Terms(ACCOUNT, regimes(), market_table(), Tariff([card], card)), lambda step, _done, _all: said.append(step)
    )
    assert said == ([] if kept else ["compile"])


@pytest.mark.parametrize("kept", [True, False])
def test_that_compiling_is_said_again_where_a_log_is_divided_first(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kept:
        (tmp_path / "spill.in_steps-187.py311.nbi").touch()
    monkeypatch.setattr(kernels, "in_steps", kept_in(tmp_path, in_steps))
    files = write_files(tmp_path)
    account, text = read_account_file(files.account)
    said: list[str] = []
    with closing(Audit.create(None, account, text, room=Room(memory=1))) as audit:
        audit.add_files([files.log])
        audit.recompute(lambda step, _done, _all: said.append(step), charges_only=True)
    assert ("compile" in said) is not kept


@pytest.mark.parametrize(("kept", "late", "said"), [(True, False, []), (True, True, ["compile"]), (False, False, [])])
def test_that_kernels_are_loaded_beside_the_reading_only_where_they_are_kept(
    kept: bool, late: bool, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kept:
        (tmp_path / "merging.merge-80.py311.nbi").touch()
    monkeypatch.setattr(kernels, "merge", kept_in(tmp_path, merge))
    monkeypatch.setattr(kernels, "_LOADED_BY_NOW", 0.0 if late else 60.0)
    charged: list[threading.Thread] = []
    steps: list[str] = []
    go_on = threading.Event()

    def watched(log: Parted, terms: Terms) -> Charged:
        charged.append(threading.current_thread())
        assert not late or go_on.wait(60)
        return charge(log, terms)

    def told(step: str, _done: int, _all: int) -> None:
        steps.append(step)
        go_on.set()

    monkeypatch.setattr(kernels, "charge", watched)
    with kernels_loading(ACCOUNT, told):
        pass
    assert [thread is threading.main_thread() for thread in charged] == ([False] if kept else [])
    assert steps == said


def test_that_kernels_are_loaded_without_what_reads_declarations_of_c() -> None:
    code = """
import sys
from auditor.verbs import Audit
from auditor.verbs import kernels
from auditor.verbs import read_account_file
from tests.core.invoicing import ACCOUNT

with kernels.kernels_loading(ACCOUNT, lambda *_: None):
    pass
from numba.core.registry import cpu_target
cpu_target.target_context.refresh()
print("numba.core.typing.cffi_utils" in sys.modules, "cffi" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT, check=True)
    assert done.stdout == "True False\n"


def test_that_kept_kernels_are_loaded_without_what_only_compiling_needs_and_others_are_compiled() -> None:
    made_ready = """
import sys
import numpy as np
from numba import njit
from auditor.core.merging import merge
from auditor.core.rates import Tariff
from auditor.core.terms import Terms
from auditor.readers.rulebook import market_table, regimes
from auditor.verbs import kernels
from tests.core.invoicing import ACCOUNT

"""
    kept = made_ready + "kernels.compile_kernels(Terms(ACCOUNT, regimes(), market_table(), Tariff([])), print)"
    load = "\nwith kernels.kernels_loading(ACCOUNT, print):\n    pass\n"
    code = (
        made_ready
        + load
        + """
print(len(merge.stats.cache_hits), "numba.np.arraymath" in sys.modules)
print(njit(lambda column: column.max())(np.arange(3)), "numba.np.arraymath" in sys.modules)
"""
    )
    said = ""
    for lines in (kept + load, code):  # those kept for an older state of the program are made anew by loading them
        words = [sys.executable, "-c", lines]
        said = subprocess.run(words, capture_output=True, encoding="utf-8", cwd=ROOT, check=True).stdout
    assert said == "1 False\n2 True\n"
