"""The method tried on simulated people whose truth is known; `tests.proofs.method` does the same at length.

Everything is seeded. A share of n draws may miss what it should be by three standard errors, and no more.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from math import sqrt

import numpy as np
import pytest

from rating.scoring import Bounds, Standing, score_evaluation
from rating.scoring.standings.ranks import rank_intervals
from tests.simulation.cities import answer, ordinary_field, plan_city, settle
from tests.simulation.contrasts import try_contrast
from tests.simulation.coverage import FIVE_ESTATES, METHOD, ONE_ESTATE, TEXTBOOK, Case, Found, try_case
from tests.simulation.lists import Listed, Round, all_hold, rate, truth_of, try_round
from tests.simulation.people import KINDS, draw_people, scores_of
from tests.simulation.talks import Talks, try_talks
from tests.simulation.twin import Samples, differs, draw_intervals, strata_of

from .builders import questionnaire

ROUNDS, PAIRS, CITIES = 6, 150, 40
RED_LINE = 0.045  # 2.5 % are promised; with 30 evaluations of the content, 3 to 4 % are what it is


def most(share: float, draws: int) -> float:
    """How many of so many draws chance may make of a share, within three standard errors."""
    return share * draws + 3 * sqrt(share * (1 - share) * draws)


@cache
def covered(kind: str, level: int, households: tuple[int, ...], count: int) -> Found:
    return try_case(Case(kind, level, households, count), 10, 1_000, seed=1)


@cache
def played(field: str, keen: str) -> tuple[Round, ...]:
    return tuple(try_round(field, [keen], seed)[keen] for seed in range(ROUNDS))


@cache
def talks(effect: float) -> tuple[Talks, ...]:
    return tuple(found for seed in range(PAIRS) if (found := try_talks(effect, seed)))


def listed(rounds: Iterable[Round]) -> list[Listed]:
    return [one for each in rounds for one in each.listed]


def wrong_beyond_chance(companies: Sequence[Listed]) -> bool:
    """Whether more are wrong than the told probabilities can explain."""
    told = sum(one.probability for one in companies)
    spread = sqrt(sum(one.probability * (1 - one.probability) for one in companies))
    return sum(one.wrong for one in companies) > told + 3 * max(1.0, spread)


# The people and the floats that judge them


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_people_are_scored_as_the_product_scores_them(kind: str) -> None:
    marks = draw_people(kind, 80, 200, np.random.default_rng(1))
    asked = questionnaire(weights=[10] * 10)
    rows = [tuple(None if mark < 0 else mark for mark in row) for row in marks.tolist()]
    assert scores_of(marks).tolist() == [score_evaluation(asked, row) for row in rows]
    assert min(sum(mark is not None for mark in row) for row in rows) >= 7


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("households", [ONE_ESTATE, FIVE_ESTATES])
def test_the_floats_say_what_the_product_says(kind: str, households: tuple[int, ...]) -> None:
    found = covered(kind, 85, households, 30)
    assert found.checked == 60 and found.different == 0


def test_the_comparison_with_the_product_notices_another_rulebook() -> None:
    people = np.array([0, 400_000, 1_000_000, 900_000, 700_000])
    shape = np.array([[5]]), np.array([[people.sum()]]), np.array([[(people * people).sum()]])
    found = draw_intervals(METHOD, Samples.of(np.array([[80]]), *shape))
    strata = strata_of(np.array([80]), [people])
    assert not differs(METHOD, found, 0, strata)
    assert differs(TEXTBOOK, found, 0, strata)


# The interval


@pytest.mark.parametrize("kind", KINDS)
def test_at_the_black_line_the_interval_misses_the_truth_as_seldom_as_it_says(kind: str) -> None:
    found = covered(kind, 60, ONE_ESTATE, 100).method
    assert found.without == 0
    assert found.lower + found.upper < most(0.05, found.samples)


@pytest.mark.parametrize("kind", KINDS)
def test_at_the_red_line_its_lower_bound_is_wrong_less_often_than_the_textbooks(kind: str) -> None:
    found = covered(kind, 85, FIVE_ESTATES, 30)
    assert found.method.lower < most(RED_LINE, found.method.samples)
    assert found.textbook.lower > most(RED_LINE, found.textbook.samples)


# Lists and the probability of a wrong listing


def test_chance_alone_hardly_ever_lists_a_company_wrongly() -> None:
    gated = [one for one in listed(played("thresholds", "alike")) if 0 in one.margins]
    by_score = listed(played("thresholds", "alike"))
    for standing in (Standing.BLACK, Standing.RED):
        assert sum(one.wrong for one in gated if one.standing is standing) <= 1
        assert sum(one.wrong for one in by_score if one.standing is standing) > ROUNDS


def test_the_margin_keeps_keener_unhappy_residents_from_listing_a_company_wrongly() -> None:
    rounds = played("thresholds", "unhappy 2")
    off, on = (sum(one.counts[margin, "wrong black"] for one in rounds) for margin in (0, 8))
    assert off > ROUNDS
    assert on < off / 4


@pytest.mark.parametrize("field", ["thresholds", "ordinary"])
def test_no_more_listings_are_wrong_than_is_told(field: str) -> None:
    assert not wrong_beyond_chance(listed(played(field, "alike")))


def test_what_is_told_speaks_of_chance_only() -> None:
    black = [one for one in listed(played("thresholds", "unhappy 2")) if one.standing is Standing.BLACK]
    assert wrong_beyond_chance(black)


# Ranks


def test_all_true_ranks_lie_in_their_ranges_at_once() -> None:
    missed = sum(not one.ranks_hold for one in played("ordinary", "alike"))
    assert missed < most(0.05, ROUNDS)


def test_ranks_by_score_alone_do_not_hold() -> None:
    random = np.random.default_rng(1)
    city = settle(plan_city(ordinary_field(random), random), random)
    rated = rate(city, answer(city, random))
    scores = {code: rated.assessments[code].composite for code in rated.ranks}
    alone = rank_intervals({code: Bounds(one.score, one.score) for code, one in scores.items() if one})
    assert all_hold(rated.rank_intervals, truth_of(city))
    assert not all_hold(alone, truth_of(city))


# Talks and contrasts


def test_a_talk_that_did_nothing_shows_no_effect_though_the_talked_rise() -> None:
    found = talks(0)
    for which in ("mean", "single"):
        judged = [getattr(one, which) for one in found]
        assert sum(one.above or one.below for one in judged) < most(0.05, len(found))
    assert sum(one.plain.above for one in found) > most(0.05, len(found))


def test_a_talk_that_did_five_points_good_is_mostly_found_among_several() -> None:
    found = talks(5)
    assert sum(one.mean.above for one in found) > 0.8 * len(found)
    assert abs(np.mean([one.mean.points for one in found]) - 5) < 1


@pytest.mark.parametrize("kind", ["late", "helper"])
def test_groups_that_do_not_differ_seldom_seem_to(kind: str) -> None:
    same = [one for seed in range(CITIES) if (one := try_contrast(kind, "260 estates", 0, seed))]
    other = [one for seed in range(CITIES) if (one := try_contrast(kind, "260 estates", 6, seed))]
    assert sum(one.away for one in same) < most(0.05, CITIES)
    assert sum(one.beyond for one in same) < most(0.05, CITIES)  # few estates hold ten of a helper's entries
    assert sum(one.away and one.beyond for one in other) > CITIES / 2
