"""Sheets that deserve a second look, and co-operation scores: after close only, and never in a score."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.errors import Conflict
from rating.results.bodies import Conspicuous, list_conspicuous, list_cooperation
from rating.results.service import compute_scorecard
from rating.rounds.models import Round
from tests.factories import CommunityFactory, EvaluationFactory, RatedEstateFactory, RoundFactory, UserFactory
from tests.results.town import take_in
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]


@pytest.fixture
def closed(app: Flask) -> Round:
    return RoundFactory(closed=True)


def on_site(round_: Round, marks: str, person: User | None = None) -> None:
    rated = RatedEstateFactory(round=round_)
    EvaluationFactory(rated_estate=rated, on_site=True, marks=marks, entered_by=person.id if person else None)


def half_and_full(round_: Round) -> tuple[str, str]:
    """Marks of the on-site sheet: one point off everywhere but the first; full everywhere."""
    from rating.scoring import Direction

    asked = round_.rulebook.content.questionnaire(Direction.COMMITTEE_TO_COMPANY).indicators
    full = "".join(str(i.highest) for i in asked)
    return full[0] + "".join(str(i.highest - 1) for i in asked[1:]), full


def test_a_sheet_with_all_marks_alike_is_listed_and_a_mixed_one_is_not(closed: Round) -> None:
    mixed, full = half_and_full(closed)
    on_site(closed, mixed)
    on_site(closed, full)
    found = list_conspicuous(closed, None)
    assert [sheet.evaluation.marks for sheet in found] == [full]
    assert found[0].why == {Conspicuous.ALIKE}


def test_a_person_all_of_whose_sheets_are_high_is_listed_from_three_sheets_up(closed: Round) -> None:
    mixed, full = half_and_full(closed)
    once_less = full[:-1] + str(int(full[-1]) - 1)
    always, twice, seldom = (UserFactory(role=Role.AUDITOR) for _ in range(3))
    for person, sheets in (
        (always, [once_less] * 3),
        (twice, [once_less] * 2),
        (seldom, [once_less, once_less, mixed]),
    ):
        for marks in sheets:
            on_site(closed, marks, person)
    found = [sheet for sheet in list_conspicuous(closed, None) if Conspicuous.HIGH in sheet.why]
    assert {sheet.evaluation.entered_by for sheet in found} == {always.id}
    assert len(found) == 3


def test_a_sheet_far_from_thirty_residents_is_listed(closed: Round) -> None:
    _, full = half_and_full(closed)
    near, far = (RatedEstateFactory(round=closed) for _ in range(2))
    for rated, marks in ((near, "5" * 10), (far, "1" * 10)):
        take_in(rated, [marks] * 29 + ["3" * 10])
        EvaluationFactory(rated_estate=rated, on_site=True, marks=full[:-1] + str(int(full[-1]) - 1))
    stored = compute_scorecard(closed, SYSTEM, START)
    found = [sheet for sheet in list_conspicuous(closed, stored) if Conspicuous.FAR in sheet.why]
    assert [sheet.evaluation.rated_estate_id for sheet in found] == [far.id]


def test_sheets_stay_sealed_while_the_round_is_open(app: Flask, sign_in: SignIn, see: See) -> None:
    round_ = RatedEstateFactory().round
    for look in (lambda: list_conspicuous(round_, None), lambda: list_cooperation(round_)):
        with pytest.raises(Conflict):
            look()
    see(sign_in(UserFactory(role=Role.BUREAU)), f"/bureau/rounds/{round_.number}/sheets", status=409)


def test_a_community_has_a_cooperation_score_from_three_companies_up(closed: Round) -> None:
    two, three = CommunityFactory(), CommunityFactory()
    for community, marks in ((two, "55"), (three, "531")):
        for mark in marks:
            rated = RatedEstateFactory(round=closed, community=community)
            EvaluationFactory(rated_estate=rated, from_company=True, mark=int(mark))
    found = list_cooperation(closed)
    assert [(one.community.id, one.score, one.companies) for one in found] == [(three.id, Decimal(50), 3)]


def test_a_company_with_many_estates_weighs_no_more_than_another(closed: Round) -> None:
    community = CommunityFactory()
    first = RatedEstateFactory(round=closed, community=community)
    rated = [first, *(RatedEstateFactory(round=closed, community=community, company=first.company) for _ in range(3))]
    others = [RatedEstateFactory(round=closed, community=community) for _ in range(2)]
    for mark, estates in ((1, rated), (5, others)):
        for one in estates:
            EvaluationFactory(rated_estate=one, from_company=True, mark=mark)
    assert round(list_cooperation(closed)[0].score, 2) == Decimal("66.67")


def test_the_bureau_sees_both_on_one_page_and_takes_the_list_home(closed: Round, sign_in: SignIn, see: See) -> None:
    on_site(closed, half_and_full(closed)[1])
    bureau = sign_in(UserFactory(role=Role.BUREAU))
    url = f"/bureau/rounds/{closed.number}/sheets"
    assert "完全一样" in see(bureau, url).text
    assert "完全一样" in bureau.get(f"{url}.csv").text
