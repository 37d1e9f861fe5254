"""Whoever scans a letter or a poster that leads to no form today is told why, in a resident's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from rating.access import SYSTEM
from rating.reviews.service import close_round
from rating.rounds.codes import grouped, read_code
from rating.rounds.models import RatedEstate
from tests.evaluations.test_guesses import slip_of
from tests.factories import RatedEstateFactory, issue_code
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Page]


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001")


@pytest.fixture
def code(rated: RatedEstate) -> str:
    return issue_code(rated)


def is_for_residents(page: Page) -> bool:
    """Elder size, no number of an error, nobody asked to sign in."""
    return "elder" in page.one("body")["class"] and "404" not in page.text and not page.all("main form")


def test_before_the_first_day_the_letter_says_when_it_opens(
    client: Client,
    see: See,
    clock: Clock,
    code: str,
) -> None:
    clock.set(datetime(2026, 9, 6, 1, tzinfo=UTC))
    page = see(client, f"/h/{code}", status=404)
    assert is_for_residents(page)
    assert page.h1 == "评价2026年9月7日开始"


def test_after_the_last_day_the_letter_says_that_it_has_ended_and_leads_to_the_receipts(
    client: Client,
    see: See,
    clock: Clock,
    rated: RatedEstate,
    code: str,
) -> None:
    clock.set(datetime(2026, 9, 28, 1, tzinfo=UTC))
    page = see(client, f"/h/{code}", status=404)
    assert is_for_residents(page) and page.h1 == "评价已经结束"
    assert "/receipts" in page.links("main a").values()
    close_round(rated.round, SYSTEM, clock(), today_is_past=True)
    after = see(client, f"/h/{code}", status=404)
    assert is_for_residents(after) and "/receipts" in after.links("main a").values()


def test_a_slip_in_the_letters_address_is_told_as_a_slip(client: Client, see: See, code: str) -> None:
    page = see(client, f"/h/{slip_of(code)}", status=404)
    assert is_for_residents(page) and page.h1 == "这个评价码不对"
    assert "有一位数字不对" in page.text


def test_a_poster_of_no_estate_is_told_as_such(client: Client, see: See) -> None:
    page = see(client, "/e/NOPE", status=404)
    assert is_for_residents(page) and "/estates" in page.links("main a").values()


WAYS = [
    "{}",
    "评价码：{}",
    "{}。",
    " {} ",
    "我家的评价码是{}，谢谢",
    "https://pingjia.example/h/{}",
    "http://127.0.0.1:8000/h/{}?from=x。",
]


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_understood_however_it_was_pasted(way: str) -> None:
    assert read_code(way.format("1144 8395 6386 1020")) == "1144839563861020"


@pytest.mark.parametrize(
    "tail",
    ["。", "，", "）", "%20", "/", ".", "）请大家都来评", "​", "?from=singlemessage&isappinstalled=0", "。?from=x"],
)
def test_what_a_chat_hangs_on_an_address_does_not_lead_astray(client: Client, see: See, code: str, tail: str) -> None:
    assert see(client, f"/e/QY0001{tail}").path.split("?")[0] == "/e/QY0001"
    assert see(client, f"/h/{code}{tail}").path.split("?")[0] == "/e/QY0001"
    assert see(client, f"/estates/QY0001{tail}").path.split("?")[0] == "/estates/QY0001"


@pytest.mark.parametrize("path", ["//evil.example/。", "/%5Cevil.example/。", "//evil.example//"])
def test_a_tidied_address_never_leads_to_another_site(client: Client, path: str) -> None:
    location = client.get(path).headers.get("Location", "/")
    assert location.startswith("/") and not location.startswith(("//", "/\\"))


def test_a_browser_without_cookies_is_told_so_and_the_code_is_kept(app: Flask, see: See, code: str) -> None:
    phone = app.test_client(use_cookies=False)
    see(phone, "/e/QY0001")
    page = see(phone, "/e/QY0001/code", data={"code": grouped(code)}, status=422)
    assert "Cookie" in page.errors["code"]
    assert page.fields("main form")["code"] == grouped(code)
    assert "Cookie" in see(phone, f"/h/{code}").text  # the entrance says it to whoever just scanned
