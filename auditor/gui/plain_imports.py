"""Take away what PySide6 puts in front of every import, which nothing of this program wants.

PySide6 6.12 replaces Python's own `__import__` to serve `from __feature__ import snake_case`. From then on the source
of each module that is imported, numpy's and matplotlib's too, is read and kept in memory to look for the word "PySide6"
in it: a sixth of what the engine behind the window takes to load.
"""

import builtins

import PySide6.QtCore  # noqa: F401 - it brings the replacement, once; no other module does


def import_plainly() -> None:
    """Give Python its own import back; where PySide6 keeps none aside nothing was replaced."""
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
