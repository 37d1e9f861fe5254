"""What can be wrong with a rulebook: codes with values. The sentences for people are in rating.rulebooks.faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RuleCode(StrEnum):
    """Each thing that can be wrong with a rulebook's settings and questionnaires."""

    # Settings
    UNKNOWN_SETTING = "unknown_setting"
    NO_NUMBER = "no_number"
    NO_WEIGHTS = "no_weights"
    OUT_OF_RANGE = "out_of_range"
    NO_CERTAINTY = "no_certainty"
    NOT_ABOVE_0 = "not_above_0"
    UNKNOWN_INTERVAL = "unknown_interval"
    UNKNOWN_DIRECTION = "unknown_direction"
    NEGATIVE_WEIGHT = "negative_weight"
    NEVER_COUNTS = "never_counts"
    NO_WEIGHT = "no_weight"
    BLACK_NOT_BELOW_RED = "black_not_below_red"
    WATCH_NOT_BETWEEN = "watch_not_between"
    FLOOR_ABOVE_SAMPLE = "floor_above_sample"
    FLOOR_BELOW_CELL = "floor_below_cell"
    SPREAD_NOT_BETWEEN = "spread_not_between"
    OLD_BELOW_NEW = "old_below_new"
    TWO_QUESTIONNAIRES = "two_questionnaires"
    NO_QUESTIONNAIRE = "no_questionnaire"
    FOLDED_OTHERWISE = "folded_otherwise"
    # Questionnaires
    WEIGHT_NOT_ABOVE_0 = "weight_not_above_0"
    HIGHEST_NOT_ABOVE_LOWEST = "highest_not_above_lowest"
    ZERO_ABOVE_LOWEST = "zero_above_lowest"
    NO_INDICATOR = "no_indicator"
    INDICATOR_TWICE = "indicator_twice"
    DIMENSION_TWICE = "dimension_twice"
    IN_TWO_DIMENSIONS = "in_two_dimensions"
    UNKNOWN_INDICATOR = "unknown_indicator"


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One thing that is wrong, and what its sentence has to name. Whoever reads a file adds codes of their own."""

    code: StrEnum
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.values.items())])


def rule_fault(code: StrEnum, **values: object) -> RuleFault:
    """A fault with its values by name."""
    return RuleFault(code, values)


class RuleError(ValueError):
    """A rulebook that can't be used as it stands; `faults` lists everything that is wrong."""

    def __init__(self, *faults: RuleFault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults
