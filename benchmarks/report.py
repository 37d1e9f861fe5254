"""Figures as the tables of docs/performance.md."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.load import Tally


@dataclass(frozen=True, slots=True)
class Turn:
    """One subject under load once; CPU in seconds, memory in MB: its servers', and its database's processes'."""

    tally: Tally
    cpu: float
    memory: float
    database_memory: float

    @property
    def cpu_each(self) -> float:
        """Milliseconds of processor for one completion."""
        return 1000 * self.cpu / len(self.tally.took)

    def __str__(self) -> str:
        return (
            f"{self.tally.rate:.0f}/s, p50 {self.tally.percentile(50):.1f}, p95 {self.tally.percentile(95):.1f}, "
            f"p99 {self.tally.percentile(99):.1f} ms, {self.cpu_each:.2f} CPU-ms each, {self.memory:.0f} MB; "
            f"load {1000 * self.tally.cpu / len(self.tally.took):.2f} CPU-ms each"
        )


@dataclass(frozen=True, slots=True)
class Soak:
    """A steady stream; memory in MB from its start to its end."""

    tally: Tally
    cpu: float
    memory: list[float]


NAMED = {
    "ours-sqlite": "ours, SQLite",
    "ours-postgresql": "ours, PostgreSQL",
    "bare-sqlite": "bare app, SQLite",
    "bare-postgresql": "bare app, PostgreSQL",
    "django-survey": "django-survey-and-report, SQLite",
}
BESIDE = [
    ("ours-sqlite", "bare-sqlite"),
    ("ours-postgresql", "bare-postgresql"),
    ("ours-sqlite", "django-survey"),
    ("ours-postgresql", "django-survey"),
]


def describe_form(turns: dict[str, list[Turn]], clients: int, seconds: float) -> str:
    """The table of subjects and the ratios between them."""
    count = len(next(iter(turns.values())))
    lines = [
        f"{clients} clients, {os.cpu_count()} processors (the load runs on them too), Python "
        f"{platform.python_version()}; median of {count} turns of {seconds:.0f} s.",
        "",
        "| whole form | per second | p50 ms | p95 ms | p99 ms | server CPU-ms each | PSS MB (database) |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(name, taken) for name, taken in turns.items()]
    ratios = [(one, other) for one, other in BESIDE if one in turns and other in turns]
    if ratios:
        lines += ["", "| beside | completions a second | CPU-ms each |", "|---|---|---|"]
        lines += [
            f"| {NAMED[one]} : {NAMED[other]} | {_ratio(turns, one, other, lambda t: t.tally.rate)} "
            f"| {_ratio(turns, one, other, lambda t: t.cpu_each)} |"
            for one, other in ratios
        ]
    load = statistics.median(1000 * t.tally.cpu / len(t.tally.took) for taken in turns.values() for t in taken)
    return "\n".join([*lines, "", f"Playing a resident takes {load:.2f} CPU-ms on the same processors."])


def _row(name: str, taken: list[Turn]) -> str:
    def median(of: Callable[[Turn], float]) -> float:
        return statistics.median(of(turn) for turn in taken)

    times = " | ".join(f"{median(lambda t, p=p: t.tally.percentile(p)):.1f}" for p in (50, 95, 99))  # type: ignore[misc]
    database = median(lambda t: t.database_memory)
    memory = f"{median(lambda t: t.memory):.0f}" + (f" ({database:.0f})" if database else "")
    rate, each = median(lambda t: t.tally.rate), median(lambda t: t.cpu_each)
    return f"| {NAMED[name]} | {rate:.0f} | {times} | {each:.2f} | {memory} |"


def _ratio(turns: dict[str, list[Turn]], one: str, other: str, of: Callable[[Turn], float]) -> str:
    """The median of the ratios of turns that stood side by side."""
    return f"{statistics.median(of(a) / of(b) for a, b in zip(turns[one], turns[other], strict=True)):.2f}"


def describe_soak(soaks: dict[str, Soak], rate: float, seconds: float) -> str:
    """The table of the steady stream."""
    lines = [
        f"{rate} completions a second for {seconds:.0f} s, each begun at its own time however long others "
        "take; its time counts from when it was due.",
        "",
        "| | completed | errors | p50 ms | p95 ms | p99 ms | longest ms | server CPU-ms each | PSS MB, start → end |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in soaks.items():
        times = " | ".join(f"{one.tally.percentile(p):.1f}" for p in (50, 95, 99, 100))
        lines.append(
            f"| {NAMED[name]} | {len(one.tally.took)} | {len(one.tally.errors)} | {times} "
            f"| {1000 * one.cpu / len(one.tally.took):.2f} | {' → '.join(f'{m:.0f}' for m in thinned(one.memory))} |"
        )
    return "\n".join(lines)


def thinned(values: list[float]) -> list[float]:
    """The first, a middle and the last."""
    return [values[0], values[len(values) // 2], values[-1]]
