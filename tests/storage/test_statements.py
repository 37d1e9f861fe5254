"""Statements that the driver runs itself find and write what SQLAlchemy would, and fail as it does."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from rating.evaluations import rated as reads
from rating.evaluations.models import Channel, Evaluation
from rating.extensions import db
from rating.rounds.models import HouseholdCode, RatedEstate
from rating.scoring import Direction
from rating.storage.engines import READING, close_connections, read
from rating.storage.statements import ConstantStatement
from rating.tries.counters import TryCount
from tests.factories import RatedEstateFactory, issue_code

ROW = {
    "id": uuid.UUID(int=7),
    "direction": Direction.RESIDENT_TO_COMPANY,
    "channel": Channel.OWN,
    "marks": "5?5-",
    "score": 1_000_000,
    "week": date(2026, 9, 7),
    "comment": "很好",
    "receipt_hash": b"\x00\xff" * 16,
}


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", households=3)


@pytest.mark.parametrize("name", ["_OPEN", "_OF_TICKET", "_OF_RECEIPT", "_OF_CODE"])
def test_what_residents_pages_read_is_what_sqlalchemy_reads(rated: RatedEstate, name: str) -> None:
    issue_code(rated)
    ConstantStatement(insert(Evaluation)).run(db.session.connection(), {**ROW, "rated_estate_id": rated.id})
    db.session.commit()
    values: dict[str, Any] = {
        "code": "QY0001",
        "code_hash": db.session.scalars(select(HouseholdCode.code_hash)).first(),
        "key_hash": b"",
        "now": datetime(2026, 9, 7, tzinfo=UTC),
        "receipt_hash": ROW["receipt_hash"],
        "rated_estate_id": rated.id,
        "household_number": 1,
    }
    statement: ConstantStatement = getattr(reads, name)
    of_statement = {key: values[key] for key in statement.statement.compile().params if key in values}
    expected = tuple(db.session.execute(statement.statement, of_statement).one())
    assert read(statement, of_statement) == expected
    assert [type(one) for one in read(statement, of_statement) or ()] == [type(one) for one in expected]


def test_a_row_is_written_as_sqlalchemy_reads_it(rated: RatedEstate) -> None:
    ConstantStatement(insert(Evaluation)).run(db.session.connection(), {**ROW, "rated_estate_id": rated.id})
    kept = db.session.scalars(select(Evaluation)).one()
    assert {name: getattr(kept, name) for name in ROW} == ROW
    assert kept.rater is None and kept.entered_by is None


def test_nothing_found_is_none(rated: RatedEstate) -> None:
    assert read(reads._OPEN, {"code": "QY0009"}) is None


def test_what_the_database_refuses_is_sqlalchemys_error_and_tells_no_value(rated: RatedEstate) -> None:
    statement = ConstantStatement(insert(TryCount))
    row = {"key_hash": b"secret", "tries": 0, "ends_at": datetime(2026, 9, 7, tzinfo=UTC)}
    with pytest.raises(IntegrityError) as caught:
        statement.run(db.session.connection(), row)
    assert "secret" not in str(caught.value)
    db.session.rollback()


def test_reading_cannot_write(rated: RatedEstate) -> None:
    row = {"key_hash": b"x", "tries": 1, "ends_at": datetime(2026, 9, 7, tzinfo=UTC)}
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        read(ConstantStatement(insert(TryCount)), row)
    assert db.session.scalars(select(TryCount)).all() == []


def test_reading_sees_what_was_committed_last_and_holds_nothing(rated: RatedEstate) -> None:
    asked = ConstantStatement(select(RatedEstate.households).where(RatedEstate.id == bindparam("id")))
    db.session.commit()
    for households in (4, 5):
        rated.households = households
        db.session.commit()
        assert read(asked, {"id": rated.id}) == (households,)


def test_a_connection_that_was_cut_is_replaced_before_anybody_notices(rated: RatedEstate) -> None:
    db.session.commit()
    assert read(reads._OPEN, {"code": "QY0001"})
    if db.engine.dialect.name == "sqlite":
        close_connections()
    else:
        found = read(ConstantStatement(select(func.pg_backend_pid())), {})
        assert found and db.session.scalar(select(func.pg_terminate_backend(found[0])))
        db.session.rollback()
    assert read(reads._OPEN, {"code": "QY0001"})


def test_a_database_that_stays_away_is_an_operational_error(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = ConstantStatement(select(RatedEstate.id).where(RatedEstate.id == bindparam("id")))
    engine = db.engines[READING]
    away = OperationalError("", {}, Exception())

    def refuse() -> None:
        raise away

    monkeypatch.setattr(engine, "raw_connection", refuse)
    with pytest.raises(OperationalError):
        read(statement, {"id": 1})
