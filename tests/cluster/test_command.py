"""`auditor charges --engine spark`: what is refused before Spark is begun, also where there is none."""

import sys
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.cli.cluster import address
from tests.audit_files import write_files


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--out", "charges.csv"), "ends in .parquet"),
        (("--summary", "s.json", "--conf", "spark.executor.memory"), "“spark.executor.memory” is not a setting"),
        (("--summary", "s.json"), "pip install auditor[spark]"),
        (("--summary", "nowhere/s.json"), "folder for this file does not exist"),
        ((), "--out, --summary"),
    ],
)
def test_that_what_spark_cannot_do_is_refused_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setitem(sys.modules, "auditor.cluster.engine", None)  # as where the extra is not installed
    files = write_files(tmp_path)
    common = ["charges", "--engine", "spark", "--account", str(files.account), "--messages", str(files.log)]
    assert main([*common, *more]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "given", ["s3a://bucket/log.parquet", "hdfs://head:9000/log", "abfss://c@account.dfs.core.windows.net/x"]
)
def test_that_an_address_survives_being_a_path(given: str) -> None:
    assert address(Path(given)) == given


def test_that_a_path_stays_a_path(tmp_path: Path) -> None:
    assert address(tmp_path / "log.csv") == str(tmp_path / "log.csv")
