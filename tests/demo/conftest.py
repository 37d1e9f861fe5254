"""The demonstration city, loaded once for all tests of what it holds."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterator
from datetime import date
from pathlib import Path

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


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Loaded]:
    """A file with the whole city, loaded once (half a minute) for all processes of this run, and what loading told."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all processes
    image, told = folder / "city.sqlite3", folder / "city.pickle"
    with (folder / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second waits for the first
        if not told.exists():
            database = Sqlite(tmp_path_factory.mktemp("city"), clock_of_the_city())
            database.empty()
            with database.app.app_context():
                found = Loader(TODAY, code_key(), lambda text: None).load()
                db.session.commit()
            database.keep().replace(image)
            database.close()
            told.write_bytes(pickle.dumps(found))
    return image, pickle.loads(told.read_bytes())


def clock_of_the_city() -> Clock:
    clock = Clock()
    clock.set(at(TODAY))
    return clock


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, loaded: tuple[Path, Loaded]) -> Iterator[tuple[Flask, Loaded]]:
    """The whole city in a database of a module's own: for reading; its context is active during the tests."""
    image, told = loaded
    database = Sqlite(tmp_path_factory.mktemp("demo"), clock_of_the_city())
    database.put_back(image)
    with database.app.app_context():
        yield database.app, told
        db.session.rollback()
    database.close()
