"""The figures of the simulation as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt

import numpy as np

from rating.scoring import Standing
from tests.simulation.contrasts import CITIES, SHARES, Seen
from tests.simulation.coverage import COUNTS, FIVE_ESTATES, LEVELS, ONE_ESTATE, Case, Found, Misses
from tests.simulation.lists import MARGINS, Listed, Round
from tests.simulation.people import KINDS
from tests.simulation.talks import Talks

Rounds = Mapping[tuple[str, str], Sequence[Round]]
EDGES = (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1)
SPOKEN = {
    "alike": "all are alike",
    "unhappy 1.5": "unhappy 1.5 times as keen",
    "unhappy 2": "unhappy twice as keen",
    "happy 2": "happy twice as keen",
}


@dataclass(frozen=True)
class Bin:
    """Listings whose told probability lies within two edges: how many, the mean of it, and the share that is wrong."""

    first: float
    last: float
    listings: int
    told: float
    wrong: float

    @property
    def reach(self) -> tuple[float, float]:
        """The 95 % interval (Wilson) of the share that is wrong."""
        z, n, p = 1.96, self.listings, self.wrong
        middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def signed(points: float) -> str:
    """A difference in points, never minus zero."""
    return f"{round(float(points), 1) + 0.0:+.1f}"


def coverage_table(found: Mapping[Case, Found]) -> str:
    """Misses of both bounds, per cent; 2.5 is what each should be."""
    head = ["households", "Ŷ", "n", *(f"{kind}: {way}" for kind in KINDS for way in ("textbook", "this method"))]
    rows = []
    for households in (ONE_ESTATE, FIVE_ESTATES):
        size = "400" if households == ONE_ESTATE else "1,500 in 5 estates"
        for level in LEVELS:
            for count in COUNTS:
                pair = [found[Case(kind, level, households, count)] for kind in KINDS]
                cells = [_both(misses) for one in pair for misses in (one.textbook, one.method)]
                rows.append([size, level, count, *cells])
    return table(head, rows)


def _both(misses: Misses) -> str:
    return f"{misses.share(misses.lower):.1f} / {misses.share(misses.upper):.1f}"


def red_line(found: Mapping[Case, Found]) -> tuple[list[float], list[float]]:
    """How often the lower bound is wrong at the red line with 30 evaluations, per cent: textbook, this method."""
    at = [one for case, one in found.items() if (case.level, case.count) == (85, 30)]
    return [f.textbook.share(f.textbook.lower) for f in at], [f.method.share(f.method.lower) for f in at]


def listings_table(rounds: Rounds) -> str:
    """Wrong listings a round and the share of rightful ones that is found."""
    head = ["companies", "who answers", "silent − answered", "margin", "black", "wrong", "found", "red", "wrong"]
    rows = []
    for (field, keen), played in rounds.items():
        silent = np.mean([one.silent for one in played])
        for margin in MARGINS:
            cells = [_mean(played, margin, "black"), _mean(played, margin, "wrong black")]
            cells += [_found(played, margin, "black"), _mean(played, margin, "red"), _mean(played, margin, "wrong red")]
            cells += [_mean(played, margin, "let in"), _found(played, margin, "red")]
            rows.append([field, SPOKEN[keen], signed(silent), margin, *cells])
    return table([*head, "without the cap: wrong", "found"], rows)


def mean_of(played: Sequence[Round], margin: int, what: str) -> tuple[float, float]:
    """A count's mean a round and its standard error."""
    counts = np.array([one.counts[margin, what] for one in played])
    return float(counts.mean()), float(counts.std(ddof=1) / sqrt(len(counts)))


def share_found(played: Sequence[Round], margin: int, colour: str) -> float:
    """The share of the rightful listings that are found, 0..1."""
    found, due = (sum(one.counts[margin, f"{what} {colour}"] for one in played) for what in ("found", "due"))
    return found / due


def _mean(played: Sequence[Round], margin: int, what: str) -> str:
    mean, error = mean_of(played, margin, what)
    if what in ("black", "red"):
        return f"{mean:.1f}"
    return margin_text(mean, error, len(played), 2)


def margin_text(mean: float, error: float, rounds: int, digits: int) -> str:
    """A mean with its 95 % margin; where nothing was met, the most that it can be (3 in so many rounds)."""
    if mean == 0:
        return f"0 (< {ceil(3 / rounds * 10**digits) / 10**digits:.{digits}f})"
    return f"{mean:.{digits}f} ± {1.96 * error:.{digits}f}"


def _found(played: Sequence[Round], margin: int, colour: str) -> str:
    return f"{100 * share_found(played, margin, colour):.0f} %"


