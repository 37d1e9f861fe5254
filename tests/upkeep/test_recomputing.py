"""The doctor recomputes what was frozen, and names what somebody changed by hand."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from rating.access import SYSTEM
from rating.audit.models import Event
from rating.audit.service import record
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.models import ListedReceipt, Listing, ReceiptList, Release
from rating.releases.service import draft_release, publish_release, start_preview, stop_preview
from rating.results.models import StoredScorecard
from rating.results.service import compute_scorecard
from rating.reviews.models import SealedValue
from rating.rounds.models import RatedEstate
from rating.scoring import Direction, Standing
from tests.factories import FlagFactory, ReviewFactory
from tests.results.town import Town, acting, build_town, bureau, compute
from tests.reviews.flags import preview_while_one_waits
from tests.support.clock import START
from tests.support.images import built_once

Run = Callable[..., Result]
AFTER = datetime(2026, 9, 20, 16, tzinfo=UTC)
RESIDENTS = Evaluation.direction == Direction.RESIDENT_TO_COMPANY


@built_once
def build_published_town() -> Town:
    """A published round, sealed as the service seals it."""
    town = build_town()
    sealed = db.session.scalar(sa.select(sa.func.count()).select_from(SealedValue))
    record(SYSTEM, "evaluations.sealed", f"round:{town.round.number}", START, count=sealed)
    compute(town)
    start_preview(town.round, SYSTEM, START)
    draft = draft_release(town.round, "", acting(bureau()), START)
    publish_release(draft, draft.digest, acting(bureau()), AFTER)
    return town


@pytest.fixture
def town(app: Flask) -> Town:
    """A published round."""
    town = build_published_town()
    db.session.commit()
    return town


def by_hand(*statements: sa.Executable | str) -> None:
    """As somebody does it who owns the database: past the triggers."""
    if db.engine.dialect.name == "sqlite":
        names = db.session.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        for name in names:
            db.session.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    for statement in statements:
        db.session.execute(sa.text(statement) if isinstance(statement, str) else statement)
    db.session.commit()


def said(run_command: Run, subject: str) -> str:
    """The doctor's lines of a subject."""
    lines = run_command("doctor", fails=True).output.splitlines()  # the tests' own databases don't wait for the disk
    return "\n".join(line for line in lines if line.split(None, 1)[1].startswith(f"{subject}: "))


SUBJECTS = ("event log", "check values", "scorecards", "listings", "receipt lists")


def test_a_published_round_that_nobody_touched_is_well(town: Town, run_command: Run) -> None:
    """The control for all that follows."""
    for subject in SUBJECTS:
        assert said(run_command, subject).startswith("ok "), subject


def test_events_that_were_deleted_are_missed(town: Town, run_command: Run) -> None:
    by_hand(sa.delete(Event.__table__).where(Event.number.between(2, 3)))
    assert "wrong    event log: events 2 to 3 are missing" in said(run_command, "event log")


def test_a_log_whose_end_was_cut_off_is_noticed_by_the_release_that_carries_it(town: Town, run_command: Run) -> None:
    head = db.session.scalars(sa.select(Release.log_number)).one()
    by_hand(sa.delete(Event.__table__).where(Event.number >= head))
    assert f"release 1 carries event {head} as the log's head, which is not in it" in said(run_command, "event log")


def first_evaluation() -> tuple[str, str]:
    """The key of an evaluation, and its estate's code."""
    row = db.session.execute(
        sa.select(Evaluation.id, Estate.code)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .where(RESIDENTS)
        .order_by(Evaluation.id)
    ).first()
    assert row is not None
    return row[0], row[1]


def test_marks_that_were_changed_with_their_score_are_not_what_was_sealed(town: Town, run_command: Run) -> None:
    key, code = first_evaluation()
    by_hand(sa.update(Evaluation).where(Evaluation.id == key).values(marks="1" * 10, score=0))
    assert f"estate {code}: evaluation {key} is not what was sealed at the close" in said(run_command, "check values")


def test_a_score_that_does_not_fit_its_marks_is_named_on_site_too(town: Town, run_command: Run) -> None:
    on_site = db.session.scalars(sa.select(Evaluation.id).where(~RESIDENTS).order_by(Evaluation.id)).first()
    by_hand(sa.update(Evaluation).where(Evaluation.id == on_site).values(score=1))
    assert f"evaluation {on_site} has marks and a score that don't fit each other" in said(run_command, "check values")


def test_an_evaluation_that_was_deleted_with_its_seal_is_missed(town: Town, run_command: Run) -> None:
    key, _code = first_evaluation()
    by_hand(
        sa.delete(SealedValue).where(SealedValue.evaluation_id == key),
        sa.delete(Evaluation).where(Evaluation.id == key),
    )
    assert "evaluations were sealed at the close" in said(run_command, "check values")
    assert "has no evaluation" in said(run_command, "receipt lists")


def test_an_evaluation_that_was_put_in_after_the_close_has_no_check_value(town: Town, run_command: Run) -> None:
    key, code = first_evaluation()
    by_hand(sa.delete(SealedValue).where(SealedValue.evaluation_id == key))
    assert f"estate {code}: evaluation {key} has no check value" in said(run_command, "check values")


def test_tallies_that_were_changed_no_longer_give_the_scorecard(town: Town, run_command: Run) -> None:
    records = db.session.scalars(sa.select(StoredScorecard.records)).one()
    code = town.companies["good"].code if "good" in town.companies else next(iter(town.companies.values())).code
    veto = records.replace('"vetoes":[]', f'"vetoes":[{{"company":"{code}","reason":"x"}}]')
    assert veto != records
    by_hand(sa.update(StoredScorecard).values(records=veto))
    found = said(run_command, "scorecards")
    assert "round 1's scorecard 1 doesn't follow from its tallies and records" in found.replace(
        f"round {town.round.number}'s", "round 1's"
    )
    assert f"company {code} (" in found


