"""The whole round: the same bytes whatever the order, the way or the reader."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import (
    EXACT,
    Adjustment,
    AdjustmentKind,
    CompanyCard,
    EstateTally,
    FoldedTallies,
    Previous,
    Records,
    Scorecard,
    ScoringRules,
    Standing,
    Veto,
    fold,
    score_round,
)
from tests.support.plain import as_written

from .builders import (
    COMMITTEE,
    COOPERATION,
    RESIDENTS,
    SELF,
    committee,
    committee_only,
    random_next,
    random_round,
    rules,
    spread_scores,
    tally,
)
from .test_oracle import records_of


def score(
    rows: list[EstateTally],
    records: Records | None = None,
    chosen: ScoringRules | None = None,
) -> Scorecard:
    used = chosen or rules()
    return score_round(used, fold(used, rows), records or Records())


def firm(code: str, mean: float, count: int = 60, reach: float = 5, site: float | None = None) -> list[EstateTally]:
    """A company of one estate, rated alike by residents and committee."""
    other = mean if site is None else site
    return [
        tally(f"{code}-E1", spread_scores(count, mean, reach), 100, code),
        committee(f"{code}-E1", [other, other], 100, code),
    ]


def only(card: Scorecard) -> CompanyCard:
    (company,) = card.companies
    return company


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_input_changes_no_byte(seed: int, rng: random.Random) -> None:
    raw = random_round(seed, companies=4)
    rows, records = raw.tallies(), records_of(raw)
    expected = as_written(score(rows, records, raw.rules))
    rng.shuffle(rows)
    shuffled = replace(records, adjustments=records.adjustments[::-1])
    assert as_written(score(rows, shuffled, raw.rules)) == expected


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_folded_tallies_read_back_from_a_file_score_to_the_same_bytes(
    seed: int,
) -> None:
    raw = random_round(seed, companies=4)
    folded = fold(raw.rules, raw.tallies())
    written = as_written(folded)
    read = FoldedTallies.from_json(json.loads(written))
    assert read == folded and as_written(read) == written
    records = records_of(raw)
    rulebook = ScoringRules.from_json(json.loads(as_written(raw.rules)))
    kept = Records.from_json(json.loads(as_written(records)))
    expected = as_written(score_round(raw.rules, folded, records))
    assert as_written(score_round(rulebook, read, kept)) == expected


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_with_the_last_round_too_neither_order_nor_a_file_changes_a_byte(seed: int, rng: random.Random) -> None:
    before = random_round(seed, companies=4)
    after = random_next(before, seed)
    old, new = before.tallies(), after.tallies()
    previous = Previous(before.rules, fold(before.rules, old))
    expected = as_written(score_round(after.rules, fold(after.rules, new), Records(), previous))
    rng.shuffle(old)
    rng.shuffle(new)
    read = FoldedTallies.from_json(json.loads(as_written(fold(before.rules, old))))
    rulebook = ScoringRules.from_json(json.loads(as_written(before.rules)))
    found = as_written(score_round(after.rules, fold(after.rules, new), Records(), Previous(rulebook, read)))
    assert found == expected
    assert as_written(Scorecard.from_json(found)) == expected


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_scorecard_reads_back_as_it_was_written(seed: int) -> None:
    raw = random_round(seed, companies=3)
    card = score(raw.tallies(), records_of(raw), raw.rules)
    written = as_written(card)
    assert as_written(Scorecard.from_json(written)) == written


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_received_is_counted_and_set_aside_and_rejected(seed: int) -> None:
    raw = random_round(seed, companies=3)
    totals = score(raw.tallies(), None, raw.rules).city.totals
    for direction, total in totals.items():
        assert total.received == sum(len(e.answers[direction]) for e in raw.estates)
        assert total.received == total.counted + total.set_aside + total.rejected


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_only_estates_with_ten_evaluations_have_a_score(seed: int) -> None:
    raw = random_round(seed, companies=4)
    card = score(raw.tallies(), None, raw.rules)
    for company in card.companies:
        for estate in company.estates:
            shown = [d.score for d in estate.directions.values()]
            if raw.rules.residents_count and estate.count < 10:
                assert estate.score is None and shown == [None] * len(shown)
            assert estate.count == 0 or estate.count >= 10


def test_a_missing_direction_makes_a_company_insufficient_not_residents_only() -> None:
    company = only(score([tally("E1", spread_scores(60, 95), 100)]))
    assert company.standing is Standing.INSUFFICIENT
    assert company.score is None and company.base is None
    assert company.directions[RESIDENTS].score == 95
    (reason,) = company.reasons
    assert (reason.code, reason.direction) == ("direction_missing", COMMITTEE)


def test_a_direction_is_weighed_by_the_households_of_the_estates_that_have_it() -> None:
    rows = [
        tally("E1", spread_scores(20, 80), 300),
        tally("E2", spread_scores(20, 60), 100),
        committee("E1", [70, 90], 300),
    ]
    company = only(score(rows))
    assert company.directions[RESIDENTS].score == 75
    site = company.directions[COMMITTEE]
    assert (site.score, site.uncovered) == (80, Decimal("0.25"))
    assert site.largest_difference == 20
    assert company.score == Decimal("0.6") * 75 + Decimal("0.4") * 80


def test_the_largest_difference_between_two_evaluators_is_of_a_shown_estate() -> None:
    rows = [
        firm("C", 80)[0],
        committee("C-E1", [70, 75], 100, "C"),
        *(tally(f"C-F{k}", [70] * 6, 20, "C") for k in range(2)),
        committee("C-F0", [40, 85], 20, "C"),
    ]
    assert only(score(rows)).directions[COMMITTEE].largest_difference == 5


def test_company_to_committee_and_self_evaluations_never_enter_the_score() -> None:
    plain = firm("C", 80)
    more = [
        *plain,
        tally("C-E1", [1, 2, 3], 100, "C", COOPERATION),
        tally("C-E1", [99], 100, "C", SELF),
    ]
    before, after = only(score(plain)), only(score(more))
    assert (before.score, before.lower) == (after.score, after.lower)
    assert after.directions[SELF].score == 99
    assert COOPERATION not in after.directions
    assert after.estates[0].directions[COOPERATION].score == 2


def test_an_adjustment_moves_a_company_but_none_of_its_estates() -> None:
    found = Adjustment("C", Decimal(-30), AdjustmentKind.FINDING, "grave", "7", date(2026, 1, 1), None)
    company = only(score(firm("C", 75), Records(adjustments=(found,))))
    assert (company.adjustment_sum, company.adjustment) == (-30, -10)
    assert (company.base, company.score) == (75, 65)
    assert company.standing is Standing.WATCH
    assert company.estates[0].score == 75
    assert company.estates[0].standing is Standing.ORDINARY


def test_a_veto_blackens_a_company_but_none_of_its_estates() -> None:
    company = only(score(firm("C", 95), Records(vetoes=(Veto("C", "accident"),))))
    assert company.standing is Standing.BLACK and company.is_rated
    assert company.wrong_probability is None
    assert company.rank == 1
    assert company.estates[0].standing is Standing.RED


def test_a_vetoed_company_without_estates_in_the_round_is_listed_too() -> None:
    card = score(firm("C", 80), Records(vetoes=(Veto("A", "forged"),)))
    assert [c.company for c in card.companies] == ["A", "C"]
    assert card.company("A").standing is Standing.BLACK
    assert not card.company("A").is_rated
    with pytest.raises(KeyError):
        card.company("Z")


def test_an_overdue_commitment_holds_the_company_and_its_own_estate_back() -> None:
    company_only = Records(overdue_commitments=frozenset({"C"}))
    company = only(score(firm("C", 95), company_only))
    assert company.standing is Standing.ORDINARY
    assert company.estates[0].standing is Standing.RED
    of_estate = Records(overdue_estates=frozenset({"C-E1"}))
    assert only(score(firm("C", 95), of_estate)).estates[0].standing == "ordinary"


def test_a_full_census_at_exactly_the_red_line_is_red() -> None:
    at = only(score(firm("C", 85, count=100)))
    assert at.lower == at.upper == 85
    assert at.standing is Standing.RED
    assert at.tipping is not None and at.tipping.points is None
    assert at.wrong_probability == 0


def test_a_full_census_at_exactly_the_black_line_is_not_black() -> None:
    assert only(score(firm("C", 60, count=100))).standing is Standing.WATCH
    assert only(score(firm("C", 59, count=100))).standing is Standing.BLACK


def test_the_red_cap_of_estates_is_counted_among_estates() -> None:
    rows = [t for k in range(20) for t in firm(f"C{k:02}", 90 if k < 6 else 75)]
    city = score(rows).city
    # All six best are level with the last of two places.
    assert (city.rated_estates, city.red_estate_places) == (20, 2)
    assert city.estate_standings[Standing.RED] == 6


def test_the_gap_of_an_estate_has_the_residents_interval() -> None:
    estate = only(score(firm("C", 80, site=50))).estates[0]
    residents = estate.directions[RESIDENTS]
    assert estate.gap == 30
    assert residents.lower is not None and residents.upper is not None
    assert float(estate.gap_lower or 0) == pytest.approx(float(residents.lower) - 50)
    assert float(estate.gap_upper or 0) == pytest.approx(float(residents.upper) - 50)


def test_an_estate_nobody_rated_says_only_that() -> None:
    rows = [*firm("C", 80), tally("C-E2", [], 50, "C"), committee("C-E2", [9], 50, "C")]
    company = only(score(rows))
    estate = company.estates[1]
    assert estate.standing is Standing.INSUFFICIENT
    assert [r.direction for r in estate.reasons] == [None, RESIDENTS]
    assert company.directions[RESIDENTS].uncovered == EXACT.divide(1, 3)


def test_a_company_with_under_ten_evaluations_shows_their_number_alone() -> None:
    rows = [tally("E1", [50] * 9, 20), committee("E1", [70], 20)]
    company = only(score(rows))
    assert company.standing is Standing.INSUFFICIENT
    assert [r.code for r in company.reasons] == ["too_few_to_release"]
    assert company.count == 9 and company.directions == {} and company.estates == ()


def test_a_committee_only_rulebook_rates_by_the_committees_alone() -> None:
    rows = [tally("E1", [], 100), committee("E1", [90, 94])]
    company = only(score(rows, None, committee_only()))
    assert company.standing is Standing.RED
    assert company.score == company.lower == company.upper == 92
    assert company.estates[0].standing is Standing.RED


def test_a_round_without_tallies_is_an_empty_scorecard() -> None:
    card = score([])
    assert card.companies == () and card.city.turnout is None
    assert as_written(Scorecard.from_json(as_written(card))) == as_written(card)


def test_importing_the_arithmetic_loads_no_web_and_no_database() -> None:
    program = "import sys, rating.scoring\nassert not {'flask', 'sqlalchemy', 'scipy.stats'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
