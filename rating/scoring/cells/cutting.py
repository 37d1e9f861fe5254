"""Cells: which of a company's estates stand alone and which are added up, and what that must not give away.

**Groups.** A company's estates with 1..9 evaluations, in order of n/N, then code, are cut
into groups: each ends as soon as it has two estates, 10 evaluations and 3 or more outside
any one of its estates; a rest joins the last group. Where there is no whole group, the
rest takes in the shown estate next in n to it (then code) until it is one, or has them
all. Estates that nobody rated neither join nor are taken in: they would make a group of
two out of one estate's answers.

**What was shown once can't be subtracted.** A round's evaluations are sorted by the cells they stood in (or none) in
each earlier preview or release and in the new scorecard. Every set with the same cells throughout, but that in none,
must have 10 or more: what one publication shows and another doesn't is then never fewer people's answers. Numbers don't
tell this (one in, one out), so the evaluations themselves are compared. What applies to a cell applies to such a set
too: where it stood in groups alone, 3 or more must be outside any one of its estates, and an indicator of which it has
fewer than 10 marks doesn't leave the cell.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rating.scoring.answers.tallies import ReviewState
from rating.scoring.cells.folded import FoldedTallies
from rating.scoring.rules import ScoringRules


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where an estate's residents' evaluations stand: with its company, alone (`group` 0) or in a group from 1."""

    company: str
    group: int


@dataclass(frozen=True, slots=True)
class SetApart:
    """An evaluation that came in and doesn't count: why, and its marks in the questionnaire's order."""

    state: ReviewState
    marks: tuple[int | None, ...]


Uncounted = Mapping[str, Mapping[uuid.UUID, SetApart]]  # by estate


@dataclass(frozen=True, slots=True)
class Shown:
    """What an earlier preview or release of a round showed, as the house keeps it.

    `cells` has the estates that stood in one, `left_out` those that were left out; `received`
    is how many evaluations of each estate had come in, and `uncounted` names those of them that
    didn't count then.
    """

    tallies: FoldedTallies
    cells: Mapping[str, Cell]
    received: Mapping[str, int]
    uncounted: Uncounted = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


def cut_groups(rules: ScoringRules, estates: Mapping[str, tuple[int, int]]) -> tuple[tuple[str, ...], ...]:
    """The groups of one company's estates, each by code; `estates` has each one's (n, N)."""
    counts = {code: n for code, (n, _) in estates.items()}
    small = sorted((Fraction(n, households), code) for code, (n, households) in estates.items() if _is_small(rules, n))
    groups, rest = _cut_whole(rules, counts, [code for _, code in small])
    if rest and groups:
        groups[-1] += rest
    elif rest:
        groups = [_take_in(rules, counts, rest)]
    return tuple(tuple(sorted(group)) for group in groups)


def _is_small(rules: ScoringRules, count: int) -> bool:
    return 0 < count < rules.min_cell


def _cut_whole(
    rules: ScoringRules, counts: Mapping[str, int], small: Iterable[str]
) -> tuple[list[list[str]], list[str]]:
    groups: list[list[str]] = []
    rest: list[str] = []
    for code in small:
        rest.append(code)
        if _is_whole(rules, [counts[each] for each in rest]):
            groups.append(rest)
            rest = []
    return groups, rest


def _take_in(rules: ScoringRules, counts: Mapping[str, int], rest: list[str]) -> list[str]:
    group = list(rest)
    for _, code in sorted((n, code) for code, n in counts.items() if n >= rules.min_cell):
        if _is_whole(rules, [counts[each] for each in group]):
            break
        group.append(code)
    return group


def _is_whole(rules: ScoringRules, counts: Sequence[int]) -> bool:
    total = sum(counts)
    return len(counts) >= 2 and total >= rules.min_cell and total - max(counts) >= rules.min_outside


@dataclass(frozen=True, slots=True)
class View:
    """One publication as those see it who compare it with another: where each estate stood, how many of its
    evaluations had come in, and which of them weren't counted.
    """

    cells: Mapping[str, Cell]
    received: Mapping[str, int]
    uncounted: Uncounted


Key = tuple[str, int | str]  # a cell: its company, and the group's number or the estate's code


