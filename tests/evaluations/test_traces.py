"""What is kept of a network: a keyed hash, for one round, beside the evaluation alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from rating.evaluations.models import Evaluation, Trace
from rating.evaluations.traces import LENGTH, network_hash
from rating.extensions import db
from tests.factories import RatedEstateFactory, issue_code
from tests.support.client import Client
from tests.support.pages import Page

SECRET = "for tests only"


def test_one_address_has_one_trace_in_a_round_and_another_in_the_next() -> None:
    first = network_hash(SECRET, 1, "203.0.113.7")
    assert first is not None and len(first) == LENGTH
    assert first == network_hash(SECRET, 1, "203.0.113.7")
    assert first != network_hash(SECRET, 2, "203.0.113.7")
    assert first != network_hash("another key", 1, "203.0.113.7")
    assert first != network_hash(SECRET, 1, "203.0.113.8")


def test_an_ipv6_address_counts_by_its_network_and_a_mapped_one_as_ipv4() -> None:
    assert network_hash(SECRET, 1, "2001:db8:1:2:aaaa::1") == network_hash(SECRET, 1, "2001:db8:1:2:bbbb::9")
    assert network_hash(SECRET, 1, "2001:db8:1:2::1") != network_hash(SECRET, 1, "2001:db8:1:3::1")
    assert network_hash(SECRET, 1, "::ffff:203.0.113.7") == network_hash(SECRET, 1, "203.0.113.7")


@pytest.mark.parametrize("address", ["", "unknown", "203.0.113.7:443"])
def test_what_is_no_address_leaves_no_trace(address: str) -> None:
    assert network_hash(SECRET, 1, address) is None


def test_a_sent_form_leaves_a_trace_that_hangs_on_the_evaluation_alone(
    app: Flask, client: Client, see: Callable[..., Page]
) -> None:
    rated = RatedEstateFactory(estate__code="QY0001")
    page = see(client, f"/h/{issue_code(rated)}")
    keys = {str(one["name"]) for one in page.all("main fieldset input[type=radio]")}
    see(client, "/e/QY0001", data={**page.fields("main form"), **dict.fromkeys(keys, "4")})
    trace, evaluation = db.session.scalars(select(Trace)).one(), db.session.scalars(select(Evaluation)).one()
    assert trace.evaluation_id == evaluation.id
    assert trace.network == network_hash(SECRET, rated.round.number, "127.0.0.1")
    assert {column.key for column in inspect(Trace).columns} == {"evaluation_id", "network"}
