"""Section 2: small estates are folded before anything is scored or leaves the house."""

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import (
    FoldedTallies,
    MarkCounts,
    PlainDataError,
    ShownEstate,
    TallyError,
    canonical_json,
    choose_group,
    fold,
    score_round,
)
from rating.scoring.records import Records

from .builders import (
    COMMITTEE,
    COOPERATION,
    RESIDENTS,
    SELF,
    committee,
    committee_only,
    random_round,
    rules,
    tally,
)


@pytest.mark.parametrize(
    ("counts", "group"),
    [
        ({"a": 10, "b": 12}, ""),  # nothing small: no group
        ({"a": 0, "b": 12}, ""),  # nobody answered: nothing to hide
        ({"a": 4, "b": 6, "c": 30}, "ab"),  # two estates, ten evaluations: enough
        ({"a": 4, "b": 5, "c": 30, "d": 20}, "abd"),  # nine: takes the next smallest
        ({"a": 9, "b": 12, "c": 11}, "ac"),  # one estate: takes the next smallest
        ({"b": 12, "a": 12, "c": 9}, "ac"),  # of two as small, the lower code
        ({"a": 9, "b": 0, "c": 30}, "ac"),  # an unrated estate is no company
        ({"a": 9}, "a"),
        ({"a": 3, "b": 2, "c": 0}, "ab"),  # or it has them all
        ({"a": 1, "b": 1, "c": 9}, "abc"),
    ],
)
def test_the_group_takes_the_next_smallest_until_two_estates_and_ten_evaluations(
    counts: dict[str, int], group: str
) -> None:
    assert choose_group(counts, 10) == frozenset(group)


def test_an_estate_whose_count_changed_by_one_to_nine_is_folded() -> None:
    rows = [tally(f"E{k}", [50, 60] * 10) for k in range(4)]
    folded = fold(rules(), rows, earlier_counts={"E2": [40, 21], "E0": [30], "E1": [20]})
    (company,) = folded.companies
    # E2 changed by 1 and takes E0, the next smallest by n and code; E0's 10 is enough.
    assert [e.estate for e in company.estates] == ["E1", "E3"]


def test_a_change_of_ten_or_none_folds_nothing() -> None:
    rows = [tally("E1", [50, 60] * 10)]
    folded = fold(rules(), rows, earlier_counts={"E1": [10, 20, 30]})
    assert [e.estate for e in folded.companies[0].estates] == ["E1"]


def test_a_group_releases_its_sums_and_nothing_of_a_single_estate() -> None:
    rows = [
        tally("E1", [40, 60] * 2, households=10),
        tally("E2", [70] * 7, households=30),
        tally("E3", [50, 90] * 10, households=60),
        tally("E4", [], households=5),
    ]
    (company,) = fold(rules(), rows).companies
    group = company.group(RESIDENTS)
    assert group is not None
    assert [e.estate for e in company.estates] == ["E3", "E4"]
    assert (group.estates, group.households, group.count) == (2, 40, 11)
    assert group.total == 10 * 50 + 30 * 70
    # SS = 400, 0 and 8000 over df 28, rounded once and used so ever after.
    assert company.degrees == 3 + 6 + 19
    assert company.pooled_variance == Decimal("300.000000")
    v1 = (400 + 10 * 300) / 13 / 4 * (1 - 4 / 10)
    v2 = (0 + 10 * 300) / 16 / 7 * (1 - 7 / 30)
    assert float(group.variance or 0) == pytest.approx(10**2 * v1 + 30**2 * v2, abs=5.1e-7)
    assert "E1" not in str(company) and "E2" not in str(company)


def test_a_groups_indicators_are_sums_over_its_estates_with_a_mark() -> None:
    marks = {"i0": MarkCounts({5: 2, 1: 1}, 1), "i1": MarkCounts({}, 4)}
    none = {key: MarkCounts({}, 7) for key in ("i0", "i1")}
    rows = [
        tally("E1", [50] * 4, households=10, indicators=marks),
        tally("E2", [70] * 7, households=30, indicators=none),
    ]
    group = fold(rules(), rows).companies[0].group(RESIDENTS)
    assert group is not None and group.indicators.keys() == {"i0"}
    assert group.indicators["i0"].households == 10
    assert group.indicators["i0"].total == Decimal("6.666667")


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
    assert company.estates == () and company.groups is None
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
    group = company.group(COMMITTEE)
    assert group is not None
    assert (group.estates, group.households, group.count) == (2, 15, 3)
    assert group.total == 10 * 85 + 5 * 40
    assert group.variance is None and group.largest_difference == 10
    shown = {e.estate: set(e.tallies) for e in company.estates}
    assert shown == {"E3": {RESIDENTS, COMMITTEE}, "E4": set()}


def test_without_residents_weight_an_unrated_estate_shows_its_committees_marks() -> None:
    rows = [tally("E1", []), committee("E1", [80, 90])]
    (company,) = fold(committee_only(), rows).companies
    assert not company.is_alone
    assert set(company.estates[0].tallies) == {COMMITTEE}


def test_least_and_greatest_score_are_never_released_of_residents() -> None:
    (company,) = fold(rules(), [tally("E1", [40, 60] * 10)]).companies
    shown = company.estates[0].tallies[RESIDENTS]
    assert shown.lowest is None and shown.highest is None


def test_a_committees_own_score_is_shown_from_three_raters_up() -> None:
    def seen(raters: int) -> bool:
        rows = [
            tally("E1", [40, 60] * 10),
            tally("E1", [50] * raters, direction=COOPERATION),
        ]
        shown = fold(rules(), rows).companies[0].estates[0]
        return COOPERATION in shown.tallies

    assert not seen(2)
    assert seen(3)


def test_self_assessments_of_folded_estates_are_only_summed() -> None:
    rows = [tally(f"E{k}", [50] * 7) for k in range(2)]
    rows += [tally(f"E{k}", [90 + k], direction=SELF) for k in range(2)]
    group = fold(rules(), rows).companies[0].group(SELF)
    assert group is not None and group.total == 100 * 90 + 100 * 91


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_no_estate_with_one_to_nine_evaluations_leaves_the_house(seed: int) -> None:
    raw = random_round(seed, companies=3)
    folded = fold(raw.rules, raw.tallies())
    small = {t.estate for t in raw.tallies() if t.direction is RESIDENTS and 0 < t.count < raw.rules.min_cell}
    shown = {e.estate for c in folded.companies for e in c.estates}
    assert not small & shown
    written = canonical_json(folded.to_json()).decode()
    written += score_round(raw.rules, folded, Records()).to_json().decode()
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
    return fold(rules(), rows).to_json()


def test_folded_tallies_are_written_as_strings_and_whole_numbers() -> None:
    data = folded_json()
    group = data["companies"][0]["groups"]["resident_to_company"]  # type: ignore[index]  # a plain dict
    assert group["total"] == "11000.000000"
    assert group["count"] == 13
    assert FoldedTallies.from_json(data).to_json() == data


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


def test_a_file_whose_evaluations_do_not_add_up_is_refused() -> None:
    folded = FoldedTallies.from_json(folded_json())
    (company,) = folded.companies
    fewer = type(company)(
        company.company,
        company.count,
        company.households,
        company.estate_count,
        company.pooled_variance,
        company.degrees,
        (ShownEstate("E3", 100, {}),),
        company.groups,
    )
    broken = FoldedTallies((fewer,), folded.totals, 300, 3)
    with pytest.raises(TallyError, match="add up"):
        score_round(rules(), broken, Records())
