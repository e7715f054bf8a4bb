"""What the readers' tests share: whoever runs them may have saved profiles, which must not be met."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_profiles_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.readers.tables.profile_files.user_data", lambda: tmp_path / "user")
