"""What a reviewer decides about flagged evaluations, and forgetting the networks once review has ended."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select

from rating.access import Actor, Role
from rating.accounts.two_people import require_two_people
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, Refused
from rating.evaluations.models import Trace
from rating.extensions import db
from rating.reviews.erasing import TRACES_DELETED
from rating.reviews.models import LONGEST_NOTE, Decision, RejectionReason, Review
from rating.reviews.queries import count_reviews, list_rounds_with_traces, traces_of
from rating.reviews.queue import FlagGroup, list_enterers, list_members, may_review
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.service import lock_round
from rating.wording import _l

TRACES_KEPT = timedelta(days=14)  # letters promise at most 15 days; `rating tick` runs every hour


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says of evaluations; a rejection has its kind of reason."""

    decision: Decision
    reason: RejectionReason | None = None
    note: str = ""


def decide_group(group: FlagGroup, ids: Collection[uuid.UUID], verdict: Verdict, actor: Actor, now: datetime) -> None:
    """Decide about some or all evaluations of a group, once and for good.

    An evaluation named twice counts once. Raises Refused for a reviewer who has a part in the estate, Conflict where
    the round isn't under review or one of the evaluations is already decided, Invalid for an incomplete verdict.
    """
    round_, ids = group.rated_estate.round, set(ids)
    lock_round(round_)
    reviewer_id = require_reviewer(group.rated_estate, actor, day_of(now))
    if round_.state is not RoundState.CLOSED:
        raise Conflict(_l("Evaluations are reviewed between the round's close and its preview."))
    _must_be_whole(verdict, ids)
    waiting = {member.id for member in list_members(group) if member.decision is None}
    if not ids <= waiting:
        raise Conflict(_l("Somebody has just decided about some of these. Please look again."))
    db.session.add_all(_make_review(one, verdict, reviewer_id, now) for one in sorted(ids))
    db.session.flush()
    record(
        actor,
        f"evaluations.{verdict.decision}",
        f"rated_estate:{group.rated_estate.id}",
        now,
        verdict.note,
        pattern=group.kind,
        count=len(ids),
        **({"rejected_for": verdict.reason} if verdict.reason else {}),
    )
    if count_reviews(round_).pending == 0:
        forget_traces(round_, actor, now)


def require_reviewer(rated_estate: RatedEstate, actor: Actor, day: date) -> int:
    """The user id of a reviewer from elsewhere; raises Refused, with why and who could instead, for anybody else."""
    elsewhere = _l("Evaluations are reviewed by somebody from another community, who had no part in them.")
    if actor.user_id is None:
        raise Refused(elsewhere)
    if not may_review(actor, rated_estate):
        if actor.has(Role.REVIEWER):
            require_two_people(actor.user_id, list_enterers(rated_estate), elsewhere, day)
        raise Refused(elsewhere)
    return actor.user_id


def _must_be_whole(verdict: Verdict, ids: Collection[uuid.UUID]) -> None:
    if not ids:
        raise Invalid(_l("Choose at least one evaluation."), field="evaluations")
    if verdict.decision is Decision.REJECTED and verdict.reason is None:
        raise Invalid(_l("A rejection needs its kind of reason."), field="reason")
    if verdict.decision is Decision.ACCEPTED and verdict.reason is not None:
        raise Invalid(_l("What is accepted has no reason for rejection."), field="reason")
    if len(verdict.note) > LONGEST_NOTE:
        raise Invalid(
            _l("The note has %(n)s characters; at most %(most)s fit.", n=len(verdict.note), most=LONGEST_NOTE),
            field="note",
        )


def _make_review(evaluation_id: uuid.UUID, verdict: Verdict, reviewer_id: int, now: datetime) -> Review:
    return Review(
        evaluation_id=evaluation_id,
        decision=verdict.decision,
        reason=verdict.reason,
        reviewer_id=reviewer_id,
        at=now,
        note=verdict.note,
    )


def forget_traces(round_: Round, actor: Actor, now: datetime) -> None:
    """Delete what is known of networks in a round: its review has ended. Does nothing where nothing is known."""
    traces = traces_of(round_)
    if count := db.session.scalar(select(func.count()).select_from(traces.subquery())):
        db.session.execute(delete(Trace).where(Trace.evaluation_id.in_(traces)))
        record(actor, TRACES_DELETED, f"round:{round_.number}", now, count=count)


def end_late_reviews(actor: Actor, now: datetime) -> int:
    """Forget the networks of rounds that closed two weeks ago, decided or not; returns how many rounds that were.

    What is still undecided can be decided until the preview: reviewers see a pattern, not its networks.
    """
    rounds = list_rounds_with_traces(closed_before=now - TRACES_KEPT)
    for round_ in rounds:
        forget_traces(round_, actor, now)
    return len(rounds)
