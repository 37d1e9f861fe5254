"""Which cell each estate's evaluations stood in, stored with every scorecard: what was shown once can't be subtracted.

None of this leaves the house; the arithmetic is rating.scoring.cells.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select

from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.results.models import ScorecardCell, StoredScorecard, UncountedEvaluation
from rating.results.queries import list_shown_scorecards
from rating.reviews.queries import Flagged, list_uncounted
from rating.rounds.models import RatedEstate, Round
from rating.scoring import RESIDENTS, Cell, EstateTally, FoldedTallies, Folding, ReviewState, SetApart, Shown

_Uncounted = dict[str, dict[uuid.UUID, SetApart]]


def keep_cells(
    stored: StoredScorecard, folding: Folding, whole: Sequence[EstateTally], shown_before: Sequence[Shown]
) -> None:
    """Store with a new scorecard where each rated estate stood and which evaluations it doesn't count.

    `whole` are the tallies it was made from, compared with what was `shown_before`. A company that is frozen keeps what
    it had when it was shown.
    """
    now = uncounted_now(stored.round)
    last = shown_before[-1] if shown_before else None
    rated_ids = _rated_ids(stored.round)
    cells: list[dict[str, Any]] = []
    uncounted: list[dict[str, Any]] = []
    for tally in whole:
        if tally.direction is not RESIDENTS:
            continue
        estate, cell = tally.estate, folding.cells.get(tally.estate)
        shown = last if tally.company in folding.frozen else None
        cells.append(
            {
                "scorecard_id": stored.id,
                "rated_estate_id": rated_ids[estate],
                "group_number": cell.group if cell else None,
                "left_out": estate in folding.left_out,
                "received": shown.received.get(estate, 0) if shown else tally.received,
            }
        )
        not_counted = (shown.uncounted if shown else now).get(estate, {})
        uncounted += (
            {"scorecard_id": stored.id, "evaluation_id": one, "state": apart.state}
            for one, apart in not_counted.items()
        )
    for model, rows in ((ScorecardCell, cells), (UncountedEvaluation, uncounted)):
        if rows:
            db.session.execute(insert(model), rows)


def _rated_ids(round_: Round) -> dict[str, int]:
    of_round = select(Estate.code, RatedEstate.id).join(Estate, Estate.id == RatedEstate.estate_id)
    return {row[0]: row[1] for row in db.session.execute(of_round.where(RatedEstate.round_id == round_.id))}


def uncounted_now(round_: Round) -> _Uncounted:
    """The residents' evaluations of a round that don't count by the current reviews, by estate code."""
    return _apart(round_, list_uncounted(round_))


def _apart(round_: Round, rows: Iterable[tuple[str, uuid.UUID, str, ReviewState]]) -> _Uncounted:
    asked = round_.rulebook.content.questionnaires.get(RESIDENTS)
    found: _Uncounted = defaultdict(dict)
    if asked is not None:  # else there are none
        for estate, evaluation_id, marks, state in rows:
            found[estate][evaluation_id] = SetApart(state, tuple(asked.decode(marks)))
    return found


def list_shown(round_: Round, before: int | None = None) -> list[Shown]:
    """What previews of a round showed, as scoring compares with it, in order: all, or those `before` a number."""
    shown = list_shown_scorecards(round_)
    return [_as_shown(stored) for stored in shown if before is None or stored.sequence < before]


def _as_shown(stored: StoredScorecard) -> Shown:
    rows = db.session.execute(
        select(Estate.code, Company.code, ScorecardCell.group_number, ScorecardCell.left_out, ScorecardCell.received)
        .join(RatedEstate, RatedEstate.id == ScorecardCell.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(Company, Company.id == RatedEstate.company_id)
        .where(ScorecardCell.scorecard_id == stored.id)
        .order_by(Estate.code)
    ).all()
    return Shown(
        tallies=FoldedTallies.from_json(json.loads(stored.tallies)),
        cells={row[0]: Cell(row[1], row[2]) for row in rows if row[2] is not None},
        received={row[0]: row[4] for row in rows},
        uncounted=uncounted_of(stored),
        left_out=frozenset(row[0] for row in rows if row[3]),
    )


def uncounted_of(stored: StoredScorecard) -> _Uncounted:
    """The residents' evaluations that a scorecard doesn't count, by estate code."""
    rows = db.session.execute(_set_apart_in(stored, Estate.code, Evaluation.id, Evaluation.marks, _STATE))
    return _apart(stored.round, ((row[0], row[1], row[2], row[3]) for row in rows))


def list_set_apart(stored: StoredScorecard) -> list[Flagged]:
    """The evaluations that a scorecard doesn't count, as tallies take them."""
    columns = (Estate.code, Evaluation.direction, Evaluation.marks, Evaluation.score, _STATE)
    return [Flagged(*row) for row in db.session.execute(_set_apart_in(stored, *columns))]


_STATE = UncountedEvaluation.state


def _set_apart_in(stored: StoredScorecard, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(RatedEstate, RatedEstate.estate_id == Estate.id)
        .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
        .join(UncountedEvaluation, UncountedEvaluation.evaluation_id == Evaluation.id)
        .where(UncountedEvaluation.scorecard_id == stored.id)
        .order_by(Evaluation.id)
    )


def counted_by(stored: StoredScorecard) -> tuple[ColumnElement[bool], ...]:
    """The conditions that select the residents' evaluations that a scorecard counts, whatever has been decided since.

    It is for statements that join their rated estates.
    """
    left_out = select(ScorecardCell.rated_estate_id).where(
        ScorecardCell.scorecard_id == stored.id, ScorecardCell.left_out
    )
    return (
        RatedEstate.round_id == stored.round_id,
        Evaluation.direction == RESIDENTS,
        Evaluation.id.not_in(_uncounted_by(stored)),
        RatedEstate.id.not_in(left_out),
    )


def _uncounted_by(stored: StoredScorecard) -> Select[uuid.UUID]:
    return select(UncountedEvaluation.evaluation_id).where(UncountedEvaluation.scorecard_id == stored.id)


def is_left_out(stored: StoredScorecard, rated_estate: RatedEstate, receipt_hash: bytes) -> bool:
    """Whether a scorecard doesn't count the evaluation with this receipt, though it may have been accepted since."""
    its_cell = select(ScorecardCell).where(
        ScorecardCell.scorecard_id == stored.id, ScorecardCell.rated_estate_id == rated_estate.id
    )
    cell = db.session.scalar(its_cell)
    if cell is not None and cell.left_out:
        return True
    itself = select(Evaluation.id).where(
        Evaluation.receipt_hash == receipt_hash, Evaluation.id.in_(_uncounted_by(stored))
    )
    return db.session.scalar(itself) is not None
