"""Orders of charges, ten million of them: numbers that stand for what a column says, made once, and sorted packed.

Small numbers are put in order by counting them. Of larger ones, a number and the place it is of are packed into one
integer each: sorting integers is some ten times as fast as asking for the places that would sort them.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.core.audit import Audited
from auditor.core.tables import Charges
from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.project.log import StoredLog

_BITS, _SECOND = 63, 1_000_000
# Numbers up to here are counted; so many are worth a second thread.
_SMALL, _MANY = np.iinfo(np.uint16).max, 1_000_000
# Phone numbers have 15 digits at most (E.164); set out to as many, they are in the order of their texts.
_DIGITS = 15
_POWERS = 10 ** np.arange(_DIGITS + 1, dtype=np.int64)


def stable_order(keys: npt.NDArray[np.integer[Any]]) -> Int64:
    """Give the places that put keys in order, those of equal keys in the order they have."""
    if not len(keys):
        return np.zeros(0, np.int64)
    small = keys.astype(np.int64)
    small -= small.min()
    if small.max() <= _SMALL:
        return np.argsort(small.astype(np.uint16), kind="stable")
    room = len(keys).bit_length()
    if int(small.max()).bit_length() + room > _BITS and not (small % _SECOND).any():
        small //= _SECOND  # instants, which are mostly whole seconds
    if int(small.max()).bit_length() + room > _BITS:
        return np.argsort(keys, kind="stable")
    packed = small << room
    packed |= np.arange(len(keys), dtype=np.int64)
    _sort(packed)
    packed &= (1 << room) - 1
    return packed


def first_in_order(keys: npt.NDArray[np.integer[Any]], count: int) -> Int64:
    """Give the first of the places that `stable_order` gives: to look for a few takes a tenth of sorting all."""
    if not 0 < count < len(keys):
        return stable_order(keys)[:count]
    last = np.partition(keys, count - 1)[count - 1]
    before = np.flatnonzero(keys < last)
    ties = np.flatnonzero(keys == last)[: count - len(before)]
    return np.concatenate([before[stable_order(keys[before])], ties])


def _sort(numbers: Int64) -> None:
    """Sort numbers where they stand: many by halves at once, which are then runs that only have to be merged."""
    if len(numbers) < _MANY:
        numbers.sort()
        return
    half = len(numbers) // 2
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(np.ndarray.sort, (numbers[:half], numbers[half:])))
    numbers.sort(kind="stable")


class Orders:
    """What charges are put in order by, of what is their own or the log's. Made when first asked for, and kept."""

    def __init__(self, audited: Audited, log: StoredLog) -> None:
        """Take the answer and the stored log it was made from."""
        self._audited, self._log = audited, log

    @property
    def _charges(self) -> Charges:
        return self._audited.charged.charges

    def prepare(self) -> bool:
        """Make one that is not there yet, what takes longest last; tell whether there are more."""
        missing = [name for name in ("source_rows", "users", "ids") if name not in vars(self)]
        for name in missing[:1]:
            getattr(self, name)
        return len(missing) > 1

    @cached_property
    def billing(self) -> Int64:
        """Give all charges in order of billing."""
        return stable_order(self._charges.billed_at)

    @cached_property
    def users(self) -> Int32:
        """Give the rank of each charge's user among them, by their texts."""
        log = self._audited.whole
        each = log.folded.user[log.merged_into[self._charges.row]]
        # Charges lie thread by thread: a user is numbered once for many of them.
        first = np.flatnonzero(np.diff(each, prepend=each[:1] - 1))
        numbers = each[first]
        if len(numbers) and (numbers.min() < 1 or numbers.max() >= _POWERS[_DIGITS]):  # one is no phone number
            return self._log.ranks("user")[self._charges.row]
        digits = np.searchsorted(_POWERS, numbers, side="right")
        # 5190 comes after 519 and before 52: set out to as many digits, and of two alike the shorter first.
        texts = numbers * _POWERS[_DIGITS - digits] * (_DIGITS + 1) + digits
        ranks = np.unique(texts, return_inverse=True)[1].astype(np.int32)
        return np.repeat(ranks, np.diff(first, append=len(each)))

    @cached_property
    def ids(self) -> Int32:
        """Give the rank of each charge's message id among those of the log."""
        return self._log.ranks("message_id")[self._charges.row]

    @cached_property
    def source_rows(self) -> npt.NDArray[np.integer[Any]]:
        """Give the row in its file of each charge."""
        return self._log.source_rows[self._charges.row]
