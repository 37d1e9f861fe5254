"""docs/method.md, formula 1: one evaluation becomes a whole number of 1/10 000 points."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import (
    Indicator,
    MarkError,
    NoMarkError,
    QuestionnaireError,
    QuestionnaireRule,
    count_that_completes,
    is_complete,
    least_weight,
    marked_weight,
    score_evaluation,
)

from .builders import RESIDENTS, questionnaire
from .oracle import score


def one(weight: int = 1, lowest: int = 1, highest: int = 5, zero: int = 1) -> Indicator:
    return Indicator("only", weight, lowest, highest, zero)


def asking(*indicators: Indicator) -> QuestionnaireRule:
    return QuestionnaireRule(RESIDENTS, indicators)


@pytest.mark.parametrize(("mark", "points"), [(1, 0), (2, 25), (3, 50), (4, 75), (5, 100)])
def test_marks_one_to_five_become_quarters_of_a_hundred(mark: int, points: int) -> None:
    assert score_evaluation(asking(one()), [mark]) == points * 10_000


def test_a_zero_mark_of_zero_means_marks_divided_by_five() -> None:
    assert score_evaluation(asking(one(zero=0)), [1]) == 20 * 10_000


def test_weights_count_only_over_indicators_with_a_mark() -> None:
    rule = asking(one(3), Indicator("b", 1, 1, 5, 1), Indicator("c", 6, 1, 5, 1))
    assert score_evaluation(rule, [5, 1, None]) == 75 * 10_000


def test_a_score_is_rounded_half_up_in_whole_numbers() -> None:
    # 100 · 1/64 = 1.5625 points exactly; 100 · 1/320 = 0.3125; a tie needs 1/8·1e-4.
    tie = asking(one(1, 0, 3_200_000, 0))
    assert score_evaluation(tie, [1]) == 0  # 0.3125 units
    assert score_evaluation(tie, [8]) == 3  # 2.5 units: half up, not to even
    third = asking(one(1, 0, 3, 0))
    assert score_evaluation(third, [1]) == 333_333
    assert score_evaluation(third, [2]) == 666_667


def test_scales_of_different_lengths_share_one_exact_denominator() -> None:
    rule = asking(Indicator("a", 1, 0, 3, 0), Indicator("b", 2, 0, 7, 0))
    assert score_evaluation(rule, [1, 3]) == round(1_000_000 * (1 / 3 + 6 / 7) / 3)


@pytest.mark.parametrize("mark", [0, 6, -1])
def test_a_mark_outside_its_scale_is_an_error(mark: int) -> None:
    with pytest.raises(MarkError, match="outside 1..5"):
        score_evaluation(asking(one()), [mark])


def test_an_evaluation_without_any_mark_has_no_score() -> None:
    with pytest.raises(NoMarkError):
        score_evaluation(asking(one()), [None])


def test_there_is_one_answer_for_every_indicator() -> None:
    with pytest.raises(MarkError, match="2 marks for 1 indicators"):
        score_evaluation(asking(one()), [1, 2])


def test_an_evaluation_is_complete_at_exactly_sixty_per_cent_of_the_weight() -> None:
    rule = questionnaire(weights=(6, 3, 1))
    assert is_complete(rule, [3, None, None], Decimal(60))
    assert not is_complete(rule, [None, 3, 3], Decimal(60))
    assert marked_weight(rule, [None, 3, 3]) == 4


def test_an_evaluation_without_a_mark_is_never_complete() -> None:
    assert not is_complete(questionnaire(), [None, None, None], Decimal(0))


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=7),
    st.decimals(min_value=0, max_value=100, places=1),
)
def test_a_number_of_marks_is_told_only_where_it_decides(weights: list[int], share: Decimal) -> None:
    rule = questionnaire(weights=tuple(weights))
    complete = {
        marked: is_complete(rule, [3 if i in marked else None for i in range(len(weights))], share)
        for n in range(len(weights) + 1)
        for marked in combinations(range(len(weights)), n)
    }
    count = count_that_completes(rule, share)
    by_number = [{whole for marked, whole in complete.items() if len(marked) == n} for n in range(len(weights) + 1)]
    if count is None:
        assert {True, False} in by_number
    else:
        assert by_number == [{n >= count} for n in range(len(weights) + 1)]
    assert all(
        whole is (sum(weights[i] for i in marked) >= least_weight(rule, share)) for marked, whole in complete.items()
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"weight": 0},
        {"lowest": 5},
        {"zero": 2},
    ],
)
def test_an_indicator_without_weight_or_scale_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(QuestionnaireError):
        one(**bad)


@given(
    st.lists(
        st.tuples(st.integers(1, 20), st.integers(1, 9), st.none() | st.floats(0, 1)),
        min_size=1,
        max_size=12,
    )
)
@settings(deadline=None)
def test_a_score_lies_within_the_scale_and_equals_exact_fractions(
    rows: list[tuple[int, int, float | None]],
) -> None:
    rule = asking(*(Indicator(f"i{k}", w, 0, h, 0) for k, (w, h, _) in enumerate(rows)))
    marks = [None if f is None else round(f * h) for _, h, f in rows]
    if all(mark is None for mark in marks):
        return
    found = score_evaluation(rule, marks)
    assert 0 <= found <= 1_000_000
    assert found == score(rule.indicators, tuple(marks))
