"""Signing in and out, failing to and being refused leave events, of staff alone and never many."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import Role
from rating.accounts import watching
from rating.accounts.models import User
from rating.audit.models import Event
from rating.audit.verifying import verify_chain
from rating.extensions import db
from tests.factories import PASSWORD, UserFactory
from tests.support.client import Client
from tests.support.clock import Clock

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.77"}


@pytest.fixture
def user(app: Flask) -> User:
    """Somebody of the bureau."""
    made: User = UserFactory(role=Role.BUREAU)
    return made


def enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> int:
    return client.post("/sign-in", data={"username": name, "password": password}, environ_overrides=more).status_code


def events(kind: str = "") -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.kind.startswith(kind)).order_by(Event.number)))


def kinds() -> list[str]:
    return [event.kind for event in events()]


def test_signing_in_and_out_are_events_of_who_did(client: Client, user: User) -> None:
    enter(client, user.username.upper())
    client.post("/sign-out")
    signed_in, signed_out = events()
    assert (signed_in.kind, signed_out.kind) == ("sign_in.done", "sign_in.over")
    assert {one.actor_id for one in (signed_in, signed_out)} == {user.id}
    assert {one.subject for one in (signed_in, signed_out)} == {f"user:{user.id}"}
    assert verify_chain(db.session.connection()).faults == []


def test_a_wrong_password_and_being_locked_out_are_events_about_the_account(client: Client, user: User) -> None:
    assert [enter(client, user.username, "wrong") for _ in range(21)] == [200] * 20 + [429]
    assert kinds() == ["sign_in.failed"] * 20 + ["sign_in.locked_out"]
    assert {(one.subject, one.actor_id, one.actor_name) for one in events()} == {(f"user:{user.id}", None, "")}


def test_an_event_tells_networks_apart_and_holds_no_address(client: Client, user: User) -> None:
    enter(client, user.username, "wrong")
    enter(client, user.username, "wrong")
    enter(client, user.username, "wrong", **ELSEWHERE)
    one, same, other = (event.data["network"] for event in events())
    assert one == same != other
    kept = json.dumps([[event.data, event.reason, event.subject, event.actor_name] for event in events()])
    assert "127.0.0.1" not in kept and ELSEWHERE["REMOTE_ADDR"] not in kept


def test_failures_beyond_a_few_an_hour_leave_no_more_events(client: Client, user: User, clock: Clock) -> None:
    """From ever new networks too, of which each has a try of its own."""
    for number in range(watching.EACH + 15):
        enter(client, user.username, "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    failed = events("sign_in.failed")
    assert len(failed) == watching.EACH
    assert [event.data.get("no_more_this_hour") for event in failed[-2:]] == [None, True]
    clock.advance(hours=1, minutes=1)
    enter(client, user.username, "wrong")
    assert len(events("sign_in.failed")) == watching.EACH + 1


def test_names_that_do_not_exist_are_counted_and_never_written_down(client: Client) -> None:
    for _ in range(12):
        enter(client, "zhang.san.13800138000", "wrong")
    told = events()
    assert [(event.kind, event.data["count"]) for event in told] == [
        ("sign_in.unknown_name", 1),
        ("sign_in.unknown_name", 10),
    ]
    assert "zhang" not in json.dumps([[event.data, event.subject, event.actor_name] for event in told])


def test_strangers_from_many_networks_can_not_fill_the_log(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "UNKNOWN", 5)
    for number in range(12):
        enter(client, f"nobody{number}", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    assert kinds() == ["sign_in.unknown_name"] * 5


def test_a_page_that_is_refused_is_an_event_with_its_pattern(
    user: User, sign_in: Callable[[User], Client], client: Client
) -> None:
    browser = sign_in(user)
    assert browser.get("/audit?subject=secret").status_code == 403
    (event,) = events()
    assert (event.kind, event.actor_id) == ("page.refused", user.id)
    assert event.data == {"page": "/audit", "method": "GET", "network": event.data["network"]}
    for _ in range(watching.EACH + 5):
        browser.get("/audit")
    assert len(events()) == watching.EACH
    assert client.get("/audit").status_code == 302  # who isn't signed in is sent to sign in, and leaves nothing
    assert len(events()) == watching.EACH


def test_the_public_and_residents_leave_no_event(client: Client) -> None:
    for address in ("/", "/releases", "/receipts", "/h/0000-0000-0000-0000", "/e/none", "/sign-in", "/nowhere"):
        client.get(address)
    assert events() == []
