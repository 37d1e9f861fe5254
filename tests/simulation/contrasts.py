"""Late against early, helper's entry against own entry: how often the product sees what is not there, or misses it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rating.scoring import Moments, TwoGroups, contrast_groups
from tests.simulation.cities import ordinary_field, plan_city
from tests.simulation.coverage import METHOD
from tests.simulation.people import Numbers, pick

# The share of evaluations that the first group makes up.
SHARES = {"late": 0.3, "helper": 0.08}
CITIES = {"260 estates": (69, 260), "12 estates": (5, 12)}


@dataclass(frozen=True)
class Seen:
    """The difference found (points), whether its interval leaves zero out, and whether the method page speaks of it."""

    points: float
    away: bool
    beyond: bool


def try_contrast(kind: str, city: str, difference: float, seed: int) -> Seen | None:
    """One city in which the first group's marks lie so much higher; None where too few estates have ten of each."""
    random = np.random.default_rng(seed)
    companies, estates = CITIES[city]
    plan = plan_city(ordinary_field(random)[:companies], random, estates)
    count = random.binomial(plan.households, plan.turnout / (1 + plan.turnout))
    first = random.binomial(count, SHARES[kind])
    groups = [
        _answers(plan.kind, plan.level + more, n, random) for n, more in ((first, difference), (count - first, 0.0))
    ]
    rows = (
        TwoGroups(f"E{number:03d}", int(households), groups[0][number], groups[1][number])
        for number, households in enumerate(plan.households)
    )
    found = contrast_groups(METHOD, rows)
    if found is None:
        return None
    return Seen(float(found.difference), not found.lower <= 0 <= found.upper, found.is_beyond)


def _answers(kinds: Numbers, levels: Numbers, counts: Numbers, random: np.random.Generator) -> list[Moments]:
    estate = np.repeat(np.arange(len(counts)), counts)
    score = pick(kinds[estate], levels[estate], random)
    return [Moments.of(ys.tolist()) for ys in np.split(score, np.cumsum(counts)[:-1])]
