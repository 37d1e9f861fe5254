"""The loaded city has a past: every story that a visitor is meant to find is there."""

from __future__ import annotations

import io
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from rating.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState
from rating.adjustments.queries import list_valid_adjustments
from rating.adjustments.service import ENTERED
from rating.audit.models import Event, StoredFile
from rating.cases.effects import find_effects_before
from rating.cases.models import Commitment, CommitmentKind, CommitmentState, Party, Talk, TalkState
from rating.demo.loading import Loaded
from rating.demo.opinions import Opinions
from rating.demo.stuffing import FORMS
from rating.evaluations.models import Channel, DisputeCount, Evaluation
from rating.extensions import db
from rating.gaps.models import Checker, GapCheck
from rating.gaps.queries import list_unchecked_gaps
from rating.registry.models import Company, Contract, Estate
from rating.releases.models import Listing, Release
from rating.releases.queries import list_releases
from rating.results.bodies import list_deductions
from rating.results.contrasts import list_contrasts
from rating.results.models import ContrastKind, StoredScorecard
from rating.results.queries import get_scorecard
from rating.reviews.models import FlagKind
from rating.reviews.queries import count_flags, count_reviews
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.queries import get_round
from rating.scoring import Direction
from rating.sheets.deductions import needs_photo, needs_reason
from tests.demo.conftest import TODAY

pytestmark = [
    pytest.mark.sqlite_only(reason="it is loaded once, through services whose own tests run on both databases"),
    pytest.mark.usefixtures("demo"),
]


def rounds() -> list[Round]:
    return list(db.session.scalars(select(Round).order_by(Round.number)))


def paths() -> dict[str, list[str]]:
    """Each company's standings, round by round; '' where it was not rated."""
    found: dict[str, list[str]] = defaultdict(lambda: ["", "", ""])
    rows = db.session.execute(
        select(Company.code, Release.number, Listing.standing).join(Listing.company).join(Listing.release)
    )
    for code, number, standing in rows:
        found[code][number - 1] = standing.value
    return found


def steps() -> Counter[tuple[str, str]]:
    """How many companies went from a standing to another from one round to the next."""
    return Counter(step for path in paths().values() for step in itertools.pairwise(path))


def talks(number: int) -> list[Talk]:
    """The talks after a release."""
    return list(
        db.session.scalars(select(Talk).join(Talk.listing).join(Listing.release).where(Release.number == number))
    )


def commitments(number: int) -> list[Commitment]:
    return [one for talk in talks(number) for one in talk.commitments]


def estate_cards() -> Iterator[dict[str, Any]]:
    """The estates' cards of the latest scorecard."""
    card = db.session.scalars(select(StoredScorecard).order_by(StoredScorecard.round_id.desc())).first()
    assert card is not None
    for company in json.loads(card.content)["companies"]:
        yield from company["estates"]


# ---- rounds and lists


def test_three_rounds_are_published_and_one_is_open() -> None:
    assert [one.state for one in rounds()] == [RoundState.PUBLISHED] * 3 + [RoundState.OPEN]
    assert [one.title_zh for one in rounds()] == ["2025年上半年", "2025年下半年", "2026年上半年", "2026年下半年"]


def test_only_the_latest_lists_are_on_display() -> None:
    assert [one.is_current(TODAY) for one in list_releases()] == [True, False, False]


def test_each_round_lists_some_and_the_latest_eight_and_eleven() -> None:
    counts = Counter(
        (number, standing.value)
        for number, standing in db.session.execute(select(Release.number, Listing.standing).join(Listing.release))
    )
    assert (counts[3, "red"], counts[3, "black"]) == (8, 11)
    for number in (1, 2):
        assert 6 <= counts[number, "red"] <= 8
        assert 7 <= counts[number, "black"] <= 11
    assert all(counts[number, "watch"] >= 5 and counts[number, "ordinary"] >= 30 for number in (1, 2, 3))


def test_turnout_goes_from_three_to_sixty_per_cent() -> None:
    rows = db.session.execute(
        select(func.count(), RatedEstate.households)
        .select_from(Evaluation)
        .join(Evaluation.rated_estate)
        .where(Evaluation.direction == Direction.RESIDENT_TO_COMPANY, RatedEstate.round_id.in_((1, 2, 3)))
        .group_by(RatedEstate.id)
    )
    shares = [count / households for count, households in rows]
    assert 0.03 <= min(shares) < 0.05
    assert 0.55 < max(shares) <= 0.61


