"""Computing and freezing a scorecard."""

from __future__ import annotations

import hashlib
import json
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from rating.access import ANONYMOUS, SYSTEM
from rating.adjustments.models import AdjustmentKind
from rating.audit.models import Event
from rating.errors import Conflict, Refused
from rating.evaluations.models import TurnoutDay
from rating.extensions import db
from rating.gaps.queries import list_wide_gaps
from rating.registry.models import Estate
from rating.results.models import StoredScorecard
from rating.results.queries import (
    find_company_card,
    find_estate_card,
    find_scorecard,
    list_company_results,
    read_scorecard,
)
from rating.results.service import compute_scorecard
from rating.scoring import Scorecard, Standing
from tests.factories import AdjustmentFactory, RatedEstateFactory, RoundFactory
from tests.results.town import KINDS, Kind, build_town, compute, draw_marks, questionnaire, take_in
from tests.support.clock import START
from tests.support.plain import as_written


def test_the_order_of_arrival_changes_no_byte(app: Flask) -> None:
    town = build_town()
    again = build_town(backwards=True, like=town)
    assert compute(again).content == compute(town).content
    assert compute(again).tallies == compute(town).tallies


def test_computing_again_with_nothing_changed_adds_nothing(app: Flask) -> None:
    town = build_town(KINDS[:2])
    first = compute(town)
    assert compute(town) is first
    assert db.session.scalars(select(StoredScorecard)).all() == [first]
    assert len(db.session.scalars(select(Event).where(Event.kind == "scorecard.computed")).all()) == 1


def test_a_change_gives_the_next_sequence_which_is_in_force(app: Flask) -> None:
    town = build_town(KINDS[:2])
    first = compute(town)
    rated = town.estates["fair"][0]
    take_in(rated, draw_marks(questionnaire(rated), 3, 10, 7), first_number=61)
    second = compute(town)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.digest != second.digest
    assert find_scorecard(town.round) is second


def test_the_digest_is_of_the_canonical_content(app: Flask) -> None:
    stored = compute(build_town(KINDS[:2]))
    assert stored.digest == hashlib.sha256(stored.content.encode()).hexdigest()
    assert as_written(Scorecard.from_json(stored.content.encode())) == stored.content.encode()


def test_pages_read_the_frozen_scorecard_as_cards_that_nothing_can_change(app: Flask) -> None:
    stored = compute(build_town(KINDS[:2]))
    card = read_scorecard(stored)
    assert as_written(card) == stored.content.encode()
    assert {type(company.score) for company in card.companies} == {Decimal}
    with pytest.raises(FrozenInstanceError):
        card.companies[0].standing = Standing.RED


def test_a_scorecard_is_read_once(app: Flask) -> None:
    stored = compute(build_town(KINDS[:2]))
    company = read_scorecard(stored).companies[0]
    assert find_company_card(stored, company.company) is company
    assert find_estate_card(stored, company.estates[0].estate) is company.estates[0]


def test_a_frozen_scorecard_can_not_be_changed(app: Flask) -> None:
    compute(build_town(KINDS[:1]))
    with pytest.raises(DBAPIError, match="frozen"):
        db.session.execute(text("UPDATE scorecard SET content = '{}'"))


@pytest.mark.parametrize("state", ["open", "preview", "published"])
def test_only_a_closed_round_is_computed(app: Flask, state: str) -> None:
    town = build_town(KINDS[:1], **{"closed": False, state: True})
    with pytest.raises(Conflict):
        compute(town)


def test_only_the_bureau_computes(app: Flask) -> None:
    town = build_town(KINDS[:1])
    with pytest.raises(Refused):
        compute_scorecard(town.round, ANONYMOUS, START)


def test_tallies_that_do_not_reconcile_with_the_intake_stop_it(app: Flask) -> None:
    town = build_town(KINDS[:1])
    db.session.execute(TurnoutDay.__table__.update().values(count=TurnoutDay.__table__.c.count + 1))
    with pytest.raises(Conflict, match="received"):
        compute(town)


def test_more_evaluations_than_households_names_every_such_estate(app: Flask) -> None:
    town = build_town(KINDS[:2])
    too_full = [town.estates["good"][0], town.estates["fair"][1]]
    for rated in too_full:
        rated.households = 20
    with pytest.raises(Conflict) as caught:
        compute(town)
    assert all(rated.estate.code in str(caught.value) for rated in too_full)


