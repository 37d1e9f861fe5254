"""Reading the frozen scorecard."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rating.audit.models import Event
from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Company
from rating.results.models import StoredScorecard
from rating.rounds.models import Round, RoundState
from rating.scoring import CompanyCard, EstateCard, FoldedTallies, MarkCounts, Scorecard, Standing
from rating.storage.digests import ByDigest
from rating.wording import _l


def find_scorecard(round_: Round) -> StoredScorecard | None:
    """A round's scorecard in force, the latest computed, if there is one."""
    return db.session.scalar(
        select(StoredScorecard)
        .where(StoredScorecard.round_id == round_.id)
        .order_by(StoredScorecard.sequence.desc())
        .limit(1)
    )


def list_shown_scorecards(round_: Round) -> list[StoredScorecard]:
    """The scorecards of a round that a preview has shown, also one that was taken back, in order."""
    began = select(Event.at).where(
        Event.kind == f"round.{RoundState.PREVIEW}", Event.subject == f"round:{round_.number}"
    )
    previews = list(db.session.scalars(began))
    computed = list(
        db.session.scalars(
            select(StoredScorecard).where(StoredScorecard.round_id == round_.id).order_by(StoredScorecard.sequence)
        )
    )
    shown = {max((one.sequence for one in computed if one.computed_at <= at), default=0) for at in previews}
    return [one for one in computed if one.sequence in shown]


def find_previous_scorecard(round_: Round, by: datetime) -> StoredScorecard | None:
    """The scorecard of the last published round before this one, the latest computed by an instant.

    A trial's figures of single companies stay unpublished, so nothing is compared with them.
    """
    return db.session.scalar(
        select(StoredScorecard)
        .join(StoredScorecard.round)
        .where(
            Round.number < round_.number,
            Round.trial.is_(False),
            Round.state.in_((RoundState.PUBLISHED, RoundState.ARCHIVED)),
            StoredScorecard.computed_at <= by,
        )
        .order_by(Round.number.desc(), StoredScorecard.sequence.desc())
        .limit(1)
    )


def get_scorecard(round_: Round) -> StoredScorecard:
    """A round's scorecard in force; raises NotFound."""
    if (found := find_scorecard(round_)) is None:
        raise _none_yet(round_)
    return found


def get_scorecard_id(round_: Round) -> int:
    """Which scorecard of a round is in force, without reading its megabytes; raises NotFound."""
    last = select(StoredScorecard.id).where(StoredScorecard.round_id == round_.id)
    found = db.session.scalar(last.order_by(StoredScorecard.sequence.desc()).limit(1))
    if found is None:
        raise _none_yet(round_)
    return found


def _none_yet(round_: Round) -> NotFound:
    return NotFound(_l("Round %(number)s has no scorecard yet.", number=round_.number))


@dataclass(frozen=True, slots=True)
class _Read:
    card: Scorecard
    companies: Mapping[str, CompanyCard]
    estates: Mapping[str, EstateCard]


KEPT = 8  # scorecards in a process: those of the latest releases and of the current round
_read: ByDigest[_Read] = ByDigest(KEPT)


def _read_once(stored: StoredScorecard) -> _Read:
    return _read.get(stored.digest, lambda: _parse(stored))


def _parse(stored: StoredScorecard) -> _Read:
    card = Scorecard.from_json(stored.content.encode())
    companies = {company.company: company for company in card.companies}
    estates = {estate.estate: estate for company in card.companies for estate in company.estates}
    return _Read(card, companies, estates)


def read_scorecard(stored: StoredScorecard) -> Scorecard:
    """The whole frozen scorecard, its figures rounded as they are published; read once per digest and process."""
    return _read_once(stored).card


def find_company_card(stored: StoredScorecard, company_code: str) -> CompanyCard | None:
    """One company's card; None for a company that is not in the scorecard."""
    return _read_once(stored).companies.get(company_code)


def find_estate_card(stored: StoredScorecard, estate_code: str) -> EstateCard | None:
    """A shown estate's card; None for an estate that is folded (too few evaluations) or not in the round."""
    return _read_once(stored).estates.get(estate_code)


Counts = Mapping[str, MarkCounts]
_counted: ByDigest[dict[str, Counts]] = ByDigest(KEPT)


def find_mark_counts(stored: StoredScorecard, estate_code: str) -> Counts | None:
    """How often each mark was given at a shown estate by residents, by indicator.

    From the folded tallies, which are public; None for an estate that is folded. Indicators with too few marks to be
    shown are missing. Read once per digest and process.
    """
    return _counted.get(stored.digest, lambda: _count_marks(stored)).get(estate_code)


def _count_marks(stored: StoredScorecard) -> dict[str, Counts]:
    tallies = FoldedTallies.from_json(json.loads(stored.tallies))
    shown = (estate for company in tallies.companies for estate in company.estates)
    return {estate.estate: estate.residents.indicators for estate in shown if estate.residents}


@dataclass(frozen=True, slots=True)
class CompanyResult:
    """A company and its card."""

    company: Company
    card: CompanyCard


STANDINGS = tuple(Standing)  # the order of every list: red, black, watch, ordinary, insufficient


def list_company_results(stored: StoredScorecard, standing: Standing | None = None) -> list[CompanyResult]:
    """Companies with their cards, all or those of one standing: by standing, rank (the unranked last) and code."""
    cards = [card for card in read_scorecard(stored).companies if standing in (None, card.standing)]
    companies = _companies_by_code([card.company for card in cards])
    return [CompanyResult(companies[card.company], card) for card in sorted(cards, key=_order)]


def _order(card: CompanyCard) -> tuple[int, bool, int, str]:
    return STANDINGS.index(card.standing), card.rank is None, card.rank or 0, card.company


def _companies_by_code(codes: Collection[str]) -> dict[str, Company]:
    return {company.code: company for company in db.session.scalars(select(Company).where(Company.code.in_(codes)))}
