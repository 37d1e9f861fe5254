"""The migrations lead from nothing to what the models say, on both databases, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from pytest_alembic import Config, tests as alembic_tests
from pytest_alembic.runner import MigrationContext

from rating.access import Role
from rating.adjustments.models import AdjustmentKind
from rating.audit.verifying import verify_chain
from rating.extensions import db
from rating.storage.engines import close_connections
from rating.upkeep.revisions import find_revision, newest_revision
from tests import factories
from tests.support.clock import Clock
from tests.support.databases import make_app
from tests.support.two_people import are_two_people

ROOT = Path(__file__).parent.parent
Empty = Callable[[str], Flask]

CONSTRAINTS = """
SELECT c.conrelid::regclass || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
COLUMNS = """
SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
    || coalesce(character_maximum_length::text, '') || ' ' || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, session_clock: Clock) -> Iterator[Empty]:
    """`empty(name)` is an application on a database without a table."""
    apps: list[tuple[str, Flask]] = []

    def make(name: str) -> Flask:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / name}.sqlite3"
        else:
            url = request.getfixturevalue("postgresql_server").create(name)
        app = make_app(url, tmp_path, session_clock)
        apps.append((name, app))
        return app

    yield make
    for name, app in apps:
        with app.app_context():
            close_connections()
        if request.param == "postgresql":
            request.getfixturevalue("postgresql_server").drop(name)


@pytest.fixture
def alembic_config() -> Config:
    return Config(config_options={"script_location": str(ROOT / "migrations")})


@pytest.fixture
def alembic_engine(empty: Empty) -> Iterator[sa.Engine]:
    with empty("alembic").app_context():
        yield db.engine


def test_there_is_one_head(alembic_runner: MigrationContext) -> None:
    alembic_tests.test_single_head_revision(alembic_runner)


def test_migrations_lead_from_nothing_to_the_head(alembic_runner: MigrationContext) -> None:
    alembic_tests.test_upgrade(alembic_runner)


def test_migrations_agree_with_the_models(alembic_runner: MigrationContext) -> None:
    alembic_tests.test_model_definitions_match_ddl(alembic_runner)


def test_migrations_can_be_taken_back(alembic_runner: MigrationContext) -> None:
    alembic_tests.test_up_down_consistency(alembic_runner)


def test_taking_all_back_leaves_nothing(empty: Empty) -> None:
    with empty("back").app_context():
        upgrade()
        downgrade(revision="base")
        assert sa.inspect(db.engine).get_table_names() == ["alembic_version"]


def test_events_from_before_the_log_was_a_chain_get_numbers_without_gaps_and_hashes(empty: Empty) -> None:
    """And back, where the next event gets a number behind the last one."""
    insert = sa.text(
        "INSERT INTO event (id, at, actor_name, kind, subject, reason, data) "
        "VALUES (:id, :at, 'a', 'k', :subject, '因为', :data)"
    ).bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True)))
    with empty("events").app_context():
        upgrade(revision="0004_second_person")
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            for place, number in enumerate((2, 3, 7, 8, 20)):
                at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=place % 2)
                connection.execute(
                    insert, {"id": number, "subject": str(number), "at": at, "data": '{"count": 1.5, "of": ["甲"]}'}
                )
        upgrade()
        with db.engine.connect().execution_options(writes=True) as connection:
            chain = verify_chain(connection)
            assert (chain.count, chain.head.number, chain.faults) == (5, 5, [])
            subjects = connection.exec_driver_sql("SELECT subject FROM event ORDER BY number").scalars().all()
            assert subjects == ["2", "3", "7", "8", "20"]
            with pytest.raises(sa.exc.DBAPIError, match="only be appended to"):
                connection.exec_driver_sql("DELETE FROM event")
        downgrade(revision="0004_second_person", x_arg="lose=rows")
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql(
                "INSERT INTO event (at, actor_name, kind, subject, reason, data) "
                "VALUES ('2026-01-01 00:00:00', 'a', 'k', 'next', '', '{}')"
            )
            assert connection.exec_driver_sql("SELECT max(id) FROM event").scalar_one() == 6


def test_migrated_and_modelled_databases_are_the_same_to_the_last_constraint(empty: Empty) -> None:
    with empty("migrated").app_context():
        upgrade()
        migrated = schema()
    with empty("modelled").app_context():
        db.create_all()
        modelled = schema()
    assert migrated - modelled == set()
    assert modelled - migrated == set()


def schema() -> set[str]:
    """Every column, constraint and index as one line each, without triggers and Alembic's own table."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type <> 'trigger'").scalars()
            lines = {
                line.strip().rstrip(",") if statement.startswith("CREATE TABLE") else statement
                for statement in map(_heading_with_table, filter(None, found))
                for line in re.split(r"\n\t|\n(?=\))", statement)
            }
        else:
            lines = {
                line
                for query in (CONSTRAINTS, INDEXES, COLUMNS)
                for line in connection.exec_driver_sql(query).scalars()
            }
    return {line for line in lines if line and "alembic_version" not in line}


