"""The scorecard as a table file for spreadsheets."""

from __future__ import annotations

from rating.results.queries import CompanyResult
from rating.scoring import Direction
from rating.web.figures import percent, points


def sheet_row(result: CompanyResult, standing: str, reasons: str) -> list[object]:
    """One company's row; `standing` and `reasons` are already in the reader's language."""
    card = result.card
    return [
        result.company.code,
        result.company.name,
        standing,
        card.rank,
        *map(points, (card.score, card.lower, card.upper, card.base, card.adjustment)),
        _direction_score(result, Direction.RESIDENT_TO_COMPANY),
        _direction_score(result, Direction.COMMITTEE_TO_COMPANY),
        card.count,
        card.households,
        percent(card.turnout),
        card.estate_count,
        reasons,
    ]


def _direction_score(result: CompanyResult, direction: Direction) -> str | None:
    found = result.card.directions.get(direction)
    return points(found.score) if found else None
