"""Once a round: late against early, a helper's entry against own entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from rating.access import SYSTEM
from rating.evaluations.models import Channel, Evaluation
from rating.evaluations.service import accept_in_bulk
from rating.extensions import db
from rating.releases.service import start_preview, stop_preview
from rating.results.contrasts import contrast_residents, first_late_week, list_contrasts
from rating.results.models import ContrastKind
from rating.results.queries import get_scorecard
from rating.results.service import compute_scorecard
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Contrast, Moments, TwoGroups, contrast_groups
from tests.factories import CityContrastFactory, FlagFactory, RatedEstateFactory, RoundFactory
from tests.pages.public import WHILE_SHOWN, publish_town
from tests.results.town import bureau, draw_marks, filled, questionnaire
from tests.support.client import Client
from tests.support.clock import START, Clock

See = Callable[..., Any]

EARLY, LATE = date(2026, 8, 5), date(2026, 8, 19)  # the round was open from Monday 3 to Sunday 23 August


class Intake:
    """An estate whose residents' evaluations come in on chosen days and in chosen ways."""

    def __init__(self, round_: Round, **of_estate: object) -> None:
        self.rated: RatedEstate = RatedEstateFactory(round=round_, **of_estate)
        self.count = 0

    def take(self, mean: float, count: int, day: date, channel: Channel = Channel.OWN) -> Moments:
        """Take some in; gives their moments."""
        asked = questionnaire(self.rated)
        forms = [filled(asked, one) for one in draw_marks(asked, mean, count, self.count)]
        accept_in_bulk(self.rated, [(one, day) for one in forms], channel, self.count + 1)
        self.count += count
        return Moments.of(one.score for one in forms)


@pytest.fixture
def closed(app: Flask) -> Round:
    round_: Round = RoundFactory(closed=True)
    return round_


def contrasts(round_: Round) -> dict[ContrastKind, Contrast]:
    """Those of a round as it stands now, rounded as they leave the house."""
    return contrast_residents(compute_scorecard(round_, SYSTEM, START))


def test_late_and_early_are_set_against_each_other_estate_by_estate(closed: Round) -> None:
    groups = []
    for _ in range(3):
        intake = Intake(closed)
        early, late = intake.take(4.4, 12, EARLY), intake.take(3.9, 11, LATE)
        rated = intake.rated
        groups.append(TwoGroups(rated.estate.code, rated.households, late, early))
    found = contrasts(closed)
    assert found == {ContrastKind.LATE: contrast_groups(closed.rulebook.content.rules(), groups)}
    assert found[ContrastKind.LATE].difference < 0


@pytest.mark.parametrize("channel", [Channel.HELPER, Channel.PAPER])
def test_a_helpers_entry_is_set_against_own_entry(closed: Round, channel: Channel) -> None:
    for _ in range(2):
        intake = Intake(closed)
        intake.take(3.5, 10, EARLY)
        intake.take(4.5, 10, EARLY, channel)
    found = contrasts(closed)[ContrastKind.HELPER]
    assert (found.estates, found.first_count, found.second_count) == (2, 20, 20)
    assert found.lower > 0 and found.is_beyond


def test_what_no_result_counts_is_in_no_contrast(closed: Round) -> None:
    for _ in range(2):
        intake = Intake(closed)
        intake.take(4, 10, EARLY)
        intake.take(4, 10, LATE)
    before = contrasts(closed)
    known = set(db.session.scalars(select(Evaluation.id)))
    intake.take(1, 5, LATE)
    for evaluation in db.session.scalars(select(Evaluation).where(Evaluation.id.not_in(known))):
        FlagFactory(evaluation=evaluation)
    assert contrasts(closed) == before


@pytest.mark.parametrize("late", [[9, 30], [20], [9, 9]], ids=["few in one", "one estate", "few in two estates"])
def test_small_groups_are_not_told(closed: Round, late: list[int]) -> None:
    for count in late:
        intake = Intake(closed)
        intake.take(4, 20, EARLY)
        intake.take(4, count, LATE)
    assert contrasts(closed) == {}


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "late"),
    [
        (date(2026, 8, 3), date(2026, 8, 23), date(2026, 8, 17)),  # Monday to Sunday: the third week
        (date(2026, 8, 6), date(2026, 8, 26), date(2026, 8, 17)),  # from Thursday: four of that week's days are late
        (date(2026, 8, 7), date(2026, 8, 27), date(2026, 8, 24)),  # from Friday: only three are
        (date(2026, 8, 3), date(2026, 8, 9), None),  # one week, of which a third is late
    ],
)
def test_weeks_are_late_when_most_of_their_days_are(opens_on: date, closes_on: date, late: date | None) -> None:
    assert first_late_week(opens_on, closes_on) == late


