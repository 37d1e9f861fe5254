"""Indicators that are low in over a third of the estates."""

from rating.scoring import CommonProblem, Direction, EstateTally, ReviewState, find_common_problems, fold
from tests.scoring.tallying import tally_evaluations

from .builders import COMMITTEE, RESIDENTS, questionnaire, rules


def estate(code: str, marks: tuple[int | None, ...], count: int = 10, direction: Direction = RESIDENTS) -> EstateTally:
    return tally_evaluations(
        questionnaire(direction),
        company="C",
        estate=code,
        households=100,
        evaluations=[(marks, ReviewState.NEVER_FLAGGED)] * count,
    )


def find(rows: list[EstateTally], direction: Direction = RESIDENTS, **settings: object) -> tuple[CommonProblem, ...]:
    return find_common_problems(rules(**settings), fold(rules(**settings), rows), direction)


def test_low_in_a_third_is_not_yet_common_but_in_more_it_is() -> None:
    third = [estate("E1", (3, 5, 5)), *(estate(f"E{k}", (5, 5, 5)) for k in (2, 3))]
    assert find(third) == ()
    (found,) = find(third[:2])
    assert (found.indicator, found.dimension, found.low, found.estates) == ("i0", "first", 1, 2)
    assert found.low_estates == ("E1",)


def test_low_is_below_sixty_per_cent_of_the_way() -> None:
    # 3 of 1..5 is 50 %; six 3s and four 4s make 60 % exactly.
    exactly = [
        tally_evaluations(
            questionnaire(),
            company="C",
            estate="E1",
            households=100,
            evaluations=[((mark, 5, 5), ReviewState.NEVER_FLAGGED) for mark in (3,) * 6 + (4,) * 4],
        )
    ]
    assert find(exactly) == ()
    assert [p.indicator for p in find(exactly, low_indicator=61)] == ["i0"]


def test_an_estate_without_a_mark_in_it_is_not_among_the_estates() -> None:
    rows = [estate("E1", (2, 5, 5)), estate("E2", (None, 5, 5)), estate("E3", (None, 5, 5)), estate("E4", (5, 5, 5))]
    (found,) = find(rows)
    assert (found.low, found.estates) == (1, 2)


def test_folded_estates_are_not_looked_at() -> None:
    rows = [estate("E1", (5, 5, 5)), estate("E2", (1, 1, 1), 5), estate("E3", (1, 1, 1), 9)]
    assert find(rows) == ()


def test_the_most_widespread_comes_first_and_ties_keep_the_questionnaires_order() -> None:
    rows = [estate("E1", (2, 2, 2)), estate("E2", (5, 2, 5)), estate("E3", (2, 2, 2))]
    assert [(p.indicator, p.low) for p in find(rows)] == [("i1", 3), ("i0", 2), ("i2", 2)]


def test_the_committees_marks_have_their_own_common_problems() -> None:
    rows = [estate("E1", (5, 5, 5)), estate("E1", (2, 10, 5), 2, COMMITTEE)]
    (found,) = find(rows, COMMITTEE)
    assert (found.direction, found.indicator) == (COMMITTEE, "i0")
    assert find(rows) == ()


def test_where_nothing_is_asked_there_is_no_problem() -> None:
    only = (questionnaire(RESIDENTS), questionnaire(COMMITTEE))
    assert find([estate("E1", (5, 5, 5))], Direction.COMPANY_SELF, questionnaires=only) == ()
