"""What one of the bureau gives waits for another one, and works from then on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts.granting import end_grant, grant_role
from rating.accounts.invitations import NotYet, accept_invitation, get_invitation, issue_invitation
from rating.accounts.models import AccessChange, ChangeDecision, ChangeKind, Grant, User
from rating.accounts.second_person import confirm_changes, refuse_changes
from rating.accounts.service import add_invited_user
from rating.audit.models import Event
from rating.errors import Conflict, Invalid, NotFound, Refused
from rating.extensions import db
from tests.accounts.test_invitations import BOTH, GOOD, WANG, link_of
from tests.factories import (
    PASSWORD,
    TODAY,
    AccessChangeFactory,
    CommunityFactory,
    CompanyFactory,
    EstateFactory,
    InvitationFactory,
    RoundFactory,
    SubdistrictFactory,
    UserFactory,
)
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
URL = "/bureau/people/waiting"
PLACES = {
    Role.SUBDISTRICT: SubdistrictFactory,
    Role.COMMUNITY: CommunityFactory,
    Role.REVIEWER: CommunityFactory,
    Role.COMMITTEE: EstateFactory,
    Role.HELPER: EstateFactory,
    Role.COMPANY: CompanyFactory,
}
SECOND_PEOPLE = [Role.BUREAU, Role.AUDITOR, Role.REVIEWER]
VOICES = [Role.COMMUNITY, Role.COMMITTEE, Role.COMPANY]
OTHERS = [Role.SUBDISTRICT, Role.HELPER]


@pytest.fixture
def giver(app: Flask) -> User:
    user: User = UserFactory(name="拟稿员", role=Role.BUREAU)
    return user


@pytest.fixture
def second(app: Flask) -> User:
    user: User = UserFactory(name="签发人", role=Role.BUREAU)
    return user


def grant(user: User, role: Role, giver: User) -> Grant:
    scope = PLACES[role]().id if role in PLACES else None
    last = TODAY + timedelta(days=30) if role is Role.HELPER else None
    return grant_role(user, role, scope, TODAY, last, giver.actor(TODAY), START)


# ---- what waits


@pytest.mark.parametrize("role", SECOND_PEOPLE)
def test_a_role_of_those_who_check_others_waits_at_any_time(giver: User, role: Role) -> None:
    user = UserFactory()
    granted = grant(user, role, giver)
    assert granted.is_waiting and not granted.in_force(TODAY)
    assert not user.actor(TODAY).grants


@pytest.mark.parametrize("role", VOICES)
@pytest.mark.parametrize("state", ["open", "closed", "preview"])
def test_a_role_that_speaks_for_a_body_or_a_company_waits_while_a_round_runs(
    giver: User, role: Role, state: str
) -> None:
    RoundFactory(**{state: True})
    assert grant(UserFactory(), role, giver).is_waiting


@pytest.mark.parametrize("role", VOICES)
@pytest.mark.parametrize("state", [None, "published", "archived"])
def test_otherwise_it_works_at_once(giver: User, role: Role, state: str | None) -> None:
    RoundFactory(**({state: True} if state else {}))
    assert grant(UserFactory(), role, giver).in_force(TODAY)


@pytest.mark.parametrize("role", OTHERS)
def test_all_other_roles_work_at_once(giver: User, role: Role) -> None:
    RoundFactory(open=True)
    assert grant(UserFactory(), role, giver).in_force(TODAY)


def test_any_role_for_somebody_who_checks_others_waits(giver: User, second: User) -> None:
    assert grant(second, Role.SUBDISTRICT, giver).is_waiting


@pytest.mark.parametrize("role", SECOND_PEOPLE)
def test_what_the_command_line_grants_works_at_once(app: Flask, role: Role) -> None:
    scope = PLACES[role]().id if role in PLACES else None
    assert grant_role(UserFactory(), role, scope, TODAY, None, SYSTEM, START).in_force(TODAY)


@pytest.mark.parametrize("role", VOICES)
def test_a_new_link_for_a_body_or_a_company_waits_while_a_round_runs(giver: User, second: User, role: Role) -> None:
    user = UserFactory(role=role, scope=PLACES[role]())
    get_invitation(issue_invitation(user, giver.actor(TODAY), START), START)
    RoundFactory(open=True)
    token = issue_invitation(user, giver.actor(TODAY), START)
    with pytest.raises(NotYet):
        get_invitation(token, START)
    confirm_changes([user.invitation.change_id], second.actor(TODAY), START + timedelta(days=6))
    # It holds for its full seven days from there.
    assert get_invitation(token, START + timedelta(days=12)).user is user


def test_a_new_link_for_a_reviewer_waits_at_any_time(giver: User) -> None:
    token = issue_invitation(UserFactory(role=Role.REVIEWER, scope=CommunityFactory()), giver.actor(TODAY), START)
    with pytest.raises(NotYet):
        accept_invitation(token, GOOD, START)


def test_a_link_for_somebody_invited_by_a_colleague_waits_too(giver: User, second: User) -> None:
    """Else one could open the account that a colleague has made and another has confirmed."""
    user = add_invited_user("wang", "王芳", second.actor(TODAY), START)
    granted = grant_role(user, Role.BUREAU, None, TODAY, None, second.actor(TODAY), START, ChangeKind.INVITED)
    confirm_changes([granted.change_id], giver.actor(TODAY), START)
    with pytest.raises(NotYet):
        accept_invitation(issue_invitation(user, giver.actor(TODAY), START), GOOD, START)


# ---- confirming and refusing


def test_an_invited_colleague_comes_in_once_another_has_confirmed(
    giver: User, second: User, client: Client, see: See, sign_in: SignIn
) -> None:
    page = see(sign_in(giver), "/bureau/people/invite", data=WANG)
    assert "另一人确认" in page.text
    link = link_of(page)
    assert "另一人确认" in see(client, link, 409).text
    see(client, link, 409, data=BOTH)
    page = see(sign_in(second), URL)
    assert "王芳 （wangfang）" in page.text or "王芳（wangfang）" in page.text
    (change,) = [value for name, value in _ticks(page)]
    assert "现在生效" in see(sign_in(second), URL, data={"change": change, "step": "confirm"}).text
    see(client, link, data=BOTH)
    assert client.post("/sign-in", data={"username": "wangfang", "password": GOOD}).location == "/workspace"
    assert client.get("/bureau").status_code == 200


def _ticks(page: Page) -> list[tuple[str, str]]:
    return [(str(one["name"]), str(one["value"])) for one in page.all("input[type=checkbox][name=change]")]


def test_several_are_confirmed_at_once(giver: User, second: User, sign_in: SignIn, see: See) -> None:
    users = [UserFactory() for _ in range(3)]
    grants = [grant(user, Role.BUREAU, giver) for user in users]
    page = see(sign_in(second), URL, data={"everything": "y", "step": "confirm"})
    assert "已确认3项" in page.text
    assert all(one.in_force(TODAY) for one in grants)


def test_all_means_those_that_one_can_confirm(giver: User, second: User, sign_in: SignIn, see: See) -> None:
    mine, theirs = grant(UserFactory(), Role.BUREAU, second), grant(UserFactory(), Role.BUREAU, giver)
    page = see(sign_in(second), URL)
    assert "由住建局另一人确认" in page.text
    see(sign_in(second), URL, data={"everything": "y", "step": "confirm"})
    assert (mine.is_waiting, theirs.is_waiting) == (True, False)


def test_whoever_gave_it_does_not_confirm_it_and_what_was_ticked_stays(giver: User, sign_in: SignIn, see: See) -> None:
    granted = grant(UserFactory(), Role.BUREAU, giver)
    page = see(sign_in(giver), URL, 422, data={"change": granted.change_id, "step": "confirm"})
    assert "另一人确认" in page.errors["change"]
    assert len(page.all("input[name=change][checked]")) == 1
    assert granted.is_waiting


def test_one_that_can_not_be_confirmed_leaves_all_as_they_were(giver: User, second: User) -> None:
    mine, theirs = grant(UserFactory(), Role.BUREAU, second), grant(UserFactory(), Role.BUREAU, giver)
    with pytest.raises(Refused):
        confirm_changes([theirs.change_id, mine.change_id], second.actor(TODAY), START)
    db.session.rollback()
    assert theirs.is_waiting


def test_what_is_refused_never_works(giver: User, second: User, client: Client, sign_in: SignIn, see: See) -> None:
    link = link_of(see(sign_in(giver), "/bureau/people/invite", data=WANG))
    user = db.session.query(User).filter_by(username="wangfang").one()
    data = {"everything": "y", "step": "refuse", "reason": "本局没有此人"}
    assert "已拒绝" in see(sign_in(second), URL, data=data).text
    assert "拒绝" in see(client, link, 410).text
    assert not user.actor(TODAY).grants and user.grants[0].is_over(TODAY)
    with pytest.raises(Conflict):
        confirm_changes([user.grants[0].change_id], second.actor(TODAY), START)
    event = db.session.query(Event).filter_by(kind="access.refused").one()
    assert (event.reason, event.actor_name, event.data["role"]) == ("本局没有此人", "签发人", "bureau")


def test_a_refusal_needs_a_reason(giver: User, second: User, sign_in: SignIn, see: See) -> None:
    granted = grant(UserFactory(), Role.BUREAU, giver)
    page = see(sign_in(second), URL, 422, data={"change": granted.change_id, "step": "refuse", "reason": " "})
    assert "理由" in page.errors["reason"]


def test_whoever_gave_it_may_take_it_back(giver: User) -> None:
    granted = grant(UserFactory(), Role.BUREAU, giver)
    refuse_changes([granted.change_id], "点错了", giver.actor(TODAY), START)
    assert granted.change.decision is ChangeDecision.REFUSED


def test_what_works_is_not_refused_but_ended(giver: User, second: User) -> None:
    granted = grant(UserFactory(), Role.SUBDISTRICT, giver)
    with pytest.raises(Conflict, match="work already"):
        refuse_changes([granted.change_id], "不认识", second.actor(TODAY), START)


def test_what_waits_is_not_ended_but_refused(giver: User, second: User) -> None:
    granted = grant(UserFactory(), Role.BUREAU, giver)
    with pytest.raises(Conflict, match="Refuse it there"):
        end_grant(granted, None, "离职", second.actor(TODAY), START)


def test_nothing_and_what_does_not_exist_are_told(second: User, sign_in: SignIn, see: See) -> None:
    actor = second.actor(TODAY)
    with pytest.raises(Invalid, match="at least one"):
        confirm_changes([], actor, START)
    with pytest.raises(NotFound):
        confirm_changes([999], actor, START)
    see(sign_in(second), URL, 409, data={"step": "confirm"})
    grant(UserFactory(), Role.BUREAU, UserFactory(role=Role.BUREAU))
    assert "至少选择一项" in see(sign_in(second), URL, 422, data={"step": "confirm"}).errors["change"]
    see(sign_in(second), URL, 422, data={"change": "x", "step": "confirm"})
    see(sign_in(second), URL, 422, data={"change": "1"})


def test_only_the_bureaus_people_confirm(giver: User) -> None:
    granted = grant(UserFactory(), Role.BUREAU, giver)
    for actor in (SYSTEM, UserFactory(role=Role.AUDITOR).actor(TODAY)):
        with pytest.raises(Refused):
            confirm_changes([granted.change_id], actor, START)


def test_a_newer_link_leaves_nothing_to_decide_of_the_older(giver: User) -> None:
    user = UserFactory(role=Role.REVIEWER, scope=CommunityFactory())
    for _ in range(2):
        issue_invitation(user, giver.actor(TODAY), START)
    waiting = db.session.query(AccessChange).filter_by(kind=ChangeKind.LINKED, decision=None).all()
    assert [change.id for change in waiting] == [user.invitation.change_id]


def test_two_who_decide_at_once_do_not_both_succeed(giver: User, second: User) -> None:
    third = UserFactory(role=Role.BUREAU)
    change_id = grant(UserFactory(), Role.BUREAU, giver).change_id
    actors = [second.actor(TODAY), third.actor(TODAY)]
    db.session.commit()
    app, start, outcomes = _app(), threading.Barrier(2), []

    def decide(mine: int) -> None:
        with app.app_context():
            start.wait()
            try:
                if mine:
                    confirm_changes([change_id], actors[mine], START)
                else:
                    refuse_changes([change_id], "不认识", actors[mine], START)
                db.session.commit()
                outcomes.append("done")
            except Conflict:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=decide, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


def _app() -> Flask:
    from flask import current_app

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # how Flask gives the application itself
    return app


# ---- what works on one person's word


def test_what_works_already_is_confirmed_so_that_two_are_two(
    giver: User, second: User, sign_in: SignIn, see: See
) -> None:
    user = UserFactory()
    granted = grant(user, Role.SUBDISTRICT, giver)
    page = see(sign_in(second), f"{URL}/working", data={"working-everything": "y"})
    assert "已确认" in page.text
    assert granted.change.decision is ChangeDecision.CONFIRMED
    see(sign_in(second), f"{URL}/working", 409, data={"working-change": granted.change_id})


# ---- what is said


def test_somebody_whose_role_waits_is_told_so(giver: User, sign_in: SignIn, see: See) -> None:
    user = UserFactory()
    grant(user, Role.REVIEWER, giver)
    browser = sign_in(user)
    assert "尚未生效" in see(browser, "/account").text
    assert "等待住建局第二人确认" in see(browser, "/workspace").text
    see(browser, "/review", 403)


def test_the_page_of_people_counts_what_waits(giver: User, second: User, sign_in: SignIn, see: See) -> None:
    user = UserFactory(name="王芳")
    grant(user, Role.AUDITOR, giver)
    page = see(sign_in(second), "/bureau/people")
    assert "1项等待" in page.text and page.links()["查看、确认或拒绝"] == URL
    assert "等待第二人确认" in see(sign_in(second), f"/bureau/people/{user.id}").text


def test_a_bureau_of_one_is_told_how_to_get_a_second(giver: User, sign_in: SignIn, see: See) -> None:
    browser = sign_in(giver)
    for url in (URL, "/bureau/people"):
        assert "rating user add" in see(browser, url).text
    UserFactory(role=Role.BUREAU)
    assert "rating user add" not in see(browser, URL).text


def test_the_auditor_reads_what_waits_and_decides_nothing(giver: User, sign_in: SignIn, see: See) -> None:
    grant(UserFactory(), Role.BUREAU, giver)
    AccessChangeFactory(user=UserFactory(), giver=giver)
    page = see(sign_in(UserFactory(role=Role.AUDITOR)), URL)
    assert page.all("main form") == [] and len(page.all("main li")) >= 2


def test_nobody_waits_for_what_has_no_password_yet(app: Flask, clock: Clock) -> None:
    """An account from before the second person's rule goes on: its link was given and works."""
    invitation = InvitationFactory(token="t")
    assert invitation.is_open(START)
    assert accept_invitation("t", PASSWORD, START) is invitation.user
