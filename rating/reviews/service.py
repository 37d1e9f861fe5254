"""Closing a round: from here on nothing more is counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from rating.access import Actor, Role
from rating.audit.service import record
from rating.errors import Conflict
from rating.evaluations.models import Participation
from rating.evaluations.queries import count_participations
from rating.extensions import db
from rating.reviews.deciding import forget_traces
from rating.reviews.erasing import PARTICIPATIONS_DELETED
from rating.reviews.flagging import flag_evaluations
from rating.reviews.queries import count_reviews
from rating.reviews.sealing import seal_round
from rating.rounds.models import HouseholdCode, RatedEstate, Round, RoundState
from rating.rounds.service import lock_round, move_round
from rating.wording import _l


def close_round(round_: Round, actor: Actor, now: datetime, *, early_reason: str = "", today_is_past: bool) -> None:
    """Close a round; participations and household codes are deleted in the same transaction.

    `today_is_past` says that the round's last day is over; before that a reason is needed, which is recorded.
    """
    actor.require(Role.BUREAU)
    if not today_is_past and not early_reason.strip():
        raise Conflict(_l("The round runs until its last day has passed. Closing it earlier needs a reason."))
    # Submissions lock the row in share mode: none can slip in after this one has begun to close.
    lock_round(round_)
    move_round(round_, RoundState.CLOSED, actor, now, early_reason)
    round_.closed_at = now
    estates = select(RatedEstate.id).where(RatedEstate.round_id == round_.id)
    count = count_participations(estates)
    db.session.execute(delete(Participation).where(Participation.rated_estate_id.in_(estates)))
    db.session.execute(delete(HouseholdCode).where(HouseholdCode.rated_estate_id.in_(estates)))
    record(actor, PARTICIPATIONS_DELETED, f"round:{round_.number}", now, count=count)
    record(actor, "evaluations.sealed", f"round:{round_.number}", now, count=seal_round(round_))
    flag_evaluations(round_, actor, now)
    if count_reviews(round_).pending == 0:
        forget_traces(round_, actor, now)
