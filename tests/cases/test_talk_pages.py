"""The staff's pages: from the list through every step to the printed papers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import Role
from rating.accounts.models import User
from rating.cases.models import Talk, TalkState
from rating.cases.queries import find_talk
from rating.cases.step_forms import StepForm
from rating.cases.talk_forms import NoticeForm, RecordForm
from rating.cases.talk_rules import Notice, TalkRecord
from rating.cases.talk_service import record_absence
from rating.extensions import db
from rating.scoring import Cost, Standing
from tests.cases.people import (
    AFTER_TALK,
    a_promise,
    acting,
    black_listed,
    bureau,
    held,
    notified,
    other_subdistrict,
    promised,
    subdistrict,
)
from tests.factories import UserFactory, make_listing_result
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

SignIn = Callable[[User], Client]
See = Callable[..., Page]

NOTICE = {
    "number": "临住建约〔2026〕1号",
    "served_on": "2026-09-07",
    "day": "2026-09-11",
    "hour": "09:30",
    "place": "三楼会议室",
    "conducted_by": "物业科科长",
}
RECORD = {
    "until": "10:30",
    "minuted_by": "物业科科员",
    "findings": "垃圾清运不及时。",
    "company_said": "认可。",
    "required": "一周内恢复日产日清。",
}
PROMISE = {
    "problem": "桶体满溢",
    "measure": "日产日清",
    "party": "company",
    "owner_post": "项目负责人",
    "kind": "ordinary",
}


@pytest.fixture
def after_talk(clock: Clock) -> Clock:
    clock.set(AFTER_TALK)
    return clock


@pytest.mark.parametrize("workspace", ["bureau", "subdistrict"])
def test_a_talk_goes_through_all_its_steps(sign_in: SignIn, see: See, clock: Clock, workspace: str) -> None:
    case = black_listed()
    user = bureau() if workspace == "bureau" else subdistrict(case)
    client = sign_in(user)
    base = f"/{workspace}/talks"
    listed = see(client, f"{base}?lang=en")
    assert case.listing.company.name in listed.text
    form = see(client, f"{base}/{case.listing.id}/notify")
    page = see(client, form.path, data={**form.fields(), **NOTICE})
    assert page.path == f"{base}/{case.listing.id}"
    assert "The notice is recorded." in page.text
    clock.set(AFTER_TALK)
    client = sign_in(user)  # sessions last twelve hours
    form = see(client, f"{page.path}/hold?lang=en")
    page = see(client, form.path, data={**form.fields(), **RECORD})
    assert "Now add what was agreed." in page.text
    form = see(client, f"{page.path}/commitments/new")
    page = see(client, form.path, data={**form.fields(), **PROMISE, "estate": case.rated.estate.code})
    assert "日产日清" in page.text
    talk = db.session.scalars(select(Talk)).one()
    form = see(client, f"{page.path}/commitments/{talk.commitments[0].id}/done")
    see(client, form.path, data={**form.fields(), "evidence": "照片3张"})
    clock.set(datetime(2026, 9, 21, 2, tzinfo=UTC))
    other = sign_in(bureau())
    form = see(other, f"/bureau/talks/{case.listing.id}/commitments/{talk.commitments[0].id}/reinspect")
    see(
        other,
        form.path,
        data={**form.fields(), "inspector_post": "质检科科员", "passed": "yes", "findings": "已恢复。"},
    )
    assert talk.commitments[0].verified_on is not None
    assert "照片3张" in see(other, f"/bureau/talks/{case.listing.id}").text


def test_new_notice_starts_with_the_listings_result(sign_in: SignIn, see: See) -> None:
    questions = black_listed().listing.release.round.rulebook.content.questionnaires["resident_to_company"].indicators
    figures = {name: Decimal(text) for name, text in (("score", "54.2137"), ("lower", "51.02"), ("upper", "57.9"))}
    costliest = tuple(Cost(one.key, Decimal("3.1")) for one in questions[:4])
    case = black_listed(result=make_listing_result("A1", Standing.BLACK, **figures, costliest=costliest))
    fields = see(sign_in(bureau()), f"/bureau/talks/{case.listing.id}/notify?lang=en").fields()
    assert fields["cause"].strip() == (
        f"By release no. {case.listing.release.number} your result of this round is “black list”."
        " Score 54.21, margin 51.02 to 57.90."
        f" Most points were lost on: {', '.join(one.text.en for one in questions[:3])}."
    )
    assert fields["day"] == "2026-09-10"


def test_new_notice_does_without_figures_that_a_listing_has_not(sign_in: SignIn, see: See) -> None:
    case = black_listed(result=make_listing_result("A1", Standing.BLACK))
    assert "第" in see(sign_in(bureau()), f"/bureau/talks/{case.listing.id}/notify").fields()["cause"]


def test_mistake_comes_back_beside_its_field_with_everything_kept(sign_in: SignIn, see: See) -> None:
    case = black_listed()
    client = sign_in(bureau())
    url = f"/bureau/talks/{case.listing.id}/notify?lang=en"
    typed = {**see(client, url).fields(), **NOTICE, "day": "2026-09-08"}
    page = see(client, url, status=422, data=typed)
    assert "at least 3 working days ahead" in page.errors["day"]
    fresh = {"csrf_token": typed["csrf_token"]}  # a token is signed with its second
    assert {**page.fields(), **fresh} == typed
    assert find_talk(case.listing) is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"served_on": "gestern"}, "served_on"),
        ({"hour": "halb zehn"}, "hour"),
        ({"number": ""}, "number"),
        ({"form": "telepathy"}, "form"),
        ({"cause": "理" * 4001}, "cause"),
        ({"place": "厅" * 161}, "place"),
    ],
)
def test_nonsense_is_answered_in_words(sign_in: SignIn, see: See, values: dict[str, str], field: str) -> None:
    case = black_listed()
    client = sign_in(bureau())
    url = f"/bureau/talks/{case.listing.id}/notify?lang=en"
    page = see(client, url, status=422, data={**see(client, url).fields(), **NOTICE, **values})
    assert list(page.errors) == [field]
    assert values[field] in page.html or field == "form"


def test_a_day_may_be_typed_as_in_chinese(sign_in: SignIn, see: See) -> None:
    case = black_listed()
    client = sign_in(bureau())
    url = f"/bureau/talks/{case.listing.id}/notify"
    see(client, url, data={**see(client, url).fields(), **NOTICE, "day": "2026年9月11日", "served_on": "2026/9/7"})
    talk = find_talk(case.listing)
    assert talk is not None
    assert talk.scheduled_at == datetime(2026, 9, 11, 1, 30, tzinfo=UTC)


def test_second_notice_is_a_conflict_told_in_words(sign_in: SignIn, see: See) -> None:
    case, user = black_listed(), bureau()
    notified(case, user)
    client = sign_in(user)
    url = f"/bureau/talks/{case.listing.id}/notify?lang=en"
    page = see(client, url, status=409, data={**see(client, url).fields(), **NOTICE})
    assert "already been called" in page.text


def test_putting_off_and_absence_are_recorded_by_their_forms(sign_in: SignIn, see: See, clock: Clock) -> None:
    case, user = black_listed(), bureau()
    talk = notified(case, user)
    client, base = sign_in(user), f"/bureau/talks/{case.listing.id}"
    too_late = {"day": "2026-09-21", "hour": "09:30", "reason": "住院"}
    assert "day" in see(client, f"{base}/postpone", status=422, data=too_late).errors
    see(client, f"{base}/postpone", data={**too_late, "day": "2026-09-18"})
    assert talk.state is TalkState.POSTPONED
    assert see(client, f"{base}/absence", status=409, data={"note": ""}).status == 409
    clock.set(datetime(2026, 9, 18, 3, tzinfo=UTC))
    see(sign_in(user), f"{base}/absence", data={"note": ""})
    assert talk.state is TalkState.ABSENT


def test_form_of_the_reinspection_refuses_who_took_part(sign_in: SignIn, see: See, clock: Clock) -> None:
    case, user = black_listed(), bureau()
    commitment = promised(case, user)
    clock.set(datetime(2026, 9, 21, 2, tzinfo=UTC))
    data = {"inspected_on": "2026-09-21", "inspector_post": "科员", "passed": "yes", "findings": "已恢复"}
    url = f"/bureau/talks/{case.listing.id}/commitments/{commitment.id}/reinspect"
    see(sign_in(user), url, status=403, data=data)
    assert "someone who took no part" in see(sign_in(user), f"/bureau/talks/{case.listing.id}?lang=en").text


def test_other_subdistrict_sees_and_does_nothing(sign_in: SignIn, see: See) -> None:
    case = black_listed()
    commitment = promised(case, bureau())
    client, base = sign_in(other_subdistrict()), f"/subdistrict/talks/{case.listing.id}"
    assert case.listing.company.name not in see(client, "/subdistrict/talks").text
    for page in (
        "",
        "/notify",
        "/hold",
        "/notice",
        "/record",
        "/commitments/new",
        f"/commitments/{commitment.id}/done",
    ):
        see(client, base + page, status=404)
    see(client, f"/bureau/talks/{case.listing.id}", status=403)
    see(client, f"{base}/commitments/new", status=404, data=PROMISE)


def test_auditor_reads_all_pages_and_finds_no_form(sign_in: SignIn, see: See) -> None:
    case = black_listed()
    promised(case, bureau())
    waiting = black_listed()
    client = sign_in(UserFactory(role=Role.AUDITOR))
    for listing in (case.listing, waiting.listing):
        page = see(client, f"/bureau/talks/{listing.id}")
        assert page.all("main form, main .button") == []
    assert see(client, "/bureau/talks").all("main form[method=post]") == []
    see(client, f"/bureau/talks/{waiting.listing.id}/notify", status=403)


def test_list_is_filtered_by_state_and_company(sign_in: SignIn, see: See, after_talk: Clock) -> None:
    user = bureau()
    first, second = black_listed(), black_listed()
    held(first, user)
    talk = notified(second, user, number="临住建约〔2026〕2号")
    record_absence(talk, "", acting(user), AFTER_TALK)
    client = sign_in(user)
    for query, here, gone in (
        ("state=absent", second, first),
        ("state=held", first, second),
        (f"company={first.listing.company.code}", first, second),
        ("state=nonsense", second, None),
    ):
        text = see(client, f"/bureau/talks?{query}").text
        assert here.listing.company.name in text
        assert gone is None or gone.listing.company.name not in text


def test_overdue_work_is_shown_in_the_list(sign_in: SignIn, see: See, clock: Clock) -> None:
    user = bureau()
    case = black_listed()
    promised(case, user)
    clock.set(datetime(2026, 10, 12, 2, tzinfo=UTC))
    page = see(sign_in(user), "/bureau/talks?state=overdue&lang=en")
    assert page.texts("td[data-label=Overdue] .state") == ["1"]


def test_export_holds_the_filtered_talks_without_anything_internal_or_live(sign_in: SignIn) -> None:
    case, user = black_listed(company__name="=HYPERLINK(1)物业"), bureau()
    promised(case, user)
    response = sign_in(user).get("/bureau/talks.csv?state=held&lang=en")
    assert response.content_type == "text/csv; charset=utf-8"
    text = response.get_data(as_text=True)
    head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    found = dict(zip(head, row, strict=True))
    assert found["Company"] == "'=HYPERLINK(1)物业"
    assert (found["Talk held"], found["Commitments"], found["Verified"]) == ("2026-09-11", "1", "0")
    assert "张大明" not in text


@pytest.mark.parametrize(("lang", "said"), [("zh", "不是行政处罚"), ("en", "not a penalty")])
def test_notice_is_printed_in_both_languages(sign_in: SignIn, see: See, lang: str, said: str) -> None:
    case, user = black_listed(), bureau()
    notified(case, user)
    page = see(sign_in(user), f"/bureau/talks/{case.listing.id}/notice?lang={lang}")
    for text in (said, "临住建约〔2026〕1号", case.listing.company.code, case.rated.estate.name, "三楼会议室"):
        assert text in page.text


@pytest.mark.parametrize(("lang", "said"), [("zh", "与我说的一致"), ("en", "it is what I said")])
def test_record_is_printed_for_signing_with_what_was_agreed(sign_in: SignIn, see: See, lang: str, said: str) -> None:
    case, user = black_listed(), bureau()
    promised(case, user)
    page = see(sign_in(user), f"/bureau/talks/{case.listing.id}/record?lang={lang}")
    for text in (said, a_promise().measure, "张大明", "车坏了两台"):
        assert text in page.text


@pytest.mark.parametrize("path", ["/bureau/talks/999", "/bureau/talks/999/notice", "/elsewhere/talks"])
def test_what_is_not_there_is_not_found(sign_in: SignIn, see: See, path: str) -> None:
    see(sign_in(bureau()), path, status=404)


def test_paper_of_a_talk_that_was_not_arranged_is_not_found(sign_in: SignIn, see: See) -> None:
    case = black_listed()
    see(sign_in(bureau()), f"/bureau/talks/{case.listing.id}/record", status=404)


@pytest.mark.sqlite_only(reason="declarations don't hang on the database")
@pytest.mark.parametrize(
    ("kind", "form", "made"),
    [(Notice, NoticeForm, {"scheduled_at"}), (TalkRecord, RecordForm, {"held_at", "ended_at"})],
    ids=["notice", "record"],
)
def test_a_field_of_a_notice_or_record_is_declared_once_in_each_of_value_column_and_form(
    app: Flask, kind: type[Any], form: type[StepForm], made: set[str]
) -> None:
    """Whoever adds one writes it there, in the migration, and where it is shown; nothing else names it."""
    names = {field.name for field in fields(kind)}
    columns = {"notified_on": "served_on", "notice_number": "number"}
    assert names <= {columns.get(column.key, column.key) for column in Talk.__table__.columns}
    with app.test_request_context():
        shown = form()
        grouped = [name for _legend, _hint, group in shown.groups for name in group]
    assert names - made <= set(grouped)
    assert len(grouped) == len(set(grouped)) == len(shown._fields) - ("csrf_token" in shown._fields)
