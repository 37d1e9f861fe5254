"""The settings of a rulebook, and which of them make sense together.

Every number of the scoring method is a setting; the defaults are the figures of the
published method. Percentages are numbers from 0 to 100.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Self

from rating.scoring.arithmetic import HUNDRED, exact, round_up
from rating.scoring.faults import RuleCode, RuleError, RuleFault, rule_fault
from rating.scoring.plain import from_plain
from rating.scoring.questionnaires import Direction, QuestionnaireRule


class SettingError(RuleError):
    """A setting out of its range, or settings that contradict each other."""


# The only directions that may carry weight in a company's score.
COUNTABLE = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)


class IntervalMethod(StrEnum):
    """How an interval is drawn round a mean."""

    LOGIT = "logit"
    LINEAR = "linear"


def default_weights() -> Mapping[Direction, int]:
    """Residents 60, committees 40."""
    return {Direction.RESIDENT_TO_COMPANY: 60, Direction.COMMITTEE_TO_COMPANY: 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRules:
    """A rulebook's settings. Raises SettingError, naming everything that is wrong."""

    questionnaires: tuple[QuestionnaireRule, ...]
    direction_weights: Mapping[Direction, int] = field(default_factory=default_weights)

    # One evaluation, one estate
    min_marked_share: Decimal = Decimal(60)
    min_cell: int = 10
    min_outside: int = 3
    min_days_served: int = 60
    min_committee_raters: int = 3

    # The residents' estimate and its interval
    variance_prior: int = 10
    interval: IntervalMethod = IntervalMethod.LOGIT
    level: Decimal = Decimal("97.5")
    nonresponse_margin: Decimal = Decimal(5)

    # The composite
    adjustments_cap: Decimal = Decimal(10)
    min_coverage: Decimal = Decimal(50)

    # Standings
    red: Decimal = Decimal(85)
    black: Decimal = Decimal(60)
    watch: Decimal = Decimal(70)
    red_share: Decimal = Decimal(12)
    max_uncovered_red: Decimal = Decimal(20)
    max_half_width: Decimal = Decimal(10)
    min_sample: int = 30
    min_sample_floor: int = 10
    min_sample_share: Decimal = Decimal(50)

    # What stands beside a listing
    rank_level: Decimal = Decimal(95)
    min_shrinkage_companies: int = 10
    min_between_variance: Decimal = Decimal(1)
    costliest_shown: int = 3
    fragility_step: int = 10
    min_comparable_share: Decimal = Decimal(80)
    peer_new_below: int = 10
    peer_old_above: int = 20
    min_peers: int = 5
    contrast_quantile: Decimal = Decimal("1.96")

    # What a talk and a city's common problems are judged by
    min_untalked: int = 20
    low_indicator: Decimal = Decimal(60)
    common_one_in: int = 3

    # How many are still needed
    needed_quantile: Decimal = Decimal("1.96")
    default_spread: Decimal = Decimal(25)
    lowest_spread: Decimal = Decimal(10)
    highest_spread: Decimal = Decimal(40)

    def __post_init__(self) -> None:
        self._make_own_types()
        faults = [*_weight_faults(self), *_range_faults(self)]
        faults += [*_order_faults(self), *_questionnaire_faults(self)]
        if faults:
            raise SettingError(*faults)

    def _make_own_types(self) -> None:
        # `red=85` and `interval="linear"` are what people write; one type inside keeps
        # every comparison and the bytes the same.
        if self.interval not in list(IntervalMethod):
            raise SettingError(rule_fault(RuleCode.UNKNOWN_INTERVAL, value=self.interval))
        object.__setattr__(self, "interval", IntervalMethod(self.interval))
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(each.default, Decimal) and isinstance(value, int):
                object.__setattr__(self, each.name, Decimal(value))

    def questionnaire(self, direction: Direction) -> QuestionnaireRule | None:
        """The questionnaire of a direction, or None where nothing is asked."""
        found = [q for q in self.questionnaires if q.direction is direction]
        return found[0] if found else None

    def weight(self, direction: Direction) -> int:
        """The direction's weight, 0 where none is given."""
        return self.direction_weights.get(direction, 0)

    @property
    def counting(self) -> tuple[Direction, ...]:
        """The directions that make up the composite."""
        return tuple(d for d in COUNTABLE if self.weight(d) > 0)

    @property
    def total_weight(self) -> int:
        """ΣW over the directions that count."""
        return sum(self.weight(d) for d in self.counting)

    @property
    def residents_count(self) -> bool:
        """Whether the residents' direction carries weight."""
        return Direction.RESIDENT_TO_COMPANY in self.counting

    @property
    def resident_share(self) -> Decimal:
        """W_R/ΣW, from 0 to 1."""
        return Decimal(self.weight(Direction.RESIDENT_TO_COMPANY)) / self.total_weight

    @property
    def bound_probability(self) -> Decimal:
        """[level] as a probability, for one bound."""
        return self.level / HUNDRED

    @exact
    def required_sample(self, households: int) -> int:
        """The least n for a standing: min(30, max(10, ⌈N/2⌉))."""
        share = round_up(households * self.min_sample_share / HUNDRED)
        return min(self.min_sample, max(self.min_sample_floor, share))

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it from plain data. Raises PlainDataError or RuleError."""
        return from_plain(cls, data)


_RANGES: Mapping[str, tuple[int, int]] = {
    "min_marked_share": (0, 100),
    "min_cell": (1, 1_000),
    "min_outside": (1, 1_000),
    "min_days_served": (0, 366),
    "min_committee_raters": (1, 100),
    "variance_prior": (0, 1_000),
    "nonresponse_margin": (0, 100),
    "adjustments_cap": (0, 100),
    "min_coverage": (0, 100),
    "red": (0, 100),
    "black": (0, 100),
    "watch": (0, 100),
    "red_share": (0, 100),
    "max_uncovered_red": (0, 100),
    "max_half_width": (0, 100),
    "min_sample": (1, 100_000),
    "min_sample_floor": (1, 100_000),
    "min_sample_share": (0, 100),
    "min_shrinkage_companies": (2, 100_000),
    "min_between_variance": (0, 10_000),
    "costliest_shown": (0, 100),
    "fragility_step": (0, 100),
    "min_comparable_share": (1, 100),
    "peer_new_below": (1, 200),
    "peer_old_above": (1, 200),
    "min_peers": (1, 1_000),
    "min_untalked": (3, 100_000),
    "low_indicator": (0, 100),
    "common_one_in": (1, 100),
}


def _weight_faults(rules: ScoringRules) -> Iterator[RuleFault]:
    for direction, weight in rules.direction_weights.items():
        if weight < 0:
            yield rule_fault(RuleCode.NEGATIVE_WEIGHT, direction=direction)
        if weight > 0 and direction not in COUNTABLE:
            yield rule_fault(RuleCode.NEVER_COUNTS, direction=direction)
    if not rules.counting:
        yield rule_fault(RuleCode.NO_WEIGHT)


def _range_faults(rules: ScoringRules) -> Iterator[RuleFault]:
    for name, (lowest, highest) in _RANGES.items():
        if not lowest <= getattr(rules, name) <= highest:
            yield rule_fault(RuleCode.OUT_OF_RANGE, name=name, least=lowest, most=highest)
    for name in ("level", "rank_level"):
        if not 50 < getattr(rules, name) < 100:
            yield rule_fault(RuleCode.NO_CERTAINTY, name=name)


def _order_faults(rules: ScoringRules) -> Iterator[RuleFault]:
    if not rules.black < rules.red:
        yield rule_fault(RuleCode.BLACK_NOT_BELOW_RED)
    if not rules.black <= rules.watch <= rules.red:
        yield rule_fault(RuleCode.WATCH_NOT_BETWEEN)
    if rules.min_sample_floor > rules.min_sample:
        yield rule_fault(RuleCode.FLOOR_ABOVE_SAMPLE)
    if rules.min_sample_floor < rules.min_cell:
        # Such a company would be rated, yet its figures could never be shown.
        yield rule_fault(RuleCode.FLOOR_BELOW_CELL)
    if not 0 < rules.lowest_spread <= rules.default_spread <= rules.highest_spread:
        yield rule_fault(RuleCode.SPREAD_NOT_BETWEEN)
    if rules.peer_old_above < rules.peer_new_below:
        yield rule_fault(RuleCode.OLD_BELOW_NEW)
    for name in ("needed_quantile", "contrast_quantile"):
        if getattr(rules, name) <= 0:
            yield rule_fault(RuleCode.NOT_ABOVE_0, name=name)


def _questionnaire_faults(rules: ScoringRules) -> Iterator[RuleFault]:
    asked = [questionnaire.direction for questionnaire in rules.questionnaires]
    if len(set(asked)) != len(asked):
        yield rule_fault(RuleCode.TWO_QUESTIONNAIRES)
    for direction in rules.counting:
        if direction not in asked:
            yield rule_fault(RuleCode.NO_QUESTIONNAIRE, direction=direction)
