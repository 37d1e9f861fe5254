"""Dataclasses to plain data (dicts, lists, strings, numbers) and back.

The field names are the keys, so a dataclass *is* its JSON shape. Only the types
that this room's dataclasses use are known.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from rating.scoring.canonical import decimal_text

T = TypeVar("T")
_ATOMS = frozenset({NoneType, bool, int, str, Decimal})


class PlainDataError(ValueError):
    """Data that doesn't have the shape of the class it is read as."""


def to_plain(value: object) -> object:
    """Turn a dataclass into dicts and lists; numbers stay int and Decimal."""
    if type(value) in _ATOMS:  # most values are one of these; asking so is much quicker than the questions below
        return value
    if is_dataclass(value):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(str(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_plain(item) for item in value]
    return value


def to_text_numbers(value: object) -> dict[str, Any]:
    """A dataclass as `to_plain` gives it, with every Decimal written as a string."""
    return cast(dict[str, Any], _numbers_as_text(to_plain(value)))


def from_plain(kind: type[T], data: object) -> T:
    """Read a `kind` back from plain data. Raises PlainDataError, naming the field."""
    return cast(T, _read(kind, data, kind.__name__))


def _numbers_as_text(plain: object) -> object:
    if isinstance(plain, Decimal):
        return decimal_text(plain)
    if isinstance(plain, dict):
        return {key: _numbers_as_text(item) for key, item in plain.items()}
    if isinstance(plain, list):
        return [_numbers_as_text(item) for item in plain]
    return plain


# `Any` below is a type expression (a class, X | None, tuple[X, ...], Mapping[K, V]),
# for which typing has no better name.
def _read(kind: Any, data: object, where: str) -> object:
    origin = get_origin(kind)
    if origin is UnionType:
        return _read_optional(kind, data, where)
    if origin is tuple:
        return tuple(_read_items(kind, data, where))
    if origin is frozenset:
        return frozenset(_read_items(kind, data, where))
    if origin is Mapping:
        return _read_mapping(kind, data, where)
    if is_dataclass(kind):
        return _read_dataclass(kind, data, where)
    return _read_atom(kind, data, where)


def _read_optional(kind: Any, data: object, where: str) -> object:
    inner = next(arg for arg in get_args(kind) if arg is not NoneType)
    return None if data is None else _read(inner, data, where)


def _read_items(kind: Any, data: object, where: str) -> list[object]:
    if not isinstance(data, list):
        raise PlainDataError(f"{where}: a list is expected")
    inner = get_args(kind)[0]
    return [_read(inner, item, f"{where}[{i}]") for i, item in enumerate(data)]


def _read_mapping(kind: Any, data: object, where: str) -> dict[object, object]:
    if not isinstance(data, dict):
        raise PlainDataError(f"{where}: an object is expected")
    of_key, of_item = get_args(kind)
    return {_read_key(of_key, key, where): _read(of_item, item, f"{where}.{key}") for key, item in data.items()}


def _read_key(kind: Any, key: str, where: str) -> object:
    return int(key) if kind is int else _read(kind, key, where)


def _read_dataclass(kind: Any, data: object, where: str) -> object:
    hints = _hints(kind)
    if not isinstance(data, dict) or set(data) != set(hints):
        raise PlainDataError(f"{where}: the keys expected are {sorted(hints)}")
    values = {name: _read(hint, data[name], f"{where}.{name}") for name, hint in hints.items()}
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read_atom(kind: Any, data: object, where: str) -> object:
    if isinstance(data, str) and kind is not int and kind is not bool:
        return _read_text(kind, data, where)
    # A number without decimals, and a bool for an int, are told apart here: JSON
    # keeps 1, 1.000000 and true distinct, and so does the release.
    if issubclass(kind, Decimal) and isinstance(data, Decimal):
        return kind(data)
    if kind in (int, bool) and type(data) is kind:
        return data
    raise PlainDataError(f"{where}: a {kind.__name__} is expected, not {data!r}")


def _read_text(kind: Any, text: str, where: str) -> object:
    try:
        return date.fromisoformat(text) if kind is date else kind(text)
    except (ValueError, ArithmeticError) as error:
        raise PlainDataError(f"{where}: {text!r} is no {kind.__name__.lower()}") from error
