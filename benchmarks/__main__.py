"""The residents' form under load, ours beside others in one run; writes docs/performance.md.

    python -m benchmarks [--seconds 20] [--repeats 3] [--soak 600] [--only NAME …] [--estates 260] [--port 8360] [--dry]

Everything runs on this machine over loopback, the load beside the servers. Subjects take turns, so that whatever else
the machine does falls on all of them; a figure is the median of the turns.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from dataclasses import dataclass

from benchmarks import processes, subjects
from benchmarks.load import Tally, crowd, stream
from benchmarks.report import Soak, Turn, describe_form, describe_soak
from benchmarks.subjects import Subject
from rating.config import ROOT
from tests.proofs import figures
from tests.support import postgresql

PAGE = ROOT / "docs" / "performance.md"
CLIENTS = 12
WARM = 20.0  # seconds before the clock runs: imports, caches, connections, each estate's pages in each worker
SOAK_RATE = 200  # completions a second
EXPECTED = 1000  # completions a second at most, to have enough codes
OURS = ("ours-sqlite", "ours-postgresql")
NAMES = (*OURS, "bare-sqlite", "bare-postgresql", "django-survey")


@dataclass(slots=True)
class Plan:
    """How long and what."""

    seconds: float
    repeats: int
    soak: float
    names: list[str]
    port: int

    @property
    def households(self) -> int:
        """Codes an estate needs so that nobody rates twice."""
        wanted = EXPECTED * self.repeats * (self.seconds + WARM)
        if self.soak:
            wanted += EXPECTED * WARM + SOAK_RATE * self.soak
        return max(50, int(wanted / subjects.ESTATES) + 1)


def make(plan: Plan, server: postgresql.Server | None) -> list[Subject]:
    """The subjects of a plan, with their data."""
    made = []
    for name in plan.names:
        say(f"making {name}")
        database = server if name.endswith("postgresql") else None
        if name.startswith("ours"):
            made.append(subjects.ours(name, plan.households, database))
        elif name.startswith("bare"):
            made.append(subjects.bare(name, database))
        else:
            made.append(subjects.django_survey(name))
    return made


def take_turn(subject: Subject, plan: Plan) -> Turn:
    """Serve one subject, warm it up, load it, measure it, end it."""
    server = subject.start(plan.port)
    try:
        checked(asyncio.run(crowd(plan.port, subject.visit, subject.codes, CLIENTS, WARM)))
        before = processes.cpu_seconds(subject.processes_of(server))
        tally = checked(asyncio.run(crowd(plan.port, subject.visit, subject.codes, CLIENTS, plan.seconds)))
        used = processes.cpu_seconds(subject.processes_of(server)) - before
        own, database = subject.memory_of(server)
        return Turn(tally, used, own, database)
    finally:
        server.stop()


def soak(subject: Subject, plan: Plan) -> Soak:
    """A steady stream on one subject alone; memory looked at along the way."""
    server = subject.start(plan.port)
    try:
        checked(asyncio.run(crowd(plan.port, subject.visit, subject.codes, CLIENTS, WARM)))

        async def run() -> tuple[Tally, list[float]]:
            seen = [sum(subject.memory_of(server))]
            going = asyncio.create_task(stream(plan.port, subject.visit, subject.codes, SOAK_RATE, plan.soak))
            while not going.done():
                await asyncio.wait([going], timeout=max(1.0, plan.soak / 10))
                seen.append(sum(subject.memory_of(server)))
            return going.result(), seen

        before = processes.cpu_seconds(subject.processes_of(server))
        tally, seen = asyncio.run(run())
        return Soak(tally, processes.cpu_seconds(subject.processes_of(server)) - before, seen)
    finally:
        server.stop()


def checked(tally: Tally) -> Tally:
    """A turn with an error measures nothing."""
    if tally.errors:
        raise SystemExit(f"{len(tally.errors)} of {len(tally.took)} failed; the first: {tally.errors[0]}")
    return tally


def run(plan: Plan, dry: bool) -> None:
    """Make, take turns, soak, write."""
    began = time.monotonic()
    folder = subjects.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    wants_postgresql = any(name.endswith("postgresql") for name in plan.names)
    server = postgresql.start(subjects.POSTGRESQL) if wants_postgresql else None
    try:
        made = make(plan, server)
        turns: dict[str, list[Turn]] = {subject.name: [] for subject in made}
        for number in range(plan.repeats):
            for subject in made:
                turn = take_turn(subject, plan)
                turns[subject.name].append(turn)
                say(f"turn {number + 1}: {subject.name} {turn}")
        form = describe_form(turns, CLIENTS, plan.seconds) if plan.repeats else ""
        soaks = {}
        for subject in made:
            if subject.name in OURS and plan.soak:
                say(f"soaking {subject.name} for {plan.soak:.0f} s")
                soaks[subject.name] = soak(subject, plan)
        steady = describe_soak(soaks, SOAK_RATE, plan.soak)
    finally:
        if server:
            server.stop()
        for name in plan.names:
            shutil.rmtree(folder / name, ignore_errors=True)
    print(f"{form}\n\n{steady}")  # noqa: T201  # a program for the terminal
    say(f"it took {(time.monotonic() - began) / 60:.0f} minutes")
    if form and not dry:
        figures.keep("form", form, page=PAGE)
    if soaks and not dry:
        figures.keep("steady stream", steady, page=PAGE)


def say(what: str) -> None:
    """Tell how far it is."""
    print(what, file=sys.stderr, flush=True)  # noqa: T201  # a program for the terminal


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The residents' form under load.")
    parser.add_argument("--seconds", type=float, default=20, help="of each turn")
    parser.add_argument("--repeats", type=int, default=3, help="turns of each subject; 0 leaves them out")
    parser.add_argument("--soak", type=float, default=600, help="seconds of the steady stream; 0 leaves it out")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME")
    parser.add_argument("--estates", type=int, default=subjects.ESTATES, help="among which residents are spread")
    parser.add_argument("--port", type=int, default=8360)
    parser.add_argument("--dry", action="store_true", help="print only, leave docs/performance.md as it is")
    given = parser.parse_args()
    subjects.ESTATES = given.estates
    run(Plan(given.seconds, given.repeats, given.soak, given.only, given.port), given.dry)


if __name__ == "__main__":
    main()
