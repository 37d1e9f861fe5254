"""What a group's figures tell of each estate in it: an exact solver for groups of two and three.

The attacker knows each estate's households, the group's n, and how groups are cut. For every way in which n may be
split he goes through all means that so many marks can have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Protocol

import numpy as np

from tests.attack.published import Counts

Split = tuple[int, ...]  # the number of evaluations of each estate
Means = list[set[Fraction | None]]  # by estate; None where it may have no mark
MOST_ESTATES = 3
HALF_SIXTH, FLOAT_ERROR = 5e-7, 1e-11
LOWEST, HIGHEST = 1, 5


def splits(count: int, estates: int, may_be: Sequence[Iterable[int]] | None = None) -> Iterator[Split]:
    """Every way to split n among estates that have at least one each; `may_be` limits each estate's."""
    options = [list(one) for one in may_be] if may_be else [list(range(1, count - estates + 2))] * estates
    for split in product(*options):
        if sum(split) == count:
            yield split


class Figure(Protocol):
    """What is published of one indicator of a group."""

    def means(self, households: Sequence[int], possible: Iterable[Split]) -> Means:
        """The means that each estate may have."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class CountsFigure:
    """What leaves the house now: how often each answer was given in the whole group."""

    counts: Counts

    def means(self, households: Sequence[int], possible: Iterable[Split]) -> Means:
        answers = frozenset(self.counts.items())
        sizes = [{split[k] for split in possible} for k in range(len(households))]
        return [set().union(*(_part_means(answers, n) for n in some)) for some in sizes]


@dataclass(frozen=True)
class WeightedFigure:
    """What left it before: Σ N_e over the estates with a mark, and Σ N_e·m_e to six decimals (m from 0 to 1)."""

    households: int
    total: Fraction

    def means(self, households: Sequence[int], possible: Iterable[Split]) -> Means:
        found: Means = [set() for _ in households]
        for split in set(possible):
            for marked in product((False, True), repeat=len(households)):
                if sum(n for n, is_marked in zip(households, marked, strict=True) if is_marked) == self.households:
                    for means in self._solve(households, split, marked):
                        for known, one in zip(found, means, strict=True):
                            known.add(one)
        return found

    def _solve(
        self, households: Sequence[int], split: Split, marked: Sequence[bool]
    ) -> Iterator[tuple[Fraction | None, ...]]:
        """All but the last estate are tried; the last one's mean follows, if so many marks can have it."""
        places = [k for k, is_marked in enumerate(marked) if is_marked]
        if not places:
            return
        *tried, last = places
        shares = np.meshgrid(*(households[k] * whole_shares(split[k]) for k in tried), indexing="ij")
        rest = (float(self.total) - sum(shares, np.zeros(()))) / households[last]
        near = HALF_SIXTH / households[last] + FLOAT_ERROR
        for mean, share in zip(whole_means(split[last]), whole_shares(split[last]), strict=True):
            for at in np.argwhere(np.abs(np.atleast_1d(rest) - share) <= near):
                means = [whole_means(split[k])[i] for k, i in zip(tried, at, strict=False)]
                by_place = dict(zip(places, [*means, mean], strict=True))
                yield tuple(by_place.get(k) for k in range(len(split)))


@cache
def whole_means(count: int) -> tuple[Fraction, ...]:
    """All means of 1..n whole marks."""
    return tuple(sorted({Fraction(s, k) for k in range(1, count + 1) for s in range(LOWEST * k, HIGHEST * k + 1)}))


@cache
def whole_shares(count: int) -> np.ndarray:
    """The same from 0 to 1."""
    return np.array([float((mean - LOWEST) / (HIGHEST - LOWEST)) for mean in whole_means(count)])


@cache
def _part_means(counts: frozenset[tuple[int | None, int]], size: int) -> set[Fraction | None]:
    """The means of all parts of so many answers."""
    reached: set[tuple[int, int, int]] = {(0, 0, 0)}  # answers, marks, their sum
    for answer, number in counts:
        reached = {
            (n + taken, k + (taken if answer is not None else 0), s + taken * (answer or 0))
            for n, k, s in reached
            for taken in range(min(number, size - n) + 1)
        }
    return {Fraction(s, k) if k else None for n, k, s in reached if n == size}


@dataclass(frozen=True)
class Found:
    """What a group's figures leave: each estate's n, and the mean of (estate's place, indicator) where one is left."""

    counts: list[set[int]]
    means: dict[tuple[int, str], Fraction | None]

    def sheet(self, place: int, keys: Sequence[str]) -> tuple[Fraction | None, ...] | None:
        """The whole answer sheet of an estate with one evaluation, if it is told."""
        if self.counts[place] != {1} or any((place, key) not in self.means for key in keys):
            return None
        return tuple(self.means[place, key] for key in keys)


def solve(figures: Mapping[str, Figure], households: Sequence[int], possible: Iterable[Split]) -> Found:
    """Go through all splits of n; those in which some figure can't come about fall out."""
    estates = range(len(households))
    counts: list[set[int]] = [set() for _ in estates]
    values: dict[tuple[int, str], set[Fraction | None]] = {}
    for split in possible:
        means = {key: figure.means(households, [split]) for key, figure in figures.items()}
        if not all(all(by_estate) for by_estate in means.values()):
            continue
        for place in estates:
            counts[place].add(split[place])
            for key, by_estate in means.items():
                values.setdefault((place, key), set()).update(by_estate[place])
    return Found(counts, {which: next(iter(some)) for which, some in values.items() if len(some) == 1})
