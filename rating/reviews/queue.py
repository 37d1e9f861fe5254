"""The reviewer's queue: groups of evaluations that stand out, and who may review them.

No mark, score or comment leaves this file.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CTE, ColumnElement, Select, exists, false, func, not_, or_, select
from sqlalchemy.orm import aliased, joinedload

from rating.access import Actor, Role
from rating.accounts.models import Grant
from rating.accounts.two_people import list_same_hands
from rating.errors import NotFound
from rating.evaluations.models import Channel, Evaluation
from rating.extensions import db
from rating.registry.models import Community, Company
from rating.reviews.models import Decision, Flag, FlagKind, Review
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.wording import _l


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Evaluations of one estate that share one pattern. Weeks are Mondays; nothing says what was answered."""

    rated_estate: RatedEstate
    kind: FlagKind
    cluster: int
    count: int
    pending: int
    first_week: date
    last_week: date


def _groups() -> Select[int, FlagKind, int, int, int, date, date]:
    return (
        select(
            Evaluation.rated_estate_id,
            Flag.kind,
            Flag.cluster,
            func.count(),
            func.count() - func.count(Review.evaluation_id),
            func.min(Evaluation.week),
            func.max(Evaluation.week),
        )
        .select_from(Flag)
        .join(Evaluation, Evaluation.id == Flag.evaluation_id)
        .outerjoin(Review, Review.evaluation_id == Flag.evaluation_id)
        .group_by(Evaluation.rated_estate_id, Flag.kind, Flag.cluster)
        .order_by(Evaluation.rated_estate_id, Flag.kind, Flag.cluster)
    )


def list_groups(actor: Actor) -> list[FlagGroup]:
    """The groups of rounds under review that this actor may look at: those that wait first, then by estate."""
    rated = {one.id: one for one in _list_rated_estates(actor)}
    rows = db.session.execute(_groups().where(Evaluation.rated_estate_id.in_(rated)))
    groups = [FlagGroup(rated[row[0]], *row[1:]) for row in rows]
    return sorted(groups, key=lambda one: (not one.pending, one.rated_estate.estate.code))


def _list_rated_estates(actor: Actor) -> list[RatedEstate]:
    """The estates of rounds under review in which something is flagged, as far as the actor may look at them."""
    if not actor.has(Role.REVIEWER, Role.AUDITOR):
        return []
    flagged = select(Evaluation.rated_estate_id).join(Flag, Flag.evaluation_id == Evaluation.id)
    statement = select(RatedEstate).join(RatedEstate.round).where(Round.state == RoundState.CLOSED)
    if not actor.has(Role.AUDITOR):
        statement = statement.where(*_from_elsewhere(actor))
    names = joinedload(RatedEstate.estate), joinedload(RatedEstate.community)
    return list(db.session.scalars(statement.where(RatedEstate.id.in_(flagged)).options(*names)))


def get_group(rated_estate: RatedEstate, kind: FlagKind, cluster: int) -> FlagGroup:
    """One group; raises NotFound."""
    row = db.session.execute(
        _groups().where(Evaluation.rated_estate_id == rated_estate.id, Flag.kind == kind, Flag.cluster == cluster)
    ).one_or_none()
    if row is None:
        raise NotFound(_l("There is nothing to review here."))
    return FlagGroup(rated_estate, *row[1:])


@dataclass(frozen=True, slots=True)
class Member:
    """One evaluation of a group, as far as a reviewer sees it."""

    id: uuid.UUID
    week: date
    channel: Channel
    decision: Decision | None


def list_members(group: FlagGroup) -> list[Member]:
    """The evaluations of a group, by week and key."""
    rows = db.session.execute(
        select(Evaluation.id, Evaluation.week, Evaluation.channel, Review.decision)
        .join(Flag, Flag.evaluation_id == Evaluation.id)
        .outerjoin(Review, Review.evaluation_id == Evaluation.id)
        .where(
            Evaluation.rated_estate_id == group.rated_estate.id, Flag.kind == group.kind, Flag.cluster == group.cluster
        )
        .order_by(Evaluation.week, Evaluation.id)
    )
    return [Member(*row) for row in rows]


# ---- who may review


def may_review(actor: Actor, rated_estate: RatedEstate) -> bool:
    """Whether an actor is a reviewer from elsewhere: of another community, without a part in this estate's round."""
    if not actor.has(Role.REVIEWER):
        return False
    asked = select(RatedEstate.id).join(RatedEstate.round).where(RatedEstate.id == rated_estate.id)
    return db.session.scalar(asked.where(*_from_elsewhere(actor))) is not None


def _tops() -> CTE:
    """Each company's `id` and the one above all those above it, `top`; its own where there is none."""
    tops = select(Company.id, Company.id.label("top")).where(Company.parent_id.is_(None)).cte("tops", recursive=True)
    return tops.union_all(select(Company.id, tops.c.top).where(Company.parent_id == tops.c.id))


def _same_hands(actor: Actor) -> frozenset[int]:
    return frozenset() if actor.user_id is None else list_same_hands(actor.user_id)


def list_enterers(rated_estate: RatedEstate) -> list[int]:
    """The ids of those who entered flagged evaluations of an estate."""
    entered = select(Evaluation.entered_by).join(Flag, Flag.evaluation_id == Evaluation.id)
    found = db.session.scalars(entered.where(Evaluation.rated_estate_id == rated_estate.id).distinct())
    return [user_id for user_id in found if user_id is not None]


def _from_elsewhere(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a rated estate and its round: the actor had no role there, and is really another person than
    whoever entered something flagged.

    A role that was over before the round opened doesn't matter. The reviewer's own is for another community. There is
    also its sub-district, and any company that has the same one at its top as the one that was rated.
    """
    its_subdistrict = select(Community.subdistrict_id).where(Community.id == RatedEstate.community_id)
    tops = _tops()
    theirs, its = aliased(tops), aliased(tops)
    family = (
        exists()
        .where(theirs.c.id == Grant.company_id, its.c.id == RatedEstate.company_id, theirs.c.top == its.c.top)
        .correlate(Grant, RatedEstate)
    )
    there = or_(
        Grant.estate_id == RatedEstate.estate_id,
        Grant.community_id == RatedEstate.community_id,
        Grant.subdistrict_id == its_subdistrict.correlate(RatedEstate).scalar_subquery(),
        family,
    )
    over = or_(Grant.ends_on < Round.opens_on, Grant.ended_at < Round.opened_at)
    has_part = exists().where(Grant.user_id == actor.user_id, there, not_(func.coalesce(over, false())))
    entered = (
        exists()
        .where(Evaluation.rated_estate_id == RatedEstate.id, Evaluation.entered_by.in_(_same_hands(actor)))
        .where(Evaluation.id.in_(select(Flag.evaluation_id)))
    )
    return ~has_part, ~entered