def test_tallies_that_the_evaluations_do_not_add_up_to_are_named(town: Town, run_command: Run) -> None:
    tallies = json.loads(db.session.scalars(sa.select(StoredScorecard.tallies)).one())
    company = next(one for one in tallies["companies"] if any(estate["residents"] for estate in one["estates"]))
    next(estate for estate in company["estates"] if estate["residents"])["residents"]["mean"] = "99.9"
    by_hand(sa.update(StoredScorecard).values(tallies=json.dumps(tallies)))
    code = company["company"]
    assert f"tallies of company {code} that its evaluations don't add up to" in said(run_command, "scorecards")


def test_an_on_site_sheet_that_was_changed_with_its_score_no_longer_gives_the_tallies(
    town: Town, run_command: Run
) -> None:
    rated = town.estates["plain"][1]  # a small one: its sheet stands in a sum
    sheet = sa.select(Evaluation.id, Evaluation.marks).where(
        Evaluation.rated_estate_id == rated.id, Evaluation.direction == Direction.COMMITTEE_TO_COMPANY
    )
    row = db.session.execute(sheet.order_by(Evaluation.id)).first()
    assert row is not None
    by_hand(sa.update(Evaluation).where(Evaluation.id == row.id).values(marks="0" * len(row.marks), score=0))
    assert "ok " in said(run_command, "check values")
    code = rated.company.code
    assert f"tallies of company {code} that its evaluations don't add up to" in said(run_command, "scorecards")


def test_tallies_that_stay_as_they_were_shown_are_well(app: Flask, run_command: Run) -> None:
    """What a held company doesn't count is what it didn't when it was shown."""
    town = build_town()
    estate = town.estates["good"][0]
    of_estate = sa.select(Evaluation).where(Evaluation.rated_estate_id == estate.id, RESIDENTS)
    flag = FlagFactory(evaluation=db.session.scalars(of_estate.order_by(Evaluation.id)).first())
    compute(town)
    preview_while_one_waits(town.round)
    stop_preview(town.round, "一份评价要再看", acting(bureau()), START)
    ReviewFactory(flag=flag)
    stored = compute_scorecard(town.round, SYSTEM, START + timedelta(hours=1))
    assert '"as_shown":true' in stored.tallies
    db.session.commit()
    assert said(run_command, "scorecards").startswith("ok ")


def test_a_scorecard_that_was_changed_with_its_digest_is_not_the_one_in_the_log(town: Town, run_command: Run) -> None:
    by_hand(sa.update(StoredScorecard).values(digest=secrets.token_hex(32)))  # what is read is kept by its digest
    assert "is not the one that the event log tells of" in said(run_command, "scorecards")


def test_a_scorecard_that_can_not_be_read_is_named(town: Town, run_command: Run) -> None:
    by_hand(sa.update(StoredScorecard).values(tallies="{}"))
    assert "can't be recomputed by this version: round" in said(run_command, "scorecards")


def test_a_listing_that_was_turned_from_black_to_red_is_named(town: Town, run_command: Run) -> None:
    listing = db.session.scalars(sa.select(Listing).where(Listing.standing == Standing.BLACK)).first()
    assert listing is not None
    code = listing.company.code
    by_hand(sa.update(Listing).where(Listing.id == listing.id).values(standing=Standing.RED))
    assert f"wrong    listings: release 1, listing of {code} says red, its scorecard black" in said(
        run_command, "listings"
    )


def test_a_listing_that_was_deleted_or_has_other_figures_is_named(town: Town, run_command: Run) -> None:
    first, second = db.session.execute(
        sa.select(Listing.id, Company.code).join(Listing.company).order_by(Listing.id).limit(2)
    ).all()
    by_hand(sa.delete(Listing).where(Listing.id == first[0]), sa.update(Listing).where(Listing.id == second[0]).values(
        result={}, place=None))  # fmt: skip
    found = said(run_command, "listings")
    assert f"listing of {first[1]} is missing" in found
    assert f"listing of {second[1]} has other figures than its scorecard" in found


def test_a_releases_totals_that_were_changed_are_named(town: Town, run_command: Run) -> None:
    by_hand(sa.update(Release).values(received=Release.received + 1, counted=Release.counted + 1))
    found = said(run_command, "listings")
    assert "release 1 says" in found and "received, its scorecard" in found


def test_a_line_of_a_receipt_list_that_was_changed_or_deleted_is_named(town: Town, run_command: Run) -> None:
    line = db.session.execute(
        sa.select(ListedReceipt.receipt_hash, ReceiptList.number)
        .join(ReceiptList, ReceiptList.id == ListedReceipt.receipt_list_id)
        .order_by(ReceiptList.number, ListedReceipt.receipt_hash)
    ).first()
    assert line is not None
    of_line = ListedReceipt.receipt_hash == line[0]
    by_hand(sa.update(ListedReceipt).where(of_line).values(check_value=b"v" * 32))
    name = f"release 1, receipt list {line[1]}"
    assert f"{name}: line {bytes(line[0]).hex()[:16]}… has no evaluation" in said(run_command, "receipt lists")
    by_hand(sa.delete(ListedReceipt).where(of_line))
    assert f"{name} has " in said(run_command, "receipt lists")


def test_no_mark_or_nonce_is_told(town: Town, run_command: Run) -> None:
    key, _code = first_evaluation()
    by_hand(sa.update(Evaluation).where(Evaluation.id == key).values(marks="1" * 10))
    assert "1" * 10 not in run_command("doctor", fails=True).output
