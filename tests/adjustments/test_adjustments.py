"""Commendations, findings and vetoes: evidence, two people, validity; what counts and what doesn't."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient as Client
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState, Severity
from rating.adjustments.queries import list_valid_adjustments
from rating.adjustments.service import (
    Proposal,
    confirm_adjustment,
    propose_adjustment,
    refuse_adjustment,
    withdraw_adjustment,
)
from rating.audit.files import keep_file, read_file
from rating.audit.models import Event, StoredFile
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.registry.models import Company
from tests.factories import CompanyFactory, UserFactory
from tests.support.clock import START

PDF = b"%PDF-1.4 a court's decision"
ROUND_ENDS = date(2026, 9, 30)


@pytest.fixture
def company(app: Flask) -> Company:
    return CompanyFactory()


def person(name: str) -> Actor:
    return UserFactory(username=name, role=Role.BUREAU).actor(START.date())


def proposal(company: Company, **changed: Any) -> Proposal:
    given: dict[str, Any] = {
        "company": company,
        "kind": AdjustmentKind.FINDING,
        "severity": Severity.SERIOUS,
        "points": Decimal(3),
        "source": "市应急管理局",
        "case_number": "应急罚〔2026〕12号",
        "reason": "消防通道堵塞，逾期未改",
        "valid_from": date(2026, 7, 1),
        "valid_to": date(2026, 12, 31),
        "files": [("决定书.pdf", PDF)],
    }
    return Proposal(**{**given, **changed})


def counted(day: date = ROUND_ENDS) -> list[Adjustment]:
    return list_valid_adjustments(day)


def test_a_record_counts_only_once_a_second_person_has_confirmed_it(company: Company) -> None:
    first, second = person("first"), person("second")
    row = propose_adjustment(proposal(company), first, START)
    assert counted() == []
    with pytest.raises(Refused):
        confirm_adjustment(row, first, START)
    confirm_adjustment(row, second, START)
    assert counted() == [row]
    assert row.points == Decimal(-3)


def test_the_database_itself_refuses_one_person_for_both_steps(company: Company) -> None:
    first = person("first")
    row = propose_adjustment(proposal(company), first, START)
    row.state, row.decided_by = AdjustmentState.CONFIRMED, first.user_id
    with pytest.raises(IntegrityError, match="two_people"):
        db.session.flush()
    db.session.rollback()


def test_the_database_itself_refuses_a_confirmed_record_that_nobody_confirmed(company: Company) -> None:
    row = propose_adjustment(proposal(company), person("first"), START)
    row.state = AdjustmentState.CONFIRMED
    with pytest.raises(IntegrityError, match="decided_by_somebody"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    ("day", "counts"), [((2026, 6, 30), False), ((2026, 7, 1), True), ((2026, 12, 31), True), ((2027, 1, 1), False)]
)
def test_what_is_outside_its_validity_does_not_count(company: Company, day: tuple[int, int, int], counts: bool) -> None:
    row = propose_adjustment(proposal(company), person("first"), START)
    confirm_adjustment(row, person("second"), START)
    assert bool(counted(date(*day))) is counts


def test_a_refused_and_a_withdrawn_record_do_not_count_and_say_why(company: Company) -> None:
    first, second = person("first"), person("second")
    refused = propose_adjustment(proposal(company), first, START)
    withdrawn = propose_adjustment(proposal(company, case_number="2"), first, START)
    with pytest.raises(Invalid):
        refuse_adjustment(refused, " ", second, START)
    refuse_adjustment(refused, "文书未生效", second, START)
    confirm_adjustment(withdrawn, second, START)
    withdraw_adjustment(withdrawn, "行政复议撤销", first, START)
    assert counted() == []
    with pytest.raises(Conflict):
        confirm_adjustment(refused, second, START)
    kinds = db.session.scalars(select(Event.kind).where(Event.kind.like("adjustment.%")).order_by(Event.number)).all()
    assert kinds == [f"adjustment.{step}" for step in ("proposed", "proposed", "refused", "confirmed", "withdrawn")]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"points": Decimal(0)}, "points"),
        ({"points": Decimal(11)}, "points"),
        ({"kind": AdjustmentKind.VETO, "points": Decimal(1)}, "points"),
        ({"kind": AdjustmentKind.OVERDUE_COMMITMENT}, "kind"),
        ({"valid_to": date(2026, 6, 30)}, "valid_to"),
        ({"valid_to": date(2036, 6, 30)}, "valid_to"),
        ({"files": []}, "files"),
        ({"files": [("x.exe", b"MZ")]}, "files"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(company: Company, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        propose_adjustment(proposal(company, **changed), person("first"), START)
    assert told.value.field == field


def test_one_case_is_entered_once(company: Company) -> None:
    first = person("first")
    propose_adjustment(proposal(company), first, START)
    with pytest.raises(Conflict):
        propose_adjustment(proposal(company), first, START)


def test_a_picture_is_kept_without_what_the_camera_wrote_and_upright(app: Flask) -> None:
    taken = Image.new("RGB", (40, 20), "red")
    about = Image.Exif()
    about[0x0112], about[0x010F] = 6, "only this phone"  # turned by a quarter; the maker
    file = io.BytesIO()
    taken.save(file, "JPEG", exif=about)
    assert b"only this phone" in file.getvalue()
    kept = keep_file(file.getvalue(), START.date())
    assert b"only this phone" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as seen:
        assert seen.size == (20, 40)
        assert not seen.getexif()


def test_the_same_file_is_kept_once(app: Flask) -> None:
    assert keep_file(PDF, START.date()).digest == keep_file(PDF, START.date()).digest
    assert db.session.scalars(select(StoredFile)).all() == [keep_file(PDF, START.date())]


def garbled(kind: str) -> bytes:
    """A picture with a camera's note that can't be put into words again."""
    about = Image.Exif()
    about[0x0112], about[0x010F] = 6, "only this phone"
    file = io.BytesIO()
    notes = bytearray(about.tobytes())
    notes[17] = 0  # of the first note's name
    Image.new("RGB", (40, 20)).save(file, kind, exif=bytes(notes))
    return file.getvalue()


def points_of(kind: str, width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, kind)
    return file.getvalue()


@pytest.mark.sqlite_only(reason="nothing of it reaches the database")
@pytest.mark.parametrize(
    "content", [b"MZ", garbled("JPEG"), garbled("PNG"), points_of("PNG", 6000, 6000), points_of("JPEG", 9000, 9000)]
)
def test_what_cannot_be_read_as_a_picture_is_refused_in_words(app: Flask, content: bytes) -> None:
    with pytest.raises(Invalid):
        keep_file(content, START.date())


def test_two_people_may_hand_in_the_same_file_at_the_same_moment(app: Flask) -> None:
    db.session.commit()
    both = Barrier(2)

    def hand_in() -> str:
        with app.app_context():
            read = read_file(PDF)
            both.wait()
            digest = keep_file(read, START.date()).digest
            db.session.commit()
            return digest

    with ThreadPoolExecutor(2) as people:
        digests = {done.result() for done in [people.submit(hand_in) for _ in range(2)]}
    assert db.session.scalars(select(StoredFile.digest)).all() == list(digests)


def typed(company: Company, **changed: Any) -> dict[str, Any]:
    return {
        "company_code": company.code,
        "kind": "finding",
        "severity": "serious",
        "points": "3",
        "source": "市应急管理局",
        "case_number": "12",
        "reason": "消防通道堵塞",
        "valid_from": "2026-07-01",
        "valid_to": "2026-12-31",
        "files": (io.BytesIO(PDF), "决定书.pdf"),
        **changed,
    }


def test_two_people_enter_and_confirm_a_record_on_the_pages(company: Company, sign_in: Any, see: Any) -> None:
    first, second = (sign_in(UserFactory(username=name, role=Role.BUREAU)) for name in ("first", "second"))
    page = see(first, "/bureau/adjustments/new", data=typed(company))
    assert "确认" in page.text
    assert not page.all('form[action$="/confirm"]')
    see(second, f"{page.path}/confirm", data={})
    assert len(counted()) == 1
    assert company.name in see(first, "/bureau/adjustments?state=confirmed").text
    assert "没有" in see(first, "/bureau/adjustments?state=refused").text
    link = next(url for url in see(second, page.path).links().values() if "/files/" in url)
    assert second.get(link).data == PDF


def test_a_mistake_is_told_beside_its_field_and_what_was_typed_is_kept(
    company: Company, sign_in: Any, see: Any
) -> None:
    bureau = sign_in(UserFactory(role=Role.BUREAU))
    page = see(
        bureau, "/bureau/adjustments/new", status=422, data=typed(company, points="three", company_code="NOBODY")
    )
    assert "points" in page.errors
    page = see(bureau, "/bureau/adjustments/new", status=422, data=typed(company, points="1e999999"))
    assert "points" in page.errors
    assert page.fields()["reason"].strip() == "消防通道堵塞"
    page = see(bureau, "/bureau/adjustments/new", status=422, data=typed(company, company_code="NOBODY"))
    assert set(page.errors) == {"company_code"}


def test_the_list_is_a_file_too_that_no_spreadsheet_takes_for_formulas(company: Company, sign_in: Client) -> None:
    propose_adjustment(proposal(company, reason="=1+1"), person("first"), START)
    text = sign_in(UserFactory(role=Role.AUDITOR)).get("/bureau/adjustments.csv").text
    assert "'=1+1" in text
    assert "-3.00" in text
