"""JSON objects whose keys each have one value (formats.md §4).

JSON lets an object state a key twice and says nothing of which counts; Python takes the last, others the first. What
is counted as money or volume must not hang on that.
"""

from collections.abc import Sequence
from typing import Any


class KeyTwiceError(ValueError):
    """An object states a key with two values."""

    def __init__(self, key: str) -> None:
        """Take the key."""
        super().__init__(key)
        self.key = key


def each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs, as the `object_pairs_hook` of a decoder. Raises `KeyTwiceError`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        for key, value in pairs:
            if found[key] != value:
                raise KeyTwiceError(key)
    return found
