"""Counters of tries, kept in the database, so that every worker and every machine counts the same.

What is counted for whom is decided in `tries`; this is only where the numbers are stored. A row's key is an HMAC under
a key of its own: the database has no address and no log-in name. A row says nothing once its window has ended, and is
deleted when the next window of anybody begins, or by `rating tick`.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from limits.storage import Storage
from sqlalchemy import CheckConstraint, Delete, LargeBinary, bindparam, case, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from rating.config import derived_key
from rating.extensions import Base, UtcDateTime, db, limiter
from rating.storage.engines import delete_rows, insert_for, read
from rating.storage.statements import ConstantStatement

SCHEME = "database"


def count_tries(app: Flask) -> None:
    """Let the limits count in the app's database, unless a setting says otherwise (memory:// counts in each worker)."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", f"{SCHEME}://")
    app.config.setdefault("RATELIMIT_STRATEGY", "fixed-window")
    limiter.init_app(app)


class TryCount(Base):
    """How many tries there were in a window that ends at a moment; whose is known only to who asks with the key."""

    __tablename__ = "try_count"
    __table_args__ = (CheckConstraint("tries >= 1", name="tries_positive"),)

    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    tries: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def _now() -> datetime:
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def _hashed(key: str) -> bytes:
    secret = derived_key(str(current_app.config["SECRET_KEY"]), "counters of tries")
    return hmac.digest(secret, key.encode(), "sha256")


def _delete_past(now: datetime) -> Delete:
    """Rows that somebody else is just counting on are left alone: nothing waits here, so nothing can lock up."""
    past = select(TryCount.key_hash).where(TryCount.ends_at <= now).with_for_update(skip_locked=True)
    return delete(TryCount).where(TryCount.key_hash.in_(past))


def forget_past_tries(now: datetime) -> int:
    """Delete the counters whose window has ended; returns how many there were."""
    return delete_rows(_delete_past(now))


_RUNNING = ConstantStatement(
    select(TryCount.tries).where(
        TryCount.key_hash == bindparam("key_hash"), TryCount.ends_at > bindparam("now", type_=UtcDateTime)
    )
)


class DatabaseStorage(Storage):
    """Fixed windows for the `limits` package, in the application's own database and by its own clock.

    Reading is one look by primary key. Counting is one statement in a transaction of its own; the request's own is
    given up before, so that on SQLite neither waits for the other. Therefore count before a view has begun to write,
    or after it has committed.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # as the base class declares it

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database may raise; it is passed on as it is."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the new number; a window of `expiry` seconds begins where none is running."""
        now = _now()
        row = insert_for(db.engine.dialect.name, TryCount).values(
            key_hash=_hashed(key), tries=amount, ends_at=now + timedelta(seconds=expiry)
        )
        past = TryCount.ends_at <= now
        counting = row.on_conflict_do_update(
            index_elements=[TryCount.key_hash],
            set_={
                "tries": case((past, row.excluded.tries), else_=TryCount.tries + row.excluded.tries),
                "ends_at": case((past, row.excluded.ends_at), else_=TryCount.ends_at),
            },
        ).returning(TryCount.tries)
        return self._write(counting, now, amount)

    @staticmethod
    def _write(counting: Any, now: datetime, amount: int) -> int:
        db.session.rollback()
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            tries: int = connection.execute(counting).scalar_one()
            if tries == amount:
                connection.execute(_delete_past(now))
        return tries

    def get(self, key: str) -> int:
        """The number of the window that is running; 0 without one."""
        row = read(_RUNNING, {"key_hash": _hashed(key), "now": _now()})
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        """When the running window ends, in seconds since 1970; now without one."""
        now = _now()
        ends = select(TryCount.ends_at).where(TryCount.key_hash == _hashed(key), TryCount.ends_at > now)
        return (db.session.scalar(ends) or now).timestamp()

    def check(self) -> bool:
        """Whether the database answers."""
        db.session.execute(select(TryCount.tries).limit(1))
        return True

    def reset(self) -> int:
        """Forget every counter; returns how many there were."""
        return self._delete(delete(TryCount))

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._delete(delete(TryCount).where(TryCount.key_hash == _hashed(key)))

    @staticmethod
    def _delete(statement: Delete) -> int:
        db.session.rollback()
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            return connection.execute(statement).rowcount
