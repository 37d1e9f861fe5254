"""Canonical JSON: the same values give the same bytes everywhere.

UTF-8, keys sorted by code point, no spaces; integers bare, other numbers with six
decimals half-even, probabilities with three, means of a cell with one; no minus zero.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from rating.scoring.arithmetic import EXACT, round_six

_ONE_PLACE = Decimal("0.1")
_THREE_PLACES = Decimal("0.001")


class Probability(Decimal):
    """A number from 0 to 1 that is written with three decimals."""

    __slots__ = ()


class Mean(Decimal):
    """A mean in points as it leaves the house: to a tenth, and written so."""

    __slots__ = ()


def canonical_json(value: object) -> bytes:
    """Write None, bool, str, int, Decimal, mappings and sequences as bytes.

    Raises TypeError for anything else, a float above all, and ValueError for a
    number that isn't finite.
    """
    return _text(value).encode("utf-8")


def decimal_text(value: Decimal) -> str:
    """Write a number with its canonical decimals, without an exponent."""
    if not value.is_finite():
        raise ValueError(f"{value} has no canonical form: it isn't finite")
    if isinstance(value, Probability):
        return format(value.quantize(_THREE_PLACES, ROUND_HALF_EVEN, EXACT), "f")
    if isinstance(value, Mean):
        return format(value.quantize(_ONE_PLACE, ROUND_HALF_EVEN, EXACT), "f")
    return format(round_six(value), "f")


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | str | int):
        return _atom(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(_members(value)) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(_text(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no canonical form")


@lru_cache(maxsize=4096, typed=True)
def _atom(value: bool | str | int | None) -> str:
    # str() and int() first: a StrEnum must be written as its plain value.
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    return json.dumps(value)


def _members(mapping: Mapping[object, object]) -> list[str]:
    keys = [key for key in mapping if isinstance(key, str)]
    if len(keys) != len(mapping):
        raise TypeError("a key of canonical JSON is a string")
    return [f"{_atom(str(key))}:{_text(mapping[key])}" for key in sorted(keys)]
