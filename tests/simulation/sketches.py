"""The simulation's pictures: coverage, lists and the probability of a wrong listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10

from tests.simulation.coverage import COUNTS, FIVE_ESTATES, Case, Found
from tests.simulation.lists import KEENNESS, MARGINS, Listed
from tests.simulation.people import KINDS
from tests.simulation.pictures import Line, Panel, draw
from tests.simulation.tables import SPOKEN, Rounds, bins, mean_of, share_found


def sketch_coverage(found: Mapping[Case, Found]) -> str:
    """Wrong lower bounds by n, at the red line and above it."""
    panels = [
        Panel(
            title=f"Lower bound wrong, per cent, at Ŷ = {level}",
            below="evaluations (1,500 households, 5 estates)",
            across={str(count): _place(count) for count in COUNTS},
            most=(1.7, 30),
            steps=(0, 2.5, 5, 10, 15, 20, 25, 30),
            lines=[_misses(found, kind, level, way) for kind in KINDS for way in ("textbook", "method")],
            level=2.5,
        )
        for level in (85, 92)
    ]
    return draw("How often the lower bound lies above the truth", panels, 2)


def _place(count: int) -> float:
    return log10(count) - 0.9


def _misses(found: Mapping[Case, Found], kind: str, level: int, way: str) -> Line:
    at = [getattr(found[Case(kind, level, FIVE_ESTATES, count)], way) for count in COUNTS]
    points = [(_place(count), one.share(one.lower)) for count, one in zip(COUNTS, at, strict=True)]
    name = f"{kind}, {'textbook' if way == 'textbook' else 'this method'}"
    return Line(name, points, KINDS.index(kind) + 2 * (way == "method"), dashed=way == "textbook")


def sketch_lists(rounds: Rounds) -> str:
    """Wrong listings and rightful ones found, by margin and by who answers."""
    wrong = {"black": "wrong black", "red, without the cap": "let in"}
    panels = [_panel(rounds, f"Wrong on {name}, a round", what, 5, range(6)) for name, what in wrong.items()]
    found = {"black": "black", "red, without the cap": "red"}
    panels += [
        _panel(rounds, f"Found of those due on {name}, per cent", what, 100, range(0, 101, 25))
        for name, what in found.items()
    ]
    return draw("Wrong listings, and rightful ones found, by the non-response margin", panels, 2)


def _panel(rounds: Rounds, title: str, what: str, most: float, steps: Sequence[float]) -> Panel:
    lines, is_count = [], what not in ("black", "red")
    for look, keen in enumerate(KEENNESS):
        played = rounds["thresholds", keen]
        values = [
            mean_of(played, margin, what) if is_count else (100 * share_found(played, margin, what), 0.0)
            for margin in MARGINS
        ]
        points = [(margin + 0.5, mean) for margin, (mean, _) in zip(MARGINS, values, strict=True)]
        reach = [(max(0.0, mean - 1.96 * error), mean + 1.96 * error) for mean, error in values]
        lines.append(Line(SPOKEN[keen], points, look, reach=reach if is_count else ()))
    across = {str(margin): margin + 0.5 for margin in MARGINS}
    return Panel(title, "non-response margin, points", across, (9, most), steps, lines)


def sketch_certainty(columns: Mapping[str, Sequence[Listed]]) -> str:
    """What is told against what is met: where all are equally keen, and where they aren't."""
    lines = [_met(name, look, listed) for look, (name, listed) in enumerate(columns.items())]
    steps = range(0, 71, 10)
    panels = [
        Panel(
            title=f"Wrong, per cent: {title}",
            below="probability told, per cent",
            across={str(step): step for step in steps},
            most=(75, 75),
            steps=steps,
            lines=own,
            diagonal=True,
        )
        for title, own in (("all equally keen to answer", lines[:-1]), ("unhappy twice as keen", lines[-1:]))
    ]
    return draw("The probability of a wrong listing: told and met", panels, 2)


def _met(name: str, look: int, listed: Sequence[Listed]) -> Line:
    own = bins(listed)
    points = [(100 * one.told, 100 * one.wrong) for one in own]
    return Line(name, points, look, reach=[(100 * one.reach[0], 100 * one.reach[1]) for one in own])
