"""The independent oracle's folding: estates as cells, cut and rounded by fractions from raw answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from rating.scoring import Direction, ScoringRules

if TYPE_CHECKING:
    from .oracle import Estate


def half_even(value: Fraction, step: Fraction) -> Fraction:
    """To the nearest multiple of a step; Python's round of a fraction is half-even."""
    return round(value / step) * step


@dataclass
class Cell:
    """A shown estate or a group as a release has it: N, n, ȳ and SS rounded; m_i with its number of marks."""

    members: list[Estate]
    N: int
    n: int
    y: float
    SS: float
    means: dict[str, float] = field(default_factory=dict)

    @property
    def code(self) -> str | None:
        return self.members[0].code if len(self.members) == 1 else None


def cell_of(rules: ScoringRules, members: list[Estate], *, exactly: bool = False) -> Cell:
    """Members' evaluations simply added up."""
    units = [round(10_000 * y) for e in members for y in e.residents]
    n = len(units)
    y = Fraction(sum(units), 10_000 * n)
    SS = sum((Fraction(u, 10_000) - y) ** 2 for u in units)
    if not exactly:
        y, SS = half_even(y, Fraction(1, 10)), half_even(SS, Fraction(100))
    means = {}
    for key in {key for e in members for key in e.marks}:
        flat = [m for e in members for m in e.marks[key]]
        answers = Counter(flat) + Counter({None: n - len(flat)})
        others = n - max(answers.values())
        if len(flat) >= 10 and others not in (1, 2):
            means[key] = float(sum(flat) / len(flat))
    hidden = told_by_the_mean(rules, members, n, y)
    return Cell(
        members, sum(e.N for e in members), n, float(y), float(SS), {k: m for k, m in means.items() if k not in hidden}
    )


def told_by_the_mean(rules: ScoringRules, members: list[Estate], n: int, y: Fraction) -> set[str]:
    """The indicators that somebody left open, where fewer than three values are possible of what these gave."""
    asked = rules.questionnaire(Direction.RESIDENT_TO_COMPANY)
    assert asked is not None
    w = {i.key: i.weight for i in asked.indicators}
    W = sum(w.values())
    flat = {key: [m for e in members for m in e.marks[key]] for key in w}
    open_ = {key: n - len(flat[key]) for key in w if n > len(flat[key])}
    if not open_:
        return set()
    adj = n * y - 100 * sum(w[key] * sum(flat[key]) for key in w) / Fraction(W)
    top = 100 * sum(Fraction(w[key] * count, W) for key, count in open_.items())
    width = min(top, adj + Fraction(n, 20)) - max(0, adj - Fraction(n, 20))
    per_mark = {i.key: Fraction(i.weight, i.highest - i.zero) for i in asked.indicators}
    steps = [Fraction(100 * w[k], W * (W - w[k])) * min(s for j, s in per_mark.items() if j != k) for k in open_]
    return set(open_) if width < 3 * min(steps) else set()


def groups_of(rules: ScoringRules, estates: list[Estate]) -> list[list[Estate]]:
    """The groups, taken literally."""

    def whole(group: list[Estate]) -> bool:
        total = sum(e.n for e in group)
        return len(group) >= 2 and total >= 10 and all(total - e.n >= 3 for e in group)

    assert (rules.min_cell, rules.min_outside) == (10, 3)
    small = sorted((e for e in estates if 1 <= e.n <= 9), key=lambda e: (Fraction(e.n, e.N), e.code))
    large = sorted((e for e in estates if e.n >= 10), key=lambda e: (e.n, e.code))
    done: list[list[Estate]] = [[]]
    for e in small:
        done[-1].append(e)
        if whole(done[-1]):
            done.append([])
    rest = done.pop()
    if rest and done:
        done[-1].extend(rest)
        rest = []
    while rest and large and not whole(rest):
        rest.append(large.pop(0))
    return done + ([rest] if rest else [])


def cells_of(rules: ScoringRules, estates: list[Estate]) -> list[Cell]:
    """A company's cells: shown estates by code, then its groups; none where there are too few evaluations."""
    if sum(e.n for e in estates) < rules.min_cell:
        return []
    groups = groups_of(rules, estates)
    folded = {e.code for group in groups for e in group}
    shown = [[e] for e in estates if e.n and e.code not in folded]
    return [cell_of(rules, members) for members in shown + groups]


def in_groups(rules: ScoringRules, estates: list[Estate]) -> list[Estate]:
    """The estates without a cell of their own, though residents rated them."""
    folded = Counter(e.code for group in groups_of(rules, estates) for e in group)
    return [e for e in estates if e.code in folded]
