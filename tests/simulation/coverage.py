"""How often the truth lies beyond a bound: this method beside the textbook's, on the same samples.

The truth is the mean over all of the company's households; who answers is drawn without putting back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from rating.scoring import UNITS_PER_POINT, IntervalMethod, ScoringRules
from tests.scoring.builders import rules
from tests.simulation.people import KINDS, Numbers, pick
from tests.simulation.twin import Intervals, Samples, differs, draw_intervals, strata_of

METHOD = rules()
TEXTBOOK = rules(variance_prior=0, interval=IntervalMethod.LINEAR)
LEVELS, COUNTS = (60, 85, 92), (10, 30, 100, 300)
ONE_ESTATE, FIVE_ESTATES = (400,), (80, 150, 260, 400, 610)
_EAGER = np.array([1.3, 0.7, 1.2, 0.9, 1.0])  # how readily the five estates answer
_APART = np.array([5.0, -6.0, 4.0, -3.0, 1.0])  # and how far they lie from the company's level
CHECKED = 3  # samples of each population that the product judges too


@dataclass(frozen=True)
class Case:
    """A company: its estates' households, what its residents are like, and how many of them answer."""

    kind: str
    level: int
    households: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Misses:
    """Of so many samples, how many had no interval, and in how many the lower bound, or the upper, was wrong."""

    samples: int = 0
    without: int = 0
    lower: int = 0
    upper: int = 0
    width: float = 0

    def __add__(self, other: Misses) -> Misses:
        own, more = vars(self), vars(other)
        return Misses(**{key: own[key] + more[key] for key in own})

    def share(self, misses: int) -> float:
        """So many misses in per cent of the intervals that there were."""
        return 100 * misses / (self.samples - self.without)


@dataclass(frozen=True)
class Found:
    """A case's misses by this method and by the textbook's; how many samples the product judged, how many otherwise."""

    method: Misses = Misses()
    textbook: Misses = Misses()
    checked: int = 0
    different: int = 0

    def __add__(self, other: Found) -> Found:
        sums = (self.checked + other.checked, self.different + other.different)
        return Found(self.method + other.method, self.textbook + other.textbook, *sums)


def all_cases() -> Iterator[Case]:
    """Every mixture that the proof looks at."""
    for households in (ONE_ESTATE, FIVE_ESTATES):
        for level in LEVELS:
            for count in COUNTS:
                yield from (Case(kind, level, households, count) for kind in KINDS)


def try_case(case: Case, populations: int, samples: int, seed: int) -> Found:
    """Draw so many populations, and so many samples of each; one population's people are judged by all its samples."""
    seeds = np.random.SeedSequence(seed).spawn(populations)
    return reduce(Found.__add__, (_try_population(case, samples, np.random.default_rng(one)) for one in seeds))


def allot(case: Case) -> Numbers:
    """How many answer on each estate: at least one, at most all."""
    households = np.array(case.households)
    share = households * (_EAGER if len(households) > 1 else 1.0)
    wanted = np.maximum(1, np.rint(case.count * share / share.sum())).astype(int)
    wanted[-1] += case.count - wanted.sum()
    return np.minimum(wanted, households)


def _try_population(case: Case, samples: int, random: np.random.Generator) -> Found:
    apart = _APART if len(case.households) > 1 else np.zeros(1)
    kind = KINDS.index(case.kind)
    people = [
        pick(np.full(size, kind), np.full(size, case.level + away), random)
        for size, away in zip(case.households, apart, strict=True)
    ]
    truth = np.concatenate(people).mean() / UNITS_PER_POINT
    counts = allot(case)
    answers = [_draw(y, count, samples, random) for y, count in zip(people, counts, strict=True)]
    drawn = _sum_up(case, counts, answers)
    own, textbook = draw_intervals(METHOD, drawn), draw_intervals(TEXTBOOK, drawn)
    rows = range(min(CHECKED, samples))
    different = sum(_is_different(case, answers, row, rule, found) for row in rows for rule, found in
                    ((METHOD, own), (TEXTBOOK, textbook)))  # fmt: skip
    return Found(_misses(own, truth), _misses(textbook, truth), 2 * len(rows), different)


def _draw(people: Numbers, count: int, samples: int, random: np.random.Generator) -> Numbers:
    """Scores of `count` of these people, drawn without putting back, a sample a row."""
    keys = random.random((samples, len(people)), dtype=np.float32)
    if count == len(people):
        return np.tile(people, (samples, 1))
    return people[np.argpartition(keys, count, axis=1)[:, :count]]


def _sum_up(case: Case, counts: Numbers, answers: list[Numbers]) -> Samples:
    total = np.array([y.sum(axis=1) for y in answers]).T
    squares = np.array([(y * y).sum(axis=1) for y in answers]).T
    shape = total.shape
    return Samples.of(np.broadcast_to(case.households, shape), np.broadcast_to(counts, shape), total, squares)


def _is_different(case: Case, answers: list[Numbers], row: int, rule: ScoringRules, found: Intervals) -> bool:
    return differs(rule, found, row, strata_of(np.array(case.households), [y[row] for y in answers]))


def _misses(found: Intervals, truth: float) -> Misses:
    return Misses(
        samples=len(found.mean),
        without=int(np.isnan(found.lower).sum()),
        lower=int((found.lower > truth).sum()),
        upper=int((found.upper < truth).sum()),
        width=float(np.nansum(found.upper - found.lower)),
    )
