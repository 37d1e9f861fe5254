"""Reading previews, sign-offs, drafts, and releases with their listings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from rating.access import Actor, Role
from rating.accounts.models import User
from rating.errors import NotFound, Refused
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.models import Decision, Listing, Party, Release, ReleaseDraft, SignOff
from rating.results.models import StoredScorecard
from rating.results.queries import find_company_card, find_estate_card, find_scorecard, get_scorecard
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.queries import get_rated_estate, rated_estates_of
from rating.scoring import CompanyCard, EstateCard, Standing
from rating.wording import _l

# ---- previews


@dataclass(frozen=True, slots=True)
class EstatePreview:
    """An estate's result as its committee and community see it in preview. `card` is None where nothing may be
    shown.
    """

    rated_estate: RatedEstate
    scorecard: StoredScorecard
    card: EstateCard | None
    party: Party
    own: SignOff | None


@dataclass(frozen=True, slots=True)
class CompanyPreview:
    """A company's proposed card, and its rated estates with their cards (None where nothing may be shown)."""

    round: Round
    company: Company
    card: CompanyCard
    estates: list[tuple[RatedEstate, EstateCard | None]]


def list_rounds_in_preview() -> list[Round]:
    """The rounds whose results are in preview, the latest first."""
    return list(
        db.session.scalars(select(Round).where(Round.state == RoundState.PREVIEW).order_by(Round.number.desc()))
    )


def party_of(actor: Actor, rated_estate: RatedEstate) -> Party:
    """For which body an actor reviews an estate's result; raises Refused for others' estates."""
    if rated_estate.estate_id in actor.scope_ids(Role.COMMITTEE):
        return Party.COMMITTEE
    if rated_estate.community_id in actor.scope_ids(Role.COMMUNITY):
        return Party.COMMUNITY
    raise Refused(_l("This estate belongs to another committee or community."))


def list_estate_previews(actor: Actor) -> list[EstatePreview]:
    """The actor's estates in rounds under preview, the latest round first, then by estate code."""
    previews = []
    for round_ in list_rounds_in_preview():
        scorecard = get_scorecard(round_)
        given = {(each.rated_estate_id, each.party): each for each in list_sign_offs(scorecard)}
        for rated in _own_estates(round_, actor):
            party = party_of(actor, rated)
            card = find_estate_card(scorecard, rated.estate.code)
            previews.append(EstatePreview(rated, scorecard, card, party, given.get((rated.id, party))))
    return previews


def _own_estates(round_: Round, actor: Actor) -> Iterable[RatedEstate]:
    in_scope = RatedEstate.estate_id.in_(actor.scope_ids(Role.COMMITTEE)) | RatedEstate.community_id.in_(
        actor.scope_ids(Role.COMMUNITY)
    )
    return db.session.scalars(rated_estates_of(round_).where(in_scope))


def get_estate_preview(rated_estate_id: int, actor: Actor) -> EstatePreview:
    """One estate's preview; raises NotFound outside a preview, Refused for estates of others."""
    rated = get_rated_estate(rated_estate_id)
    party = party_of(actor, rated)
    if rated.round.state is not RoundState.PREVIEW:
        raise NotFound(_l("This estate's result is not in preview."))
    scorecard = get_scorecard(rated.round)
    card = find_estate_card(scorecard, rated.estate.code)
    return EstatePreview(rated, scorecard, card, party, find_sign_off(rated, scorecard.id, party))


def list_company_previews(actor: Actor) -> list[CompanyPreview]:
    """What a company's people see of rounds under preview: their companies' cards and shown estates' cards."""
    companies = db.session.scalars(
        select(Company).where(Company.id.in_(actor.scope_ids(Role.COMPANY))).order_by(Company.code)
    ).all()
    previews = []
    for round_ in list_rounds_in_preview():
        scorecard = get_scorecard(round_)
        for company in companies:
            if (card := find_company_card(scorecard, company.code)) is not None:
                previews.append(CompanyPreview(round_, company, card, _company_estates(round_, company, scorecard)))
    return previews


def _company_estates(
    round_: Round, company: Company, scorecard: StoredScorecard
) -> list[tuple[RatedEstate, EstateCard | None]]:
    rated = db.session.scalars(rated_estates_of(round_).where(RatedEstate.company_id == company.id))
    return [(each, find_estate_card(scorecard, each.estate.code)) for each in rated]


# ---- sign-offs and drafts


def find_sign_off(rated_estate: RatedEstate, scorecard_id: int, party: Party) -> SignOff | None:
    """What a party has said of an estate's result, if it has."""
    return db.session.scalar(
        select(SignOff).where(
            SignOff.rated_estate_id == rated_estate.id, SignOff.scorecard_id == scorecard_id, SignOff.party == party
        )
    )


def list_sign_offs(scorecard: StoredScorecard) -> list[SignOff]:
    """All signatures and remarks on a scorecard, in the order they came."""
    return list(
        db.session.scalars(select(SignOff).where(SignOff.scorecard_id == scorecard.id).order_by(SignOff.at, SignOff.id))
    )


def list_remarks(scorecard: StoredScorecard) -> list[SignOff]:
    """The remarks on a scorecard with their estates, by estate code and party."""
    return list(
        db.session.scalars(
            select(SignOff)
            .join(SignOff.rated_estate)
            .join(RatedEstate.estate)
            .where(SignOff.scorecard_id == scorecard.id, SignOff.decision == Decision.REMARKED)
            .options(joinedload(SignOff.rated_estate).joinedload(RatedEstate.estate))
            .order_by(Estate.code, SignOff.party)
        )
    )


