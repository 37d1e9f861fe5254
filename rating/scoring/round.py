"""A round's scorecard from its rulebook, its folded tallies and its records.

A pure function: the same three give the same bytes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import ZERO, exact
from rating.scoring.assessment import (
    Assessment,
    as_party,
    assess_company,
    assess_estate,
    counting_scores,
    smoothed_spread,
)
from rating.scoring.canonical import Probability
from rating.scoring.certainty import (
    RatedField,
    describe_field,
    expect_wrong,
    wrong_probability,
)
from rating.scoring.composite import RESIDENTS, composite_bounds
from rating.scoring.estimates import Bounds, interval
from rating.scoring.folded import (
    FoldedCompany,
    FoldedTallies,
    ShownEstate,
    check_folded,
)
from rating.scoring.indicators import Cost, costliest_indicators, median_means
from rating.scoring.ranks import (
    rank_by_score,
    rank_intervals,
    simultaneous_probability,
)
from rating.scoring.records import Records, hold_within, sum_adjustments
from rating.scoring.rules import Direction, ScoringRules
from rating.scoring.scorecard import CityCard, CompanyCard, EstateCard, Scorecard
from rating.scoring.standing import (
    Standing,
    Verdict,
    count_red_places,
    decide_standings,
)


@exact
def score_round(rules: ScoringRules, tallies: FoldedTallies, records: Records) -> Scorecard:
    """Score a round.

    A vetoed company without tallies gets a card too; other records of companies that
    aren't in the round have no effect. Raises TallyError for folded tallies that
    contradict themselves.
    """
    check_folded(rules, tallies)
    rated = _Round.of(rules, tallies, records)
    companies = tuple(_company_card(rated, c) for c in rated.companies.values())
    return Scorecard(city=_city_card(rated, tallies, companies), companies=companies)


@dataclass(frozen=True, slots=True)
class _Round:
    """What is known once every standing is decided."""

    rules: ScoringRules
    companies: Mapping[str, FoldedCompany]
    records: Records
    assessments: Mapping[str, Assessment]
    verdicts: Mapping[str, Verdict]
    estate_assessments: Mapping[str, Assessment]
    estate_verdicts: Mapping[str, Verdict]
    field: RatedField | None
    ranks: Mapping[str, int]
    rank_intervals: Mapping[str, tuple[int, int]]
    medians: Mapping[str, Decimal | None]

    @classmethod
    def of(cls, rules: ScoringRules, tallies: FoldedTallies, records: Records) -> "_Round":
        companies = _with_vetoed(tallies.companies, records)
        assessments = {
            code: assess_company(rules, company, _adjustment(rules, records, code))
            for code, company in companies.items()
        }
        verdicts = _decide_companies(rules, companies, assessments, records)
        estates = _shown_estates(companies)
        estate_assessments = {e: assess_estate(rules, s) for e, s in estates.items()}
        rated = {c: a for c, a in assessments.items() if verdicts[c].is_rated}
        composites = {c: a.composite for c, a in rated.items() if a.composite}
        return cls(
            rules=rules,
            companies=companies,
            records=records,
            assessments=assessments,
            verdicts=verdicts,
            estate_assessments=estate_assessments,
            estate_verdicts=_decide_estates(rules, estate_assessments, records),
            field=describe_field(rules, list(composites.values())),
            ranks=rank_by_score({c: each.score for c, each in composites.items()}),
            rank_intervals=rank_intervals(_simultaneous_bounds(rules, rated)),
            medians=_medians(rules, list(rated.values())),
        )


def _with_vetoed(companies: Sequence[FoldedCompany], records: Records) -> dict[str, FoldedCompany]:
    known = {company.company: company for company in companies}
    for veto in records.vetoes:
        known.setdefault(veto.company, FoldedCompany(veto.company, 0))
    return dict(sorted(known.items()))


def _adjustment(rules: ScoringRules, records: Records, code: str) -> Decimal:
    total = sum_adjustments(records.adjustments, code)
    return hold_within(total, rules.adjustments_cap)


def _decide_companies(
    rules: ScoringRules,
    companies: Mapping[str, FoldedCompany],
    assessments: Mapping[str, Assessment],
    records: Records,
) -> dict[str, Verdict]:
    parties = [
        as_party(
            rules,
            assessments[code],
            code,
            is_alone=company.is_alone,
            is_overdue=code in records.overdue_commitments,
            vetoes=_veto_reasons(records, code),
        )
        for code, company in companies.items()
    ]
    return decide_standings(rules, parties)


def _veto_reasons(records: Records, code: str) -> tuple[str, ...]:
    return tuple(sorted(veto.reason for veto in records.vetoes if veto.company == code))


def _decide_estates(rules: ScoringRules, assessments: Mapping[str, Assessment], records: Records) -> dict[str, Verdict]:
    parties = [
        as_party(rules, each, code, is_overdue=code in records.overdue_estates) for code, each in assessments.items()
    ]
    return decide_standings(rules, parties)


def _shown_estates(companies: Mapping[str, FoldedCompany]) -> dict[str, ShownEstate]:
    return {estate.estate: estate for company in companies.values() for estate in company.estates}


def _simultaneous_bounds(rules: ScoringRules, rated: Mapping[str, Assessment]) -> dict[str, Bounds]:
    if not rated:
        return {}
    probability = simultaneous_probability(rules, len(rated))
    found = {c: _bounds_at(rules, each, probability) for c, each in rated.items()}
    return {code: bounds for code, bounds in found.items() if bounds}


def _bounds_at(rules: ScoringRules, assessment: Assessment, probability: Decimal) -> Bounds | None:
    """L_C and U_C anew, each bound at `probability`."""
    scores = counting_scores(rules, assessment.directions)
    if scores is None or assessment.composite is None:
        return None
    estimate = assessment.estimate
    bounds = interval(estimate, rules.interval, probability) if estimate else None
    return composite_bounds(rules, scores, bounds, assessment.composite.adjustment)


def _medians(rules: ScoringRules, rated: Sequence[Assessment]) -> Mapping[str, Decimal | None]:
    questionnaire = rules.questionnaire(RESIDENTS)
    if questionnaire is None:
        return {}
    means = [each.directions[RESIDENTS].indicators for each in rated]
    return median_means(questionnaire, means)


def _costs(rated: _Round, assessment: Assessment) -> tuple[Cost, ...]:
    questionnaire = rated.rules.questionnaire(RESIDENTS)
    card = assessment.directions.get(RESIDENTS)
    if questionnaire is None or card is None:
        return ()
    return costliest_indicators(rated.rules, questionnaire, card.indicators, rated.medians)


def _wrong(rated: _Round, assessment: Assessment, verdict: Verdict, is_vetoed: bool) -> Probability | None:
    composite = assessment.composite
    if is_vetoed or composite is None or rated.field is None:
        return None
    return wrong_probability(rated.rules, rated.field, verdict.standing, composite)


def _company_card(rated: _Round, company: FoldedCompany) -> CompanyCard:
    code = company.company
    own, verdict = rated.assessments[code], rated.verdicts[code]
    composite, pooled = own.composite, company.pooled_variance
    total = sum_adjustments(rated.records.adjustments, code)
    is_vetoed = bool(_veto_reasons(rated.records, code))
    best, worst = rated.rank_intervals.get(code, (None, None))
    return CompanyCard(
        company=code,
        standing=verdict.standing,
        is_rated=verdict.is_rated,
        is_all_group=company.is_all_group,
        reasons=verdict.reasons,
        held_back=verdict.held_back,
        households=company.households,
        estate_count=company.estate_count,
        count=company.count,
        turnout=own.turnout,
        base=composite.base if composite else None,
        adjustment_sum=total,
        adjustment=hold_within(total, rated.rules.adjustments_cap),
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
        directions=own.directions,
        estates=tuple(_estate_card(rated, company, e) for e in company.estates),
    )


def _estate_card(rated: _Round, company: FoldedCompany, estate: ShownEstate) -> EstateCard:
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


def _city_card(rated: _Round, tallies: FoldedTallies, cards: Sequence[CompanyCard]) -> CityCard:
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
        standings=_count_standings(rated.verdicts),
        estate_standings=_count_standings(rated.estate_verdicts),
        expected_wrong=expect_wrong([(c.standing, c.wrong_probability) for c in cards]),
        totals=tallies.totals,
    )


def _count_standings(verdicts: Mapping[str, Verdict]) -> dict[Standing, int]:
    found = Counter(verdict.standing for verdict in verdicts.values())
    return {standing: found[standing] for standing in Standing}
