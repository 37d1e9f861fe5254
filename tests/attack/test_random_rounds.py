"""No published figure of a round gives away what a hidden estate, or a single household, answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attack.campaign import (
    Loot,
    attack_groups,
    attack_old,
    attack_ranges,
    attack_sheets,
    attack_twins,
    attack_unknown,
)
from tests.attack.towns import Publication, publish, random_town, town_with_one_unknown

ROUNDS = 30


@pytest.fixture(scope="module")
def publications() -> list[Publication]:
    return [publish(random_town(seed)) for seed in range(ROUNDS)]


def plunder(publications: list[Publication], attack: Callable[[Publication], Loot]) -> Loot:
    loot = Loot()
    for one in publications:
        loot += attack(one)
    return loot


def test_no_mean_of_an_estate_in_a_group_has_one_possible_value(publications: list[Publication]) -> None:
    loot = plunder(publications, attack_groups)
    assert loot.leaks == []
    assert loot.numbers["groups solved"] > ROUNDS


def test_the_same_solver_breaks_sums_weighted_by_households() -> None:
    loot = plunder([publish(random_town(seed)) for seed in range(8)], lambda one: attack_old(one.town))
    assert 2 * loot.numbers["old means told"] > loot.numbers["old hidden means"] > 200
    assert loot.numbers["old means told wrong"] == loot.numbers["old sheets told wrong"] == 0
    assert loot.numbers["old sheets told"] > 0


def test_every_hidden_mean_may_be_another_in_a_round_with_the_same_files(publications: list[Publication]) -> None:
    loot = plunder(publications, lambda one: attack_twins([one]))
    assert loot.leaks == []
    assert loot.numbers["hidden means with a twin"] > 50 * ROUNDS


def test_all_figures_together_leave_every_hidden_mean_a_range(publications: list[Publication]) -> None:
    loot = plunder(publications, lambda one: attack_ranges([one], 1))
    assert loot.leaks == []
    assert loot.numbers["ranges"] > 5 * ROUNDS
    assert 0.5 < loot.narrowest < 50, loot.narrowest_at


def test_no_sheet_of_one_or_two_households_is_told(publications: list[Publication]) -> None:
    loot = plunder(publications[:20], attack_sheets)
    assert loot.leaks == []
    assert loot.numbers["cells undecided"] == 0
    assert loot.numbers["sheets looked for"] > 1_000


def test_exact_sums_tell_the_sheet_with_the_one_unknown_and_what_is_published_does_not() -> None:
    loot = Loot()
    for seed in range(150):
        loot += attack_unknown(town_with_one_unknown(seed))
    assert loot.leaks == []
    assert loot.numbers["its score by Σy"] > 120