@dataclass(slots=True)
class SameCells:
    """Evaluations with the same cells throughout: how many of each estate, and how many marks of each indicator (None
    where their marks aren't known one by one).
    """

    cells: tuple[Key | None, ...]
    estates: Counter[str] = field(default_factory=Counter)
    marked: Counter[int] | None = field(default_factory=Counter)

    @property
    def has_changed(self) -> bool:
        """Whether one publication shows them and another doesn't, or among others."""
        return len(set(self.cells)) > 1

    def is_too_small(self, rules: ScoringRules) -> bool:
        """Whether a difference of publications would show too few people's answers."""
        total = self.estates.total()
        if not any(self.cells) or total == 0:
            return False
        stood_alone = any(cell and isinstance(cell[1], str) for cell in self.cells)
        outside = total - max(self.estates.values())
        lopsided = self.has_changed and not stood_alone and outside < rules.min_outside
        return total < rules.min_cell or lopsided

    def too_few_marks(self, rules: ScoringRules, indicators: int) -> set[int]:
        """The indicators, by place, that a difference of publications would show with too few marks."""
        if not self.has_changed or self.estates.total() == 0:
            return set()
        if self.marked is None:
            return set(range(indicators))
        return {place for place in range(indicators) if 0 < self.marked[place] < rules.min_cell}


def companies_given_away(rules: ScoringRules, sets: Iterable[SameCells]) -> frozenset[str]:
    """The companies whose cells, compared over all publications, would show fewer evaluations than a cell must have."""
    small = [one for one in sets if one.is_too_small(rules)]
    return frozenset(cell[0] for one in small for cell in one.cells if cell)


def indicators_given_away(
    rules: ScoringRules, indicators: int, sets: Iterable[SameCells], last: View
) -> dict[Key, frozenset[int]]:
    """The indicators, by place among so many, that must not leave each cell of the last view: what has changed in the
    cell since it was shown has too few marks of them.
    """
    found: dict[Key, frozenset[int]] = {}
    for one in sets:
        few = frozenset(one.too_few_marks(rules, indicators))
        for estate in one.estates if few else ():
            if cell := last.cells.get(estate):
                found[_key(cell, estate)] = found.get(_key(cell, estate), frozenset()) | few
    return found


def _key(cell: Cell, estate: str) -> Key:
    # An estate that stands alone is a cell of its own; those of a group are one.
    return cell.company, cell.group or estate


def sort_by_cells(estates: Iterable[str], views: Sequence[View]) -> list[SameCells]:
    """All evaluations of some estates by the cells they stood in, over views in the order they were shown.

    Estates that are left out are compared with nothing: they aren't among these.
    """
    found: dict[tuple[Key | None, ...], SameCells] = {}

    def set_of(cells: Sequence[Key | None]) -> SameCells:
        return found.setdefault(tuple(cells), SameCells(tuple(cells)))

    for estate in estates:
        stood = [_key(cell, estate) if (cell := view.cells.get(estate)) else None for view in views]
        uncounted = [view.uncounted.get(estate, {}) for view in views]
        received = [view.received.get(estate, 0) for view in views]
        named = {one: apart.marks for missing in uncounted for one, apart in missing.items()}
        rest = set_of(stood)
        rest.estates[estate] += max(0, received[0] - len(named))
        if rest.has_changed:
            rest.marked = None
        for place in range(1, len(views)):
            if (more := received[place] - received[place - 1]) > 0:
                # What came in between two publications stood in no cell of the earlier ones.
                since = set_of([*([None] * place), *stood[place:]])
                since.estates[estate] += more
                since.marked = None
        for one, marks in named.items():
            own = set_of([None if one in missing else key for missing, key in zip(uncounted, stood, strict=True)])
            own.estates[estate] += 1
            if own.marked is not None:
                own.marked.update(place for place, mark in enumerate(marks) if mark is not None)
    return list(found.values())


def estates_left_out(now: Mapping[str, str], shown: Sequence[Shown], struck: Collection[str]) -> frozenset[str]:
    """The estates whose earlier cells are left out whole, for good.

    They are those that have left their company or the roster since they were shown (`now` has
    each estate's company), those `struck` for forged answers, those left out before, and every
    estate that once stood in one cell with any of these.
    """
    found = set(struck).union(*(one.left_out for one in shown))
    for one in shown:
        found |= {estate for estate, cell in one.cells.items() if now.get(estate) != cell.company}
    while more := {mate for one in shown for mate in _mates(one, found)} - found:
        found |= more
    return frozenset(found)


def _mates(shown: Shown, estates: Collection[str]) -> set[str]:
    groups = {cell for estate, cell in shown.cells.items() if cell.group and estate in estates}
    return {estate for estate, cell in shown.cells.items() if cell in groups}
