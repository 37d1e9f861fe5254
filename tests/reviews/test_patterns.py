"""Which answers are too much alike: numbers alone."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, strategies as st

from rating.reviews.patterns import Alike, expected_share, is_too_alike


def alike(here: int, in_network: int, **around: int) -> Alike:
    """An answer that people of the estate and the city rarely give."""
    usual = {"beside": 2, "in_estate": 100, "elsewhere": 200, "in_city": 10_000}
    return Alike(here, in_network, **{**usual, **around})


def test_ten_forms_with_a_rare_answer_from_one_network_stand_out() -> None:
    assert is_too_alike(alike(10, 10))


def test_a_family_and_its_neighbours_do_not() -> None:
    assert not is_too_alike(alike(4, 4))


def test_sharing_a_network_alone_says_nothing() -> None:
    assert not is_too_alike(alike(5, 300))


def test_the_answer_that_is_common_in_the_estate_does_not_stand_out_in_a_network_either() -> None:
    assert not is_too_alike(alike(30, 60, beside=50, in_estate=100))


def test_a_whole_estate_behind_one_address_may_agree_twenty_times_as_often_as_the_city() -> None:
    behind_one = {"beside": 0, "in_estate": 0}
    assert not is_too_alike(alike(60, 200, **behind_one))
    assert not is_too_alike(alike(200, 200, **behind_one, elsewhere=1_000))
    assert is_too_alike(alike(120, 200, **behind_one))


def test_an_answer_that_nobody_else_gave_has_a_share_all_the_same() -> None:
    assert expected_share(alike(5, 5, beside=0, elsewhere=0)) == pytest.approx(1 / 101)


def test_where_there_is_nothing_to_compare_with_nothing_stands_out() -> None:
    assert not is_too_alike(Alike(500, 500, 0, 0, 0, 0))


@given(st.integers(5, 60), st.integers(0, 60), st.integers(0, 50), st.integers(50, 400), st.integers(0, 900))
def test_one_form_more_that_is_alike_never_makes_it_less_suspicious(
    here: int, others: int, beside: int, in_estate: int, elsewhere: int
) -> None:
    around = {"beside": beside, "in_estate": in_estate, "elsewhere": elsewhere, "in_city": 10_000}
    if is_too_alike(Alike(here, here + others, **around)):
        assert is_too_alike(Alike(here + 1, here + others + 1, **around))


@pytest.mark.parametrize("mean", [1.4, 3.0, 4.7])
def test_honest_people_behind_shared_addresses_are_left_alone_whether_content_or_not(mean: float) -> None:
    """Forty estates of 120 forms; half of each comes from one address. Many give all indicators the same mark."""
    dice = random.Random(11)

    def answer() -> str:
        mood = min(5, max(1, round(dice.gauss(mean, 0.8))))
        if dice.random() < 0.4:
            return str(mood) * 10
        return "".join(str(min(5, max(1, mood + dice.choice((-1, 0, 0, 1))))) for _ in range(10))

    estates = [[(place < 60, answer()) for place in range(120)] for _ in range(40)]
    city = Counter(marks for estate in estates for _, marks in estate)
    flagged = 0
    for estate in estates:
        whole, here = Counter(m for _, m in estate), Counter(m for shared, m in estate if shared)
        for marks, count in here.items():
            around = Alike(count, 60, whole[marks] - count, 60, city[marks] - whole[marks], 39 * 120)
            flagged += is_too_alike(around)
    assert flagged == 0
