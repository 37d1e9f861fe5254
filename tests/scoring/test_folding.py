"""docs/method.md, formulas 4 and 5: small estates are folded before anything is scored or leaves the house."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import (
    FoldedTallies,
    Indicator,
    MarkCounts,
    PlainDataError,
    QuestionnaireRule,
    ShownEstate,
    TallyError,
    fold,
    score_round,
)
from rating.scoring.cells.releasing import released_counts
from rating.scoring.standings.records import Records
from tests.support.plain import as_written, plain

from .builders import COMMITTEE, COOPERATION, RESIDENTS, SELF, committee, committee_only, random_round, rules, tally


def test_a_group_releases_what_its_evaluations_add_up_to_and_nothing_of_a_single_estate() -> None:
    rows = [
        tally("E1", [40, 60] * 2, households=10),
        tally("E2", [70] * 7, households=30),
        tally("E3", [50, 90] * 10, households=60),
        tally("E4", [], households=5),
    ]
    (company,) = fold(rules(), rows).companies
    (group,) = company.groups
    assert [e.estate for e in company.estates] == ["E3", "E4"]
    assert (group.estates, group.households, group.residents.count) == (2, 40, 11)
    # Simply added up, not weighed by households: (200 + 490) / 11, Σy² = 10 400 + 34 300.
    assert str(group.residents.mean) == "62.7"
    assert group.residents.squares == 1400
    assert company.degrees == 10 + 19
    assert float(company.pooled_variance or 0) == pytest.approx((1400 + 8000) / 29)
    assert "E1" not in str(company) and "E2" not in str(company)


def test_mean_and_spread_of_a_cell_leave_rounded_half_even() -> None:
    (company,) = fold(rules(), [tally("E1", [50, 50.5] * 10, households=100)]).companies
    shown = company.estates[0].residents
    assert shown is not None
    assert (str(shown.mean), shown.squares) == ("50.2", 0)  # 50.25, and 1.25 points²


def marks(three: int, four: int, none: int = 0) -> MarkCounts:
    """So many 3s, 4s and don't knows."""
    return MarkCounts({mark: n for mark, n in ((3, three), (4, four)) if n}, none)


def released(*estates: dict[str, MarkCounts], mean: float = 70, **settings: object) -> set[str]:
    """The indicators whose counts leave a cell of these estates."""
    chosen = rules(**settings)
    asked = chosen.questionnaire(RESIDENTS)
    assert asked is not None
    return set(released_counts(chosen, asked, Decimal(str(mean)), estates))


def test_an_indicator_leaves_with_ten_marks_or_more() -> None:
    assert released({"i0": marks(4, 6, 30)}) == {"i0"}
    assert released({"i0": marks(4, 5, 30)}) == set()


def test_marks_of_a_group_may_all_be_from_one_estate() -> None:
    """Only one that was taken in has ten; to hold the indicator back would tell that the small one left it open."""
    assert released({"i0": marks(0, 0, 4)}, {"i0": marks(5, 8)}) == {"i0"}
    assert released({"i0": marks(4, 5)}, {"i0": marks(0, 0, 13)}) == set()


@pytest.mark.parametrize(
    ("counts", "leaves"),
    [
        (marks(0, 30), True),  # all alike: can't be hidden, the score tells it too
        (marks(1, 29), False),
        (marks(2, 28), False),
        (marks(3, 27), True),
        (marks(0, 28, 2), False),  # not to know is an answer too
        (marks(1, 27, 2), True),
    ],
)
def test_nobody_who_stands_alone_among_the_like_minded_is_told(counts: MarkCounts, leaves: bool) -> None:
    """One or two against all others: the spread of the scores would tell on how many sheets they are."""
    assert (released({"i0": counts}) == {"i0"}) is leaves


def full(**counts: MarkCounts) -> dict[str, MarkCounts]:
    """All three indicators, twelve evaluations unless others are given."""
    return {key: counts.get(key, marks(6, 6)) for key in ("i0", "i1", "i2")}


