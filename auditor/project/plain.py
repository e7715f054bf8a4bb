"""Records as plain JSON values and back, by their type hints: what the audit file keeps of what was read."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from typing import TypeVar

_T = TypeVar("_T")


def to_plain(value: Any) -> Any:
    """Turn a record into JSON values: decimals and dates as text, tuples as lists, records as objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(one) for one in value]
    return value


def from_plain(kind: type[_T], value: Any) -> _T:
    """Turn JSON values back into a record of a kind."""
    return typing.cast("_T", _made(kind, value))


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _made(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if value is None:
        return None
    if origin in {typing.Union, types.UnionType}:
        return _made(next(one for one in typing.get_args(kind) if one is not type(None)), value)
    if origin is tuple:
        return tuple(_made(typing.get_args(kind)[0], one) for one in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _made(typing.get_args(kind)[1], one) for key, one in value.items()}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: _made(_hints(kind)[name], one) for name, one in value.items()})
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, (Decimal, Enum)):
        return kind(value)
    return value
