"""What each role's first screen reads: only its own scope, and never a mark or score of an open round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import Select, func, select

from rating.access import Actor, Role
from rating.audit.models import Event
from rating.calendar import SHANGHAI
from rating.cases.models import Talk, TalkState
from rating.cases.queries import TalkFilter, select_talks
from rating.evaluations.models import Evaluation
from rating.evaluations.queries import Turnout, count_answered, list_bodies_done, list_turnout
from rating.extensions import db
from rating.gaps.queries import list_unchecked_gaps
from rating.registry.models import Community, Company, Subdistrict
from rating.releases.models import Release, ReleaseDraft
from rating.releases.queries import find_draft, find_release_of_round
from rating.results.models import StoredScorecard
from rating.results.queries import find_scorecard
from rating.reviews.queries import ReviewCounts, count_reviews
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.queries import list_rated_estates, list_rounds
from rating.scoring import Direction
from rating.storage.searching import containing

# ---- the bureau


@dataclass(frozen=True, slots=True)
class RoundDesk:
    """A round as the bureau works on it. Counts are of the frozen roster; `sheets` counts bodies' forms."""

    round: Round
    estates: int
    companies: int
    households: int
    answered: int
    sheets: Mapping[Direction, int]
    scorecard: StoredScorecard | None
    draft: ReleaseDraft | None
    release: Release | None
    reviews: ReviewCounts
    unchecked_gaps: int = 0  # of a closed round that has a scorecard


def describe_round(round_: Round) -> RoundDesk:
    """A round's counts and how far its result has got."""
    estates, companies, households = _count_roster(round_)
    scorecard = find_scorecard(round_)
    return RoundDesk(
        round=round_,
        estates=estates,
        companies=companies,
        households=households,
        answered=count_answered(round_),
        sheets=_count_sheets(round_),
        scorecard=scorecard,
        draft=find_draft(round_),
        release=find_release_of_round(round_),
        reviews=count_reviews(round_),
        unchecked_gaps=len(list_unchecked_gaps(scorecard)) if scorecard and round_.state is RoundState.CLOSED else 0,
    )


def _count_roster(round_: Round) -> tuple[int, int, int]:
    """How many estates, companies and households are rated in a round."""
    counted = (func.count(), func.count(RatedEstate.company_id.distinct()), func.sum(RatedEstate.households))
    estates, companies, households = db.session.execute(select(*counted).where(RatedEstate.round_id == round_.id)).one()
    return estates, companies, households or 0


def _count_sheets(round_: Round) -> dict[Direction, int]:
    """How many forms the bodies have handed in, by direction; never what is in them."""
    rows = db.session.execute(
        select(Evaluation.direction, func.count())
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .where(RatedEstate.round_id == round_.id, Evaluation.rater.is_not(None))
        .group_by(Evaluation.direction)
    )
    return {row[0]: row[1] for row in rows}


FINISHED = frozenset({RoundState.PUBLISHED, RoundState.ARCHIVED})


def count_talks(actor: Actor) -> dict[TalkState, int]:
    """How many talks within the actor's scope are in each state."""
    talks = select_talks(TalkFilter(), actor).order_by(None).with_only_columns(Talk.state).subquery()
    rows = db.session.execute(select(talks.c.state, func.count()).group_by(talks.c.state))
    return {TalkState(row[0]): row[1] for row in rows}


def list_rounds_at_work() -> list[Round]:
    """The rounds that are not published yet, the earliest first; where there are none, the latest round alone."""
    rounds = list_rounds()
    return [one for one in reversed(rounds) if one.state not in FINISHED] or rounds[:1]


# ---- sub-districts


@dataclass(frozen=True, slots=True)
class CommunityDesk:
    """A community's estates in a round: turnout, and which of the two bodies have handed in their sheets."""

    community: Community
    rows: list[Turnout]
    sheets: frozenset[tuple[int, str]]

    @property
    def answered(self) -> int:
        """Households that have answered."""
        return sum(row.count for row in self.rows)

    @property
    def households(self) -> int:
        """Households of the estates."""
        return sum(row.households for row in self.rows)


def list_own_subdistricts(actor: Actor) -> list[Subdistrict]:
    """The sub-districts that the actor works for, by code."""
    return list(
        db.session.scalars(
            select(Subdistrict).where(Subdistrict.id.in_(actor.scope_ids(Role.SUBDISTRICT))).order_by(Subdistrict.code)
        )
    )


