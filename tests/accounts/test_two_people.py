"""Are these really two? Decided from who gave what to whom, and who else confirmed it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from rating.access import Role
from rating.accounts.models import ChangeDecision, ChangeKind, User
from rating.accounts.second_person import confirm_changes
from rating.accounts.two_people import find_tie, list_others, list_same_hands, require_two_people
from rating.errors import Refused
from rating.extensions import db
from rating.wording import _l
from tests.factories import TODAY, AccessChangeFactory, UserFactory
from tests.support.clock import START
from tests.support.two_people import are_two_people

SAME = _l("You did the first step yourself.")


def bureau(count: int) -> list[User]:
    """People of the bureau whom the server's command line made."""
    return [UserFactory(role=Role.BUREAU) for _ in range(count)]


def gives(giver: User, receiver: User, kind: ChangeKind = ChangeKind.INVITED) -> int:
    """Something that nobody else has confirmed."""
    change_id: int = AccessChangeFactory(user=receiver, giver=giver, kind=kind).id
    return change_id


def test_what_the_command_line_made_counts_as_given_by_nobody(app: Flask) -> None:
    first, second = bureau(2)
    assert are_two_people(first.id, second.id)


@pytest.mark.parametrize("kind", [ChangeKind.INVITED, ChangeKind.GRANTED, ChangeKind.LINKED])
def test_giver_and_receiver_are_not_two_in_either_order_whenever_that_was(app: Flask, kind: ChangeKind) -> None:
    giver, receiver = bureau(2)
    AccessChangeFactory(user=receiver, giver=giver, kind=kind, given_at=START - timedelta(days=4000))
    assert not are_two_people(giver.id, receiver.id)
    assert not are_two_people(receiver.id, giver.id)


def test_nobody_is_two_with_themselves(app: Flask) -> None:
    (one,) = bureau(1)
    tie = find_tie(one.id, [one.id])
    assert tie is not None and tie.is_same


def test_who_was_let_in_by_somebody_who_was_let_in_is_not_two_with_the_first(app: Flask) -> None:
    first, second, third, other = bureau(4)
    gives(first, second)
    gives(second, third)
    assert not are_two_people(first.id, third.id)
    assert are_two_people(other.id, third.id)


def test_two_whom_the_same_person_let_in_are_not_two(app: Flask) -> None:
    giver, one, two = bureau(3)
    gives(giver, one)
    gives(giver, two)
    tie = find_tie(one.id, [two.id])
    assert tie is not None and tie.behind == giver.id


def test_the_confirmation_of_a_third_makes_them_two(app: Flask) -> None:
    giver, receiver, third = bureau(3)
    change = gives(giver, receiver)
    confirm_changes([change], third.actor(TODAY), START)
    assert are_two_people(giver.id, receiver.id)


def test_one_confirmed_gift_does_not_excuse_another(app: Flask) -> None:
    giver, receiver, third = bureau(3)
    confirm_changes([gives(giver, receiver)], third.actor(TODAY), START)
    gives(giver, receiver, ChangeKind.LINKED)
    assert not are_two_people(giver.id, receiver.id)


def test_nothing_is_confirmed_by_giver_or_receiver(app: Flask) -> None:
    giver, receiver = bureau(2)
    change = gives(giver, receiver)
    for one in (giver, receiver):
        with pytest.raises(Refused, match="another person of the bureau"):
            confirm_changes([change], one.actor(TODAY), START)


def test_nothing_is_confirmed_by_somebody_whom_the_giver_let_in(app: Flask) -> None:
    giver, receiver, friend = bureau(3)
    gives(giver, friend)
    with pytest.raises(Refused, match="don't count as two people"):
        confirm_changes([gives(giver, receiver)], friend.actor(TODAY), START)


def test_nothing_is_confirmed_by_somebody_whom_the_receiver_let_in(app: Flask) -> None:
    giver, receiver, friend = bureau(3)
    gives(receiver, friend)
    change = AccessChangeFactory(user=receiver, giver=giver, waits=True)
    with pytest.raises(Refused, match="The person this is for let you in"):
        confirm_changes([change.id], friend.actor(TODAY), START)


