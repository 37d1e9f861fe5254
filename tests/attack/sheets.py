"""Which answer sheets a cell must hold: an exact integer programme over the kinds of sheets that its figures allow.

That an indicator's counts were held back tells something too, and is a constraint like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from rating.scoring import QuestionnaireRule
from tests.attack.published import Cell, Sheet, is_complete, publish_moments, score

MOST_KINDS = 20_000
SLACK = 1e-6
FEW_MARKS, FEW_OTHERS = 9, 2  # with so many or fewer an indicator's counts don't leave
World = dict[Sheet, int]


class TooManyKinds(Exception):
    """More kinds of sheets than the solver takes."""


class Undecided(Exception):
    """The solver found neither a world nor that there is none."""


class CellSolver:
    """All worlds that a cell's figures allow; `exact` takes Σy and Σy² as known (a control)."""

    def __init__(
        self, asked: QuestionnaireRule, cell: Cell, exact: tuple[Fraction, Fraction] | None = None, least: int = 60
    ) -> None:
        self.asked, self.cell, self.exact = asked, cell, exact
        answers = [self._answers(one.key) for one in asked.indicators]
        if prod(map(len, answers)) > MOST_KINDS:
            raise TooManyKinds(prod(map(len, answers)))
        self.kinds: list[Sheet] = [s for s in product(*answers) if is_complete(asked, s, least)]
        self.scores = [score(asked, sheet) for sheet in self.kinds]
        held_back = [k for k, one in enumerate(asked.indicators) if one.key not in cell.indicators]
        self.reasons = [reason for k in held_back for reason in self._reasons(k)]
        self.system = self._system(held_back)

    def _answers(self, key: str) -> Sequence[int | None]:
        if key in self.cell.indicators:
            return sorted(self.cell.indicators[key], key=lambda a: -1 if a is None else a)
        indicator = next(one for one in self.asked.indicators if one.key == key)
        return [None, *range(indicator.lowest, indicator.highest + 1)]

    def _reasons(self, place: int) -> list[tuple[int, np.ndarray, float, float]]:
        """Why an indicator may have been held back, each as a row with the bounds that hold if it was the reason: few
        marks, few who answered otherwise than most, or somebody who left it open.
        """
        indicator, n = self.asked.indicators[place], self.cell.count
        given = {a: self._has(place, a) for a in (None, *range(indicator.lowest, indicator.highest + 1))}
        found = [(place, 1 - given[None], 0.0, float(FEW_MARKS)), (place, given[None], 1.0, float(n))]
        found += [(place, row, float(n - FEW_OTHERS), float(n - 1)) for row in given.values()]
        return found

    def _has(self, place: int, answer: int | None) -> np.ndarray:
        return np.array([float(sheet[place] == answer) for sheet in self.kinds])

    def _system(self, held_back: Sequence[int]) -> LinearConstraint:
        """Rows over how many sheets there are of each kind, and then whether each reason holds."""
        kinds, reasons, n = len(self.kinds), len(self.reasons), self.cell.count
        rows, low, high = [np.ones(kinds)], [float(n)], [float(n)]
        for place, one in enumerate(self.asked.indicators):
            for answer, count in self.cell.indicators.get(one.key, {}).items():
                rows.append(self._has(place, answer))
                low.append(count)
                high.append(count)
        for row, least, most in self._moments():
            rows.append(row)
            low.append(least - SLACK)
            high.append(most + SLACK)
        rows = [np.concatenate([row, np.zeros(reasons)]) for row in rows]
        for k, (_, row, least, most) in enumerate(self.reasons):
            for sign, bound in ((1, most), (-1, -least)):
                rows.append(np.concatenate([sign * row, n * np.eye(reasons)[k]]))
                low.append(-np.inf)
                high.append(bound + n)
        for place in held_back if self.reasons else ():
            rows.append(np.concatenate([np.zeros(kinds), [float(one[0] == place) for one in self.reasons]]))
            low.append(1)
            high.append(np.inf)
        return LinearConstraint(np.array(rows), np.array(low), np.array(high))

    def _moments(self) -> list[tuple[np.ndarray, float, float]]:
        """Σy, and Σy² − (Σy)²/n: convex in Σy, so below by a tangent and above by a chord, which are next to exact."""
        y = np.array([float(one) for one in self.scores])
        n = self.cell.count
        if self.exact:
            total, squares = map(float, self.exact)
            return [(y, total, total), (y * y / 100, squares / 100, squares / 100)]
        (least, most), (smallest, largest) = self.cell.total, self.cell.spread
        middle = float(least + most) / 2
        tangent = y * y - 2 * middle / n * y
        chord = y * y - float(least + most) / n * y
        return [
            (y, float(least), float(most)),
            (tangent / 100, (float(smallest) - middle**2 / n) / 100, np.inf),
            (chord / 100, -np.inf, (float(largest) - float(least * most) / n) / 100),
        ]

    def world(self, without: Sheet | None = None) -> World | None:
        """A world, one that has no sheet of this kind; None if there is none."""
        kinds, reasons = len(self.kinds), len(self.reasons)
        most = np.concatenate([np.full(kinds, float(self.cell.count)), np.ones(reasons)])
        if without is not None:
            most[self.kinds.index(without)] = 0
        found = milp(
            np.zeros(kinds + reasons),
            constraints=self.system,
            integrality=np.ones(kinds + reasons),
            bounds=Bounds(0, most),
            options={"time_limit": 20.0},
        )
        if found.status == 2:  # infeasible
            return None
        if found.x is None:
            raise Undecided(found.message)
        world = {self.kinds[k]: round(x) for k, x in enumerate(found.x[:kinds]) if round(x)}
        if not self._is_right(world):
            raise Undecided("a world at the edge of rounding")
        return world

    def _is_right(self, world: World) -> bool:
        scores = [score(self.asked, sheet) for sheet, count in world.items() for _ in range(count)]
        if self.exact:
            return (sum(scores), sum(y * y for y in scores)) == self.exact
        return publish_moments(scores) == (self.cell.mean, self.cell.squares)

    def told(self) -> set[Sheet]:
        """The kinds of sheets that are there in every world."""
        world = self.world()
        assert world is not None, "the figures contradict each other"
        unsure, sure = set(world), set()
        while unsure:
            sheet = unsure.pop()
            other = self.world(without=sheet)
            if other is None:
                sure.add(sheet)
            else:
                unsure &= set(other)
        return sure
