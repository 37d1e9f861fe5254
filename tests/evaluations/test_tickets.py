"""Tickets, receipts and their numbers; no database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from rating.evaluations import tickets
from rating.evaluations.tickets import (
    KEPT,
    TicketBook,
    find_by_token,
    form_token,
    new_ticket,
    read_receipt,
    receipt_number,
    seal,
    unseal,
)
from tests.support.clock import START


@given(st.binary(min_size=16, max_size=16))
def test_a_receipt_number_reads_back_also_in_small_letters_and_with_look_alikes(receipt: bytes) -> None:
    number = receipt_number(receipt)
    assert read_receipt(number) == receipt
    assert read_receipt(number.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == receipt


def test_what_is_no_receipt_number_reads_as_none() -> None:
    assert read_receipt("ABCD-EFGH") is None
    assert read_receipt("!" * 26) is None
    assert read_receipt("Z" * 26) is None  # more than 128 bits


def test_opening_a_code_again_keeps_the_ticket() -> None:
    book = TicketBook()
    first = book.open(1, 7, START)
    book.open(1, 8, START)
    assert book.open(1, 7, START + timedelta(hours=3)) == first


def test_a_sealed_book_reads_back_and_another_key_reads_nothing() -> None:
    book = TicketBook()
    ticket = book.open(1, 7, START)
    assert unseal(seal(book, "key"), "key", START).tickets == [ticket]
    assert unseal(seal(book, "key"), "other key", START).tickets == []


def test_a_ticket_ends_after_24_hours() -> None:
    book = TicketBook([new_ticket(1, 7, START)])
    assert unseal(seal(book, "k"), "k", START + timedelta(hours=23, minutes=59)).tickets
    assert not unseal(seal(book, "k"), "k", START + timedelta(hours=24)).tickets


def test_a_phone_keeps_a_few_tickets_and_drops_the_oldest() -> None:
    book = TicketBook()
    for number in range(KEPT + 2):
        book.open(1, number, START)
    assert [t.household_number for t in book.tickets] == list(range(KEPT + 1, 1, -1))


def test_a_form_token_finds_its_own_ticket_only() -> None:
    book = TicketBook()
    first, second = book.open(1, 7, START), book.open(1, 8, START)
    assert find_by_token(book, form_token(first, "k"), "k") == first
    assert find_by_token(book, form_token(second, "k"), "k") == second
    assert find_by_token(book, form_token(first, "other"), "k") is None


HEX = "ab" * 16
NOT_TICKETS = [
    "x", "1-2", "1-2-3-4-5", f"a-7-{HEX}-1", f"1-b-{HEX}-1", "1-7-zz-1", "1-7-abcd-1", f"1-7-{HEX}-x", f"1-7-{HEX}--1",
    f"1-7-{HEX}-{10**30}", f"1-7-{HEX}-{'9' * 5000}", f"{'9' * 5000}-7-{HEX}-1", "\udcff", "é",
]  # fmt: skip


@pytest.mark.parametrize("signed", NOT_TICKETS)
def test_a_signed_cookie_that_is_no_ticket_reads_as_none(signed: str) -> None:
    cookie = tickets._signer("key").sign(signed.encode(errors="surrogateescape")).decode(errors="surrogateescape")
    assert unseal(cookie, "key", START).tickets == []
