"""No one person comes to both signatures, whatever a handful of people invite, grant, link, end and confirm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st

from rating.accounts.models import User
from rating.accounts.two_people import hands_behind
from rating.extensions import db
from tests.accounts.scheming import KINDS, Bureau, Step
from tests.factories import EstateFactory, SubdistrictFactory
from tests.support.two_people import are_two_people

NUMBER = st.integers(0, 7)
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(st.sampled_from(KINDS), NUMBER, NUMBER, st.integers(0, 2)), max_size=16
)
# An account that works at once, and then the bureau's role, which an honest colleague (the second seed) confirms.
SIDE_DOOR: list[Step] = [("invite", 0, 0, 1), ("grant", 0, 3, 0), ("confirm", 1, 1, 0)]
TWO_SIDE_DOORS: list[Step] = [*SIDE_DOOR, ("invite", 0, 0, 1), ("grant", 0, 4, 0), ("confirm", 1, 2, 0)]


@pytest.fixture
def bureau(app: Flask) -> Iterator[Bureau]:
    yield Bureau(SubdistrictFactory(), EstateFactory())
    db.session.rollback()


def played(bureau: Bureau, steps: list[Step]) -> Bureau:
    """These steps from the beginning."""
    fresh = Bureau(bureau.subdistrict, bureau.estate)
    fresh.begin()
    fresh.play(steps)
    return fresh


def by_numbers(one: int, other: int) -> bool:
    """What comparing two accounts' numbers would say."""
    return one != other


def by_pairs(one: int, other: int) -> bool:
    """What looking at the two alone would say: whether either gave the other anything."""
    behind = hands_behind([one, other])
    return one not in behind[other] and other not in behind[one]


def test_whatever_is_done_nobody_alone_has_two_accounts_that_count_as_two(bureau: Bureau) -> None:
    reached = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(STEPS)
    def nobody_alone(steps: list[Step]) -> None:
        undo = db.session.begin_nested()
        try:
            found = played(bureau, [*SIDE_DOOR[: len(steps) % 4], *steps])
            assert found.both_signatures(are_two_people) == []
            reached.append(found.count_of_bureau())
        finally:
            undo.rollback()
            db.session.expire_all()

    nobody_alone()
    assert max(reached) >= 2, "no sequence gave the schemer a second account: the test would hold nothing"


def test_control_compared_by_numbers_one_person_has_both_signatures(bureau: Bureau) -> None:
    found = played(bureau, SIDE_DOOR)
    assert found.both_signatures(by_numbers)
    assert not found.both_signatures(are_two_people)


def test_control_looking_at_the_two_alone_is_not_enough(bureau: Bureau) -> None:
    found = played(bureau, TWO_SIDE_DOORS)
    assert found.both_signatures(by_pairs)
    assert not found.both_signatures(are_two_people)


def test_honest_people_who_confirm_each_others_gifts_are_two(bureau: Bureau) -> None:
    """The rule stops one person, not the work: the second seed invites, the third confirms."""
    found = played(bureau, [("invite", 1, 0, 0), ("confirm", 2, 0, 0)])
    invited = found.users[3]
    assert invited.id not in found.schemers
    assert all(are_two_people(invited.id, one.id) for one in found.users if one is not invited)
    assert db.session.get(User, invited.id) is invited
