"""The receipt on a resident's phone: number, QR code, and a picture to keep."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from rating.evaluations import receipt_picture
from rating.evaluations.receipt_picture import Words, draw_receipt, find_chinese_font
from rating.evaluations.tickets import receipt_number
from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, issue_code
from tests.support.client import Client
from tests.support.pages import Page
from tests.support.qr import decode

See = Callable[..., Any]
NUMBER = receipt_number(hashlib.sha256(b"receipt").digest()[:16])
WORDS = Words("澄川市", "回执号", "2026年上半年物业服务评价", "查询地址：rating.test/receipts", "查不出您选了什么。")


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    rated: RatedEstate = RatedEstateFactory(estate__code="QY0001", estate__name="清苑小区")
    return rated


def hand_in(client: Client, see: See, rated: RatedEstate) -> Page:
    form = see(client, f"/h/{issue_code(rated)}")
    questionnaire = rated.round.rulebook.content.questionnaires["resident_to_company"]
    chosen = {**form.fields(), **{one.key: "5" for one in questionnaire.indicators}}
    return see(client, "/e/QY0001", data=chosen)


def number_on(page: Page) -> str:
    return "".join(page.one(".receipt-number").get_text().split())


def test_the_page_has_the_number_and_a_picture_whose_code_says_the_same(
    client: Client, see: See, rated: RatedEstate
) -> None:
    page = hand_in(client, see, rated)
    number = number_on(page)
    picture = client.get(str(page.one(".receipt-picture img")["src"]))
    assert picture.mimetype == "image/png" and decode(picture.data) == [number]
    assert number in str(page.one(".receipt-picture img")["alt"])


def test_the_picture_is_for_this_phone_alone(client: Client, see: See, rated: RatedEstate, app: Flask) -> None:
    hand_in(client, see, rated)
    assert client.get("/e/QY0001/receipt.png").headers["Cache-Control"] == "private, no-store"
    assert app.test_client().get("/e/QY0001/receipt.png").status_code == 404


def test_a_phone_that_has_not_sent_its_form_has_no_picture(client: Client, see: See, rated: RatedEstate) -> None:
    see(client, f"/h/{issue_code(rated)}")
    assert client.get("/e/QY0001/receipt.png").status_code == 404


def test_the_picture_names_neither_the_estate_nor_the_day(client: Client, see: See, rated: RatedEstate) -> None:
    """It is the same for every estate of a round, number and code apart."""
    seen: list[Words] = []
    draw = receipt_picture.draw_receipt
    hand_in(client, see, rated)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "rating.evaluations.receipt_picture.draw_receipt",
            lambda number, words: (seen.append(words), draw(number, words))[1],
        )
        client.get("/e/QY0001/receipt.png")
    said = " ".join(seen[0])
    assert "清苑小区" not in said and "QY0001" not in said and "9月" not in said
    assert "rating.test/receipts" in said and rated.round.title_zh in said


def test_no_address_holds_the_number(client: Client, see: See, rated: RatedEstate) -> None:
    page = hand_in(client, see, rated)
    number = number_on(page)
    addresses = [str(one.get("href") or one.get("src") or one.get("action")) for one in page.all("a, img, form")]
    assert not any(number in one or number.replace("-", "") in one for one in addresses)


@pytest.mark.sqlite_only(reason="drawing asks no database")
def test_a_picture_is_readable_with_and_without_a_chinese_font(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    latin = Words("Chengchuan", "Receipt number", "First half of 2026", "rating.test/receipts", "Never what you chose.")
    for font in (find_chinese_font(), None):
        receipt_picture._font.cache_clear()
        receipt_picture._draw_background.cache_clear()
        monkeypatch.setattr(receipt_picture, "find_chinese_font", lambda font=font: font)
        picture = draw_receipt(NUMBER, WORDS if font else latin)
        with Image.open(io.BytesIO(picture)) as image:
            assert image.width == 720
        assert decode(picture) == [NUMBER] and len(picture) < 60_000
    receipt_picture._font.cache_clear()
    receipt_picture._draw_background.cache_clear()


def test_without_a_chinese_font_the_picture_speaks_english(
    client: Client, see: See, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(client, see, rated)
    seen: list[Words] = []
    monkeypatch.setattr("rating.evaluations.receipt_picture.find_chinese_font", lambda: None)
    monkeypatch.setattr(
        "rating.evaluations.receipt_picture.draw_receipt", lambda number, words: (seen.append(words), b"")[1]
    )
    client.get("/e/QY0001/receipt.png")
    said = " ".join(seen[0])
    assert "Receipt number" in said and not any("\u2e80" <= sign <= "\uffef" for sign in said)


@pytest.mark.sqlite_only(reason="drawing asks no database")
def test_a_very_long_address_is_made_smaller_until_it_fits(app: Flask) -> None:
    picture = draw_receipt(NUMBER, WORDS._replace(address="https://" + "long." * 14 + "example/receipts"))
    with Image.open(io.BytesIO(picture)) as image:
        edge = image.crop((0, 0, 8, image.height))
        assert edge.getextrema() == (255, 255), "nothing is cut off at the margin"
