"""An independent oracle: the method once more, in floats, from raw answers.

It shares no arithmetic with `rating.scoring`: it keeps every single score, works with
P_e and v_e as docs/method.md writes them, and reads a rulebook's settings only.
Comparisons round to nine decimals first, so that exact ties stay ties in floats.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction
from functools import lru_cache
from typing import Any

from scipy import stats

from rating.scoring import Direction, ReviewState, ScoringRules

from .builders import COMMITTEE, RESIDENTS, RawEstate, RawRound
from .oracle_fold import Cell, cells_of, in_groups

Figures = dict[str, Any]
COUNTED = (ReviewState.NEVER_FLAGGED, ReviewState.ACCEPTED)


def cut(value: float) -> float:
    return round(value, 9)


@lru_cache(maxsize=100_000)
def score(indicators: Any, marks: Any) -> int:
    """One evaluation's y in 1/10 000 points, by fractions."""
    top, bottom = Fraction(0), 0
    for indicator, mark in zip(indicators, marks, strict=True):
        if mark is not None:
            share = Fraction(mark - indicator.zero, indicator.highest - indicator.zero)
            top += indicator.weight * share
            bottom += indicator.weight
    return math.floor(1_000_000 * top / bottom + Fraction(1, 2))


class Estate:
    """An estate's counted answers in floats."""

    def __init__(self, rules: ScoringRules, raw: RawEstate, counted: Collection[ReviewState] = COUNTED) -> None:
        self.code, self.N = raw.estate, raw.households
        self.ys: dict[Direction, list[float]] = {}
        self.marks: dict[str, list[Fraction]] = defaultdict(list)
        for q in rules.questionnaires:
            kept = [m for m, state in raw.answers[q.direction] if state in counted]
            self.ys[q.direction] = [score(q.indicators, m) / 10_000 for m in kept]
            if q.direction is RESIDENTS:
                for row in kept:
                    for i, mark in zip(q.indicators, row, strict=True):
                        if mark is not None:
                            share = Fraction(mark - i.zero, i.highest - i.zero)
                            self.marks[i.key].append(share)

    @property
    def residents(self) -> list[float]:
        return self.ys[RESIDENTS]

    @property
    def n(self) -> int:
        return len(self.ys[RESIDENTS])

    def mean(self, direction: Direction) -> float:
        return math.fsum(self.ys[direction]) / len(self.ys[direction])


def s_tilde2(rules: ScoringRules, e: Cell, s2: float) -> float:
    k = rules.variance_prior
    return s2 if e.n == 1 else (e.SS + k * s2) / (e.n - 1 + k)


def v(rules: ScoringRules, e: Cell, s2: float) -> float:
    return max(0.0, 1 - e.n / e.N) * s_tilde2(rules, e, s2) / e.n


def pooled(cells: list[Cell]) -> tuple[float, int]:
    """s² and df."""
    df = sum(e.n for e in cells) - len(cells)
    return (sum(e.SS for e in cells) / df if df else 0.0), df


def bounds(rules: ScoringRules, y: float, V: float, df: int, full: bool, level: float) -> tuple[float, float] | None:
    if cut(V) == 0:
        return (y, y) if full else None
    t = round(float(stats.t.ppf(level, df)), 8)
    if rules.interval == "linear":
        return y - t * math.sqrt(V), y + t * math.sqrt(V)
    p = y / 100
    h = t * math.sqrt(V) / (100 * p * (1 - p))
    z = math.log(p) - math.log1p(-p)
    return 100 / (1 + math.exp(h - z)), 100 / (1 + math.exp(-h - z))


def residents(rules: ScoringRules, cells: list[Cell]) -> Figures | None:
    """Ŷ, V and df of some cells."""
    if not cells:
        return None
    s2, df = pooled(cells)
    covered = sum(e.N for e in cells)
    y = sum(e.N / covered * e.y for e in cells)
    V = sum((e.N / covered) ** 2 * v(rules, e, s2) for e in cells)
    return {"y": y, "V": V, "df": df, "s2": s2, "full": all(e.n == e.N for e in cells), "covered": covered}


def committees(estates: list[Estate], hidden: list[Estate]) -> tuple[float, int] | None:
    """The on-site score and the households it covers: estates' means, and one of all sheets on hidden ones."""
    covered = [e for e in estates if e.ys[COMMITTEE]]
    if not covered:
        return None
    parts = [(e.N, e.mean(COMMITTEE)) for e in covered if e not in hidden]
    if folded := [e for e in covered if e in hidden]:
        sheets = [y for e in folded for y in e.ys[COMMITTEE]]
        parts.append((sum(e.N for e in folded), math.fsum(sheets) / len(sheets)))
    N = sum(n for n, _ in parts)
    return sum(n * y for n, y in parts) / N, N


