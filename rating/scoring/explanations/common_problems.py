"""The city's common problems: indicators that are low in over a third of the estates."""

from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import HUNDRED, exact
from rating.scoring.cells.folded import FoldedTallies
from rating.scoring.questionnaires import RESIDENTS, Direction, Indicator
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.indicators import mark_mean


@dataclass(frozen=True, slots=True)
class CommonProblem:
    """An indicator that is low (m_ei below 60 %) in `low` of the `estates` with a mark.

    `low_estates` are the codes of those where it is low.
    """

    direction: Direction
    indicator: str
    dimension: str | None
    low: int
    estates: int
    low_estates: tuple[str, ...]


@exact
def find_common_problems(
    rules: ScoringRules, tallies: FoldedTallies, direction: Direction = RESIDENTS
) -> tuple[CommonProblem, ...]:
    """Indicators low in over one in three of the shown estates with a mark in it, the
    most widespread first; ties in the questionnaire's order.
    """
    questionnaire = rules.questionnaire(direction)
    if questionnaire is None:
        return ()
    headings = {key: dimension.key for dimension in questionnaire.dimensions for key in dimension.indicators}
    found = [
        _count(rules, tallies, direction, indicator, headings.get(indicator.key))
        for indicator in questionnaire.indicators
    ]
    common = [each for each in found if rules.common_one_in * each.low > each.estates]
    return tuple(sorted(common, key=lambda each: -Decimal(each.low) / each.estates))


def _count(
    rules: ScoringRules, tallies: FoldedTallies, direction: Direction, indicator: Indicator, dimension: str | None
) -> CommonProblem:
    means = {
        estate.estate: mean
        for company in tallies.companies
        for estate in company.estates
        if (mean := mark_mean(indicator, estate.counts(direction).get(indicator.key))) is not None
    }
    low = tuple(sorted(code for code, mean in means.items() if HUNDRED * mean < rules.low_indicator))
    return CommonProblem(direction, indicator.key, dimension, len(low), len(means), low)
