"""What a release says of a scorecard: totals, and a listing for each company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rating.registry.models import Company
from rating.releases.models import Listing, Release
from rating.results.models import StoredScorecard
from rating.results.queries import list_company_results
from rating.scoring import Direction, Standing


def tell_totals(scorecard: Mapping[str, Any]) -> dict[str, int]:
    """received, counted, set_aside, rejected of the residents, or of those on site where no residents are asked."""
    totals: Mapping[str, dict[str, int]] = scorecard["city"]["totals"]
    for direction in (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY):
        if direction in totals:
            return totals[direction]
    return {"received": 0, "counted": 0, "set_aside": 0, "rejected": 0}


def make_listings(release: Release, scorecard: StoredScorecard) -> list[Listing]:
    """A release's listing for each company, in the order of lists, ranks and codes."""
    results = list_company_results(scorecard)
    places = count_places([result.card for result in results])
    return [_make_listing(release, result.company, result.card, places) for result in results]


def _make_listing(release: Release, company: Company, card: Mapping[str, Any], places: Mapping[str, int]) -> Listing:
    return Listing(
        release_id=release.id,
        company_id=company.id,
        standing=Standing(card["standing"]),
        place=places.get(company.code),
        result={key: value for key, value in card.items() if key != "estates"},
    )


def count_places(cards: list[dict[str, Any]]) -> dict[str, int]:
    """Places within each list from the ranks in the whole field, ties sharing one; the black list counts from below."""
    places: dict[str, int] = {}
    for standing in Standing:
        ranked = [card for card in cards if card["standing"] == standing and card["rank"] is not None]
        ranks = sorted((card["rank"] for card in ranked), reverse=standing is Standing.BLACK)
        firsts: dict[int, int] = {}
        for place, rank in enumerate(ranks, start=1):
            firsts.setdefault(rank, place)
        places |= {card["company"]: firsts[card["rank"]] for card in ranked}
    return places
