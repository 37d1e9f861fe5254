"""The demonstration city, loaded once for all tests of what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from rating.demo.city import City, build_city
from rating.demo.loading import Loaded, Loader
from rating.demo.opinions import Opinions
from rating.demo.timeline import at
from rating.extensions import db
from rating.web.request import code_key
from tests.support.clock import Clock
from tests.support.databases import Sqlite

TODAY = date(2026, 11, 22)
SEED = 2027


@pytest.fixture(scope="session")
def city() -> City:
    """The city as it stands on TODAY, before anything is loaded."""
    return build_city(TODAY, SEED)


@pytest.fixture(scope="session")
def opinions(city: City) -> Opinions:
    """What its people would answer."""
    return Opinions(city, SEED)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Loaded]]:
    """The whole city in a database of its own (half a minute): for reading; its context is active during the tests."""
    clock = Clock()
    clock.set(at(TODAY))
    database = Sqlite(tmp_path_factory.mktemp("demo"), clock)
    database.empty()
    with database.app.app_context():
        yield database.app, Loader(TODAY, code_key(), lambda text: None).load()
        db.session.rollback()
    database.close()
