"""How the demonstration's talks went, one course for each company: who came, what was promised, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from rating.demo.promises import CLEANING, DOORS, FIRE_LANE, INCOME, MANHOLE, MINUTES, REPAIRS, ROADS, WATER, Template


class Arrival(Enum):
    """What became of the notice."""

    CAME = auto()
    CAME_LATER = auto()  # after a postponement
    CAME_AT_LAST = auto()  # after an absence
    STAYED_AWAY = auto()
    AWAITED = auto()  # the day has not come yet
    AWAITED_LATER = auto()  # nor has the day to which it was put off
    NOT_CALLED = auto()  # no notice has been served yet


class End(Enum):
    """What became of a commitment, as far as there was time."""

    NOTHING = auto()
    REPORTED = auto()
    VERIFIED = auto()
    FOUND_UNDONE = auto()
    VERIFIED_AT_LAST = auto()  # found undone once before


@dataclass(frozen=True, slots=True)
class Course:
    """One company's way after a black listing."""

    arrival: Arrival
    promised: tuple[tuple[Template, End], ...] = ()


# Those that mend: all that they promise is found done before the next round.
MENDING = (
    Course(Arrival.CAME, ((CLEANING, End.VERIFIED), (FIRE_LANE, End.VERIFIED))),
    Course(Arrival.CAME_LATER, ((REPAIRS, End.VERIFIED), (INCOME, End.VERIFIED_AT_LAST), (MANHOLE, End.VERIFIED))),
    Course(Arrival.CAME, ((ROADS, End.VERIFIED), (CLEANING, End.VERIFIED), (MINUTES, End.VERIFIED))),
)
# The others, in rounds that are long over.
PAST = (
    Course(Arrival.CAME, ((CLEANING, End.FOUND_UNDONE), (INCOME, End.VERIFIED))),
    Course(Arrival.STAYED_AWAY),
    Course(Arrival.CAME_AT_LAST, ((REPAIRS, End.NOTHING), (FIRE_LANE, End.VERIFIED_AT_LAST))),
    Course(Arrival.CAME_LATER, ((CLEANING, End.VERIFIED), (WATER, End.VERIFIED_AT_LAST), (DOORS, End.VERIFIED))),
    Course(Arrival.CAME, ((ROADS, End.NOTHING), (REPAIRS, End.VERIFIED_AT_LAST))),
)
# The others, after the latest published round: whatever can be under way.
UNDER_WAY = (
    Course(Arrival.CAME, ((FIRE_LANE, End.VERIFIED), (CLEANING, End.FOUND_UNDONE), (ROADS, End.NOTHING))),
    Course(Arrival.AWAITED),
    Course(Arrival.STAYED_AWAY),
    Course(Arrival.CAME_AT_LAST, ((MANHOLE, End.VERIFIED), (REPAIRS, End.NOTHING), (MINUTES, End.NOTHING))),
    Course(Arrival.CAME, ((INCOME, End.NOTHING), (WATER, End.REPORTED), (DOORS, End.REPORTED))),
    Course(Arrival.AWAITED_LATER),
    Course(Arrival.NOT_CALLED),
)
# Those on the latest black list that are on their way.
MENDING_NOW = (
    Course(Arrival.CAME, ((CLEANING, End.VERIFIED), (FIRE_LANE, End.VERIFIED), (ROADS, End.NOTHING))),
    Course(Arrival.CAME, ((REPAIRS, End.REPORTED), (MINUTES, End.VERIFIED), (FIRE_LANE, End.VERIFIED_AT_LAST))),
    Course(Arrival.CAME_LATER, ((INCOME, End.VERIFIED), (CLEANING, End.REPORTED))),
)
