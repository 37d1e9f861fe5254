"""A committee's, community's or company's evaluation: one each, final."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.errors import Conflict, Refused
from rating.evaluations.models import Channel, Deduction
from rating.evaluations.queries import has_handed_in
from rating.evaluations.service import INSERT_EVALUATION, Filled, lock_open_round, monday_of
from rating.extensions import db
from rating.rounds.models import RatedEstate
from rating.scoring import Direction
from rating.wording import _l


class AlreadyRated(Conflict):
    """This body has rated this estate in this direction."""


def body_for(actor: Actor, rated_estate: RatedEstate, direction: Direction) -> str:
    """As which body an actor may rate this estate in this direction; raises Refused for somebody from elsewhere."""
    if direction is Direction.COMMITTEE_TO_COMPANY:
        if rated_estate.estate_id in actor.scope_ids(Role.COMMITTEE):
            return "committee"
        if rated_estate.community_id in actor.scope_ids(Role.COMMUNITY):
            return "community"
    elif rated_estate.company_id in actor.scope_ids(Role.COMPANY):
        return "company"
    raise Refused(_l("This estate is not yours to rate."))


def submit_body_evaluation(
    rated_estate: RatedEstate,
    direction: Direction,
    filled: Filled,
    actor: Actor,
    today: date,
    deductions: Iterable[tuple[str, str, str | None]] = (),
) -> None:
    """A committee's, community's or company's evaluation: one each, final. Raises AlreadyRated for a second.

    `deductions` are (indicator, reason, digest of a stored file or None).
    """
    body = body_for(actor, rated_estate, direction)
    lock_open_round(db.session.connection(), rated_estate.round_id, today)
    if has_handed_in(rated_estate.id, direction, body):
        raise AlreadyRated(_l("This evaluation has been handed in already."))
    row = {
        "id": uuid.uuid4(),
        "rated_estate_id": rated_estate.id,
        "direction": direction,
        "channel": Channel.ON_SITE,
        "rater": body,
        "marks": filled.marks,
        "score": filled.score,
        "week": monday_of(today),
        "comment": filled.comment,
        "entered_by": actor.user_id,
    }
    try:
        INSERT_EVALUATION.run(db.session.connection(), row)
    except IntegrityError as error:  # two members of one body at the same moment
        raise AlreadyRated(_l("This evaluation has been handed in already.")) from error
    db.session.add_all(
        Deduction(evaluation_id=row["id"], indicator=indicator, reason=reason, file_digest=digest)
        for indicator, reason, digest in deductions
    )
