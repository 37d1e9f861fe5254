"""Two rounds, and between them a talk with every black-listed company: what is said where it did nothing, or good.

A company's quality moves a little by itself: nine tenths of its distance from the city's mean remain, and chance adds
to residents' (standard deviation 2 points) and to committees' view (3 points).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy import stats

from rating.scoring import BeforeAfter, TalkEffect, effect_of_talk, fit_untalked
from tests.simulation.cities import RESIDENTS_SHARE, Plan, ordinary_field, plan_city
from tests.simulation.coverage import METHOD
from tests.simulation.people import Numbers, pick
from tests.simulation.twin import Intervals, Samples, draw_intervals

REMAINS, OF_RESIDENTS, OF_COMMITTEES = 0.9, 2.0, 3.0
MARGIN = float(METHOD.nonresponse_margin)


@dataclass(frozen=True)
class Judged:
    """An effect found (points) and whether its interval is wholly above zero, or below."""

    points: float
    above: bool
    below: bool

    @classmethod
    def of(cls, effect: TalkEffect) -> Judged:
        return cls(float(effect.points), effect.lower > 0, effect.upper < 0)


@dataclass(frozen=True)
class Talks:
    """What one pair of rounds says of the talked companies' mean, of one of them, and a plain before and after."""

    talked: int
    mean: Judged
    single: Judged
    plain: Judged


def try_talks(effect: float, seed: int) -> Talks | None:
    """Play two rounds; None where fewer than two companies were listed, or too few had no talk."""
    random = np.random.default_rng(seed)
    first = plan_city(ordinary_field(random), random)
    residents, before, rated = _hold_round(first, random)
    talked = rated & _is_black(first, residents, before)
    second = _move(first, np.where(talked, effect, 0.0), random)
    _, after, rated_again = _hold_round(second, random)
    rows = [
        BeforeAfter(f"C{number:02d}", Decimal(repr(b)), Decimal(repr(a)))
        for number, (b, a) in enumerate(zip(before.tolist(), after.tolist(), strict=True))
    ]
    both = rated & rated_again
    line = fit_untalked(METHOD, [rows[i] for i in np.flatnonzero(both & ~talked)])
    chosen = [rows[i] for i in np.flatnonzero(both & talked)]
    if line is None or len(chosen) < 2:
        return None
    single = effect_of_talk(line, [chosen[random.integers(len(chosen))]])
    mean = effect_of_talk(line, chosen)
    return Talks(len(chosen), Judged.of(mean), Judged.of(single), _plainly(chosen))


def _plainly(rows: Sequence[BeforeAfter]) -> Judged:
    """What a plain comparison of before and after says, with its t interval: the mistake to be avoided."""
    change = np.array([float(row.after - row.before) for row in rows])
    reach = stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / np.sqrt(len(change))
    return Judged(float(change.mean()), bool(change.mean() > reach), bool(change.mean() < -reach))


def _hold_round(plan: Plan, random: np.random.Generator) -> tuple[_Answers, Numbers, Numbers]:
    """The residents' figures, B (points) and who is rated, by company."""
    answers = _ask(plan, random)
    base = RESIDENTS_SHARE * answers.found.mean + (1 - RESIDENTS_SHARE) * plan.committee
    half = (answers.found.upper - answers.found.lower) / 2
    least = [METHOD.required_sample(int(n)) for n in answers.households]
    is_rated = (answers.count >= least) & (half <= float(METHOD.max_half_width))
    return answers, base, is_rated


@dataclass(frozen=True)
class _Answers:
    """By company: households, evaluations and the residents' interval."""

    households: Numbers
    count: Numbers
    found: Intervals


def _ask(plan: Plan, random: np.random.Generator) -> _Answers:
    count = random.binomial(plan.households, plan.turnout / (1 + plan.turnout))
    estate = np.repeat(np.arange(len(count)), count)
    score = pick(plan.kind[estate], plan.level[estate], random)
    sums = [np.bincount(estate, y, len(count)) for y in (score, score * score)]
    columns = [_by_company(plan, each) for each in (plan.households, count, *sums)]
    households, counts = columns[0].sum(axis=1), columns[1].sum(axis=1)
    return _Answers(households, counts, draw_intervals(METHOD, Samples.of(*columns)))


def _by_company(plan: Plan, values: Numbers) -> Numbers:
    """A row a company, its estates side by side, zeros after them."""
    own = np.bincount(plan.company)
    place = np.arange(len(values)) - np.repeat(np.cumsum(own) - own, own)
    table = np.zeros((len(own), own.max()), dtype=values.dtype)
    table[plan.company, place] = values
    return table


def _is_black(plan: Plan, answers: _Answers, base: Numbers) -> Numbers:
    upper = base + RESIDENTS_SHARE * (answers.found.upper - answers.found.mean)
    silent = (1 - answers.count / answers.households) * RESIDENTS_SHARE
    return (upper < float(METHOD.black)) & ((float(METHOD.black) - upper) / silent > MARGIN)


def _move(plan: Plan, effect: Numbers, random: np.random.Generator) -> Plan:
    """The city half a year later."""
    residents = np.bincount(plan.company, plan.level * plan.households) / np.bincount(plan.company, plan.households)
    moved = [
        (REMAINS - 1) * (level - level.mean()) + random.normal(0, spread, len(level)) + effect
        for level, spread in ((residents, OF_RESIDENTS), (plan.committee, OF_COMMITTEES))
    ]
    committee = np.clip(plan.committee + moved[1], 0, 100)
    return Plan(plan.company, plan.households, plan.kind, plan.level + moved[0][plan.company], committee, plan.turnout)
