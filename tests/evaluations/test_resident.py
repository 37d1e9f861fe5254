"""A resident's way: letter, form, receipt, and everything that can go wrong on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from rating.access import SYSTEM
from rating.evaluations.models import DisputeCount, Evaluation, Participation, TurnoutDay
from rating.evaluations.tickets import COOKIE
from rating.extensions import db
from rating.reviews.service import close_round
from rating.rounds.codes import grouped
from rating.rounds.models import RatedEstate
from rating.rounds.service import issue_codes
from rating.web.request import code_key
from tests.factories import EstateFactory, RatedEstateFactory, issue_code
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Page]


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", estate__name="紫荆园")


@pytest.fixture
def code(rated: RatedEstate) -> str:
    return issue_code(rated)


def answers(page: Page, mark: str = "5", **changed: str) -> dict[str, Any]:
    """The form as it came, every question answered with one mark."""
    keys = {str(one["name"]) for one in page.all("main fieldset input[type=radio]")}
    return {**page.fields("main form"), **dict.fromkeys(keys, mark), **changed}


def counted() -> int:
    return db.session.scalar(select(func.count()).select_from(Evaluation)) or 0


def test_opening_a_code_writes_nothing_and_leads_to_the_form(client: Client, see: See, code: str) -> None:
    page = see(client, f"/h/{code}")
    assert page.path.startswith("/e/QY0001")
    assert len(page.all("main fieldset.question")) == 10
    assert (db.session.scalar(select(func.count()).select_from(Participation)), counted()) == (0, 0)


def test_a_sent_form_is_counted_once_and_shows_its_receipt(client: Client, see: See, code: str) -> None:
    page = see(client, f"/h/{code}")
    receipt = see(client, "/e/QY0001", data=answers(page, comment="楼道灯修得快"))
    assert receipt.path == "/e/QY0001/receipt"
    row = db.session.execute(select(Evaluation)).scalar_one()
    assert (row.marks, row.score, row.comment) == ("5" * 10, 1_000_000, "楼道灯修得快")
    assert db.session.execute(select(TurnoutDay.count)).scalars().all() == [1]


def test_double_tap_back_and_refresh_give_the_same_receipt(client: Client, see: See, code: str) -> None:
    page = see(client, f"/h/{code}")
    shown = [see(client, "/e/QY0001", data=answers(page, mark)).text for mark in ("5", "5", "1")]
    shown += [see(client, "/e/QY0001/receipt").text, see(client, "/e/QY0001").text, see(client, f"/h/{code}").text]
    assert len(set(shown)) == 1
    assert counted() == 1


def test_the_same_code_on_another_phone_is_told_before_the_form_is_filled(
    app: Flask, client: Client, see: See, code: str
) -> None:
    see(client, "/e/QY0001", data=answers(see(client, f"/h/{code}")))
    other = see(app.test_client(), f"/h/{code}", status=409)
    assert "已经评过" in other.h1
    assert "0000-87654321" in other.text  # the community's phone


def test_a_second_phone_that_had_the_form_open_is_refused_and_not_counted(
    app: Flask, client: Client, see: See, code: str
) -> None:
    second = app.test_client()
    first_form, second_form = see(client, f"/h/{code}"), see(second, f"/h/{code}")
    see(client, "/e/QY0001", data=answers(first_form))
    see(second, "/e/QY0001", data=answers(second_form), status=409)
    assert counted() == 1


def test_a_household_that_says_it_has_not_answered_is_counted_for_the_estate(
    app: Flask, client: Client, see: See, code: str
) -> None:
    see(client, "/e/QY0001", data=answers(see(client, f"/h/{code}")))
    other = app.test_client()
    see(other, f"/h/{code}", status=409)
    see(other, "/e/QY0001/dispute", data={})
    assert db.session.execute(select(DisputeCount.count)).scalars().all() == [1]


def test_a_reissued_code_cannot_vote_twice(client: Client, app: Flask, see: See, rated: RatedEstate) -> None:
    rated.households = 1
    old = issue_codes(rated, code_key(), SYSTEM, datetime(2026, 9, 7, 1, tzinfo=UTC))[0]
    see(client, "/e/QY0001", data=answers(see(client, f"/h/{old}")))
    new = issue_codes(rated, code_key(), SYSTEM, datetime(2026, 9, 7, 2, tzinfo=UTC))[0]
    see(app.test_client(), f"/h/{new}", status=409)
    see(app.test_client(), f"/h/{old}", status=404)
    assert counted() == 1


def test_two_households_on_one_phone_each_keep_their_receipt(client: Client, see: See, rated: RatedEstate) -> None:
    first, second = issue_code(rated), issue_code(rated)
    one = see(client, "/e/QY0001", data=answers(see(client, f"/h/{first}"))).text
    two = see(client, "/e/QY0001", data=answers(see(client, f"/h/{second}"))).text
    assert one != two
    assert see(client, f"/h/{first}").text == one
    assert counted() == 2


def test_a_form_left_open_answers_for_its_own_household(client: Client, see: See, rated: RatedEstate) -> None:
    first, second = issue_code(rated), issue_code(rated)
    form_of_first = see(client, f"/h/{first}")
    see(client, f"/h/{second}")
    see(client, "/e/QY0001", data=answers(form_of_first))
    see(client, "/e/QY0001", data=answers(see(client, f"/h/{second}")))
    assert db.session.execute(select(Participation.answered)).scalar_one().count("1") == 2


def test_a_form_of_the_first_household_leads_to_its_own_receipt_not_to_the_others_form(
    client: Client, see: See, rated: RatedEstate
) -> None:
    first, second = issue_code(rated), issue_code(rated)
    form_of_first = see(client, f"/h/{first}")
    see(client, f"/h/{second}")
    receipt = see(client, "/e/QY0001", data=answers(form_of_first))
    assert receipt.path == "/e/QY0001/receipt"
    assert see(client, f"/h/{first}").text == receipt.text
    assert counted() == 1


def test_a_retry_after_the_last_minute_shows_the_receipt(client: Client, see: See, clock: Clock, code: str) -> None:
    clock.set(datetime(2026, 9, 27, 15, 59, 50, tzinfo=UTC))
    filled = answers(see(client, f"/h/{code}"))
    receipt = see(client, "/e/QY0001", data=filled)
    clock.advance(seconds=20)
    assert see(client, "/e/QY0001", data=filled).text == receipt.text


def test_the_receipt_is_shown_for_a_day_also_once_the_round_is_closed(
    client: Client, see: See, clock: Clock, rated: RatedEstate, code: str
) -> None:
    receipt = see(client, "/e/QY0001", data=answers(see(client, f"/h/{code}")))
    close_round(rated.round, SYSTEM, clock.now, today_is_past=True)
    clock.advance(hours=20)
    assert see(client, "/e/QY0001/receipt").text == receipt.text


def test_a_typed_code_may_have_spaces_dashes_and_full_width_digits(client: Client, see: See, code: str) -> None:
    typed = grouped(code).replace(" ", " - ").translate({ord(str(d)): 0xFF10 + d for d in range(10)})
    see(client, "/e/QY0001")
    page = see(client, "/e/QY0001/code", data={"code": typed})
    assert len(page.all("main fieldset.question")) == 10


def test_a_slip_in_a_code_is_told_beside_the_field_and_kept(client: Client, see: See, code: str) -> None:
    slip = code[:5] + str((int(code[5]) + 1) % 10) + code[6:]
    page = see(client, "/e/QY0001/code", data={"code": slip}, status=422)
    assert "有一位数字不对" in page.errors["code"]
    assert page.fields("main form")["code"] == slip


@pytest.mark.parametrize(("typed", "words"), [("", "请输入"), ("12 34", "16位"), ("abcd" * 4, "16位")])
def test_what_is_no_code_is_told_in_words(client: Client, see: See, code: str, typed: str, words: str) -> None:
    assert words in see(client, "/e/QY0001/code", data={"code": typed}, status=422).errors["code"]


def test_a_code_of_another_estate_names_that_estate(client: Client, see: See, rated: RatedEstate) -> None:
    other = RatedEstateFactory(estate__name="银杏里", round=rated.round)
    page = see(client, "/e/QY0001/code", data={"code": issue_code(other)}, status=422)
    assert "银杏里" in page.errors["code"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_code_is_a_clear_page_in_both_languages(
    client: Client, see: See, rated: RatedEstate, language: str
) -> None:
    page = see(client, f"/h/4840848034059069?lang={language}", status=404)
    assert "Traceback" not in page.html
    assert page.language == {"zh": "zh-Hans", "en": "en"}[language]


def test_missing_marks_are_told_beside_each_and_what_was_chosen_is_kept(client: Client, see: See, code: str) -> None:
    filled = answers(see(client, f"/h/{code}"), "4", comment="有话要说")
    del filled["cleaning"], filled["repairs"]
    page = see(client, "/e/QY0001", data=filled, status=422)
    assert set(page.errors) == {"cleaning", "repairs"}
    assert "还差2项" in page.text
    kept = page.fields("main form")
    assert (kept["parking"], kept["comment"]) == ("4", "有话要说")
    assert counted() == 0


def test_fewer_than_six_marks_come_back_with_a_clear_message(client: Client, see: See, code: str) -> None:
    filled = answers(see(client, f"/h/{code}"), "unknown", cleaning="3", greenery="3", repairs="3")
    page = see(client, "/e/QY0001", data=filled, status=422)
    assert "至少要评6项" in page.text
    assert page.fields("main form")["cleaning"] == "3"


def test_a_comment_of_10_000_characters_is_kept_and_says_by_how_much_it_is_too_long(
    client: Client, see: See, code: str
) -> None:
    filled = answers(see(client, f"/h/{code}"), comment="很" * 10_000)
    page = see(client, "/e/QY0001", data=filled, status=422)
    assert "9500" in page.errors["comment"]
    assert page.fields("main form")["comment"] == "很" * 10_000


def test_a_mark_that_is_not_on_the_form_is_refused(client: Client, see: See, code: str) -> None:
    page = see(client, f"/h/{code}")
    see(client, "/e/QY0001", data=answers(page, cleaning="6"), status=422)
    assert counted() == 0


def test_a_lost_ticket_asks_for_the_code_again_and_keeps_the_answers(client: Client, see: See, code: str) -> None:
    filled = answers(see(client, f"/h/{code}"), "2", comment="等了一天")
    client.delete_cookie(COOKIE)
    asked = see(client, "/e/QY0001", data=filled, status=422)
    assert "code" in asked.errors
    kept = asked.fields("main form")
    assert (kept["cleaning"], kept["comment"]) == ("2", "等了一天")
    see(client, "/e/QY0001", data={**kept, "code": code})
    assert db.session.execute(select(Evaluation.comment)).scalar_one() == "等了一天"


def test_a_ticket_holds_for_a_day(client: Client, see: See, clock: Clock, code: str) -> None:
    page = see(client, f"/h/{code}")
    clock.advance(hours=23)
    see(client, "/e/QY0001", data=answers(page))
    assert "receipt" in see(client, "/e/QY0001").path
    clock.advance(hours=2)
    assert see(client, "/e/QY0001").path == "/e/QY0001"


def test_a_forged_ticket_is_no_ticket(client: Client, see: See, code: str) -> None:
    see(client, f"/h/{code}")
    client.set_cookie(COOKIE, "W1sxLDEsIjAwIiwxXV0.forged")
    page = see(client, "/e/QY0001")
    assert not page.all("main fieldset.question")


def test_after_the_last_day_the_form_is_not_taken_and_the_comment_is_given_back(
    client: Client, see: See, clock: Clock, code: str
) -> None:
    filled = answers(see(client, f"/h/{code}"), comment="来晚了")
    clock.set(datetime(2026, 9, 27, 16, 1, tzinfo=UTC))  # a minute past midnight in Shanghai
    page = see(client, "/e/QY0001", data=filled, status=410)
    assert "来晚了" in page.text
    assert counted() == 0


def test_before_the_first_day_the_page_says_when_it_opens(
    client: Client, see: See, clock: Clock, rated: RatedEstate
) -> None:
    clock.set(datetime(2026, 9, 6, 1, tzinfo=UTC))
    assert "9月7日" in see(client, "/e/QY0001").text


def test_an_estate_that_is_not_rated_says_why(client: Client, see: See, rated: RatedEstate) -> None:
    EstateFactory(code="QY0002", not_rated_reason="正在拆迁")
    assert "正在拆迁" in see(client, "/e/QY0002").text


def test_an_unknown_estate_is_a_page_that_says_so(client: Client, see: See) -> None:
    assert "NOWHERE" in see(client, "/e/NOWHERE", status=404).text


def test_the_access_log_masks_codes(client: Client, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    client.get(f"/h/{code}")
    logged = capsys.readouterr().out
    assert "/h/<code>" in logged
    assert code not in logged


def test_no_row_names_a_household_beside_its_answers(client: Client, see: See, code: str) -> None:
    see(client, "/e/QY0001", data=answers(see(client, f"/h/{code}")))
    shared = {c.name for c in Participation.__table__.columns} & {c.name for c in Evaluation.__table__.columns}
    assert shared == {"rated_estate_id"}
    week = db.session.execute(select(Evaluation.week)).scalar_one()
    assert week.weekday() == 0  # no finer than the week


def test_no_shared_cache_may_keep_a_residents_page(client: Client, see: See, code: str) -> None:
    form = see(client, f"/h/{code}")
    receipt = see(client, "/e/QY0001", data=answers(form))
    for page in (form, receipt, see(client, "/e/QY0001/receipt")):
        assert "private" in page.response.headers["Cache-Control"]