def test_they_are_kept_when_the_preview_begins_and_stay(closed: Round) -> None:
    for _ in range(2):
        intake = Intake(closed)
        intake.take(4.2, 15, EARLY)
        intake.take(3.9, 15, LATE)
    stored = compute_scorecard(closed, SYSTEM, START)
    assert list_contrasts(stored) == []
    start_preview(closed, SYSTEM, START)
    (kept,) = list_contrasts(stored)
    found = contrast_residents(stored)[ContrastKind.LATE]
    assert kept.difference == found.difference
    assert (kept.first_count, kept.second_count, kept.estates) == (30, 30, 2)
    stop_preview(closed, "再看一遍", SYSTEM, START)
    start_preview(closed, SYSTEM, START)
    assert list_contrasts(get_scorecard(closed)) == [kept]


def test_estates_of_a_group_are_in_no_contrast(closed: Round) -> None:
    """One with twenty evaluations was taken in, so nothing of its own may leave the house."""
    for count in (30, 25):
        intake = Intake(closed)
        intake.take(4.2, count, EARLY)
        intake.take(3.9, count, LATE)
    before = contrasts(closed)
    intake = Intake(closed)
    intake.take(2, 10, EARLY)
    intake.take(5, 10, LATE)
    Intake(closed, company=intake.rated.company).take(4, 4, EARLY)
    assert contrasts(closed) == before


def test_what_an_earlier_preview_showed_of_them_stays(closed: Round) -> None:
    """Two of them, over evaluations that differ by one, could be subtracted."""
    for _ in range(2):
        intake = Intake(closed)
        intake.take(4.2, 15, EARLY)
        intake.take(3.9, 15, LATE)
    first = compute_scorecard(closed, SYSTEM, START)
    start_preview(closed, SYSTEM, START)
    stop_preview(closed, "再看一遍", SYSTEM, START)
    intake.take(1, 20, LATE)
    second = compute_scorecard(closed, SYSTEM, START + timedelta(hours=1))
    start_preview(closed, SYSTEM, START + timedelta(hours=2))
    (shown,), (again,) = list_contrasts(first), list_contrasts(second)
    assert second.id != first.id and contrast_residents(second)[ContrastKind.LATE].difference != shown.difference
    assert (again.difference, again.lower, again.upper, again.first_count) == (
        shown.difference,
        shown.lower,
        shown.upper,
        shown.first_count,
    )


def test_the_database_itself_keeps_them_as_they_are(app: Flask) -> None:
    CityContrastFactory()
    with pytest.raises(DBAPIError, match="never change"):
        db.session.connection().exec_driver_sql("UPDATE city_contrast SET difference = 0")


@pytest.mark.parametrize(("is_beyond", "times"), [(False, 0), (True, 1)])
def test_the_method_page_shows_them_and_says_what_is_beyond_the_margin(
    app: Flask, client: Client, see: See, clock: Clock, is_beyond: bool, times: int
) -> None:
    _town, release = publish_town()
    CityContrastFactory(scorecard=release.scorecard, is_beyond=is_beyond)
    clock.set(WHILE_SHOWN)
    page = see(client, "/method")
    assert f"第{release.number}号公告的结果" in page.text
    told = "".join(one.get_text(" ", strip=True) for one in page.all("main table tr") if "评得晚的减" in one.get_text())
    assert [part in told for part in ("-1.25", "-2.50到0.00", "400 / 900", "40")] == [True] * 4
    assert page.text.count("超出余量") == times
    assert "95%" in see(client, "/method?lang=en").text


def test_a_city_with_too_few_says_so_on_both_pages(
    app: Flask, client: Client, see: See, sign_in: Any, clock: Clock
) -> None:
    _town, release = publish_town()
    clock.set(WHILE_SHOWN)
    assert "评价份数太少，比不出来" in see(client, "/method").text
    page = see(sign_in(bureau()), f"/bureau/rounds/{release.round.number}/scorecard")
    assert "评价份数太少，比不出来" in page.text