def test_residents_of_an_estate_differ_as_people_do() -> None:
    scores: dict[int, list[float]] = defaultdict(list)
    asked = select(Evaluation.rated_estate_id, Evaluation.score).where(
        Evaluation.direction == Direction.RESIDENT_TO_COMPANY
    )
    for estate, score in db.session.execute(asked):
        scores[estate].append(score / 10_000)
    spreads = [float(np.std(some, ddof=1)) for some in scores.values() if len(some) >= 30]
    assert 15 < float(np.median(spreads)) < 19
    assert np.percentile(spreads, 20) > 11
    assert np.percentile(spreads, 90) < 22


def test_answers_in_the_database_are_those_that_the_city_gives(opinions: Opinions) -> None:
    asked = (
        select(Estate.code, func.count())
        .select_from(Evaluation)
        .join(Evaluation.rated_estate)
        .join(RatedEstate.estate)
        .where(Evaluation.direction == Direction.RESIDENT_TO_COMPANY, RatedEstate.round_id == 2)
        .group_by(Estate.code)
    )
    counted = dict(tuple(row) for row in db.session.execute(asked))
    assert len(counted) > 250
    assert counted == {code: opinions.turnout.answers(code, 2) for code in counted}


def test_the_event_log_is_in_the_order_of_time() -> None:
    moments = list(db.session.scalars(select(Event.at).order_by(Event.number)))
    assert moments == sorted(moments)


# ---- companies that rose and fell


@pytest.mark.parametrize(
    "step",
    [
        ("red", "ordinary"),
        ("ordinary", "red"),
        ("black", "ordinary"),
        ("black", "watch"),
        ("watch", "black"),
        ("ordinary", "black"),
        ("black", "black"),
        ("red", "red"),
        ("insufficient", "ordinary"),
    ],
)
def test_some_company_went_this_way(step: tuple[str, str]) -> None:
    assert steps()[step] >= 1


def test_some_company_was_on_the_black_list_three_times() -> None:
    assert ["black"] * 3 in paths().values()


def test_whoever_left_the_black_list_had_kept_every_commitment_before() -> None:
    left = 0
    for code, path in paths().items():
        for number, (before, after) in enumerate(itertools.pairwise(path), start=1):
            if before == "black" and after in ("ordinary", "watch"):
                (talk,) = [one for one in talks(number) if one.listing.company.code == code]
                next_closed = rounds()[number].closes_on
                assert talk.commitments
                assert all(one.verified_on and one.verified_on < next_closed for one in talk.commitments)
                left += 1
    assert left >= 4


# ---- estates


def contracts_in(estate: RatedEstate) -> list[Contract]:
    round_ = estate.round
    return list(
        db.session.scalars(
            select(Contract)
            .where(Contract.estate_id == estate.estate_id, Contract.starts_on <= round_.rated_to)
            .where(Contract.ends_on >= round_.rated_from)
            .order_by(Contract.starts_on)
        )
    )


def test_where_the_company_changed_in_mid_round_the_one_with_most_days_is_rated() -> None:
    rated_first = []
    for estate in db.session.scalars(select(RatedEstate).where(RatedEstate.round_id == 3)):
        served = contracts_in(estate)
        if len(served) > 1:
            first, last = estate.round.rated_from, estate.round.rated_to
            days = [min(one.ends_on or last, last) - max(one.starts_on, first) for one in served]
            assert estate.company_id == served[days.index(max(days))].company_id
            rated_first.append(days.index(max(days)) == 0)
    assert sorted(rated_first) == [False, True]


def test_an_estate_changed_its_company_between_two_rounds() -> None:
    first_day = rounds()[2].rated_from
    starting = db.session.scalars(select(Contract).where(Contract.starts_on == first_day)).all()
    assert starting
    companies = {
        (one.round_id, one.estate_id): one.company_id for one in db.session.scalars(select(RatedEstate)).unique()
    }
    for contract in starting:
        assert companies[3, contract.estate_id] == contract.company_id != companies[2, contract.estate_id]


def test_estates_that_are_not_rated_are_in_no_round() -> None:
    left_out = db.session.scalars(select(Estate).where(Estate.not_rated_reason != "")).all()
    assert len(left_out) == 2
    ids = [estate.id for estate in left_out]
    assert not db.session.scalars(select(RatedEstate).where(RatedEstate.estate_id.in_(ids))).first()


