"""Payloads within what a platform put around them: a queue's records, a table's cells, a line of a server's log.

Meta sends plain objects; whoever keeps them puts them into a field of another object, as a text, in base64, or several
deep. What is found is given as it is; an object in which nothing is found stays what it was, and is refused as such.
So is what states a key with two values, is nested too deeply, or is too large: a word stands in its place (`TWICE`,
`DEEP`, `LARGE`).
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once
from auditor.readers.values.json_pairs import whole

TWICE, DEEP, LARGE = '"webhook_key_twice"', '"webhook_too_deep"', '"webhook_too_large"'
"""Texts that stand for an object that is refused, and for what: the problem's code, as JSON."""
_KEYS = ("entry", "statuses", "messages")
# A payload in a text, perhaps behind a log's own words.
_IN_TEXT = re.compile(r'\{\s*"(?:object|entry|statuses|messages|contacts|metadata|messaging_product)"\s*:')
# An object whose text holds one as a text, behind a log's own words: `Received event: {"body": "{\\"object\\": ...`.
_HOLDER, _AS_TEXT = re.compile(r'\{\s*"'), re.compile(r'\\"(?:object|entry|statuses|messages)\\+"\s*:')
_IN_BASE64 = re.compile(r"ey[A-Za-z0-9+/_\s-]{20,}={0,2}")
_DEEPEST = 12
_DECODER = json.JSONDecoder(parse_int=whole, object_pairs_hook=each_once)


def is_payload(value: object) -> bool:
    """Tell whether a value is a payload: by its entries, or by what an On-Premises one has instead."""
    return isinstance(value, dict) and any(value.get(key) is not None for key in _KEYS)


def payloads_within(value: Any, depth: int = 0) -> Iterator[Any]:
    """Give the payloads in a value, in their order; itself if it is one.

    Raises `KeyTwiceError` where a text in it states a key with two values.
    """
    if depth > _DEEPEST:
        return
    if is_payload(value):
        yield value
    elif isinstance(value, dict) and isinstance(value.get("changes"), list):
        yield {"entry": [value]}
    elif isinstance(value, str):
        yield from _in_text(value, depth)
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            if isinstance(one, (dict, list, str)):
                yield from payloads_within(one, depth + 1)


def _in_text(text: str, depth: int) -> Iterator[Any]:
    found = _IN_TEXT.search(text) or (_HOLDER.search(text) if _AS_TEXT.search(text) else None)
    at = found.start() if found else 0
    try:
        if found is None and _IN_BASE64.fullmatch(text.strip()):
            text = base64.b64decode(text.strip(), altchars=b"-_" if {*text} & {*"-_"} else None).decode()
        elif found is None and not text.lstrip().startswith(("{", "[", '"')):
            return
        value, _ = _DECODER.raw_decode(text.lstrip() if found is None else text, at)
    except KeyTwiceError:
        raise
    except (ValueError, RecursionError, binascii.Error):  # bytes that are no text are a ValueError, too
        return
    yield from payloads_within(value, depth + 1)


def unwrapped(value: Any, text: str) -> str:
    """Give the text of an object's payloads, as an array, in place of the `text` of the object around them."""
    if is_payload(value):
        return text
    try:
        found = list(payloads_within(value))
    except KeyTwiceError:
        return TWICE
    except RecursionError:
        return text
    return json.dumps(found, ensure_ascii=False) if found else text
