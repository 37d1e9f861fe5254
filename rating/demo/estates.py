"""The city's communities and estates: their kinds, sizes and features."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from rating.demo import names
from rating.demo.drawing import draw_phones, pick
from rating.demo.names import KINDS, Kind
from rating.demo.naming import Namer
from rating.demo.records import Community, Estate

HOUSEHOLDS = 73_000
NO_COMPANY = "由产权单位自行管理，未聘请物业服务企业"
CLEARANCE = "列入征收范围，住户正在陆续搬离"
# The communities of the two local services that have one tiny estate each, and so too few answers for a score.
TINY_IN = tuple(community for _, community in names.LOCAL_SERVICES[:2])


EMPLOYERS = tuple(names.ESTATE_NAMES["employer"]["stems"])


def build_communities(rng: np.random.Generator) -> Iterator[Community]:
    """The communities of every sub-district, numbered within it."""
    numbers = draw_phones(rng, first=2)
    for place in names.PLACES:
        for number, name in enumerate(place.communities, start=1):
            yield Community(f"{place.code}{number:02d}", name, place.code, next(numbers))


def build_estates(rng: np.random.Generator, communities: Sequence[Community]) -> tuple[Estate, ...]:
    """All estates with their names, features and sizes; two of them are not rated."""
    return _set_apart(_scale(_draft_estates(rng, communities), rng))


def _draft_estates(rng: np.random.Generator, communities: Sequence[Community]) -> list[Estate]:
    """All estates with their names and features, and sizes still to be brought to the total."""
    places = {place.code: place for place in names.PLACES}
    namer = Namer(rng)
    drafts: list[Estate] = []
    for community in communities:
        place = places[community.subdistrict]
        count, mix = place.communities[community.name], [place.kinds[kind.key] for kind in KINDS]
        kinds = sorted(int(kind) for kind in rng.choice(len(KINDS), size=count, p=mix))
        named = namer.name_all([KINDS[kind] for kind in kinds], community)
        for number, (kind, name) in enumerate(named, start=1):
            drafts.append(_draft_estate(rng, community, place.roads, number, kind, name))
    return drafts


def _draft_estate(
    rng: np.random.Generator, community: Community, roads: Sequence[str], number: int, kind: Kind, name: str
) -> Estate:
    built = int(rng.integers(kind.built[0], kind.built[1] + 1))
    lived_in = max(14, round(kind.median * math.exp(kind.spread * rng.standard_normal())))
    features = rng.random(5)
    renovated = bool(features[4] < (0.62 if built < 2000 else 0.25 if built < 2006 else 0.0))
    return Estate(
        code=f"{community.code}{number:02d}",
        name=name,
        community=community.code,
        grid=f"{community.name[:-2]}{(number + 2) // 3:02d}网格",
        address=f"{pick(rng, roads)}{int(rng.integers(3, 260))}号",
        households_total=round(lived_in / rng.uniform(kind.occupied[0], kind.occupied[1])),
        households_lived_in=lived_in,
        built_year=built,
        has_lifts=bool(features[0] < kind.lifts),
        fee=Decimal(round(20 * rng.uniform(kind.fee[0], kind.fee[1])) * 5) / 100,
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
    employers = (e for e in estates if e.community not in TINY_IN and e.name.startswith(EMPLOYERS))
    old = (e for e in employers if 40 <= e.households_lived_in <= 120)
    oldest = sorted(old, key=lambda e: (e.built_year, e.code))
    halved = oldest[0].households_lived_in // 2
    apart = {
        oldest[0].code: replace(oldest[0], not_rated_reason=CLEARANCE, households_lived_in=halved),
        oldest[1].code: replace(oldest[1], not_rated_reason=NO_COMPANY, fee=Decimal("0.3")),
    }
    return tuple(apart.get(e.code, e) for e in estates)
