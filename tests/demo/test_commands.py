"""`rating demo` touches only a database that is the demonstration's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from rating.accounts.models import User
from rating.audit.models import Event
from rating.demo import commands
from rating.demo.loading import Loaded
from rating.extensions import db
from tests.factories import EstateFactory, UserFactory

pytestmark = pytest.mark.sqlite_only(reason="downgrading the shared PostgreSQL would take its tables from other tests")
Run = Callable[..., Any]


class ConstantStatement:
    """Stands in for the loading, which its own tests cover: one account, no city."""

    def __init__(self, *_: object) -> None:
        pass

    def load(self) -> Loaded:
        UserFactory(username="bureau")
        db.session.commit()
        return Loaded("某市", "Some city", "QY0001", "某小区", "1234 5678 9012 3456")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "Loader", ConstantStatement)


def test_a_second_run_goes_on_with_the_same_data(app: Flask, run_command: Run) -> None:
    first = run_command("demo", "--load-only").output
    assert "1234 5678 9012 3456" in run_command("demo", "--load-only").output
    assert "bureau" in first
    assert db.session.query(Event).filter_by(kind=commands.BEGAN).count() == 1


@pytest.mark.parametrize("words", [(), ("--reset",)])
@pytest.mark.parametrize("factory", [UserFactory, EstateFactory])
def test_a_database_in_use_for_anything_else_is_left_alone(
    app: Flask, run_command: Run, words: tuple[str, ...], factory: Any
) -> None:
    factory()
    (Path(app.config["DATA_DIR"]) / "demo.json").write_text(json.dumps({"mark": "demo:of-another-database"}))
    assert "in use" in run_command("demo", "--load-only", *words, fails=True).output


def test_an_interrupted_loading_is_begun_again(app: Flask, run_command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_self: ConstantStatement) -> Loaded:
        UserFactory(username="half")
        db.session.commit()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ConstantStatement, "load", breaks)
        run_command("demo", "--load-only", fails=True)
    run_command("demo", "--load-only")
    assert [user.username for user in db.session.query(User)] == ["bureau"]


def test_reset_begins_again(app: Flask, run_command: Run) -> None:
    run_command("demo", "--load-only")
    UserFactory(username="visitor")
    run_command("demo", "--load-only", "--reset")
    assert [user.username for user in db.session.query(User)] == ["bureau"]
