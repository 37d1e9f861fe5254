"""How long rank sets, certainty and fragility take: the whole scorecard from folded tallies.

    python -m benchmarks.certainty [--companies 69 2000]

Rounds of drawn companies with 1 to 5 estates each, of every kind: empty, tiny, small, full, all alike.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from benchmarks.tallies import PAGE
from rating.scoring import Records, Standing, fold, score_round
from tests.proofs import figures
from tests.scoring.builders import random_round

REPEATS = 3
LISTED = {Standing.RED, Standing.BLACK, Standing.WATCH}


def measure(companies: int) -> str:
    """One row of the table: a round with so many companies."""
    raw = random_round(20261122, companies)
    folded = fold(raw.rules, raw.tallies())
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        card = score_round(raw.rules, folded, Records())
        took.append(time.perf_counter() - began)
    listed = sum(one.standing in LISTED for one in card.companies)
    return f"| {companies:,} | {len(raw.estates):,} | {listed:,} | {statistics.median(took):.2f} s |"


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, nargs="+", default=[69, 2000])
    given = parser.parse_args()
    lines = [
        f"From folded tallies to scores, rank sets, certainty and fragility; median of {REPEATS}.",
        "",
        "| companies | estates | listed, hence tried for fragility | time |",
        "|---|---|---|---|",
    ]
    for companies in given.companies:
        print(f"{companies} companies …", file=sys.stderr, flush=True)  # noqa: T201  # a program for the terminal
        lines.append(measure(companies))
    figures.keep("certainty", "\n".join(lines), page=PAGE)
    print("\n".join(lines))  # noqa: T201  # a program for the terminal


if __name__ == "__main__":
    main()
