"""`auditor charges --engine spark`: what is refused before Spark is begun, also where there is none."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import auditor.cluster
from auditor.cli import main
from auditor.core.problems import AuditorError
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


def test_that_an_address_reaches_spark_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []

    def charge(logs: list[str], _terms: object, _cluster: object, out: str, _summary: object) -> object:
        taken.extend([*logs, out])
        raise AuditorError("spark_missing", name="")

    engine = SimpleNamespace(Cluster=lambda *_: None, terms_of=lambda *_: None, charge_on_spark=charge)
    monkeypatch.setitem(sys.modules, "auditor.cluster.engine", engine)
    monkeypatch.setattr(auditor.cluster, "engine", engine, raising=False)
    account = str(write_files(tmp_path).account)
    logs = ["s3a://bucket/log.parquet", "file:///log", "viewfs:/log.csv", "hdfs://head:9000/log", str(tmp_path)]
    common = ["charges", "--engine", "spark", "--account", account, "--messages", *logs]
    assert main([*common, "--out", "abfss://c@account.dfs.core.windows.net/x.parquet"]) == 2
    assert taken == [*logs, "abfss://c@account.dfs.core.windows.net/x.parquet"]


def test_that_a_number_of_partitions_is_none_below_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_files(tmp_path)
    common = ["charges", "--engine", "spark", "--account", str(files.account), "--messages", str(files.log)]
    with pytest.raises(SystemExit):
        main([*common, "--summary", "s.json", "--partitions=-3"])
    assert "'-3' is not a number of partitions" in capsys.readouterr().err
