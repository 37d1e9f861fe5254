"""The chain of events: numbers without gaps, and in each event a hash that depends on the one before.

    hash = SHA-256(hash of the one before ‖ canonical JSON of the event)

Before the first event stand 32 zero bytes. Canonical JSON is UTF-8 with sorted keys and no spaces, of `number`, `at`
(UTC, with microseconds), `actor_id`, `actor_name`, `kind`, `subject`, `reason` and `data`.

What is recorded is kept aside until its transaction commits, or reads the log itself. Only then, when everything else
is written, are events numbered, one writer after the other: on SQLite a transaction that writes is alone anyway, on
PostgreSQL a lock is taken that the commit releases. So nobody waits for a long transaction, and nobody who has the lock
waits for a row that somebody else has locked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ClauseElement, func, select
from sqlalchemy.event import listens_for
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql.visitors import iterate

from rating.audit.models import Event
from rating.extensions import db

BEFORE_ALL = bytes(32)
LOCK = 0x6576656E74  # the letters 'event'; PostgreSQL's advisory locks are numbers
KEPT_ASIDE, SAVEPOINTS = "events kept aside", "events before savepoints"


class Head(NamedTuple):
    """The last event's number and hash; 0 and zero bytes where there is none."""

    number: int
    hash: bytes


NO_EVENT = Head(0, BEFORE_ALL)


def canonical(number: int, at: datetime, actor_id: int | None, actor_name: str, kind: str, subject: str, reason: str,
              data: Mapping[str, Any]) -> bytes:  # fmt: skip
    """What an event says, as bytes."""
    content = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": actor_id,
        "actor_name": actor_name,
        "kind": kind,
        "subject": subject,
        "reason": reason,
        "data": data,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(before: bytes, content: bytes) -> bytes:
    """The hash of an event from the hash of the one before and its own canonical content."""
    return hashlib.sha256(before + content).digest()


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Data as it will be read back from JSON."""
    read: dict[str, Any] = json.loads(json.dumps(data))
    return read


def keep_aside(event: Event) -> None:
    """Record an event at the end of the session's transaction, which begins here if it hasn't yet."""
    session = db.session()
    if not session.in_transaction():
        session.begin()  # so that a rollback takes the event away
    _aside(session).append(event)


def read_head(session: Session) -> Head:
    """The last event."""
    row = session.execute(select(Event.number, Event.hash).order_by(Event.number.desc()).limit(1)).one_or_none()
    return Head(row[0], bytes(row[1])) if row else NO_EVENT


def _aside(session: Session) -> list[Event]:
    aside: list[Event] = session.info.setdefault(KEPT_ASIDE, [])
    return aside


def _take_lock(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def append_kept(session: Session) -> None:
    """Number what was kept aside, and write it."""
    events = _aside(session)
    if not events:
        return
    appended, events[:] = list(events), []
    session.flush()  # whatever else this transaction has to wait for comes before the lock
    _take_lock(session)
    head = read_head(session)
    for event in appended:
        number = head.number + 1
        content = canonical(
            number, event.at, event.actor_id, event.actor_name, event.kind, event.subject, event.reason, event.data
        )
        head = Head(number, link(head.hash, content))
        event.number, event.hash = head
    session.add_all(appended)
    session.flush()


@listens_for(db.session, "before_commit")
def _append_at_the_end(session: Session) -> None:
    if not session.in_nested_transaction():
        append_kept(session)


@listens_for(db.session, "do_orm_execute")
def _append_before_reading(state: ORMExecuteState) -> None:
    """Reading the log in the transaction that recorded something finds it there."""
    if not _aside(state.session):
        return
    if any(
        getattr(part, "name", None) == Event.__tablename__ for part in iterate(cast("ClauseElement", state.statement))
    ):
        append_kept(state.session)


# ---- what was recorded in vain


@listens_for(db.session, "after_transaction_create")
def _savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(SAVEPOINTS, {})[transaction] = len(_aside(session))


@listens_for(db.session, "after_soft_rollback")
def _back_to_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if (length := session.info.get(SAVEPOINTS, {}).get(transaction)) is not None:
        del _aside(session)[length:]


@listens_for(db.session, "after_transaction_end")
def _over(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(SAVEPOINTS, None)
        _aside(session).clear()
