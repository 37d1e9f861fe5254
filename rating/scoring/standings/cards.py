"""The cards of a scorecard, from a round whose standings are decided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rating.scoring.arithmetic import ZERO, exact
from rating.scoring.canonical import Probability
from rating.scoring.cells.folded import FoldedCompany, FoldedTallies, ShownEstate
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.standings.assessment import Assessment, smoothed_spread
from rating.scoring.standings.certainty import LISTINGS, expect_wrong, wrong_probability
from rating.scoring.standings.change import Change, Previous, change_since
from rating.scoring.standings.fragile_cases import try_listing
from rating.scoring.standings.fragility import Fragility
from rating.scoring.standings.indicators import Cost, costliest_indicators
from rating.scoring.standings.rated import RatedRound
from rating.scoring.standings.records import limit_to, sum_adjustments
from rating.scoring.standings.scorecard import CityCard, CompanyCard, EstateCard
from rating.scoring.standings.standing import Standing, Verdict, count_red_places


def _costs(rated: RatedRound, assessment: Assessment) -> tuple[Cost, ...]:
    questionnaire = rated.rules.questionnaire(RESIDENTS)
    card = assessment.directions.get(RESIDENTS)
    if questionnaire is None or card is None:
        return ()
    return costliest_indicators(rated.rules, questionnaire, card.indicators, rated.medians)


def _wrong(rated: RatedRound, assessment: Assessment, verdict: Verdict, is_vetoed: bool) -> Probability | None:
    composite = assessment.composite
    if is_vetoed or composite is None or rated.field is None:
        return None
    return wrong_probability(rated.rules, rated.field, verdict.standing, composite)


def _fragility(rated: RatedRound, company: FoldedCompany) -> Fragility | None:
    code = company.company
    standing = rated.verdicts[code].standing
    if standing not in LISTINGS or rated.vetoes(code):
        return None
    return try_listing(rated.rules, company, rated.assessments[code], standing)


def _change(rated: RatedRound, company: FoldedCompany, previous: Previous | None) -> Change | None:
    return change_since(rated.rules, company, previous) if previous else None


@exact
def company_card(rated: RatedRound, company: FoldedCompany, previous: Previous | None) -> CompanyCard:
    """A company's card, its shown estates by code."""
    code = company.company
    own, verdict = rated.assessments[code], rated.verdicts[code]
    composite, pooled = own.composite, company.pooled_variance
    total = sum_adjustments(rated.records.adjustments, code)
    is_vetoed = bool(rated.vetoes(code))
    best, worst = rated.rank_intervals.get(code, (None, None))
    return CompanyCard(
        company=code,
        standing=verdict.standing,
        is_rated=verdict.is_rated,
        is_all_group=company.is_all_group,
        as_shown=company.as_shown,
        reasons=verdict.reasons,
        held_back=verdict.held_back,
        households=company.households,
        estate_count=company.estate_count,
        count=company.count,
        turnout=own.turnout,
        base=composite.base if composite else None,
        adjustment_sum=total,
        adjustment=limit_to(total, rated.rules.adjustments_cap),
        score=composite.score if composite else None,
        lower=composite.lower if composite else None,
        upper=composite.upper if composite else None,
        variance=composite.variance if composite else None,
        pooled_spread=pooled.sqrt() if pooled is not None else None,
        tipping=own.tipping,
        wrong_probability=_wrong(rated, own, verdict, is_vetoed),
        rank=rated.ranks.get(code),
        rank_best=best,
        rank_worst=worst,
        costliest=_costs(rated, own) if verdict.is_rated else (),
        change=_change(rated, company, previous),
        fragility=_fragility(rated, company),
        directions=own.directions,
        estates=tuple(_estate_card(rated, company, e) for e in company.estates),
    )


def _estate_card(rated: RatedRound, company: FoldedCompany, estate: ShownEstate) -> EstateCard:
    code = estate.estate
    own, verdict = rated.estate_assessments[code], rated.estate_verdicts[code]
    composite = own.composite
    committee = own.directions.get(Direction.COMMITTEE_TO_COMPANY)
    other = committee.score if committee else None
    residents, bounds = own.estimate, own.bounds
    return EstateCard(
        estate=code,
        standing=verdict.standing,
        is_rated=verdict.is_rated,
        reasons=verdict.reasons,
        held_back=verdict.held_back,
        households=estate.households,
        count=estate.count,
        turnout=own.turnout or ZERO,
        score=composite.score if composite else None,
        lower=composite.lower if composite else None,
        upper=composite.upper if composite else None,
        tipping=own.tipping,
        gap=_less(residents.mean if residents else None, other),
        gap_lower=_less(bounds.lower if bounds else None, other),
        gap_upper=_less(bounds.upper if bounds else None, other),
        smoothed_spread=smoothed_spread(rated.rules, company, estate),
        directions=own.directions,
    )


def _less(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first - second


@exact
def city_card(rated: RatedRound, tallies: FoldedTallies, cards: Sequence[CompanyCard]) -> CityCard:
    """The city's card, from those of its companies."""
    companies = sum(verdict.is_rated for verdict in rated.verdicts.values())
    estates = sum(verdict.is_rated for verdict in rated.estate_verdicts.values())
    count = sum(card.count for card in cards)
    field = rated.field
    return CityCard(
        households=tallies.households,
        estate_count=tallies.estate_count,
        company_count=len(cards),
        turnout=Decimal(count) / tallies.households if tallies.households else None,
        rated_companies=companies,
        rated_estates=estates,
        red_places=count_red_places(rated.rules, companies),
        red_estate_places=count_red_places(rated.rules, estates),
        mean_score=field.mean if field else None,
        between_variance=field.between_variance if field else None,
        standings=count_standings(rated.verdicts),
        estate_standings=count_standings(rated.estate_verdicts),
        expected_wrong=expect_wrong([(c.standing, c.wrong_probability) for c in cards]),
        totals=tallies.totals,
    )


def count_standings(verdicts: Mapping[str, Verdict]) -> dict[Standing, int]:
    """How many have each standing."""
    found = Counter(verdict.standing for verdict in verdicts.values())
    return {standing: found[standing] for standing in Standing}
