"""The result of a query as numpy columns, batch by batch: it never stands in memory as a whole."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import duckdb
import nanoarrow
import numpy as np
import numpy.typing as npt

Columns = dict[str, npt.NDArray[Any]]
FILE_SHIFT = 40
"""A row of a passing audit is known by its file's number, shifted by so many bits, and its place in the file."""


def batches(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[str] = ()) -> Iterator[Columns]:
    """Give the rows of a query in their order, some hundred thousand at a time, as columns that hold no nulls.

    DuckDB hands them on through Arrow's C interface, and other threads run meanwhile: as one column of ten million, it
    holds them up for a tenth of a second. The columns belong to the batch: copy what is to outlive it.
    """
    stream = nanoarrow.c_array_stream(connection.sql(query, params=list(values) or None))
    try:
        for batch in stream:
            fields = [batch.child(n) for n in range(batch.n_children)]
            yield {field.schema.name: np.asarray(field.view().buffer(1))[: field.length] for field in fields}
    finally:
        stream.release()
