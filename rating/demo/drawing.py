"""What every part of the city draws with: choices, phone numbers, people, and years from a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeVar

import numpy as np

from rating.demo import names

T = TypeVar("T")


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of the choices."""
    return choices[int(rng.integers(len(choices)))]


def cycle(rng: np.random.Generator, choices: Sequence[T]) -> Iterator[T]:
    """One of the choices again and again."""
    while True:
        yield pick(rng, choices)


def draw_phones(rng: np.random.Generator, first: int) -> Iterator[str]:
    """Seven-digit numbers, no two alike, under an area code that nobody has (see names)."""
    for tail in rng.permutation(1_000_000):
        yield f"{names.AREA_CODE}-{first}{tail:06d}"


def draw_people(rng: np.random.Generator) -> Iterator[str]:
    """Names of invented people, the surnames and given names in no fixed pairing."""
    while True:
        surnames = rng.permutation(len(names.SURNAMES))
        given = rng.permutation(len(names.GIVEN_NAMES))
        for surname, name in zip(surnames, given, strict=False):
            yield names.SURNAMES[surname] + names.GIVEN_NAMES[name]


def years_later(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 28 February."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)
