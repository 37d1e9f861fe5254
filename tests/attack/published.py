"""What anybody reads: the cells of a publication's file, with the intervals that rounding leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from rating.scoring import QuestionnaireRule

Sheet = tuple[int | None, ...]  # None is 'don't know'
Counts = Mapping[int | None, int]
Members = Mapping[tuple[str, int], tuple[str, ...]]  # (company, group) → its estates

TENTH, HUNDRED = Fraction(1, 10), Fraction(100)


@dataclass(frozen=True)
class Cell:
    """A shown estate (group 0) or a group, as a file tells of it.

    The attacker is told which estates a group has: mostly he can find that out from N.
    """

    company: str
    group: int
    estates: tuple[str, ...]
    count: int
    mean: Fraction
    squares: Fraction
    indicators: Mapping[str, Counts]

    @property
    def total(self) -> tuple[Fraction, Fraction]:
        """Between what Σy lies, in points."""
        return self.count * (self.mean - TENTH / 2), self.count * (self.mean + TENTH / 2)

    @property
    def spread(self) -> tuple[Fraction, Fraction]:
        """Between what SS lies."""
        return max(Fraction(0), self.squares - HUNDRED / 2), self.squares + HUNDRED / 2


def read_cells(published: Mapping[str, Any], members: Members) -> Iterator[Cell]:
    """The cells in a file of folded tallies; `members` says which estates each group has."""
    for company in published["companies"]:
        code = company["company"]
        for estate in company["estates"]:
            if estate["residents"]:
                yield _read(code, 0, (estate["estate"],), estate["residents"])
        for number, group in enumerate(company["groups"], start=1):
            yield _read(code, number, members[code, number], group["residents"])


def lay_open(asked: QuestionnaireRule, sheets: Sequence[Sheet]) -> Cell:
    """A cell of which all counts leave the house (a control)."""
    mean, squares = publish_moments([score(asked, sheet) for sheet in sheets])
    counts = {one.key: Counter(sheet[k] for sheet in sheets) for k, one in enumerate(asked.indicators)}
    return Cell("C1", 0, ("E1",), len(sheets), mean, squares, counts)


def _read(company: str, group: int, estates: tuple[str, ...], told: Mapping[str, Any]) -> Cell:
    return Cell(
        company=company,
        group=group,
        estates=estates,
        count=told["count"],
        mean=Fraction(told["mean"]),
        squares=Fraction(told["squares"]),
        indicators={key: _counts(counts) for key, counts in told["indicators"].items()},
    )


def _counts(told: Mapping[str, Any]) -> Counts:
    marks = {int(mark): count for mark, count in told["marks"].items() if count}
    return marks | ({None: told["no_mark"]} if told["no_mark"] else {})


@cache
def score(asked: QuestionnaireRule, sheet: Sheet) -> Fraction:
    """y of an answer sheet in points, to 1/10 000, as the rulebook says."""
    given = [(one, mark) for one, mark in zip(asked.indicators, sheet, strict=True) if mark is not None]
    earned = sum(one.weight * Fraction(mark - one.zero, one.highest - one.zero) for one, mark in given)
    return Fraction((10_000 * 100 * earned / sum(one.weight for one, _ in given) + Fraction(1, 2)).__floor__(), 10_000)


@cache
def is_complete(asked: QuestionnaireRule, sheet: Sheet, least: int = 60) -> bool:
    """Whether a form with these marks is accepted."""
    marked = sum(one.weight for one, mark in zip(asked.indicators, sheet, strict=True) if mark is not None)
    return 100 * marked >= least * sum(one.weight for one in asked.indicators)


def round_half_even(value: Fraction, step: Fraction) -> Fraction:
    """To a multiple of a step."""
    return round(value / step) * step


def publish_moments(scores: list[Fraction]) -> tuple[Fraction, Fraction]:
    """ȳ and SS as they would be published."""
    total = sum(scores, Fraction(0))
    squares = sum((y * y for y in scores), Fraction(0)) - total * total / len(scores)
    return round_half_even(total / len(scores), TENTH), round_half_even(squares, HUNDRED)
