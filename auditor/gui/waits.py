"""What was handed in and cannot be taken in before the user has said a word about it."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal


class Waits(QObject):
    """Files that wait for how they are read, a table of exchange rates for its side; `changed` says they are others."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with none."""
        super().__init__(parent)
        self.files: tuple[Path, ...] = ()
        self.two_sided: Path | None = None

    def await_reading(self, paths: Iterable[Path]) -> None:
        """Let files wait for how they are read, before those that do so already."""
        self._keep(tuple(dict.fromkeys([*paths, *self.files])), self.two_sided)

    def await_side(self, table: Path | None) -> None:
        """Let a table of exchange rates wait for which of its sides serves; None: no more."""
        self._keep(self.files, table)

    def forget(self, paths: Iterable[Path]) -> None:
        """Let files wait no longer: they are taken in, or handed in anew."""
        gone = set(paths)
        self._keep(tuple(path for path in self.files if path not in gone), self.two_sided)

    def forget_all(self) -> None:
        """Let nothing wait."""
        self._keep((), None)

    def _keep(self, files: tuple[Path, ...], two_sided: Path | None) -> None:
        if (files, two_sided) != (self.files, self.two_sided):
            self.files, self.two_sided = files, two_sided
            self.changed.emit()
