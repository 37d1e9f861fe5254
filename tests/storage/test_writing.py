"""A transaction at the driver's level is whole or not at all, and takes its turn like any other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from rating.extensions import db
from rating.storage.engines import writing
from rating.storage.statements import Quick
from rating.storage.writers import PLACE
from rating.tries.counters import TryCount

ADD = Quick(insert(TryCount))
FIND = Quick(select(TryCount.tries).where(TryCount.key_hash == bindparam("key_hash")))


def row(key: bytes, tries: int = 1) -> dict[str, Any]:
    return {"key_hash": key, "tries": tries, "ends_at": datetime(2026, 9, 7, tzinfo=UTC)}


def kept() -> list[bytes]:
    db.session.rollback()
    return sorted(db.session.scalars(select(TryCount.key_hash)))


def test_it_is_committed_at_its_end_also_where_nothing_was_waited_for(app: Flask) -> None:
    with writing() as connection:
        ADD.run(connection, row(b"a"))
        ADD.run(connection, row(b"b"))
    assert kept() == [b"a", b"b"]


def test_what_was_found_in_it_is_what_it_wrote(app: Flask) -> None:
    with writing() as connection:
        assert FIND.run(connection, {"key_hash": b"a"}) is None
        ADD.run(connection, row(b"a", tries=7))
        assert FIND.run(connection, {"key_hash": b"a"}) == (7,)
    with writing() as connection:
        pass
    assert kept() == [b"a"]


def test_whatever_is_raised_undoes_it(app: Flask) -> None:
    def fail() -> None:
        with writing() as connection:
            ADD.run(connection, row(b"a"))
            assert FIND.run(connection, {"key_hash": b"a"})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert kept() == []


@pytest.mark.parametrize("looked", [True, False])
def test_what_the_database_refuses_undoes_it_and_is_sqlalchemys_error_without_values(app: Flask, looked: bool) -> None:
    with writing() as connection:
        ADD.run(connection, row(b"secret"))

    def add_again() -> None:
        with writing() as connection:
            ADD.run(connection, row(b"a"))
            ADD.run(connection, row(b"secret"))
            if looked:
                FIND.run(connection, {"key_hash": b"a"})

    with pytest.raises(IntegrityError) as caught:
        add_again()
    assert "secret" not in str(caught.value) and caught.value.hide_parameters
    assert kept() == [b"secret"]


@pytest.mark.sqlite_only(reason="PostgreSQL has no queue of writers, and no connection that was told not to write")
def test_on_sqlite_it_waits_its_turn_on_a_connection_that_only_read_before(app: Flask) -> None:
    with app.test_request_context("/"):
        db.session.scalars(select(TryCount)).all()  # a GET's transaction, on the pool's one connection
        db.session.rollback()
    with writing() as connection:
        place = connection.connection.info
        assert place[PLACE][1]
        ADD.run(connection, row(b"a"))
    assert not place[PLACE][1]
    assert kept() == [b"a"]


def test_it_does_not_wait_for_its_own_session(app: Flask) -> None:
    """On SQLite it would do so for half a minute, and everybody else with it."""
    db.session.scalars(select(TryCount)).all()
    with pytest.raises(RuntimeError, match="own transaction"), writing():
        pass
    assert kept() == []


def test_a_database_that_cannot_be_reached_is_an_operational_error(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(db.engine, "raw_connection", refuse)
    with pytest.raises(OperationalError), writing():
        pass
