"""Text as large as 30 px, chosen without script, remembered, and fitting a phone of 360 px."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rating.rounds.models import RatedEstate
from tests.browser.conftest import PHONE
from tests.browser.filling import choose, rate_all, send
from tests.browser.small_city import SmallCity, build_small_city, pages_of
from tests.browser.test_accessibility import AXE, RUN
from tests.factories import RatedEstateFactory, issue_code
from tests.support.clock import Clock
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")

SIZES = {"标准": 20, "大": 25, "特大": 30}
LONG = "澄川市滨河新区金色阳光家园二期北区（含原机械厂家属院）"


@pytest.fixture
def rated(live: Live) -> RatedEstate:
    return RatedEstateFactory(
        estate__code="QY0001",
        estate__name=LONG,
        company__name="澄川市金色阳光家园物业服务有限责任公司滨河新区第二分公司",
        households=3,
    )


def size_of(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize(("name", "pixels"), SIZES.items())
def test_a_size_chosen_on_the_estates_page_holds_to_the_receipt(
    live: Live, phone: Page, rated: RatedEstate, name: str, pixels: int
) -> None:
    phone.goto(live("/e/QY0001"))
    phone.get_by_role("link", name=name, exact=True).click()
    expect(phone.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "true")
    assert size_of(phone, "main p:not([class])") == pixels
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    assert size_of(phone, "main p:not([class])") == pixels
    rate_all(phone)
    send(phone)
    expect(phone.locator("h1")).to_contain_text("收到了")
    assert size_of(phone, "main p:not([class])") == pixels


@pytest.mark.parametrize("size", ["large", "largest"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_residents_pages_fit_a_phone_in_every_size(
    live: Live, open_page: Callable[..., Page], rated: RatedEstate, language: str, size: str
) -> None:
    phone = open_page(**PHONE)
    code = issue_code(rated, household_number=1)
    phone.goto(live(f"/e/QY0001?lang={language}"))
    phone.goto(live(f"/e/QY0001?text={size}"))
    assert width_of(phone) <= 360, "the estate's page"
    phone.locator("#code").fill("1234")
    phone.locator("main button").click()
    expect(phone.locator(".error-summary")).to_be_visible()
    assert width_of(phone) <= 360, "a wrong code"
    phone.goto(live(f"/h/{code}"))
    assert width_of(phone) <= 360, "the form"
    phone.evaluate(AXE.read_text(encoding="utf-8"))
    assert phone.evaluate(RUN) == []
    phone.locator("#comment").fill("长" * 400 + "long" * 100)
    phone.locator("button.primary").click()
    expect(phone.locator(".error-summary")).to_be_visible()
    assert width_of(phone) <= 360, "open questions"
    for question in phone.locator("fieldset.question").all():
        question.locator("label").first.click()
    phone.locator("#comment").fill("")
    phone.locator("button.primary").click()
    expect(phone.locator(".receipt")).to_be_visible()
    assert width_of(phone) <= 360, "the receipt"
    other = open_page(**PHONE)
    other.context.add_cookies([{"name": "text", "value": size, "url": live.base}])
    other.goto(live(f"/h/{code}?lang={language}"))
    assert width_of(other) <= 360, "answered already"


@pytest.mark.parametrize("size", ["large", "largest"])
def test_public_pages_fit_a_phone_in_every_size(
    live: Live, open_page: Callable[..., Page], clock: Clock, size: str
) -> None:
    city: SmallCity = build_small_city(clock)
    phone = open_page(**PHONE)
    phone.goto(live(f"/?text={size}"))
    wide = []
    for language in ("zh", "en"):
        for address in pages_of(city)["public"]:
            phone.goto(live(f"{address}{'&' if '?' in address else '?'}lang={language}"))
            if (width := width_of(phone)) > 360:
                wide.append(f"{address} in {language}: {width}")
    assert wide == []


def test_a_size_nobody_offers_changes_nothing(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live("/e/QY0001?text=huge"))
    assert phone.locator("html").get_attribute("class") is None
    assert [one["name"] for one in phone.context.cookies() if one["name"] == "text"] == []


def test_after_an_answer_to_a_form_the_sizes_lead_back_to_its_page(live: Live, phone: Page, rated: RatedEstate) -> None:
    phone.goto(live(f"/h/{issue_code(rated, household_number=1)}"))
    choose(phone, "parking", "一般")
    send(phone)
    phone.get_by_role("link", name="特大").click()
    expect(phone).to_have_url(live("/e/QY0001?text=largest"))
    phone.context.clear_cookies()
    phone.goto(live("/e/QY0001"))
    phone.locator("main button").click()  # no code typed: the answer to a form at an address that only takes forms
    phone.get_by_role("link", name="大", exact=True).click()
    expect(phone).to_have_url(live("/e/QY0001?text=large"))
