"""Would a listing still stand, had the method or the evidence been a little different?

Every case is tried on the score conditions of the listing alone: its bound and tipping,
or C < 70 for watch; neither the cap on the red list nor line 2 of docs/method.md, formula 12, is asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from rating.scoring.arithmetic import HUNDRED, exact
from rating.scoring.questionnaires import Direction
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.composite import Composite
from rating.scoring.standings.standing import Standing, find_tipping


class Condition(StrEnum):
    """What a listing by score rests on."""

    BOUND = "bound"  # U_C for black, L_C for red
    TIPPING = "tipping"
    SCORE = "score"  # C for watch


class CaseKind(StrEnum):
    """What is otherwise in a case."""

    WEIGHTS = "weights"
    WITHOUT_ESTATE = "without_estate"
    WITHOUT_GROUP = "without_group"
    WITHOUT_ADJUSTMENT = "without_adjustment"


@dataclass(frozen=True, slots=True, kw_only=True)
class FragileCase:
    """A case in which the listing fails: the condition that fails, and its figure then.

    `weights` are of 100; `group` is the number of the group that is left out. `value` is the
    bound, tipping or C, None where there is no bound.
    """

    kind: CaseKind
    condition: Condition
    value: Decimal | None
    estate: str | None = None
    group: int | None = None
    weights: Mapping[Direction, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class FlaggedCases:
    """Whether a listing stands with all flagged evaluations counted, and with none.

    Their tallies stay in the house; this is all that leaves it.
    """

    counted: bool
    left_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragility:
    """How many cases were tried, and those in which the listing fails.

    `flagged` is None until the office has tried them.
    """

    cases: int
    failing: tuple[FragileCase, ...]
    flagged: FlaggedCases | None = None


Failure = tuple[Condition, Decimal | None]


@exact
def failing_condition(rules: ScoringRules, listing: Standing, composite: Composite, turnout: Decimal) -> Failure | None:
    """The first score condition of a listing that isn't met, with its figure."""
    if listing is Standing.WATCH:
        return (Condition.SCORE, composite.score) if composite.score >= rules.watch else None
    tipping = find_tipping(rules, composite, turnout)
    if tipping is None or tipping.listing is not listing:
        return Condition.BOUND, composite.lower if listing is Standing.RED else composite.upper
    margin = rules.nonresponse_margin
    if margin > 0 and tipping.points is not None and tipping.points <= margin:
        return Condition.TIPPING, tipping.points
    return None


def shifted_weights(rules: ScoringRules) -> list[ScoringRules]:
    """The rulebook with each direction's weight ±10 points of 100, the others scaled to
    fill; limited to 0..100, each outcome once.
    """
    found: dict[tuple[Decimal, ...], ScoringRules] = {}
    for direction in rules.counting:
        for step in (rules.fragility_step, -rules.fragility_step):
            weights = _shifted(rules, direction, step)
            if weights is not None:
                other = replace(rules, direction_weights=weights)
                found.setdefault(tuple(weights_of_hundred(other).values()), other)
    return list(found.values())


@exact
def weights_of_hundred(rules: ScoringRules) -> dict[Direction, Decimal]:
    """The weights of the directions that count, scaled to 100."""
    return {d: HUNDRED * rules.weight(d) / rules.total_weight for d in rules.counting}


def _shifted(rules: ScoringRules, direction: Direction, step: int) -> dict[Direction, int] | None:
    """Whole-number weights in the new proportions; None where nothing else can fill."""
    own, total = rules.weight(direction), rules.total_weight
    moved = max(0, min(100 * total, 100 * own + step * total))
    if own == total or moved == 100 * own:
        return None
    # Every weight times 100 · (total − own), so that what is scaled stays whole.
    others = {d: rules.weight(d) * (100 * total - moved) for d in rules.counting if d is not direction}
    return {**others, direction: moved * (total - own)}
