"""How the demonstration's talks went, one course for each company: who came, what was promised, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rating.cases.models import CommitmentKind, Party
from rating.demo.data import read


class Arrival(StrEnum):
    """What became of the notice."""

    CAME = "came"
    CAME_LATER = "came_later"  # after a postponement
    CAME_AT_LAST = "came_at_last"  # after an absence
    STAYED_AWAY = "stayed_away"
    AWAITED = "awaited"  # the day has not come yet
    AWAITED_LATER = "awaited_later"  # nor has the day to which it was postponed
    NOT_CALLED = "not_called"  # no notice has been served yet


class End(StrEnum):
    """What became of a commitment, as far as there was time."""

    NOTHING = "nothing"
    REPORTED = "reported"
    VERIFIED = "verified"
    FOUND_UNDONE = "found_undone"
    VERIFIED_AT_LAST = "verified_at_last"  # found undone once before


@dataclass(frozen=True, slots=True)
class Template:
    """A problem, what was promised about it, who does it, and what shows that it is done."""

    kind: CommitmentKind
    problem: str
    measure: str
    evidence: str
    indicator: str = ""
    interim: str = ""
    party: Party = Party.COMPANY
    post: str = "项目负责人"
    handed_over_to: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One company's way after a black listing."""

    arrival: Arrival
    promised: tuple[tuple[Template, End], ...]


_TALKS = read("talks")
WORDS: Mapping[str, str] = _TALKS["words"]
SAID: Sequence[str] = _TALKS["said"]


def _template(kind: str, party: str = Party.COMPANY, **others: str) -> Template:
    return Template(CommitmentKind(kind), party=Party(party), **others)


def _courses(name: str) -> list[Course]:
    return [Course(Arrival(one["arrival"]), tuple(_promised(one.get("promised", {})))) for one in _TALKS[name]]


def _promised(ends: Mapping[str, Any]) -> list[tuple[Template, End]]:
    return [(_template(**_TALKS["promises"][name]), End(end)) for name, end in ends.items()]


MENDING, PAST = _courses("mending"), _courses("past")
UNDER_WAY, MENDING_NOW = _courses("under_way"), _courses("mending_now")
