"""What is typed stays on the phone until the receipt shows, for its own household alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from rating.rounds.models import RatedEstate
from tests.browser.conftest import PHONE
from tests.browser.filling import choose, count, rate_all, receipt, send
from tests.factories import RatedEstateFactory, issue_code
from tests.support.clock import START, Clock
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")

KEPT = "Object.keys(localStorage).filter(key => key.startsWith('rating:'))"
NO_STORE = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('switched off'); }});"


@pytest.fixture
def rated(live: Live) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", estate__name="紫荆园", households=3)


def begin(phone: Page, address: str, comment: str = "保洁很认真") -> None:
    """Half a form."""
    phone.goto(address)
    choose(phone, "parking", "不满意")
    phone.locator("#comment").fill(comment)


def expect_begun(phone: Page, comment: str = "保洁很认真") -> None:
    expect(phone.locator("[name=parking][value='2']")).to_be_checked()
    expect(phone.locator("#comment")).to_have_value(comment)


def expect_empty(phone: Page) -> None:
    expect(phone.locator("fieldset.question")).to_have_count(10)
    expect(phone.locator(":checked")).to_have_count(0)
    expect(phone.locator("#comment")).to_have_value("")


def test_a_half_filled_form_outlives_reloading_and_leaving(
    live: Live, scripted_phone: Page, rated: RatedEstate
) -> None:
    letter = live(f"/h/{issue_code(rated, household_number=1)}")
    begin(scripted_phone, letter)
    scripted_phone.reload()
    expect_begun(scripted_phone)
    scripted_phone.goto(live("/method"))
    scripted_phone.goto(letter)
    expect_begun(scripted_phone)
    expect(scripted_phone.locator("#kept")).to_contain_text("接着填")


def test_a_half_filled_form_outlives_the_browsers_end(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    letter = live(f"/h/{issue_code(rated, household_number=1)}")
    begin(scripted_phone, letter)
    again = scripted_phone.context.new_page()
    scripted_phone.close()
    again.goto(letter)
    expect_begun(again)


def test_another_language_or_size_of_text_loses_nothing(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    begin(scripted_phone, live(f"/h/{issue_code(rated, household_number=1)}"))
    scripted_phone.get_by_role("link", name="特大").click()
    expect(scripted_phone.locator("html.largest")).to_be_visible()
    expect_begun(scripted_phone)
    scripted_phone.get_by_role("link", name="English").click()
    expect(scripted_phone.locator("html[lang=en]")).to_be_visible()
    expect_begun(scripted_phone)


def test_a_form_that_came_back_can_be_seen_in_another_size_of_text(
    live: Live, scripted_phone: Page, rated: RatedEstate
) -> None:
    begin(scripted_phone, live(f"/h/{issue_code(rated, household_number=1)}"))
    send(scripted_phone)
    expect(scripted_phone.locator(".error-summary")).to_be_visible()
    scripted_phone.get_by_role("link", name="特大").click()
    expect(scripted_phone.locator("html.largest")).to_be_visible()
    expect_begun(scripted_phone)


def test_without_script_the_form_says_to_choose_first(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    assert "先换再填" in phone.locator("noscript p.note").inner_text()
    assert phone.locator("#kept").inner_text() == ""


def test_a_phone_that_slept_for_an_hour_sends_what_was_typed(
    live: Live, scripted_phone: Page, rated: RatedEstate, clock: Clock
) -> None:
    letter = live(f"/h/{issue_code(rated, household_number=1)}")
    scripted_phone.clock.install(time=START)
    begin(scripted_phone, letter)
    clock.advance(hours=1)
    scripted_phone.clock.fast_forward(3_600_000)
    scripted_phone.reload()
    expect_begun(scripted_phone)
    rate_all(scripted_phone)
    send(scripted_phone)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1


def test_when_the_receipt_shows_nothing_is_kept_any_more(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    begin(scripted_phone, live(f"/h/{issue_code(rated, household_number=1)}"))
    assert len(scripted_phone.evaluate(KEPT)) == 1
    rate_all(scripted_phone)
    send(scripted_phone)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    assert scripted_phone.evaluate(KEPT) == []


def test_what_is_kept_is_dropped_after_a_day(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    letter = live(f"/h/{issue_code(rated, household_number=1)}")
    scripted_phone.clock.set_fixed_time(START)
    begin(scripted_phone, letter)
    scripted_phone.clock.set_fixed_time(START + timedelta(hours=23, minutes=59))
    scripted_phone.reload()
    expect_begun(scripted_phone)
    scripted_phone.clock.set_fixed_time(START + timedelta(hours=24))
    scripted_phone.reload()
    expect_empty(scripted_phone)
    assert scripted_phone.evaluate(KEPT) == []


def test_a_page_that_stays_open_forgets_after_a_day_too(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    scripted_phone.clock.install(time=START)
    begin(scripted_phone, live(f"/h/{issue_code(rated, household_number=1)}"))
    scripted_phone.clock.run_for(23 * 3_600_000)
    expect_begun(scripted_phone)
    scripted_phone.clock.run_for(3_600_000 + 60_000)
    expect_empty(scripted_phone)
    assert scripted_phone.evaluate(KEPT) == []


@pytest.mark.parametrize("hours", [-1, 25, 24 * 400], ids="the clock moved by {} hours".format)
def test_a_moved_clock_keeps_nothing_longer(live: Live, scripted_phone: Page, rated: RatedEstate, hours: int) -> None:
    """What was kept before the clock went back, or a day ahead, is dropped by the next of the residents' pages."""
    letter = live(f"/h/{issue_code(rated, household_number=1)}")
    scripted_phone.clock.set_fixed_time(START)
    begin(scripted_phone, letter)
    assert len(scripted_phone.evaluate(KEPT)) == 1
    scripted_phone.clock.set_fixed_time(START + timedelta(hours=hours))
    scripted_phone.goto(live("/e/QY0001"))
    expect_empty(scripted_phone)
    assert scripted_phone.evaluate(KEPT) == []


