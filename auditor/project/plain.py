"""Records as plain JSON values and back, by their type hints: what the audit file keeps of what was read."""

import dataclasses
import types
import typing
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from typing import TypeVar

_T = TypeVar("_T")


def to_plain(value: Any) -> Any:
    """Turn a record into JSON values: decimals and dates as text, tuples as lists, records as objects.

    A mapping becomes an object, or a list of pairs where its keys are no texts.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is tuple or kind is list:
        return [to_plain(one) for one in value]
    if kind is Decimal:
        return str(value)
    if dataclasses.is_dataclass(kind):
        return {name: to_plain(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    return value.value if isinstance(value, Enum) else value.isoformat() if isinstance(value, date) else value


def _plain_mapping(value: Mapping[Any, Any]) -> Any:
    if all(isinstance(key, str) for key in value):
        return {str(key): to_plain(one) for key, one in value.items()}
    return [[to_plain(key), to_plain(one)] for key, one in value.items()]


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def from_plain(kind: type[_T], value: Any) -> _T:
    """Turn JSON values back into a record of a kind."""
    return typing.cast("_T", _maker(typing.cast("Hashable", kind))(value))


@cache
def _maker(kind: Any) -> Callable[[Any], Any]:
    """Give what turns JSON values into values of a kind; made once, for there may be a hundred thousand of them."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        inner = _maker(next(one for one in args if one is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _tuple_maker(args)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_maker(*args)
    if isinstance(kind, type):
        return _scalar_maker(kind)
    return _as_it_is


def _tuple_maker(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    if args[-1] is Ellipsis:
        every = _maker(args[0])
        return lambda value: tuple(map(every, value))
    each = [_maker(arg) for arg in args]
    return lambda value: tuple(make(one) for make, one in zip(each, value, strict=True))


def _mapping_maker(key: Any, one: Any) -> Callable[[Any], Any]:
    make_key, make = _maker(key), _maker(one)
    if key is str:
        return lambda value: {name: make(found) for name, found in value.items()}
    # An empty mapping is an object, whatever its keys would be.
    return lambda value: {make_key(name): make(found) for name, found in value or ()}


def _scalar_maker(kind: type) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(kind):
        makers = {name: _maker(hint) for name, hint in typing.get_type_hints(kind).items()}
        of_text = getattr(kind, "from_text", None)  # of a record that was a mere text in earlier versions

        def make(value: Any) -> Any:
            if of_text and isinstance(value, str):
                return of_text(value)
            return kind(**{name: makers[name](one) for name, one in value.items()})

        return make
    if kind is date:
        return date.fromisoformat
    if issubclass(kind, (Decimal, Enum)):
        return kind
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
