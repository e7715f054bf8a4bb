"""How much memory a log may take as a whole; one that would need more is charged in parts (`core/divided.py`)."""

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path

# What a row takes beside its columns while a log is merged, put in order and walked, measured: its message and thread,
# their order, and the units that are counted.
_BESIDE = 48
# What it takes besides where every charge is made to be written, measured.
_SINGLY = 126
# A part has its own memory beside the database's and what all parts have in common.
_PART = 1 << 30
_MOST_PARTS = 200
_SHARE_OF_MACHINE = 3
_USUAL = 8 << 30


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of memory for the rows of a log, and the folder where those are laid aside that do not fit.

    Unless stated these are a third of the machine's memory, and the system's folder for temporary files. `singly` says
    that every charge is to be made as well, not their totals alone.
    """

    memory: int = 0
    folder: Path | None = None
    singly: bool = False

    @classmethod
    def stated(cls, memory: str, folder: str, *, singly: bool = False) -> "Room":
        """Take MiB and a folder as the settings have them; what is empty or no number is not stated."""
        return cls(int(memory) << 20 if memory.isdecimal() else 0, Path(folder) if folder else None, singly)

    def parts(self, rows: int, width: int) -> int:
        """Give in how many parts a log of so many rows, each of columns of so many bytes, has to be charged."""
        needed = rows * (width + _BESIDE + (_SINGLY if self.singly else 0))
        if needed <= self._memory():
            return 1
        at_once = 3 * needed // 2  # a part is laid aside, half as large by then, while the next one is merged
        return max(2, min(_MOST_PARTS, -(-at_once // min(_PART, self._memory()))))

    def _memory(self) -> int:
        return self.memory or machine_memory() // _SHARE_OF_MACHINE


def machine_memory() -> int:
    """Give the bytes of memory that the machine has; 8 GiB where it does not say."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return _USUAL


def _windows_memory() -> int:
    installed = ctypes.c_ulonglong(0)
    library = getattr(ctypes, "windll").kernel32  # noqa: B009 - there on Windows only
    if not library.GetPhysicallyInstalledSystemMemory(ctypes.byref(installed)):
        return _USUAL
    return installed.value * 1024
