"""What residents write beside their marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rating.demo.data import read
from rating.demo.drawing import pick
from rating.demo.questionnaires import RESIDENTS
from rating.demo.records import Estate

_WORDS = read("comments")
_GENERAL: Mapping[str, Sequence[str]] = _WORDS["general"]


def mean_mark(line: NDArray[np.int8]) -> float:
    """The mean of one resident's marks, without those that are none."""
    return float(line[line > 0].mean())


def comment(rng: np.random.Generator, line: NDArray[np.int8], estate: Estate) -> str:
    """A comment in the mood of one resident's marks."""
    mean, choice = mean_mark(line), rng.random()
    if mean < 2.6:
        if choice > 0.9:
            return pick(rng, _GENERAL["bad"])
        wish = pick(rng, _GENERAL["wishes"]) if choice > 0.55 else ""
        return _about(rng, line, estate, worst=True) + wish
    if mean < 4:
        if choice < 0.25:
            return pick(rng, _GENERAL["fair"])
        return _about(rng, line, estate, worst=choice < 0.8)
    praise = "" if choice < 0.3 else _about(rng, line, estate, worst=False)
    return praise + (pick(rng, _GENERAL["good"]) if choice < 0.55 else "")


def _about(rng: np.random.Generator, line: NDArray[np.int8], estate: Estate, *, worst: bool) -> str:
    """A sentence, sometimes two, on the indicators with the lowest or the highest mark."""
    marked = line > 0
    extreme = line[marked].min() if worst else line[marked].max()
    found = rng.permutation(np.flatnonzero(line == extreme))
    keys = [RESIDENTS[i].key for i in found[: 2 if rng.random() < 0.35 else 1]]
    said = _WORDS["complaints" if worst else "praises"]
    return "".join(pick(rng, said[_subject(rng, key, estate)]) for key in keys)


def _subject(rng: np.random.Generator, key: str, estate: Estate) -> str:
    """Lifts, where there are any, are what people mostly mean by shared facilities."""
    lifts = key == "lifts_facilities" and estate.has_lifts and rng.random() < 0.6
    return "lifts" if lifts else key
