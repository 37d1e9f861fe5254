"""From the black listing to the record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rating.access import Role
from rating.audit.models import Event
from rating.cases.models import Talk, TalkState
from rating.cases.public_queries import is_late
from rating.cases.queries import TalkFilter, find_talk, get_listing, get_talk, list_listings_without_talk, list_talks
from rating.cases.talk_service import hold_talk, notify_talk, postpone_talk, record_absence
from rating.errors import Conflict, Invalid, NotFound, Refused
from rating.extensions import db
from rating.scoring import Standing
from tests.cases.people import (
    AFTER_TALK,
    NOW,
    TALK_AT,
    a_notice,
    a_promise,
    a_record,
    acting,
    black_listed,
    bureau,
    notified,
    other_subdistrict,
    subdistrict,
)
from tests.factories import ListingFactory, RatedEstateFactory, ReleaseFactory, ScorecardFactory, UserFactory

pytestmark = pytest.mark.usefixtures("app")


def moment(day: int, hour: int = 2, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


# ---- the notice


def test_talk_is_due_ten_working_days_after_the_release() -> None:
    assert black_listed().listing.talk_due_on == date(2026, 9, 18)


def test_working_days_of_the_talk_pass_over_the_national_day_holiday() -> None:
    listing = black_listed(release__published_on=date(2026, 9, 28)).listing
    assert listing.talk_due_on == date(2026, 10, 16)  # 1 to 7 October are off, Saturday the 10th is worked


def test_bureau_notifies_a_black_listed_company() -> None:
    case, user = black_listed(), bureau()
    talk = notified(case, user)
    assert (talk.state, talk.scheduled_on, talk.notified_by) == (TalkState.NOTIFIED, date(2026, 9, 11), user.id)
    event = db.session.scalars(select(Event)).one()
    assert (event.kind, event.subject, event.actor_id) == ("talk.notified", f"talk:{talk.id}", user.id)


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.BLACK])
def test_only_a_black_listing_leads_to_a_talk(standing: Standing) -> None:
    case = black_listed(standing=standing, place=None)
    with pytest.raises(Conflict):
        notified(case, bureau())


def test_notice_less_than_three_working_days_ahead_is_refused() -> None:
    with pytest.raises(Invalid) as error:
        notified(black_listed(), bureau(), scheduled_at=moment(9))
    assert error.value.field == "day"
    assert "2026-09-10" in str(error.value)


def test_third_working_day_after_service_is_early_enough() -> None:
    assert notified(black_listed(), bureau(), scheduled_at=moment(10)).scheduled_on == date(2026, 9, 10)


@pytest.mark.parametrize("served_on", [date(2026, 9, 3), date(2026, 9, 8)])
def test_notice_is_served_after_the_release_and_not_in_the_future(served_on: date) -> None:
    with pytest.raises(Invalid) as error:
        notified(black_listed(), bureau(), served_on=served_on)
    assert error.value.field == "served_on"


def test_talk_after_the_due_day_needs_a_reason() -> None:
    with pytest.raises(Invalid) as error:
        notified(black_listed(), bureau(), scheduled_at=moment(21))
    assert error.value.field == "late_reason"


def test_talk_after_the_due_day_with_a_reason_is_shown_as_late() -> None:
    assert is_late(notified(black_listed(), bureau(), scheduled_at=moment(21), late_reason="会议室装修"))


def test_talk_on_the_due_day_is_not_late() -> None:
    assert not is_late(notified(black_listed(), bureau(), scheduled_at=moment(18)))


def test_second_notice_for_the_same_listing_is_refused() -> None:
    case, user = black_listed(), bureau()
    notified(case, user)
    with pytest.raises(Conflict):
        notified(case, user, number="临住建约〔2026〕2号")


def test_notice_number_of_another_talk_is_refused_beside_its_field() -> None:
    user = bureau()
    notified(black_listed(), user)
    with pytest.raises(Invalid) as error:
        notified(black_listed(), user)
    assert error.value.field == "number"


def test_notice_naming_the_manager_in_a_public_text_is_refused() -> None:
    with pytest.raises(Invalid) as error:
        notified(black_listed(), bureau(), summoned="总经理、张大明")
    assert error.value.field == "summoned"


def test_corrected_release_is_not_followed_up_but_the_correction_is() -> None:
    case, user = black_listed(), bureau()
    again = ScorecardFactory(round=case.listing.release.round)
    correction = ReleaseFactory(scorecard=again, number=case.listing.release.number + 1)
    corrected = ListingFactory(release=correction, company=case.listing.company)
    assert list_listings_without_talk(acting(user)) == [corrected]
    with pytest.raises(Conflict):
        notified(case, user)
    assert notify_talk(corrected, a_notice(), acting(user), NOW)


def test_talk_stays_the_rounds_talk_when_the_release_is_corrected_afterwards() -> None:
    case, user = black_listed(), bureau()
    talk = notified(case, user)
    again = ScorecardFactory(round=case.listing.release.round)
    correction = ReleaseFactory(scorecard=again, number=case.listing.release.number + 1)
    corrected = ListingFactory(release=correction, company=case.listing.company)
    assert find_talk(corrected) is talk
    assert list_listings_without_talk(acting(user)) == []
    with pytest.raises(Conflict):
        notify_talk(corrected, a_notice(number="临住建约〔2026〕9号"), acting(user), NOW)


# ---- who may


def test_subdistrict_with_a_rated_estate_of_the_company_notifies() -> None:
    case = black_listed()
    assert notified(case, subdistrict(case))


def test_subdistrict_without_an_estate_of_the_company_is_refused() -> None:
    with pytest.raises(Refused):
        notified(black_listed(), other_subdistrict())


def test_estate_of_another_round_gives_a_subdistrict_no_say() -> None:
    case = black_listed()
    elsewhere = RatedEstateFactory(company=case.listing.company)
    user = UserFactory(role=Role.SUBDISTRICT, scope=elsewhere.community.subdistrict)
    with pytest.raises(Refused):
        notified(case, user)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMPANY, Role.COMMITTEE, Role.COMMUNITY])
def test_nobody_else_notifies(role: Role) -> None:
    case = black_listed()
    scopes = {
        Role.COMPANY: case.listing.company,
        Role.COMMITTEE: case.rated.estate,
        Role.COMMUNITY: case.rated.community,
    }
    with pytest.raises(Refused):
        notified(case, UserFactory(role=role, scope=scopes.get(role)))


def test_auditor_reads_everything_and_a_foreign_subdistrict_finds_nothing() -> None:
    case = black_listed()
    talk = notified(case, bureau())
    assert get_talk(case.listing.id, acting(UserFactory(role=Role.AUDITOR))) is talk
    assert list_talks(TalkFilter(), acting(subdistrict(case))) == [talk]
    stranger = acting(other_subdistrict())
    assert list_talks(TalkFilter(), stranger) == []
    with pytest.raises(NotFound):
        get_listing(case.listing.id, stranger)


def test_listings_without_a_talk_are_listed_until_the_notice_within_the_scope() -> None:
    case, user = black_listed(), bureau()
    ListingFactory(release=case.listing.release, standing=Standing.RED)
    assert list_listings_without_talk(acting(user)) == [case.listing]
    assert list_listings_without_talk(acting(subdistrict(case))) == [case.listing]
    assert list_listings_without_talk(acting(other_subdistrict())) == []
    notified(case, user)
    assert list_listings_without_talk(acting(user)) == []


def test_talks_are_found_by_state_company_and_release() -> None:
    case, user = black_listed(), bureau()
    talk = notified(case, user)
    name, number = case.listing.company.name, case.listing.release.number
    fits = TalkFilter(state=TalkState.NOTIFIED, company=name[1:3], release=number)
    assert list_talks(fits, acting(user)) == [talk]
    for misses in (TalkFilter(state=TalkState.HELD), TalkFilter(company="无"), TalkFilter(release=number + 1)):
        assert list_talks(misses, acting(user)) == []


# ---- putting off, absence


def test_talk_is_put_off_by_at_most_five_working_days() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    postpone_talk(talk, moment(18), "法定代表人住院", acting(user), NOW)
    assert (talk.state, talk.postponed_from, talk.scheduled_on) == (TalkState.POSTPONED, TALK_AT, date(2026, 9, 18))
    assert not is_late(talk)


def test_talk_is_not_put_off_by_six_working_days() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    with pytest.raises(Invalid) as error:
        postpone_talk(talk, moment(21), "法定代表人住院", acting(user), NOW)
    assert error.value.field == "day"


def test_talk_is_not_put_off_to_an_earlier_time_or_without_a_reason() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    for at, reason in ((TALK_AT, "住院"), (moment(14), "")):
        with pytest.raises(Invalid):
            postpone_talk(talk, at, reason, acting(user), NOW)


def test_talk_is_put_off_only_once() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    postpone_talk(talk, moment(14), "住院", acting(user), NOW)
    with pytest.raises(Conflict):
        postpone_talk(talk, moment(15), "又住院", acting(user), NOW)


def test_absence_is_recorded_with_its_day_and_the_talk_can_still_be_held() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    record_absence(talk, "等候四十分钟", acting(user), AFTER_TALK)
    assert (talk.state, talk.absent_on) == (TalkState.ABSENT, date(2026, 9, 11))
    with pytest.raises(Conflict):
        postpone_talk(talk, moment(15), "补谈", acting(user), AFTER_TALK)
    hold_talk(talk, a_record(held_at=moment(15), ended_at=moment(15, 3)), (), acting(user), moment(15, 4))
    assert (talk.state, talk.absent_on) == (TalkState.HELD, date(2026, 9, 11))


def test_nobody_is_absent_before_the_appointed_time() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    with pytest.raises(Conflict):
        record_absence(talk, "", acting(user), TALK_AT - timedelta(minutes=1))


# ---- the record


def test_talk_is_recorded_with_what_was_agreed() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    hold_talk(talk, a_record(), (a_promise(), a_promise(problem="楼道灯不亮")), acting(user), AFTER_TALK)
    assert (talk.state, talk.held_on, talk.recorded_by) == (TalkState.HELD, date(2026, 9, 11), user.id)
    assert [commitment.due_on for commitment in talk.commitments] == [date(2026, 10, 11)] * 2
    kinds = list(db.session.scalars(select(Event.kind).order_by(Event.number)))
    assert kinds == ["talk.notified", "talk.held", "commitment.made", "commitment.made"]


def test_talk_is_recorded_only_once() -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    hold_talk(talk, a_record(), (), acting(user), AFTER_TALK)
    for act in (
        lambda: hold_talk(talk, a_record(), (), acting(user), AFTER_TALK),
        lambda: record_absence(talk, "", acting(user), AFTER_TALK),
        lambda: postpone_talk(talk, moment(14), "住院", acting(user), AFTER_TALK),
    ):
        with pytest.raises(Conflict):
            act()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"held_at": AFTER_TALK + timedelta(hours=1)}, "held_on"),
        ({"held_at": datetime(2026, 9, 6, 1, tzinfo=UTC)}, "held_on"),
        ({"ended_at": TALK_AT}, "until"),
        ({"minuted_by": "物业科科长"}, "minuted_by"),
        ({"findings": "张大明拒绝配合"}, "findings"),
        ({"company_said": "张大明称车辆不足"}, "company_said"),
        ({"attended_by": "项目负责人、物管会王一"}, "attended_by"),
    ],
)
def test_record_that_cannot_be_right_or_names_somebody_is_refused(values: dict[str, object], field: str) -> None:
    user = bureau()
    talk = notified(black_listed(), user)
    with pytest.raises(Invalid) as error:
        hold_talk(talk, a_record(**values), (), acting(user), AFTER_TALK)
    assert error.value.field == field


def test_subdistrict_of_elsewhere_cannot_record_the_talk() -> None:
    talk = notified(black_listed(), bureau())
    stranger = acting(other_subdistrict())
    for act in (
        lambda: hold_talk(talk, a_record(), (), stranger, AFTER_TALK),
        lambda: record_absence(talk, "", stranger, AFTER_TALK),
        lambda: postpone_talk(talk, moment(14), "住院", stranger, NOW),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "held"},
        {"state": "absent"},
        {"state": "postponed"},
        {"held_at": TALK_AT, "ended_at": TALK_AT},
        {"postponed_from": TALK_AT + timedelta(days=1), "postponement_reason": "住院"},
        {"postponed_from": TALK_AT - timedelta(days=1)},
    ],
)
def test_database_itself_refuses_a_talk_that_contradicts_itself(values: dict[str, object]) -> None:
    talk = notified(black_listed(), bureau())
    with pytest.raises(IntegrityError):
        db.session.execute(update(Talk).where(Talk.id == talk.id).values(**values))


def test_two_people_notifying_at_the_same_moment_leave_one_talk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    case, user = black_listed(), bureau()
    notified(case, user)
    monkeypatch.setattr("rating.cases.talk_rules.find_talk", lambda _listing: None)
    with pytest.raises(Conflict):
        notified(case, user, number="临住建约〔2026〕2号")
