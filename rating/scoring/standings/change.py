"""What has changed since the last round, on the estates shown in both.

Source: Zou & Donner 2008, the interval of a difference from the intervals of its parts.
Both rounds are measured with this round's households and settings, so that neither a
new estate nor a new setting passes for a change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rating.scoring.answers.estimates import Bounds, Estimate, Stratum, interval, weighted_variance
from rating.scoring.arithmetic import HUNDRED, ONE, ZERO, add_up, exact
from rating.scoring.cells.folded import FoldedCompany, FoldedTallies, ShownEstate
from rating.scoring.questionnaires import RESIDENTS, Direction, QuestionnaireRule
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.composite import Composite, compose
from rating.scoring.standings.standing import is_missing


@dataclass(frozen=True, slots=True)
class Previous:
    """The last round: its rulebook's settings and its folded tallies."""

    rules: ScoringRules
    tallies: FoldedTallies


class NotComparable(StrEnum):
    """Why there is no change to tell."""

    NEW_COMPANY = "new_company"  # it wasn't in the last round
    OTHER_QUESTIONNAIRE = "other_questionnaire"
    OTHER_WEIGHTS = "other_weights"
    TOO_FEW_HOUSEHOLDS = "too_few_households"  # in the estates shown in both
    DIRECTION_MISSING = "direction_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Δ = B₂ − B₁ in points, or the reason why there is none.

    `estates` are those shown under the company in both rounds, `covered` (0..1) their
    share of its households now. `before` and `after` are B on these estates alone. The
    bounds are None where one of the rounds has no interval on them.
    """

    reason: NotComparable | None
    estates: int = 0
    covered: Decimal | None = None
    before: Decimal | None = None
    after: Decimal | None = None
    points: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Common:
    """The estates shown in both rounds, by code: weights N_e now, and both tallies."""

    weights: Mapping[str, int]
    before: Mapping[str, ShownEstate]
    after: Mapping[str, ShownEstate]

    def with_both(self, direction: Direction) -> list[str]:
        """The estates that the direction rated in both rounds."""
        return [e for e in self.weights if all(side[e].part(direction) for side in (self.before, self.after))]


@exact
def change_since(rules: ScoringRules, company: FoldedCompany, previous: Previous) -> Change:
    """Δ with its interval: from Δ − √((B₂−L₂)² + (U₁−B₁)²) to Δ + √((U₂−B₂)² + (B₁−L₁)²).

    Not comparable if the estates have under 80 % of the company's households, or if
    questionnaire or weights differ.
    """
    if reason := _other_method(rules, previous.rules):
        return Change(reason=reason)
    old = next((c for c in previous.tallies.companies if c.company == company.company), None)
    if old is None:
        return Change(reason=NotComparable.NEW_COMPANY)
    common = _common_estates(rules, old, company)
    estates, covered = len(common.weights), _covered(common, company)
    if covered is None or HUNDRED * covered < rules.min_comparable_share:
        return Change(reason=NotComparable.TOO_FEW_HOUSEHOLDS, estates=estates, covered=covered)
    before = _measure(rules, old, common, common.before)
    after = _measure(rules, company, common, common.after)
    if before is None or after is None:
        return Change(reason=NotComparable.DIRECTION_MISSING, estates=estates, covered=covered)
    return _difference(before, after, estates, covered)


def _difference(before: Composite, after: Composite, estates: int, covered: Decimal) -> Change:
    points = after.base - before.base
    ends = _ends(before, after, points)
    return Change(
        reason=None,
        estates=estates,
        covered=covered,
        before=before.base,
        after=after.base,
        points=points,
        lower=ends.lower if ends else None,
        upper=ends.upper if ends else None,
    )


def _ends(before: Composite, after: Composite, points: Decimal) -> Bounds | None:
    lower_1, upper_1, lower_2, upper_2 = before.lower, before.upper, after.lower, after.upper
    if lower_1 is None or upper_1 is None or lower_2 is None or upper_2 is None:
        return None
    down = ((after.base - lower_2) ** 2 + (upper_1 - before.base) ** 2).sqrt()
    up = ((upper_2 - after.base) ** 2 + (before.base - lower_1) ** 2).sqrt()
    return Bounds(points - down, points + up)


def _other_method(rules: ScoringRules, old: ScoringRules) -> NotComparable | None:
    if rules.counting != old.counting:
        return NotComparable.OTHER_WEIGHTS
    if any(_asked(rules.questionnaire(d)) != _asked(old.questionnaire(d)) for d in rules.counting):
        return NotComparable.OTHER_QUESTIONNAIRE
    # 60 to 40 and 6 to 4 are the same.
    if any(rules.weight(d) * old.total_weight != old.weight(d) * rules.total_weight for d in rules.counting):
        return NotComparable.OTHER_WEIGHTS
    return None


def _asked(questionnaire: QuestionnaireRule | None) -> frozenset[object]:
    # Neither the order nor the headings of what is asked enter a score.
    return frozenset(questionnaire.indicators if questionnaire else ())


def _common_estates(rules: ScoringRules, old: FoldedCompany, new: FoldedCompany) -> _Common:
    leading = rules.counting[0]
    before = {e.estate: e for e in old.estates if e.part(leading)}
    after = {e.estate: e for e in new.estates if e.part(leading)}
    weights = {code: estate.households for code, estate in after.items() if code in before}
    return _Common(weights, before, after)


def _covered(common: _Common, company: FoldedCompany) -> Decimal | None:
    if company.households is None:
        return None
    return Decimal(sum(common.weights.values())) / company.households


def _measure(
    rules: ScoringRules, company: FoldedCompany, common: _Common, shown: Mapping[str, ShownEstate]
) -> Composite | None:
    """B and its bounds in one round; None if a direction is missing on these estates."""
    scores = {}
    for direction in rules.counting:
        codes = common.with_both(direction)
        weight = sum(common.weights[code] for code in codes)
        if is_missing(rules, ONE - Decimal(weight) / sum(common.weights.values())):
            return None
        parts = ((common.weights[c], shown[c].part(direction)) for c in codes)
        scores[direction] = add_up(n * part.mean for n, part in parts if part) / weight
    bounds = _bounds(rules, company, common, shown, scores) if rules.residents_count else None
    return compose(rules, scores, bounds)


def _bounds(
    rules: ScoringRules,
    company: FoldedCompany,
    common: _Common,
    shown: Mapping[str, ShownEstate],
    scores: Mapping[Direction, Decimal],
) -> Bounds | None:
    """The residents' bounds on these estates, with the company's s² and t of that round."""
    strata = [(n, stratum) for code, n in common.weights.items() if (stratum := shown[code].stratum)]
    found = Estimate(
        mean=scores[RESIDENTS],
        variance=_variance(rules, company, strata),
        degrees=company.degrees or 0,
        census=all(s.count == s.households for _, s in strata),
    )
    return interval(found, rules.interval, rules.bound_probability)


def _variance(rules: ScoringRules, company: FoldedCompany, strata: Sequence[tuple[int, Stratum]]) -> Decimal:
    """Σ P_e² v_e, P_e from this round's N_e, v_e from the N_e of the round itself."""
    pooled = company.pooled_variance or ZERO
    parts = (
        weight**2 * weighted_variance(stratum, pooled, rules.variance_prior) / stratum.households**2
        for weight, stratum in strata
    )
    return add_up(parts) / sum(weight for weight, _ in strata) ** 2
