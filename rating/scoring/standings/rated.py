"""Everything about a round that must be known before any card can be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.answers.estimates import Bounds, interval
from rating.scoring.arithmetic import exact
from rating.scoring.cells.folded import FoldedCompany, FoldedTallies, ShownEstate, check_folded
from rating.scoring.questionnaires import RESIDENTS
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.assessment import Assessment, as_party, assess_company, assess_estate, counting_scores
from rating.scoring.standings.certainty import RatedField, describe_field
from rating.scoring.standings.composite import composite_bounds
from rating.scoring.standings.indicators import median_means
from rating.scoring.standings.ranks import rank_by_score, rank_intervals, simultaneous_probability
from rating.scoring.standings.records import Records, limit_to, sum_adjustments
from rating.scoring.standings.standing import Verdict, decide_standings


@dataclass(frozen=True, slots=True)
class RatedRound:
    """What is known once every standing is decided, by company or estate code."""

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
    @exact
    def of(cls, rules: ScoringRules, tallies: FoldedTallies, records: Records) -> "RatedRound":
        """Decide a round. Raises TallyError for tallies that contradict themselves."""
        check_folded(rules, tallies)
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

    def vetoes(self, company: str) -> tuple[str, ...]:
        """The reasons of a company's vetoes."""
        return _veto_reasons(self.records, company)


def _with_vetoed(companies: Sequence[FoldedCompany], records: Records) -> dict[str, FoldedCompany]:
    known = {company.company: company for company in companies}
    for veto in records.vetoes:
        known.setdefault(veto.company, FoldedCompany(veto.company, 0))
    return dict(sorted(known.items()))


def _adjustment(rules: ScoringRules, records: Records, code: str) -> Decimal:
    total = sum_adjustments(records.adjustments, code)
    return limit_to(total, rules.adjustments_cap)


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
    """L_C and U_C recomputed, each bound at `probability`."""
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
