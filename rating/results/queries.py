"""Tallies by grouped statements, the records that count, and reading the frozen scorecard.

Not one row of evaluations becomes a Python object: what comes out of the database is one row an estate and direction,
and one an estate, indicator and mark.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from rating.errors import NotFound
from rating.evaluations.models import Evaluation, TurnoutDay
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.results.models import Adjustment, StoredScorecard
from rating.rounds.models import RatedEstate, Round
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, EstateTally, MarkCounts, Moments, Standing, TallyError
from rating.wording import _l

# ---- tallies


@dataclass(frozen=True, slots=True)
class _Place:
    """A rated estate as tallies name it."""

    estate: str
    company: str
    households: int


@dataclass(frozen=True, slots=True)
class _Spread:
    """One estate's evaluations in one direction: their moments, the least and the greatest score."""

    moments: Moments
    lowest: int
    highest: int


_Marks = dict[str, MarkCounts]


def tally_round(round_: Round) -> list[EstateTally]:
    """The tallies of every rated estate in every direction that the rulebook asks in, by estate code.

    Scores are whole 1/10 000 points. An estate without evaluations has empty tallies. Raises TallyError for marks
    that fit no questionnaire.
    """
    places = _list_places(round_)
    spreads = _list_spreads(round_)
    questionnaires = round_.rulebook.content.questionnaires
    if unasked := sorted({direction for _, direction in spreads} - set(questionnaires)):
        raise TallyError(f"there are evaluations, but nothing is asked, in {', '.join(unasked)}")
    return [
        tally
        for direction, questionnaire in questionnaires.items()
        for tally in _tally_direction(direction, places, spreads, _count_marks(round_, questionnaire))
    ]


def _tally_direction(
    direction: Direction,
    places: Mapping[int, _Place],
    spreads: Mapping[tuple[int, Direction], _Spread],
    marks: Mapping[int, _Marks],
) -> Iterator[EstateTally]:
    # The least and the greatest of residents' scores are two households' answers, which nobody needs.
    compares = direction is not Direction.RESIDENT_TO_COMPANY
    for rated_estate_id, place in places.items():
        spread = spreads.get((rated_estate_id, direction))
        yield EstateTally(
            direction=direction,
            company=place.company,
            estate=place.estate,
            households=place.households,
            never_flagged=spread.moments if spread else Moments(),
            indicators=marks.get(rated_estate_id, {}),
            lowest=spread.lowest if spread and compares else None,
            highest=spread.highest if spread and compares else None,
        )


def _list_places(round_: Round) -> dict[int, _Place]:
    rows = db.session.execute(
        select(RatedEstate.id, Estate.code, Company.code, RatedEstate.households)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(Company, Company.id == RatedEstate.company_id)
        .where(RatedEstate.round_id == round_.id)
        .order_by(Estate.code)
    )
    return {row[0]: _Place(row[1], row[2], row[3]) for row in rows}


def _of_round(round_: Round) -> ColumnElement[bool]:
    return Evaluation.rated_estate_id.in_(select(RatedEstate.id).where(RatedEstate.round_id == round_.id))


def _list_spreads(round_: Round) -> dict[tuple[int, Direction], _Spread]:
    """Count, Σy, Σy², least and greatest y of each estate and direction.

    Σy² of one estate stays far within SQLite's 64 bits: a score's square is at most 10¹².
    """
    y = Evaluation.score
    rows = db.session.execute(
        select(
            Evaluation.rated_estate_id,
            Evaluation.direction,
            func.count(),
            func.sum(y),
            func.sum(y * y),
            func.min(y),
            func.max(y),
        )
        .where(_of_round(round_))
        .group_by(Evaluation.rated_estate_id, Evaluation.direction)
    )
    # PostgreSQL answers a sum of big integers with a Decimal, SQLite with an int.
    return {
        (row[0], row[1]): _Spread(Moments(int(row[2]), int(row[3]), int(row[4])), int(row[5]), int(row[6]))
        for row in rows
    }


