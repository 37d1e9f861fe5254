"""The bureau's list of people and one person's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import StaffSession, User
from rating.audit.models import Event
from rating.extensions import db
from rating.workbooks.reading import read_csv
from tests.factories import (
    PASSWORD,
    CommunityFactory,
    CompanyFactory,
    EstateFactory,
    GrantFactory,
    StaffSessionFactory,
    UserFactory,
)
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
URL = "/bureau/people"


@pytest.fixture
def bureau(app: Flask, sign_in: SignIn) -> Client:
    return sign_in(UserFactory(name="管理员", username="chief", role=Role.BUREAU))


def names(page: Page) -> set[str]:
    return {row[0] for row in page.rows()[1:]}


def test_the_list_says_in_words_what_everybody_is_granted(bureau: Client, see: See) -> None:
    UserFactory(name="王芳", username="wangfang", role=Role.COMMITTEE, scope=EstateFactory(name="柳荫花园"))
    UserFactory(name="李强", password="")
    UserFactory(name="赵敏", active=False)
    rows = {row[0]: row for row in see(bureau, URL).rows()[1:]}
    assert rows["王芳"][1:] == ["wangfang", "物管会成员 · 柳荫花园 2026年1月1日起", "正常"]
    assert rows["李强"][2:] == ["没有角色", "已邀请，未设密码"]
    assert rows["赵敏"][3] == "已停用"
    assert "全市" in rows["管理员"][2]


def test_a_role_that_is_over_is_not_in_the_list_but_on_the_persons_page(bureau: Client, see: See) -> None:
    user = UserFactory(name="王芳")
    GrantFactory(user=user, role=Role.COMMUNITY, scope=CommunityFactory(), ends_on=date(2026, 9, 6))
    assert {row[0]: row[2] for row in see(bureau, URL).rows()[1:]}["王芳"] == "没有角色"
    assert "已终止" in see(bureau, f"{URL}/{user.id}").text


def test_people_are_found_by_words_role_and_community(bureau: Client, see: See) -> None:
    estate = EstateFactory()
    UserFactory(name="王芳", username="wf", role=Role.COMMITTEE, scope=estate)
    UserFactory(name="李强", username="lq", role=Role.COMMUNITY, scope=estate.community)
    UserFactory(name="赵敏", username="zm", role=Role.COMMUNITY, scope=CommunityFactory())
    assert names(see(bureau, f"{URL}?text=WF")) == {"王芳"}
    assert names(see(bureau, f"{URL}?role=community")) == {"李强", "赵敏"}
    assert names(see(bureau, f"{URL}?community={estate.community.code}")) == {"王芳", "李强"}
    assert "没有符合条件的人员" in see(bureau, f"{URL}?text=%25").text
    assert names(see(bureau, f"{URL}?role=emperor")) >= {"王芳", "李强", "赵敏"}


def test_the_list_comes_a_page_at_a_time_and_whole_as_a_table(bureau: Client, see: See) -> None:
    UserFactory.create_batch(50, name="=1+1")
    assert len(see(bureau, URL).rows()) == 51
    assert len(see(bureau, f"{URL}?page=2").rows()) == 2
    sheet = read_csv("people", bureau.get(f"{URL}.csv").data)
    assert len(sheet.rows) == 51
    assert b",'=1+1" not in bureau.get(f"{URL}.csv").data
    assert b"'=1+1" in bureau.get(f"{URL}.csv").data


def test_the_auditor_sees_everybody_and_is_offered_nothing(app: Flask, sign_in: SignIn, see: See) -> None:
    auditor, user = sign_in(UserFactory(role=Role.AUDITOR)), UserFactory(role=Role.BUREAU)
    StaffSessionFactory(user_id=user.id)
    assert "邀请人员" not in see(auditor, URL).links()
    assert see(auditor, f"{URL}/{user.id}").all("main form") == []
    for place in ("invite", f"{user.id}/grant", f"{user.id}/deactivate", f"{user.id}/grants/{user.grants[0].id}/end"):
        see(auditor, f"{URL}/{place}", 403)


def test_nobody_else_sees_people(app: Flask, sign_in: SignIn, see: See) -> None:
    see(sign_in(UserFactory(role=Role.COMPANY, scope=CompanyFactory())), URL, 403)


def test_a_person_who_does_not_exist_is_told(bureau: Client, see: See) -> None:
    see(bureau, f"{URL}/999", 404)
    see(bureau, f"{URL}/999999999999999999999", 404)


# ---- sessions and accounts


def test_all_sessions_of_a_person_are_ended(bureau: Client, client: Client, see: See) -> None:
    user = UserFactory(role=Role.BUREAU)
    client.post("/sign-in", data={"username": user.username, "password": PASSWORD})
    assert client.get("/bureau").status_code == 200
    assert "2026年9月7日 09:00" in see(bureau, f"{URL}/{user.id}").text
    see(bureau, f"{URL}/{user.id}/sessions/end", data={})
    assert client.get("/bureau").status_code == 302
    assert db.session.query(StaffSession).filter_by(user_id=user.id).count() == 0


def test_a_deactivated_person_is_out_and_stays_out_until_reactivated(bureau: Client, client: Client, see: See) -> None:
    user = UserFactory(role=Role.BUREAU)
    right = {"username": user.username, "password": PASSWORD}
    client.post("/sign-in", data=right)
    page = see(bureau, f"{URL}/{user.id}/deactivate", data={"reason": "调离"})
    assert "已停用" in page.text
    assert client.get("/bureau").status_code == 302
    assert client.post("/sign-in", data=right).status_code == 200
    see(bureau, f"{URL}/{user.id}/reactivate", data={"reason": "调回"})
    assert client.post("/sign-in", data=right).status_code == 302
    about = db.session.query(Event).filter(Event.subject == f"user:{user.id}", Event.kind.startswith("user."))
    recorded = about.order_by(Event.number).all()
    assert [(event.kind, event.reason, event.actor_name) for event in recorded] == [
        ("user.deactivated", "调离", "管理员"),
        ("user.reactivated", "调回", "管理员"),
    ]


def test_deactivating_needs_a_reason(bureau: Client, see: See) -> None:
    user = UserFactory()
    assert "理由" in see(bureau, f"{URL}/{user.id}/deactivate", 422, data={"reason": ""}).errors["reason"]
    assert user.active


def test_nobody_deactivates_themselves(app: Flask, sign_in: SignIn, see: See) -> None:
    chief, _other = UserFactory(role=Role.BUREAU), UserFactory(role=Role.BUREAU)
    page = see(sign_in(chief), f"{URL}/{chief.id}/deactivate", 403, data={"reason": "够了"})
    assert "由同事办理" in page.text
    assert chief.active


def test_what_was_recorded_about_a_person_stands_on_their_page(bureau: Client, see: See) -> None:
    user = UserFactory(name="王芳")
    see(bureau, f"{URL}/{user.id}/deactivate", data={"reason": "调离"})
    table: Any = see(bureau, f"{URL}/{user.id}").texts("main table tr")
    assert any("停用账号" in row and "调离" in row and "管理员" in row for row in table)
