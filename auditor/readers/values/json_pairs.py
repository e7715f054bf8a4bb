"""JSON objects whose keys each have one value (formats.md §4).

JSON lets an object state a key twice and says nothing of which counts; Python takes the last, others the first. What
is counted as money or volume must not hang on that.
"""

import json
from collections.abc import Sequence
from typing import Any

_MOST_DIGITS = 100
# The fields of a webhook that decide what a message is, when, whose and what it costs.
_WEBHOOK_KEYS = (
    *("entry", "changes", "field", "value", "metadata", "phone_number_id", "statuses", "messages", "message_echoes"),
    *("id", "status", "timestamp", "type", "from", "to", "recipient_id", "group_id", "recipient_type", "referral"),
    *("conversation", "origin", "expiration_timestamp", "pricing", "billable", "pricing_model", "category"),
)


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


def whole(text: str) -> int | str:
    """Make a number of its digits, as the `parse_int` of a decoder; of more than any id has, a text.

    Python refuses those of over 4,300 as if the text around them were no JSON.
    """
    return int(text) if len(text) <= _MOST_DIGITS else text


class PairsNoted:
    """A decoder of JSON that goes on where a key is stated with two values, and notes it."""

    def __init__(self) -> None:
        """Make the decoder."""
        self._twice = False
        self._decoder = json.JSONDecoder(parse_int=whole, object_pairs_hook=self._noted)

    def decode(self, text: str, start: int = 0) -> tuple[Any, int, bool]:
        """Give the value that begins at a place, where it ends, and whether an object in it states a key twice.

        Raises `ValueError` for what is no JSON, `RecursionError` for what is nested too deeply.
        """
        self._twice = False
        value, end = self._decoder.raw_decode(text, start)
        return value, end, self._twice

    def _noted(self, pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        try:
            return each_once(pairs)
        except KeyTwiceError:
            self._twice = True
            return dict(pairs)


def twice_sql(text: str) -> str:
    """Give SQL that tells whether a webhook seems to state a field twice; whoever decodes it knows (`PairsNoted`).

    Between the two no object may begin or end but such as lie within.
    """
    within = "[^{}]*"
    for _ in range(2):
        within = rf"[^{{}}]*(?:\{{{within}\}}[^{{}}]*)*"
    found = "|".join(rf'"{key}\\?"\s*:{within}"{key}\\?"\s*:' for key in _WEBHOOK_KEYS)
    return f"regexp_matches({text}, '{found}')"
