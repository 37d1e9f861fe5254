"""How many evaluations an open round still needs: from the counters, and the last round's spreads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rating.evaluations.queries import Turnout, list_turnout
from rating.results.models import StoredScorecard
from rating.results.queries import find_previous_scorecard, read_scorecard
from rating.rounds.models import Round
from rating.rounds.queries import list_rated_estates
from rating.scoring import EstateNeed, PlannedEstate, RoundNeed, Spreads, plan_round


@dataclass(frozen=True, slots=True)
class EstateProgress:
    """An estate's turnout beside what its company still needs there."""

    turnout: Turnout
    need: EstateNeed

    @property
    def still_needed(self) -> int:
        """How many evaluations are lacking."""
        return self.need.still_needed


def list_progress(round_: Round, turnout: Iterable[Turnout], now: datetime) -> list[EstateProgress]:
    """What each estate of a round still needs, in the order given. `turnout` covers the whole round.

    A company's need is shared out among all its estates, so a part of the round would ask too much of each.
    """
    rows = list(turnout)
    need = plan_turnout(round_, rows, now)
    return [EstateProgress(row, need.estates[row.rated_estate.estate.code]) for row in rows]


def plan_turnout(round_: Round, turnout: Iterable[Turnout], now: datetime) -> RoundNeed:
    """The whole round's need; see rating.scoring.explanations.needed for the formulas."""
    planned = [
        PlannedEstate(row.rated_estate.estate.code, row.rated_estate.company.code, row.households, row.count)
        for row in turnout
    ]
    last = find_previous_scorecard(round_, now)
    return plan_round(round_.rulebook.content.rules(), planned, _spreads(last) if last else None)


def count_still_needed(round_: Round, now: datetime) -> dict[str, int]:
    """How many evaluations each estate of a round still needs, by its code."""
    need = plan_turnout(round_, list_turnout(list_rated_estates(round_)), now)
    return {code: estate.still_needed for code, estate in need.estates.items()}


def _spreads(last: StoredScorecard) -> Spreads:
    companies = read_scorecard(last).companies
    estates = [estate for company in companies for estate in company.estates]
    return Spreads(
        {one.estate: one.smoothed_spread for one in estates if one.smoothed_spread is not None},
        {one.company: one.pooled_spread for one in companies if one.pooled_spread is not None},
    )
