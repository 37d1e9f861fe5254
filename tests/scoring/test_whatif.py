"""What if the rulebook were another: the standings that would move."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import EstateTally, Records, RuleCode, SettingError, Standing, fold, score_round, what_if

from .builders import (
    COMMITTEE,
    RESIDENTS,
    committee,
    committee_only,
    questionnaire,
    random_round,
    rules,
    spread_scores,
    tally,
)
from .test_oracle import records_of


def firm(code: str, mean: float, site: float) -> list[EstateTally]:
    return [tally(f"{code}-E", spread_scores(60, mean, 5), 100, code), committee(f"{code}-E", [site], 100, code)]


CITY = [*firm("A", 64, 80), *firm("B", 90, 90), *firm("C", 75, 75)]


def test_the_standings_that_move_are_told_with_their_scores() -> None:
    chosen = rules()
    other = replace(chosen, direction_weights={RESIDENTS: 80, COMMITTEE: 20})
    found = what_if(chosen, other, fold(chosen, CITY), Records())
    (move,) = found.companies
    assert (move.code, move.before, move.after) == ("A", Standing.ORDINARY, Standing.WATCH)
    assert (float(move.score_before or 0), float(move.score_after or 0)) == pytest.approx((70.4, 67.2))
    assert [reason.code for reason in move.reasons] == ["score_below_watch"]
    assert [estate.code for estate in found.estates] == ["A-E"]
    assert (found.standings_before[Standing.WATCH], found.standings_after[Standing.WATCH]) == (0, 1)


def test_with_the_same_rulebook_nothing_moves() -> None:
    found = what_if(rules(), rules(), fold(rules(), CITY), Records())
    assert found.companies == found.estates == ()
    assert found.standings_before == found.standings_after


@pytest.mark.parametrize(
    "other",
    [
        rules(min_cell=9, min_sample_floor=10),
        rules(min_outside=1),
        rules(min_committee_raters=1),
        rules(questionnaires=(questionnaire(RESIDENTS, (1, 1)), questionnaire(COMMITTEE))),
        committee_only(),
    ],
)
def test_what_tallies_were_folded_with_cannot_be_tried_on_them(other: object) -> None:
    with pytest.raises(SettingError, match=RuleCode.FOLDED_OTHERWISE):
        what_if(rules(), other, fold(rules(), CITY), Records())  # type: ignore[arg-type]  # rules


@given(st.integers(0, 5_000), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_what_would_be_is_what_scoring_by_the_other_rulebook_gives(seed: int, rng: random.Random) -> None:
    raw = random_round(seed, companies=6)
    other = replace(raw.rules, watch=rng.randint(60, 85), red_share=rng.choice([12, 60]), nonresponse_margin=0)
    tallies, records = fold(raw.rules, raw.tallies()), records_of(raw)
    before, after = score_round(raw.rules, tallies, records), score_round(other, tallies, records)
    moved = {c.company: c.standing for c in after.companies if before.company(c.company).standing is not c.standing}
    found = what_if(raw.rules, other, tallies, records)
    assert {move.code: move.after for move in found.companies} == moved
    assert found.standings_after == after.city.standings
