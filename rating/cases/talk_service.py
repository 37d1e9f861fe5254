"""Talks: notified, postponed, missed, held."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from rating.access import Actor
from rating.audit.service import record
from rating.calendar import day_of
from rating.cases.commitment_rules import Promise
from rating.cases.commitment_service import add_commitment
from rating.cases.models import Talk, TalkState
from rating.cases.talk_rules import (
    Notice,
    TalkRecord,
    check_notice_days,
    check_number,
    check_postponement,
    check_record,
    name_nobody,
    public_texts,
    require_notifiable,
    require_scope,
    require_step,
)
from rating.errors import Conflict
from rating.extensions import db
from rating.releases.models import Listing
from rating.wording import Message, _l


def notify_talk(listing: Listing, notice: Notice, actor: Actor, now: datetime) -> Talk:
    """Record the notice by which a black-listed company was called to a talk.

    Raises Refused outside the actor's scope, Conflict for another standing, a corrected release or a second notice,
    Invalid where the days don't fit: served after publication, at least 3 working days ahead, late only with a reason.
    """
    require_scope(listing, actor)
    require_notifiable(listing)
    check_notice_days(listing, notice, day_of(now))
    name_nobody(listing, **public_texts(notice))
    check_number(notice.number)
    columns = {field.name: getattr(notice, field.name) for field in fields(notice)}
    number, served_on = columns.pop("number"), columns.pop("served_on")
    talk = Talk(listing=listing, notice_number=number, notified_on=served_on, notified_by=actor.user_id, **columns)
    _add_once(talk, _l("A notice for this talk was recorded a moment ago."))
    record(actor, "talk.notified", f"talk:{talk.id}", now, notice.late_reason, listing=listing.id)
    return talk


def postpone_talk(talk: Talk, scheduled_at: datetime, reason: str, actor: Actor, now: datetime) -> None:
    """Postpone a talk, once, by at most 5 working days; raises Conflict for a second time, Invalid for another day."""
    require_scope(talk.listing, actor)
    require_step(talk, TalkState.POSTPONED)
    check_postponement(talk, scheduled_at, reason)
    talk.postponed_from, talk.postponement_reason = talk.scheduled_at, reason
    talk.scheduled_at, talk.state = scheduled_at, TalkState.POSTPONED
    record(actor, "talk.postponed", f"talk:{talk.id}", now, reason, to=scheduled_at.isoformat())


def record_absence(talk: Talk, note: str, actor: Actor, now: datetime) -> None:
    """Record that nobody came at the appointed time. It is published and nothing more follows from it."""
    require_scope(talk.listing, actor)
    require_step(talk, TalkState.ABSENT)
    if now < talk.scheduled_at:
        raise Conflict(_l("The appointed time has not come yet."))
    talk.state, talk.absent_on = TalkState.ABSENT, talk.scheduled_on
    talk.internal_note = note
    record(actor, "talk.missed", f"talk:{talk.id}", now)


def hold_talk(talk: Talk, told: TalkRecord, promises: tuple[Promise, ...], actor: Actor, now: datetime) -> None:
    """Record that the talk was held, with what was agreed there (more can be added by add_commitment).

    Raises Conflict where it was recorded already, Invalid for times out of order or a person's name in a public text.
    """
    require_scope(talk.listing, actor)
    require_step(talk, TalkState.HELD)
    check_record(talk, told, now)
    talk.state = TalkState.HELD
    for field in fields(told):
        setattr(talk, field.name, getattr(told, field.name))
    talk.recorded_by = actor.user_id
    record(actor, "talk.held", f"talk:{talk.id}", now)
    db.session.flush()
    for promise in promises:
        add_commitment(talk, promise, actor, now)


def _add_once(row: Talk, message: Message) -> None:
    """Add a row; raises Conflict where a unique constraint refuses it because somebody was quicker."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict(message) from error
