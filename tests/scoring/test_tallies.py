"""docs/method.md, formula 2: tallies are exact and never contradict themselves."""

import pytest

from rating.scoring import (
    EstateTally,
    MarkCounts,
    Moments,
    ReviewState,
    TallyError,
    TooManyEvaluationsError,
    Totals,
    check_tallies,
    fold,
)
from tests.scoring.tallying import tally_evaluations

from .builders import RESIDENTS, committee, questionnaire, rules, tally

NEVER, ACCEPTED = ReviewState.NEVER_FLAGGED, ReviewState.ACCEPTED
REFUSED, ASIDE = ReviewState.NOT_ACCEPTED, ReviewState.SET_ASIDE


def test_the_score_counts_what_was_never_flagged_or_was_accepted() -> None:
    answers = [
        ((5, 5, 5), NEVER),
        ((1, 1, None), ACCEPTED),
        ((1, 1, 1), REFUSED),
        ((None, None, None), ASIDE),
    ]
    found = tally_evaluations(questionnaire(), company="C", estate="E", households=9, evaluations=answers)
    assert found.count == 2
    assert found.counted == Moments(2, 1_000_000, 1_000_000**2)
    assert found.not_accepted.count == 1 and found.set_aside == 1
    assert found.received == 4
    assert found.indicators["i2"] == MarkCounts({5: 1}, 1)
    assert (found.lowest, found.highest) == (0, 1_000_000)


def test_one_error_names_every_estate_with_more_evaluations_than_households() -> None:
    rows = [
        tally("E2", [50] * 6, households=5),
        tally("E1", [50] * 3, households=2),
        tally("E3", [50] * 3, households=3),
    ]
    with pytest.raises(TooManyEvaluationsError) as caught:
        fold(rules(), rows)
    assert caught.value.estates == ("E1", "E2")
    assert "E1, E2" in str(caught.value)


def test_a_committee_may_have_more_evaluators_than_its_estate_households() -> None:
    check_tallies([committee("E1", [50, 60, 70], households=1)])


def test_an_estate_belongs_to_one_company_with_one_number_of_households() -> None:
    with pytest.raises(TallyError, match="company or households"):
        check_tallies([tally("E1", []), committee("E1", [50], company="C2")])
    with pytest.raises(TallyError, match="company or households"):
        check_tallies([tally("E1", []), committee("E1", [50], households=99)])


def test_an_estate_is_tallied_once_in_each_direction() -> None:
    with pytest.raises(TallyError, match="two tallies"):
        check_tallies([tally("E1", []), tally("E1", [])])


def test_an_estate_has_a_household() -> None:
    with pytest.raises(TallyError, match="at least one household"):
        tally("E1", [], households=0)


def test_every_indicator_accounts_for_every_counted_evaluation() -> None:
    with pytest.raises(TallyError, match="add up"):
        EstateTally(
            direction=RESIDENTS,
            company="C",
            estate="E",
            households=10,
            never_flagged=Moments.of([500_000] * 3),
            indicators={"i0": MarkCounts({3: 1}, 1)},
        )


@pytest.mark.parametrize("moments", [(1, 1_000_001, 10**13), (2, 10, 49), (1, 5, 10**12), (0, 0, 1)])
def test_sums_that_no_scores_can_have_are_refused(
    moments: tuple[int, int, int],
) -> None:
    with pytest.raises(TallyError):
        Moments(*moments)


def test_received_equals_counted_and_set_aside_and_rejected() -> None:
    Totals(10, 7, 1, 2)
    with pytest.raises(TallyError, match="11 received"):
        Totals(11, 7, 1, 2)


def test_folding_refuses_an_intake_that_does_not_reconcile() -> None:
    rows = [tally("E1", [50] * 12), tally("E2", [60] * 12)]
    assert fold(rules(), rows, received={RESIDENTS: 24}).totals[RESIDENTS].counted == 24
    with pytest.raises(TallyError, match="25 received"):
        fold(rules(), rows, received={RESIDENTS: 25})


@pytest.mark.parametrize("counts", [{"other": MarkCounts({3: 12})}, {"i0": MarkCounts({6: 12})}])
def test_marks_that_were_never_asked_for_are_refused(
    counts: dict[str, MarkCounts],
) -> None:
    with pytest.raises(TallyError):
        fold(rules(), [tally("E1", [50] * 12, indicators=counts)])


def test_a_direction_in_which_nothing_is_asked_has_no_tallies() -> None:
    asked = rules(direction_weights={RESIDENTS: 1}, questionnaires=(questionnaire(),))
    with pytest.raises(TallyError, match="nothing is asked"):
        fold(asked, [committee("E1", [50])])
