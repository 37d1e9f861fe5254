"""Granting roles and ending them: what goes together, for how long, and who must be left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts.granting import end_grant, grant_role
from rating.accounts.models import Grant, User
from rating.accounts.service import deactivate_user
from rating.audit.models import Event
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from tests.factories import (
    TODAY,
    CommunityFactory,
    CompanyFactory,
    EstateFactory,
    GrantFactory,
    SubdistrictFactory,
    UserFactory,
)
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
LATER = date(2026, 12, 31)


@pytest.fixture
def chief(app: Flask) -> User:
    user: User = UserFactory(name="管理员", role=Role.BUREAU)
    return user


@pytest.fixture
def bureau(chief: User, sign_in: SignIn) -> Client:
    return sign_in(chief)


def grant(user: User, role: Role, scope: Any = None, starts_on: date = TODAY, ends_on: date | None = None) -> Grant:
    return grant_role(user, role, scope.id if scope else None, starts_on, ends_on, SYSTEM, START)


def send(user: User, **values: str) -> tuple[str, dict[str, str]]:
    return f"/bureau/people/{user.id}/grant", {"starts_on": "2026-09-07", **values}


# ---- granting


def test_a_role_is_granted_by_the_code_of_its_place(bureau: Client, see: See) -> None:
    user, estate = UserFactory(), EstateFactory(name="柳荫花园")
    url, data = send(user, role="committee", scope=estate.code.lower())
    assert "柳荫花园" in see(bureau, url, data=data).text
    assert [one.estate_id for one in user.grants] == [estate.id]
    event = db.session.query(Event).filter_by(kind="role.granted").one()
    assert (event.actor_name, event.data["role"], event.data["scope"]) == ("管理员", "committee", estate.id)


def test_a_role_is_granted_by_the_whole_name_of_its_place(bureau: Client, see: See) -> None:
    user, company = UserFactory(), CompanyFactory(name="清源物业")
    CompanyFactory(name="清源物业二分公司")
    url, data = send(user, role="company", scope="清源物业")
    see(bureau, url, data=data)
    assert [one.company_id for one in user.grants] == [company.id]


def test_where_several_places_fit_one_is_chosen_without_script(bureau: Client, see: See) -> None:
    user = UserFactory()
    first, second = EstateFactory(name="柳荫花园东区"), EstateFactory(name="柳荫花园西区")
    url, data = send(user, role="committee", scope="柳荫 花园")
    page = see(bureau, url, 422, data=data)
    assert "选择是哪一个" in page.errors["scope"]
    assert [one["value"] for one in page.all("input[name=chosen]")] == [first.code, second.code]
    assert all(second.community.name in text for text in page.texts("label[for^=chosen]")[1:])
    fields = {**page.fields(), "chosen": second.code}
    see(bureau, url, data=fields)
    assert [one.estate_id for one in user.grants] == [second.id]


def test_a_part_of_a_name_is_never_taken_without_asking(bureau: Client, see: See) -> None:
    user = UserFactory()
    EstateFactory(name="柳荫花园")
    url, data = send(user, role="committee", scope="柳荫")
    assert len(see(bureau, url, 422, data=data).all("input[name=chosen]")) == 1
    assert user.grants == []


def test_a_choice_of_other_words_does_not_count(bureau: Client, see: See) -> None:
    user, elsewhere = UserFactory(), EstateFactory(name="和平里")
    EstateFactory(name="柳荫花园")
    url, data = send(user, role="committee", scope="柳荫", chosen=elsewhere.code)
    see(bureau, url, 422, data=data)
    assert user.grants == []


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({}, "role", "请选择角色"),
        ({"role": "committee"}, "scope", "请填编码或名称"),
        ({"role": "committee", "scope": "没有这里"}, "scope", "没有这个编码或名称"),
        ({"role": "bureau", "scope": "E001"}, "scope", "范围是全市"),
        ({"role": "auditor", "starts_on": "7月"}, "starts_on", "2026-03-05"),
        ({"role": "auditor", "ends_on": "2026-09-01"}, "ends_on", "早于"),
        ({"role": "auditor", "starts_on": "2026-01-01", "ends_on": "2026-09-06"}, "ends_on", "已经过去"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    bureau: Client, see: See, values: dict[str, str], field: str, words: str
) -> None:
    user = UserFactory()
    url, data = send(user, **values)
    assert words in see(bureau, url, 422, data=data).errors[field]
    assert user.grants == []


def test_more_places_than_can_be_looked_through_are_not_offered(bureau: Client, see: See) -> None:
    EstateFactory.create_batch(21, name="花园", community=CommunityFactory())
    url, data = send(UserFactory(), role="committee", scope="花")
    page = see(bureau, url, 422, data=data)
    assert "超过20个" in page.errors["scope"]
    assert page.all("input[name=chosen]") == []


def test_a_helper_needs_a_last_day_within_a_year(app: Flask) -> None:
    user, estate = UserFactory(), EstateFactory()
    with pytest.raises(Invalid, match="needs a last day"):
        grant(user, Role.HELPER, estate)
    with pytest.raises(Invalid, match="a year at most"):
        grant(user, Role.HELPER, estate, ends_on=date(2027, 9, 9))
    assert grant(user, Role.HELPER, estate, ends_on=LATER).ends_on == LATER


def test_the_database_itself_refuses_a_helper_without_a_last_day(app: Flask) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="helper_has_last_day"):
        GrantFactory(role=Role.HELPER, scope=EstateFactory(), ends_on=None)
    db.session.rollback()


@pytest.mark.parametrize("order", [(Role.AUDITOR, Role.BUREAU), (Role.BUREAU, Role.AUDITOR)])
def test_an_auditor_holds_no_other_role_at_the_same_time(app: Flask, order: tuple[Role, Role]) -> None:
    user = UserFactory(role=order[0])
    with pytest.raises(Conflict, match="auditor"):
        grant(user, order[1])
    user.grants[0].ends_on = date(2026, 9, 30)
    assert grant(user, order[1], starts_on=date(2026, 10, 1)).role is order[1]


@pytest.mark.parametrize("order", [(Role.AUDITOR, Role.BUREAU), (Role.BUREAU, Role.AUDITOR)])
def test_the_database_itself_keeps_the_auditor_alone(app: Flask, order: tuple[Role, Role]) -> None:
    user = UserFactory(role=order[0])
    over = GrantFactory(user=user, role=order[1], ended_at=START)
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="an auditor holds no other role"):
        GrantFactory(user=user, role=order[1])
    db.session.rollback()
    with pytest.raises(sa.exc.DBAPIError, match="an auditor holds no other role"):
        db.session.execute(sa.update(Grant).where(Grant.id == over.id).values(ended_at=None))
    db.session.rollback()


def test_who_acts_for_a_company_rates_from_no_other_side(app: Flask) -> None:
    estate = EstateFactory()
    with pytest.raises(Conflict, match="both sides"):
        grant(UserFactory(role=Role.COMPANY, scope=CompanyFactory()), Role.COMMITTEE, estate)
    with pytest.raises(Conflict, match="both sides"):
        grant(UserFactory(role=Role.COMMITTEE, scope=estate), Role.COMPANY, CompanyFactory())


def test_one_person_may_act_for_two_companies_or_two_committees(app: Flask) -> None:
    grant(UserFactory(role=Role.COMPANY, scope=CompanyFactory()), Role.COMPANY, CompanyFactory())
    grant(UserFactory(role=Role.COMMITTEE, scope=EstateFactory()), Role.COMMITTEE, EstateFactory())


def test_a_reviewer_may_work_in_the_community_that_the_grant_names(app: Flask) -> None:
    """The grant says where a reviewer comes from; the queue shows other communities only (tests/reviews)."""
    estate = EstateFactory()
    assert grant(UserFactory(role=Role.COMMITTEE, scope=estate), Role.REVIEWER, estate.community).id


def test_the_same_role_is_not_granted_twice_at_one_time(app: Flask) -> None:
    place = SubdistrictFactory()
    user = UserFactory(role=Role.SUBDISTRICT, scope=place)
    with pytest.raises(Conflict, match="already"):
        grant(user, Role.SUBDISTRICT, place)


def test_nobody_grants_roles_to_themselves(bureau: Client, chief: User, see: See) -> None:
    url, data = send(chief, role="auditor")
    assert "由同事办理" in see(bureau, url, 403, data=data).text


# ---- ending


def end_url(one: Grant) -> str:
    return f"/bureau/people/{one.user_id}/grants/{one.id}/end"


def test_a_role_ended_at_once_opens_nothing_more(bureau: Client, sign_in: SignIn, see: See) -> None:
    user = UserFactory(role=Role.COMPANY, scope=CompanyFactory())
    browser = sign_in(user)
    assert browser.get("/company").status_code == 200
    see(bureau, end_url(user.grants[0]), data={"when": "now", "reason": "离职"})
    assert browser.get("/company").status_code == 403
    event = db.session.query(Event).filter_by(kind="role.ended").one()
    assert (event.reason, event.data["role"], event.data["at_once"]) == ("离职", "company", True)


def test_a_role_ended_with_a_day_holds_until_its_end(bureau: Client, sign_in: SignIn, see: See, clock: Clock) -> None:
    user = UserFactory(role=Role.COMPANY, scope=CompanyFactory())
    see(bureau, end_url(user.grants[0]), data={"when": "day", "day": "2026-09-08", "reason": "合同到期"})
    clock.advance(days=1)
    assert sign_in(user).get("/company").status_code == 200
    clock.advance(days=1)
    assert sign_in(user).get("/company").status_code == 403


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"when": "now", "reason": " "}, "reason"),
        ({"reason": "离职"}, "when"),
        ({"when": "day", "reason": "离职"}, "day"),
        ({"when": "day", "day": "2026-09-06", "reason": "离职"}, "day"),
    ],
)
def test_a_reason_and_a_day_to_come_are_asked_for(bureau: Client, see: See, values: dict[str, str], field: str) -> None:
    user = UserFactory(role=Role.COMPANY, scope=CompanyFactory())
    page = see(bureau, end_url(user.grants[0]), 422, data=values)
    assert field in page.errors
    assert user.grants[0].ends_on is None and user.grants[0].ended_at is None


def test_a_last_day_can_be_brought_forward_but_not_put_off(app: Flask) -> None:
    one = GrantFactory(role=Role.HELPER, scope=EstateFactory(), ends_on=date(2026, 10, 1))
    with pytest.raises(Invalid, match="again"):
        end_grant(one, date(2026, 10, 2), "再帮一天", SYSTEM, START)
    end_grant(one, date(2026, 9, 20), "提前结束", SYSTEM, START)
    assert one.ends_on == date(2026, 9, 20)


def test_a_role_that_has_ended_cannot_be_ended_again(app: Flask) -> None:
    one = GrantFactory(role=Role.COMPANY, scope=CompanyFactory(), ended_at=START)
    with pytest.raises(Conflict, match="already"):
        end_grant(one, None, "离职", SYSTEM, START)


def test_nobody_takes_away_their_own_bureau_role(bureau: Client, chief: User, see: See) -> None:
    UserFactory(role=Role.BUREAU)
    see(bureau, end_url(chief.grants[0]), 403, data={"when": "now", "reason": "够了"})
    assert chief.grants[0].ended_at is None


# ---- somebody must be left


def test_the_last_person_of_the_bureau_is_neither_ended_nor_deactivated(app: Flask) -> None:
    last = UserFactory(role=Role.BUREAU)
    UserFactory(role=Role.BUREAU, active=False)
    UserFactory(role=Role.BUREAU, password="")
    GrantFactory(user=UserFactory(), ends_on=date(2026, 9, 6))
    GrantFactory(user=UserFactory(), starts_on=date(2026, 9, 8))
    with pytest.raises(Conflict, match="Nobody else"):
        end_grant(last.grants[0], None, "离职", SYSTEM, START)
    with pytest.raises(Conflict, match="Nobody else"):
        deactivate_user(last, "离职", SYSTEM, START)
    UserFactory(role=Role.BUREAU)
    end_grant(last.grants[0], None, "离职", SYSTEM, START)


def test_the_day_after_the_last_day_counts(app: Flask) -> None:
    last = UserFactory(role=Role.BUREAU)
    GrantFactory(user=UserFactory(), ends_on=date(2026, 9, 30))
    with pytest.raises(Conflict, match="Nobody else"):
        end_grant(last.grants[0], date(2026, 9, 30), "退休", SYSTEM, START)
    end_grant(last.grants[0], date(2026, 9, 29), "退休", SYSTEM, START)


def test_two_who_put_each_other_out_at_once_do_not_both_succeed(app: Flask) -> None:
    users = [UserFactory(role=Role.BUREAU), UserFactory(role=Role.BUREAU)]
    ids, actors = [user.id for user in users], [user.actor(TODAY) for user in users]
    db.session.commit()
    start, outcomes = threading.Barrier(2), []

    def put_out(mine: int) -> None:
        with app.app_context():
            start.wait()
            try:
                deactivate_user(db.session.get_one(User, ids[1 - mine]), "够了", actors[mine], START)
                db.session.commit()
                outcomes.append("done")
            except Conflict:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=put_out, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


def test_only_the_bureau_grants_and_ends(app: Flask) -> None:
    actor = UserFactory(role=Role.AUDITOR).actor(TODAY)
    one = GrantFactory(role=Role.COMPANY, scope=CompanyFactory())
    with pytest.raises(Refused):
        grant_role(UserFactory(), Role.BUREAU, None, TODAY, None, actor, START)
    with pytest.raises(Refused):
        end_grant(one, None, "离职", actor, START)