def test_the_town_has_its_standings(app: Flask) -> None:
    town = build_town()
    stored = compute(town)
    standings = {name: find_company_card(stored, company.code).standing for name, company in town.companies.items()}
    assert standings == {
        "good": "red",
        "fair": "ordinary",
        "plain": "ordinary",
        "low": "watch",
        "bad": "black",
        "few": "insufficient",
        "unseen": "insufficient",
    }
    assert [result.card.standing for result in list_company_results(stored)] == [
        "red", "black", "watch", "ordinary", "ordinary", "insufficient", "insufficient",
    ]  # fmt: skip
    assert [r.company for r in list_company_results(stored, Standing.BLACK)] == [town.companies["bad"]]


def test_estates_with_fewer_than_ten_evaluations_show_nothing(app: Flask) -> None:
    town = build_town()
    stored = compute(town)
    small = [rated.estate.code for rated in town.estates["plain"][1:] + town.estates["few"]]
    assert all(find_estate_card(stored, code) is None for code in small)
    leaving = stored.content + stored.tallies + stored.records
    assert not any(f'"{code}"' in leaving for code in small)
    alone = find_company_card(stored, town.companies["few"].code)
    assert alone.count == 6
    assert alone.score is None and alone.directions == {} and alone.households is None


def test_records_count_that_hold_on_the_rounds_last_day(app: Flask) -> None:
    town = build_town(KINDS[:3])
    AdjustmentFactory(company=town.companies["fair"], valid_from=date(2026, 8, 23), valid_to=date(2026, 8, 23))
    AdjustmentFactory(company=town.companies["fair"], valid_to=date(2026, 8, 22))
    AdjustmentFactory(company=town.companies["fair"], valid_from=date(2026, 8, 24))
    stored = compute(town)
    assert find_company_card(stored, town.companies["fair"].code).adjustment == Decimal(2)
    assert len(json.loads(stored.records)["adjustments"]) == 1


def test_a_veto_puts_the_best_on_the_black_list_and_says_why(app: Flask) -> None:
    town = build_town(KINDS[:3])
    AdjustmentFactory(company=town.companies["good"], kind=AdjustmentKind.VETO, reason="消防重大事故")
    card = find_company_card(compute(town), town.companies["good"].code)
    assert card.standing == "black"
    assert [(reason.code, reason.text) for reason in card.reasons] == [("veto", "消防重大事故")]


def test_overdue_work_keeps_a_company_off_the_red_list(app: Flask) -> None:
    town = build_town(KINDS[:3])
    AdjustmentFactory(company=town.companies["good"], kind=AdjustmentKind.OVERDUE_COMMITMENT)
    card = find_company_card(compute(town), town.companies["good"].code)
    assert card.standing == "ordinary"
    assert "overdue_commitment" in [reason.code for reason in card.held_back]


@pytest.mark.parametrize(("at", "red"), [("its estate", False), ("no estate", True), ("another's", True)])
def test_overdue_work_at_an_estate_keeps_that_estate_off_the_red_list(app: Flask, at: str, red: bool) -> None:
    """Work without an estate, or of a company that serves the estate no more, says nothing of this one."""
    town = build_town(KINDS[:3])
    company = town.companies["good"]
    card = find_company_card(compute(town), company.code)
    best = next(one for one in card.estates if one.standing == "red")
    estate = db.session.scalars(select(Estate).where(Estate.code == best.estate)).one()
    AdjustmentFactory(
        company=town.companies["fair"] if at == "another's" else company,
        kind=AdjustmentKind.OVERDUE_COMMITMENT,
        estate=None if at == "no estate" else estate,
    )
    again = find_company_card(compute(town), company.code)
    assert (next(one for one in again.estates if one.estate == best.estate).standing == "red") is red


def test_estates_on_which_the_directions_differ_widely_are_listed(app: Flask) -> None:
    town = build_town([Kind("split", [(100, 60), (100, 20)], 4.8, 0.5), Kind("alike", [(100, 60)], 4.0, 0.75)])
    gaps = list_wide_gaps(compute(town))
    assert [gap.estate for gap in gaps] == [town.estates["split"][0].estate]


def test_a_round_without_evaluations_can_be_computed(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    card = find_company_card(compute_scorecard(rated.round, SYSTEM, START), rated.company.code)
    assert (card.standing, card.count) == ("insufficient", 0)
