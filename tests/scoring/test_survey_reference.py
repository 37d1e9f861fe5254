"""Without a prior the estimator agrees with R's `survey` to six significant digits."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from rating.scoring import IntervalMethod, Moments, Stratum
from rating.scoring.estimates import estimate_mean, interval, pool_variance

REFERENCE = Path(__file__).parent / "reference"


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def strata(case: str) -> list[Stratum]:
    answers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in read("samples.csv"):
        if row["case"] == case and row["y"]:
            key = (row["estate"], int(row["households"]))
            answers[key].append(round(Decimal(row["y"]) * 10_000))
    return [Stratum(n, Moments.of(ys)) for (_, n), ys in sorted(answers.items())]


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