def test_one_committee_is_far_too_lenient_and_one_far_too_strict(opinions: Opinions) -> None:
    gaps = {card["estate"]: float(card["gap"]) for card in estate_cards() if card["count"] >= 30 and card["gap"]}
    assert gaps[opinions.bodies.lenient_on] < -20
    assert gaps[opinions.bodies.strict_on] > 20
    assert sum(abs(gap) > 20 for gap in gaps.values()) <= 8


def test_bodies_have_rated_in_every_direction_and_residents_have_commented() -> None:
    raters = Counter(tuple(row) for row in db.session.execute(select(Evaluation.direction, Evaluation.rater)))
    assert set(raters) == {
        (Direction.RESIDENT_TO_COMPANY, None),
        (Direction.COMMITTEE_TO_COMPANY, "committee"),
        (Direction.COMMITTEE_TO_COMPANY, "community"),
        (Direction.COMPANY_TO_COMMITTEE, "company"),
        (Direction.COMPANY_SELF, "company"),
    }
    commented = db.session.scalar(
        select(func.count()).where(Evaluation.comment.is_not(None), Evaluation.rater.is_(None))
    )
    assert commented is not None
    assert 0.08 < commented / raters[Direction.RESIDENT_TO_COMPANY, None] < 0.25


def test_in_the_open_round_some_dispute_that_they_have_answered() -> None:
    disputed = db.session.scalars(select(DisputeCount)).all()
    assert 5 <= len(disputed) <= 20
    open_round = rounds()[3].id
    assert {db.session.get_one(RatedEstate, one.rated_estate_id).round_id for one in disputed} == {open_round}


# ---- talks and commitments


def test_after_the_latest_release_talks_stand_at_every_stage() -> None:
    assert {one.state for one in talks(3)} == set(TalkState)
    assert any(one.state is TalkState.HELD and one.postponed_from for one in talks(3))
    assert any(one.state is TalkState.HELD and one.absent_on for one in talks(3))
    assert len(talks(3)) == 10  # of eleven: to one no notice has been served yet


def test_talks_to_come_are_to_come() -> None:
    for talk in talks(3):
        awaited = talk.state in (TalkState.NOTIFIED, TalkState.POSTPONED)
        assert awaited == (talk.scheduled_on > TODAY)


def test_after_earlier_releases_every_talk_was_held_or_missed() -> None:
    for number in (1, 2):
        assert {one.state for one in talks(number)} == {TalkState.HELD, TalkState.ABSENT}
        listed = db.session.scalar(
            select(func.count()).select_from(Listing).join(Listing.release)
            .where(Release.number == number, Listing.standing == "black")
        )  # fmt: skip
        assert len(talks(number)) == listed


def test_commitments_after_the_latest_release_stand_everywhere() -> None:
    assert {one.state(TODAY) for one in commitments(3)} == set(CommitmentState)
    failed = [one for one in commitments(3) if any(not look.passed for look in one.reinspections)]
    assert {bool(one.verified_on) for one in failed} == {True, False}


def test_commitments_have_every_party_and_kind() -> None:
    made = [one for number in (1, 2, 3) for one in commitments(number)]
    assert {one.party for one in made} == set(Party)
    assert {one.kind for one in made} == set(CommitmentKind)
    assert all(one.handed_over_to and one.handed_over_number for one in made if one.party is Party.HANDED_OVER)
    assert all("表决" in one.interim for one in made if one.kind is CommitmentKind.FUND)


def test_a_works_commitment_is_on_its_way_to_its_deadline() -> None:
    assert any(one.kind is CommitmentKind.FUND and one.state(TODAY) is CommitmentState.OPEN for one in commitments(3))


# ---- what a visitor is told


def test_the_visitors_estate_has_an_unused_code_and_a_company_that_improved(demo: tuple[Flask, Loaded]) -> None:
    app, loaded = demo
    estate = db.session.scalars(select(Estate).where(Estate.code == loaded.estate_code)).one()
    contract = db.session.scalars(
        select(Contract).where(Contract.estate_id == estate.id, Contract.ends_on > TODAY)
    ).one()
    assert paths()[contract.company.code][1] == "black"
    assert paths()[contract.company.code][2] in ("ordinary", "watch")
    answer = app.test_client().get("/h/" + loaded.household_code.replace(" ", ""))
    assert answer.location.endswith(f"/e/{loaded.estate_code}")


