"""The first calculation of an installation compiles the engine's kernels, and says so; later ones do not."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from auditor.core.rates import Tariff
from auditor.core.terms import Terms
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from auditor.verbs import kernels
from auditor.verbs.kernels import compile_kernels
from tests.core.as_columns import card_of
from tests.core.invoicing import ACCOUNT
from tests.core.invoicing import PRICES


@pytest.mark.parametrize("kept", [True, False])
def test_that_compiling_is_said_where_no_kernel_is_kept(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kept:
        (tmp_path / "merging.merge-80.py311.nbi").touch()
    monkeypatch.setattr(kernels, "merge", SimpleNamespace(stats=SimpleNamespace(cache_path=str(tmp_path))))
    card = card_of(PRICES, "own")
    said: list[str] = []
    compile_kernels(
        Terms(ACCOUNT, regimes(), market_table(), Tariff([card], card)), lambda step, _done, _all: said.append(step)
    )
    assert said == ([] if kept else ["compile"])
