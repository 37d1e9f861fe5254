"""What is wrong with a rulebook file: where, and in words that can be translated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any

from rating.errors import MOST_TOLD, Invalid
from rating.scoring import RuleCode, RuleError, RuleFault
from rating.wording import Message, _l


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the setting's place in the file ('title.en'), what is wrong, and the line if it is known."""

    place: str
    message: Message
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else str(self.message)


class BadRulebook(Invalid):
    """A rulebook file was refused; `faults` lists what is wrong with it, `count` says how many faults there are."""

    def __init__(self, faults: Sequence[Fault], count: int = 0) -> None:
        kept = faults[:MOST_TOLD]
        told = "; ".join(str(fault) for fault in kept)
        super().__init__(_l("The rulebook file has faults: %(faults)s", faults=told), field="file")
        self.faults, self.count = list(kept), count or len(faults)


class FileCode(StrEnum):
    """What can be wrong with a rulebook's file before its settings make a rulebook."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    NO_WHOLE_NUMBER = "no_whole_number"
    NOT_NAMED = "not_named"
    NO_LIST = "no_list"
    NOT_BETWEEN = "not_between"
    NOT_ONE_OF = "not_one_of"
    OTHER_VALUE = "other_value"
    NO_KEY = "no_key"
    OTHER_TOTAL = "other_total"
    OTHER_DIRECTION = "other_direction"
    NO_QUESTIONS = "no_questions"


# The one table from codes to sentences; a fault's values fill its places.
SENTENCES: Mapping[StrEnum, Message] = {
    FileCode.MISSING: _l("This is missing."),
    FileCode.UNKNOWN: _l("Nothing of this name belongs here."),
    FileCode.EMPTY: _l("This is empty."),
    FileCode.NO_TEXT: _l("This must be a text."),
    FileCode.NO_WHOLE_NUMBER: _l("This must be a whole number."),
    FileCode.NOT_NAMED: _l("Named settings belong here, one a line."),
    FileCode.NO_LIST: _l("This must be a list."),
    FileCode.NOT_BETWEEN: _l("This must lie between %(least)s and %(most)s."),
    FileCode.NOT_ONE_OF: _l("This must be one of: %(names)s."),
    FileCode.OTHER_VALUE: _l("This must be %(value)s."),
    FileCode.NO_KEY: _l(
        "A key begins with a lower-case letter and contains lower-case letters, digits and underscores, 40 at most."
    ),
    FileCode.OTHER_TOTAL: _l("The highest marks add up to %(total)s, not %(named)s."),
    FileCode.OTHER_DIRECTION: _l("Here the direction must be %(direction)s."),
    FileCode.NO_QUESTIONS: _l("A rulebook needs questions for residents or for committees."),
    RuleCode.UNKNOWN_SETTING: _l("There is no setting called %(name)s."),
    RuleCode.NO_NUMBER: _l("%(name)s must be a number."),
    RuleCode.NO_WEIGHTS: _l("direction_weights must name directions, each with a number."),
    RuleCode.OUT_OF_RANGE: _l("%(name)s must lie between %(least)s and %(most)s."),
    RuleCode.NO_CERTAINTY: _l("%(name)s must lie between 50 and 100."),
    RuleCode.NOT_ABOVE_0: _l("%(name)s must be above 0."),
    RuleCode.UNKNOWN_INTERVAL: _l("interval is neither logit nor linear: %(value)s"),
    RuleCode.UNKNOWN_DIRECTION: _l("There is no direction called %(direction)s."),
    RuleCode.NEGATIVE_WEIGHT: _l("The weight of %(direction)s is below 0."),
    RuleCode.NEVER_COUNTS: _l("%(direction)s never counts in a company’s score."),
    RuleCode.NO_WEIGHT: _l("No direction carries any weight."),
    RuleCode.BLACK_NOT_BELOW_RED: _l("black is not below red"),
    RuleCode.WATCH_NOT_BETWEEN: _l("watch is not between black and red"),
    RuleCode.FLOOR_ABOVE_SAMPLE: _l("min_sample_floor is above min_sample"),
    RuleCode.FLOOR_BELOW_CELL: _l("min_sample_floor is below min_cell: such figures could never be shown"),
    RuleCode.SPREAD_NOT_BETWEEN: _l("default_spread is not between lowest_spread and highest_spread"),
    RuleCode.OLD_BELOW_NEW: _l("peer_old_above is below peer_new_below"),
    RuleCode.TWO_QUESTIONNAIRES: _l("Two questionnaires have the same direction."),
    RuleCode.NO_QUESTIONNAIRE: _l("%(direction)s carries weight, but the file asks nothing in it."),
    RuleCode.FOLDED_OTHERWISE: _l(
        "What another %(name)s would change can’t be told from figures that are put together."
    ),
    RuleCode.WEIGHT_NOT_ABOVE_0: _l("The weight of %(name)s must be above 0."),
    RuleCode.HIGHEST_NOT_ABOVE_LOWEST: _l("The highest mark must be above the lowest one: %(names)s"),
    RuleCode.ZERO_ABOVE_LOWEST: _l("The zero mark must not be above the lowest mark."),
    RuleCode.NO_INDICATOR: _l("%(direction)s: nothing is asked."),
    RuleCode.INDICATOR_TWICE: _l("These indicators are named twice: %(names)s"),
    RuleCode.DIMENSION_TWICE: _l("%(direction)s: two sections have the same key."),
    RuleCode.IN_TWO_DIMENSIONS: _l("These indicators are in two sections: %(names)s"),
    RuleCode.UNKNOWN_INDICATOR: _l("There are no such indicators: %(names)s"),
}


def in_words(fault: RuleFault) -> Message:
    """The sentence of a fault."""
    return Message(SENTENCES[fault.code].text, fault.values)


def error_in_words(error: RuleError) -> Message:
    """The sentences of everything that is wrong, one after the other."""
    first, *others = (in_words(fault) for fault in error.faults)
    return reduce(lambda one, other: _l("%(one)s; %(other)s", one=one, other=other), others, first)


def faults_of(messages: Any, place: str = "") -> Iterator[Fault]:
    """Marshmallow's nested messages as a flat list; the leaves are faults, or codes without values."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from faults_of(inner, place if key == "_schema" else f"{place}.{key}".lstrip("."))
    elif isinstance(messages, list):
        for inner in messages:
            yield from faults_of(inner, place)
    else:
        yield Fault(place, in_words(messages if isinstance(messages, RuleFault) else RuleFault(FileCode(messages))))
