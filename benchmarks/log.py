"""How long verifying the event log takes.

python -m benchmarks.log [--events 100000]
"""

from __future__ import annotations

import argparse
import statistics
import time

from benchmarks.tallies import PAGE
from rating.audit.verifying import verify_chain
from tests.proofs import figures
from tests.support.logs import log_of

REPEATS = 5


def measure(kind: str, events: int) -> str:
    """One row of the table."""
    took = []
    with log_of(kind, events) as connection:
        for _ in range(REPEATS):
            began = time.perf_counter()
            chain = verify_chain(connection)
            took.append(time.perf_counter() - began)
            if chain.faults or chain.count != events:
                raise RuntimeError(f"the log is not as it was written: {chain.faults[:3]}")
    return f"| {kind} | {events:,} | {statistics.median(took):.2f} s | {max(took):.2f} s |"


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    events = parser.parse_args().events
    lines = [
        f"Verifying the event log (`rating audit verify`): every hash computed anew, {REPEATS} times.",
        "",
        "| database | events | median | slowest |",
        "|---|---|---|---|",
        *(measure(kind, events) for kind in ("SQLite", "PostgreSQL")),
    ]
    figures.keep("log", "\n".join(lines), page=PAGE)
    print("\n".join(lines))  # noqa: T201  # a program for the terminal


if __name__ == "__main__":
    main()