def bins(listed: Sequence[Listed]) -> list[Bin]:
    """Listings by the probability that was told."""
    found = []
    for first, last in pairwise(EDGES):
        own = [one for one in listed if first <= one.probability < last or one.probability == last == 1]
        if own:
            told, wrong = np.mean([[one.probability, one.wrong] for one in own], axis=0)
            found.append(Bin(first, last, len(own), float(told), float(wrong)))
    return found


def calibration_table(columns: Mapping[str, Sequence[Listed]]) -> str:
    """Told and observed, by bins of the told probability."""
    head = ["told"]
    for name in columns:
        head += [f"{name}: listings", "mean told", "wrong (95 %)"]
    found = {name: {one.first: one for one in bins(listed)} for name, listed in columns.items()}
    rows = []
    for first, last in pairwise(EDGES):
        cells = [f"{100 * first:g}–{100 * last:g} %"]
        for own in found.values():
            cells += _bin_cells(own.get(first))
        rows.append(cells)
    return table(head, rows)


def _bin_cells(one: Bin | None) -> list[str]:
    if one is None:
        return ["0", "", ""]
    low, high = one.reach
    return [
        f"{one.listings:,}",
        f"{100 * one.told:.1f} %",
        f"{100 * one.wrong:.1f} % ({100 * low:.1f}–{100 * high:.1f})",
    ]


def sums_table(rounds: Rounds) -> str:
    """Wrong listings a round, with the non-response margin off and on: told to expect, and met."""
    rows = []
    for (field, keen), played in rounds.items():
        for standing in (Standing.BLACK, Standing.RED, Standing.WATCH):
            cells = []
            for margin in (0, 5):
                told, wrong = (sums_of(played, standing, margin, what) for what in ("probability", "wrong"))
                cells += [f"{told[0]:.3f}", margin_text(*wrong, len(played), 3)]
            rows.append([field, SPOKEN[keen], standing.value, *cells])
    return table(["companies", "who answers", "list", "margin 0: told", "wrong", "margin 5: told", "wrong"], rows)


def sums_of(played: Sequence[Round], standing: Standing, margin: int, what: str) -> tuple[float, float]:
    """The mean a round of what stands on a list, and its standard error."""
    listed = [[x for x in one.listed if x.standing is standing and margin in x.margins] for one in played]
    sums = [sum(float(getattr(x, what)) for x in own) for own in listed]
    return float(np.mean(sums)), float(np.std(sums, ddof=1) / sqrt(len(sums)))


def ranks_table(rounds: Rounds) -> str:
    """How often all true ranks lie in their ranges at once."""
    rows = []
    for (field, keen), played in rounds.items():
        hold = 100 * np.mean([one.ranks_hold for one in played])
        width = np.mean([one.rank_width for one in played])
        rows.append([field, SPOKEN[keen], len(played), f"{hold:.1f} %", f"{width:.1f}"])
    return table(["companies", "who answers", "rounds", "all ranks covered", "ranks in a range"], rows)


def talks_table(talks: Mapping[float, Sequence[Talks]]) -> str:
    """What is said of a talk that did nothing, and of one that did 5 points' good."""
    rows = []
    spoken = {"mean": "this method, all talked companies", "single": "this method, one company"}
    for effect, played in talks.items():
        for which, name in {**spoken, "plain": "plain before and after, all (not used)"}.items():
            judged = [getattr(one, which) for one in played]
            points, above, below = (np.mean([getattr(x, k) for x in judged]) for k in ("points", "above", "below"))
            rows.append([f"{effect:g}", name, signed(points), f"{100 * above:.1f} %", f"{100 * below:.1f} %"])
    return table(["true effect", "judged by", "found on average", "'better'", "'worse'"], rows)


def contrasts_table(contrasts: Mapping[tuple[str, str, float], Sequence[Seen]]) -> str:
    """False alarms at no difference, and what is seen of a true one."""
    rows = []
    for kind in SHARES:
        for city in CITIES:
            for (own, where, difference), seen in contrasts.items():
                if (own, where) == (kind, city):
                    shares = [np.mean([getattr(x, what) for x in seen]) for what in ("points", "away", "beyond")]
                    first = "late − early" if kind == "late" else "helper − own"
                    cells = [signed(shares[0]), f"{100 * shares[1]:.1f} %", f"{100 * shares[2]:.0f} %"]
                    rows.append([first, city, f"{difference:g}", *cells])
    return table(["contrast", "city", "true", "found", "zero left out", "an end beyond 5 points"], rows)
