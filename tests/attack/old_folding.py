"""What folding published before groups were strata: a control that the solvers must break.

A company's estates with fewer than ten evaluations were one group (with the next smallest, until it had two estates and
ten evaluations); of it left Σ N_e·m_e of every indicator to six decimals, however few had marked it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rating.scoring import QuestionnaireRule
from tests.attack.estates import LOWEST, Figure, Split, WeightedFigure, splits
from tests.attack.published import Sheet, round_half_even
from tests.attack.towns import Estate, Town

LEAST = 10
SIXTH = Fraction(1, 1_000_000)


@dataclass(frozen=True)
class OldGroup:
    """What was published of a company's group, and (told to the attacker) its estates."""

    company: str
    estates: tuple[str, ...]
    households: tuple[int, ...]
    count: int
    smallest_shown: int  # the least n of an estate that is shown: who was taken in has no more
    figures: dict[str, Figure]

    def splits(self) -> list[Split]:
        """How n may be split: by the old rule at most one more than needed was taken in."""
        found = []
        for split in splits(self.count, len(self.estates)):
            large = sorted(n for n in split if n >= LEAST)
            small = [n for n in split if n < LEAST]
            if not small or (large and large[-1] > self.smallest_shown):
                continue
            if large and len(split) - 1 >= 2 and self.count - large[-1] >= LEAST:
                continue  # it was enough without
            found.append(split)
        return found


def publish_old(town: Town) -> list[OldGroup]:
    """The groups of a round as they used to be published."""
    companies = sorted({one.company for one in town.estates})
    made = [_group(town.asked, [one for one in town.estates if one.company == c]) for c in companies]
    return [one for one in made if one is not None]


def _group(asked: QuestionnaireRule, estates: Sequence[Estate]) -> OldGroup | None:
    rated = sorted((one for one in estates if one.counted), key=lambda one: (len(one.counted), one.code))
    if sum(len(one.counted) for one in rated) < LEAST:
        return None  # n alone
    group = [one for one in rated if len(one.counted) < LEAST]
    for one in rated[len(group) :]:
        if not group or (len(group) >= 2 and sum(len(each.counted) for each in group) >= LEAST):
            break
        group.append(one)
    if not group:
        return None
    shown = [len(one.counted) for one in rated if one not in group]
    sheets = [[each.sheet for each in one.counted] for one in group]
    households = tuple(one.households for one in group)
    figures = {one.key: _figure(k, households, sheets) for k, one in enumerate(asked.indicators)}
    return OldGroup(
        company=group[0].company,
        estates=tuple(one.code for one in group),
        households=households,
        count=sum(map(len, sheets)),
        smallest_shown=min(shown, default=10**6),
        figures={key: figure for key, figure in figures.items() if figure is not None},
    )


def _figure(place: int, households: Sequence[int], sheets: Sequence[Sequence[Sheet]]) -> WeightedFigure | None:
    means = [mean_of(place, some) for some in sheets]
    marked = [(n, m) for n, m in zip(households, means, strict=True) if m is not None]
    if not marked:
        return None
    total = sum((n * (m - LOWEST) / 4 for n, m in marked), Fraction(0))
    return WeightedFigure(sum(n for n, _ in marked), round_half_even(total, SIXTH))


def mean_of(place: int, sheets: Sequence[Sheet]) -> Fraction | None:
    """The mean mark of an indicator; None without a mark."""
    marks = [mark for one in sheets if (mark := one[place]) is not None]
    return Fraction(sum(marks), len(marks)) if marks else None


def is_alike(place: int, sheets: Sequence[Sheet]) -> bool:
    """Whether everybody answered alike."""
    return len(Counter(one[place] for one in sheets)) == 1
