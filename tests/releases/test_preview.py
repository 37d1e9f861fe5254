"""Committees, communities and companies look results over before they are published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM, Role
from rating.adjustments.models import AdjustmentKind, AdjustmentState
from rating.audit.models import Event
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.releases.models import Decision, SignOff
from rating.releases.queries import count_sign_offs, list_remarks
from rating.releases.service import remark, sign_off, start_preview
from rating.results.queries import get_scorecard
from rating.rounds.models import RatedEstate, RoundState
from rating.scoring import Direction
from rating.web.figures import points
from tests.factories import AdjustmentFactory, EvidenceFactory, UserFactory
from tests.results.town import KINDS, Town, acting, build_town, build_town_in_preview, bureau, compute, questionnaire
from tests.support.clock import START

See = Callable[..., Any]
SignIn = Callable[..., Any]


@pytest.fixture
def town(app: Flask) -> Town:
    """The town in preview."""
    return build_town_in_preview()


def committee_of(rated: RatedEstate) -> Any:
    return UserFactory(role=Role.COMMITTEE, scope=rated.estate)


def community_of(rated: RatedEstate) -> Any:
    return UserFactory(role=Role.COMMUNITY, scope=rated.community)


def test_preview_ends_after_ten_working_days(town: Town) -> None:
    assert town.round.state is RoundState.PREVIEW
    assert town.round.previewed_at == START
    assert town.round.preview_ends_on == date(2026, 9, 20)  # the Sunday is a make-up workday


def test_preview_needs_a_scorecard_and_a_closed_round(app: Flask) -> None:
    closed = build_town(KINDS[:1]).round
    with pytest.raises(Conflict, match="Compute the scorecard first"):
        start_preview(closed, SYSTEM, START)
    assert closed.state is RoundState.CLOSED


def test_preview_starts_once(town: Town) -> None:
    with pytest.raises(Conflict):
        start_preview(town.round, SYSTEM, START)


def test_bureau_starts_the_preview_from_the_scorecard(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:2])
    compute(town)
    browser = sign_in(bureau())
    action = see(browser, f"/bureau/rounds/{town.round.number}/scorecard").one("details.confirm form")["action"]
    assert "事先告知已经开始" in see(browser, str(action), data={}).text
    assert town.round.state is RoundState.PREVIEW


def test_committee_sees_its_own_estates_only(town: Town, see: See, sign_in: SignIn) -> None:
    own, other = town.estates["good"]
    browser = sign_in(committee_of(own))
    page = see(browser, "/committee/preview")
    assert own.estate.name in page.text and other.estate.name not in page.text
    see(browser, f"/committee/preview/{other.id}", status=403)


def test_community_sees_the_estates_of_its_community(town: Town, see: See, sign_in: SignIn) -> None:
    own, other = town.estates["fair"]
    browser = sign_in(community_of(own))
    assert own.estate.name in see(browser, "/committee/preview").text
    see(browser, f"/committee/preview/{other.id}", status=403)


def test_both_directions_and_their_subjects_are_shown(town: Town, see: See, sign_in: SignIn) -> None:
    rated = town.estates["good"][0]
    page = see(sign_in(committee_of(rated)), f"/committee/preview/{rated.id}")
    asked = [questionnaire(rated), questionnaire(rated, Direction.COMMITTEE_TO_COMPANY)]
    subjects = [dimension.text.zh for one in asked for dimension in one.dimensions]
    assert all(subject in page.text for subject in subjects)
    assert len(page.all("svg.bar")) == 2


@pytest.mark.parametrize("place", [1, 2])
def test_estate_with_fewer_than_ten_shows_nothing(town: Town, see: See, sign_in: SignIn, place: int) -> None:
    rated = town.estates["plain"][place]
    page = see(sign_in(committee_of(rated)), f"/committee/preview/{rated.id}")
    assert "合并计算" in page.text
    assert page.all("svg.bar") == [] and page.all("table") == []


def test_estate_that_nobody_rated_shows_nothing(town: Town, see: See, sign_in: SignIn) -> None:
    rated = town.estates["unseen"][0]
    page = see(sign_in(committee_of(rated)), f"/committee/preview/{rated.id}")
    assert page.all("svg.bar") == [] and page.all("table") == []


def test_committee_and_community_each_sign_once(town: Town, see: See, sign_in: SignIn) -> None:
    rated = town.estates["good"][0]
    url = f"/committee/preview/{rated.id}"
    for user in (committee_of(rated), community_of(rated)):
        browser = sign_in(user)
        assert "已签字" in see(browser, url, data={"decision": "signed"}).text
        see(browser, url, status=409, data={"decision": "signed"})
        assert see(browser, url).all("main form") == []
    given = db.session.scalars(select(SignOff).order_by(SignOff.id)).all()
    assert [one.party for one in given] == ["committee", "community"]
    assert {one.decision for one in given} == {Decision.SIGNED}


def test_a_second_member_finds_the_committees_answer_given(town: Town) -> None:
    rated = town.estates["good"][0]
    sign_off(rated, acting(committee_of(rated)), START)
    with pytest.raises(Conflict, match="final"):
        remark(rated, "等一下", acting(committee_of(rated)), START)


def test_remark_needs_text_and_keeps_what_was_typed(town: Town, see: See, sign_in: SignIn) -> None:
    rated = town.estates["good"][0]
    browser = sign_in(committee_of(rated))
    url = f"/committee/preview/{rated.id}"
    assert "请写明" in see(browser, url, status=422, data={"decision": "remarked", "remark": "  "}).errors["remark"]
    long = "多" * 1001
    page = see(browser, url, status=422, data={"decision": "remarked", "remark": long})
    assert "1001" in page.errors["remark"]
    assert page.fields()["remark"].strip() == long
    assert "decision" in see(browser, url, status=422, data={"remark": "x"}).errors
    assert db.session.scalar(select(SignOff)) is None


def test_remark_is_kept_and_counted_by_estate(town: Town) -> None:
    first, second = town.estates["good"]
    remark(first, " 第3项不对 ", acting(committee_of(first)), START)
    sign_off(first, acting(community_of(first)), START)
    sign_off(second, acting(committee_of(second)), START)
    scorecard = get_scorecard(town.round)
    counted = count_sign_offs(scorecard)
    assert (counted.signed, counted.remarked, counted.silent) == (1, 1, len(town.all_estates) - 2)
    assert [(one.rated_estate, one.remark) for one in list_remarks(scorecard)] == [(first, "第3项不对")]
    kinds = db.session.scalars(select(Event.kind).where(Event.kind.like("result.%")).order_by(Event.number)).all()
    assert kinds == ["result.remarked", "result.signed", "result.signed"]


def test_wrong_committee_is_refused(town: Town) -> None:
    own, other = town.estates["good"]
    with pytest.raises(Refused):
        sign_off(other, acting(committee_of(own)), START)


def test_nothing_is_signed_outside_the_preview(app: Flask) -> None:
    town = build_town(KINDS[:1])
    rated = town.estates["good"][0]
    compute(town)
    with pytest.raises(Conflict, match="preview"):
        sign_off(rated, acting(committee_of(rated)), START)


def test_a_remark_of_blanks_is_invalid(town: Town) -> None:
    rated = town.estates["good"][0]
    with pytest.raises(Invalid):
        remark(rated, "\n ", acting(committee_of(rated)), START)


def test_before_the_preview_there_is_nothing_to_see(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:1])
    compute(town)
    rated = town.estates["good"][0]
    browser = sign_in(committee_of(rated))
    assert rated.estate.name not in see(browser, "/committee/preview").text
    see(browser, f"/committee/preview/{rated.id}", status=404)
    company = sign_in(UserFactory(role=Role.COMPANY, scope=rated.company))
    assert "没有贵公司的结果" in see(company, "/company/preview").text


def test_company_sees_its_own_result_and_nobody_elses(town: Town, see: See, sign_in: SignIn) -> None:
    own = town.companies["bad"]
    page = see(sign_in(UserFactory(role=Role.COMPANY, scope=own)), "/company/preview")
    assert "bad company" in page.text and "黑榜" in page.text
    assert "2026年9月20日" in page.text
    assert all(company.name not in page.text for name, company in town.companies.items() if name != "bad")
    assert len(page.all("ol.costs li")) == 3


def test_company_sees_no_figure_of_a_folded_estate(town: Town, see: See, sign_in: SignIn) -> None:
    page = see(sign_in(UserFactory(role=Role.COMPANY, scope=town.companies["plain"])), "/company/preview")
    rows = {row[0]: row[1:] for row in page.rows("main section > .table-frame table")[1:]}
    assert rows["plain estate 2"] == ["不显示 / 60", "–", "–"]
    assert rows["plain estate 1"][0] == "50 / 90"


def test_company_with_too_few_evaluations_sees_their_number_alone(town: Town, see: See, sign_in: SignIn) -> None:
    page = see(sign_in(UserFactory(role=Role.COMPANY, scope=town.companies["few"])), "/company/preview")
    assert "居民评价6份" in page.text
    assert page.all("svg.bar .point") == []


def record_of(company: Any, **values: Any) -> Any:
    """A record that counts in the town's round, with its file."""
    row = AdjustmentFactory(
        company=company, kind=AdjustmentKind.FINDING, state=AdjustmentState.CONFIRMED, recorded_at=START, **values
    )
    EvidenceFactory(adjustment=row)
    return row


