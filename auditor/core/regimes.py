"""The pricing regimes as dated rows (pricing.md §2), and as the small columns that the kernels read."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.timeline import HOUR
from auditor.core.timeline import day_number

NOTIFICATION, INITIATOR, CATEGORY, MESSAGE = range(4)
_UNITS = {"notification": NOTIFICATION, "initiator": INITIATOR, "category": CATEGORY, "message": MESSAGE}


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many units a month that cost nothing: `of` is any or service, counted `per` waba or number."""

    size: int
    of: str
    per: str


@dataclass(frozen=True, slots=True)
class Regime:
    """One dated row of the table of regimes, in force from `first` (local) until the next row.

    A conversation lasts `conversation_hours` (pricing.md §§3, 4): where none, each message is one of its own. No rule
    counts a free entry point `from_referral`, instead of from its first answer; a biller may.
    """

    id: str
    first: date
    unit: int
    free_entry_point_hours: int
    allowance: Allowance | None
    free_service: bool
    free_utility_in_window: bool
    logged_expiry: bool
    tiers: bool
    source: str
    conversation_hours: int = 24
    from_referral: bool = False


def regimes(rows: Sequence[Mapping[str, Any]]) -> tuple[Regime, ...]:
    """Make the regimes from the rows of `regimes.toml`, in order of their first day."""
    made = (
        Regime(
            id=row["id"],
            first=row["first"],
            unit=_UNITS[row["unit"]],
            free_entry_point_hours=row.get("free_entry_point_hours", 0),
            allowance=Allowance(**row["allowance"]) if "allowance" in row else None,
            free_service=row.get("free_service", False),
            free_utility_in_window=row.get("free_utility_in_window", False),
            logged_expiry=row.get("logged_expiry", False),
            tiers=row.get("tiers", False),
            source=row["source"],
        )
        for row in rows
    )
    return tuple(sorted(made, key=lambda regime: regime.first))


@dataclass(frozen=True, slots=True)
class RegimeColumns:
    """The regimes as columns: first day, unit, conversations and free entry points in microseconds, and rule bits."""

    first: Int32
    unit: Int32
    conversation: Int64
    free_entry_point: Int64
    rules: Int32


FREE_SERVICE, FREE_UTILITY_IN_WINDOW, LOGGED_EXPIRY, FROM_REFERRAL = 1, 2, 4, 8


def columns(rows: Sequence[Regime]) -> RegimeColumns:
    """Turn the regimes into columns for the kernels."""
    return RegimeColumns(
        first=np.array([day_number(row.first) for row in rows], np.int32),
        unit=np.array([row.unit for row in rows], np.int32),
        conversation=np.array([row.conversation_hours * HOUR for row in rows], np.int64),
        free_entry_point=np.array([row.free_entry_point_hours * HOUR for row in rows], np.int64),
        rules=np.array(
            [
                FREE_SERVICE * row.free_service
                + FREE_UTILITY_IN_WINDOW * row.free_utility_in_window
                + LOGGED_EXPIRY * row.logged_expiry
                + FROM_REFERRAL * row.from_referral
                for row in rows
            ],
            np.int32,
        ),
    )
