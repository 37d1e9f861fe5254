"""What is asked: indicators with their weights and scales, in one direction."""

from dataclasses import dataclass
from enum import StrEnum


class RuleError(ValueError):
    """A rulebook that can't be used as it stands."""


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
            raise QuestionnaireError(f"{self.key}: a weight is above 0")
        if self.lowest >= self.highest:
            raise QuestionnaireError(f"{self.key}: the lowest mark is below the highest")
        if self.zero > self.lowest:
            raise QuestionnaireError(f"{self.key}: the zero mark is above the lowest")

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
            raise QuestionnaireError(f"{self.direction}: there is no indicator")
        if len(set(keys)) != len(keys):
            raise QuestionnaireError(f"{self.direction}: an indicator appears twice")
        self._check_dimensions(keys)

    def _check_dimensions(self, keys: list[str]) -> None:
        names = [dimension.key for dimension in self.dimensions]
        placed = [key for dimension in self.dimensions for key in dimension.indicators]
        if len(set(names)) != len(names):
            raise QuestionnaireError(f"{self.direction}: a dimension appears twice")
        if len(set(placed)) != len(placed):
            raise QuestionnaireError(f"{self.direction}: an indicator is in two dimensions")
        if unknown := sorted(set(placed) - set(keys)):
            raise QuestionnaireError(f"{self.direction}: no such indicators: {unknown}")

    @property
    def total_weight(self) -> int:
        """The weight of all indicators."""
        return sum(indicator.weight for indicator in self.indicators)
