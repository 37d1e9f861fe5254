"""Canonical JSON: the same values give the same bytes everywhere, by maintained libraries of any language.

RFC 8785 (the package `rfc8785`): UTF-8, keys sorted, no spaces; counts are bare whole numbers below 2^53. Every other
number is a string of decimal text: six decimals half-even, probabilities with three, means of a cell with one; no minus
zero. A number as a string comes out of no parser as something else.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

import rfc8785

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

    Raises TypeError for anything else, a float above all, and ValueError for a number that
    isn't finite, a whole one from 2^53 or text that is no Unicode.
    """
    try:
        return rfc8785.dumps(_plain(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def decimal_text(value: Decimal) -> str:
    """Write a number with its canonical decimals, without an exponent."""
    if not value.is_finite():
        raise ValueError(f"{value} has no canonical form: it isn't finite")
    if isinstance(value, Probability):
        return format(value.quantize(_THREE_PLACES, ROUND_HALF_EVEN, EXACT), "f")
    if isinstance(value, Mean):
        return format(value.quantize(_ONE_PLACE, ROUND_HALF_EVEN, EXACT), "f")
    return format(round_six(value), "f")


_Plain = None | bool | str | int | list["_Plain"] | dict[str, "_Plain"]


def _plain(value: object) -> _Plain:
    # str() and int() first: a StrEnum must be written as its plain value.
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key of canonical JSON is a string")
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")
