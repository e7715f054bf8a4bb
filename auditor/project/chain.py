"""The chain of digests that lets an audit file prove itself: no entry, file or row can be changed unnoticed.

Every journal entry is digested together with the entry before it, and names the digests of the files that came with
it. Who changes a stored byte changes a digest; who changes that digest breaks every later one (formats.md §9).
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

BEGINNING = "0" * 64
_WRITER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def digest_of(*parts: str | bytes) -> str:
    """Give the SHA-256 of parts, each with its length before it, so that no two lists of parts look alike."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8, "big"))
        whole.update(content)
    return whole.hexdigest()


def digest_of_all(texts: Iterator[str]) -> str:
    """Give the SHA-256 of texts that are too long to hold at once."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text.encode())
    return whole.hexdigest()


def canonical(facts: Any) -> str:
    """Write plain values as the one JSON text that their digest is made of.

    Piece by piece: JSON made as a whole holds up every other thread, and an outcome can have a hundred thousand cells.
    """
    return "".join(_WRITER.iterencode(facts))
