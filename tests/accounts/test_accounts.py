"""Signing in, sessions and adding people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask_security.utils import hash_password
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select

from rating.access import Role
from rating.accounts.models import Grant, StaffSession, User
from rating.extensions import db
from tests.factories import PASSWORD, CompanyFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Page]


def sign_in_with(client: Client, username: str, password: str) -> Any:
    return client.post("/sign-in", data={"username": username, "password": password})


def sessions() -> int:
    return db.session.scalar(select(func.count()).select_from(StaffSession)) or 0


def test_a_right_password_opens_a_session_row(app: Flask, client: Client) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    assert sign_in_with(client, "Bureau", PASSWORD).status_code == 302
    assert sessions() == 1
    assert PASSWORD not in db.session.execute(select(User.password)).scalar_one()


@pytest.mark.parametrize("elsewhere", [
    "https://evil.test/", "//evil.test/", "/\\evil.test/", "\\/evil.test", "https:evil.test", "javascript:alert(1)",
])  # fmt: skip
def test_signing_in_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    answer = client.post(
        "/sign-in", query_string={"next": elsewhere}, data={"username": "bureau", "password": PASSWORD}
    )
    location = answer.headers["Location"]
    assert "\\" not in location  # browsers take it for a slash
    assert urljoin("https://rating.test/sign-in", location).startswith("https://rating.test/")
    assert sessions() == 1


def test_signing_in_leads_on_to_the_page_that_was_asked_for(client: Client) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    answer = client.post(
        "/sign-in", query_string={"next": "/account"}, data={"username": "bureau", "password": PASSWORD}
    )
    assert answer.headers["Location"].endswith("/account")


@pytest.mark.parametrize(("username", "password"), [("bureau", "wrong"), ("nobody", PASSWORD)])
def test_whatever_is_wrong_says_the_same(client: Client, see: See, username: str, password: str) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    page = see(client, "/sign-in", data={"username": username, "password": password})
    assert page.errors == {"username": page.errors["username"]}
    assert "用户名或密码不对" in page.errors["username"]
    assert page.fields("main form")["username"] == username
    assert sessions() == 0


def test_signing_out_ends_the_row(client: Client) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    sign_in_with(client, "bureau", PASSWORD)
    client.post("/sign-out")
    assert sessions() == 0
    assert client.get("/bureau/rounds/new").status_code == 302


def test_a_session_whose_row_is_gone_is_signed_out(client: Client) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    sign_in_with(client, "bureau", PASSWORD)
    assert client.get("/bureau/rounds/new").status_code == 200
    db.session.query(StaffSession).delete()
    assert client.get("/bureau/rounds/new").status_code == 302


def test_a_session_ends_after_twelve_hours(client: Client, clock: Clock) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    sign_in_with(client, "bureau", PASSWORD)
    clock.advance(hours=12, minutes=1)
    assert client.get("/bureau/rounds/new").status_code == 302


def test_a_deactivated_person_is_out_at_once(client: Client) -> None:
    user = UserFactory(username="bureau", role=Role.BUREAU)
    sign_in_with(client, "bureau", PASSWORD)
    user.active = False
    assert client.get("/bureau/rounds/new").status_code == 302


def test_a_grant_ends_with_its_last_day(client: Client, clock: Clock) -> None:
    user = UserFactory(username="bureau", role=Role.BUREAU)
    user.grants[0].ends_on = clock.now.date()
    sign_in_with(client, "bureau", PASSWORD)
    assert client.get("/bureau/rounds/new").status_code == 200
    user.grants[0].ends_on = user.grants[0].starts_on
    assert client.get("/bureau/rounds/new").status_code == 403


def test_residents_leave_no_session_row(client: Client) -> None:
    client.get("/sign-in")
    client.get("/e/NOWHERE")
    assert sessions() == 0


def test_a_person_is_added_on_the_command_line(app: Flask, client: Client, run_command: Callable[..., Any]) -> None:
    company = CompanyFactory()
    run_command("user", "add", "lin", "林", "--role", "company", "--scope", company.code, "--password", PASSWORD)
    assert sign_in_with(client, "lin", PASSWORD).status_code == 302
    assert db.session.execute(select(Grant.company_id)).scalar_one() == company.id


@pytest.mark.parametrize(
    ("password", "said"), [("admin@123456", "first that anybody"), ("ouyangxiadan", "easy to guess")]
)
def test_the_command_line_takes_no_password_that_a_form_refuses(
    app: Flask, run_command: Callable[..., Any], password: str, said: str
) -> None:
    words = ("--role", "bureau", "--password", password)
    assert said in run_command("user", "add", "lin", "ouyangxiadan", *words, fails=True).output
    assert db.session.query(User).count() == 0


@pytest.mark.parametrize("stored", ["password123", "short"])
def test_an_account_keeps_its_older_password_until_it_takes_another(app: Flask, client: Client, stored: str) -> None:
    UserFactory(username="bureau", role=Role.BUREAU, password=hash_password(stored))
    assert sign_in_with(client, "bureau", stored).status_code == 302


@pytest.mark.parametrize(
    "words", [("--role", "company"), ("--role", "bureau", "--scope", "X"), ("--role", "committee", "--scope", "NONE")]
)
def test_a_scope_that_does_not_fit_the_role_is_told(
    app: Flask, run_command: Callable[..., Any], words: tuple[str, ...]
) -> None:
    run_command("user", "add", "lin", "林", *words, "--password", PASSWORD, fails=True)
    assert db.session.query(User).count() == 0


def test_a_form_without_its_csrf_token_is_sent_back_with_words(csrf_client: Client, see: See) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    page = see(csrf_client, "/sign-in", data={"username": "bureau", "password": PASSWORD}, status=400)
    assert "重新提交" in page.h1


def test_the_sessions_cookie_is_signed_with_sha_256_and_no_other_hash(app: Flask) -> None:
    ours = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's cookie sessions
    cookie = ours.dumps({"a": 1})
    assert ours.loads(cookie) == {"a": 1}
    other = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    forged = URLSafeTimedSerializer(
        app.secret_key or "", salt="cookie-session", serializer=ours.serializer, signer_kwargs=other
    )
    with pytest.raises(BadSignature):
        ours.loads(forged.dumps({"a": 1}))
