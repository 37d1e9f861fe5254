"""Signing in and out, failing to, and being refused leave events: of staff alone, and never more than a few an hour.

An event contains no address, only a keyed hash of the network; for an unknown name not even the name that was typed.
Each kind is limited per account and hour, so that nobody can fill the disk by failing; tries under names that don't
exist are counted per network and hour, and recorded at the 1st, 10th, 100th … time.

Notes are taken while a request is handled, and written in a transaction of their own afterwards.
"""

from __future__ import annotations

import hmac
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from flask_login import user_logged_out
from flask_security import user_authenticated
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError, TimeoutError as PoolTimeout

from rating.access import ANONYMOUS, Actor
from rating.accounts.models import User
from rating.audit.service import record
from rating.config import derived_key
from rating.extensions import db, limiter
from rating.server.network import this_network
from rating.web.log import masked_path
from rating.web.request import current_actor, now, today

HOUR = 3600  # seconds
EACH = 20  # events of a kind for one account and hour
UNKNOWN = 60  # events about unknown names for one hour, whatever networks they come from
NOTES = "watched"
SIGNED_IN, SIGNED_OUT = "sign_in.done", "sign_in.over"
FAILED, LOCKED_OUT, OF_NOBODY = "sign_in.failed", "sign_in.locked_out", "sign_in.unknown_name"
REFUSED = "page.refused"
log = structlog.get_logger()


def watch(app: Flask) -> None:
    """Let sign-ins, failures and refusals of this application leave events."""
    user_authenticated.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    app.after_request(_write_notes)


def note_failure(username: str, *, locked_out: bool = False) -> None:
    """A password was wrong, or wasn't checked after too many wrong ones."""
    _notes().append((LOCKED_OUT if locked_out else FAILED, username.strip().casefold()))


def _notes() -> list[tuple[str, str]]:
    if NOTES not in g:
        setattr(g, NOTES, [])
    found: list[tuple[str, str]] = getattr(g, NOTES)
    return found


def _signed_in(_app: Flask, user: User, **_more: Any) -> None:
    _notes().append((SIGNED_IN, user.username))


def _signed_out(_app: Flask, user: Any, **_more: Any) -> None:
    if isinstance(user, User):
        _notes().append((SIGNED_OUT, user.username))


def _write_notes(response: Response) -> Response:
    """Called once the response is ready; where the database is down, the response is what counts."""
    refused = response.status_code == 403 and current_actor().user_id is not None
    if not refused and not g.get(NOTES):
        return response
    try:
        for kind, name in _notes():
            _write(kind, name)
        if refused:
            _write_refusal(current_actor())
    except (OperationalError, PoolTimeout) as error:
        log.error("event not written", kind=type(error).__name__)
    finally:
        db.session.rollback()
    return response


def _write(kind: str, name: str) -> None:
    user = db.session.scalar(select(User).where(func.lower(User.username) == name))
    if user is None:
        _count_unknown()
        return
    subject = f"user:{user.id}"
    actor = user.actor(today()) if kind in {SIGNED_IN, SIGNED_OUT} else ANONYMOUS
    _append(actor, kind, subject, {})


def _write_refusal(actor: Actor) -> None:
    _append(actor, REFUSED, f"user:{actor.user_id}", {"page": masked_path(), "method": request.method})


def _append(actor: Actor, kind: str, subject: str, data: dict[str, Any]) -> None:
    """One event, unless its kind's limit for this hour is reached; the last one says that no more follow."""
    count = limiter.storage.incr(f"events {kind} {subject}", HOUR)
    if count > EACH:
        return
    _commit(actor, kind, subject, {**data, **({"no_more_this_hour": True} if count == EACH else {})})


def _count_unknown() -> None:
    """The 1st, 10th, 100th … time from a network in an hour is an event; at most a few dozen for all networks
    together.
    """
    count = limiter.storage.incr(f"unknown names from {this_network()}", HOUR)
    if str(count).rstrip("0") == "1" and limiter.storage.incr("events of unknown names", HOUR) <= UNKNOWN:
        _commit(ANONYMOUS, OF_NOBODY, "sign-in", {"count": count})


def _commit(actor: Actor, kind: str, subject: str, data: dict[str, Any]) -> None:
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})
    record(actor, kind, subject, now(), **data, network=_network())
    db.session.commit()


def _network() -> str:
    """8 bytes of HMAC-SHA-256 of this network, under a key that nothing else uses."""
    key = derived_key(str(current_app.config["SECRET_KEY"]), "networks of sign-ins")
    return hmac.digest(key, this_network().encode(), "sha256")[:8].hex()
