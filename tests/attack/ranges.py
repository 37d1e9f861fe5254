"""How far a hidden estate's mean is known: a linear programme over all figures of all publications of a round.

Unknown is how many of an estate's evaluations stood in which of the publications and gave which answer. The attacker is
told even each estate's n; fractions of people are allowed, so that the true range is no narrower than what he finds...
and every figure counts as a constraint: n, the counts of each answer, ȳ and SS within their rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from rating.scoring import QuestionnaireRule
from tests.attack.published import Cell

Row = dict[int, float]


@dataclass(frozen=True)
class Snapshot:
    """One publication: its cells, and each estate's n, which the attacker is told."""

    cells: Sequence[Cell]
    counts: Mapping[str, int]


class RangeSolver:
    """The figures of one company's cells in some publications as linear constraints."""

    def __init__(self, asked: QuestionnaireRule, snapshots: Sequence[Snapshot]) -> None:
        self.asked, self.snapshots = asked, snapshots
        self.estates = sorted({e for one in snapshots for cell in one.cells for e in cell.estates})
        self.patterns = [p for p in product((False, True), repeat=len(snapshots)) if any(p)]
        self._columns: dict[tuple[object, ...], int] = {}
        self._rows: list[tuple[Row, float, float]] = []
        for estate, pattern in product(self.estates, self.patterns):
            self._relate(estate, pattern)
        for number, snapshot in enumerate(snapshots):
            shown = {estate for cell in snapshot.cells for estate in cell.estates}
            for estate in self.estates:
                told = snapshot.counts[estate] if estate in shown else 0
                self._add(self._sum("n", estate, number), told, told)
            for cell in snapshot.cells:
                self._tell(cell, number, snapshot)

    def _column(self, *name: object) -> int:
        return self._columns.setdefault(name, len(self._columns))

    def _add(self, row: Row, low: float, high: float) -> None:
        self._rows.append((row, low, high))

    def _sum(self, what: str, estate: str, number: int, *more: object) -> Row:
        """What of an estate stood in a publication."""
        return {self._column(what, estate, pattern, *more): 1.0 for pattern in self.patterns if pattern[number]}

    def _relate(self, estate: str, pattern: tuple[bool, ...]) -> None:
        """Answers add up to evaluations; W·y lies between 100·earned and that plus 100·the weight without a mark."""
        whole = sum(one.weight for one in self.asked.indicators)
        earned: Row = {}
        missed: Row = {}
        for one in self.asked.indicators:
            row = {self._column("n", estate, pattern): -1.0}
            for answer in self._answers(one.key):
                column = self._column("c", estate, pattern, one.key, answer)
                row[column] = 1.0
                if answer is None:
                    missed[column] = 100.0 * one.weight / whole
                else:
                    share = (answer - one.zero) / (one.highest - one.zero)
                    earned[column] = 100.0 * one.weight * share / whole
            self._add(row, 0, 0)
        total = self._column("y", estate, pattern)
        self._add({total: 1.0, **{k: -v for k, v in earned.items()}}, 0, np.inf)
        self._add({total: 1.0, **{k: -v for k, v in (earned | missed).items()}}, -np.inf, 0)

    def _answers(self, key: str) -> list[int | None]:
        indicator = next(one for one in self.asked.indicators if one.key == key)
        return [None, *range(indicator.lowest, indicator.highest + 1)]

    def _tell(self, cell: Cell, number: int, snapshot: Snapshot) -> None:
        """What a cell's figures say."""
        for key, counts in cell.indicators.items():
            for answer in self._answers(key):
                row: Row = {}
                for estate in cell.estates:
                    row |= self._sum("c", estate, number, key, answer)
                self._add(row, counts.get(answer, 0), counts.get(answer, 0))
        together: Row = {}
        for estate in cell.estates:
            together |= self._sum("y", estate, number)
            n = snapshot.counts[estate]
            # n_e (ȳ_e − ȳ)² · n/(n − n_e) is a part of SS.
            reach = sqrt(float(cell.spread[1]) * (cell.count - n) / (cell.count * n)) + 0.05
            middle = float(cell.mean)
            self._add(self._sum("y", estate, number), n * (middle - reach), n * (middle + reach))
        self._add(together, *map(float, cell.total))

    def score_range(self, estate: str, number: int) -> tuple[float, float]:
        """Between what an estate's mean ȳ lies."""
        return self._range(self._sum("y", estate, number), self._sum("n", estate, number))

    def mean_range(self, estate: str, number: int, key: str) -> tuple[float, float] | None:
        """Between what the mean mark of an indicator lies, on a scale from 0 to 100; None if nobody can have marked."""
        marked: Row = {}
        earned: Row = {}
        indicator = next(one for one in self.asked.indicators if one.key == key)
        for answer in self._answers(key):
            if answer is not None:
                row = self._sum("c", estate, number, key, answer)
                marked |= row
                share = 100 * (answer - indicator.lowest) / (indicator.highest - indicator.lowest)
                earned |= dict.fromkeys(row, share)
        return self._range(earned, marked)

    def _range(self, over: Row, under: Row) -> tuple[float, float]:
        """The least and the greatest over/under: all is measured in units in which `under` is 1 (Charnes & Cooper)."""
        scale = len(self._columns)
        rows: list[Row] = []
        most: list[float] = []
        equal: list[Row] = [under]
        for row, low, high in self._rows:
            if low == high:
                equal.append({**row, scale: -low})
                continue
            if high < np.inf:
                rows.append({**row, scale: -high})
            if low > -np.inf:
                rows.append({**{k: -v for k, v in row.items()}, scale: low})
        # At least one has marked, or there is no mean.
        rows.append({scale: 1.0})
        most = [0.0] * (len(rows) - 1) + [1.0]
        goal = _dense(over, scale + 1)
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * goal,
                A_ub=_sparse(rows, scale + 1),
                b_ub=most,
                A_eq=_sparse(equal, scale + 1),
                b_eq=[1.0] + [0.0] * (len(equal) - 1),
                method="highs",
            )
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[0], ends[1]


def _dense(row: Row, width: int) -> np.ndarray:
    made = np.zeros(width)
    for column, value in row.items():
        made[column] = value
    return made


def _sparse(rows: Sequence[Row], width: int) -> coo_array:
    triples = [(value, k, column) for k, row in enumerate(rows) for column, value in row.items() if value]
    values, places, columns = zip(*triples, strict=True)
    return coo_array((values, (places, columns)), shape=(len(rows), width)).tocsr()
