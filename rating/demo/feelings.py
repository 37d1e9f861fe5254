"""From the mean score that people are to give to the marks that they do give."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Spread of a resident's feeling around the indicator's centre, in marks: what colours all the answers of one resident,
# much more so with one in six (who had a quarrel, or a friend in the office), and what is different with each answer.
_MOODS = ((5 / 6, 0.62), (1 / 6, 1.55))
_NOISE = 0.75
# One in twelve gives the same mark to everything.
_ALL_ALIKE = 1 / 12


def draw_marks(targets: Floats, n: int, moods: np.random.Generator, noise: np.random.Generator) -> NDArray[np.int8]:
    """Marks 1 to 5 of n residents whose mean scores on the indicators, 0 to 100, are the targets.

    Each resident draws in turn, so the first ones answer the same whatever n is.
    """
    centres = _centres(targets)
    drawn = moods.random((n, 2))
    spread = np.where(drawn[:, :1] < _MOODS[1][0], _MOODS[1][1], _MOODS[0][1])
    mood = spread * moods.spawn(1)[0].standard_normal((n, 1))
    own = _NOISE * noise.standard_normal((n, len(targets)))
    same = own[:, :1] + centres.mean()
    feeling = np.where(drawn[:, 1:] < _ALL_ALIKE, same, centres + own) + mood
    return np.rint(feeling).clip(1, 5).astype(np.int8)


@cache
def _mean_score_curve() -> tuple[Floats, Floats]:
    """Mean score of a rounded, clipped mark against its centre, on a fine grid."""
    centre = np.linspace(-3.0, 10.0, 1301)
    above = [[_share_above(edge - c) for edge in (1.5, 2.5, 3.5, 4.5)] for c in centre]
    score: Floats = 25.0 * np.array(above).sum(axis=1)
    return centre, score


def _share_above(distance: float) -> float:
    """How many feelings lie farther above their centre than this."""
    return sum(share * 0.5 * math.erfc(distance / (math.hypot(mood, _NOISE) * math.sqrt(2))) for share, mood in _MOODS)


def _centres(targets: Floats) -> Floats:
    """Where feelings must lie for marks to have these mean scores."""
    centre, score = _mean_score_curve()
    centres: Floats = np.interp(targets, score, centre)
    return centres


def spread_around(level: float, offsets: Floats, weights: Floats) -> Floats:
    """Targets with the weighted mean `level`, differing by the offsets as far as there is room."""
    level = float(np.clip(level, 3, 99))
    room = min(1.0, (100 - level) / 20)
    centred = offsets - np.average(offsets, weights=weights)
    targets = (level + room * centred).clip(1, 99.5)
    recentred: Floats = targets + level - np.average(targets, weights=weights)
    return recentred.clip(1, 99.7)
