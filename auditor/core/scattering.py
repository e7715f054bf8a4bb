"""Rows are scattered into partitions of whole threads as they come, chunk by chunk.

A partition takes one more chunk of places whenever its last is full: nobody needs to know before how many rows it will
have, and the rows are read once. The n-th row of a partition lies at `place_of(chunks, n)`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from auditor.core.tables import Int32
from auditor.core.tables import Int64
from auditor.core.tables import UInt16
from auditor.core.tables import UInt64

_BITS = 10
CHUNK = 1 << _BITS


@njit(cache=True, nogil=True)
def mix(a: int, b: int) -> np.uint64:
    """Hash two 64-bit values into one (the finaliser of splitmix64 over their combination)."""
    h = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= h >> np.uint64(30)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@njit(cache=True, nogil=True)
def thread_hashes(number: Int32, user: Int64) -> UInt64:
    """Give a hash of each row's thread."""
    hashes = np.empty(len(user), np.uint64)
    for i in range(len(user)):
        hashes[i] = mix(number[i], user[i])
    return hashes


@njit(cache=True, nogil=True)
def place_of(chunks: Int64, n: int) -> int:
    """Give the place of the n-th row of a partition (from 0) that has these chunks."""
    return int(chunks[n >> _BITS] << _BITS | n & (CHUNK - 1))


@njit(cache=True, nogil=True)
def _take(
    number: Int32, user: Int64, bits: int, following: Int64, owner: UInt16, used: int, place: Int64
) -> int:  # fmt: skip
    """Give rows the next places of their partitions, one for each value of the first `bits` of their thread's hash.

    `following` are the places, `owner` the partitions of the `used` chunks: all move on. Gives how many are used now.
    """
    for i in range(len(user)):
        # Shifted in two steps: by 64 bits at once nothing would move.
        own = (mix(number[i], user[i]) >> np.uint64(32)) >> np.uint64(32 - bits)
        if following[own] & (CHUNK - 1) == 0:
            following[own] = used << _BITS
            owner[used] = own
            used += 1
        place[i] = following[own]
        following[own] += 1
    return used


@njit(cache=True, nogil=True)
def take_places(part: UInt16, following: Int64) -> Int64:
    """Give rows the next free places of their parts, in their order, and move `following` on."""
    place = np.empty(len(part), np.int64)
    for i in range(len(part)):
        place[i] = following[part[i]]
        following[part[i]] += 1
    return place


@njit(cache=True, nogil=True)
def spread(column: npt.NDArray[Any], place: Int64, to: npt.NDArray[Any]) -> None:
    """Put a column's values in their places."""
    for i in range(len(column)):
        to[place[i]] = column[i]


@njit(cache=True, nogil=True)
def spread_numbers(first: int, place: Int64, to: Int32) -> None:
    """Put the numbers from `first` on in their places."""
    for i in range(len(place)):
        to[place[i]] = first + i


class Scattering:
    """Gives the rows of a log, batch by batch, their places in 2 to the power of `bits` partitions."""

    def __init__(self, rows: int, bits: int) -> None:
        """Expect so many rows in all."""
        self._bits = bits
        most = rows // CHUNK + (1 << bits)
        self.room = most * CHUNK
        self._following, self._owner, self._used = np.zeros(1 << bits, np.int64), np.empty(most, np.uint16), 0
        self._place = np.empty(0, np.int64)

    def take(self, number: Int32, user: Int64) -> Int64:
        """Give some more rows their places, all below `room`; they hold until more are taken."""
        if len(self._place) < len(user):
            self._place = np.empty(len(user), np.int64)
        place = self._place[: len(user)]
        self._used = _take(number, user, self._bits, self._following, self._owner, self._used, place)
        return place

    @property
    def size(self) -> int:
        """Give how many places there are in the chunks that were taken; not all have a row."""
        return self._used * CHUNK

    def partitions(self) -> Sequence[tuple[Int64, int]]:
        """Give the chunks of each partition, in order, and how many rows it has."""
        owner = self._owner[: self._used]
        order = np.argsort(owner, kind="stable")
        ends = np.cumsum(np.bincount(owner, minlength=1 << self._bits))
        chunks = np.split(order.astype(np.int64), ends[:-1])
        free = (-self._following % CHUNK).tolist()
        return [(own, len(own) * CHUNK - free[n]) for n, own in enumerate(chunks)]
