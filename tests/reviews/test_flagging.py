"""What is set aside when a round closes, and what isn't."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from rating.access import SYSTEM
from rating.audit.models import Event
from rating.evaluations.models import Evaluation, Trace
from rating.extensions import db
from rating.reviews.models import Flag, FlagKind
from rating.reviews.queries import count_flags
from rating.reviews.service import close_round
from rating.rounds.models import RatedEstate
from tests.factories import EvaluationFactory, RatedEstateFactory, TraceFactory
from tests.support.clock import START

NETWORK, OTHER = b"n" * 16, b"o" * 16
STUFFED = "5455454555"
LONG = "电梯经常坏，报修之后三天才有人来看，希望尽快换新的。"


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory()


def honest(seed: int, count: int) -> Iterator[str]:
    dice = random.Random(seed)
    for _ in range(count):
        mood = dice.choice("2344455")
        yield "".join(dice.choice((mood, mood, mood, "4")) for _ in range(10))


def hand_in(rated: RatedEstate, marks: str, network: bytes | None = None, **evaluation: object) -> Evaluation:
    made: Evaluation = EvaluationFactory(rated_estate=rated, marks=marks, **evaluation)
    if network is not None:
        TraceFactory(evaluation=made, network=network)
    return made


def close(rated: RatedEstate) -> None:
    close_round(rated.round, SYSTEM, START + timedelta(days=30), today_is_past=True)
    db.session.flush()


def flagged(kind: FlagKind = FlagKind.SAME_ANSWERS) -> set[object]:
    return set(db.session.scalars(select(Flag.evaluation_id).where(Flag.kind == kind)))


@pytest.fixture
def town(rated: RatedEstate) -> RatedEstate:
    """The estate and a neighbouring one, forty honest forms each, from networks of their own or a shared one."""
    neighbour = RatedEstateFactory(round=rated.round)
    for seed, place in enumerate((rated, neighbour)):
        for number, marks in enumerate(honest(seed, 40)):
            hand_in(place, marks, OTHER if number % 2 else bytes([number]) * 16)
    return rated


def test_honest_forms_are_not_flagged_also_behind_one_address(town: RatedEstate) -> None:
    close(town)
    assert count_flags(town.round) == {}


@pytest.mark.parametrize("marks", [STUFFED, "1211212111", "5" * 10, "1" * 10], ids=["praise", "blame", "best", "worst"])
def test_many_like_forms_from_one_network_are_set_aside_whether_high_or_low(town: RatedEstate, marks: str) -> None:
    stuffed = {hand_in(town, marks, NETWORK).id for _ in range(14)}
    close(town)
    assert flagged() == stuffed


def test_like_forms_from_many_networks_are_left_alone(town: RatedEstate) -> None:
    for number in range(10):
        hand_in(town, STUFFED, bytes([100 + number]) * 16)
    close(town)
    assert flagged() == set()


def test_forms_without_a_trace_are_left_alone(town: RatedEstate) -> None:
    """What came on paper or through a helper came from one place for a good reason."""
    for _ in range(10):
        hand_in(town, STUFFED)
    close(town)
    assert flagged() == set()


def test_one_longer_comment_three_times_over_is_set_aside_a_short_one_never(town: RatedEstate) -> None:
    copied = {hand_in(town, marks, comment=LONG).id for marks in honest(7, 3)}
    for marks in honest(8, 9):
        hand_in(town, marks, comment="物业很好")
    hand_in(town, "3344554433", comment=LONG + "谢谢")
    close(town)
    assert flagged(FlagKind.SAME_COMMENT) == copied


def test_each_pattern_of_an_estate_is_a_group_of_its_own(town: RatedEstate) -> None:
    groups = [{hand_in(town, marks, NETWORK).id for _ in range(10)} for marks in ("5153515351", "4142414241")]
    close(town)
    rows = db.session.execute(select(Flag.cluster, Flag.evaluation_id))
    found: dict[int, set[object]] = {}
    for cluster, evaluation_id in rows:
        found.setdefault(cluster, set()).add(evaluation_id)
    assert sorted(found) == [1, 2]
    assert [members in found.values() for members in groups] == [True, True]


def test_nothing_is_flagged_while_a_round_is_open(town: RatedEstate) -> None:
    for _ in range(14):
        hand_in(town, STUFFED, NETWORK)
    assert flagged() == set()


def test_closing_tells_the_event_log_what_was_flagged_and_keeps_networks_while_anything_waits(
    town: RatedEstate, see_events: Callable[[str], list[Event]]
) -> None:
    for _ in range(14):
        hand_in(town, STUFFED, NETWORK)
    close(town)
    (event,) = see_events("evaluations.flagged")
    assert event.data == {"counts": {"same_answers": 14}}
    assert db.session.scalar(select(func.count()).select_from(Trace)) == 94
    assert see_events("traces.deleted") == []


def test_where_nothing_is_flagged_networks_are_forgotten_at_the_close(
    town: RatedEstate, see_events: Callable[[str], list[Event]]
) -> None:
    close(town)
    assert db.session.scalar(select(func.count()).select_from(Trace)) == 0
    (event,) = see_events("traces.deleted")
    assert (event.subject, event.data) == (f"round:{town.round.number}", {"count": 80})
