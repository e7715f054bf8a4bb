"""Rows are scattered into partitions of whole threads, chunk by chunk."""

import numpy as np

from auditor.core.scattering import CHUNK
from auditor.core.scattering import Scattering
from auditor.core.scattering import place_of

ROWS = 5 * CHUNK + 17


def test_that_every_row_has_its_own_place_in_the_partition_of_its_thread_in_the_order_of_rows() -> None:
    drawn = np.random.default_rng(7)
    number, user = drawn.integers(0, 3, ROWS).astype(np.int32), drawn.integers(0, 50, ROWS)
    scattering = Scattering(ROWS, 3)
    batches = np.split(np.arange(ROWS), [0, 1, CHUNK - 1, 3 * CHUNK])
    places = np.concatenate([scattering.take(number[rows], user[rows]).copy() for rows in batches])
    row_at = {place: row for row, place in enumerate(places.tolist())}
    assert len(row_at) == ROWS
    assert max(row_at) < scattering.size <= scattering.room
    home: dict[tuple[int, int], int] = {}
    seen = 0
    for partition, (chunks, count) in enumerate(scattering.partitions()):
        rows = [row_at[place_of(chunks, n)] for n in range(count)]
        assert rows == sorted(rows)
        for row in rows:
            assert home.setdefault((int(number[row]), int(user[row])), partition) == partition
        seen += count
    assert seen == ROWS


def test_that_one_thread_may_fill_its_chunks_to_the_last_place() -> None:
    scattering = Scattering(2 * CHUNK, 2)
    scattering.take(np.zeros(2 * CHUNK, np.int32), np.ones(2 * CHUNK, np.int64))
    assert sorted(count for _, count in scattering.partitions()) == [0, 0, 0, 2 * CHUNK]
    assert scattering.size == 2 * CHUNK


def test_that_no_rows_need_no_place() -> None:
    scattering = Scattering(0, 0)
    assert scattering.size == 0
    assert [(len(chunks), count) for chunks, count in scattering.partitions()] == [(0, 0)]