def test_where_the_mean_tells_what_the_one_gave_who_left_something_open_it_is_held_back() -> None:
    # i0 weighs 10 of 25: without it 100·10/(25·15)·T is added, T the sum of w·s on the rest, in steps of 3.3 points.
    # A mean of twelve to 0.1 leaves 1.2 points, so that T is known.
    known = 100 / 25 * (10 * (3 * 0.5 + 8 * 0.75) + 10 * (6 * 0.5 + 6 * 0.75) + 5 * (6 * 0.5 + 6 * 0.75))
    mean = round((known + 100 * 10 / (25 * 15) * (10 * 0.5 + 5 * 0.5)) / 12, 1)
    assert released(full(i0=marks(3, 8, 1)), mean=mean) == {"i1", "i2"}


def test_where_the_mean_leaves_enough_possible_it_is_shown() -> None:
    asked = QuestionnaireRule(RESIDENTS, tuple(Indicator(f"i{k}", 10, 1, 5, 1) for k in range(10)))

    def held_back(rest: float, fours: int) -> bool:
        """`rest` is Σw·s of what the one gave on the nine other indicators."""
        counts = {f"i{k}": marks(6, 6) for k in range(1, 9)} | {"i0": marks(12 - fours, fours), "i9": marks(3, 8, 1)}
        known = 8 * 75 + 10 * (6 + 0.25 * fours) + 75
        mean = Decimal(str(round((known + 10 / 90 * rest) / 12, 1)))
        return "i9" not in released_counts(rules(), asked, mean, [counts])

    assert not held_back(54, fours=6)
    assert held_back(90, fours=8)  # all fives but for what was left open: the end of what is possible
    assert held_back(0, fours=6)


def test_a_company_with_under_ten_evaluations_releases_their_number_alone() -> None:
    rows = [
        tally("E1", [40] * 4),
        tally("E2", [70] * 5),
        tally("E3", []),
        committee("E1", [80, 90]),
    ]
    (company,) = fold(rules(), rows).companies
    assert company.is_alone and company.count == 9
    assert company.households is None and company.estate_count is None
    assert company.estates == () and company.groups == () and company.sheet_groups is None
    assert company.pooled_variance is None


def test_the_committees_marks_on_folded_and_unrated_estates_are_only_summed() -> None:
    rows = [
        tally("E1", [40] * 6, households=10),
        tally("E2", [70] * 7, households=30),
        tally("E3", [50, 90] * 10, households=60),
        tally("E4", [], households=5),
        committee("E1", [80, 90], households=10),
        committee("E3", [60, 75], households=60),
        committee("E4", [40], households=5),
    ]
    (company,) = fold(rules(), rows).companies
    group = company.sheet_group(COMMITTEE)
    assert group is not None
    assert (group.estates, group.households, group.count) == (2, 15, 3)
    assert group.total == (80 + 90 + 40) * 10_000 and group.mean == 70
    shown = {e.estate: set(e.sheets) for e in company.estates}
    assert shown == {"E3": {COMMITTEE}, "E4": set()}


def test_without_residents_weight_an_unrated_estate_shows_its_committees_marks() -> None:
    rows = [tally("E1", []), committee("E1", [80, 90])]
    (company,) = fold(committee_only(), rows).companies
    assert not company.is_alone
    assert set(company.estates[0].sheets) == {COMMITTEE}


def test_a_committees_own_score_is_shown_from_three_raters_up() -> None:
    def seen(raters: int) -> bool:
        rows = [
            tally("E1", [40, 60] * 10),
            tally("E1", [50] * raters, direction=COOPERATION),
        ]
        shown = fold(rules(), rows).companies[0].estates[0]
        return COOPERATION in shown.sheets

    assert not seen(2)
    assert seen(3)


