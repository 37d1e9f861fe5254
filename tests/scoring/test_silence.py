"""docs/method.md, formula 20: late against early evaluations, a helper's against own entry."""

import random

import pytest

from rating.scoring import Contrast, Moments, TwoGroups, contrast_groups

from . import oracle_beside
from .builders import rules

Row = tuple[int, list[float], list[float]]


def contrast(rows: list[Row], **settings: object) -> Contrast | None:
    estates = [
        TwoGroups(f"E{k}", N, Moments.of(round(y * 10_000) for y in a), Moments.of(round(y * 10_000) for y in b))
        for k, (N, a, b) in enumerate(rows)
    ]
    return contrast_groups(rules(**settings), estates)


@pytest.mark.parametrize("seed", range(50))
def test_difference_and_interval_equal_the_independent_oracle(seed: int) -> None:
    rng = random.Random(seed)

    def ys() -> list[float]:
        return [round(rng.uniform(20, 100), 4) for _ in range(rng.choice([0, 9, 10, 12, 40]))]

    rows = [(rng.randint(50, 900), ys(), ys()) for _ in range(20)]
    found = contrast(rows)
    difference, reach = oracle_beside.contrast(rows)
    assert found is not None
    near = ((found.difference, difference), (found.lower, difference - reach), (found.upper, difference + reach))
    for own, other in near:
        assert float(own) == pytest.approx(other, abs=0.05 + 1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_what_leaves_the_house_is_to_a_tenth(seed: int) -> None:
    rng = random.Random(seed)
    found = contrast([(rng.randint(50, 900), *(rng.choices(range(101), k=12) for _ in range(2))) for _ in range(5)])
    assert found is not None
    for value in (found.difference, found.lower, found.upper):
        assert value == round(value, 1) and not (value == 0 and value.is_signed())


def test_only_estates_with_ten_of_each_are_taken_and_weighed_among_themselves() -> None:
    found = contrast(
        [(100, [80] * 10, [70] * 12), (300, [60] * 11, [70] * 10), (900, [1] * 9, [99] * 30), (900, [], [5] * 20)]
    )
    assert found is not None
    assert found.difference == (10 * 100 - 10 * 300) / 400
    assert (found.estates, found.first_count, found.second_count) == (2, 21, 22)


def test_of_fewer_than_two_such_estates_nothing_is_said() -> None:
    assert contrast([(100, [80] * 10, [70] * 10), (100, [80] * 9, [70] * 10)]) is None
    assert contrast([]) is None


@pytest.mark.parametrize(
    ("first", "second", "margin", "beyond"),
    [
        ([70, 70], [65, 65], 5, False),  # just at the margin
        ([70.1, 70.1], [65, 65], 5, True),
        ([60, 60], [65.1, 65.1], 5, True),
        ([60, 80], [63, 77], 5, True),  # no difference, but known badly
        ([0, 0], [100, 100], 0, False),  # the margin is off
    ],
)
def test_an_end_beyond_the_margin_is_said(first: list[float], second: list[float], margin: int, beyond: bool) -> None:
    found = contrast([(100, first * 5, second * 5)] * 2, nonresponse_margin=margin)
    assert found is not None and found.is_beyond is beyond
