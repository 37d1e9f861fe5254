"""Guessing passwords comes to an end, from one network and for one account; signing in rightly does not count."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.engine import make_url

from rating.access import Role
from rating.accounts import forms
from rating.accounts.models import User
from rating.extensions import db
from rating.storage.engines import sqlite_module
from tests.factories import PASSWORD, UserFactory
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Page]
WRONG = {"username": "bureau", "password": "wrong"}
RIGHT = {"username": "bureau", "password": PASSWORD}


@pytest.fixture
def bureau(app: Flask) -> User:
    return UserFactory(username="bureau", role=Role.BUREAU)


def sign_in_from(app: Flask, address: str, data: dict[str, str]) -> int:
    return app.test_client().post("/sign-in", data=data, environ_base={"REMOTE_ADDR": address}).status_code


def test_twenty_wrong_passwords_from_one_address_are_enough(client: Client, see: See, bureau: User) -> None:
    statuses = [client.post("/sign-in", data=WRONG).status_code for _ in range(20)]
    assert statuses == [200] * 20
    page = see(client, "/sign-in", data=RIGHT, status=429)
    assert "请过10分钟再试" in page.errors["username"]
    assert page.fields("main form")["username"] == "bureau"
    assert page.response.headers["Retry-After"] == "600"


def test_after_the_window_one_may_try_again(client: Client, clock: Clock, bureau: User) -> None:
    for _ in range(20):
        client.post("/sign-in", data=WRONG)
    clock.advance(minutes=10)
    assert client.post("/sign-in", data=RIGHT).status_code == 302


def test_signing_in_rightly_counts_against_nobody(client: Client, bureau: User) -> None:
    for _ in range(25):
        assert client.post("/sign-in", data=RIGHT).status_code == 302
        client.post("/sign-out")


def test_many_networks_together_have_few_tries_at_one_account(app: Flask, bureau: User) -> None:
    app.config["PASSWORD_TRIES_TOGETHER"] = "5 per hour"
    for number in range(5):
        assert sign_in_from(app, f"192.0.2.{number}", {**WRONG, "username": "Bureau "}) == 200
    assert [sign_in_from(app, "192.0.2.0", data) for data in (WRONG, RIGHT)] == [429, 429]
    assert [sign_in_from(app, "192.0.2.9", WRONG) for _ in range(2)] == [200, 429], "one each, from here on"


def test_who_guesses_at_an_account_cannot_lock_its_owner_out(app: Flask, bureau: User) -> None:
    app.config["PASSWORD_TRIES_TOGETHER"] = "5 per hour"
    for number in range(8):
        sign_in_from(app, f"192.0.2.{number}", WRONG)
    assert sign_in_from(app, "198.51.100.9", RIGHT) == 302


def test_other_accounts_are_not_touched_by_tries_at_one(app: Flask, bureau: User) -> None:
    app.config["PASSWORD_TRIES_TOGETHER"] = "5 per hour"
    for number in range(5):
        sign_in_from(app, f"192.0.2.{number}", WRONG)
    assert sign_in_from(app, "192.0.2.0", {**WRONG, "username": "somebody"}) == 200


def test_a_name_that_nobody_has_answers_in_the_same_way(client: Client) -> None:
    nobody = {"username": "nobody", "password": "wrong"}
    assert [client.post("/sign-in", data=nobody).status_code for _ in range(21)] == [200] * 20 + [429]


def test_an_open_screen_is_no_place_to_guess_the_password_at(
    sign_in: Callable[[User], Client], see: See, bureau: User
) -> None:
    browser = sign_in(bureau)
    assert [browser.post("/verify", data={"password": "wrong"}).status_code for _ in range(20)] == [200] * 20
    assert "请过10分钟再试" in see(browser, "/verify", data={"password": PASSWORD}, status=429).text
    change = {"old_password": PASSWORD, "password": "another long password", "again": "another long password"}
    assert "请过10分钟再试" in see(browser, "/account", data=change, status=429).errors["old_password"]


def test_a_new_password_that_will_not_do_is_no_guess(sign_in: Callable[[User], Client], bureau: User) -> None:
    browser = sign_in(bureau)
    short = {"old_password": PASSWORD, "password": "short", "again": "short"}
    assert {browser.post("/account", data=short).status_code for _ in range(25)} == {422}


def test_a_password_hashed_in_an_older_way_is_hashed_anew_when_signing_in(client: Client, bureau: User) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    bureau.password = older
    assert client.post("/sign-in", data=RIGHT).status_code == 302
    assert db.session.get_one(User, bureau.id).password != older
    assert client.get("/account").status_code == 200


def lock_is_free(app: Flask) -> bool:
    """Whether somebody else could begin to write at this moment."""
    file = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    driver = sqlite_module()
    with contextlib.closing(driver.connect(file, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except driver.OperationalError:
            return False
        other.execute("ROLLBACK")
        return True


def look_while_hashing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    seen: list[bool] = []
    check = User.verify_and_update_password

    def looking(user: User, password: str) -> Any:
        seen.append(lock_is_free(app))
        return check(user, password)

    monkeypatch.setattr(User, "verify_and_update_password", looking)
    return seen


@pytest.mark.sqlite_only(reason="only SQLite has one lock for all who write")
def test_while_a_password_is_hashed_others_can_write(
    app: Flask, client: Client, bureau: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look_while_hashing(app, monkeypatch)
    assert [client.post("/sign-in", data=data).status_code for data in (WRONG, RIGHT)] == [200, 302]
    assert seen == [True, True]


@pytest.mark.sqlite_only(reason="only SQLite has one lock for all who write")
def test_if_signing_in_did_not_only_read_others_would_have_to_wait(
    app: Flask, client: Client, bureau: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "only_read_from_here", lambda: None)
    seen = look_while_hashing(app, monkeypatch)
    client.post("/sign-in", data=WRONG)
    assert seen == [False]


@pytest.mark.parametrize("length", [10_010, 40_970, 60_000])
def test_a_password_longer_than_any_is_wrong_and_counts_as_a_try(
    client: Client, see: See, bureau: User, length: int
) -> None:
    page = see(client, "/sign-in", data={**WRONG, "password": "长" * (length // 10)})
    assert "不对" in page.errors["username"]
    statuses = [client.post("/sign-in", data={**WRONG, "password": "x" * length}).status_code for _ in range(20)]
    assert statuses == [200] * 19 + [429]


def test_a_password_longer_than_any_is_no_password_of_now(client: Client, see: See, bureau: User) -> None:
    client.post("/sign-in", data=RIGHT)
    new = "一条 不会 忘记 的 小路"
    page = see(client, "/account", 422, data={"old_password": "x" * 4_097, "password": new, "again": new})
    assert page.errors.keys() == {"old_password"}
    assert see(client, "/verify", data={"password": "x" * 4_097}).errors["password"]
