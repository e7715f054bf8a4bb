"""What is kept of a result, so that it can be told later whether the same inputs still give the same answer."""

from collections.abc import Mapping
from typing import Any

from auditor import __version__
from auditor.core.money import plain
from auditor.core.results import Reconciliation
from auditor.project.chain import canonical
from auditor.project.chain import digest_of
from auditor.project.plain import to_plain
from auditor.readers.rulebook import rules_digest

FIGURES = ("expected", "low", "high", "billed", "difference", "unexplained")
Outcome = Mapping[str, str]
"""The totals of a result as plain decimals, the program and rules it was made with, and its `digest`."""


_PARTS = ("differences", "bridge", "cells", "by_layer", "allowances")


def outcome(result: Reconciliation) -> Outcome:
    """Give what is kept of a result: its figures, and the digest of every line, cause and cell behind them."""
    return {
        "program": __version__,
        "rules": rules_digest(),
        "digest": outcome_digest({name: to_plain(getattr(result, name)) for name in _PARTS}),
        **{name: plain(getattr(result, name)) for name in FIGURES},
    }


def outcome_digest(plainly: Mapping[str, Any]) -> str:
    """Give the digest of every line, cause and cell of a result that is written as plain values."""
    return digest_of(*(canonical(plainly[name]) for name in _PARTS))
