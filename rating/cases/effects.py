"""After a talk: did it get better, or would it have anyway? Two rounds with the talks that lie between them.

A talked company is set against those that had no talk after the same round (docs/method.md, formula 23). Whoever was
called to a talk that wasn't held before the next round closed belongs to neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from rating.calendar import day_of
from rating.cases.models import Talk
from rating.extensions import db
from rating.registry.models import Company
from rating.releases.models import Listing, Release
from rating.results.models import StoredScorecard
from rating.results.queries import read_scorecard
from rating.rounds.models import Round
from rating.scoring import BeforeAfter, ScoringRules, Standing, TalkEffect, effect_of_talk, fit_untalked


@dataclass(frozen=True, slots=True)
class Effects:
    """What the next round's release says of the talks after a round.

    `talked` has every company that was talked with in time, by code: its effect, None where that can't be told. `mean`
    is of all that are rated in both rounds. Where it `is_too_few`, both are None: of `untalked`, the companies without
    a talk that are rated in both, at least `least` are needed.
    """

    release: Release
    talked: Mapping[str, TalkEffect | None]
    mean: TalkEffect | None
    untalked: int
    least: int
    is_too_few: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What followed one company's talk: `effect` is None where it can't be told, for too few or without a score."""

    effects: Effects
    effect: TalkEffect | None


def find_outcome(listing: Listing) -> Outcome | None:
    """What the next round says of the talk over a listing's round; None before that is published, or without a talk."""
    effects = find_effects_after(listing.release)
    if effects is None or listing.company.code not in effects.talked:
        return None
    return Outcome(effects, effects.talked[listing.company.code])


def list_outcomes(listings: Iterable[Listing]) -> list[Outcome]:
    """What followed the talks over some listings, in their order; of black listings only."""
    found = (find_outcome(one) for one in listings if one.standing is Standing.BLACK)
    return [one for one in found if one is not None]


def find_effects_after(release: Release) -> Effects | None:
    """What the next round says of the talks after a release's round; None before that is published, or without any."""
    following = _neighbour(release, earlier=False)
    return _compare(release, following) if following else None


def find_effects_before(release: Release) -> Effects | None:
    """What a release's round says of the talks after the round before it; None where there were none."""
    preceding = _neighbour(release, earlier=True)
    return _compare(preceding, release) if preceding else None


def _neighbour(release: Release, *, earlier: bool) -> Release | None:
    """The newest release of the nearest published round before or after a release's; a trial lists nobody."""
    if release.is_trial:
        return None
    number = release.round.number
    return db.session.scalar(
        select(Release)
        .join(Release.round)
        .where(Round.number < number if earlier else Round.number > number, Round.trial.is_(False))
        .options(joinedload(Release.scorecard), joinedload(Release.round).joinedload(Round.rulebook))
        .order_by(Round.number.desc() if earlier else Round.number, Release.number.desc())
        .limit(1)
    )


def _compare(before: Release, after: Release) -> Effects | None:
    called = _list_called(before)
    codes = sorted({code for code, talk in called if _was_in_time(talk, after.round)})
    if not codes:
        return None
    pairs = _pairs(before.scorecard, after.scorecard)
    rules = after.round.rulebook.content.rules()
    not_called = pairs.keys() - {code for code, _ in called}
    return _effects(after, rules, codes, [pairs[one] for one in sorted(not_called)], pairs)


def _effects(
    after: Release,
    rules: ScoringRules,
    codes: list[str],
    untalked: list[BeforeAfter],
    pairs: Mapping[str, BeforeAfter],
) -> Effects:
    line = fit_untalked(rules, untalked)
    rated = [pairs[code] for code in codes if code in pairs]
    return Effects(
        release=after,
        talked={code: effect_of_talk(line, [pairs[code]]) if line and code in pairs else None for code in codes},
        mean=effect_of_talk(line, rated) if line and rated else None,
        untalked=len(untalked),
        least=rules.min_untalked,
        is_too_few=line is None,
    )


def _list_called(before: Release) -> list[tuple[str, Talk]]:
    """Every talk that companies were called to over a release's round, whichever of its releases it followed."""
    rows = db.session.execute(
        select(Company.code, Talk)
        .join(Listing, Listing.id == Talk.listing_id)
        .join(Release, Release.id == Listing.release_id)
        .join(Company, Company.id == Listing.company_id)
        .where(Release.round_id == before.round_id)
        .order_by(Company.code)
    )
    return [(code, talk) for code, talk in rows]


def _was_in_time(talk: Talk, round_: Round) -> bool:
    return talk.held_at is not None and day_of(talk.held_at) <= round_.closes_on


def _pairs(before: StoredScorecard, after: StoredScorecard) -> Mapping[str, BeforeAfter]:
    """B of every company that is rated in both rounds, by code; from their cards."""
    old, new = _rated_bases(before), _rated_bases(after)
    return {code: BeforeAfter(code, old[code], new[code]) for code in new if code in old}


def _rated_bases(stored: StoredScorecard) -> dict[str, Decimal]:
    cards = read_scorecard(stored).companies
    return {card.company: card.base for card in cards if card.is_rated and card.base is not None}
