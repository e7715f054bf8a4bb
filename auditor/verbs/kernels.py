"""The engine's kernels are compiled once per installation and kept; the first time takes seconds, and is said."""

import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numba.core.caching import Cache
from numba.core.runtime.nrt import rtsys

from auditor.core.charging import charge
from auditor.core.charging import prepare
from auditor.core.merging import merge
from auditor.core.problems import Progress
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.rows import ROW_KINDS
from auditor.core.tables import Messages
from auditor.core.terms import Terms
from auditor.project.spill import in_steps
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes

_LOADED_BY_NOW = 1.0  # seconds


def compile_kernels(terms: Terms, progress: Progress) -> None:
    """Charge an empty log where the kernels are not kept yet, so that what follows is as fast as it always will be."""
    _need_little()
    if not _is_kept(merge):
        progress("compile", 0, 0)
        _charge_nothing(terms)


def say_compiled_for_parts(progress: Progress) -> None:
    """Say it where those kernels are not kept yet that lay parts of a log aside: few logs want them, so they wait."""
    if not _is_kept(in_steps):
        progress("compile", 0, 0)


@contextmanager
def kernels_loading(account: Account, progress: Progress) -> Iterator[None]:
    """Load the kernels that are kept while files are read, which is to wait for the database and for other processes.

    They are there at the end. To load them takes a tenth of the time of a small audit; those that were kept for an
    earlier version of the program are compiled instead, which is said.
    """
    _need_little()
    if not _is_kept(merge):
        yield
        return
    terms = Terms(account, regimes(), market_table(), Tariff([]))
    with ThreadPoolExecutor(1) as beside:
        loaded = beside.submit(_charge_nothing, terms)
        yield
        if not wait([loaded], _LOADED_BY_NOW).done:
            progress("compile", 0, 0)


def _need_little() -> None:
    """Let numba do without what no kernel that is kept needs: half of what loading them takes."""
    _without_c()
    Cache.load_overload = _load_alone  # type: ignore[method-assign] # numba offers no way


def _without_c() -> None:
    """Let numba do without cffi, which cryptography brings along: it would build a parser of C's declarations.

    That is a fourth of what the first kernel waits for, and no kernel calls C.
    """
    if "cffi" not in sys.modules:
        sys.modules["cffi"] = None  # type: ignore[assignment] # as is said of it: then it cannot be imported
        try:
            importlib.import_module("numba.core.typing.cffi_utils")
        finally:
            del sys.modules["cffi"]


def _load_alone(kept: Any, signature: Any, target: Any) -> Any:
    """Load a kernel that is kept as numba does, but not first the implementations of all that Python and numpy can do.

    They are for compiling, which asks for them itself.
    """
    rtsys.initialize(target)
    with kept._guard_against_spurious_io_errors():  # noqa: SLF001 - in numba's own place
        return kept._load_overload(signature, target)  # noqa: SLF001 - as above


def _is_kept(kernel: Any) -> bool:
    module, name = kernel.__module__.rpartition(".")[2], kernel.__name__
    return any(Path(kernel.stats.cache_path or "").glob(f"{module}.{name}-*.nbi"))


def _charge_nothing(terms: Terms) -> None:
    columns = {name: np.empty(0, kind) for name, kind in ROW_KINDS.items()}
    nothing = Messages(
        **columns, failed=np.empty(0, np.int64), numbers=(), wabas=(), countries=(), groups=(), amounts=()
    )
    log = prepare(nothing, lambda _: [], terms.account, terms.regimes)
    assert not len(charge(log, terms).charges)
