"""Each role's first screen shows its own, and no mark of an open round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.releases.service import start_preview
from rating.rounds.models import RoundState
from tests.factories import (
    EvaluationFactory,
    ListingFactory,
    RatedEstateFactory,
    RoundFactory,
    TurnoutDayFactory,
    UserFactory,
)
from tests.results.town import KINDS, build_town, bureau, compute
from tests.support.client import Client
from tests.support.clock import START, Clock

See = Callable[..., Any]
SignIn = Callable[..., Client]


def test_the_workspace_is_the_first_of_the_persons_own(app: Flask, sign_in: SignIn) -> None:
    rated = RatedEstateFactory()
    for role, scope, place in (
        (Role.BUREAU, None, "/bureau"),
        (Role.COMMITTEE, rated.estate, "/committee"),
        (Role.COMPANY, rated.company, "/company"),
        (Role.AUDITOR, None, "/audit"),
    ):
        assert sign_in(UserFactory(role=role, scope=scope)).get("/workspace").location == place


def test_who_has_no_workspace_is_told_so(app: Flask, see: See, sign_in: SignIn) -> None:
    assert "目前没有可用的工作台" in see(sign_in(UserFactory()), "/workspace").text


# ---- the bureau


def next_of(see: See, browser: Client) -> str:
    return str(see(browser, "/bureau").texts(".callout-title")[0])


def test_the_bureau_is_told_the_one_next_thing(app: Flask, see: See, sign_in: SignIn, clock: Clock) -> None:
    browser = sign_in(bureau())
    assert "先导入" in see(browser, "/bureau").text
    round_ = RoundFactory(number=1)
    assert next_of(see, browser) == "下一步：逐项核对检查单，启动评价"
    round_.state = RoundState.OPEN
    assert next_of(see, browser) == "下一步：关注参评进度"
    clock.advance(days=30)
    browser = sign_in(bureau())
    assert next_of(see, browser) == "下一步：截止本期评价"


def test_after_the_close_the_next_thing_is_the_scorecard_then_the_preview(
    app: Flask, see: See, sign_in: SignIn
) -> None:
    town = build_town(KINDS[:1])
    browser = sign_in(bureau())
    assert next_of(see, browser) == "下一步：计算评分结果表"
    compute(town)
    assert "事先告知" in next_of(see, browser)


def test_a_black_listing_without_a_talk_comes_before_the_next_round(app: Flask, see: See, sign_in: SignIn) -> None:
    ListingFactory()
    assert next_of(see, sign_in(bureau())) == "下一步：安排约谈"


def test_a_rounds_page_leads_to_everything_of_it(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:1])
    links = see(sign_in(bureau()), f"/bureau/rounds/{town.round.number}").links("main a").values()
    for page in ("roster", "posters", "turnout", "scorecard", "release"):
        assert f"/bureau/rounds/{town.round.number}/{page}" in links


def test_an_open_round_is_closed_early_with_a_reason_only(app: Flask, see: See, sign_in: SignIn) -> None:
    rated = RatedEstateFactory()
    browser = sign_in(bureau())
    page = see(browser, f"/bureau/rounds/{rated.round.number}")
    assert page.one("main form[method=post]")["action"] == f"/bureau/rounds/{rated.round.number}/close"
    assert "reason" in page.fields("main form")
    see(browser, f"/bureau/rounds/{rated.round.number}/close", data={"reason": "台风"})
    assert rated.round.state is RoundState.CLOSED


def test_once_its_last_day_is_over_a_round_closes_without_a_reason(
    app: Flask, see: See, sign_in: SignIn, clock: Clock
) -> None:
    rated = RatedEstateFactory()
    clock.advance(days=30)
    assert "reason" not in see(sign_in(bureau()), f"/bureau/rounds/{rated.round.number}").fields("main form")


def test_the_auditor_reads_the_bureaus_pages_and_can_close_nothing(app: Flask, see: See, sign_in: SignIn) -> None:
    rated = RatedEstateFactory()
    browser = sign_in(UserFactory(role=Role.AUDITOR))
    for path in ("/bureau", "/bureau/rounds", f"/bureau/rounds/{rated.round.number}"):
        assert see(browser, path).all("main form[method=post]") == []


def test_an_unknown_round_is_told_in_words(app: Flask, see: See, sign_in: SignIn) -> None:
    assert "9" in see(sign_in(bureau()), "/bureau/rounds/9", status=404).text


# ---- sub-districts, communities, committees, companies


def test_a_subdistrict_sees_its_own_communities_only(app: Flask, see: See, sign_in: SignIn) -> None:
    own, other = RatedEstateFactory(), RatedEstateFactory()
    TurnoutDayFactory(rated_estate=own, count=5)
    page = see(sign_in(UserFactory(role=Role.SUBDISTRICT, scope=own.community.subdistrict)), "/subdistrict")
    assert own.estate.name in page.text and own.community.subdistrict.name == page.h1
    assert other.estate.name not in page.html
    assert "已评5户，共240户" in page.text


def test_a_committee_of_elsewhere_sees_nothing(app: Flask, see: See, sign_in: SignIn) -> None:
    rated, elsewhere = RatedEstateFactory(), RatedEstateFactory(round=RoundFactory(published=True))
    page = see(sign_in(UserFactory(role=Role.COMMITTEE, scope=elsewhere.estate)), "/committee")
    assert rated.estate.name not in page.html
    assert "您的小区没有参加本期评价" in page.text


def test_a_committee_rates_its_own_estate_once(app: Flask, see: See, sign_in: SignIn) -> None:
    rated, other = RatedEstateFactory(), RatedEstateFactory()
    browser = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    page = see(browser, "/committee")
    assert f"/committee/estates/{rated.id}/rate" in page.links("main a").values()
    assert other.estate.name not in page.html
    EvaluationFactory(rated_estate=rated, on_site=True)
    done = see(browser, "/committee")
    assert f"/committee/estates/{rated.id}/rate" not in done.links("main a").values()
    assert done.texts("main .state.good") == ["已提交"]


def test_a_community_has_a_sheet_of_its_own_beside_the_committees(app: Flask, see: See, sign_in: SignIn) -> None:
    rated = RatedEstateFactory()
    EvaluationFactory(rated_estate=rated, on_site=True, rater="committee")
    page = see(sign_in(UserFactory(role=Role.COMMUNITY, scope=rated.community)), "/committee")
    assert f"/committee/estates/{rated.id}/rate" in page.links("main a").values()


def test_a_committee_is_told_what_waits_for_its_signature(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:1])
    compute(town)
    start_preview(town.round, SYSTEM, START)
    page = see(sign_in(UserFactory(role=Role.COMMITTEE, scope=town.estates["good"][0].estate)), "/committee")
    assert "1个小区的结果等您签认" in page.text
    assert "/committee/preview" in page.links("main a").values()


def test_a_company_sees_its_own_estates_and_no_turnout(app: Flask, see: See, sign_in: SignIn) -> None:
    rated, other = RatedEstateFactory(), RatedEstateFactory()
    TurnoutDayFactory(rated_estate=rated, count=98765)
    EvaluationFactory(rated_estate=rated, from_company=True)
    page = see(sign_in(UserFactory(role=Role.COMPANY, scope=rated.company)), "/company")
    links = page.links("main a").values()
    assert f"/company/estates/{rated.id}/self" in links
    assert f"/company/estates/{rated.id}/rate" not in links, "that sheet is handed in"
    assert other.estate.name not in page.html and "98765" not in page.text


@pytest.mark.parametrize("role", [Role.BUREAU, Role.SUBDISTRICT, Role.COMMITTEE, Role.COMMUNITY, Role.COMPANY])
def test_no_first_screen_shows_a_mark_or_score_of_an_open_round(
    app: Flask, see: See, sign_in: SignIn, role: Role
) -> None:
    rated = RatedEstateFactory()
    for made in (EvaluationFactory(rated_estate=rated), EvaluationFactory(rated_estate=rated, on_site=True, mark=3)):
        assert made.score
    scopes = {
        Role.SUBDISTRICT: rated.community.subdistrict,
        Role.COMMITTEE: rated.estate,
        Role.COMMUNITY: rated.community,
        Role.COMPANY: rated.company,
    }
    browser = sign_in(UserFactory(role=role, scope=scopes.get(role)))
    page = see(browser, {Role.COMMUNITY: "/committee"}.get(role, f"/{role.value}"))
    assert page.all(".score, .interval, .two-sides") == []
