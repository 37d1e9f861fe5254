"""The attack: one person of the bureau makes a second account, and with it gives both signatures.

Each of the two rules that stand against it is taken out in turn: with both out, the attack succeeds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.accounts import granting, invitations, two_people
from rating.accounts.models import User
from rating.adjustments.models import Adjustment, AdjustmentState
from rating.extensions import db
from rating.releases import service as releases
from rating.releases.models import Release, ReleaseDraft
from rating.releases.service import start_preview
from tests.factories import AdjustmentFactory, CompanyFactory, UserFactory
from tests.results.town import KINDS, Town, build_town, compute
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]
AFTER = datetime(2026, 9, 20, 16, 0, tzinfo=UTC)
GOOD = "梧桐 自行车 豆浆 十二"
FRIEND = {"name": "王芳", "username": "friend", "role": "bureau", "starts_on": "2026-09-07"}


@pytest.fixture
def schemer(app: Flask) -> User:
    user: User = UserFactory(name="拟稿员", role=Role.BUREAU)
    UserFactory(name="签发人", role=Role.BUREAU)
    return user


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out that what one gives waits for another."""
    for module in (granting, invitations):
        monkeypatch.setattr(module, "must_wait", lambda *_given: False)


def without_ties(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out that giver and receiver aren't two people: only the same account is the same person."""

    def same_account(mine: int, others: list[int]) -> two_people.Tie | None:
        return two_people.Tie(mine, mine, mine) if mine in others else None

    for module in (two_people, releases):
        monkeypatch.setattr(module, "find_tie", same_account)


def second_account(browser: Client, other: Client, see: See) -> bool:
    """Invite a colleague who isn't one, open the link, set a password and sign in; whether that goes."""
    page = see(browser, "/bureau/people/invite", data=FRIEND)
    link = str(page.one("input#link")["value"]).removeprefix("https://rating.test")
    other.post(link, data={"password": GOOD, "again": GOOD})
    other.post("/sign-in", data={"username": "friend", "password": GOOD})
    return other.get("/bureau").status_code == 200


def draft_and_sign(town: Town, drafter: Client, signer: Client, clock: Clock, again: Callable[[], None]) -> int:
    """Draft with one account and sign with the other; the answer's status."""
    url = f"/bureau/rounds/{town.round.number}/release"
    assert drafter.post(f"{url}/draft", data={"note": ""}).status_code == 303
    clock.set(AFTER)
    again()
    html = signer.get(url).get_data(as_text=True)
    found = re.search(r'name="digest"[^>]*value="([0-9a-f]{64})"', html)
    return signer.post(f"{url}/sign", data={"digest": found[1] if found else ""}).status_code


@pytest.mark.parametrize(
    ("waits", "ties", "status"),
    [(True, True, None), (True, False, None), (False, True, 403), (False, False, 303)],
    ids=["both rules", "waiting alone", "ties alone", "control: neither"],
)
def test_one_person_with_two_accounts_does_not_publish(
    schemer: User, sign_in: SignIn, client: Client, see: See, clock: Clock, monkeypatch: pytest.MonkeyPatch,
    waits: bool, ties: bool, status: int | None,
) -> None:  # fmt: skip
    town = build_town(KINDS[:2])
    compute(town)
    start_preview(town.round, SYSTEM, START)
    if not waits:
        without_waiting(monkeypatch)
    if not ties:
        without_ties(monkeypatch)
    came_in = second_account(sign_in(schemer), client, see)
    assert came_in is not waits
    if status is None:
        assert db.session.query(ReleaseDraft).count() == 0
        return

    def again() -> None:  # a session lasts twelve hours
        client.post("/sign-in", data={"username": "friend", "password": GOOD})

    assert draft_and_sign(town, sign_in(schemer), client, clock, again) == status
    assert db.session.query(Release).count() == (status == 303)


@pytest.mark.parametrize(("ties", "state"), [(True, "proposed"), (False, "confirmed")], ids=["the rule", "control"])
def test_one_person_with_two_accounts_confirms_no_cause_for_the_black_list(
    schemer: User, sign_in: SignIn, client: Client, see: See, monkeypatch: pytest.MonkeyPatch, ties: bool, state: str
) -> None:
    without_waiting(monkeypatch)
    if not ties:
        without_ties(monkeypatch)
    assert second_account(sign_in(schemer), client, see)
    veto = AdjustmentFactory(
        company=CompanyFactory(), kind="veto", state=AdjustmentState.PROPOSED, recorded_by=schemer.id, recorded_at=START
    )
    url = f"/bureau/adjustments/{veto.id}"
    page = see(client, url)
    assert ("签发人" in page.text) is ties  # the page says who could instead
    client.post(f"{url}/confirm")
    assert db.session.get_one(Adjustment, veto.id).state == state
