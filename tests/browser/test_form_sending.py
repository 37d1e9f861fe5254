"""Networks that drop the answer, fingers that tap twice: one evaluation, the same receipt, nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from rating.rounds.models import RatedEstate
from tests.browser.filling import choose, count, rate_all, receipt, send
from tests.factories import RatedEstateFactory, issue_code
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")

FORM = "**/e/QY0001"


@pytest.fixture
def letter(live: Live) -> str:
    rated: RatedEstate = RatedEstateFactory(estate__code="QY0001", estate__name="紫荆园", households=3)
    return live(f"/h/{issue_code(rated, household_number=1)}")


@pytest.fixture
def filled(scripted_phone: Page, letter: str) -> Page:
    scripted_phone.goto(letter)
    rate_all(scripted_phone)
    scripted_phone.locator("#comment").fill("保洁很认真")
    return scripted_phone


def drop_answer(route: Route) -> None:
    """The server gets the form and takes it; what it answers never arrives."""
    if route.request.method == "POST":
        route.fetch(max_redirects=0)
        route.abort("connectionreset")
    else:
        route.continue_()


def expect_calm(phone: Page) -> None:
    expect(phone.locator("#told")).to_contain_text("您填的都在")
    expect(phone.get_by_role("button", name="提交评价")).to_have_attribute("aria-disabled", "false")
    expect(phone.locator("#comment")).to_have_value("保洁很认真")


def test_when_the_answer_is_lost_tapping_again_gives_the_receipt(live: Live, filled: Page) -> None:
    filled.route(FORM, drop_answer)
    send(filled)
    expect_calm(filled)
    assert count(live) == 1
    filled.unroute(FORM)
    send(filled)
    expect(filled.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1


def test_every_way_back_after_a_lost_answer_leads_to_the_same_receipt(live: Live, filled: Page, letter: str) -> None:
    filled.route(FORM, drop_answer)
    send(filled)
    expect_calm(filled)
    filled.unroute(FORM)
    other = filled.context.new_page()
    other.goto(letter)
    shown = receipt(other)
    send(filled)
    expect(filled.locator("h1")).to_contain_text("收到了")
    assert receipt(filled) == shown
    assert count(live) == 1


def test_without_script_too_a_lost_answer_leads_to_one_receipt(live: Live, phone: Page, letter: str) -> None:
    phone.goto(letter)
    rate_all(phone)
    phone.route(FORM, drop_answer)
    send(phone)
    phone.wait_for_url("chrome-error://**")
    phone.unroute(FORM)
    phone.goto(letter)
    shown = receipt(phone)
    phone.reload()
    assert receipt(phone) == shown
    assert count(live) == 1


def test_when_no_answer_comes_for_20_seconds_the_page_says_so(live: Live, scripted_phone: Page, letter: str) -> None:
    scripted_phone.clock.install()
    scripted_phone.goto(letter)
    rate_all(scripted_phone)
    scripted_phone.locator("#comment").fill("保洁很认真")
    held: list[Route] = []
    scripted_phone.route(FORM, lambda route: held.append(route))
    with scripted_phone.expect_request(FORM):
        send(scripted_phone)
    expect(scripted_phone.get_by_role("button", name="正在提交")).to_be_visible()
    scripted_phone.clock.fast_forward(20_000)
    expect_calm(scripted_phone)
    scripted_phone.unroute(FORM)
    send(scripted_phone)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    assert len(held) == 1
    assert count(live) == 1


def test_a_phone_without_a_network_sends_by_itself_when_it_is_back(live: Live, filled: Page) -> None:
    filled.context.set_offline(True)
    send(filled)
    expect_calm(filled)
    expect(filled.locator("#told")).to_contain_text("自动提交")
    assert count(live) == 0
    filled.context.set_offline(False)
    expect(filled.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1


def test_where_the_phone_does_not_notice_it_is_tried_again_after_a_while(
    live: Live, scripted_phone: Page, letter: str
) -> None:
    scripted_phone.clock.install()
    scripted_phone.goto(letter)
    rate_all(scripted_phone)
    scripted_phone.locator("#comment").fill("保洁很认真")
    scripted_phone.route(FORM, drop_answer)
    send(scripted_phone)
    expect_calm(scripted_phone)
    scripted_phone.unroute(FORM)
    scripted_phone.clock.fast_forward(7_500)
    expect(scripted_phone.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1


def test_what_was_changed_after_the_tap_is_not_sent_without_another(live: Live, filled: Page) -> None:
    sent: list[Request] = []
    filled.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    filled.context.set_offline(True)
    send(filled)
    expect_calm(filled)
    filled.locator("#comment").fill("保洁不认真")
    expect(filled.locator("#told")).to_have_text("")
    filled.context.set_offline(False)
    filled.evaluate("() => new Promise(resolve => setTimeout(resolve, 0))")  # after the event of the network
    assert len(sent) == 1
    assert count(live) == 0


def test_a_page_without_a_tap_sends_nothing_when_the_network_is_back(live: Live, filled: Page) -> None:
    """The control of the two above: it is the tap that is waited for, not the network alone."""
    filled.context.set_offline(True)
    filled.context.set_offline(False)
    filled.evaluate("() => new Promise(resolve => setTimeout(resolve, 0))")
    assert count(live) == 0


def test_a_server_in_trouble_is_asked_again_on_tap(live: Live, filled: Page) -> None:
    filled.route(FORM, lambda route: route.fulfill(status=503, body="later"))
    send(filled)
    expect_calm(filled)
    filled.unroute(FORM)
    send(filled)
    expect(filled.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1


def test_a_double_tap_sends_once(live: Live, filled: Page) -> None:
    sent: list[Request] = []
    filled.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    held: list[Route] = []
    filled.route(FORM, lambda route: held.append(route))
    with filled.expect_request(FORM):
        filled.get_by_role("button", name="提交评价").dblclick()
    expect(filled.get_by_role("button", name="正在提交")).to_be_visible()
    held[0].continue_()
    expect(filled.locator("h1")).to_contain_text("收到了")
    assert len(sent) == len(held) == 1
    assert count(live) == 1


def test_without_script_a_double_tap_counts_once(live: Live, phone: Page, letter: str) -> None:
    phone.goto(letter)
    rate_all(phone)
    phone.get_by_role("button", name="提交评价").dblclick()
    expect(phone.locator("h1")).to_contain_text("收到了")
    assert count(live) == 1


def test_after_going_back_the_button_works_again(filled: Page) -> None:
    filled.evaluate("document.querySelector('[name=parking]:checked').checked = false")
    send(filled)
    expect(filled.locator(".error-summary")).to_be_visible()
    filled.go_back()
    button = filled.get_by_role("button", name="提交评价")
    expect(button).to_have_attribute("aria-disabled", "false")
    choose(filled, "parking", "一般")
    button.click()
    expect(filled.locator("h1")).to_contain_text("收到了")


def test_going_back_from_the_receipt_shows_no_answers(filled: Page) -> None:
    send(filled)
    expect(filled.locator("h1")).to_contain_text("收到了")
    filled.go_back()
    expect(filled.locator("fieldset.question")).to_have_count(0)


@pytest.mark.parametrize("comment", ["长" * 501])
def test_what_the_server_has_to_say_is_shown_as_its_page(filled: Page, comment: str) -> None:
    filled.locator("#comment").fill(comment)
    send(filled)
    expect(filled.locator(".error-summary")).to_be_visible()
    expect(filled.locator("#comment")).to_have_value(comment)


def test_another_phones_evaluation_is_told_not_retried(
    live: Live, filled: Page, open_page: Callable[..., Page], letter: str
) -> None:
    other = open_page()
    other.goto(letter)
    rate_all(other)
    send(other)
    expect(other.locator("h1")).to_contain_text("收到了")
    send(filled)
    expect(filled.locator("h1")).to_contain_text("已经评过")
    assert filled.evaluate("Object.keys(localStorage)") == []
    assert count(live) == 1
