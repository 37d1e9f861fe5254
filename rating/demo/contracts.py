"""Who serves which estate from when to when, and the estates' committees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from rating.demo.drawing import draw_people, pick, years_later
from rating.demo.records import Committee, Company, Contract, Estate
from rating.demo.timeline import LATEST, plan_rounds

_DAY = timedelta(days=1)
_TRIED_DAYS = 860  # the current companies have served at least this long: through every round's period


def build_contracts(
    rng: np.random.Generator,
    today: date,
    companies: Sequence[Company],
    served: Mapping[str, Sequence[Estate]],
) -> Iterator[Contract]:
    """The current contracts and, on some older estates, earlier ones."""
    elsewhere = [c.code for c in companies if not c.code.startswith("LOCAL")]
    people = draw_people(rng)
    handovers = _handovers(today, served)
    for company, estates in served.items():
        managers = [next(people) for _ in range(math.ceil(len(estates) / 2))]
        for number, estate in enumerate(estates):
            present = _present(rng, today, company, estate, managers[number // 2])
            others = [code for code in elsewhere if code != company]
            if estate.code in handovers:
                present = replace(present, starts_on=handovers[estate.code])
                yield _predecessor(present, pick(rng, others), next(people))
            else:
                yield from reversed(list(_former(rng, present, estate, others, people)))
            yield present


def _handovers(today: date, served: Mapping[str, Sequence[Estate]]) -> dict[str, date]:
    """The days on which three estates of larger companies got a new one, by estate.

    Early in the latest published round's period (which rates the new company), late in it (which rates the old one),
    and on its first day, between two rounds.
    """
    latest = plan_rounds(today)[LATEST - 1]
    length = latest.rated_to - latest.rated_from
    days = (latest.rated_from + length * 0.35, latest.rated_from + length * 0.75, latest.rated_from)
    large = sorted((code for code in served if len(served[code]) >= 5), key=lambda code: (-len(served[code]), code))
    estates = (next(e for e in served[code] if _is_middling(e)) for code in large)
    return {estate.code: day for estate, day in zip(estates, days, strict=False)}


def _is_middling(estate: Estate) -> bool:
    return 150 <= estate.households_lived_in <= 600 and estate.built_year < 2018 and not estate.not_rated_reason


def _predecessor(present: Contract, company: str, manager: str) -> Contract:
    starts = years_later(present.starts_on, -4)
    return Contract(present.estate, company, starts, present.starts_on - _DAY, manager)


def _present(rng: np.random.Generator, today: date, company: str, estate: Estate, manager: str) -> Contract:
    """In force through all rounds, or since the estate was built."""
    starts = today - timedelta(days=int(rng.integers(_TRIED_DAYS, 2600)))
    starts = max(starts, date(estate.built_year, int(rng.integers(3, 11)), 1))
    starts = min(starts, today - timedelta(days=60))
    term = years = int(pick(rng, (2, 3, 3, 5)))
    while years_later(starts, years) < today + timedelta(days=240):
        years += term
    ends = years_later(starts, years)
    return Contract(estate.code, company, starts, ends - _DAY, manager)


def _former(
    rng: np.random.Generator,
    present: Contract,
    estate: Estate,
    others: Sequence[str],
    people: Iterator[str],
) -> Iterator[Contract]:
    """Earlier contracts of the estate, from the latest back; most estates have none."""
    later = present
    for chance in (0.2, 0.15):
        starts = later.starts_on - timedelta(days=int(rng.integers(700, 1900)))
        if rng.random() > chance or starts.year <= estate.built_year:
            return
        ends = later.starts_on - _DAY
        company = pick(rng, [code for code in others if code != later.company])
        later = Contract(estate.code, company, starts, ends, next(people))
        yield later


def build_committees(rng: np.random.Generator, today: date, estates: Sequence[Estate]) -> Iterator[Committee]:
    """A committee on most estates that are rated and not tiny."""
    for estate in estates:
        if estate.not_rated_reason or rng.random() > 0.9 or estate.households_lived_in < 30:
            continue
        ending = "业主委员会" if rng.random() < 0.2 else "物业管理委员会"
        starts = today - timedelta(days=int(rng.integers(_TRIED_DAYS, 1000)))
        size = int(pick(rng, (5, 5, 7, 7, 9)))
        people = draw_people(rng)
        members = tuple(next(people) for _ in range(size))
        ends = years_later(starts, 3 if rng.random() < 0.6 else 5) - _DAY
        yield Committee(estate.code, estate.name + ending, members, starts, ends)
