"""What a release says of a scorecard: totals, and a listing for each company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rating.registry.models import Company
from rating.releases.models import Listing, Release
from rating.results.models import StoredScorecard
from rating.results.queries import list_company_results
from rating.results.schemas import listed_fields
from rating.scoring import CityCard, CompanyCard, Direction, Standing, Totals

NOTHING = Totals(received=0, counted=0, set_aside=0, rejected=0)


def tell_totals(city: CityCard) -> Totals:
    """What became of the residents' evaluations, or of those on site where no residents are asked."""
    for direction in (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY):
        if direction in city.totals:
            return city.totals[direction]
    return NOTHING


def make_listings(release: Release, scorecard: StoredScorecard) -> list[Listing]:
    """A release's listing for each company, in the order of lists, ranks and codes."""
    results = list_company_results(scorecard)
    places = count_places([result.card for result in results])
    return [_make_listing(release, result.company, result.card, places) for result in results]


def _make_listing(release: Release, company: Company, card: CompanyCard, places: Mapping[str, int]) -> Listing:
    return Listing(
        release_id=release.id,
        company_id=company.id,
        standing=card.standing,
        place=places.get(company.code),
        result=listed_fields(card),
    )


def count_places(cards: Sequence[CompanyCard]) -> dict[str, int]:
    """Places within each list from the ranks in the whole field, ties sharing one; the black list counts from below."""
    places: dict[str, int] = {}
    for standing in Standing:
        ranked = {card.company: card.rank for card in cards if card.standing is standing and card.rank is not None}
        ranks = sorted(ranked.values(), reverse=standing is Standing.BLACK)
        firsts: dict[int, int] = {}
        for place, rank in enumerate(ranks, start=1):
            firsts.setdefault(rank, place)
        places |= {company: firsts[rank] for company, rank in ranked.items()}
    return places
