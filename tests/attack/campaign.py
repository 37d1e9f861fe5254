"""One round under attack: what each solver gets out of its publications, counted against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice

from tests.attack.estates import MOST_ESTATES, CountsFigure, solve, splits
from tests.attack.old_folding import is_alike, mean_of, publish_old
from tests.attack.one_unknown import find_place, possible_scores
from tests.attack.published import Cell, Counts, Sheet, lay_open, score
from tests.attack.ranges import RangeSolver, Snapshot
from tests.attack.sheets import CellSolver, TooManyKinds, Undecided
from tests.attack.subtraction import Difference, differences, smallest_sets
from tests.attack.towns import Estate, Publication, Town, publish
from tests.attack.twins import Swapper, find_pairs, looks_the_same

MOST_PAIRS = 20
MANY = 3  # households with one and the same sheet: it's no single one's


@dataclass
class Loot:
    """What was found. Leaks are told in words, so that a failing test says which."""

    numbers: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    narrowest: float = 100.0
    narrowest_at: str = ""
    smallest: int = 10**9  # the fewest evaluations that a difference of publications shows

    def __iadd__(self, other: Loot) -> Loot:
        self.numbers += other.numbers
        self.leaks += other.leaks
        if other.narrowest < self.narrowest:
            self.narrowest, self.narrowest_at = other.narrowest, other.narrowest_at
        self.smallest = min(self.smallest, other.smallest)
        return self

    def narrow(self, width: float, where: str) -> None:
        if width < self.narrowest:
            self.narrowest, self.narrowest_at = width, where


def attack_old(town: Town) -> Loot:
    """Hidden means and whole sheets out of the figures that used to be published; all have to be right."""
    loot, keys = Loot(), [one.key for one in town.asked.indicators]
    for group in publish_old(town):
        if len(group.estates) > MOST_ESTATES:
            loot.numbers["old groups too large for the solver"] += 1
            continue
        found = solve(group.figures, group.households, group.splits())
        for place, code in enumerate(group.estates):
            sheets = [one.sheet for one in town.estate(code).counted]
            for k, key in enumerate(keys):
                if (true := mean_of(k, sheets)) is not None:
                    loot.numbers["old hidden means"] += 1
                    if (place, key) in found.means:
                        loot.numbers["old means told"] += 1
                        loot.numbers["old means told wrong"] += found.means[place, key] != true
            if len(sheets) == 1:
                loot.numbers["old single households"] += 1
                if (sheet := found.sheet(place, keys)) is not None:
                    loot.numbers["old sheets told"] += 1
                    loot.numbers["old sheets told wrong"] += sheet != sheets[0]
    return loot


def attack_groups(publication: Publication) -> Loot:
    """Hidden means out of what is published now: whatever has one possible value, unless all answers are alike."""
    loot = Loot()
    for cell in publication.cells:
        if not cell.group:
            continue
        estates = [publication.town.estate(code) for code in cell.estates]
        for one in estates:
            sheets = publication.sheets([one.code])
            marked = [mean_of(k, sheets) is not None for k in range(len(sheets[0]))]
            loot.numbers["hidden means"] += sum(marked)
        if len(estates) > MOST_ESTATES:
            loot.numbers["groups too large for the solver"] += 1
            continue
        loot.numbers["groups solved"] += 1
        figures = {key: CountsFigure(counts) for key, counts in cell.indicators.items()}
        possible = list(splits(cell.count, len(estates)))
        found = solve(figures, [one.households for one in estates], possible)
        loot.numbers["estates whose n is told"] += sum(len(some) == 1 for some in found.counts)
        for place, key in found.means:
            if _marks_alike(cell.indicators[key]):
                loot.numbers["means told, all marks alike"] += 1
            else:
                loot.leaks.append(f"{cell.estates[place]}: the mean of {key} in {cell}")
    return loot


def _marks_alike(counts: Counts) -> bool:
    return len([answer for answer in counts if answer is not None]) == 1


def attack_twins(publications: Sequence[Publication], *, every: bool = False) -> Loot:
    """For each hidden mean of each publication another town with the same files; `every` indicator, or the first that
    may differ.
    """
    loot = Loot()
    asked = publications[0].town.asked
    for publication in publications:
        for estate in publication.hidden:
            own = [one.key for one in estate.evaluations if one.key in publication.counted]
            looked = False
            for k, indicator in enumerate(asked.indicators):
                pairs = list(islice(find_pairs(publications, estate, k, own), MOST_PAIRS))
                if not pairs:
                    _tell_alone(loot, publications, publication, estate, k)
                    continue
                loot.numbers["hidden means with a twin"] += 1
                if every or not looked:
                    looked = True
                    loot.numbers["twins published"] += 1
                    if not any(looks_the_same(publications, pair, k) for pair in pairs):
                        loot.leaks.append(f"{estate.code}: other files where {indicator.key} is another's")
    return loot


def _tell_alone(
    loot: Loot, publications: Sequence[Publication], publication: Publication, estate: Estate, k: int
) -> None:
    """No twin: all answers of those that stood together have to be alike."""
    for cell in publication.cells:
        if estate.code in cell.estates:
            if is_alike(k, publication.sheets(cell.estates)):
                loot.numbers["hidden means, all answers alike"] += 1
            elif len(publications) > 1 and all(is_alike(k, some) for some in _sets_of(publications, estate)):
                loot.numbers["hidden means, all answers of a set alike"] += 1
            else:
                loot.leaks.append(f"{estate.code}: indicator {k} has no twin")


def _sets_of(publications: Sequence[Publication], estate: Estate) -> Iterator[list]:
    sheets = {one.key: one.sheet for p in publications for e in p.town.estates for one in e.evaluations}
    own = {one.key for one in estate.evaluations}
    return ([sheets[key] for key in some] for some in smallest_sets(publications) if some & own)


def attack_sheets(publication: Publication, most: int | None = None) -> Loot:
    """Which sheets are told that fewer than three households have; of each cell at most so many, those first that are
    least like the others.

    Swaps that leave all that is published the same show that a sheet isn't told; where none is found the integer
    programme decides.
    """
    loot, asked = Loot(), publication.town.asked
    for cell in publication.cells:
        loot.numbers["cells"] += 1
        sheets = publication.sheets(cell.estates)
        rare = [kind for kind, number in Counter(sheets).items() if number < MANY]
        rare = sorted(rare, key=lambda kind: (-abs(score(asked, kind) - cell.mean), str(kind)))[:most]
        loot.numbers["sheets looked for"] += len(rare)
        swapper = Swapper(asked, cell, sheets, lambda made, c=cell: _is_same_cell(publication, c, made))
        if not all(swapper.is_open(kind) for kind in rare):
            loot += decide_sheets(publication, cell)
    return loot


def _is_same_cell(publication: Publication, cell: Cell, sheets: Sequence[Sheet]) -> bool:
    """Whether a cell is published the same with these sheets in it."""
    left, made = iter(sheets), []
    for one in publication.town.estates:
        if one.code in cell.estates:
            counted = [each for each in one.evaluations if each.key in publication.counted]
            made.append(replace(one, evaluations=tuple(replace(each, sheet=next(left)) for each in counted)))
    (again,) = publish(replace(publication.town, estates=tuple(made))).cells
    return replace(again, group=cell.group) == cell


def decide_sheets(publication: Publication, cell: Cell, *, exactly: bool = False) -> Loot:
    """What the integer programme says of a cell's sheets; `exactly` is the control with Σy and Σy² unrounded."""
    loot, asked, sheets = Loot(), publication.town.asked, publication.sheets(cell.estates)
    scores = [score(asked, sheet) for sheet in sheets]
    known = (sum(scores), sum(y * y for y in scores)) if exactly else None
    try:
        told = CellSolver(asked, cell, known).told()
    except (TooManyKinds, Undecided):
        loot.numbers["cells undecided"] += 1
        return loot
    loot.numbers["cells decided"] += 1
    held = Counter(sheets)
    loot.numbers["sheets of a household or two, in cells decided"] += sum(n < MANY for n in held.values())
    for sheet in told:
        loot.numbers["sheets told wrong"] += sheet not in held
        if held[sheet] >= MANY:
            loot.numbers["sheets told, of three households or more"] += 1
        elif any(len(counts) == 1 for counts in cell.indicators.values()):
            loot.numbers["sheets told, all answers to an indicator alike"] += 1
        else:
            loot.numbers["sheets told"] += 1
            loot.leaks.append(f"the sheet {sheet} in {cell}")
    return loot


