"""Files that were handed over before there is an audit for them (window.md §1.1)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.gui.opened import Opened


def audit_of(path: Path) -> Path:
    """Give where the audit is that a file opens: an account file's is made beside it."""
    return path.with_suffix(".audit")


class WaitingFiles:
    """What was dropped on no audit: a new one takes it in, or the one that it came along with."""

    def __init__(self) -> None:
        """Begin with none."""
        self._files: tuple[Path, ...] = ()
        self._came_with: Path | None = None

    def keep(self, files: Sequence[Path], audit: Path | None = None) -> None:
        """Let files wait instead of those before: for `audit`, or for any that has none of its own."""
        self._files, self._came_with = tuple(files), audit

    def hand_on(self, opened: "Opened") -> tuple[Path, ...]:
        """Give, once, what an audit that was opened takes in; whatever it does not take waits no longer."""
        files, self._files = self._files, ()
        return files if not opened.sources or opened.path == self._came_with else ()
