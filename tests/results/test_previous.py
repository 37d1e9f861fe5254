"""Which round a scorecard compares with, and what it freezes of it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

from flask import Flask

from rating.extensions import db
from rating.results.models import StoredScorecard
from rating.results.queries import find_company_card, find_previous_scorecard
from rating.results.service import find_previous
from rating.rounds.models import RoundState
from rating.scoring import FoldedTallies, Records, Scorecard, flagged_cases, score_round, with_flagged
from tests.results.town import KINDS, Town, build_town, compute
from tests.support.clock import START
from tests.support.plain import as_written


def publish(town: Town, state: RoundState = RoundState.PUBLISHED) -> None:
    town.round.state = state
    db.session.flush()


def after(town: Town) -> Town:
    """The next round of the same companies and estates."""
    return build_town(KINDS[:2], like=town)


def change(stored: StoredScorecard, town: Town) -> object:
    return find_company_card(stored, town.companies["good"].code).change


def test_a_scorecard_tells_the_change_since_the_last_published_round(app: Flask) -> None:
    first = build_town(KINDS[:2])
    assert change(compute(first), first) is None
    publish(first)
    second = after(first)
    found = change(compute(second), first)
    assert found.reason is None
    assert (found.points, found.estates) == (Decimal("0.000000"), 2)
    assert found.lower < 0 < found.upper


def test_nothing_is_compared_with_a_trial_or_with_what_is_not_published(app: Flask) -> None:
    trial = build_town(KINDS[:2], trial=True)
    compute(trial)
    publish(trial)
    waiting = after(trial)
    compute(waiting)
    publish(waiting, RoundState.PREVIEW)
    last = after(trial)
    assert change(compute(last), trial) is None


def test_the_nearest_round_is_compared_with_and_an_archived_one_too(app: Flask) -> None:
    first = build_town(KINDS[:2])
    compute(first)
    publish(first, RoundState.ARCHIVED)
    second = after(first)
    assert find_previous_scorecard(second.round, START).round is first.round
    kept = compute(second)
    publish(second, RoundState.ARCHIVED)
    third = after(first)
    assert find_previous_scorecard(third.round, START) is kept
    assert find_previous_scorecard(first.round, START) is None


def test_a_later_correction_of_the_last_round_leaves_what_was_compared(app: Flask) -> None:
    first = build_town(KINDS[:2])
    kept = compute(first)
    corrected = StoredScorecard(
        round=first.round,
        sequence=2,
        rulebook_digest=kept.rulebook_digest,
        tallies=kept.tallies,
        records=kept.records,
        content=kept.content,
        digest=kept.digest,
        computed_at=START + timedelta(days=30),
    )
    db.session.add(corrected)
    publish(first)
    second = after(first)
    assert find_previous_scorecard(second.round, START) is kept
    assert find_previous_scorecard(second.round, START + timedelta(days=31)) is corrected


def test_a_stored_scorecard_is_recomputed_from_what_is_stored(app: Flask) -> None:
    first = build_town(KINDS[:2])
    compute(first)
    publish(first)
    second = after(first)
    stored = compute(second)
    db.session.expire_all()
    rules = stored.round.rulebook.content.rules()
    tallies = FoldedTallies.from_json(json.loads(stored.tallies))
    records = Records.from_json(json.loads(stored.records))
    made = score_round(rules, tallies, records, find_previous(stored.round, stored.computed_at))
    published = Scorecard.from_json(stored.content.encode())
    assert as_written(with_flagged(made, flagged_cases(published))) == stored.content.encode()
