"""Drafting and opening a round, freezing its roster, issuing codes."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rating.access import SYSTEM, Actor
from rating.errors import Conflict, Invalid, Refused
from rating.evaluations.models import Participation
from rating.extensions import db
from rating.reviews.service import close_round
from rating.rounds.codes import code_hash
from rating.rounds.models import HouseholdCode, RatedEstate, Round, RoundState
from rating.rounds.queries import list_rated_estates
from rating.rounds.service import RoundPlan, draft_round, issue_codes, move_round, open_round, plan_roster
from tests.factories import (
    CommitteeFactory,
    ContractFactory,
    EstateFactory,
    ParticipationFactory,
    RatedEstateFactory,
    RoundFactory,
    RulebookFactory,
)
from tests.support.clock import START

PLAN = RoundPlan(
    title_zh="2026年上半年",
    title_en="first half of 2026",
    opens_on=date(2026, 9, 7),
    closes_on=date(2026, 9, 27),
    rated_from=date(2026, 3, 1),
    rated_to=date(2026, 8, 31),
)


@pytest.fixture
def draft(app: Flask) -> Round:
    return draft_round(PLAN, RulebookFactory(), SYSTEM, START)


def test_opening_freezes_company_manager_committee_and_households(draft: Round) -> None:
    contract = ContractFactory(manager="李经理")
    committee = CommitteeFactory(estate=contract.estate)
    open_round(draft, SYSTEM, START)
    contract.manager, contract.estate.households_lived_in = "王经理", 10
    db.session.flush()
    (rated,) = list_rated_estates(draft)
    assert (rated.company_id, rated.manager, rated.committee_id) == (contract.company_id, "李经理", committee.id)
    assert rated.households == 240


def test_an_estate_belongs_to_the_company_that_served_it_most_days(draft: Round) -> None:
    estate = EstateFactory()
    ContractFactory(estate=estate, starts_on=date(2024, 1, 1), ends_on=date(2026, 6, 30))
    later = ContractFactory(estate=estate, starts_on=date(2026, 7, 1))
    longer = plan_roster(draft).rated[0].company_id
    assert longer != later.company_id
    db.session.rollback()


def test_an_estate_served_under_60_days_is_left_out_with_the_reason(draft: Round) -> None:
    ContractFactory(starts_on=date(2026, 7, 15))
    roster = plan_roster(draft)
    assert (roster.rated, len(roster.left_out)) == ([], 1)
    assert str(roster.left_out[0][1]) == "no company served it for 60 days; the longest: 48"


def test_an_estate_that_is_not_rated_is_left_out_with_its_reason(draft: Round) -> None:
    ContractFactory(estate=EstateFactory(not_rated_reason="正在拆迁"))
    assert "正在拆迁" in str(plan_roster(draft).left_out[0][1])


def test_an_empty_register_cannot_be_opened(draft: Round) -> None:
    with pytest.raises(Conflict):
        open_round(draft, SYSTEM, START)


def test_only_one_round_is_open_at_a_time(draft: Round) -> None:
    ContractFactory()
    RoundFactory(open=True, number=draft.number + 1)
    with pytest.raises(Conflict):
        open_round(draft, SYSTEM, START)


def test_the_database_itself_holds_one_open_round(app: Flask) -> None:
    RoundFactory(open=True)
    with pytest.raises(IntegrityError):
        RoundFactory(open=True)
    db.session.rollback()


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.PREVIEW, RoundState.PUBLISHED])
def test_a_draft_skips_no_step(draft: Round, state: RoundState) -> None:
    with pytest.raises(Conflict):
        move_round(draft, state, SYSTEM, START)


def test_days_out_of_order_are_told_at_their_field(app: Flask) -> None:
    wrong = RoundPlan(**{**{f: getattr(PLAN, f) for f in PLAN.__slots__}, "closes_on": date(2026, 9, 1)})
    with pytest.raises(Invalid) as caught:
        draft_round(wrong, RulebookFactory(), SYSTEM, START)
    assert caught.value.field == "closes_on"


def test_only_the_bureau_opens_a_round(draft: Round) -> None:
    with pytest.raises(Refused):
        open_round(draft, Actor(1, "somebody"), START)


def test_codes_are_stored_as_keyed_hashes_only(app: Flask) -> None:
    rated = RatedEstateFactory(households=12)
    codes = issue_codes(rated, b"key", SYSTEM, START)
    stored = db.session.execute(select(HouseholdCode.code_hash)).scalars().all()
    assert sorted(stored) == sorted(code_hash(b"key", code) for code in codes)
    assert not any(code.encode() in bytes(one) for code in codes for one in stored)


def test_printing_again_makes_new_codes_and_voids_the_old(app: Flask) -> None:
    rated = RatedEstateFactory(households=3)
    old = issue_codes(rated, b"key", SYSTEM, START)
    issue_codes(rated, b"key", SYSTEM, START)
    kept = set(db.session.scalars(select(HouseholdCode.code_hash)))
    assert len(kept) == 3 and kept.isdisjoint(code_hash(b"key", code) for code in old)


def test_closing_before_the_last_day_needs_a_reason(app: Flask) -> None:
    round_ = RatedEstateFactory().round
    with pytest.raises(Conflict):
        close_round(round_, SYSTEM, START, today_is_past=False)
    close_round(round_, SYSTEM, START, early_reason="系统升级", today_is_past=False)
    assert round_.state is RoundState.CLOSED


def test_closing_deletes_who_has_answered_and_every_code(app: Flask) -> None:
    rated: RatedEstate = RatedEstateFactory(households=3)
    issue_codes(rated, b"key", SYSTEM, START)
    ParticipationFactory(rated_estate=rated, household_number=1)
    close_round(rated.round, SYSTEM, START, today_is_past=True)
    left = [db.session.execute(select(model)).all() for model in (Participation, HouseholdCode)]
    assert left == [[], []]


def test_preview_is_over_from_the_day_after_its_last_one(draft: Round) -> None:
    draft.preview_ends_on = date(2026, 10, 16)
    assert [draft.is_preview_over(date(2026, 10, day)) for day in (15, 16, 17)] == [False, False, True]


def test_round_without_a_preview_has_none_that_is_over(draft: Round) -> None:
    assert not draft.is_preview_over(date(2099, 1, 1))
