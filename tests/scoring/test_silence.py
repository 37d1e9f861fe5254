"""Section 7: late against early evaluations, a helper's against own entry."""

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
        return [round(rng.uniform(20, 100), 4) for _ in range(rng.choice([0, 1, 2, 5, 40]))]

    rows = [(rng.randint(50, 900), ys(), ys()) for _ in range(20)]
    found = contrast(rows)
    difference, reach = oracle_beside.contrast(rows)
    assert found is not None
    assert float(found.difference) == pytest.approx(difference, rel=1e-9)
    assert float(found.upper - found.difference) == pytest.approx(reach, rel=1e-9)
    assert float(found.difference - found.lower) == pytest.approx(reach, rel=1e-9)


def test_only_estates_with_two_of_each_are_taken_and_weighed_among_themselves() -> None:
    found = contrast(
        [(100, [80, 80], [70, 70]), (300, [60, 60, 60], [70, 70]), (900, [1], [99, 99]), (900, [], [5, 6])]
    )
    assert found is not None
    assert found.difference == (10 * 100 - 10 * 300) / 400
    assert (found.estates, found.first_count, found.second_count) == (2, 5, 4)


def test_without_such_an_estate_there_is_nothing_to_say() -> None:
    assert contrast([(100, [80], [70, 70])]) is None
    assert contrast([]) is None


@pytest.mark.parametrize(
    ("rows", "margin", "beyond"),
    [
        ([(100, [70, 70], [65, 65])], 5, False),  # just at the margin
        ([(100, [70.1, 70.1], [65, 65])], 5, True),
        ([(100, [60, 60], [65.1, 65.1])], 5, True),
        ([(100, [60, 80], [65, 75])], 5, True),  # no difference, but known badly
        ([(100, [0, 0], [100, 100])], 0, False),  # the margin is off
    ],
)
def test_an_end_beyond_the_margin_is_said(rows: list[Row], margin: int, beyond: bool) -> None:
    found = contrast(rows, nonresponse_margin=margin)
    assert found is not None and found.is_beyond is beyond