@dataclass(frozen=True, slots=True)
class SignOffCount:
    """How many of a round's estates were signed (and not remarked on), remarked on, and left unanswered by all."""

    estates: int
    signed: int
    remarked: int

    @property
    def silent(self) -> int:
        """Estates that nobody has signed or remarked on."""
        return self.estates - self.signed - self.remarked


def count_sign_offs(scorecard: StoredScorecard) -> SignOffCount:
    """Sign-offs counted by estate."""
    estates = db.session.scalar(
        select(func.count()).select_from(RatedEstate).where(RatedEstate.round_id == scorecard.round_id)
    )
    given = (
        select(func.max(case((SignOff.decision == Decision.REMARKED, 1), else_=0)).label("remarked"))
        .where(SignOff.scorecard_id == scorecard.id)
        .group_by(SignOff.rated_estate_id)
        .subquery()
    )
    answered, remarked = db.session.execute(
        select(func.count(), func.coalesce(func.sum(given.c.remarked), 0)).select_from(given)
    ).one()
    return SignOffCount(estates or 0, int(answered) - int(remarked), int(remarked))


def find_draft(round_: Round) -> ReleaseDraft | None:
    """The draft of a round's release, if somebody has drafted it."""
    if (scorecard := find_scorecard(round_)) is None:
        return None
    return db.session.scalar(select(ReleaseDraft).where(ReleaseDraft.scorecard_id == scorecard.id))


def get_draft(round_: Round) -> ReleaseDraft:
    """The draft of a round's release; raises NotFound."""
    if (found := find_draft(round_)) is None:
        raise NotFound(_l("There is no draft of this round's release."))
    return found


def get_user(username: str) -> User:
    """An active user by log-in name; raises NotFound."""
    found = db.session.scalar(select(User).where(User.username == username, User.active.is_(True)))
    if found is None:
        raise NotFound(_l("There is no user %(name)s.", name=username))
    return found


# ---- releases


def _releases() -> Select[Release]:
    return select(Release).join(Release.round).options(joinedload(Release.round), joinedload(Release.scorecard))


def find_current_release(today: date) -> Release | None:
    """The latest release published by a day; a trial's only while there is no other. None before the first.

    Its lists may have expired: ask `release.is_current(today)`.
    """
    return db.session.scalar(
        _releases().where(Release.published_on <= today).order_by(Round.trial, Release.number.desc()).limit(1)
    )


def get_release(number: int) -> Release:
    """A release by its number; raises NotFound."""
    if (found := db.session.scalar(_releases().where(Release.number == number))) is None:
        raise NotFound(_l("There is no release no. %(number)s.", number=number))
    return found


def find_release_of_round(round_: Round) -> Release | None:
    """The latest release of a round, if it is published."""
    return db.session.scalar(_releases().where(Release.round_id == round_.id).order_by(Release.number.desc()).limit(1))


def list_releases() -> list[Release]:
    """All releases, the latest first."""
    return list(db.session.scalars(_releases().order_by(Release.number.desc())))


def next_release_number() -> int:
    """One more than the highest number so far."""
    return (db.session.scalar(select(func.max(Release.number))) or 0) + 1


def list_listings(release: Release, standing: Standing | None = None) -> list[Listing]:
    """A release's listings, all or one list; empty for a trial.

    In the order of standings (red, black, watch, ordinary, insufficient), place (the unranked last), company code.
    """
    order = case({each.value: n for n, each in enumerate(Standing)}, value=Listing.standing)
    statement = (
        select(Listing)
        .join(Listing.company)
        .where(Listing.release_id == release.id)
        .options(joinedload(Listing.company))
        .order_by(order, Listing.place.is_(None), Listing.place, Company.code)
    )
    if standing is not None:
        statement = statement.where(Listing.standing == standing)
    return list(db.session.scalars(statement))


def find_listing(release: Release, company: Company) -> Listing | None:
    """A company's listing in a release, if it is in it."""
    return db.session.scalar(select(Listing).where(Listing.release_id == release.id, Listing.company_id == company.id))


def list_company_history(company: Company) -> list[Listing]:
    """A company's listings in all releases, the latest first. Show what `listing.is_on_display(today)` allows."""
    return list(
        db.session.scalars(
            select(Listing)
            .join(Listing.release)
            .where(Listing.company_id == company.id)
            .options(joinedload(Listing.release).joinedload(Release.round))
            .order_by(Release.number.desc())
        )
    )


def find_estate_result(release: Release, estate_code: str) -> EstateCard | None:
    """A shown estate's card in a release; None where nothing may be shown (too few evaluations, a trial)."""
    return None if release.is_trial else find_estate_card(release.scorecard, estate_code)


def list_estate_results(release: Release, company_code: str) -> list[tuple[Estate, EstateCard]]:
    """A company's shown estates with their cards in a release, by estate code; empty for a trial."""
    company = None if release.is_trial else find_company_card(release.scorecard, company_code)
    cards = {card.estate: card for card in company.estates} if company else {}
    estates = db.session.scalars(select(Estate).where(Estate.code.in_(cards)).order_by(Estate.code))
    return [(estate, cards[estate.code]) for estate in estates]
