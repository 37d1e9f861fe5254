"""docs/method.md, formula 18: the change since the last round, on the estates shown in both."""

from dataclasses import replace
from decimal import Decimal

import pytest

from rating.scoring import (
    EXACT,
    Change,
    EstateTally,
    NotComparable,
    Previous,
    Records,
    ScoringRules,
    TallyError,
    fold,
    score_round,
)

from .builders import COMMITTEE, RESIDENTS, committee, committee_only, questionnaire, rules, spread_scores, tally


def estate(
    code: str, mean: float, site: float, households: int = 100, count: int = 40, company: str = "C"
) -> list[EstateTally]:
    return [
        tally(code, spread_scores(count, mean), households, company),
        committee(code, [site, site], households, company),
    ]


def change(
    before: list[EstateTally],
    after: list[EstateTally],
    old: ScoringRules | None = None,
    new: ScoringRules | None = None,
) -> Change:
    new = new or rules()
    old = old or new
    previous = Previous(old, fold(old, before))
    found = score_round(new, fold(new, after), Records(), previous).company("C").change
    assert found is not None
    return found


def test_a_first_round_has_no_change() -> None:
    assert score_round(rules(), fold(rules(), estate("E1", 80, 80)), Records()).company("C").change is None


def test_the_change_is_of_the_composite_without_adjustments() -> None:
    found = change(estate("E1", 70, 60), estate("E1", 80, 65))
    assert found.reason is None
    assert (found.before, found.after, found.points) == (66, 74, 8)
    assert (found.estates, found.covered) == (1, 1)


def test_its_interval_takes_the_facing_half_of_either_rounds_interval() -> None:
    before, after = estate("E1", 70, 60), estate("E1", 80, 65)
    found = change(before, after)
    one, two = (score_round(rules(), fold(rules(), rows), Records()).company("C") for rows in (before, after))
    assert one.lower and one.upper and one.base and two.lower and two.upper and two.base
    down = ((two.base - two.lower) ** 2 + (one.upper - one.base) ** 2) ** Decimal("0.5")
    up = ((two.upper - two.base) ** 2 + (one.base - one.lower) ** 2) ** Decimal("0.5")
    assert float(found.lower or 0) == pytest.approx(float(8 - down))
    assert float(found.upper or 0) == pytest.approx(float(8 + up))


def test_new_estates_are_no_change_and_households_are_those_of_now() -> None:
    before = [*estate("E1", 70, 70, 300), *estate("E2", 80, 80, 100)]
    after = [*estate("E1", 70, 70, 100), *estate("E2", 80, 80, 300), *estate("E3", 10, 10, 50)]
    found = change(before, after)
    assert found.estates == 2 and found.covered == EXACT.divide(8, 9)
    assert (found.before, found.after, found.points) == (Decimal("77.5"), Decimal("77.5"), 0)


def test_under_eighty_per_cent_of_the_households_it_is_not_comparable() -> None:
    before = estate("E1", 70, 70, 100)
    assert change(before, [*estate("E1", 70, 70, 100), *estate("E2", 70, 70, 25, 20)]).reason is None
    found = change(before, [*estate("E1", 70, 70, 100), *estate("E2", 70, 70, 26, 20)])
    assert found.reason is NotComparable.TOO_FEW_HOUSEHOLDS
    assert found.points is None and found.estates == 1


def test_a_folded_estate_is_compared_with_nothing() -> None:
    few = [*estate("E1", 70, 70), *estate("E2", 70, 70, 100, 5), *estate("E3", 70, 70, 100, 9)]
    found = change(few, few)
    assert (found.reason, found.estates) == (NotComparable.TOO_FEW_HOUSEHOLDS, 1)


def test_an_estate_that_another_company_served_is_not_shown_in_both() -> None:
    before = [*estate("E1", 70, 70, company="D"), *estate("E2", 70, 70)]
    found = change(before, [*estate("E1", 70, 70), *estate("E2", 70, 70)])
    assert found.reason is NotComparable.TOO_FEW_HOUSEHOLDS


def test_a_company_that_was_not_there_is_new() -> None:
    assert change(estate("E1", 70, 70, company="D"), estate("E1", 70, 70)).reason is NotComparable.NEW_COMPANY


def test_other_weights_are_not_comparable_unless_they_are_in_proportion() -> None:
    rows = estate("E1", 70, 70)
    other = rules(direction_weights={RESIDENTS: 50, COMMITTEE: 50})
    same = rules(direction_weights={RESIDENTS: 6, COMMITTEE: 4})
    assert change(rows, rows, other).reason is NotComparable.OTHER_WEIGHTS
    assert change(rows, rows, committee_only()).reason is NotComparable.OTHER_WEIGHTS
    assert change(rows, rows, same).reason is None


def test_another_questionnaire_is_not_comparable_but_other_headings_are() -> None:
    rows = estate("E1", 70, 70)
    chosen = rules()
    other = tuple(
        questionnaire(q.direction, (10, 10, 7)) if q.direction is RESIDENTS else q for q in chosen.questionnaires
    )
    headless = tuple(replace(q, dimensions=()) for q in chosen.questionnaires)
    assert change(rows, rows, replace(chosen, questionnaires=other)).reason is NotComparable.OTHER_QUESTIONNAIRE
    assert change(rows, rows, replace(chosen, questionnaires=headless)).reason is None


def test_a_committee_that_marked_only_once_leaves_the_direction_missing() -> None:
    rows = estate("E1", 70, 70)
    assert change(rows[:1], rows).reason is NotComparable.DIRECTION_MISSING


def test_without_an_interval_in_one_round_the_change_has_none() -> None:
    alike = [tally("E1", [70] * 40, 100, "C"), committee("E1", [60], 100, "C")]
    found = change(alike, estate("E1", 80, 65))
    assert (found.points, found.lower, found.upper) == (8, None, None)


def test_where_residents_have_no_weight_the_committees_change_is_exact() -> None:
    found = change(estate("E1", 10, 60), estate("E1", 90, 65), None, committee_only())
    assert found.points == found.lower == found.upper == 5


def test_the_last_rounds_tallies_must_not_contradict_themselves() -> None:
    folded = fold(rules(), estate("E1", 70, 70))
    twice = replace(folded, companies=folded.companies * 2)
    with pytest.raises(TallyError):
        score_round(rules(), folded, Records(), Previous(rules(), twice))
