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
    fold_round,
    score_round,
)
from rating.scoring.answers.estimates import estimate_mean, interval, pool_variance

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


def cells(case: str) -> dict[str, list[str]]:
    """The estates of each stratum in R's design."""
    found: dict[str, list[str]] = defaultdict(list)
    for estate, cell in sorted({(row["estate"], row["cell"]) for row in read("samples.csv") if row["case"] == case}):
        if cell:
            found[cell].append(estate)
    return found


def strata(case: str) -> list[Stratum]:
    """R's strata: an estate, or a group whose households and answers are added up."""
    known = {estate: (n, ys) for (estate, n), ys in answers(case).items()}
    return [
        Stratum.of(sum(known[e][0] for e in estates), Moments.of(y for e in estates for y in known[e][1]))
        for _, estates in sorted(cells(case).items())
    ]


def residents_only(interval: IntervalMethod) -> ScoringRules:
    return rules(direction_weights={RESIDENTS: 100, COMMITTEE: 0}, variance_prior=0, interval=interval)


def tallies(case: str) -> list[EstateTally]:
    return [
        EstateTally(direction=RESIDENTS, company="C", estate=estate, households=n, never_flagged=Moments.of(ys))
        for (estate, n), ys in answers(case).items()
    ]


# R is told the strata; "low" and "tiny" hold small estates as strata of their own, to try the estimator itself.
FOLDED = [row for row in read("estimates.csv") if row["case"] not in ("low", "tiny")]


@pytest.mark.parametrize("row", FOLDED, ids=lambda row: row["case"])
def test_the_strata_are_the_cells(row: dict[str, str]) -> None:
    found = fold_round(residents_only(IntervalMethod.LOGIT), tallies(row["case"])).cells
    made: dict[object, list[str]] = defaultdict(list)
    for estate, cell in sorted(found.items()):
        made[cell.group or estate].append(estate)
    assert sorted(made.values()) == sorted(cells(row["case"]).values())


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
@pytest.mark.parametrize("row", FOLDED, ids=lambda row: row["case"])
def test_a_scorecard_from_rounded_cells_agrees_as_far_as_rounding_lets_it(
    row: dict[str, str], interval: IntervalMethod
) -> None:
    chosen = residents_only(interval)
    found = score_round(chosen, fold(chosen, tallies(row["case"])), Records()).company("C").directions[RESIDENTS]
    assert found.degrees == int(row["df"])
    assert float(found.score or 0) == pytest.approx(float(row["mean"]), abs=0.05)
    # A cell's SS is off by 50 at most, of thousands.
    assert float(found.standard_error or 0) == pytest.approx(float(row["se"]), rel=0.01)
    for own, name in ((found.lower, "lower"), (found.upper, "upper")):
        assert float(own or 0) == pytest.approx(float(row[f"{interval}_{name}"]), abs=0.1)


def test_the_tables_hold_unequal_households_a_full_estate_and_one_without_an_answer() -> None:
    middling = answers("middling")
    assert len({households for _, households in middling}) == len(middling) > 3
    assert [len(ys) == n for (_, n), ys in middling.items()].count(True) == 1
    assert list(middling.values()).count([]) == 1
    assert max(map(len, cells("groups").values())) == 3
