"""One's own account: the password and the sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import Role
from rating.accounts.models import StaffSession, User
from rating.accounts.sessions import forget_expired_sessions
from rating.audit.models import Event
from rating.extensions import db
from tests.factories import PASSWORD, CommunityFactory, EstateFactory, StaffSessionFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Page]
NEW = "一条 不会 忘记 的 小路"
CHANGE = {"old_password": PASSWORD, "password": NEW, "again": NEW}


def enter(client: Client, user: User, password: str = PASSWORD) -> int:
    return client.post("/sign-in", data={"username": user.username, "password": password}).status_code


@pytest.mark.parametrize("role", [Role.BUREAU, Role.AUDITOR, Role.COMMITTEE])
def test_everybody_changes_their_own_password_even_the_auditor(client: Client, see: See, role: Role) -> None:
    user = UserFactory(role=role, scope=EstateFactory() if role is Role.COMMITTEE else None)
    enter(client, user)
    assert "密码已修改" in see(client, "/account", data=CHANGE).text
    other = client.application.test_client()
    assert enter(other, user) == 200
    assert enter(other, user, NEW) == 302


def test_changing_the_password_ends_every_other_session(client: Client, see: See) -> None:
    user = UserFactory(role=Role.BUREAU)
    other = client.application.test_client()
    enter(other, user)
    enter(client, user)
    see(client, "/account", data=CHANGE)
    assert other.get("/bureau").status_code == 302
    assert client.get("/bureau").status_code == 200
    assert db.session.query(Event).filter_by(kind="password.changed", actor_id=user.id).count() == 1


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"old_password": "wrong"}, "old_password", "不对"),
        ({"old_password": ""}, "old_password", "密码"),
        ({"password": PASSWORD, "again": PASSWORD}, "password", "与原密码相同"),
        ({"password": "short", "again": "short"}, "password", "10"),
        ({"password": "admin@123456", "again": "admin@123456"}, "password", "太常见"),
        ({"again": "other"}, "again", "不一致"),
    ],
)
def test_what_is_wrong_changes_nothing(
    client: Client, see: See, values: dict[str, str], field: str, words: str
) -> None:
    user = UserFactory(role=Role.BUREAU)
    enter(client, user)
    before = user.password
    page = see(client, "/account", 422, data={**CHANGE, **values})
    assert words in page.errors[field]
    assert user.password == before


def test_guessing_the_old_password_comes_to_an_end(client: Client) -> None:
    enter(client, UserFactory(role=Role.BUREAU))
    wrong = {**CHANGE, "old_password": "wrong"}
    assert [client.post("/account", data=wrong).status_code for _ in range(21)] == [422] * 20 + [429]


def test_a_password_in_another_form_of_the_same_letters_is_the_same(client: Client, see: See) -> None:
    user = UserFactory(role=Role.BUREAU)
    enter(client, user)
    wide = "Ｃａｆé ｄｕ ｍａｔｉｎ"
    see(client, "/account", data={**CHANGE, "password": wide, "again": wide})
    assert enter(client.application.test_client(), user, "Cafe\u0301 du matin") == 302


def test_own_sessions_are_seen_and_ended_one_by_one_or_all_others(client: Client, see: See) -> None:
    user = UserFactory(role=Role.BUREAU)
    enter(client, user)
    others = [StaffSessionFactory(user_id=user.id) for _ in range(3)]
    strangers = StaffSessionFactory()
    page = see(client, "/account")
    assert len(page.rows()) == 5
    assert page.html.count("本次登录") == 1
    known = {"confirmed_password": PASSWORD}
    see(client, "/account/sessions/end", data={**known, "session": others[0].key_hash})
    see(client, "/account/sessions/end", data={**known, "session": strangers.key_hash})
    assert db.session.query(StaffSession).count() == 4
    see(client, "/account/sessions/end", data=known)
    assert db.session.query(StaffSession).count() == 2
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("given", ["", "wrong", "x" * 5000])
def test_ending_sessions_asks_for_the_password(client: Client, see: See, given: str) -> None:
    user = UserFactory(role=Role.BUREAU)
    enter(client, user)
    other = StaffSessionFactory(user_id=user.id).key_hash
    page = see(client, "/account/sessions/end", 422, data={"session": other, "confirmed_password": given})
    assert page.errors["confirmed_password"]
    assert page.fields("form[action$=end]")["session"] == other  # what was chosen is kept
    assert db.session.query(StaffSession).count() == 2


def test_guessing_the_password_to_end_sessions_comes_to_an_end(client: Client) -> None:
    user = UserFactory(role=Role.BUREAU)
    enter(client, user)
    StaffSessionFactory(user_id=user.id)
    wrong = {"confirmed_password": "wrong"}
    answers = [client.post("/account/sessions/end", data=wrong).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


@pytest.mark.parametrize(("role", "ends"), [(Role.BUREAU, True), (Role.AUDITOR, True), (Role.COMMUNITY, False)])
def test_who_sees_everything_is_signed_out_after_half_an_hour_without_use(
    client: Client, clock: Clock, role: Role, ends: bool
) -> None:
    enter(client, UserFactory(role=role, scope=CommunityFactory() if role is Role.COMMUNITY else None))
    for _ in range(4):
        clock.advance(minutes=29)  # in use all the while
        assert client.get("/account").status_code == 200
    clock.advance(minutes=30)
    assert (client.get("/account").status_code == 302) is ends
    assert forget_expired_sessions(clock()) == int(ends)


def test_a_session_that_was_left_alone_is_not_listed(client: Client, see: See, clock: Clock) -> None:
    user = UserFactory(role=Role.AUDITOR)
    StaffSessionFactory(user_id=user.id)
    clock.advance(minutes=31)
    enter(client, user)
    assert len(see(client, "/account").rows()) == 2


def test_use_is_noted_once_a_minute_at_most(client: Client, clock: Clock) -> None:
    enter(client, UserFactory(role=Role.AUDITOR))
    began = db.session.scalars(select(StaffSession.seen_at)).one()
    clock.advance(seconds=59)
    client.get("/account")
    assert db.session.scalars(select(StaffSession.seen_at)).one() == began
    clock.advance(seconds=1)
    client.get("/account")
    assert db.session.scalars(select(StaffSession.seen_at)).one() == clock()


def test_an_expired_session_is_not_listed(client: Client, see: See) -> None:
    user = UserFactory(role=Role.BUREAU)
    enter(client, user)
    session = StaffSessionFactory(user_id=user.id)
    session.expires_at = session.started_at
    assert len(see(client, "/account").rows()) == 2


def test_strangers_have_no_account(app: Flask, client: Client) -> None:
    assert client.get("/account").location == "/sign-in?next=/account"
