"""Every request is checked against its endpoint's rule; what depends on the actor is cached by nobody else."""

from __future__ import annotations

from flask import Response, current_app, g, request, session

from rating.access import Actor, Role, rule_of
from rating.errors import Refused
from rating.extensions import db
from rating.web.request import USER, current_actor
from rating.wording import Message


def keep_private(response: Response) -> Response:
    """Pages depend on cookies: no shared cache may keep one, unless its view says that everybody gets the same."""
    staff = USER in session
    response.headers.setdefault("Cache-Control", "private, no-store" if staff else "private, no-cache")
    return response


def check_access() -> None:
    """Check every request against its endpoint's rule; an endpoint without one admits nobody."""
    endpoint = request.endpoint
    if endpoint is None:
        return
    rule = rule_of(endpoint, current_app.view_functions[endpoint])
    if rule is None:
        raise RuntimeError(f"endpoint {endpoint} declares no access rule")
    if rule.public:
        return
    actor = current_actor()
    if actor.user_id is None:
        raise SignInFirst
    writes = request.method == "POST" and rule.writers_only
    if not rule.permits(actor) or (writes and only_reads(actor)):
        raise Refused(Message("Your account is not allowed to see this page or do this."))
    db.session.rollback()  # finding the actor took a transaction; the view begins its own


def only_read_from_here() -> None:
    """Roll back what was begun; drawing the page that follows takes no lock, however long it takes."""
    db.session.rollback()
    g.only_reads = True


def only_reads(actor: Actor) -> bool:
    """The auditor changes nothing (but their own account, and the record of a spot check)."""
    return bool(actor.grants) and all(grant.role is Role.AUDITOR for grant in actor.grants)


class SignInFirst(Exception):
    """The page is for people who have signed in."""
