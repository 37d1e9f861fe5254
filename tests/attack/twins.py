"""Two rounds that nobody can tell apart from outside: the true one, and one in which somebody answered otherwise.

Where the figures are the same to the last digit in both, no arithmetic whatever tells which of them was.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from rating.scoring import QuestionnaireRule
from tests.attack.published import Cell, Sheet, is_complete, score
from tests.attack.towns import Estate, Office, Publication, Town


def swapped(town: Town, one: UUID, other: UUID, place: int | None = None) -> Town:
    """The town in which two households have each other's answers, to one indicator or to all."""
    sheets = {each.key: each.sheet for estate in town.estates for each in estate.evaluations}
    if one not in sheets or other not in sheets:
        return town
    first, second = sheets[one], sheets[other]
    if place is not None:
        first, second = _with(second, place, first[place]), _with(first, place, second[place])
    changed = {one: second, other: first}
    for estate in town.estates:
        if any(each.key in changed for each in estate.evaluations):
            made = tuple(replace(each, sheet=changed.get(each.key, each.sheet)) for each in estate.evaluations)
            town = town.put(replace(estate, evaluations=made))
    return town


def _with(sheet: Sheet, place: int, answer: int | None) -> Sheet:
    return (*sheet[:place], answer, *sheet[place + 1 :])


def find_pairs(
    publications: Sequence[Publication], estate: Estate, indicator: int, of: Collection[UUID]
) -> Iterator[tuple[UUID, UUID]]:
    """A household of the estate, one `of` these, and one of another estate that stood in the same cells throughout and
    answered an indicator otherwise. None where all of these answered alike.
    """
    stood = [publication.counted for publication in publications]
    others = {
        each.key: each.sheet
        for publication in publications
        for one in publication.town.estates
        for each in one.evaluations
        if one.code != estate.code
    }
    for mine in estate.evaluations:
        if mine.key not in of:
            continue
        cells = [counted.get(mine.key) for counted in stood]
        for key, sheet in others.items():
            if (
                sheet[indicator] != mine.sheet[indicator]
                and [counted.get(key) for counted in stood] == cells
                and any(cells)
            ):
                yield mine.key, key


def looks_the_same(publications: Sequence[Publication], pair: tuple[UUID, UUID], place: int) -> bool:
    """Whether all files of a round are the same to the last byte where these two have each other's answers, to all
    indicators or to the one in question.
    """
    return any(_republish(publications, pair, which) == [one.file for one in publications] for which in (None, place))


def _republish(publications: Sequence[Publication], pair: tuple[UUID, UUID], place: int | None) -> list[dict[str, Any]]:
    office = Office()
    return [office.publish(swapped(one.town, *pair, place), one.struck).file for one in publications]


REPAIRS, TRIES, LOOKED_AT = 300, 12, 30
Sheets = list[list[int | None]]


class Swapper:
    """Looks for another set of sheets with the same figures of a cell, in which no sheet of some kind is left.

    Answers are swapped between two sheets, so that all counts stay. First the sheets that are looked for are changed;
    where ȳ or SS is then another, more swaps bring it back. `confirm` has the last word: whether what is published with
    these sheets in place of the true ones is the same.
    """

    def __init__(
        self,
        asked: QuestionnaireRule,
        cell: Cell,
        sheets: Sequence[Sheet],
        confirm: Callable[[Sequence[Sheet]], bool],
        seed: int = 0,
    ) -> None:
        self.asked, self.cell, self.confirm = asked, cell, confirm
        self.sheets = [list(sheet) for sheet in sheets]
        self.scores = [self._score(sheet) for sheet in self.sheets]
        self.dice = random.Random(seed)

    def is_open(self, kind: Sheet) -> bool:
        """Whether the cell's figures allow that nobody answered so."""
        wanted = list(kind)
        return any(self._try(wanted) for _ in range(TRIES))

    def _try(self, wanted: list[int | None]) -> bool:
        sheets, scores = list(self.sheets), list(self.scores)
        while wanted in sheets:
            found = self._best_change(sheets, scores, sheets.index(wanted), wanted)
            if found is None:
                return False
            sheets, scores = found
        off = self._off(scores)
        for _ in range(REPAIRS):
            if off == 0 and self.confirm([tuple(sheet) for sheet in sheets]):
                return True
            one, another = self.dice.sample(range(len(sheets)), 2)
            if (tried := self._swapped(sheets, scores, one, another, wanted)) is not None:
                now = self._off(tried[1])
                if now <= off:
                    (sheets, scores), off = tried, now
        return False

    def _best_change(
        self, sheets: Sheets, scores: list[float], owner: int, wanted: list[int | None]
    ) -> tuple[Sheets, list[float]] | None:
        """Of some swaps that leave the owner with another sheet, the one by which the figures are least off."""
        others = [self.dice.randrange(len(sheets)) for _ in range(LOOKED_AT)]
        tried = [self._swapped(sheets, scores, owner, other, wanted) for other in others if other != owner]
        found = [one for one in tried if one is not None]
        return min(found, key=lambda one: self._off(one[1]), default=None)

    def _swapped(
        self, sheets: Sheets, scores: list[float], one: int, other: int, unwanted: list[int | None]
    ) -> tuple[Sheets, list[float]] | None:
        """One or two answers swapped; None where nothing changes, a form is incomplete or the sheet is back."""
        differing = [k for k in range(len(sheets[one])) if sheets[one][k] != sheets[other][k]]
        if not differing:
            return None
        places = self.dice.sample(differing, min(len(differing), self.dice.choice((1, 1, 2))))
        mine, theirs = list(sheets[one]), list(sheets[other])
        for k in places:
            mine[k], theirs[k] = theirs[k], mine[k]
        if unwanted in (mine, theirs) or not all(is_complete(self.asked, tuple(s)) for s in (mine, theirs)):
            return None
        made, new_scores = list(sheets), list(scores)
        made[one], made[other] = mine, theirs
        new_scores[one], new_scores[other] = self._score(mine), self._score(theirs)
        return made, new_scores

    def _score(self, sheet: Sequence[int | None]) -> float:
        return float(score(self.asked, tuple(sheet)))

    def _off(self, scores: Sequence[float]) -> float:
        """By how much the figures are beyond their rounding; 0 where they aren't."""
        n, total = len(scores), sum(scores)
        squares = sum(y * y for y in scores) - total * total / n
        beyond = max(0.0, abs(total / n - float(self.cell.mean)) - 0.05)
        return 100 * beyond + max(0.0, abs(squares - float(self.cell.squares)) - 50)
