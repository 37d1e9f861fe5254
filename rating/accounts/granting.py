"""Granting and ending roles: which may be combined, and for how long."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from rating.access import SCOPE_OF_ROLE, Actor, Role, ScopeKind
from rating.accounts.changes import keep_change
from rating.accounts.models import SCOPE_COLUMN, ChangeKind, Grant, User
from rating.accounts.queries import PLACES, list_grants, lock_users
from rating.accounts.second_person import must_wait
from rating.accounts.service import keep_the_bureau
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.wording import Message, _l

LONGEST_HELP = timedelta(days=366)


def grant_role(
    user: User,
    role: Role,
    scope_id: int | None,
    starts_on: date,
    ends_on: date | None,
    actor: Actor,
    now: datetime,
    kind: ChangeKind = ChangeKind.GRANTED,
) -> Grant:
    """Grant a role on a scope (None for the city's roles: bureau, auditor); `kind` says whether the account came with
    it.

    It may have to wait for a second person of the bureau (`must_wait`); until then it opens nothing. Raises Invalid for
    days or a scope that don't fit the role, Conflict for a role that can't be combined with it, Refused for oneself.
    """
    actor.require(Role.BUREAU)
    if user.id == actor.user_id:
        raise Refused(_l("You can't grant roles to yourself. Ask a colleague."))
    if (SCOPE_OF_ROLE[role] is ScopeKind.CITY) != (scope_id is None):
        raise Invalid(_l("This role needs a scope of its own kind."), field="scope")
    _check_days(role, starts_on, ends_on, day_of(now))
    grant = Grant(user_id=user.id, role=role, starts_on=starts_on, ends_on=ends_on)
    if column := SCOPE_COLUMN.get(role):
        setattr(grant, column, scope_id)
    _check_others(user, grant)
    waits = must_wait(user, role, actor, now)
    grant.change = keep_change(user, kind, actor, now, role=role, place=_place_name(role, scope_id), waits=waits)
    db.session.add(grant)
    db.session.flush()
    db.session.expire(user, ["grants"])
    record(actor, "role.granted", f"user:{user.id}", now, **_what(grant), waits=waits)
    return grant


def _place_name(role: Role, scope_id: int | None) -> str:
    """What a role is for, in words that stay when the place is renamed; '' for the city."""
    if scope_id is None:
        return ""
    place = PLACES[SCOPE_OF_ROLE[role]]
    return db.session.scalar(select(place.name).where(place.id == scope_id)) or ""


def _what(grant: Grant) -> dict[str, Any]:
    return {
        "grant": grant.id,
        "role": grant.role,
        "scope": grant.scope_id,
        "from": grant.starts_on.isoformat(),
        "to": grant.ends_on.isoformat() if grant.ends_on else None,
    }


def _check_days(role: Role, starts_on: date, ends_on: date | None, today: date) -> None:
    if ends_on is None:
        if role is Role.HELPER:
            raise Invalid(_l("A helper's role needs a last day."), field="ends_on")
        return
    if ends_on < starts_on:
        raise Invalid(_l("The last day is before the first."), field="ends_on")
    if ends_on < today:
        raise Invalid(_l("The last day is over already."), field="ends_on")
    if role is Role.HELPER and ends_on - starts_on > LONGEST_HELP:
        raise Invalid(_l("A helper's role lasts a year at most; grant it again then."), field="ends_on")


def _check_others(user: User, grant: Grant) -> None:
    """Check the new grant against those that run at the same time, one writer at a time."""
    lock_users(select(User.id).where(User.id == user.id))
    for other in list_grants(user):
        if _overlap(grant, other) and (why := _why_not(grant, other)) is not None:
            raise Conflict(why, field="role")


def _overlap(one: Grant, other: Grant) -> bool:
    if other.ended_at is not None:
        return False
    return (other.ends_on is None or other.ends_on >= one.starts_on) and (
        one.ends_on is None or one.ends_on >= other.starts_on
    )


def _why_not(one: Grant, other: Grant) -> Message | None:
    """Why two roles can't be combined at the same time; None if they can."""
    roles = {one.role, other.role}
    if one.role is other.role and one.scope_id == other.scope_id:
        return _l("This person already has this role at that time.")
    if Role.AUDITOR in roles and len(roles) > 1:
        return _l("An auditor has no other role at the same time: whoever checks the others is not one of them.")
    if Role.COMPANY in roles and len(roles) > 1:
        return _l("Whoever acts for a company has no other role at the same time: nobody rates from both sides.")
    return None


def end_grant(grant: Grant, last_day: date | None, reason: str, actor: Actor, now: datetime) -> None:
    """End a grant with a day (None: at once), for a reason.

    Raises Refused for one's own bureau role, Conflict for the last one or one that is over or waits, Invalid for a day.
    """
    actor.require(Role.BUREAU)
    if grant.role is Role.BUREAU and grant.user_id == actor.user_id:
        raise Refused(_l("You can't end your own bureau role. Ask a colleague."))
    if not reason.strip():
        raise Invalid(_l("Give a reason; it is recorded."), field="reason")
    today = day_of(now)
    if grant.is_over(today):
        raise Conflict(_l("This role has ended already."))
    if grant.is_waiting:
        raise Conflict(_l("This role waits for a second person of the bureau. Refuse it there instead of ending it."))
    if last_day is not None:
        _check_last_day(grant, last_day, today)
    if grant.role is Role.BUREAU:
        keep_the_bureau(grant.user, today if last_day is None else last_day + timedelta(days=1))
    if last_day is None:
        grant.ended_at = now
    else:
        grant.ends_on = last_day
    place = grant.scope.name if grant.scope else ""
    keep_change(grant.user, ChangeKind.ROLE_ENDED, actor, now, role=grant.role, place=place)
    record(actor, "role.ended", f"user:{grant.user_id}", now, reason, at_once=last_day is None, **_what(grant))


def _check_last_day(grant: Grant, last_day: date, today: date) -> None:
    if last_day < max(today, grant.starts_on):
        raise Invalid(_l("This day is over, or before the role begins. To end it now, choose “at once”."), field="day")
    if grant.ends_on is not None and last_day >= grant.ends_on:
        raise Invalid(_l("The role already ends by then. To extend it, grant it again."), field="day")
