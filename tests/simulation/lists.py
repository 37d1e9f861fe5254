"""Whole rounds of 69 companies, judged by the product's own code: wrong listings, their probability, ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from rating.scoring import UNITS_PER_POINT, EstateTally, Moments, Records, Standing, fold
from rating.scoring.questionnaires import Direction
from rating.scoring.standings.assessment import as_party
from rating.scoring.standings.certainty import LISTINGS, wrong_probability
from rating.scoring.standings.composite import RESIDENTS
from rating.scoring.standings.rated import RatedRound
from rating.scoring.standings.standing import ReasonCode, Verdict, decide_standings
from tests.scoring.builders import rules
from tests.simulation.cities import City, answer, around_thresholds, ordinary_field, plan_city, settle
from tests.simulation.people import Numbers

RULES = rules()
MARGINS = (0, 3, 5, 8)
FIELDS: Mapping[str, Callable[[np.random.Generator], Numbers]] = {
    "thresholds": around_thresholds,
    "ordinary": ordinary_field,
}
# By how much the odds of answering are raised for (unhappy, happy) residents.
KEENNESS: Mapping[str, tuple[float, float]] = {
    "alike": (1, 1),
    "unhappy 1.5": (1.5, 1),
    "unhappy 2": (2, 1),
    "happy 2": (1, 2),
}


@dataclass(frozen=True)
class Listed:
    """A company that is listed by score, or would be by the score alone, were no certainty asked for; the probability
    that the product tells of its being wrong, and whether it is. `margins` are those at which it is listed.
    """

    standing: Standing
    probability: float
    wrong: bool
    margins: tuple[int, ...]


@dataclass(frozen=True)
class Round:
    """One round: counts by (margin, what), who is or might be listed, and whether all true ranks were covered.

    `wrong red` stands on the list, `let in` wrongly passed every condition but the cap, `due red` is rated and right,
    `found red` passed the conditions too; `silent` is by how many points those who stayed silent are the happier.
    """

    counts: Counter[tuple[int, str]]
    listed: tuple[Listed, ...]
    ranks_hold: bool
    rank_width: float
    silent: float


def try_round(field: str, keenness: Sequence[str], seed: int) -> dict[str, Round]:
    """One city, answered once for each kind of keenness."""
    random = np.random.default_rng(seed)
    city = settle(plan_city(FIELDS[field](random), random), random)
    return {name: judge(city, answer(city, random, *KEENNESS[name])) for name in keenness}


def judge(city: City, answered: Numbers) -> Round:
    """Score what was answered, as the product does, and hold it against the truth."""
    rated, truth = rate(city, answered), truth_of(city)
    standings = {margin: verdicts(rated, margin) for margin in MARGINS}
    counts: Counter[tuple[int, str]] = Counter()
    for margin, found in standings.items():
        counts.update({(margin, what): n for what, n in _count(found, truth).items()})
    silent = np.average(city.score[~answered]) - np.average(city.score[answered])
    listed = tuple(_listed(rated, standings, truth))
    width = float(np.mean([worst - best + 1 for best, worst in rated.rank_intervals.values()]))
    return Round(counts, listed, all_hold(rated.rank_intervals, truth), width, silent / UNITS_PER_POINT)


def rate(city: City, answered: Numbers) -> RatedRound:
    """What the product makes of what was answered."""
    return RatedRound.of(RULES, fold(RULES, tallies(city, answered)), Records())


def truth_of(city: City) -> dict[str, float]:
    """C by company's code if everybody answered."""
    return {code_of(number): value for number, value in enumerate(city.truth.tolist())}


def tallies(city: City, answered: Numbers) -> Iterator[EstateTally]:
    """What the estates' residents and committees said; one committee mark an estate, all alike in a company."""
    plan, size = city.plan, len(city.plan.households)
    estates, score = city.estate[answered], city.score[answered]
    ends = np.cumsum(np.bincount(estates, minlength=size))
    moments = [
        np.diff(np.concatenate([[0], np.cumsum(y)])[np.concatenate([[0], ends])]) for y in (score, score * score)
    ]
    counted = np.array([np.diff(ends, prepend=0), *moments]).T.tolist()
    for number, households in enumerate(plan.households.tolist()):
        company = int(plan.company[number])
        mark = round(plan.committee[company] * UNITS_PER_POINT)
        yield _tally(RESIDENTS, company, number, households, Moments(*counted[number]))
        yield _tally(Direction.COMMITTEE_TO_COMPANY, company, number, households, Moments.of([mark]))


def _tally(direction: Direction, company: int, estate: int, households: int, counted: Moments) -> EstateTally:
    mean = round(counted.total / counted.count) if counted.count else None
    return EstateTally(
        direction=direction,
        company=code_of(company),
        estate=f"E{estate:03d}",
        households=households,
        never_flagged=counted,
        lowest=mean,
        highest=mean,
    )


def code_of(company: int) -> str:
    """A company's code."""
    return f"C{company:02d}"


def verdicts(rated: RatedRound, margin: int) -> Mapping[str, Verdict]:
    """Everybody's standing at this non-response margin."""
    parties = [as_party(RULES, each, code) for code, each in rated.assessments.items()]
    return decide_standings(replace(RULES, nonresponse_margin=margin), parties)


def _count(found: Mapping[str, Verdict], truth: Mapping[str, float]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for code, verdict in found.items():
        score = truth[code]
        is_black, is_red = verdict.standing is Standing.BLACK, verdict.standing is Standing.RED
        passed = is_red or {reason.code for reason in verdict.held_back} == {ReasonCode.BEYOND_RED_CAP}
        counts["black"] += is_black
        counts["wrong black"] += is_black and score >= RULES.black
        counts["due black"] += verdict.is_rated and score < RULES.black
        counts["found black"] += is_black and score < RULES.black
        counts["red"] += is_red
        counts["wrong red"] += is_red and score < RULES.red
        counts["let in"] += passed and score < RULES.red
        counts["due red"] += verdict.is_rated and score >= RULES.red
        counts["found red"] += passed and score >= RULES.red
    return counts


def _listed(
    rated: RatedRound, standings: Mapping[int, Mapping[str, Verdict]], truth: Mapping[str, float]
) -> Iterator[Listed]:
    for code in rated.ranks:
        composite = rated.assessments[code].composite
        for standing in LISTINGS:
            if composite is None or rated.field is None or not _is_on_side(standing, composite.score):
                continue
            probability = wrong_probability(RULES, rated.field, standing, composite)
            margins = tuple(m for m, found in standings.items() if found[code].standing is standing)
            yield Listed(standing, float(probability or 0), not _is_on_side(standing, truth[code]), margins)


def _is_on_side(standing: Standing, score: Decimal | float) -> bool:
    """Whether the score alone would put a company on the list."""
    if standing is Standing.RED:
        return score >= RULES.red
    return score < (RULES.black if standing is Standing.BLACK else RULES.watch)


def all_hold(ranges: Mapping[str, tuple[int, int]], truth: Mapping[str, float]) -> bool:
    """Whether the true rank of each of these companies, among these, lies in its range."""
    order = sorted(ranges, key=lambda code: -truth[code])
    return all(ranges[code][0] <= rank <= ranges[code][1] for rank, code in enumerate(order, start=1))
