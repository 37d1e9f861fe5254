"""People who answer the residents' ten questions, of two kinds; their scores by the product's arithmetic.

`moods`: the demonstration city's residents, whose mood colours all their answers. `camps`: most are content (half of
them mark everything 5), some middling, some angry and mark mostly 1: the J shape that satisfaction surveys know. Both
say 'don't know' as often as the demonstration city's residents do: more than half of them to a question or two.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from rating.demo.feelings import draw_marks, spread_around
from rating.demo.questionnaires import RESIDENTS
from rating.scoring import UNITS_PER_POINT

Numbers = np.ndarray[Any, Any]

KINDS = ("moods", "camps")
LOWEST, HIGHEST = 20, 96  # levels that people are drawn for, in points
SIZE = 5_000  # people kept for each kind and level
UNKNOWN = -1

# How often each camp gives the marks 1 to 5.
_CONTENT = (0.00, 0.00, 0.02, 0.13, 0.85)
_MIDDLING = (0.02, 0.08, 0.35, 0.40, 0.15)
_ANGRY = (0.60, 0.25, 0.10, 0.03, 0.02)
_ALL_FIVE = 0.5  # of the content


def draw_people(kind: str, level: int, count: int, random: np.random.Generator) -> Numbers:
    """The marks of so many people whose mean score is about `level`: 1 to 5, or UNKNOWN, at least seven of ten."""
    marks = _moody(level, count, random) if kind == "moods" else _in_camps(level, count, random)
    unknown = random.random(marks.shape) < [asked.unknown for asked in RESIDENTS]
    marks[unknown & (unknown.cumsum(axis=1) <= 3)] = UNKNOWN
    return marks


def scores_of(marks: Numbers) -> Numbers:
    """Each row's score in 1/10 000 points, halves up; the ten questions weigh alike."""
    given = marks != UNKNOWN
    most = 4 * given.sum(axis=1, dtype=np.int64)
    earned = np.where(given, marks - 1, 0).sum(axis=1, dtype=np.int64)
    return (2 * 100 * UNITS_PER_POINT * earned + most) // (2 * most)


@cache
def everybody() -> Numbers:
    """Scores by kind, level from LOWEST on and person; who simulates a household picks one of these."""
    random = np.random.default_rng(20261122)
    return np.array([
        [scores_of(draw_people(kind, level, SIZE, random)) for level in range(LOWEST, HIGHEST + 1)] for kind in KINDS
    ])  # fmt: skip


def pick(kinds: Numbers, levels: Numbers, random: np.random.Generator) -> Numbers:
    """One person's score for each row of kinds (0, 1) and levels (points, rounded to whole ones)."""
    rows = np.clip(np.rint(levels), LOWEST, HIGHEST).astype(np.int64) - LOWEST
    return everybody()[kinds, rows, random.integers(0, SIZE, len(rows))]


def _moody(level: int, count: int, random: np.random.Generator) -> Numbers:
    offsets = np.array([float(asked.offset) for asked in RESIDENTS])
    targets = spread_around(level, offsets, np.ones(len(RESIDENTS)))
    return draw_marks(targets, count, *random.spawn(2))


def _in_camps(level: int, count: int, random: np.random.Generator) -> Numbers:
    content, middling, angry = (np.dot(shares, (0, 25, 50, 75, 100)) for shares in (_CONTENT, _MIDDLING, _ANGRY))
    content = 100 * _ALL_FIVE + content * (1 - _ALL_FIVE)
    between = min(0.2, (100 - level) / 75)
    low = np.clip((between * middling + (1 - between) * content - level) / (content - angry), 0, 1 - between)
    camp = np.searchsorted([low, low + between], random.random(count))
    edges = np.cumsum([_ANGRY, _MIDDLING, _CONTENT], axis=1)[:, :4]
    marks = 1 + (random.random((count, len(RESIDENTS), 1)) > edges[camp][:, None, :]).sum(axis=2)
    marks[(camp == 2) & (random.random(count) < _ALL_FIVE)] = 5
    return marks.astype(np.int8)
