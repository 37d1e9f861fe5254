"""Cities of 69 companies and 260 estates with people in every household, and who of them answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rating.scoring import UNITS_PER_POINT
from tests.simulation.people import HIGHEST, LOWEST, Numbers, pick

COMPANIES, ESTATES = 69, 260
RESIDENTS_SHARE = 0.6
UNHAPPY, HAPPY = 50 * UNITS_PER_POINT, 75 * UNITS_PER_POINT


@dataclass(frozen=True)
class Plan:
    """What a city is before anybody answers; companies by number, estates in order of their companies.

    `level` is what an estate's residents think on average, `committee` what a company's committees give, in points;
    `turnout` is the odds that a household answers.
    """

    company: Numbers
    households: Numbers
    kind: Numbers
    level: Numbers
    committee: Numbers
    turnout: Numbers


@dataclass(frozen=True)
class City:
    """A plan with people: the estate and the score (1/10 000 points) of every household."""

    plan: Plan
    estate: Numbers
    score: Numbers

    @property
    def truth(self) -> Numbers:
        """C of every company if everybody answered, in points."""
        plan = self.plan
        total = np.bincount(plan.company[self.estate], self.score) / UNITS_PER_POINT
        residents = total / np.bincount(plan.company, plan.households)
        return RESIDENTS_SHARE * residents + (1 - RESIDENTS_SHARE) * plan.committee


def around_thresholds(random: np.random.Generator) -> Numbers:
    """Wanted C, hard to tell: one half lies around 60, the other around 85, on the right and the wrong side alike."""
    half = COMPANIES // 2
    return np.concatenate([random.normal(60, 4, half), random.normal(85, 3, COMPANIES - half)])


def ordinary_field(random: np.random.Generator) -> Numbers:
    """Wanted C as the demonstration city has it: mean 72, standard deviation 13."""
    return random.normal(72, 13, COMPANIES)


def plan_city(wanted: Numbers, random: np.random.Generator, estates: int = ESTATES) -> Plan:
    """A city whose companies' C are about the wanted: on-site marks are some 6 points above residents'."""
    companies = len(wanted)
    size = random.pareto(1.5, companies) + 0.5
    own = 1 + random.multinomial(estates - companies, size / size.sum())
    company = np.repeat(np.arange(companies), own)
    households = np.clip(np.exp(random.normal(np.log(220), 0.75, estates)), 20, 2_000).astype(np.int64)
    gap = np.clip(random.normal(6, 5, companies), -np.inf, (99 - wanted) / RESIDENTS_SHARE)
    effect = random.normal(0, 3.5, estates)
    effect -= (np.bincount(company, effect * households) / np.bincount(company, households))[company]
    odds = np.exp(-1.15 + random.normal(0, 0.45, estates) - 0.12 * np.log(households / 250))
    return Plan(
        company=company,
        households=households,
        kind=random.integers(0, 2, companies)[company],
        level=np.clip((wanted - (1 - RESIDENTS_SHARE) * gap)[company] + effect, LOWEST, HIGHEST),
        committee=np.round(wanted + RESIDENTS_SHARE * gap, 4),
        turnout=odds,
    )


def settle(plan: Plan, random: np.random.Generator) -> City:
    """Put people into the households."""
    estate = np.repeat(np.arange(len(plan.households)), plan.households)
    return City(plan, estate, pick(plan.kind[estate], plan.level[estate], random))


def answer(city: City, random: np.random.Generator, unhappy: float = 1, happy: float = 1) -> Numbers:
    """Who answers; the odds of those below 50 points, and of those from 75 up, are so many times the others'."""
    odds = city.plan.turnout[city.estate]
    odds = np.where(city.score < UNHAPPY, odds * unhappy, np.where(city.score >= HAPPY, odds * happy, odds))
    return random.random(len(odds)) < odds / (1 + odds)
