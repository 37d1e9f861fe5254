"""How many whole forms a second one small processor carries for ten minutes; writes docs/performance.md.

    python -m benchmarks.census [--hold 600] [--probe 20] [--port 8362] [--dry]

One worker process with four threads stands on one processor, the load on another. The highest rate is sought at which
99 of 100 residents have their receipt within 300 ms of the moment they were due, without an error; it must then hold.
Beside it the bare application (benchmarks/bare.py) in the same place. A census of a whole country on a cloud counted
142 forms a second at its peak (Australia, 2021): that is the measure for a city on one small machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import processes, subjects
from benchmarks.load import Tally, crowd, stream
from benchmarks.report import NAMED
from benchmarks.subjects import Subject
from rating.config import ROOT
from tests.proofs import figures

PAGE = ROOT / "docs" / "performance.md"
SERVER, LOAD = 0, 1  # processors
CENSUS = 142  # whole forms a second
WITHIN = 300.0  # ms, for 99 of 100
MOST_MB = 512
WARM, CLIENTS = 20.0, 4
LOWEST, HIGHEST, CLOSE = 10, 800, 1.05  # forms a second; how close the search comes
TRIES = 8  # a rate that doesn't hold is lowered by a fifth, so often


@dataclass(frozen=True, slots=True)
class Held:
    """A rate that held: what was seen, the server's processor seconds and its memory in MB at the end."""

    rate: int
    tally: Tally
    cpu: float
    memory: float

    def row(self, name: str) -> str:
        """As a line of the table."""
        times = " | ".join(f"{self.tally.percentile(p):.0f}" for p in (50, 99, 100))
        each = 1000 * self.cpu / len(self.tally.took)
        return f"| {NAMED[name]} | {self.rate} | {times} | {each:.2f} | {self.memory:.0f} |"


def is_steady(tally: Tally) -> bool:
    """Whether everybody was served, and 99 of 100 in time."""
    return not tally.errors and bool(tally.took) and tally.percentile(99) <= WITHIN


def seek(steady: Callable[[int], bool]) -> int:
    """The highest rate for which `steady(rate)` is true, to within CLOSE; 0 if none is."""
    low, high = 0, LOWEST
    while high <= HIGHEST and steady(high):
        low, high = high, high * 2
    while low and high > low * CLOSE:
        middle = (low + high) // 2
        low, high = (middle, high) if steady(middle) else (low, middle)
    return low


def measure(subject: Subject, port: int, probe: float, hold: float) -> Held | None:
    """Seek the rate, then hold it."""
    server = subject.start(port)
    try:
        asyncio.run(crowd(port, subject.visit, subject.codes, CLIENTS, WARM))

        def streamed(rate: int, seconds: float) -> Tally:
            tally = asyncio.run(stream(port, subject.visit, subject.codes, rate, seconds))
            late = f"{tally.percentile(99):.0f} ms" if tally.took else "-"
            say(f"{subject.name}: {rate}/s for {seconds:.0f} s: p99 {late}, {len(tally.errors)} errors")
            time.sleep(1)  # whoever is late is done before the next
            return tally

        rate = seek(lambda rate: is_steady(streamed(rate, probe)))
        for _ in range(TRIES):
            before = processes.cpu_seconds(subject.processes_of(server))
            tally = streamed(rate, hold)
            used = processes.cpu_seconds(subject.processes_of(server)) - before
            memory = sum(subject.memory_of(server))
            if is_steady(tally) and memory <= MOST_MB:
                return Held(rate, tally, used, memory)
            rate = rate * 4 // 5
    finally:
        server.stop()
    return None


def describe(held: dict[str, Held | None], hold: float) -> str:
    """The table."""
    lines = [
        f"One worker process with {subjects.THREADS} threads on one processor, the load on another, SQLite; the "
        f"highest rate that held for {hold:.0f} s with 99 of 100 within {WITHIN:.0f} ms and at most {MOST_MB} MB. "
        f"A national census on a cloud had {CENSUS} a second at its peak (2021).",
        "",
        "| | forms a second | p50 ms | p99 ms | longest ms | server CPU-ms each | PSS MB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [one.row(name) if one else f"| {NAMED[name]} | none held | | | | | |" for name, one in held.items()]
    ours, bare = held.get("ours-sqlite"), held.get("bare-sqlite")
    if ours and bare:
        lines += [
            "",
            f"That is {ours.rate / CENSUS:.1f} times the census, and {ours.rate / bare.rate:.2f} of the bare app.",
        ]
    return "\n".join(lines)


def say(what: str) -> None:
    """Tell how far it is."""
    print(what, file=sys.stderr, flush=True)  # noqa: T201  # a program for the terminal


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.census", description="Whole forms on one processor.")
    parser.add_argument("--hold", type=float, default=600, help="seconds that the rate must hold")
    parser.add_argument("--probe", type=float, default=20, help="seconds of each try at a rate")
    parser.add_argument("--port", type=int, default=8362)
    parser.add_argument("--dry", action="store_true", help="print only, leave docs/performance.md as it is")
    given = parser.parse_args()
    os.sched_setaffinity(0, {LOAD})
    subjects.WORKERS, subjects.PINNED = 1, ("taskset", "--cpu-list", str(SERVER))
    households = int((HIGHEST * (12 * given.probe + WARM) + 2 * HIGHEST / 2 * given.hold) / subjects.ESTATES) + 1
    held: dict[str, Held | None] = {}
    for name in ("ours-sqlite", "bare-sqlite"):
        say(f"making {name}")
        subject = subjects.ours(name, households, None) if name.startswith("ours") else subjects.bare(name, None)
        held[name] = measure(subject, given.port, given.probe, given.hold)
        shutil.rmtree(subjects.FOLDER / name, ignore_errors=True)
    table = describe(held, given.hold)
    print(table)  # noqa: T201  # a program for the terminal
    if not given.dry:
        figures.keep("census", table, page=PAGE)


if __name__ == "__main__":
    main()
