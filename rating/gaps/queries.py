"""Where residents and on site differ widely, and what a check of it found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from rating.access import Actor, Role
from rating.errors import NotFound
from rating.extensions import db
from rating.gaps.models import GapCheck
from rating.registry.models import Community, Estate
from rating.results.models import StoredScorecard
from rating.results.queries import find_scorecard, read_scorecard
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.queries import list_rounds
from rating.rulebooks.content import Gaps
from rating.scoring import Direction, EstateCard
from rating.wording import _l


@dataclass(frozen=True, slots=True)
class WideGap:
    """An estate on which residents and on site differ widely: both scores and `gap`, their difference, in points.

    `count` is of the residents' evaluations; `check` is None until somebody has checked these very figures.
    """

    rated_estate: RatedEstate
    count: int
    residents: Decimal
    on_site: Decimal
    gap: Decimal
    check: GapCheck | None

    @property
    def estate(self) -> Estate:
        """The estate."""
        return self.rated_estate.estate


def list_wide_gaps(stored: StoredScorecard, subdistrict_ids: Collection[int] | None = None) -> list[WideGap]:
    """The shown estates where the directions differ widely by the round's rulebook, by code.

    Of all sub-districts, or of these.
    """
    estates = (estate for company in read_scorecard(stored).companies for estate in company.estates)
    rulebook = stored.round.rulebook.content.gaps
    cards = {card.estate: card for card in estates if _is_wide(card, rulebook)}
    statement = (
        select(RatedEstate)
        .join(RatedEstate.estate)
        .join(RatedEstate.community)
        .where(RatedEstate.round_id == stored.round_id, Estate.code.in_(cards))
        .options(
            joinedload(RatedEstate.estate),
            joinedload(RatedEstate.company),
            joinedload(RatedEstate.community).joinedload(Community.subdistrict),
        )
        .order_by(Estate.code)
    )
    if subdistrict_ids is not None:
        statement = statement.where(Community.subdistrict_id.in_(subdistrict_ids))
    rated = list(db.session.scalars(statement))
    checks = _checks_of(rated)
    return [_gap(one, cards[one.estate.code], checks) for one in rated]


def _is_wide(card: EstateCard, rulebook: Gaps) -> bool:
    return card.gap is not None and rulebook.is_wide(card.gap, card.count)


_Checks = Mapping[tuple[int, Decimal, Decimal], GapCheck]


def _checks_of(rated: Collection[RatedEstate]) -> _Checks:
    rows = db.session.scalars(
        select(GapCheck)
        .where(GapCheck.rated_estate_id.in_([one.id for one in rated]))
        .options(joinedload(GapCheck.checker))
    )
    return {(row.rated_estate_id, row.residents, row.on_site): row for row in rows}


def _gap(rated: RatedEstate, card: EstateCard, checks: _Checks) -> WideGap:
    sides = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)
    residents, on_site = [score for side in sides if (score := card.directions[side].score) is not None]
    check = checks.get((rated.id, residents, on_site))
    return WideGap(rated, card.count, residents, on_site, residents - on_site, check)


def list_unchecked_gaps(stored: StoredScorecard) -> list[WideGap]:
    """The wide gaps of a scorecard that nobody has checked, by the estate's code."""
    return [gap for gap in list_wide_gaps(stored) if gap.check is None]


def get_wide_gap(rated_estate: RatedEstate) -> WideGap:
    """The wide gap of an estate in its round's scorecard in force; raises NotFound where there is none."""
    stored = find_scorecard(rated_estate.round)
    gaps = list_wide_gaps(stored, [rated_estate.community.subdistrict_id]) if stored else []
    for gap in gaps:
        if gap.rated_estate.id == rated_estate.id:
            return gap
    raise NotFound(
        _l(
            "Residents and on site don’t differ by more than %(points)s points on this estate.",
            points=rated_estate.round.rulebook.content.gaps.gap_points,
        )
    )


def list_own_gaps(actor: Actor) -> list[tuple[Round, list[WideGap]]]:
    """The wide gaps of the actor's sub-districts: of the rounds that are waiting for their preview and of the latest
    scored.

    The latest round first; rounds without such a gap are left out.
    """
    own = actor.scope_ids(Role.SUBDISTRICT)
    gaps = [(round_, list_wide_gaps(stored, own)) for round_, stored in _list_at_work()]
    return [(round_, some) for round_, some in gaps if some]


def _list_at_work() -> list[tuple[Round, StoredScorecard]]:
    shown: list[tuple[Round, StoredScorecard]] = []
    for round_ in list_rounds():
        if shown and round_.state is not RoundState.CLOSED:
            continue
        if (stored := find_scorecard(round_)) is not None:
            shown.append((round_, stored))
    return shown
