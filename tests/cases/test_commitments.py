"""What was promised: deadlines, re-inspection by somebody else, and what is overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rating.access import SYSTEM, Role
from rating.accounts.second_person import confirm_changes
from rating.adjustments.models import Adjustment, AdjustmentKind
from rating.audit.models import Event
from rating.cases.commitment_rules import earliest_reinspection
from rating.cases.commitment_service import (
    add_commitment,
    reinspect_commitment,
    report_commitment_done,
    report_overdue_commitments,
)
from rating.cases.models import Commitment, CommitmentKind, CommitmentState, Party
from rating.cases.queries import TalkFilter, list_overdue_commitments, list_talks
from rating.cases.talk_service import hold_talk
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from tests.cases.people import (
    AFTER_TALK,
    a_finding,
    a_promise,
    a_record,
    acting,
    black_listed,
    bureau,
    held,
    notified,
    other_subdistrict,
    promised,
    subdistrict,
)
from tests.factories import AccessChangeFactory, EstateFactory, RatedEstateFactory, UserFactory
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("app")

MADE = date(2026, 9, 11)
DUE = date(2026, 10, 11)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


# ---- making one


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (CommitmentKind.URGENT, 1),
        (CommitmentKind.HAZARDOUS, 15),
        (CommitmentKind.ORDINARY, 30),
        (CommitmentKind.FUND, 90),
    ],
)
def test_each_kind_is_due_on_its_last_day_and_not_a_day_later(kind: CommitmentKind, days: int) -> None:
    user = bureau()
    talk = held(black_listed(), user)
    last = MADE + timedelta(days=days)
    commitment = add_commitment(talk, a_promise(kind=kind, interim="先围挡"), acting(user), AFTER_TALK)
    assert (commitment.made_on, commitment.due_on) == (MADE, last)
    late = a_promise(kind=kind, interim="先围挡", due_on=last + timedelta(days=1))
    with pytest.raises(Invalid) as error:
        add_commitment(talk, late, acting(user), AFTER_TALK)
    assert error.value.field == "due_on"


def test_shorter_deadline_may_be_agreed_but_not_one_before_the_promise() -> None:
    user = bureau()
    talk = held(black_listed(), user)
    soon = add_commitment(talk, a_promise(due_on=MADE + timedelta(days=7)), acting(user), AFTER_TALK)
    assert soon.due_on == date(2026, 9, 18)
    with pytest.raises(Invalid):
        add_commitment(talk, a_promise(due_on=MADE - timedelta(days=1)), acting(user), AFTER_TALK)


def test_nothing_is_promised_before_the_talk() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    with pytest.raises(Conflict):
        add_commitment(talk, a_promise(), acting(user), AFTER_TALK)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"party": Party.HANDED_OVER}, "handed_over_to"),
        ({"kind": CommitmentKind.HAZARDOUS}, "interim"),
        ({"kind": CommitmentKind.FUND}, "interim"),
        ({"made_on": date(2026, 9, 10)}, "made_on"),
        ({"made_on": date(2026, 9, 12)}, "made_on"),
        ({"owner_post": "张大明"}, "owner_post"),
        ({"measure": "由张大明负责更换"}, "measure"),
    ],
)
def test_promise_without_what_it_needs_or_with_a_name_is_refused(values: dict[str, Any], field: str) -> None:
    user = bureau()
    talk = held(black_listed(), user)
    with pytest.raises(Invalid) as error:
        add_commitment(talk, a_promise(**values), acting(user), AFTER_TALK)
    assert error.value.field == field


def test_committee_and_other_bodies_promise_too() -> None:
    user = bureau()
    talk = held(black_listed(), user)
    add_commitment(talk, a_promise(party=Party.COMMITTEE, owner_post="物管会主任"), acting(user), AFTER_TALK)
    body = a_promise(party=Party.HANDED_OVER, handed_over_to="市供水公司", handed_over_number="转〔2026〕5号")
    handed_over = add_commitment(talk, body, acting(user), AFTER_TALK)
    assert (handed_over.handed_over_to, handed_over.handed_over_number) == ("市供水公司", "转〔2026〕5号")


def test_promise_is_about_an_estate_that_the_company_was_rated_for() -> None:
    case, user = black_listed(), bureau()
    talk = held(case, user)
    assert add_commitment(talk, a_promise(estate=case.rated.estate), acting(user), AFTER_TALK)
    with pytest.raises(Invalid) as error:
        add_commitment(talk, a_promise(estate=EstateFactory()), acting(user), AFTER_TALK)
    assert error.value.field == "estate"


def test_subdistrict_adds_for_its_own_estates_only() -> None:
    case = black_listed()
    elsewhere = RatedEstateFactory(round=case.listing.release.round, company=case.listing.company)
    talk, own = held(case, bureau()), acting(subdistrict(case))
    assert add_commitment(talk, a_promise(estate=case.rated.estate), own, AFTER_TALK)
    with pytest.raises(Refused):
        add_commitment(talk, a_promise(estate=elsewhere.estate), own, AFTER_TALK)
    with pytest.raises(Refused):
        add_commitment(talk, a_promise(), acting(other_subdistrict()), AFTER_TALK)


@pytest.mark.parametrize(
    "values",
    [
        {"due_on": date(2026, 9, 10)},
        {"done_on": date(2026, 9, 10), "evidence": "照片"},
        {"done_on": date(2026, 9, 12)},
        {"party": "handed_over"},
        {"kind": "hazardous"},
    ],
)
def test_database_itself_refuses_a_commitment_that_contradicts_itself(values: dict[str, Any]) -> None:
    commitment = promised(black_listed(), bureau())
    with pytest.raises(IntegrityError):
        db.session.execute(update(Commitment).where(Commitment.id == commitment.id).values(**values))


# ---- re-inspection


def test_somebody_who_took_no_part_verifies_a_commitment() -> None:
    commitment, inspector = promised(black_listed(), bureau()), bureau()
    found = reinspect_commitment(commitment, a_finding(), acting(inspector), at(date(2026, 9, 21)))
    assert (found.inspector_id, commitment.verified_on) == (inspector.id, date(2026, 9, 21))
    assert commitment.state(date(2026, 9, 21)) is CommitmentState.VERIFIED


def test_subdistrict_of_the_estate_verifies_and_another_does_not() -> None:
    case = black_listed()
    commitment = promised(case, bureau(), estate=case.rated.estate)
    with pytest.raises(Refused):
        reinspect_commitment(commitment, a_finding(), acting(other_subdistrict()), at(date(2026, 9, 21)))
    assert reinspect_commitment(commitment, a_finding(), acting(subdistrict(case)), at(date(2026, 9, 21)))


def test_who_served_the_notice_recorded_the_talk_or_the_promise_does_not_reinspect() -> None:
    case = black_listed()
    server, recorder, promiser, reporter = (bureau() for _ in range(4))
    talk = notified(case, server)
    hold_talk(talk, a_record(), (), acting(recorder), AFTER_TALK)
    commitment = add_commitment(talk, a_promise(), acting(promiser), AFTER_TALK)
    report_commitment_done(commitment, MADE, "照片", acting(reporter), AFTER_TALK)
    for user in (server, recorder, promiser, reporter):
        with pytest.raises(Refused):
            reinspect_commitment(commitment, a_finding(), acting(user), at(date(2026, 9, 21)))


def test_whoever_was_let_in_by_one_who_took_part_does_not_reinspect_until_a_third_confirms_it() -> None:
    case, recorder, third = black_listed(), bureau(), bureau()
    commitment, inspector = promised(case, recorder), subdistrict(case)
    change = AccessChangeFactory(user=inspector, giver=recorder)
    with pytest.raises(Refused, match=f"don't count as two people. .*{third.name}"):
        reinspect_commitment(commitment, a_finding(), acting(inspector), at(date(2026, 9, 21)))
    confirm_changes([change.id], acting(third), at(date(2026, 9, 21)))
    assert reinspect_commitment(commitment, a_finding(), acting(inspector), at(date(2026, 9, 21)))


def test_who_rates_the_estate_or_works_for_the_company_does_not_reinspect() -> None:
    case = black_listed()
    commitment = promised(case, bureau(), estate=case.rated.estate)
    for role, scope in (
        (Role.COMMITTEE, case.rated.estate),
        (Role.COMMUNITY, case.rated.community),
        (Role.COMPANY, case.listing.company),
    ):
        both = UserFactory(grants=[(Role.BUREAU, None), (role, scope)])
        with pytest.raises(Refused):
            reinspect_commitment(commitment, a_finding(), acting(both), at(date(2026, 9, 21)))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER])
def test_auditor_and_reviewer_do_not_reinspect(role: Role) -> None:
    case = black_listed()
    commitment = promised(case, bureau())
    user = UserFactory(role=role, scope=case.rated.community if role is Role.REVIEWER else None)
    with pytest.raises(Refused):
        reinspect_commitment(commitment, a_finding(), acting(user), at(date(2026, 9, 21)))


@pytest.mark.parametrize(
    ("kind", "earliest"),
    [
        (CommitmentKind.URGENT, date(2026, 9, 12)),
        (CommitmentKind.HAZARDOUS, date(2026, 9, 12)),
        (CommitmentKind.ORDINARY, date(2026, 9, 18)),
        (CommitmentKind.FUND, date(2026, 9, 18)),
    ],
)
def test_what_is_urgent_is_looked_at_the_next_day_all_else_after_a_week(kind: CommitmentKind, earliest: date) -> None:
    commitment, inspector = promised(black_listed(), bureau(), kind=kind, interim="先围挡"), acting(bureau())
    assert earliest_reinspection(commitment) == earliest
    too_early = a_finding(inspected_on=earliest - timedelta(days=1))
    with pytest.raises(Invalid) as error:
        reinspect_commitment(commitment, too_early, inspector, at(earliest))
    assert error.value.field == "inspected_on"
    assert reinspect_commitment(commitment, a_finding(inspected_on=earliest), inspector, at(earliest))


def test_the_week_counts_from_the_report_that_it_is_done() -> None:
    commitment, inspector = promised(black_listed(), bureau()), acting(bureau())
    report_commitment_done(commitment, date(2026, 9, 20), "照片3张", acting(bureau()), at(date(2026, 9, 20)))
    assert earliest_reinspection(commitment) == date(2026, 9, 27)
    with pytest.raises(Invalid):
        reinspect_commitment(commitment, a_finding(), inspector, at(date(2026, 9, 27)))


def test_inspection_is_not_in_the_future_and_tells_what_was_found() -> None:
    commitment, inspector = promised(black_listed(), bureau()), acting(bureau())
    for finding, field in (
        (a_finding(), "inspected_on"),
        (a_finding(findings="", inspected_on=date(2026, 9, 18)), "findings"),
    ):
        with pytest.raises(Invalid) as error:
            reinspect_commitment(commitment, finding, inspector, at(date(2026, 9, 18)))
        assert error.value.field == field


def test_what_was_not_done_stays_open_and_can_be_looked_at_again() -> None:
    commitment, inspector = promised(black_listed(), bureau()), acting(bureau())
    day = date(2026, 9, 21)
    reinspect_commitment(commitment, a_finding(passed=False), inspector, at(day))
    assert commitment.state(day) is CommitmentState.OPEN
    reinspect_commitment(commitment, a_finding(inspected_on=date(2026, 9, 22)), inspector, at(date(2026, 9, 22)))
    assert commitment.verified_on == date(2026, 9, 22)
    with pytest.raises(Conflict):
        reinspect_commitment(commitment, a_finding(), inspector, at(date(2026, 9, 23)))
    kinds = db.session.scalars(
        select(Event.kind).where(Event.subject == f"commitment:{commitment.id}").order_by(Event.number)
    )
    assert list(kinds) == ["commitment.made", "commitment.found_undone", "commitment.verified"]


# ---- reported done, overdue


@pytest.mark.parametrize(
    ("done_on", "evidence", "field"),
    [(date(2026, 9, 10), "照片", "done_on"), (date(2026, 9, 16), "照片", "done_on"), (MADE, "", "evidence")],
)
def test_report_has_a_day_that_can_be_and_evidence(done_on: date, evidence: str, field: str) -> None:
    commitment = promised(black_listed(), bureau())
    with pytest.raises(Invalid) as error:
        report_commitment_done(commitment, done_on, evidence, acting(bureau()), at(date(2026, 9, 15)))
    assert error.value.field == field


def test_commitment_is_overdue_from_the_day_after_its_deadline() -> None:
    commitment = promised(black_listed(), bureau())
    assert commitment.state(DUE) is CommitmentState.OPEN
    assert commitment.state(DUE + timedelta(days=1)) is CommitmentState.OVERDUE


def test_what_was_reported_in_time_is_not_overdue_while_it_waits_for_a_look() -> None:
    commitment = promised(black_listed(), bureau())
    report_commitment_done(commitment, DUE, "照片", acting(bureau()), at(DUE))
    later = DUE + timedelta(days=5)
    assert commitment.state(later) is CommitmentState.DONE
    assert list_overdue_commitments(later) == []


def test_report_after_the_deadline_changes_nothing_until_somebody_looked() -> None:
    commitment = promised(black_listed(), bureau())
    late = DUE + timedelta(days=2)
    report_commitment_done(commitment, late, "照片", acting(bureau()), at(late))
    assert commitment.state(late) is CommitmentState.OVERDUE


def test_failed_look_after_the_deadline_makes_it_overdue() -> None:
    commitment = promised(black_listed(), bureau())
    report_commitment_done(commitment, DUE, "照片", acting(bureau()), at(DUE))
    later = DUE + timedelta(days=8)
    reinspect_commitment(commitment, a_finding(passed=False, inspected_on=later), acting(bureau()), at(later))
    db.session.expire_all()
    assert commitment.state(later) is CommitmentState.OVERDUE
    assert list_overdue_commitments(later) == [commitment]
    with pytest.raises(Invalid):
        report_commitment_done(commitment, DUE, "照片", acting(bureau()), at(later))


def test_talks_with_overdue_work_can_be_listed() -> None:
    user = bureau()
    talk = promised(black_listed(), user).talk
    for day, expected in ((DUE, []), (DUE + timedelta(days=1), [talk])):
        assert list_talks(TalkFilter(overdue_on=day), acting(user)) == expected


# ---- time passes


def adjustments() -> list[Adjustment]:
    return list(db.session.scalars(select(Adjustment).order_by(Adjustment.id)))


def test_overdue_commitment_becomes_an_adjustment_without_points() -> None:
    case = black_listed()
    commitment = promised(case, bureau())
    changed = report_overdue_commitments(SYSTEM, at(DUE + timedelta(days=3)))
    assert changed.begun == (commitment.id,)
    row = adjustments()[0]
    assert row.estate_id == commitment.estate_id
    assert (row.company_id, row.kind, row.points) == (case.listing.company_id, AdjustmentKind.OVERDUE_COMMITMENT, 0)
    assert (row.source, row.case_number) == ("临住建约〔2026〕1号", str(commitment.id))
    assert (row.valid_from, row.valid_to) == (DUE + timedelta(days=1), date(9999, 12, 31))


def test_reporting_again_changes_nothing() -> None:
    promised(black_listed(), bureau())
    report_overdue_commitments(SYSTEM, at(DUE + timedelta(days=1)))
    events = len(list(db.session.scalars(select(Event.number))))
    again = report_overdue_commitments(SYSTEM, at(DUE + timedelta(days=9)))
    assert (again.begun, again.ended) == ((), ())
    assert len(adjustments()) == 1
    assert len(list(db.session.scalars(select(Event.number)))) == events


def test_adjustment_ends_the_day_before_a_look_found_it_done() -> None:
    commitment = promised(black_listed(), bureau())
    report_overdue_commitments(SYSTEM, at(DUE + timedelta(days=1)))
    day = DUE + timedelta(days=4)
    reinspect_commitment(commitment, a_finding(inspected_on=day), acting(bureau()), at(day))
    assert report_overdue_commitments(SYSTEM, at(day)).ended == (commitment.id,)
    assert adjustments()[0].valid_to == day - timedelta(days=1)
    assert report_overdue_commitments(SYSTEM, at(day)).ended == ()


def test_adjustment_goes_when_it_turns_out_that_all_was_done_in_time() -> None:
    commitment = promised(black_listed(), bureau())
    later = at(DUE + timedelta(days=1))
    report_overdue_commitments(SYSTEM, later)
    report_commitment_done(commitment, DUE, "验收单(迟录)", acting(bureau()), later)
    assert report_overdue_commitments(SYSTEM, later).ended == (commitment.id,)
    assert adjustments() == []


@pytest.mark.parametrize("party", [Party.COMMITTEE, Party.COMMUNITY, Party.HANDED_OVER])
def test_what_others_promised_never_counts_against_the_company(party: Party) -> None:
    commitment = promised(black_listed(), bureau(), party=party, handed_over_to="市供水公司")
    later = DUE + timedelta(days=1)
    assert commitment.state(later) is CommitmentState.OVERDUE
    assert report_overdue_commitments(SYSTEM, at(later)).begun == ()


def test_tick_can_be_run_as_often_as_one_likes(run_command: Callable[..., Result], clock: Clock) -> None:
    promised(black_listed(), bureau())
    clock.set(at(DUE + timedelta(days=1)))
    outputs = [run_command("tick").output.splitlines()[0] for _ in range(2)]
    assert outputs == ["overdue commitments: 1 begun, 0 ended", "overdue commitments: 0 begun, 0 ended"]
    assert len(adjustments()) == 1


def test_tick_tells_how_many_talks_wait(run_command: Callable[..., Result], clock: Clock) -> None:
    black_listed()
    clock.set(at(date(2026, 9, 21)))
    assert "talks to arrange: 1, 1 of them late" in run_command("tick").output
