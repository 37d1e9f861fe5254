"""What is done to accounts, stored as rows, and notices to those whom it concerns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rating.access import Actor, Role
from rating.accounts.models import AccessChange, AccountNotice, ChangeKind, User
from rating.accounts.queries import find_notice, list_bureau_ids, list_notices
from rating.audit.service import record
from rating.calendar import day_of
from rating.extensions import db

GIVEN = frozenset({ChangeKind.ADDED, ChangeKind.INVITED, ChangeKind.GRANTED, ChangeKind.LINKED})


def keep_change(
    user: User,
    kind: ChangeKind,
    actor: Actor,
    now: datetime,
    *,
    role: Role | None = None,
    place: str = "",
    waits: bool = False,
) -> AccessChange:
    """Record who did what to an account, and notify its owner at the next sign-in.

    A waiting role is notified once it is confirmed; a link at once, so that its owner can object. The whole bureau is
    notified of what the server's command line does.
    """
    change = AccessChange(
        user=user, kind=kind, role=role, place=place, given_by=actor.user_id, given_at=now, waits=waits
    )
    db.session.add(change)
    db.session.flush()
    if user.id != actor.user_id and (not waits or kind is ChangeKind.LINKED):
        tell(change, user.id)
    if actor.user_id is None:
        for user_id in list_bureau_ids(day_of(now)):
            tell(change, user_id)
    return change


def tell(change: AccessChange, user_id: int) -> None:
    """Notify somebody of a change at their next sign-in, again if they were notified before."""
    if (notice := find_notice(user_id, change)) is None:
        db.session.add(AccountNotice(user_id=user_id, change_id=change.id))
    else:
        notice.dismissed_at = None
    db.session.flush()


def dismiss_notices(user: User, ids: Collection[int], now: datetime) -> int:
    """Dismiss these of somebody's own notices; returns how many weren't dismissed before."""
    read = [notice for notice in list_notices(user.id) if notice.id in ids]
    for notice in read:
        notice.dismissed_at = now
    if read:
        record(user.actor(day_of(now)), "notices.dismissed", f"user:{user.id}", now, count=len(read))
    return len(read)
