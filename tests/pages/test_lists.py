"""The first page: the current lists at a glance, and what stands there when there are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask

from rating.access import Role
from rating.releases.queries import find_listing
from tests.factories import (
    CommitmentFactory,
    ContractFactory,
    RatedEstateFactory,
    RoundFactory,
    TalkFactory,
    UserFactory,
)
from tests.pages.public import DISPLAY_OVER, LAST_MOMENT, MANAGER, WHILE_SHOWN, publish, publish_town
from tests.results.town import KINDS, build_town
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Any]


def names_on(page: Page, board: str) -> list[str]:
    return page.texts(f".board.{board} .listing h3")


def test_without_a_release_the_page_says_so_and_what_comes(client: Client, see: See) -> None:
    page = see(client, "/")
    assert page.h1 == "物业服务红黑榜"
    assert "还没有发布过公告" in page.text
    assert page.all(".board") == []


def test_red_and_black_stand_on_their_lists_with_score_reason_and_end(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, release = publish_town()
    clock.set(WHILE_SHOWN)
    page = see(client, "/")
    assert names_on(page, "red") == ["good company"]
    assert names_on(page, "black") == ["bad company"]
    red = page.one(".board.red").get_text(" ")
    assert "第1号评价公告" in page.text
    assert "误差范围的下限" in red and "展示至2026年12月21日" in red
    assert "供业主选聘时参考，不是政府指定或担保" in red
    black = page.one(".board.black").get_text(" ")
    assert "不是行政处罚，也不是失信名单" in black
    assert page.all(".board.black svg[role=img]"), "the interval is drawn"
    assert release.number == 1 and town.companies["bad"].code in str(page.one(".board.black"))


def test_insufficient_is_never_ranked_and_shows_no_score(app: Flask, client: Client, see: See, clock: Clock) -> None:
    publish_town()
    clock.set(WHILE_SHOWN)
    page = see(client, "/")
    board = page.one(".board.insufficient")
    assert {"few company", "unseen company"} <= set(names_on(page, "insufficient"))
    assert board.select("ol, .score, svg[role=img]") == [], "no numbered list, no score, no drawn interval"
    assert "不排名、不下结论" in board.get_text()


def test_an_empty_black_list_says_that_nobody_is_listed_to_fill_it(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    publish(build_town(KINDS[:1]))
    clock.set(WHILE_SHOWN)
    page = see(client, "/")
    assert "本期没有企业符合列入黑榜的条件。我们不凑数。" in page.text


def test_lists_leave_the_first_page_at_midnight_after_their_last_day(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    publish_town()
    clock.set(LAST_MOMENT)
    assert names_on(see(client, "/"), "black") == ["bad company"]
    clock.set(DISPLAY_OVER)
    page = see(client, "/")
    assert page.all(".board") == []
    assert "展示期已满（2026年12月21日）" in page.text
    assert "bad company" not in page.html and "good company" not in page.html


def test_a_trial_round_lists_nobody(app: Flask, client: Client, see: See, clock: Clock) -> None:
    _town, release = publish_town(trial=True)
    clock.set(WHILE_SHOWN)
    page = see(client, "/")
    assert page.all(".board") == [] and "试评" in page.text
    assert "company" not in see(client, f"/releases/{release.number}").text
    for part in ("scorecard", "tallies", "records", "rulebook"):
        assert client.get(f"/releases/{release.number}/{part}.json").status_code == 404


def test_what_followed_a_black_listing_stands_beside_it(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town, release = publish_town()
    clock.set(WHILE_SHOWN)
    before = see(client, "/")
    assert "约谈" in before.one(".board.black .since").get_text()
    talk = TalkFactory(listing=find_listing(release, town.companies["bad"]), held=True)
    CommitmentFactory(talk=talk, made_on=date(2026, 9, 16), due_on=date(2026, 9, 30))
    since = see(client, "/").one(".board.black .since").get_text()
    assert "2026年9月16日" in since and "其中1项逾期" in since


def test_an_open_round_is_announced(app: Flask, client: Client, see: See) -> None:
    RatedEstateFactory()
    assert "2026年9月27日截止" in see(client, "/").text
    assert "Rating is open until 27 September 2026" in see(client, "/?lang=en").text


def test_a_round_past_its_last_day_is_not_announced(app: Flask, client: Client, see: See, clock: Clock) -> None:
    RoundFactory(open=True)
    clock.advance(days=40)
    assert "截止" not in see(client, "/").text


def test_no_public_page_names_a_manager(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town, _release = publish_town()
    rated = town.estates["bad"][0]
    paths = ["/", "/search?q=estate", "/companies", "/estates", "/releases/1", "/releases", "/method"]
    paths += [f"/companies/{rated.company.code}", f"/estates/{rated.estate.code}"]
    clock.set(WHILE_SHOWN)
    for path in paths:
        page = see(client, path)
        assert MANAGER not in page.html and "王一" not in page.html, path


def test_everybody_who_has_not_signed_in_gets_the_same_bytes(app: Flask, client: Client, clock: Clock) -> None:
    publish_town()
    clock.set(WHILE_SHOWN)
    first, second = client.get("/"), app.test_client().get("/")
    assert first.data == second.data
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    assert client.get("/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_staff_and_language_switches_are_not_cached(app: Flask, client: Client, sign_in: Callable[..., Client]) -> None:
    assert client.get("/?lang=en").headers["Cache-Control"] == "private, no-cache"
    assert sign_in(UserFactory(role=Role.BUREAU)).get("/").headers["Cache-Control"] == "private, no-cache"


def test_search_finds_estates_and_companies_and_says_when_it_finds_none(app: Flask, client: Client, see: See) -> None:
    contract = ContractFactory(estate__name="桂花园", company__name="桂香物业有限公司")
    page = see(client, "/search?q=桂")
    assert page.links("main a") == {
        "桂花园": f"/estates/{contract.estate.code}",
        "桂香物业有限公司": f"/companies/{contract.company.code}",
    }
    assert "没有名称里带“牡丹”的小区或企业" in see(client, "/search?q=牡丹").text
    assert see(client, "/search").h1 == "搜索"
