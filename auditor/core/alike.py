"""Columns that are alike in every row, which most logs have many of: they stand in memory as their one value.

What has no room costs none, and memory that is never touched is the fastest.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True)
def value_at(column: npt.NDArray[Any], place: int) -> Any:
    """Give a column's value at a place."""
    return column[place if len(column) > 1 else 0]


@njit(cache=True, nogil=True)
def move(column: npt.NDArray[Any], source: int, target: int) -> None:
    """Put a column's value at one place to another."""
    if len(column) > 1:
        column[target] = column[source]


def taken(column: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give a column's values at some places."""
    return column[places] if len(column) > 1 else column[np.zeros(len(places), np.int64)]
