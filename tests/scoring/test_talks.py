"""docs/method.md, formula 23: the effect of a talk, beside what companies without one did."""

import random
from decimal import Decimal

import pytest

from rating.scoring import BeforeAfter, TalkEffect, effect_of_talk, fit_untalked

from . import oracle_beside
from .builders import rules

Pair = tuple[float, float]


def rows(pairs: list[Pair], name: str = "U") -> list[BeforeAfter]:
    return [BeforeAfter(f"{name}{k:03}", Decimal(str(x)), Decimal(str(y))) for k, (x, y) in enumerate(pairs)]


def drawn(rng: random.Random, count: int, slope: float = 0.6) -> list[Pair]:
    xs = [round(rng.gauss(75, 8), 4) for _ in range(count)]
    return [(x, round(75 + slope * (x - 75) + rng.gauss(0, 4), 4)) for x in xs]


def effect(untalked: list[Pair], talked: list[Pair]) -> TalkEffect:
    line = fit_untalked(rules(), rows(untalked))
    assert line is not None
    return effect_of_talk(line, rows(talked, "T"))


@pytest.mark.parametrize("seed", range(50))
def test_effect_and_interval_equal_the_independent_oracle(seed: int) -> None:
    rng = random.Random(seed)
    untalked = drawn(rng, rng.choice([20, 21, 60]), rng.choice([-0.5, 0, 0.4, 1, 1.7]))
    talked = drawn(rng, rng.choice([1, 2, 11]))
    found = effect(untalked, talked)
    expected = oracle_beside.talk_effect(untalked, talked)
    assert (float(found.points), float(found.lower), float(found.upper)) == pytest.approx(expected, rel=1e-7)
    assert found.companies == len(talked)


def test_with_under_twenty_companies_it_is_too_few_to_say() -> None:
    pairs = drawn(random.Random(1), 20)
    assert fit_untalked(rules(), rows(pairs)) is not None
    assert fit_untalked(rules(), rows(pairs[:19])) is None


def test_companies_all_alike_before_say_nothing() -> None:
    assert fit_untalked(rules(), rows([(70, 70 + k) for k in range(20)])) is None


def test_a_listed_company_that_rises_like_any_other_shows_no_effect() -> None:
    # Whoever was 10 points below the mean comes back to 5 below it by itself.
    untalked = [(75 + k, 75 + k / 2) for k in range(-10, 11)]
    assert effect(untalked, [(55, 65)]).points == 0
    assert effect(untalked, [(55, 70)]).points == 5
    assert effect(untalked, [(55, 65)]).expected == 65


@pytest.mark.parametrize(("slope", "held"), [(-1, 0), (2, 1)])
def test_the_slope_is_held_within_nothing_and_one(slope: int, held: int) -> None:
    line = fit_untalked(rules(), rows([(70 + k, 70 + slope * k) for k in range(-10, 11)]))
    assert line is not None and line.slope == held


def test_the_mean_of_several_is_known_better_than_one() -> None:
    untalked = drawn(random.Random(3), 40)
    one, many = effect(untalked, [(60, 68)]), effect(untalked, [(60, 68)] * 8)
    assert one.points == many.points
    assert many.upper - many.lower < one.upper - one.lower
