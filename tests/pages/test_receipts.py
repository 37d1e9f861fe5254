"""Looking a receipt up: received, counted or unknown, and never what was chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.evaluations.tickets import receipt_number
from rating.reviews.models import RejectionReason
from tests.factories import (
    EvaluationFactory,
    FlagFactory,
    RatedEstateFactory,
    ReceiptListFactory,
    ReleaseFactory,
    ReviewFactory,
    RoundFactory,
)
from tests.support.client import Client

See = Callable[..., Any]
RECEIPT = bytes(range(16))
NUMBER = receipt_number(RECEIPT)
SAID = {
    RejectionReason.SAME_HAND: "one hand filled in the forms of several households",
    RejectionReason.CODE_MISUSED: "codes were used by others than their households",
    RejectionReason.MACHINE_MADE: "filled in by a machine",
}


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


def flagged_after_the_release(*, lists: bool = True) -> Any:
    """The flag of a published round's evaluation whose resident holds RECEIPT."""
    rated = RatedEstateFactory(round=RoundFactory(published=True))
    evaluation = EvaluationFactory(rated_estate=rated, receipt_hash=hashlib.sha256(RECEIPT).digest())
    release = ReleaseFactory(scorecard__round=rated.round)
    if lists:
        ReceiptListFactory(release=release, company=rated.company)
    return FlagFactory(evaluation=evaluation)


def test_what_was_never_decided_on_does_not_say_for_ever_that_it_is_being_checked(
    app: Flask, client: Client, see: See
) -> None:
    flagged_after_the_release()
    page = see(client, "/receipts", data={"number": NUMBER})
    assert "没有计入" in page.text and "正在" not in page.text and "不看评得高低" in page.text


def test_while_the_round_is_closed_a_flagged_one_is_only_received(app: Flask, client: Client, see: See) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    FlagFactory(evaluation=EvaluationFactory(rated_estate=rated, receipt_hash=hashlib.sha256(RECEIPT).digest()))
    page = see(client, "/receipts", data={"number": NUMBER})
    assert "已收到" in page.text and "复核" not in page.text


@pytest.mark.parametrize("reason", RejectionReason)
def test_what_was_rejected_says_for_what_and_how_to_ask_without_a_name(
    app: Flask, client: Client, see: See, reason: RejectionReason
) -> None:
    flag = flagged_after_the_release()
    ReviewFactory(flag=flag, rejected=True, reason=reason)
    page = see(client, "/receipts?lang=en", data={"number": NUMBER})
    assert "Not counted" in page.text and f"Kind of reason: {SAID[reason]}." in page.text
    assert "call 0000-12345678 and give this receipt number" in page.text
    assert "You need not say who you are" in page.text and "0000-87654321" in page.text
    page = see(client, "/receipts?lang=zh", data={"number": NUMBER})
    assert "没有计入" in page.text and "不用说您是谁" in page.text


def test_what_is_in_no_list_though_nobody_set_it_aside_is_said_to_be_wrong(
    app: Flask, client: Client, see: See
) -> None:
    ReviewFactory(flag=flagged_after_the_release())
    page = see(client, "/receipts", data={"number": NUMBER})
    assert "计入清单里没有" in page.text and "由监督员查清" in page.text


def test_an_older_release_without_lists_says_counted_by_what_was_decided(app: Flask, client: Client, see: See) -> None:
    ReviewFactory(flag=flagged_after_the_release(lists=False))
    assert "已计入" in see(client, "/receipts", data={"number": NUMBER}).text


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER.replace("-", ""),
        NUMBER.replace("-", "—"),
        f"回执号：{NUMBER}。",
        "".join(chr(ord(sign) + 0xFEE0) for sign in NUMBER),
        f"\u200b{NUMBER}\n",
    ],
    ids=["no dashes", "long dashes", "with words", "full width", "unseen signs"],
)
def test_a_number_is_read_however_it_was_typed_or_pasted(app: Flask, client: Client, see: See, typed: str) -> None:
    hand_in()
    assert "已收到" in see(client, "/receipts", data={"number": typed}).text


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
