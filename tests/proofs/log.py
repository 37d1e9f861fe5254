"""Tampering with the event log: alone in a short one, and a thousand times at once in a long one.

python -m tests.proofs.log
"""

from __future__ import annotations

import random
import re
import time

import sqlalchemy as sa

from rating.audit.verifying import verify_chain
from tests.proofs import figures
from tests.proofs.ground import SCALE, scaled
from tests.support import tampering
from tests.support.logs import log_of

SHORT, LONG = 300, 100_000
TIMES = 1_000
NUMBERS = re.compile(r"\d+")


def alone(connection: sa.Connection, times: int) -> int:
    """How many of so many random tamperings, each by itself, are found."""
    dice, found = random.Random(1), 0
    for _ in range(times):
        with tampering.undone(connection):
            done = tampering.tamper(connection, SHORT, dice)
            noticed = bool(verify_chain(connection).faults)
        found += noticed
        if not noticed:
            print(f"not found: {done}")  # noqa: T201  # a program for the terminal
    return found


def together(connection: sa.Connection, times: int) -> tuple[int, float]:
    """How many of so many tamperings at different places are each named, and how long verifying took."""
    dice = random.Random(2)
    # At least three apart, so that a fault belongs to one place alone.
    places = [3 * place + 1 for place in dice.sample(range(1, LONG // 3 - 1), times)]
    with tampering.undone(connection):
        for number in places:
            dice.choice(tampering.IN_PLACE)(connection, number, LONG, dice)
        began = time.perf_counter()
        named = {int(NUMBERS.findall(fault)[0]) for fault in verify_chain(connection).faults}
        took = time.perf_counter() - began
    return sum(bool({number, number + 1} & named) for number in places), took


def prove(kind: str, times: int) -> str:
    """One row of the table."""
    with log_of(kind, SHORT) as connection:
        unharmed = len(verify_chain(connection).faults)
        found = alone(connection, times)
    with log_of(kind, LONG) as connection:
        named, took = together(connection, times)
    return f"| {kind} | {unharmed} | {found} of {times} | {named} of {times}, in {took:.1f} s |"


def main() -> None:
    """Prove, print and keep."""
    times = scaled(TIMES)
    lines = [
        "**The event log** (`.venv/bin/python -m tests.proofs.log`). Random tamperings with the rows: a column,",
        "a column and its hash, a bit of a hash; deleted, deleted and renumbered, swapped, put in. Never the last",
        "event alone: what only a head kept elsewhere can show is in `tests/audit`.",
        "",
        f"| database | faults before | one at a time, of {SHORT} events | all at once, of {LONG:,} events |",
        "|---|---|---|---|",
        *(prove(kind, times) for kind in ("SQLite", "PostgreSQL")),
    ]
    if SCALE >= 1:
        figures.keep("log", "\n".join(lines))
    print("\n".join(lines))  # noqa: T201  # a program for the terminal


if __name__ == "__main__":
    main()
