"""The engine's kernels are compiled once per installation and kept; the first time takes seconds, and is said."""

from pathlib import Path

import numpy as np

from auditor.core.charging import charge
from auditor.core.charging import prepare
from auditor.core.merging import merge
from auditor.core.problems import Progress
from auditor.core.rows import ROW_KINDS
from auditor.core.tables import Messages
from auditor.core.terms import Terms


def compile_kernels(terms: Terms, progress: Progress) -> None:
    """Charge an empty log where the kernels are not kept yet, so that what follows is as fast as it always will be."""
    if any(Path(merge.stats.cache_path or "").glob("merging.merge-*.nbi")):
        return
    progress("compile", 0, 0)
    columns = {name: np.empty(0, kind) for name, kind in ROW_KINDS.items()}
    nothing = Messages(
        **columns, failed=np.empty(0, np.int64), numbers=(), wabas=(), countries=(), groups=(), amounts=()
    )
    log = prepare(nothing, lambda _: [], terms.account, terms.regimes)
    assert not len(charge(log, terms).charges)
