"""Turnout and what is still needed: from counters, shared out among a company's estates, on every desk that visits."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations.queries import list_turnout
from rating.extensions import db
from rating.rounds.models import RatedEstate
from rating.rounds.queries import list_rated_estates
from rating.turnout.needed import count_still_needed, list_progress
from tests.factories import RatedEstateFactory, TurnoutDayFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]


def two_estates() -> tuple[RatedEstate, RatedEstate]:
    """Two estates of one company, of 240 households each; in the first 30 have answered."""
    first = RatedEstateFactory(households=240)
    second = RatedEstateFactory(households=240, round=first.round, company=first.company)
    TurnoutDayFactory(rated_estate=first, count=30)
    db.session.flush()
    return first, second


def test_what_a_company_needs_is_shared_out_among_its_estates(app: Flask) -> None:
    first, second = two_estates()
    # No last round: s = 25, n₀ = 24.01, need = 23 of 480; formula 12 asks for 30: 15 an estate.
    assert count_still_needed(first.round, START) == {first.estate.code: 0, second.estate.code: 15}


def test_what_one_estate_has_too_many_does_not_help_another(app: Flask) -> None:
    first, _second = two_estates()
    progress = list_progress(first.round, list_turnout(list_rated_estates(first.round)), START)
    assert [row.still_needed for row in progress] == [0, 15]
    assert progress[0].turnout.count > progress[0].need.share


def test_the_bureau_sees_it_beside_turnout_and_takes_the_visit_list_home(app: Flask, sign_in: SignIn, see: See) -> None:
    first, second = two_estates()
    names = first.estate.name, second.estate.name
    url = f"/bureau/rounds/{first.round.number}/turnout"
    bureau = sign_in(UserFactory(role=Role.BUREAU))
    assert all(name in see(bureau, url).text for name in names)
    needed = see(bureau, f"{url}?only=needed").text
    assert names[1] in needed and names[0] not in needed
    lines = bureau.get(f"{url}.csv").text.splitlines()
    assert names[1] in lines[1] and names[0] in lines[2]


def test_a_community_sees_what_its_own_estates_still_need(app: Flask, sign_in: SignIn, see: See) -> None:
    _, second = two_estates()
    page = see(sign_in(UserFactory(role=Role.COMMUNITY, scope=second.community)), "/committee")
    assert page.one("td[data-label='还差（份）']").get_text() == "15"
