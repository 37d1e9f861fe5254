"""Appending to the event log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rating.access import Actor
from rating.audit.chain import keep_aside, plain
from rating.audit.models import Event


def record(actor: Actor, kind: str, subject: str, now: datetime, reason: str = "", **data: Any) -> None:
    """Append one event, with the commit: a past-tense `kind` ('round.opened') about a `subject` ('round:3')."""
    keep_aside(
        Event(
            at=now,
            actor_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            subject=subject,
            reason=reason,
            data=plain(data),
        )
    )
