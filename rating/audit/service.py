"""Appending to the event log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rating.access import Actor
from rating.audit.models import Event
from rating.extensions import db


def record(actor: Actor, kind: str, subject: str, now: datetime, reason: str = "", **data: Any) -> Event:
    """Append one event: a past-tense `kind` ('round.opened') about a `subject` ('round:3')."""
    event = Event(
        at=now, actor_id=actor.user_id, actor_name=actor.name, kind=kind, subject=subject, reason=reason, data=data
    )
    db.session.add(event)
    return event
