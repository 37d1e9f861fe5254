"""Whoever's account was changed is told at the next sign-in, and the bureau of what the command line did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts.granting import end_grant, grant_role
from rating.accounts.invitations import issue_invitation
from rating.accounts.models import User
from rating.accounts.queries import list_notices
from rating.accounts.second_person import confirm_changes
from rating.accounts.service import deactivate_user, reactivate_user
from rating.audit.models import Event
from rating.extensions import db
from tests.factories import (
    PASSWORD,
    TODAY,
    AccountNoticeFactory,
    CommunityFactory,
    CompanyFactory,
    EstateFactory,
    SubdistrictFactory,
    UserFactory,
)
from tests.support.client import Client
from tests.support.clock import START
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
TITLE = "账号变动"


@pytest.fixture
def chief(app: Flask) -> User:
    user: User = UserFactory(name="管理员", role=Role.BUREAU)
    return user


def told(user: User) -> list[str]:
    return [notice.change.kind.value for notice in list_notices(user.id)]


def test_a_new_link_is_told_at_the_next_sign_in_until_it_is_dismissed(
    chief: User, client: Client, sign_in: SignIn, see: See
) -> None:
    user = UserFactory(role=Role.COMMITTEE, scope=EstateFactory())
    issue_invitation(user, chief.actor(TODAY), START)
    db.session.commit()
    page = see(client, "/sign-in", data={"username": user.username, "password": PASSWORD})
    assert TITLE in page.text and "新链接" in page.text and "2026年9月7日 09:00" in page.text
    assert "管理员" not in page.text  # who it was is told by the name of their role
    assert "住建局" in page.text
    again = see(client, "/committee")
    assert TITLE in again.text
    after = see(client, "/account/notices", data={"notice": again.one("main input[name=notice]")["value"]})
    assert TITLE not in after.text
    assert told(user) == []


@pytest.mark.parametrize(
    ("role", "scope", "url"),
    [
        (Role.BUREAU, None, "/bureau"),
        (Role.AUDITOR, None, "/audit"),
        (Role.SUBDISTRICT, SubdistrictFactory, "/subdistrict"),
        (Role.COMMUNITY, CommunityFactory, "/committee"),
        (Role.COMPANY, CompanyFactory, "/company"),
        (Role.REVIEWER, CommunityFactory, "/review"),
        (Role.HELPER, EstateFactory, "/workspace"),
    ],
)
def test_every_first_screen_tells(
    app: Flask, sign_in: SignIn, see: See, role: Role, scope: Callable[[], Any] | None, url: str
) -> None:
    user = UserFactory(role=role, scope=scope() if scope else None)
    AccountNoticeFactory(user_id=user.id)
    assert TITLE in see(sign_in(user), url).text
    assert TITLE in see(sign_in(user), "/account").text


def test_the_auditor_too_can_dismiss(app: Flask, sign_in: SignIn, see: See) -> None:
    user = UserFactory(role=Role.AUDITOR)
    notice = AccountNoticeFactory(user_id=user.id)
    see(sign_in(user), "/account/notices", data={"notice": notice.id})
    assert told(user) == []
    assert db.session.query(Event).filter_by(kind="notices.dismissed").one().data["count"] == 1


def test_nobody_dismisses_what_is_told_to_somebody_else(app: Flask, sign_in: SignIn, see: See) -> None:
    mine, theirs = UserFactory(role=Role.BUREAU), UserFactory(role=Role.BUREAU)
    notice = AccountNoticeFactory(user_id=theirs.id)
    see(sign_in(mine), "/account/notices", data={"notice": [notice.id, "x", "99999999999999999999"]})
    assert len(told(theirs)) == 1


def test_roles_that_end_and_accounts_that_are_deactivated_are_told(chief: User) -> None:
    user, actor = UserFactory(role=Role.COMPANY, scope=CompanyFactory()), chief.actor(TODAY)
    end_grant(user.grants[0], None, "离职", actor, START)
    deactivate_user(user, "离职", actor, START)
    reactivate_user(user, "回来了", actor, START)
    assert told(user) == ["role_ended", "deactivated", "reactivated"]


def test_whoever_ends_a_role_of_their_own_is_told_nothing(chief: User) -> None:
    granted = grant_role(chief, Role.SUBDISTRICT, SubdistrictFactory().id, TODAY, None, SYSTEM, START)
    end_grant(granted, None, "不再兼任", chief.actor(TODAY), START)
    assert "role_ended" not in told(chief)


def test_a_role_that_waits_is_told_once_it_works(chief: User) -> None:
    user = UserFactory()
    granted = grant_role(user, Role.AUDITOR, None, TODAY, None, chief.actor(TODAY), START)
    assert told(user) == []
    confirm_changes([granted.change_id], UserFactory(role=Role.BUREAU).actor(TODAY), START)
    assert told(user) == ["granted"]


def test_a_link_that_waits_is_told_at_once_so_that_its_owner_can_object(chief: User, sign_in: SignIn, see: See) -> None:
    user = UserFactory(role=Role.REVIEWER, scope=CommunityFactory())
    issue_invitation(user, chief.actor(TODAY), START)
    assert "等待" in see(sign_in(user), "/review").text


def test_what_the_command_line_makes_is_told_to_all_of_the_bureau_and_logged(
    chief: User, run_command: Callable[..., Any], sign_in: SignIn, see: See
) -> None:
    colleague, other = UserFactory(role=Role.BUREAU), UserFactory(role=Role.SUBDISTRICT, scope=SubdistrictFactory())
    run_command("user", "add", "shadow", "影子", "--role", "bureau", "--password", "梧桐 自行车 豆浆 十二")
    for user in (chief, colleague):
        page = see(sign_in(user), "/bureau")
        assert "影子" in page.text and "服务器命令行" in page.text
    assert told(other) == []
    events = db.session.query(Event).filter(Event.kind.in_(["user.added", "role.granted"])).all()
    assert [(event.actor_id, event.actor_name) for event in events] == [(None, "system")] * 2
    run_command("user", "link", "shadow")
    assert told(chief) == ["added", "linked"]


def test_nobody_is_told_of_the_first_account_but_itself(app: Flask) -> None:
    user = UserFactory()
    grant_role(user, Role.BUREAU, None, TODAY, None, SYSTEM, START)
    assert told(user) == ["granted"]
