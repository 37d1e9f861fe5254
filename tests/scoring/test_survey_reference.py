"""Without a prior the estimator agrees with R's `survey` to six significant digits."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from rating.scoring import (
    EstateTally,
    IntervalMethod,
    Moments,
    Records,
    ScoringRules,
    Stratum,
    fold,
    score_round,
)
from rating.scoring.estimates import estimate_mean, interval, pool_variance

from .builders import COMMITTEE, RESIDENTS, rules

REFERENCE = Path(__file__).parent / "reference"


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers(case: str) -> dict[tuple[str, int], list[int]]:
    """Scores in 1/10 000 points by estate and households; an estate that nobody rated has none."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in read("samples.csv"):
        if row["case"] == case:
            ys = found[row["estate"], int(row["households"])]
            ys += [round(Decimal(row["y"]) * 10_000)] if row["y"] else []
    return found


def strata(case: str) -> list[Stratum]:
    return [Stratum(n, Moments.of(ys)) for (_, n), ys in sorted(answers(case).items()) if ys]


def residents_only(interval: IntervalMethod) -> ScoringRules:
    return rules(direction_weights={RESIDENTS: 100, COMMITTEE: 0}, variance_prior=0, interval=interval)


def tallies(case: str) -> list[EstateTally]:
    return [
        EstateTally(direction=RESIDENTS, company="C", estate=estate, households=n, never_flagged=Moments.of(ys))
        for (estate, n), ys in answers(case).items()
    ]


RELEASED = [row for row in read("estimates.csv") if sum(map(len, answers(row["case"]).values())) >= 10]


@pytest.mark.parametrize("row", read("estimates.csv"), ids=lambda row: row["case"])
def test_without_a_prior_it_agrees_with_the_survey_package(row: dict[str, str]) -> None:
    sample = strata(row["case"])
    pooled, degrees = pool_variance(sample)
    found = estimate_mean(sample, pooled, degrees, 0)
    level = Decimal("0.975")
    linear = interval(found, IntervalMethod.LINEAR, level)
    logit = interval(found, IntervalMethod.LOGIT, level)
    assert linear and logit
    assert found.degrees == int(row["df"])
    near = {
        "mean": found.mean,
        "se": found.standard_error,
        "linear_lower": linear.lower,
        "linear_upper": linear.upper,
        "logit_lower": logit.lower,
        "logit_upper": logit.upper,
    }
    for name, value in near.items():
        assert float(value) == pytest.approx(float(row[name]), rel=5e-7), name


@pytest.mark.parametrize("interval", list(IntervalMethod))
@pytest.mark.parametrize("row", RELEASED, ids=lambda row: row["case"])
def test_a_scorecard_from_folded_tallies_agrees_with_it_too(row: dict[str, str], interval: IntervalMethod) -> None:
    chosen = residents_only(interval)
    found = score_round(chosen, fold(chosen, tallies(row["case"])), Records()).company("C").directions[RESIDENTS]
    assert found.degrees == int(row["df"])
    near = {
        "mean": found.score,
        "se": found.standard_error,
        f"{interval}_lower": found.lower,
        f"{interval}_upper": found.upper,
    }
    for name, value in near.items():
        assert value is not None and float(value) == pytest.approx(float(row[name]), rel=5e-7), name


def test_the_tables_hold_unequal_households_a_full_estate_and_one_without_an_answer() -> None:
    middling = answers("middling")
    assert len({households for _, households in middling}) == len(middling) > 3
    assert [len(ys) == n for (_, n), ys in middling.items()].count(True) == 1
    assert list(middling.values()).count([]) == 1
    assert len(RELEASED) >= 4