def test_nothing_lies_in_the_future() -> None:
    assert db.session.scalar(select(func.max(Event.at))).date() <= TODAY
    assert db.session.scalar(select(func.max(Evaluation.week))) <= TODAY
    assert db.session.scalar(select(func.max(Release.published_on))) < date(2026, 10, 1)


# ---- what was flagged


def test_the_stuffed_forms_of_the_latest_round_are_found_and_rejected() -> None:
    round_ = get_round(3)
    assert count_flags(round_)[FlagKind.SAME_ANSWERS] == 2 * FORMS
    counts = count_reviews(round_)
    assert (counts.rejected, counts.pending) == (2 * FORMS, 0)


def test_few_comments_of_honest_residents_are_flagged() -> None:
    comments = sum(count_flags(get_round(number)).get(FlagKind.SAME_COMMENT, 0) for number in (1, 2, 3))
    received = db.session.scalar(select(func.sum(Release.received))) or 0
    assert comments * 1000 < received


def test_every_release_says_what_became_of_everything_received() -> None:
    for release in db.session.scalars(select(Release)):
        assert release.received == release.counted + release.set_aside + release.rejected
        assert release.set_aside == 0  # no result is shown while one is undecided
    latest = db.session.scalars(select(Release).order_by(Release.number.desc())).first()
    assert latest is not None
    assert latest.rejected == 2 * FORMS


# ---- what stands beside the scores


def test_every_wide_gap_was_checked_by_the_subdistrict_or_where_it_has_nobody_by_the_bureau() -> None:
    for round_ in rounds()[:3]:
        assert list_unchecked_gaps(get_scorecard(round_)) == []
    checks = db.session.scalars(select(GapCheck)).all()
    assert {one.checked_as for one in checks} == set(Checker)


def test_some_records_count_one_waits_for_a_second_person_and_nobody_gave_cause_for_the_black_list() -> None:
    entered = db.session.scalars(select(Adjustment).where(Adjustment.kind.in_(ENTERED))).all()
    assert {one.kind for one in entered} == {AdjustmentKind.COMMENDATION, AdjustmentKind.FINDING}
    assert [one.state for one in entered].count(AdjustmentState.PROPOSED) == 1
    latest, present = rounds()[2:]
    counting = [
        [one for one in list_valid_adjustments(round_.closes_on) if one.kind in ENTERED] for round_ in (latest, present)
    ]
    assert [len(some) for some in counting] == [2, 2]
    assert not set(counting[0]) & set(counting[1])
    files = db.session.scalars(select(StoredFile).where(StoredFile.media_type == "application/pdf")).all()
    assert len(files) == len(entered)
    assert "Demonstration" in PdfReader(io.BytesIO(files[0].content)).pages[0].extract_text()


def test_deductions_of_the_visitors_company_have_reasons_and_pictures_where_the_rulebook_asks_for_them(
    demo: tuple[Flask, Loaded],
) -> None:
    estate = select(Estate.id).where(Estate.code == demo[1].estate_code).scalar_subquery()
    rated = db.session.scalars(select(RatedEstate).where(RatedEstate.estate_id == estate)).all()
    told = {(one.evaluation_id, one.indicator): one for one in list_deductions(one.id for one in rated)}
    sheets = {one.evaluation for one in told.values()}
    assert len(sheets) >= 3
    for sheet in sheets:
        asked = sheet.rated_estate.round.rulebook.content.questionnaire(sheet.direction)
        marks = dict(zip((one.key for one in asked.indicators), asked.decode(sheet.marks), strict=True))
        for indicator in asked.indicators:
            one = told.get((sheet.id, indicator.key))
            assert (one is not None) == needs_reason(asked, indicator, marks[indicator.key])
            if one is not None:
                assert (one.file_digest is not None) == needs_photo(asked, indicator, marks[indicator.key])


def test_late_answers_are_set_against_the_others_in_each_past_round() -> None:
    for round_ in rounds()[:3]:
        assert [one.kind for one in list_contrasts(get_scorecard(round_))] == [ContrastKind.LATE]


def test_nothing_came_in_a_way_that_the_product_does_not_have() -> None:
    ways = set(db.session.scalars(select(Evaluation.channel).distinct()))
    assert ways == {Channel.OWN, Channel.ON_SITE}


def test_it_can_be_told_whether_the_talks_helped() -> None:
    newest, *_ = list_releases()
    effects = find_effects_before(newest)
    assert effects is not None and effects.mean is not None
    assert effects.mean.companies >= 7
