"""A resident with a 360 px phone, script off: scan, rate, receipt, and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rating.access import Role
from rating.accounts.models import User
from rating.rounds.models import RatedEstate
from tests.browser.filling import INDICATORS, choose, count, rate_all, send
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.support.live import Live
from tests.support.qr import scan

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")


@pytest.fixture
def rated(live: Live) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", estate__name="紫荆园", households=3)


def test_a_printed_letter_is_scanned_rated_and_gives_one_receipt(
    live: Live, desk: Page, phone: Page, rated: RatedEstate, enter: Callable[[Page, User], Page]
) -> None:
    bureau = UserFactory(role=Role.BUREAU)
    number = rated.round.number
    enter(desk, bureau).goto(live(f"/bureau/rounds/{number}/letters/QY0001/confirm"))
    desk.get_by_role("button", name="在网页上打印3封信").click()
    addresses = [scan(sheet)[0] for sheet in desk.locator("section.letter").all()]
    assert len(set(addresses)) == 3
    assert all("/h/" in address for address in addresses)

    phone.goto(addresses[0])
    expect(phone).to_have_url(live("/e/QY0001"))
    rate_all(phone)
    phone.locator("#comment").fill("保洁很认真")
    send(phone)
    expect(phone.locator("h1")).to_contain_text("收到了")
    receipt = phone.locator(".receipt").inner_text()

    phone.reload()
    assert phone.locator(".receipt").inner_text() == receipt
    phone.go_back()
    phone.goto(addresses[0])
    assert phone.locator(".receipt").inner_text() == receipt
    assert count(live) == 1


def test_a_poster_leads_to_the_estates_page_where_the_code_is_typed(
    live: Live, desk: Page, phone: Page, rated: RatedEstate, enter: Callable[[Page, User], Page]
) -> None:
    code = issue_code(rated, household_number=1)
    enter(desk, UserFactory(role=Role.BUREAU)).goto(live(f"/bureau/rounds/{rated.round.number}/posters?estate=QY0001"))
    (address,) = scan(desk.locator("section.poster"))
    assert address == live("/e/QY0001")
    phone.goto(address)
    phone.locator("#code").fill(code[:-1] + str((int(code[-1]) + 1) % 10))
    phone.get_by_role("button", name="开始评价").click()
    expect(phone.locator("#code-error")).to_contain_text("有一位数字不对")
    phone.locator("#code").fill(code)
    phone.get_by_role("button", name="开始评价").click()
    expect(phone.locator("fieldset.question")).to_have_count(10)


def test_pressing_back_and_sending_again_counts_once(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    rate_all(phone)
    send(phone)
    receipt = phone.locator(".receipt").inner_text()
    phone.go_back()
    if phone.locator("fieldset.question").count():
        rate_all(phone, "一般")
        send(phone)
    assert phone.locator(".receipt").inner_text() == receipt
    assert count(live) == 1


def test_another_phone_is_told_and_can_say_we_have_not_answered(
    live: Live, phone: Page, scripted_phone: Page, rated: RatedEstate
) -> None:
    code = issue_code(rated, household_number=1)
    phone.goto(live(f"/h/{code}"))
    rate_all(phone)
    send(phone)
    scripted_phone.goto(live(f"/h/{code}"))
    expect(scripted_phone.locator("h1")).to_contain_text("已经评过")
    scripted_phone.get_by_role("button", name="我家没有评过").click()
    expect(scripted_phone.locator("h1")).to_contain_text("已记下")


def test_open_questions_are_told_beside_them_and_answers_stay(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    choose(phone, "cleaning", "不满意")
    send(phone)
    expect(phone.locator("p.error")).to_have_count(9)
    for told in phone.locator("p.error").all():
        expect(told).to_contain_text("至少要评6项")
    expect(phone.locator(".error-summary")).to_contain_text("至少要评6项")
    expect(phone.locator("[name=cleaning][value='2']")).to_be_checked()


def test_the_form_is_big_enough_for_old_eyes_and_thumbs(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    for label in phone.locator("fieldset.question label").all():
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 60
        assert box["width"] >= 60
    # Without script in the page the browser's own tools still measure.
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    smallest = phone.evaluate(
        "Math.min(...[...document.querySelectorAll('main p, main label, main legend, main span')]"
        ".filter(e => e.offsetParent && e.textContent.trim() && !e.classList.contains('vh'))"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 18


@pytest.mark.parametrize("script", [False, True])
def test_the_whole_form_can_be_filled_with_the_keyboard(
    live: Live, open_page: Callable[..., Page], rated: RatedEstate, script: bool
) -> None:
    desk = open_page(viewport={"width": 1280, "height": 900}, java_script_enabled=script)
    desk.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    desk.locator(f"[name={INDICATORS[0]}]").first.focus()
    for key in INDICATORS:
        expect(desk.locator(f"[name={key}]").first).to_be_focused()
        desk.keyboard.press("Space")
        desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")  # from the comment to the button
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text("收到了")