def _count_marks(round_: Round, questionnaire: Questionnaire) -> dict[int, _Marks]:
    """How often each mark, or none, was given to each indicator of each estate: one statement an indicator."""
    found: dict[int, _Marks] = {}
    for position, indicator in enumerate(questionnaire.indicators, start=1):
        signs: dict[int, dict[str, int]] = {}
        for rated_estate_id, sign, count in db.session.execute(_signs(round_, questionnaire.direction, position)):
            signs.setdefault(rated_estate_id, {})[sign] = count
        for rated_estate_id, counts in signs.items():
            found.setdefault(rated_estate_id, {})[indicator.key] = _mark_counts(counts)
    return found


def _signs(round_: Round, direction: Direction, position: int) -> Select[int, str, int]:
    # An inner column: PostgreSQL must see one and the same expression in SELECT and GROUP BY.
    marks = (
        select(Evaluation.rated_estate_id, func.substr(Evaluation.marks, position, 1).label("sign"))
        .where(Evaluation.direction == direction, _of_round(round_))
        .subquery()
    )
    return select(marks.c.rated_estate_id, marks.c.sign, func.count()).group_by(marks.c.rated_estate_id, marks.c.sign)


def _mark_counts(signs: Mapping[str, int]) -> MarkCounts:
    if unknown := sorted(sign for sign in signs if not sign.isdigit() and sign not in ("?", "-")):
        raise TallyError(f"a stored mark is {unknown[0]!r}")
    given = {int(sign): count for sign, count in sorted(signs.items()) if sign.isdigit()}
    return MarkCounts(given, sum(count for sign, count in signs.items() if not sign.isdigit()))


def count_received(round_: Round) -> int:
    """How many residents' evaluations the intake's day counters hold for a round; the tallies must agree with it."""
    return (
        db.session.scalar(
            select(func.sum(TurnoutDay.count))
            .join(RatedEstate, RatedEstate.id == TurnoutDay.rated_estate_id)
            .where(RatedEstate.round_id == round_.id)
        )
        or 0
    )


# ---- records


def list_valid_adjustments(day: date) -> list[Adjustment]:
    """The adjustments, vetoes and overdue commitments that hold on a day, by company and case."""
    return list(
        db.session.scalars(
            select(Adjustment)
            .join(Adjustment.company)
            .where(Adjustment.valid_from <= day, Adjustment.valid_to >= day)
            .options(joinedload(Adjustment.company))
            .order_by(Company.code, Adjustment.kind, Adjustment.source, Adjustment.case_number)
        )
    )


# ---- the frozen scorecard


def find_scorecard(round_: Round) -> StoredScorecard | None:
    """A round's scorecard in force, the latest computed, if there is one."""
    return db.session.scalar(
        select(StoredScorecard)
        .where(StoredScorecard.round_id == round_.id)
        .order_by(StoredScorecard.sequence.desc())
        .limit(1)
    )


def get_scorecard(round_: Round) -> StoredScorecard:
    """A round's scorecard in force; raises NotFound."""
    if (found := find_scorecard(round_)) is None:
        raise NotFound(_l("Round %(number)s has no scorecard yet.", number=round_.number))
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    content: dict[str, Any]
    companies: dict[str, dict[str, Any]]
    estates: dict[str, dict[str, Any]]


_read: dict[str, _Read] = {}
KEPT = 8  # parsed scorecards in a process: those of the latest releases and of the round at work


def _parsed(stored: StoredScorecard) -> _Read:
    if (known := _read.get(stored.digest)) is not None:
        return known
    # parse_float=str: the canonical six decimals come out as they were written, as in Scorecard.to_dict().
    content = json.loads(stored.content, parse_float=str)
    companies = {card["company"]: card for card in content["companies"]}
    estates = {estate["estate"]: estate for card in content["companies"] for estate in card["estates"]}
    while len(_read) >= KEPT:
        _read.pop(next(iter(_read)), None)
    _read[stored.digest] = _Read(content, companies, estates)
    return _read[stored.digest]


