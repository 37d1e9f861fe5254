"""What the scoring method does in cities whose truth is known: figures and pictures for docs/method.md.

Intervals, lists, the probability of a wrong listing, ranks, talks, and contrasts between groups of residents. It is
seeded and repeats itself with any number of workers. SCALE=0.1 plays a tenth and keeps nothing. Words: method.md.
Run: .venv/bin/python -m tests.proofs.method [--workers 2]; about three minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

from rating.config import ROOT
from rating.scoring import Standing
from tests.proofs.figures import keep
from tests.proofs.ground import SCALE, say, scaled
from tests.simulation.lists import Listed
from tests.simulation.playing import Extent, Played, count_checks, play
from tests.simulation.sketches import sketch_certainty, sketch_coverage, sketch_lists
from tests.simulation.tables import (
    calibration_table,
    contrasts_table,
    coverage_table,
    listings_table,
    mean_of,
    ranks_table,
    red_line,
    sums_of,
    sums_table,
    talks_table,
)

PROSE = Path(__file__).with_suffix(".md")
PAGE, PICTURES = ROOT / "docs" / "method.md", ROOT / "docs" / "img"
NOMINAL = 0.05  # false alarms


def main() -> int:
    """Play, keep, and say what doesn't stand; 1 if anything doesn't."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    whole = Extent(scaled(50), 1_000, scaled(250), scaled(1_000), scaled(500))
    played = play(whole, parser.parse_args().workers, say)
    text = tell(whole, played)
    print(text)  # noqa: T201  # a program that is run by hand
    if SCALE >= 1:
        keep("method", text, page=PAGE)
        for name, picture in sketches(played).items():
            (PICTURES / f"method-{name}.svg").write_text(picture, encoding="utf-8")
    faults = list(find_faults(played))
    for fault in faults:
        say(f"method: doesn't stand: {fault}")
    return int(bool(faults))


def find_faults(played: Played) -> Iterator[str]:
    """What was promised and isn't so."""
    checked, different = count_checks(played)
    if different or not checked:
        yield f"{different} of {checked} intervals differ from the product's"
    for textbook, own in zip(*red_line(played.coverage), strict=True):
        if own >= textbook:
            yield f"at the red line the lower bound is wrong {own:.1f} times in 100, the textbook's {textbook:.1f}"
    for (field, keen), rounds in played.rounds.items():
        if sum(one.ranks_hold for one in rounds) < 0.95 * len(rounds):
            yield f"ranks of {field} companies, {keen}, hold together too seldom"
    for field in ("thresholds", "ordinary"):
        for standing in (Standing.BLACK, Standing.RED, Standing.WATCH):
            told, wrong = (sums_of(played.rounds[field, "alike"], standing, 0, it) for it in ("probability", "wrong"))
            if wrong[0] > told[0] + 3 * wrong[1] + 3 / len(played.rounds[field, "alike"]):
                yield f"{wrong[0]:.2f} wrong a round on the {standing} list of {field} companies, {told[0]:.2f} told"
    false = sum(one.mean.above or one.mean.below for one in played.talks[0.0])
    pairs = len(played.talks[0.0])
    if false > NOMINAL * pairs + 3 * (NOMINAL * pairs) ** 0.5:
        yield f"{false} of {pairs} talks that did nothing are said to have done something"


def pick_columns(played: Played) -> dict[str, Sequence[Listed]]:
    """Whose probabilities are held against what is met."""
    names = {
        "ordinary companies": ("ordinary", "alike"),
        "around the thresholds": ("thresholds", "alike"),
        "the same, unhappy twice as keen": ("thresholds", "unhappy 2"),
    }
    return {name: [x for one in played.rounds[key] for x in one.listed] for name, key in names.items()}


def sketches(played: Played) -> dict[str, str]:
    """The pictures by name."""
    return {
        "coverage": sketch_coverage(played.coverage),
        "lists": sketch_lists(played.rounds),
        "certainty": sketch_certainty(pick_columns(played)),
    }


def tell(extent: Extent, played: Played) -> str:
    """The section of the method's page."""
    checked, different = count_checks(played)
    textbook, own = (f"{min(misses):.1f} to {max(misses):.1f}" for misses in red_line(played.coverage))
    worst = [one.method for case, one in played.coverage.items() if (case.level, case.count) == (92, 30)]
    single = [one.single.above for one in played.talks[5.0]]
    alarms = [mean(one.away for one in seen) for key, seen in played.contrasts.items() if key[2] == 0]
    figures = {
        "checked": f"{checked:,}",
        "different": different or "none",
        "samples": f"{extent.populations * extent.samples:,}",
        "coverage": coverage_table(played.coverage),
        "textbook": textbook,
        "own": own,
        "worst": f"{max(one.share(one.lower) for one in worst):.1f}",
        "rounds": extent.rounds,
        "listings": listings_table(played.rounds),
        "calibration": calibration_table(pick_columns(played)),
        "sums": sums_table({key: rounds for key, rounds in played.rounds.items() if key[1] in ("alike", "unhappy 2")}),
        "ranks": ranks_table(played.rounds),
        "talked": f"{mean(one.talked for one in played.talks[0.0]):.1f}",
        "pairs": f"{len(played.talks[0.0]):,}",
        "talks": talks_table(played.talks),
        "single": f"{100 * mean(single):.0f}",
        "false": f"{100 * mean(one.mean.above or one.mean.below for one in played.talks[0.0]):.1f}",
        "alarms": " to ".join(f"{100 * share:.1f}" for share in (min(alarms), max(alarms))),
        "contrasts": contrasts_table(played.contrasts),
    }
    return PROSE.read_text(encoding="utf-8").format(**figures, **_wrong(played))


def _wrong(played: Played) -> dict[str, str]:
    """Wrong listings a round around the thresholds, with the margin off and at 5, and how the silent differ."""

    def count(keen: str, margin: int, *what: str) -> str:
        return f"{sum(mean_of(played.rounds['thresholds', keen], margin, one)[0] for one in what):.2f}"

    found = {f"chance_{margin}": count("alike", margin, "wrong black", "wrong red") for margin in (0, 5)}
    found |= {f"unhappy_{margin}": count("unhappy 1.5", margin, "wrong black") for margin in (0, 5)}
    found |= {f"keener_{margin}": count("unhappy 2", margin, "wrong black") for margin in (0, 5)}
    silent = mean(one.silent for one in played.rounds["thresholds", "unhappy 2"])
    return {**found, "silent": f"{silent:.0f}"}


if __name__ == "__main__":
    sys.exit(main())