def test_nothing_typed_comes_back_after_the_receipt(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    letter = live(f"/h/{issue_code(rated, household_number=1)}")
    begin(scripted_phone, letter)
    rate_all(scripted_phone)
    send(scripted_phone)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    scripted_phone.go_back()
    scripted_phone.goto(letter)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    assert scripted_phone.locator("form#rating").count() == 0
    assert scripted_phone.evaluate(KEPT) == []


def test_whoever_picks_up_the_phone_can_clear_it(live: Live, scripted_phone: Page, rated: RatedEstate) -> None:
    begin(scripted_phone, live(f"/h/{issue_code(rated, household_number=1)}"))
    scripted_phone.reload()
    scripted_phone.get_by_role("button", name="清空").click()
    expect_empty(scripted_phone)
    scripted_phone.reload()
    expect_empty(scripted_phone)
    assert scripted_phone.evaluate(KEPT) == []


def test_two_households_on_one_phone_never_see_each_others_answers(
    live: Live, scripted_phone: Page, rated: RatedEstate
) -> None:
    ours, theirs = (live(f"/h/{issue_code(rated, household_number=number)}") for number in (1, 2))
    begin(scripted_phone, ours, "我家")
    scripted_phone.goto(theirs)
    expect_empty(scripted_phone)
    scripted_phone.go_back()
    scripted_phone.go_forward()
    expect_empty(scripted_phone)
    scripted_phone.locator("#comment").fill("他家")
    rate_all(scripted_phone)
    send(scripted_phone)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    first = receipt(scripted_phone)
    scripted_phone.goto(ours)
    expect_begun(scripted_phone, "我家")
    rate_all(scripted_phone)
    send(scripted_phone)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    assert receipt(scripted_phone) != first
    assert count(live) == 2


def test_neither_the_code_nor_the_ticket_is_kept_in_the_page(
    live: Live, scripted_phone: Page, rated: RatedEstate
) -> None:
    code = issue_code(rated, household_number=1)
    begin(scripted_phone, live(f"/h/{code}"))
    token = scripted_phone.locator("[name=csrf_token]").get_attribute("value")
    scripted_phone.context.clear_cookies()
    send(scripted_phone)
    scripted_phone.locator("#code").fill(code)
    kept = scripted_phone.evaluate("JSON.stringify(localStorage)")
    assert token is not None and token not in kept
    assert code not in kept and "code" not in kept
    assert "保洁很认真" in kept


def test_where_nothing_can_be_kept_the_form_works_as_ever(
    live: Live, open_page: Callable[..., Page], rated: RatedEstate
) -> None:
    phone = open_page(**PHONE)
    phone.add_init_script(NO_STORE)
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    assert phone.locator("#kept").inner_text() == ""
    rate_all(phone)
    send(phone)
    expect(phone.locator("h1")).to_contain_text("收到了")
