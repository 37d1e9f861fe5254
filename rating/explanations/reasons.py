"""How a company's published result came about, from what is frozen: steps, records, change, fragility, peers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from rating.extensions import db
from rating.registry.models import Estate
from rating.results.models import StoredScorecard
from rating.results.queries import find_company_card
from rating.rulebooks.content import RulebookContent, Text
from rating.scoring import (
    Adjustment,
    Change,
    CommonProblem,
    CompanyCard,
    CompositeSteps,
    Direction,
    EstateTraits,
    FoldedTallies,
    Fragility,
    PeerComparison,
    Records,
    Waterfall,
    compare_with_peers,
    explain_composite,
    explain_score,
    find_common_problems,
)
from rating.storage.digests import ByDigest

COUNTING = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is behind one company's score; None and empty where there is nothing to say."""

    card: CompanyCard
    composite: CompositeSteps | None
    waterfalls: Mapping[Direction, Waterfall]
    adjustments: tuple[Adjustment, ...]
    change: Change | None
    fragility: Fragility | None
    peers: PeerComparison | None


def explain_company(stored: StoredScorecard, company_code: str) -> Explanation | None:
    """The whole explanation of a company of a scorecard; None for one that isn't in it or may show nothing."""
    card, rules = find_company_card(stored, company_code), stored.round.rulebook.content.rules()
    if card is None or not card.directions:
        return None
    return Explanation(
        card=card,
        composite=explain_composite(rules, card),
        waterfalls=_waterfalls(stored.round.rulebook.content, card),
        adjustments=tuple(one for one in _records(stored).adjustments if one.company == company_code),
        change=card.change,
        fragility=card.fragility,
        peers=_compared(stored).peers.get(company_code),
    )


def _waterfalls(content: RulebookContent, card: CompanyCard) -> dict[Direction, Waterfall]:
    rules = content.rules()
    found = {}
    for direction in COUNTING:
        side, asked = card.directions.get(direction), rules.questionnaire(direction)
        if side is not None and side.score is not None and asked is not None:
            found[direction] = explain_score(asked, side.indicators, side.score)
    return found


def _records(stored: StoredScorecard) -> Records:
    return Records.from_json(json.loads(stored.records))


# ---- what is computed from all companies' tallies, once per scorecard and process


@dataclass(frozen=True, slots=True)
class _Compared:
    peers: Mapping[str, PeerComparison]
    problems: tuple[CommonProblem, ...]


_kept: ByDigest[_Compared] = ByDigest(4)


def _compared(stored: StoredScorecard) -> _Compared:
    traits = _list_traits(stored)  # of the register, which changes
    return _kept.get(f"{stored.digest} {hash(traits)}", lambda: _compare(stored, traits))


def _compare(stored: StoredScorecard, traits: tuple[EstateTraits, ...]) -> _Compared:
    rules, tallies = stored.round.rulebook.content.rules(), FoldedTallies.from_json(json.loads(stored.tallies))
    return _Compared(peers=compare_with_peers(rules, tallies, traits), problems=find_common_problems(rules, tallies))


def _list_traits(stored: StoredScorecard) -> tuple[EstateTraits, ...]:
    """What the register says of every estate; its age is that at the end of the period that was judged."""
    year = stored.round.rated_to.year
    rows = db.session.execute(
        select(Estate.code, Estate.built_year, Estate.has_lifts, Estate.fee).order_by(Estate.code)
    )
    return tuple(EstateTraits(code, year - built if built else None, lifts, fee) for code, built, lifts, fee in rows)


# ---- the city's common problems


@dataclass(frozen=True, slots=True)
class NamedProblem:
    """A common problem in words: low in `low` of `estates`."""

    text: Text
    low: int
    estates: int


def list_common_problems(stored: StoredScorecard) -> list[NamedProblem]:
    """The city's common problems as a release lists them, the most widespread first."""
    content = stored.round.rulebook.content
    if Direction.RESIDENT_TO_COMPANY not in content.questionnaires:
        return []
    texts = {one.key: one.text for one in content.questionnaire(Direction.RESIDENT_TO_COMPANY).indicators}
    return [NamedProblem(texts[one.indicator], one.low, one.estates) for one in _compared(stored).problems]
