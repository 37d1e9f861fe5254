"""Users and their grants."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from flask_security.utils import hash_password
from sqlalchemy import select

from rating.access import Actor, Role
from rating.accounts.models import Grant, User
from rating.audit.service import record
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.wording import _l

SHORTEST_PASSWORD = 10
SCOPE_COLUMN = {
    Role.SUBDISTRICT: "subdistrict_id",
    Role.COMMUNITY: "community_id",
    Role.REVIEWER: "community_id",
    Role.COMMITTEE: "estate_id",
    Role.HELPER: "estate_id",
    Role.COMPANY: "company_id",
}


def add_user(username: str, name: str, password: str, actor: Actor, now: datetime) -> User:
    """Add a person who signs in; raises Conflict for a taken log-in name, Invalid for a short password."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(_l("A password needs at least %(n)s characters.", n=SHORTEST_PASSWORD), field="password")
    if db.session.scalar(select(User.id).where(User.username == username)) is not None:
        raise Conflict(_l("The log-in name %(name)s is taken.", name=username), field="username")
    user = User(username=username, name=name, password=hash_password(password), fs_uniquifier=secrets.token_hex(32))
    db.session.add(user)
    db.session.flush()
    record(actor, "user.added", f"user:{user.id}", now)
    return user


def grant_role(
    user: User, role: Role, scope_id: int | None, starts_on: date, ends_on: date | None, actor: Actor, now: datetime
) -> Grant:
    """Grant a role on a scope (None for the city's roles: bureau, auditor)."""
    grant = Grant(user_id=user.id, role=role, starts_on=starts_on, ends_on=ends_on)
    if column := SCOPE_COLUMN.get(role):
        setattr(grant, column, scope_id)
    db.session.add(grant)
    db.session.flush()
    record(actor, "role.granted", f"user:{user.id}", now, role=role, scope=scope_id)
    return grant
