"""What a rulebook says, as frozen values: questionnaires in both languages, settings and windows.

A rulebook file is read by schemas.py into these classes; models.py keeps the file's content unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import Any

from rating import scoring
from rating.scoring import (
    DimensionRule,
    Direction,
    QuestionnaireRule,
    RuleCode,
    RuleFault,
    ScoringRules,
    SettingError,
    rule_fault,
)

WEIGHTS = "direction_weights"
_SETTINGS = frozenset(each.name for each in fields(ScoringRules) if each.name != "questionnaires")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class NoMark:
    """An answer that carries no mark: 不清楚, 没有这一项, 不涉及. `sign` is its one character in stored marks."""

    key: str
    text: Text

    @property
    def sign(self) -> str:
        """One character, distinct from every digit."""
        return {"unknown": "?", "absent": "-"}[self.key]


@dataclass(frozen=True, slots=True)
class Indicator:
    """指标: one line of a questionnaire. Marks are whole numbers from the scale's lowest to `highest`."""

    key: str
    text: Text
    hint: Text
    highest: int
    weight: int
    method: str = ""
    applies_if: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """评价项目: a group of indicators."""

    key: str
    text: Text
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """The free text at a form's end; `max_length` in characters."""

    max_length: int
    text: Text
    hint: Text


@dataclass(frozen=True)
class Questionnaire:
    """评价表/评分表: what is asked in one direction."""

    direction: Direction
    title: Text
    preface: Text
    lowest: int
    zero: int
    labels: Mapping[int, Text]
    no_marks: tuple[NoMark, ...]
    comment: Comment | None
    dimensions: tuple[Dimension, ...]

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators in the order of the form, which is the order of the stored marks."""
        return tuple(indicator for dimension in self.dimensions for indicator in dimension.indicators)

    @cached_property
    def rule(self) -> QuestionnaireRule:
        """The questionnaire as the arithmetic takes it: keys, weights and scales, no texts."""
        return QuestionnaireRule(
            self.direction,
            tuple(scoring.Indicator(i.key, i.weight, self.lowest, i.highest, self.zero) for i in self.indicators),
            tuple(DimensionRule(d.key, tuple(i.key for i in d.indicators)) for d in self.dimensions),
        )

    def choices(self, indicator: Indicator) -> list[int]:
        """The marks that can be chosen, highest first, as on paper."""
        return list(range(indicator.highest, self.lowest - 1, -1))

    def encode(self, answers: Sequence[int | str]) -> str:
        """Answers (a mark, or a no-mark's key) as one character an indicator, in the form's order."""
        signs = {no_mark.key: no_mark.sign for no_mark in self.no_marks}
        return "".join(signs[answer] if isinstance(answer, str) else str(answer) for answer in answers)

    def decode(self, marks: str) -> Iterator[int | None]:
        """The marks of a stored string; None for an answer that carries no mark."""
        return (int(sign) if sign.isdigit() else None for sign in marks)


@dataclass(frozen=True, slots=True)
class Gaps:
    """When residents and on site differ so widely on an estate that somebody looks into it before the freeze."""

    gap_points: int = 20
    gap_evaluations: int = 30

    def is_wide(self, gap: Decimal, count: int) -> bool:
        """Whether a difference in points is wide, on an estate with this many of residents' evaluations."""
        return count >= self.gap_evaluations and abs(gap) > self.gap_points


@dataclass(frozen=True, slots=True)
class Windows:
    """How long things take: days, working days and months of the rulebook."""

    open_days: int = 21
    preview_working_days: int = 10
    objection_working_days: int = 15
    correction_working_days: int = 5
    display_months: int = 3
    talk_working_days: int = 10
    talk_notice_working_days: int = 3
    urgent_days: int = 1
    hazardous_days: int = 15
    ordinary_days: int = 30
    fund_days: int = 90
    reinspection_days: int = 7


@dataclass(frozen=True)
class RulebookContent:
    """评价办法, whole. `scoring` has the settings of the formulas in docs/method.md, by their names."""

    key: str
    version: int
    title: Text
    questionnaires: Mapping[Direction, Questionnaire]
    scoring: Mapping[str, Any]
    windows: Windows
    gaps: Gaps = Gaps()

    def questionnaire(self, direction: Direction) -> Questionnaire:
        """The questionnaire of a direction; KeyError where the rulebook asks nothing in it."""
        return self.questionnaires[direction]

    def rules(self) -> ScoringRules:
        """This rulebook as the arithmetic takes it; raises RuleError where its settings contradict each other."""
        return self._rules

    @cached_property
    def _rules(self) -> ScoringRules:
        return ScoringRules(
            questionnaires=tuple(one.rule for one in self.questionnaires.values()), **exact_settings(self.scoring)
        )


def exact_settings(scoring: Mapping[str, Any]) -> dict[str, Any]:
    """A file's settings as the arithmetic takes them; raises SettingError naming those that can't be such settings."""
    if faults := list(_setting_faults(scoring)):
        raise SettingError(*faults)
    settings = {name: _exact(value) for name, value in scoring.items()}
    if weights := scoring.get(WEIGHTS):
        settings[WEIGHTS] = {Direction(name): weight for name, weight in weights.items()}
    return settings


def _setting_faults(scoring: Mapping[str, Any]) -> Iterator[RuleFault]:
    for name, value in scoring.items():
        if name not in _SETTINGS:
            yield rule_fault(RuleCode.UNKNOWN_SETTING, name=name)
        elif name == WEIGHTS:
            yield from _weight_faults(value)
        elif name != "interval" and not _is_number(value):
            yield rule_fault(RuleCode.NO_NUMBER, name=name)


def _weight_faults(weights: object) -> Iterator[RuleFault]:
    if not isinstance(weights, Mapping):
        yield rule_fault(RuleCode.NO_WEIGHTS)
        return
    for name, weight in weights.items():
        if name not in list(Direction):
            yield rule_fault(RuleCode.UNKNOWN_DIRECTION, direction=name)
        elif not _is_number(weight):
            yield rule_fault(RuleCode.NO_NUMBER, name=name)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) or (isinstance(value, float) and math.isfinite(value))


def _exact(value: Any) -> Any:
    """A setting as the arithmetic takes it: what YAML reads as a binary fraction is written as it was in the file."""
    return Decimal(str(value)) if isinstance(value, float) else value
