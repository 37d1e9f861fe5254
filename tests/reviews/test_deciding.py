"""What a reviewer decides: once, for good, by somebody from elsewhere; and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from rating.access import SYSTEM, Role
from rating.accounts.models import User
from rating.audit.models import Event
from rating.errors import Conflict, Invalid, Refused
from rating.evaluations.models import Channel, Trace
from rating.extensions import db
from rating.releases.service import start_preview
from rating.results.service import compute_scorecard
from rating.reviews import deciding
from rating.reviews.deciding import TRACES_KEPT, Verdict, decide_group, end_late_reviews
from rating.reviews.models import Decision, Flag, FlagKind, RejectionReason, Review
from rating.reviews.queries import Fate, FateState, count_reviews, find_fate, uncounted_ids
from rating.reviews.queue import list_groups
from rating.rounds.models import RatedEstate, RoundState
from rating.rounds.queries import get_rated_estate
from tests.factories import (
    AccessChangeFactory,
    CommunityFactory,
    CompanyFactory,
    EvaluationFactory,
    RatedEstateFactory,
    RoundFactory,
    TraceFactory,
    TurnoutDayFactory,
    UserFactory,
)
from tests.reviews.flags import flag_some, group_of, reviewer, waiting_in
from tests.support.clock import START

TODAY = START.date()
ACCEPT = Verdict(Decision.ACCEPTED)
REJECT = Verdict(Decision.REJECTED, RejectionReason.SAME_HAND, "社区核实：由楼长代填")


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(round=RoundFactory(closed=True))


@pytest.fixture
def judge(app: Flask) -> User:
    return reviewer()


def decide(rated: RatedEstate, verdict: Verdict, user: User, *, some: int | None = None, **group: object) -> None:
    found = group_of(rated, **group)  # type: ignore[arg-type]
    members = db.session.scalars(select(Flag.evaluation_id).where(Flag.kind == found.kind)).all()
    decide_group(found, members[:some], verdict, user.actor(TODAY), START)


def traces() -> int:
    return db.session.scalar(select(func.count()).select_from(Trace)) or 0


def test_an_evaluation_is_counted_until_it_is_flagged_and_after_it_is_accepted(rated: RatedEstate, judge: User) -> None:
    plain, (flagged, *_) = EvaluationFactory(rated_estate=rated), flag_some(rated)
    assert find_fate(plain.receipt_hash) == Fate(FateState.COUNTED)
    assert find_fate(flagged.receipt_hash) == Fate(FateState.UNDER_REVIEW)
    decide(rated, ACCEPT, judge)
    assert find_fate(flagged.receipt_hash) == Fate(FateState.COUNTED)
    assert find_fate(b"?" * 32) is None


def test_a_rejected_one_has_its_kind_of_reason(rated: RatedEstate, judge: User) -> None:
    flagged, *_ = flag_some(rated)
    decide(rated, REJECT, judge)
    assert find_fate(flagged.receipt_hash) == Fate(FateState.REJECTED, RejectionReason.SAME_HAND)


def test_uncounted_are_those_that_wait_and_those_rejected(rated: RatedEstate, judge: User) -> None:
    EvaluationFactory(rated_estate=rated)
    waiting = flag_some(rated, 3, cluster=1)
    accepted = flag_some(rated, 3, kind=FlagKind.SAME_COMMENT)
    decide(rated, ACCEPT, judge, kind=FlagKind.SAME_COMMENT)
    assert set(db.session.scalars(uncounted_ids())) == {one.id for one in waiting}
    decide(rated, REJECT, judge, kind=FlagKind.SAME_ANSWERS)
    assert set(db.session.scalars(uncounted_ids())) == {one.id for one in waiting}
    assert accepted


def test_some_of_a_group_can_be_decided_by_themselves(rated: RatedEstate, judge: User) -> None:
    flag_some(rated, 5)
    decide(rated, REJECT, judge, some=2)
    assert (group_of(rated).count, group_of(rated).pending) == (5, 3)


def test_a_decision_is_one_event_with_the_reviewer_and_without_anything_answered(
    rated: RatedEstate, judge: User, see_events: Callable[[str], list[Event]]
) -> None:
    flag_some(rated, 5)
    decide(rated, REJECT, judge)
    (event,) = see_events("evaluations.rejected")
    assert (event.actor_id, event.subject, event.reason) == (judge.id, f"rated_estate:{rated.id}", REJECT.note)
    assert event.data == {"pattern": "same_answers", "count": 5, "rejected_for": "same_hand"}


def test_a_decision_is_final(rated: RatedEstate, judge: User) -> None:
    flag_some(rated, 5)
    decide(rated, ACCEPT, judge, some=1)
    with pytest.raises(Conflict, match="just decided"):
        decide(rated, REJECT, reviewer())


@pytest.mark.parametrize("model", [Review, Flag], ids=["review", "flag"])
def test_the_database_itself_keeps_what_was_flagged_and_decided(
    rated: RatedEstate, judge: User, model: type[Review | Flag]
) -> None:
    flag_some(rated, 5)
    decide(rated, ACCEPT, judge)
    db.session.commit()
    same = {"evaluation_id": model.evaluation_id}
    for statement in (update(model).values(**same), delete(model)):
        with pytest.raises(DBAPIError, match=r"final|stays as it was"):
            db.session.execute(statement)
        db.session.rollback()


def test_a_rejection_needs_its_kind_of_reason_an_acceptance_has_none(rated: RatedEstate, judge: User) -> None:
    flag_some(rated)
    with pytest.raises(Invalid) as missing:
        decide(rated, Verdict(Decision.REJECTED), judge)
    with pytest.raises(Invalid) as needless:
        decide(rated, Verdict(Decision.ACCEPTED, RejectionReason.SAME_HAND), judge)
    assert (missing.value.field, needless.value.field) == ("reason", "reason")


def test_nothing_chosen_or_a_long_note_is_sent_back(rated: RatedEstate, judge: User) -> None:
    flag_some(rated)
    with pytest.raises(Invalid) as nothing:
        decide(rated, ACCEPT, judge, some=0)
    with pytest.raises(Invalid) as long:
        decide(rated, Verdict(Decision.ACCEPTED, None, "长" * 501), judge)
    assert (nothing.value.field, long.value.field) == ("evaluations", "note")


@pytest.mark.parametrize("state", [RoundState.PREVIEW, RoundState.PUBLISHED, RoundState.ARCHIVED])
def test_from_the_preview_on_nothing_is_decided_any_more(rated: RatedEstate, judge: User, state: RoundState) -> None:
    flag_some(rated)
    rated.round.state = state
    db.session.flush()
    with pytest.raises(Conflict, match="between the round's close and its preview"):
        decide(rated, ACCEPT, judge)


# ---- who may


OWN_PLACES = {
    "own community": lambda rated: [(Role.REVIEWER, rated.community)],
    "works there": lambda rated: [(Role.REVIEWER, CommunityFactory()), (Role.COMMUNITY, rated.community)],
    "sits on the committee": lambda rated: [(Role.REVIEWER, CommunityFactory()), (Role.COMMITTEE, rated.estate)],
    "helps there": lambda rated: [(Role.REVIEWER, CommunityFactory()), (Role.HELPER, rated.estate)],
    "works for the company": lambda rated: [(Role.REVIEWER, CommunityFactory()), (Role.COMPANY, rated.company)],
    "works for its sub-district": lambda rated: [
        (Role.REVIEWER, CommunityFactory()),
        (Role.SUBDISTRICT, rated.community.subdistrict),
    ],
    "works for a branch of the company": lambda rated: [
        (Role.REVIEWER, CommunityFactory()),
        (Role.COMPANY, CompanyFactory(parent=rated.company)),
    ],
    "no reviewer": lambda rated: [(Role.BUREAU, None)],
}


@pytest.mark.parametrize("place", OWN_PLACES)
def test_whoever_has_a_part_in_the_estate_neither_sees_nor_decides(rated: RatedEstate, place: str) -> None:
    flag_some(rated)
    user = UserFactory(grants=OWN_PLACES[place](rated))
    assert list_groups(user.actor(TODAY)) == []
    with pytest.raises(Refused, match="another community"):
        decide(rated, ACCEPT, user)


def test_the_company_is_every_one_of_the_same_parent_and_no_other(rated: RatedEstate) -> None:
    flag_some(rated)
    top, parent, sibling, stranger = CompanyFactory(), CompanyFactory(), CompanyFactory(), CompanyFactory()
    rated.company.parent = sibling.parent = parent
    parent.parent = top
    db.session.flush()
    seen = {}
    for company in (top, parent, sibling, stranger):
        user = reviewer(grants=[(Role.REVIEWER, CommunityFactory()), (Role.COMPANY, company)])
        seen[company] = len(list_groups(user.actor(TODAY)))
    assert seen == {top: 0, parent: 0, sibling: 0, stranger: 1}


def test_an_evaluation_that_is_named_twice_is_decided_once(rated: RatedEstate) -> None:
    one, *_ = flag_some(rated)
    judge = reviewer()
    decide_group(group_of(rated), [one.id, one.id], ACCEPT, judge.actor(TODAY), START)
    event = db.session.scalars(select(Event).where(Event.kind == "evaluations.accepted")).one()
    assert event.data["count"] == 1


def test_working_for_another_sub_district_is_no_part(rated: RatedEstate) -> None:
    flag_some(rated)
    user = reviewer(grants=[(Role.REVIEWER, CommunityFactory()), (Role.SUBDISTRICT, CommunityFactory().subdistrict)])
    assert len(list_groups(user.actor(TODAY))) == 1


def test_a_part_that_ended_during_the_round_still_counts_one_before_it_does_not(rated: RatedEstate) -> None:
    flag_some(rated)
    user = reviewer(grants=[(Role.REVIEWER, CommunityFactory()), (Role.HELPER, rated.estate)])
    helping = next(grant for grant in user.grants if grant.role is Role.HELPER)
    helping.starts_on, helping.ends_on = date(2025, 1, 1), rated.round.opens_on
    db.session.flush()
    assert list_groups(user.actor(TODAY)) == []
    helping.ends_on = rated.round.opens_on - timedelta(days=1)
    db.session.flush()
    assert len(list_groups(user.actor(TODAY))) == 1


def test_whoever_gave_the_one_who_entered_them_their_account_does_not_review_it(
    rated: RatedEstate, judge: User
) -> None:
    helper = UserFactory()
    flag_some(rated, channel=Channel.HELPER, entered_by=helper.id)
    assert len(list_groups(judge.actor(TODAY))) == 1
    AccessChangeFactory(user=helper, giver=judge)
    assert list_groups(judge.actor(TODAY)) == []
    with pytest.raises(Refused, match=f"{helper.name} has an account, a role or a link from you"):
        decide(rated, ACCEPT, judge)


def test_whoever_entered_one_of_them_does_not_review_it(rated: RatedEstate, judge: User) -> None:
    flag_some(rated, channel=Channel.HELPER, entered_by=judge.id)
    with pytest.raises(Refused):
        decide(rated, ACCEPT, judge)


def test_what_waits_comes_first_and_only_of_rounds_under_review(rated: RatedEstate, judge: User) -> None:
    flag_some(rated, 5)
    flag_some(rated, 3, kind=FlagKind.SAME_COMMENT)
    decide(rated, ACCEPT, judge, kind=FlagKind.SAME_ANSWERS)
    flag_some(RatedEstateFactory(round=RoundFactory(published=True)))
    groups = list_groups(judge.actor(TODAY))
    assert [(one.kind, one.pending) for one in groups] == [(FlagKind.SAME_COMMENT, 3), (FlagKind.SAME_ANSWERS, 0)]


# ---- networks


def test_the_last_decision_forgets_the_networks(
    rated: RatedEstate, judge: User, see_events: Callable[[str], list[Event]]
) -> None:
    flag_some(rated, 5)
    TraceFactory(evaluation=EvaluationFactory(rated_estate=rated))
    decide(rated, ACCEPT, judge, some=3)
    assert (traces(), see_events("traces.deleted")) == (6, [])
    waiting = db.session.scalars(
        select(Flag.evaluation_id).where(Flag.evaluation_id.not_in(select(Review.evaluation_id)))
    )
    decide_group(group_of(rated), waiting.all(), REJECT, judge.actor(TODAY), START)
    assert traces() == 0
    assert [event.data for event in see_events("traces.deleted")] == [{"count": 6}]
    assert count_reviews(rated.round).pending == 0


def test_networks_are_forgotten_two_weeks_after_the_close_whatever_still_waits(rated: RatedEstate, judge: User) -> None:
    flag_some(rated, 5)
    closed_at = rated.round.closed_at
    assert closed_at is not None
    assert end_late_reviews(SYSTEM, closed_at + TRACES_KEPT) == 0
    assert end_late_reviews(SYSTEM, closed_at + TRACES_KEPT + timedelta(minutes=1)) == 1
    assert traces() == 0
    decide(rated, ACCEPT, judge)


def test_no_preview_begins_while_a_flagged_evaluation_is_undecided(rated: RatedEstate, judge: User) -> None:
    flag_some(rated, 5)
    TurnoutDayFactory(rated_estate=rated, count=5)
    decide(rated, ACCEPT, judge, some=4)
    compute_scorecard(rated.round, SYSTEM, START)
    with pytest.raises(Conflict, match="1 flagged evaluations are not decided"):
        start_preview(rated.round, SYSTEM, START)
    decide_group(group_of(rated), waiting_in(rated), ACCEPT, judge.actor(TODAY), START)
    compute_scorecard(rated.round, SYSTEM, START)
    start_preview(rated.round, SYSTEM, START)
    assert traces() == 0


@pytest.mark.parametrize("held", [True, False], ids=["held", "not held"])
def test_of_two_reviewers_at_once_one_decides(
    app: Flask, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    """Without holding the round the second is still stopped, by the key of the review, but not told so in words."""
    ids = [one.id for one in flag_some(rated, 5)]
    people, ready = [reviewer().actor(TODAY), reviewer().actor(TODAY)], Barrier(2)
    if not held:
        monkeypatch.setattr(deciding, "lock_round", lambda _round: None)
    db.session.commit()

    def send(place: int) -> str:
        with app.app_context():
            found = group_of(get_rated_estate(rated.id))
            db.session.rollback()
            ready.wait()
            try:
                decide_group(found, ids, (ACCEPT, REJECT)[place], people[place], START)
                db.session.commit()
            except (Conflict, IntegrityError) as error:
                db.session.rollback()
                return type(error).__name__
            return "decided"

    with ThreadPoolExecutor(2) as pool:
        outcomes = Counter(pool.map(send, range(2)))
    assert outcomes["decided"] == 1
    assert outcomes["Conflict"] == 1 or not held
    assert db.session.scalar(select(func.count()).select_from(Review)) == 5
