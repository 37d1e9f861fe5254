"""Looking a receipt up: received, counted or unknown, and never what was chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask

from rating.evaluations.tickets import receipt_number
from tests.factories import EvaluationFactory, RatedEstateFactory, ReleaseFactory, RoundFactory
from tests.support.client import Client

See = Callable[..., Any]
RECEIPT = bytes(range(16))
NUMBER = receipt_number(RECEIPT)


def hand_in(**rated: Any) -> Any:
    return EvaluationFactory(
        rated_estate=RatedEstateFactory(**rated), receipt_hash=hashlib.sha256(RECEIPT).digest(), mark=1
    ).rated_estate


def test_before_the_release_it_says_received_and_when_to_look_again(app: Flask, client: Client, see: See) -> None:
    hand_in()
    page = see(client, "/receipts", data={"number": NUMBER})
    assert "已收到" in page.text and "届时可查" in page.text
    assert "2026年10月" in page.text, "ten working days after the close, the National Day holiday left out"
    assert page.fields()["number"] == NUMBER


def test_after_the_release_it_says_counted_in_which_estate(app: Flask, client: Client, see: See) -> None:
    rated = hand_in(round=RoundFactory(published=True))
    ReleaseFactory(scorecard__round=rated.round)
    page = see(client, "/receipts", data={"number": NUMBER})
    assert f"已计入{rated.estate.name}的结果。" in page.text


def test_small_letters_blanks_and_lookalikes_are_read(app: Flask, client: Client, see: See) -> None:
    hand_in()
    typed = NUMBER.lower().replace("-", " ").replace("0", "o")
    assert "已收到" in see(client, "/receipts", data={"number": typed}).text


def test_an_unknown_number_is_told_so_and_kept(app: Flask, client: Client, see: See) -> None:
    other = receipt_number(bytes(16))
    page = see(client, "/receipts", status=404, data={"number": other})
    assert "没有查到这个号" in page.text and page.fields()["number"] == other
    assert "This number is not known" in see(client, "/receipts?lang=en", status=404, data={"number": other}).text


def test_what_can_not_be_a_number_is_told_beside_the_field_and_kept(app: Flask, client: Client, see: See) -> None:
    page = see(client, "/receipts", status=422, data={"number": "ABCD-EF"})
    assert "26个字母和数字" in page.errors["number"] and page.fields()["number"] == "ABCD-EF"
    assert see(client, "/receipts", status=422, data={"number": ""}).errors["number"]
    assert see(client, "/receipts", status=422, data={"number": "A" * 10_000}).errors["number"]


def test_the_answer_never_tells_what_was_chosen(app: Flask, client: Client, see: See) -> None:
    rated = hand_in()
    first = see(client, "/receipts", data={"number": NUMBER})
    evaluation_two = EvaluationFactory(rated_estate=rated, receipt_hash=hashlib.sha256(b"x" * 16).digest(), mark=5)
    second = see(client, "/receipts", data={"number": receipt_number(b"x" * 16)})
    assert evaluation_two.marks not in second.html
    assert first.one(".callout").get_text() == second.one(".callout").get_text()


def test_the_number_does_not_get_into_an_address(app: Flask, client: Client) -> None:
    hand_in()
    response = client.post("/receipts", data={"number": NUMBER})
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"


def test_guessing_numbers_is_slowed_down(app: Flask, client: Client) -> None:
    statuses = [
        client.post("/receipts", data={"number": receipt_number(bytes([n] * 16))}).status_code for n in range(32)
    ]
    assert statuses[:30] == [404] * 30 and statuses[-1] == 429


def test_a_look_up_needs_the_forms_token(app: Flask, csrf_client: Client, see: See) -> None:
    see(csrf_client, "/receipts", status=400, data={"number": NUMBER})
