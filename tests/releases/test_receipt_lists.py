"""Which receipts were counted is frozen with the release, and adds up."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from rating.access import SYSTEM
from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.releases.models import ListedReceipt, ReceiptList, Release
from rating.releases.receipt_queries import find_listed_receipt, receipts_of
from rating.releases.service import draft_release, publish_release, start_preview
from rating.reviews.models import SealedValue
from rating.rounds.models import RatedEstate, RoundState
from rating.spotchecks.queries import draw_receipts
from tests.factories import EvaluationFactory, FlagFactory, ReviewFactory, RoundFactory
from tests.pages.public import PUBLISHED, publish
from tests.results.town import KINDS, Kind, Town, acting, build_town, bureau, compute, take_in
from tests.support.clock import START


def evaluations_of(rated: RatedEstate) -> list[Evaluation]:
    return list(
        db.session.scalars(
            select(Evaluation)
            .where(Evaluation.rated_estate_id == rated.id, Evaluation.receipt_hash.is_not(None))
            .order_by(Evaluation.id)
        )
    )


def hash_of(one: Evaluation) -> bytes:
    assert one.receipt_hash is not None
    return one.receipt_hash


def lists_of(release: Release) -> list[ReceiptList]:
    rows = select(ReceiptList).where(ReceiptList.release_id == release.id).order_by(ReceiptList.number)
    return list(db.session.scalars(rows))


def count_lines(release: Release) -> int:
    lines = select(func.count()).select_from(ListedReceipt).join(ReceiptList)
    return db.session.scalar(lines.where(ReceiptList.release_id == release.id)) or 0


def test_every_counted_evaluation_stands_in_its_estates_list_once(app: Flask) -> None:
    town = build_town()
    release = publish(town)
    assert count_lines(release) == sum(one.count for one in lists_of(release)) == release.counted
    for rated in town.all_estates:
        for evaluation in evaluations_of(rated):
            found = find_listed_receipt(release, rated, hash_of(evaluation))
            assert found is not None
            assert found[0].company_id == rated.company_id and found[0].estate_id in (None, rated.estate_id)
            assert found[1].check_value == db.session.get_one(SealedValue, evaluation.id).value


def test_no_list_shows_how_many_answered_in_a_folded_estate(app: Flask) -> None:
    town = build_town((*KINDS, Kind("edge", [(80, 40), (40, 10), (40, 9), (40, 6)], 4.0, 0.8)))
    release = publish(town)
    counts = {(one.company_id, one.estate_id): one.count for one in lists_of(release)}
    edge = town.companies["edge"].id
    estates = [rated.estate_id for rated in town.estates["edge"]]
    assert counts[edge, estates[0]] == 40 and counts[edge, estates[1]] == 10 and counts[edge, None] == 15
    assert (edge, estates[2]) not in counts and (edge, estates[3]) not in counts
    small = [one for one in lists_of(release) if one.estate_id is not None and one.count < 10]
    assert small == []


def test_lists_are_numbered_by_company_and_estate_the_folded_ones_last(app: Flask) -> None:
    release = publish(build_town())
    found = [
        (one.company.code if one.company else "", one.estate is None, one.estate.code if one.estate else "")
        for one in lists_of(release)
    ]
    assert found == sorted(found) and [one.number for one in lists_of(release)] == list(range(1, len(found) + 1))


def test_what_was_rejected_is_in_no_list(app: Flask) -> None:
    town = build_town()
    rated = town.estates["good"][0]
    rejected, accepted, plain = evaluations_of(rated)[:3]
    ReviewFactory(flag=FlagFactory(evaluation=rejected), rejected=True)
    ReviewFactory(flag=FlagFactory(evaluation=accepted))
    release = publish(town)
    listed = [find_listed_receipt(release, rated, hash_of(one)) for one in (rejected, accepted, plain)]
    assert [one is not None for one in listed] == [False, True, True]
    assert (release.set_aside, release.rejected) == (0, 1)
    assert count_lines(release) == release.counted == release.received - 1


def test_an_evaluation_slipped_in_after_the_close_stops_the_release(app: Flask) -> None:
    """It has no seal, so that the lists don't add up to the scorecard that counted it."""
    town = build_town()
    take_in(town.estates["good"][0], ["1" * 10], first_number=75)
    compute(town)
    start_preview(town.round, SYSTEM, START)
    draft = draft_release(town.round, "", acting(bureau()), START)
    with pytest.raises(Conflict, match="sealed"):
        publish_release(draft, draft.digest, acting(bureau()), PUBLISHED)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Release)) == 0
    assert town.round.state is not RoundState.PUBLISHED


def test_a_receipt_of_another_estate_or_round_is_not_found(app: Flask) -> None:
    town = build_town()
    release = publish(town)
    good, bad = town.estates["good"][0], town.estates["bad"][0]
    assert find_listed_receipt(release, bad, hash_of(evaluations_of(good)[0])) is None
    later = EvaluationFactory(rated_estate__round=RoundFactory(open=True))
    assert find_listed_receipt(release, good, hash_of(later)) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE listed_receipt SET check_value = receipt_hash",
        "DELETE FROM listed_receipt",
        "UPDATE receipt_list SET count = 99",
        "DELETE FROM receipt_list",
    ],
)
def test_the_database_itself_keeps_the_lists(app: Flask, statement: str) -> None:
    publish(build_town(KINDS[:1]))
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="a release is never changed"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_the_seed_alone_draws_the_sample_and_anybody_can_recompute_it(app: Flask) -> None:
    release = publish(build_town())
    everything = [one for each in lists_of(release) for one in db.session.scalars(receipts_of(each))]
    by_hand = sorted(everything, key=lambda one: hashlib.sha256(b"08 15 47\0" + one.receipt_hash).digest())
    drawn = draw_receipts(release, "08 15 47", 20)
    assert list(drawn.items()) == [(one.receipt_hash, one.check_value) for one in by_hand[:20]]
    assert list(draw_receipts(release, "08 15 48", 20)) != list(drawn)
    assert len(draw_receipts(release, "all", 10_000)) == release.counted


@pytest.mark.parametrize("start", ["a", "0", "f", "3c"])
def test_a_list_can_be_narrowed_by_the_first_signs(app: Flask, start: str) -> None:
    release = publish(build_town(KINDS[:1]))
    one = lists_of(release)[0]
    whole = [line.receipt_hash.hex() for line in db.session.scalars(receipts_of(one))]
    narrowed = [line.receipt_hash.hex() for line in db.session.scalars(receipts_of(one, start))]
    assert narrowed == [found for found in whole if found.startswith(start)]


def test_a_line_says_nothing_of_the_evaluations_key(app: Flask) -> None:
    town: Town = build_town(KINDS[:1])
    release = publish(town)
    keys: set[Any] = set(db.session.scalars(select(Evaluation.id)))
    for one in lists_of(release):
        for line in db.session.scalars(receipts_of(one)):
            assert not {uuid.UUID(bytes=line.receipt_hash[:16]), uuid.UUID(bytes=line.check_value[:16])} & keys
