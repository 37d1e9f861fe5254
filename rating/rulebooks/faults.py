"""What is wrong with a rulebook file: where it stands, and in words that can be translated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rating.errors import MOST_TOLD, Invalid
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
    """A rulebook file was refused; `faults` lists what is wrong with it, `count` says how much that is."""

    def __init__(self, faults: Sequence[Fault], count: int = 0) -> None:
        kept = faults[:MOST_TOLD]
        told = "; ".join(str(fault) for fault in kept)
        super().__init__(_l("The rulebook file has faults: %(faults)s", faults=told), field="file")
        self.faults, self.count = list(kept), count or len(faults)


def faults_of(messages: Any, place: str = "") -> Iterator[Fault]:
    """Marshmallow's nested messages as a flat list."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from faults_of(inner, place if key == "_schema" else f"{place}.{key}".lstrip("."))
    elif isinstance(messages, list):
        for inner in messages:
            yield from faults_of(inner, place)
    else:
        yield from (Fault(place, in_words(text)) for text in str(messages).split("; "))


# What schemas and the arithmetic say, and the same for people. The groups of an expression fill the sentence's places.
SAID: tuple[tuple[str, Message], ...] = (
    (r"Missing data for required field\.", _l("This is missing.")),
    (r"Unknown field\.", _l("Nothing of this name belongs here.")),
    (r"Field may not be null\.", _l("This is empty.")),
    (r"Not a valid string\.", _l("This must be a text.")),
    (r"Not a valid integer\.", _l("This must be a whole number.")),
    (r"Not a valid mapping type\.|Invalid input type\.", _l("Here named settings must stand, one a line.")),
    (r"Not a valid list\.|Invalid type\.", _l("This must be a list.")),
    (r"Shorter than minimum length 1\.", _l("This is empty.")),
    (
        r"Must be greater than or equal to (?P<least>\S+) and less than or equal to (?P<most>\S+)\.",
        _l("This must lie between %(least)s and %(most)s."),
    ),
    (r"Must be greater than or equal to (?P<least>\S+)\.", _l("This must be at least %(least)s.")),
    (r"Must be one of: (?P<names>.*)\.", _l("This must be one of: %(names)s.")),
    (r"Must be equal to (?P<value>.*)\.", _l("This must be %(value)s.")),
    (
        r"String does not match expected pattern\.",
        _l("A key begins with a small letter and holds small letters, digits and underscores, 40 at most."),
    ),
    (
        r"the maxima add up to (?P<total>\d+), not (?P<named>\d+)",
        _l("The highest marks add up to %(total)s, not %(named)s."),
    ),
    (r"zero must not be above the lowest mark", _l("The zero mark must not be above the lowest mark.")),
    (r"indicators named twice: (?P<names>.*)", _l("These indicators are named twice: %(names)s")),
    (
        r"the highest mark must be above the lowest: (?P<names>.*)",
        _l("The highest mark must be above the lowest one: %(names)s"),
    ),
    (
        r"this questionnaire must have the direction (?P<direction>.*)",
        _l("Here the direction must be %(direction)s."),
    ),
    (
        r"a rulebook needs residents' or on-site questions",
        _l("A rulebook needs questions for residents or for committees."),
    ),
    (r"(?P<name>\w+) is outside (?P<least>\S+?)\.\.(?P<most>\S+)",
     _l("%(name)s must lie between %(least)s and %(most)s.")),
    (r"(?P<name>\w+) is not between 50 and 100", _l("%(name)s must lie between 50 and 100.")),
    (r"black is not below red", _l("black is not below red")),
    (r"watch is not between black and red", _l("watch is not between black and red")),
    (
        r"min_sample_floor is above min_sample",
        _l("min_sample_floor is above min_sample"),
    ),
    (
        r"min_sample_floor is below min_cell",
        _l("min_sample_floor is below min_cell: such figures could never be shown"),
    ),
    (
        r"default_spread is not between lowest_spread and highest_spread",
        _l("default_spread is not between lowest_spread and highest_spread"),
    ),
    (r"needed_quantile is not above 0", _l("needed_quantile is not above 0")),
    (r"no direction carries any weight", _l("No direction carries any weight.")),
    (r"the weight of (?P<direction>\w+) is below 0", _l("The weight of %(direction)s is below 0.")),
    (r"(?P<direction>\w+) never counts in a company's score", _l("%(direction)s never counts in a company’s score.")),
    (
        r"(?P<direction>\w+) counts but has no questionnaire",
        _l("%(direction)s carries weight, but the file asks nothing in it."),
    ),
    (r"interval is neither logit nor linear: (?P<value>.*)", _l("interval is neither logit nor linear: %(value)s")),
    (r"(?P<direction>\w+): a dimension appears twice", _l("%(direction)s: two sections have the same key.")),
    (r".*unexpected keyword argument '(?P<name>[^']+)'.*", _l("There is no setting called %(name)s.")),
    (r"'(?P<direction>.*)' is not a valid Direction", _l("There is no direction called %(direction)s.")),
    (r".*(not supported between|ConversionSyntax|InvalidOperation|has no attribute|bad operand).*",
     _l("A number is needed where something else stands.")),
)  # fmt: skip


def in_words(text: str) -> Message:
    """A library's sentence as ours; one that is not known stays as it is."""
    for pattern, message in SAID:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return Message(message.text, found.groupdict())
    return Message("%(text)s", {"text": text})
