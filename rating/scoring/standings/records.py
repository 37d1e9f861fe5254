"""What is on record about companies beside the evaluations.

There is no clock here: the caller passes the records that count, those valid on the
round's last day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from rating.scoring.arithmetic import add_up, exact
from rating.scoring.plain import from_plain


class RecordError(ValueError):
    """A record that contradicts itself."""


class AdjustmentKind(StrEnum):
    """A commendation adds points, a finding takes them away."""

    COMMENDATION = "commendation"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points for or against a company, with the evidence's source and its validity.

    Both days are included; a `valid_to` of None is open-ended.
    """

    company: str
    points: Decimal
    kind: AdjustmentKind
    severity: str
    source: str
    valid_from: date
    valid_to: date | None

    def __post_init__(self) -> None:
        adds = self.kind is AdjustmentKind.COMMENDATION
        if self.points == 0 or (self.points > 0) is not adds:
            raise RecordError(f"{self.company}: {self.points} points for a {self.kind}")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise RecordError(f"{self.company}: an adjustment ends before it begins")


@dataclass(frozen=True, slots=True)
class Veto:
    """A record that puts a company on the black list, and why."""

    company: str
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """The records that count in one round.

    `overdue_commitments` has company codes; `overdue_estates` the codes of the estates
    at which such a commitment is overdue. Only the first keeps a company off the red
    list, only the second an estate.
    """

    adjustments: tuple[Adjustment, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    overdue_commitments: frozenset[str] = frozenset()
    overdue_estates: frozenset[str] = frozenset()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the published part. Raises PlainDataError or RecordError."""
        return from_plain(cls, data)


@exact
def sum_adjustments(adjustments: Collection[Adjustment], company: str) -> Decimal:
    """The points of one company's adjustments, before they are limited to the cap."""
    return add_up(sorted(each.points for each in adjustments if each.company == company))


@exact
def limit_to(points: Decimal, cap: Decimal) -> Decimal:
    """A: the points limited to ±cap."""
    return max(-cap, min(cap, points))
