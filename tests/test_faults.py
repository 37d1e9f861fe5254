"""What goes wrong leaves no trace of a person, tells nobody more than it must, and gives the right page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from rating.access import Role
from rating.accounts import sessions
from rating.evaluations import views
from rating.extensions import db
from rating.rounds.models import RatedEstate
from tests.evaluations.test_resident import answers
from tests.factories import PASSWORD, RatedEstateFactory, UserFactory, issue_code
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001")


def test_a_crash_logs_no_key_ticket_or_answer(
    app: Flask, client: Client, see: See, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code = issue_code(rated)
    filled = answers(see(client, f"/h/{code}"), "3", comment="只有我知道的话")

    def breaks(*_: object) -> None:
        raise ValueError("something unforeseen")

    monkeypatch.setattr(views, "accept_evaluation", breaks)
    app.testing = False
    handler = app.error_handler_spec[None][None]
    from rating.web.errors import _crash

    monkeypatch.setitem(handler, Exception, _crash)
    try:
        see(client, "/e/QY0001", data=filled, status=500)
    finally:
        app.testing = True
    logged = capsys.readouterr().out
    assert "something unforeseen" in logged
    for secret in (app.config["SECRET_KEY"], "只有我知道的话", "3333333333", "household_number=", code):
        assert secret not in logged


@pytest.mark.parametrize("address", ["/e/%00", "/estates/%00", "/search?q=%00", "/companies?q=%00"])
def test_a_nul_is_refused_in_words(client: Client, see: See, address: str) -> None:
    see(client, address, status=400)


@pytest.mark.parametrize("number", ["9999999999", "99999999999999999999"])
def test_a_number_that_no_release_can_have_is_an_unknown_release(client: Client, see: See, number: str) -> None:
    see(client, f"/releases/{number}", status=404)


def test_a_token_with_foreign_letters_is_no_ticket(client: Client, see: See, rated: RatedEstate) -> None:
    filled = answers(see(client, f"/h/{issue_code(rated)}"))
    see(client, "/e/QY0001", data={**filled, "csrf_token": "中"}, status=422)


def test_wrong_codes_typed_into_the_form_come_to_an_end(client: Client, see: See, rated: RatedEstate) -> None:
    guess = {"csrf_token": "none", "code": "4840848034059069"}
    statuses = [client.post("/e/QY0001", data=guess).status_code for _ in range(31)]
    assert (statuses[0], statuses[-1]) == (422, 429)


def test_open_questions_are_no_guesses(client: Client, see: See, rated: RatedEstate) -> None:
    token = see(client, f"/h/{issue_code(rated)}").fields("main form")
    assert {client.post("/e/QY0001", data=token).status_code for _ in range(35)} == {422}


def test_no_token_stands_in_for_a_session(app: Flask, client: Client) -> None:
    user = UserFactory(username="bureau", role=Role.BUREAU)
    db.session.commit()
    token = user.get_auth_token()
    assert client.get("/bureau", headers={"Authentication-Token": token}).status_code == 302
    assert client.get(f"/bureau?auth_token={token}").status_code == 302


@pytest.mark.sqlite_only(reason="what happens when no database answers hangs on neither")
@pytest.mark.parametrize("signed_in", [False, True])
def test_without_a_database_the_answer_is_503_and_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, signed_in: bool
) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    if signed_in:
        client.post("/sign-in", data={"username": "bureau", "password": PASSWORD})

    def down(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("no connection"))

    monkeypatch.setattr(db.session, "execute", down)
    monkeypatch.setattr(db.session, "scalar", down)
    monkeypatch.setattr(db.session, "scalars", down)
    monkeypatch.setattr(sessions.db.session, "execute", down)
    response = client.get("/e/QY0001")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "没有丢失" in response.text


def test_log_lines_are_json(client: Client, capsys: Any) -> None:
    client.get("/healthz")
    line = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert set(line) == {"event", "level", "method", "ms", "path", "status", "timestamp"}
