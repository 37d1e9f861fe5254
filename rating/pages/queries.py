"""What the public site reads across rooms: a release with what followed, a company, an estate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from rating.cases.public_queries import PublicTalk, list_public_talks
from rating.evaluations.models import Channel, TurnoutDay
from rating.extensions import db
from rating.registry.contracts import runs_within
from rating.registry.models import Committee, Company, Contract, Estate
from rating.registry.queries import RegisterFilter, companies_of, current_companies, estates_of
from rating.releases.models import Listing, Release
from rating.releases.queries import (
    find_current_release,
    find_estate_result,
    find_listing,
    list_company_history,
    list_estate_results,
    list_listings,
)
from rating.results.queries import Counts, find_mark_counts
from rating.rounds.models import RatedEstate, Round
from rating.rounds.queries import find_open_round, find_rated_estate
from rating.rulebooks.models import Rulebook
from rating.rulebooks.queries import list_rulebooks
from rating.scoring import EstateCard, Standing

FOUND = 20  # how many estates and companies a search shows before it links to the whole lists

# ---- a release and its listings


@dataclass(frozen=True, slots=True)
class Entry:
    """One company's listing, the names of its rated estates by code, and what followed a black listing."""

    listing: Listing
    estates: tuple[str, ...]
    talk: PublicTalk | None = None


def list_entries(release: Release, today: date, standings: Collection[Standing] = tuple(Standing)) -> list[Entry]:
    """A release's listings of these standings with what pages say beside them, in the order of the lists."""
    return _entries([one for one in list_listings(release) if one.standing in standings], release, today)


def find_entry(release: Release, company: Company, today: date) -> Entry | None:
    """One company's listing in a release with what pages say beside it, if it is in it."""
    listing = find_listing(release, company)
    return _entries([listing], release, today)[0] if listing else None


def _entries(listings: list[Listing], release: Release, today: date) -> list[Entry]:
    names = _names_of_rated_estates(release.round, [one.company_id for one in listings])
    black = [one.id for one in listings if one.calls_for_talk]
    talks = list_public_talks(black, today) if black else {}
    return [Entry(one, tuple(names.get(one.company_id, ())), talks.get(one.id)) for one in listings]


def _names_of_rated_estates(round_: Round, company_ids: Iterable[int]) -> Mapping[int, list[str]]:
    rows = db.session.execute(
        select(RatedEstate.company_id, Estate.name)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .where(RatedEstate.round_id == round_.id, RatedEstate.company_id.in_(list(company_ids)))
        .order_by(Estate.code)
    )
    names: dict[int, list[str]] = {}
    for company_id, name in rows:
        names.setdefault(company_id, []).append(name)
    return names


def find_shown_release(today: date) -> Release | None:
    """The release whose lists are on display today: none before the first, after a display's end, or for a trial."""
    release = find_current_release(today)
    return release if release and release.is_current(today) and not release.is_trial else None


def count_by_channel(round_: Round) -> dict[Channel, int]:
    """How many residents' evaluations of a round came in each way, from the counters."""
    rows = db.session.execute(
        select(TurnoutDay.channel, func.sum(TurnoutDay.count))
        .join(RatedEstate, RatedEstate.id == TurnoutDay.rated_estate_id)
        .where(RatedEstate.round_id == round_.id)
        .group_by(TurnoutDay.channel)
    )
    return {Channel(row[0]): int(row[1]) for row in rows}


def find_round_taking_evaluations(today: date) -> Round | None:
    """The open round, on its days."""
    round_ = find_open_round()
    return round_ if round_ and round_.takes_evaluations(today) else None


def find_rulebook_in_force(today: date) -> Rulebook | None:
    """The rulebook of the open round, else of the current release, else the last one loaded."""
    if round_ := find_open_round():
        return round_.rulebook
    if release := find_current_release(today):
        return release.round.rulebook
    return max(list_rulebooks(), key=lambda one: one.loaded_at, default=None)


# ---- companies


@dataclass(frozen=True, slots=True)
class ServedEstate:
    """An estate that a company serves today. `card` is its part of the scorecard where that may be shown.

    `was_rated` says that it was rated under this company in the release; without a card it had too few evaluations.
    """

    estate: Estate
    was_rated: bool
    card: EstateCard | None


