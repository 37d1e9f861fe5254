"""Inviting people: a link that is shown once, is valid for seven days and sets a password once.

A link may wait for a second person of the bureau; until then it opens nothing, and says so.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from rating.access import Actor, Role
from rating.accounts.changes import keep_change
from rating.accounts.models import VALID, AccessChange, ChangeKind, Invitation, User
from rating.accounts.queries import find_invitation
from rating.accounts.second_person import must_wait, replace_waiting_links
from rating.accounts.service import set_password
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, NotFound, Refused
from rating.extensions import db
from rating.wording import _l


class NotYet(Conflict):
    """The link is waiting for a second person of the bureau."""


def token_hash(token: str) -> str:
    """What is stored of a link's token: SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_invitation(user: User, actor: Actor, now: datetime, change: AccessChange | None = None) -> str:
    """Issue a link for somebody to set a password with; returns its token. Earlier links stop working.

    `change` is given where the link comes with a new account, and works when that does.
    A password that was set works until the link is used. Raises Conflict for a deactivated account.
    """
    actor.require(Role.BUREAU)
    if not user.active:
        raise Conflict(_l("This account is deactivated. Reactivate it first."))
    if user.id == actor.user_id:
        raise Refused(_l("You can't make a link for yourself. Change your password on your own page."))
    if actor.user_id is not None and user.password and user.actor(day_of(now)).has(Role.BUREAU, Role.AUDITOR):
        # Else one person of the bureau could sign in as another, and the second signature would mean nothing.
        raise Refused(_l("The password of the bureau's people and of auditors is reset on the server only."))
    replace_waiting_links(user, actor, now)
    if change is None:
        change = keep_change(user, ChangeKind.LINKED, actor, now, waits=must_wait(user, None, actor, now))
    token = secrets.token_urlsafe(32)
    invitation = user.invitation or Invitation(user=user)
    db.session.add(invitation)
    invitation.token_hash = token_hash(token)
    invitation.issued_at, invitation.expires_at, invitation.used_at = now, now + VALID, None
    invitation.change = change
    db.session.flush()
    record(actor, "invitation.issued", f"user:{user.id}", now, waits=change.is_waiting)
    return token


def get_invitation(token: str, now: datetime, *, lock: bool = False) -> Invitation:
    """The open invitation of a link; raises NotFound for one that was never issued or was replaced, NotYet for one that
    waits, Conflict for one that has expired, was used or refused, or whose account is deactivated.
    """
    invitation = find_invitation(token_hash(token), lock)
    if invitation is None:
        raise NotFound(_l("This link is not right, or a newer one has replaced it. Check that it was copied whole."))
    if invitation.used_at is not None:
        raise Conflict(_l("This link has been used: the password is set. Sign in with it."))
    if invitation.change.is_waiting:
        raise NotYet(
            _l("This link works once another person of the bureau has confirmed it. Ask whoever gave it to you, and "
               "open it again then.")
        )  # fmt: skip
    if not invitation.change.takes_effect:
        raise Conflict(_l("Another person of the bureau has refused this link. Ask the bureau why."))
    if not invitation.is_open(now) or not invitation.user.active:
        raise Conflict(_l("This link is no longer valid. Ask whoever gave it to you for a new one."))
    return invitation


def accept_invitation(token: str, password: str, now: datetime) -> User:
    """Set the invited person's password and use up the link. Raises what `get_invitation` raises, and Invalid."""
    invitation = get_invitation(token, now, lock=True)
    set_password(invitation.user, password, now)
    invitation.used_at = now
    db.session.flush()
    return invitation.user
