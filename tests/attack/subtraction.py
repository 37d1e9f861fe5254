"""What the difference of two publications of a round tells: figures of the same estates, one taken from the other."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.attack.published import Cell
from tests.attack.towns import Publication


@dataclass(frozen=True)
class Difference:
    """Later less earlier, over the same estates; `answers` by indicator, of those released in every cell of both."""

    estates: frozenset[str]
    count: int
    answers: dict[str, Counter[int | None]]

    @property
    def sheets(self) -> list[dict[str, int | None]]:
        """The one sheet that came in or went, or what differs in the two that changed places: answers by indicator."""
        if abs(self.count) > 1 or not any(self.answers.values()):
            return []
        came = {key: [a for a, n in diff.items() for _ in range(n)] for key, diff in self.answers.items()}
        went = {key: [a for a, n in diff.items() for _ in range(-n)] for key, diff in self.answers.items()}
        if any(len(some) > 1 for side in (came, went) for some in side.values()):
            return []  # more than one changed places
        sides = (came, went) if self.count == 0 else (came,) if self.count > 0 else (went,)
        return [{key: some[0] for key, some in side.items() if some} for side in sides]


def differences(earlier: Publication, later: Publication) -> Iterator[Difference]:
    """Every smallest set of estates that is made of whole cells in both publications, with what has changed in it.

    Cells of estates that only one of the two shows count as nothing in the other.
    """
    for before, after in _joined(earlier.cells, later.cells):
        if not before or not after:
            continue  # a whole cell that came or went: told as it is
        keys = set.intersection(*(set(cell.indicators) for cell in (*before, *after)))
        yield Difference(
            estates=frozenset(estate for cell in (*before, *after) for estate in cell.estates),
            count=sum(cell.count for cell in after) - sum(cell.count for cell in before),
            answers={key: _less(after, before, key) for key in sorted(keys, key=_number)},
        )


def _number(key: str) -> tuple[int, str]:
    return len(key), key


def _less(after: Sequence[Cell], before: Sequence[Cell], key: str) -> Counter[int | None]:
    found: Counter[int | None] = Counter()
    for cell in after:
        found.update(cell.indicators[key])
    for cell in before:
        found.subtract(cell.indicators[key])
    return Counter({answer: number for answer, number in found.items() if number})


def _joined(before: Sequence[Cell], after: Sequence[Cell]) -> list[tuple[list[Cell], list[Cell]]]:
    """The cells of both, joined wherever they share an estate."""
    parts: list[tuple[set[str], list[Cell], list[Cell]]] = []
    for side, cells in enumerate((before, after)):
        for cell in cells:
            touching = [part for part in parts if part[0] & set(cell.estates)]
            merged: tuple[set[str], list[Cell], list[Cell]] = (set(cell.estates), [], [])
            for part in touching:
                merged[0].update(part[0])
                merged[1].extend(part[1])
                merged[2].extend(part[2])
                parts.remove(part)
            merged[1 + side].append(cell)
            parts.append(merged)
    return [(old, new) for _, old, new in parts]


def smallest_sets(publications: Sequence[Publication]) -> list[set[uuid.UUID]]:
    """The house's own view: evaluations sorted by the cells they stood in, over all publications, but those in none."""
    sets: dict[tuple[object, ...], set[uuid.UUID]] = {}
    for estate, key in {(e.code, one.key) for p in publications for e in p.town.estates for one in e.evaluations}:
        stood = tuple(_place(p, estate, key) for p in publications)
        if any(stood):
            sets.setdefault(stood, set()).add(key)
    return sorted(sets.values(), key=len)


def _place(publication: Publication, estate: str, key: uuid.UUID) -> object:
    cell = publication.counted.get(key)
    return cell and (cell.company, cell.group or estate)