def test_self_assessments_of_folded_estates_are_only_summed() -> None:
    rows = [tally(f"E{k}", [50] * 7) for k in range(2)]
    rows += [tally(f"E{k}", [90 + k], direction=SELF) for k in range(2)]
    group = fold(rules(), rows).companies[0].sheet_group(SELF)
    assert group is not None and group.total == (90 + 91) * 10_000


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_no_estate_with_one_to_nine_evaluations_leaves_the_house(seed: int) -> None:
    raw = random_round(seed, companies=3)
    folded = fold(raw.rules, raw.tallies())
    small = {t.estate for t in raw.tallies() if t.direction is RESIDENTS and 0 < t.count < raw.rules.min_cell}
    shown = {e.estate for c in folded.companies for e in c.estates}
    assert not small & shown
    written = as_written(folded).decode()
    written += as_written(score_round(raw.rules, folded, Records())).decode()
    assert not any(f'"{code}"' in written for code in small)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_folding_loses_no_evaluation_and_no_household(seed: int) -> None:
    raw = random_round(seed, companies=3)
    rows = raw.tallies()
    folded = fold(raw.rules, rows)
    residents = [t for t in rows if t.direction is RESIDENTS]
    assert sum(c.count for c in folded.companies) == sum(t.count for t in residents)
    assert folded.households == sum(t.households for t in residents)
    assert folded.estate_count == len(residents)
    for company in folded.companies:
        own = [t for t in residents if t.company == company.company]
        if not company.is_alone:
            assert company.households == sum(t.households for t in own)


def folded_json() -> dict[str, object]:
    rows = [tally("E1", [40] * 6), tally("E2", [70] * 7), tally("E3", [60, 70] * 20)]
    found: dict[str, Any] = plain(fold(rules(), rows))
    return found


def test_folded_tallies_are_written_as_strings_and_whole_numbers() -> None:
    data = folded_json()
    (group,) = data["companies"][0]["groups"]  # type: ignore[index]  # a plain dict
    assert group["residents"] == {"count": 13, "mean": "56.2", "squares": "2900.000000", "indicators": {}}
    assert plain(FoldedTallies.from_json(data)) == data


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [("mean", "100.1", "rounded"), ("squares", "150.000000", "rounded"), ("count", 0, "has evaluations")],
)
def test_a_cell_that_no_rounding_makes_is_refused(field: str, value: object, why: str) -> None:
    data: Any = folded_json()
    data["companies"][0]["groups"][0]["residents"][field] = value
    with pytest.raises(TallyError, match=why):
        FoldedTallies.from_json(data)


def test_folded_tallies_of_another_shape_are_refused() -> None:
    data = folded_json()
    with pytest.raises(PlainDataError, match="the keys expected"):
        FoldedTallies.from_json({**data, "extra": 1})
    with pytest.raises(PlainDataError, match="households"):
        FoldedTallies.from_json({**data, "households": "12"})


def test_a_file_that_shows_a_small_estate_is_refused() -> None:
    folded = fold(rules(min_cell=5), [tally("E1", [40, 60] * 3)])
    with pytest.raises(TallyError, match="too few to be shown"):
        score_round(rules(), folded, Records())


def test_a_file_with_too_few_marks_of_an_indicator_is_refused() -> None:
    data: Any = folded_json()
    data["companies"][0]["groups"][0]["residents"]["indicators"] = {"i0": {"marks": {"5": 9}, "no_mark": 4}}
    with pytest.raises(TallyError, match="too few marks"):
        score_round(rules(), FoldedTallies.from_json(data), Records())


def test_a_file_with_a_group_that_is_too_small_is_refused() -> None:
    folded = fold(rules(min_cell=5), [tally("E1", [40]), tally("E2", [40]), tally("E3", [50] * 4)])
    assert folded.companies[0].groups[0].residents.count == 6
    with pytest.raises(TallyError, match="too few to be a group"):
        score_round(rules(), folded, Records())


def test_a_file_whose_evaluations_do_not_add_up_is_refused() -> None:
    folded = FoldedTallies.from_json(folded_json())
    (company,) = folded.companies
    broken = replace(folded, companies=(replace(company, estates=(ShownEstate("E3", 100, None, {}),)),))
    with pytest.raises(TallyError, match="add up"):
        score_round(rules(), broken, Records())
