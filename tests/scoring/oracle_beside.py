"""The independent oracle of what stands beside a listing: change, fragility, the waterfall's closing line, peers,
talks, the contrast of those hard to reach, and needs. In floats, from raw answers, as the specification writes them.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scipy import stats

from rating.scoring import ReviewState, ScoringRules

from .builders import COMMITTEE, RESIDENTS, RawRound
from .oracle import (
    Estate,
    Figures,
    bounds,
    companies_of,
    composite,
    cut,
    folded_estates,
    s_tilde2,
)

Pair = tuple[float, float]


def counting(rules: ScoringRules) -> dict[Any, int]:
    return {d: w for d, w in rules.direction_weights.items() if w}


def level(rules: ScoringRules) -> float:
    return float(rules.level) / 100


def pooled(rules: ScoringRules, estates: Iterable[Estate]) -> tuple[float, int]:
    """s², rounded as a release does, and df, over all estates of a company."""
    rated = [e for e in estates if e.n]
    df = sum(e.n for e in rated) - len(rated)
    return (round(sum(e.SS for e in rated) / df, 6) if df else 0.0), df


def shown(rules: ScoringRules, estates: list[Estate]) -> dict[str, Estate]:
    """The estates whose leading direction a release shows."""
    W = counting(rules)
    if RESIDENTS in W and sum(e.n for e in estates) < rules.min_cell:
        return {}
    leading = RESIDENTS if RESIDENTS in W else COMMITTEE
    group = folded_estates(rules, estates)
    return {e.code: e for e in estates if e not in group and e.ys[leading]}


# Change


def change(rules: ScoringRules, old_rules: ScoringRules, old: list[Estate] | None, new: list[Estate]) -> Figures:
    W, W1 = counting(rules), counting(old_rules)
    if {d: w / sum(W.values()) for d, w in W.items()} != {d: w / sum(W1.values()) for d, w in W1.items()}:
        return {"reason": "other_weights"}
    if old is None:
        return {"reason": "new_company"}
    before, after = shown(rules, old), shown(rules, new)
    both = sorted(set(before) & set(after))
    N = {c: after[c].N for c in both}
    if sum(N.values()) < 0.8 * sum(e.N for e in new) - 1e-9:
        return {"reason": "too_few_households"}
    sides = [
        common_side(rules, own, [side[c] for c in both], N, both, (before, after))
        for own, side in ((old, before), (new, after))
    ]
    if None in sides:
        return {"reason": "direction_missing"}
    one, two = sides
    found = {"reason": None, "points": two["B"] - one["B"], "lower": None, "upper": None}
    if one["L"] is not None and two["L"] is not None:
        found["lower"] = found["points"] - math.hypot(two["B"] - two["L"], one["U"] - one["B"])
        found["upper"] = found["points"] + math.hypot(two["U"] - two["B"], one["B"] - one["L"])
    return found


def common_side(
    rules: ScoringRules, own: list[Estate], estates: list[Estate], N: Mapping[str, int], both: Sequence[str], sides: Any
) -> Any:
    W, ys = counting(rules), {}
    for d in W:
        codes = [c for c in both if all(side[c].ys[d] for side in sides)]
        if not codes or sum(N[c] for c in codes) < 0.5 * sum(N.values()) - 1e-9:
            return None
        ys[d] = sum(N[e.code] * e.mean(d) for e in estates if e.code in codes) / sum(N[c] for c in codes)
    pair = None
    if RESIDENTS in W:
        s2, df = pooled(rules, own)
        P = {c: N[c] / sum(N.values()) for c in both}
        V = sum(P[e.code] ** 2 * (1 - e.n / e.N) * s_tilde2(rules, e, s2) / e.n for e in estates)
        pair = bounds(rules, ys[RESIDENTS], V, df, all(e.n == e.N for e in estates), level(rules))
    return composite(rules, W, ys, pair, 0.0)


# Fragility


def fails(rules: ScoringRules, standing: str, f: Figures, W: Mapping[Any, float]) -> str | None:
    """The condition that fails; f holds C, L, U and turnout, W the weights of the case."""
    if standing == "watch":
        return None if cut(f["C"]) < rules.watch else "score"
    bound = f["U"] if standing == "black" else f["L"]
    if bound is None:
        return "bound"
    over = float(rules.black) - bound if standing == "black" else bound - float(rules.red)
    if cut(over) < 0 or (standing == "black" and cut(over) == 0):
        return "bound"
    a = (1 - f["turnout"]) * W.get(RESIDENTS, 0) / sum(W.values())
    tip = over / a if a > 1e-12 else math.inf
    return "tipping" if rules.nonresponse_margin and cut(tip) <= rules.nonresponse_margin else None


def mixed(W: Mapping[Any, float], ys: Mapping[Any, float], pair: Pair | None, A: float, turnout: float) -> Figures:
    def mix(y: float) -> float:
        return sum(w * (y if d is RESIDENTS else ys[d]) for d, w in W.items()) / sum(W.values()) + A

    C = mix(ys.get(RESIDENTS, 0))
    if not W.get(RESIDENTS):
        return {"C": C, "L": C, "U": C, "turnout": turnout}
    L, U = (mix(pair[0]), mix(pair[1])) if pair else (None, None)
    return {"C": C, "L": L, "U": U, "turnout": turnout}


def fragility(rules: ScoringRules, f: Figures, estates: list[Estate]) -> set[tuple[str, Any, str]]:
    """(kind, what, condition) of every case in which the listing fails."""
    W, ys, A = counting(rules), f["ys"], f["A"]
    found = []
    total = sum(W.values())
    share = W.get(RESIDENTS, 0) / total * 100
    for other in {max(0, share - 10), min(100, share + 10)} if len(W) == 2 else ():
        weights = {RESIDENTS: other, COMMITTEE: 100 - other}
        case = mixed({d: w for d, w in weights.items() if w}, ys, f["bounds"], A, f["turnout"])
        found.append(("weights", round(other, 6), fails(rules, f["standing"], case, weights)))
    found.append(
        ("without_adjustment", None, fails(rules, f["standing"], mixed(W, ys, f["bounds"], 0.0, f["turnout"]), W))
    )
    found += left_out(rules, f, estates)
    return {(kind, what, why) for kind, what, why in found if why}


def left_out(rules: ScoringRules, f: Figures, estates: list[Estate]) -> list[tuple[str, Any, str | None]]:
    W = counting(rules)
    s2, df = pooled(rules, estates)
    group = folded_estates(rules, estates)
    if RESIDENTS in W:
        group += [e for e in estates if not e.n]
    cases = [("without_estate", e.code, [o for o in estates if o is not e]) for e in estates if e not in group]
    if any(e.ys[d] for e in group for d in W):
        cases.append(("without_group", None, [e for e in estates if e not in group]))
    found = []
    for kind, what, rest in cases:
        if not all(any(e.ys[d] for e in rest) for d in W) or (
            kind == "without_estate" and not touches(what, estates, W)
        ):
            continue
        ys = {d: sum(e.N * e.mean(d) for e in rest if e.ys[d]) / sum(e.N for e in rest if e.ys[d]) for d in W}
        pair = None
        if RESIDENTS in W:
            rated = [e for e in rest if e.n]
            N = sum(e.N for e in rated)
            V = sum((e.N / N) ** 2 * (1 - e.n / e.N) * s_tilde2(rules, e, s2) / e.n for e in rated)
            pair = bounds(rules, ys[RESIDENTS], V, df, all(e.n == e.N for e in rated), level(rules))
        case = mixed(W, ys, pair, f["A"], f["turnout"])
        found.append((kind, what, fails(rules, f["standing"], case, W)))
    return found


def touches(code: str, estates: list[Estate], W: Any) -> bool:
    return any(e.ys[d] for e in estates if e.code == code for d in W)


def holds_with(rules: ScoringRules, f: Figures, estates: list[Estate]) -> bool:
    """Whether a listing's conditions hold with these evaluations counted, from whole answers."""
    W = counting(rules)
    if not all(any(e.ys[d] for e in estates) for d in W):
        return False
    ys = {d: sum(e.N * e.mean(d) for e in estates if e.ys[d]) / sum(e.N for e in estates if e.ys[d]) for d in W}
    pair = None
    if RESIDENTS in W:
        rated = [e for e in estates if e.n]
        df = sum(e.n for e in rated) - len(rated)
        s2 = sum(e.SS for e in rated) / df if df else 0.0
        N = sum(e.N for e in rated)
        V = sum((e.N / N) ** 2 * max(0, 1 - e.n / e.N) * s_tilde2(rules, e, s2) / e.n for e in rated)
        pair = bounds(rules, ys[RESIDENTS], V, df, all(e.n >= e.N for e in rated), level(rules))
    turnout = min(1.0, sum(e.n for e in estates) / sum(e.N for e in estates))
    return fails(rules, f["standing"], mixed(W, ys, pair, f["A"], turnout), W) is None


