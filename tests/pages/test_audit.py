"""The event log as the auditor reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from rating.access import Role
from tests.factories import EventFactory, UserFactory
from tests.support.client import Client

See = Callable[..., Any]


@pytest.fixture
def auditor(app: Flask, sign_in: Callable[..., Client]) -> Client:
    """The auditor's browser."""
    return sign_in(UserFactory(role=Role.AUDITOR))


def test_events_stand_in_words_the_latest_first(auditor: Client, see: See) -> None:
    EventFactory(kind="round.open", subject="round:1")
    EventFactory(kind="thing.unheard_of", subject="thing:9", reason="没有别的办法", data={"count": 3})
    rows = see(auditor, "/audit").rows()
    assert [row[3] for row in rows[1:]] == ["thing.unheard_of", "评价启动"]
    assert "没有别的办法" in rows[1][5] and "3" in rows[1][5]


def test_each_event_stands_with_its_number_and_the_beginning_of_its_hash(auditor: Client, see: See) -> None:
    first, second = EventFactory(subject="round:1"), EventFactory(subject="round:1")
    rows = see(auditor, "/audit?subject=round:1").rows()
    assert [row[0] for row in rows[1:]] == [f"{one.number} · {one.hash.hex()[:8]}" for one in (second, first)]
    table = auditor.get("/audit/events.csv?subject=round:1").get_data(as_text=True)
    assert first.hash.hex() in table and second.hash.hex() in table


def test_events_are_found_by_kind_subject_and_day_in_shanghai(auditor: Client, see: See) -> None:
    EventFactory(kind="round.open", subject="round:1", at=datetime(2026, 9, 6, 15, 59, tzinfo=UTC))
    EventFactory(kind="round.open", subject="round:2", at=datetime(2026, 9, 6, 16, 0, tzinfo=UTC))
    EventFactory(kind="round.closed", subject="round:2", at=datetime(2026, 9, 7, 16, 0, tzinfo=UTC))
    for query, found in (
        ("kind=round.open", 2),
        ("subject=round:2", 2),
        ("day=2026-09-07", 1),
        ("kind=&subject=&day=", 3),
    ):
        assert len(see(auditor, f"/audit?{query}").rows()) == 1 + found, query
    assert "没有相符的记录" in see(auditor, "/audit?subject=nothing").text


def test_a_day_that_is_none_is_told_beside_its_field(auditor: Client, see: See) -> None:
    EventFactory()
    page = see(auditor, "/audit?day=soon&subject=thing", status=422)
    assert page.errors["day"] and page.fields("form.filter")["subject"] == "thing"


def test_the_log_comes_in_pages_and_whole_as_a_table_file(auditor: Client, see: See) -> None:
    EventFactory.create_batch(55, subject="round:1")
    EventFactory(subject="other", reason="=1+1")
    assert len(see(auditor, "/audit").rows()) == 51
    response = auditor.get("/audit/events.csv?subject=round")
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 56 and response.mimetype == "text/csv"
    assert "'=1+1" in auditor.get("/audit/events.csv?subject=other").get_data(as_text=True)


def test_nobody_else_reads_the_log(app: Flask, see: See, sign_in: Callable[..., Client]) -> None:
    see(sign_in(UserFactory(role=Role.BUREAU)), "/audit", status=403)
