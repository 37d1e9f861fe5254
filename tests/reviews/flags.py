"""Arranging flagged evaluations: a closed round, an estate in it, groups that stand out, and who may review them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.reviews.models import FlagKind
from rating.reviews.queue import FlagGroup, get_group, list_members
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.service import move_round
from tests.factories import CommunityFactory, EvaluationFactory, FlagFactory, TraceFactory, UserFactory
from tests.support.clock import START


def flag_some(
    rated: RatedEstate, count: int = 5, *, kind: FlagKind = FlagKind.SAME_ANSWERS, cluster: int = 1, **evaluation: Any
) -> list[Evaluation]:
    """Flagged evaluations of an estate that make one group, each with a trace."""
    made = [EvaluationFactory(rated_estate=rated, **evaluation) for _ in range(count)]
    for one in made:
        FlagFactory(evaluation=one, kind=kind, cluster=cluster)
        TraceFactory(evaluation=one)
    db.session.flush()
    return made


def group_of(rated: RatedEstate, kind: FlagKind = FlagKind.SAME_ANSWERS, cluster: int = 1) -> FlagGroup:
    """A group as it stands now."""
    return get_group(rated, kind, cluster)


def reviewer(**user: Any) -> User:
    """A reviewer whose own community is another one."""
    found: User = UserFactory(role=Role.REVIEWER, scope=CommunityFactory(), **user)
    return found


def waiting_in(rated: RatedEstate) -> list[uuid.UUID]:
    """The evaluations of its group that nobody has decided about."""
    return [one.id for one in list_members(group_of(rated)) if one.decision is None]


def preview_while_one_waits(round_: Round) -> None:
    """A preview that begins although a flagged evaluation is undecided, as it could once: what it shows is shown."""
    move_round(round_, RoundState.PREVIEW, SYSTEM, START)
    round_.previewed_at, round_.preview_ends_on = START, START.date() + timedelta(days=13)
    db.session.flush()
