"""What is asked: indicators with their weights and scales, in one direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rating.scoring.faults import RuleCode, RuleError, rule_fault


class QuestionnaireError(RuleError):
    """A questionnaire whose indicators or dimensions don't fit together."""


class Direction(StrEnum):
    """Who rates whom."""

    RESIDENT_TO_COMPANY = "resident_to_company"
    COMMITTEE_TO_COMPANY = "committee_to_company"
    COMPANY_TO_COMMITTEE = "company_to_committee"
    COMPANY_SELF = "company_self"


RESIDENTS = Direction.RESIDENT_TO_COMPANY


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing asked: its weight, its scale, and the mark that earns nothing."""

    key: str
    weight: int
    lowest: int
    highest: int
    zero: int

    def __post_init__(self) -> None:
        if self.weight <= 0:
            raise QuestionnaireError(rule_fault(RuleCode.WEIGHT_NOT_ABOVE_0, name=self.key))
        if self.lowest >= self.highest:
            raise QuestionnaireError(rule_fault(RuleCode.HIGHEST_NOT_ABOVE_LOWEST, names=self.key))
        if self.zero > self.lowest:
            raise QuestionnaireError(rule_fault(RuleCode.ZERO_ABOVE_LOWEST))

    @property
    def span(self) -> int:
        """From the mark that earns nothing to the one that earns everything."""
        return self.highest - self.zero


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """Indicators that are shown together under one heading."""

    key: str
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionnaireRule:
    """What is asked in one direction, in the order in which it is asked."""

    direction: Direction
    indicators: tuple[Indicator, ...]
    dimensions: tuple[DimensionRule, ...] = ()

    def __post_init__(self) -> None:
        keys = [indicator.key for indicator in self.indicators]
        if not keys:
            raise QuestionnaireError(rule_fault(RuleCode.NO_INDICATOR, direction=self.direction))
        if doubled := named_twice(keys):
            raise QuestionnaireError(rule_fault(RuleCode.INDICATOR_TWICE, names=", ".join(doubled)))
        self._check_dimensions(keys)

    def _check_dimensions(self, keys: list[str]) -> None:
        names = [dimension.key for dimension in self.dimensions]
        placed = [key for dimension in self.dimensions for key in dimension.indicators]
        if len(set(names)) != len(names):
            raise QuestionnaireError(rule_fault(RuleCode.DIMENSION_TWICE, direction=self.direction))
        if doubled := named_twice(placed):
            raise QuestionnaireError(rule_fault(RuleCode.IN_TWO_DIMENSIONS, names=", ".join(doubled)))
        if unknown := sorted(set(placed) - set(keys)):
            raise QuestionnaireError(rule_fault(RuleCode.UNKNOWN_INDICATOR, names=", ".join(unknown)))

    @property
    def total_weight(self) -> int:
        """The weight of all indicators."""
        return sum(indicator.weight for indicator in self.indicators)


def named_twice(keys: Sequence[str]) -> list[str]:
    """The keys that stand more than once, sorted."""
    return sorted({key for key in keys if keys.count(key) > 1})
