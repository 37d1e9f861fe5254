"""The reviewer's pages: the pattern, never an answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations.models import Channel
from rating.extensions import db
from rating.reviews.models import Decision, FlagKind, RejectionReason, Review
from rating.rounds.models import RatedEstate, RoundState
from tests.factories import RatedEstateFactory, RoundFactory, UserFactory
from tests.reviews.flags import flag_some, reviewer
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]
SECRET = "电梯坏了三个月没有人来修，打电话也没有人接。"


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    rated: RatedEstate = RatedEstateFactory(round=RoundFactory(closed=True), estate__name="紫荆园")
    flag_some(rated, 5, marks="1313131313", comment=SECRET)
    return rated


@pytest.fixture
def desk(app: Flask, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(reviewer())


def address(rated: RatedEstate) -> str:
    return f"/review/{rated.id}/same_answers/1"


def send(page: Page, **changed: object) -> dict[str, object]:
    return {**page.fields("main form"), **changed}


def test_a_reviewer_is_led_to_the_queue(desk: Client, see: See, rated: RatedEstate) -> None:
    page = see(desk, "/workspace")
    assert page.path == "/review"
    assert page.h1 == "存疑评价复核"
    assert "紫荆园" in page.links()


def test_the_group_shows_the_pattern_and_never_marks_score_or_comment(
    desk: Client, see: See, rated: RatedEstate
) -> None:
    page = see(desk, address(rated))
    for told in ("紫荆园", "同一网络、选项全同", "第5份", "住户手机自填", "2026年9月7日"):
        assert told in page.text
    for secret in ("1313131313", SECRET, "50.0"):
        assert secret not in page.html
    assert len(page.all("input[name=evaluations][checked]")) == 5


def test_a_whole_group_is_rejected_with_its_kind_of_reason(desk: Client, see: See, rated: RatedEstate) -> None:
    page = see(desk, address(rated))
    sent = see(desk, address(rated), data=send(page, decision="rejected", reason="code_misused", note="社区已核实"))
    assert sent.path == "/review"
    assert "已对5份评价作出复核决定" in sent.text
    found = {(one.decision, one.reason, one.note) for one in db.session.query(Review)}
    assert found == {(Decision.REJECTED, RejectionReason.CODE_MISUSED, "社区已核实")}


def test_some_are_accepted_and_the_others_keep_waiting(desk: Client, see: See, rated: RatedEstate) -> None:
    page = see(desk, address(rated))
    boxes = [str(box["value"]) for box in page.all("input[name=evaluations]")]
    see(desk, address(rated), data=send(page, evaluations=boxes[:2], decision="accepted"))
    left = see(desk, address(rated))
    assert [str(box["value"]) for box in left.all("input[name=evaluations]")] != boxes
    assert len(left.all("input[name=evaluations]")) == 3


def test_mistakes_come_back_beside_their_fields_with_what_was_typed_kept(
    desk: Client, see: See, rated: RatedEstate
) -> None:
    page = see(desk, address(rated))
    sent = send(page, decision="rejected", note="社区已核实")
    back = see(desk, address(rated), status=422, data=sent)
    assert "原因类别" in back.errors["reason"]
    assert back.fields("main form")["note"].strip() == "社区已核实"
    nothing = see(desk, address(rated), status=422, data={**sent, "evaluations": [], "decision": ""})
    assert "decision" in nothing.errors
    none_chosen = see(desk, address(rated), status=422, data={**sent, "evaluations": [], "decision": "accepted"})
    assert "evaluations" in none_chosen.errors


def test_a_forged_choice_of_evaluations_is_refused(desk: Client, see: See, rated: RatedEstate) -> None:
    others = flag_some(rated, 3, kind=FlagKind.SAME_COMMENT)
    page = see(desk, address(rated))
    see(desk, address(rated), status=409, data=send(page, evaluations=[str(others[0].id)], decision="accepted"))
    see(desk, address(rated), status=422, data=send(page, evaluations=["nonsense"], decision="accepted"))
    assert db.session.query(Review).count() == 0


def test_a_reviewer_of_this_community_finds_an_empty_queue_and_no_group(
    see: See, sign_in: Callable[[User], Client], rated: RatedEstate
) -> None:
    own = sign_in(UserFactory(role=Role.REVIEWER, scope=rated.community))
    assert "紫荆园" not in see(own, "/review").text
    see(own, address(rated), status=403)
    see(own, address(rated), status=403, data={"decision": "accepted"})


def test_the_auditor_sees_the_queue_and_has_no_form(
    see: See, sign_in: Callable[[User], Client], rated: RatedEstate
) -> None:
    auditor = sign_in(UserFactory(role=Role.AUDITOR))
    assert "紫荆园" in see(auditor, "/review").links()
    page = see(auditor, address(rated))
    assert page.all("main form") == []
    assert len(page.rows()) == 1 + 5


def test_from_the_preview_on_the_group_says_that_review_is_over(desk: Client, see: See, rated: RatedEstate) -> None:
    rated.round.state = RoundState.PREVIEW
    db.session.flush()
    page = see(desk, address(rated))
    assert "本期复核已结束" in page.text
    assert page.all("main form") == []


def test_the_bureau_sees_how_many_and_nothing_else(
    see: See, sign_in: Callable[[User], Client], rated: RatedEstate
) -> None:
    bureau = sign_in(UserFactory(role=Role.BUREAU))
    page = see(bureau, f"/bureau/rounds/{rated.round.number}")
    assert "待复核5份，采信0份，不予采信0份" in page.text
    see(bureau, "/review", status=403)
    see(bureau, address(rated), status=403)


def test_a_group_that_there_is_not_is_not_found(desk: Client, see: See, rated: RatedEstate) -> None:
    see(desk, f"/review/{rated.id}/same_answers/2", status=404)
    see(desk, f"/review/{rated.id}/nonsense/1", status=404)
    see(desk, "/review/999/same_answers/1", status=404)


def test_channels_are_told_as_far_as_they_matter(desk: Client, see: See, rated: RatedEstate) -> None:
    flag_some(rated, 3, kind=FlagKind.SAME_COMMENT, channel=Channel.PAPER)
    assert "纸质表" in see(desk, f"/review/{rated.id}/same_comment/1").text
