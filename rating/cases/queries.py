"""Reading black listings, talks and commitments, as far as the staff may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from rating.access import Actor, Role
from rating.cases.models import Commitment, Party, Reinspection, Talk, TalkState
from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Committee, Community, Company, Estate
from rating.releases.models import Listing, Release
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Standing
from rating.storage.searching import containing
from rating.wording import _l

# ---- listings and whom they concern


def get_listing(listing_id: int, actor: Actor) -> Listing:
    """A black listing with its company and release, for staff in whose scope it is; raises NotFound."""
    statement = (
        select(Listing)
        .where(Listing.id == listing_id, Listing.standing == Standing.BLACK, *_within_scope(actor))
        .options(*_WITH_RELEASE)
    )
    if (found := db.session.scalar(statement)) is None:
        raise NotFound(_l("There is no such listing on a black list, or it is not within your sub-district."))
    return found


def list_rated_estates_of(listing: Listing) -> list[RatedEstate]:
    """The estates that the company was rated for in the listing's round, by estate code."""
    return list(
        db.session.scalars(
            select(RatedEstate)
            .join(RatedEstate.estate)
            .where(RatedEstate.round_id == listing.release.round_id, RatedEstate.company_id == listing.company_id)
            .options(joinedload(RatedEstate.estate), joinedload(RatedEstate.community))
            .order_by(Estate.code)
        )
    )


def list_names_of(listing: Listing) -> list[str]:
    """The people whom no public text may name: the managers and committee members of the listing's rated estates."""
    rated = list_rated_estates_of(listing)
    members = db.session.scalars(
        select(Committee.members).where(Committee.estate_id.in_([one.estate_id for one in rated]))
    )
    return sorted({name.strip() for name in (*(one.manager for one in rated), *(n for some in members for n in some))})


def find_later_release(release: Release) -> Release | None:
    """The newest release that corrects this one: of the same round, with a higher number."""
    return db.session.scalar(
        select(Release)
        .where(Release.round_id == release.round_id, Release.number > release.number)
        .order_by(Release.number.desc())
        .limit(1)
    )


def list_listings_without_talk(actor: Actor) -> list[Listing]:
    """Black listings of each round's newest release whose company has had no notice yet, the oldest first."""
    statement = (
        select(Listing)
        .join(Listing.release)
        .join(Listing.company)
        .where(
            Listing.standing == Standing.BLACK,
            ~_is_corrected(),
            ~_talk_of(Listing.company_id, Release.round_id).exists(),
            *_within_scope(actor),
        )
        .options(*_WITH_RELEASE)
        .order_by(Release.published_on, Release.number, Company.code)
    )
    return list(db.session.scalars(statement))


def _is_corrected() -> ColumnElement[bool]:
    """Whether a later release of the same round replaces Release."""
    later = aliased(Release)
    return select(later.id).where(later.round_id == Release.round_id, later.number > Release.number).exists()


_WITH_RELEASE: tuple[ORMOption, ...] = (
    joinedload(Listing.company),
    joinedload(Listing.release).joinedload(Release.round).joinedload(Round.rulebook),
)


def _talk_of(company_id: Any, round_id: Any) -> Select[Talk]:
    """The talk that a company was called to over a round, whichever of the round's releases it followed."""
    own, of = aliased(Listing), aliased(Release)
    return (
        select(Talk)
        .join(own, Talk.listing_id == own.id)
        .join(of, own.release_id == of.id)
        .where(own.company_id == company_id, of.round_id == round_id)
    )


def _within_scope(actor: Actor) -> list[ColumnElement[bool]]:
    """WHERE clauses on Listing: the bureau and the auditor see all, a sub-district its companies of the round."""
    if actor.has(Role.BUREAU, Role.AUDITOR):
        return []
    of = aliased(Release)
    return [
        select(RatedEstate.id)
        .join(Community, RatedEstate.community_id == Community.id)
        .join(of, of.round_id == RatedEstate.round_id)
        .where(
            of.id == Listing.release_id,
            RatedEstate.company_id == Listing.company_id,
            Community.subdistrict_id.in_(actor.scope_ids(Role.SUBDISTRICT)),
        )
        .exists()
    ]


