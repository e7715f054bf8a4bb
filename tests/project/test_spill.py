"""What is laid aside comes back as it was, takes little room, and is gone in any case."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from auditor.core.problems import AuditorError
from auditor.core.tables import NEVER
from auditor.project import spill
from auditor.project.spill import Spill

SECOND = 1_000_000
NOW = 1_790_830_800 * SECOND
COLUMNS: dict[str, npt.NDArray[Any]] = {
    "empty": np.zeros(0, np.int64),
    "alike": np.full(1000, -1, np.int32),
    "unknown": np.full(1000, NEVER),
    "seconds": NOW + np.arange(1000) * SECOND,
    "seconds and none": np.where(np.arange(1000) % 3 == 0, NEVER, NOW + np.arange(1000) * SECOND),
    "fractions": NOW + np.arange(1000) * 7,
    "far apart": np.array([-(1 << 62), 0, 3, (1 << 62) + 1, NEVER]),
    "a day and a fraction": np.array([NOW, NOW + 86_400 * SECOND + 1]),
    "hashes": np.arange(1000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15),
    "small": np.arange(1000, dtype=np.uint16),
    "few": np.arange(-1, 999, dtype=np.int32) % 4 - 1,
    "far apart and short": np.array([-(1 << 31), 0, (1 << 31) - 1], np.int32),
    "a code more than a byte": np.array([NOW, NEVER, NOW + 254 * SECOND, NOW + 255 * SECOND]),
    "a week": NOW + np.arange(1000) * 605 * SECOND,
}


def test_that_batches_come_back_as_they_were_however_often(tmp_path: Path) -> None:
    laid = Spill(tmp_path)
    shelf = laid.shelf()
    for column in COLUMNS.values():
        shelf.put({"one": column, "other": column[::-1]})
    for _ in range(2):
        for (name, column), batch in zip(COLUMNS.items(), shelf.batches(), strict=True):
            assert batch["one"].dtype == column.dtype, name
            assert batch["one"].tolist() == column.tolist(), name
            assert batch["other"].tolist() == column[::-1].tolist(), name
            assert list(batch) == ["one", "other"]
            assert len(batch) == 2
    (file,), laid_before = laid._files, os.fstat(laid._files[0].fileno()).st_size
    shelf.clear()
    assert not list(shelf.batches())
    for name in ("seconds", "fractions"):
        shelf.put({"long": COLUMNS[name], "one": COLUMNS["alike"][:1]})
    for name, batch in zip(("seconds", "fractions"), shelf.batches(), strict=True):
        assert batch["long"].tolist() == COLUMNS[name].tolist()
        assert batch["one"].tolist() == [-1]
    assert os.fstat(file.fileno()).st_size == laid_before, "written over what was there"
    laid.close()


@pytest.mark.parametrize(
    ("name", "size"),
    [("alike", 0), ("unknown", 0), ("seconds", 2), ("fractions", 2), ("hashes", 8), ("few", 1), ("a week", 4)],
)
def test_that_a_column_takes_no_more_room_than_it_needs(tmp_path: Path, name: str, size: int) -> None:
    laid = Spill(tmp_path)
    laid.shelf().put({name: COLUMNS[name]})
    (file,) = laid._files
    assert os.fstat(file.fileno()).st_size == 1000 * size
    laid.close()


def test_that_nothing_is_left_behind(tmp_path: Path) -> None:
    laid = Spill(tmp_path)
    laid.shelf().put({"some": COLUMNS["hashes"]})
    if os.name == "posix":
        assert not list(tmp_path.iterdir()), "nor would be if the program were killed now"
    laid.close()
    assert not list(tmp_path.iterdir())


def test_that_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    laid = Spill(tmp_path)
    shelf = laid.shelf()
    monkeypatch.setattr(spill, "_write", full)
    with pytest.raises(AuditorError) as refused:
        shelf.put({"some": COLUMNS["hashes"]})
    assert refused.value.code == "spill_disk_full"
    assert str(tmp_path) in str(refused.value.place)
    laid.close()


def test_that_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as refused:
        Spill(tmp_path / "none").shelf()
    assert refused.value.code == "cannot_write"
