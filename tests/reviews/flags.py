"""Arranging flagged evaluations: a closed round, an estate in it, groups that stand out, and who may review them."""

from __future__ import annotations

from typing import Any

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.reviews.models import FlagKind
from rating.reviews.queue import FlagGroup, get_group
from rating.rounds.models import RatedEstate
from tests.factories import CommunityFactory, EvaluationFactory, FlagFactory, TraceFactory, UserFactory


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
