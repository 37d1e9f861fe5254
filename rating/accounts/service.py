"""Users: adding, deactivating, passwords and sessions."""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime

from flask_security.utils import hash_password, verify_password
from sqlalchemy import delete, func, select

from rating.access import Actor, Role
from rating.accounts.changes import keep_change
from rating.accounts.models import ChangeKind, Grant, StaffSession, User
from rating.accounts.passwords import can_be_one, check_password, normalized
from rating.accounts.queries import lock_users, somebody_else_runs_the_bureau
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.storage.engines import delete_rows
from rating.wording import _l

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


def add_user(username: str, name: str, password: str, actor: Actor, now: datetime) -> User:
    """Add a person who signs in; raises Conflict for a log-in name in use, Invalid for a name or password that isn't
    accepted.
    """
    actor.require(Role.BUREAU)
    user = _new_user(username, name)
    _take_password(user, password)
    db.session.flush()
    record(actor, "user.added", f"user:{user.id}", now)
    return user


def add_invited_user(username: str, name: str, actor: Actor, now: datetime) -> User:
    """Add a person who has no password yet, and so can't sign in."""
    actor.require(Role.BUREAU)
    user = _new_user(username, name)
    db.session.flush()
    record(actor, "user.invited", f"user:{user.id}", now)
    return user


def _new_user(username: str, name: str) -> User:
    username = username.strip().casefold()
    if not USERNAME.fullmatch(username):
        raise Invalid(
            _l(
                "A log-in name has 2 to 60 letters a–z, digits, dots, hyphens or underscores, "
                "and begins with a letter or a digit."
            ),
            field="username",
        )
    if db.session.scalar(select(User.id).where(func.lower(User.username) == username)) is not None:
        raise Conflict(_l("The log-in name %(name)s is taken.", name=username), field="username")
    user = User(username=username, name=name.strip(), password="", fs_uniquifier=secrets.token_hex(32))
    db.session.add(user)
    return user


def _take_password(user: User, password: str) -> None:
    check_password(password, user.username, user.name)
    user.password = hash_password(normalized(password))


def set_password(user: User, password: str, now: datetime) -> None:
    """Set a password by invitation; every session with the old one ends. Raises Invalid."""
    _take_password(user, password)
    _delete_sessions(user)
    record(_oneself(user, now), "password.set", f"user:{user.id}", now)


def change_password(user: User, old: str, new: str, now: datetime, session_key: str) -> None:
    """Change one's own password, knowing the old one; every session but this one ends. Raises Invalid."""
    _must_know(user, old, "old_password")
    if normalized(old) == normalized(new):
        raise Invalid(_l("The new password is the old one."), field="password")
    _take_password(user, new)
    _forget_invitation(user)
    _delete_sessions(user, but=session_key)
    record(_oneself(user, now), "password.changed", f"user:{user.id}", now)


def _must_know(user: User, password: str, field: str) -> None:
    if not can_be_one(password) or not verify_password(normalized(password), user.password):
        raise Invalid(_l("This is not your current password."), field=field)


def _oneself(user: User, now: datetime) -> Actor:
    return user.actor(day_of(now))


def _forget_invitation(user: User) -> None:
    """Delete the person's invitation, so that earlier links stop working."""
    if user.invitation is not None:
        db.session.delete(user.invitation)


def deactivate_user(user: User, reason: str, actor: Actor, now: datetime) -> None:
    """Sign somebody out everywhere and stop them signing in; their grants stay as they are.

    Raises Refused for oneself, Conflict for the last person who can run the bureau.
    """
    actor.require(Role.BUREAU)
    if user.id == actor.user_id:
        raise Refused(_l("You can't deactivate your own account. Ask a colleague."))
    _given(reason)
    keep_the_bureau(user, day_of(now))
    user.active = False
    _forget_invitation(user)
    _delete_sessions(user)
    keep_change(user, ChangeKind.DEACTIVATED, actor, now)
    record(actor, "user.deactivated", f"user:{user.id}", now, reason)


def reactivate_user(user: User, reason: str, actor: Actor, now: datetime) -> None:
    """Let somebody sign in again, with whatever grants are still in force."""
    actor.require(Role.BUREAU)
    _given(reason)
    if user.active:
        raise Conflict(_l("This account is active."))
    user.active = True
    keep_change(user, ChangeKind.REACTIVATED, actor, now)
    record(actor, "user.reactivated", f"user:{user.id}", now, reason)


def _given(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_l("Give a reason; it is recorded."), field="reason")


def keep_the_bureau(user: User, day: date) -> None:
    """Raise Conflict unless somebody other than this person can run the bureau on the day.

    Locks the people on whom the answer depends, so that two who deactivate each other at once can't both succeed.
    """
    lock_users(select(Grant.user_id).where(Grant.role == Role.BUREAU))
    holds = any(grant.role is Role.BUREAU and not grant.is_over(day) for grant in user.grants)
    if holds and not somebody_else_runs_the_bureau(user, day):
        raise Conflict(
            _l("Nobody else would be left who can sign in for the bureau. Invite somebody first, and wait until "
               "they have set their password.")
        )  # fmt: skip


def end_sessions(user: User, actor: Actor, now: datetime) -> int:
    """Sign somebody out everywhere; returns how many sessions there were."""
    actor.require(Role.BUREAU)
    ended = _delete_sessions(user)
    record(actor, "sessions.ended", f"user:{user.id}", now, count=ended)
    return ended


def end_own_sessions(user: User, password: str, now: datetime, *, key: str = "", but: str = "") -> int:
    """End one of one's own sessions (by the hash of its key), or all but one, knowing the password. Raises Invalid."""
    _must_know(user, password, "confirmed_password")
    ended = _delete_sessions(user, key=key, but=but)
    record(_oneself(user, now), "sessions.ended", f"user:{user.id}", now, count=ended)
    return ended


def _delete_sessions(user: User, *, key: str = "", but: str = "") -> int:
    statement = delete(StaffSession).where(StaffSession.user_id == user.id, StaffSession.key_hash != but)
    if key:
        statement = statement.where(StaffSession.key_hash == key)
    return delete_rows(statement)
