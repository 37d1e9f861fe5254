"""What bodies handed in, once a round is closed: co-operation scores, and sheets that deserve a second look.

A conspicuous sheet is no fault: the bureau asks how it came about. Nothing here enters a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import joinedload

from rating.errors import Conflict, NotFound
from rating.evaluations.models import Deduction, Evaluation
from rating.extensions import db
from rating.registry.models import Community
from rating.results.models import StoredScorecard
from rating.results.queries import find_estate_card
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.scoring import UNITS_PER_POINT, Direction
from rating.wording import _l

SEALED = (RoundState.DRAFT, RoundState.OPEN)
HIGH_POINTS = 95
HIGH_SHEETS = 3  # this many sheets of one person make a habit
ALIKE_MARKS = 5  # fewer marks than this are easily all the same


class Conspicuous(StrEnum):
    """Why a sheet deserves a second look."""

    ALIKE = "alike"
    HIGH = "high"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A committee's or community's sheet; score and residents' score in points."""

    evaluation: Evaluation
    score: Decimal
    residents: Decimal | None
    why: frozenset[Conspicuous]


@dataclass(frozen=True, slots=True)
class CooperationScore:
    """How companies rate working with a community and its committees: the mean of the companies' means, in points."""

    community: Community
    score: Decimal
    companies: int


def list_conspicuous(round_: Round, stored: StoredScorecard | None) -> list[Sheet]:
    """The on-site sheets of a closed round whose marks are all alike, always high or far from residents', by estate.

    'Far' needs the residents' score of a shown estate, so a scorecard. Raises Conflict while the round is open.
    """
    _must_be_closed(round_)
    rows = list(db.session.scalars(_sheets_of(round_)))
    highs = _always_high(rows)
    return [sheet for row in rows if (sheet := _look_at(row, stored, highs)).why]


def _must_be_closed(round_: Round) -> None:
    if round_.state in SEALED:
        raise Conflict(_l("Sheets are sealed until the round is closed."))


def _sheets_of(round_: Round) -> Select[Evaluation]:
    return (
        select(Evaluation)
        .join(Evaluation.rated_estate)
        .join(RatedEstate.estate)
        .where(RatedEstate.round_id == round_.id, Evaluation.direction == Direction.COMMITTEE_TO_COMPANY)
        .options(
            joinedload(Evaluation.rated_estate).joinedload(RatedEstate.estate),
            joinedload(Evaluation.rated_estate).joinedload(RatedEstate.company),
        )
        .order_by(RatedEstate.estate_id, Evaluation.rater)
    )


def _always_high(rows: Iterable[Evaluation]) -> set[int]:
    """The people all of whose sheets are high, if there are a few."""
    by_person: dict[int, list[int]] = {}
    for row in rows:
        if row.entered_by is not None:
            by_person.setdefault(row.entered_by, []).append(row.score)
    least = HIGH_POINTS * UNITS_PER_POINT
    return {who for who, scores in by_person.items() if len(scores) >= HIGH_SHEETS and min(scores) >= least}


def _look_at(row: Evaluation, stored: StoredScorecard | None, highs: set[int]) -> Sheet:
    score = Decimal(row.score) / UNITS_PER_POINT
    gaps = row.rated_estate.round.rulebook.content.gaps
    residents, count = _residents_score(row, stored)
    enough = residents if count >= gaps.gap_evaluations else None
    why = {
        Conspicuous.ALIKE: _is_alike(row),
        Conspicuous.HIGH: row.entered_by in highs,
        Conspicuous.FAR: residents is not None and gaps.is_wide(score - residents, count),
    }
    return Sheet(row, score, enough, frozenset(kind for kind, found in why.items() if found))


def _is_alike(row: Evaluation) -> bool:
    """Whether every mark is the same share of what its indicator can have."""
    asked = row.rated_estate.round.rulebook.content.questionnaire(row.direction)
    marks = zip(asked.decode(row.marks), asked.indicators, strict=True)
    shares = [Decimal(mark) / indicator.highest for mark, indicator in marks if mark is not None]
    return len(shares) >= ALIKE_MARKS and len(set(shares)) == 1


def _residents_score(row: Evaluation, stored: StoredScorecard | None) -> tuple[Decimal | None, int]:
    """What residents gave the estate, in points, and how many of them did."""
    card = find_estate_card(stored, row.rated_estate.estate.code) if stored else None
    if card is None:
        return None, 0
    residents = card.directions.get(Direction.RESIDENT_TO_COMPANY)
    return residents.score if residents else None, card.count


# ---- co-operation


def list_cooperation(round_: Round) -> list[CooperationScore]:
    """The co-operation scores of communities that enough companies have rated ([min_committee_raters]), by code.

    Raises Conflict while the round is open.
    """
    _must_be_closed(round_)
    least = round_.rulebook.content.rules().min_committee_raters
    found = (_cooperation(community, list(rows)) for community, rows in _by_community(round_))
    return [one for one in found if one.companies >= least]


_Given = Row[Community, int, int]


def _by_community(round_: Round) -> Iterator[tuple[Community, Iterable[_Given]]]:
    rows = db.session.execute(
        select(Community, RatedEstate.company_id, Evaluation.score)
        .join(RatedEstate, RatedEstate.community_id == Community.id)
        .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
        .where(RatedEstate.round_id == round_.id, Evaluation.direction == Direction.COMPANY_TO_COMMITTEE)
        .order_by(Community.code, RatedEstate.company_id)
    )
    return groupby(rows, key=lambda row: row[0])


def _cooperation(community: Community, rows: list[_Given]) -> CooperationScore:
    scores = [[row[2] for row in own] for _, own in groupby(rows, key=lambda row: row[1])]
    means = [Decimal(sum(own)) / len(own) for own in scores]
    return CooperationScore(community, sum(means, Decimal()) / len(means) / UNITS_PER_POINT, len(means))


# ---- deductions


def list_deductions(rated_estate_ids: Iterable[int]) -> list[Deduction]:
    """The reasons of the on-site deductions of rated estates, by estate, rater and indicator; of closed rounds only."""
    return list(
        db.session.scalars(
            select(Deduction)
            .join(Deduction.evaluation)
            .join(Evaluation.rated_estate)
            .join(RatedEstate.round)
            .where(
                RatedEstate.id.in_(list(rated_estate_ids)),
                Round.state.not_in(SEALED),
                Evaluation.direction == Direction.COMMITTEE_TO_COMPANY,
            )
            .options(
                joinedload(Deduction.evaluation).joinedload(Evaluation.rated_estate).joinedload(RatedEstate.estate)
            )
            .order_by(RatedEstate.estate_id, Evaluation.rater, Deduction.indicator)
        )
    )


def get_deduction_file(rated_estate_id: int, digest: str) -> str:
    """The digest of a file that backs an on-site deduction of this estate; raises NotFound."""
    if not any(one.file_digest == digest for one in list_deductions([rated_estate_id])):
        raise NotFound(_l("There is no such file."))
    return digest
