"""A town with rows in every table, and empty installations to restore it into."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.cli import ScriptInfo

from rating.cli import main as command_line
from rating.extensions import db
from rating.storage.engines import close_connections
from tests.factories import CompanyFactory, RatedEstateFactory, StoredFileFactory
from tests.results.town import build_town, compute, draw_marks, questionnaire, take_in
from tests.support.images import built_once
from tests.test_factories import FACTORIES


@built_once
def build_whole_town() -> None:
    """Something in every table, a scored round and an open one; one company belongs to a later one."""
    compute(build_town())
    StoredFileFactory(content=random.Random(1).randbytes(300_000))  # as long as a photo
    for made_by in FACTORIES:
        if db.session.scalar(sa.select(sa.func.count()).select_from(made_by._meta.model)) == 0:
            made_by()
    rated = RatedEstateFactory()
    take_in(rated, draw_marks(questionnaire(rated), 4, 40, 7))
    branch, parent = CompanyFactory(name="分公司"), CompanyFactory(name="总公司")
    branch.parent = parent
    db.session.commit()


def run(app: Flask, *words: object) -> Result:
    """One command of an installation of its own."""
    script = ScriptInfo(create_app=lambda: app)
    with app.app_context():  # else the command would take the context of the test
        result = app.test_cli_runner().invoke(command_line, [str(word) for word in words], obj=script)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


Installation = Callable[..., Flask]


def installations(request: pytest.FixtureRequest, make: Callable[[str], Any], folder: Path) -> Iterator[Installation]:
    """`install("sqlite")` is an application on a database without tables."""
    made: list[tuple[str, Flask]] = []

    def install(kind: str = "sqlite") -> Flask:
        name = f"upkeep{len(made)}"
        if kind == "sqlite":
            url = f"sqlite:///{folder / name}.sqlite3"
        else:
            url = request.getfixturevalue("postgresql_server").create(name)
        app: Flask = make(url)
        made.append((name, app))
        return app

    yield install
    for name, app in made:
        with app.app_context():
            close_connections()
            kind = db.engine.dialect.name
        if kind == "postgresql":
            request.getfixturevalue("postgresql_server").drop(name)
