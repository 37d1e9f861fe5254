"""Everything the proof plays, in tasks that may run beside each other; what comes out doesn't depend on how many do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

from tests.simulation.contrasts import CITIES, SHARES, Seen, try_contrast
from tests.simulation.coverage import Case, Found, all_cases, try_case
from tests.simulation.lists import KEENNESS, Round, try_round
from tests.simulation.talks import Talks, try_talks

EFFECTS, DIFFERENCES = (0.0, 5.0), (0.0, 3.0, 6.0)
FIELDS = {"thresholds": tuple(KEENNESS), "ordinary": ("alike",)}
AT_ONCE = 10  # rounds in one task


@dataclass(frozen=True)
class Extent:
    """How much is played: populations of a case and samples of each, rounds, pairs of rounds, cities to contrast."""

    populations: int
    samples: int
    rounds: int
    talks: int
    contrasts: int


class Task(NamedTuple):
    """A function and what it is called with; `part` and `key` say where its result belongs."""

    part: str
    key: Any
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Played:
    """What came out, part by part."""

    coverage: dict[Case, Found] = field(default_factory=dict)
    rounds: dict[tuple[str, str], list[Round]] = field(default_factory=dict)
    talks: dict[float, list[Talks]] = field(default_factory=dict)
    contrasts: dict[tuple[str, str, float], list[Seen]] = field(default_factory=dict)


def play(extent: Extent, workers: int, say: Callable[[str], None]) -> Played:
    """Play all of it with so many processes."""
    tasks, played, part = list(_tasks(extent)), Played(), ""
    with ProcessPoolExecutor(workers) as pool:
        for task, result in zip(tasks, pool.map(_run, tasks), strict=True):
            if task.part != part:
                part = task.part
                say(f"method: {part}")
            _KEEP[part](played, task.key, result)
    return played


def _run(task: Task) -> Any:
    return task.function(*task.arguments)


def _tasks(extent: Extent) -> Iterator[Task]:
    for number, case in enumerate(all_cases()):
        yield Task("coverage", case, try_case, (case, extent.populations, extent.samples, number))
    for name, keenness in FIELDS.items():
        for first in range(0, extent.rounds, AT_ONCE):
            yield Task("rounds", name, _rounds, (name, keenness, range(first, min(first + AT_ONCE, extent.rounds))))
    for effect in EFFECTS:
        yield from (Task("talks", effect, _talks, (effect, seeds)) for seeds in _spread(extent.talks))
    for key in [(kind, city, d) for kind in SHARES for city in CITIES for d in DIFFERENCES]:
        yield from (Task("contrasts", key, _contrasts, (*key, seeds)) for seeds in _spread(extent.contrasts))


def _spread(count: int) -> list[range]:
    return [range(first, min(first + 100, count)) for first in range(0, count, 100)]


def _rounds(name: str, keenness: tuple[str, ...], seeds: range) -> list[dict[str, Round]]:
    return [try_round(name, keenness, seed) for seed in seeds]


def _talks(effect: float, seeds: range) -> list[Talks]:
    return [found for seed in seeds if (found := try_talks(effect, seed))]


def _contrasts(kind: str, city: str, difference: float, seeds: range) -> list[Seen]:
    return [found for seed in seeds if (found := try_contrast(kind, city, difference, seed))]


def _keep_rounds(played: Played, name: str, result: list[dict[str, Round]]) -> None:
    for one in result:
        for keen, judged in one.items():
            played.rounds.setdefault((name, keen), []).append(judged)


_KEEP: dict[str, Callable[[Played, Any, Any], object]] = {
    "coverage": lambda played, case, found: played.coverage.update({case: found}),
    "rounds": _keep_rounds,
    "talks": lambda played, effect, found: played.talks.setdefault(effect, []).extend(found),
    "contrasts": lambda played, key, found: played.contrasts.setdefault(key, []).extend(found),
}


def count_checks(played: Played) -> tuple[int, int]:
    """How many intervals the product's own code drew too, and how many of them differ."""
    total = reduce(Found.__add__, played.coverage.values())
    return total.checked, total.different
