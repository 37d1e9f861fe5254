"""The attacker's own tools find what can be found: else it would mean nothing that they find nothing."""

from __future__ import annotations

from fractions import Fraction

from tests.attack.estates import CountsFigure, WeightedFigure, solve
from tests.attack.published import Sheet, lay_open
from tests.attack.ranges import RangeSolver, Snapshot
from tests.attack.sheets import CellSolver
from tests.attack.towns import THREE, one_estate, publish
from tests.scoring.builders import questionnaire

# 29 · 0.5 + 41 · 0.75 = 45.25: no other marks of one and two households give that.
WEIGHTED = WeightedFigure(70, Fraction("45.25"))


def test_one_sum_weighted_by_households_has_one_solution() -> None:
    found = solve({"i": WEIGHTED}, (29, 41), [(1, 2), (2, 1)])
    assert found.counts == [{1}, {2}] or found.means[0, "i"] == 3
    assert found.means == {(0, "i"): 3, (1, "i"): 4}


def test_counts_added_up_leave_every_split_open_unless_all_are_alike() -> None:
    figures = {"i": CountsFigure({5: 9, 4: 3}), "alike": CountsFigure({4: 12})}
    found = solve(figures, (29, 41), [(5, 7)])
    assert found.means == {(0, "alike"): 4, (1, "alike"): 4}


def test_all_counts_of_a_cell_tell_the_one_who_disagrees() -> None:
    sheets: list[Sheet] = [(5, 5, 5)] * 9 + [(1, 1, 1)]
    asked = questionnaire(weights=THREE)
    assert CellSolver(asked, lay_open(asked, sheets)).told() == {(5, 5, 5), (1, 1, 1)}


def test_what_is_published_does_not_tell_the_one_who_disagrees_where_others_vary() -> None:
    sheets: list[Sheet] = [(5, 4, 5)] * 3 + [(4, 5, 5)] * 3 + [(5, 5, 4)] * 3 + [(4, 4, 4)] * 2 + [(3, 2, 2)]
    town = one_estate(sheets, THREE)
    (cell,) = publish(town).cells
    assert (3, 2, 2) not in CellSolver(town.asked, cell).told()


def test_the_linear_programme_finds_a_mean_that_all_have() -> None:
    asked = questionnaire(weights=THREE)
    cell = lay_open(asked, [(4, 4, 4)] * 12)
    solver = RangeSolver(asked, [Snapshot([cell], {"E1": 12})])
    low, high = solver.mean_range("E1", 0, "i0")
    assert abs(low - 75) < 1e-6 and abs(high - 75) < 1e-6
