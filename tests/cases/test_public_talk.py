"""What the public learns of a talk, and what it never learns."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, render_template_string

from rating.cases.commitment_service import add_commitment, reinspect_commitment
from rating.cases.models import CommitmentState, Party, TalkState
from rating.cases.public_queries import PublicTalk, list_public_talks
from rating.cases.talk_service import hold_talk, postpone_talk, record_absence
from rating.scoring import Standing
from tests.cases.people import (
    AFTER_TALK,
    NOW,
    a_finding,
    a_promise,
    a_record,
    acting,
    black_listed,
    bureau,
    held,
    notified,
)
from tests.factories import ListingFactory, ReleaseFactory, ScorecardFactory

pytestmark = pytest.mark.usefixtures("app")

TODAY = date(2026, 9, 21)
INTERNAL = ("张大明", "陈某", "0000-1234567", "车坏了两台", "资金状况", "王一")


def find_public_talk(listing_id: int, today: date) -> PublicTalk | None:
    return list_public_talks([listing_id], today).get(listing_id)


def shown(app: Flask, talk: object, today: date = TODAY) -> str:
    template = "{% import 'cases/_public_talk.html' as followups %}{{ followups.public_talk(talk, listing, today) }}"
    with app.test_request_context("/?lang=en"):
        return render_template_string(template, talk=talk, listing=black_listed().listing, today=today)


def test_listing_without_a_notice_has_no_public_talk_yet(app: Flask) -> None:
    assert find_public_talk(black_listed().listing.id, TODAY) is None
    assert "A talk with the company is due by 18 September 2026." in shown(app, None, date(2026, 9, 18))


def test_talk_is_overdue_from_the_day_after_its_last_one(app: Flask) -> None:
    listing = black_listed().listing
    assert [listing.is_talk_overdue(date(2026, 9, day)) for day in (1, 18, 19, 30)] == [False, False, True, True]
    assert "was due by 18 September 2026; it has not been arranged yet" in shown(app, None, date(2026, 9, 19))


def test_before_the_talk_only_its_day_is_public(app: Flask) -> None:
    case = black_listed()
    notified(case, bureau())
    public = find_public_talk(case.listing.id, TODAY)
    assert public is not None
    assert (public.state, public.scheduled_on) == (TalkState.NOTIFIED, date(2026, 9, 11))
    assert (public.place, public.issuer, public.findings) == ("", "", "")
    assert "arranged for 11 September 2026" in shown(app, public)


def test_after_the_talk_its_public_fields_are_shown_and_no_name_or_internal_note(app: Flask) -> None:
    case, user = black_listed(), bureau()
    talk = notified(case, user)
    hold_talk(talk, a_record(), (a_promise(estate=case.rated.estate),), acting(user), AFTER_TALK)
    public = find_public_talk(case.listing.id, TODAY)
    assert public is not None
    assert public.held_on == date(2026, 9, 11)
    page = shown(app, public)
    for said in (
        "市住房和城乡建设局三楼会议室",
        "物业科科长",
        "企业总经理、项目负责人",
        "门禁长期损坏",
        "已联系租用",
        "日产日清",
    ):
        assert said in page
    for never in INTERNAL:
        assert never not in page
        assert never not in str(asdict(public))


def test_absence_is_published_and_nothing_more(app: Flask) -> None:
    case, user = black_listed(), bureau()
    record_absence(notified(case, user), "等候四十分钟", acting(user), AFTER_TALK)
    public = find_public_talk(case.listing.id, TODAY)
    assert public is not None
    assert (public.state, public.absent_on) == (TalkState.ABSENT, date(2026, 9, 11))
    page = shown(app, public)
    assert "did not come" in page
    assert "四十分钟" not in page


def test_putting_off_and_lateness_are_told() -> None:
    case, user = black_listed(), bureau()
    talk = notified(case, user, scheduled_at=datetime(2026, 9, 21, 2, tzinfo=UTC), late_reason="会议室装修")
    postpone_talk(talk, datetime(2026, 9, 22, 2, tzinfo=UTC), "住院", acting(user), NOW)
    public = find_public_talk(case.listing.id, TODAY)
    assert public is not None
    assert (public.late, public.postponed, public.scheduled_on) == (True, True, date(2026, 9, 22))


def test_numbers_tell_agreed_verified_open_and_overdue(app: Flask) -> None:
    case, user = black_listed(), bureau()
    talk = held(case, user)
    first, *_others = [
        add_commitment(talk, a_promise(due_on=due), acting(user), AFTER_TALK)
        for due in (None, None, date(2026, 9, 18), None)
    ]
    add_commitment(talk, a_promise(party=Party.COMMITTEE, owner_post="物管会主任"), acting(user), AFTER_TALK)
    reinspect_commitment(first, a_finding(), acting(bureau()), AFTER_TALK + timedelta(days=10))
    public = find_public_talk(case.listing.id, TODAY)
    assert public is not None
    assert (public.agreed, public.verified, public.still_open, public.overdue) == (5, 1, 4, 1)
    assert {one.state for one in public.commitments} == {
        CommitmentState.VERIFIED,
        CommitmentState.OVERDUE,
        CommitmentState.OPEN,
    }
    assert "Agreed 5, verified 1, open 4, 1 of them overdue." in shown(app, public)


def test_public_talks_of_many_listings_come_at_once_and_only_of_black_ones() -> None:
    user = bureau()
    first, second, third = black_listed(), black_listed(), black_listed()
    notified(first, user)
    notified(second, user, number="临住建约〔2026〕2号")
    red = ListingFactory(release=first.listing.release, standing=Standing.RED)
    found = list_public_talks([first.listing.id, second.listing.id, third.listing.id, red.id], TODAY)
    assert set(found) == {first.listing.id, second.listing.id}


def test_listing_of_a_correction_shows_the_rounds_talk() -> None:
    case = black_listed()
    held(case, bureau())
    again = ScorecardFactory(round=case.listing.release.round)
    correction = ReleaseFactory(scorecard=again, number=case.listing.release.number + 1)
    corrected = ListingFactory(release=correction, company=case.listing.company)
    public = find_public_talk(corrected.id, TODAY)
    assert public is not None
    assert (public.listing_id, public.state) == (corrected.id, TalkState.HELD)
