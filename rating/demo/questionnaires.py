"""The default rulebook's questions, with how the city sees each of them on the whole.

A test compares the keys, dimensions and highest marks with the rulebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rating.demo.data import read


@dataclass(frozen=True)
class Asked:
    """A residents' indicator: how the whole city sees it, and how often it gets no mark."""

    key: str
    dimension: str
    offset: float
    unknown: float


@dataclass(frozen=True)
class Inspected:
    """An on-site indicator: why marks came off, and in `needs` the estate's attribute without which it has none."""

    key: str
    dimension: str
    most: int
    offset: float
    reason: str
    needs: str = ""


_QUESTIONS = read("questions")
RESIDENTS = tuple(Asked(**one) for one in _QUESTIONS["residents"])
ON_SITE = tuple(Inspected(**one) for one in _QUESTIONS["on_site"])
# The matter of `three_steps` does not come up on every estate in every round.
NO_COMMON_MATTER = 0.35
# The facts that a company states beside a low mark, by indicator.
COOPERATION: Mapping[str, str] = _QUESTIONS["cooperation"]
# Which residents' dimension an on-site dimension goes with.
KIN: Mapping[str, str] = _QUESTIONS["kin"]