def list_served_estates(company: Company, release: Release | None, today: date) -> list[ServedEstate]:
    """The estates that a company serves today, by code, with their results in a release whose lists are on display."""
    served = db.session.scalars(
        select(Estate)
        .where(Estate.id.in_(_running_contracts(today).where(Contract.company_id == company.id)))
        .order_by(Estate.code)
    )
    cards = {estate.id: card for estate, card in list_estate_results(release, company.code)} if release else {}
    rated = _ids_of_rated_estates(release.round, company) if release else frozenset()
    return [ServedEstate(one, one.id in rated, _shown_card(cards.get(one.id), release)) for one in served]


def _running_contracts(today: date) -> Select[int]:
    return select(Contract.estate_id).where(runs_within(today, today))


def _ids_of_rated_estates(round_: Round, company: Company) -> frozenset[int]:
    return frozenset(
        db.session.scalars(
            select(RatedEstate.estate_id).where(RatedEstate.round_id == round_.id, RatedEstate.company_id == company.id)
        )
    )


def _shown_card(card: EstateCard | None, release: Release | None) -> EstateCard | None:
    """An estate's card, but None where too few residents answered: an estate without any has a card too."""
    if card is None or release is None:
        return None
    rules = release.round.rulebook.content.rules()
    return None if rules.residents_count and card.count < rules.min_cell else card


def list_branches(company: Company) -> list[Company]:
    """The companies whose parent this one is, by name."""
    return list(
        db.session.scalars(select(Company).where(Company.parent_id == company.id).order_by(Company.name, Company.code))
    )


def list_shown_history(company: Company, today: date) -> list[Listing]:
    """A company's listings, oldest first: of each round the newest release, without black ones past their display."""
    newest: dict[int, Listing] = {}
    for listing in list_company_history(company):
        newest.setdefault(listing.release.round_id, listing)
    shown = (one for one in newest.values() if one.is_on_display(today))
    return sorted(shown, key=lambda one: one.release.number)


def standings_of(companies: Iterable[Company], release: Release | None) -> dict[int, Listing]:
    """The listings of these companies in a release, by company id."""
    if release is None:
        return {}
    ids = [company.id for company in companies]
    rows = db.session.scalars(select(Listing).where(Listing.release_id == release.id, Listing.company_id.in_(ids)))
    return {listing.company_id: listing for listing in rows}


def companies_with(
    wanted: RegisterFilter, today: date, release: Release | None, standing: Standing | None
) -> Select[Company]:
    """A SELECT of companies by words and place, and by their standing in a release whose lists are on display."""
    statement = companies_of(wanted, today)
    if release is None or standing is None:
        return statement
    listed = select(Listing.company_id).where(Listing.release_id == release.id, Listing.standing == standing)
    return statement.where(Company.id.in_(listed))


# ---- estates


@dataclass(frozen=True, slots=True)
class EstateStory:
    """What anybody may know of an estate today. `card` is None where nothing is shown although it was `rated`."""

    estate: Estate
    company: Company | None
    committee: str
    taking_part: RatedEstate | None
    release: Release | None
    rated: RatedEstate | None
    card: EstateCard | None
    marks: Counts | None


def tell_estate(estate: Estate, today: date) -> EstateStory:
    """Who serves an estate, whether its households can rate today, and its last shown result."""
    round_ = find_round_taking_evaluations(today)
    release = find_shown_release(today)
    card = _shown_card(find_estate_result(release, estate.code), release) if release else None
    return EstateStory(
        estate=estate,
        company=current_companies([estate], today).get(estate.id),
        committee=db.session.scalar(select(Committee.name).where(Committee.estate_id == estate.id)) or "",
        taking_part=find_rated_estate(round_, estate.code) if round_ else None,
        release=release,
        rated=find_rated_estate(release.round, estate.code) if release else None,
        card=card,
        marks=find_mark_counts(release.scorecard, estate.code) if release and card else None,
    )


# ---- search


@dataclass(frozen=True, slots=True)
class Found:
    """The first estates and companies whose names, codes or addresses contain the words."""

    estates: list[Estate]
    companies: list[Company]


def search(text: str, today: date) -> Found:
    """Estates and companies by words; nothing for no words."""
    wanted = RegisterFilter(text=text)
    if not text.strip():
        return Found([], [])
    return Found(
        list(db.session.scalars(estates_of(wanted).limit(FOUND))),
        list(db.session.scalars(companies_of(wanted, today).options(joinedload(Company.parent)).limit(FOUND))),
    )
