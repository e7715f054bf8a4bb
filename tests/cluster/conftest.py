"""One Spark for all tests of a module: it takes seconds to begin."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.nasty_logs import MASTER


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Give a Spark on this machine."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = SparkSession.builder.master(MASTER).config("spark.ui.enabled", "false").getOrCreate()
    session.conf.set("spark.sql.shuffle.partitions", "4")
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("auditor.cluster.source._ROWS_AT_ONCE", 20)  # so that small logs have many stretches
        yield session
    session.stop()
