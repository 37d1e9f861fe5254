"""Flask's sessions: a signed cookie for everybody, and a database row behind it once staff sign in."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import OperationalError, TimeoutError as PoolTimeout

from rating.accounts.models import StaffSession, User
from rating.accounts.queries import is_running
from rating.extensions import db
from rating.web.request import USER

KEY = "key"  # the only thing in a signed-in browser's cookie
TOUCHED_EVERY = timedelta(minutes=1)


def hashed(key: str) -> str:
    """What the table stores of a session's key: SHA-256, hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def forget_expired_sessions(now: datetime) -> int:
    """Delete the rows of expired sessions; returns how many there were."""
    gone = delete(StaffSession).where(~is_running(now)).returning(StaffSession.key_hash)
    return len(db.session.scalars(gone).all())


class RowSession(SecureCookieSession):
    """A session that knows the key of its row, if it has one, and when it was last seen."""

    key: str | None = None
    seen_at: datetime | None = None


class StaffSessionInterface(SecureCookieSessionInterface):
    """Rows for staff, so that a session can be listed and ended; residents leave nothing behind."""

    session_class = RowSession
    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of this request; one whose row is gone or expired is empty."""
        if self.get_cookie_name(app) not in request.cookies:
            return RowSession()
        session = super().open_session(app, request)
        if session is None or KEY not in session:
            return session
        key = str(session[KEY])
        kept = select(StaffSession.data, StaffSession.seen_at).where(
            StaffSession.key_hash == hashed(key), is_running(self._now(app))
        )
        try:
            row = db.session.execute(kept).one_or_none()
        except (
            OperationalError,
            PoolTimeout,
        ):  # the request goes on without a session, and fails on the missing database in its view
            db.session.rollback()
            return RowSession()
        if row is None:
            return RowSession()
        found = RowSession(row.data)
        found.key, found.seen_at = key, row.seen_at
        return found

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the row of a signed-in session in a transaction of its own; end it on signing out."""
        self._touch(session, self._now(app))
        if not isinstance(session, RowSession) or not session.modified:
            super().save_session(app, session, response)
            return
        if USER not in session:
            if session.key:
                self._write(delete(StaffSession).where(StaffSession.key_hash == hashed(session.key)))
            super().save_session(app, session, response)
            return
        cookie = RowSession({KEY: self._store(app, session)})
        cookie.modified = True
        super().save_session(app, cookie, response)

    def _touch(self, session: SessionMixin, now: datetime) -> None:
        """Record that a session is in use, no more often than its idle time needs."""
        if not isinstance(session, RowSession) or session.seen_at is None or now - session.seen_at < TOUCHED_EVERY:
            return
        row = StaffSession.key_hash == hashed(str(session.key))
        with suppress(OperationalError, PoolTimeout):  # the response is ready; recording the use can wait
            self._write(update(StaffSession).where(row).values(seen_at=now))

    def _store(self, app: Flask, session: RowSession) -> str:
        if session.key:
            self._write(
                update(StaffSession).where(StaffSession.key_hash == hashed(session.key)).values(data=dict(session))
            )
            return session.key
        key = secrets.token_urlsafe(32)
        now = self._now(app)
        user_id = select(User.id).where(User.fs_uniquifier == session[USER]).scalar_subquery()
        self._write(
            insert(StaffSession).values(
                key_hash=hashed(key),
                user_id=user_id,
                data=dict(session),
                started_at=now,
                seen_at=now,
                expires_at=now + app.permanent_session_lifetime,
            )
        )
        return key

    @staticmethod
    def _now(app: Flask) -> datetime:
        now: datetime = app.config["CLOCK"]()
        return now

    @staticmethod
    def _write(statement: Any) -> None:
        db.session.rollback()  # the view has committed; its transaction must not wait for this one
        connection: Connection
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(statement)