def test_company_sees_its_own_records_that_count_and_opens_their_files(town: Town, see: See, sign_in: SignIn) -> None:
    row = record_of(town.companies["bad"], reason="消防通道长期堵塞")
    browser = sign_in(UserFactory(role=Role.COMPANY, scope=town.companies["bad"]))
    page = see(browser, "/company/preview")
    (told,) = (line.get_text() for line in page.all("main tr") if row.case_number in line.get_text())
    wanted = (row.source, "消防通道长期堵塞", points(row.points), "2026年9月7日", "决定书.pdf")
    assert [word for word in wanted if word not in told] == []
    file = browser.get(page.links("main td a")["决定书.pdf"])
    assert file.get_data().startswith(b"%PDF") and "attachment" in file.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("plain", {}),
        ("bad", {"state": AdjustmentState.REFUSED}),
        ("bad", {"valid_to": date(2026, 5, 2)}),
    ],
)
def test_company_sees_no_record_of_others_nor_one_that_does_not_count(
    town: Town, see: See, sign_in: SignIn, name: str, values: dict[str, Any]
) -> None:
    row = AdjustmentFactory(company=town.companies[name], **{"state": AdjustmentState.CONFIRMED, **values})
    evidence = EvidenceFactory(adjustment=row)
    browser = sign_in(UserFactory(role=Role.COMPANY, scope=town.companies["bad"]))
    assert row.case_number not in see(browser, "/company/preview").text
    see(browser, f"/company/preview/records/{row.id}/evidence/{evidence.file_digest}", status=404)


def test_a_file_of_another_record_is_not_opened_under_ones_own(town: Town, see: See, sign_in: SignIn) -> None:
    own = record_of(town.companies["bad"])
    other = EvidenceFactory(adjustment=AdjustmentFactory(company=town.companies["plain"]))
    browser = sign_in(UserFactory(role=Role.COMPANY, scope=town.companies["bad"]))
    see(browser, f"/company/preview/records/{own.id}/evidence/{other.file_digest}", status=404)
