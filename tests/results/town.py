"""A small rated town for tests: companies of every kind, evaluations through the service that takes them in stacks."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rating.access import SYSTEM, Actor, Role
from rating.accounts.models import User
from rating.evaluations.models import Channel
from rating.evaluations.service import Filled, accept_in_bulk
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.service import start_preview
from rating.results.models import StoredScorecard
from rating.results.service import compute_scorecard
from rating.reviews.sealing import seal_round
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, score_evaluation
from tests.factories import (
    CommitteeFactory,
    CompanyFactory,
    EstateFactory,
    EvaluationFactory,
    RatedEstateFactory,
    RoundFactory,
    UserFactory,
)
from tests.support.clock import START
from tests.support.images import built_once

CLOSED_ON = datetime(2026, 8, 24, 1, tzinfo=UTC).date()
RESIDENTS = Direction.RESIDENT_TO_COMPANY


@dataclass
class Kind:
    """A company to be: households and evaluations of each of its estates, residents' mean mark, committee's share."""

    name: str
    estates: Sequence[tuple[int, int]]
    mean: float
    on_site: float


KINDS = (
    Kind("good", [(80, 70), (60, 50)], 4.85, 0.97),
    Kind("fair", [(80, 60), (50, 36)], 4.2, 0.85),
    Kind("plain", [(90, 50), (60, 4), (80, 7)], 3.7, 0.75),
    Kind("low", [(60, 48)], 3.6, 0.62),
    Kind("bad", [(80, 66), (60, 48)], 2.2, 0.4),
    Kind("few", [(40, 6)], 3.0, 0.7),
    Kind("unseen", [(50, 0)], 3.0, 0.8),
)


@dataclass
class Town:
    """A closed round and who is in it, companies by the names of their kinds."""

    round: Round
    companies: dict[str, Company] = field(default_factory=dict)
    estates: dict[str, list[RatedEstate]] = field(default_factory=dict)

    @property
    def all_estates(self) -> list[RatedEstate]:
        """All rated estates, as built."""
        return [rated for some in self.estates.values() for rated in some]


def questionnaire(rated: RatedEstate, direction: Direction = RESIDENTS) -> Questionnaire:
    """What is asked about an estate."""
    return rated.round.rulebook.content.questionnaire(direction)


def filled(asked: Questionnaire, marks: str) -> Filled:
    """A form with these marks and the score that follows from them."""
    return Filled(marks, score_evaluation(asked.rule, list(asked.decode(marks))), None)


def draw_marks(asked: Questionnaire, mean: float, count: int, seed: int) -> list[str]:
    """Residents' answers that spread round a mean mark, some of them 'don't know'."""
    dice = random.Random(seed)
    return ["".join(_sign(dice, mean) for _ in asked.indicators) for _ in range(count)]


def _sign(dice: random.Random, mean: float) -> str:
    if dice.random() < 0.04:
        return "?"
    return str(max(1, min(5, round(dice.gauss(mean, 0.8)))))


def take_in(rated: RatedEstate, marks: Iterable[str], first_number: int = 1) -> None:
    """Residents' evaluations of an estate, with the counters that go with them."""
    asked = questionnaire(rated)
    accept_in_bulk(rated, [(filled(asked, one), CLOSED_ON) for one in marks], Channel.OWN, first_number)


def rate_on_site(rated: RatedEstate, share: float, rater: str = "committee") -> None:
    """A committee's or community's sheet with this share of every indicator's highest mark."""
    asked = questionnaire(rated, Direction.COMMITTEE_TO_COMPANY)
    marks = "".join(str(round(share * i.highest)) for i in asked.indicators)
    EvaluationFactory(rated_estate=rated, on_site=True, rater=rater, marks=marks, score=filled(asked, marks).score)


@built_once
def build_town(
    kinds: Sequence[Kind] = KINDS, *, backwards: bool = False, like: Town | None = None, **round_: Any
) -> Town:
    """A closed round with these companies; `like` takes the companies and estates of another town."""
    town = Town(RoundFactory(**{"closed": True, **round_}))
    for number, kind in enumerate(kinds):
        town.companies[kind.name] = like.companies[kind.name] if like else CompanyFactory(name=f"{kind.name} company")
        town.estates[kind.name] = [
            _rated(town, kind, place, households, like) for place, (households, _) in enumerate(kind.estates)
        ]
        for place, (_, count) in enumerate(kind.estates):
            rated = town.estates[kind.name][place]
            marks = draw_marks(questionnaire(rated), kind.mean, count, 100 * number + place)
            take_in(rated, reversed(marks) if backwards else marks)
            for rater in ("community", "committee") if backwards else ("committee", "community"):
                rate_on_site(rated, kind.on_site, rater)
    db.session.flush()
    if town.round.state is not RoundState.OPEN:  # as if it had been closed by the service
        seal_round(town.round)
    return town


def _rated(town: Town, kind: Kind, place: int, households: int, like: Town | None) -> RatedEstate:
    if like is not None:
        twin = like.estates[kind.name][place]
        return RatedEstateFactory(
            round=town.round, estate=twin.estate, company=twin.company, committee=twin.committee, contract=False
        )
    estate: Estate = EstateFactory(
        name=f"{kind.name} estate {place + 1}", households_total=households, households_lived_in=households
    )
    return RatedEstateFactory(
        round=town.round,
        estate=estate,
        company=town.companies[kind.name],
        committee=CommitteeFactory(estate=estate),
        contract=False,
    )


def compute(town: Town, now: datetime = START) -> StoredScorecard:
    """The town's scorecard."""
    return compute_scorecard(town.round, SYSTEM, now)


@built_once
def build_town_in_preview(kinds: Sequence[Kind] = KINDS) -> Town:
    """A town with a scorecard that those concerned are looking at."""
    town = build_town(kinds)
    compute(town)
    start_preview(town.round, SYSTEM, START)
    return town


def bureau() -> User:
    """Somebody of the bureau."""
    user: User = UserFactory(role=Role.BUREAU)
    return user


def acting(user: User) -> Actor:
    """A user as services take them."""
    return user.actor(START.date())
