"""Fixtures of all tests; see each one's sentence. The databases are real, and empty before each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click import Command
from click.testing import Result
from flask import Flask
from flask.cli import ScriptInfo

from rating.access import Role
from rating.accounts.models import User
from rating.cli import main as command_line
from rating.extensions import db
from tests.factories import CompanyFactory, EstateFactory, UserFactory
from tests.support import pages, postgresql
from tests.support.client import Client, see as see_page
from tests.support.clock import START, Clock
from tests.support.databases import Database, Postgresql, Sqlite

BOTH = ("sqlite", "postgresql")


def pytest_configure() -> None:
    """The settings of whoever runs the tests must not decide them."""
    for name in [name for name in os.environ if name.startswith("RATING_") or name == "PORT"]:
        del os.environ[name]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever touches the database runs on both, unless it says why SQLite alone will do."""
    if "database" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("sqlite_only")
    if marker is not None and not marker.kwargs.get("reason"):
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: sqlite_only needs a reason")
    metafunc.parametrize("database", BOTH[:1] if marker else BOTH, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where files are shared out among processes, long ones begin first: else all would wait for the last of them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def session_clock() -> Clock:
    """The clock that all applications of this run share; use `clock`."""
    return Clock()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """The tests' own PostgreSQL (one for each process of theirs), started on first use and stopped at the end."""
    server = postgresql.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory, session_clock: Clock) -> Iterator[Database]:
    """A migrated file with the application on it; use `app`."""
    database = Sqlite(tmp_path_factory.mktemp("sqlite"), session_clock)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql_database(
    postgresql_server: postgresql.Server, tmp_path_factory: pytest.TempPathFactory, session_clock: Clock
) -> Iterator[Database]:
    """A migrated database of the tests' own server with the application on it; use `app`."""
    database = Postgresql(postgresql_server, tmp_path_factory.mktemp("postgresql"), session_clock)
    yield database
    database.close()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Database:
    """One of the two, each migrated once however often tests change from one to the other; use `app`."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def app(database: Database, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database; its context is active during the test."""
    database.empty()
    application = database.app
    settings = dict(application.config)
    application.config["DATA_DIR"] = tmp_path
    application.test_client_class = Client
    with application.app_context():
        db.session().expire_on_commit = False  # else a glance at a committed row would take SQLite's write lock again
        yield application
        db.session.rollback()
    application.config.clear()
    application.config.update(settings)


@pytest.fixture
def clock(session_clock: Clock) -> Clock:
    """The application's clock: Monday 2026-09-07, nine o'clock in Shanghai, until the test moves it."""
    session_clock.set(START)
    return session_clock


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser that nobody has signed in with; forms need no CSRF token."""
    return app.test_client()


@pytest.fixture
def csrf_client(app: Flask) -> Client:
    """A browser for which forms do need their CSRF token, as in service."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[User], Client]:
    """`sign_in(user)` is a browser of its own, signed in as this user."""

    def browser(user: User) -> Client:
        client = app.test_client()
        client.sign_in(user)
        return client

    return browser


@pytest.fixture
def holder_of(app: Flask) -> Callable[[Role], User]:
    """`holder_of(role)` is a user with this role on a scope that exists."""
    estate, company = EstateFactory(), CompanyFactory()
    scopes = {
        Role.SUBDISTRICT: estate.community.subdistrict,
        Role.COMMUNITY: estate.community,
        Role.REVIEWER: estate.community,
        Role.COMMITTEE: estate,
        Role.HELPER: estate,
        Role.COMPANY: company,
    }
    return lambda role: UserFactory(role=role, scope=scopes.get(role))


@pytest.fixture
def see() -> Callable[..., pages.Page]:
    """`see(client, url, status=200, data=…)` is the checked, parsed page after redirects."""
    return see_page


@pytest.fixture
def run_command(app: Flask) -> Callable[..., Result]:
    """`run_command("import", path)` runs the command line `rating import …`; expects success unless `fails=True`."""

    def run(*words: object, program: Command = command_line, fails: bool = False, **options: Any) -> Result:
        db.session.commit()
        with app.app_context():
            script = ScriptInfo(create_app=lambda: app)
            result = app.test_cli_runner().invoke(program, [str(word) for word in words], obj=script, **options)
        db.session.expire_all()
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (result.exit_code != 0) is fails, result.output
        return result

    return run
