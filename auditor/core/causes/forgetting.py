"""Letting go of what a search has worked out."""

from collections.abc import MutableMapping
from typing import Any


def forget(*memos: MutableMapping[Any, Any]) -> None:
    """Empty memos an entry at a time.

    A search leaves half a million objects. To free them in one go keeps every other thread of the program, that of a
    window too, waiting for a tenth of a second; between two entries each has its turn.
    """
    for memo in memos:
        while memo:
            memo.popitem()
