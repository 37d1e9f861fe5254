"""A resident's way as it is in service: from the letter to the receipt, through nginx over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.conftest import ARGUMENTS, PHONE, chromium
from tests.browser.filling import rate_all, receipt, send
from tests.support.households import Town
from tests.support.whole_site import ADDRESS, WholeSite, serve


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An open round."""
    found = Town(f"sqlite:///{tmp_path / 'rating.sqlite3'}", tmp_path)
    yield found
    found.close()


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Iterator[WholeSite]:
    """The site of the town."""
    with serve(town.url, tmp_path) as found:
        yield found


@pytest.fixture
def browser_there(site: WholeSite, playwright: Playwright) -> Iterator[Browser]:
    """A browser for which the site's address leads here, and no other leads anywhere."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, site.rule])
    yield browser
    browser.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_from_the_letter_to_the_receipt_over_tls(
    town: Town, site: WholeSite, browser_there: Browser, script: bool
) -> None:
    [household] = town.settle(1)
    context = browser_there.new_context(
        **PHONE,
        locale="zh-CN",
        java_script_enabled=script,
        ignore_https_errors=True,  # it signs itself
    )
    phone = context.new_page()
    insecure: list[str] = []
    phone.on("request", lambda request: None if request.url.startswith(ADDRESS) else insecure.append(request.url))
    phone.goto(f"{ADDRESS}/h/{household.code}")
    assert phone.url == f"{ADDRESS}/e/{household.estate}"
    rate_all(phone)
    send(phone)
    expect(phone.locator("h1")).to_contain_text("收到了")
    assert phone.url == f"{ADDRESS}/e/{household.estate}/receipt"
    number = receipt(phone)
    phone.reload()
    assert receipt(phone) == number
    phone.goto(f"{ADDRESS}/?lang=en")
    cookies = context.cookies()
    assert {one["name"] for one in cookies} >= {"__Host-tickets", "__Host-lang"}
    assert all(one["name"].startswith("__Host-") and one["secure"] for one in cookies)
    assert [one for one in insecure if not one.startswith("data:")] == []
    said = site.told()
    assert household.code not in said and household.estate not in said and number not in said
    context.close()
