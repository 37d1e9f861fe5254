"""Dataclasses from plain data (dicts, lists, strings, numbers), as a published part or a rulebook has it.

The field names are the keys. Only the types that this room's dataclasses use are known. What is published of them, and
so written, is listed in rating/results/schemas.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


class PlainDataError(ValueError):
    """Data that doesn't have the shape of the class it is read as."""


def from_plain(kind: type[T], data: object) -> T:
    """Read a `kind` back from plain data. Raises PlainDataError, naming the field."""
    try:
        return cast(T, _reader(cast(Any, kind))(data))
    except PlainDataError as error:
        raise PlainDataError(f"{kind.__name__}{error}") from error


# `Any` below is a type expression (a class, X | None, tuple[X, ...], Mapping[K, V]), for which typing has no better
# name. What reads each is put together once: a city's scorecard has a hundred thousand values.
_Reader = Callable[[object], object]


@cache
def _reader(kind: Any) -> _Reader:
    origin = get_origin(kind)
    if origin is UnionType:
        return _optional_reader(kind)
    if origin is tuple or origin is frozenset:
        return _items_reader(origin, _reader(get_args(kind)[0]))
    if origin is Mapping:
        return _mapping_reader(*get_args(kind))
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    return _atom_reader(kind)


def _optional_reader(kind: Any) -> _Reader:
    inner = _reader(next(arg for arg in get_args(kind) if arg is not NoneType))
    return lambda data: None if data is None else inner(data)


def _items_reader(collect: Callable[[list[object]], object], inner: _Reader) -> _Reader:
    def read(data: object) -> object:
        if not isinstance(data, list):
            raise PlainDataError(": a list is expected")
        found = []
        try:
            for item in data:
                found.append(inner(item))
        except PlainDataError as error:
            raise PlainDataError(f"[{len(found)}]{error}") from error
        return collect(found)

    return read


def _mapping_reader(of_key: Any, of_item: Any) -> _Reader:
    read_key = int if of_key is int else _reader(of_key)
    read_item = _reader(of_item)

    def read(data: object) -> object:
        if not isinstance(data, dict):
            raise PlainDataError(": an object is expected")
        found = {}
        for key, item in data.items():
            try:
                found[read_key(key)] = read_item(item)
            except PlainDataError as error:
                raise PlainDataError(f".{key}{error}") from error
        return found

    return read


def _dataclass_reader(kind: Any) -> _Reader:
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    # A field with a default may be missing: it may be newer than what is read, or not be published.
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read(data: object) -> object:
        if not isinstance(data, dict) or not needed <= data.keys() <= readers.keys():
            raise PlainDataError(f": the keys expected are {sorted(readers)}")
        values = {}
        name = ""
        try:
            for name in data:
                values[name] = readers[name](data[name])
        except PlainDataError as error:
            raise PlainDataError(f".{name}{error}") from error
        return kind(**values)

    return read


def _atom_reader(kind: Any) -> _Reader:
    # A number without decimals, and a bool for an int, are told apart here: JSON
    # keeps 1, 1.000000 and true distinct, and so does the release.
    is_whole, is_decimal = kind in (int, bool), issubclass(kind, Decimal)

    def read(data: object) -> object:
        if is_whole:
            if type(data) is kind:
                return data
        elif isinstance(data, str):
            return _read_text(kind, data)
        elif is_decimal and isinstance(data, Decimal):
            return kind(data)
        raise PlainDataError(f": a {kind.__name__} is expected, not {data!r}")

    return read


def _read_text(kind: Any, text: str) -> object:
    try:
        return date.fromisoformat(text) if kind is date else kind(text)
    except (ValueError, ArithmeticError) as error:
        raise PlainDataError(f": {text!r} is no {kind.__name__.lower()}") from error