def attack_unknown(town: Town) -> Loot:
    """The sheet with an estate's one 'don't know': its score by exact sums, rounded ones, and what is published."""
    loot, asked = Loot(), town.asked
    sheets = [one.sheet for one in town.estates[0].counted]
    true = next(score(asked, sheet) for sheet in sheets if None in sheet)
    all_counts = lay_open(asked, sheets)
    ways = {
        "by Σy": possible_scores(asked, all_counts, sum(score(asked, sheet) for sheet in sheets)),
        "by ȳ to 0.1 and all counts": possible_scores(asked, all_counts),
    }
    (cell,) = publish(town).cells
    if find_place(asked, cell) is not None:
        ways["by what is published"] = possible_scores(asked, cell)
    loot.numbers["one don't know"] += 1
    for way, found in ways.items():
        assert any(abs(one - true) < Fraction(1, 1000) for one in found), f"{true} isn't found {way}"
        if len(found) == 1:
            loot.numbers[f"its score {way}"] += 1
            if way == "by what is published":
                loot.leaks.append(f"the sheet with the one don't know, {true}, in {cell}")
    return loot


def attack_ranges(publications: Sequence[Publication], indicators: int | None = None) -> Loot:
    """The narrowest range of a hidden estate's means; `indicators` is how many of them are looked at."""
    loot, asked = Loot(), publications[0].town.asked
    for company in sorted({cell.company for p in publications for cell in p.cells}):
        # What stays as it was shown says nothing new.
        fresh = [p for p in publications if p is publications[0] or company not in p.folding.frozen]
        snapshots = [
            Snapshot([c for c in p.cells if c.company == company], {e.code: p.count(e.code) for e in p.town.estates})
            for p in fresh
        ]
        if not any(one.cells for one in snapshots):
            continue
        solver = RangeSolver(asked, snapshots)
        for number, publication in enumerate(fresh):
            for estate in publication.hidden:
                if estate.company == company:
                    _measure(loot, solver, number, publication, estate, indicators)
    return loot


