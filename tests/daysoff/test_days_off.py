"""The bureau enters a year's days off, and deadlines are counted by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from rating.access import Role
from rating.audit.models import Event
from rating.calendar import add_working_days, is_known, is_working_day
from rating.daysoff.models import DaysOffNotice, NoticedDay
from rating.extensions import db
from tests.factories import DaysOffNoticeFactory, NoticedDayFactory, UserFactory
from tests.support.client import Client
from tests.support.pages import Page

See = Callable[..., Page]
# Made up, with all the holidays of the law.
WORDS = """元旦：1月1日（周五）至3日放假。春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。
清明节：4月3日至5日放假。劳动节：5月1日至5日放假，4月25日、5月8日上班。端午节：6月9日（周三）放假。中秋节：9月15日（周三）放假。
国庆节：10月1日至7日放假调休，共7天。9月26日、10月9日（周六）上班。"""
FIELDS = {"year": "2027", "source": "国办发明电〔2026〕9号", "text": WORDS}


@pytest.fixture
def bureau(client: Client) -> Client:
    client.sign_in(UserFactory(role=Role.BUREAU))
    return client


def enter(see: See, client: Client) -> Page:
    shown = see(client, "/bureau/days-off/enter", data=FIELDS)
    return see(client, "/bureau/days-off/enter", data=shown.fields("main form"))


def test_what_was_understood_is_shown_before_it_is_kept(bureau: Client, see: See) -> None:
    shown = see(bureau, "/bureau/days-off/enter", data=FIELDS)
    assert "2027年2月5日" in shown.text and "2027年2月11日" in shown.text
    assert db.session.scalar(select(DaysOffNotice)) is None
    see(bureau, "/bureau/days-off/enter", data=shown.fields("main form"))
    assert db.session.scalars(select(DaysOffNotice.year)).all() == [2027]


def test_a_text_changed_after_it_was_shown_is_shown_again(bureau: Client, see: See) -> None:
    shown = see(bureau, "/bureau/days-off/enter", data=FIELDS)
    changed = shown.fields("main form") | {"text": WORDS.replace("6月9日（周三）放假", "6月9日至11日放假")}
    see(bureau, "/bureau/days-off/enter", data=changed)
    assert db.session.scalar(select(DaysOffNotice)) is None


def test_deadlines_are_counted_by_an_entered_notice(bureau: Client, see: See) -> None:
    assert add_working_days(date(2027, 2, 4), 1) == date(2027, 2, 9)  # the day after the law's four
    enter(see, bureau)
    db.session.rollback()
    assert add_working_days(date(2027, 2, 4), 1) == date(2027, 2, 12)
    assert is_working_day(date(2027, 2, 14)) and is_known(2027)
    assert add_working_days(date(2027, 2, 12), 1) == date(2027, 2, 14)


def test_each_fault_of_the_text_stands_beside_it_and_the_text_is_kept(bureau: Client, see: See) -> None:
    wrong = {**FIELDS, "text": "元旦：1月1日（周三）放假。2月30日放假。"}
    page = see(bureau, "/bureau/days-off/enter", data=wrong, status=422)
    assert len(page.all("#text-error br")) == 1
    assert page.fields("main form")["text"].strip() == wrong["text"]


def test_a_second_notice_of_a_year_is_refused_until_the_first_is_deleted(bureau: Client, see: See) -> None:
    enter(see, bureau)
    shown = see(bureau, "/bureau/days-off/enter", data=FIELDS)
    refused = see(bureau, "/bureau/days-off/enter", data=shown.fields("main form"), status=422)
    assert "请先删除" in refused.text
    see(bureau, "/bureau/days-off/2027/delete", data={})
    enter(see, bureau)
    kinds = db.session.scalars(select(Event.kind).where(Event.kind.like("days_off.%")).order_by(Event.number)).all()
    assert kinds == ["days_off.entered", "days_off.deleted", "days_off.entered"]


def test_no_day_stands_in_two_notices(bureau: Client, see: See) -> None:
    DaysOffNoticeFactory(year=2028, days=[NoticedDayFactory.build(day=date(2027, 2, 14), worked=True)])
    db.session.commit()
    shown = see(bureau, "/bureau/days-off/enter", data=FIELDS)
    refused = see(bureau, "/bureau/days-off/enter", data=shown.fields("main form"), status=422)
    assert "2027-02-14" in refused.text or "2027年2月14日" in refused.text


def test_deleting_a_notice_deletes_its_days(bureau: Client, see: See) -> None:
    enter(see, bureau)
    see(bureau, "/bureau/days-off/2027/delete", data={})
    assert db.session.scalar(select(NoticedDay)) is None
    assert not is_known(2027)
