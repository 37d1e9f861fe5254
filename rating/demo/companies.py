"""The city's companies, their codes, and which estates each one serves today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from stdnum.cn import uscc

from rating.demo import names
from rating.demo.drawing import cycle, draw_phones, pick
from rating.demo.estates import NO_COMPANY, TINY_IN
from rating.demo.records import Company, Estate

# How many estates each company serves: 60 companies, 5 branches, 4 local services; 259 in all.
_STEM_LOADS = (
    *(20, 16, 13, 11, 10, 9, 8, 8, 7, 7, 6, 6, 6, 5, 5, 5, 5),
    *([4] * 7 + [3] * 9 + [2] * 11 + [1] * 16),
)
_BRANCH_LOADS = (4, 3, 3, 2, 2)
_LOCAL_LOADS = (1, 1, 1, 2)
# What a credit code is written in: no I, O, S, V, Z.
_CODE_PLACES = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def build_companies(rng: np.random.Generator) -> tuple[Company, ...]:
    """Sixty companies, some branches of the first ones, and the small local services."""
    phones = draw_phones(rng, first=3)
    codes = _credit_codes(rng)
    stems = [names.COMPANY_STEMS[i] for i in rng.permutation(len(names.COMPANY_STEMS))]
    whole = [
        Company(next(codes), names.CITY + stem + ending, None, next(phones))
        for stem, ending in zip(stems, cycle(rng, names.COMPANY_ENDINGS), strict=False)
    ]
    branches = [
        Company(next(codes), parent.name + branch, parent.code, next(phones))
        for parent, (branch, _) in zip((*whole[:4], whole[0]), names.BRANCHES, strict=True)
    ]
    local = [
        Company(f"LOCAL-{number:03d}", name, None, next(phones))
        for number, (name, _) in enumerate(names.LOCAL_SERVICES, start=1)
    ]
    return (*whole, *branches, *local)


def _credit_codes(rng: np.random.Generator) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        serial = "".join(pick(rng, _CODE_PLACES) for _ in range(6))
        if serial not in seen:
            seen.add(serial)
            yield credit_code("MA" + serial)


def credit_code(organisation: str) -> str:
    """The credit code (GB 32100) of an enterprise in the city, for an 8-place organisation code.

    The ninth place of the organisation code is its own check digit (GB 11714).
    """
    body = f"91{names.DIVISION}{organisation}{_organisation_check(organisation)}"
    return body + uscc.calc_check_digit(body)


def _organisation_check(organisation: str) -> str:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(place, 36) for w, place in zip(weights, organisation, strict=True))
    return "0123456789X0"[11 - total % 11]


def share_out(
    rng: np.random.Generator, companies: Sequence[Company], estates: Sequence[Estate]
) -> dict[str, list[Estate]]:
    """Which estates each company serves: mostly of one sub-district and one time of building."""
    free = {e.code: e for e in estates if e.not_rated_reason != NO_COMPANY}
    tastes = _tastes(rng, companies)
    served: dict[str, list[Estate]] = {company.code: [] for company in companies}

    def take(company: Company, chosen: Iterable[Estate]) -> None:
        for estate in list(chosen):
            served[company.code].append(free.pop(estate.code))

    loads = list(zip(companies, _STEM_LOADS + _BRANCH_LOADS + _LOCAL_LOADS, strict=True))
    for company, load in loads[-4:]:
        take(company, _smallest(free.values(), load, tastes[company.code].home))
    by_load = sorted(loads[:-4], key=lambda pair: pair[1])
    for company, load in by_load:
        carriers = [e for e in free.values() if 150 <= e.households_lived_in <= 1000 and not e.not_rated_reason]
        take(company, _fitting(rng, carriers, load if load < 3 else 1, tastes[company.code]))
    for company, load in reversed(by_load):
        missing = load - len(served[company.code])
        take(company, _fitting(rng, free.values(), missing, tastes[company.code]))
    return served


@dataclass(frozen=True)
class _Taste:
    """Where a company mostly works, and the age of the estates it mostly serves."""

    home: str
    era: float


def _tastes(rng: np.random.Generator, companies: Sequence[Company]) -> dict[str, _Taste]:
    fixed = [home for _, home in (*names.BRANCHES, *names.LOCAL_SERVICES)]
    everywhere = [place.code for place in names.PLACES]
    homes = [pick(rng, everywhere) for _ in companies[: -len(fixed)]] + fixed
    return {company.code: _Taste(home, rng.uniform(1992, 2022)) for company, home in zip(companies, homes, strict=True)}


def _smallest(free: Iterable[Estate], load: int, community: str) -> list[Estate]:
    """The community's smallest estates; a service that should be rated has 60 households."""
    least = 0 if community in TINY_IN else 60
    inside = [e for e in free if e.community == community and e.households_lived_in >= least and not e.not_rated_reason]
    return sorted(inside, key=lambda e: (e.households_lived_in, e.code))[:load]


def _fitting(rng: np.random.Generator, free: Iterable[Estate], count: int, taste: _Taste) -> list[Estate]:
    """The estates nearest to the company's home and time, with some luck in it."""
    fit = {
        estate: 3.0 * (estate.code[:2] == taste.home) - abs(estate.built_year - taste.era) / 7 + rng.normal(0, 0.7)
        for estate in free
    }
    return sorted(fit, key=lambda estate: -fit[estate])[:count]
