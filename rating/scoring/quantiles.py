"""Quantiles of t and of the normal distribution, and the normal probability.

They are computed in double precision and rounded to 8 decimals before use, so
that the last bits, which differ between platforms, never reach a score. scipy is loaded
when the first is asked for: no resident's request needs it.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from rating.scoring.arithmetic import EXACT

_EIGHT_PLACES = Decimal("0.00000001")


@lru_cache(maxsize=4096)
def t_quantile(degrees: int, probability: Decimal) -> Decimal:
    """Quantile of Student's t with `degrees` ≥ 1 at `probability` (0..1)."""
    from scipy.special import stdtrit

    return _rounded(float(stdtrit(float(degrees), float(probability))))


@lru_cache(maxsize=64)
def normal_quantile(probability: Decimal) -> Decimal:
    """Quantile of the standard normal distribution at `probability` (0..1)."""
    from scipy.special import ndtri

    return _rounded(float(ndtri(float(probability))))


def normal_probability(value: Decimal) -> Decimal:
    """Φ: the probability that a standard normal value is below `value`."""
    from scipy.special import ndtr

    return _rounded(float(ndtr(float(value))))


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(_EIGHT_PLACES, ROUND_HALF_EVEN, EXACT)
