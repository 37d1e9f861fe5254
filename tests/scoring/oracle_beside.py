"""The independent oracle of what stands beside a listing: change, fragility, the waterfall's closing line, peers,
talks, the contrast of those hard to reach, and needs. In floats, from raw answers, as docs/method.md writes them.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from scipy import stats

from rating.scoring import ReviewState, ScoringRules

from .builders import COMMITTEE, RESIDENTS, RawRound
from .oracle import Estate, Figures, bounds, companies_of, composite, cut, pooled, residents, v
from .oracle_fold import cell_of, cells_of, in_groups

Pair = tuple[float, float]


def counting(rules: ScoringRules) -> dict[Any, int]:
    return {d: w for d, w in rules.direction_weights.items() if w}


def level(rules: ScoringRules) -> float:
    return float(rules.level) / 100


def shown(rules: ScoringRules, estates: list[Estate]) -> dict[str, Estate]:
    """The estates whose leading direction a release shows."""
    W = counting(rules)
    if RESIDENTS in W and sum(e.n for e in estates) < rules.min_cell:
        return {}
    leading = RESIDENTS if RESIDENTS in W else COMMITTEE
    group = in_groups(rules, estates)
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
        ys[d] = sum(N[e.code] * mean_of(rules, e, d) for e in estates if e.code in codes) / sum(N[c] for c in codes)
    pair = None
    if RESIDENTS in W:
        s2, df = pooled(cells_of(rules, own))
        P = {c: N[c] / sum(N.values()) for c in both}
        V = sum(P[e.code] ** 2 * v(rules, cell_of(rules, [e]), s2) for e in estates)
        pair = bounds(rules, ys[RESIDENTS], V, df, all(e.n == e.N for e in estates), level(rules))
    return composite(rules, W, ys, pair, 0.0)


def mean_of(rules: ScoringRules, e: Estate, d: Any) -> float:
    return cell_of(rules, [e]).y if d is RESIDENTS else e.mean(d)


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
    """Each shown estate, each group; sheets on folded estates are one sum and stay."""
    W = counting(rules)
    cells = cells_of(rules, estates) if RESIDENTS in W else []
    s2, df = pooled(cells)
    sheets, folded = sheet_parts(rules, estates)
    names = {cell.code for cell in cells if cell.code} | set(sheets)
    cases: list[tuple[str, Any]] = [("without_estate", code) for code in names]
    groups = [cell for cell in cells if not cell.code]
    cases += [("without_group", number) for number in range(1, len(groups) + 1)]
    found = []
    for kind, what in cases:
        rest = [c for c in cells if c.code != what and not (kind == "without_group" and c is groups[what - 1])]
        parts = [part for code, part in sheets.items() if code != what] + folded
        if (RESIDENTS in W and not rest) or (COMMITTEE in W and not parts):
            continue
        ys, pair = {}, None
        if COMMITTEE in W:
            ys[COMMITTEE] = sum(N * y for N, y in parts) / sum(N for N, _ in parts)
        if RESIDENTS in W:
            N = sum(c.N for c in rest)
            ys[RESIDENTS] = sum(c.N / N * c.y for c in rest)
            V = sum((c.N / N) ** 2 * v(rules, c, s2) for c in rest)
            pair = bounds(rules, ys[RESIDENTS], V, df, all(c.n == c.N for c in rest), level(rules))
        case = mixed(W, ys, pair, f["A"], f["turnout"])
        found.append((kind, what, fails(rules, f["standing"], case, W)))
    return found


def sheet_parts(
    rules: ScoringRules, estates: list[Estate]
) -> tuple[dict[str, tuple[int, float]], list[tuple[int, float]]]:
    """N and mean of the committees' sheets: of shown estates by code, and of all others together."""
    hidden = in_groups(rules, estates)
    if RESIDENTS in counting(rules):
        hidden = hidden + [e for e in estates if not e.n]
    marked = [e for e in estates if e.ys[COMMITTEE]]
    folded = [e for e in marked if e in hidden]
    ys = [y for e in folded for y in e.ys[COMMITTEE]]
    together = [(sum(e.N for e in folded), statistics.fmean(ys))] if ys else []
    return {e.code: (e.N, e.mean(COMMITTEE)) for e in marked if e not in hidden}, together


def holds_with(rules: ScoringRules, f: Figures, scored: list[Estate], others: list[Estate]) -> bool:
    """Whether a listing's conditions hold with these evaluations in the released cells and their households."""
    W, ys, pair = counting(rules), dict(f["ys"]), None
    by_code = {e.code: e for e in others}
    released = [[by_code[e.code] for e in cell.members] for cell in cells_of(rules, scored)]
    cells = [cell_of(rules, members, exactly=True) for members in released if sum(e.n for e in members)]
    if RESIDENTS in W:
        if not cells:
            return False
        found = residents(rules, cells)
        assert found
        ys[RESIDENTS] = found["y"]
        full = all(c.n >= c.N for c in cells)
        pair = bounds(rules, found["y"], found["V"], found["df"], full, level(rules))
    turnout = min(1.0, sum(c.n for c in cells) / sum(e.N for e in scored))
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
            name: self.is_same(company, others) or holds_with(self.rules, f, self.scored[company], others[company])
            for name, others in (("counted", self.counted), ("left_out", self.left_out))
        }

    def is_same(self, company: str, others: dict[str, list[Estate]]) -> bool:
        """Whether no released cell has others in it."""
        then = {e.code: e for e in others[company]}
        cells = cells_of(self.rules, self.scored[company])
        return all(cell.n == sum(then[e.code].n for e in cell.members) for cell in cells)


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
    kept = [(N, a, b) for N, a, b in rows if len(a) > 9 and len(b) > 9]
    total = sum(N for N, _, _ in kept)
    difference = sum(N / total * (statistics.fmean(a) - statistics.fmean(b)) for N, a, b in kept)
    variance = sum(
        (N / total) ** 2 * (statistics.variance(a) / len(a) + statistics.variance(b) / len(b)) for N, a, b in kept
    )
    return difference, 1.96 * math.sqrt(variance)
