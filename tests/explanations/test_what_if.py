"""What if: other weights and thresholds on frozen tallies show what would move, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.audit.models import Event
from rating.errors import Invalid
from rating.explanations.what_if import try_settings
from rating.extensions import db
from rating.results.models import StoredScorecard
from rating.results.queries import read_scorecard
from rating.results.service import compute_scorecard
from rating.scoring import Standing
from tests.factories import UserFactory
from tests.results.town import build_town
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]


@pytest.fixture
def stored(app: Flask) -> StoredScorecard:
    return compute_scorecard(build_town().round, SYSTEM, START)


def standings(stored: StoredScorecard) -> dict[str, str]:
    return {card.company: card.standing for card in read_scorecard(stored).companies}


def test_with_the_settings_in_force_nothing_moves(stored: StoredScorecard) -> None:
    found = try_settings(stored, {})
    assert (found.companies, found.estates) == ((), ())
    assert found.standings_before == found.standings_after


def test_what_moves_is_what_another_computation_would_say(stored: StoredScorecard) -> None:
    red = {code for code, standing in standings(stored).items() if standing == "red"}
    assert red
    found = try_settings(stored, {"red": Decimal(100)})  # nobody's lower end reaches it
    assert {move.code for move in found.companies if move.before is Standing.RED} == red
    assert found.standings_before[Standing.RED] == len(red)
    assert found.standings_after[Standing.RED] == 0


def test_settings_that_contradict_each_other_are_told(stored: StoredScorecard) -> None:
    with pytest.raises(Invalid):
        try_settings(stored, {"red": Decimal(50)})


def test_the_page_tries_settings_and_saves_nothing(stored: StoredScorecard, sign_in: SignIn, see: See) -> None:
    bureau = sign_in(UserFactory(role=Role.BUREAU))
    url = f"/bureau/rounds/{stored.round.number}/what-if"
    page = see(bureau, url)
    assert Decimal(page.fields("main form")["red"]) == 85
    counts = [db.session.scalar(select(func.count()).select_from(kind)) for kind in (StoredScorecard, Event)]
    moved = see(bureau, f"{url}?red=100&red_share=0&resident_weight=60")
    assert moved.all("main table")
    assert "red" in see(bureau, f"{url}?red=many", status=422).errors
    assert "red" in see(bureau, f"{url}?red=sNaN", status=422).errors
    assert see(bureau, f"{url}?red=50", status=422).one(".error-summary")
    assert counts == [db.session.scalar(select(func.count()).select_from(kind)) for kind in (StoredScorecard, Event)]


def test_what_is_no_number_is_told_in_the_pages_language(stored: StoredScorecard, see: See, sign_in: SignIn) -> None:
    client = sign_in(UserFactory(role=Role.BUREAU))
    address = f"/bureau/rounds/{stored.round.number}/what-if?red=abc"
    said = {choice: see(client, f"{address}&lang={choice}", status=422).texts(".error") for choice in ("zh", "en")}
    assert "Not a valid decimal value." in said["en"][0]
    assert said["zh"] and not any(sign.isascii() and sign.isalpha() for text in said["zh"] for sign in text)