def read_scorecard(stored: StoredScorecard) -> dict[str, Any]:
    """The scorecard as Scorecard.to_dict() gives it, decimals as strings; parsed once per digest and process.

    It is shared: read it, never change it.
    """
    return _parsed(stored).content


def find_company_card(stored: StoredScorecard, company_code: str) -> dict[str, Any] | None:
    """One company's card; None for a company that is not in the scorecard."""
    return _parsed(stored).companies.get(company_code)


def find_estate_card(stored: StoredScorecard, estate_code: str) -> dict[str, Any] | None:
    """A shown estate's card; None for an estate that is folded (too few evaluations) or not in the round."""
    return _parsed(stored).estates.get(estate_code)


Counts = Mapping[str, Mapping[str, Any]]
_counted: dict[str, dict[str, Counts]] = {}


def find_mark_counts(stored: StoredScorecard, estate_code: str) -> Counts | None:
    """How often each mark was given at a shown estate by residents: {indicator: {"marks": {"5": n, …}, "no_mark": n}}.

    From the folded tallies, which are public; None for an estate that is folded. Read once per digest and process.
    """
    if stored.digest not in _counted:
        companies = json.loads(stored.tallies, parse_float=str)["companies"]
        while len(_counted) >= KEPT:
            _counted.pop(next(iter(_counted)), None)
        _counted[stored.digest] = {
            estate["estate"]: estate["tallies"][Direction.RESIDENT_TO_COMPANY]["indicators"]
            for company in companies
            for estate in company["estates"]
            if Direction.RESIDENT_TO_COMPANY in estate["tallies"]
        }
    return _counted[stored.digest].get(estate_code)


@dataclass(frozen=True, slots=True)
class CompanyResult:
    """A company and its card."""

    company: Company
    card: dict[str, Any]


STANDINGS = tuple(Standing)  # the order of every list: red, black, watch, ordinary, insufficient


def list_company_results(stored: StoredScorecard, standing: Standing | None = None) -> list[CompanyResult]:
    """Companies with their cards, all or those of one standing: by standing, rank (the unranked last) and code."""
    cards = [card for card in read_scorecard(stored)["companies"] if standing in (None, card["standing"])]
    companies = _companies_by_code([card["company"] for card in cards])
    return [CompanyResult(companies[card["company"]], card) for card in sorted(cards, key=_order)]


def _order(card: Mapping[str, Any]) -> tuple[int, bool, int, str]:
    rank = card["rank"]
    return STANDINGS.index(card["standing"]), rank is None, rank or 0, card["company"]


def _companies_by_code(codes: Collection[str]) -> dict[str, Company]:
    return {company.code: company for company in db.session.scalars(select(Company).where(Company.code.in_(codes)))}


@dataclass(frozen=True, slots=True)
class WideGap:
    """An estate on which residents and committee differ widely; `gap` is residents − on site, in points, as text."""

    estate: Estate
    count: int
    gap: str


# PRODUCT.md: a gap of more than 20 points on an estate with n ≥ 30 is checked before the result stands.
WIDE_GAP_POINTS = 20
WIDE_GAP_COUNT = 30


def list_wide_gaps(stored: StoredScorecard) -> list[WideGap]:
    """The shown estates where the directions differ by more than 20 points with 30 evaluations or more, by code."""
    cards = {code: card for code, card in _parsed(stored).estates.items() if _is_wide(card)}
    estates: Sequence[Estate] = db.session.scalars(
        select(Estate).where(Estate.code.in_(cards)).order_by(Estate.code)
    ).all()
    return [WideGap(estate, cards[estate.code]["count"], cards[estate.code]["gap"]) for estate in estates]


def _is_wide(card: Mapping[str, Any]) -> bool:
    gap = card["gap"]
    return gap is not None and abs(float(gap)) > WIDE_GAP_POINTS and card["count"] >= WIDE_GAP_COUNT