def list_community_desks(round_: Round, actor: Actor) -> list[CommunityDesk]:
    """The communities of the actor's sub-districts in a round, by code; those without a rated estate are left out."""
    ids = db.session.scalars(
        select(Community.id).where(Community.subdistrict_id.in_(actor.scope_ids(Role.SUBDISTRICT)))
    ).all()
    rated = sorted(list_rated_estates(round_, community_ids=ids), key=lambda one: (one.community.code, one.estate.code))
    turnout = {row.rated_estate.id: row for row in list_turnout(rated)}
    done = list_bodies_done(turnout)
    on_site = frozenset((key, body) for key, direction, body in done if direction is Direction.COMMITTEE_TO_COMPANY)
    return [
        CommunityDesk(community, [turnout[one.id] for one in estates], on_site)
        for community, estates in groupby(rated, key=lambda one: one.community)
    ]


# ---- committees, communities, companies


@dataclass(frozen=True, slots=True)
class OwnEstate:
    """One of the actor's estates in a round: as which body they rate it, and what that body has handed in."""

    rated_estate: RatedEstate
    body: str
    answered: int
    handed_in: frozenset[Direction]


def list_estates_to_rate(round_: Round, actor: Actor) -> list[OwnEstate]:
    """The estates that the actor rates for their committee or community, by code, with turnout."""
    own = actor.scope_ids(Role.COMMITTEE)
    by_committee = list_rated_estates(round_, estate_ids=own)
    by_community = list_rated_estates(round_, community_ids=actor.scope_ids(Role.COMMUNITY))
    bodies = {one.id: "community" for one in by_community} | {one.id: "committee" for one in by_committee}
    estates = {one.id: one for one in (*by_community, *by_committee)}
    return _own(sorted(estates.values(), key=lambda one: one.estate.code), bodies)


def list_estates_served(round_: Round, actor: Actor) -> list[OwnEstate]:
    """The estates of the actor's companies in a round, by code. Companies are not told the turnout: it is left 0."""
    ids = select(RatedEstate.estate_id).where(
        RatedEstate.round_id == round_.id, RatedEstate.company_id.in_(actor.scope_ids(Role.COMPANY))
    )
    estates = list_rated_estates(round_, estate_ids=db.session.scalars(ids).all())
    return _own(estates, {one.id: "company" for one in estates}, counts_shown=False)


def _own(estates: list[RatedEstate], bodies: Mapping[int, str], *, counts_shown: bool = True) -> list[OwnEstate]:
    done = list_bodies_done(bodies)
    counts = {row.rated_estate.id: row.count for row in list_turnout(estates)} if counts_shown else {}
    return [
        OwnEstate(
            one,
            bodies[one.id],
            counts.get(one.id, 0),
            frozenset(direction for key, direction, body in done if (key, body) == (one.id, bodies[one.id])),
        )
        for one in estates
    ]


def list_own_companies(actor: Actor) -> list[Company]:
    """The companies that the actor works for, by code."""
    return list(
        db.session.scalars(select(Company).where(Company.id.in_(actor.scope_ids(Role.COMPANY))).order_by(Company.code))
    )


# ---- the auditor


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The filter of the event log; '' and None match everything. `day` is a day in Shanghai."""

    kind: str = ""
    subject: str = ""
    day: date | None = None


def events_of(wanted: EventFilter) -> Select[Event]:
    """A SELECT of events, the latest first."""
    statement = select(Event).order_by(Event.at.desc(), Event.number.desc())
    if wanted.kind:
        statement = statement.where(Event.kind == wanted.kind)
    if wanted.subject:
        statement = statement.where(containing(wanted.subject, Event.subject))
    if wanted.day is not None:
        start = datetime.combine(wanted.day, time(), SHANGHAI)
        statement = statement.where(Event.at >= start, Event.at < start + timedelta(days=1))
    return statement


def list_events(wanted: EventFilter) -> Iterable[Event]:
    """The events that match a filter, the latest first."""
    return db.session.scalars(events_of(wanted))


def list_event_kinds() -> list[str]:
    """The kinds of event that have happened, in alphabetical order."""
    return list(db.session.scalars(select(Event.kind).distinct().order_by(Event.kind)))
