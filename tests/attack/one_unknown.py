"""The sheet with the one 'don't know': what ȳ tells of it.

Where one sheet alone lacks a mark, all others' scores add up to what the counts say, so Σy tells how much that sheet
earned on the rest of its indicators. Exact sums tell that nearly always; rounded ones leave several values.
"""

from __future__ import annotations

from fractions import Fraction

from rating.scoring import QuestionnaireRule
from tests.attack.published import Cell


def find_place(asked: QuestionnaireRule, cell: Cell) -> int | None:
    """The indicator that one sheet doesn't mark, where all others mark everything; else None."""
    if any(one.key not in cell.indicators for one in asked.indicators):
        return None
    without = [cell.indicators[one.key].get(None, 0) for one in asked.indicators]
    return without.index(1) if sum(without) == 1 else None


def possible_scores(asked: QuestionnaireRule, cell: Cell, exact_total: Fraction | None = None) -> set[Fraction]:
    """The scores y that the sheet with the one 'don't know' may have; `exact_total` is Σy (a control)."""
    place = find_place(asked, cell)
    assert place is not None
    weight = sum(one.weight for one in asked.indicators)
    rest = weight - asked.indicators[place].weight
    earned = sum(
        count * _earned(asked, k, answer)
        for k, one in enumerate(asked.indicators)
        for answer, count in cell.indicators[one.key].items()
        if answer is not None
    )
    low, high = (exact_total, exact_total) if exact_total is not None else cell.total
    # Each score is rounded to 1/10 000.
    edge = Fraction(cell.count, 20_000)
    reached = {Fraction(0)}
    for k, one in enumerate(asked.indicators):
        if k != place:
            reached = {r + _earned(asked, k, answer) for r in reached for answer in cell.indicators[one.key]}
    found = set()
    for own in reached:
        total = 100 * (Fraction(earned) - own) / weight + 100 * own / rest
        if low - edge <= total <= high + edge and _fits(cell, total, 100 * own / rest):
            found.add(100 * own / rest)
    return found


def _earned(asked: QuestionnaireRule, place: int, answer: int | None) -> Fraction:
    one = asked.indicators[place]
    return one.weight * Fraction((answer or one.zero) - one.zero, one.highest - one.zero)


def _fits(cell: Cell, total: Fraction, own: Fraction) -> bool:
    """Whether SS leaves room for a score so far from the others."""
    mean, others = total / cell.count, (total - own) / (cell.count - 1)
    return (own - mean) ** 2 + (cell.count - 1) * (others - mean) ** 2 <= cell.spread[1]
