"""The city's communities and estates: their kinds, sizes and features."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from rating.demo import names
from rating.demo.drawing import draw_phones, pick
from rating.demo.naming import Namer
from rating.demo.records import Community, Estate

HOUSEHOLDS = 73_000
NO_COMPANY = "由产权单位自行管理，未聘请物业服务企业"
CLEARANCE = "列入征收范围，住户正在陆续搬离"
# The communities of the two local services that have one tiny estate each, and so too few answers for a score.
TINY_IN = tuple(community for _, community in names.LOCAL_SERVICES[:2])


@dataclass(frozen=True)
class Kind:
    """A sort of estate: when it was built, how large it is and what it has, as probabilities."""

    key: str
    built: tuple[int, int]
    median: int
    spread: float
    occupied: tuple[float, float]
    fee: tuple[float, float]
    lifts: float
    cctv: float
    greenery: float
    water: float


KINDS = (
    Kind(
        "employer",
        (1985, 1999),
        80,
        0.62,
        (0.74, 0.95),
        (0.30, 0.60),
        0.0,
        0.45,
        0.62,
        0.03,
    ),
    Kind(
        "old",
        (1986, 2003),
        190,
        0.55,
        (0.76, 0.95),
        (0.30, 0.75),
        0.0,
        0.55,
        0.75,
        0.04,
    ),
    Kind(
        "garden",
        (2000, 2012),
        320,
        0.50,
        (0.78, 0.96),
        (0.55, 1.35),
        0.35,
        0.88,
        0.97,
        0.2,
    ),
    Kind(
        "village",
        (2008, 2020),
        380,
        0.45,
        (0.70, 0.93),
        (0.30, 0.80),
        0.45,
        0.8,
        0.9,
        0.25,
    ),
    Kind(
        "modern",
        (2010, 2024),
        430,
        0.52,
        (0.58, 0.92),
        (1.20, 3.20),
        0.93,
        0.98,
        1.0,
        0.6,
    ),
)
# How often each kind of estate is met in each sub-district, in the order of KINDS.
MIX = {
    "QY": (0.34, 0.26, 0.24, 0.02, 0.14),
    "WL": (0.28, 0.20, 0.30, 0.05, 0.17),
    "DY": (0.06, 0.06, 0.28, 0.14, 0.46),
    "LP": (0.18, 0.22, 0.28, 0.12, 0.20),
}


def build_communities(rng: np.random.Generator) -> Iterator[Community]:
    """The communities of every sub-district, numbered within it."""
    numbers = draw_phones(rng, first=2)
    for code, _, parts in names.SUBDISTRICTS:
        for number, (name, _) in enumerate(parts, start=1):
            yield Community(f"{code}{number:02d}", name, code, next(numbers))


def build_estates(rng: np.random.Generator, communities: Sequence[Community]) -> tuple[Estate, ...]:
    """All estates with their names, features and sizes; two of them are not rated."""
    return _set_apart(_scale(_draft_estates(rng, communities), rng))


def _draft_estates(rng: np.random.Generator, communities: Sequence[Community]) -> list[Estate]:
    """All estates with their names and features, and sizes still to be brought to the total."""
    counts = [count for _, _, parts in names.SUBDISTRICTS for _, count in parts]
    namer = Namer(rng)
    drafts: list[Estate] = []
    for community, count in zip(communities, counts, strict=True):
        mix = MIX[community.subdistrict]
        kinds = sorted(int(kind) for kind in rng.choice(len(KINDS), size=count, p=mix))
        named = namer.name_all([KINDS[kind] for kind in kinds], community)
        for number, (kind, name) in enumerate(named, start=1):
            drafts.append(_draft_estate(rng, community, number, kind, name))
    return drafts


def _draft_estate(rng: np.random.Generator, community: Community, number: int, kind: Kind, name: str) -> Estate:
    built = int(rng.integers(kind.built[0], kind.built[1] + 1))
    lived_in = max(14, round(kind.median * math.exp(kind.spread * rng.standard_normal())))
    roads = names.ROADS[community.subdistrict]
    features = rng.random(5)
    renovated = bool(features[4] < (0.62 if built < 2000 else 0.25 if built < 2006 else 0.0))
    return Estate(
        code=f"{community.code}{number:02d}",
        name=name,
        community=community.code,
        grid=f"{community.name[:-2]}{(number + 2) // 3:02d}网格",
        address=f"{pick(rng, roads)}{int(rng.integers(3, 260))}号",
        households_total=round(lived_in / rng.uniform(*kind.occupied)),
        households_lived_in=lived_in,
        built_year=built,
        has_lifts=bool(features[0] < kind.lifts),
        fee=Decimal(round(20 * rng.uniform(*kind.fee)) * 5) / 100,
        renovated=renovated,
        has_cctv_or_entry_doors=bool(features[1] < kind.cctv or renovated),
        has_greenery=bool(features[2] < kind.greenery),
        company_runs_water_supply=bool(features[3] < kind.water),
    )


def _scale(drafts: list[Estate], rng: np.random.Generator) -> list[Estate]:
    """Scale the estates to the city's number of households, with a few very large and small."""
    lived_in = np.array([estate.households_lived_in for estate in drafts], dtype=float)
    fixed = {_smallest_in(drafts, code): int(rng.integers(20, 29)) for code in TINY_IN}
    largest = np.argsort(lived_in, kind="stable")[-4:]
    fixed |= {int(i): int(n) for i, n in zip(largest, rng.integers(1540, 2200, 4), strict=True)}
    free = np.array([i for i in range(len(drafts)) if i not in fixed])
    for _ in range(5):
        lived_in[free] *= (HOUSEHOLDS - sum(fixed.values())) / lived_in[free].sum()
        lived_in[free] = lived_in[free].clip(14, 1480)
    for position, households in fixed.items():
        lived_in[position] = households
    return [_with_households(e, round(n)) for e, n in zip(drafts, lived_in, strict=True)]


def _with_households(estate: Estate, lived_in: int) -> Estate:
    occupied = estate.households_lived_in / estate.households_total
    total = max(lived_in, round(lived_in / occupied))
    return replace(estate, households_lived_in=lived_in, households_total=total)


def _smallest_in(drafts: Sequence[Estate], community: str) -> int:
    inside = [i for i, estate in enumerate(drafts) if estate.community == community]
    return min(inside, key=lambda i: (drafts[i].households_lived_in, drafts[i].code))


def _set_apart(estates: list[Estate]) -> tuple[Estate, ...]:
    """Two old estates are not rated: one being cleared, one run by its owners' employer."""
    oldest = sorted(
        (
            e
            for e in estates
            if e.community not in TINY_IN and 40 <= e.households_lived_in <= 120 and e.name.startswith(names.EMPLOYERS)
        ),
        key=lambda e: (e.built_year, e.code),
    )
    clearing, unserved = oldest[0].code, oldest[1].code
    return tuple(
        replace(
            e,
            not_rated_reason=CLEARANCE,
            households_lived_in=e.households_lived_in // 2,
        )
        if e.code == clearing
        else replace(e, not_rated_reason=NO_COMPANY, fee=Decimal("0.3"))
        if e.code == unserved
        else e
        for e in estates
    )
