"""The arithmetic that everything here runs in: Decimal, 50 digits, half-even.

The context is local: callers keep their own. Every public function that computes is decorated with `@exact`, so
its result doesn't depend on the caller's context.
"""

from collections.abc import Callable, Iterable
from decimal import (
    ROUND_CEILING,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Every field is spelled out: a context that leaves one out takes it from
# decimal.DefaultContext, which any library may have changed.
EXACT = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

UNITS_PER_POINT = 10_000
FULL_SCORE = 100 * UNITS_PER_POINT

_SIX_PLACES = Decimal("0.000001")


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in the 50-digit context and restore the caller's after."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return run


def points(units: int) -> Decimal:
    """Turn a whole number of 1/10 000 points into points."""
    return Decimal(units) / UNITS_PER_POINT


def add_up(values: Iterable[Decimal]) -> Decimal:
    """Sum in the order given; callers give ascending code."""
    return sum(values, ZERO)


def round_six(value: Decimal) -> Decimal:
    """Round half-even to six decimals, never to minus zero."""
    rounded = value.quantize(_SIX_PLACES, ROUND_HALF_EVEN, EXACT)
    return abs(rounded) if rounded.is_zero() else rounded


def round_up(value: Decimal) -> int:
    """The least whole number not below `value`."""
    return int(value.to_integral_value(ROUND_CEILING))