def _measure(
    loot: Loot, solver: RangeSolver, number: int, publication: Publication, estate: Estate, indicators: int | None
) -> None:
    cell = next(cell for cell in publication.cells if estate.code in cell.estates)
    sheets = publication.sheets([estate.code])
    scores = [float(score(solver.asked, sheet)) for sheet in sheets]
    _hold(loot, solver.score_range(estate.code, number), sum(scores) / len(scores), f"{estate.code}: ȳ in {cell}")
    for k, one in list(enumerate(solver.asked.indicators))[:indicators]:
        counts, true = cell.indicators.get(one.key), mean_of(k, sheets)
        if counts is None or true is None:
            continue
        if _marks_alike(counts):
            loot.numbers["ranges of nothing, all marks alike"] += 1
            continue
        found = solver.mean_range(estate.code, number, one.key)
        _hold(loot, found, 25 * (float(true) - 1), f"{estate.code}: the mean of {one.key} in {cell}")


def _hold(loot: Loot, found: tuple[float, float], true: float, where: str) -> None:
    low, high = found
    assert low - 1e-4 <= true <= high + 1e-4, f"the truth {true} is not in {found}: {where}"
    loot.numbers["ranges"] += 1
    loot.narrow(high - low, where)
    if high - low < 1e-3:
        loot.leaks.append(where)


def attack_differences(publications: Sequence[Publication]) -> Loot:
    """What one publication tells when another is taken from it."""
    loot = Loot()
    sets = smallest_sets(publications)
    loot.smallest = min(map(len, sets), default=loot.smallest)
    for k, later in enumerate(publications):
        for earlier in publications[:k]:
            for found in differences(earlier, later):
                loot.numbers["differences"] += 1
                if 0 < abs(found.count) < 10:
                    loot.leaks.append(f"a difference of {found.count} in {sorted(found.estates)}")
                moved = _moved(earlier, later, found)
                for told in found.sheets:
                    loot.numbers["sheets told by a difference"] += 1
                    right = any(all(one.get(key) == a for key, a in told.items()) for one in moved)
                    loot.numbers["sheets told by a difference, wrong"] += not right
                    loot.leaks.append(f"a sheet by a difference in {sorted(found.estates)}")
                loot.numbers["differences with under 10 marks of an indicator"] += sum(
                    0 < abs(sum(n for a, n in answers.items() if a is not None)) < 10
                    for answers in found.answers.values()
                    if abs(found.count) >= 10
                )
    if loot.smallest < 10:
        loot.leaks.append(f"{loot.smallest} evaluations stood in the same cells")
    return loot


def _moved(earlier: Publication, later: Publication, found: Difference) -> list[dict[str, int | None]]:
    """The truth: the sheets that stand in one publication and not in the other."""
    keys = [one.key for one in earlier.town.asked.indicators]
    changed = earlier.counted.keys() ^ later.counted.keys()
    both = {each.key: each for p in (earlier, later) for one in p.town.estates for each in one.evaluations}
    own = {e.key for p in (earlier, later) for o in p.town.estates if o.code in found.estates for e in o.evaluations}
    return [dict(zip(keys, both[key].sheet, strict=True)) for key in changed & own]
