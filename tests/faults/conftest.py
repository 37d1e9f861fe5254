"""The real server with two workers on both databases, each town on a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.gunicorn import Gunicorn, serve
from tests.support.households import Town

MakeTown = Callable[[str], Town]
Towns = Callable[[str, str], Town]
Served = Callable[[str], tuple[Town, Gunicorn]]


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    found: str = request.param
    return found


@pytest.fixture(scope="package")
def towns(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    """`towns(kind, name)` is a new town with an open round and no estate."""
    with ExitStack() as stack:

        def make(kind: str, name: str) -> Town:
            folder = tmp_path_factory.mktemp(name)
            if kind == "sqlite":
                url = f"sqlite:///{folder / 'rating.sqlite3'}"
            else:
                server = request.getfixturevalue("postgresql_server")
                url = server.create(f"faults-{name}")
                stack.callback(server.drop, f"faults-{name}")
            town = Town(url, folder)
            stack.callback(town.close)
            return town

        yield make


@pytest.fixture(scope="package")
def served(towns: Towns, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`served(kind)` is a town and the site as it is in service, started once for all tests."""
    started: dict[str, tuple[Town, Gunicorn]] = {}
    with ExitStack() as stack:

        def find(kind: str) -> tuple[Town, Gunicorn]:
            if kind not in started:
                town = towns(kind, "town")
                started[kind] = town, stack.enter_context(serve(town.url, tmp_path_factory.mktemp("site")))
            return started[kind]

        yield find


@pytest.fixture
def town(kind: str, served: Served) -> Town:
    """The town that the site serves."""
    return served(kind)[0]


@pytest.fixture
def site(kind: str, served: Served) -> Gunicorn:
    """The site."""
    return served(kind)[1]


@pytest.fixture
def make_town(kind: str, towns: Towns) -> MakeTown:
    """`make_town("name")` is a town of a test's own."""
    return lambda name: towns(kind, name)


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """The file in which this test's phones write down the receipts they see."""
    file = tmp_path / "phone"
    file.touch()
    return file
