"""The bureau's pages of a round."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from tests.factories import ContractFactory, RatedEstateFactory, RulebookFactory, UserFactory
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]


@pytest.fixture
def bureau(app: Flask, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(UserFactory(role=Role.BUREAU))


def test_a_round_is_drafted_and_its_roster_looked_over(bureau: Client, see: See) -> None:
    RulebookFactory()
    ContractFactory(estate__name="紫荆园")
    days = {"opens_on": "2026-09-07", "closes_on": "2026-09-27", "rated_from": "2026-03-01", "rated_to": "2026-08-31"}
    rulebook = see(bureau, "/bureau/rounds/new").fields("main form")["rulebook"]
    titles = {"title_zh": "2026年上半年", "title_en": "first half of 2026"}
    assert bureau.post("/bureau/rounds/new", data={**titles, **days, "rulebook": rulebook}).status_code == 303
    assert "1" in see(bureau, "/bureau/rounds/1/roster").text


def test_wrong_days_come_back_beside_their_fields_with_what_was_typed(bureau: Client, see: See) -> None:
    RulebookFactory()
    page = see(bureau, "/bureau/rounds/new", data={"title_zh": "上半年", "opens_on": "soon"}, status=422)
    assert {"title_en", "opens_on", "closes_on"} <= set(page.errors)
    assert page.fields("main form")["title_zh"] == "上半年"


def test_an_early_close_asks_for_its_reason(bureau: Client, see: See) -> None:
    number = RatedEstateFactory().round.number
    see(bureau, f"/bureau/rounds/{number}/close", data={}, status=409)
    assert bureau.post(f"/bureau/rounds/{number}/close", data={"reason": "系统升级"}).status_code == 303


def test_an_unknown_round_is_a_page_that_says_so(bureau: Client, see: See) -> None:
    assert "77" in see(bureau, "/bureau/rounds/77/turnout", status=404).text