def _heading_with_table(statement: str) -> str:
    """Name the table on each of its lines, so that a line says all by itself."""
    named = re.match(r'CREATE TABLE "?(\w+)"?', statement)
    plain = " ".join(statement.split()) if named is None else statement.replace('"', "")
    return plain if named is None else plain.replace("\n\t", f"\n\t{named[1]}: ")


PROTECTED = [
    (factories.RulebookFactory, "UPDATE rulebook SET key = 'other'", "a loaded rulebook never changes"),
    (factories.ScorecardFactory, "UPDATE scorecard SET content = '[]'", "a scorecard is frozen"),
    (factories.ReleaseFactory, "UPDATE release SET note = 'changed'", "a release is never changed"),
    (factories.ListingFactory, "UPDATE listing SET standing = 'red'", "a listing is never changed"),
    (factories.EventFactory, "UPDATE event SET reason = 'none'", "the event log can only be appended to"),
    (factories.EventFactory, "DELETE FROM event", "the event log can only be appended to"),
]


@pytest.mark.parametrize(("made_by", "statement", "message"), PROTECTED, ids=lambda one: one if " " in str(one) else "")
def test_the_database_itself_keeps_what_was_published_or_logged(
    app: Flask, made_by: Callable[[], object], statement: str, message: str
) -> None:
    made_by()
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match=message):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_who_has_answered_survives_the_change_of_participation_and_back(app: Flask) -> None:
    rated = factories.RatedEstateFactory(households=4)
    factories.ParticipationFactory(rated_estate=rated, household_number=3)
    key = rated.id
    db.session.commit()
    downgrade(revision="0001", x_arg="lose=rows")
    assert db.session.execute(sa.text("SELECT * FROM participation")).all() == [(key, 3)]
    db.session.rollback()
    upgrade()
    assert db.session.execute(sa.text("SELECT * FROM participation")).all() == [(key, "0010")]


def test_who_gave_what_is_taken_over_from_the_log_once(app: Flask) -> None:
    giver, receiver = factories.UserFactory(role=Role.BUREAU), factories.UserFactory(role=Role.BUREAU)
    link = factories.InvitationFactory(user=receiver)
    about = {"actor_id": giver.id, "subject": f"user:{receiver.id}"}
    factories.EventFactory(kind="role.granted", data={"grant": receiver.grants[0].id}, **about)
    factories.EventFactory(kind="invitation.issued", **about)
    pair, ids = (giver.id, receiver.id), (receiver.grants[0].id, link.user_id)
    db.session.commit()
    downgrade(revision="0003", x_arg="lose=rows")
    upgrade()
    found = db.session.execute(
        sa.text("SELECT g.id, c.given_by, c.waits FROM user_grant g JOIN access_change c ON c.id = g.change_id")
    )
    assert sorted(found)[-1] == (ids[0], pair[0], False)
    assert not are_two_people(*pair)
    linked = sa.text("SELECT c.given_by FROM invitation i JOIN access_change c ON c.id = i.change_id")
    assert db.session.execute(linked).scalars().all() == [pair[0]]


def test_what_the_log_tells_nothing_of_counts_as_given_by_nobody(app: Flask) -> None:
    one, other = factories.UserFactory(role=Role.BUREAU), factories.UserFactory(role=Role.BUREAU)
    pair = one.id, other.id
    db.session.commit()
    downgrade(revision="0003", x_arg="lose=rows")
    upgrade()
    assert are_two_people(*pair)


@pytest.mark.parametrize("lost", ["a table", "a column"])
def test_going_back_is_refused_where_something_stored_would_be_lost(
    app: Flask, caplog: pytest.LogCaptureFixture, lost: str
) -> None:
    if lost == "a table":
        factories.DaysOffNoticeFactory(year=2027)
    else:
        factories.AdjustmentFactory(kind=AdjustmentKind.OVERDUE_COMMITMENT, estate=factories.EstateFactory())
    db.session.commit()
    with pytest.raises(SystemExit):
        downgrade(revision="0009_draft_digest")
    assert ("days_off_notice" if lost == "a table" else "adjustment.estate_id") in caplog.text
    rows = "days_off_notice" if lost == "a table" else "adjustment"
    assert db.session.scalar(sa.text(f"SELECT count(*) FROM {rows}")) == 1
    db.session.rollback()
    with db.engine.connect() as connection:
        assert find_revision(connection) == newest_revision()
    downgrade(revision="0009_draft_digest", x_arg="lose=rows")  # the control: it is the refusal that kept them
    assert "days_off_notice" not in sa.inspect(db.engine).get_table_names()
    upgrade()


def test_going_back_with_nothing_stored_there_goes_through(app: Flask) -> None:
    factories.EstateFactory()
    db.session.commit()
    downgrade(revision="0009_draft_digest")
    upgrade()