class Flagged:
    """A round's estates with the evaluations that count, with all flagged ones counted, and with none."""

    def __init__(self, raw: RawRound) -> None:
        self.rules = raw.rules
        self.scored = companies_of(raw)
        self.counted = companies_of(raw, tuple(ReviewState))
        self.left_out = companies_of(raw, (ReviewState.NEVER_FLAGGED,))

    def cases(self, company: str, f: Figures) -> dict[str, bool]:
        """Whether the listing holds in both cases; where nothing differs it does."""
        return {
            name: self.is_same(company, others) or holds_with(self.rules, f, others[company])
            for name, others in (("counted", self.counted), ("left_out", self.left_out))
        }

    def is_same(self, company: str, others: dict[str, list[Estate]]) -> bool:
        pairs = zip(self.scored[company], others[company], strict=True)
        return all(len(a.ys[d]) == len(b.ys[d]) for a, b in pairs for d in a.ys)


# The rest


def dont_know(rules: ScoringRules, f: Figures) -> float:
    questionnaire = rules.questionnaire(RESIDENTS)
    assert questionnaire is not None
    weights = sum(i.weight for i in questionnaire.indicators)
    told = sum(100 * i.weight / weights * (f["m"][i.key] or 0) for i in questionnaire.indicators)
    return f["residents"]["y"] - told


