"""Where residents and on site differ widely: the sub-district checks before the scorecard is frozen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient as Client
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from rating.access import SYSTEM, Actor, Role
from rating.accounts.models import User
from rating.audit.models import Event
from rating.errors import Conflict, DomainError, Invalid, NotFound, Refused
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.gaps.models import Checker, GapCheck, GapFinding
from rating.gaps.queries import list_unchecked_gaps, list_wide_gaps
from rating.gaps.service import check_gap
from rating.registry.models import Subdistrict
from rating.releases.service import start_preview, stop_preview
from rating.results.queries import get_scorecard
from rating.rounds.models import RatedEstate, RoundState
from rating.scoring import Direction
from tests.factories import (
    AccessChangeFactory,
    AdjustmentFactory,
    DeductionFactory,
    GapCheckFactory,
    GrantFactory,
    RulebookFactory,
    UserFactory,
    default_document,
)
from tests.results.town import Kind, Town, acting, build_town, bureau, compute, draw_marks, questionnaire, take_in
from tests.support.clock import START

See = Callable[..., Any]
SignIn = Callable[[User], Client]

SPLIT = [Kind("split", [(100, 60), (100, 20)], 4.8, 0.5), Kind("alike", [(100, 60)], 4.0, 0.75)]
NOTE = "现场核实:评分当日电梯大修。"


@pytest.fixture
def town(app: Flask) -> Town:
    """A computed town with one wide gap: on the first estate of `split`."""
    town = build_town(SPLIT)
    compute(town)
    return town


@pytest.fixture
def split(town: Town) -> RatedEstate:
    return town.estates["split"][0]


def of_subdistrict(rated: RatedEstate) -> User:
    user: User = UserFactory(role=Role.SUBDISTRICT, scope=rated.community.subdistrict)
    return user


def check(rated: RatedEstate, actor: Actor, note: str = NOTE) -> GapCheck:
    return check_gap(rated, GapFinding.EXPLAINED, note, actor, START)


def test_the_preview_waits_until_the_subdistrict_has_checked_the_gap(town: Town, split: RatedEstate) -> None:
    with pytest.raises(Conflict, match="split estate 1"):
        start_preview(town.round, SYSTEM, START)
    assert town.round.state is RoundState.CLOSED
    made = check(split, acting(of_subdistrict(split)))
    assert (made.checked_as, made.finding, made.note) == (Checker.SUBDISTRICT, GapFinding.EXPLAINED, NOTE)
    start_preview(town.round, SYSTEM, START)
    assert town.round.state is RoundState.PREVIEW


@pytest.mark.parametrize(
    ("gaps", "found"),
    [
        ({}, ["split estate 1"]),
        ({"gap_points": 30}, ["split estate 1"]),
        ({"gap_points": 100}, []),
        ({"gap_evaluations": 60}, ["split estate 1"]),
        ({"gap_evaluations": 61}, []),
        ({"gap_evaluations": 20, "gap_points": 1}, ["split estate 1", "split estate 2"]),
    ],
)
def test_the_rounds_rulebook_says_when_a_gap_is_wide(app: Flask, gaps: dict[str, int], found: list[str]) -> None:
    rulebook = RulebookFactory(version=2, document={**default_document(), "version": 2, "gaps": gaps})
    town = build_town(SPLIT, rulebook=rulebook)
    compute(town)
    assert {gap.estate.name for gap in list_wide_gaps(get_scorecard(town.round))} == set(found)


def test_the_refusal_names_the_rulebooks_number(app: Flask) -> None:
    document = {**default_document(), "version": 2, "gaps": {"gap_points": 30}}
    town = build_town(SPLIT, rulebook=RulebookFactory(version=2, document=document))
    compute(town)
    with pytest.raises(Conflict, match="more than 30 points on 1 estates"):
        start_preview(town.round, SYSTEM, START)


def test_a_check_is_final_and_stands_in_the_audit_log(town: Town, split: RatedEstate) -> None:
    actor = acting(of_subdistrict(split))
    check(split, actor)
    with pytest.raises(Conflict, match="final"):
        check(split, actor)
    event = db.session.scalars(select(Event).where(Event.kind == "gap.checked")).one()
    assert (event.subject, event.reason, event.data["finding"]) == (f"rated_estate:{split.id}", NOTE, "explained")


@pytest.mark.parametrize("statement", ["UPDATE gap_check SET note = 'x'", "DELETE FROM gap_check"])
def test_the_database_itself_keeps_a_check_as_it_is(app: Flask, statement: str) -> None:
    GapCheckFactory()
    with pytest.raises(DBAPIError, match="the check of a gap is final"):
        db.session.connection().exec_driver_sql(statement)


def test_only_the_estates_own_subdistrict_checks(town: Town, split: RatedEstate) -> None:
    elsewhere = of_subdistrict(town.estates["alike"][0])
    community = UserFactory(role=Role.COMMUNITY, scope=split.community)
    for user in (elsewhere, community):
        with pytest.raises(Refused):
            check(split, acting(user))
    with pytest.raises(Refused):
        check(split, SYSTEM)


def test_the_bureau_checks_only_where_the_subdistrict_has_nobody(town: Town, split: RatedEstate) -> None:
    user = of_subdistrict(split)
    with pytest.raises(Refused, match="has people"):
        check(split, acting(bureau()))
    user.active = False
    assert check(split, acting(bureau())).checked_as is Checker.BUREAU


@pytest.mark.parametrize("grant", [{"ends_on": date(2026, 9, 6)}, {"starts_on": date(2026, 9, 8)}])
def test_a_grant_that_is_not_in_force_is_nobody(town: Town, split: RatedEstate, grant: dict[str, date]) -> None:
    GrantFactory(user=UserFactory(), role=Role.SUBDISTRICT, scope=split.community.subdistrict, **grant)
    assert check(split, acting(bureau())).checked_as is Checker.BUREAU


def test_whoever_entered_a_sheet_does_not_check_its_gap(town: Town, split: RatedEstate) -> None:
    user = of_subdistrict(split)
    sheet = db.session.scalars(
        select(Evaluation).where(
            Evaluation.rated_estate_id == split.id, Evaluation.direction == Direction.COMMITTEE_TO_COMPANY
        )
    ).first()
    assert sheet is not None
    sheet.entered_by = user.id
    with pytest.raises(Refused, match="You entered"):
        check(split, acting(user))


def test_whoever_has_their_account_from_the_one_who_gave_the_sheets_enterer_theirs_does_not_check(
    town: Town, split: RatedEstate
) -> None:
    """Whoever let both in could be both: enter a sheet with one account and wave it through with the other."""
    giver, checker, enterer = bureau(), of_subdistrict(split), UserFactory()
    for one in (checker, enterer):
        AccessChangeFactory(user=one, giver=giver)
    sheet = db.session.scalars(
        select(Evaluation).where(
            Evaluation.rated_estate_id == split.id, Evaluation.direction == Direction.COMMITTEE_TO_COMPANY
        )
    ).first()
    assert sheet is not None
    sheet.entered_by = enterer.id
    with pytest.raises(Refused, match=f"from {giver.name} that no third person"):
        check(split, acting(checker))


def test_there_is_nothing_to_check_without_a_wide_gap(town: Town) -> None:
    for rated in (town.estates["split"][1], town.estates["alike"][0]):  # too few evaluations; not wide
        with pytest.raises(NotFound):
            check(rated, acting(of_subdistrict(rated)))


@pytest.mark.parametrize("note", ["  ", "多" * 1001])
def test_a_check_needs_a_note_of_reasonable_length(split: RatedEstate, note: str) -> None:
    with pytest.raises(Invalid):
        check(split, acting(of_subdistrict(split)), note)


def test_computed_again_with_the_same_figures_a_gap_stays_checked(town: Town, split: RatedEstate) -> None:
    first = get_scorecard(town.round)
    check(split, acting(of_subdistrict(split)))
    AdjustmentFactory(company=town.companies["alike"])  # another scorecard, the same two sides
    again = compute(town)
    assert again.sequence == first.sequence + 1
    assert [gap.check is not None for gap in list_wide_gaps(again)] == [True]


def test_with_other_figures_a_gap_is_checked_anew(town: Town, split: RatedEstate) -> None:
    actor = acting(of_subdistrict(split))
    check(split, actor)
    take_in(split, draw_marks(questionnaire(split), 4.8, 5, 99), first_number=61)
    again = compute(town)
    assert [gap.estate for gap in list_unchecked_gaps(again)] == [split.estate]
    check(split, actor)
    assert list_unchecked_gaps(again) == []


def test_nothing_is_checked_once_the_preview_has_begun(town: Town, split: RatedEstate) -> None:
    actor = acting(of_subdistrict(split))
    check(split, actor)
    start_preview(town.round, SYSTEM, START)
    with pytest.raises(Conflict, match="between the close"):
        check(split, actor)
    stop_preview(town.round, "漏算一项", SYSTEM, START)
    assert list_unchecked_gaps(compute(town)) == []


def test_of_several_at_once_one_check_is_kept(app: Flask, town: Town, split: RatedEstate) -> None:
    actor, rated_id = acting(of_subdistrict(split)), split.id
    db.session.commit()
    came_out: list[str] = []

    def try_it() -> None:
        with app.app_context():
            try:
                check(db.session.get_one(RatedEstate, rated_id), actor)
                db.session.commit()
                came_out.append("checked")
            except DomainError:
                db.session.rollback()
                came_out.append("refused")

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came_out) == ["checked", "refused", "refused", "refused"]


# ---- pages


def test_a_subdistrict_sees_and_checks_its_own_gaps(town: Town, split: RatedEstate, see: See, sign_in: SignIn) -> None:
    DeductionFactory(
        evaluation=db.session.scalars(
            select(Evaluation).where(Evaluation.rated_estate_id == split.id, Evaluation.rater == "committee")
        ).one()
    )
    browser = sign_in(of_subdistrict(split))
    assert "1个还没有核查" in see(browser, "/subdistrict").text
    page = see(browser, "/subdistrict/gaps")
    assert split.estate.name in page.text and town.estates["alike"][0].estate.name not in page.text
    address = page.one("td a")["href"]
    form = see(browser, str(address))
    assert "东门夜间无人值守" in form.text
    assert "note" in see(browser, str(address), status=422, data={"finding": "explained", "note": " "}).errors
    assert "finding" in see(browser, str(address), status=422, data={"note": NOTE}).errors
    done = see(browser, str(address), data={"finding": "sheet_wrong", "note": NOTE})
    assert done.path == "/subdistrict/gaps"
    assert NOTE in done.text and "由街道核查" in done.text and done.all("td a") == []


def test_another_subdistrict_sees_nothing_of_it(town: Town, split: RatedEstate, see: See, sign_in: SignIn) -> None:
    browser = sign_in(of_subdistrict(town.estates["alike"][0]))
    assert split.estate.name not in see(browser, "/subdistrict/gaps").text
    see(browser, f"/subdistrict/gaps/{split.id}", status=403)


def test_the_bureau_sees_on_the_scorecard_what_was_found(
    town: Town, split: RatedEstate, see: See, sign_in: SignIn
) -> None:
    address = f"/bureau/rounds/{town.round.number}/scorecard"
    user, browser = of_subdistrict(split), sign_in(bureau())
    page = see(browser, address)
    assert "还没有核查" in page.text and page.all("details.confirm") == [] and page.all("td.said a") == []
    refused = see(browser, f"/bureau/rounds/{town.round.number}/preview", status=409, data={})
    assert split.estate.name in refused.text
    check(split, acting(user))
    page = see(browser, address)
    assert NOTE in page.text and user.name in page.text
    assert len(page.all("details.confirm")) == 1


def test_the_bureau_checks_from_the_scorecard_where_the_subdistrict_has_nobody(
    town: Town, split: RatedEstate, see: See, sign_in: SignIn
) -> None:
    browser = sign_in(bureau())
    link = see(browser, f"/bureau/rounds/{town.round.number}/scorecard").one("td.said a")["href"]
    done = see(browser, str(link), data={"finding": "not_clear", "note": NOTE})
    assert done.path.endswith("/scorecard")
    assert "街道没有专人,由住建局核查" in done.text.replace("，", ",")


def test_the_next_thing_to_do_is_to_have_the_gaps_checked(
    town: Town, split: RatedEstate, see: See, sign_in: SignIn
) -> None:
    browser = sign_in(bureau())
    assert "核查相差较大的小区" in see(browser, "/bureau").text
    check(split, acting(of_subdistrict(split)))
    assert "核查相差较大的小区" not in see(browser, "/bureau").text


def test_the_command_refuses_the_preview_in_the_same_words(
    town: Town, split: RatedEstate, run_command: Callable[..., Any]
) -> None:
    assert "split estate 1" in run_command("round", "preview", town.round.number, fails=True).output
    assert isinstance(split.community.subdistrict, Subdistrict)
    check(split, acting(of_subdistrict(split)))
    assert "is in preview" in run_command("round", "preview", town.round.number).output