def assess(rules: ScoringRules, estates: list[Estate], A: float, *, alone: bool) -> Figures:
    """A company, or with `alone` a single estate by itself."""
    n, N = sum(e.n for e in estates), sum(e.N for e in estates)
    W = {d: w for d, w in rules.direction_weights.items() if w}
    f: Figures = {"n": n, "N": N, "A": A, "turnout": n / N, "C": None, "bounds": None}
    f["uncovered"], ys = {}, {}
    if n < rules.min_cell and RESIDENTS in W:
        return f | {"lacking": True}
    found = residents(rules, cells_of(rules, estates))
    if found:
        level = float(rules.level) / 100
        pair = bounds(rules, found["y"], found["V"], found["df"], found["full"], level)
        f |= {"residents": found, "bounds": pair}
        ys[RESIDENTS] = found["y"]
        f["uncovered"][RESIDENTS] = 1 - found["covered"] / N
    group = [] if alone else in_groups(rules, estates)
    unrated = [e for e in estates if e.n == 0] if RESIDENTS in W else []
    other = committees(estates, group + unrated)
    if other:
        ys[COMMITTEE] = other[0]
    f["uncovered"][COMMITTEE] = 1 - other[1] / N if other else 1.0
    missing = [d for d in W if f["uncovered"].get(d, 1) > 1 - 0.5 + 1e-12]
    f["ys"] = ys
    f["lacking"] = bool(missing)
    if RESIDENTS in W:
        need = min(30, max(10, -(-N // 2)))
        f["lacking"] |= n < need or f["bounds"] is None
        if f["bounds"]:
            width = (f["bounds"][1] - f["bounds"][0]) / 2
            f["lacking"] |= cut(width) > float(rules.max_half_width)
    if not missing:
        f |= composite(rules, W, ys, f["bounds"], A)
    return f


def composite(rules: ScoringRules, W: Any, ys: Any, pair: tuple[float, float] | None, A: float) -> Figures:
    def mix(y: float | None) -> float:
        given = {**ys, RESIDENTS: y}
        return sum(W[d] * given[d] for d in W) / sum(W.values())

    B = mix(ys.get(RESIDENTS))
    if RESIDENTS not in W:
        return {"B": B, "C": B + A, "L": B + A, "U": B + A}
    if pair is None:
        return {"B": B, "C": B + A, "L": None, "U": None}
    return {"B": B, "C": B + A, "L": mix(pair[0]) + A, "U": mix(pair[1]) + A}


def tipping(rules: ScoringRules, f: Figures) -> float | None:
    """Unlimited is infinity; None where no bound crosses a threshold."""
    if f["C"] is None or f["U"] is None:
        return None
    share = rules.weight(RESIDENTS) / sum(rules.direction_weights.values())
    a = (1 - f["turnout"]) * share
    if cut(f["U"]) < rules.black:
        return (float(rules.black) - f["U"]) / a if a else math.inf
    if cut(f["L"]) >= rules.red:
        return (f["L"] - float(rules.red)) / a if a else math.inf
    return None


def silent_enough(rules: ScoringRules, f: Figures) -> bool:
    tip = tipping(rules, f)
    return rules.nonresponse_margin == 0 or (tip is not None and cut(tip) > rules.nonresponse_margin)


def standings(rules: ScoringRules, all_f: dict[str, Figures], vetoes: Any, overdue: Any) -> None:
    """Write a standing into each of the figures."""
    rated = {c: f for c, f in all_f.items() if not f["lacking"]}
    eligible = {
        c: cut(f["C"])
        for c, f in rated.items()
        if c not in vetoes
        and cut(f["L"]) >= rules.red
        and silent_enough(rules, f)
        and c not in overdue
        and all(cut(100 * f["uncovered"][d]) <= 20 for d, w in rules.direction_weights.items() if w)
    }
    cap = max(1, math.floor(float(rules.red_share) * len(rated) / 100 + 1e-9))
    best = sorted(eligible.values(), reverse=True)[:cap]
    for code, f in all_f.items():
        f["rated"] = code in rated
        f["standing"] = one_standing(rules, code, f, vetoes, eligible, best)


def one_standing(rules: ScoringRules, code: str, f: Figures, vetoes: Any, eligible: Any, best: Any) -> str:
    if code in vetoes:
        return "black"
    if f["lacking"]:
        return "insufficient"
    if cut(f["U"]) < rules.black and silent_enough(rules, f):
        return "black"
    if code in eligible and eligible[code] >= best[-1]:
        return "red"
    return "watch" if cut(f["C"]) < rules.watch else "ordinary"


def certainties(rules: ScoringRules, all_f: dict[str, Figures], vetoes: Any) -> None:
    rated = [f for f in all_f.values() if f["rated"]]
    if not rated:
        return
    K, Cs = len(rated), [f["C"] for f in rated]
    share = rules.weight(RESIDENTS) / sum(rules.direction_weights.values())
    V_Cs = [share**2 * f["residents"]["V"] if share else 0.0 for f in rated]
    mu = statistics.fmean(Cs)
    s2 = statistics.variance(Cs) if K > 1 else 0.0
    tau2 = max(1.0, s2 - statistics.fmean(V_Cs))
    z = round(float(stats.norm.ppf(float(rules.level) / 100)), 8)
    for code, f in all_f.items():
        f["wrong"] = None
        if code in vetoes or f["standing"] not in ("red", "black", "watch"):
            continue
        red = f["standing"] == "red"
        sigma = (f["C"] - f["L"]) / z if red else (f["U"] - f["C"]) / z
        b = 1.0 if K < 10 else tau2 / (tau2 + sigma**2)
        m = mu + b * (f["C"] - mu)
        x = {"red": rules.red, "black": rules.black, "watch": rules.watch}
        away = m - float(x[f["standing"]])
        away = -away if red else away
        if sigma > 1e-12:
            f["wrong"] = float(stats.norm.cdf(away / (sigma * math.sqrt(b))))
        else:
            f["wrong"] = float(cut(away) > 0)


def ranks(rules: ScoringRules, all_f: dict[str, Figures]) -> None:
    rated = {c: f for c, f in all_f.items() if f["rated"]}
    K = len(rated)
    W = {d: w for d, w in rules.direction_weights.items() if w}
    wide = {}
    for code, f in rated.items():
        level = (1 + 0.95 ** (1 / K)) / 2
        pair = None
        if RESIDENTS in W:
            r = f["residents"]
            pair = bounds(rules, r["y"], r["V"], r["df"], r["full"], level)
        wide[code] = composite(rules, W, f["ys"], pair, f["A"])
    for code, f in rated.items():
        mine = wide[code]
        above = sum(cut(o["L"]) > cut(mine["U"]) for o in wide.values())
        below = sum(cut(o["U"]) < cut(mine["L"]) for o in wide.values())
        f["rank"] = 1 + sum(cut(o["C"]) > cut(f["C"]) for o in rated.values())
        f["ranks"] = (1 + above, K - below)


def indicator_means(cells: list[Cell], keys: list[str]) -> dict[str, float | None]:
    """m_i over the cells with a released mark."""
    means: dict[str, float | None] = {}
    for key in keys:
        marked = [(cell.N, cell.means[key]) for cell in cells if key in cell.means]
        weight = sum(N for N, _ in marked)
        means[key] = sum(N * m for N, m in marked) / weight if weight else None
    return means


def costs(rules: ScoringRules, all_f: dict[str, Figures]) -> None:
    questionnaire = rules.questionnaire(RESIDENTS)
    assert questionnaire is not None
    rated = [f for f in all_f.values() if f["rated"]]
    share = rules.weight(RESIDENTS) / sum(rules.direction_weights.values())
    weights = sum(i.weight for i in questionnaire.indicators)
    for f in rated:
        found = []
        for i in questionnaire.indicators:
            column = [o["m"][i.key] for o in rated if o["m"][i.key] is not None]
            if f["m"][i.key] is None:
                continue
            less = statistics.median(column) - f["m"][i.key]
            found.append((i.key, 100 * i.weight / weights * share * less))
        found = [(k, c) for k, c in found if c > 1e-7]
        f["costs"] = sorted(found, key=lambda kc: -cut(kc[1]))[:3]


def companies_of(raw: RawRound, counted: Collection[ReviewState] = COUNTED) -> dict[str, list[Estate]]:
    """Every company's estates, by code."""
    by_company: dict[str, list[Estate]] = defaultdict(list)
    for each in sorted(raw.estates, key=lambda e: e.estate):
        by_company[each.company].append(Estate(raw.rules, each, counted))
    return by_company


def score_raw(raw: RawRound) -> dict[str, dict[str, Figures]]:
    """Companies and shown estates, each with its figures."""
    by_company = companies_of(raw)
    cap = float(raw.rules.adjustments_cap)
    companies, estates = {}, {}
    keys = [f"i{k}" for k in range(3)]
    for code, own in by_company.items():
        A = max(-cap, min(cap, float(raw.adjustments.get(code, 0))))
        companies[code] = assess(raw.rules, own, A, alone=False)
        group = in_groups(raw.rules, own)
        companies[code]["m"] = indicator_means(cells_of(raw.rules, own), keys)
        total = sum(e.n for e in own)
        if total < raw.rules.min_cell and raw.rules.weight(RESIDENTS):
            continue
        for e in own:
            if e not in group:
                estates[e.code] = assess(raw.rules, [e], 0.0, alone=True)
    standings(raw.rules, companies, raw.vetoes, raw.overdue)
    standings(raw.rules, estates, {}, ())
    certainties(raw.rules, companies, raw.vetoes)
    ranks(raw.rules, companies)
    costs(raw.rules, companies)
    return {"companies": companies, "estates": estates}
