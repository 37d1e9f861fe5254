"""What a preview or release showed can't be subtracted from the next one, whatever was corrected in between."""

from __future__ import annotations

import random

import pytest

from tests.attack.campaign import Loot, attack_differences, attack_ranges, attack_twins
from tests.attack.towns import CORRECTIONS, Publication, publish_thrice, random_town

ROUNDS = 3
TELLING = ("1 more", "one exchanged")  # one household's answers are the whole difference


def published(kind: str, *, forgets: bool = False) -> list[list[Publication]]:
    """Rounds of two previews and a release: corrected so, and then in some other way."""
    others = list(CORRECTIONS)
    rounds = []
    for seed in range(ROUNDS):
        kinds = [kind, others[(seed + len(kind)) % len(others)]]
        rounds.append(publish_thrice(random_town(seed), kinds, random.Random(seed), forgets=forgets))
    return rounds


@pytest.mark.parametrize("kind", list(CORRECTIONS))
def test_no_difference_of_publications_shows_fewer_than_ten(kind: str) -> None:
    loot = Loot()
    for publications in published(kind):
        loot += attack_differences(publications)
    assert loot.leaks == []
    assert loot.smallest >= 10
    assert loot.numbers["differences with under 10 marks of an indicator"] == 0
    assert loot.numbers["differences"] > ROUNDS


@pytest.mark.parametrize("kind", list(CORRECTIONS))
def test_three_publications_together_leave_hidden_means_open(kind: str) -> None:
    loot = Loot()
    first, *others = published(kind)
    loot += attack_ranges(first, 1)
    for publications in (first, *others):
        loot += attack_twins(publications)
    assert loot.leaks == []
    assert loot.numbers["twins published"] > 0 and loot.numbers["ranges"] > 0
    assert loot.narrowest > 0.5, loot.narrowest_at


@pytest.mark.parametrize("kind", TELLING)
def test_without_a_look_at_what_was_shown_subtraction_tells_whole_sheets(kind: str) -> None:
    loot = Loot()
    for publications in published(kind, forgets=True):
        loot += attack_differences(publications)
    assert loot.numbers["sheets told by a difference"] > 0
    assert loot.numbers["sheets told by a difference, wrong"] == 0
    assert loot.smallest == 1
