"""Inviting somebody: a link shown once, good for seven days, that sets a password once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts.invitations import accept_invitation, issue_invitation
from rating.accounts.models import Invitation, User
from rating.audit.models import Event
from rating.errors import Conflict, NotFound, Refused
from rating.extensions import db
from tests.factories import PASSWORD, EstateFactory, InvitationFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
GOOD = "梧桐 自行车 豆浆 十二"
BOTH = {"password": GOOD, "again": GOOD}
WANG = {"name": "王芳", "username": "WangFang", "role": "bureau", "starts_on": "2026-09-07"}


@pytest.fixture
def bureau(app: Flask, sign_in: SignIn) -> Client:
    return sign_in(UserFactory(name="管理员", role=Role.BUREAU))


def link_of(page: Page) -> str:
    return str(page.one("input#link")["value"]).removeprefix("https://rating.test")


def confirm_all(browser: Client, see: See) -> Page:
    """Another person of the bureau confirms whatever waits."""
    return see(browser, "/bureau/people/waiting", data={"everything": "y", "step": "confirm"})


def test_the_invited_sets_a_password_and_signs_in(bureau: Client, client: Client, see: See, sign_in: SignIn) -> None:
    page = see(bureau, "/bureau/people/invite", data=WANG)
    assert page.response.headers["Cache-Control"] == "no-store"
    link = link_of(page)
    confirm_all(sign_in(UserFactory(role=Role.BUREAU)), see)
    assert "wangfang" in see(client, link).text
    assert "密码已设好" in see(client, link, data=BOTH).text
    assert client.post("/sign-in", data={"username": "wangfang", "password": GOOD}).location == "/workspace"
    assert client.get("/bureau").status_code == 200


def test_the_token_is_stored_hashed_only(bureau: Client, see: See) -> None:
    token = link_of(see(bureau, "/bureau/people/invite", data=WANG)).rpartition("/")[2]
    stored = db.session.query(Invitation).one()
    assert re.fullmatch(r"[0-9a-f]{64}", stored.token_hash)
    everything = str([event.data for event in db.session.query(Event)]) + stored.token_hash
    assert len(token) >= 43
    assert token not in everything


def test_inviting_and_accepting_are_recorded(bureau: Client, client: Client, see: See, sign_in: SignIn) -> None:
    link = link_of(see(bureau, "/bureau/people/invite", data=WANG))
    confirm_all(sign_in(UserFactory(name="签发人", role=Role.BUREAU)), see)
    see(client, link, data=BOTH)
    recorded = [(event.kind, event.actor_name) for event in db.session.query(Event).order_by(Event.number)]
    assert recorded == [
        ("user.invited", "管理员"),
        ("role.granted", "管理员"),
        ("invitation.issued", "管理员"),
        ("access.confirmed", "签发人"),
        ("password.set", "王芳"),
    ]


def test_opening_a_link_uses_nothing_up(app: Flask, client: Client, see: See) -> None:
    InvitationFactory(token="t")
    see(client, "/invitations/t")
    see(client, "/invitations/t")
    assert "密码已设好" in see(client, "/invitations/t", data=BOTH).text


def test_a_link_is_used_once(app: Flask, client: Client, see: See) -> None:
    invitation = InvitationFactory(token="t")
    see(client, "/invitations/t", data=BOTH)
    before = invitation.user.password
    assert "已经用过" in see(client, "/invitations/t", 410).text
    see(client, "/invitations/t", 410, data={"password": PASSWORD, "again": PASSWORD})
    assert invitation.user.password == before


def test_two_who_use_a_link_at_once_do_not_both_succeed(app: Flask) -> None:
    InvitationFactory(token="t")
    db.session.commit()
    start, outcomes = threading.Barrier(2), []

    def use(password: str) -> None:
        with app.app_context():
            start.wait()
            try:
                accept_invitation("t", password, START)
                db.session.commit()
                outcomes.append("done")
            except Conflict:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=use, args=(password,)) for password in (GOOD, PASSWORD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


def test_a_link_holds_seven_days(app: Flask, client: Client, see: See, clock: Clock) -> None:
    InvitationFactory(token="t")
    clock.advance(days=6, hours=23)
    see(client, "/invitations/t")
    clock.advance(hours=1)
    assert "链接已失效" in see(client, "/invitations/t", 410).text
    see(client, "/invitations/t", 410, data=BOTH)


def test_a_new_link_replaces_the_one_before(bureau: Client, client: Client, see: See) -> None:
    invitation = InvitationFactory(token="t")
    link = link_of(see(bureau, f"/bureau/people/{invitation.user_id}/invitation", data={}))
    assert "替换" in see(client, "/invitations/t", 404).text
    see(client, link, data=BOTH)
    assert invitation.user.password


def test_a_forgotten_password_is_set_anew_and_holds_until_then(bureau: Client, client: Client, see: See) -> None:
    user = UserFactory(role=Role.COMMITTEE, scope=EstateFactory())
    link = link_of(see(bureau, f"/bureau/people/{user.id}/invitation", data={}))
    signed_in = client.application.test_client()
    old = {"username": user.username, "password": PASSWORD}
    assert signed_in.post("/sign-in", data=old).status_code == 302
    assert signed_in.get("/committee").status_code == 200
    see(client, link, data=BOTH)
    assert signed_in.get("/committee").status_code == 302
    assert client.post("/sign-in", data=old).status_code == 200


def test_a_deactivated_account_gets_no_link_and_uses_none(app: Flask, client: Client, see: See) -> None:
    invitation = InvitationFactory(token="t")
    invitation.user.active = False
    see(client, "/invitations/t", 410)
    with pytest.raises(Conflict, match="deactivated"):
        issue_invitation(invitation.user, SYSTEM, START)


def test_a_made_up_link_is_told(client: Client, see: See) -> None:
    assert "链接不对" in see(client, "/invitations/nothing", 404).text
    with pytest.raises(NotFound):
        accept_invitation("nothing", GOOD, START)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("123456789", "至少要10"),
        ("1234567890", "太常见"),
        ("password123", "太常见"),
        ("WOAINI1314520", "太常见"),
        ("aaaaaaaaaaaa", "太常见"),
        ("Wuyepingjia2026!", "太常见"),
        ("housingbureau", "太常见"),
        ("x" * 201, "最多200"),
        ("wangfang2026!", "用户名"),
        ("", "请填写密码"),
    ],
)
def test_a_password_that_anybody_would_guess_is_not_taken(
    app: Flask, client: Client, see: See, password: str, words: str
) -> None:
    invitation = InvitationFactory(token="t", user__username="wangfang")
    page = see(client, "/invitations/t", 422, data={"password": password, "again": password})
    assert words in page.errors["password"]
    assert not invitation.user.password


def test_a_slip_of_the_finger_is_told(app: Flask, client: Client, see: See) -> None:
    InvitationFactory(token="t")
    page = see(client, "/invitations/t", 422, data={"password": GOOD, "again": GOOD + "三"})
    assert "不一致" in page.errors["again"]
    assert GOOD not in page.html


def test_who_has_no_password_yet_signs_in_with_none(client: Client) -> None:
    InvitationFactory(user__username="wangfang")
    for password in ("", " ", "x"):
        assert client.post("/sign-in", data={"username": "wangfang", "password": password}).status_code == 200


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"username": "CHIEF"}, "username", "已被占用"),
        ({"username": "王芳"}, "username", "a–z"),
        ({"username": ""}, "username", "请填写用户名"),
        ({"name": ""}, "name", "请填写姓名"),
        ({"role": "helper", "scope": "E1"}, "role", "请选择"),  # it has no desk yet
    ],
)
def test_what_is_wrong_leaves_nobody_behind(
    app: Flask, sign_in: SignIn, see: See, values: dict[str, str], field: str, words: str
) -> None:
    browser = sign_in(UserFactory(username="chief", role=Role.BUREAU))
    EstateFactory(code="E1")
    page = see(browser, "/bureau/people/invite", 422, data={**WANG, **values})
    assert words in page.errors[field]
    assert page.fields()["name"] == values.get("name", "王芳")
    assert db.session.query(User).count() == 1


def test_the_log_holds_no_token(app: Flask, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/invitations/a-secret-token")
    assert "a-secret-token" not in capsys.readouterr().out


@pytest.mark.parametrize("role", [Role.BUREAU, Role.AUDITOR])
def test_nobody_sets_a_password_for_the_bureau_or_an_auditor_but_on_the_server(app: Flask, role: Role) -> None:
    actor = UserFactory(role=Role.BUREAU).actor(START.date())
    with pytest.raises(Refused, match="server"):
        issue_invitation(UserFactory(role=role), actor, START)
    assert issue_invitation(UserFactory(role=role), SYSTEM, START)


def test_nobody_makes_a_link_for_themselves(app: Flask) -> None:
    user = UserFactory(role=Role.BUREAU)
    with pytest.raises(Refused):
        issue_invitation(user, user.actor(START.date()), START)


def test_a_link_on_the_command_line_is_printed(app: Flask, run_command: Callable[..., Any]) -> None:
    UserFactory(username="lin", role=Role.BUREAU)
    assert "/invitations/" in run_command("user", "link", "lin").output
