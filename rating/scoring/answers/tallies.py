"""Tallies: the sufficient statistics of the evaluations of one estate.

Scores y are whole 1/10 000 points; sums are exact integers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rating.scoring.arithmetic import FULL_SCORE
from rating.scoring.questionnaires import Direction


class TallyError(ValueError):
    """Tallies that contradict themselves or each other."""


class TooManyEvaluationsError(TallyError):
    """Estates with more counted evaluations than households: bad registry data."""

    def __init__(self, estates: Iterable[str]) -> None:
        self.estates = tuple(sorted(estates))
        super().__init__("more evaluations than households in " + ", ".join(self.estates))


class ReviewState(StrEnum):
    """What became of an evaluation before scoring."""

    NEVER_FLAGGED = "never_flagged"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Moments:
    """n, Σy and Σy² of some evaluations."""

    count: int = 0
    total: int = 0
    total_squares: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.total <= self.count * FULL_SCORE:
            raise TallyError(f"{self.count} evaluations can't total {self.total}")
        # Σy² lies between (Σy)²/n, all alike, and full marks or nothing for all.
        if not self.total**2 <= self.count * self.total_squares:
            raise TallyError("the sum of squares is too small for the total")
        if self.total_squares > self.total * FULL_SCORE:
            raise TallyError("the sum of squares is too large for the total")

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.count + other.count,
            self.total + other.total,
            self.total_squares + other.total_squares,
        )

    @classmethod
    def of(cls, scores: Iterable[int]) -> "Moments":
        """The moments of scores in 1/10 000 points."""
        ys = list(scores)
        return cls(len(ys), sum(ys), sum(y * y for y in ys))


@dataclass(frozen=True, slots=True)
class MarkCounts:
    """How often each mark was given to an indicator, and how often none."""

    marks: Mapping[int, int] = field(default_factory=dict)
    no_mark: int = 0

    def __post_init__(self) -> None:
        if self.no_mark < 0 or any(count < 0 for count in self.marks.values()):
            raise TallyError("a mark can't have been given less than 0 times")

    @property
    def marked(self) -> int:
        """How many gave a mark."""
        return sum(self.marks.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateTally:
    """What one direction said about one company's work on one estate.

    `indicators`, `lowest` and `highest` (of y) cover the counted evaluations only:
    never flagged, and flagged and accepted. `set_aside` still awaits a decision.
    """

    direction: Direction
    company: str
    estate: str
    households: int
    never_flagged: Moments = Moments()
    accepted: Moments = Moments()
    not_accepted: Moments = Moments()
    set_aside: int = 0
    indicators: Mapping[str, MarkCounts] = field(default_factory=dict)
    lowest: int | None = None
    highest: int | None = None

    def __post_init__(self) -> None:
        if self.households < 1:
            raise TallyError(f"{self.estate}: an estate has at least one household")
        if self.set_aside < 0:
            raise TallyError(f"{self.estate}: set_aside is below 0")
        for key, counts in self.indicators.items():
            if counts.marked + counts.no_mark != self.count:
                raise TallyError(f"{self.estate}: {key} doesn't add up to {self.count}")

    @property
    def counted(self) -> Moments:
        """The evaluations that the score counts."""
        return self.never_flagged + self.accepted

    @property
    def count(self) -> int:
        """n: how many evaluations the score counts."""
        return self.never_flagged.count + self.accepted.count

    @property
    def received(self) -> int:
        """Everything that came in."""
        return self.count + self.not_accepted.count + self.set_aside


@dataclass(frozen=True, slots=True)
class Totals:
    """A direction's evaluations in the whole city: received and what became of them."""

    received: int
    counted: int
    set_aside: int
    rejected: int

    def __post_init__(self) -> None:
        if self.received != self.counted + self.set_aside + self.rejected:
            raise TallyError(
                f"{self.received} received, but {self.counted} counted, "
                f"{self.set_aside} set aside and {self.rejected} rejected"
            )


def check_tallies(tallies: Iterable[EstateTally]) -> None:
    """Check tallies against each other.

    Raises TooManyEvaluationsError naming every estate with more residents' evaluations
    than households, and TallyError for an estate with two companies, two household
    numbers or two tallies in one direction.
    """
    rows = list(tallies)
    _check_one_each(rows)
    too_many = {t.estate for t in rows if _is_overfull(t)}
    if too_many:
        raise TooManyEvaluationsError(too_many)


def _is_overfull(tally: EstateTally) -> bool:
    # Committees aren't households: a tiny estate may well have more evaluators.
    is_residents = tally.direction is Direction.RESIDENT_TO_COMPANY
    return is_residents and tally.count > tally.households


def _check_one_each(tallies: list[EstateTally]) -> None:
    seen: set[tuple[str, Direction]] = set()
    frozen: dict[str, tuple[str, int]] = {}
    for tally in tallies:
        if (tally.estate, tally.direction) in seen:
            raise TallyError(f"{tally.estate}: two tallies of {tally.direction}")
        seen.add((tally.estate, tally.direction))
        own = (tally.company, tally.households)
        if frozen.setdefault(tally.estate, own) != own:
            raise TallyError(f"{tally.estate}: its company or households differ")
