"""No round opens where residents could not reach it safely, and whoever looks after the server is told which line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from rating import cli
from rating.access import SYSTEM, Role
from rating.checklist.service import open_checked_round
from rating.errors import Conflict
from rating.extensions import db
from rating.rounds.models import Round, RoundState
from rating.server.site import Site, site_of
from tests.factories import ContractFactory, RoundFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
FIT = {"base_url": "https://rating.test", "https": True, "proxies": 1}


def lines(**changed: Any) -> list[str]:
    return [fault.line for fault in Site(**{**FIT, **changed}).faults]


@pytest.mark.parametrize(("changed", "wrong"), [
    ({}, []),
    ({"base_url": "https://rating.test:8443/"}, []),
    ({"base_url": "http://rating.test"}, ["RATING_BASE_URL=https://…"]),
    ({"base_url": "http://127.0.0.1:8000"}, ["RATING_BASE_URL=https://…"]),
    ({"base_url": "https://localhost"}, ["RATING_BASE_URL=https://…"]),
    ({"base_url": "https://[::1]"}, ["RATING_BASE_URL=https://…"]),
    ({"base_url": "rating.test"}, ["RATING_BASE_URL=https://…"]),
    ({"base_url": "https://city.test/rating"}, ["RATING_BASE_URL=https://…"]),
    ({"https": False}, ["RATING_HTTPS=1"]),
    ({"proxies": 0}, ["RATING_PROXIES=1"]),
    ({"proxies": 0, "came_through": 2}, ["RATING_PROXIES=2"]),
    ({"proxies": 2, "came_through": 1}, ["RATING_PROXIES=1"]),
    ({"proxies": 1, "came_through": 1}, []),
    ({"base_url": "http://127.0.0.1:8000", "https": False, "proxies": 0, "demonstration": True}, []),
])  # fmt: skip
def test_each_wrong_setting_names_the_line_to_change(changed: dict[str, Any], wrong: list[str]) -> None:
    assert lines(**changed) == wrong


@pytest.fixture
def draft(app: Flask) -> Round:
    ContractFactory()
    UserFactory.create_batch(2, role=Role.BUREAU)
    app.config["DEMONSTRATION"] = False
    return RoundFactory()


@pytest.mark.sqlite_only(reason="settings don't hang on the database")
def test_no_reason_opens_a_round_with_wrong_settings(draft: Round, app: Flask) -> None:
    wrong = site_of(app.config)
    with pytest.raises(Conflict, match="RATING_HTTPS=1, RATING_PROXIES=1"):
        open_checked_round(draft, "因为领导要求", START.date(), SYSTEM, START, wrong)
    assert draft.state is RoundState.DRAFT
    open_checked_round(draft, "因为领导要求", START.date(), SYSTEM, START, Site(**FIT))
    assert draft.state is RoundState.OPEN


@pytest.mark.sqlite_only(reason="settings don't hang on the database")
def test_the_checklist_shows_the_lines_and_the_opening_refuses_in_words(
    draft: Round, see: See, sign_in: Callable[..., Client], app: Flask
) -> None:
    client = sign_in(UserFactory(role=Role.BUREAU))
    address = f"/bureau/rounds/{draft.number}/checklist"
    page = see(client, address)
    assert "服务器设置" in page.text and "RATING_HTTPS=1" in page.text and "RATING_PROXIES=1" in page.text
    assert "全市的来信十分钟内都打不开" in page.text
    refused = see(client, f"{address}/open", 409, data={"reason": "先开"})
    assert "评价期不能开始" in refused.text and "先开" in str(refused.one("[name=reason]"))
    app.config["DEMONSTRATION"] = True
    assert "RATING_HTTPS" not in see(client, address).text
    see(client, f"{address}/open", data={"reason": "先开"})
    db.session.refresh(draft)
    assert draft.state is RoundState.OPEN


@pytest.mark.sqlite_only(reason="settings don't hang on the database")
def test_the_command_refuses_too_and_the_doctor_says_why(
    draft: Round, run_command: Callable[..., Result], app: Flask
) -> None:
    assert "RATING_HTTPS=1, RATING_PROXIES=1" in run_command("round", "open", draft.number, fails=True).output
    db.session.refresh(draft)
    assert draft.state is RoundState.DRAFT
    told = run_command("doctor", fails=True).output
    assert "wrong    settings: set RATING_HTTPS=1 (" in told and "31 wrong codes from one prankster" in told
    app.config["DEMONSTRATION"] = True
    assert "ok       settings: RATING_DEMONSTRATION=1" in run_command("doctor", fails="wrong" in told).output
    run_command("round", "open", draft.number)
    db.session.refresh(draft)
    assert draft.state is RoundState.OPEN


@pytest.mark.sqlite_only(reason="settings don't hang on the database")
def test_a_demonstration_says_so_on_every_page(app: Flask, see: See, client: Client) -> None:
    assert "演示：内容均为虚构" in see(client, "/").response.text
    app.config["DEMONSTRATION"] = False
    assert "演示" not in see(client, "/").response.text


@pytest.mark.parametrize(
    ("host", "warned"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("192.0.2.1", True)]
)
def test_serving_to_others_without_a_web_server_in_front_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, host: str, warned: bool
) -> None:
    monkeypatch.setattr(cli.os, "execv", lambda *_: None)  # else this very process would become the server
    monkeypatch.setenv("PORT", "8000")
    said = CliRunner().invoke(cli.serve, ["--host", host])
    assert ("slow connections" in said.stderr) is warned