# ---- talks for the staff


@dataclass(frozen=True, slots=True)
class TalkFilter:
    """The filter of a list of talks; None and '' match everything."""

    state: TalkState | None = None
    company: str = ""
    release: int | None = None
    overdue_on: date | None = None


def select_talks(wanted: TalkFilter, actor: Actor) -> Select[Talk]:
    """A SELECT of the talks within the actor's scope, the latest first."""
    statement = (
        select(Talk)
        .join(Talk.listing)
        .join(Listing.release)
        .join(Listing.company)
        .where(*_within_scope(actor))
        .options(
            joinedload(Talk.listing).joinedload(Listing.company),
            joinedload(Talk.listing).joinedload(Listing.release),
            selectinload(Talk.commitments).selectinload(Commitment.reinspections),
        )
        .order_by(Talk.scheduled_at.desc(), Talk.id.desc())
    )
    if wanted.state is not None:
        statement = statement.where(Talk.state == wanted.state)
    if wanted.company:
        statement = statement.where(containing(wanted.company, Company.name, Company.code))
    if wanted.release is not None:
        statement = statement.where(Release.number == wanted.release)
    if wanted.overdue_on is not None:
        statement = statement.where(Talk.commitments.any(_is_overdue(wanted.overdue_on)))
    return statement


def list_talks(wanted: TalkFilter, actor: Actor) -> list[Talk]:
    """The talks within the actor's scope, the latest first."""
    return list(db.session.scalars(select_talks(wanted, actor)))


def find_talk(listing: Listing) -> Talk | None:
    """The talk that this listing's company was called to over the listing's round, with all that came of it."""
    return db.session.scalar(_talk_of(listing.company_id, listing.release.round_id).options(*WHOLE_TALK))


def get_talk(listing_id: int, actor: Actor) -> Talk:
    """The talk that followed a listing, for staff in whose scope it is; raises NotFound."""
    if (talk := find_talk(get_listing(listing_id, actor))) is None:
        raise NotFound(_l("No talk has been arranged after this listing yet."))
    return talk


def get_commitment(talk: Talk, commitment_id: int) -> Commitment:
    """One of a talk's commitments; raises NotFound."""
    for commitment in talk.commitments:
        if commitment.id == commitment_id:
            return commitment
    raise NotFound(_l("There is no such commitment."))


def list_overdue_commitments(today: date) -> list[Commitment]:
    """Commitments of the companies themselves that are overdue on a day, by id."""
    statement = (
        select(Commitment)
        .where(_is_overdue(today), Commitment.party == Party.COMPANY)
        .options(joinedload(Commitment.talk).joinedload(Talk.listing))
        .order_by(Commitment.id)
    )
    return list(db.session.scalars(statement))


def _is_overdue(today: date) -> ColumnElement[bool]:
    """Commitment.is_overdue in SQL."""
    looked = select(Reinspection.id).where(Reinspection.commitment_id == Commitment.id)
    verified = looked.where(Reinspection.passed).exists()
    looked_since = looked.where(Reinspection.inspected_on >= Commitment.done_on).exists()
    waits = and_(Commitment.done_on.is_not(None), Commitment.done_on <= Commitment.due_on, ~looked_since)
    return and_(Commitment.due_on < today, ~verified, ~waits)


WHOLE_TALK: tuple[ORMOption, ...] = (
    joinedload(Talk.listing).joinedload(Listing.company),
    joinedload(Talk.listing).joinedload(Listing.release).joinedload(Release.round).joinedload(Round.rulebook),
    selectinload(Talk.commitments).options(selectinload(Commitment.reinspections), joinedload(Commitment.estate)),
)
