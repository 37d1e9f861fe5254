"""The form comes quickly over a poor network, has a word for every mark, and holds its session."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect
from sqlalchemy import select

from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.rounds.models import RatedEstate
from tests.browser.conftest import PHONE
from tests.browser.filling import INDICATORS, choose, count, rate_all, send
from tests.factories import RatedEstateFactory, issue_code
from tests.support.clock import Clock
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")

SHEET = Path(__file__).parents[2] / "static" / "css" / "rating.css"
WORDS = ["很满意", "满意", "一般", "不满意", "很不满意", "不清楚", "没有这一项"]


@pytest.fixture
def rated(live: Live) -> RatedEstate:
    return RatedEstateFactory(
        estate__code="QY0001",
        estate__name="澄川市滨河新区金色阳光家园二期北区",
        company__name="澄川市金色阳光家园物业服务有限责任公司滨河新区第二分公司",
        households=3,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_is_three_files_of_which_less_than_21_kilobytes_travel(
    live: Live, scripted_phone: Page, rated: RatedEstate, language: str
) -> None:
    scripted_phone.context.request.get(
        live(f"/h/{issue_code(rated, household_number=1)}?lang={language}")
    )  # the cookie, nothing kept
    loaded: list[Response] = []
    scripted_phone.on("response", lambda response: loaded.append(response))
    scripted_phone.goto(live(f"/e/QY0001?lang={language}"), wait_until="networkidle")
    expect(scripted_phone.locator("fieldset.question")).to_have_count(len(INDICATORS))
    assert len(loaded) <= 3, [one.url for one in loaded]
    assert sum(map(_travelling, loaded)) < 21_000, [(one.url, _travelling(one)) for one in loaded]


def _travelling(response: Response) -> int:
    """How many bytes come over the network: nginx compresses what is static, on its lowest level, and no page."""
    body = response.body()
    return len(gzip.compress(body, compresslevel=1)) if "/static/" in response.url else len(body)


def test_nothing_but_the_page_and_its_sheet_holds_up_the_first_paint(
    live: Live, phone: Page, rated: RatedEstate
) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    expect(phone.locator("link[rel=stylesheet]")).to_have_count(1)
    expect(phone.locator("script:not([defer])")).to_have_count(0)
    assert SHEET.stat().st_size <= 15_000


def test_every_mark_is_a_word_the_best_first_as_on_paper(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    for question in phone.locator("fieldset.question").all():
        assert question.locator("label").all_inner_texts() == WORDS


def test_not_knowing_and_not_having_are_kept_apart(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    rate_all(phone)
    choose(phone, INDICATORS[-2], "不清楚")
    choose(phone, INDICATORS[-1], "没有这一项")
    send(phone)
    assert count(live) == 1
    assert db.session.scalar(select(Evaluation.marks)) == "55555555?-"


def test_five_marks_are_too_few_and_nothing_is_lost(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    rate_all(phone)
    for key in INDICATORS[5:]:
        choose(phone, key, "不清楚")
    send(phone)
    expect(phone.locator(".error-summary")).to_contain_text("至少要评6项")
    expect(phone.locator(f"[name={INDICATORS[9]}][value=unknown]")).to_be_checked()
    assert count(live) == 0


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("minutes", [61, 23 * 60])
def test_a_form_left_open_for_an_hour_or_a_day_can_still_be_sent(
    live: Live, open_page: Callable[..., Page], rated: RatedEstate, clock: Clock, minutes: int, script: bool
) -> None:
    phone = open_page(**PHONE, java_script_enabled=script)
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    rate_all(phone)
    clock.advance(minutes=minutes)
    send(phone)
    expect(phone.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1