def test_whoever_gave_the_receiver_something_else_may_confirm(app: Flask) -> None:
    """Two share the work of inviting: each can confirm what the other gave to the same person."""
    one, two = bureau(2)
    receiver = UserFactory()
    first, second = gives(one, receiver), gives(two, receiver)
    confirm_changes([first], two.actor(TODAY), START)
    confirm_changes([second], one.actor(TODAY), START)
    assert are_two_people(one.id, receiver.id) and are_two_people(two.id, receiver.id)


def test_what_waits_or_was_refused_ties_nobody(app: Flask) -> None:
    giver, receiver, third = bureau(3)
    AccessChangeFactory(user=receiver, giver=giver, waits=True)
    decided = {"decision": ChangeDecision.REFUSED, "decided_by": third.id, "decided_at": START}
    AccessChangeFactory(user=receiver, giver=giver, waits=True, **decided)
    assert are_two_people(giver.id, receiver.id)


def test_all_who_may_be_the_same_person_are_found_at_once(app: Flask) -> None:
    first, second, third, other = bureau(4)
    gives(first, second)
    gives(first, third)
    assert list_same_hands(second.id) == {first.id, second.id, third.id}
    assert list_same_hands(other.id) == {other.id}


def test_a_refusal_says_why_and_who_could_instead(app: Flask) -> None:
    giver, receiver, third = bureau(3)
    gives(giver, receiver)
    with pytest.raises(Refused, match="You did the first step yourself. Of the bureau, these could") as refused:
        require_two_people(giver.id, [giver.id], SAME, TODAY)
    assert third.name in str(refused.value) and receiver.name not in str(refused.value)
    with pytest.raises(Refused, match=f"{receiver.name} has an account, a role or a link from you"):
        require_two_people(giver.id, [receiver.id], SAME, TODAY)
    with pytest.raises(Refused, match=f"You have your account, a role or a link from {giver.name}"):
        require_two_people(receiver.id, [giver.id], SAME, TODAY)
    assert list_others([giver.id], TODAY) == [third]


def test_where_nobody_could_the_refusal_says_how_to_go_on(app: Flask) -> None:
    giver, receiver = bureau(2)
    gives(giver, receiver)
    with pytest.raises(Refused, match="Nobody else of the bureau could now.*server's command line"):
        require_two_people(giver.id, [receiver.id], SAME, TODAY)


# ---- what the database itself holds


@pytest.mark.parametrize("who", ["giver", "receiver"])
def test_the_database_takes_no_confirmation_by_giver_or_receiver(app: Flask, who: str) -> None:
    giver, receiver = bureau(2)
    decided_by = {"giver": giver, "receiver": receiver}[who].id
    with pytest.raises(IntegrityError, match="confirmed_by_a_third"):
        AccessChangeFactory(
            user=receiver, giver=giver, decision=ChangeDecision.CONFIRMED, decided_by=decided_by, decided_at=START
        )
    db.session.rollback()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"waits": True}, "waits_for_a_giver"),
        ({"decision": ChangeDecision.CONFIRMED}, "decision_whole"),
        ({"role": None}, "role_is_told"),
    ],
)
def test_the_database_takes_no_half_row(app: Flask, values: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        AccessChangeFactory(**values)
    db.session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_change SET given_by = NULL",
        "UPDATE access_change SET decision = 'confirmed', decided_by = 1, decided_at = given_at, user_id = 2",
        "DELETE FROM access_change",
    ],
)
def test_who_gave_what_can_not_be_changed_afterwards(app: Flask, statement: str) -> None:
    giver, receiver = bureau(2)
    gives(giver, receiver)
    db.session.commit()
    with pytest.raises(DBAPIError, match="stays as it was recorded"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_decision_is_given_once(app: Flask) -> None:
    giver, receiver, third = bureau(3)
    change = gives(giver, receiver)
    confirm_changes([change], third.actor(TODAY), START)
    db.session.commit()
    with pytest.raises(DBAPIError, match="stays as it was recorded"):
        db.session.execute(text("UPDATE access_change SET decided_by = NULL WHERE decision = 'confirmed'"))
    db.session.rollback()
