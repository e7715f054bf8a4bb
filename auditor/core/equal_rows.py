"""Rows that are equal in all their columns, as one group each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from auditor.core.tables import Int64
from auditor.core.terms import EMPTY

_ROOM = 2**62
_FEW = 16  # places of a table for each row, up to which it is filled rather than sorted


def equal_rows(columns: Sequence[npt.NDArray[np.integer]]) -> tuple[Int64, Int64]:
    """Group equal rows: give each row's group, in the order of the figures, and each group's first row.

    Rows become one figure each, while that has room: NumPy compares rows as such one by one, and holds up all else.
    """
    code = np.zeros(len(columns[0]), np.int64)
    if not len(code):
        return code, code
    room = 1
    for column in columns:
        lowest = int(column.min())
        span = int(column.max()) - lowest + 1
        if span > _ROOM // room:
            _, code = np.unique(code, return_inverse=True)
            room = int(code.max()) + 1
        code = code * span + (column - lowest)
        room *= span
    if room > _FEW * len(code):
        _, code = np.unique(code, return_inverse=True)
        room = int(code.max()) + 1
    first = np.full(room, EMPTY, np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    used = first != EMPTY
    return (np.cumsum(used) - 1)[code], first[used]