def talk_effect(untalked: Sequence[Pair], talked: Sequence[Pair], level_: float = 0.975) -> tuple[float, float, float]:
    x, y = zip(*untalked, strict=True)
    q = len(x)
    beta = max(0.0, min(1.0, stats.linregress(x, y).slope))
    mx, my = statistics.fmean(x), statistics.fmean(y)
    r = math.sqrt(sum((b - my - beta * (a - mx)) ** 2 for a, b in untalked) / (q - 2))
    xi, yi = (statistics.fmean(side) for side in zip(*talked, strict=True))
    effect = yi - my - beta * (xi - mx)
    sxx = (q - 1) * statistics.variance(x)
    reach = stats.t.ppf(level_, q - 2) * r * math.sqrt(1 / len(talked) + 1 / q + (xi - mx) ** 2 / sxx)
    return effect, effect - reach, effect + reach


def contrast(rows: Sequence[tuple[int, Sequence[float], Sequence[float]]]) -> tuple[float, float]:
    """The difference and its reach."""
    kept = [(N, a, b) for N, a, b in rows if len(a) > 1 and len(b) > 1]
    total = sum(N for N, _, _ in kept)
    difference = sum(N / total * (statistics.fmean(a) - statistics.fmean(b)) for N, a, b in kept)
    variance = sum(
        (N / total) ** 2 * (statistics.variance(a) / len(a) + statistics.variance(b) / len(b)) for N, a, b in kept
    )
    return difference, 1.96 * math.sqrt(variance)
